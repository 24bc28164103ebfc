// Ordered-set aggregates (PostgreSQL 9.60): percentile_cont, percentile_disc, mode. Their rows come in the order of
// WITHIN GROUP, so what is asked for is at a place, or is the longest run.
#include <cmath>

#include "functions/aggregates.h"
#include "functions/ordering.h"

namespace drift::functions {

namespace {

using namespace types;

/// How a value is kept: strings are copied, since the vectors they come from go away.
template <class T>
struct Kept {
  using Type = T;
  static const T& of(const T& value) { return value; }
  static void store(const T& value, std::size_t row, Vector& out) { out.data<T>()[row] = value; }
  static bool same(const T& a, const T& b) { return Order<T>::compare(a, b) == 0; }
};

template <>
struct Kept<StringRef> {
  using Type = std::string;
  static std::string of(const StringRef& value) { return std::string(value.view()); }
  static void store(const std::string& value, std::size_t row, Vector& out) { out.setString(row, value); }
  static bool same(const std::string& a, const std::string& b) { return a == b; }
};

/// The values of one group, and the fraction that is asked for. The fraction is a constant; NULL gives NULL.
template <class T>
struct Percentile {
  std::vector<typename Kept<T>::Type> values;
  std::optional<double> fraction;

  Status merge(const Percentile& other) {
    values.insert(values.end(), other.values.begin(), other.values.end());
    if (!fraction) fraction = other.fraction;
    return {};
  }
};

template <class T>
Status addToPercentiles(Arguments arguments, std::size_t rows, std::byte* const* states) {
  const auto fractions = arguments[0].view();
  const auto values = arguments[1].view();
  for (std::size_t row = 0; row < rows; ++row) {
    if (values.isNull(row) || fractions.isNull(row)) continue;
    const auto fraction = fractions.at<double>(row);
    if (!(fraction >= 0 && fraction <= 1))
      return makeError(ErrorKind::NumericValueOutOfRange, "percentile value {} is not between 0 and 1", fraction);
    auto& state = stateAt<Percentile<T>>(states[row]);
    state.fraction = fraction;
    state.values.push_back(Kept<T>::of(values.at<T>(row)));
  }
  return {};
}

/// The value at the fraction of the way from the first to the last one, between two of them where it lies there.
Status finishContinuous(std::byte* const* states, std::size_t count, Vector& out) {
  for (std::size_t at = 0; at < count; ++at) {
    const auto& state = stateAt<Percentile<double>>(states[at]);
    if (state.values.empty()) {
      out.setNull(at);
      continue;
    }
    const auto place = *state.fraction * static_cast<double>(state.values.size() - 1);
    const auto below = state.values[static_cast<std::size_t>(std::floor(place))];
    const auto above = state.values[static_cast<std::size_t>(std::ceil(place))];
    out.data<double>()[at] = below == above ? below : below + (above - below) * (place - std::floor(place));
  }
  return {};
}

/// The first value that at least the fraction of all do not come after.
template <class T>
Status finishDiscrete(std::byte* const* states, std::size_t count, Vector& out) {
  for (std::size_t at = 0; at < count; ++at) {
    const auto& state = stateAt<Percentile<T>>(states[at]);
    if (state.values.empty()) {
      out.setNull(at);
      continue;
    }
    const auto place = std::ceil(*state.fraction * static_cast<double>(state.values.size()));
    Kept<T>::store(state.values[place < 1 ? 0 : static_cast<std::size_t>(place) - 1], at, out);
  }
  return {};
}

/// The longest run so far, the first of those that are as long, and the one that goes on.
template <class T>
struct Mode {
  typename Kept<T>::Type best{};
  typename Kept<T>::Type current{};
  std::uint64_t bestCount = 0;
  std::uint64_t currentCount = 0;

  Status add(const T& value) {
    if (currentCount == 0 || !Kept<T>::same(current, Kept<T>::of(value))) {
      current = Kept<T>::of(value);
      currentCount = 0;
    }
    if (++currentCount > bestCount) {
      best = current;
      bestCount = currentCount;
    }
    return {};
  }
  Status merge(const Mode& other) {
    if (other.bestCount > bestCount) *this = other;
    return {};
  }
};

template <class T>
void addFor(BuiltIns& builtIns, Type type) {
  auto discrete = aggregateOf<Percentile<T>>("percentile_disc", {TypeId::Double, type}, type,
                                             "First value at or behind a fraction of the rows, WITHIN GROUP");
  discrete.ordered = true;
  discrete.update = addToPercentiles<T>;
  discrete.merge = mergeStates<Percentile<T>>;
  discrete.finalize = finishDiscrete<T>;
  builtIns.aggregate(std::move(discrete));

  auto mode = aggregateOf<Mode<T>>("mode", {type}, type, "Most frequent value, WITHIN GROUP");
  mode.ordered = true;
  mode.update = updateStates<Mode<T>, T>;
  mode.merge = mergeStates<Mode<T>>;
  mode.finalize = [](std::byte* const* states, std::size_t count, Vector& out) -> Status {
    for (std::size_t at = 0; at < count; ++at) {
      const auto& state = stateAt<Mode<T>>(states[at]);
      if (state.bestCount == 0) out.setNull(at);
      else Kept<T>::store(state.best, at, out);
    }
    return {};
  };
  builtIns.aggregate(std::move(mode));
}

}  // namespace

void addOrderedSets(BuiltIns& builtIns) {
  auto continuous = aggregateOf<Percentile<double>>("percentile_cont", {TypeId::Double, TypeId::Double}, TypeId::Double,
                                                    "Value at a fraction of the way through the rows, WITHIN GROUP");
  continuous.ordered = true;
  continuous.update = addToPercentiles<double>;
  continuous.merge = mergeStates<Percentile<double>>;
  continuous.finalize = finishContinuous;
  builtIns.aggregate(std::move(continuous));
  addFor<std::int16_t>(builtIns, TypeId::SmallInt);
  addFor<std::int32_t>(builtIns, TypeId::Integer);
  addFor<std::int64_t>(builtIns, TypeId::BigInt);
  addFor<double>(builtIns, TypeId::Double);
  addFor<double>(builtIns, TypeId::Real);
  addFor<Decimal>(builtIns, TypeId::Numeric);
  addFor<StringRef>(builtIns, TypeId::Text);
  addFor<std::int32_t>(builtIns, TypeId::Date);
  addFor<std::int64_t>(builtIns, TypeId::Timestamp);
  addFor<std::int64_t>(builtIns, TypeId::TimestampTz);
  addFor<std::int64_t>(builtIns, TypeId::Time);
  addFor<Interval>(builtIns, TypeId::Interval);
}

}  // namespace drift::functions
