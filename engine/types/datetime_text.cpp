#include "types/datetime_text.h"

#include <array>
#include <optional>

#include <fmt/format.h>

#include "types/ascii.h"
#include "types/calendar.h"

namespace drift::types {

namespace {

constexpr int kFractionDigits = 6;
constexpr std::array<std::string_view, 12> kMonths{"january",   "february", "march",    "april",
                                                   "may",       "june",     "july",     "august",
                                                   "september", "october",  "november", "december"};
constexpr std::array<std::string_view, 7> kWeekdays{"sunday",   "monday", "tuesday", "wednesday",
                                                    "thursday", "friday", "saturday"};

/// Zone abbreviations that are no IANA names, in hours east; PostgreSQL's default set has them too.
constexpr std::array<std::pair<std::string_view, int>, 14> kAbbreviations{{{"edt", -4},
                                                                           {"cst", -6},
                                                                           {"cdt", -5},
                                                                           {"mdt", -6},
                                                                           {"pst", -8},
                                                                           {"pdt", -7},
                                                                           {"akst", -9},
                                                                           {"akdt", -8},
                                                                           {"bst", 1},
                                                                           {"west", 1},
                                                                           {"cest", 2},
                                                                           {"eest", 3},
                                                                           {"msk", 3},
                                                                           {"jst", 9}}};

/// Finds a name, or one shortened to three letters or more ("sep", "sept").
template <std::size_t N>
std::optional<int> findName(const std::array<std::string_view, N>& names, std::string_view word) {
  if (word.size() < 3) return std::nullopt;
  for (std::size_t i = 0; i < N; ++i)
    if (word == names[i] || (word.size() <= 4 && names[i].starts_with(word))) return static_cast<int>(i);
  return std::nullopt;
}

enum class Failure { Syntax, Range, Zone };

/// What a date-time text says, field by field.
struct Fields {
  enum class Special { None, Infinity, MinusInfinity, Epoch } special = Special::None;
  std::optional<std::int64_t> year;
  std::optional<int> month;
  std::optional<int> day;
  bool beforeChrist = false;
  std::optional<std::int64_t> time;  ///< microseconds of the day
  std::optional<int> afternoon;      ///< 0 = AM, 1 = PM
  std::optional<int> offsetSeconds;
  std::string zoneName;
};

/// Reads a date-time text from left to right. One use.
class Scanner final {
 public:
  /// What the text must have at least.
  enum class Wanted { Date, Time };

  explicit Scanner(std::string_view text, Wanted wanted = Wanted::Date)
      : m_text(trimBlanks(text)), m_timeOnly(wanted == Wanted::Time) {}

  std::optional<Failure> scan(Fields& fields) {
    m_fields = &fields;
    if (m_text.empty()) return Failure::Syntax;
    while (m_at < m_text.size()) {
      const char c = m_text[m_at];
      std::optional<Failure> failure;
      if (isBlank(c) || c == ',') {
        ++m_at;
        continue;
      }
      if (isDigit(c)) failure = number();
      else if (isAsciiLetter(c)) failure = word();
      else if (c == '+' || c == '-') failure = sign();
      else failure = Failure::Syntax;
      if (failure) return failure;
    }
    return finish();
  }

 private:
  char peek(std::size_t ahead = 0) const { return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0'; }

  std::string_view digits() {
    const auto start = m_at;
    while (isDigit(peek())) ++m_at;
    return m_text.substr(start, m_at - start);
  }

  std::string letters() {
    const auto start = m_at;
    while (isAsciiLetter(peek())) ++m_at;
    return lowerAscii(m_text.substr(start, m_at - start));
  }

  /// Value of up to nine digits; longer runs are out of any range.
  static std::optional<std::int64_t> valueOf(std::string_view run) {
    if (run.empty() || run.size() > 9) return std::nullopt;
    std::int64_t value = 0;
    for (const char c : run) value = value * 10 + (c - '0');
    return value;
  }

  static std::int64_t fullYear(std::string_view run, std::int64_t value) {
    if (run.size() > 2) return value;
    return value + (value < 70 ? 2000 : 1900);
  }

  std::optional<Failure> number() {
    const auto start = m_at;
    const auto run = digits();
    if (peek() == ':') {
      m_at = start;
      return time();
    }
    const bool delimited =
        (peek() == '-' || peek() == '/' || peek() == '.') && (isDigit(peek(1)) || isAsciiLetter(peek(1)));
    if (delimited && !m_fields->year && !m_fields->day && !m_afterT) {
      m_at = start;
      return delimitedDate();
    }
    return plainNumber(run);
  }

  /// 2025-11-12, 2025-Nov-12, 12-Nov-2025, 11/12/2025.
  std::optional<Failure> delimitedDate() {
    const auto first = digits();
    const char delimiter = peek();
    ++m_at;
    std::optional<int> named;
    std::string_view second;
    if (isAsciiLetter(peek())) {
      named = findName(kMonths, letters());
      if (!named) return Failure::Syntax;
    } else {
      second = digits();
    }
    if (peek() != delimiter) return Failure::Syntax;
    ++m_at;
    const auto third = digits();
    const auto a = valueOf(first);
    const auto b = named ? std::int64_t{*named + 1} : valueOf(second);
    const auto c = valueOf(third);
    if (!a || !b || !c) return first.size() > 9 || third.size() > 9 ? Failure::Range : Failure::Syntax;
    if (first.size() > 2) return setDate(*a, *b, *c);        // year first
    if (named) return setDate(fullYear(third, *c), *b, *a);  // day first
    return setDate(fullYear(third, *c), *a, *b);             // month first
  }

  std::optional<Failure> setDate(std::int64_t year, std::int64_t month, std::int64_t day) {
    if (month > 12 || day > 31) return Failure::Range;
    m_fields->year = year;
    m_fields->month = static_cast<int>(month);
    m_fields->day = static_cast<int>(day);
    return std::nullopt;
  }

  /// A run of digits with nothing tied to it: 20251112, 101500, or a day or year beside a month's
  /// name.
  std::optional<Failure> plainNumber(std::string_view run) {
    const auto value = valueOf(run);
    if (!value) return Failure::Syntax;
    const bool clock = run.size() == 6 || run.size() == 4;
    const bool dateKnown = (m_fields->year && m_fields->day) || (m_timeOnly && clock && !m_fields->day);
    if (m_afterT || dateKnown) {
      if (m_fields->time || !clock) return Failure::Syntax;
      const auto parts = run.size() == 6 ? *value : *value * 100;
      return setTime(parts / 10000, parts / 100 % 100, parts % 100, fraction());
    }
    if (!m_fields->month && run.size() > 2) {
      if (run.size() != 8 && run.size() != 6) return Failure::Syntax;
      const auto year = run.size() == 8 ? *value / 10000 : fullYear(run.substr(0, 2), *value / 10000);
      return setDate(year, *value / 100 % 100, *value % 100);
    }
    if (!m_fields->day && run.size() <= 2) {
      m_fields->day = static_cast<int>(*value);
      return *value > 31 ? std::optional(Failure::Range) : std::nullopt;
    }
    if (m_fields->year) return Failure::Syntax;
    m_fields->year = fullYear(run, *value);
    return std::nullopt;
  }

  /// Reads ".123456" rounded to microseconds; 0 where there is none.
  std::int64_t fraction() {
    if (peek() != '.') return 0;
    ++m_at;
    const auto run = digits();
    std::int64_t micros = 0;
    for (std::size_t i = 0; i < kFractionDigits; ++i) micros = micros * 10 + (i < run.size() ? run[i] - '0' : 0);
    return micros + (run.size() > kFractionDigits && run[kFractionDigits] >= '5' ? 1 : 0);
  }

  std::optional<Failure> time() {
    if (m_fields->time) return Failure::Syntax;
    const auto hours = valueOf(digits());
    ++m_at;  // the colon
    const auto minutes = valueOf(digits());
    if (!hours || !minutes) return Failure::Syntax;
    std::optional<std::int64_t> seconds = 0;
    std::int64_t micros = 0;
    if (peek() == ':') {
      ++m_at;
      seconds = valueOf(digits());
      if (!seconds) return Failure::Syntax;
      micros = fraction();
    }
    return setTime(*hours, *minutes, *seconds, micros);
  }

  std::optional<Failure> setTime(std::int64_t hours, std::int64_t minutes, std::int64_t seconds, std::int64_t micros) {
    const auto total = ((hours * 60 + minutes) * 60 + seconds) * kMicrosPerSecond + micros;
    // A leap second and midnight as 24:00 roll over, as in PostgreSQL.
    if (minutes > 59 || seconds > 60 || hours > 24 || total > kMicrosPerDay) return Failure::Range;
    m_fields->time = total;
    return std::nullopt;
  }

  std::optional<Failure> sign() {
    const bool negative = m_text[m_at] == '-';
    ++m_at;
    if (negative && isAsciiLetter(peek())) {
      const auto name = letters();
      if (name != "infinity" && name != "inf") return Failure::Syntax;
      return setSpecial(Fields::Special::MinusInfinity);
    }
    // A zone stands behind a time or a whole date.
    const bool dated = m_fields->year && m_fields->month && m_fields->day;
    if (!isDigit(peek()) || !(m_fields->time || dated) || m_fields->offsetSeconds) return Failure::Syntax;
    auto run = digits();
    std::int64_t hours = 0;
    std::int64_t minutes = 0;
    std::int64_t seconds = 0;
    if (run.size() > 2 && run.size() <= 4) {
      hours = *valueOf(run.substr(0, run.size() - 2));
      minutes = *valueOf(run.substr(run.size() - 2));
    } else if (run.size() <= 2) {
      hours = *valueOf(run);
    } else {
      return Failure::Syntax;
    }
    for (auto* part : {&minutes, &seconds}) {
      if (peek() != ':' || !isDigit(peek(1))) break;
      ++m_at;
      *part = valueOf(digits()).value_or(60);
    }
    if (hours > 15 || minutes > 59 || seconds > 59) return Failure::Range;
    const auto offset = static_cast<int>(hours * 3600 + minutes * 60 + seconds);
    m_fields->offsetSeconds = negative ? -offset : offset;
    return std::nullopt;
  }

  std::optional<Failure> setSpecial(Fields::Special special) {
    // Only blanks may stand beside it.
    if (m_fields->special != Fields::Special::None || m_at != m_text.size()) return Failure::Syntax;
    m_fields->special = special;
    return std::nullopt;
  }

  std::optional<Failure> word() {
    const auto start = m_at;
    const auto name = letters();
    auto& fields = *m_fields;
    if (name == "t" && (fields.day || (m_timeOnly && start == 0)) && !fields.time && isDigit(peek())) {
      m_afterT = true;
      return std::nullopt;
    }
    if (m_timeOnly && name == "allballs" && !fields.time) {
      fields.time = 0;
      return std::nullopt;
    }
    if (start == 0 && !m_timeOnly) {
      if (name == "infinity" || name == "inf") return setSpecial(Fields::Special::Infinity);
      if (name == "epoch") return setSpecial(Fields::Special::Epoch);
    }
    if (name == "bc" || name == "ad") {
      fields.beforeChrist = name == "bc";
      return std::nullopt;
    }
    if ((name == "am" || name == "pm") && fields.time && !fields.afternoon) {
      fields.afternoon = name == "pm";
      return std::nullopt;
    }
    if (const auto month = findName(kMonths, name)) {
      if (fields.month) return Failure::Syntax;
      fields.month = *month + 1;
      return std::nullopt;
    }
    if (findName(kWeekdays, name)) return std::nullopt;  // PostgreSQL does not check it either
    return zone(start, name);
  }

  std::optional<Failure> zone(std::size_t start, const std::string& name) {
    auto& fields = *m_fields;
    if (fields.offsetSeconds || !fields.zoneName.empty()) return Failure::Syntax;
    if (!fields.day && !(m_timeOnly && fields.time)) return Failure::Syntax;
    if (name == "z" || name == "utc" || name == "gmt" || name == "zulu") {
      fields.offsetSeconds = 0;
      return std::nullopt;
    }
    for (const auto& [abbreviation, hours] : kAbbreviations) {
      if (abbreviation != name) continue;
      fields.offsetSeconds = hours * 3600;
      return std::nullopt;
    }
    while (m_at < m_text.size() && !isBlank(m_text[m_at])) ++m_at;
    fields.zoneName = m_text.substr(start, m_at - start);
    return std::nullopt;
  }

  std::optional<Failure> finish() {
    auto& fields = *m_fields;
    if (fields.special != Fields::Special::None) return std::nullopt;
    if (m_timeOnly && !fields.year && !fields.month && !fields.day && fields.time) return finishClock();
    if (!fields.year || !fields.month || !fields.day) return Failure::Syntax;
    if (m_timeOnly && !fields.time) return Failure::Syntax;
    if (fields.beforeChrist) {
      if (*fields.year < 1) return Failure::Range;
      fields.year = 1 - *fields.year;
    } else if (*fields.year < 1) {
      return Failure::Range;
    }
    if (*fields.month < 1 || *fields.day < 1 || *fields.day > daysInMonth(*fields.year, *fields.month))
      return Failure::Range;
    return finishClock();
  }

  std::optional<Failure> finishClock() {
    auto& fields = *m_fields;
    if (fields.afternoon) {
      const auto hours = *fields.time / kMicrosPerHour;
      if (hours < 1 || hours > 12) return Failure::Range;
      if (*fields.afternoon && hours < 12) *fields.time += 12 * kMicrosPerHour;
      if (!*fields.afternoon && hours == 12) *fields.time -= 12 * kMicrosPerHour;
    }
    return std::nullopt;
  }

  std::string_view m_text;
  std::size_t m_at = 0;
  bool m_timeOnly;
  bool m_afterT = false;
  Fields* m_fields = nullptr;
};

Error failed(Failure failure, std::string_view text, std::string_view type) {
  if (failure == Failure::Range)
    return makeError(ErrorKind::DatetimeFieldOverflow, "date/time field value out of range: \"{}\"", text);
  return makeError(ErrorKind::InvalidDatetimeFormat, "invalid input syntax for type {}: \"{}\"", type, text);
}

Error outOfRange(std::string_view type, std::string_view text) {
  return makeError(ErrorKind::DatetimeFieldOverflow, "{} out of range: \"{}\"", type, text);
}

std::int64_t daysOf(const Fields& fields) { return daysFromCivil(*fields.year, *fields.month, *fields.day); }

/// A zone word that is no zone is a syntax error, unless it looks like a name of one.
Result<TimeZone> zoneOf(const Fields& fields, std::string_view text, std::string_view type) {
  auto zone = TimeZone::find(fields.zoneName);
  if (!zone && fields.zoneName.find('/') == std::string::npos) return failed(Failure::Syntax, text, type);
  return zone;
}

/// The local time, at most a day out of range, and the fields, of which the caller takes the zone.
Result<TimeMicros> parseLocal(std::string_view text, std::string_view type, Fields& fields) {
  if (const auto failure = Scanner(text).scan(fields)) return failed(*failure, text, type);
  switch (fields.special) {
    case Fields::Special::Infinity: return kTimeInfinity;
    case Fields::Special::MinusInfinity: return kTimeMinusInfinity;
    case Fields::Special::Epoch: fields.offsetSeconds = 0; return TimeMicros{0};
    case Fields::Special::None: break;
  }
  const auto micros = Int128{daysOf(fields)} * kMicrosPerDay + fields.time.value_or(0);
  // A zone may bring it back into the range by less than a day; the callers check that.
  if (micros < kTimeMin - kMicrosPerDay || micros >= kTimeEnd + kMicrosPerDay) return outOfRange("timestamp", text);
  return static_cast<TimeMicros>(micros);
}

/// Reads the plain form YYYY-MM-DD, which bulk loads consist of.
std::optional<std::int64_t> parsePlainDate(std::string_view text) {
  if (text.size() != 10 || text[4] != '-' || text[7] != '-') return std::nullopt;
  int value[8];
  int count = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (i == 4 || i == 7) continue;
    if (!isDigit(text[i])) return std::nullopt;
    value[count++] = text[i] - '0';
  }
  const int year = value[0] * 1000 + value[1] * 100 + value[2] * 10 + value[3];
  const int month = value[4] * 10 + value[5];
  const int day = value[6] * 10 + value[7];
  if (year < 1 || month < 1 || month > 12 || day < 1 || day > daysInMonth(year, month)) return std::nullopt;
  return daysFromCivil(year, month, day);
}

void appendPadded(std::string& out, int value, int width) {
  std::array<char, 12> buffer;
  int at = static_cast<int>(buffer.size());
  for (; value > 0 || width > 0; value /= 10, --width)
    buffer[static_cast<std::size_t>(--at)] = static_cast<char>('0' + value % 10);
  out.append(buffer.data() + at, buffer.size() - static_cast<std::size_t>(at));
}

void appendCivilDate(std::string& out, const CivilDate& date) {
  appendPadded(out, date.year > 0 ? date.year : 1 - date.year, 4);
  out += '-';
  appendPadded(out, date.month, 2);
  out += '-';
  appendPadded(out, date.day, 2);
}

void appendFraction(std::string& out, std::int64_t micros) {
  if (micros == 0) return;
  out += '.';
  appendPadded(out, static_cast<int>(micros), kFractionDigits);
  while (out.back() == '0') out.pop_back();
}

void appendClock(std::string& out, std::int64_t micros) {
  appendPadded(out, static_cast<int>(micros / kMicrosPerHour), 2);
  out += ':';
  appendPadded(out, static_cast<int>(micros / kMicrosPerMinute % 60), 2);
  out += ':';
  appendPadded(out, static_cast<int>(micros / kMicrosPerSecond % 60), 2);
  appendFraction(out, micros % kMicrosPerSecond);
}

bool appendInfinity(std::string& out, TimeMicros micros) {
  if (!isInfiniteTime(micros)) return false;
  out += micros > 0 ? "infinity" : "-infinity";
  return true;
}

}  // namespace

void appendDate(std::string& out, std::int32_t days) {
  if (isInfiniteDate(days)) {
    out += days > 0 ? "infinity" : "-infinity";
    return;
  }
  const auto date = civilFromDays(days);
  appendCivilDate(out, date);
  if (date.year <= 0) out += " BC";
}

void appendTime(std::string& out, TimeMicros microsOfDay) { appendClock(out, microsOfDay); }

void appendTimestamp(std::string& out, TimeMicros local) {
  if (appendInfinity(out, local)) return;
  const auto civil = civilFromMicros(local);
  appendCivilDate(out, civil.date);
  out += ' ';
  appendClock(out, civil.microsOfDay);
  if (civil.date.year <= 0) out += " BC";
}

void appendTimestampTz(std::string& out, TimeMicros utc, const TimeZone& zone) {
  if (appendInfinity(out, utc)) return;
  const int offset = zone.offsetSecondsAt(utc);
  const auto civil = civilFromMicros(utc + offset * kMicrosPerSecond);
  appendCivilDate(out, civil.date);
  out += ' ';
  appendClock(out, civil.microsOfDay);
  appendOffset(out, offset);
  if (civil.date.year <= 0) out += " BC";
}

Result<std::int32_t> parseDate(std::string_view text) {
  if (const auto days = parsePlainDate(text)) return static_cast<std::int32_t>(*days);
  Fields fields;
  if (const auto failure = Scanner(text).scan(fields)) return failed(*failure, text, "date");
  switch (fields.special) {
    case Fields::Special::Infinity: return kDateInfinity;
    case Fields::Special::MinusInfinity: return kDateMinusInfinity;
    case Fields::Special::Epoch: return 0;
    case Fields::Special::None: break;
  }
  if (!fields.zoneName.empty()) DRIFT_TRY(zoneOf(fields, text, "date"));
  const auto days = checkDate(daysOf(fields));
  if (!days) return outOfRange("date", text);
  return *days;
}

Result<TimeMicros> parseTime(std::string_view text) {
  Fields fields;
  if (const auto failure = Scanner(text, Scanner::Wanted::Time).scan(fields)) return failed(*failure, text, "time");
  if (!fields.zoneName.empty()) {
    // What a named zone says depends on the day.
    if (!fields.day) return failed(Failure::Syntax, text, "time");
    DRIFT_TRY(zoneOf(fields, text, "time"));
  }
  return *fields.time;
}

Result<TimeMicros> parseTimestamp(std::string_view text) {
  Fields fields;
  DRIFT_ASSIGN(const auto local, parseLocal(text, "timestamp", fields));
  if (!fields.zoneName.empty()) DRIFT_TRY(zoneOf(fields, text, "timestamp"));
  if (!isInfiniteTime(local) && !checkTime(local)) return outOfRange("timestamp", text);
  return local;
}

Result<TimeMicros> parseTimestampTz(std::string_view text, const TimeZone& zone) {
  constexpr std::string_view kType = "timestamp with time zone";
  Fields fields;
  DRIFT_ASSIGN(const auto local, parseLocal(text, kType, fields));
  if (isInfiniteTime(local)) return local;
  TimeMicros utc = local;
  if (fields.offsetSeconds) {
    utc = local - *fields.offsetSeconds * kMicrosPerSecond;
  } else if (!fields.zoneName.empty()) {
    DRIFT_ASSIGN(const auto named, zoneOf(fields, text, kType));
    utc = named.toUtc(local);
  } else {
    utc = zone.toUtc(local);
  }
  if (!checkTime(utc).ok()) return outOfRange("timestamp", text);
  return utc;
}

void appendInterval(std::string& out, const Interval& interval) {
  // A sign is written where it differs from the field before it, as PostgreSQL does.
  bool negativeBefore = false;
  const auto start = out.size();
  const auto part = [&](std::int64_t value, std::string_view unit) {
    if (value == 0) return;
    if (out.size() > start) out += ' ';
    if (value > 0 && negativeBefore) out += '+';
    fmt::format_to(std::back_inserter(out), "{} {}{}", value, unit, value == 1 ? "" : "s");
    negativeBefore = value < 0;
  };
  part(interval.months / 12, "year");
  part(interval.months % 12, "mon");
  part(interval.days, "day");
  if (interval.micros == 0 && out.size() > start) return;
  if (out.size() > start) out += ' ';
  if (interval.micros < 0) out += '-';
  else if (negativeBefore) out += '+';
  const auto magnitude =
      interval.micros < 0 ? -static_cast<std::uint64_t>(interval.micros) : static_cast<std::uint64_t>(interval.micros);
  const auto hours = magnitude / kMicrosPerHour;
  fmt::format_to(std::back_inserter(out), "{:02}", hours);
  out += ':';
  appendPadded(out, static_cast<int>(magnitude / kMicrosPerMinute % 60), 2);
  out += ':';
  appendPadded(out, static_cast<int>(magnitude / kMicrosPerSecond % 60), 2);
  appendFraction(out, static_cast<std::int64_t>(magnitude % kMicrosPerSecond));
}

}  // namespace drift::types
