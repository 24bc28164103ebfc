// ColumnRule: what one condition says of one column, for keys (key_ranges.h) and for the bounds of blocks.
//
// Free function over plain data; one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/expression.h"

namespace drift::plan {

/// Values are of the column's type and not NULL. Which field counts depends on `kind`.
struct ColumnRule {
  enum class Kind : std::uint8_t { Values, Null, NotNull, Lower, Upper, Prefix };
  struct Bound {
    types::Value value;
    bool inclusive = true;
  };

  Kind kind = Kind::Values;
  Slot slot = 0;
  std::vector<types::Value> values{};  ///< Values: one of these
  Bound bound{};                       ///< Lower, Upper
  std::string prefix{};                ///< Prefix: a text that begins so
  bool exact = true;                   ///< the rule is all that the condition says
};

/// Gives the rule of a condition that compares a column with constants, lists, or NULL; nothing for other conditions.
/// Every row that satisfies the condition obeys the rule.
std::optional<ColumnRule> ruleOf(const Expression& condition);

}  // namespace drift::plan
