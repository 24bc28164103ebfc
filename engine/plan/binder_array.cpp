// Arrays: ARRAY[…], ARRAY(query), subscripts, comparisons with the elements of an array, and functions that give rows.
#include <algorithm>

#include "plan/binder.h"
#include "types/array.h"

namespace drift::plan {

using types::CastContext;
using types::Type;
using types::TypeId;
using types::Value;

namespace {

Value emptyArray(Type element) { return Value(Type::array(element), types::ArrayBuilder().finish()); }

/// The one-row input of a function in FROM.
NodePtr oneRow() {
  Values values;
  values.rows.emplace_back();
  return std::make_unique<Node>(std::move(values), std::vector<Column>());
}

}  // namespace

Result<ExpressionPtr> Binder::bindArray(const sql::ArrayExpression& array, std::optional<Type> element,
                                        const Scope& scope, Clause clause, SourceSpan span) {
  if (array.query) return bindArrayQuery(*array.query, scope, clause, span);
  if (array.items.empty()) {
    if (element) return makeConstant(emptyArray(*element), span);
    return Error(ErrorKind::IndeterminateDatatype, "cannot determine type of empty array")
        .withHint("Explicitly cast to the desired type, for example ARRAY[]::integer[].")
        .at(span);
  }
  std::vector<ExpressionPtr> items;
  std::vector<ExpressionPtr*> all;
  bool nested = false;
  for (const auto& item : array.items) {
    const auto* inner = sql::getIf<sql::ArrayExpression>(*item);
    ExpressionPtr bound;
    if (inner) {
      DRIFT_ASSIGN(bound, bindArray(*inner, element, scope, clause, item->span));
    } else {
      DRIFT_ASSIGN(bound, bindExpression(*item, scope, clause));
    }
    nested = nested || bound->type.isArray();
    if (element) {
      const auto wanted = bound->type.isArray() ? Type::array(*element) : *element;
      DRIFT_ASSIGN(bound, coerce(std::move(bound), wanted, CastContext::Explicit, m_environment));
    }
    items.push_back(std::move(bound));
  }
  for (auto& item : items) all.push_back(&item);
  DRIFT_TRY(coerceToCommon(all, "ARRAY", m_environment));
  return makeOperatorCall(functions::kArrayName, std::move(items), span, span, m_environment);
}

/// The query's rows gathered by array_agg(), and an empty array where there are none.
Result<ExpressionPtr> Binder::bindArrayQuery(const sql::Query& query, const Scope& scope, Clause clause,
                                             SourceSpan span) {
  if (belongsToTable(clause))
    return subqueryRefused(clause, span);
  DRIFT_ASSIGN(auto root, bindQuery(query, &scope));
  DRIFT_TRY(resolveUnknownColumns(root));
  if (root->columns.size() != 1)
    return Error(ErrorKind::SyntaxError, "subquery must return only one column").at(span);
  const auto column = root->columns.front();
  if (column.type.isArray()) return notSupported("an array of the arrays of a query is", span);
  auto match = m_environment.registry.resolveAggregate("array_agg", std::span(&column.type, 1));
  if (!match.ok()) return std::move(match).error().at(span);
  auto call = std::make_unique<Expression>(ExpressionKind::Aggregate, match->result, span);
  call->aggregate = *match;
  call->arguments.push_back(makeColumn(column.slot, column.type, column.name, span));
  const auto type = call->type;
  Aggregate aggregate;
  aggregate.aggregates.push_back(std::move(call));
  auto node = std::make_unique<Node>(std::move(aggregate), std::vector<Column>{{newSlot(), type, "array", {}, {}}});
  node->inputs.push_back(std::move(root));
  auto scalar = std::make_unique<Expression>(ExpressionKind::ScalarQuery, type, span);
  setQuery(*scalar, std::move(node));
  auto result = std::make_unique<Expression>(ExpressionKind::Coalesce, type, span);
  result->arguments.push_back(std::move(scalar));
  result->arguments.push_back(makeConstant(emptyArray(type.element()), span));
  return result;
}

Result<ExpressionPtr> Binder::bindSubscript(const sql::SubscriptExpression& subscript, const Scope& scope,
                                            Clause clause, SourceSpan span) {
  DRIFT_ASSIGN(auto operand, bindExpression(*subscript.operand, scope, clause));
  if (!operand->type.isArray())
    return makeError(ErrorKind::DatatypeMismatch, "cannot subscript type {} because it does not support subscripting",
                     operand->type.id() == TypeId::Unknown ? "text" : operand->type.name())
        .at(span);
  if (subscript.subscripts.size() > types::kArrayDimensionsMax)
    return makeError(ErrorKind::LimitExceeded, "number of array dimensions ({}) exceeds the maximum allowed ({})",
                     subscript.subscripts.size(), types::kArrayDimensionsMax)
        .at(span);
  // One pair of bounds makes slices of all: [n] is [1:n] then.
  const bool slice = std::ranges::any_of(subscript.subscripts, &sql::Subscript::slice);
  const auto bound = [&](const sql::ExpressionPtr& tree, std::int32_t otherwise) -> Result<ExpressionPtr> {
    if (!tree) return makeConstant(Value::integer(otherwise), span);
    DRIFT_ASSIGN(auto value, bindExpression(*tree, scope, clause));
    if (value->type.id() != TypeId::Unknown && !value->type.isInteger())
      return Error(ErrorKind::DatatypeMismatch, "array subscript must have type integer").at(value->span);
    return coerce(std::move(value), TypeId::Integer, CastContext::Assignment, m_environment);
  };
  std::vector<ExpressionPtr> arguments;
  arguments.push_back(std::move(operand));
  for (const auto& one : subscript.subscripts) {
    if (slice) {
      DRIFT_ASSIGN(auto lower, bound(one.lower, one.slice ? INT32_MIN : 1));
      arguments.push_back(std::move(lower));
    }
    DRIFT_ASSIGN(auto upper, bound(one.upper, INT32_MAX));
    arguments.push_back(std::move(upper));
  }
  const auto name = slice ? functions::kSliceName : functions::kSubscriptName;
  return makeOperatorCall(name, std::move(arguments), span, span, m_environment);
}

/// left op ANY|ALL (array), where the array is not known before the query runs.
Result<ExpressionPtr> Binder::bindArrayComparison(const sql::QuantifiedComparison& comparison, ExpressionPtr left,
                                                  ExpressionPtr array, SourceSpan span) {
  const bool any = comparison.quantifier == sql::Quantifier::Any;
  const Type pair[] = {left->type, array->type.element()};
  auto match = m_environment.registry.resolveOperator(comparison.op, pair);
  if (!match.ok()) return std::move(match).error().at(comparison.opSpan);
  if (match->result.id() != TypeId::Boolean)
    return Error(ErrorKind::WrongObjectType, "op ANY/ALL (array) requires operator to yield boolean")
        .at(comparison.opSpan);
  DRIFT_ASSIGN(left, coerce(std::move(left), match->parameters[0], CastContext::Implicit, m_environment));
  DRIFT_ASSIGN(left, resolveUnknown(std::move(left), m_environment));
  DRIFT_ASSIGN(array, coerce(std::move(array), Type::array(match->parameters[1]), CastContext::Implicit,
                             m_environment));
  auto result = std::make_unique<Expression>(ExpressionKind::ArrayAny, TypeId::Boolean, span);
  result->function = std::move(match).value();
  result->truth = any;
  result->arguments.push_back(std::move(left));
  result->arguments.push_back(std::move(array));
  return result;
}

Result<ExpressionPtr> Binder::bindSetCall(const std::string& name, std::vector<ExpressionPtr> arguments,
                                          SourceSpan span) {
  auto match = m_environment.registry.resolveSet(name, typesOf(arguments));
  if (!match.ok()) return std::move(match).error().at(span);
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    DRIFT_ASSIGN(arguments[at],
                 coerce(std::move(arguments[at]), match->parameters[at], CastContext::Implicit, m_environment));
  }
  auto call = std::make_unique<Expression>(ExpressionKind::SetFunction, match->columns.front().type, span);
  call->set = std::make_shared<const functions::SetMatch>(std::move(match).value());
  call->arguments = std::move(arguments);
  return call;
}

Result<BoundFrom> Binder::bindSetFunction(const sql::TableFunction& function, const Scope& before, SourceSpan span) {
  const Scope noColumns(&before);
  std::vector<ExpressionPtr> arguments;
  for (const auto& argument : function.arguments) {
    DRIFT_ASSIGN(auto bound, bindExpression(*argument, noColumns, Clause::FromFunction));
    arguments.push_back(std::move(bound));
  }
  const auto& name = function.name.last().text;
  DRIFT_ASSIGN(auto call, bindSetCall(name, std::move(arguments), span));
  // The alias of a function of one column is that column's name, too.
  const auto own = function.alias && call->set->columns.size() == 1 ? function.alias->name.text : name;
  std::vector<Column> columns;
  for (const auto& column : call->set->columns)
    columns.push_back({newSlot(), column.type, column.name.empty() ? own : column.name, {}, {}});
  ProjectSet set;
  set.calls.push_back(std::move(call));
  auto node = std::make_unique<Node>(std::move(set), std::move(columns));
  node->inputs.push_back(oneRow());
  if (function.withOrdinality) node = numbered(std::move(node));
  DRIFT_ASSIGN(auto bound, named(std::move(node), name, function.alias, span));
  const auto& first = bound.scope.tables().front().columns.front();
  if (own == name || first.name == own || !function.alias->columns.empty()) return bound;
  // The only column has a name of the function's, and goes by the alias, too: e ->> 'x' is e.value ->> 'x'.
  auto table = bound.scope.tables().front();
  table.hidden.push_back({first.slot, first.type, own, {}, {}});
  bound.scope = Scope();
  DRIFT_TRY(bound.scope.add(std::move(table), span));
  return bound;
}

NodePtr Binder::numbered(NodePtr node) {
  node = makeOver(std::move(node), Ordinality{});
  node->columns.push_back({newSlot(), TypeId::BigInt, "ordinality", {}, {}});
  return node;
}

}  // namespace drift::plan
