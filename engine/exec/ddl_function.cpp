// CREATE FUNCTION and DROP FUNCTION: functions that are queries with parameters.
#include <algorithm>

#include "exec/ddl.h"
#include "plan/bind.h"
#include "plan/sql_functions.h"
#include "sql/parser.h"
#include "sql/type_name.h"

namespace drift::exec {

namespace {

Error invalid(std::string message, SourceSpan span) {
  return Error(ErrorKind::InvalidObjectDefinition, std::move(message)).at(span);
}

/// "f(integer, text)" of a name and types as they are written.
std::string signatureOf(const std::string& name, const std::vector<types::Type>& types) {
  std::string list;
  for (const auto& type : types) list += (list.empty() ? "" : ", ") + type.bare().name();
  return name + "(" + list + ")";
}

bool hasTypes(const catalog::Function& function, const std::vector<types::Type>& types) {
  return std::ranges::equal(function.parameters, types, [](const auto& parameter, const auto& type) {
    return parameter.type.bare() == type.bare();
  });
}

Result<std::vector<types::Type>> resolveTypes(const std::vector<sql::TypeName>& names) {
  std::vector<types::Type> types;
  for (const auto& name : names) {
    DRIFT_ASSIGN(const auto type, sql::resolveType(name));
    types.push_back(type);
  }
  return types;
}

/// Parameters, or the columns of RETURNS TABLE; PostgreSQL keeps no length or precision of either.
Result<std::vector<catalog::FunctionParameter>> resolveParameters(const std::vector<sql::FunctionParameter>& written,
                                                                  const WriteContext& context) {
  std::vector<catalog::FunctionParameter> parameters;
  for (const auto& one : written) {
    catalog::FunctionParameter parameter;
    DRIFT_ASSIGN(const auto type, sql::resolveType(one.type));
    parameter.type = type.bare();
    if (one.name) parameter.name = one.name->text;
    if (one.defaultValue) {
      parameter.defaultSql = std::string(sliceOf(one.defaultValue->span, context));
      // Bound once to be refused now rather than by every call.
      catalog::Column column;
      column.name = parameter.name;
      column.type = parameter.type;
      column.defaultSql = parameter.defaultSql;
      auto bound = plan::bindDefault(column, context.binding);
      if (!bound.ok()) {
        const auto& error = bound.error();
        return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail()).at(one.span);
      }
    } else if (!parameters.empty() && !parameters.back().defaultSql.empty()) {
      return invalid("input parameters after one with a default value must also have defaults", one.span);
    }
    parameters.push_back(std::move(parameter));
  }
  return parameters;
}

Status checkNames(const sql::CreateFunction& create) {
  std::vector<std::string> names;
  for (const auto* list : {&create.parameters, &create.columns})
    for (const auto& parameter : *list) {
      if (!parameter.name) continue;
      const auto& name = parameter.name->text;
      if (std::ranges::find(names, name) != names.end())
        return invalid(fmt::format("parameter name \"{}\" used more than once", name), parameter.span);
      names.push_back(name);
    }
  return {};
}

/// RETURNS: a type, or the rows of a table as it is now.
Status resolveResult(const sql::CreateFunction& create, catalog::Function& function, const WriteContext& context) {
  function.setOf = create.setOf;
  if (!create.returns) {
    DRIFT_ASSIGN(function.columns, resolveParameters(create.columns, context));
    return {};
  }
  const auto& written = *create.returns;
  for (const auto* name : {"void", "trigger", "record", "anyelement", "anyarray"})
    if (written.name == name)
      return makeError(ErrorKind::FeatureNotSupported, "RETURNS {} is not supported", name)
          .withHint("A function returns a type, SETOF a type, or TABLE (…).")
          .at(written.span);
  auto type = sql::resolveType(written);
  if (type.ok()) {
    function.result = type->bare();
    return {};
  }
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto table = now->find(written.name);
  if (!table || type.error().kind() != ErrorKind::UndefinedObject) return std::move(type).error();
  if (!create.setOf)
    return makeError(ErrorKind::FeatureNotSupported, "RETURNS {}, a row, is not supported", written.name)
        .withHint("RETURNS SETOF gives rows of a table.")
        .at(written.span);
  for (const auto& column : table->columns) function.columns.push_back({column.name, column.type.bare(), ""});
  return {};
}

/// The query of the body, as text.
Status resolveBody(const sql::CreateFunction& create, catalog::Function& function, const WriteContext& context) {
  function.standardBody = !create.body;
  if (create.body) function.body = *create.body;
  else function.body = std::string(sliceOf(create.bodySpan, context));
  if (create.returnsExpression) function.body = "SELECT (" + function.body + ")";
  auto parsed = sql::parseStatement(function.body);
  if (!parsed.ok()) {
    const auto& error = parsed.error();
    if (create.body && function.body.find_first_not_of(" \t\r\n;") == std::string::npos)
      return Error(ErrorKind::InvalidObjectDefinition, "return type mismatch in function declared to return " +
                   (function.columns.empty() ? function.result.name() : std::string("record")))
          .withDetail("Function's final statement must be SELECT.")
          .at(create.bodySpan);
    return Error(error.kind(), error.message())
        .withHint(error.hint())
        .withDetail("In the body of the function.")
        .at(create.bodySpan);
  }
  const auto& statement = **parsed;
  if (!std::holds_alternative<sql::QueryPtr>(statement.node) || statement.changesInWith || statement.takesNumbers)
    return Error(ErrorKind::FeatureNotSupported, "a function whose body writes, or is no query, is not supported")
        .withHint("The body of a function is one SELECT, without nextval() and setval().")
        .at(create.bodySpan);
  return {};
}

/// CREATE OR REPLACE keeps what callers rely on.
Status checkReplacement(const catalog::Function& old, const catalog::Function& function, SourceSpan span) {
  const auto refuse = [&](std::string message) {
    return Error(ErrorKind::InvalidObjectDefinition, std::move(message))
        .withHint(fmt::format("Use DROP FUNCTION {} first.", old.signature()))
        .at(span);
  };
  const auto sameColumns = std::ranges::equal(old.columns, function.columns, [](const auto& a, const auto& b) {
    return a.name == b.name && a.type == b.type;
  });
  if (old.setOf != function.setOf || old.result != function.result || !sameColumns)
    return refuse("cannot change return type of existing function");
  for (std::size_t at = 0; at < old.parameters.size(); ++at) {
    const auto& before = old.parameters[at];
    const auto& after = function.parameters[at];
    if (!before.name.empty() && before.name != after.name)
      return refuse(fmt::format("cannot change name of input parameter \"{}\"", before.name));
    if (!before.defaultSql.empty() && after.defaultSql.empty())
      return refuse("cannot remove parameter defaults from existing function");
  }
  return {};
}

}  // namespace

Result<catalog::FunctionRef> findFunction(const sql::QualifiedName& name,
                                          const std::optional<std::vector<sql::TypeName>>& types,
                                          const WriteContext& context) {
  DRIFT_ASSIGN(const auto bare, plan::bindNewName(name, context.binding));
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto functions = now->functionsNamed(bare);
  if (!types) {
    if (functions.empty())
      return makeError(ErrorKind::UndefinedFunction, "could not find a function named \"{}\"", bare).at(name.span);
    if (functions.size() > 1)
      return makeError(ErrorKind::AmbiguousFunction, "function name \"{}\" is not unique", bare)
          .withHint("Specify the argument list to select the function unambiguously.")
          .at(name.span);
    return functions.front();
  }
  DRIFT_ASSIGN(const auto wanted, resolveTypes(*types));
  for (const auto& function : functions)
    if (hasTypes(*function, wanted)) return function;
  return makeError(ErrorKind::UndefinedFunction, "function {} does not exist", signatureOf(bare, wanted)).at(name.span);
}

Result<ExecutionPtr> runCreateFunction(const sql::CreateFunction& create, const WriteContext& context) {
  const auto& environment = context.operators.environment;
  catalog::Function function;
  DRIFT_ASSIGN(function.name, plan::bindNewName(create.name, context.binding));
  if (create.language != "sql")
    return makeError(ErrorKind::UndefinedObject, "language \"{}\" does not exist", create.language)
        .withHint("Functions are written in LANGUAGE sql.")
        .at(create.languageSpan);
  if (plan::isBuiltInFunction(function.name, environment.registry))
    return makeError(ErrorKind::FeatureNotSupported, "a function with the name of the built-in function \"{}\" is not "
                     "supported", function.name)
        .at(create.name.span);
  DRIFT_TRY(checkNames(create));
  DRIFT_ASSIGN(function.parameters, resolveParameters(create.parameters, context));
  DRIFT_TRY(resolveResult(create, function, context));
  function.strict = create.strict;
  function.volatility = static_cast<catalog::Volatility>(create.volatility);
  DRIFT_TRY(resolveBody(create, function, context));
  std::vector<types::Type> types;
  for (const auto& parameter : function.parameters) types.push_back(parameter.type);
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  catalog::FunctionRef old;
  for (const auto& other : now->functionsNamed(function.name))
    if (hasTypes(*other, types)) old = other;
  if (old && !create.orReplace)
    return makeError(ErrorKind::DuplicateObject, "function \"{}\" already exists with same argument types",
                     function.name)
        .at(create.name.span);
  if (old) {
    DRIFT_TRY(checkReplacement(*old, function, create.name.span));
    function.id = old->id;
    function.comment = old->comment;
  } else {
    DRIFT_ASSIGN(function.id, environment.catalog.allocateTrees(context.transaction(), 1));
  }
  auto bound = plan::bindFunctionDefinition(std::move(function), context.binding);
  if (!bound.ok()) {
    const auto& error = bound.error();
    return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail()).at(create.bodySpan);
  }
  if (std::ranges::any_of(bound->dependsOn, txn::isTemporary))
    return Error(ErrorKind::FeatureNotSupported, "a function over a temporary table is not supported")
        .withHint("A body that is a text, AS '…', is looked at when it is called.")
        .at(create.bodySpan);
  DRIFT_TRY(environment.catalog.putFunction(context.transaction(), *bound));
  return std::make_unique<DoneExecution>("CREATE FUNCTION");
}

Result<ExecutionPtr> runDropFunction(const sql::DropFunction& drop, const WriteContext& context) {
  std::vector<catalog::FunctionRef> functions;
  std::vector<TreeId> ids;
  for (const auto& named : drop.functions) {
    auto found = findFunction(named.name, named.types, context);
    if (!found.ok() && drop.ifExists && found.error().kind() == ErrorKind::UndefinedFunction) continue;
    if (!found.ok()) return std::move(found).error();
    if (std::ranges::find(ids, (*found)->id) != ids.end()) continue;
    ids.push_back((*found)->id);
    functions.push_back(std::move(found).value());
  }
  for (const auto& function : functions) {
    const auto words = "function " + function->signature();
    DRIFT_TRY(dropDependentsOf(function->id, "drop " + words, words, drop.behavior == sql::DropBehavior::Cascade, ids,
                               context));
    DRIFT_TRY(context.operators.environment.catalog.dropFunction(context.transaction(), *function));
  }
  return std::make_unique<DoneExecution>("DROP FUNCTION");
}

}  // namespace drift::exec
