#include "types/decimal.h"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <span>

#include <fmt/format.h>

#include "base/checksum.h"
#include "types/wide_int.h"

namespace drift::types {

namespace {

constexpr int kDigitsMax = Decimal::kDigitsMax;
/// PostgreSQL keeps numerics as digits of base 10,000; the scale of a quotient depends on them.
constexpr int kBaseDigits = 4;
constexpr int kMinSignificantDigits = 16;

constexpr UInt128 powerOfTen(int exponent) { return kPowersOfTen[static_cast<std::size_t>(exponent)]; }
constexpr UInt128 kCoefficientEnd = powerOfTen(kDigitsMax);

UInt128 magnitude(const Decimal& value) {
  const auto coefficient = value.coefficient();
  return coefficient < 0 ? -static_cast<UInt128>(coefficient) : static_cast<UInt128>(coefficient);
}

Decimal withSign(UInt128 coefficient, bool negative, int scale) {
  const auto positive = static_cast<Int128>(coefficient);
  return Decimal(negative ? -positive : positive, scale);
}

Error overflow() { return Error(ErrorKind::NumericValueOutOfRange, "value overflows numeric format"); }

/// The powers of ten that a double holds exactly.
constexpr std::array<double, 23> kExactPowersOfTen{1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                   1e8,  1e9,  1e10, 1e11, 1e12, 1e13, 1e14, 1e15,
                                                   1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/// Divides by 10^digits, rounding half away from zero.
WideUInt dropDigits(WideUInt value, int digits) {
  while (digits > 0) {
    // Only the last step rounds, or digits would be rounded twice; its remainder decides alone,
    // since what was cut before it is less than one unit of it.
    const int step = std::min(digits, kDigitsMax);
    const auto divided = divideWide(value, powerOfTen(step));
    value = divided.quotient;
    digits -= step;
    if (digits == 0 && divided.remainder * 2 >= powerOfTen(step)) value = addWide(value, {1, 0});
  }
  return value;
}

/// Makes a Decimal of a wide coefficient. Decimals that do not fit 38 digits are rounded away;
/// integer digits that do not fit are an error.
Result<Decimal> fit(const WideUInt& coefficient, bool negative, int scale) {
  int kept = std::min(scale, kDigitsMax);
  auto value = dropDigits(coefficient, scale - kept);
  while (value >= WideUInt{kCoefficientEnd, 0}) {
    if (kept == 0) return overflow();
    --kept;
    value = dropDigits(coefficient, scale - kept);  // of the whole, so that nothing is rounded twice
  }
  return withSign(value.low, negative && value.low != 0, kept);
}

/// Brings both coefficients to the larger scale.
struct Aligned {
  WideUInt a;
  WideUInt b;
  int scale;
};

Aligned align(const Decimal& a, const Decimal& b) {
  const int scale = std::max(a.scale(), b.scale());
  return {multiplyWide(magnitude(a), powerOfTen(scale - a.scale())),
          multiplyWide(magnitude(b), powerOfTen(scale - b.scale())), scale};
}

/// Adds with the signs given, for + and -.
Result<Decimal> addSigned(const Decimal& a, bool aNegative, const Decimal& b, bool bNegative) {
  if (a.isNan() || b.isNan()) return Decimal::nan();
  const auto [left, right, scale] = align(a, b);
  if (aNegative == bNegative) return fit(addWide(left, right), aNegative, scale);
  if (left >= right) return fit(subtractWide(left, right), aNegative, scale);
  return fit(subtractWide(right, left), bNegative, scale);
}

/// Position and value of the first base-10,000 digit, as PostgreSQL's NumericVar has them.
struct FirstDigit {
  int weight = 0;
  int digit = 0;
};

FirstDigit firstDigit(const Decimal& value) {
  const auto coefficient = magnitude(value);
  if (coefficient == 0) return {};
  // Exponent of the leading decimal digit, then rounded down to a group of four.
  const int exponent = digitCount(coefficient) - 1 - value.scale();
  const int weight = exponent >= 0 ? exponent / kBaseDigits : -((-exponent + kBaseDigits - 1) / kBaseDigits);
  const int shift = value.scale() + weight * kBaseDigits;  // decimal digits below the group
  const auto group = shift >= 0 ? coefficient / powerOfTen(shift) : coefficient * powerOfTen(-shift);
  return {weight, static_cast<int>(group)};
}

/// Scale of a / b: select_div_scale() in PostgreSQL's numeric.c, within our 38 digits.
int divisionScale(const Decimal& a, const Decimal& b) {
  const auto left = firstDigit(a);
  const auto right = firstDigit(b);
  int weight = left.weight - right.weight;
  if (left.digit <= right.digit) --weight;
  const int scale = std::max({kMinSignificantDigits - weight * kBaseDigits, a.scale(), b.scale(), 0});
  return std::min(scale, kDigitsMax);
}

struct Quotient {
  UInt128 value;
  bool roundUp;  ///< the rest is at least half
};

/// Gives floor(numerator * 10^exponent / divisor), if it has at most 38 digits.
std::optional<Quotient> divideScaled(UInt128 numerator, int exponent, UInt128 divisor) {
  UInt128 quotient = numerator / divisor;
  UInt128 rest = numerator % divisor;
  while (exponent > 0) {
    const int step = std::min(exponent, kDigitsMax);
    const auto next = divideWide(multiplyWide(rest, powerOfTen(step)), divisor);
    const auto shifted = multiplyWide(quotient, powerOfTen(step));
    const auto sum = addWide(shifted, next.quotient);
    if (sum >= WideUInt{kCoefficientEnd, 0}) return std::nullopt;
    quotient = sum.low;
    rest = next.remainder;
    exponent -= step;
  }
  return Quotient{quotient, rest * 2 >= divisor};
}

}  // namespace

Result<Decimal> rescale(const Decimal& value, int precision, int scale) {
  assert(scale >= 0 && scale <= kDigitsMax && precision >= 0 && precision <= kDigitsMax);
  if (value.isNan()) return value;
  WideUInt coefficient{magnitude(value), 0};
  if (scale >= value.scale()) coefficient = multiplyWide(coefficient.low, powerOfTen(scale - value.scale()));
  else coefficient = dropDigits(coefficient, value.scale() - scale);
  if (coefficient >= WideUInt{powerOfTen(precision ? precision : kDigitsMax), 0}) {
    if (!precision) return overflow();
    auto error = Error(ErrorKind::NumericValueOutOfRange, "numeric field overflow");
    return std::move(error).withDetail(
        fmt::format("A field with precision {}, scale {} must round to an absolute value less than {}.", precision,
                    scale, precision == scale ? "1" : fmt::format("10^{}", precision - scale)));
  }
  return withSign(coefficient.low, value.isNegative() && coefficient.low != 0, scale);
}

Result<Decimal> add(const Decimal& a, const Decimal& b) {
  Int128 sum = 0;
  if (a.scale() == b.scale() && !a.isNan() && !b.isNan()) {
    sum = a.coefficient() + b.coefficient();  // both below 10^38, so this cannot wrap
    if (sum < static_cast<Int128>(kCoefficientEnd) && sum > -static_cast<Int128>(kCoefficientEnd))
      return Decimal(sum, a.scale());
  }
  return addSigned(a, a.isNegative(), b, b.isNegative());
}

Result<Decimal> subtract(const Decimal& a, const Decimal& b) { return add(a, negate(b)); }

Result<Decimal> multiply(const Decimal& a, const Decimal& b) {
  if (a.isNan() || b.isNan()) return Decimal::nan();
  return fit(multiplyWide(magnitude(a), magnitude(b)), a.isNegative() != b.isNegative(), a.scale() + b.scale());
}

Result<Decimal> divide(const Decimal& a, const Decimal& b) {
  if (a.isNan() || b.isNan()) return Decimal::nan();
  if (b.isZero()) return Error(ErrorKind::DivisionByZero, "division by zero");
  // Decimals that make the quotient longer than 38 digits are left off. At the lowest scale tried,
  // the quotient is at most |a|, or its integer part is too long.
  const int scaleMin = std::max(0, a.scale() - b.scale());
  for (int scale = divisionScale(a, b); scale >= scaleMin; --scale) {
    const auto quotient = divideScaled(magnitude(a), scale + b.scale() - a.scale(), magnitude(b));
    if (!quotient) continue;
    const auto rounded = quotient->value + (quotient->roundUp ? 1u : 0u);
    if (rounded >= kCoefficientEnd) continue;
    return withSign(rounded, a.isNegative() != b.isNegative() && rounded != 0, scale);
  }
  return overflow();
}

Result<Decimal> modulo(const Decimal& a, const Decimal& b) {
  if (a.isNan() || b.isNan()) return Decimal::nan();
  if (b.isZero()) return Error(ErrorKind::DivisionByZero, "division by zero");
  const int scale = std::max(a.scale(), b.scale());
  UInt128 rest = 0;
  if (a.scale() >= b.scale()) {
    // The divisor grows; where it exceeds 38 digits it exceeds the dividend too.
    const auto divisor = multiplyWide(magnitude(b), powerOfTen(scale - b.scale()));
    rest = divisor.high || divisor.low > magnitude(a) ? magnitude(a) : magnitude(a) % divisor.low;
  } else {
    rest = divideWide(multiplyWide(magnitude(a), powerOfTen(scale - a.scale())), magnitude(b)).remainder;
  }
  return withSign(rest, a.isNegative(), scale);
}

Decimal negate(const Decimal& value) { return value.isNan() ? value : Decimal(-value.coefficient(), value.scale()); }

std::strong_ordering compare(const Decimal& a, const Decimal& b) {
  if (a.isNan() || b.isNan()) return a.isNan() <=> b.isNan();
  if (a.scale() == b.scale())
    return a.coefficient() < b.coefficient()   ? std::strong_ordering::less
           : a.coefficient() > b.coefficient() ? std::strong_ordering::greater
                                               : std::strong_ordering::equal;
  if (a.isNegative() != b.isNegative())
    return a.isNegative() ? std::strong_ordering::less : std::strong_ordering::greater;
  const auto [left, right, scale] = align(a, b);
  return a.isNegative() ? right <=> left : left <=> right;
}

Decimal canonical(const Decimal& value) {
  if (value.isNan()) return value;
  auto coefficient = value.coefficient();
  int scale = value.scale();
  if (coefficient == 0) return Decimal(0, 0);
  while (scale > 0 && coefficient % 10 == 0) {
    coefficient /= 10;
    --scale;
  }
  return Decimal(coefficient, scale);
}

std::uint64_t hash(const Decimal& value) {
  if (value.isNan()) return 0x7ff8'0000'0000'0000;
  const auto plain = canonical(value);
  const std::uint64_t words[3] = {static_cast<std::uint64_t>(plain.coefficient()),
                                  static_cast<std::uint64_t>(plain.coefficient() >> 64),
                                  static_cast<std::uint64_t>(plain.scale())};
  return xxh3(std::as_bytes(std::span(words)));
}

double toDouble(const Decimal& value) {
  if (value.isNan()) return std::numeric_limits<double>::quiet_NaN();
  const auto coefficient = value.coefficient();
  constexpr std::int64_t kExactEnd = std::int64_t{1} << 53;
  // Both operands are exact, so the one division rounds correctly.
  if (coefficient < kExactEnd && coefficient > -kExactEnd && value.scale() < static_cast<int>(kExactPowersOfTen.size()))
    return static_cast<double>(static_cast<std::int64_t>(coefficient)) /
           kExactPowersOfTen[static_cast<std::size_t>(value.scale())];
  const auto text = toString(value);
  double result = 0;
  std::from_chars(text.data(), text.data() + text.size(), result);
  return result;
}

Result<Decimal> decimalFromDouble(double value) {
  if (std::isnan(value)) return Decimal::nan();
  if (std::isinf(value)) return Error(ErrorKind::NumericValueOutOfRange, "cannot convert infinity to numeric");
  return parseDecimalRounded(fmt::format("{:.15g}", value));
}

Result<std::int64_t> toInteger(const Decimal& value) {
  if (value.isNan()) return Error(ErrorKind::NumericValueOutOfRange, "cannot convert NaN to bigint");
  const auto rounded = dropDigits({magnitude(value), 0}, value.scale()).low;
  const UInt128 limit = static_cast<UInt128>(std::numeric_limits<std::int64_t>::max()) + (value.isNegative() ? 1 : 0);
  if (rounded > limit) return Error(ErrorKind::NumericValueOutOfRange, "bigint out of range");
  return static_cast<std::int64_t>(value.isNegative() ? -rounded : rounded);
}

}  // namespace drift::types
