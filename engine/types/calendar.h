// Calendar arithmetic: proleptic Gregorian dates, times of day, intervals; PostgreSQL's ranges and
// rules (chapter 8.5 and 9.9). Years are astronomical: 0 is 1 BC. Stateless, thread-safe.
#pragma once

#include <compare>
#include <cstdint>
#include <limits>

#include "base/ids.h"
#include "base/result.h"
#include "types/value.h"

namespace drift::types {

inline constexpr std::int64_t kMicrosPerSecond = 1'000'000;
inline constexpr std::int64_t kMicrosPerMinute = 60 * kMicrosPerSecond;
inline constexpr std::int64_t kMicrosPerHour = 60 * kMicrosPerMinute;
inline constexpr std::int64_t kMicrosPerDay = 24 * kMicrosPerHour;

/// 'infinity' and '-infinity' of DATE and of both timestamps.
inline constexpr std::int32_t kDateInfinity = std::numeric_limits<std::int32_t>::max();
inline constexpr std::int32_t kDateMinusInfinity = std::numeric_limits<std::int32_t>::min();
inline constexpr TimeMicros kTimeInfinity = std::numeric_limits<TimeMicros>::max();
inline constexpr TimeMicros kTimeMinusInfinity = std::numeric_limits<TimeMicros>::min();

/// First day of both ranges (4714-11-24 BC), last day of DATE (5874897-12-31).
inline constexpr std::int32_t kDateMin = -2440588;
inline constexpr std::int32_t kDateMax = 2145042905;
/// Timestamps: from the first day to 294246-12-31, the last whole year that microseconds since 1970
/// reach.
inline constexpr TimeMicros kTimeMin = kDateMin * kMicrosPerDay;
inline constexpr TimeMicros kTimeEnd = 106'751'982 * kMicrosPerDay;

constexpr bool isInfiniteDate(std::int32_t days) {
  return days == kDateInfinity || days == kDateMinusInfinity;
}
constexpr bool isInfiniteTime(TimeMicros micros) {
  return micros == kTimeInfinity || micros == kTimeMinusInfinity;
}

struct CivilDate {
  std::int32_t year = 1970;
  int month = 1;  ///< 1 to 12
  int day = 1;    ///< 1 to 31
  friend bool operator==(const CivilDate&, const CivilDate&) = default;
};

/// A moment broken down, without time zone.
struct CivilTime {
  CivilDate date;
  std::int64_t microsOfDay = 0;  ///< 0 to kMicrosPerDay - 1
};

constexpr bool isLeapYear(std::int64_t year) {
  return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}
constexpr int daysInMonth(std::int64_t year, int month) {
  if (month == 2) return isLeapYear(year) ? 29 : 28;
  return month == 4 || month == 6 || month == 9 || month == 11 ? 30 : 31;
}

/// Counts the days from 1970-01-01. The month must be 1 to 12; the day may lie outside the month.
std::int64_t daysFromCivil(std::int64_t year, int month, int day);
/// Gives the date of a finite day number.
CivilDate civilFromDays(std::int64_t days);
CivilTime civilFromMicros(TimeMicros micros);
/// 0 = Sunday.
int dayOfWeek(std::int64_t days);
/// 1 = January 1.
int dayOfYear(const CivilDate& date);

struct IsoWeek {
  std::int32_t year;
  int week;  ///< 1 to 53
};
/// Gives the ISO 8601 week of a day: weeks start on Monday, the first has the year's first
/// Thursday.
IsoWeek isoWeekOf(std::int64_t days);
/// Gives the Monday that starts an ISO week.
std::int64_t daysFromIsoWeek(std::int64_t year, int week);

/// Splits towards minus infinity: days, and what is left of the day.
constexpr std::int64_t floorDivide(std::int64_t value, std::int64_t divisor) {
  const auto quotient = value / divisor;
  return quotient - ((value % divisor != 0 && (value < 0) != (divisor < 0)) ? 1 : 0);
}
constexpr std::int64_t floorModulo(std::int64_t value, std::int64_t divisor) {
  return value - floorDivide(value, divisor) * divisor;
}

/// Moves a date by months; a day that the new month lacks becomes its last (Jan 31 + 1 month = Feb
/// 28).
CivilDate addMonths(const CivilDate& date, std::int64_t months);

/// Adds months, then days, then microseconds to a local time. Infinities stay.
/// DatetimeFieldOverflow.
Result<TimeMicros> addInterval(TimeMicros local, const Interval& interval);
/// Checks the range of a timestamp. DatetimeFieldOverflow: timestamp out of range.
Result<TimeMicros> checkTime(Int128 micros);
/// Checks the range of a date. DatetimeFieldOverflow: date out of range.
Result<std::int32_t> checkDate(std::int64_t days);

/// DATE to TIMESTAMP and back; infinities go along. DatetimeFieldOverflow.
Result<TimeMicros> timeFromDate(std::int32_t days);
Result<std::int32_t> dateFromTime(TimeMicros micros);

/// Rounds a time to some digits of the second, half away from zero; infinities stay.
TimeMicros roundFraction(TimeMicros micros, int digits);

/// Gives the length that intervals are compared by: a month counts 30 days, a day 24 hours.
Int128 intervalSpan(const Interval& interval);
std::strong_ordering compare(const Interval& a, const Interval& b);
/// Gives the interval of a span that intervalSpan() gave: whole months, then days, then the rest,
/// all of one sign.
Interval intervalFromSpan(Int128 span);

/// Interval arithmetic. DatetimeFieldOverflow: interval out of range.
Result<Interval> add(const Interval& a, const Interval& b);
Result<Interval> negate(const Interval& value);
/// Scales all fields; fractions of months go to days, of days to time, as PostgreSQL does.
Result<Interval> multiply(const Interval& value, double factor);
/// Divides all fields likewise; the divisor is not zero.
Result<Interval> divide(const Interval& value, double divisor);

}  // namespace drift::types
