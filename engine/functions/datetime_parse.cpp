// to_date() and to_timestamp() of text: dates read by a template such as 'DD Mon YYYY' (PostgreSQL 9.8).
#include <charconv>
#include <optional>

#include "functions/builtins.h"
#include "functions/datetime_template.h"
#include "functions/kernels.h"
#include "types/ascii.h"
#include "types/calendar.h"
#include "types/time_zone.h"

namespace drift::functions {

namespace {

using namespace types;

/// What a text said of a moment.
struct ReadFields {
  std::int64_t year = 0;
  int month = 1;
  int day = 1;
  std::optional<int> dayOfYear;
  std::optional<std::int64_t> julian;
  std::optional<std::int64_t> isoYear;
  std::optional<int> isoWeek;
  int isoDay = 1;
  std::optional<int> week;  ///< of the year, from its first day
  std::optional<int> weekOfMonth;
  std::int64_t hour = 0;
  bool halfDay = false;  ///< hour is one of twelve
  std::optional<bool> afternoon;
  std::int64_t minute = 0;
  std::int64_t second = 0;
  std::int64_t micros = 0;
  std::optional<std::int64_t> secondsOfDay;
  bool yearGiven = false;
  bool beforeChrist = false;
  std::optional<int> zoneSeconds;
  int zoneSign = 1;
};

Error badValue(std::string_view value, std::string_view field, std::string detail) {
  return makeError(ErrorKind::InvalidDatetimeFormat, "invalid value \"{}\" for \"{}\"", value, field)
      .withDetail(std::move(detail));
}

/// A year of fewer than four digits is the one nearest to 2020.
std::int64_t nearestYear(std::int64_t year) {
  if (year < 70) return year + 2000;
  if (year < 100) return year + 1900;
  if (year < 520) return year + 2000;
  return year < 1000 ? year + 1000 : year;
}

class TemplateParser final {
 public:
  TemplateParser(std::string_view text, std::string_view pattern) : m_text(text), m_pattern(pattern) {}

  Result<ReadFields> read() {
    skipBlanks();
    while (!m_pattern.empty() && !m_text.empty()) DRIFT_TRY(step());
    return m_fields;
  }

 private:
  static bool isSeparator(char letter) {
    return !isDigit(letter) && !isAsciiLetter(letter) && static_cast<unsigned char>(letter) < 128;
  }

  void skipBlanks() {
    while (!m_text.empty() && isBlank(m_text.front())) m_text.remove_prefix(1);
  }

  Status step() {
    if (m_pattern.front() == '"') {
      m_pattern.remove_prefix(1);
      while (!m_pattern.empty() && m_pattern.front() != '"') {
        if (m_pattern.front() == '\\' && m_pattern.size() > 1) m_pattern.remove_prefix(1);
        m_pattern.remove_prefix(1);
        if (!m_text.empty()) m_text.remove_prefix(1);
      }
      if (!m_pattern.empty()) m_pattern.remove_prefix(1);
      return {};
    }
    bool greedy = false;
    if (m_pattern.size() > 2 && equalsIgnoringCase(m_pattern.substr(0, 2), "FM") &&
        findTimePattern(m_pattern.substr(2))) {
      m_pattern.remove_prefix(2);
      greedy = true;
    }
    if (m_pattern.size() > 2 && equalsIgnoringCase(m_pattern.substr(0, 2), "FX")) {
      m_pattern.remove_prefix(2);
      return {};
    }
    const auto* entry = findTimePattern(m_pattern);
    if (!entry) {
      // A separator stands for any separator or none; another letter for any one.
      const char wanted = m_pattern.front();
      m_pattern.remove_prefix(1);
      if (isSeparator(wanted)) {
        skipBlanks();
        if (!m_text.empty() && isSeparator(m_text.front()) && m_text.front() != '+' &&
            !(m_text.front() == '-' && signFollows()))
          m_text.remove_prefix(1);
      } else {
        m_text.remove_prefix(1);
      }
      return {};
    }
    const auto written = m_pattern.substr(0, entry->name.size());
    m_pattern.remove_prefix(entry->name.size());
    if (m_pattern.size() >= 2 && equalsIgnoringCase(m_pattern.substr(0, 2), "TH")) {
      m_pattern.remove_prefix(2);
      greedy = true;
      m_endings = true;
    }
    // Blanks and stray separators before a field do not count.
    while (!m_text.empty() &&
           (isBlank(m_text.front()) || (isSeparator(m_text.front()) && m_text.front() != '-' && m_text.front() != '+')))
      m_text.remove_prefix(1);
    if (m_text.empty()) return {};
    DRIFT_TRY(take(*entry, written, greedy || nextEnds()));
    if (m_endings && m_text.size() >= 2 && isAsciiLetter(m_text.front())) m_text.remove_prefix(2);
    m_endings = false;
    return {};
  }

  /// True if the zone's sign is what the template goes on with.
  bool signFollows() const {
    const auto* entry = findTimePattern(m_pattern);
    return entry && entry->pattern == TimePattern::ZoneHours;
  }

  /// True if a number ends where its digits do, not where its field is full.
  bool nextEnds() const {
    if (m_pattern.empty()) return true;
    const auto* next = findTimePattern(m_pattern);
    if (!next) return !isDigit(m_pattern.front());
    switch (next->pattern) {
      case TimePattern::MonthName:
      case TimePattern::MonthShort:
      case TimePattern::DayName:
      case TimePattern::DayShort:
      case TimePattern::Noon:
      case TimePattern::NoonDotted:
      case TimePattern::Era:
      case TimePattern::EraDotted:
      case TimePattern::Zone:
      case TimePattern::ZoneHours:
      case TimePattern::Offset: return true;
      default: return false;
    }
  }

  Result<std::int64_t> number(std::size_t digits, bool greedy, std::string_view written) {
    std::size_t length = 0;
    const bool isSigned = m_text.front() == '-' || m_text.front() == '+';
    if (isSigned) length = 1;
    const auto most = greedy ? m_text.size() : std::min(m_text.size(), digits);
    while (length < most && isDigit(m_text[length])) ++length;
    if (length == (isSigned ? 1U : 0U)) {
      const auto shown = m_text.substr(0, std::min(digits, m_text.size()));
      return badValue(shown, written, "Value must be an integer.");
    }
    std::int64_t value = 0;
    const auto* start = m_text.data() + (m_text.front() == '+' ? 1 : 0);
    const auto [end, error] = std::from_chars(start, m_text.data() + length, value);
    if (error != std::errc() || value > INT32_MAX || value < INT32_MIN)
      return makeError(ErrorKind::DatetimeFieldOverflow, "value for \"{}\" in source string is out of range", written)
          .withDetail("Value must be in the range -2147483648 to 2147483647.");
    m_digits = static_cast<int>(length) - (isSigned ? 1 : 0);
    m_text.remove_prefix(length);
    return value;
  }

  /// One of some names, of which only the first `letters` letters count; 0 = all.
  template <std::size_t kCount>
  Result<int> name(const std::array<std::string_view, kCount>& names, std::size_t letters, std::string_view written) {
    for (std::size_t at = 0; at < kCount; ++at) {
      const auto wanted = letters ? names[at].substr(0, letters) : names[at];
      if (m_text.size() < wanted.size() || !equalsIgnoringCase(m_text.substr(0, wanted.size()), wanted)) continue;
      m_text.remove_prefix(wanted.size());
      return static_cast<int>(at);
    }
    std::size_t length = 0;
    while (length < m_text.size() && !isBlank(m_text[length])) ++length;
    return badValue(m_text.substr(0, length), written,
                    "The given value did not match any of the allowed values for this field.");
  }

  Result<bool> choice(std::string_view no, std::string_view yes, std::string_view written) {
    for (const bool wanted : {false, true}) {
      const auto text = wanted ? yes : no;
      if (m_text.size() < text.size() || !equalsIgnoringCase(m_text.substr(0, text.size()), text)) continue;
      m_text.remove_prefix(text.size());
      return wanted;
    }
    return badValue(m_text.substr(0, std::min(yes.size(), m_text.size())), written,
                    "The given value did not match any of the allowed values for this field.");
  }

  template <class T>
  Status into(T& target, std::size_t digits, bool greedy, std::string_view written) {
    DRIFT_ASSIGN(const auto value, number(digits, greedy, written));
    target = static_cast<T>(value);
    return {};
  }

  /// Decimals of a second: as many digits as there are count from the left.
  Status fraction(int digits, bool greedy, std::string_view written) {
    DRIFT_ASSIGN(auto value, number(static_cast<std::size_t>(digits), greedy, written));
    if (m_digits > 6) return badValue("", written, "Value must have at most six digits.");
    for (int at = m_digits; at < 6; ++at) value *= 10;
    m_fields.micros = value;
    return {};
  }

  Status take(const TimePatternName& entry, std::string_view written, bool greedy) {
    auto& f = m_fields;
    const auto digits = entry.digits > 0 ? static_cast<std::size_t>(entry.digits) : std::size_t{2};
    switch (entry.pattern) {
      case TimePattern::Hour12: f.halfDay = true; return into(f.hour, 2, greedy, written);
      case TimePattern::Hour24: return into(f.hour, 2, greedy, written);
      case TimePattern::Minute: return into(f.minute, 2, greedy, written);
      case TimePattern::Second: return into(f.second, 2, greedy, written);
      case TimePattern::Millisecond: return fraction(3, greedy, written);
      case TimePattern::Microsecond: return fraction(6, greedy, written);
      case TimePattern::Fraction: return fraction(entry.digits, greedy, written);
      case TimePattern::SecondsOfDay: f.secondsOfDay = 0; return into(*f.secondsOfDay, 5, greedy, written);
      case TimePattern::Noon: {
        DRIFT_ASSIGN(f.afternoon, choice("AM", "PM", written));
        return {};
      }
      case TimePattern::NoonDotted: {
        DRIFT_ASSIGN(f.afternoon, choice("A.M.", "P.M.", written));
        return {};
      }
      case TimePattern::Year:
        f.yearGiven = true;
        DRIFT_TRY(into(f.year, digits, greedy, written));
        if (entry.digits < 4 && m_digits < 4) f.year = nearestYear(f.year);
        return {};
      case TimePattern::YearWithComma: {
        std::int64_t thousands = 0;
        f.yearGiven = true;
        DRIFT_TRY(into(thousands, 3, true, written));
        if (!m_text.empty() && m_text.front() == ',') m_text.remove_prefix(1);
        if (m_text.empty()) return badValue("", written, "Value must be an integer.");
        DRIFT_TRY(into(f.year, 3, greedy, written));
        f.year += thousands * 1000;
        return {};
      }
      case TimePattern::IsoYear:
        f.isoYear = 0;
        DRIFT_TRY(into(*f.isoYear, digits, greedy, written));
        if (entry.digits < 4 && m_digits < 4) f.isoYear = nearestYear(*f.isoYear);
        return {};
      case TimePattern::Era: {
        DRIFT_ASSIGN(f.beforeChrist, choice("AD", "BC", written));
        return {};
      }
      case TimePattern::EraDotted: {
        DRIFT_ASSIGN(f.beforeChrist, choice("A.D.", "B.C.", written));
        return {};
      }
      case TimePattern::MonthName: {
        DRIFT_ASSIGN(const auto at, name(kMonths, 0, written));
        f.month = at + 1;
        return {};
      }
      case TimePattern::MonthShort: {
        DRIFT_ASSIGN(const auto at, name(kMonths, 3, written));
        f.month = at + 1;
        return {};
      }
      case TimePattern::Month: return into(f.month, 2, greedy, written);
      case TimePattern::DayName: return name(kWeekdays, 0, written).ok() ? Status() : Status(dayError(written));
      case TimePattern::DayShort: return name(kWeekdays, 3, written).ok() ? Status() : Status(dayError(written));
      case TimePattern::DayOfYear: f.dayOfYear = 0; return into(*f.dayOfYear, 3, greedy, written);
      case TimePattern::Day: return into(f.day, 2, greedy, written);
      case TimePattern::DayOfWeek: {
        std::int64_t ignored = 0;
        return into(ignored, 1, greedy, written);
      }
      case TimePattern::IsoDayOfWeek: return into(f.isoDay, 1, greedy, written);
      case TimePattern::WeekOfMonth: f.weekOfMonth = 0; return into(*f.weekOfMonth, 1, greedy, written);
      case TimePattern::WeekOfYear: f.week = 0; return into(*f.week, 2, greedy, written);
      case TimePattern::IsoWeek: f.isoWeek = 0; return into(*f.isoWeek, 2, greedy, written);
      case TimePattern::Century: {
        std::int64_t century = 0;
        DRIFT_TRY(into(century, 2, greedy, written));
        if (!f.yearGiven) f.year = (century - 1) * 100 + 1;
        f.yearGiven = true;
        return {};
      }
      case TimePattern::Julian: f.julian = 0; return into(*f.julian, 9, true, written);
      case TimePattern::Quarter: {
        std::int64_t ignored = 0;
        return into(ignored, 1, greedy, written);
      }
      case TimePattern::ZoneHours: {
        if (m_text.front() == '-') f.zoneSign = -1;
        if (m_text.front() == '-' || m_text.front() == '+') m_text.remove_prefix(1);
        std::int64_t hours = 0;
        if (!m_text.empty()) DRIFT_TRY(into(hours, 2, greedy, written));
        f.zoneSeconds = f.zoneSeconds.value_or(0) + f.zoneSign * static_cast<int>(hours) * 3600;
        return {};
      }
      case TimePattern::ZoneMinutes: {
        std::int64_t minutes = 0;
        DRIFT_TRY(into(minutes, 2, greedy, written));
        f.zoneSeconds = f.zoneSeconds.value_or(0) + f.zoneSign * static_cast<int>(minutes) * 60;
        return {};
      }
      case TimePattern::Zone:
      case TimePattern::Offset:
        return makeError(ErrorKind::FeatureNotSupported, "formatting field \"{}\" is only supported in to_char",
                         written);
    }
    return {};
  }

  Error dayError(std::string_view written) const {
    return badValue(m_text.substr(0, m_text.find(' ')), written,
                    "The given value did not match any of the allowed values for this field.");
  }

  std::string_view m_text;
  std::string_view m_pattern;
  ReadFields m_fields;
  int m_digits = 0;  ///< of the number read last
  bool m_endings = false;
};

Result<std::int64_t> daysOf(const ReadFields& f, std::string_view text) {
  const auto outOfRange = [&] {
    return makeError(ErrorKind::DatetimeFieldOverflow, "date/time field value out of range: \"{}\"", text);
  };
  if (f.julian) return *f.julian - 2440588;
  if (f.isoYear && f.isoWeek) {
    if (*f.isoWeek < 1 || *f.isoWeek > 53) return outOfRange();
    return daysFromIsoWeek(*f.isoYear, *f.isoWeek) + (f.isoDay >= 1 ? f.isoDay - 1 : 0);
  }
  auto year = f.year;
  if (!f.yearGiven) year = f.beforeChrist ? 0 : 0;
  if (f.beforeChrist) year = year > 0 ? 1 - year : year;
  else if (year < 0) ++year;
  if (f.week) return daysFromCivil(year, 1, 1) + (*f.week - 1) * 7;
  if (f.dayOfYear) {
    if (*f.dayOfYear < 1 || *f.dayOfYear > (isLeapYear(year) ? 366 : 365)) return outOfRange();
    return daysFromCivil(year, 1, 1) + *f.dayOfYear - 1;
  }
  const auto day = f.weekOfMonth ? (*f.weekOfMonth - 1) * 7 + 1 : f.day;
  if (f.month < 1 || f.month > 12 || day < 1 || day > daysInMonth(year, f.month)) return outOfRange();
  return daysFromCivil(year, f.month, day);
}

Result<std::int64_t> microsOf(const ReadFields& f, std::string_view text) {
  auto hour = f.hour;
  if (f.halfDay) {
    if (hour < 1 || hour > 12)
      return makeError(ErrorKind::InvalidDatetimeFormat, "hour \"{}\" is invalid for the 12-hour clock", hour)
          .withHint("Use the 24-hour clock, or give an hour between 1 and 12.");
    if (f.afternoon && *f.afternoon && hour < 12) hour += 12;
    else if (!(f.afternoon && *f.afternoon) && hour == 12) hour = 0;
  }
  if (f.secondsOfDay) return *f.secondsOfDay * kMicrosPerSecond + f.micros;
  if (hour < 0 || hour > 23 || f.minute < 0 || f.minute > 59 || f.second < 0 || f.second > 59)
    return makeError(ErrorKind::DatetimeFieldOverflow, "date/time field value out of range: \"{}\"", text);
  return hour * kMicrosPerHour + f.minute * kMicrosPerMinute + f.second * kMicrosPerSecond + f.micros;
}

Status parseDates(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, StringRef, StringRef>(
      arguments, rows, out, [](const StringRef& text, const StringRef& pattern, std::int32_t& result) -> Status {
        DRIFT_ASSIGN(const auto fields, TemplateParser(text.view(), pattern.view()).read());
        DRIFT_ASSIGN(const auto days, daysOf(fields, text.view()));
        DRIFT_ASSIGN(result, checkDate(days));
        return {};
      });
}

Status parseMoments(const FunctionContext& context, Arguments arguments, std::size_t rows, Vector& out) {
  DRIFT_ASSIGN(const auto zone, TimeZone::find(context.text.timeZone));
  return tryRows<TimeMicros, StringRef, StringRef>(
      arguments, rows, out, [&](const StringRef& text, const StringRef& pattern, TimeMicros& result) -> Status {
        DRIFT_ASSIGN(const auto fields, TemplateParser(text.view(), pattern.view()).read());
        DRIFT_ASSIGN(const auto days, daysOf(fields, text.view()));
        DRIFT_ASSIGN(const auto micros, microsOf(fields, text.view()));
        DRIFT_ASSIGN(result, checkTime(Int128{days} * kMicrosPerDay + micros));
        result = fields.zoneSeconds ? result - *fields.zoneSeconds * kMicrosPerSecond : zone.toUtc(result);
        return {};
      });
}

/// Whole days for every 24 hours, as justify_hours() counts; months for every 30 days, as justify_days() does.
template <bool kHours, bool kDays>
Status justify(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Interval, Interval>(arguments, rows, out, [](const Interval& value, Interval& result) -> Status {
    std::int64_t months = value.months;
    std::int64_t days = value.days;
    std::int64_t micros = value.micros;
    if (kHours) {
      days += micros / kMicrosPerDay;
      micros %= kMicrosPerDay;
    }
    if (kDays) {
      months += days / 30;
      days %= 30;
    }
    // All parts get one sign.
    if (kDays) {
      if (months > 0 && (days < 0 || (days == 0 && kHours && micros < 0))) {
        days += 30;
        --months;
      } else if (months < 0 && (days > 0 || (days == 0 && kHours && micros > 0))) {
        days -= 30;
        ++months;
      }
    }
    if (kHours) {
      if (days > 0 && micros < 0) {
        micros += kMicrosPerDay;
        --days;
      } else if (days < 0 && micros > 0) {
        micros -= kMicrosPerDay;
        ++days;
      }
    }
    if (months != static_cast<std::int32_t>(months) || days != static_cast<std::int32_t>(days))
      return Error(ErrorKind::DatetimeFieldOverflow, "interval out of range");
    result = {micros, static_cast<std::int32_t>(days), static_cast<std::int32_t>(months)};
    return {};
  });
}

/// date_bin(stride, time, origin): the start of the stretch that the time is in.
Status binTimes(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<TimeMicros, Interval, TimeMicros, TimeMicros>(
      arguments, rows, out,
      [](const Interval& stride, TimeMicros time, TimeMicros origin, TimeMicros& result) -> Status {
        result = time;
        if (isInfiniteTime(time)) return {};
        if (isInfiniteTime(origin)) return Error(ErrorKind::DatetimeFieldOverflow, "origin out of range");
        if (stride.months != 0)
          return Error(ErrorKind::FeatureNotSupported,
                       "timestamps cannot be binned into intervals containing months or years");
        const auto width = stride.days * kMicrosPerDay + stride.micros;
        if (width <= 0) return Error(ErrorKind::DatetimeFieldOverflow, "stride must be greater than zero");
        result = origin + floorDivide(time - origin, width) * width;
        return {};
      });
}

/// make_interval(years, months, weeks, days, hours, minutes, seconds); what is left out is 0.
Status makeInterval(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto part = [&](std::size_t at) -> std::int64_t {
      return at < arguments.size() ? arguments[at].view().at<std::int32_t>(row) : 0;
    };
    const double seconds = arguments.size() > 6 ? arguments[6].view().at<double>(row) : 0;
    const auto months = part(0) * 12 + part(1);
    const auto days = part(2) * 7 + part(3);
    const double micros = static_cast<double>(part(4) * kMicrosPerHour + part(5) * kMicrosPerMinute) + seconds * 1e6;
    if (months != static_cast<std::int32_t>(months) || days != static_cast<std::int32_t>(days) ||
        !(micros > -9.2e18 && micros < 9.2e18))
      return Error(ErrorKind::DatetimeFieldOverflow, "interval out of range");
    const auto whole = part(4) * kMicrosPerHour + part(5) * kMicrosPerMinute +
                       static_cast<std::int64_t>(seconds < 0 ? seconds * 1e6 - 0.5 : seconds * 1e6 + 0.5);
    out.data<Interval>()[row] = {whole, static_cast<std::int32_t>(days), static_cast<std::int32_t>(months)};
    return {};
  });
}

}  // namespace

void addDateTimeParsing(BuiltIns& builtIns) {
  const Type text = TypeId::Text;
  const Type interval = TypeId::Interval;
  const Type integer = TypeId::Integer;
  builtIns.scalar("to_date", {text, text}, TypeId::Date, parseDates,
                  "Date of a text, by a template such as 'DD Mon YYYY'");
  builtIns.scalar("to_timestamp", {text, text}, TypeId::TimestampTz, parseMoments, "Timestamp of a text, by a template",
                  Volatility::Stable);
  builtIns.scalar("justify_days", {interval}, interval, justify<false, true>, "Months for every 30 days");
  builtIns.scalar("justify_hours", {interval}, interval, justify<true, false>, "Days for every 24 hours");
  builtIns.scalar("justify_interval", {interval}, interval, justify<true, true>, "Months, days and hours of one sign");
  for (const auto type : {TypeId::Timestamp, TypeId::TimestampTz})
    builtIns.scalar("date_bin", {interval, type, type}, type, binTimes,
                    "Start of the stretch of time that a timestamp is in: width, timestamp, origin");
  constexpr std::string_view kMake = "Interval of years, months, weeks, days, hours, minutes and seconds";
  const auto i = integer;
  builtIns.scalar("make_interval", {i}, interval, makeInterval, kMake);
  builtIns.scalar("make_interval", {i, i}, interval, makeInterval, kMake);
  builtIns.scalar("make_interval", {i, i, i}, interval, makeInterval, kMake);
  builtIns.scalar("make_interval", {i, i, i, i}, interval, makeInterval, kMake);
  builtIns.scalar("make_interval", {i, i, i, i, i}, interval, makeInterval, kMake);
  builtIns.scalar("make_interval", {i, i, i, i, i, i}, interval, makeInterval, kMake);
  builtIns.scalar("make_interval", {i, i, i, i, i, i, TypeId::Double}, interval, makeInterval, kMake);
}

}  // namespace drift::functions
