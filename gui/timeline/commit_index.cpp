#include "timeline/commit_index.h"

#include <algorithm>

namespace drift::gui::timeline {

void CommitIndex::clear() { m_times.clear(); }

void CommitIndex::append(CommitNumber first, std::span<const TimeMicros> times) {
  if (m_times.empty()) {
    m_first = first;
  } else if (first > last() + 1) {
    return;
  } else {
    times = times.subspan(std::min<std::size_t>(times.size(), last() + 1 - first));
  }
  times = times.first(std::min(times.size(), kCommitsMax - m_times.size()));
  m_times.insert(m_times.end(), times.begin(), times.end());
}

CommitNumber CommitIndex::commitAt(TimeMicros time) const {
  const auto after = std::upper_bound(m_times.begin(), m_times.end(), time);
  if (after == m_times.begin()) return 0;
  return m_first + static_cast<CommitNumber>(after - m_times.begin()) - 1;
}

CommitNumber CommitIndex::nearest(TimeMicros time) const {
  if (m_times.empty()) return 0;
  const CommitNumber before = commitAt(time);
  if (before == 0) return m_first;
  if (before == last()) return before;
  return *timeOf(before + 1) - time < time - *timeOf(before) ? before + 1 : before;
}

std::optional<TimeMicros> CommitIndex::timeOf(CommitNumber number) const {
  if (m_times.empty() || number < m_first || number > last()) return std::nullopt;
  return m_times[number - m_first];
}

std::size_t CommitIndex::countIn(TimeMicros from, TimeMicros to) const {
  const auto begin = std::lower_bound(m_times.begin(), m_times.end(), from);
  const auto end = std::lower_bound(begin, m_times.end(), to);
  return static_cast<std::size_t>(end - begin);
}

}  // namespace drift::gui::timeline
