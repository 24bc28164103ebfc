// CREATE TABLE, CREATE TABLE AS, DROP TABLE.
#include <algorithm>

#include "exec/ddl.h"
#include "plan/bind.h"

namespace drift::exec {

namespace {

/// Builds the definition of one CREATE TABLE.
class TableBuilder final {
 public:
  TableBuilder(std::string name, const WriteContext& context) : m_context(context) { m_table.name = std::move(name); }

  Status addColumn(const sql::ColumnDefinition& definition) {
    DRIFT_ASSIGN(auto column, makeColumn(definition, m_table, m_context));
    const auto id = column.id;
    m_table.columns.push_back(std::move(column));
    for (const auto& constraint : definition.constraints) {
      if (constraint.kind == sql::ColumnConstraintKind::PrimaryKey)
        DRIFT_TRY(addPrimaryKey({id}, constraint.name, constraint.span));
      if (constraint.kind == sql::ColumnConstraintKind::Unique)
        DRIFT_TRY(addUnique(m_table, {id}, constraint.name, m_context));
    }
    return {};
  }

  /// CHECK constraints of columns may name columns that come later, so they are taken in at the end.
  Status addColumnChecks(const sql::ColumnDefinition& definition) {
    for (const auto& constraint : definition.constraints)
      if (constraint.kind == sql::ColumnConstraintKind::Check)
        DRIFT_TRY(addCheck(m_table, constraint.name, fmt::format("{}_{}_check", m_table.name, definition.name.text),
                           *constraint.expression, m_context));
    return {};
  }

  Status addConstraint(const sql::TableConstraint& constraint) {
    if (constraint.kind == sql::TableConstraintKind::Check)
      return addCheck(m_table, constraint.name, m_table.name + "_check", *constraint.expression, m_context);
    DRIFT_ASSIGN(auto columns, constraintColumns(m_table, constraint));
    if (constraint.kind == sql::TableConstraintKind::PrimaryKey)
      return addPrimaryKey(std::move(columns), constraint.name, constraint.span);
    return addUnique(m_table, std::move(columns), constraint.name, m_context);
  }

  /// Numbers are taken from the keys, so they can be given to a column that is the key alone.
  Status checkIdentity(SourceSpan span) const {
    for (const auto& column : m_table.columns) {
      if (column.identity == catalog::Identity::None) continue;
      if (!column.defaultSql.empty())
        return makeError(ErrorKind::SyntaxError,
                         "both default and identity specified for column \"{}\" of table \"{}\"", column.name,
                         m_table.name)
            .at(span);
      if (m_table.primaryKey != std::vector<ColumnId>{column.id})
        return makeError(ErrorKind::FeatureNotSupported,
                         "an identity or serial column that is not the primary key by itself is not supported: \"{}\"",
                         column.name)
            .at(span);
    }
    return {};
  }

  /// Gives the table and its indexes their trees; foreign keys name them, so they come after.
  Status allocate() {
    DRIFT_ASSIGN(const auto first,
                 m_context.operators.environment.catalog.allocateTrees(
                     m_context.transaction(), static_cast<std::uint32_t>(1 + m_table.uniques.size())));
    m_table.id = first;
    for (std::size_t at = 0; at < m_table.uniques.size(); ++at)
      m_table.uniques[at].index = first + 1 + static_cast<TreeId>(at);
    return {};
  }

  Status addForeignKeys(const sql::CreateTable& create) {
    for (const auto& column : create.columns)
      for (const auto& constraint : column.constraints)
        if (constraint.kind == sql::ColumnConstraintKind::References)
          DRIFT_TRY(addForeignKey(m_table, constraint.name, std::span(&column.name, 1), *constraint.references,
                                  constraint.span, m_context));
    for (const auto& constraint : create.constraints)
      if (constraint.kind == sql::TableConstraintKind::ForeignKey)
        DRIFT_TRY(addForeignKey(m_table, constraint.name, constraint.columns, *constraint.references, constraint.span,
                                m_context));
    return {};
  }

  Status store() {
    noteOwnReference(m_table);
    DRIFT_TRY(m_context.operators.environment.catalog.putTable(m_context.transaction(), m_table));
    return noteReferences(nullptr, &m_table, m_context);
  }

 private:
  Status addPrimaryKey(std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name, SourceSpan span) {
    if (!m_table.primaryKey.empty())
      return makeError(ErrorKind::InvalidTableDefinition, "multiple primary keys for table \"{}\" are not allowed",
                       m_table.name)
          .at(span);
    if (name) {
      DRIFT_TRY(requireFreeIndexName(m_table, *name, m_context));
      m_table.primaryKeyName = name->text;
    } else {
      DRIFT_ASSIGN(m_table.primaryKeyName, freeIndexName(m_table, {}, "pkey", m_context));
    }
    m_table.primaryKey = std::move(columns);
    for (auto& column : m_table.columns)
      if (std::find(m_table.primaryKey.begin(), m_table.primaryKey.end(), column.id) != m_table.primaryKey.end())
        column.notNull = true;
    return {};
  }

  const WriteContext& m_context;
  catalog::Table m_table;
};

/// Gives the name of a table to be made; nothing where it is there already and that is fine.
Result<std::optional<std::string>> newName(const sql::QualifiedName& name, bool ifNotExists,
                                           const WriteContext& context) {
  DRIFT_ASSIGN(auto bare, plan::bindNewName(name, context.binding));
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  if (!view->find(bare) && !view->findByIndex(bare)) return std::optional<std::string>(std::move(bare));
  if (ifNotExists) return std::optional<std::string>();
  return makeError(ErrorKind::DuplicateTable, "relation \"{}\" already exists", bare).at(name.span);
}

}  // namespace

Result<ExecutionPtr> runCreateTable(const sql::CreateTable& create, const WriteContext& context) {
  DRIFT_ASSIGN(const auto name, newName(create.name, create.ifNotExists, context));
  if (!name) return std::make_unique<DoneExecution>("CREATE TABLE");
  TableBuilder builder(*name, context);
  for (const auto& column : create.columns) DRIFT_TRY(builder.addColumn(column));
  for (const auto& constraint : create.constraints)
    if (constraint.kind == sql::TableConstraintKind::PrimaryKey || constraint.kind == sql::TableConstraintKind::Unique)
      DRIFT_TRY(builder.addConstraint(constraint));
  for (const auto& column : create.columns) DRIFT_TRY(builder.addColumnChecks(column));
  for (const auto& constraint : create.constraints)
    if (constraint.kind == sql::TableConstraintKind::Check) DRIFT_TRY(builder.addConstraint(constraint));
  DRIFT_TRY(builder.checkIdentity(create.name.span));
  DRIFT_TRY(builder.allocate());
  DRIFT_TRY(builder.addForeignKeys(create));
  DRIFT_TRY(builder.store());
  return std::make_unique<DoneExecution>("CREATE TABLE");
}

Result<ExecutionPtr> runCreateTableAs(const sql::CreateTableAs& create, const WriteContext& context) {
  DRIFT_ASSIGN(const auto name, newName(create.name, create.ifNotExists, context));
  if (!name) return std::make_unique<DoneExecution>("CREATE TABLE AS");
  DRIFT_ASSIGN(const auto source, plan::bindQuery(*create.query, context.binding));
  if (create.columns.size() > source->columns.size())
    return Error(ErrorKind::SyntaxError, "too many column names were specified").at(create.columns.back().span);
  catalog::Table table;
  table.name = *name;
  DRIFT_TRY(plan::addResultColumns(table, source->columns, create.columns, create.name.span));
  const auto& catalog = context.operators.environment.catalog;
  DRIFT_ASSIGN(table.id, catalog.allocateTrees(context.transaction(), 1));
  DRIFT_TRY(catalog.putTable(context.transaction(), table));
  if (!create.withData) return std::make_unique<DoneExecution>("CREATE TABLE AS");
  DRIFT_ASSIGN(const auto count, insertAll(std::make_shared<const catalog::Table>(table), *source, context));
  return std::make_unique<DoneExecution>(fmt::format("SELECT {}", count), count);
}

Result<ExecutionPtr> runDropTable(const sql::DropTable& drop, const WriteContext& context) {
  std::vector<catalog::TableRef> tables;
  std::vector<TreeId> ids;
  for (const auto& name : drop.names) {
    DRIFT_ASSIGN(const auto bare, plan::bindNewName(name, context.binding));
    DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
    auto table = view->find(bare);
    if (!table && drop.ifExists) continue;
    if (!table) return makeError(ErrorKind::UndefinedTable, "table \"{}\" does not exist", bare).at(name.span);
    if (table->isView())
      return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a table", bare)
          .withHint("Use DROP VIEW to remove a view.")
          .at(name.span);
    ids.push_back(table->id);
    tables.push_back(std::move(table));
  }
  for (const auto& table : tables) {
    const bool cascade = drop.behavior == sql::DropBehavior::Cascade;
    DRIFT_TRY(dropDependents(*table, "drop table", cascade, ids, context));
    const auto all = [](const auto&) { return true; };
    auto dropped = *table;
    DRIFT_TRY(dropReferences(dropped, all, "drop table " + table->name, "table " + table->name, cascade, ids, context));
    DRIFT_TRY(context.operators.environment.catalog.dropTable(context.transaction(), *table));
    DRIFT_TRY(noteReferences(table.get(), nullptr, context));
  }
  return std::make_unique<DoneExecution>("DROP TABLE");
}

}  // namespace drift::exec
