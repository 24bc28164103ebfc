#include "timeline/axis_scale.h"

#include <algorithm>
#include <cmath>

namespace drift::gui::timeline {

namespace {

constexpr double kUsualShare = 0.95;    // pauses up to this share of all are usual
constexpr double kIdleFactor = 24;      // and a pause so many times longer is idle
constexpr double kGapsShareMax = 0.25;  // of the axis
constexpr TimeMicros kSpanMin = 1000;
constexpr TimeMicros kPauseMin = 1000;  // bursts of an import are no measure for what is usual

/// part / whole of `of`, rounded; keeps the order of parts.
std::int64_t proportion(std::int64_t part, std::int64_t whole, std::int64_t of) {
  return std::llround(static_cast<double>(part) / static_cast<double>(whole) * static_cast<double>(of));
}

}  // namespace

std::vector<Gap> idleGaps(std::span<const TimeMicros> times) {
  if (times.size() < 3) return {};
  std::vector<TimeMicros> pauses;
  pauses.reserve(times.size() - 1);
  for (std::size_t at = 1; at < times.size(); ++at) pauses.push_back(times[at] - times[at - 1]);
  const auto usual = pauses.begin() + static_cast<std::ptrdiff_t>(static_cast<double>(pauses.size() - 1) * kUsualShare);
  std::nth_element(pauses.begin(), usual, pauses.end());
  const double threshold = static_cast<double>(std::max(*usual, kPauseMin)) * kIdleFactor;

  std::vector<Gap> gaps;
  double shown = 0;
  double active = static_cast<double>(times.back() - times.front());
  for (std::size_t at = 1; at < times.size(); ++at) {
    const auto pause = static_cast<double>(times[at] - times[at - 1]);
    if (pause <= threshold) continue;
    // Longer pauses stay a little longer, so that a year does not look like a weekend.
    const double length = threshold * (1 + std::log2(pause / threshold) / 4);
    gaps.push_back({times[at - 1], times[at], static_cast<TimeMicros>(length)});
    shown += length;
    active -= pause;
  }
  const double most = std::max(active, threshold) * kGapsShareMax / (1 - kGapsShareMax);
  if (shown <= most) return gaps;
  for (Gap& gap : gaps)
    gap.shown = std::max<TimeMicros>(1, static_cast<TimeMicros>(static_cast<double>(gap.shown) * most / shown));
  return gaps;
}

AxisScale AxisScale::elastic(const std::vector<Gap>& gaps) {
  AxisScale scale;
  scale.m_gaps = gaps;
  scale.m_gapPlaces.reserve(gaps.size());
  TimeMicros removed = 0;
  for (const Gap& gap : gaps) {
    scale.m_gapPlaces.push_back(gap.start - removed);
    removed += gap.end - gap.start - gap.shown;
  }
  return scale;
}

AxisScale AxisScale::equalSteps(const CommitIndex& commits) {
  AxisScale scale;
  if (!commits.empty()) scale.m_commits = &commits;
  return scale;
}

Place AxisScale::spanMin() const { return m_commits ? kCommitStep * 4 : kSpanMin; }

Place AxisScale::placeOf(TimeMicros time) const {
  if (m_commits) {
    const CommitNumber at = m_commits->commitAt(time);
    // Outside of history a place is a microsecond.
    if (at == 0)
      return static_cast<Place>(m_commits->first()) * kCommitStep - (*m_commits->timeOf(m_commits->first()) - time);
    const auto place = static_cast<Place>(at) * kCommitStep;
    const TimeMicros start = *m_commits->timeOf(at);
    const auto end = m_commits->timeOf(at + 1);
    return place + (end ? proportion(time - start, *end - start, kCommitStep) : time - start);
  }
  const auto after = std::upper_bound(m_gaps.begin(), m_gaps.end(), time,
                                      [](TimeMicros wanted, const Gap& gap) { return wanted < gap.start; });
  if (after == m_gaps.begin()) return time;
  const auto at = static_cast<std::size_t>(after - m_gaps.begin()) - 1;
  const Gap& gap = m_gaps[at];
  if (time < gap.end) return m_gapPlaces[at] + proportion(time - gap.start, gap.end - gap.start, gap.shown);
  return m_gapPlaces[at] + gap.shown + (time - gap.end);
}

TimeMicros AxisScale::timeAt(Place place) const {
  if (m_commits) {
    const auto firstPlace = static_cast<Place>(m_commits->first()) * kCommitStep;
    const auto lastPlace = static_cast<Place>(m_commits->last()) * kCommitStep;
    if (place < firstPlace) return *m_commits->timeOf(m_commits->first()) - (firstPlace - place);
    if (place >= lastPlace) return *m_commits->timeOf(m_commits->last()) + (place - lastPlace);
    const auto at = static_cast<CommitNumber>(place / kCommitStep);
    const TimeMicros start = *m_commits->timeOf(at);
    return start + proportion(place % kCommitStep, kCommitStep, *m_commits->timeOf(at + 1) - start);
  }
  const auto after = std::upper_bound(m_gapPlaces.begin(), m_gapPlaces.end(), place);
  if (after == m_gapPlaces.begin()) return place;
  const auto at = static_cast<std::size_t>(after - m_gapPlaces.begin()) - 1;
  const Gap& gap = m_gaps[at];
  const Place into = place - m_gapPlaces[at];
  if (into < gap.shown) return gap.start + proportion(into, gap.shown, gap.end - gap.start);
  return gap.end + (into - gap.shown);
}

}  // namespace drift::gui::timeline
