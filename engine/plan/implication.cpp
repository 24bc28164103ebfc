#include "plan/implication.h"

#include <algorithm>

#include "plan/column_rule.h"
#include "types/cast.h"

namespace drift::plan {

using types::Value;

namespace {

using Kind = ColumnRule::Kind;

bool isWithin(const Value& value, const ColumnRule& rule) {
  switch (rule.kind) {
    case Kind::Values:
      return std::ranges::any_of(rule.values, [&](const auto& one) { return types::compareValues(value, one) == 0; });
    case Kind::Null: return false;
    case Kind::NotNull: return true;
    case Kind::Lower:
    case Kind::Upper: {
      const auto order = types::compareValues(value, rule.bound.value);
      if (order == 0) return rule.bound.inclusive;
      return (order > 0) == (rule.kind == Kind::Lower);
    }
    case Kind::Prefix: return value.asString().starts_with(rule.prefix);
  }
  return false;
}

/// True if what `known` says of a column is all that `wanted` says of it.
bool ruleImplies(const ColumnRule& known, const ColumnRule& wanted) {
  if (known.slot != wanted.slot || !wanted.exact) return false;
  if (wanted.kind == Kind::NotNull) return known.kind != Kind::Null;
  if (known.kind == Kind::Values)
    return std::ranges::all_of(known.values, [&](const auto& value) { return isWithin(value, wanted); });
  if (known.kind != wanted.kind) return false;
  switch (known.kind) {
    case Kind::Null: return true;
    case Kind::Prefix: return known.prefix.starts_with(wanted.prefix);
    case Kind::Lower:
    case Kind::Upper:
      if (types::compareValues(known.bound.value, wanted.bound.value) == 0)
        return wanted.bound.inclusive || !known.bound.inclusive;
      return isWithin(known.bound.value, wanted);
    case Kind::Values:
    case Kind::NotNull: break;
  }
  return false;
}

/// x = y and the like are not true where one side is NULL.
bool tellsNotNull(const Expression& known, const Expression& operand) {
  if (known.kind != ExpressionKind::Function) return false;
  const std::string_view name = known.function.function->name;
  if (name != "=" && name != "<>" && name != "<" && name != "<=" && name != ">" && name != ">=") return false;
  return std::ranges::any_of(known.arguments, [&](const auto& side) { return sameExpression(*side, operand); });
}

bool impliesOne(const Expression& known, const Expression& wanted) {
  if (sameExpression(known, wanted)) return true;
  if (wanted.kind == ExpressionKind::IsNull && wanted.negated && tellsNotNull(known, *wanted.arguments[0])) return true;
  const auto rule = ruleOf(wanted);
  const auto own = rule ? ruleOf(known) : std::nullopt;
  return own && ruleImplies(*own, *rule);
}

}  // namespace

bool implies(const std::vector<const Expression*>& conditions, const Expression& condition) {
  const auto impliesPart = [&](const auto& part) { return implies(conditions, *part); };
  if (condition.kind == ExpressionKind::And) return std::ranges::all_of(condition.arguments, impliesPart);
  if (std::ranges::any_of(conditions, [&](const auto* known) { return impliesOne(*known, condition); })) return true;
  return condition.kind == ExpressionKind::Or && std::ranges::any_of(condition.arguments, impliesPart);
}

}  // namespace drift::plan
