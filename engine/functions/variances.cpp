// stddev and variance, of samples and of populations.
#include <cmath>

#include "functions/aggregates.h"
#include "functions/decimal_math.h"
#include "functions/failures.h"

namespace drift::functions {

namespace {

using namespace types;

/// Sums of x and x^2, exact as far as 38 digits go (numeric_stddev_internal() in PostgreSQL's
/// numeric.c).
struct DecimalMoments {
  Decimal sum;
  Decimal sumOfSquares;
  std::int64_t count = 0;

  Status add(const Decimal& value) {
    DRIFT_ASSIGN(const auto square, multiply(value, value));
    DRIFT_ASSIGN(sum, types::add(sum, value));
    DRIFT_ASSIGN(sumOfSquares, types::add(sumOfSquares, square));
    ++count;
    return {};
  }
  Status merge(const DecimalMoments& other) {
    DRIFT_ASSIGN(sum, types::add(sum, other.sum));
    DRIFT_ASSIGN(sumOfSquares, types::add(sumOfSquares, other.sumOfSquares));
    count += other.count;
    return {};
  }
  /// (n * sum(x^2) - sum(x)^2) / (n * divisor).
  Result<Decimal> variance(std::int64_t divisor) const {
    const auto n = Decimal::fromInteger(count);
    DRIFT_ASSIGN(const auto squares, multiply(n, sumOfSquares));
    DRIFT_ASSIGN(const auto square, multiply(sum, sum));
    DRIFT_ASSIGN(const auto numerator, subtract(squares, square));
    if (!numerator.isNan() && (numerator.isZero() || numerator.isNegative())) return Decimal();
    DRIFT_ASSIGN(const auto denominator, multiply(n, Decimal::fromInteger(divisor)));
    return divide(numerator, denominator);
  }
};

/// Mean-free sums after Youngs and Cramer, as PostgreSQL's float8_accum() keeps them.
struct DoubleMoments {
  double sum = 0;
  double deviations = 0;  ///< sum of squared differences from the mean
  std::int64_t count = 0;

  Status add(double value) {
    const double before = static_cast<double>(count);
    ++count;
    const double n = static_cast<double>(count);
    sum += value;
    if (before > 0) {
      const double difference = value * n - sum;
      deviations += difference * difference / (n * before);
    } else if (!std::isfinite(value)) {
      deviations = std::nan("");
    }
    if (std::isinf(sum) && !std::isinf(value)) return doubleOverflow();
    return {};
  }
  Status merge(const DoubleMoments& other) {
    if (other.count == 0) return {};
    if (count == 0) {
      *this = other;
      return {};
    }
    const double n = static_cast<double>(count);
    const double m = static_cast<double>(other.count);
    const double difference = sum / n - other.sum / m;
    deviations += other.deviations + n * m * difference * difference / (n + m);
    sum += other.sum;
    count += other.count;
    return {};
  }
  Result<double> variance(std::int64_t divisor) const { return deviations / static_cast<double>(divisor); }
};

Decimal rootOf(const Decimal& variance) { return variance.isNan() ? variance : squareRoot(variance, variance.scale()); }
double rootOf(double variance) { return std::sqrt(variance); }

/// Argument as the state takes it.
Decimal toInput(std::int16_t value) { return Decimal::fromInteger(value); }
Decimal toInput(std::int32_t value) { return Decimal::fromInteger(value); }
Decimal toInput(std::int64_t value) { return Decimal::fromInteger(value); }
const Decimal& toInput(const Decimal& value) { return value; }
double toInput(double value) { return value; }

template <class State, class A, class R, bool kSample, bool kRoot>
void addOne(BuiltIns& builtIns, std::string_view name, Type argument, Type result, std::string_view description) {
  auto function = aggregateOf<State>(name, {argument}, result, description);
  function.update = [](Arguments arguments, std::size_t rows, std::byte* const* states) -> Status {
    const auto view = arguments[0].view();
    for (std::size_t row = 0; row < rows; ++row)
      if (!view.isNull(row)) DRIFT_TRY(stateAt<State>(states[row]).add(toInput(view.at<A>(row))));
    return {};
  };
  function.merge = mergeStates<State>;
  function.finalize = [](std::byte* const* states, std::size_t count, Vector& out) -> Status {
    for (std::size_t i = 0; i < count; ++i) {
      const auto& state = stateAt<State>(states[i]);
      const auto divisor = state.count - (kSample ? 1 : 0);
      if (divisor <= 0) {
        out.setNull(i);
        continue;
      }
      DRIFT_ASSIGN(const auto variance, state.variance(divisor));
      out.data<R>()[i] = kRoot ? rootOf(variance) : variance;
    }
    return {};
  };
  builtIns.aggregate(std::move(function));
}

template <bool kSample, bool kRoot>
void addNamed(BuiltIns& builtIns, std::string_view name, std::string_view description) {
  const auto addExact = [&]<class A>(TypeId type, const A&) {
    addOne<DecimalMoments, A, Decimal, kSample, kRoot>(builtIns, name, type, TypeId::Numeric, description);
  };
  addExact(TypeId::SmallInt, std::int16_t{});
  addExact(TypeId::Integer, std::int32_t{});
  addExact(TypeId::BigInt, std::int64_t{});
  addExact(TypeId::Numeric, Decimal{});
  addOne<DoubleMoments, double, double, kSample, kRoot>(builtIns, name, TypeId::Double, TypeId::Double, description);
}

}  // namespace

void addVariances(BuiltIns& builtIns) {
  addNamed<true, true>(builtIns, "stddev", "Standard deviation of a sample");
  addNamed<true, true>(builtIns, "stddev_samp", "Standard deviation of a sample");
  addNamed<false, true>(builtIns, "stddev_pop", "Standard deviation of a population");
  addNamed<true, false>(builtIns, "variance", "Variance of a sample");
  addNamed<true, false>(builtIns, "var_samp", "Variance of a sample");
  addNamed<false, false>(builtIns, "var_pop", "Variance of a population");
}

}  // namespace drift::functions
