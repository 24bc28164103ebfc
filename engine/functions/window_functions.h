// The functions that only a window gives a meaning (PostgreSQL 9.22): what they are called and how many arguments
// they take. What they compute is an operator's matter, since it depends on the rows around.
//
// Thread rule: constants, share them freely.
#pragma once

#include <cstdint>
#include <span>
#include <string_view>

namespace drift::functions {

enum class WindowFunctionKind : std::uint8_t {
  RowNumber,
  Rank,
  DenseRank,
  PercentRank,
  CumeDist,
  Ntile,
  Lag,
  Lead,
  FirstValue,
  LastValue,
  NthValue,
};

struct WindowFunction {
  WindowFunctionKind kind = WindowFunctionKind::RowNumber;
  std::string_view name;
  std::size_t argumentsMin = 0;
  std::size_t argumentsMax = 0;
  std::string_view description;  ///< one line for completion and the manual
};

/// All of them, by name.
std::span<const WindowFunction> windowFunctions();
/// Gives the one of that name, or null.
const WindowFunction* findWindowFunction(std::string_view name);

}  // namespace drift::functions
