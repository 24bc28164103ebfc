// Text forms of decimals, apart from the arithmetic.
#include <algorithm>
#include <array>
#include <optional>

#include <fmt/format.h>

#include "types/ascii.h"
#include "types/decimal.h"
#include "types/wide_int.h"

namespace drift::types {

namespace {

constexpr int kDigitsMax = Decimal::kDigitsMax;
/// Exponents beyond this are out of range whatever the digits are; it keeps sums of exponents
/// small.
constexpr std::int64_t kExponentMax = 100'000;

/// A number as written: significant digits without leading zeros, and how many of them are
/// decimals.
struct Parts {
  bool negative = false;
  std::string digits;
  std::int64_t scale = 0;  ///< may be negative (1e3) or above 38
};

std::optional<std::int64_t> parseExponent(std::string_view text) {
  bool negative = false;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    negative = text[0] == '-';
    text.remove_prefix(1);
  }
  if (text.empty()) return std::nullopt;
  std::int64_t value = 0;
  for (const char c : text) {
    if (!isDigit(c)) return std::nullopt;
    value = std::min(value * 10 + (c - '0'), kExponentMax);
  }
  return negative ? -value : value;
}

std::optional<Parts> split(std::string_view text) {
  Parts parts;
  if (!text.empty() && (text[0] == '+' || text[0] == '-')) {
    parts.negative = text[0] == '-';
    text.remove_prefix(1);
  }
  bool anyDigit = false;
  bool point = false;
  std::size_t at = 0;
  for (; at < text.size(); ++at) {
    const char c = text[at];
    if (c == '.' && !point) {
      point = true;
    } else if (isDigit(c)) {
      anyDigit = true;
      if (point) ++parts.scale;
      if (c != '0' || !parts.digits.empty()) parts.digits += c;
    } else {
      break;
    }
  }
  if (!anyDigit) return std::nullopt;
  if (at < text.size()) {
    if (toLowerAscii(text[at]) != 'e') return std::nullopt;
    const auto exponent = parseExponent(text.substr(at + 1));
    if (!exponent) return std::nullopt;
    parts.scale -= *exponent;
  }
  return parts;
}

Error outOfRange(std::string_view text) {
  return Error(ErrorKind::NumericValueOutOfRange, "value overflows numeric format")
      .withDetail(fmt::format("\"{}\" needs more than {} digits.", text, kDigitsMax));
}

Result<Decimal> parse(std::string_view text, int scaleMax, bool mayRound) {
  const auto trimmed = trimBlanks(text);
  if (equalsIgnoringCase(trimmed, "nan")) return Decimal::nan();
  auto parts = split(trimmed);
  if (!parts)
    return makeError(ErrorKind::InvalidTextRepresentation, "invalid input syntax for type numeric: \"{}\"", text);
  auto& [negative, digits, scale] = *parts;
  if (digits.empty()) return Decimal(0, static_cast<int>(std::clamp<std::int64_t>(scale, 0, scaleMax)));
  if (scale < 0) {
    if (digits.size() - scale > kDigitsMax) return outOfRange(trimmed);
    digits.append(static_cast<std::size_t>(-scale), '0');
    scale = 0;
  }

  // Decimals to cut: those above the allowed scale, and those that make more than 38 digits.
  const auto size = static_cast<std::int64_t>(digits.size());
  std::int64_t cut = std::max<std::int64_t>({0, scale - scaleMax, size - kDigitsMax});
  if (cut > scale) return outOfRange(trimmed);
  UInt128 coefficient = 0;
  for (std::int64_t i = 0; i < size - cut; ++i)
    coefficient = coefficient * 10 + static_cast<unsigned>(digits[static_cast<std::size_t>(i)] - '0');
  if (cut > 0) {
    const auto rest =
        cut <= size ? std::string_view(digits).substr(static_cast<std::size_t>(size - cut)) : std::string_view();
    if (!mayRound && (cut > size || rest.find_first_not_of('0') != rest.npos)) return outOfRange(trimmed);
    if (!rest.empty() && rest[0] >= '5') ++coefficient;
    scale -= cut;
  }
  if (coefficient == kPowersOfTen[kDigitsMax]) {  // 99…9.5 became one digit longer
    if (scale == 0) return outOfRange(trimmed);
    coefficient /= 10;
    --scale;
  }
  const auto positive = static_cast<Int128>(coefficient);
  return Decimal(negative ? -positive : positive, static_cast<int>(scale));
}

}  // namespace

Result<Decimal> parseDecimal(std::string_view text) { return parse(text, kDigitsMax, false); }

Result<Decimal> parseDecimalRounded(std::string_view text, int scaleMax) { return parse(text, scaleMax, true); }

std::string toString(const Decimal& value) {
  if (value.isNan()) return "NaN";
  std::array<char, kDigitsMax + 4> buffer;  // sign, "0.", digits
  std::size_t at = buffer.size();
  const auto coefficient = value.coefficient();
  UInt128 rest = coefficient < 0 ? -static_cast<UInt128>(coefficient) : static_cast<UInt128>(coefficient);
  int written = 0;
  const auto put = [&](unsigned digit) {
    if (written == value.scale() && written > 0) buffer[--at] = '.';
    buffer[--at] = static_cast<char>('0' + digit);
    ++written;
  };
  // 19 digits at a time: 128-bit divisions are slow.
  while (rest > 0) {
    auto part = static_cast<std::uint64_t>(rest % kPowersOfTen[19]);
    rest /= kPowersOfTen[19];
    for (int i = 0; i < 19 && (part > 0 || rest > 0); ++i, part /= 10) put(static_cast<unsigned>(part % 10));
  }
  while (written <= value.scale()) put(0);
  if (coefficient < 0) buffer[--at] = '-';
  return std::string(buffer.data() + at, buffer.size() - at);
}

}  // namespace drift::types
