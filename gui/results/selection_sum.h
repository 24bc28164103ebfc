// Figures about the selected cells: count, sum, average. Stateless.
#pragma once

#include <QItemSelection>
#include <QString>

#include "models/grid_model.h"

namespace drift::gui::results {

/// Most cells that are added up; a larger selection is only counted.
inline constexpr qint64 kSummedCellsMax = 50'000;

/// Gives "3 cells   sum 55.80   avg 18.60   min 1.20   max 30.00"; without the figures where no selected cell
/// is a number; empty for fewer than two cells. Exact types are added exactly. NULL does not count.
QString describeSelection(const models::GridModel& model, const QItemSelection& selection);

}  // namespace drift::gui::results
