// Expressions: literals, names, operators, calls, and the forms that decide what is evaluated.
#include <algorithm>
#include <charconv>

#include "functions/collation.h"
#include "plan/binder.h"
#include "plan/collated.h"
#include "plan/node_walk.h"
#include "sql/call_names.h"
#include "sql/parser.h"
#include "sql/type_name.h"

namespace drift::plan {

using types::CastContext;
using types::TypeId;
using types::Value;

std::string_view clauseName(Clause clause) {
  switch (clause) {
    case Clause::Select: return "SELECT";
    case Clause::Where: return "WHERE";
    case Clause::JoinCondition: return "JOIN conditions";
    case Clause::GroupBy: return "GROUP BY";
    case Clause::Having: return "HAVING";
    case Clause::OrderBy: return "ORDER BY";
    case Clause::Limit: return "LIMIT";
    case Clause::Offset: return "OFFSET";
    case Clause::Values: return "VALUES";
    case Clause::Check: return "check constraints";
    case Clause::Default: return "DEFAULT expressions";
    case Clause::Moment: return "a point in history";
    case Clause::Update: return "UPDATE";
    case Clause::Returning: return "RETURNING";
    case Clause::Filter: return "FILTER";
    case Clause::Aggregate: return "an aggregate";
    case Clause::Window:
    case Clause::WindowArgument: return "window definitions";
    case Clause::FromFunction: return "functions in FROM";
    case Clause::IndexExpression: return "index expressions";
    case Clause::IndexPredicate: return "index predicates";
    case Clause::Generated: return "column generation expressions";
  }
  return {};
}

Error subqueryRefused(Clause clause, SourceSpan span) {
  auto name = clauseName(clause);
  const bool isPlural = clause != Clause::Check && clause != Clause::Default;
  if (isPlural) name.remove_suffix(1);
  return makeError(ErrorKind::FeatureNotSupported, "cannot use subquery in {}", name).at(span);
}

bool belongsToTable(Clause clause) {
  return clause == Clause::Check || clause == Clause::Default || clause == Clause::IndexExpression ||
         clause == Clause::IndexPredicate || clause == Clause::Generated;
}

Error notSupported(std::string_view what, SourceSpan span) {
  return makeError(ErrorKind::FeatureNotSupported, "{} not supported", what).at(span);
}

namespace {

/// Terms of one chain of infix operators, such as a || b || c: each makes the tree one level deeper.
constexpr std::size_t kChainTermsMax = 2000;

class ExpressionBinder final {
 public:
  ExpressionBinder(Binder& binder, const Scope& scope, Clause clause)
      : m_binder(binder), m_environment(binder.environment()), m_scope(scope), m_clause(clause) {}

  Result<ExpressionPtr> bind(const sql::Expression& expression) {
    return std::visit([&](const auto& node) { return bindNode(node, expression.span); }, expression.node);
  }

 private:
  Result<ExpressionPtr> bindNode(const sql::Literal& literal, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::ColumnReference& reference, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::Star&, SourceSpan span) {
    return Error(ErrorKind::SyntaxError, "\"*\" may stand only in a select list or in count(*)").at(span);
  }
  Result<ExpressionPtr> bindNode(const sql::ParameterReference& parameter, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::UnaryExpression& unary, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::BinaryExpression& binary, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::LogicalExpression& logical, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::NotExpression& negation, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::IsTest& test, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::DistinctTest& test, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::LikeExpression& like, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::BetweenExpression& between, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::InListExpression& list, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::InQueryExpression& in, SourceSpan span) {
    return bindInQuery(*in.operand, *in.query, in.negated, span);
  }
  Result<ExpressionPtr> bindNode(const sql::QuantifiedComparison& comparison, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::ExistsExpression& exists, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::ScalarSubquery& subquery, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::CaseExpression& choice, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::ConditionalExpression& conditional, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::CastExpression& cast, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::SystemValue& value, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::FunctionCall& call, SourceSpan span);
  Result<ExpressionPtr> bindNode(const sql::RowExpression&, SourceSpan span) {
    return notSupported("row values are", span);
  }
  Result<ExpressionPtr> bindNode(const sql::ArrayExpression& array, SourceSpan span) {
    return m_binder.bindArray(array, std::nullopt, m_scope, m_clause, span);
  }
  Result<ExpressionPtr> bindNode(const sql::SubscriptExpression& subscript, SourceSpan span) {
    return m_binder.bindSubscript(subscript, m_scope, m_clause, span);
  }
  Result<ExpressionPtr> bindNode(const sql::DefaultMarker&, SourceSpan span) {
    return Error(ErrorKind::SyntaxError, "DEFAULT is not allowed in this context").at(span);
  }
  Result<ExpressionPtr> bindNode(const sql::MomentExpression&, SourceSpan span) {
    return Error(ErrorKind::SyntaxError, "a point in history is not allowed in this context").at(span);
  }

  Result<ExpressionPtr> bindInQuery(const sql::Expression& operand, const sql::Query& query, bool negated,
                                    SourceSpan span);
  Result<ExpressionPtr> bindSubquery(ExpressionKind kind, const sql::Query& query, SourceSpan span);
  Result<ExpressionPtr> bindAggregate(const sql::FunctionCall& call, const std::string& name, SourceSpan span);
  Result<ExpressionPtr> bindNullIf(std::vector<ExpressionPtr> arguments, SourceSpan span);
  Result<ExpressionPtr> bindSequenceCall(const sql::FunctionCall& call, const std::string& name, SourceSpan span);
  Result<ExpressionPtr> bindCollate(const sql::FunctionCall& call, SourceSpan span);
  Result<ExpressionPtr> bindGrouping(const sql::FunctionCall& call, SourceSpan span);
  Result<ExpressionPtr> bindSetCall(const sql::FunctionCall& call, const std::string& name, SourceSpan span);
  Result<ExpressionPtr> bindSqlCall(const sql::FunctionCall& call, std::span<const catalog::FunctionRef> functions,
                                    SourceSpan span);
  Status addAggregateOrder(const sql::FunctionCall& call, Expression& aggregate);
  Status addGroupOrder(const sql::FunctionCall& call, Expression& aggregate);
  Status checkOrderedSet(const sql::FunctionCall& call, const std::string& name, SourceSpan span) const;
  Status refuseAggregate(SourceSpan span) const;
  Status refuseOuterAggregate(const Expression& aggregate) const;
  Result<std::vector<ExpressionPtr>> bindAll(const std::vector<sql::ExpressionPtr>& expressions);
  Result<ExpressionPtr> bindCondition(const sql::Expression& expression, std::string_view clause) {
    DRIFT_ASSIGN(auto condition, bind(expression));
    return coerceCondition(std::move(condition), clause, m_environment);
  }
  Result<ExpressionPtr> compare(std::string_view op, ExpressionPtr left, ExpressionPtr right,
                                const std::optional<std::string>& collation, SourceSpan opSpan, SourceSpan span);
  ExpressionPtr makeLogic(ExpressionKind kind, std::vector<ExpressionPtr> arguments, SourceSpan span) const {
    auto logic = std::make_unique<Expression>(kind, TypeId::Boolean, span);
    logic->arguments = std::move(arguments);
    return logic;
  }

  Binder& m_binder;
  const BindEnvironment& m_environment;
  const Scope& m_scope;
  const Clause m_clause;
};

std::vector<ExpressionPtr> listOf(ExpressionPtr first) {
  std::vector<ExpressionPtr> list;
  list.push_back(std::move(first));
  return list;
}

std::vector<ExpressionPtr> listOf(ExpressionPtr first, ExpressionPtr second) {
  auto list = listOf(std::move(first));
  list.push_back(std::move(second));
  return list;
}

Result<Value> literalValue(const sql::Literal& literal) {
  switch (literal.kind) {
    case sql::LiteralKind::Null: return Value();
    case sql::LiteralKind::Boolean: return Value::boolean(literal.text == "true");
    case sql::LiteralKind::String: return Value::unknown(literal.text);
    case sql::LiteralKind::Numeric: return types::parseText(literal.text, TypeId::Numeric);
    case sql::LiteralKind::Integer: break;
  }
  std::int64_t number = 0;
  const auto* end = literal.text.data() + literal.text.size();
  const auto [stop, error] = std::from_chars(literal.text.data(), end, number);
  if (error != std::errc() || stop != end) return types::parseText(literal.text, TypeId::Numeric);
  if (number <= INT32_MAX) return Value::integer(static_cast<std::int32_t>(number));
  return Value::bigInt(number);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::Literal& literal, SourceSpan span) {
  auto value = literalValue(literal);
  if (!value.ok()) return std::move(value).error().at(span);
  return makeConstant(std::move(value).value(), span);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::ColumnReference& reference, SourceSpan span) {
  DRIFT_ASSIGN(auto column, m_scope.resolve(reference, span));
  return makeColumn(column.slot, column.type, reference.name.toString(), span);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::ParameterReference& parameter, SourceSpan span) {
  if (const auto* arguments = m_binder.functionArguments()) {
    if (parameter.number == 0 || parameter.number > arguments->size())
      return makeError(ErrorKind::UndefinedParameter, "there is no parameter ${}", parameter.number).at(span);
    const auto& argument = (*arguments)[parameter.number - 1];
    return makeColumn(argument.slot, argument.type, fmt::format("${}", parameter.number), span);
  }
  const auto& parameters = m_environment.parameters;
  if (parameter.number == 0 || parameter.number > parameters.size())
    return makeError(ErrorKind::UndefinedParameter, "there is no parameter ${}", parameter.number).at(span);
  auto constant = makeConstant(parameters[parameter.number - 1], span);
  if (auto* traits = m_environment.traits)
    constant->parameter = std::make_shared<const ParameterUse>(ParameterUse{
        .id = ++traits->parameterUses, .parameter = static_cast<std::uint32_t>(parameter.number), .casts = {}});
  return constant;
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::UnaryExpression& unary, SourceSpan span) {
  // The sign belongs to the number: the least integers have a type that their digits alone would not.
  const auto* literal = unary.op == "-" ? sql::getIf<sql::Literal>(*unary.operand) : nullptr;
  if (literal && literal->kind == sql::LiteralKind::Integer) {
    const auto text = "-" + literal->text;
    std::int64_t number = 0;
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && stop == text.data() + text.size()) {
      if (number == INT32_MIN) return makeConstant(Value::integer(INT32_MIN), span);
      if (number == INT64_MIN) return makeConstant(Value::bigInt(INT64_MIN), span);
    }
  }
  DRIFT_ASSIGN(auto operand, bind(*unary.operand));
  return makeOperatorCall(unary.op, listOf(std::move(operand)), unary.opSpan, span, m_environment);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::QuantifiedComparison& comparison, SourceSpan span) {
  const bool any = comparison.quantifier == sql::Quantifier::Any;
  if (comparison.query && any && comparison.op == "=")
    return bindInQuery(*comparison.left, *comparison.query, false, span);
  if (comparison.query && !any && comparison.op == "<>")
    return bindInQuery(*comparison.left, *comparison.query, true, span);
  return m_binder.bindQuantified(comparison, m_scope, m_clause, span);
}

/// The left side may be a chain as long as the statement, so it is walked with a loop.
Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::BinaryExpression& binary, SourceSpan span) {
  if (sql::getIf<sql::RowExpression>(*binary.left) || sql::getIf<sql::RowExpression>(*binary.right))
    return m_binder.bindRowComparison(binary.op, *binary.left, *binary.right, m_scope, m_clause, span);
  std::vector<std::pair<const sql::BinaryExpression*, SourceSpan>> chain{{&binary, span}};
  const auto* left = binary.left.get();
  while (const auto* deeper = sql::getIf<sql::BinaryExpression>(*left)) {
    chain.emplace_back(deeper, left->span);
    left = deeper->left.get();
  }
  if (chain.size() > kChainTermsMax)
    return makeError(ErrorKind::LimitExceeded, "a chain of operators has more than {} terms", kChainTermsMax).at(span);
  DRIFT_ASSIGN(auto result, bind(withoutCollation(*left)));
  for (auto link = chain.rbegin(); link != chain.rend(); ++link) {
    const auto& [sides, place] = *link;
    DRIFT_ASSIGN(auto right, bind(withoutCollation(*sides->right)));
    DRIFT_ASSIGN(const auto collation, collationFor(sides->op, *sides->left, *sides->right, sides->opSpan));
    DRIFT_ASSIGN(result, compare(sides->op, std::move(result), std::move(right), collation, sides->opSpan, place));
  }
  return result;
}

/// A call of an operator, by the keys of a collation where it orders. Equal are the same texts under every collation.
Result<ExpressionPtr> ExpressionBinder::compare(std::string_view op, ExpressionPtr left, ExpressionPtr right,
                                                const std::optional<std::string>& collation, SourceSpan opSpan,
                                                SourceSpan span) {
  if (collation) {
    // By orderedBy() in any case, which looks at the types.
    DRIFT_ASSIGN(left, orderedBy(std::move(left), *collation, opSpan, m_environment));
    DRIFT_ASSIGN(right, orderedBy(std::move(right), *collation, opSpan, m_environment));
  }
  return makeOperatorCall(op, listOf(std::move(left), std::move(right)), opSpan, span, m_environment);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::LogicalExpression& logical, SourceSpan span) {
  const bool conjunction = logical.op == sql::LogicalOperator::And;
  std::vector<ExpressionPtr> operands;
  for (const auto& operand : logical.operands) {
    DRIFT_ASSIGN(auto condition, bindCondition(*operand, conjunction ? "AND" : "OR"));
    operands.push_back(std::move(condition));
  }
  return makeLogic(conjunction ? ExpressionKind::And : ExpressionKind::Or, std::move(operands), span);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::NotExpression& negation, SourceSpan span) {
  DRIFT_ASSIGN(auto condition, bindCondition(*negation.operand, "NOT"));
  return makeLogic(ExpressionKind::Not, listOf(std::move(condition)), span);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::IsTest& test, SourceSpan span) {
  const auto* row = sql::getIf<sql::RowExpression>(*test.operand);
  if (row && test.kind == sql::IsTestKind::Null)
    return m_binder.bindRowNull(*row, test.negated, m_scope, m_clause, span);
  DRIFT_ASSIGN(auto operand, bind(*test.operand));
  if (test.kind == sql::IsTestKind::Null) {
    DRIFT_ASSIGN(operand, resolveUnknown(std::move(operand), m_environment));
    auto isNull = makeLogic(ExpressionKind::IsNull, listOf(std::move(operand)), span);
    isNull->negated = test.negated;
    return isNull;
  }
  const auto* words = test.kind == sql::IsTestKind::True    ? "IS TRUE"
                      : test.kind == sql::IsTestKind::False ? "IS FALSE"
                                                            : "IS UNKNOWN";
  DRIFT_ASSIGN(operand, coerceCondition(std::move(operand), words, m_environment));
  auto truth = makeLogic(ExpressionKind::IsTruth, listOf(std::move(operand)), span);
  if (test.kind != sql::IsTestKind::Unknown) truth->truth = test.kind == sql::IsTestKind::True;
  truth->negated = test.negated;
  return truth;
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::DistinctTest& test, SourceSpan span) {
  DRIFT_ASSIGN(auto left, bind(*test.left));
  DRIFT_ASSIGN(auto right, bind(*test.right));
  DRIFT_TRY(coerceToCommon({&left, &right}, "IS DISTINCT FROM", m_environment));
  auto distinct = makeLogic(ExpressionKind::IsDistinct, listOf(std::move(left), std::move(right)), span);
  distinct->negated = test.negated;
  return distinct;
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::LikeExpression& like, SourceSpan span) {
  DRIFT_ASSIGN(auto operand, bind(*like.operand));
  DRIFT_ASSIGN(auto pattern, bind(*like.pattern));
  ExpressionPtr matches;
  if (like.escape) {
    DRIFT_ASSIGN(auto escape, bind(*like.escape));
    auto arguments = listOf(std::move(operand), std::move(pattern));
    arguments.push_back(std::move(escape));
    DRIFT_ASSIGN(matches,
                 makeFunctionCall(like.ignoreCase ? "ilike" : "like", std::move(arguments), span, m_environment));
  } else {
    DRIFT_ASSIGN(matches, makeOperatorCall(like.ignoreCase ? "~~*" : "~~",
                                           listOf(std::move(operand), std::move(pattern)), span, span, m_environment));
  }
  if (!like.negated) return matches;
  return makeLogic(ExpressionKind::Not, listOf(std::move(matches)), span);
}

/// a BETWEEN b AND c is a >= b AND a <= c (SQL:2016, 8.3); SYMMETRIC takes the bounds in either order.
Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::BetweenExpression& between, SourceSpan span) {
  const auto within = [&](const sql::Expression& low, const sql::Expression& high) -> Result<ExpressionPtr> {
    const auto& tested = *between.operand;
    DRIFT_ASSIGN(auto operand, bind(withoutCollation(tested)));
    DRIFT_ASSIGN(auto least, bind(withoutCollation(low)));
    DRIFT_ASSIGN(const auto collation, collationFor(">=", tested, low, span));
    DRIFT_ASSIGN(auto above, compare(">=", std::move(operand), std::move(least), collation, span, span));
    DRIFT_ASSIGN(operand, bind(withoutCollation(tested)));
    DRIFT_ASSIGN(auto most, bind(withoutCollation(high)));
    DRIFT_ASSIGN(const auto other, collationFor("<=", tested, high, span));
    DRIFT_ASSIGN(auto below, compare("<=", std::move(operand), std::move(most), other, span, span));
    return makeLogic(ExpressionKind::And, listOf(std::move(above), std::move(below)), span);
  };
  DRIFT_ASSIGN(auto result, within(*between.low, *between.high));
  if (between.symmetric) {
    DRIFT_ASSIGN(auto swapped, within(*between.high, *between.low));
    result = makeLogic(ExpressionKind::Or, listOf(std::move(result), std::move(swapped)), span);
  }
  if (!between.negated) return result;
  return makeLogic(ExpressionKind::Not, listOf(std::move(result)), span);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::InListExpression& list, SourceSpan span) {
  if (sql::getIf<sql::RowExpression>(*list.operand)) return m_binder.bindRowIn(list, m_scope, m_clause, span);
  DRIFT_ASSIGN(auto operand, bind(*list.operand));
  DRIFT_ASSIGN(auto arguments, bindAll(list.items));
  arguments.insert(arguments.begin(), std::move(operand));
  std::vector<ExpressionPtr*> all;
  for (auto& argument : arguments) all.push_back(&argument);
  DRIFT_TRY(coerceToCommon(all, "IN", m_environment));
  auto in = makeLogic(ExpressionKind::InList, std::move(arguments), span);
  in->negated = list.negated;
  return in;
}

Result<ExpressionPtr> ExpressionBinder::bindSubquery(ExpressionKind kind, const sql::Query& query, SourceSpan span) {
  if (belongsToTable(m_clause))
    return subqueryRefused(m_clause, span);
  DRIFT_ASSIGN(auto root, m_binder.bindQuery(query, &m_scope));
  DRIFT_TRY(m_binder.resolveUnknownColumns(root));
  if (kind != ExpressionKind::Exists && root->columns.size() != 1)
    return Error(ErrorKind::SyntaxError, "subquery must return only one column").at(span);
  const auto type = kind == ExpressionKind::ScalarQuery ? root->columns.front().type : types::Type(TypeId::Boolean);
  auto expression = std::make_unique<Expression>(kind, type, span);
  setQuery(*expression, std::move(root));
  return expression;
}

Result<ExpressionPtr> ExpressionBinder::bindInQuery(const sql::Expression& operand, const sql::Query& query,
                                                    bool negated, SourceSpan span) {
  DRIFT_ASSIGN(auto left, bind(operand));
  DRIFT_ASSIGN(auto root, m_binder.bindQuery(query, &m_scope));
  DRIFT_TRY(m_binder.resolveUnknownColumns(root));
  if (root->columns.size() != 1) return Error(ErrorKind::SyntaxError, "subquery has too many columns").at(span);
  const types::Type pair[] = {left->type, root->columns.front().type};
  const auto common = types::commonType(pair);
  if (!common)
    return makeError(ErrorKind::UndefinedFunction, "operator does not exist: {} = {}", pair[0].name(), pair[1].name())
        .at(span);
  DRIFT_ASSIGN(left, coerce(std::move(left), *common, CastContext::Implicit, m_environment));
  DRIFT_TRY(m_binder.coerceColumns(root, {*common}, CastContext::Implicit));
  auto in = makeLogic(ExpressionKind::InQuery, listOf(std::move(left)), span);
  in->negated = negated;
  setQuery(*in, std::move(root));
  return in;
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::ExistsExpression& exists, SourceSpan span) {
  return bindSubquery(ExpressionKind::Exists, *exists.query, span);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::ScalarSubquery& subquery, SourceSpan span) {
  return bindSubquery(ExpressionKind::ScalarQuery, *subquery.query, span);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::CaseExpression& choice, SourceSpan span) {
  std::vector<ExpressionPtr> arguments;
  std::vector<std::size_t> results;
  for (const auto& branch : choice.branches) {
    ExpressionPtr condition;
    if (choice.operand) {
      DRIFT_ASSIGN(auto operand, bind(*choice.operand));
      DRIFT_ASSIGN(auto value, bind(*branch.when));
      const auto place = branch.when->span;
      DRIFT_ASSIGN(condition,
                   makeOperatorCall("=", listOf(std::move(operand), std::move(value)), place, place, m_environment));
    } else {
      DRIFT_ASSIGN(condition, bindCondition(*branch.when, "CASE/WHEN"));
    }
    DRIFT_ASSIGN(auto result, bind(*branch.then));
    arguments.push_back(std::move(condition));
    results.push_back(arguments.size());
    arguments.push_back(std::move(result));
  }
  ExpressionPtr otherwise = makeConstant(Value(), span);
  if (choice.otherwise) {
    DRIFT_ASSIGN(otherwise, bind(*choice.otherwise));
  }
  results.push_back(arguments.size());
  arguments.push_back(std::move(otherwise));
  std::vector<ExpressionPtr*> places;
  for (const auto at : results) places.push_back(&arguments[at]);
  DRIFT_TRY(coerceToCommon(places, "CASE", m_environment));
  auto result = std::make_unique<Expression>(ExpressionKind::Case, arguments.back()->type, span);
  result->arguments = std::move(arguments);
  return result;
}

Result<ExpressionPtr> ExpressionBinder::bindNullIf(std::vector<ExpressionPtr> arguments, SourceSpan span) {
  auto match = m_environment.registry.resolveOperator("=", typesOf(arguments));
  if (!match.ok()) return std::move(match).error().at(span);
  if (arguments[0]->type.id() == TypeId::Unknown) {
    DRIFT_ASSIGN(arguments[0],
                 coerce(std::move(arguments[0]), match->parameters[0], CastContext::Implicit, m_environment));
  }
  DRIFT_ASSIGN(arguments[1],
               coerce(std::move(arguments[1]), match->parameters[1], CastContext::Implicit, m_environment));
  auto nullIf = std::make_unique<Expression>(ExpressionKind::NullIf, arguments[0]->type, span);
  nullIf->function = *match;
  nullIf->arguments = std::move(arguments);
  return nullIf;
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::ConditionalExpression& conditional, SourceSpan span) {
  DRIFT_ASSIGN(auto arguments, bindAll(conditional.arguments));
  if (conditional.kind == sql::ConditionalKind::NullIf) return bindNullIf(std::move(arguments), span);
  auto kind = ExpressionKind::Coalesce;
  std::string_view name = "COALESCE";
  if (conditional.kind == sql::ConditionalKind::Greatest) {
    kind = ExpressionKind::Greatest;
    name = "GREATEST";
  } else if (conditional.kind == sql::ConditionalKind::Least) {
    kind = ExpressionKind::Least;
    name = "LEAST";
  }
  std::vector<ExpressionPtr*> all;
  for (auto& argument : arguments) all.push_back(&argument);
  DRIFT_TRY(coerceToCommon(all, name, m_environment));
  auto result = std::make_unique<Expression>(kind, arguments.front()->type, span);
  result->arguments = std::move(arguments);
  return result;
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::CastExpression& cast, SourceSpan span) {
  DRIFT_ASSIGN(const auto type, sql::resolveType(cast.type));
  const auto* array = sql::getIf<sql::ArrayExpression>(*cast.operand);
  const auto element = array && type.isArray() ? std::optional(type.element()) : std::nullopt;
  DRIFT_ASSIGN(auto operand,
               element ? m_binder.bindArray(*array, element, m_scope, m_clause, span) : bind(*cast.operand));
  operand->span = span;
  return coerce(std::move(operand), type, CastContext::Explicit, m_environment);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::SystemValue& value, SourceSpan span) {
  const bool isNow = value.kind != sql::SystemValueKind::CurrentSchema;
  if (isNow && m_environment.traits) m_environment.traits->lasting = false;
  auto now = m_environment.context.transactionTime;
  if (value.precision && *value.precision < 6) {
    std::int64_t unit = 1;
    for (auto digits = std::max(0, *value.precision); digits < 6; ++digits) unit *= 10;
    now = (now + unit / 2) / unit * unit;
  }
  auto moment = makeConstant(Value::timestampTz(now), span);
  switch (value.kind) {
    case sql::SystemValueKind::CurrentTimestamp: return moment;
    case sql::SystemValueKind::CurrentDate:
      return coerce(std::move(moment), TypeId::Date, CastContext::Explicit, m_environment);
    case sql::SystemValueKind::LocalTimestamp:
      return coerce(std::move(moment), TypeId::Timestamp, CastContext::Explicit, m_environment);
    case sql::SystemValueKind::CurrentTime: return notSupported("CURRENT_TIME is", span);
    case sql::SystemValueKind::LocalTime:
      return coerce(std::move(moment), TypeId::Time, CastContext::Explicit, m_environment);
    case sql::SystemValueKind::CurrentUser: return notSupported("CURRENT_USER is", span);
    case sql::SystemValueKind::SessionUser: return notSupported("SESSION_USER is", span);
    case sql::SystemValueKind::CurrentRole: return notSupported("CURRENT_ROLE is", span);
    case sql::SystemValueKind::CurrentCatalog: return notSupported("CURRENT_CATALOG is", span);
    case sql::SystemValueKind::CurrentSchema: return makeConstant(Value::text("public"), span);
  }
  return notSupported("this value is", span);
}

Status ExpressionBinder::refuseAggregate(SourceSpan span) const {
  if (m_clause == Clause::Select || m_clause == Clause::Having || m_clause == Clause::OrderBy) return {};
  if (m_clause == Clause::Window || m_clause == Clause::WindowArgument) return {};
  if (m_clause == Clause::Aggregate)
    return Error(ErrorKind::GroupingError, "aggregate function calls cannot be nested").at(span);
  return makeError(ErrorKind::GroupingError, "aggregate functions are not allowed in {}", clauseName(m_clause))
      .at(span);
}

/// An aggregate of columns of an outer query alone would be one of that query (SQL:2016, 10.9).
Status ExpressionBinder::refuseOuterAggregate(const Expression& aggregate) const {
  std::vector<Slot> slots;
  addSlots(aggregate, slots);
  if (slots.empty() || std::ranges::any_of(slots, [&](Slot slot) { return m_scope.owns(slot); })) return {};
  return notSupported("aggregates over columns of an outer query alone are", aggregate.span);
}

/// ORDER BY within a call. With DISTINCT the arguments are what is left to sort by, as PostgreSQL does it.
Status ExpressionBinder::addAggregateOrder(const sql::FunctionCall& call, Expression& aggregate) {
  ExpressionBinder inner(m_binder, m_scope, Clause::Aggregate);
  const auto count = aggregate.arguments.size();
  std::vector<bool> sorted(count, false);
  for (const auto& item : call.orderBy) {
    const auto collated = collatedBy(*item.expression);
    DRIFT_ASSIGN(auto key, inner.bind(withoutCollation(*item.expression)));
    if (collated) {
      DRIFT_ASSIGN(key, orderedBy(std::move(key), collated->collation, item.span, m_environment));
    }
    DRIFT_ASSIGN(key, resolveUnknown(std::move(key), m_environment));
    bool isArgument = false;
    for (std::size_t at = 0; at < count && !isArgument; ++at) {
      isArgument = sameExpression(*aggregate.arguments[at], *key);
      if (isArgument) sorted[at] = true;
    }
    if (call.distinct && !isArgument)
      return Error(ErrorKind::InvalidColumnReference,
                   "in an aggregate with DISTINCT, ORDER BY expressions must appear in argument list")
          .at(item.span);
    const bool descending = item.direction == sql::SortDirection::Descending;
    const bool nullsFirst = item.nulls == sql::NullsOrder::Default ? descending : item.nulls == sql::NullsOrder::First;
    aggregate.order.push_back({descending, nullsFirst});
    aggregate.arguments.push_back(std::move(key));
  }
  const bool ordered = call.distinct && aggregate.aggregate.function->ordered;
  for (std::size_t at = 0; at < count && ordered; ++at) {
    if (sorted[at]) continue;
    aggregate.order.push_back({});
    aggregate.arguments.push_back(clone(*aggregate.arguments[at]));
  }
  return {};
}

/// The order of WITHIN GROUP: what it sorts by are the last of the arguments.
Status ExpressionBinder::addGroupOrder(const sql::FunctionCall& call, Expression& aggregate) {
  const auto direct = call.arguments.size();
  for (std::size_t at = 0; at < direct; ++at) {
    std::vector<Slot> slots;
    addSlots(*aggregate.arguments[at], slots);
    if (std::ranges::any_of(slots, [&](Slot slot) { return m_scope.owns(slot); }))
      return notSupported("columns in the direct arguments of WITHIN GROUP are", call.arguments[at]->span);
  }
  for (std::size_t at = 0; at < call.withinGroup.size(); ++at) {
    const auto& item = call.withinGroup[at];
    const bool descending = item.direction == sql::SortDirection::Descending;
    const bool nullsFirst = item.nulls == sql::NullsOrder::Default ? descending : item.nulls == sql::NullsOrder::First;
    aggregate.order.push_back({descending, nullsFirst});
    aggregate.arguments.push_back(clone(*aggregate.arguments[direct + at]));
  }
  return {};
}

Status ExpressionBinder::checkOrderedSet(const sql::FunctionCall& call, const std::string& name,
                                         SourceSpan span) const {
  const bool needs = isOrderedSetAggregate(name);
  if (needs && call.withinGroup.empty())
    return makeError(ErrorKind::WrongObjectType, "WITHIN GROUP is required for ordered-set aggregate {}", name)
        .at(span);
  if (!needs && !call.withinGroup.empty())
    return makeError(ErrorKind::WrongObjectType, "{} is not an ordered-set aggregate, so it cannot have WITHIN GROUP",
                     name)
        .at(span);
  if (needs && (call.distinct || !call.orderBy.empty()))
    return makeError(ErrorKind::SyntaxError, "cannot use {} with WITHIN GROUP",
                     call.distinct ? "DISTINCT" : "multiple ORDER BY clauses")
        .at(span);
  return {};
}

/// nextval('s'), currval('s'), setval('s', n [, called]), lastval(): the name is a constant, so that the sequence is known
/// as the statement is bound.
Result<ExpressionPtr> ExpressionBinder::bindSequenceCall(const sql::FunctionCall& call, const std::string& name,
                                                         SourceSpan span) {
  if (m_binder.viewNotes()) return notSupported(name + "() in a view is", span);
  // A query that takes numbers writes: its plan must not be run again as one that reads.
  if (m_environment.traits) m_environment.traits->lasting = false;
  auto bound = std::make_unique<Expression>(ExpressionKind::Sequence, TypeId::BigInt, span);
  bound->name = name;
  const auto count = call.arguments.size();
  const bool fits = name == "lastval" ? count == 0 : name == "setval" ? count == 2 || count == 3 : count == 1;
  if (!fits || call.star || call.distinct || call.filter || !call.orderBy.empty() || !call.withinGroup.empty())
    return makeError(ErrorKind::UndefinedFunction, "function {}() does not exist with these arguments", name).at(span);
  if (count == 0) return bound;
  const auto* text = call.arguments.front().get();
  if (const auto* cast = sql::getIf<sql::CastExpression>(*text); cast && cast->type.name == "regclass")
    text = cast->operand.get();
  const auto* literal = sql::getIf<sql::Literal>(*text);
  if (!literal || literal->kind != sql::LiteralKind::String)
    return notSupported(name + "() of a name that is not a constant text is", call.arguments.front()->span);
  auto parsed = sql::parseExpression(literal->text);
  const auto* reference = parsed.ok() ? sql::getIf<sql::ColumnReference>(**parsed) : nullptr;
  if (!reference)
    return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", literal->text).at(text->span);
  auto sequenceName = reference->name;
  sequenceName.span = text->span;
  DRIFT_ASSIGN(const auto sequence, m_binder.currentTable(sequenceName));
  if (!sequence->isSequence())
    return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a sequence", sequence->name).at(text->span);
  bound->slot = sequence->id;
  for (std::size_t at = 1; at < count; ++at) {
    DRIFT_ASSIGN(auto argument, bind(*call.arguments[at]));
    DRIFT_ASSIGN(argument, coerce(std::move(argument), at == 1 ? TypeId::BigInt : TypeId::Boolean,
                                  CastContext::Implicit, m_environment));
    bound->arguments.push_back(std::move(argument));
  }
  return bound;
}

/// GROUPING(a, b): which of them the row's grouping set leaves out, as bits (SQL:2016, 6.9).
Result<ExpressionPtr> ExpressionBinder::bindGrouping(const sql::FunctionCall& call, SourceSpan span) {
  constexpr std::size_t kArgumentsMax = 31;  // bits of an INTEGER
  if (m_clause != Clause::Select && m_clause != Clause::Having && m_clause != Clause::OrderBy &&
      m_clause != Clause::Window && m_clause != Clause::WindowArgument)
    return makeError(ErrorKind::GroupingError, "grouping operations are not allowed in {}", clauseName(m_clause))
        .at(span);
  if (call.arguments.size() > kArgumentsMax)
    return Error(ErrorKind::LimitExceeded, "GROUPING must have fewer than 32 arguments").at(span);
  ExpressionBinder inner(m_binder, m_scope, Clause::GroupBy);
  auto grouping = std::make_unique<Expression>(ExpressionKind::Grouping, TypeId::Integer, span);
  DRIFT_ASSIGN(grouping->arguments, inner.bindAll(call.arguments));
  return grouping;
}

Result<ExpressionPtr> ExpressionBinder::bindAggregate(const sql::FunctionCall& call, const std::string& name,
                                                      SourceSpan span) {
  DRIFT_TRY(refuseAggregate(span));
  DRIFT_TRY(checkOrderedSet(call, name, span));
  ExpressionBinder inner(m_binder, m_scope, Clause::Aggregate);
  DRIFT_ASSIGN(auto arguments, inner.bindAll(call.arguments));
  for (const auto& item : call.withinGroup) {
    DRIFT_ASSIGN(auto argument, inner.bind(*item.expression));
    arguments.push_back(std::move(argument));
  }
  if (arguments.empty() && !call.star)
    return makeError(ErrorKind::WrongObjectType, "{}(*) must be used to call a parameterless aggregate function", name)
        .at(span);
  auto match = m_environment.registry.resolveAggregate(name, typesOf(arguments));
  if (!match.ok()) return std::move(match).error().at(span);
  auto aggregate = std::make_unique<Expression>(ExpressionKind::Aggregate, match->result, span);
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const auto wanted = match->parameters[at].id() == TypeId::Unknown ? arguments[at]->type : match->parameters[at];
    DRIFT_ASSIGN(auto argument, coerce(std::move(arguments[at]), wanted, CastContext::Implicit, m_environment));
    DRIFT_ASSIGN(argument, resolveUnknown(std::move(argument), m_environment));
    aggregate->arguments.push_back(std::move(argument));
  }
  DRIFT_TRY(refuseOuterAggregate(*aggregate));
  aggregate->aggregate = *match;
  aggregate->distinct = call.distinct;
  DRIFT_TRY(call.withinGroup.empty() ? addAggregateOrder(call, *aggregate) : addGroupOrder(call, *aggregate));
  if (call.filter) {
    ExpressionBinder filter(m_binder, m_scope, Clause::Filter);
    DRIFT_ASSIGN(aggregate->filter, filter.bindCondition(*call.filter, "FILTER"));
  }
  return aggregate;
}

/// COLLATE where nothing compares or orders: only one that changes nothing may stand there.
Result<ExpressionPtr> ExpressionBinder::bindCollate(const sql::FunctionCall& call, SourceSpan span) {
  DRIFT_ASSIGN(auto value, bind(withoutCollation(*call.arguments[0])));
  const auto* name = sql::getIf<sql::Literal>(*call.arguments[1]);
  if (!name) return Error(ErrorKind::SyntaxError, "COLLATE takes the name of a collation").at(span);
  DRIFT_ASSIGN(value, orderedBy(std::move(value), name->text, span, m_environment));
  if (functions::isBytewiseCollation(name->text)) return value;
  return makeError(ErrorKind::FeatureNotSupported,
                   "the collation \"{}\" is supported in ORDER BY and beside a comparison only", name->text)
      .at(span);
}

/// A function that gives rows: as many rows of the select list as it has (PostgreSQL 38.5.8).
Result<ExpressionPtr> ExpressionBinder::bindSetCall(const sql::FunctionCall& call, const std::string& name,
                                                    SourceSpan span) {
  if (m_clause != Clause::Select && m_clause != Clause::GroupBy)
    return makeError(ErrorKind::FeatureNotSupported, "set-returning functions are not allowed in {}",
                     clauseName(m_clause))
        .withHint("Call it in FROM")
        .at(span);
  if (name == "generate_series") return notSupported("generate_series() anywhere else than in FROM is", span);
  if (call.star || call.distinct || call.filter || !call.orderBy.empty() || !call.withinGroup.empty())
    return makeError(ErrorKind::WrongObjectType, "{} is not an aggregate function", name).at(span);
  DRIFT_ASSIGN(auto arguments, bindAll(call.arguments));
  DRIFT_ASSIGN(auto bound, m_binder.bindSetCall(name, std::move(arguments), span));
  if (bound->set->columns.size() > 1)
    return makeError(ErrorKind::FeatureNotSupported, "{}() gives several columns, which is supported in FROM only", name)
        .at(span);
  return bound;
}

/// What a call has that only aggregates take; null if nothing.
const char* aggregateForm(const sql::FunctionCall& call) {
  if (call.star) return "\"*\"";
  if (call.distinct) return "DISTINCT";
  if (call.filter) return "FILTER";
  if (!call.withinGroup.empty()) return "WITHIN GROUP";
  return call.orderBy.empty() ? nullptr : "ORDER BY";
}

/// A call of a function that is written in SQL.
Result<ExpressionPtr> ExpressionBinder::bindSqlCall(const sql::FunctionCall& call,
                                                    std::span<const catalog::FunctionRef> functions, SourceSpan span) {
  const auto& name = call.name.last().text;
  if (call.over)
    return makeError(ErrorKind::WrongObjectType,
                     "OVER specified, but {} is not a window function nor an aggregate function", name)
        .at(span);
  const auto* misplaced = aggregateForm(call);
  if (misplaced)
    return makeError(ErrorKind::WrongObjectType, "{} specified, but {} is not an aggregate function", misplaced, name)
        .at(span);
  DRIFT_ASSIGN(auto arguments, bindAll(call.arguments));
  return m_binder.bindSqlCall(functions, std::move(arguments), call.names, m_clause, span);
}

Result<ExpressionPtr> ExpressionBinder::bindNode(const sql::FunctionCall& call, SourceSpan span) {
  // First, so that no function of that name comes in between.
  if (call.name.last().text == sql::kCollateCall) return bindCollate(call, span);
  DRIFT_ASSIGN(const auto functions, m_binder.sqlFunctions(call.name));
  if (!functions.empty()) return bindSqlCall(call, functions, span);
  if (!call.names.empty()) return notSupported("a named argument of a built-in function is", call.names.front().span);
  if (call.name.parts.size() > 1 && call.name.parts.front().text != "pg_catalog")
    return makeError(ErrorKind::UndefinedFunction, "function {}() does not exist", call.name.toString()).at(span);
  if (call.over) return m_binder.bindWindowCall(call, m_scope, m_clause, span);
  const auto& name = call.name.last().text;
  if (name == "grouping") return bindGrouping(call, span);
  if (name == "nextval" || name == "currval" || name == "setval" || name == "lastval")
    return bindSequenceCall(call, name, span);
  if (functions::findWindowFunction(name))
    return makeError(ErrorKind::WrongObjectType, "window function {} requires an OVER clause", name).at(span);
  if (m_environment.registry.isAggregate(name)) return bindAggregate(call, name, span);
  if (m_environment.registry.isSet(name) || name == "generate_series") return bindSetCall(call, name, span);
  const auto* misplaced = aggregateForm(call);
  DRIFT_ASSIGN(auto arguments, bindAll(call.arguments));
  if (misplaced && m_environment.registry.isScalar(name))
    return makeError(ErrorKind::WrongObjectType, "{} specified, but {} is not an aggregate function", misplaced, name)
        .at(span);
  return makeFunctionCall(name, std::move(arguments), span, m_environment);
}

Result<std::vector<ExpressionPtr>> ExpressionBinder::bindAll(const std::vector<sql::ExpressionPtr>& expressions) {
  std::vector<ExpressionPtr> bound;
  for (const auto& expression : expressions) {
    DRIFT_ASSIGN(auto one, bind(*expression));
    bound.push_back(std::move(one));
  }
  return bound;
}

}  // namespace

bool isOrderedSetAggregate(std::string_view name) {
  return name == "percentile_cont" || name == "percentile_disc" || name == "mode";
}

void setQuery(Expression& expression, NodePtr root) {
  for (const auto* column : freeColumns(*root)) {
    expression.parameters.push_back(column->slot);
    expression.arguments.push_back(clone(*column));
  }
  expression.query = std::shared_ptr<Node>(std::move(root));
}

Binder::Binder(const BindEnvironment& environment) : m_environment(environment) {}

Result<ExpressionPtr> Binder::bindExpression(const sql::Expression& expression, const Scope& scope, Clause clause) {
  return ExpressionBinder(*this, scope, clause).bind(expression);
}

Result<ExpressionPtr> Binder::bindCondition(const sql::Expression& expression, const Scope& scope, Clause clause) {
  DRIFT_ASSIGN(auto condition, bindExpression(expression, scope, clause));
  const auto name = clause == Clause::JoinCondition    ? "JOIN/ON"
                    : clause == Clause::Check          ? "CHECK"
                    : clause == Clause::IndexPredicate ? "WHERE"
                                                       : clauseName(clause);
  return coerceCondition(std::move(condition), name, m_environment);
}

}  // namespace drift::plan
