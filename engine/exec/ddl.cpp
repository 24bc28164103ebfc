#include "exec/ddl.h"

#include <algorithm>

#include "plan/bind.h"
#include "sql/parser.h"
#include "sql/type_name.h"

namespace drift::exec {

namespace {

constexpr std::string_view kSystemNames[] = {"sys_start", "sys_end", "sys_seq", "sys_end_seq", "sys_op", "sys_author"};

}  // namespace

std::string_view sliceOf(SourceSpan span, const WriteContext& context) {
  const auto text = context.operators.environment.text;
  return text.substr(std::min<std::size_t>(span.offsetBytes, text.size()), span.lengthBytes);
}

bool hasConstraint(const catalog::Table& table, std::string_view name) {
  const auto named = [name](const auto& constraint) { return constraint.name == name; };
  return table.primaryKeyName == name || std::any_of(table.uniques.begin(), table.uniques.end(), named) ||
         std::any_of(table.checks.begin(), table.checks.end(), named) ||
         std::any_of(table.foreignKeys.begin(), table.foreignKeys.end(), named);
}

std::string freeConstraintName(const catalog::Table& table, const std::string& base) {
  std::string name = base;
  for (std::size_t number = 1; hasConstraint(table, name); ++number) name = fmt::format("{}{}", base, number);
  return name;
}

namespace {

/// Makes a text at most `bytesMax` bytes long without cutting a letter in two.
void shorten(std::string& text, std::size_t bytesMax) {
  if (text.size() <= bytesMax) return;
  while (bytesMax > 0 && (static_cast<unsigned char>(text[bytesMax]) & 0xc0) == 0x80) --bytesMax;
  text.resize(bytesMax);
}

bool hasIndex(const catalog::Table& table, std::string_view name) {
  const auto named = [name](const auto& other) { return other.name == name; };
  return (!table.primaryKey.empty() && table.primaryKeyName == name) ||
         std::any_of(table.uniques.begin(), table.uniques.end(), named) ||
         std::any_of(table.indexes.begin(), table.indexes.end(), named);
}

}  // namespace

Result<bool> isNameTaken(std::string_view name, const catalog::Table& table, const WriteContext& context) {
  if (table.name == name || hasIndex(table, name)) return true;
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  if (const auto other = view->find(name); other && other->id != table.id) return true;
  const auto other = view->findByIndex(name);
  return other && other->id != table.id;
}

Result<std::string> freeIndexName(const catalog::Table& table, std::string columns, std::string_view label,
                                  const WriteContext& context) {
  for (std::size_t number = 0;; ++number) {
    const auto suffix = number == 0 ? std::string(label) : fmt::format("{}{}", label, number);
    auto first = table.name;
    auto second = columns;
    const auto room = sql::kIdentifierBytesMax - suffix.size() - (second.empty() ? 1 : 2);
    if (first.size() + second.size() > room) {
      // The longer one gives way until both are as long.
      shorten(second, std::max(room / 2, room - std::min(room, first.size())));
      shorten(first, room - second.size());
    }
    auto name = fmt::format("{}{}{}_{}", first, second.empty() ? "" : "_", second, suffix);
    DRIFT_ASSIGN(const bool taken, isNameTaken(name, table, context));
    if (!taken && !hasConstraint(table, name)) return name;
  }
}

Result<TreeId> allocateFor(bool temporary, std::uint32_t count, const WriteContext& context) {
  const auto& catalog = context.operators.environment.catalog;
  return temporary ? catalog.allocateTemporary(context.transaction(), count)
                   : catalog.allocateTrees(context.transaction(), count);
}

Status requireFreeIndexName(const catalog::Table& table, const sql::Identifier& name, const WriteContext& context) {
  DRIFT_ASSIGN(const bool taken, isNameTaken(name.text, table, context));
  if (!taken) return {};
  return makeError(ErrorKind::DuplicateTable, "relation \"{}\" already exists", name.text).at(name.span);
}

Status addPrimaryKey(catalog::Table& table, std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name,
                     SourceSpan span, const WriteContext& context) {
  if (!table.primaryKey.empty())
    return makeError(ErrorKind::InvalidTableDefinition, "multiple primary keys for table \"{}\" are not allowed",
                     table.name)
        .at(span);
  if (name) {
    DRIFT_TRY(requireFreeIndexName(table, *name, context));
    table.primaryKeyName = name->text;
  } else {
    DRIFT_ASSIGN(table.primaryKeyName, freeIndexName(table, {}, "pkey", context));
  }
  table.primaryKey = std::move(columns);
  for (auto& column : table.columns)
    if (std::ranges::find(table.primaryKey, column.id) != table.primaryKey.end()) column.notNull = true;
  return {};
}

Status addUnique(catalog::Table& table, std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name,
                 const WriteContext& context) {
  if (name && hasConstraint(table, name->text))
    return makeError(ErrorKind::DuplicateObject, "constraint \"{}\" for relation \"{}\" already exists", name->text,
                     table.name)
        .at(name->span);
  std::string chosen;
  if (name) {
    DRIFT_TRY(requireFreeIndexName(table, *name, context));
    chosen = name->text;
  } else {
    std::string names;
    for (const auto id : columns) names += (names.empty() ? "" : "_") + table.findColumn(id)->name;
    DRIFT_ASSIGN(chosen, freeIndexName(table, std::move(names), "key", context));
  }
  table.uniques.push_back({std::move(chosen), std::move(columns), 0});
  return {};
}

Result<std::vector<ColumnId>> constraintColumns(const catalog::Table& table, const sql::TableConstraint& constraint) {
  std::vector<ColumnId> columns;
  for (const auto& name : constraint.columns) {
    const auto* column = table.findColumn(name.text);
    if (!column)
      return makeError(ErrorKind::UndefinedColumn, "column \"{}\" named in key does not exist", name.text)
          .at(name.span);
    if (std::find(columns.begin(), columns.end(), column->id) != columns.end())
      return makeError(ErrorKind::DuplicateColumn, "column \"{}\" appears twice in {} constraint", name.text,
                       constraint.kind == sql::TableConstraintKind::PrimaryKey ? "primary key" : "unique")
          .at(name.span);
    columns.push_back(column->id);
  }
  return columns;
}

Status refuseSystemName(const sql::Identifier& name) {
  if (std::find(std::begin(kSystemNames), std::end(kSystemNames), name.text) == std::end(kSystemNames)) return {};
  return makeError(ErrorKind::DuplicateColumn, "column name \"{}\" conflicts with a system column name", name.text)
      .at(name.span);
}

namespace {

/// The type of a column that is declared as a serial one.
std::optional<types::Type> serialType(std::string_view name) {
  if (name == "serial" || name == "serial4") return types::Type(types::TypeId::Integer);
  if (name == "bigserial" || name == "serial8") return types::Type(types::TypeId::BigInt);
  if (name == "smallserial" || name == "serial2") return types::Type(types::TypeId::SmallInt);
  return std::nullopt;
}

}  // namespace

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
  if (const auto serial = serialType(definition.type.name)) {
    column.type = *serial;
    column.notNull = true;
    column.identity = catalog::Identity::ByDefault;
  } else {
    DRIFT_ASSIGN(column.type, sql::resolveType(definition.type));
  }
  column.missing = types::Value::null(column.type);
  for (const auto& constraint : definition.constraints) {
    if (constraint.kind == sql::ColumnConstraintKind::NotNull) column.notNull = true;
    if (constraint.kind == sql::ColumnConstraintKind::Identity) {
      if (!column.type.isInteger())
        return Error(ErrorKind::InvalidParameterValue, "identity column type must be smallint, integer, or bigint")
            .at(constraint.span);
      column.notNull = true;
      column.identity = constraint.always ? catalog::Identity::Always : catalog::Identity::ByDefault;
    }
    if (constraint.kind == sql::ColumnConstraintKind::Default)
      column.defaultSql = std::string(sliceOf(constraint.expression->span, context));
    if (constraint.kind == sql::ColumnConstraintKind::Generated)
      column.generatedSql = std::string(sliceOf(constraint.expression->span, context));
  }
  const bool isIdentity = column.identity != catalog::Identity::None;
  if (column.isGenerated() && (isIdentity || !column.defaultSql.empty()))
    return makeError(ErrorKind::SyntaxError,
                     "both {} and generation expression specified for column \"{}\" of table \"{}\"",
                     isIdentity ? "identity" : "default", name, table.name)
        .at(definition.span);
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
