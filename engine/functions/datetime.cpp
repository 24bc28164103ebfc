// Clocks, and dates and timestamps made of parts. Fields of them are in datetime_fields.cpp.
#include <cmath>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/calendar.h"
#include "types/time_zone.h"

namespace drift::functions {

namespace {

using namespace types;

template <TimeMicros FunctionContext::*kTime>
Status timeKernel(const FunctionContext& context, Arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) out.data<TimeMicros>()[row] = context.*kTime;
  return {};
}

Status clockKernel(const FunctionContext& context, Arguments, std::size_t rows, Vector& out) {
  if (!context.clockNow) return Error(ErrorKind::InternalError, "clock_timestamp() has no clock here");
  for (std::size_t row = 0; row < rows; ++row) out.data<TimeMicros>()[row] = context.clockNow(context.clock);
  return {};
}

Status currentDate(const FunctionContext& context, Arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  DRIFT_ASSIGN(const auto today, dateFromTime(zone.toLocal(context.transactionTime)));
  for (std::size_t row = 0; row < rows; ++row) out.data<std::int32_t>()[row] = today;
  return {};
}

Status localTimestamp(const FunctionContext& context, Arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  for (std::size_t row = 0; row < rows; ++row) out.data<TimeMicros>()[row] = zone.toLocal(context.transactionTime);
  return {};
}

/// Days of a date given by parts; a negative year is BC, as in make_date().
Result<std::int64_t> daysOf(std::int32_t year, std::int32_t month, std::int32_t day) {
  const std::int64_t astronomical = year < 0 ? std::int64_t{year} + 1 : year;
  if (year == 0 || month < 1 || month > 12 || day < 1 || day > daysInMonth(astronomical, month))
    return makeError(ErrorKind::DatetimeFieldOverflow, "date field value out of range: {}-{:02}-{:02}", year, month,
                     day);
  return daysFromCivil(astronomical, month, day);
}

Status makeDate(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, std::int32_t, std::int32_t, std::int32_t>(
      arguments, rows, out,
      [](std::int32_t year, std::int32_t month, std::int32_t day, std::int32_t& result) -> Status {
        DRIFT_ASSIGN(const auto days, daysOf(year, month, day));
        const auto date = checkDate(days);
        if (!date)
          return makeError(ErrorKind::DatetimeFieldOverflow, "date out of range: {}-{:02}-{:02}", year, month, day);
        result = *date;
        return {};
      });
}

Status makeTimestamp(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, std::int32_t, std::int32_t, std::int32_t, std::int32_t, std::int32_t, double>(
      arguments, rows, out,
      [](std::int32_t year, std::int32_t month, std::int32_t day, std::int32_t hour, std::int32_t minute, double second,
         TimeMicros& result) -> Status {
        DRIFT_ASSIGN(const auto days, daysOf(year, month, day));
        if (hour < 0 || hour > 24 || minute < 0 || minute > 59 || !(second >= 0 && second <= 60) ||
            (hour == 24 && (minute > 0 || second > 0)))
          return makeError(ErrorKind::DatetimeFieldOverflow, "time field value out of range: {}:{:02}:{:02g}", hour,
                           minute, second);
        const auto micros =
            hour * kMicrosPerHour + minute * kMicrosPerMinute + static_cast<std::int64_t>(std::rint(second * 1e6));
        DRIFT_ASSIGN(result, checkTime(Int128{days} * kMicrosPerDay + micros));
        return {};
      });
}

Status toTimestamp(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, double>(arguments, rows, out, [](double seconds, TimeMicros& result) -> Status {
    if (std::isnan(seconds)) return Error(ErrorKind::DatetimeFieldOverflow, "timestamp cannot be NaN");
    if (std::isinf(seconds)) {
      result = seconds > 0 ? kTimeInfinity : kTimeMinusInfinity;
      return {};
    }
    const double micros = std::rint(seconds * 1e6);
    if (!(micros >= static_cast<double>(kTimeMin) && micros < static_cast<double>(kTimeEnd)))
      return makeError(ErrorKind::DatetimeFieldOverflow, "timestamp out of range: \"{:g}\"", seconds);
    result = static_cast<TimeMicros>(micros);
    return {};
  });
}

/// timezone(zone, x): AT TIME ZONE, from local to moment or back.
template <bool kToMoment>
Status atTimeZone(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, StringRef, TimeMicros>(
      arguments, rows, out, [](const StringRef& name, TimeMicros time, TimeMicros& result) -> Status {
        DRIFT_ASSIGN(const auto zone, TimeZone::find(name.view()));
        result = kToMoment ? zone.toUtc(time) : zone.toLocal(time);
        return {};
      });
}

Status dateOfTimestamp(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, TimeMicros>(arguments, rows, out, [](TimeMicros time, std::int32_t& result) -> Status {
    DRIFT_ASSIGN(result, dateFromTime(time));
    return {};
  });
}

Status dateOfMoment(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  return tryRows<std::int32_t, TimeMicros>(arguments, rows, out, [&](TimeMicros time, std::int32_t& result) -> Status {
    DRIFT_ASSIGN(result, dateFromTime(zone.toLocal(time)));
    return {};
  });
}

/// age(a, b): years, months and days from b to a by the calendar, and the rest as time.
Status ageBetween(TimeMicros a, TimeMicros b, Interval& result) {
  if (isInfiniteTime(a) || isInfiniteTime(b))
    return Error(ErrorKind::DatetimeFieldOverflow, "cannot take the age of infinite timestamps");
  const bool negative = a < b;
  const auto later = civilFromMicros(negative ? b : a);
  const auto earlier = civilFromMicros(negative ? a : b);
  auto micros = later.microsOfDay - earlier.microsOfDay;
  auto days = later.date.day - earlier.date.day;
  auto months = (later.date.year - earlier.date.year) * 12 + later.date.month - earlier.date.month;
  if (micros < 0) {
    micros += kMicrosPerDay;
    --days;
  }
  if (days < 0) {
    // The days of the month that the span starts in, as timestamp_age() borrows them.
    days += daysInMonth(earlier.date.year, earlier.date.month);
    --months;
  }
  result = {micros, days, months};
  if (!negative) return {};
  DRIFT_ASSIGN(result, negate(result));
  return {};
}

Status ageKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Interval, TimeMicros, TimeMicros>(arguments, rows, out, ageBetween);
}

Status ageOfMoments(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  return tryRows<Interval, TimeMicros, TimeMicros>(arguments, rows, out,
                                                   [&](TimeMicros a, TimeMicros b, Interval& result) {
                                                     return ageBetween(zone.toLocal(a), zone.toLocal(b), result);
                                                   });
}

/// age(x): from x to midnight of today.
template <bool kMoments>
Status ageToday(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  const auto midnight = floorDivide(zone.toLocal(context.transactionTime), kMicrosPerDay) * kMicrosPerDay;
  return tryRows<Interval, TimeMicros>(arguments, rows, out, [&](TimeMicros time, Interval& result) {
    return ageBetween(midnight, kMoments ? zone.toLocal(time) : time, result);
  });
}

Status isFiniteTime(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<std::uint8_t, TimeMicros>(arguments, rows, out,
                                            [](TimeMicros time) -> std::uint8_t { return !isInfiniteTime(time); });
}

/// Intervals have no infinity before PostgreSQL 17.
Status isFiniteInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<std::uint8_t, Interval>(arguments, rows, out, [](const Interval&) -> std::uint8_t { return true; });
}

Status isFiniteDate(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<std::uint8_t, std::int32_t>(arguments, rows, out,
                                              [](std::int32_t date) -> std::uint8_t { return !isInfiniteDate(date); });
}

void addClocks(BuiltIns& builtIns) {
  const Type moment = TypeId::TimestampTz;
  const auto stable = Volatility::Stable;
  for (const auto* name : {"now", "current_timestamp", "transaction_timestamp"})
    builtIns.scalar(name, {}, moment, timeKernel<&FunctionContext::transactionTime>, "When the transaction began",
                    stable);
  builtIns.scalar("statement_timestamp", {}, moment, timeKernel<&FunctionContext::statementTime>,
                  "When the statement began", stable);
  builtIns.scalar("clock_timestamp", {}, moment, clockKernel, "The time right now", Volatility::Volatile);
  builtIns.scalar("current_date", {}, TypeId::Date, currentDate, "Date on which the transaction began", stable);
  builtIns.scalar("localtimestamp", {}, TypeId::Timestamp, localTimestamp,
                  "When the transaction began, without time zone", stable);
}

}  // namespace

void addDateTime(BuiltIns& builtIns) {
  const Type date = TypeId::Date;
  const Type timestamp = TypeId::Timestamp;
  const Type moment = TypeId::TimestampTz;
  const Type interval = TypeId::Interval;
  const Type integer = TypeId::Integer;
  const Type text = TypeId::Text;
  const auto stable = Volatility::Stable;  // the session's time zone counts
  addClocks(builtIns);
  builtIns.scalar("make_date", {integer, integer, integer}, date, makeDate, "Date of year, month and day");
  builtIns.scalar("make_timestamp", {integer, integer, integer, integer, integer, TypeId::Double}, timestamp,
                  makeTimestamp, "Timestamp of its six parts");
  builtIns.scalar("to_timestamp", {TypeId::Double}, moment, toTimestamp,
                  "Timestamp of seconds since 1970-01-01 00:00 UTC");
  builtIns.scalar("timezone", {text, timestamp}, moment, atTimeZone<true>, "AT TIME ZONE as a function");
  builtIns.scalar("timezone", {text, moment}, timestamp, atTimeZone<false>, "AT TIME ZONE as a function");
  builtIns.scalar("date", {timestamp}, date, dateOfTimestamp, "The date of a timestamp");
  builtIns.scalar("date", {moment}, date, dateOfMoment, "The date of a timestamp", stable);
  builtIns.scalar("age", {timestamp, timestamp}, interval, ageKernel, "Years, months and days between two timestamps");
  builtIns.scalar("age", {moment, moment}, interval, ageOfMoments, "Years, months and days between two timestamps",
                  stable);
  builtIns.scalar("age", {timestamp}, interval, ageToday<false>, "Years, months and days until today", stable);
  builtIns.scalar("age", {moment}, interval, ageToday<true>, "Years, months and days until today", stable);
  builtIns.scalar("isfinite", {date}, TypeId::Boolean, isFiniteDate, "False for infinity");
  builtIns.scalar("isfinite", {timestamp}, TypeId::Boolean, isFiniteTime, "False for infinity");
  builtIns.scalar("isfinite", {moment}, TypeId::Boolean, isFiniteTime, "False for infinity");
  builtIns.scalar("isfinite", {TypeId::Interval}, TypeId::Boolean, isFiniteInterval, "Always true");
  addDateTimeFields(builtIns);
}

}  // namespace drift::functions
