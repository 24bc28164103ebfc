#include "formats/type_inference.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <utility>

#include "types/decimal.h"
#include "types/text.h"

namespace drift::formats {

namespace {

bool isDigit(char c) { return c >= '0' && c <= '9'; }

/// What a number looks like: digits before and after the point, and whether an exponent follows.
struct NumberShape {
  bool valid = false;
  std::size_t wholeDigits = 0;
  std::size_t fractionDigits = 0;
  bool exponent = false;
};

std::size_t countDigits(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::find_if_not(text, isDigit) - text.begin());
}

NumberShape shapeOf(std::string_view text) {
  NumberShape shape;
  if (text.starts_with('-')) text.remove_prefix(1);
  shape.wholeDigits = countDigits(text);
  if (shape.wholeDigits == 0 || (shape.wholeDigits > 1 && text.front() == '0')) return shape;
  text.remove_prefix(shape.wholeDigits);
  if (text.starts_with('.')) {
    text.remove_prefix(1);
    shape.fractionDigits = countDigits(text);
    if (shape.fractionDigits == 0) return shape;
    text.remove_prefix(shape.fractionDigits);
  }
  if (text.starts_with('e') || text.starts_with('E')) {
    text.remove_prefix(1);
    if (text.starts_with('-') || text.starts_with('+')) text.remove_prefix(1);
    shape.exponent = true;
    if (text.empty() || countDigits(text) != text.size()) return shape;
    text = {};
  }
  shape.valid = text.empty();
  return shape;
}

bool parses(std::string_view value, types::TypeId type) { return types::parseText(value, type).ok(); }

}  // namespace

std::uint16_t TypeInference::candidatesOf(std::string_view value) {
  if (value == "true" || value == "false") return kBoolean;
  if (const auto shape = shapeOf(value); shape.valid && value != "-0") {
    std::uint16_t fits = kDouble;
    if (shape.exponent) return parses(value, types::TypeId::Double) ? fits : std::uint16_t{0};
    if (shape.wholeDigits + shape.fractionDigits <= types::Decimal::kDigitsMax) fits |= kNumeric;
    // A decimal of more than 15 digits would come back changed as a double.
    if (shape.wholeDigits + shape.fractionDigits > 15) fits &= static_cast<std::uint16_t>(~kDouble);
    if (shape.fractionDigits > 0) return fits;
    std::int64_t number = 0;
    const auto end = value.data() + value.size();
    if (std::from_chars(value.data(), end, number).ec == std::errc()) {
      fits |= kBigInt;
      if (number == static_cast<std::int32_t>(number)) fits |= kInteger;
    }
    return fits;
  }
  // Dates and times in ISO 8601 only: "3/4/2020" means different days to different people.
  const bool dateLike = value.size() >= 10 && isDigit(value[0]) && isDigit(value[3]) && value[4] == '-' && value[7] == '-';
  if (dateLike && value.size() == 10)
    return parses(value, types::TypeId::Date) ? std::uint16_t{kDate | kTimestamp} : std::uint16_t{0};
  if (dateLike && value.size() >= 16 && (value[10] == ' ' || value[10] == 'T')) {
    const auto time = value.substr(11);
    const bool zoned = time.find_first_of("+-Zz") != std::string_view::npos;
    if (zoned) return parses(value, types::TypeId::TimestampTz) ? std::uint16_t{kTimestampTz} : std::uint16_t{0};
    return parses(value, types::TypeId::Timestamp) ? std::uint16_t{kTimestamp} : std::uint16_t{0};
  }
  if (value.size() == 36 && value[8] == '-' && parses(value, types::TypeId::Uuid)) return kUuid;
  return 0;
}

void TypeInference::add(std::string_view value) {
  if (value.empty() || (m_anyValue && m_candidates == 0)) return;
  m_anyValue = true;
  m_candidates &= candidatesOf(value);
}

types::Type TypeInference::type() const {
  if (!m_anyValue) return types::TypeId::Text;
  static constexpr std::array<std::pair<std::uint16_t, types::TypeId>, 9> kOrder{{
      {kBoolean, types::TypeId::Boolean},
      {kInteger, types::TypeId::Integer},
      {kBigInt, types::TypeId::BigInt},
      {kNumeric, types::TypeId::Numeric},
      {kDouble, types::TypeId::Double},
      {kDate, types::TypeId::Date},
      {kTimestamp, types::TypeId::Timestamp},
      {kTimestampTz, types::TypeId::TimestampTz},
      {kUuid, types::TypeId::Uuid},
  }};
  for (const auto& [candidate, type] : kOrder)
    if (m_candidates & candidate) return type;
  return types::TypeId::Text;
}

}  // namespace drift::formats
