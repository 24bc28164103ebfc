#include "plan/bound_index.h"

#include <algorithm>

#include "plan/binder_write.h"
#include "plan/immutable.h"
#include "sql/parser.h"
#include "sql/string_literal.h"

namespace drift::plan {

using types::TypeId;

namespace {

Error withoutPlace(const Error& error) {
  return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail());
}

Result<ExpressionPtr> bindPart(const std::string& text, const Scope& scope, Clause clause, Binder& binder) {
  DRIFT_ASSIGN(const auto tree, sql::parseExpression(text));
  if (clause == Clause::IndexPredicate) return binder.bindCondition(*tree, scope, clause);
  DRIFT_ASSIGN(auto part, binder.bindExpression(*tree, scope, clause));
  return resolveUnknown(std::move(part), binder.environment());
}

Result<BoundIndex> bind(const catalog::Table& table, const catalog::Index& index, const BindEnvironment& environment) {
  Binder binder(environment);
  BoundIndex bound;
  bound.inputs = rowColumns(table, binder);
  DRIFT_ASSIGN(const auto scope, scopeOf(bound.inputs, table.name));
  for (const auto& column : index.columns) {
    if (column.isExpression()) {
      DRIFT_ASSIGN(auto part, bindPart(column.expression, scope, Clause::IndexExpression, binder));
      bound.parts.push_back(std::move(part));
      continue;
    }
    const auto input = std::ranges::find(bound.inputs, std::optional(column.column), &Column::column);
    bound.parts.push_back(makeColumn(input->slot, input->type, input->name, SourceSpan{}));
  }
  if (index.isPartial()) {
    DRIFT_ASSIGN(bound.predicate, bindPart(index.predicate, scope, Clause::IndexPredicate, binder));
  }
  return bound;
}

/// Checks what `pick` takes out of a bound index.
Status checkKept(const catalog::Table& table, const catalog::Index& index, std::string_view what,
                 const BindEnvironment& environment, ExpressionPtr (*pick)(BoundIndex&)) {
  bool givesRows = false;
  DRIFT_ASSIGN(const bool kept,
               isKeptSafely(environment, [&](const BindEnvironment& elsewhere) -> Result<ExpressionPtr> {
                 DRIFT_ASSIGN(auto bound, bindIndex(table, index, elsewhere));
                 auto picked = pick(bound);
                 givesRows = givesRows || hasSetFunction(*picked);
                 return picked;
               }));
  if (givesRows)
    return makeError(ErrorKind::FeatureNotSupported, "set-returning functions are not allowed in {}s", what);
  if (kept) return {};
  return makeError(ErrorKind::InvalidObjectDefinition, "functions in {} must be marked IMMUTABLE", what)
      .withDetail("What it gives would depend on the time, on a setting such as the time zone, or on chance.");
}

}  // namespace

Result<BoundIndex> bindIndex(const catalog::Table& table, const catalog::Index& index,
                             const BindEnvironment& environment) {
  auto bound = bind(table, index, environment);
  if (!bound.ok()) return withoutPlace(bound.error());
  return bound;
}

Status checkIndexPart(const catalog::Table& table, const std::string& text, const BindEnvironment& environment) {
  catalog::Index index;
  index.columns.push_back({.column = 0, .descending = false, .nullsFirst = false, .expression = text});
  DRIFT_ASSIGN(const auto bound, bindIndex(table, index, environment));
  DRIFT_TRY(checkIndexable(bound.parts.front()->type));
  return checkKept(table, index, "index expression", environment,
                   [](BoundIndex& own) { return std::move(own.parts.front()); });
}

Status checkIndexable(types::Type type) {
  const bool ordered = type.id() != TypeId::Json && !(type.isArray() && type.element().id() == TypeId::Json);
  if (ordered) return {};
  return makeError(ErrorKind::UndefinedObject,
                   "data type {} has no default operator class for access method \"btree\"", type.name())
      .withHint("Values of this type have no order. Index an expression of another type, such as the text of one field.");
}

Status checkIndexPredicate(const catalog::Table& table, const std::string& text, const BindEnvironment& environment) {
  catalog::Index index;
  index.predicate = text;
  return checkKept(table, index, "index predicate", environment,
                   [](BoundIndex& own) { return std::move(own.predicate); });
}

Result<std::set<ColumnId>> columnsOfIndex(const catalog::Table& table, const catalog::Index& index,
                                          const BindEnvironment& environment) {
  std::set<ColumnId> columns;
  if (!index.hasExpressions() && !index.isPartial()) {
    for (const auto& column : index.columns) columns.insert(column.column);
    return columns;
  }
  DRIFT_ASSIGN(const auto bound, bindIndex(table, index, environment));
  std::vector<Slot> slots;
  for (const auto& part : bound.parts) addSlots(*part, slots);
  if (bound.predicate) addSlots(*bound.predicate, slots);
  for (const auto& input : bound.inputs)
    if (std::ranges::find(slots, input.slot) != slots.end()) columns.insert(*input.column);
  return columns;
}

std::string indexPartText(const catalog::Table& table, const catalog::IndexColumn& column) {
  if (!column.isExpression()) return table.findColumn(column.column)->name;
  const auto tree = sql::parseExpression(column.expression);
  const bool isCall = tree.ok() && (sql::getIf<sql::FunctionCall>(**tree) ||
                                    sql::getIf<sql::ConditionalExpression>(**tree));
  return isCall ? column.expression : "(" + column.expression + ")";
}

std::string withNames(std::string text, const Expression& expression,
                      const std::function<std::optional<std::string>(const Expression& column)>& newName) {
  std::vector<std::pair<SourceSpan, std::string>> places;
  visit(expression, [&](const Expression& node) {
    if (node.kind != ExpressionKind::Column) return;
    if (auto name = newName(node)) places.emplace_back(node.span, std::move(*name));
  });
  // From the back, so that places before stay right; BETWEEN has its operand twice in one place.
  std::ranges::sort(places, std::ranges::greater{}, [](const auto& place) { return place.first.offsetBytes; });
  std::size_t done = SIZE_MAX;
  for (const auto& [span, name] : places) {
    if (span.offsetBytes == done) continue;
    done = span.offsetBytes;
    text.replace(span.offsetBytes, span.lengthBytes, sql::quotedIdentifier(name));
  }
  return text;
}

}  // namespace drift::plan
