// Reading of intervals, apart from the other date-time forms.
#include <array>
#include <cmath>
#include <optional>
#include <utility>

#include "types/ascii.h"
#include "types/calendar.h"
#include "types/datetime_text.h"

namespace drift::types {

namespace {

enum class Failure { Syntax, Range };

enum class Unit { Microsecond, Millisecond, Second, Minute, Hour, Day, Week, Month, Year, Decade, Century, Millennium };

constexpr std::array<std::pair<std::string_view, Unit>, 53> kUnits{{
    {"us", Unit::Microsecond},
    {"usec", Unit::Microsecond},
    {"usecs", Unit::Microsecond},
    {"microsecond", Unit::Microsecond},
    {"microseconds", Unit::Microsecond},
    {"ms", Unit::Millisecond},
    {"msec", Unit::Millisecond},
    {"msecs", Unit::Millisecond},
    {"millisecond", Unit::Millisecond},
    {"milliseconds", Unit::Millisecond},
    {"s", Unit::Second},
    {"sec", Unit::Second},
    {"secs", Unit::Second},
    {"second", Unit::Second},
    {"seconds", Unit::Second},
    {"m", Unit::Minute},
    {"min", Unit::Minute},
    {"mins", Unit::Minute},
    {"minute", Unit::Minute},
    {"minutes", Unit::Minute},
    {"h", Unit::Hour},
    {"hr", Unit::Hour},
    {"hrs", Unit::Hour},
    {"hour", Unit::Hour},
    {"hours", Unit::Hour},
    {"d", Unit::Day},
    {"day", Unit::Day},
    {"days", Unit::Day},
    {"w", Unit::Week},
    {"week", Unit::Week},
    {"weeks", Unit::Week},
    {"mon", Unit::Month},
    {"mons", Unit::Month},
    {"month", Unit::Month},
    {"months", Unit::Month},
    {"y", Unit::Year},
    {"yr", Unit::Year},
    {"yrs", Unit::Year},
    {"year", Unit::Year},
    {"years", Unit::Year},
    {"dec", Unit::Decade},
    {"decs", Unit::Decade},
    {"decade", Unit::Decade},
    {"decades", Unit::Decade},
    {"c", Unit::Century},
    {"cent", Unit::Century},
    {"century", Unit::Century},
    {"centuries", Unit::Century},
    {"mil", Unit::Millennium},
    {"mils", Unit::Millennium},
    {"millennium", Unit::Millennium},
    {"millennia", Unit::Millennium},
    {"millenniums", Unit::Millennium},
}};

std::optional<Unit> findUnit(std::string_view word) {
  for (const auto& [name, unit] : kUnits)
    if (name == word) return unit;
  return std::nullopt;
}

/// A number as written: the sign applies to both parts.
struct Number {
  bool negative = false;
  bool hasSign = false;
  std::int64_t whole = 0;
  double fraction = 0;

  Int128 signedWhole() const { return negative ? -Int128{whole} : Int128{whole}; }
  double signedFraction() const { return negative ? -fraction : fraction; }
};

/// Reads an interval from left to right. One use.
class IntervalScanner final {
 public:
  explicit IntervalScanner(std::string_view text) : m_text(trimBlanks(text)) {}

  std::optional<Failure> scan(Interval& result) {
    if (m_text.empty()) return Failure::Syntax;
    const bool iso = m_text[0] == 'P' || m_text[0] == 'p';
    if (const auto failure = iso ? scanIso() : scanWords()) return failure;
    const auto fits = [](Int128 value, Int128 max) { return value <= max && value >= -max - 1; };
    if (!fits(m_months, std::numeric_limits<std::int32_t>::max()) ||
        !fits(m_days, std::numeric_limits<std::int32_t>::max()) ||
        !fits(m_micros, std::numeric_limits<std::int64_t>::max()))
      return Failure::Range;
    result = {static_cast<std::int64_t>(m_micros), static_cast<std::int32_t>(m_days),
              static_cast<std::int32_t>(m_months)};
    return std::nullopt;
  }

 private:
  char peek(std::size_t ahead = 0) const { return m_at + ahead < m_text.size() ? m_text[m_at + ahead] : '\0'; }

  std::optional<std::int64_t> digits() {
    std::int64_t value = 0;
    const auto start = m_at;
    for (; isDigit(peek()); ++m_at) {
      if (m_at - start >= 17) return std::nullopt;
      value = value * 10 + (peek() - '0');
    }
    return value;
  }

  /// Reads [sign] digits [. digits]; the caller saw that one starts here.
  std::optional<Number> number() {
    Number result;
    if (peek() == '+' || peek() == '-') {
      result.hasSign = true;
      result.negative = peek() == '-';
      ++m_at;
    }
    if (!isDigit(peek()) && !(peek() == '.' && isDigit(peek(1)))) return std::nullopt;
    const auto whole = digits();
    if (!whole) return std::nullopt;
    result.whole = *whole;
    if (peek() == '.') {
      ++m_at;
      double unit = 0.1;
      for (; isDigit(peek()); ++m_at, unit /= 10) result.fraction += (peek() - '0') * unit;
    }
    return result;
  }

  void addMicros(const Number& value, std::int64_t unit) {
    m_micros += value.signedWhole() * unit +
                static_cast<std::int64_t>(std::rint(value.signedFraction() * static_cast<double>(unit)));
  }

  /// Days with their fraction as time.
  void addDays(Int128 whole, double fraction) {
    m_days += whole + static_cast<std::int64_t>(fraction);
    const double rest = fraction - std::trunc(fraction);
    m_micros += static_cast<std::int64_t>(std::rint(rest * static_cast<double>(kMicrosPerDay)));
  }

  void addYears(const Number& value, int years) {
    m_months +=
        value.signedWhole() * 12 * years + static_cast<std::int64_t>(std::rint(value.signedFraction() * 12 * years));
  }

  void addUnit(const Number& value, Unit unit) {
    switch (unit) {
      case Unit::Microsecond: return addMicros(value, 1);
      case Unit::Millisecond: return addMicros(value, 1000);
      case Unit::Second: return addMicros(value, kMicrosPerSecond);
      case Unit::Minute: return addMicros(value, kMicrosPerMinute);
      case Unit::Hour: return addMicros(value, kMicrosPerHour);
      case Unit::Day: return addDays(value.signedWhole(), value.signedFraction());
      case Unit::Week: return addDays(value.signedWhole() * 7, value.signedFraction() * 7);
      case Unit::Month: m_months += value.signedWhole(); return addDays(0, value.signedFraction() * 30);
      case Unit::Year: return addYears(value, 1);
      case Unit::Decade: return addYears(value, 10);
      case Unit::Century: return addYears(value, 100);
      case Unit::Millennium: return addYears(value, 1000);
    }
  }

  /// HH:MM[:SS[.f]] after its hours were read; the sign holds for all of it.
  std::optional<Failure> clock(const Number& hours) {
    ++m_at;  // the colon
    Number minutes{hours.negative, false, 0, 0};
    Number seconds = minutes;
    const auto read = digits();
    if (!read) return Failure::Syntax;
    minutes.whole = *read;
    if (peek() == ':') {
      ++m_at;
      const auto rest = isDigit(peek()) ? number() : std::nullopt;
      if (!rest) return Failure::Syntax;
      seconds.whole = rest->whole;
      seconds.fraction = rest->fraction;
    }
    if (hours.fraction != 0) return Failure::Syntax;
    if (minutes.whole > 59 || seconds.whole > 60) return Failure::Range;
    addMicros(hours, kMicrosPerHour);
    addMicros(minutes, kMicrosPerMinute);
    addMicros(seconds, kMicrosPerSecond);
    return std::nullopt;
  }

  std::optional<Failure> scanWords() {
    bool any = false;
    std::optional<Number> pending;  // a number whose unit has not come yet
    while (m_at < m_text.size()) {
      const char c = peek();
      if (isBlank(c) || c == '@') {
        ++m_at;
      } else if (isDigit(c) || c == '+' || c == '-' || c == '.') {
        const auto value = number();
        if (!value) return m_at < m_text.size() && isDigit(peek()) ? Failure::Range : Failure::Syntax;
        if (peek() == ':') {
          if (pending) addDays(pending->signedWhole(),
                               pending->signedFraction());  // '1 02:03' is a day and a time
          pending.reset();
          if (const auto failure = clock(*value)) return failure;
        } else if (peek() == '-' && isDigit(peek(1)) && !pending && value->fraction == 0) {
          ++m_at;
          const auto months = digits();
          if (!months) return Failure::Syntax;
          if (*months > 11) return Failure::Range;
          addYears(*value, 1);
          m_months += value->negative ? -Int128{*months} : Int128{*months};
        } else {
          if (pending) return Failure::Syntax;
          pending = *value;
        }
        any = true;
      } else if (isAsciiLetter(c)) {
        const auto start = m_at;
        while (isAsciiLetter(peek())) ++m_at;
        const auto word = lowerAscii(m_text.substr(start, m_at - start));
        if (word == "ago" && any && !pending && m_at == m_text.size()) {
          m_months = -m_months;
          m_days = -m_days;
          m_micros = -m_micros;
          return std::nullopt;
        }
        const auto unit = findUnit(word);
        if (!unit || !pending) return Failure::Syntax;
        addUnit(*pending, *unit);
        pending.reset();
      } else {
        return Failure::Syntax;
      }
    }
    if (pending) addUnit(*pending, Unit::Second);
    return any ? std::nullopt : std::optional(Failure::Syntax);
  }

  /// ISO 8601 with designators: P1Y2M3W4DT5H6M7.5S.
  std::optional<Failure> scanIso() {
    ++m_at;
    bool time = false;
    bool any = false;
    while (m_at < m_text.size()) {
      if ((peek() == 'T' || peek() == 't') && !time) {
        time = true;
        ++m_at;
        continue;
      }
      const auto value = number();
      if (!value) return Failure::Syntax;
      Unit unit;
      switch (toLowerAscii(peek())) {
        case 'y': unit = Unit::Year; break;
        case 'm': unit = time ? Unit::Minute : Unit::Month; break;
        case 'w': unit = Unit::Week; break;
        case 'd': unit = Unit::Day; break;
        case 'h': unit = Unit::Hour; break;
        case 's': unit = Unit::Second; break;
        default: return Failure::Syntax;
      }
      if (time != (unit == Unit::Hour || unit == Unit::Minute || unit == Unit::Second)) return Failure::Syntax;
      ++m_at;
      addUnit(*value, unit);
      any = true;
    }
    return any ? std::nullopt : std::optional(Failure::Syntax);
  }

  std::string_view m_text;
  std::size_t m_at = 0;
  Int128 m_months = 0;
  Int128 m_days = 0;
  Int128 m_micros = 0;
};

}  // namespace

Result<Interval> parseInterval(std::string_view text) {
  Interval result;
  const auto failure = IntervalScanner(text).scan(result);
  if (!failure) return result;
  if (*failure == Failure::Range)
    return makeError(ErrorKind::DatetimeFieldOverflow, "interval field value out of range: \"{}\"", text);
  return makeError(ErrorKind::InvalidDatetimeFormat, "invalid input syntax for type interval: \"{}\"", text);
}

}  // namespace drift::types
