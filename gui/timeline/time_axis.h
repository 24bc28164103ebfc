// TimeAxis: which time is where on the screen. Plain value.
//
// Times are whole microseconds relative to the left edge, so that nothing trembles at millisecond zoom on an
// axis of ten years.
#pragma once

#include <vector>

#include <QString>

#include "base/ids.h"

namespace drift::gui::timeline {

/// One mark of the ruler.
struct Tick {
  TimeMicros time = 0;
  QString label;
  bool major = false;  ///< the start of a larger unit: a day among hours, a year among months
};

class TimeAxis final {
 public:
  /// Narrowest view.
  static constexpr TimeMicros kSpanMin = 1000;

  /// Shows [from, to) over `width` pixels. An empty or reversed range becomes kSpanMin.
  void setView(TimeMicros from, TimeMicros to, int width);

  TimeMicros from() const { return m_from; }
  TimeMicros to() const { return m_to; }
  int width() const { return m_width; }
  double positionOf(TimeMicros time) const;
  /// May lie outside the view.
  TimeMicros timeAt(double position) const;

  /// Zooms so that the time at `position` stays there; factor < 1 shows less. Stays within [first, last]
  /// with a margin.
  void zoom(double factor, double position, TimeMicros first, TimeMicros last);
  /// Moves the view by pixels, within [first, last] with a margin.
  void pan(double pixels, TimeMicros first, TimeMicros last);

  /// Marks at least `spacingMin` pixels apart, at round local times.
  std::vector<Tick> ticks(int spacingMin) const;

 private:
  void keepWithin(TimeMicros first, TimeMicros last);

  TimeMicros m_from = 0;
  TimeMicros m_to = kSpanMin;
  int m_width = 1;
};

}  // namespace drift::gui::timeline
