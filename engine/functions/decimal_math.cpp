#include "functions/decimal_math.h"

#include <algorithm>
#include <cmath>
#include <limits>

#include "functions/failures.h"
#include "types/wide_int.h"

namespace drift::functions {

namespace {

using namespace types;

constexpr int kDigitsMax = Decimal::kDigitsMax;
constexpr int kMinSignificantDigits = 16;  // NUMERIC_MIN_SIG_DIGITS
constexpr double kLog10OfE = 0.434294481903252;
/// Beyond these powers of ten a result has no digit within 38 on either side of the point.
constexpr double kWeightMax = kDigitsMax + 1;

/// The unevaluated sum of two doubles, with about 106 bits (Dekker 1971; Hida, Li and Bailey,
/// "Library for Double-Double and Quad-Double Arithmetic", 2007).
struct DoubleDouble {
  double high = 0;
  double low = 0;
};

DoubleDouble sumOf(double a, double b) {
  const double sum = a + b;
  const double part = sum - a;
  return {sum, (a - (sum - part)) + (b - part)};
}

DoubleDouble operator+(const DoubleDouble& a, const DoubleDouble& b) {
  auto sum = sumOf(a.high, b.high);
  sum.low += a.low + b.low;
  return sumOf(sum.high, sum.low);
}

DoubleDouble operator-(const DoubleDouble& a) { return {-a.high, -a.low}; }
DoubleDouble operator-(const DoubleDouble& a, const DoubleDouble& b) { return a + -b; }

DoubleDouble operator*(const DoubleDouble& a, const DoubleDouble& b) {
  const double product = a.high * b.high;
  const double error = std::fma(a.high, b.high, -product) + a.high * b.low + a.low * b.high;
  return sumOf(product, error);
}

DoubleDouble operator/(const DoubleDouble& a, const DoubleDouble& b) {
  const double first = a.high / b.high;
  const auto rest = a - b * DoubleDouble{first, 0};
  const double second = rest.high / b.high;
  const auto last = rest - b * DoubleDouble{second, 0};
  return sumOf(first, second) + DoubleDouble{last.high / b.high, 0};
}

DoubleDouble powerOfTen(int exponent) {
  constexpr int kExactMax = 22;  // 10^22 is the last that a double holds
  DoubleDouble result{1, 0};
  for (; exponent > 0; exponent -= kExactMax)
    result = result * DoubleDouble{std::pow(10.0, std::min(exponent, kExactMax)), 0};
  return result;
}

DoubleDouble toDoubleDouble(const Decimal& value) {
  const auto coefficient = value.coefficient();
  const auto high = static_cast<double>(coefficient);
  const auto rest = static_cast<double>(coefficient - static_cast<Int128>(high));
  return sumOf(high, rest) / powerOfTen(value.scale());
}

Error overflow() { return Error(ErrorKind::NumericValueOutOfRange, "value overflows numeric format"); }

/// Rounds to `scale` decimals, or to as many as 38 digits leave room for.
Result<Decimal> toDecimal(const DoubleDouble& value, int scale) {
  const double weight = value.high == 0 ? 0 : std::log10(std::abs(value.high));
  if (weight >= kDigitsMax) return overflow();
  scale = std::clamp(scale, 0, std::min(kDigitsMax, kDigitsMax - 1 - static_cast<int>(std::floor(weight))));
  const auto scaled = value * powerOfTen(scale);
  const double whole = std::trunc(scaled.high);
  const double rest = (scaled.high - whole) + scaled.low;
  const auto coefficient = static_cast<Int128>(whole) + static_cast<Int128>(std::round(rest));
  return rescale(Decimal(coefficient, scale), 0, scale);
}

/// e^x by its series, after x was brought near zero: e^x = (e^(r/512))^512 * 2^k.
DoubleDouble exponentialOf(const DoubleDouble& x) {
  constexpr DoubleDouble kLn2{0.6931471805599453, 2.3190468138462996e-17};
  constexpr int kHalvings = 9;
  constexpr int kTerms = 12;  // (ln2/1024)^12 / 12! is below 2^-140
  const double k = std::round(x.high / kLn2.high);
  auto r = x - kLn2 * DoubleDouble{k, 0};
  r = {std::ldexp(r.high, -kHalvings), std::ldexp(r.low, -kHalvings)};
  DoubleDouble sum{1, 0};
  DoubleDouble term{1, 0};
  for (int i = 1; i <= kTerms; ++i) {
    term = term * r / DoubleDouble{static_cast<double>(i), 0};
    sum = sum + term;
  }
  for (int i = 0; i < kHalvings; ++i) sum = sum * sum;
  return {std::ldexp(sum.high, static_cast<int>(k)), std::ldexp(sum.low, static_cast<int>(k))};
}

/// ln x for x > 0 by Newton's method on e^y = x; each step doubles the digits of std::log.
DoubleDouble logarithmOf(const DoubleDouble& x) {
  DoubleDouble y{std::log(x.high), 0};
  for (int step = 0; step < 2; ++step) y = y + x * exponentialOf(-y) - DoubleDouble{1, 0};
  return y;
}

Status checkLogarithm(const Decimal& value) {
  if (value.isZero()) return logarithmOfZero();
  if (value.isNegative()) return logarithmOfNegative();
  return {};
}

/// Power of ten of |ln x|, as estimate_ln_dweight() in numeric.c gives it.
int logarithmWeight(const DoubleDouble& logarithm) {
  const double magnitude = std::abs(logarithm.high);
  if (magnitude == 0) return 0;
  const double weight = std::log10(magnitude);
  // Near 1 it is the weight of the first digit of x - 1, elsewhere the logarithm is cut towards
  // zero.
  return static_cast<int>(magnitude < 0.1 ? std::floor(weight) : weight);
}

/// Base-10,000 weight of the first digit.
int weightOf(const Decimal& value) {
  if (value.isZero()) return 0;
  const auto coefficient = value.coefficient();
  const auto magnitude = static_cast<UInt128>(coefficient < 0 ? -coefficient : coefficient);
  const int exponent = digitCount(magnitude) - 1 - value.scale();
  return exponent >= 0 ? exponent / 4 : -((-exponent + 3) / 4);
}

/// Largest q with q * q <= value.
UInt128 floorRoot(const WideUInt& value) {
  UInt128 root = 0;
  for (int bit = 127; bit >= 0; --bit) {
    const auto candidate = root | static_cast<UInt128>(1) << bit;
    if (multiplyWide(candidate, candidate) <= value) root = candidate;
  }
  return root;
}

/// base^exponent by repeated squaring. Decimals beyond 38 digits are rounded off at each step.
Result<Decimal> integerPower(const Decimal& base, std::uint32_t exponent) {
  Decimal result(1, 0);
  Decimal square = base;
  while (true) {
    if (exponent & 1) {
      DRIFT_ASSIGN(result, multiply(result, square));
    }
    exponent >>= 1;
    if (exponent == 0) return result;
    DRIFT_ASSIGN(square, multiply(square, square));
  }
}

/// Gives the value with `scale` decimals, or as many as fit.
Decimal showScale(const Decimal& value, int scale) {
  for (int wanted = std::min(scale, kDigitsMax); wanted > value.scale(); --wanted)
    if (const auto padded = rescale(value, 0, wanted)) return *padded;
  const auto cut = rescale(value, 0, std::min(scale, value.scale()));
  return cut ? *cut : value;
}

Result<Decimal> powerOfInteger(const Decimal& base, std::int64_t exponent, int scale) {
  if (exponent >= 0) {
    DRIFT_ASSIGN(const auto result, integerPower(base, static_cast<std::uint32_t>(exponent)));
    return showScale(result, scale);
  }
  const auto divisor = integerPower(base, static_cast<std::uint32_t>(-exponent));
  if (!divisor) return showScale(Decimal(), scale);  // one over more than 10^38
  // A small base to a large power can vanish: its reciprocal is out of range.
  if (divisor->isZero()) return overflow();
  DRIFT_ASSIGN(const auto result, divide(Decimal(1, 0), *divisor));
  return showScale(result, scale);
}

}  // namespace

Decimal squareRoot(const Decimal& value, int scale) {
  const auto magnitude = static_cast<UInt128>(value.coefficient());
  // The root has half the digits of what it is taken of.
  const int room = 2 * kDigitsMax - 1 - digitCount(magnitude);
  int exponent = std::min(2 * scale - value.scale(), room);
  if ((exponent + value.scale()) % 2 != 0) --exponent;  // the root's scale must be whole
  const int rootScale = (exponent + value.scale()) / 2;
  const auto first = std::min(exponent, kDigitsMax);
  WideUInt radicand = multiplyWide(magnitude, kPowersOfTen[static_cast<std::size_t>(first)]);
  if (exponent > first) radicand = multiplyWide(radicand.low, kPowersOfTen[static_cast<std::size_t>(exponent - first)]);
  auto root = floorRoot(radicand);
  // (q + 1/2)^2 = q^2 + q + 1/4: the rest decides.
  if (subtractWide(radicand, multiplyWide(root, root)) > WideUInt{root, 0}) ++root;
  return Decimal(static_cast<Int128>(root), rootScale);
}

Result<Decimal> squareRoot(const Decimal& value) {
  if (value.isNan()) return value;
  if (value.isNegative()) return rootOfNegative();
  const int rootWeight = (weightOf(value) + 1) * 2 - 1;
  const int scale = std::clamp(std::max(kMinSignificantDigits - rootWeight, value.scale()), 0, kDigitsMax);
  return squareRoot(value, scale);
}

Result<Decimal> exponential(const Decimal& value) {
  if (value.isNan()) return value;
  const auto x = toDoubleDouble(value);
  const double weight = x.high * kLog10OfE;
  if (weight > kWeightMax) return overflow();
  const int scale = std::max(kMinSignificantDigits - static_cast<int>(std::max(weight, -kWeightMax)), value.scale());
  return toDecimal(weight < -kWeightMax ? DoubleDouble{} : exponentialOf(x), scale);
}

Result<Decimal> naturalLogarithm(const Decimal& value) {
  if (value.isNan()) return value;
  DRIFT_TRY(checkLogarithm(value));
  const auto result = logarithmOf(toDoubleDouble(value));
  return toDecimal(result, std::max(kMinSignificantDigits - logarithmWeight(result), value.scale()));
}

Result<Decimal> logarithm(const Decimal& base, const Decimal& value) {
  if (base.isNan() || value.isNan()) return Decimal::nan();
  DRIFT_TRY(checkLogarithm(base));
  DRIFT_TRY(checkLogarithm(value));
  const auto lnBase = logarithmOf(toDoubleDouble(base));
  const auto lnValue = logarithmOf(toDoubleDouble(value));
  if (lnBase.high == 0) return divisionByZero();
  const int weight = logarithmWeight(lnValue) - logarithmWeight(lnBase);
  return toDecimal(lnValue / lnBase, std::max({kMinSignificantDigits - weight, base.scale(), value.scale()}));
}

Result<Decimal> decimalLogarithm(const Decimal& value) { return logarithm(Decimal(10, 0), value); }

Result<Decimal> power(const Decimal& base, const Decimal& exponent) {
  if (base.isNan() || exponent.isNan()) return Decimal::nan();
  if (base.isZero() && exponent.isNegative()) return zeroToNegative();
  const int scaleMin = std::max(base.scale(), exponent.scale());
  const auto plain = canonical(exponent);
  if (plain.scale() == 0) {
    constexpr auto kLimit = std::numeric_limits<std::int32_t>::max();
    if (plain.coefficient() <= kLimit && plain.coefficient() >= -kLimit)
      return powerOfInteger(base, static_cast<std::int64_t>(plain.coefficient()),
                            std::max(kMinSignificantDigits, scaleMin));
  } else if (base.isNegative()) {
    return complexPower();
  }
  if (base.isZero()) return Decimal(0, kMinSignificantDigits);
  const auto positive = base.isNegative() ? negate(base) : base;
  const auto logarithm = logarithmOf(toDoubleDouble(positive)) * toDoubleDouble(exponent);
  const double weight = logarithm.high * kLog10OfE;
  if (weight > kWeightMax) return overflow();
  const int scale = std::max(kMinSignificantDigits - static_cast<int>(std::max(weight, -kWeightMax)), scaleMin);
  DRIFT_ASSIGN(const auto result, toDecimal(weight < -kWeightMax ? DoubleDouble{} : exponentialOf(logarithm), scale));
  // An integer exponent beyond 32 bits is even or odd too.
  const bool odd = plain.scale() == 0 && plain.coefficient() % 2 != 0;
  return base.isNegative() && odd ? negate(result) : result;
}

}  // namespace drift::functions
