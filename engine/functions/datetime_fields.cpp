// extract, date_part and date_trunc (PostgreSQL, chapter 9.9.1 and 9.9.2).
#include <array>
#include <limits>
#include <optional>

#include "functions/builtins.h"
#include "functions/kernels.h"
#include "types/ascii.h"
#include "types/calendar.h"
#include "types/time_zone.h"

namespace drift::functions {

namespace {

using namespace types;

enum class Field {
  Microseconds,
  Milliseconds,
  Second,
  Minute,
  Hour,
  Day,
  Week,
  Month,
  Quarter,
  Year,
  Decade,
  Century,
  Millennium,
  DayOfWeek,
  IsoDayOfWeek,
  DayOfYear,
  IsoYear,
  Julian,
  Epoch,
  TimeZone,
  TimeZoneHour,
  TimeZoneMinute,
};

struct FieldName {
  std::string_view name;
  Field field;
};

constexpr std::array kFieldNames = std::to_array<FieldName>({
    {"microseconds", Field::Microseconds},
    {"microsecond", Field::Microseconds},
    {"milliseconds", Field::Milliseconds},
    {"millisecond", Field::Milliseconds},
    {"second", Field::Second},
    {"seconds", Field::Second},
    {"minute", Field::Minute},
    {"minutes", Field::Minute},
    {"hour", Field::Hour},
    {"hours", Field::Hour},
    {"day", Field::Day},
    {"days", Field::Day},
    {"week", Field::Week},
    {"weeks", Field::Week},
    {"month", Field::Month},
    {"months", Field::Month},
    {"quarter", Field::Quarter},
    {"year", Field::Year},
    {"years", Field::Year},
    {"decade", Field::Decade},
    {"decades", Field::Decade},
    {"century", Field::Century},
    {"centuries", Field::Century},
    {"millennium", Field::Millennium},
    {"millennia", Field::Millennium},
    {"dow", Field::DayOfWeek},
    {"isodow", Field::IsoDayOfWeek},
    {"doy", Field::DayOfYear},
    {"isoyear", Field::IsoYear},
    {"julian", Field::Julian},
    {"epoch", Field::Epoch},
    {"timezone", Field::TimeZone},
    {"timezone_hour", Field::TimeZoneHour},
    {"timezone_minute", Field::TimeZoneMinute},
});

constexpr std::int64_t kJulianOfEpoch = 2440588;  // of 1970-01-01
constexpr int kMicrosScale = 6;

Error unrecognized(std::string_view text, Type type) {
  return makeError(ErrorKind::InvalidParameterValue, "unit \"{}\" not recognized for type {}",
                   lowerAscii(trimBlanks(text)), type.name());
}

Result<Field> findField(std::string_view text, Type type) {
  const auto word = lowerAscii(trimBlanks(text));
  for (const auto& [name, field] : kFieldNames)
    if (name == word) return field;
  return unrecognized(text, type);
}

Error unsupported(std::string_view text, Type type) {
  return makeError(ErrorKind::FeatureNotSupported, "unit \"{}\" not supported for type {}",
                   lowerAscii(trimBlanks(text)), type.name());
}

Decimal whole(std::int64_t value) { return Decimal::fromInteger(value); }

/// Centuries and millennia have no year 0: 2000 is the last year of the 20th century.
std::int64_t ordinalOf(std::int64_t year, std::int64_t span) {
  return year > 0 ? (year + span - 1) / span : -((span - 1 - (year - 1)) / span);
}

/// A year as it is written: 1 BC is -1.
std::int64_t writtenYear(std::int64_t year) { return year > 0 ? year : year - 1; }

/// Fields of the calendar day; nothing for fields of the clock.
std::optional<Decimal> dayField(Field field, std::int64_t days) {
  const auto date = civilFromDays(days);
  switch (field) {
    case Field::Day: return whole(date.day);
    case Field::Week: return whole(isoWeekOf(days).week);
    case Field::Month: return whole(date.month);
    case Field::Quarter: return whole((date.month - 1) / 3 + 1);
    case Field::Year: return whole(writtenYear(date.year));
    case Field::Decade: return whole(floorDivide(date.year, 10));
    case Field::Century: return whole(ordinalOf(date.year, 100));
    case Field::Millennium: return whole(ordinalOf(date.year, 1000));
    case Field::DayOfWeek: return whole(dayOfWeek(days));
    case Field::IsoDayOfWeek: return whole((dayOfWeek(days) + 6) % 7 + 1);
    case Field::DayOfYear: return whole(dayOfYear(date));
    case Field::IsoYear: return whole(writtenYear(isoWeekOf(days).year));
    case Field::Microseconds:
    case Field::Milliseconds:
    case Field::Second:
    case Field::Minute:
    case Field::Hour:
    case Field::Julian:
    case Field::Epoch:
    case Field::TimeZone:
    case Field::TimeZoneHour:
    case Field::TimeZoneMinute: break;
  }
  return std::nullopt;
}

/// Fields of the time of day, or of the time part of an interval.
std::optional<Decimal> clockField(Field field, std::int64_t micros) {
  const auto ofMinute = micros % kMicrosPerMinute;
  if (field == Field::Microseconds) return whole(ofMinute);
  if (field == Field::Milliseconds) return Decimal(ofMinute, 3);
  if (field == Field::Second) return Decimal(ofMinute, kMicrosScale);
  if (field == Field::Minute) return whole(micros / kMicrosPerMinute % 60);
  if (field == Field::Hour) return whole(micros / kMicrosPerHour);
  return std::nullopt;
}

Result<Decimal> fieldOfDate(Field field, std::string_view name, std::int32_t days) {
  if (const auto value = dayField(field, days)) return *value;
  if (field == Field::Julian) return whole(days + kJulianOfEpoch);
  if (field == Field::Epoch) return whole(std::int64_t{days} * 86400);
  return unsupported(name, TypeId::Date);
}

/// Fields of a local time; `utc` is the moment for epochs and `zone` null for TIMESTAMP.
Result<Decimal> fieldOfTime(Field field, std::string_view name, TimeMicros local, TimeMicros utc,
                            const TimeZone* zone) {
  const auto days = floorDivide(local, kMicrosPerDay);
  const auto ofDay = local - days * kMicrosPerDay;
  if (const auto value = dayField(field, days)) return *value;
  if (const auto value = clockField(field, ofDay)) return *value;
  if (field == Field::Epoch) return Decimal(utc, kMicrosScale);
  if (field == Field::Julian) {
    DRIFT_ASSIGN(const auto fraction, divide(whole(ofDay), whole(kMicrosPerDay)));
    return ofDay == 0 ? whole(days + kJulianOfEpoch) : types::add(whole(days + kJulianOfEpoch), fraction);
  }
  if (!zone) return unsupported(name, TypeId::Timestamp);
  const int offset = zone->offsetSecondsAt(utc);
  if (field == Field::TimeZone) return whole(offset);
  if (field == Field::TimeZoneHour) return whole(offset / 3600);
  return whole(offset / 60 % 60);
}

Result<Decimal> fieldOfInterval(Field field, std::string_view name, const Interval& value) {
  const auto years = value.months / 12;
  const auto months = value.months % 12;
  if (const auto clock = clockField(field, value.micros)) return *clock;
  if (field == Field::Day) return whole(value.days);
  if (field == Field::Month) return whole(months);
  if (field == Field::Quarter) return whole(months / 3 + 1);
  if (field == Field::Year) return whole(years);
  if (field == Field::Decade) return whole(years / 10);
  if (field == Field::Century) return whole(years / 100);
  if (field == Field::Millennium) return whole(years / 1000);
  if (field != Field::Epoch) return unsupported(name, TypeId::Interval);
  // A year counts 365.25 days here, a month 30.
  const auto hours = Int128{years} * 8766 + Int128{months} * 720 + Int128{value.days} * 24;
  return Decimal(hours * kMicrosPerHour + value.micros, kMicrosScale);
}

/// What extract gives for an infinite date: infinity for fields that grow without end, which
/// numeric cannot hold here, so that is an error; NULL for those that turn round.
bool growsForever(Field field) {
  return field == Field::Year || field == Field::Decade || field == Field::Century || field == Field::Millennium ||
         field == Field::IsoYear || field == Field::Julian || field == Field::Epoch;
}

/// Stores a field as numeric (extract) or double precision (date_part).
template <class R>
Status store(std::size_t row, const Result<Decimal>& value, Vector& out) {
  if (!value) return value.error();
  if constexpr (std::is_same_v<R, double>) out.data<double>()[row] = toDouble(*value);
  else out.data<Decimal>()[row] = *value;
  return {};
}

template <class R>
Status storeInfinite(std::size_t row, Field field, bool positive, Vector& out) {
  if (!growsForever(field)) {
    out.setNull(row);
    return {};
  }
  if constexpr (std::is_same_v<R, double>) {
    out.data<double>()[row] =
        positive ? std::numeric_limits<double>::infinity() : -std::numeric_limits<double>::infinity();
    return {};
  } else {
    return Error(ErrorKind::NumericValueOutOfRange, "cannot extract this field from infinity; date_part() can");
  }
}

template <class R>
Status extractFromDate(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto names = arguments[0].view();
  const auto dates = arguments[1].view();
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto name = names.at<StringRef>(row).view();
    const auto date = dates.at<std::int32_t>(row);
    DRIFT_ASSIGN(const auto field, findField(name, TypeId::Date));
    if (isInfiniteDate(date)) return storeInfinite<R>(row, field, date > 0, out);
    // date_part() takes a date as midnight, so it has hours; extract() refuses them.
    if constexpr (std::is_same_v<R, double>) {
      DRIFT_ASSIGN(const auto midnight, timeFromDate(date));
      return store<R>(row, fieldOfTime(field, name, midnight, midnight, nullptr), out);
    } else {
      return store<R>(row, fieldOfDate(field, name, date), out);
    }
  });
}

template <class R, bool kMoments>
Status extractFromTime(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  const auto names = arguments[0].view();
  const auto times = arguments[1].view();
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto name = names.at<StringRef>(row).view();
    const auto time = times.at<TimeMicros>(row);
    DRIFT_ASSIGN(const auto field, findField(name, kMoments ? TypeId::TimestampTz : TypeId::Timestamp));
    if (isInfiniteTime(time)) return storeInfinite<R>(row, field, time > 0, out);
    const auto local = kMoments ? zone.toLocal(time) : time;
    return store<R>(row, fieldOfTime(field, name, local, time, kMoments ? &zone : nullptr), out);
  });
}

template <class R>
Status extractFromTimeOfDay(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto names = arguments[0].view();
  const auto times = arguments[1].view();
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto name = names.at<StringRef>(row).view();
    const auto time = times.at<TimeMicros>(row);
    DRIFT_ASSIGN(const auto field, findField(name, TypeId::Time));
    if (const auto value = clockField(field, time)) return store<R>(row, *value, out);
    if (field == Field::Epoch) return store<R>(row, Decimal(time, kMicrosScale), out);
    return unsupported(name, TypeId::Time);
  });
}

template <class R>
Status extractFromInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto names = arguments[0].view();
  const auto values = arguments[1].view();
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto name = names.at<StringRef>(row).view();
    DRIFT_ASSIGN(const auto field, findField(name, TypeId::Interval));
    return store<R>(row, fieldOfInterval(field, name, values.at<Interval>(row)), out);
  });
}

/// The first moment of the field's period that holds a local time.
Result<TimeMicros> truncateTime(Field field, std::string_view name, TimeMicros local, Type type) {
  if (isInfiniteTime(local)) return local;
  const auto cut = [&](std::int64_t unit) { return floorDivide(local, unit) * unit; };
  const auto days = floorDivide(local, kMicrosPerDay);
  const auto date = civilFromDays(days);
  const auto firstOf = [](std::int64_t year, int month) { return daysFromCivil(year, month, 1) * kMicrosPerDay; };
  switch (field) {
    case Field::Microseconds: return local;
    case Field::Milliseconds: return cut(1000);
    case Field::Second: return cut(kMicrosPerSecond);
    case Field::Minute: return cut(kMicrosPerMinute);
    case Field::Hour: return cut(kMicrosPerHour);
    case Field::Day: return days * kMicrosPerDay;
    case Field::Week: return (days - (dayOfWeek(days) + 6) % 7) * kMicrosPerDay;
    case Field::Month: return firstOf(date.year, date.month);
    case Field::Quarter: return firstOf(date.year, (date.month - 1) / 3 * 3 + 1);
    case Field::Year: return firstOf(date.year, 1);
    case Field::Decade: return firstOf(floorDivide(date.year, 10) * 10, 1);
    case Field::Century: return firstOf(floorDivide(date.year - 1, 100) * 100 + 1, 1);
    case Field::Millennium: return firstOf(floorDivide(date.year - 1, 1000) * 1000 + 1, 1);
    case Field::DayOfWeek:
    case Field::IsoDayOfWeek:
    case Field::DayOfYear:
    case Field::IsoYear:
    case Field::Julian:
    case Field::Epoch: return unrecognized(name, type);
    case Field::TimeZone:
    case Field::TimeZoneHour:
    case Field::TimeZoneMinute: break;
  }
  return unsupported(name, type);
}

Status truncateTimestamp(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, StringRef, TimeMicros>(
      arguments, rows, out, [](const StringRef& name, TimeMicros time, TimeMicros& result) -> Status {
        DRIFT_ASSIGN(const auto field, findField(name.view(), TypeId::Timestamp));
        DRIFT_ASSIGN(result, truncateTime(field, name.view(), time, TypeId::Timestamp));
        return {};
      });
}

Result<TimeMicros> truncateInZone(std::string_view name, TimeMicros moment, const TimeZone& zone) {
  DRIFT_ASSIGN(const auto field, findField(name, TypeId::TimestampTz));
  const auto local = zone.toLocal(moment);
  DRIFT_ASSIGN(const auto cut, truncateTime(field, name, local, TypeId::TimestampTz));
  // Below a day the offset stays, so that an hour that occurs twice is not mixed up.
  const bool belowDay = field == Field::Hour || field == Field::Minute || field == Field::Second ||
                        field == Field::Milliseconds || field == Field::Microseconds;
  return belowDay && !isInfiniteTime(local) ? moment - (local - cut) : zone.toUtc(cut);
}

Status truncateMoment(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  return tryRows<TimeMicros, StringRef, TimeMicros>(
      arguments, rows, out, [&](const StringRef& name, TimeMicros moment, TimeMicros& result) -> Status {
        DRIFT_ASSIGN(result, truncateInZone(name.view(), moment, zone));
        return {};
      });
}

Status truncateMomentInZone(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, StringRef, TimeMicros, StringRef>(
      arguments, rows, out,
      [](const StringRef& name, TimeMicros moment, const StringRef& zoneName, TimeMicros& result) -> Status {
        DRIFT_ASSIGN(const auto zone, TimeZone::find(zoneName.view()));
        DRIFT_ASSIGN(result, truncateInZone(name.view(), moment, zone));
        return {};
      });
}

Result<Interval> truncateInterval(Field field, std::string_view name, const Interval& value) {
  const auto months = [&](std::int32_t unit) { return Interval{0, 0, value.months / unit * unit}; };
  const auto time = [&](std::int64_t unit) { return Interval{value.micros / unit * unit, value.days, value.months}; };
  if (field == Field::Microseconds) return value;
  if (field == Field::Milliseconds) return time(1000);
  if (field == Field::Second) return time(kMicrosPerSecond);
  if (field == Field::Minute) return time(kMicrosPerMinute);
  if (field == Field::Hour) return time(kMicrosPerHour);
  if (field == Field::Day) return Interval{0, value.days, value.months};
  if (field == Field::Month) return months(1);
  if (field == Field::Quarter) return months(3);
  if (field == Field::Year) return months(12);
  if (field == Field::Decade) return months(120);
  if (field == Field::Century) return months(1200);
  if (field == Field::Millennium) return months(12000);
  return unsupported(name, TypeId::Interval);  // weeks, and what is no length
}

Status truncateIntervalKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Interval, StringRef, Interval>(
      arguments, rows, out, [](const StringRef& name, const Interval& value, Interval& result) -> Status {
        DRIFT_ASSIGN(const auto field, findField(name.view(), TypeId::Interval));
        DRIFT_ASSIGN(result, truncateInterval(field, name.view(), value));
        return {};
      });
}

/// extract() gives numeric, date_part() double precision.
template <class R>
void addExtraction(BuiltIns& builtIns, std::string_view name, Type result, std::string_view description) {
  const Type text = TypeId::Text;
  builtIns.scalar(name, {text, TypeId::Date}, result, extractFromDate<R>, description);
  builtIns.scalar(name, {text, TypeId::Timestamp}, result, extractFromTime<R, false>, description);
  builtIns.scalar(name, {text, TypeId::TimestampTz}, result, extractFromTime<R, true>, description, Volatility::Stable);
  builtIns.scalar(name, {text, TypeId::Time}, result, extractFromTimeOfDay<R>, description);
  builtIns.scalar(name, {text, TypeId::Interval}, result, extractFromInterval<R>, description);
}

}  // namespace

void addDateTimeFields(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  const Type moment = TypeId::TimestampTz;
  addExtraction<Decimal>(builtIns, "extract", TypeId::Numeric, "EXTRACT(field FROM …): year, month, epoch …");
  addExtraction<double>(builtIns, "date_part", TypeId::Double, "A field of a date or interval: year, month, epoch …");
  constexpr std::string_view kTruncates = "Start of the hour, day, week, month … that holds a timestamp";
  builtIns.scalar("date_trunc", {text, TypeId::Timestamp}, TypeId::Timestamp, truncateTimestamp, kTruncates);
  builtIns.scalar("date_trunc", {text, moment}, moment, truncateMoment, kTruncates, Volatility::Stable);
  builtIns.scalar("date_trunc", {text, moment, text}, moment, truncateMomentInZone, kTruncates);
  builtIns.scalar("date_trunc", {text, TypeId::Interval}, TypeId::Interval, truncateIntervalKernel, kTruncates);
}

}  // namespace drift::functions
