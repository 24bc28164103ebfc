// Cells of a grid as text for other programs. Stateless.
#pragma once

#include <vector>

#include <QString>

#include "models/grid_model.h"

namespace drift::gui::results {

enum class ClipboardFormat { Tsv, Csv, Markdown, Json, Insert };

/// Writes the cells at the crossings of rows and columns. Column names go first where the format has a
/// place for them. NULL is an empty field (TSV, CSV), `NULL` (Markdown, INSERT) or null (JSON). The rows must be loaded.
QString formatCells(const models::GridModel& model, const std::vector<int>& rows, const std::vector<int>& columns,
                    ClipboardFormat format);

}  // namespace drift::gui::results
