#include "types/text.h"

#include <array>
#include <charconv>
#include <cmath>
#include <optional>

#include <fmt/format.h>

#include "types/array.h"
#include "types/ascii.h"
#include "types/calendar.h"
#include "types/datetime_text.h"
#include "types/json.h"
#include "types/time_zone.h"
#include "types/utf8.h"

namespace drift::types {

namespace {

constexpr std::string_view kHexDigits = "0123456789abcdef";

TimeZone zoneOf(const TextStyle& style) {
  auto zone = TimeZone::find(style.timeZone);
  return zone ? *std::move(zone) : TimeZone();
}

Error invalidText(std::string_view type, std::string_view text) {
  return makeError(ErrorKind::InvalidTextRepresentation, "invalid input syntax for type {}: \"{}\"", type, text);
}

void appendInteger(std::string& out, std::int64_t value) {
  std::array<char, 20> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value).ptr;
  out.append(buffer.data(), end);
}

/// The shortest digits that read back the same, laid out as PostgreSQL does (exponents of two
/// digits or more, scientific below 1e-4 and from 1e15).
void appendDouble(std::string& out, double value) {
  if (std::isnan(value)) {
    out += "NaN";
    return;
  }
  if (std::isinf(value)) {
    out += value < 0 ? "-Infinity" : "Infinity";
    return;
  }
  const double magnitude = std::abs(value);
  const bool scientific = magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e15);
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                 scientific ? std::chars_format::scientific : std::chars_format::fixed)
                       .ptr;
  out.append(buffer.data(), end);
}

/// As appendDouble() for the shortest digits that read back as the same float (scientific from 1e6).
void appendReal(std::string& out, double value) {
  if (std::isnan(value) || std::isinf(value)) return appendDouble(out, value);
  const double magnitude = std::abs(value);
  const bool scientific = magnitude != 0 && (magnitude < 1e-4 || magnitude >= 1e6);
  std::array<char, 40> buffer;
  const auto end = std::to_chars(buffer.data(), buffer.data() + buffer.size(), static_cast<float>(value),
                                 scientific ? std::chars_format::scientific : std::chars_format::fixed)
                       .ptr;
  out.append(buffer.data(), end);
}

void appendPadded(std::string& out, std::string_view text, std::uint32_t length) {
  out += text;
  const auto points = codePointCount(text);
  if (points < length) out.append(length - points, ' ');
}

void appendBytea(std::string& out, std::string_view bytes) {
  out += "\\x";
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    out += kHexDigits[byte >> 4];
    out += kHexDigits[byte & 15];
  }
}

void appendUuid(std::string& out, const Uuid& uuid) {
  for (std::size_t i = 0; i < uuid.bytes.size(); ++i) {
    if (i == 4 || i == 6 || i == 8 || i == 10) out += '-';
    out += kHexDigits[uuid.bytes[i] >> 4];
    out += kHexDigits[uuid.bytes[i] & 15];
  }
}

Result<bool> parseBoolean(std::string_view text) {
  const auto word = lowerAscii(trimBlanks(text));
  // Unique beginnings count, as PostgreSQL has it; "o" could be on or off.
  const auto begins = [&](std::string_view full, std::size_t least = 1) {
    return word.size() >= least && full.starts_with(word);
  };
  if (begins("true") || begins("yes") || begins("on", 2) || word == "1") return true;
  if (begins("false") || begins("no") || begins("off", 2) || word == "0") return false;
  return invalidText("boolean", text);
}

Result<std::int64_t> parseInteger(std::string_view text, std::int64_t min, std::int64_t max, std::string_view type) {
  auto digits = trimBlanks(text);
  if (digits.size() > 1 && digits[0] == '+' && isDigit(digits[1])) digits.remove_prefix(1);
  std::int64_t value = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (end != digits.data() + digits.size() || status == std::errc::invalid_argument) return invalidText(type, text);
  if (status == std::errc::result_out_of_range || value < min || value > max)
    return makeError(ErrorKind::NumericValueOutOfRange, "value \"{}\" is out of range for type {}", text, type);
  return value;
}

/// A double, or a float that is rounded once, from the text.
template <class T>
Result<double> parseFloating(std::string_view text, std::string_view type) {
  auto digits = trimBlanks(text);
  if (digits.size() > 1 && digits[0] == '+' && digits[1] != '-') digits.remove_prefix(1);
  T value = 0;
  const auto [end, status] = std::from_chars(digits.data(), digits.data() + digits.size(), value);
  if (digits.empty() || end != digits.data() + digits.size() || status == std::errc::invalid_argument)
    return invalidText(type, text);
  if (status == std::errc::result_out_of_range)
    return makeError(ErrorKind::NumericValueOutOfRange, "\"{}\" is out of range for type {}", text, type);
  return value;
}

std::optional<unsigned> hexDigit(char c) {
  if (isDigit(c)) return c - '0';
  const char lower = toLowerAscii(c);
  if (lower >= 'a' && lower <= 'f') return lower - 'a' + 10;
  return std::nullopt;
}

Result<std::string> parseHexBytes(std::string_view digits) {
  std::string bytes;
  bytes.reserve(digits.size() / 2);
  std::optional<unsigned> high;
  for (const char c : digits) {
    if (isBlank(c) && !high) continue;
    const auto digit = hexDigit(c);
    if (!digit) return makeError(ErrorKind::InvalidParameterValue, "invalid hexadecimal digit: \"{}\"", c);
    if (high) bytes += static_cast<char>(*std::exchange(high, std::nullopt) << 4 | *digit);
    else high = digit;
  }
  if (high) return Error(ErrorKind::InvalidParameterValue, "invalid hexadecimal data: odd number of digits");
  return bytes;
}

/// PostgreSQL's two formats: \x and hex digits, or plain bytes with \\ and \ooo.
Result<std::string> parseBytea(std::string_view text) {
  if (text.starts_with("\\x")) return parseHexBytes(text.substr(2));
  std::string bytes;
  const auto isOctal = [&](std::size_t at, char max) { return text[at] >= '0' && text[at] <= max; };
  for (std::size_t at = 0; at < text.size(); ++at) {
    if (text[at] != '\\') {
      bytes += text[at];
    } else if (at + 1 < text.size() && text[at + 1] == '\\') {
      bytes += '\\';
      ++at;
    } else if (at + 3 < text.size() && isOctal(at + 1, '3') && isOctal(at + 2, '7') && isOctal(at + 3, '7')) {
      bytes += static_cast<char>((text[at + 1] - '0') << 6 | (text[at + 2] - '0') << 3 | (text[at + 3] - '0'));
      at += 3;
    } else {
      return Error(ErrorKind::InvalidTextRepresentation, "invalid input syntax for type bytea");
    }
  }
  return bytes;
}

/// 32 hex digits, with a hyphen allowed after each group of four, in braces or not.
Result<Uuid> parseUuid(std::string_view text) {
  auto digits = text;
  if (digits.size() > 2 && digits.front() == '{' && digits.back() == '}') digits = digits.substr(1, digits.size() - 2);
  Uuid uuid;
  std::size_t count = 0;
  for (std::size_t at = 0; at < digits.size(); ++at) {
    if (digits[at] == '-' && count > 0 && count % 4 == 0 && count < 32 && digits[at - 1] != '-') continue;
    const auto digit = hexDigit(digits[at]);
    if (!digit || count == 32) return invalidText("uuid", text);
    auto& byte = uuid.bytes[count / 2];
    byte = static_cast<std::uint8_t>(byte << 4 | *digit);
    ++count;
  }
  if (count != 32) return invalidText("uuid", text);
  return uuid;
}

Status checkUtf8(std::string_view text) {
  if (isValidUtf8(text)) return {};
  return Error(ErrorKind::InvalidByteSequence, "invalid byte sequence for encoding \"UTF8\"");
}

Result<Value> parseString(std::string_view text, Type type) {
  DRIFT_TRY(checkUtf8(text));
  auto kept = text;
  if (type.length() > 0) {
    kept = text.substr(0, codePointOffset(text, type.length()));
    // Blanks beyond the limit are cut without a word, as the standard has it.
    if (text.find_first_not_of(' ', kept.size()) != text.npos)
      return makeError(ErrorKind::StringDataRightTruncation, "value too long for type {}", type.name());
  }
  if (type.id() == TypeId::Char) kept = withoutBlanksAtEnd(kept);
  return Value(type, std::string(kept));
}

/// Appends whatever a variant or a vector entry holds; `get` gives a value of the asked C++ type.
template <class Get>
void appendAs(std::string& out, Type type, const TextStyle& style, const Get& get) {
  switch (type.id()) {
    case TypeId::Boolean: out += get.boolean() ? 't' : 'f'; break;
    case TypeId::SmallInt:
    case TypeId::Integer:
    case TypeId::BigInt: appendInteger(out, get.integer()); break;
    case TypeId::Double: appendDouble(out, get.real()); break;
    case TypeId::Real: appendReal(out, get.real()); break;
    case TypeId::Numeric: out += toString(get.decimal()); break;
    case TypeId::Unknown:
    case TypeId::Text:
    case TypeId::Varchar:
    case TypeId::Json: out += get.string(); break;
    case TypeId::Char: appendPadded(out, get.string(), type.length()); break;
    case TypeId::Jsonb: appendJsonbText(out, get.string()); break;
    case TypeId::Array: appendArrayText(out, get.string(), type.element(), style); break;
    case TypeId::Bytea: appendBytea(out, get.string()); break;
    case TypeId::Date: appendDate(out, static_cast<std::int32_t>(get.integer())); break;
    case TypeId::Time: appendTime(out, get.integer()); break;
    case TypeId::Timestamp: appendTimestamp(out, get.integer()); break;
    case TypeId::TimestampTz: appendTimestampTz(out, get.integer(), zoneOf(style)); break;
    case TypeId::Uuid: appendUuid(out, get.uuid()); break;
    case TypeId::Interval: appendInterval(out, get.interval()); break;
  }
}

struct FromValue {
  const Value& value;
  bool boolean() const { return value.asBool(); }
  std::int64_t integer() const { return value.asInt(); }
  double real() const { return value.asDouble(); }
  const Decimal& decimal() const { return value.asDecimal(); }
  std::string_view string() const { return value.asString(); }
  const Uuid& uuid() const { return value.asUuid(); }
  const Interval& interval() const { return value.asInterval(); }
};

struct FromVector {
  VectorView view;
  std::size_t row;
  PhysicalType physical;
  bool boolean() const { return view.at<std::uint8_t>(row) != 0; }
  std::int64_t integer() const {
    if (physical == PhysicalType::Int16) return view.at<std::int16_t>(row);
    if (physical == PhysicalType::Int32) return view.at<std::int32_t>(row);
    return view.at<std::int64_t>(row);
  }
  double real() const { return view.at<double>(row); }
  const Decimal& decimal() const { return view.at<Decimal>(row); }
  std::string_view string() const { return view.at<StringRef>(row).view(); }
  const Uuid& uuid() const { return view.at<Uuid>(row); }
  const Interval& interval() const { return view.at<Interval>(row); }
};

}  // namespace

std::string toText(const Value& value, const TextStyle& style) {
  std::string out;
  appendAs(out, value.type(), style, FromValue{value});
  return out;
}

void appendText(std::string& out, const Vector& vector, std::size_t row, const TextStyle& style) {
  appendAs(out, vector.type(), style, FromVector{vector.view(), row, vector.type().physical()});
}

Result<Value> parseText(std::string_view text, Type type, const TextStyle& style) {
  switch (type.id()) {
    case TypeId::Boolean: {
      DRIFT_ASSIGN(const bool value, parseBoolean(text));
      return Value::boolean(value);
    }
    case TypeId::SmallInt: {
      DRIFT_ASSIGN(const auto value, parseInteger(text, INT16_MIN, INT16_MAX, "smallint"));
      return Value(type, value);
    }
    case TypeId::Integer: {
      DRIFT_ASSIGN(const auto value, parseInteger(text, INT32_MIN, INT32_MAX, "integer"));
      return Value(type, value);
    }
    case TypeId::BigInt: {
      DRIFT_ASSIGN(const auto value, parseInteger(text, INT64_MIN, INT64_MAX, "bigint"));
      return Value(type, value);
    }
    case TypeId::Double: {
      DRIFT_ASSIGN(const double value, parseFloating<double>(text, "double precision"));
      return Value(type, value);
    }
    case TypeId::Real: {
      DRIFT_ASSIGN(const double value, parseFloating<float>(text, "real"));
      return Value(type, value);
    }
    case TypeId::Time: {
      DRIFT_ASSIGN(const auto value, parseTime(text));
      return Value(type, roundFraction(value, type.fractionDigits()));
    }
    case TypeId::Numeric: {
      if (!type.precision()) {
        DRIFT_ASSIGN(const auto value, parseDecimal(text));
        return Value(type, value);
      }
      DRIFT_ASSIGN(const auto value, parseDecimalRounded(text, type.scale()));
      DRIFT_ASSIGN(const auto scaled, rescale(value, type.precision(), type.scale()));
      return Value(type, scaled);
    }
    case TypeId::Unknown:
    case TypeId::Text:
    case TypeId::Varchar:
    case TypeId::Char: return parseString(text, type);
    case TypeId::Bytea: {
      DRIFT_ASSIGN(auto value, parseBytea(text));
      return Value(type, std::move(value));
    }
    case TypeId::Date: {
      DRIFT_ASSIGN(const auto value, parseDate(text));
      return Value(type, std::int64_t{value});
    }
    case TypeId::Timestamp: {
      DRIFT_ASSIGN(const auto value, parseTimestamp(text));
      return Value(type, roundFraction(value, type.fractionDigits()));
    }
    case TypeId::TimestampTz: {
      DRIFT_ASSIGN(const auto zone, TimeZone::find(style.timeZone));
      DRIFT_ASSIGN(const auto value, parseTimestampTz(text, zone));
      return Value(type, roundFraction(value, type.fractionDigits()));
    }
    case TypeId::Uuid: {
      DRIFT_ASSIGN(const auto value, parseUuid(text));
      return Value(type, value);
    }
    case TypeId::Interval: {
      DRIFT_ASSIGN(const auto value, parseInterval(text));
      return Value(type, value);
    }
    case TypeId::Array: {
      DRIFT_ASSIGN(auto blob, parseArrayText(text, type.element(), style));
      return Value(type, std::move(blob));
    }
    case TypeId::Json: {
      DRIFT_TRY(checkUtf8(text));
      DRIFT_TRY(checkJson(text));
      return Value(type, std::string(text));
    }
    case TypeId::Jsonb: {
      DRIFT_TRY(checkUtf8(text));
      DRIFT_ASSIGN(auto blob, parseJsonb(text));
      return Value(type, std::move(blob));
    }
  }
  return makeError(ErrorKind::CannotCoerce, "cannot read a value of type {}", type.name());
}

}  // namespace drift::types
