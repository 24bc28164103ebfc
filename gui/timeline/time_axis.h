// TimeAxis: which time is where on the screen. Plain value; GUI thread.
//
// The view is a range of whole places of a scale (axis_scale.h); positions are pixels from the left edge.
#pragma once

#include "timeline/axis_scale.h"
#include "timeline/timeline_data.h"

namespace drift::gui::timeline {

class TimeAxis final {
 public:
  /// Bends the axis another way; the times at the edges stay.
  void setScale(AxisScale scale);
  /// Shows [from, to) over `width` pixels. An empty or reversed range becomes the narrowest view.
  void setView(TimeMicros from, TimeMicros to, int width);
  void setPlaces(Place from, Place to);

  const AxisScale& scale() const { return m_scale; }
  TimeMicros from() const { return m_scale.timeAt(m_from); }
  TimeMicros to() const { return m_scale.timeAt(m_to); }
  Place fromPlace() const { return m_from; }
  Place toPlace() const { return m_to; }
  Place span() const { return m_to - m_from; }
  int width() const { return m_width; }
  double positionOf(TimeMicros time) const { return positionOfPlace(m_scale.placeOf(time)); }
  double positionOfPlace(Place place) const;
  /// May lie outside the view.
  TimeMicros timeAt(double position) const { return m_scale.timeAt(placeAt(position)); }
  Place placeAt(double position) const;

  /// Zooms so that the place at `position` stays there; factor < 1 shows less. Stays within [first, last]
  /// with a margin.
  void zoom(double factor, double position, TimeMicros first, TimeMicros last);
  /// Moves the view by pixels, within [first, last] with a margin.
  void pan(double pixels, TimeMicros first, TimeMicros last);
  /// The next step of the zoom ladder as a factor for zoom(): ten years, a year, a quarter … a millisecond.
  double ladderFactor(bool in) const;

 private:
  void keepWithin(TimeMicros first, TimeMicros last);

  AxisScale m_scale;
  Place m_from = 0;
  Place m_to = 1000;
  int m_width = 1;
};

/// What to ask for so that a column is about `pitch` pixels wide. Columns lie on a fixed grid, so that they
/// do not change while panning. Where commits have kCommitPixels each, every commit is a column of its own.
BucketRanges bucketRanges(const TimeAxis& axis, const CommitIndex& commits, int pitch);

/// From this width on a commit is drawn by itself.
inline constexpr int kCommitPixels = 6;

}  // namespace drift::gui::timeline
