#include "exec/ddl.h"

#include <algorithm>

#include "plan/bind.h"
#include "sql/type_name.h"

namespace drift::exec {

namespace {

constexpr std::string_view kSystemNames[] = {"sys_start", "sys_end", "sys_seq", "sys_end_seq", "sys_op", "sys_author"};

}  // namespace

std::string_view sliceOf(SourceSpan span, const WriteContext& context) {
  const auto text = context.operators.environment.text;
  return text.substr(std::min<std::size_t>(span.offsetBytes, text.size()), span.lengthBytes);
}

std::string quotedName(std::string_view name) {
  std::string quoted = "\"";
  for (const char letter : name) {
    quoted += letter;
    if (letter == '"') quoted += letter;
  }
  return quoted + "\"";
}

bool hasConstraint(const catalog::Table& table, std::string_view name) {
  const auto named = [name](const auto& constraint) { return constraint.name == name; };
  return table.primaryKeyName == name || std::any_of(table.uniques.begin(), table.uniques.end(), named) ||
         std::any_of(table.checks.begin(), table.checks.end(), named);
}

std::string freeConstraintName(const catalog::Table& table, const std::string& base) {
  std::string name = base;
  for (std::size_t number = 1; hasConstraint(table, name); ++number) name = fmt::format("{}{}", base, number);
  return name;
}

Status refuseSystemName(const sql::Identifier& name) {
  if (std::find(std::begin(kSystemNames), std::end(kSystemNames), name.text) == std::end(kSystemNames)) return {};
  return makeError(ErrorKind::DuplicateColumn, "column name \"{}\" conflicts with a system column name", name.text)
      .at(name.span);
}

Result<catalog::Column> makeColumn(const sql::ColumnDefinition& definition, catalog::Table& table,
                                   const WriteContext& context) {
  const auto& name = definition.name.text;
  DRIFT_TRY(refuseSystemName(definition.name));
  if (table.findColumn(name)) {
    const bool beingMade = table.id == 0;
    if (beingMade)
      return makeError(ErrorKind::DuplicateColumn, "column \"{}\" specified more than once", name)
          .at(definition.name.span);
    return makeError(ErrorKind::DuplicateColumn, "column \"{}\" of relation \"{}\" already exists", name, table.name)
        .at(definition.name.span);
  }
  catalog::Column column;
  column.id = table.nextColumnId++;
  column.name = name;
  DRIFT_ASSIGN(column.type, sql::resolveType(definition.type));
  column.missing = types::Value::null(column.type);
  for (const auto& constraint : definition.constraints) {
    if (constraint.kind == sql::ColumnConstraintKind::NotNull) column.notNull = true;
    if (constraint.kind == sql::ColumnConstraintKind::Default)
      column.defaultSql = std::string(sliceOf(constraint.expression->span, context));
  }
  // The default is bound once to be refused now rather than by every INSERT.
  auto bound = plan::bindDefault(column, context.binding);
  if (!bound.ok()) {
    const auto& error = bound.error();
    return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail()).at(definition.span);
  }
  return column;
}

Status addCheck(catalog::Table& table, const std::optional<sql::Identifier>& name, std::string_view suggested,
                const sql::Expression& condition, const WriteContext& context) {
  if (name && hasConstraint(table, name->text))
    return makeError(ErrorKind::DuplicateObject, "constraint \"{}\" for relation \"{}\" already exists", name->text,
                     table.name)
        .at(name->span);
  const auto chosen = name ? name->text : freeConstraintName(table, std::string(suggested));
  table.checks.push_back({chosen, std::string(sliceOf(condition.span, context))});
  auto bound = plan::bindChecks(table, context.binding);
  if (bound.ok()) return {};
  // Places within the stored text mean nothing in the statement.
  const auto& error = bound.error();
  return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail()).at(condition.span);
}

}  // namespace drift::exec
