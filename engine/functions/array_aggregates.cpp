// array_agg().
#include "functions/aggregates.h"
#include "types/array.h"

namespace drift::functions {

namespace {

using namespace types;

/// Elements in the order they come in, NULLs too.
struct Gathered {
  std::string parts;
  std::uint32_t count = 0;

  Status merge(const Gathered& other) {
    parts += other.parts;
    count += other.count;
    return {};
  }
};

Status gather(Arguments arguments, std::size_t rows, std::byte* const* states) {
  for (std::size_t row = 0; row < rows; ++row) {
    auto& state = stateAt<Gathered>(states[row]);
    appendElement(state.parts, arguments[0], row);
    ++state.count;
  }
  return {};
}

/// An array of no rows is NULL, as in PostgreSQL.
Status finish(std::byte* const* states, std::size_t count, Vector& out) {
  for (std::size_t at = 0; at < count; ++at) {
    const auto& state = stateAt<Gathered>(states[at]);
    if (state.count == 0) {
      out.setNull(at);
      continue;
    }
    out.setString(at, arrayOf(state.parts, state.count));
  }
  return {};
}

}  // namespace

void addArrayAggregates(BuiltIns& builtIns) {
  auto function = aggregateOf<Gathered>("array_agg", {kAnyElement}, kAnyArray, "Array of the values, NULLs too");
  function.ordered = true;
  function.update = gather;
  function.merge = mergeStates<Gathered>;
  function.finalize = finish;
  builtIns.aggregate(std::move(function));
}

}  // namespace drift::functions
