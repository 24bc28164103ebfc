// sum and avg. Result types are PostgreSQL's: integers sum to bigint, bigints to numeric, averages
// of exact numbers are numeric.
#include <cmath>

#include "functions/aggregates.h"
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

struct DecimalSum {
  Decimal sum;
  std::int64_t count = 0;

  Status add(const Decimal& value) {
    ++count;
    DRIFT_ASSIGN(sum, types::add(sum, value));
    return {};
  }
  Status merge(const DecimalSum& other) {
    count += other.count;
    DRIFT_ASSIGN(sum, types::add(sum, other.sum));
    return {};
  }
};

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
  result = state.sum;
  return {};
}

Status averageOfDecimals(const DecimalSum& state, Decimal& result) {
  DRIFT_ASSIGN(result, divide(state.sum, Decimal::fromInteger(state.count)));
  return {};
}

Status sumOfDoubles(const DoubleSum& state, double& result) {
  result = state.sum;
  return {};
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
  function.update = updateStates<State, Argument>;
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
  addOne<IntervalSum, Interval, Interval, sumOfIntervals>(builtIns, "sum", TypeId::Interval, TypeId::Interval);

  addOne<IntegerSum, Small, Decimal, averageOfIntegers>(builtIns, "avg", TypeId::SmallInt, TypeId::Numeric);
  addOne<IntegerSum, Int, Decimal, averageOfIntegers>(builtIns, "avg", TypeId::Integer, TypeId::Numeric);
  addOne<IntegerSum, Big, Decimal, averageOfIntegers>(builtIns, "avg", TypeId::BigInt, TypeId::Numeric);
  addOne<DecimalSum, Decimal, Decimal, averageOfDecimals>(builtIns, "avg", TypeId::Numeric, TypeId::Numeric);
  addOne<DoubleSum, double, double, averageOfDoubles>(builtIns, "avg", TypeId::Double, TypeId::Double);
  addOne<IntervalSum, Interval, Interval, averageOfIntervals>(builtIns, "avg", TypeId::Interval, TypeId::Interval);
}

}  // namespace drift::functions
