#include "types/key_encoding.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>

#include "types/calendar.h"
#include "types/wide_int.h"

namespace drift::types {

namespace {

// First byte of a part. On disk: do not change. Integers use 0x78 to 0x88.
constexpr char kPresent = 0x01;
constexpr char kNumericNegative = 0x10;
constexpr char kNumericZero = 0x20;
constexpr char kNumericPositive = 0x30;
constexpr char kNumericNan = 0x40;
constexpr int kIntegerZero = 0x80;
constexpr char kNull = static_cast<char>(0xff);

constexpr char kEscape = 0x00;  ///< in strings; followed by one of the next two
constexpr char kEscapedZero = static_cast<char>(0xff);
constexpr char kEnd = 0x00;
constexpr int kExponentBias = 64;  ///< numerics: 10^-38 to 10^38 become 26 to 102

/// Appends the lowest `size` bytes, highest first.
void appendBigEndian(std::string& out, std::uint64_t value, int size = 8) {
  std::array<char, 8> bytes;
  for (int i = 0; i < size; ++i) bytes[static_cast<std::size_t>(i)] = static_cast<char>(value >> (8 * (size - 1 - i)));
  out.append(bytes.data(), static_cast<std::size_t>(size));
}

/// The number of significant bytes leads, above 0x80 for positive and below for negative numbers,
/// so that all integer types share one short form.
void appendInteger(std::string& out, std::int64_t value) {
  const auto magnitude = value < 0 ? -static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
  const auto size = (static_cast<int>(std::bit_width(magnitude)) + 7) / 8;
  out += static_cast<char>(value < 0 ? kIntegerZero - size : kIntegerZero + size);
  appendBigEndian(out, value < 0 ? ~magnitude : magnitude, size);
}

void appendDouble(std::string& out, double value) {
  if (value == 0) value = 0;                                                // -0 and 0 are one key
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();  // positive: above infinity
  const auto bits = std::bit_cast<std::uint64_t>(value);
  out += kPresent;
  appendBigEndian(out, bits >> 63 ? ~bits : bits | 1ull << 63);
}

/// Sign, then exponent and digit pairs of 0.d1d2d3… * 10^exponent; a negative number inverts them.
void appendNumeric(std::string& out, const Decimal& value) {
  if (value.isNan()) {
    out += kNumericNan;
    return;
  }
  if (value.isZero()) {
    out += kNumericZero;
    return;
  }
  const auto plain = canonical(value);
  const bool negative = plain.isNegative();
  auto rest = static_cast<UInt128>(negative ? -plain.coefficient() : plain.coefficient());
  std::array<char, Decimal::kDigitsMax + 1> digits{};
  int count = digitCount(rest);
  const int exponent = count - plain.scale();
  for (int i = count - 1; i >= 0; --i, rest /= 10) digits[static_cast<std::size_t>(i)] = static_cast<char>(rest % 10);

  const char flip = negative ? static_cast<char>(0xff) : 0;
  out += negative ? kNumericNegative : kNumericPositive;
  out += static_cast<char>((exponent + kExponentBias) ^ flip);
  while (count > 0 && digits[static_cast<std::size_t>(count - 1)] == 0) --count;
  for (int i = 0; i < count; i += 2) {
    const auto at = static_cast<std::size_t>(i);
    out += static_cast<char>((digits[at] * 10 + digits[at + 1] + 1) ^ flip);  // digits[count] is a zero
  }
  out += static_cast<char>(kEnd ^ flip);
}

void appendString(std::string& out, std::string_view text) {
  out += kPresent;
  std::size_t at = 0;
  while (true) {
    const auto zero = text.find('\0', at);
    out.append(text, at, zero == text.npos ? text.npos : zero - at);
    if (zero == text.npos) break;
    out += kEscape;
    out += kEscapedZero;
    at = zero + 1;
  }
  out += kEscape;
  out += kEnd;
}

void appendInterval(std::string& out, const Interval& value) {
  const auto span = static_cast<UInt128>(intervalSpan(value)) ^ static_cast<UInt128>(1) << 127;
  out += kPresent;
  appendBigEndian(out, static_cast<std::uint64_t>(span >> 64));
  appendBigEndian(out, static_cast<std::uint64_t>(span));
}

void appendBool(std::string& out, bool value) {
  out += kPresent;
  out += static_cast<char>(value);
}

void appendUuid(std::string& out, const Uuid& value) {
  out += kPresent;
  out.append(reinterpret_cast<const char*>(value.bytes.data()), value.bytes.size());
}

void invertFrom(std::string& out, std::size_t start) {
  for (auto at = start; at < out.size(); ++at) out[at] = static_cast<char>(~out[at]);
}

Error malformed() { return Error(ErrorKind::DataCorrupted, "a key in the file is malformed"); }

/// Reads the parts of a key in turn. Every read is checked against the end.
class KeyReader final {
 public:
  explicit KeyReader(std::string_view key) : m_key(key) {}

  bool atEnd() const { return m_at == m_key.size(); }

  Result<Value> read(Type type) {
    if (atEnd()) return malformed();
    if (m_key[m_at] == kNull) {
      ++m_at;
      return Value::null(type);
    }
    switch (type.physical()) {
      case PhysicalType::Bool: return readBool(type);
      case PhysicalType::Int16: return readInteger(type, INT16_MIN, INT16_MAX);
      case PhysicalType::Int32: return readInteger(type, INT32_MIN, INT32_MAX);
      case PhysicalType::Int64: return readInteger(type, INT64_MIN, INT64_MAX);
      case PhysicalType::Double: return readDouble(type);
      case PhysicalType::Decimal: return readNumeric(type);
      case PhysicalType::String: return readString(type);
      case PhysicalType::Uuid: return readUuid(type);
      case PhysicalType::Interval: return readInterval(type);
    }
    return malformed();
  }

 private:
  /// Gives the next `size` bytes after a leading kPresent.
  Result<std::string_view> present(std::size_t size) {
    if (m_key[m_at] != kPresent || m_key.size() - m_at - 1 < size) return malformed();
    const auto bytes = m_key.substr(m_at + 1, size);
    m_at += 1 + size;
    return bytes;
  }

  static std::uint64_t bigEndian(std::string_view bytes) {
    std::uint64_t value = 0;
    for (const char c : bytes) value = value << 8 | static_cast<unsigned char>(c);
    return value;
  }

  Result<Value> readBool(Type type) {
    DRIFT_ASSIGN(const auto bytes, present(1));
    if (bytes[0] != 0 && bytes[0] != 1) return malformed();
    return Value(type, bytes[0] == 1);
  }

  Result<Value> readInteger(Type type, std::int64_t min, std::int64_t max) {
    const int lead = static_cast<unsigned char>(m_key[m_at]) - kIntegerZero;
    const auto size = static_cast<std::size_t>(std::abs(lead));
    if (size > 8 || m_key.size() - m_at - 1 < size) return malformed();
    auto magnitude = bigEndian(m_key.substr(m_at + 1, size));
    m_at += 1 + size;
    if (lead < 0) magnitude = ~magnitude & (size == 8 ? ~0ull : (1ull << (8 * size)) - 1);
    // One value has one form: no leading zero bytes.
    if (static_cast<std::size_t>((std::bit_width(magnitude) + 7) / 8) != size) return malformed();
    const auto limit = lead < 0 ? -static_cast<std::uint64_t>(min) : static_cast<std::uint64_t>(max);
    if (magnitude > limit) return malformed();
    return Value(type, static_cast<std::int64_t>(lead < 0 ? -magnitude : magnitude));
  }

  Result<Value> readDouble(Type type) {
    DRIFT_ASSIGN(const auto bytes, present(8));
    const auto bits = bigEndian(bytes);
    return Value(type, std::bit_cast<double>(bits >> 63 ? bits & ~(1ull << 63) : ~bits));
  }

  Result<Value> readNumeric(Type type) {
    const char lead = m_key[m_at++];
    if (lead == kNumericNan) return Value(type, Decimal::nan());
    if (lead == kNumericZero) return Value(type, Decimal());
    const bool negative = lead == kNumericNegative;
    if ((!negative && lead != kNumericPositive) || atEnd()) return malformed();
    const unsigned flip = negative ? 0xff : 0;
    const int exponent = static_cast<int>((static_cast<unsigned char>(m_key[m_at++]) ^ flip)) - kExponentBias;
    UInt128 coefficient = 0;
    int digits = 0;
    while (true) {
      if (atEnd()) return malformed();
      const unsigned pair = static_cast<unsigned char>(m_key[m_at++]) ^ flip;
      if (pair == 0) break;
      if (pair > 100 || digits >= Decimal::kDigitsMax) return malformed();
      coefficient = coefficient * 100 + (pair - 1);
      digits += 2;
    }
    // The last pair may end in a zero that is no digit of the number.
    int scale = digits - exponent;
    while (scale > 0 && coefficient % 10 == 0 && coefficient != 0) {
      coefficient /= 10;
      --scale;
    }
    if (coefficient == 0 || scale > Decimal::kDigitsMax) return malformed();
    if (scale < 0) {
      if (exponent > Decimal::kDigitsMax) return malformed();
      coefficient *= kPowersOfTen[static_cast<std::size_t>(-scale)];
      scale = 0;
    }
    if (coefficient >= kPowersOfTen[Decimal::kDigitsMax]) return malformed();
    const auto positive = static_cast<Int128>(coefficient);
    return Value(type, Decimal(negative ? -positive : positive, scale));
  }

  Result<Value> readString(Type type) {
    if (m_key[m_at++] != kPresent) return malformed();
    std::string text;
    while (true) {
      const auto escape = m_key.find(kEscape, m_at);
      if (escape == m_key.npos || escape + 1 == m_key.size()) return malformed();
      text.append(m_key, m_at, escape - m_at);
      m_at = escape + 2;
      if (m_key[escape + 1] == kEnd) return Value(type, std::move(text));
      if (m_key[escape + 1] != kEscapedZero) return malformed();
      text += '\0';
    }
  }

  Result<Value> readUuid(Type type) {
    Uuid uuid;
    DRIFT_ASSIGN(const auto bytes, present(uuid.bytes.size()));
    std::ranges::copy(bytes, reinterpret_cast<char*>(uuid.bytes.data()));
    return Value(type, uuid);
  }

  Result<Value> readInterval(Type type) {
    DRIFT_ASSIGN(const auto bytes, present(16));
    const auto raw = static_cast<UInt128>(bigEndian(bytes.substr(0, 8))) << 64 | bigEndian(bytes.substr(8));
    const auto span = static_cast<Int128>(raw ^ static_cast<UInt128>(1) << 127);
    if (span > intervalSpan({INT64_MAX, INT32_MAX, INT32_MAX}) ||
        span < intervalSpan({INT64_MIN, INT32_MIN, INT32_MIN}))
      return malformed();
    return Value(type, intervalFromSpan(span));
  }

  std::string_view m_key;
  std::size_t m_at = 0;
};

}  // namespace

void appendKey(std::string& out, const Value& value, bool descending) {
  const auto start = out.size();
  if (value.isNull()) {
    out += kNull;
  } else {
    switch (value.type().physical()) {
      case PhysicalType::Bool: appendBool(out, value.asBool()); break;
      case PhysicalType::Int16:
      case PhysicalType::Int32:
      case PhysicalType::Int64: appendInteger(out, value.asInt()); break;
      case PhysicalType::Double: appendDouble(out, value.asDouble()); break;
      case PhysicalType::Decimal: appendNumeric(out, value.asDecimal()); break;
      case PhysicalType::String: appendString(out, value.asString()); break;
      case PhysicalType::Uuid: appendUuid(out, value.asUuid()); break;
      case PhysicalType::Interval: appendInterval(out, value.asInterval()); break;
    }
  }
  if (descending) invertFrom(out, start);
}

void appendKey(std::string& out, const Vector& vector, std::size_t row, bool descending) {
  const auto start = out.size();
  const auto view = vector.view();
  if (view.isNull(row)) {
    out += kNull;
  } else {
    switch (vector.type().physical()) {
      case PhysicalType::Bool: appendBool(out, view.at<std::uint8_t>(row) != 0); break;
      case PhysicalType::Int16: appendInteger(out, view.at<std::int16_t>(row)); break;
      case PhysicalType::Int32: appendInteger(out, view.at<std::int32_t>(row)); break;
      case PhysicalType::Int64: appendInteger(out, view.at<std::int64_t>(row)); break;
      case PhysicalType::Double: appendDouble(out, view.at<double>(row)); break;
      case PhysicalType::Decimal: appendNumeric(out, view.at<Decimal>(row)); break;
      case PhysicalType::String: appendString(out, view.at<StringRef>(row).view()); break;
      case PhysicalType::Uuid: appendUuid(out, view.at<Uuid>(row)); break;
      case PhysicalType::Interval: appendInterval(out, view.at<Interval>(row)); break;
    }
  }
  if (descending) invertFrom(out, start);
}

Result<std::vector<Value>> decodeKey(std::string_view key, std::span<const Type> types) {
  KeyReader reader(key);
  std::vector<Value> values;
  values.reserve(types.size());
  for (const auto type : types) {
    DRIFT_ASSIGN(auto value, reader.read(type));
    values.push_back(std::move(value));
  }
  if (!reader.atEnd()) return malformed();
  return values;
}

std::string keyAfterPrefix(std::string_view prefix) {
  std::string result(prefix);
  while (!result.empty() && result.back() == static_cast<char>(0xff)) result.pop_back();
  if (!result.empty()) result.back() = static_cast<char>(result.back() + 1);
  return result;
}

}  // namespace drift::types
