// Arithmetic of TIME WITHOUT TIME ZONE, and make_time (PostgreSQL, chapter 9.9). Its fields are in datetime_fields.cpp.
#include <cmath>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/calendar.h"

namespace drift::functions {

namespace {

using namespace types;

/// Round the clock: what an interval has above a day does not count.
template <int kSign>
Status timeAndInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<TimeMicros, TimeMicros, Interval>(arguments, rows, out, [](TimeMicros time, const Interval& shift) {
    return floorModulo(time + kSign * (shift.micros % kMicrosPerDay), kMicrosPerDay);
  });
}

Status intervalAndTime(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<TimeMicros, Interval, TimeMicros>(arguments, rows, out, [](const Interval& shift, TimeMicros time) {
    return floorModulo(time + shift.micros % kMicrosPerDay, kMicrosPerDay);
  });
}

Status timesApart(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapBinary<Interval, TimeMicros, TimeMicros>(
      arguments, rows, out, [](TimeMicros a, TimeMicros b) { return Interval{a - b, 0, 0}; });
}

Status joinDateAndTime(std::int32_t date, TimeMicros time, TimeMicros& result) {
  DRIFT_ASSIGN(result, timeFromDate(date));
  if (isInfiniteTime(result)) return {};
  DRIFT_ASSIGN(result, checkTime(Int128{result} + time));
  return {};
}

Status dateAndTime(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, std::int32_t, TimeMicros>(arguments, rows, out, joinDateAndTime);
}

Status timeAndDate(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, TimeMicros, std::int32_t>(
      arguments, rows, out,
      [](TimeMicros time, std::int32_t date, TimeMicros& result) { return joinDateAndTime(date, time, result); });
}

Status makeTime(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, std::int32_t, std::int32_t, double>(
      arguments, rows, out,
      [](std::int32_t hours, std::int32_t minutes, double seconds, TimeMicros& result) -> Status {
        const bool inRange =
            hours >= 0 && hours <= 24 && minutes >= 0 && minutes <= 59 && seconds >= 0 && seconds <= 60;
        result = inRange ? hours * kMicrosPerHour + minutes * kMicrosPerMinute + std::llrint(seconds * 1e6) : -1;
        if (result >= 0 && result <= kMicrosPerDay) return {};
        return makeError(ErrorKind::DatetimeFieldOverflow, "time field value out of range: {}:{:02}:{:02}", hours,
                         minutes, seconds);
      });
}

}  // namespace

void addTimeOfDay(BuiltIns& builtIns) {
  const Type time = TypeId::Time;
  const Type date = TypeId::Date;
  const Type interval = TypeId::Interval;
  builtIns.scalar("+", {time, interval}, time, timeAndInterval<1>, "Moves a time of day");
  builtIns.scalar("-", {time, interval}, time, timeAndInterval<-1>, "Moves a time of day back");
  builtIns.scalar("+", {interval, time}, time, intervalAndTime, "Moves a time of day");
  builtIns.scalar("-", {time, time}, interval, timesApart, "Time between two times of day");
  builtIns.scalar("+", {date, time}, TypeId::Timestamp, dateAndTime, "A date and a time of day together");
  builtIns.scalar("+", {time, date}, TypeId::Timestamp, timeAndDate, "A date and a time of day together");
  builtIns.scalar("make_time", {TypeId::Integer, TypeId::Integer, TypeId::Double}, time, makeTime,
                  "Time of day of hour, minute and seconds");
}

}  // namespace drift::functions
