// Marks of the ruler: round times in the chosen zone, or round commit numbers. Pure functions; GUI thread.
#pragma once

#include <vector>

#include <QString>

#include "timeline/time_axis.h"

namespace drift::gui::timeline {

/// One mark of the ruler.
struct Tick {
  double position = 0;
  QString label;
  bool major = false;  ///< the start of a larger unit: a day among hours, a year among months
};

/// Gives marks in order, at least `spacingMin` pixels apart, for the width of the view. A stretch between
/// two idle gaps that holds no round time gets a mark at its start.
std::vector<Tick> rulerTicks(const TimeAxis& axis, Zone zone, int spacingMin);

/// What the labels leave out at the left edge: the year above days, the day above hours; empty where a label
/// says all. `spacingMin` as for rulerTicks().
QString rulerContext(const TimeAxis& axis, Zone zone, int spacingMin);

}  // namespace drift::gui::timeline
