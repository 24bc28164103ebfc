// Comparisons of more than two values: row values, and one value with the rows of a query or the items of a list.
#include "plan/binder.h"
#include "types/array.h"

namespace drift::plan {

using types::TypeId;
using types::Value;

namespace {

/// An array of more elements is not made a list of.
constexpr std::size_t kListItemsMax = 1000;

std::vector<ExpressionPtr> listOf(ExpressionPtr first, ExpressionPtr second) {
  std::vector<ExpressionPtr> list;
  list.push_back(std::move(first));
  list.push_back(std::move(second));
  return list;
}

ExpressionPtr makeLogic(ExpressionKind kind, std::vector<ExpressionPtr> arguments, SourceSpan span) {
  if (arguments.size() == 1 && kind != ExpressionKind::Not && kind != ExpressionKind::IsNull)
    return std::move(arguments.front());
  auto logic = std::make_unique<Expression>(kind, TypeId::Boolean, span);
  logic->arguments = std::move(arguments);
  return logic;
}

ExpressionPtr negated(ExpressionPtr condition, SourceSpan span) {
  std::vector<ExpressionPtr> one;
  one.push_back(std::move(condition));
  return makeLogic(ExpressionKind::Not, std::move(one), span);
}

using Pair = std::pair<ExpressionPtr, ExpressionPtr>;

/// Compares row values pair by pair from the left (PostgreSQL 9.24.5).
class RowComparison final {
 public:
  RowComparison(std::vector<Pair> pairs, SourceSpan span, const BindEnvironment& environment)
      : m_pairs(std::move(pairs)), m_span(span), m_environment(environment) {}

  Result<ExpressionPtr> bind(std::string_view op) {
    if (op == "=" || op == "<>") {
      std::vector<ExpressionPtr> parts;
      for (std::size_t at = 0; at < m_pairs.size(); ++at) {
        DRIFT_ASSIGN(auto part, compare(op, at));
        parts.push_back(std::move(part));
      }
      return makeLogic(op == "=" ? ExpressionKind::And : ExpressionKind::Or, std::move(parts), m_span);
    }
    if (op != "<" && op != "<=" && op != ">" && op != ">=")
      return makeError(ErrorKind::FeatureNotSupported, "operator {} is not supported for row values", op).at(m_span);
    return ordered(op);
  }

 private:
  Result<ExpressionPtr> compare(std::string_view op, std::size_t at) const {
    return makeOperatorCall(op, listOf(clone(*m_pairs[at].first), clone(*m_pairs[at].second)), m_span, m_span,
                            m_environment);
  }

  /// (a, b) < (c, d) is a < c OR (a = c AND b < d).
  Result<ExpressionPtr> ordered(std::string_view op) const {
    DRIFT_ASSIGN(auto result, compare(op, m_pairs.size() - 1));
    for (auto at = m_pairs.size() - 1; at-- > 0;) {
      DRIFT_ASSIGN(auto strict, compare(op.substr(0, 1), at));
      DRIFT_ASSIGN(auto same, compare("=", at));
      auto rest = makeLogic(ExpressionKind::And, listOf(std::move(same), std::move(result)), m_span);
      result = makeLogic(ExpressionKind::Or, listOf(std::move(strict), std::move(rest)), m_span);
    }
    return result;
  }

  const std::vector<Pair> m_pairs;
  const SourceSpan m_span;
  const BindEnvironment& m_environment;
};

/// x op ANY|ALL of a list: each item by itself, joined by OR or AND.
Result<ExpressionPtr> compareItems(const sql::QuantifiedComparison& comparison, ExpressionPtr left,
                                   std::vector<ExpressionPtr> items, SourceSpan span,
                                   const BindEnvironment& environment) {
  const bool any = comparison.quantifier == sql::Quantifier::Any;
  if (items.empty()) return makeConstant(Value::boolean(!any), span);
  const bool plainIn = (any && comparison.op == "=") || (!any && comparison.op == "<>");
  if (plainIn) {
    items.insert(items.begin(), std::move(left));
    std::vector<ExpressionPtr*> all;
    for (auto& item : items) all.push_back(&item);
    DRIFT_TRY(coerceToCommon(all, "ANY", environment));
    auto in = makeLogic(ExpressionKind::InList, std::move(items), span);
    in->negated = !any;
    return in;
  }
  std::vector<ExpressionPtr> parts;
  for (auto& item : items) {
    DRIFT_ASSIGN(auto part, makeOperatorCall(comparison.op, listOf(clone(*left), std::move(item)), comparison.opSpan,
                                             span, environment));
    DRIFT_ASSIGN(part, coerceCondition(std::move(part), any ? "ANY" : "ALL", environment));
    parts.push_back(std::move(part));
  }
  return makeLogic(any ? ExpressionKind::Or : ExpressionKind::And, std::move(parts), span);
}

/// x op ANY|ALL (query). Which value decides: the least or the greatest of the query's.
class QueryComparison final {
 public:
  QueryComparison(Binder& binder, const sql::QuantifiedComparison& comparison, const Scope& scope, SourceSpan span)
      : m_binder(binder),
        m_environment(binder.environment()),
        m_comparison(comparison),
        m_scope(scope),
        m_span(span),
        m_any(comparison.quantifier == sql::Quantifier::Any) {}

  Result<ExpressionPtr> bind(ExpressionPtr left) {
    const auto& op = m_comparison.op;
    ExpressionPtr decision;
    if (op == "=" || op == "<>") {
      // = ALL: both ends are equal to it. <> ANY: one end is not.
      DRIFT_ASSIGN(auto least, compare(*left, "min"));
      DRIFT_ASSIGN(auto greatest, compare(*left, "max"));
      decision = makeLogic(op == "=" ? ExpressionKind::And : ExpressionKind::Or,
                           listOf(std::move(least), std::move(greatest)), m_span);
    } else if (op == "<" || op == "<=" || op == ">" || op == ">=") {
      const bool less = op.front() == '<';
      DRIFT_ASSIGN(decision, compare(*left, less == m_any ? "max" : "min"));
    } else {
      return makeError(ErrorKind::FeatureNotSupported, "{} {} (subquery) is not supported", op, m_any ? "ANY" : "ALL")
          .at(m_comparison.opSpan);
    }
    // Without rows ANY is false and ALL is true; among NULLs only what is decided by another row is known.
    DRIFT_ASSIGN(auto rows, exists(false));
    DRIFT_ASSIGN(auto nulls, exists(true));
    auto known = std::make_unique<Expression>(ExpressionKind::IsTruth, TypeId::Boolean, m_span);
    known->truth = m_any;
    known->arguments.push_back(clone(*decision));
    auto choice = std::make_unique<Expression>(ExpressionKind::Case, TypeId::Boolean, m_span);
    choice->arguments.push_back(negated(std::move(rows), m_span));
    choice->arguments.push_back(makeConstant(Value::boolean(!m_any), m_span));
    choice->arguments.push_back(std::move(known));
    choice->arguments.push_back(makeConstant(Value::boolean(m_any), m_span));
    choice->arguments.push_back(std::move(nulls));
    choice->arguments.push_back(makeConstant(Value::null(TypeId::Boolean), m_span));
    choice->arguments.push_back(std::move(decision));
    return choice;
  }

 private:
  Result<NodePtr> bindQuery() {
    DRIFT_ASSIGN(auto root, m_binder.bindQuery(*m_comparison.query, &m_scope));
    DRIFT_TRY(m_binder.resolveUnknownColumns(root));
    if (root->columns.size() != 1) return Error(ErrorKind::SyntaxError, "subquery has too many columns").at(m_span);
    return root;
  }

  static ExpressionPtr queryOf(ExpressionKind kind, types::Type type, NodePtr root, SourceSpan span) {
    auto expression = std::make_unique<Expression>(kind, type, span);
    setQuery(*expression, std::move(root));
    return expression;
  }

  /// left op (SELECT extreme(column) FROM query)
  Result<ExpressionPtr> compare(const Expression& left, std::string_view extreme) {
    DRIFT_ASSIGN(auto root, bindQuery());
    const auto column = root->columns.front();
    const types::Type argument[] = {column.type};
    auto match = m_environment.registry.resolveAggregate(extreme, argument);
    if (!match.ok()) return std::move(match).error().at(m_span);
    auto call = std::make_unique<Expression>(ExpressionKind::Aggregate, match->result, m_span);
    call->aggregate = *match;
    DRIFT_ASSIGN(auto value, coerce(makeColumn(column.slot, column.type, column.name, m_span), match->parameters[0],
                                    types::CastContext::Implicit, m_environment));
    call->arguments.push_back(std::move(value));
    Aggregate aggregate;
    const Column result{m_binder.newSlot(), call->type, std::string(extreme), {}, {}};
    aggregate.aggregates.push_back(std::move(call));
    auto node = std::make_unique<Node>(std::move(aggregate), std::vector<Column>{result});
    node->inputs.push_back(std::move(root));
    return makeOperatorCall(
        m_comparison.op,
        listOf(clone(left), queryOf(ExpressionKind::ScalarQuery, result.type, std::move(node), m_span)),
        m_comparison.opSpan, m_span, m_environment);
  }

  /// EXISTS (query), or whether it has a NULL.
  Result<ExpressionPtr> exists(bool null) {
    DRIFT_ASSIGN(auto root, bindQuery());
    if (null) {
      const auto& column = root->columns.front();
      auto isNull = std::make_unique<Expression>(ExpressionKind::IsNull, TypeId::Boolean, m_span);
      isNull->arguments.push_back(makeColumn(column.slot, column.type, column.name, m_span));
      root = makeOver(std::move(root), Filter{std::move(isNull)});
    }
    return queryOf(ExpressionKind::Exists, TypeId::Boolean, std::move(root), m_span);
  }

  Binder& m_binder;
  const BindEnvironment& m_environment;
  const sql::QuantifiedComparison& m_comparison;
  const Scope& m_scope;
  const SourceSpan m_span;
  const bool m_any;
};

}  // namespace

Result<ExpressionPtr> Binder::bindRowComparison(std::string_view op, const sql::Expression& left,
                                                const sql::Expression& right, const Scope& scope, Clause clause,
                                                SourceSpan span) {
  const auto* first = sql::getIf<sql::RowExpression>(left);
  const auto* second = sql::getIf<sql::RowExpression>(right);
  if (!first || !second) return notSupported("comparing a row value with something else is", span);
  if (first->items.size() != second->items.size())
    return Error(ErrorKind::SyntaxError, "unequal number of entries in row expressions").at(span);
  if (first->items.empty()) return Error(ErrorKind::FeatureNotSupported, "cannot compare rows of zero length").at(span);
  std::vector<Pair> pairs;
  for (std::size_t at = 0; at < first->items.size(); ++at) {
    DRIFT_ASSIGN(auto one, bindExpression(*first->items[at], scope, clause));
    DRIFT_ASSIGN(auto other, bindExpression(*second->items[at], scope, clause));
    pairs.emplace_back(std::move(one), std::move(other));
  }
  return RowComparison(std::move(pairs), span, m_environment).bind(op);
}

Result<ExpressionPtr> Binder::bindRowIn(const sql::InListExpression& list, const Scope& scope, Clause clause,
                                        SourceSpan span) {
  std::vector<ExpressionPtr> parts;
  for (const auto& item : list.items) {
    DRIFT_ASSIGN(auto part, bindRowComparison("=", *list.operand, *item, scope, clause, span));
    parts.push_back(std::move(part));
  }
  auto any = makeLogic(ExpressionKind::Or, std::move(parts), span);
  return list.negated ? negated(std::move(any), span) : std::move(any);
}

Result<ExpressionPtr> Binder::bindRowNull(const sql::RowExpression& row, bool isNegated, const Scope& scope,
                                          Clause clause, SourceSpan span) {
  std::vector<ExpressionPtr> parts;
  for (const auto& item : row.items) {
    DRIFT_ASSIGN(auto value, bindExpression(*item, scope, clause));
    DRIFT_ASSIGN(value, resolveUnknown(std::move(value), m_environment));
    auto isNull = std::make_unique<Expression>(ExpressionKind::IsNull, TypeId::Boolean, span);
    isNull->negated = isNegated;
    isNull->arguments.push_back(std::move(value));
    parts.push_back(std::move(isNull));
  }
  if (parts.empty()) return makeConstant(Value::boolean(true), span);
  return makeLogic(ExpressionKind::And, std::move(parts), span);
}

Result<ExpressionPtr> Binder::bindQuantified(const sql::QuantifiedComparison& comparison, const Scope& scope,
                                             Clause clause, SourceSpan span) {
  DRIFT_ASSIGN(auto left, bindExpression(*comparison.left, scope, clause));
  if (comparison.query) return QueryComparison(*this, comparison, scope, span).bind(std::move(left));
  std::vector<ExpressionPtr> items;
  if (!comparison.array) {
    for (const auto& item : comparison.items) {
      DRIFT_ASSIGN(auto bound, bindExpression(*item, scope, clause));
      items.push_back(std::move(bound));
    }
    return compareItems(comparison, std::move(left), std::move(items), span, m_environment);
  }
  DRIFT_ASSIGN(auto array, bindExpression(*comparison.array, scope, clause));
  // A literal is read as an array of what it is compared with.
  if (array->kind == ExpressionKind::Constant && array->type.id() == TypeId::Unknown) {
    const auto element = left->type.id() == TypeId::Unknown ? types::Type(TypeId::Text) : left->type.bare();
    if (!element.isArray()) {
      DRIFT_ASSIGN(array, coerce(std::move(array), types::Type::array(element), types::CastContext::Implicit,
                                 m_environment));
    }
  }
  if (!array->type.isArray())
    return Error(ErrorKind::WrongObjectType, "op ANY/ALL (array) requires array on right side").at(array->span);
  if (array->kind != ExpressionKind::Constant)
    return bindArrayComparison(comparison, std::move(left), std::move(array), span);
  if (array->value.isNull()) return makeConstant(Value::null(TypeId::Boolean), span);
  // Known elements are a list, which indexes and pages can be asked for.
  DRIFT_ASSIGN(const auto elements, types::arrayElements(array->value.asString(), array->type.element()));
  if (elements.size() > kListItemsMax)
    return bindArrayComparison(comparison, std::move(left), std::move(array), span);
  for (const auto& element : elements) items.push_back(makeConstant(element, array->span));
  return compareItems(comparison, std::move(left), std::move(items), span, m_environment);
}

}  // namespace drift::plan
