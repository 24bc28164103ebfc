// SQL functions: which one a call means (PostgreSQL 10.3), and its body in the place of the call, so that the optimizer
// sees through it. A body that is one expression becomes that expression; any other one becomes a subquery, or rows of
// FROM. Arguments take the place of parameters where that does not compute them more often.
#include <algorithm>
#include <cassert>
#include <tuple>
#include <utility>

#include "plan/binder.h"
#include "plan/node_walk.h"
#include "plan/sql_functions.h"
#include "sql/parser.h"

namespace drift::plan {

using types::CastContext;
using types::Type;
using types::TypeId;

namespace {

/// Bodies that one statement may bring in: functions that call functions several times each grow without measure.
constexpr std::size_t kBodiesMax = 5'000;
/// Bodies one in the other.
constexpr std::size_t kBodyDepthMax = 50;
/// Steps of an argument that may be computed again for each place of its parameter.
constexpr std::size_t kCheapStepsMax = 8;

/// How the arguments of a call go to the parameters of a function; an absent one has its default value.
struct CallMatch {
  catalog::FunctionRef function;
  std::vector<std::optional<std::size_t>> sources;
  std::size_t exact = 0;      ///< arguments that have the parameter's type already
  std::size_t preferred = 0;  ///< untyped ones that become text
};

std::optional<CallMatch> matchCall(const catalog::FunctionRef& function, std::span<const ExpressionPtr> arguments,
                                   const std::vector<sql::Identifier>& names) {
  const auto& parameters = function->parameters;
  if (arguments.size() > parameters.size()) return std::nullopt;
  CallMatch match{function, std::vector<std::optional<std::size_t>>(parameters.size()), 0, 0};
  const auto positional = arguments.size() - names.size();
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    auto parameter = at;
    if (at >= positional) {
      const auto found =
          std::ranges::find(parameters, names[at - positional].text, &catalog::FunctionParameter::name);
      parameter = static_cast<std::size_t>(found - parameters.begin());
      if (parameter >= parameters.size() || match.sources[parameter]) return std::nullopt;
    }
    const auto from = arguments[at]->type;
    const auto to = parameters[parameter].type;
    if (from.id() == TypeId::Unknown) match.preferred += to.id() == TypeId::Text;
    else if (from.bare() == to.bare()) ++match.exact;
    else if (!types::canCast(from, to, CastContext::Implicit)) return std::nullopt;
    match.sources[parameter] = at;
  }
  for (std::size_t at = 0; at < parameters.size(); ++at)
    if (!match.sources[at] && parameters[at].defaultSql.empty()) return std::nullopt;
  return match;
}

std::string argumentList(std::span<const ExpressionPtr> arguments, const std::vector<sql::Identifier>& names) {
  std::string list;
  const auto positional = arguments.size() - names.size();
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    if (!list.empty()) list += ", ";
    if (at >= positional) list += names[at - positional].text + " => ";
    list += arguments[at]->type.bare().name();
  }
  return list;
}

Result<CallMatch> chooseFunction(std::span<const catalog::FunctionRef> functions,
                                 std::span<const ExpressionPtr> arguments, const std::vector<sql::Identifier>& names,
                                 SourceSpan span) {
  std::vector<CallMatch> matches;
  for (const auto& function : functions)
    if (auto match = matchCall(function, arguments, names)) matches.push_back(std::move(*match));
  const auto& name = functions.front()->name;
  if (matches.empty())
    return makeError(ErrorKind::UndefinedFunction, "function {}({}) does not exist", name,
                     argumentList(arguments, names))
        .withHint("No function matches the given name and argument types. You might need to add explicit type casts.")
        .at(span);
  const auto rank = [](const CallMatch& match) {
    return std::tuple(match.exact, match.preferred, -static_cast<std::ptrdiff_t>(match.sources.size()));
  };
  const auto best = std::ranges::max_element(matches, {}, rank);
  if (std::ranges::count_if(matches, [&](const auto& match) { return rank(match) == rank(*best); }) > 1)
    return makeError(ErrorKind::AmbiguousFunction, "function {}({}) is not unique", name,
                     argumentList(arguments, names))
        .withHint("Could not choose a best candidate function. You might need to add explicit type casts.")
        .at(span);
  return *best;
}

/// Places within a body mean nothing in the statement that calls the function.
Error inBody(const Error& error, const catalog::Function& function, SourceSpan span) {
  auto detail = fmt::format("In the body of function {}.", function.signature());
  if (!error.detail().empty()) detail += " " + error.detail();
  return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(std::move(detail)).at(span);
}

void placeAt(Expression& expression, SourceSpan span) {
  expression.span = span;
  for (auto& argument : expression.arguments) placeAt(*argument, span);
}

/// Puts expressions in the place of the columns that they compute.
void substitute(ExpressionPtr& expression, const std::vector<ScopeColumn>& columns,
                std::span<const ExpressionPtr> values) {
  const auto status = rewrite(expression, [&](Expression& node) -> Result<ExpressionPtr> {
    if (node.kind != ExpressionKind::Column) return ExpressionPtr();
    const auto column = std::ranges::find(columns, node.slot, &ScopeColumn::slot);
    if (column == columns.end()) return ExpressionPtr();
    return clone(*values[static_cast<std::size_t>(column - columns.begin())]);
  });
  assert(status.ok());
  static_cast<void>(status);
}

/// The same in all of a plan; what is in subqueries reads the columns through their parameters.
void substitute(Node& node, const std::vector<ScopeColumn>& columns, std::span<const ExpressionPtr> values) {
  eachExpression(node, [&](ExpressionPtr& expression) { substitute(expression, columns, values); });
  for (auto& input : node.inputs) substitute(*input, columns, values);
}

/// The value of SELECT expression without FROM and without what groups or sorts; null for any other query.
ExpressionPtr takePlainValue(Node& root) {
  auto* project = std::get_if<Project>(&root.body);
  if (!project || project->expressions.size() != 1) return nullptr;
  const auto* values = std::get_if<Values>(&root.inputs[0]->body);
  if (!values || values->rows.size() != 1 || !root.inputs[0]->columns.empty()) return nullptr;
  return std::move(project->expressions.front());
}

/// True where a plan has a part that is bound by itself, or that is run as one with its own parameters.
bool hasStep(const Node& node) {
  return std::holds_alternative<Recursion>(node.body) ||
         std::ranges::any_of(node.inputs, [](const auto& input) { return hasStep(*input); });
}

/// How often, at most, an argument may be computed in the place of its parameter.
bool isCheap(const Expression& argument) {
  std::size_t steps = 0;
  bool fine = !isVolatile(argument);
  visit(argument, [&](const Expression& part) {
    ++steps;
    fine = fine && !part.query && part.kind != ExpressionKind::Sequence && part.kind != ExpressionKind::SetFunction;
  });
  return fine && steps <= kCheapStepsMax;
}

std::size_t uses(const Expression& body, Slot slot) {
  std::size_t count = 0;
  visit(body, [&](const Expression& part) { count += part.kind == ExpressionKind::Column && part.slot == slot; });
  return count;
}

/// True for the rows of an aggregation without groups, which is always one.
bool isTotal(const Node& root) {
  const auto* node = &root;
  while (std::holds_alternative<Project>(node->body)) node = node->inputs[0].get();
  const auto* aggregate = std::get_if<Aggregate>(&node->body);
  return aggregate && aggregate->groups.empty() && aggregate->always.empty();
}

ExpressionPtr isNull(ExpressionPtr value, bool negated, SourceSpan span) {
  auto test = std::make_unique<Expression>(ExpressionKind::IsNull, TypeId::Boolean, span);
  test->negated = negated;
  test->arguments.push_back(std::move(value));
  return test;
}

/// A strict function: NULL where one of its arguments is.
ExpressionPtr unlessNull(ExpressionPtr value, std::span<const ExpressionPtr> arguments, SourceSpan span) {
  auto choice = std::make_unique<Expression>(ExpressionKind::Case, value->type, span);
  for (const auto& argument : arguments) {
    if (argument->kind == ExpressionKind::Constant && !argument->value.isNull()) continue;
    choice->arguments.push_back(isNull(clone(*argument), false, span));
    choice->arguments.push_back(makeConstant(types::Value::null(value->type), span));
  }
  if (choice->arguments.empty()) return value;
  choice->arguments.push_back(std::move(value));
  return choice;
}

bool allows(Clause clause) {
  switch (clause) {
    case Clause::Select:
    case Clause::Where:
    case Clause::JoinCondition:
    case Clause::GroupBy:
    case Clause::Having:
    case Clause::OrderBy:
    case Clause::Values:
    case Clause::Update:
    case Clause::Returning:
    case Clause::Filter:
    case Clause::Aggregate:
    case Clause::Window:
    case Clause::WindowArgument:
    case Clause::FromFunction:
    case Clause::Limit:
    case Clause::Offset: return true;
    // What is stored with a table would need the function for as long as the table is there.
    default: return false;
  }
}

/// The arguments in the order of the parameters, of their types.
Result<std::vector<ExpressionPtr>> argumentsOf(const CallMatch& match, std::vector<ExpressionPtr> given,
                                               SourceSpan span, Binder& binder) {
  std::vector<ExpressionPtr> arguments;
  for (std::size_t at = 0; at < match.sources.size(); ++at) {
    const auto& parameter = match.function->parameters[at];
    ExpressionPtr value;
    if (match.sources[at]) {
      value = std::move(given[*match.sources[at]]);
    } else {
      DRIFT_ASSIGN(const auto tree, sql::parseExpression(parameter.defaultSql));
      auto bound = binder.bindExpression(*tree, Scope(), Clause::Select);
      if (!bound.ok()) return inBody(bound.error(), *match.function, span);
      value = std::move(bound).value();
      placeAt(*value, span);
    }
    DRIFT_ASSIGN(value, coerce(std::move(value), parameter.type, CastContext::Assignment, binder.environment()));
    arguments.push_back(std::move(value));
  }
  return arguments;
}

}  // namespace

bool isBuiltInFunction(std::string_view name, const functions::Registry& registry) {
  constexpr std::string_view kForms[] = {"grouping", "nextval", "currval", "setval",         "lastval",
                                         "commits",  "diff",    "blame",   "generate_series"};
  return registry.isScalar(name) || registry.isAggregate(name) || registry.isSet(name) ||
         functions::findWindowFunction(name) || std::ranges::find(kForms, name) != std::end(kForms) ||
         !builtInSqlFunctions(name).empty();
}

Result<std::vector<catalog::FunctionRef>> Binder::sqlFunctions(const sql::QualifiedName& name) const {
  const auto& bare = name.last().text;
  const bool isPublic = name.parts.size() == 2 && name.parts.front().text == "public";
  const bool isBuiltIn = name.parts.size() == 2 && name.parts.front().text == "pg_catalog";
  if (name.parts.size() > 1 && !isPublic && !isBuiltIn) return std::vector<catalog::FunctionRef>();
  if (!isPublic)
    if (auto found = builtInSqlFunctions(bare); !found.empty() || isBuiltIn) return found;
  if (!isPublic && isBuiltInFunction(bare, m_environment.registry)) return std::vector<catalog::FunctionRef>();
  const auto moment = m_queryMoment ? m_queryMoment->number : m_environment.moment;
  DRIFT_ASSIGN(const auto view, moment ? m_environment.moments.tablesAt(*moment) : m_environment.moments.tablesNow());
  return view->functionsNamed(bare);
}

/// Gives the query of a body the types of the function's result.
Status Binder::matchResult(NodePtr& root, const catalog::Function& function) {
  std::vector<Type> wanted;
  for (const auto& column : function.columns) wanted.push_back(column.type);
  const bool isRow = !wanted.empty();
  if (!isRow) wanted.push_back(function.result);
  const auto mismatch = [&](std::string detail) {
    return makeError(ErrorKind::InvalidObjectDefinition, "return type mismatch in function declared to return {}",
                     isRow ? std::string("record") : function.result.name())
        .withDetail(std::move(detail));
  };
  if (!isRow && root->columns.size() != 1) return mismatch("Final statement must return exactly one column.");
  if (root->columns.size() < wanted.size()) return mismatch("Final statement returns too few columns.");
  if (root->columns.size() > wanted.size()) return mismatch("Final statement returns too many columns.");
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    const auto given = root->columns[at].type;
    if (given.id() == TypeId::Unknown || given == wanted[at] ||
        types::canCast(given, wanted[at], CastContext::Assignment))
      continue;
    return mismatch(isRow ? fmt::format("Final statement returns {} instead of {} at column {}.", given.name(),
                                        wanted[at].name(), at + 1)
                          : fmt::format("Actual return type is {}.", given.name()));
  }
  return coerceColumns(root, wanted, CastContext::Assignment);
}

Result<Binder::FunctionBody> Binder::bindFunctionBody(const catalog::Function& function, SourceSpan span,
                                                      ViewNotes* notes) {
  const bool isOpen = std::ranges::find(m_openFunctions, function.id) != m_openFunctions.end();
  if (isOpen && function.id != 0)
    return makeError(ErrorKind::InvalidRecursion, "infinite recursion detected in function {}", function.signature())
        .withHint("A SQL function cannot call itself, also not by way of others.")
        .at(span);
  if (++m_bodiesBound > kBodiesMax || m_openFunctions.size() >= kBodyDepthMax)
    return Error(ErrorKind::LimitExceeded, "the statement calls too many SQL functions, one in the other").at(span);
  auto parsed = sql::parseStatement(function.body);
  if (!parsed.ok()) return inBody(parsed.error(), function, span);
  const auto* query = std::get_if<sql::QueryPtr>(&(*parsed)->node);
  if (!query)
    return makeError(ErrorKind::DataCorrupted, "the body of function {} is not a query", function.signature()).at(span);
  FunctionBody body;
  ScopeTable table{function.name, {}, {}, {}};
  for (const auto& parameter : function.parameters) {
    body.arguments.push_back({newSlot(), parameter.type, parameter.name, std::nullopt, std::nullopt});
    if (!parameter.name.empty()) table.columns.push_back(body.arguments.back());
  }
  Scope scope;
  DRIFT_TRY(scope.add(std::move(table), span));
  // A body sees nothing of the statement around it, but its moment.
  const auto* outerTables = std::exchange(m_commonTables, nullptr);
  auto* outerNotes = std::exchange(m_viewNotes, notes);
  const auto* outerWindows = std::exchange(m_windows, nullptr);
  const auto* outerRecursive = std::exchange(m_recursive, nullptr);
  const auto* outerWith = std::exchange(m_statementWith, nullptr);
  const auto* outerArguments = std::exchange(m_functionArguments, &body.arguments);
  m_openFunctions.push_back(function.id);
  auto root = bindQuery(**query, &scope);
  m_openFunctions.pop_back();
  m_functionArguments = outerArguments;
  m_statementWith = outerWith;
  m_recursive = outerRecursive;
  m_windows = outerWindows;
  m_viewNotes = outerNotes;
  m_commonTables = outerTables;
  if (!root.ok()) return inBody(root.error(), function, span);
  body.root = std::move(root).value();
  if (auto status = matchResult(body.root, function); !status.ok()) return inBody(status.error(), function, span);
  return body;
}

Result<ExpressionPtr> Binder::callBody(const catalog::Function& function, std::vector<ExpressionPtr> arguments,
                                       SourceSpan span) {
  DRIFT_ASSIGN(auto body, bindFunctionBody(function, span, nullptr));
  if (auto value = takePlainValue(*body.root)) {
    bool fits = true;
    for (std::size_t at = 0; at < arguments.size(); ++at)
      fits = fits && (uses(*value, body.arguments[at].slot) == 1 || isCheap(*arguments[at]));
    if (fits) {
      placeAt(*value, span);
      substitute(value, body.arguments, arguments);
      return function.strict ? unlessNull(std::move(value), arguments, span) : std::move(value);
    }
    std::get<Project>(body.root->body).expressions.front() = std::move(value);
  }
  // The value of the first row.
  if (!isTotal(*body.root)) body.root = makeOver(std::move(body.root), Limit{0, 1});
  auto query = std::make_unique<Expression>(ExpressionKind::ScalarQuery, body.root->columns.front().type, span);
  for (const auto* column : freeColumns(*body.root)) {
    const auto argument = std::ranges::find(body.arguments, column->slot, &ScopeColumn::slot);
    if (argument == body.arguments.end())
      return makeError(ErrorKind::InternalError, "the body of function {} reads what is outside of it",
                       function.signature());
    query->parameters.push_back(column->slot);
    query->arguments.push_back(clone(*arguments[static_cast<std::size_t>(argument - body.arguments.begin())]));
  }
  query->query = std::shared_ptr<Node>(std::move(body.root));
  return function.strict ? unlessNull(std::move(query), arguments, span) : std::move(query);
}

Result<ExpressionPtr> Binder::bindSqlCall(std::span<const catalog::FunctionRef> functions,
                                          std::vector<ExpressionPtr> arguments,
                                          const std::vector<sql::Identifier>& names, Clause clause, SourceSpan span) {
  DRIFT_ASSIGN(const auto match, chooseFunction(functions, arguments, names, span));
  const auto& function = *match.function;
  if (!allows(clause))
    return makeError(ErrorKind::FeatureNotSupported, "the SQL function {} in {} is not supported",
                     function.signature(), clauseName(clause))
        .at(span);
  if (function.setOf)
    return Error(ErrorKind::FeatureNotSupported,
                 "set-valued function called in context that cannot accept a set")
        .withHint("A SQL function that gives rows is called in FROM.")
        .at(span);
  if (m_viewNotes && function.id != 0) m_viewNotes->tables.push_back(function.id);
  DRIFT_ASSIGN(arguments, argumentsOf(match, std::move(arguments), span, *this));
  return callBody(function, std::move(arguments), span);
}

Result<std::optional<BoundFrom>> Binder::bindSqlRows(const sql::TableFunction& call, const Scope& before,
                                                     SourceSpan span) {
  DRIFT_ASSIGN(const auto functions, sqlFunctions(call.name));
  if (functions.empty()) return std::optional<BoundFrom>();
  const Scope noColumns(&before);
  std::vector<ExpressionPtr> arguments;
  for (const auto& argument : call.arguments) {
    DRIFT_ASSIGN(auto bound, bindExpression(*argument, noColumns, Clause::FromFunction));
    arguments.push_back(std::move(bound));
  }
  DRIFT_ASSIGN(const auto match, chooseFunction(functions, arguments, call.names, span));
  const auto& function = *match.function;
  if (m_viewNotes && function.id != 0) m_viewNotes->tables.push_back(function.id);
  DRIFT_ASSIGN(arguments, argumentsOf(match, std::move(arguments), span, *this));
  DRIFT_ASSIGN(auto node, function.setOf ? rowsOfBody(function, std::move(arguments), span)
                                         : rowOfCall(function, std::move(arguments), span));
  const bool isRow = !function.columns.empty();
  const auto name = call.alias ? call.alias->name.text : function.name;
  for (std::size_t at = 0; at < node->columns.size(); ++at) {
    node->columns[at].name = isRow ? function.columns[at].name : name;
    node->columns[at].table.reset();
    node->columns[at].column.reset();
  }
  if (call.withOrdinality) node = numbered(std::move(node));
  DRIFT_ASSIGN(auto rows, named(std::move(node), name, call.alias, span));
  return std::optional<BoundFrom>(std::move(rows));
}

/// A function of one value in FROM: one row.
Result<NodePtr> Binder::rowOfCall(const catalog::Function& function, std::vector<ExpressionPtr> arguments,
                               SourceSpan span) {
  DRIFT_ASSIGN(auto value, callBody(function, std::move(arguments), span));
  std::vector<Column> columns{{newSlot(), value->type, function.name, {}, {}}};
  Values nothing;
  nothing.rows.emplace_back();
  Project project;
  project.expressions.push_back(std::move(value));
  auto node = std::make_unique<Node>(std::move(project), std::move(columns));
  node->inputs.push_back(std::make_unique<Node>(std::move(nothing), std::vector<Column>()));
  return node;
}

Result<NodePtr> Binder::rowsOfBody(const catalog::Function& function, std::vector<ExpressionPtr> arguments,
                                   SourceSpan span) {
  DRIFT_ASSIGN(auto body, bindFunctionBody(function, span, nullptr));
  if (function.strict) {
    std::vector<ExpressionPtr> given;
    for (const auto& argument : arguments)
      if (argument->kind != ExpressionKind::Constant || argument->value.isNull())
        given.push_back(isNull(clone(*argument), true, span));
    if (!given.empty()) body.root = makeOver(std::move(body.root), Filter{makeAnd(std::move(given))});
  }
  const bool cheap = std::ranges::all_of(arguments, [](const auto& argument) { return isCheap(*argument); });
  if (arguments.empty()) return std::move(body.root);
  if (cheap && !hasStep(*body.root)) {
    substitute(*body.root, body.arguments, arguments);
    return std::move(body.root);
  }
  // One row of the arguments, joined with what the body makes of it.
  std::vector<Column> columns;
  for (const auto& argument : body.arguments) columns.push_back({argument.slot, argument.type, argument.name, {}, {}});
  Values values;
  values.rows.push_back(std::move(arguments));
  auto row = std::make_unique<Node>(std::move(values), std::move(columns));
  Project project;
  std::vector<Column> results;
  for (const auto& column : body.root->columns) {
    project.expressions.push_back(makeColumn(column.slot, column.type, column.name, span));
    results.push_back({newSlot(), column.type, column.name, {}, {}});
  }
  DRIFT_ASSIGN(auto joined, joinWith(JoinKind::Inner, std::move(row), std::move(body.root), nullptr, span));
  auto node = std::make_unique<Node>(std::move(project), std::move(results));
  node->inputs.push_back(std::move(joined));
  return node;
}

Result<catalog::Function> bindFunctionDefinition(catalog::Function function, const BindEnvironment& environment) {
  auto surroundings = environment;
  surroundings.parameters = {};
  Binder binder(surroundings);
  ViewNotes notes;
  DRIFT_ASSIGN(const auto body, binder.bindFunctionBody(function, SourceSpan{}, &notes));
  static_cast<void>(body);
  if (!function.standardBody) return function;
  // * means later what it means now. From the back, so that places further to the front stay.
  std::ranges::sort(notes.stars, std::ranges::greater(), [](const auto& star) { return star.span.offsetBytes; });
  for (const auto& star : notes.stars) {
    const auto at = star.span.offsetBytes;
    // TABLE t has no * to write out; its columns are all that there are.
    if (function.body[at + star.span.lengthBytes - 1] == '*')
      function.body.replace(at, star.span.lengthBytes, star.columns);
  }
  std::ranges::sort(notes.tables);
  notes.tables.erase(std::ranges::unique(notes.tables).begin(), notes.tables.end());
  function.dependsOn = std::move(notes.tables);
  return function;
}

}  // namespace drift::plan
