// CommitIndex: the time of every commit, so that a position on the screen is a commit in the same frame.
// GUI thread. 8 bytes a commit and at most kCommitsMax of them; beyond that the timeline makes do with
// buckets.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "base/ids.h"

namespace drift::gui::timeline {

class CommitIndex final {
 public:
  static constexpr std::size_t kCommitsMax = 1'000'000;

  void clear();
  /// Adds the times of the commits from `first` on. What does not continue the index, and what goes beyond
  /// kCommitsMax, is left out.
  void append(CommitNumber first, std::span<const TimeMicros> times);

  bool empty() const { return m_times.empty(); }
  std::size_t size() const { return m_times.size(); }
  CommitNumber first() const { return m_first; }
  /// 0 while empty.
  CommitNumber last() const { return m_times.empty() ? 0 : m_first + m_times.size() - 1; }
  std::span<const TimeMicros> times() const { return m_times; }

  /// The last commit at or before `time`; 0 where there is none. O(log n).
  CommitNumber commitAt(TimeMicros time) const;
  /// The commit closest in time; 0 while empty. O(log n).
  CommitNumber nearest(TimeMicros time) const;
  std::optional<TimeMicros> timeOf(CommitNumber number) const;
  /// How many commits lie in [from, to). O(log n).
  std::size_t countIn(TimeMicros from, TimeMicros to) const;

 private:
  CommitNumber m_first = 1;
  std::vector<TimeMicros> m_times;  // strictly increasing
};

}  // namespace drift::gui::timeline
