#include "session/prepared_statements.h"

#include <algorithm>
#include <optional>

#include "sql/type_name.h"
#include "types/value.h"

namespace drift::session {

namespace {

Error unknownName(const sql::Identifier& name) {
  return makeError(ErrorKind::UndefinedStatement, "prepared statement \"{}\" does not exist", name.text).at(name.span);
}

}  // namespace

Status PreparedStatements::add(const sql::Prepare& prepare, std::string_view sql) {
  if (m_statements.contains(prepare.name.text))
    return makeError(ErrorKind::DuplicateStatement, "prepared statement \"{}\" already exists", prepare.name.text)
        .at(prepare.name.span);
  PreparedStatement statement;
  const auto& span = prepare.statement->span;
  statement.text = std::string(sql.substr(std::min<std::size_t>(span.offsetBytes, sql.size()), span.lengthBytes));
  for (const auto& name : prepare.types) {
    if (name.name == "unknown") {
      statement.types.push_back(types::TypeId::Unknown);
      continue;
    }
    DRIFT_ASSIGN(const auto type, sql::resolveType(name));
    statement.types.push_back(type);
  }
  statement.parameterCount = std::max<std::size_t>(statement.types.size(), prepare.statement->parameterMax);
  statement.types.resize(statement.parameterCount, types::TypeId::Unknown);
  m_statements.emplace(prepare.name.text, std::move(statement));
  return {};
}

Result<PreparedStatement> PreparedStatements::find(const sql::Identifier& name) const {
  const auto found = m_statements.find(name.text);
  if (found == m_statements.end()) return unknownName(name);
  return found->second;
}

Status PreparedStatements::remove(const sql::Deallocate& deallocate) {
  if (!deallocate.name) m_statements.clear();
  else if (m_statements.erase(deallocate.name->text) == 0) return unknownName(*deallocate.name);
  return {};
}

std::optional<types::Value> untypedArgument(const sql::Expression& argument) {
  const auto* literal = sql::getIf<sql::Literal>(argument);
  if (!literal) return std::nullopt;
  if (literal->kind == sql::LiteralKind::Null) return types::Value::null(types::TypeId::Unknown);
  if (literal->kind == sql::LiteralKind::String) return types::Value::unknown(literal->text);
  return std::nullopt;
}

Status checkArgumentCount(const PreparedStatement& prepared, const sql::ExecutePrepared& execute) {
  if (prepared.parameterCount == execute.arguments.size()) return {};
  return makeError(ErrorKind::SyntaxError, "wrong number of parameters for prepared statement \"{}\"", execute.name.text)
      .withDetail(fmt::format("Expected {} parameters but got {}.", prepared.parameterCount, execute.arguments.size()))
      .at(execute.span);
}

}  // namespace drift::session
