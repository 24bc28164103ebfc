// Choice among overloads by PostgreSQL's rules (chapters 10.2 and 10.3; func_select_candidate() in
// parse_func.c). Internal to this module. Stateless, thread-safe.
#pragma once

#include <cstddef>
#include <optional>
#include <span>
#include <vector>

#include "types/type.h"

namespace drift::functions {

/// One overload, with a parameter for every argument (a variadic one repeated). kAnyType takes all
/// types.
struct Candidate {
  std::size_t index;  ///< which overload
  std::vector<types::Type> parameters;
};

/// Why no overload was chosen, or which was.
struct Choice {
  enum class Outcome { Found, None, Ambiguous } outcome = Outcome::None;
  const Candidate* candidate = nullptr;  ///< Found only; points into the candidates
};

/// Chooses among candidates that have as many parameters as there are arguments. `isOperator` adds
/// the rule that an unknown operand is first tried as the other one's type.
Choice chooseOverload(const std::vector<Candidate>& candidates, std::span<const types::Type> arguments,
                      bool isOperator);

}  // namespace drift::functions
