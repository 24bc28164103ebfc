// CREATE TABLE, CREATE TABLE AS, DROP TABLE.
#include <algorithm>
#include <map>

#include "exec/ddl.h"
#include "plan/bind.h"
#include "plan/bound_generated.h"

namespace drift::exec {

namespace {

/// Builds the definition of one CREATE TABLE.
class TableBuilder final {
 public:
  TableBuilder(std::string name, const sql::CreateTable& create, const WriteContext& context)
      : m_context(context), m_isTemporary(create.temporary) {
    m_table.name = std::move(name);
    m_table.onCommit = static_cast<catalog::OnCommit>(create.onCommit);
  }

  Status addColumn(const sql::ColumnDefinition& definition) {
    DRIFT_ASSIGN(auto column, makeColumn(definition, m_table, m_context));
    const auto id = column.id;
    m_table.columns.push_back(std::move(column));
    m_definitions.push_back(&definition);
    for (const auto& constraint : definition.constraints) {
      if (constraint.kind == sql::ColumnConstraintKind::PrimaryKey)
        DRIFT_TRY(addPrimaryKey(m_table, {id}, constraint.name, constraint.span, m_context));
      if (constraint.kind == sql::ColumnConstraintKind::Unique)
        DRIFT_TRY(addUnique(m_table, {id}, constraint.name, m_context));
    }
    return {};
  }

  /// LIKE: the columns of another table or view, and what else of it is wanted.
  Status addLike(const sql::LikeTable& like) {
    DRIFT_ASSIGN(const auto bare, plan::bindNewName(like.table, m_context.binding));
    DRIFT_ASSIGN(const auto view, m_context.binding.moments.tablesNow());
    const auto found = view->find(bare);
    if (!found)
      return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", bare).at(like.table.span);
    if (found->isSequence())
      return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a table or a view", bare).at(like.table.span);
    auto source = *found;
    if (like.constraints || like.indexes || like.generated)
      DRIFT_TRY(rewriteTexts(source, std::nullopt, m_table.name, m_context));
    for (const auto& column : source.columns) DRIFT_TRY(addColumnLike(column, like));
    m_likes.emplace_back(&like, std::move(source));
    return {};
  }

  /// Generated columns may name columns that come later, so they are looked at once all are there.
  Status checkGenerated() const {
    for (std::size_t at = 0; at < m_table.columns.size(); ++at) {
      if (!m_table.columns[at].isGenerated()) continue;
      auto status = plan::checkGenerated(m_table, m_table.columns[at], m_context.binding);
      if (!status.ok() && m_definitions[at]) return std::move(status).error().at(m_definitions[at]->span);
      DRIFT_TRY(std::move(status));
    }
    return {};
  }

  /// Constraints and indexes of the tables of LIKE, once all columns are there.
  Status addConstraintsLike() {
    for (const auto& [like, source] : m_likes) {
      if (like->indexes) DRIFT_TRY(addIndexesLike(*like, source));
      if (!like->constraints) continue;
      for (auto check : source.checks) {
        if (hasConstraint(m_table, check.name))
          return makeError(ErrorKind::DuplicateObject, "constraint \"{}\" for relation \"{}\" already exists",
                           check.name, m_table.name)
              .at(like->table.span);
        if (!like->comments) check.comment.clear();
        m_table.checks.push_back(std::move(check));
        m_table.checks.back().validated = true;  // no row is there yet
      }
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
      return addPrimaryKey(m_table, std::move(columns), constraint.name, constraint.span, m_context);
    return addUnique(m_table, std::move(columns), constraint.name, m_context);
  }

  /// An identity column that is the key alone takes its numbers from the keys; another one, and one with options, has a
  /// sequence.
  Status addIdentities(const sql::CreateTable& create) {
    for (std::size_t at = 0; at < m_table.columns.size(); ++at) {
      const auto& column = m_table.columns[at];
      if (column.identity == catalog::Identity::None) continue;
      if (!column.defaultSql.empty())
        return makeError(ErrorKind::SyntaxError,
                         "both default and identity specified for column \"{}\" of table \"{}\"", column.name,
                         m_table.name)
            .at(create.name.span);
      catalog::Sequence sequence;
      sequence.type = column.type;
      sql::SequenceOptions options;
      if (!m_definitions[at]) {
        if (m_sequenceLike.contains(column.id)) m_sequences.emplace_back(at, m_sequenceLike[column.id]);
        else if (m_table.primaryKey != std::vector<ColumnId>{column.id}) {
          options.type = sql::TypeName{column.type.name(), {}, false, create.name.span};
          DRIFT_TRY(setSequence(sequence, options, true));
          m_sequences.emplace_back(at, sequence);
        }
        continue;
      }
      options.type = sql::TypeName{column.type.name(), {}, false, m_definitions[at]->span};
      bool isGiven = false;
      for (const auto& constraint : m_definitions[at]->constraints)
        if (constraint.sequence) {
          if (constraint.sequence->type)
            return Error(ErrorKind::SyntaxError, "conflicting or redundant options").at(constraint.span);
          isGiven = true;
          DRIFT_TRY(setSequence(sequence, *constraint.sequence, true));
        }
      if (!isGiven && m_table.primaryKey == std::vector<ColumnId>{column.id}) continue;
      if (!isGiven) DRIFT_TRY(setSequence(sequence, options, true));
      m_sequences.emplace_back(at, sequence);
    }
    return {};
  }

  /// Gives the table and its indexes their trees; foreign keys name them, so they come after.
  Status allocate() {
    DRIFT_ASSIGN(const auto first,
                 allocateFor(m_isTemporary,
                             static_cast<std::uint32_t>(1 + m_table.uniques.size() + m_table.indexes.size() +
                                                        m_sequences.size()),
                             m_context));
    m_table.id = first;
    auto next = first + 1;
    for (auto& unique : m_table.uniques) unique.index = next++;
    for (auto& index : m_table.indexes) index.tree = next++;
    for (const auto& [column, sequence] : m_sequences) m_table.columns[column].sequence = next++;
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
    for (auto& [at, sequence] : m_sequences) {
      const auto& column = m_table.columns[at];
      sequence.ownerTable = m_table.id;
      sequence.ownerColumn = column.id;
      DRIFT_ASSIGN(auto name, freeIndexName(m_table, column.name, "seq", m_context));
      DRIFT_TRY(storeSequence(std::move(name), column.sequence, sequence, m_context));
    }
    return noteReferences(nullptr, &m_table, m_context);
  }

 private:
  Status addColumnLike(const catalog::Column& source, const sql::LikeTable& like) {
    if (m_table.findColumn(source.name))
      return makeError(ErrorKind::DuplicateColumn, "column \"{}\" specified more than once", source.name)
          .at(like.table.span);
    auto column = source;
    column.id = m_table.nextColumnId++;
    column.missing = types::Value::null(column.type);
    if (!like.defaults) column.defaultSql.clear();
    if (!like.generated) column.generatedSql.clear();
    if (!like.identity) column.identity = catalog::Identity::None;
    if (!like.comments) column.comment.clear();
    if (column.identity != catalog::Identity::None && source.sequence) {
      DRIFT_ASSIGN(const auto view, m_context.binding.moments.tablesNow());
      if (const auto sequence = view->find(source.sequence); sequence && sequence->sequence)
        m_sequenceLike[column.id] = *sequence->sequence;
    }
    column.sequence = 0;
    m_table.columns.push_back(std::move(column));
    m_definitions.push_back(nullptr);
    return {};
  }

  Status addIndexesLike(const sql::LikeTable& like, const catalog::Table& source) {
    const auto here = [&](ColumnId id) { return m_table.findColumn(source.findColumn(id)->name)->id; };
    const auto all = [&](const std::vector<ColumnId>& ids) {
      std::vector<ColumnId> columns;
      for (const auto id : ids) columns.push_back(here(id));
      return columns;
    };
    if (!source.primaryKey.empty()) {
      DRIFT_TRY(addPrimaryKey(m_table, all(source.primaryKey), std::nullopt, like.table.span, m_context));
      if (like.comments) m_table.primaryKeyComment = source.primaryKeyComment;
    }
    for (const auto& unique : source.uniques) {
      DRIFT_TRY(addUnique(m_table, all(unique.columns), std::nullopt, m_context));
      if (like.comments) m_table.uniques.back().comment = unique.comment;
    }
    for (auto index : source.indexes) {
      if (index.building) continue;
      for (auto& column : index.columns)
        if (!column.isExpression()) column.column = here(column.column);
      DRIFT_ASSIGN(index.name, freeIndexName(m_table, indexNameParts(m_table, index.columns), "idx", m_context));
      if (!like.comments) index.comment.clear();
      m_table.indexes.push_back(std::move(index));
    }
    return {};
  }

  const WriteContext& m_context;
  const bool m_isTemporary;
  catalog::Table m_table;
  std::vector<const sql::ColumnDefinition*> m_definitions;  ///< of each column; null: it came by LIKE
  std::vector<std::pair<const sql::LikeTable*, catalog::Table>> m_likes;
  std::map<ColumnId, catalog::Sequence> m_sequenceLike;  ///< of identity columns that came by LIKE
  std::vector<std::pair<std::size_t, catalog::Sequence>> m_sequences;  ///< of columns, by position
};

/// Gives the name of a table to be made; nothing where it is there already and that is fine.
/// A temporary table may have the name of another one, and the other way round.
Result<std::optional<std::string>> newName(const sql::QualifiedName& name, bool ifNotExists, bool temporary,
                                           const WriteContext& context) {
  DRIFT_ASSIGN(auto bare, plan::bindNewName(name, context.binding));
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  const bool taken = view->findByIndex(bare) || std::ranges::any_of(view->tables(), [&](const auto& table) {
    return table->name == bare && table->isTemporary() == temporary;
  });
  if (!taken) return std::optional<std::string>(std::move(bare));
  if (ifNotExists) return std::optional<std::string>();
  return makeError(ErrorKind::DuplicateTable, "relation \"{}\" already exists", bare).at(name.span);
}

}  // namespace

Result<ExecutionPtr> runCreateTable(const sql::CreateTable& create, const WriteContext& context) {
  DRIFT_ASSIGN(const auto name, newName(create.name, create.ifNotExists, create.temporary, context));
  if (!name) return std::make_unique<DoneExecution>("CREATE TABLE");
  TableBuilder builder(*name, create, context);
  auto like = create.likes.begin();
  for (std::size_t at = 0; at <= create.columns.size(); ++at) {
    for (; like != create.likes.end() && like->before == at; ++like) DRIFT_TRY(builder.addLike(*like));
    if (at < create.columns.size()) DRIFT_TRY(builder.addColumn(create.columns[at]));
  }
  DRIFT_TRY(builder.checkGenerated());
  DRIFT_TRY(builder.addConstraintsLike());
  for (const auto& constraint : create.constraints)
    if (constraint.kind == sql::TableConstraintKind::PrimaryKey || constraint.kind == sql::TableConstraintKind::Unique)
      DRIFT_TRY(builder.addConstraint(constraint));
  for (const auto& column : create.columns) DRIFT_TRY(builder.addColumnChecks(column));
  for (const auto& constraint : create.constraints)
    if (constraint.kind == sql::TableConstraintKind::Check) DRIFT_TRY(builder.addConstraint(constraint));
  DRIFT_TRY(builder.addIdentities(create));
  DRIFT_TRY(builder.allocate());
  DRIFT_TRY(builder.addForeignKeys(create));
  DRIFT_TRY(builder.store());
  return std::make_unique<DoneExecution>("CREATE TABLE");
}

Result<ExecutionPtr> runCreateTableAs(const sql::CreateTableAs& create, const WriteContext& context) {
  DRIFT_ASSIGN(const auto name, newName(create.name, create.ifNotExists, create.temporary, context));
  if (!name) return std::make_unique<DoneExecution>("CREATE TABLE AS");
  DRIFT_ASSIGN(const auto source, plan::bindQuery(*create.query, context.binding));
  if (create.columns.size() > source->columns.size())
    return Error(ErrorKind::SyntaxError, "too many column names were specified").at(create.columns.back().span);
  catalog::Table table;
  table.name = *name;
  DRIFT_TRY(plan::addResultColumns(table, source->columns, create.columns, create.name.span));
  const auto& catalog = context.operators.environment.catalog;
  table.onCommit = static_cast<catalog::OnCommit>(create.onCommit);
  DRIFT_ASSIGN(table.id, allocateFor(create.temporary, 1, context));
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
    if (table->isView() || table->isMaterialized() || table->isSequence())
      return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a table", bare)
          .withHint(dropHint(*table))
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
    DRIFT_TRY(dropOwnedSequences(table->id, std::nullopt, context));
  }
  return std::make_unique<DoneExecution>("DROP TABLE");
}

}  // namespace drift::exec
