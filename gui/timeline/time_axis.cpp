#include "timeline/time_axis.h"

#include <algorithm>
#include <array>

namespace drift::gui::timeline {

namespace {

constexpr double kMarginShare = 0.02;
constexpr double kStepOfCommits = 4;     // a step of the ladder where the axis has no time
constexpr std::size_t kRangesMax = 512;  // beyond that the gaps are too narrow to matter
constexpr TimeMicros kSecond = 1'000'000;
constexpr TimeMicros kDay = 86'400 * kSecond;

constexpr std::array<TimeMicros, 13> kLadder{1000,           100'000,    kSecond,    60 * kSecond, 600 * kSecond,
                                             3600 * kSecond, kDay / 4,   kDay,       7 * kDay,     30 * kDay,
                                             91 * kDay,      365 * kDay, 3652 * kDay};

/// Largest multiple of `step` not above `value`, counted from `origin`.
std::int64_t floorTo(std::int64_t value, std::int64_t origin, std::int64_t step) {
  std::int64_t steps = (value - origin) / step;
  if (steps * step > value - origin) --steps;
  return origin + steps * step;
}

/// Each visible commit as a column; commits that would touch share one.
BucketRanges rangesOfCommits(const TimeAxis& axis, const CommitIndex& commits) {
  BucketRanges ranges;
  double taken = -1e9;
  const CommitNumber last = commits.commitAt(axis.to());
  for (CommitNumber at = std::max(commits.commitAt(axis.from()), commits.first()); at <= last; ++at) {
    const TimeMicros time = *commits.timeOf(at);
    const double position = axis.positionOf(time);
    if (position - taken < kCommitPixels) {
      ranges.back().to = time + 1;
      continue;
    }
    taken = position;
    ranges.push_back({time, time + 1, 1});
  }
  return ranges;
}

}  // namespace

void TimeAxis::setScale(AxisScale scale) {
  const TimeMicros left = from();
  const TimeMicros right = to();
  m_scale = std::move(scale);
  setView(left, right, m_width);
}

void TimeAxis::setView(TimeMicros from, TimeMicros to, int width) {
  m_width = std::max(1, width);
  setPlaces(m_scale.placeOf(from), m_scale.placeOf(to));
}

void TimeAxis::setPlaces(Place from, Place to) {
  m_from = from;
  m_to = std::max(to, from + m_scale.spanMin());
}

double TimeAxis::positionOfPlace(Place place) const {
  return static_cast<double>(place - m_from) / static_cast<double>(span()) * m_width;
}

Place TimeAxis::placeAt(double position) const {
  return m_from + static_cast<Place>(position / m_width * static_cast<double>(span()));
}

void TimeAxis::zoom(double factor, double position, TimeMicros first, TimeMicros last) {
  const Place anchor = placeAt(position);
  const double wanted = std::max(static_cast<double>(span()) * factor, static_cast<double>(m_scale.spanMin()));
  m_from = anchor - static_cast<Place>(wanted * position / m_width);
  m_to = m_from + static_cast<Place>(wanted);
  keepWithin(first, last);
}

void TimeAxis::pan(double pixels, TimeMicros first, TimeMicros last) {
  const auto by = static_cast<Place>(pixels / m_width * static_cast<double>(span()));
  m_from += by;
  m_to += by;
  keepWithin(first, last);
}

double TimeAxis::ladderFactor(bool in) const {
  if (m_scale.commits()) return in ? 1 / kStepOfCommits : kStepOfCommits;
  constexpr double kSame = 0.01;  // a view that is nearly at a step is at it
  const auto now = static_cast<double>(span());
  if (in) {
    for (auto step = kLadder.rbegin(); step != kLadder.rend(); ++step)
      if (static_cast<double>(*step) < now * (1 - kSame)) return static_cast<double>(*step) / now;
    return 1;
  }
  for (const TimeMicros step : kLadder)
    if (static_cast<double>(step) > now * (1 + kSame)) return static_cast<double>(step) / now;
  return kStepOfCommits;
}

void TimeAxis::keepWithin(TimeMicros first, TimeMicros last) {
  const Place least = m_scale.placeOf(first);
  const Place most = m_scale.placeOf(last);
  const auto margin = static_cast<Place>(static_cast<double>(std::max(most - least, m_scale.spanMin())) * kMarginShare);
  const Place wanted = std::min(span(), most - least + 2 * margin);
  m_from = std::clamp(m_from, least - margin, most + margin - wanted);
  m_to = m_from + std::max(wanted, m_scale.spanMin());
}

BucketRanges bucketRanges(const TimeAxis& axis, const CommitIndex& commits, int pitch) {
  const int columns = std::max(1, axis.width() / std::max(1, pitch));
  if (!commits.empty() &&
      commits.countIn(axis.from(), axis.to()) <= static_cast<std::size_t>(axis.width() / kCommitPixels))
    return rangesOfCommits(axis, commits);
  const Place step = std::max<Place>(1, axis.span() / columns);
  BucketRanges ranges;
  if (axis.scale().commits()) {
    for (Place at = floorTo(axis.fromPlace(), 0, step); at < axis.toPlace(); at += step)
      ranges.push_back({axis.scale().timeAt(at), axis.scale().timeAt(at + step), 1});
    return ranges;
  }
  const auto add = [&ranges, step](TimeMicros from, TimeMicros to, TimeMicros origin) {
    const TimeMicros start = floorTo(from, origin, step);
    const auto count = (to - start + step - 1) / step;
    if (count > 0) ranges.push_back({start, start + count * step, static_cast<int>(count)});
  };
  const TimeMicros end = axis.to();
  TimeMicros from = axis.from();
  TimeMicros origin = 0;
  for (const Gap& gap : axis.scale().gaps()) {
    if (gap.end <= from) {
      origin = gap.end;
      continue;
    }
    if (gap.start >= end) break;
    if (gap.shown < step || ranges.size() >= kRangesMax) continue;
    // The commit at the start of the gap belongs to what is before it.
    add(from, gap.start + 1, origin);
    from = std::max(gap.end, axis.from());
    origin = gap.end;
  }
  if (from < end) add(from, end, origin);
  return ranges;
}

}  // namespace drift::gui::timeline
