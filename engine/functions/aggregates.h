// Loops for aggregates: a State is a plain C++ object in memory of the caller. Internal to this
// module.
#pragma once

#include <memory>
#include <new>
#include <type_traits>

#include "functions/builtins.h"
#include "functions/kernels.h"

namespace drift::functions {

/// Fills in the life cycle of a state type: created in place, destroyed if it owns anything.
template <class State>
AggregateFunction aggregateOf(std::string_view name, BuiltIns::Parameters parameters, types::Type result,
                              std::string_view description) {
  static_assert(alignof(State) <= 16);
  AggregateFunction function;
  function.name = name;
  function.parameters = parameters;
  function.result = result;
  function.description = description;
  function.stateBytes = (sizeof(State) + 15) / 16 * 16;
  function.initialize = [](std::byte* state) { new (state) State(); };
  if constexpr (!std::is_trivially_destructible_v<State>)
    function.destroy = [](std::byte* state) { std::destroy_at(std::launder(reinterpret_cast<State*>(state))); };
  return function;
}

template <class State>
State& stateAt(std::byte* state) {
  return *std::launder(reinterpret_cast<State*>(state));
}

template <class State>
const State& stateAt(const std::byte* state) {
  return *std::launder(reinterpret_cast<const State*>(state));
}

/// Calls state.add(value) for each row whose argument is not NULL; add() returns a Status.
template <class State, class A>
Status updateStates(Arguments arguments, std::size_t rows, std::byte* const* states) {
  const auto view = arguments[0].view();
  for (std::size_t row = 0; row < rows; ++row)
    if (!view.isNull(row)) DRIFT_TRY(stateAt<State>(states[row]).add(view.at<A>(row)));
  return {};
}

/// Calls into.merge(from), which returns a Status.
template <class State>
Status mergeStates(const std::byte* from, std::byte* into) {
  return stateAt<State>(into).merge(stateAt<State>(from));
}

}  // namespace drift::functions
