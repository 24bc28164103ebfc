// Mathematical functions of double precision and numeric (PostgreSQL, chapter 9.3).
#include <cmath>
#include <limits>
#include <numbers>
#include <random>

#include "functions/builtins.h"
#include "functions/decimal_math.h"
#include "functions/failures.h"
#include "functions/kernels.h"

namespace drift::functions {

namespace {

using namespace types;

template <double (*kFunction)(double)>
Status mapDoubles(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<double, double>(arguments, rows, out, kFunction);
}

/// Functions whose result may be out of range; kFunction gives an Error for arguments it has no
/// value for.
template <Result<double> (*kFunction)(double)>
Status tryDoubles(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<double, double>(arguments, rows, out, [](double a, double& result) -> Status {
    DRIFT_ASSIGN(result, kFunction(a));
    if (std::isinf(result) && !std::isinf(a)) return doubleOverflow();
    return {};
  });
}

template <Result<double> (*kFunction)(double, double)>
Status tryDoublePairs(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<double, double, double>(arguments, rows, out, [](double a, double b, double& result) -> Status {
    DRIFT_ASSIGN(result, kFunction(a, b));
    if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) return doubleOverflow();
    return {};
  });
}

template <Result<Decimal> (*kFunction)(const Decimal&)>
Status tryDecimals(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Decimal, Decimal>(arguments, rows, out, [](const Decimal& a, Decimal& result) -> Status {
    DRIFT_ASSIGN(result, kFunction(a));
    return {};
  });
}

template <Result<Decimal> (*kFunction)(const Decimal&, const Decimal&)>
Status tryDecimalPairs(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Decimal, Decimal, Decimal>(arguments, rows, out,
                                            [](const Decimal& a, const Decimal& b, Decimal& result) -> Status {
                                              DRIFT_ASSIGN(result, kFunction(a, b));
                                              return {};
                                            });
}

template <class T>
Status absoluteInteger(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return checkRows<T, T>(
      arguments, rows, out,
      [](T a, T& result) {
        result = static_cast<T>(a < 0 ? -a : a);
        return a != std::numeric_limits<T>::min();
      },
      integerOutOfRange<T>);
}

double absolute(double a) { return std::abs(a); }
double roundUp(double a) { return std::ceil(a); }
double roundDown(double a) { return std::floor(a); }
double roundHalfEven(double a) { return std::nearbyint(a); }
double cutOff(double a) { return std::trunc(a); }
double signOf(double a) { return a > 0 ? 1 : a < 0 ? -1 : a; }
double cubeRoot(double a) { return std::cbrt(a); }
double toDegrees(double a) { return a * (180 / std::numbers::pi); }
double toRadians(double a) { return a * (std::numbers::pi / 180); }
double arcTangent(double a) { return std::atan(a); }

Error inputOutOfRange() { return Error(ErrorKind::NumericValueOutOfRange, "input is out of range"); }

Result<double> squareRootOf(double a) {
  if (a < 0) return rootOfNegative();
  return std::sqrt(a);
}

Status checkLogarithm(double a) {
  if (a == 0) return logarithmOfZero();
  if (a < 0) return logarithmOfNegative();
  return {};
}

Result<double> naturalLogarithmOf(double a) {
  DRIFT_TRY(checkLogarithm(a));
  return std::log(a);
}

Result<double> decimalLogarithmOf(double a) {
  DRIFT_TRY(checkLogarithm(a));
  return std::log10(a);
}

Result<double> exponentialOf(double a) {
  const double result = std::exp(a);
  if (result == 0 && !std::isinf(a)) return doubleUnderflow();
  return result;
}

Result<double> powerOf(double a, double b) {
  if (a == 0 && b < 0) return zeroToNegative();
  if (a < 0 && std::isfinite(b) && std::floor(b) != b) return complexPower();
  const double result = std::pow(a, b);
  if (result == 0 && a != 0 && std::isfinite(a) && std::isfinite(b)) return doubleUnderflow();
  return result;
}

/// Functions of an angle have no value at infinity.
template <double (*kFunction)(double)>
Result<double> finiteOnly(double a) {
  if (std::isinf(a)) return inputOutOfRange();
  return kFunction(a);
}

template <double (*kFunction)(double)>
Result<double> unitOnly(double a) {
  if (a < -1 || a > 1) return inputOutOfRange();
  return kFunction(a);
}

Result<double> arcTangent2(double a, double b) { return std::atan2(a, b); }

Result<Decimal> absoluteDecimal(const Decimal& a) { return a.isNegative() ? negate(a) : a; }

Result<Decimal> signOfDecimal(const Decimal& a) {
  if (a.isNan()) return a;
  return Decimal(a.isZero() ? 0 : a.isNegative() ? -1 : 1, 0);
}

Result<Decimal> roundDecimal(const Decimal& a) { return rescale(a, 0, 0); }

/// Cuts the decimals off, keeping `scale` of them.
Result<Decimal> truncated(const Decimal& a, int scale) {
  if (a.isNan() || scale >= a.scale()) return a;
  const Decimal unit(1, scale);
  DRIFT_ASSIGN(const auto rest, modulo(a, unit));
  DRIFT_ASSIGN(const auto kept, subtract(a, rest));
  return rescale(kept, 0, scale);
}

Result<Decimal> truncateDecimal(const Decimal& a) { return truncated(a, 0); }

/// Towards minus infinity for kStep -1, towards plus infinity for 1.
template <int kStep>
Result<Decimal> roundTowards(const Decimal& a) {
  DRIFT_ASSIGN(const auto whole, truncated(a, 0));
  if (compare(whole, a) == 0 || a.isNegative() != (kStep < 0)) return whole;
  return types::add(whole, Decimal(kStep, 0));
}

/// Rounds to 10^-places; negative places round before the decimal point.
template <bool kCut>
Status toPlaces(const Decimal& a, std::int32_t places, Decimal& result) {
  constexpr int kMax = Decimal::kDigitsMax;
  if (a.isNan()) {
    result = a;
    return {};
  }
  if (places >= 0) {
    const int scale = std::min(places, kMax);
    if constexpr (kCut) {
      DRIFT_ASSIGN(result, truncated(a, scale));
    } else {
      result = a;
      if (scale < a.scale()) {
        DRIFT_ASSIGN(result, rescale(a, 0, scale));
      }
    }
    // More places than the number has only show zeros; as many as fit.
    for (int wider = scale; wider > result.scale(); --wider) {
      if (const auto padded = rescale(result, 0, wider)) {
        result = *padded;
        break;
      }
    }
    return {};
  }
  if (places < -kMax) {
    result = Decimal();
    return {};
  }
  // Divide by the unit exactly, round, and multiply again. The unit itself may need 39 digits.
  const int zeros = -places;
  DRIFT_ASSIGN(auto units, kCut ? truncated(a, 0) : Result<Decimal>(a));
  const int shift = std::min(zeros, kMax - units.scale());
  if (shift < zeros) {
    result = Decimal();
    return {};
  }
  units = Decimal(units.coefficient(), units.scale() + zeros);
  DRIFT_ASSIGN(units, kCut ? truncated(units, 0) : rescale(units, 0, 0));
  if (units.isZero()) {
    result = Decimal();
    return {};
  }
  for (int i = 0; i < zeros; ++i) {
    DRIFT_ASSIGN(units, multiply(units, Decimal(10, 0)));
  }
  result = units;
  return {};
}

template <bool kCut>
Status toPlacesKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Decimal, Decimal, std::int32_t>(arguments, rows, out, toPlaces<kCut>);
}

Status divideWhole(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Decimal, Decimal, Decimal>(arguments, rows, out,
                                            [](const Decimal& a, const Decimal& b, Decimal& result) -> Status {
                                              DRIFT_ASSIGN(const auto rest, modulo(a, b));
                                              DRIFT_ASSIGN(const auto exact, subtract(a, rest));
                                              DRIFT_ASSIGN(const auto quotient, divide(exact, b));
                                              DRIFT_ASSIGN(result, rescale(quotient, 0, 0));
                                              return {};
                                            });
}

Status scaleKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto& value = arguments[0].view().at<Decimal>(row);
    if (value.isNan()) out.setNull(row);
    else out.data<std::int32_t>()[row] = value.scale();
    return {};
  });
}

Status trimScaleKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return mapUnary<Decimal, Decimal>(arguments, rows, out, canonical);
}

Status piKernel(const FunctionContext&, Arguments, std::size_t rows, Vector& out) {
  for (std::size_t row = 0; row < rows; ++row) out.data<double>()[row] = std::numbers::pi;
  return {};
}

/// Seeded anew for each chunk, so that no state outlives a call.
Status randomKernel(const FunctionContext&, Arguments, std::size_t rows, Vector& out) {
  std::random_device device;
  std::mt19937_64 engine((static_cast<std::uint64_t>(device()) << 32) | device());
  std::uniform_real_distribution<double> distribution(0, 1);
  for (std::size_t row = 0; row < rows; ++row) out.data<double>()[row] = distribution(engine);
  return {};
}

void addAngles(BuiltIns& builtIns) {
  const Type real = TypeId::Double;
  builtIns.scalar("degrees", {real}, real, mapDoubles<toDegrees>, "Radians to degrees");
  builtIns.scalar("radians", {real}, real, mapDoubles<toRadians>, "Degrees to radians");
  builtIns.scalar("sin", {real}, real, tryDoubles<finiteOnly<std::sin>>, "Sine");
  builtIns.scalar("cos", {real}, real, tryDoubles<finiteOnly<std::cos>>, "Cosine");
  builtIns.scalar("tan", {real}, real, tryDoubles<finiteOnly<std::tan>>, "Tangent");
  builtIns.scalar("asin", {real}, real, tryDoubles<unitOnly<std::asin>>, "Inverse sine");
  builtIns.scalar("acos", {real}, real, tryDoubles<unitOnly<std::acos>>, "Inverse cosine");
  builtIns.scalar("atan", {real}, real, mapDoubles<arcTangent>, "Inverse tangent");
  builtIns.scalar("atan2", {real, real}, real, tryDoublePairs<arcTangent2>, "Inverse tangent of a quotient");
  builtIns.scalar("pi", {}, real, piKernel, "The number pi");
}

void addPowers(BuiltIns& builtIns) {
  const Type real = TypeId::Double;
  const Type numeric = TypeId::Numeric;
  builtIns.scalar("sqrt", {real}, real, tryDoubles<squareRootOf>, "Square root");
  builtIns.scalar("sqrt", {numeric}, numeric, tryDecimals<squareRoot>, "Square root");
  builtIns.scalar("cbrt", {real}, real, mapDoubles<cubeRoot>, "Cube root");
  builtIns.scalar("exp", {real}, real, tryDoubles<exponentialOf>, "e to the power of a number");
  builtIns.scalar("exp", {numeric}, numeric, tryDecimals<exponential>, "e to the power of a number");
  builtIns.scalar("ln", {real}, real, tryDoubles<naturalLogarithmOf>, "Natural logarithm");
  builtIns.scalar("ln", {numeric}, numeric, tryDecimals<naturalLogarithm>, "Natural logarithm");
  for (const auto* name : {"log", "log10"}) {
    builtIns.scalar(name, {real}, real, tryDoubles<decimalLogarithmOf>, "Logarithm to base 10");
    builtIns.scalar(name, {numeric}, numeric, tryDecimals<decimalLogarithm>, "Logarithm to base 10");
  }
  builtIns.scalar("log", {numeric, numeric}, numeric, tryDecimalPairs<logarithm>, "Logarithm to a base: base, number");
  for (const auto* name : {"power", "pow", "^"}) {
    builtIns.scalar(name, {real, real}, real, tryDoublePairs<powerOf>, "The first number to the power of the second");
    builtIns.scalar(name, {numeric, numeric}, numeric, tryDecimalPairs<power>,
                    "The first number to the power of the second");
  }
}

}  // namespace

void addMath(BuiltIns& builtIns) {
  const Type real = TypeId::Double;
  const Type numeric = TypeId::Numeric;
  const Type integer = TypeId::Integer;
  builtIns.scalar("abs", {TypeId::SmallInt}, TypeId::SmallInt, absoluteInteger<std::int16_t>, "Absolute value");
  builtIns.scalar("abs", {integer}, integer, absoluteInteger<std::int32_t>, "Absolute value");
  builtIns.scalar("abs", {TypeId::BigInt}, TypeId::BigInt, absoluteInteger<std::int64_t>, "Absolute value");
  builtIns.scalar("abs", {real}, real, mapDoubles<absolute>, "Absolute value");
  builtIns.scalar("abs", {numeric}, numeric, tryDecimals<absoluteDecimal>, "Absolute value");
  for (const auto* name : {"ceil", "ceiling"}) {
    builtIns.scalar(name, {real}, real, mapDoubles<roundUp>, "Nearest integer that is not less");
    builtIns.scalar(name, {numeric}, numeric, tryDecimals<roundTowards<1>>, "Nearest integer that is not less");
  }
  builtIns.scalar("floor", {real}, real, mapDoubles<roundDown>, "Nearest integer that is not greater");
  builtIns.scalar("floor", {numeric}, numeric, tryDecimals<roundTowards<-1>>, "Nearest integer that is not greater");
  builtIns.scalar("round", {real}, real, mapDoubles<roundHalfEven>, "Nearest integer, or to n decimals");
  builtIns.scalar("round", {numeric}, numeric, tryDecimals<roundDecimal>, "Nearest integer");
  builtIns.scalar("round", {numeric, integer}, numeric, toPlacesKernel<false>, "Rounded to n decimals");
  builtIns.scalar("trunc", {real}, real, mapDoubles<cutOff>, "Towards zero, to an integer or to n decimals");
  builtIns.scalar("trunc", {numeric}, numeric, tryDecimals<truncateDecimal>, "Towards zero");
  builtIns.scalar("trunc", {numeric, integer}, numeric, toPlacesKernel<true>, "Cut to n decimals");
  builtIns.scalar("sign", {real}, real, mapDoubles<signOf>, "-1, 0 or 1");
  builtIns.scalar("sign", {numeric}, numeric, tryDecimals<signOfDecimal>, "-1, 0 or 1");
  builtIns.scalar("div", {numeric, numeric}, numeric, divideWhole, "Integer quotient, towards zero");
  builtIns.scalar("scale", {numeric}, integer, scaleKernel, "Number of decimals");
  builtIns.scalar("trim_scale", {numeric}, numeric, trimScaleKernel, "Without zeros at the end");
  builtIns.scalar("random", {}, real, randomKernel, "Random number from 0 up to 1", Volatility::Volatile);
  addPowers(builtIns);
  addAngles(builtIns);
}

}  // namespace drift::functions
