// Aggregates over pairs of numbers: correlation, covariance, linear regression (PostgreSQL 9.21, table 9.61); and the
// bits of integers.
#include <cmath>

#include "functions/aggregates.h"
#include "functions/failures.h"

namespace drift::functions {

namespace {

using namespace types;

/// Sums without means after Youngs and Cramer, as PostgreSQL's float8_regr_accum() keeps them.
struct PairMoments {
  double count = 0;
  double sumX = 0;
  double squaresX = 0;
  double sumY = 0;
  double squaresY = 0;
  double products = 0;

  Status add(double y, double x) {
    const double before = count;
    ++count;
    sumX += x;
    sumY += y;
    if (before > 0) {
      const double overX = x * count - sumX;
      const double overY = y * count - sumY;
      const double scale = 1.0 / (count * before);
      squaresX += overX * overX * scale;
      squaresY += overY * overY * scale;
      products += overX * overY * scale;
    } else {
      if (!std::isfinite(x)) squaresX = products = std::nan("");
      if (!std::isfinite(y)) squaresY = products = std::nan("");
    }
    const bool overflow = (std::isinf(sumX) && !std::isinf(x)) || (std::isinf(sumY) && !std::isinf(y));
    return overflow ? Status(doubleOverflow()) : Status();
  }

  Status merge(const PairMoments& other) {
    if (other.count == 0) return {};
    if (count == 0) {
      *this = other;
      return {};
    }
    const double apartX = sumX / count - other.sumX / other.count;
    const double apartY = sumY / count - other.sumY / other.count;
    const double weight = count * other.count / (count + other.count);
    squaresX += other.squaresX + weight * apartX * apartX;
    squaresY += other.squaresY + weight * apartY * apartY;
    products += other.products + weight * apartX * apartY;
    count += other.count;
    sumX += other.sumX;
    sumY += other.sumY;
    return {};
  }
};

template <auto kFinish>
void addPair(BuiltIns& builtIns, std::string_view name, std::string_view description) {
  auto function = aggregateOf<PairMoments>(name, {TypeId::Double, TypeId::Double}, TypeId::Double, description);
  function.update = [](Arguments arguments, std::size_t rows, std::byte* const* states) -> Status {
    const auto y = arguments[0].view();
    const auto x = arguments[1].view();
    for (std::size_t row = 0; row < rows; ++row)
      if (!y.isNull(row) && !x.isNull(row))
        DRIFT_TRY(stateAt<PairMoments>(states[row]).add(y.at<double>(row), x.at<double>(row)));
    return {};
  };
  function.merge = mergeStates<PairMoments>;
  function.finalize = [](std::byte* const* states, std::size_t count, Vector& out) -> Status {
    for (std::size_t i = 0; i < count; ++i) {
      const auto& state = stateAt<PairMoments>(states[i]);
      const auto value = state.count < 1 ? std::nullopt : kFinish(state);
      if (value) out.data<double>()[i] = *value;
      else out.setNull(i);
    }
    return {};
  };
  builtIns.aggregate(std::move(function));
}

void addPairs(BuiltIns& builtIns) {
  using Maybe = std::optional<double>;
  using State = const PairMoments&;
  addPair<[](State s) -> Maybe {
    if (s.squaresX == 0 || s.squaresY == 0) return std::nullopt;
    return s.products / std::sqrt(s.squaresX * s.squaresY);
  }>(builtIns, "corr", "Correlation of two numbers");
  addPair<[](State s) -> Maybe { return s.products / s.count; }>(builtIns, "covar_pop", "Covariance of a population");
  addPair<[](State s) -> Maybe { return s.count < 2 ? Maybe() : s.products / (s.count - 1); }>(
      builtIns, "covar_samp", "Covariance of a sample");
  addPair<[](State s) -> Maybe { return s.sumX / s.count; }>(builtIns, "regr_avgx", "Average of x");
  addPair<[](State s) -> Maybe { return s.sumY / s.count; }>(builtIns, "regr_avgy", "Average of y");
  addPair<[](State s) -> Maybe { return s.squaresX; }>(builtIns, "regr_sxx", "Sum of squares of x from its average");
  addPair<[](State s) -> Maybe { return s.squaresY; }>(builtIns, "regr_syy", "Sum of squares of y from its average");
  addPair<[](State s) -> Maybe { return s.products; }>(builtIns, "regr_sxy", "Sum of products from the averages");
  addPair<[](State s) -> Maybe { return s.squaresX == 0 ? Maybe() : s.products / s.squaresX; }>(
      builtIns, "regr_slope", "Slope of the line that fits best");
  addPair<[](State s) -> Maybe {
    return s.squaresX == 0 ? Maybe() : (s.sumY - s.sumX * s.products / s.squaresX) / s.count;
  }>(builtIns, "regr_intercept", "Where the line that fits best meets x = 0");
  addPair<[](State s) -> Maybe {
    if (s.squaresX == 0) return std::nullopt;
    if (s.squaresY == 0) return 1.0;
    return s.products * s.products / (s.squaresX * s.squaresY);
  }>(builtIns, "regr_r2", "Square of the correlation");

  auto count = aggregateOf<PairMoments>("regr_count", {TypeId::Double, TypeId::Double}, TypeId::BigInt,
                                        "Number of pairs without NULL");
  count.update = [](Arguments arguments, std::size_t rows, std::byte* const* states) -> Status {
    for (std::size_t row = 0; row < rows; ++row)
      if (!arguments[0].isNull(row) && !arguments[1].isNull(row)) ++stateAt<PairMoments>(states[row]).count;
    return {};
  };
  count.merge = mergeStates<PairMoments>;
  count.finalize = [](std::byte* const* states, std::size_t groups, Vector& out) -> Status {
    for (std::size_t i = 0; i < groups; ++i)
      out.data<std::int64_t>()[i] = static_cast<std::int64_t>(stateAt<PairMoments>(states[i]).count);
    return {};
  };
  builtIns.aggregate(std::move(count));
}

enum class BitOperation { And, Or, Xor };

template <class T, BitOperation kOperation>
struct Bits {
  bool any = false;
  T value = 0;

  Status add(T next) {
    if (!any) value = next;
    else if constexpr (kOperation == BitOperation::And) value = static_cast<T>(value & next);
    else if constexpr (kOperation == BitOperation::Or) value = static_cast<T>(value | next);
    else value = static_cast<T>(value ^ next);
    any = true;
    return {};
  }
  Status merge(const Bits& other) { return other.any ? add(other.value) : Status(); }
};

template <class T, BitOperation kOperation>
void addBitsOf(BuiltIns& builtIns, std::string_view name, Type type, std::string_view description) {
  using State = Bits<T, kOperation>;
  auto function = aggregateOf<State>(name, {type}, type, description);
  function.update = updateStates<State, T>;
  function.merge = mergeStates<State>;
  function.finalize = [](std::byte* const* states, std::size_t count, Vector& out) -> Status {
    for (std::size_t i = 0; i < count; ++i) {
      const auto& state = stateAt<State>(states[i]);
      if (state.any) out.data<T>()[i] = state.value;
      else out.setNull(i);
    }
    return {};
  };
  builtIns.aggregate(std::move(function));
}

template <BitOperation kOperation>
void addBitAggregate(BuiltIns& builtIns, std::string_view name, std::string_view description) {
  addBitsOf<std::int16_t, kOperation>(builtIns, name, TypeId::SmallInt, description);
  addBitsOf<std::int32_t, kOperation>(builtIns, name, TypeId::Integer, description);
  addBitsOf<std::int64_t, kOperation>(builtIns, name, TypeId::BigInt, description);
}

}  // namespace

void addRegressions(BuiltIns& builtIns) {
  addPairs(builtIns);
  addBitAggregate<BitOperation::And>(builtIns, "bit_and", "Bits that all values have");
  addBitAggregate<BitOperation::Or>(builtIns, "bit_or", "Bits that one value has");
  addBitAggregate<BitOperation::Xor>(builtIns, "bit_xor", "Bits that an odd number of values has");
}

}  // namespace drift::functions
