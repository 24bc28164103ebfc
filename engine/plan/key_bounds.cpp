// Conditions on a primary key as ranges of encoded keys.
#include <algorithm>

#include "plan/optimizer.h"
#include "types/key_encoding.h"

namespace drift::plan {

using types::TypeId;
using types::Value;

namespace {

/// column op value, with the column on the left.
struct Comparison {
  Slot slot = 0;
  std::string_view op;
  Value value;  ///< of the column's type
};

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
  const bool widens = (inner.type.isInteger() && expression.type.isInteger()) ||
                      (inner.type.isText() && expression.type.isText() && expression.type.length() == 0);
  return widens && inner.kind == ExpressionKind::Column ? &inner : nullptr;
}

/// The constant as a value of the column's type; nothing where it is not one exactly.
std::optional<Value> asColumnValue(const Value& constant, types::Type column) {
  if (constant.isNull()) return std::nullopt;
  if (column.isText() && constant.type().isText()) return Value(column, constant.storage());
  if (column.id() == constant.type().id()) return constant;
  if (!column.isInteger() || !constant.type().isInteger()) return std::nullopt;
  const auto number = constant.asInt();
  if (column.id() == TypeId::SmallInt && (number < INT16_MIN || number > INT16_MAX)) return std::nullopt;
  if (column.id() == TypeId::Integer && (number < INT32_MIN || number > INT32_MAX)) return std::nullopt;
  return Value(column, number);
}

std::optional<Comparison> comparisonOf(const Expression& condition) {
  if (condition.kind != ExpressionKind::Function || condition.arguments.size() != 2) return std::nullopt;
  const std::string_view op = condition.function.function->name;
  if (op != "=" && op != "<" && op != "<=" && op != ">" && op != ">=") return std::nullopt;
  for (const std::size_t side : {0, 1}) {
    const auto* column = columnOf(*condition.arguments[side]);
    const auto& other = *condition.arguments[1 - side];
    if (!column || other.kind != ExpressionKind::Constant) continue;
    const auto value = asColumnValue(other.value, column->type);
    if (!value) return std::nullopt;
    return Comparison{column->slot, side == 0 ? op : mirrored(op), *value};
  }
  return std::nullopt;
}

void tighten(KeyBounds& bounds, const std::string& prefix, const Comparison& comparison) {
  auto key = prefix;
  types::appendKey(key, comparison.value);
  const bool lower = comparison.op[0] == '>';
  const bool past = comparison.op == ">" || comparison.op == "<=";
  if (past) key = types::keyAfterPrefix(key);
  if (past && key.empty()) return;
  auto& bound = lower ? bounds.from : bounds.to;
  if (!bound || (lower ? key > *bound : key < *bound)) bound = std::move(key);
}

}  // namespace

bool restrictToKeys(Scan& scan, const std::vector<ExpressionPtr>& conditions) {
  if (!scan.table || scan.table->primaryKey.empty()) return true;
  std::vector<Comparison> comparisons;
  for (const auto& condition : conditions)
    if (auto comparison = comparisonOf(*condition)) comparisons.push_back(std::move(*comparison));
  std::string prefix;
  for (const auto id : scan.table->primaryKey) {
    const auto column = std::find_if(scan.columns.begin(), scan.columns.end(),
                                     [id](const auto& other) { return other.column && other.column->id == id; });
    if (column == scan.columns.end()) return true;
    const auto isEqual = [&](const auto& other) { return other.slot == column->slot && other.op == "="; };
    const auto equal = std::find_if(comparisons.begin(), comparisons.end(), isEqual);
    if (equal != comparisons.end()) {
      types::appendKey(prefix, equal->value);
      continue;
    }
    KeyBounds bounds;
    if (!prefix.empty()) {
      bounds.from = prefix;
      if (auto end = types::keyAfterPrefix(prefix); !end.empty()) bounds.to = std::move(end);
    }
    for (const auto& comparison : comparisons)
      if (comparison.slot == column->slot) tighten(bounds, prefix, comparison);
    scan.bounds = std::move(bounds);
    return !scan.bounds.from || !scan.bounds.to || *scan.bounds.from < *scan.bounds.to;
  }
  scan.key = std::move(prefix);
  return true;
}

}  // namespace drift::plan
