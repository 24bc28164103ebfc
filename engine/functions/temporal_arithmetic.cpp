// + - * / with dates, timestamps and intervals (PostgreSQL, chapter 9.9, table of operators).
#include <array>

#include "functions/builtins.h"
#include "functions/failures.h"
#include "functions/kernels.h"
#include "types/calendar.h"
#include "types/time_zone.h"

namespace drift::functions {

namespace {

using namespace types;

Error infiniteDifference(std::string_view what) {
  return makeError(ErrorKind::DatetimeFieldOverflow, "cannot subtract infinite {}", what);
}

template <int kSign>
Status shiftDate(std::int32_t date, std::int32_t days, std::int32_t& result) {
  if (isInfiniteDate(date)) {
    result = date;
    return {};
  }
  DRIFT_ASSIGN(result, checkDate(date + std::int64_t{kSign} * days));
  return {};
}

template <int kSign>
Status dateAndDays(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, std::int32_t, std::int32_t>(arguments, rows, out, shiftDate<kSign>);
}

Status daysAndDate(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, std::int32_t, std::int32_t>(
      arguments, rows, out,
      [](std::int32_t days, std::int32_t date, std::int32_t& result) { return shiftDate<1>(date, days, result); });
}

Status datesApart(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, std::int32_t, std::int32_t>(
      arguments, rows, out, [](std::int32_t a, std::int32_t b, std::int32_t& result) -> Status {
        if (isInfiniteDate(a) || isInfiniteDate(b)) return infiniteDifference("dates");
        result = a - b;
        return {};
      });
}

template <int kSign>
Result<Interval> signedInterval(const Interval& interval) {
  if constexpr (kSign > 0) return interval;
  else return negate(interval);
}

template <int kSign>
Status shiftTime(TimeMicros time, const Interval& interval, TimeMicros& result) {
  DRIFT_ASSIGN(const auto shift, signedInterval<kSign>(interval));
  DRIFT_ASSIGN(result, addInterval(time, shift));
  return {};
}

template <int kSign>
Status dateAndInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, std::int32_t, Interval>(
      arguments, rows, out, [](std::int32_t date, const Interval& interval, TimeMicros& result) -> Status {
        DRIFT_ASSIGN(const auto time, timeFromDate(date));
        return shiftTime<kSign>(time, interval, result);
      });
}

template <int kSign>
Status timeAndInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, TimeMicros, Interval>(arguments, rows, out, shiftTime<kSign>);
}

/// Months and days move the local time, the rest moves the moment: across a clock change, '1 day'
/// is not '24 hours'.
template <int kSign>
Status momentAndInterval(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  return tryRows<TimeMicros, TimeMicros, Interval>(
      arguments, rows, out, [&](TimeMicros moment, const Interval& interval, TimeMicros& result) -> Status {
        DRIFT_ASSIGN(const auto shift, signedInterval<kSign>(interval));
        if (shift.months != 0 || shift.days != 0) {
          DRIFT_ASSIGN(const auto local, addInterval(zone.toLocal(moment), {0, shift.days, shift.months}));
          moment = zone.toUtc(local);
        }
        DRIFT_ASSIGN(result, addInterval(moment, {shift.micros, 0, 0}));
        return {};
      });
}

/// Kernel with its two arguments exchanged: interval + date.
template <ScalarKernel kKernel>
Status exchanged(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  const std::array<Vector, 2> swapped{arguments[1], arguments[0]};
  return kKernel(context, swapped, rows, out);
}

/// timestamp - timestamp: whole days and a time, never months.
Status timesApart(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Interval, TimeMicros, TimeMicros>(
      arguments, rows, out, [](TimeMicros a, TimeMicros b, Interval& result) -> Status {
        if (isInfiniteTime(a) || isInfiniteTime(b)) return infiniteDifference("timestamps");
        TimeMicros micros = 0;
        if (__builtin_sub_overflow(a, b, &micros))
          return Error(ErrorKind::DatetimeFieldOverflow, "interval out of range");
        result = {micros % kMicrosPerDay, static_cast<std::int32_t>(micros / kMicrosPerDay), 0};
        return {};
      });
}

template <int kSign>
Status addIntervals(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Interval, Interval, Interval>(arguments, rows, out,
                                               [](const Interval& a, const Interval& b, Interval& result) -> Status {
                                                 DRIFT_ASSIGN(const auto other, signedInterval<kSign>(b));
                                                 DRIFT_ASSIGN(result, types::add(a, other));
                                                 return {};
                                               });
}

Status negateInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Interval, Interval>(arguments, rows, out, [](const Interval& a, Interval& result) -> Status {
    DRIFT_ASSIGN(result, negate(a));
    return {};
  });
}

Status scaleInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Interval, Interval, double>(arguments, rows, out,
                                             [](const Interval& a, double factor, Interval& result) -> Status {
                                               DRIFT_ASSIGN(result, multiply(a, factor));
                                               return {};
                                             });
}

Status divideInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Interval, Interval, double>(arguments, rows, out,
                                             [](const Interval& a, double divisor, Interval& result) -> Status {
                                               if (divisor == 0) return divisionByZero();
                                               DRIFT_ASSIGN(result, divide(a, divisor));
                                               return {};
                                             });
}

}  // namespace

void addTemporalArithmetic(BuiltIns& builtIns) {
  const Type date = TypeId::Date;
  const Type integer = TypeId::Integer;
  const Type interval = TypeId::Interval;
  const Type timestamp = TypeId::Timestamp;
  const Type moment = TypeId::TimestampTz;
  const Type real = TypeId::Double;
  builtIns.scalar("+", {date, integer}, date, dateAndDays<1>, "Some days later");
  builtIns.scalar("+", {integer, date}, date, daysAndDate, "Some days later");
  builtIns.scalar("-", {date, integer}, date, dateAndDays<-1>, "Some days earlier");
  builtIns.scalar("-", {date, date}, integer, datesApart, "Days between two dates");

  builtIns.scalar("+", {date, interval}, timestamp, dateAndInterval<1>, "Moves a date");
  builtIns.scalar("-", {date, interval}, timestamp, dateAndInterval<-1>, "Moves a date back");
  builtIns.scalar("+", {timestamp, interval}, timestamp, timeAndInterval<1>, "Moves a timestamp");
  builtIns.scalar("-", {timestamp, interval}, timestamp, timeAndInterval<-1>, "Moves a timestamp back");
  const auto stable = Volatility::Stable;  // the session's time zone counts
  builtIns.scalar("+", {moment, interval}, moment, momentAndInterval<1>, "Moves a timestamp", stable);
  builtIns.scalar("-", {moment, interval}, moment, momentAndInterval<-1>, "Moves a timestamp back", stable);
  builtIns.scalar("+", {interval, date}, timestamp, exchanged<dateAndInterval<1>>, "Moves a date");
  builtIns.scalar("+", {interval, timestamp}, timestamp, exchanged<timeAndInterval<1>>, "Moves a timestamp");
  builtIns.scalar("+", {interval, moment}, moment, exchanged<momentAndInterval<1>>, "Moves a timestamp", stable);

  builtIns.scalar("-", {timestamp, timestamp}, interval, timesApart, "Time between two timestamps");
  builtIns.scalar("-", {moment, moment}, interval, timesApart, "Time between two timestamps");
  builtIns.scalar("+", {interval, interval}, interval, addIntervals<1>, "Addition");
  builtIns.scalar("-", {interval, interval}, interval, addIntervals<-1>, "Subtraction");
  builtIns.scalar("-", {interval}, interval, negateInterval, "Negation");
  builtIns.scalar("*", {interval, real}, interval, scaleInterval, "Scales an interval");
  builtIns.scalar("*", {real, interval}, interval, exchanged<scaleInterval>, "Scales an interval");
  builtIns.scalar("/", {interval, real}, interval, divideInterval, "Divides an interval");
}

}  // namespace drift::functions
