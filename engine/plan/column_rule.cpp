#include "plan/column_rule.h"

namespace drift::plan {

using types::TypeId;
using types::Value;

namespace {

std::string_view mirrored(std::string_view op) {
  if (op == "<") return ">";
  if (op == "<=") return ">=";
  if (op == ">") return "<";
  if (op == ">=") return "<=";
  return op;
}

/// The column under a widening of integers or of varchar: these keep order and equality.
const Expression* columnOf(const Expression& expression) {
  if (expression.kind == ExpressionKind::Column) return &expression;
  if (expression.kind != ExpressionKind::Cast) return nullptr;
  const auto& inner = *expression.arguments[0];
  // A cast to CHAR takes blanks off.
  const bool text = inner.type.isText() && expression.type.isText() && expression.type.length() == 0 &&
                    (expression.type.id() != TypeId::Char || inner.type.id() == TypeId::Char);
  const bool widens = text || (inner.type.isInteger() && expression.type.isInteger());
  return widens && inner.kind == ExpressionKind::Column ? &inner : nullptr;
}

/// The constant as a value of the column's type; nothing where it is not one exactly.
std::optional<Value> asColumnValue(const Value& constant, types::Type column) {
  if (constant.isNull()) return std::nullopt;
  if (column.isText() && constant.type().isText()) return constant.withType(column);
  if (column.id() == constant.type().id()) return constant;
  if (!column.isInteger() || !constant.type().isInteger()) return std::nullopt;
  const auto number = constant.asInt();
  if (column.id() == TypeId::SmallInt && (number < INT16_MIN || number > INT16_MAX)) return std::nullopt;
  if (column.id() == TypeId::Integer && (number < INT32_MIN || number > INT32_MAX)) return std::nullopt;
  return Value(column, number);
}

/// A LIKE pattern up to its first wildcard. `rest` is what follows it.
struct Pattern {
  std::string literal;
  std::string_view rest;
};

std::optional<Pattern> splitPattern(std::string_view pattern) {
  Pattern result;
  for (std::size_t at = 0; at < pattern.size(); ++at) {
    if (pattern[at] == '%' || pattern[at] == '_') {
      result.rest = pattern.substr(at);
      return result;
    }
    if (pattern[at] == '\\' && ++at == pattern.size()) return std::nullopt;  // an error when it runs
    result.literal += pattern[at];
  }
  return result;
}

std::optional<ColumnRule> likeRule(const Expression& call) {
  const auto* column = columnOf(*call.arguments[0]);
  const auto& constant = *call.arguments[1];
  if (!column || !column->type.isText() || constant.kind != ExpressionKind::Constant || constant.value.isNull())
    return std::nullopt;
  const auto pattern = splitPattern(constant.value.asString());
  if (!pattern || (pattern->literal.empty() && !pattern->rest.empty())) return std::nullopt;
  if (pattern->rest.empty())
    return ColumnRule{
        .kind = ColumnRule::Kind::Values, .slot = column->slot, .values = {Value(column->type, pattern->literal)}};
  return ColumnRule{.kind = ColumnRule::Kind::Prefix,
                    .slot = column->slot,
                    .prefix = pattern->literal,
                    .exact = pattern->rest == "%"};
}

std::optional<ColumnRule> comparisonRule(const Expression& call) {
  if (call.arguments.size() != 2) return std::nullopt;
  const std::string_view name = call.function.function->name;
  if (name == "~~") return likeRule(call);
  if (name != "=" && name != "<" && name != "<=" && name != ">" && name != ">=") return std::nullopt;
  for (const std::size_t side : {0, 1}) {
    const auto* column = columnOf(*call.arguments[side]);
    const auto& other = *call.arguments[1 - side];
    if (!column || other.kind != ExpressionKind::Constant) continue;
    auto value = asColumnValue(other.value, column->type);
    if (!value) return std::nullopt;
    const auto op = side == 0 ? name : mirrored(name);
    if (op == "=")
      return ColumnRule{.kind = ColumnRule::Kind::Values, .slot = column->slot, .values = {std::move(*value)}};
    return ColumnRule{.kind = op[0] == '>' ? ColumnRule::Kind::Lower : ColumnRule::Kind::Upper,
                      .slot = column->slot,
                      .bound = {std::move(*value), op.size() == 2}};
  }
  return std::nullopt;
}

std::optional<ColumnRule> listRule(const Expression& list) {
  const auto* column = columnOf(*list.arguments[0]);
  if (!column || list.negated) return std::nullopt;
  ColumnRule rule{.kind = ColumnRule::Kind::Values, .slot = column->slot};
  for (std::size_t at = 1; at < list.arguments.size(); ++at) {
    const auto& item = *list.arguments[at];
    if (item.kind != ExpressionKind::Constant) return std::nullopt;
    if (item.value.isNull()) continue;  // equal to nothing
    auto value = asColumnValue(item.value, column->type);
    if (value) rule.values.push_back(std::move(*value));
    else if (!column->type.isInteger() || !item.value.type().isInteger()) return std::nullopt;
  }
  return rule;
}

/// a = 1 OR a = 2 OR a IN (3, 4): values of one column.
std::optional<ColumnRule> eitherRule(const Expression& either) {
  std::optional<ColumnRule> all;
  for (const auto& argument : either.arguments) {
    auto one = ruleOf(*argument);
    if (!one || one->kind != ColumnRule::Kind::Values || (all && all->slot != one->slot)) return std::nullopt;
    if (!all) all = std::move(one);
    else all->values.insert(all->values.end(), one->values.begin(), one->values.end());
  }
  return all;
}

}  // namespace

std::optional<ColumnRule> ruleOf(const Expression& condition) {
  switch (condition.kind) {
    case ExpressionKind::Function: return comparisonRule(condition);
    case ExpressionKind::InList: return listRule(condition);
    case ExpressionKind::Or: return eitherRule(condition);
    case ExpressionKind::IsNull: {
      const auto* column = columnOf(*condition.arguments[0]);
      if (!column) return std::nullopt;
      return ColumnRule{.kind = condition.negated ? ColumnRule::Kind::NotNull : ColumnRule::Kind::Null,
                        .slot = column->slot};
    }
    case ExpressionKind::Column:
      return ColumnRule{
          .kind = ColumnRule::Kind::Values, .slot = condition.slot, .values = {Value(condition.type, true)}};
    case ExpressionKind::Not: {
      const auto& inner = *condition.arguments[0];
      if (inner.kind != ExpressionKind::Column) return std::nullopt;
      return ColumnRule{.kind = ColumnRule::Kind::Values, .slot = inner.slot, .values = {Value(inner.type, false)}};
    }
    default: return std::nullopt;  // everything else is left to the filter
  }
}

}  // namespace drift::plan
