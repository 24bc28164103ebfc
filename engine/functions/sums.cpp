// sum and avg. Result types are PostgreSQL's: integers sum to bigint, bigints to numeric, averages
// of exact numbers are numeric.
#include <cmath>

#include "functions/aggregates.h"
#include "functions/decimal_fast.h"
#include "functions/failures.h"
#include "types/calendar.h"
#include "types/wide_int.h"

namespace drift::functions {

namespace {

using namespace types;

/// Exact sum of integers: 128 bits hold 2^64 values of 64 bits.
struct IntegerSum {
  Int128 sum = 0;
  std::int64_t count = 0;

  Status add(std::int64_t value) {
    sum += value;
    ++count;
    return {};
  }
  Status merge(const IntegerSum& other) {
    sum += other.sum;
    count += other.count;
    return {};
  }
};

/// Small numbers of one scale, which is what columns have, are added up apart as plain integers.
struct DecimalSum {
  Decimal sum;
  std::int64_t count = 0;
  Int128 smallSum = 0;  ///< of less than 2^63 numbers below 2^63: cannot wrap
  int smallScale = -1;  ///< -1: there are none

  Status add(const Decimal& value) {
    ++count;
    if (isSmall(value)) {
      if (smallScale < 0) smallScale = value.scale();
      if (smallScale == value.scale()) {
        smallSum += value.coefficient();
        return {};
      }
    }
    DRIFT_ASSIGN(sum, types::add(sum, value));
    return {};
  }
  Result<Decimal> total() const {
    if (smallScale < 0) return sum;
    return types::add(sum, Decimal(smallSum, smallScale));
  }
  Status merge(const DecimalSum& other) {
    count += other.count;
    DRIFT_ASSIGN(const auto more, other.total());
    DRIFT_ASSIGN(sum, types::add(sum, more));
    return {};
  }
};

Status updateDecimalSums(Arguments arguments, std::size_t rows, std::byte* const* states) {
  const auto view = arguments[0].view();
  for (std::size_t row = 0; row < rows; ++row) {
    if (view.isNull(row)) continue;
    auto& state = stateAt<DecimalSum>(states[row]);
    const auto& value = view.at<Decimal>(row);
    if (isSmall(value) && state.smallScale == value.scale()) {
      state.smallSum += value.coefficient();
      ++state.count;
    } else {
      DRIFT_TRY(state.add(value));
    }
  }
  return {};
}

struct DoubleSum {
  double sum = 0;
  std::int64_t count = 0;

  Status add(double value) {
    const double next = sum + value;
    if (std::isinf(next) && !std::isinf(sum) && !std::isinf(value)) return doubleOverflow();
    sum = next;
    ++count;
    return {};
  }
  Status merge(const DoubleSum& other) {
    DRIFT_TRY(add(other.sum));
    count += other.count - 1;
    return {};
  }
};

struct IntervalSum {
  Interval sum;
  std::int64_t count = 0;

  Status add(const Interval& value) {
    ++count;
    DRIFT_ASSIGN(sum, types::add(sum, value));
    return {};
  }
  Status merge(const IntervalSum& other) {
    count += other.count;
    DRIFT_ASSIGN(sum, types::add(sum, other.sum));
    return {};
  }
};

/// An Int128 as a decimal; a sum of 2^64 bigints has 39 digits at most, one more than fits.
Result<Decimal> decimalOf(Int128 value) {
  constexpr auto kEnd = static_cast<Int128>(kPowersOfTen[Decimal::kDigitsMax]);
  if (value >= kEnd || value <= -kEnd)
    return Error(ErrorKind::NumericValueOutOfRange, "value overflows numeric format");
  return Decimal(value, 0);
}

Status sumToBigInt(const IntegerSum& state, std::int64_t& result) {
  if (state.sum < INT64_MIN || state.sum > INT64_MAX) return integerOutOfRange<std::int64_t>();
  result = static_cast<std::int64_t>(state.sum);
  return {};
}

Status sumToNumeric(const IntegerSum& state, Decimal& result) {
  DRIFT_ASSIGN(result, decimalOf(state.sum));
  return {};
}

Status averageOfIntegers(const IntegerSum& state, Decimal& result) {
  DRIFT_ASSIGN(const auto sum, decimalOf(state.sum));
  DRIFT_ASSIGN(result, divide(sum, Decimal::fromInteger(state.count)));
  return {};
}

Status sumOfDecimals(const DecimalSum& state, Decimal& result) {
  DRIFT_ASSIGN(result, state.total());
  return {};
}

Status averageOfDecimals(const DecimalSum& state, Decimal& result) {
  DRIFT_ASSIGN(const auto sum, state.total());
  DRIFT_ASSIGN(result, divide(sum, Decimal::fromInteger(state.count)));
  return {};
}

Status sumOfDoubles(const DoubleSum& state, double& result) {
  result = state.sum;
  return {};
}

/// Added up as doubles, so that neither order nor threads show, and rounded at the end.
Status sumOfReals(const DoubleSum& state, double& result) {
  result = static_cast<float>(state.sum);
  return std::isinf(result) && !std::isinf(state.sum) ? Status(doubleOverflow()) : Status();
}

Status averageOfDoubles(const DoubleSum& state, double& result) {
  result = state.sum / static_cast<double>(state.count);
  return {};
}

Status sumOfIntervals(const IntervalSum& state, Interval& result) {
  result = state.sum;
  return {};
}

Status averageOfIntervals(const IntervalSum& state, Interval& result) {
  DRIFT_ASSIGN(result, divide(state.sum, static_cast<double>(state.count)));
  return {};
}

/// Registers one aggregate over `Argument`; kFinish stores the result of a state that saw a value.
template <class State, class Argument, class R, Status (*kFinish)(const State&, R&)>
void addOne(BuiltIns& builtIns, std::string_view name, Type argument, Type result) {
  auto function = aggregateOf<State>(name, {argument}, result, name == "sum" ? "Sum" : "Arithmetic mean");
  if constexpr (std::is_same_v<State, DecimalSum>) function.update = updateDecimalSums;
  else function.update = updateStates<State, Argument>;
  function.merge = [](const std::byte* from, std::byte* into) -> Status {
    return stateAt<State>(from).count == 0 ? Status() : mergeStates<State>(from, into);
  };
  function.finalize = [](std::byte* const* states, std::size_t count, Vector& out) -> Status {
    for (std::size_t i = 0; i < count; ++i) {
      const auto& state = stateAt<State>(states[i]);
      if (state.count == 0) out.setNull(i);
      else DRIFT_TRY(kFinish(state, out.data<R>()[i]));
    }
    return {};
  };
  builtIns.aggregate(std::move(function));
}

}  // namespace

void addSums(BuiltIns& builtIns) {
  using Small = std::int16_t;
  using Int = std::int32_t;
  using Big = std::int64_t;
  addOne<IntegerSum, Small, Big, sumToBigInt>(builtIns, "sum", TypeId::SmallInt, TypeId::BigInt);
  addOne<IntegerSum, Int, Big, sumToBigInt>(builtIns, "sum", TypeId::Integer, TypeId::BigInt);
  addOne<IntegerSum, Big, Decimal, sumToNumeric>(builtIns, "sum", TypeId::BigInt, TypeId::Numeric);
  addOne<DecimalSum, Decimal, Decimal, sumOfDecimals>(builtIns, "sum", TypeId::Numeric, TypeId::Numeric);
  addOne<DoubleSum, double, double, sumOfDoubles>(builtIns, "sum", TypeId::Double, TypeId::Double);
  addOne<DoubleSum, double, double, sumOfReals>(builtIns, "sum", TypeId::Real, TypeId::Real);
  addOne<IntervalSum, Interval, Interval, sumOfIntervals>(builtIns, "sum", TypeId::Interval, TypeId::Interval);

  addOne<IntegerSum, Small, Decimal, averageOfIntegers>(builtIns, "avg", TypeId::SmallInt, TypeId::Numeric);
  addOne<IntegerSum, Int, Decimal, averageOfIntegers>(builtIns, "avg", TypeId::Integer, TypeId::Numeric);
  addOne<IntegerSum, Big, Decimal, averageOfIntegers>(builtIns, "avg", TypeId::BigInt, TypeId::Numeric);
  addOne<DecimalSum, Decimal, Decimal, averageOfDecimals>(builtIns, "avg", TypeId::Numeric, TypeId::Numeric);
  addOne<DoubleSum, double, double, averageOfDoubles>(builtIns, "avg", TypeId::Double, TypeId::Double);
  addOne<DoubleSum, double, double, averageOfDoubles>(builtIns, "avg", TypeId::Real, TypeId::Double);
  addOne<IntervalSum, Interval, Interval, averageOfIntervals>(builtIns, "avg", TypeId::Interval, TypeId::Interval);
}

}  // namespace drift::functions
