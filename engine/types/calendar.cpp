#include "types/calendar.h"

#include <algorithm>
#include <cassert>
#include <cmath>

namespace drift::types {

namespace {

constexpr int kMonthsPerYear = 12;
constexpr int kDaysPerMonth = 30;              // PostgreSQL's convention where a month has no calendar place
constexpr std::int64_t kDaysPerEra = 146097;   // 400 years
constexpr std::int64_t kDaysToEpoch = 719468;  // from 0000-03-01 to 1970-01-01

Error intervalOutOfRange() { return Error(ErrorKind::DatetimeFieldOverflow, "interval out of range"); }

template <class T>
bool fits(Int128 value) {
  return value >= std::numeric_limits<T>::min() && value <= std::numeric_limits<T>::max();
}

Result<Interval> makeInterval(Int128 months, Int128 days, Int128 micros) {
  if (!fits<std::int32_t>(months) || !fits<std::int32_t>(days) || !fits<std::int64_t>(micros))
    return intervalOutOfRange();
  return Interval{static_cast<std::int64_t>(micros), static_cast<std::int32_t>(days),
                  static_cast<std::int32_t>(months)};
}

/// Rounds to microseconds what binary fractions made inexact.
double roundToMicros(double seconds) { return std::rint(seconds * 1e6) / 1e6; }

/// Applies `scale` to all fields and hands fractions down.
template <class Scale>
Result<Interval> scaled(const Interval& value, const Scale& scale) {
  const double months = scale(value.months);
  const double days = scale(value.days);
  constexpr double kEnd = 2147483648.0;
  if (!(std::abs(months) < kEnd) || !(std::abs(days) < kEnd)) return intervalOutOfRange();
  const auto wholeMonths = static_cast<std::int32_t>(months);
  auto wholeDays = static_cast<std::int32_t>(days);

  // What a month's fraction leaves in days, and a day's fraction in seconds.
  const double monthDays = roundToMicros((months - wholeMonths) * kDaysPerMonth);
  double seconds = roundToMicros((days - wholeDays + monthDays - std::trunc(monthDays)) * 86400.0);
  if (std::abs(seconds) >= 86400.0) {
    const auto carried = static_cast<std::int32_t>(seconds / 86400.0);
    wholeDays += carried;
    seconds -= carried * 86400.0;
  }
  const double micros = std::rint(scale(static_cast<double>(value.micros)) + seconds * 1e6);
  if (!(std::abs(micros) < 9.2233720368547758e18)) return intervalOutOfRange();
  return makeInterval(wholeMonths, Int128{wholeDays} + static_cast<std::int32_t>(monthDays),
                      static_cast<std::int64_t>(micros));
}

}  // namespace

// Both directions after Howard Hinnant, "chrono-Compatible Low-Level Date Algorithms": years start
// in March, so that the leap day is the last of the year.
std::int64_t daysFromCivil(std::int64_t year, int month, int day) {
  assert(month >= 1 && month <= 12);
  year -= month <= 2;
  const auto era = floorDivide(year, 400);
  const auto yearOfEra = year - era * 400;
  const auto dayOfMarchYear = (153 * (month + (month > 2 ? -3 : 9)) + 2) / 5 + day - 1;
  return era * kDaysPerEra + yearOfEra * 365 + yearOfEra / 4 - yearOfEra / 100 + dayOfMarchYear - kDaysToEpoch;
}

CivilDate civilFromDays(std::int64_t days) {
  days += kDaysToEpoch;
  const auto era = floorDivide(days, kDaysPerEra);
  const auto dayOfEra = days - era * kDaysPerEra;
  const auto yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36524 - dayOfEra / 146096) / 365;
  const auto dayOfMarchYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100);
  const auto marchMonth = (5 * dayOfMarchYear + 2) / 153;
  const auto month = static_cast<int>(marchMonth < 10 ? marchMonth + 3 : marchMonth - 9);
  return {static_cast<std::int32_t>(yearOfEra + era * 400 + (month <= 2)), month,
          static_cast<int>(dayOfMarchYear - (153 * marchMonth + 2) / 5 + 1)};
}

CivilTime civilFromMicros(TimeMicros micros) {
  const auto days = floorDivide(micros, kMicrosPerDay);
  return {civilFromDays(days), micros - days * kMicrosPerDay};
}

int dayOfWeek(std::int64_t days) { return static_cast<int>(floorModulo(days + 4, 7)); }

int dayOfYear(const CivilDate& date) {
  return static_cast<int>(daysFromCivil(date.year, date.month, date.day) - daysFromCivil(date.year, 1, 1) + 1);
}

std::int64_t daysFromIsoWeek(std::int64_t year, int week) {
  const auto fourth = daysFromCivil(year, 1, 4);  // always in week 1
  return fourth - floorModulo(dayOfWeek(fourth) - 1, 7) + (week - 1) * 7;
}

IsoWeek isoWeekOf(std::int64_t days) {
  auto year = civilFromDays(days).year;
  if (days < daysFromIsoWeek(year, 1)) --year;
  else if (days >= daysFromIsoWeek(year + 1, 1)) ++year;
  return {year, static_cast<int>((days - daysFromIsoWeek(year, 1)) / 7 + 1)};
}

CivilDate addMonths(const CivilDate& date, std::int64_t months) {
  const auto total = std::int64_t{date.year} * kMonthsPerYear + (date.month - 1) + months;
  const auto year = floorDivide(total, kMonthsPerYear);
  const auto month = static_cast<int>(floorModulo(total, kMonthsPerYear)) + 1;
  return {static_cast<std::int32_t>(year), month, std::min(date.day, daysInMonth(year, month))};
}

Result<TimeMicros> checkTime(Int128 micros) {
  if (micros < kTimeMin || micros >= kTimeEnd) return Error(ErrorKind::DatetimeFieldOverflow, "timestamp out of range");
  return static_cast<TimeMicros>(micros);
}

Result<std::int32_t> checkDate(std::int64_t days) {
  if (days < kDateMin || days > kDateMax) return Error(ErrorKind::DatetimeFieldOverflow, "date out of range");
  return static_cast<std::int32_t>(days);
}

Result<TimeMicros> addInterval(TimeMicros local, const Interval& interval) {
  if (isInfiniteTime(local)) return local;
  Int128 micros = local;
  if (interval.months != 0) {
    const auto civil = civilFromMicros(local);
    const auto date = addMonths(civil.date, interval.months);
    micros = Int128{daysFromCivil(date.year, date.month, date.day)} * kMicrosPerDay + civil.microsOfDay;
  }
  return checkTime(micros + Int128{interval.days} * kMicrosPerDay + interval.micros);
}

Result<TimeMicros> timeFromDate(std::int32_t days) {
  if (days == kDateInfinity) return kTimeInfinity;
  if (days == kDateMinusInfinity) return kTimeMinusInfinity;
  const auto micros = Int128{days} * kMicrosPerDay;
  if (micros < kTimeMin || micros >= kTimeEnd)
    return Error(ErrorKind::DatetimeFieldOverflow, "date out of range for timestamp");
  return static_cast<TimeMicros>(micros);
}

Result<std::int32_t> dateFromTime(TimeMicros micros) {
  if (micros == kTimeInfinity) return kDateInfinity;
  if (micros == kTimeMinusInfinity) return kDateMinusInfinity;
  return checkDate(floorDivide(micros, kMicrosPerDay));
}

TimeMicros roundFraction(TimeMicros micros, int digits) {
  if (digits >= Type::kFractionDigitsMax || isInfiniteTime(micros)) return micros;
  std::int64_t unit = kMicrosPerSecond;
  for (; digits > 0; --digits) unit /= 10;
  return micros >= 0 ? (micros + unit / 2) / unit * unit : -((-micros + unit / 2) / unit * unit);
}

Int128 intervalSpan(const Interval& interval) {
  return (Int128{interval.months} * kDaysPerMonth + interval.days) * kMicrosPerDay + interval.micros;
}

std::strong_ordering compare(const Interval& a, const Interval& b) {
  const auto left = intervalSpan(a);
  const auto right = intervalSpan(b);
  return left < right   ? std::strong_ordering::less
         : left > right ? std::strong_ordering::greater
                        : std::strong_ordering::equal;
}

Interval intervalFromSpan(Int128 span) {
  constexpr Int128 kMicrosPerMonth = Int128{kDaysPerMonth} * kMicrosPerDay;
  // What a field cannot hold stays in the next finer one.
  const auto take = [&](Int128 unit) {
    const auto count =
        static_cast<std::int32_t>(std::clamp(span / unit, Int128{std::numeric_limits<std::int32_t>::min()},
                                             Int128{std::numeric_limits<std::int32_t>::max()}));
    span -= count * unit;
    return count;
  };
  Interval result;
  result.months = take(kMicrosPerMonth);
  result.days = take(kMicrosPerDay);
  result.micros = static_cast<std::int64_t>(span);
  return result;
}

Result<Interval> add(const Interval& a, const Interval& b) {
  return makeInterval(Int128{a.months} + b.months, Int128{a.days} + b.days, Int128{a.micros} + b.micros);
}

Result<Interval> negate(const Interval& value) {
  return makeInterval(-Int128{value.months}, -Int128{value.days}, -Int128{value.micros});
}

// interval_mul() and interval_div() of PostgreSQL 15.
Result<Interval> multiply(const Interval& value, double factor) {
  return scaled(value, [factor](double field) { return field * factor; });
}

Result<Interval> divide(const Interval& value, double divisor) {
  return scaled(value, [divisor](double field) { return field / divisor; });
}

}  // namespace drift::types
