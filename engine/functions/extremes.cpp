// min and max of every ordered type.
#include "functions/aggregates.h"
#include "functions/ordering.h"

namespace drift::functions {

namespace {

using namespace types;

template <class T, bool kMin>
struct Extreme {
  bool any = false;
  T value{};

  Status add(const T& next) {
    if (!any || (kMin ? Order<T>::compare(next, value) < 0 : Order<T>::compare(next, value) > 0)) value = next;
    any = true;
    return {};
  }
  Status merge(const Extreme& other) { return other.any ? add(other.value) : Status(); }
  void store(std::size_t row, Vector& out) const { out.data<T>()[row] = value; }
};

/// Strings are copied, since the vectors they come from go away.
template <bool kMin>
struct Extreme<StringRef, kMin> {
  bool any = false;
  std::string value;

  Status add(const StringRef& next) { return add(next.view()); }
  Status add(std::string_view next) {
    if (!any || (kMin ? next < value : next > value)) value = next;
    any = true;
    return {};
  }
  Status merge(const Extreme& other) { return other.any ? add(std::string_view(other.value)) : Status(); }
  void store(std::size_t row, Vector& out) const { out.setString(row, value); }
};

template <class T, bool kMin>
void addOne(BuiltIns& builtIns, Type type) {
  using State = Extreme<T, kMin>;
  auto function = aggregateOf<State>(kMin ? "min" : "max", {type}, type, kMin ? "Least value" : "Greatest value");
  function.update = updateStates<State, T>;
  function.merge = mergeStates<State>;
  function.finalize = [](std::byte* const* states, std::size_t count, Vector& out) -> Status {
    for (std::size_t i = 0; i < count; ++i) {
      const auto& state = stateAt<State>(states[i]);
      if (state.any) state.store(i, out);
      else out.setNull(i);
    }
    return {};
  };
  builtIns.aggregate(std::move(function));
}

template <class T>
void addFor(BuiltIns& builtIns, Type type) {
  addOne<T, true>(builtIns, type);
  addOne<T, false>(builtIns, type);
}

}  // namespace

void addExtremes(BuiltIns& builtIns) {
  addFor<std::int16_t>(builtIns, TypeId::SmallInt);
  addFor<std::int32_t>(builtIns, TypeId::Integer);
  addFor<std::int64_t>(builtIns, TypeId::BigInt);
  addFor<double>(builtIns, TypeId::Double);
  addFor<double>(builtIns, TypeId::Real);
  addFor<Decimal>(builtIns, TypeId::Numeric);
  addFor<StringRef>(builtIns, TypeId::Text);
  addFor<StringRef>(builtIns, TypeId::Char);
  addFor<std::int32_t>(builtIns, TypeId::Date);
  addFor<std::int64_t>(builtIns, TypeId::Timestamp);
  addFor<std::int64_t>(builtIns, TypeId::TimestampTz);
  addFor<std::int64_t>(builtIns, TypeId::Time);
  addFor<Interval>(builtIns, TypeId::Interval);
  addFor<StringRef>(builtIns, kAnyArray);
}

}  // namespace drift::functions
