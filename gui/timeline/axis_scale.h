// AxisScale: bends time into places along the axis: not at all, with idle gaps shortened, or with equal
// steps from commit to commit. Plain value; GUI thread.
//
// Places are whole numbers, so that nothing trembles at millisecond zoom on an axis of ten years. Every scale
// keeps the order: a later time never has a smaller place.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "timeline/commit_index.h"

namespace drift::gui::timeline {

enum class AxisMode { Elastic, Clock, Commits };

using Place = std::int64_t;

/// A stretch [start, end) without commits, drawn as if it lasted `shown`.
struct Gap {
  TimeMicros start = 0;
  TimeMicros end = 0;
  TimeMicros shown = 0;
};

/// Finds the stretches that are idle compared with what is usual: many times longer than nearly all other
/// pauses. All of them together are shown at most a quarter of the axis wide. O(n).
std::vector<Gap> idleGaps(std::span<const TimeMicros> times);

class AxisScale final {
 public:
  /// Places of one commit in the scale of equal steps.
  static constexpr Place kCommitStep = 1'000'000;

  /// A place is a time.
  AxisScale() = default;
  /// `gaps` are in order and do not overlap.
  static AxisScale elastic(const std::vector<Gap>& gaps);
  /// `commits` must outlive the scale.
  static AxisScale equalSteps(const CommitIndex& commits);

  Place placeOf(TimeMicros time) const;
  /// Exact outside of gaps.
  TimeMicros timeAt(Place place) const;
  /// The narrowest view worth having.
  Place spanMin() const;

  const std::vector<Gap>& gaps() const { return m_gaps; }
  /// Null unless of equal steps.
  const CommitIndex* commits() const { return m_commits; }

 private:
  std::vector<Gap> m_gaps;
  std::vector<Place> m_gapPlaces;  // where each gap starts
  const CommitIndex* m_commits = nullptr;
};

}  // namespace drift::gui::timeline
