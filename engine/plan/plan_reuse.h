// PlanReuse: what it takes to run a plan again: new values of the statement's parameters, and the key ranges that they
// make. Everything else in a plan stays as it is.
//
// A parameter becomes a constant when it is bound, and constants are computed with. Each place where one stands in the
// statement is followed: where it went into something else (a LIMIT, a call that was computed, a condition that was
// dropped), the plan holds for these values only, and is not reused. Neither is one that read the clock or names a
// moment.
//
// Thread rule: plain data, one thread at a time; refers to the plan that it was made of.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "plan/environment.h"
#include "plan/key_ranges.h"
#include "plan/node.h"

namespace drift::plan {

class PlanReuse final {
 public:
  /// Nothing for a plan that cannot be reused.
  static std::optional<PlanReuse> of(Node& root, const PlanTraits& traits, std::span<const types::Value> parameters);

  /// Puts other values in, of the same types and none of them NULL. Gives false, with the plan not to be run before
  /// this succeeds, where they need a plan of their own: one of them is out of a column's range, say.
  bool setParameters(std::span<const types::Value> parameters, const types::TextStyle& style);
  bool hasParameters() const { return !m_constants.empty(); }
  /// True where the numbers of rows in the tables had no part in the choice of the plan.
  bool isSettled() const { return m_settled; }

 private:
  /// A scan whose conditions have parameters in them.
  struct Restricted {
    Node* filter = nullptr;
    Scan* scan = nullptr;
    KeyRanges made;  ///< what the ranges were like, without the ranges
    /// Set: all that the filter says is that the primary key has these values, column by column.
    std::vector<const Expression*> keyValues;
  };
  class Finder;

  static KeyRanges rangesOf(const Restricted& restricted, const std::vector<const Expression*>& conditions);
  static std::vector<const Expression*> conditionsOf(const Restricted& restricted);
  static std::vector<const Expression*> keyValuesOf(const Restricted& restricted);
  static bool restrict(const Restricted& restricted);

  std::vector<Expression*> m_constants;
  std::vector<Restricted> m_restricted;
  bool m_settled = true;
};

}  // namespace drift::plan
