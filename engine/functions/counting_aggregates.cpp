// count, bool_and, bool_or, every, string_agg.
#include "functions/aggregates.h"

namespace drift::functions {

namespace {

using namespace types;

struct Count {
  std::int64_t rows = 0;
  Status merge(const Count& other) {
    rows += other.rows;
    return {};
  }
};

Status countRows(Arguments, std::size_t rows, std::byte* const* states) {
  for (std::size_t row = 0; row < rows; ++row) ++stateAt<Count>(states[row]).rows;
  return {};
}

Status countValues(Arguments arguments, std::size_t rows, std::byte* const* states) {
  const auto view = arguments[0].view();
  for (std::size_t row = 0; row < rows; ++row) stateAt<Count>(states[row]).rows += !view.isNull(row);
  return {};
}

Status finishCount(std::byte* const* states, std::size_t count, Vector& out) {
  for (std::size_t i = 0; i < count; ++i) out.data<std::int64_t>()[i] = stateAt<Count>(states[i]).rows;
  return {};
}

/// AND or OR of the values that are not NULL.
template <bool kAnd>
struct Logical {
  bool any = false;
  bool value = kAnd;
  Status add(std::uint8_t next) {
    any = true;
    value = kAnd ? value && next : value || next;
    return {};
  }
  Status merge(const Logical& other) { return other.any ? add(other.value) : Status(); }
};

template <bool kAnd>
void addLogical(BuiltIns& builtIns, std::string_view name, std::string_view description) {
  using State = Logical<kAnd>;
  auto function = aggregateOf<State>(name, {TypeId::Boolean}, TypeId::Boolean, description);
  function.update = updateStates<State, std::uint8_t>;
  function.merge = mergeStates<State>;
  function.finalize = [](std::byte* const* states, std::size_t count, Vector& out) -> Status {
    for (std::size_t i = 0; i < count; ++i) {
      const auto& state = stateAt<State>(states[i]);
      if (state.any) out.data<std::uint8_t>()[i] = state.value;
      else out.setNull(i);
    }
    return {};
  };
  builtIns.aggregate(std::move(function));
}

/// Texts in the order they come in. The separator of the first one is not used, but where states
/// are merged it stands between them.
struct Joined {
  bool any = false;
  std::string text;
  std::string firstSeparator;

  void add(std::string_view value, std::string_view separator) {
    if (any) text += separator;
    else firstSeparator = separator;
    any = true;
    text += value;
  }
  Status merge(const Joined& other) {
    if (other.any) add(other.text, other.firstSeparator);
    return {};
  }
};

Status joinValues(Arguments arguments, std::size_t rows, std::byte* const* states) {
  const auto values = arguments[0].view();
  const auto separators = arguments[1].view();
  for (std::size_t row = 0; row < rows; ++row) {
    if (values.isNull(row)) continue;
    const auto separator = separators.isNull(row) ? std::string_view() : separators.at<StringRef>(row).view();
    stateAt<Joined>(states[row]).add(values.at<StringRef>(row).view(), separator);
  }
  return {};
}

Status finishJoined(std::byte* const* states, std::size_t count, Vector& out) {
  for (std::size_t i = 0; i < count; ++i) {
    const auto& state = stateAt<Joined>(states[i]);
    if (state.any) out.setString(i, state.text);
    else out.setNull(i);
  }
  return {};
}

}  // namespace

void addCountingAggregates(BuiltIns& builtIns) {
  auto rows = aggregateOf<Count>("count", {}, TypeId::BigInt, "Number of rows, or of values that are not NULL");
  rows.update = countRows;
  rows.merge = mergeStates<Count>;
  rows.finalize = finishCount;
  auto values = rows;
  values.parameters = {kAnyType};
  values.update = countValues;
  builtIns.aggregate(std::move(rows));
  builtIns.aggregate(std::move(values));

  addLogical<true>(builtIns, "bool_and", "True if all values are true");
  addLogical<true>(builtIns, "every", "True if all values are true");
  addLogical<false>(builtIns, "bool_or", "True if one value is true");

  for (const TypeId type : {TypeId::Text, TypeId::Bytea}) {
    auto joined = aggregateOf<Joined>("string_agg", {type, type}, type, "Values joined by a separator");
    joined.ordered = true;
    joined.update = joinValues;
    joined.merge = mergeStates<Joined>;
    joined.finalize = finishJoined;
    builtIns.aggregate(std::move(joined));
  }
}

}  // namespace drift::functions
