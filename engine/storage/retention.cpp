#include "storage/retention.h"

#include <algorithm>

#include "storage/store.h"
#include "types/calendar.h"

namespace drift::storage {

namespace {

using types::floorDivide;

/// A number that is the same for all times of one period, and no other.
TimeMicros periodOf(TimeMicros time, RetentionRule::Period period) {
  const auto day = floorDivide(time, types::kMicrosPerDay);
  switch (period) {
    case RetentionRule::Period::Hour: return floorDivide(time, types::kMicrosPerHour);
    case RetentionRule::Period::Day: return day;
    case RetentionRule::Period::Week: return floorDivide(day + 3, 7);  // 1970-01-01 was a Thursday
    case RetentionRule::Period::Month:
    case RetentionRule::Period::Year: break;
  }
  const auto date = types::civilFromDays(day);
  return period == RetentionRule::Period::Year ? date.year : date.year * 12 + date.month;
}

}  // namespace

Result<KeptCommits> planRetention(const Store& store, const RetentionRule& rule) {
  if (rule.last == 0) return Error(ErrorKind::InvalidParameterValue, "at least one commit must be kept");
  const auto existing = store.keptCommits();
  const auto count = existing.countUpTo(store.lastCommit());
  std::uint64_t first = 0;
  if (rule.since && count > 0) {
    DRIFT_ASSIGN(const auto number, store.commitAt(*rule.since));
    if (number != 0) first = existing.countUpTo(number) - 1;
  }
  if (rule.last && count > *rule.last) first = std::max(first, count - *rule.last);
  // The state that a bound asks for is kept, also where its period has a later one.
  const bool keepsFirst = rule.since || rule.last;

  KeptCommitsBuilder kept;
  TimeMicros missing = types::kTimeInfinity;  ///< time of the first that is, since the last kept one
  std::optional<TimeMicros> time;
  for (auto position = first; position < count; ++position) {
    const auto number = existing.numberAt(position);
    if (const auto* gap = existing.gapBefore(position); gap) missing = std::min(missing, gap->gapTime);
    if (!time) {
      DRIFT_ASSIGN(time, store.timeOf(number));
    }
    std::optional<TimeMicros> next;
    if (position + 1 < count) {
      DRIFT_ASSIGN(next, store.timeOf(existing.numberAt(position + 1)));
    }
    const bool mayGo = rule.thinning && next && *next < rule.thinning->before && !(keepsFirst && position == first);
    if (mayGo && periodOf(*time, rule.thinning->period) == periodOf(*next, rule.thinning->period)) {
      missing = std::min(missing, *time);
    } else {
      kept.add(number, missing);
      missing = types::kTimeInfinity;
    }
    time = next;
  }
  return std::move(kept).finish();
}

}  // namespace drift::storage
