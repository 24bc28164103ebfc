// to_char() of timestamps: text by a template such as 'YYYY-MM-DD' (PostgreSQL, chapter 9.8, table 9.27).
#include <array>

#include <fmt/format.h>

#include "functions/builtins.h"
#include "functions/datetime_template.h"
#include "functions/kernels.h"
#include "types/ascii.h"
#include "types/calendar.h"
#include "types/time_zone.h"

namespace drift::functions {

namespace {

using namespace types;

constexpr std::size_t kLongestName = 9;  // September, Wednesday

/// What a template is filled with.
struct Moment {
  CivilTime civil;
  std::int64_t days = 0;
  int offsetSeconds = 0;
  std::string zone;  ///< abbreviation; empty for TIMESTAMP
};

// A longer name stands before one that it begins with.
constexpr std::array kPatterns = std::to_array<TimePatternName>({
    {"HH24", TimePattern::Hour24},
    {"HH12", TimePattern::Hour12},
    {"HH", TimePattern::Hour12},
    {"MI", TimePattern::Minute},
    {"SSSSS", TimePattern::SecondsOfDay},
    {"SSSS", TimePattern::SecondsOfDay},
    {"SS", TimePattern::Second},
    {"MS", TimePattern::Millisecond},
    {"US", TimePattern::Microsecond},
    {"FF1", TimePattern::Fraction, 1},
    {"FF2", TimePattern::Fraction, 2},
    {"FF3", TimePattern::Fraction, 3},
    {"FF4", TimePattern::Fraction, 4},
    {"FF5", TimePattern::Fraction, 5},
    {"FF6", TimePattern::Fraction, 6},
    {"A.M.", TimePattern::NoonDotted},
    {"P.M.", TimePattern::NoonDotted},
    {"AM", TimePattern::Noon},
    {"PM", TimePattern::Noon},
    {"Y,YYY", TimePattern::YearWithComma},
    {"YYYY", TimePattern::Year, 4},
    {"YYY", TimePattern::Year, 3},
    {"YY", TimePattern::Year, 2},
    {"Y", TimePattern::Year, 1},
    {"IYYY", TimePattern::IsoYear, 4},
    {"IYY", TimePattern::IsoYear, 3},
    {"IY", TimePattern::IsoYear, 2},
    {"B.C.", TimePattern::EraDotted},
    {"A.D.", TimePattern::EraDotted},
    {"BC", TimePattern::Era},
    {"AD", TimePattern::Era},
    {"MONTH", TimePattern::MonthName},
    {"MON", TimePattern::MonthShort},
    {"MM", TimePattern::Month},
    {"DAY", TimePattern::DayName},
    {"DY", TimePattern::DayShort},
    {"DDD", TimePattern::DayOfYear},
    {"DD", TimePattern::Day},
    {"D", TimePattern::DayOfWeek},
    {"ID", TimePattern::IsoDayOfWeek},
    {"IW", TimePattern::IsoWeek},
    {"I", TimePattern::IsoYear, 1},
    {"WW", TimePattern::WeekOfYear},
    {"W", TimePattern::WeekOfMonth},
    {"CC", TimePattern::Century},
    {"J", TimePattern::Julian},
    {"Q", TimePattern::Quarter},
    {"TZH", TimePattern::ZoneHours},
    {"TZM", TimePattern::ZoneMinutes},
    {"TZ", TimePattern::Zone},
    {"OF", TimePattern::Offset},
});

}  // namespace

const TimePatternName* findTimePattern(std::string_view rest) {
  for (const auto& entry : kPatterns)
    if (rest.size() >= entry.name.size() && equalsIgnoringCase(rest.substr(0, entry.name.size()), entry.name))
      return &entry;
  return nullptr;
}

namespace {

/// A name in the case of its pattern: MONTH, Month or month.
std::string inCaseOf(std::string_view name, std::string_view written) {
  std::string result(name);
  const auto isUpper = [](char c) { return c >= 'A' && c <= 'Z'; };
  if (!isUpper(written[0])) return lowerAscii(result);
  if (isUpper(written[1]))
    for (auto& c : result) c = c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c;
  return result;
}

std::string padded(std::string text, bool fill) {
  if (fill && text.size() < kLongestName) text.append(kLongestName - text.size(), ' ');
  return text;
}

std::string number(std::int64_t value, int width, bool fill) {
  return fill ? fmt::format("{:0{}}", value, width) : fmt::format("{}", value);
}

/// The last `digits` digits of a year; all of it for four.
std::string yearText(std::int64_t year, int digits, bool fill) {
  const std::int64_t written = year > 0 ? year : 1 - year;
  constexpr std::array<std::int64_t, 4> kEnds{10, 100, 1000, 10000};
  const auto shown = digits == 4 ? written : written % kEnds[static_cast<std::size_t>(digits - 1)];
  return number(shown, digits, fill);
}

std::string centuryText(std::int64_t year, bool fill) {
  const auto century = year > 0 ? (year + 99) / 100 : -((99 - (year - 1)) / 100);
  return century < 0 ? fmt::format("{}", century) : number(century, 2, fill);
}

std::string clockText(TimePattern pattern, int digits, const Moment& moment, bool fill) {
  const auto micros = moment.civil.microsOfDay;
  const auto hour = micros / kMicrosPerHour;
  const auto fraction = micros % kMicrosPerSecond;
  if (pattern == TimePattern::Hour24) return number(hour, 2, fill);
  if (pattern == TimePattern::Hour12) return number((hour + 11) % 12 + 1, 2, fill);
  if (pattern == TimePattern::Minute) return number(micros / kMicrosPerMinute % 60, 2, fill);
  if (pattern == TimePattern::Second) return number(micros / kMicrosPerSecond % 60, 2, fill);
  if (pattern == TimePattern::SecondsOfDay) return number(micros / kMicrosPerSecond, 1, fill);
  if (pattern == TimePattern::Millisecond) return fmt::format("{:03}", fraction / 1000);
  if (pattern == TimePattern::Microsecond) return fmt::format("{:06}", fraction);
  return fmt::format("{:06}", fraction).substr(0, static_cast<std::size_t>(digits));
}

std::string valueText(const TimePatternName& entry, std::string_view written, const Moment& moment, bool fill) {
  const auto& date = moment.civil.date;
  const auto month = static_cast<std::size_t>(date.month - 1);
  const auto weekday = dayOfWeek(moment.days);
  const auto weekdayName = kWeekdays[static_cast<std::size_t>(weekday)];
  const bool afternoon = moment.civil.microsOfDay >= 12 * kMicrosPerHour;
  const int zoneMinutes = std::abs(moment.offsetSeconds) / 60;
  const char* zoneSign = moment.offsetSeconds < 0 ? "-" : "+";
  switch (entry.pattern) {
    case TimePattern::Hour12:
    case TimePattern::Hour24:
    case TimePattern::Minute:
    case TimePattern::Second:
    case TimePattern::Millisecond:
    case TimePattern::Microsecond:
    case TimePattern::Fraction:
    case TimePattern::SecondsOfDay: return clockText(entry.pattern, entry.digits, moment, fill);
    case TimePattern::Noon: return inCaseOf(afternoon ? "PM" : "AM", written);
    case TimePattern::NoonDotted:
      return written[0] >= 'a' ? (afternoon ? "p.m." : "a.m.") : (afternoon ? "P.M." : "A.M.");
    case TimePattern::Year: return yearText(date.year, entry.digits, fill);
    case TimePattern::YearWithComma: {
      const auto year = date.year > 0 ? date.year : 1 - date.year;
      return fmt::format("{},{:03}", year / 1000, year % 1000);
    }
    case TimePattern::IsoYear: return yearText(isoWeekOf(moment.days).year, entry.digits, fill);
    case TimePattern::Era: return inCaseOf(date.year > 0 ? "AD" : "BC", written);
    case TimePattern::EraDotted:
      return written[0] >= 'a' ? (date.year > 0 ? "a.d." : "b.c.") : (date.year > 0 ? "A.D." : "B.C.");
    case TimePattern::MonthName: return padded(inCaseOf(kMonths[month], written), fill);
    case TimePattern::MonthShort: return inCaseOf(kMonths[month].substr(0, 3), written);
    case TimePattern::Month: return number(date.month, 2, fill);
    case TimePattern::DayName: return padded(inCaseOf(weekdayName, written), fill);
    case TimePattern::DayShort: return inCaseOf(weekdayName.substr(0, 3), written);
    case TimePattern::DayOfYear: return number(dayOfYear(date), 3, fill);
    case TimePattern::Day: return number(date.day, 2, fill);
    case TimePattern::DayOfWeek: return number(weekday + 1, 1, fill);
    case TimePattern::IsoDayOfWeek: return number((weekday + 6) % 7 + 1, 1, fill);
    case TimePattern::WeekOfMonth: return number((date.day - 1) / 7 + 1, 1, fill);
    case TimePattern::WeekOfYear: return number((dayOfYear(date) - 1) / 7 + 1, 2, fill);
    case TimePattern::IsoWeek: return number(isoWeekOf(moment.days).week, 2, fill);
    case TimePattern::Century: return centuryText(date.year, fill);
    case TimePattern::Julian: return number(moment.days + 2440588, 1, fill);
    case TimePattern::Quarter: return number((date.month - 1) / 3 + 1, 1, fill);
    case TimePattern::Zone: return written[0] >= 'a' ? lowerAscii(moment.zone) : moment.zone;
    case TimePattern::ZoneHours: return fmt::format("{}{:02}", zoneSign, zoneMinutes / 60);
    case TimePattern::ZoneMinutes: return fmt::format("{:02}", zoneMinutes % 60);
    case TimePattern::Offset: {
      std::string text;
      appendOffset(text, moment.offsetSeconds / 60 * 60);  // without seconds, unlike a timestamp's text
      return text;
    }
  }
  return {};
}

/// "st", "nd", "rd" or "th" of the number that a text ends in.
std::string_view ordinalEnding(std::string_view text) {
  const auto last = text.back();
  const bool teen = text.size() > 1 && text[text.size() - 2] == '1';
  if (teen || last == '0' || last > '3') return "th";
  return last == '1' ? "st" : last == '2' ? "nd" : "rd";
}

/// Appends quoted text up to the closing quote and gives what follows it.
std::string_view appendQuoted(std::string& out, std::string_view rest) {
  rest.remove_prefix(1);
  while (!rest.empty() && rest[0] != '"') {
    if (rest[0] == '\\' && rest.size() > 1) rest.remove_prefix(1);
    out += rest[0];
    rest.remove_prefix(1);
  }
  if (!rest.empty()) rest.remove_prefix(1);
  return rest;
}

void fillTemplate(std::string& out, std::string_view pattern, const Moment& moment) {
  auto rest = pattern;
  while (!rest.empty()) {
    if (rest[0] == '"') {
      rest = appendQuoted(out, rest);
      continue;
    }
    if (rest.starts_with("\\\"")) {
      out += '"';
      rest.remove_prefix(2);
      continue;
    }
    const bool noFill =
        rest.size() > 2 && equalsIgnoringCase(rest.substr(0, 2), "FM") && findTimePattern(rest.substr(2));
    if (noFill) rest.remove_prefix(2);
    const auto* entry = findTimePattern(rest);
    if (!entry) {
      out += rest[0];
      rest.remove_prefix(1);
      continue;
    }
    const auto text = valueText(*entry, rest.substr(0, entry->name.size()), moment, !noFill);
    out += text;
    rest.remove_prefix(entry->name.size());
    if (!text.empty() && isDigit(text.back()) && rest.size() >= 2 &&
        (rest.starts_with("TH") || rest.starts_with("th"))) {
      const auto ending = ordinalEnding(text);
      out += rest[0] == 'T' ? inCaseOf(ending, "TH") : std::string(ending);
      rest.remove_prefix(2);
    }
  }
}

Moment momentOf(TimeMicros local) {
  Moment result;
  result.civil = civilFromMicros(local);
  result.days = floorDivide(local, kMicrosPerDay);
  return result;
}

/// An infinite time or an empty template gives NULL, as in PostgreSQL.
template <bool kMoments>
Status formatTime(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  const auto times = arguments[0].view();
  const auto patterns = arguments[1].view();
  std::string text;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto time = times.at<TimeMicros>(row);
    const auto& pattern = patterns.at<StringRef>(row);
    if (isInfiniteTime(time) || pattern.size() == 0) {
      out.setNull(row);
      return {};
    }
    auto moment = momentOf(kMoments ? zone.toLocal(time) : time);
    if constexpr (kMoments) {
      moment.offsetSeconds = zone.offsetSecondsAt(time);
      moment.zone = zone.abbreviationAt(time);
    }
    text.clear();
    fillTemplate(text, pattern.view(), moment);
    out.setString(row, text);
    return {};
  });
}

Status formatTimeOfDay(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  const auto times = arguments[0].view();
  const auto patterns = arguments[1].view();
  std::string text;
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto& pattern = patterns.at<StringRef>(row);
    if (pattern.size() == 0) {
      out.setNull(row);
      return {};
    }
    Moment moment = momentOf(0);
    moment.civil.microsOfDay = times.at<TimeMicros>(row);
    text.clear();
    fillTemplate(text, pattern.view(), moment);
    out.setString(row, text);
    return {};
  });
}

}  // namespace

void addFormatting(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  constexpr std::string_view kDescription = "Text of a timestamp by a template such as 'YYYY-MM-DD HH24:MI'";
  builtIns.scalar("to_char", {TypeId::Timestamp, text}, text, formatTime<false>, kDescription);
  builtIns.scalar("to_char", {TypeId::Time, text}, text, formatTimeOfDay, kDescription);
  builtIns.scalar("to_char", {TypeId::TimestampTz, text}, text, formatTime<true>, kDescription, Volatility::Stable);
}

}  // namespace drift::functions
