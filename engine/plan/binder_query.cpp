// Whole queries: WITH, set operations, ORDER BY over results, LIMIT.
#include <algorithm>
#include <numeric>

#include "plan/binder.h"
#include "sql/column_name.h"

namespace drift::plan {

using types::CastContext;
using types::Type;
using types::TypeId;

NodePtr makeOver(NodePtr input, Node::Body body) {
  auto node = std::make_unique<Node>(std::move(body), input->columns);
  node->inputs.push_back(std::move(input));
  return node;
}

NodePtr makeJoin(JoinKind kind, NodePtr left, NodePtr right, ExpressionPtr condition) {
  auto columns = left->columns;
  if (givesBothSides(kind)) columns.insert(columns.end(), right->columns.begin(), right->columns.end());
  Join join;
  join.kind = kind;
  join.condition = std::move(condition);
  auto node = std::make_unique<Node>(std::move(join), std::move(columns));
  node->inputs.push_back(std::move(left));
  node->inputs.push_back(std::move(right));
  return node;
}

Status Binder::resolveUnknownColumns(NodePtr& root) {
  std::vector<Type> types;
  for (const auto& column : root->columns)
    types.push_back(column.type.id() == TypeId::Unknown ? Type(TypeId::Text) : column.type);
  return coerceColumns(root, types, CastContext::Implicit);
}

Status Binder::coerceColumns(NodePtr& root, const std::vector<Type>& types, CastContext context) {
  const auto same = [&](std::size_t at) { return root->columns[at].type == types[at]; };
  std::vector<std::size_t> places(types.size());
  std::iota(places.begin(), places.end(), std::size_t{0});
  if (std::all_of(places.begin(), places.end(), same)) return {};
  if (auto* project = std::get_if<Project>(&root->body)) {
    for (const auto at : places) {
      if (same(at)) continue;
      DRIFT_ASSIGN(project->expressions[at],
                   coerce(std::move(project->expressions[at]), types[at], context, m_environment));
      root->columns[at].type = types[at];
    }
    return {};
  }
  Project project;
  std::vector<Column> columns;
  for (const auto at : places) {
    auto column = root->columns[at];
    DRIFT_ASSIGN(auto value, coerce(makeColumn(column.slot, column.type, column.name, SourceSpan{}), types[at], context,
                                    m_environment));
    column.slot = newSlot();
    column.type = types[at];
    project.expressions.push_back(std::move(value));
    columns.push_back(std::move(column));
  }
  auto node = std::make_unique<Node>(std::move(project), std::move(columns));
  node->inputs.push_back(std::move(root));
  root = std::move(node);
  return {};
}

namespace {

std::string_view wordFor(sql::SetOperator op) {
  switch (op) {
    case sql::SetOperator::Union: return "UNION";
    case sql::SetOperator::Intersect: return "INTERSECT";
    case sql::SetOperator::Except: return "EXCEPT";
  }
  return {};
}

}  // namespace

Status Binder::matchArms(std::vector<NodePtr>& arms, const sql::SetOperation& operation) {
  const auto word = wordFor(operation.op);
  const auto count = arms.front()->columns.size();
  for (std::size_t arm = 1; arm < arms.size(); ++arm)
    if (arms[arm]->columns.size() != count)
      return makeError(ErrorKind::SyntaxError, "each {} query must have the same number of columns", word)
          .at(operation.arms[arm].span);
  std::vector<Type> common;
  for (std::size_t at = 0; at < count; ++at) {
    std::vector<Type> types;
    for (std::size_t arm = 0; arm < arms.size(); ++arm) {
      types.push_back(arms[arm]->columns[at].type);
      if (!types::commonType(types))
        return makeError(ErrorKind::DatatypeMismatch, "{} types {} and {} cannot be matched", word,
                         types.front().name(), types.back().name())
            .at(operation.arms[arm].span);
    }
    common.push_back(*types::commonType(types));
  }
  for (auto& arm : arms) DRIFT_TRY(coerceColumns(arm, common, CastContext::Implicit));
  return {};
}

Result<NodePtr> Binder::bindSetOperation(const sql::SetOperation& operation, const Scope* outer) {
  std::vector<NodePtr> arms;
  for (const auto& arm : operation.arms) {
    DRIFT_ASSIGN(auto root, bindBody(arm, nullptr, outer));
    arms.push_back(std::move(root));
  }
  DRIFT_TRY(matchArms(arms, operation));
  const auto columnsOf = [&](const Node& first) {
    auto columns = first.columns;
    for (auto& column : columns) column = {newSlot(), column.type, column.name, {}, {}};
    return columns;
  };
  if (operation.op == sql::SetOperator::Union) {
    auto columns = columnsOf(*arms.front());
    auto node = std::make_unique<Node>(Append{}, std::move(columns));
    node->inputs = std::move(arms);
    return operation.all ? std::move(node) : makeOver(std::move(node), Distinct{});
  }
  const auto kind = operation.op == sql::SetOperator::Intersect ? SetKind::Intersect : SetKind::Except;
  auto result = std::move(arms.front());
  for (std::size_t arm = 1; arm < arms.size(); ++arm) {
    auto columns = columnsOf(*result);
    auto node = std::make_unique<Node>(SetOperation{kind, operation.all}, std::move(columns));
    node->inputs.push_back(std::move(result));
    node->inputs.push_back(std::move(arms[arm]));
    result = std::move(node);
  }
  return result;
}

Result<NodePtr> Binder::bindBody(const sql::QueryBody& body, const sql::Query* orderedBy, const Scope* outer) {
  if (const auto* select = std::get_if<sql::SelectBody>(&body.node)) return bindSelect(*select, orderedBy, outer);
  if (const auto* values = std::get_if<sql::ValuesBody>(&body.node)) return bindValues(*values, outer);
  if (const auto* query = std::get_if<sql::QueryPtr>(&body.node)) return bindQuery(**query, outer);
  return bindSetOperation(std::get<sql::SetOperation>(body.node), outer);
}

/// ORDER BY over a set operation, VALUES or a query in parentheses: only result columns can be named.
Result<NodePtr> Binder::orderByOutput(NodePtr root, const sql::Query& query) {
  DRIFT_TRY(resolveUnknownColumns(root));
  Sort sort;
  for (const auto& item : query.orderBy) {
    const Column* found = nullptr;
    const auto* literal = sql::getIf<sql::Literal>(*item.expression);
    const auto* reference = sql::getIf<sql::ColumnReference>(*item.expression);
    if (literal && literal->kind == sql::LiteralKind::Integer) {
      const auto ordinal = literal->text.size() > 6 ? std::size_t{0} : std::stoul(literal->text);
      if (ordinal == 0 || ordinal > root->columns.size())
        return makeError(ErrorKind::InvalidColumnReference, "ORDER BY position {} is not in select list", literal->text)
            .at(item.span);
      found = &root->columns[ordinal - 1];
    } else if (reference && reference->name.parts.size() == 1) {
      const auto& name = reference->name.last().text;
      const auto match = std::find_if(root->columns.begin(), root->columns.end(),
                                      [&](const auto& column) { return column.name == name; });
      if (match == root->columns.end())
        return makeError(ErrorKind::UndefinedColumn, "column \"{}\" does not exist", name).at(item.span);
      found = &*match;
    }
    if (!found)
      return Error(ErrorKind::FeatureNotSupported, "invalid UNION/INTERSECT/EXCEPT ORDER BY clause")
          .withDetail("Only result column names can be used, not expressions or functions.")
          .withHint("Add the expression/function to every SELECT, or move the UNION into a FROM clause.")
          .at(item.span);
    const bool descending = item.direction == sql::SortDirection::Descending;
    const bool nullsFirst = item.nulls == sql::NullsOrder::Default ? descending : item.nulls == sql::NullsOrder::First;
    sort.keys.push_back({makeColumn(found->slot, found->type, found->name, item.span), descending, nullsFirst});
  }
  return makeOver(std::move(root), std::move(sort));
}

Result<std::optional<std::uint64_t>> Binder::rowLimit(const sql::Expression* expression, Clause clause) {
  if (!expression) return std::optional<std::uint64_t>();
  const Scope noColumns;
  DRIFT_ASSIGN(auto bound, bindExpression(*expression, noColumns, clause));
  const auto span = bound->span;
  if (!types::canCast(bound->type, TypeId::BigInt, CastContext::Assignment) && bound->type.id() != TypeId::Unknown)
    return makeError(ErrorKind::DatatypeMismatch, "argument of {} must be type bigint, not type {}", clauseName(clause),
                     bound->type.name())
        .at(span);
  DRIFT_ASSIGN(bound, coerce(std::move(bound), TypeId::BigInt, CastContext::Assignment, m_environment));
  if (bound->kind != ExpressionKind::Constant)
    return makeError(ErrorKind::FeatureNotSupported, "the argument of {} must be a constant", clauseName(clause))
        .at(span);
  if (bound->value.isNull()) return std::optional<std::uint64_t>();
  if (bound->value.asInt() < 0)
    return makeError(ErrorKind::InvalidRowCount, "{} must not be negative", clauseName(clause)).at(span);
  return std::optional<std::uint64_t>(static_cast<std::uint64_t>(bound->value.asInt()));
}

Result<NodePtr> Binder::limit(NodePtr root, const sql::Query& query) {
  if (query.withTies) return notSupported("WITH TIES is", query.span);
  DRIFT_ASSIGN(const auto count, rowLimit(query.limit.get(), Clause::Limit));
  DRIFT_ASSIGN(const auto offset, rowLimit(query.offset.get(), Clause::Offset));
  if (!count && !offset) return root;
  DRIFT_TRY(resolveUnknownColumns(root));
  return makeOver(std::move(root), Limit{offset.value_or(0), count});
}

Result<NodePtr> Binder::bindQuery(const sql::Query& query, const Scope* outer) {
  const auto* tables = m_commonTables;
  const auto moment = m_queryMoment;
  const auto bind = [&]() -> Result<NodePtr> {
    if (query.asOf) {
      DRIFT_ASSIGN(m_queryMoment, bindMoment(*query.asOf));
    }
    CommonTables here{m_commonTables, nullptr, 0, m_queryMoment, outer};
    if (query.with) {
      DRIFT_TRY(checkCommonTables(*query.with, outer));
      here.with = &*query.with;
      here.visible = query.with->tables.size();
      m_commonTables = &here;
    }
    const bool select = std::holds_alternative<sql::SelectBody>(query.body.node);
    DRIFT_ASSIGN(auto root, bindBody(query.body, &query, outer));
    if (!select && !query.orderBy.empty()) {
      DRIFT_ASSIGN(root, orderByOutput(std::move(root), query));
    }
    return limit(std::move(root), query);
  };
  auto root = bind();
  m_commonTables = tables;
  m_queryMoment = moment;
  return root;
}

}  // namespace drift::plan
