// Divisors, factorials, buckets of histograms, and functions of hyperbolas.
#include <cmath>
#include <limits>

#include "functions/builtins.h"
#include "functions/failures.h"
#include "functions/kernels.h"
#include "types/decimal.h"

namespace drift::functions {

namespace {

using namespace types;

/// Greatest common divisor of the absolute values (Euclid).
std::uint64_t commonDivisor(std::uint64_t a, std::uint64_t b) {
  while (b != 0) a = std::exchange(b, a % b);
  return a;
}

std::uint64_t magnitude(std::int64_t value) {
  return value < 0 ? std::uint64_t{0} - static_cast<std::uint64_t>(value) : static_cast<std::uint64_t>(value);
}

template <class T>
Status gcdKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<T, T, T>(arguments, rows, out, [](T a, T b, T& result) -> Status {
    const auto divisor = commonDivisor(magnitude(a), magnitude(b));
    if (divisor > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) return integerOutOfRange<T>();
    result = static_cast<T>(divisor);
    return {};
  });
}

template <class T>
Status lcmKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<T, T, T>(arguments, rows, out, [](T a, T b, T& result) -> Status {
    result = 0;
    if (a == 0 || b == 0) return {};
    const auto divisor = commonDivisor(magnitude(a), magnitude(b));
    const auto product = static_cast<UInt128>(magnitude(a) / divisor) * magnitude(b);
    if (product > static_cast<std::uint64_t>(std::numeric_limits<T>::max())) return integerOutOfRange<T>();
    result = static_cast<T>(product);
    return {};
  });
}

Status gcdDecimals(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Decimal, Decimal, Decimal>(arguments, rows, out,
                                            [](const Decimal& first, const Decimal& second, Decimal& result) -> Status {
                                              auto a = first.isNegative() ? negate(first) : first;
                                              auto b = second.isNegative() ? negate(second) : second;
                                              const int scale = std::max(a.scale(), b.scale());
                                              if (a.isNan() || b.isNan()) {
                                                result = Decimal::nan();
                                                return {};
                                              }
                                              while (!b.isZero()) {
                                                DRIFT_ASSIGN(const auto rest, modulo(a, b));
                                                a = std::exchange(b, rest);
                                              }
                                              DRIFT_ASSIGN(result, rescale(a, 0, scale));
                                              return {};
                                            });
}

Status factorialKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<Decimal, std::int64_t>(arguments, rows, out, [](std::int64_t n, Decimal& result) -> Status {
    if (n < 0) return Error(ErrorKind::NumericValueOutOfRange, "factorial of a negative number is undefined");
    result = Decimal(1, 0);
    for (std::int64_t factor = 2; factor <= n; ++factor) {
      DRIFT_ASSIGN(result, multiply(result, Decimal::fromInteger(factor)));
    }
    return {};
  });
}

Status minScaleKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return forEachRow(arguments, rows, out, [&](std::size_t row) -> Status {
    const auto& value = arguments[0].view().at<Decimal>(row);
    if (value.isNan()) out.setNull(row);
    else out.data<std::int32_t>()[row] = canonical(value).scale();
    return {};
  });
}

Error bucketError(std::string sentence) { return Error(ErrorKind::InvalidParameterValue, std::move(sentence)); }

/// The bucket of a value among `count` equal ones from low to high: 0 below, count + 1 above. The bounds may fall.
Status bucketOfDoubles(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, double, double, double, std::int32_t>(
      arguments, rows, out,
      [](double value, double low, double high, std::int32_t count, std::int32_t& result) -> Status {
        if (count <= 0) return bucketError("count must be greater than zero");
        if (std::isnan(value) || std::isnan(low) || std::isnan(high))
          return bucketError("operand, lower bound, and upper bound cannot be NaN");
        if (std::isinf(low) || std::isinf(high)) return bucketError("lower and upper bounds must be finite");
        if (low == high) return bucketError("lower bound cannot equal upper bound");
        const bool rising = low < high;
        if (rising ? value < low : value > low) {
          result = 0;
        } else if (rising ? value >= high : value <= high) {
          if (count == std::numeric_limits<std::int32_t>::max()) return integerOutOfRange<std::int32_t>();
          result = count + 1;
        } else {
          const double share = (value - low) / (high - low);
          result = std::min(static_cast<std::int32_t>(share * count), count - 1) + 1;
        }
        return {};
      });
}

Status bucketOfDecimals(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<std::int32_t, Decimal, Decimal, Decimal, std::int32_t>(
      arguments, rows, out,
      [](const Decimal& value, const Decimal& low, const Decimal& high, std::int32_t count,
         std::int32_t& result) -> Status {
        if (count <= 0) return bucketError("count must be greater than zero");
        if (value.isNan() || low.isNan() || high.isNan())
          return bucketError("operand, lower bound, and upper bound cannot be NaN");
        const auto order = compare(low, high);
        if (order == 0) return bucketError("lower bound cannot equal upper bound");
        const bool rising = order < 0;
        if (rising ? compare(value, low) < 0 : compare(value, low) > 0) {
          result = 0;
        } else if (rising ? compare(value, high) >= 0 : compare(value, high) <= 0) {
          if (count == std::numeric_limits<std::int32_t>::max()) return integerOutOfRange<std::int32_t>();
          result = count + 1;
        } else {
          DRIFT_ASSIGN(const auto offset, subtract(value, low));
          DRIFT_ASSIGN(const auto width, subtract(high, low));
          DRIFT_ASSIGN(const auto scaled, multiply(offset, Decimal::fromInteger(count)));
          DRIFT_ASSIGN(const auto rest, modulo(scaled, width));
          DRIFT_ASSIGN(const auto exact, subtract(scaled, rest));
          DRIFT_ASSIGN(const auto number, divide(exact, width));
          DRIFT_ASSIGN(const auto whole, toInteger(number));
          result = static_cast<std::int32_t>(whole) + 1;
        }
        return {};
      });
}

template <double (*kFunction)(double)>
Status mapKernel(const FunctionContext&, Arguments arguments, std::size_t rows, Vector& out) {
  return tryRows<double, double>(arguments, rows, out, [](double a, double& result) -> Status {
    result = kFunction(a);
    if (std::isnan(result) && !std::isnan(a)) return Error(ErrorKind::NumericValueOutOfRange, "input is out of range");
    return {};
  });
}

double hyperbolicSine(double a) { return std::sinh(a); }
double hyperbolicCosine(double a) { return std::cosh(a); }
double hyperbolicTangent(double a) { return std::tanh(a); }
double inverseSine(double a) { return std::asinh(a); }
double inverseCosine(double a) { return std::acosh(a); }
double inverseTangent(double a) { return std::atanh(a); }
double cotangent(double a) { return std::isinf(a) ? std::nan("") : 1.0 / std::tan(a); }

template <class T>
void addDivisors(BuiltIns& builtIns, Type type) {
  builtIns.scalar("gcd", {type, type}, type, gcdKernel<T>, "Greatest common divisor");
  builtIns.scalar("lcm", {type, type}, type, lcmKernel<T>, "Least common multiple");
}

}  // namespace

void addNumberTheory(BuiltIns& builtIns) {
  const Type real = TypeId::Double;
  const Type numeric = TypeId::Numeric;
  const Type integer = TypeId::Integer;
  addDivisors<std::int32_t>(builtIns, integer);
  addDivisors<std::int64_t>(builtIns, TypeId::BigInt);
  builtIns.scalar("gcd", {numeric, numeric}, numeric, gcdDecimals, "Greatest common divisor");
  builtIns.scalar("factorial", {TypeId::BigInt}, numeric, factorialKernel, "Product of the numbers up to n");
  builtIns.scalar("min_scale", {numeric}, integer, minScaleKernel, "Least number of decimals that loses nothing");
  builtIns.scalar("width_bucket", {real, real, real, integer}, integer, bucketOfDoubles,
                  "Bucket of a number: value, low, high, number of buckets");
  builtIns.scalar("width_bucket", {numeric, numeric, numeric, integer}, integer, bucketOfDecimals,
                  "Bucket of a number: value, low, high, number of buckets");
  builtIns.scalar("sinh", {real}, real, mapKernel<hyperbolicSine>, "Hyperbolic sine");
  builtIns.scalar("cosh", {real}, real, mapKernel<hyperbolicCosine>, "Hyperbolic cosine");
  builtIns.scalar("tanh", {real}, real, mapKernel<hyperbolicTangent>, "Hyperbolic tangent");
  builtIns.scalar("asinh", {real}, real, mapKernel<inverseSine>, "Inverse hyperbolic sine");
  builtIns.scalar("acosh", {real}, real, mapKernel<inverseCosine>, "Inverse hyperbolic cosine");
  builtIns.scalar("atanh", {real}, real, mapKernel<inverseTangent>, "Inverse hyperbolic tangent");
  builtIns.scalar("cot", {real}, real, mapKernel<cotangent>, "Cotangent");
}

}  // namespace drift::functions
