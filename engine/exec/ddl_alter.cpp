// ALTER TABLE: columns come, go and change their names; a table changes its name. Rows are rewritten where a type
// changes or each gets a default of its own, and otherwise not: columns have stable ids, and a row shows a column that
// is younger than it by the column's missing value.
#include <algorithm>
#include <set>

#include "exec/ddl.h"
#include "exec/evaluator.h"
#include "exec/index_build.h"
#include "exec/row_writer.h"
#include "exec/scan_shape.h"
#include "plan/bind.h"
#include "plan/bound_generated.h"
#include "plan/bound_index.h"
#include "sql/string_literal.h"
#include "sql/type_name.h"

namespace drift::exec {

namespace {

class Alteration final {
 public:
  Alteration(const catalog::Table& table, const WriteContext& context)
      : m_original(table), m_table(table), m_context(context) {}

  Status operator()(const sql::AddColumn& add);
  Status operator()(const sql::DropColumn& drop);
  Status operator()(const sql::RenameColumn& rename);
  Status operator()(const sql::RenameTable& rename);
  Status operator()(const sql::AddConstraint& add);
  Status operator()(const sql::DropConstraint& drop);
  Status operator()(const sql::AlterColumn& alter);
  Status operator()(const sql::RenameConstraint& rename);
  Status operator()(const sql::ValidateConstraint& validate);

  const catalog::Table& table() const { return m_table; }
  /// Whether rows that are there already must be looked at, for new CHECK constraints.
  bool mustCheckRows() const { return m_mustCheckRows; }
  bool mustCheckReferences() const { return m_mustCheckReferences; }
  /// A new column that is NOT NULL and has no value for rows that are there already; empty for none.
  /// Trees of the UNIQUE constraints that came, to be filled.
  const std::vector<TreeId>& newIndexes() const { return m_newIndexes; }
  const std::string& columnWithoutValue() const { return m_columnWithoutValue; }
  /// What rows that are there get in columns that came.
  const std::vector<NewValue>& newValues() const { return m_newValues; }
  /// Makes the sequences of identity columns that came, and gives those of columns of another type their new owners.
  Status storeSequences() const;
  /// Columns that became NOT NULL.
  const std::vector<ColumnId>& newlyNotNull() const { return m_newlyNotNull; }

 private:
  struct NewSequence {
    std::string name;
    TreeId tree = 0;
    catalog::Sequence sequence;
  };

  Status addSequence(const sql::AddColumn& add, catalog::Column& column);
  Result<plan::RowValue> generatedAnew(const catalog::Column& column) const;
  Status setType(const sql::AlterColumn& alter, catalog::Column& column);
  Status checkTypeMayChange(const sql::AlterColumn& alter, const catalog::Column& column, types::Type type) const;
  Result<std::set<TreeId>> indexesReading(ColumnId column) const;
  Status replaceColumn(ColumnId from, ColumnId to, const std::set<TreeId>& reading);
  Status requireNoRows(std::string_view words, SourceSpan span) const;
  Status addKey(std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name, SourceSpan span);
  Status dropKey(const sql::DropConstraint& drop);
  Status dropGeneratedFrom(const catalog::Column& column, const sql::DropColumn& drop);
  Status addUniqueOf(std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name);

  const catalog::Table& m_original;
  catalog::Table m_table;
  const WriteContext& m_context;
  bool m_mustCheckRows = false;
  bool m_mustCheckReferences = false;
  std::string m_columnWithoutValue;
  std::vector<TreeId> m_newIndexes;
  std::vector<ColumnId> m_newlyNotNull;
  std::vector<NewValue> m_newValues;
  std::vector<NewSequence> m_newSequences;
  std::vector<std::pair<ColumnId, ColumnId>> m_replaced;  ///< columns of another type: old and new
};

/// An identity column that comes gets its numbers from a sequence of its own.
Status Alteration::addSequence(const sql::AddColumn& add, catalog::Column& column) {
  NewSequence made;
  made.sequence.type = column.type;
  sql::SequenceOptions options;
  options.type = sql::TypeName{column.type.name(), {}, false, add.column.span};
  bool isGiven = false;
  for (const auto& constraint : add.column.constraints) {
    if (!constraint.sequence) continue;
    if (constraint.sequence->type)
      return Error(ErrorKind::SyntaxError, "conflicting or redundant options").at(constraint.span);
    isGiven = true;
    DRIFT_TRY(setSequence(made.sequence, *constraint.sequence, true));
  }
  if (!isGiven) DRIFT_TRY(setSequence(made.sequence, options, true));
  DRIFT_ASSIGN(made.tree, allocateFor(m_table.isTemporary(), 1, m_context));
  DRIFT_ASSIGN(made.name, freeIndexName(m_table, column.name, "seq", m_context));
  made.sequence.ownerTable = m_table.id;
  made.sequence.ownerColumn = column.id;
  column.sequence = made.tree;
  m_newSequences.push_back(std::move(made));
  return {};
}

Status Alteration::storeSequences() const {
  for (const auto& made : m_newSequences) DRIFT_TRY(storeSequence(made.name, made.tree, made.sequence, m_context));
  DRIFT_ASSIGN(const auto view, m_context.binding.moments.tablesNow());
  for (const auto& table : view->tables()) {
    if (!table->sequence || table->sequence->ownerTable != m_table.id) continue;
    for (const auto& [from, to] : m_replaced) {
      if (table->sequence->ownerColumn != from) continue;
      auto changed = *table;
      changed.sequence->ownerColumn = to;
      DRIFT_TRY(m_context.operators.environment.catalog.putTable(m_context.transaction(), changed));
    }
  }
  return {};
}

Status Alteration::addUniqueOf(std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name) {
  DRIFT_TRY(addUnique(m_table, std::move(columns), name, m_context));
  DRIFT_ASSIGN(const auto tree, allocateFor(m_table.isTemporary(), 1, m_context));
  m_table.uniques.back().index = tree;
  m_newIndexes.push_back(tree);
  return {};
}

/// Rows lie by their key, and versions of a row are looked for under one key: only where no row ever was may it change.
Status Alteration::requireNoRows(std::string_view words, SourceSpan span) const {
  const auto& transaction = m_context.transaction();
  DRIFT_ASSIGN(const auto change, transaction.store().lastChange(m_table.id, transaction.snapshot().number()));
  DRIFT_ASSIGN(const auto rows, transaction.rowCount(m_table.id));
  if (change == 0 && rows == 0 && !transaction.hasWrites(m_table.id)) return {};
  return makeError(ErrorKind::FeatureNotSupported, "{} of table \"{}\" is not supported, as it has had rows", words,
                   m_table.name)
      .withDetail("Rows lie by their key, those of the past as well.")
      .withHint("Make a new table with the key that is wanted, and INSERT the rows into it.")
      .at(span);
}

Status Alteration::addKey(std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name, SourceSpan span) {
  if (m_table.primaryKey.empty()) DRIFT_TRY(requireNoRows("adding a primary key", span));
  if (name && hasConstraint(m_table, name->text))
    return makeError(ErrorKind::DuplicateObject, "constraint \"{}\" for relation \"{}\" already exists", name->text,
                     m_table.name)
        .at(name->span);
  return addPrimaryKey(m_table, std::move(columns), name, span, m_context);
}

Status Alteration::dropKey(const sql::DropConstraint& drop) {
  DRIFT_TRY(requireNoRows("dropping the primary key", drop.name.span));
  for (const auto& column : m_table.columns)
    if (column.identity != catalog::Identity::None && column.sequence == 0)
      return makeError(ErrorKind::FeatureNotSupported,
                       "dropping the primary key of table \"{}\" is not supported, as column \"{}\" takes its numbers "
                       "from it",
                       m_table.name, column.name)
          .at(drop.name.span);
  const auto needs = [&](const catalog::ForeignKey& key) { return key.key == m_table.id; };
  DRIFT_TRY(dropReferences(m_table, needs, fmt::format("drop constraint {} on table {}", drop.name.text, m_table.name),
                           "index " + drop.name.text, drop.behavior == sql::DropBehavior::Cascade, {}, m_context));
  m_table.primaryKey.clear();
  m_table.primaryKeyName.clear();
  m_table.primaryKeyComment.clear();
  return {};
}

Status Alteration::operator()(const sql::AddColumn& add) {
  if (add.ifNotExists && m_table.findColumn(add.column.name.text)) return {};
  DRIFT_ASSIGN(auto column, makeColumn(add.column, m_table, m_context));
  if (column.identity != catalog::Identity::None) {
    if (!column.defaultSql.empty())
      return makeError(ErrorKind::SyntaxError, "both default and identity specified for column \"{}\" of table \"{}\"",
                       column.name, m_table.name)
          .at(add.column.span);
    DRIFT_TRY(addSequence(add, column));
  }
  DRIFT_ASSIGN(auto value, plan::bindColumnDefault(m_table, column, m_context.binding));
  if (column.isGenerated()) {
    // Writing the rows anew computes it.
    m_newValues.push_back({column.id, {{}, std::move(value)}});
    if (column.notNull) m_newlyNotNull.push_back(column.id);
  } else if (plan::isVolatile(*value)) {
    // Each row gets a value of its own.
    m_newValues.push_back({column.id, {{}, std::move(value)}});
    if (column.notNull) m_newlyNotNull.push_back(column.id);
  } else {
    // The default is computed once, now: what it gives is what the rows that are there show from here on.
    DRIFT_ASSIGN(column.missing, evaluateConstant(*value, m_context.operators));
    if (column.notNull && column.missing.isNull()) m_columnWithoutValue = column.name;
  }
  const auto id = column.id;
  m_table.columns.push_back(std::move(column));
  if (m_table.columns.back().isGenerated()) {
    auto status = plan::checkGenerated(m_table, m_table.columns.back(), m_context.binding);
    if (!status.ok()) return std::move(status).error().at(add.column.span);
  }
  for (const auto& constraint : add.column.constraints)
    if (constraint.kind == sql::ColumnConstraintKind::PrimaryKey)
      DRIFT_TRY(addKey({id}, constraint.name, constraint.span));
  for (const auto& constraint : add.column.constraints)
    if (constraint.kind == sql::ColumnConstraintKind::Unique) DRIFT_TRY(addUniqueOf({id}, constraint.name));
  for (const auto& constraint : add.column.constraints) {
    if (constraint.kind != sql::ColumnConstraintKind::Check) continue;
    m_mustCheckRows = true;
    DRIFT_TRY(addCheck(m_table, constraint.name, fmt::format("{}_{}_check", m_table.name, add.column.name.text),
                       *constraint.expression, m_context));
  }
  for (const auto& constraint : add.column.constraints) {
    if (constraint.kind != sql::ColumnConstraintKind::References) continue;
    m_mustCheckReferences = true;
    DRIFT_TRY(addForeignKey(m_table, constraint.name, std::span(&add.column.name, 1), *constraint.references,
                            constraint.span, m_context));
  }
  return {};
}

/// Columns that are generated from one that goes.
Status Alteration::dropGeneratedFrom(const catalog::Column& column, const sql::DropColumn& drop) {
  const auto id = column.id;
  std::vector<std::string> names;
  for (const auto& other : m_table.columns) {
    if (!other.isGenerated() || other.id == id) continue;
    DRIFT_ASSIGN(const auto read, plan::columnsOfGenerated(m_table, other, m_context.binding));
    if (read.contains(id)) names.push_back(other.name);
  }
  if (!names.empty() && drop.behavior != sql::DropBehavior::Cascade)
    return makeError(ErrorKind::DependentObjects,
                     "cannot drop column {} of table {} because other objects depend on it", drop.column.text,
                     m_table.name)
        .withDetail(fmt::format("column {} of table {} depends on column {} of table {}", names.front(), m_table.name,
                                drop.column.text, m_table.name))
        .withHint("Use DROP ... CASCADE to drop the dependent objects too.")
        .at(drop.column.span);
  for (auto& name : names) {
    auto dependent = sql::DropColumn{.ifExists = false, .column = drop.column, .behavior = drop.behavior};
    dependent.column.text = std::move(name);
    DRIFT_TRY((*this)(dependent));
  }
  return {};
}

Status Alteration::operator()(const sql::DropColumn& drop) {
  const auto* column = m_table.findColumn(drop.column.text);
  if (!column && drop.ifExists) return {};
  if (!column)
    return makeError(ErrorKind::UndefinedColumn, "column \"{}\" of relation \"{}\" does not exist", drop.column.text,
                     m_table.name)
        .at(drop.column.span);
  DRIFT_TRY(dropGeneratedFrom(*column, drop));
  column = m_table.findColumn(drop.column.text);
  DRIFT_TRY(dropDependents(m_table, fmt::format("drop column {} of table", drop.column.text),
                           drop.behavior == sql::DropBehavior::Cascade, {}, m_context));
  const auto id = column->id;
  const auto uses = [id](const std::vector<ColumnId>& ids) {
    return std::find(ids.begin(), ids.end(), id) != ids.end();
  };
  if (uses(m_table.primaryKey))
    return makeError(ErrorKind::FeatureNotSupported, "dropping a column of the primary key is not supported: \"{}\"",
                     drop.column.text)
        .at(drop.column.span);
  const auto refers = [&](const catalog::ForeignKey& key) {
    return uses(key.columns) || (key.table == m_table.id && uses(key.referenced));
  };
  std::erase_if(m_table.foreignKeys, refers);
  noteOwnReference(m_table);
  const auto needs = [&](const catalog::ForeignKey& key) { return uses(key.referenced); };
  DRIFT_TRY(dropReferences(m_table, needs, fmt::format("drop column {} of table {}", drop.column.text, m_table.name),
                           fmt::format("column {} of table {}", drop.column.text, m_table.name),
                           drop.behavior == sql::DropBehavior::Cascade, {}, m_context));
  // As in PostgreSQL, constraints of the table that use the column go with it.
  DRIFT_ASSIGN(const auto checks, plan::bindChecks(m_table, m_context.binding));
  std::vector<std::string> gone;
  for (const auto& check : checks)
    plan::visit(*check.condition, [&](const plan::Expression& node) {
      if (node.kind != plan::ExpressionKind::Column) return;
      const auto input = std::find_if(check.inputs.begin(), check.inputs.end(),
                                      [&](const auto& other) { return other.slot == node.slot; });
      if (input->column == id) gone.push_back(check.name);
    });
  std::erase_if(m_table.checks,
                [&](const auto& check) { return std::find(gone.begin(), gone.end(), check.name) != gone.end(); });
  std::erase_if(m_table.uniques, [&](const auto& unique) { return uses(unique.columns); });
  DRIFT_ASSIGN(const auto indexes, indexesReading(id));
  std::erase_if(m_table.indexes, [&](const auto& index) { return indexes.contains(index.tree); });
  std::erase_if(m_table.columns, [id](const auto& other) { return other.id == id; });
  return dropOwnedSequences(m_table.id, id, m_context);
}

Status Alteration::operator()(const sql::RenameColumn& rename) {
  const auto* column = m_table.findColumn(rename.from.text);
  if (!column)
    return makeError(ErrorKind::UndefinedColumn, "column \"{}\" does not exist", rename.from.text).at(rename.from.span);
  if (m_table.findColumn(rename.to.text))
    return makeError(ErrorKind::DuplicateColumn, "column \"{}\" of relation \"{}\" already exists", rename.to.text,
                     m_table.name)
        .at(rename.to.span);
  DRIFT_TRY(refuseSystemName(rename.to));
  DRIFT_TRY(refuseRename(m_table, rename.from.span, m_context));
  const auto id = column->id;
  DRIFT_TRY(rewriteTexts(m_table, rename.from.text, rename.to.text, m_context));
  for (auto& other : m_table.columns)
    if (other.id == id) other.name = rename.to.text;
  return {};
}

Status Alteration::operator()(const sql::RenameTable& rename) {
  DRIFT_ASSIGN(const auto view, m_context.binding.moments.tablesNow());
  if (view->find(rename.to.text) || view->findByIndex(rename.to.text))
    return makeError(ErrorKind::DuplicateTable, "relation \"{}\" already exists", rename.to.text).at(rename.to.span);
  DRIFT_TRY(refuseRename(m_table, rename.to.span, m_context));
  DRIFT_TRY(rewriteTexts(m_table, std::nullopt, rename.to.text, m_context));
  m_table.name = rename.to.text;
  return {};
}

Status Alteration::operator()(const sql::AddConstraint& add) {
  const auto& constraint = add.constraint;
  switch (constraint.kind) {
    case sql::TableConstraintKind::Check:
      DRIFT_TRY(addCheck(m_table, constraint.name, m_table.name + "_check", *constraint.expression, m_context));
      m_table.checks.back().validated = !constraint.timing.notValid;
      m_mustCheckRows = m_mustCheckRows || !constraint.timing.notValid;
      return {};
    case sql::TableConstraintKind::PrimaryKey: {
      DRIFT_ASSIGN(auto columns, constraintColumns(m_table, constraint));
      return addKey(std::move(columns), constraint.name, constraint.span);
    }
    case sql::TableConstraintKind::ForeignKey:
      DRIFT_TRY(addForeignKey(m_table, constraint.name, constraint.columns, *constraint.references, constraint.span,
                              m_context));
      m_table.foreignKeys.back().validated = !constraint.timing.notValid;
      m_mustCheckReferences = m_mustCheckReferences || !constraint.timing.notValid;
      return {};
    case sql::TableConstraintKind::Unique: break;
  }
  DRIFT_ASSIGN(auto columns, constraintColumns(m_table, constraint));
  return addUniqueOf(std::move(columns), constraint.name);
}

Status Alteration::operator()(const sql::RenameConstraint& rename) {
  const auto& name = rename.from.text;
  if (!hasConstraint(m_table, name))
    return makeError(ErrorKind::UndefinedObject, "constraint \"{}\" for table \"{}\" does not exist", name,
                     m_table.name)
        .at(rename.from.span);
  if (hasConstraint(m_table, rename.to.text))
    return makeError(ErrorKind::DuplicateObject, "constraint \"{}\" for relation \"{}\" already exists",
                     rename.to.text, m_table.name)
        .at(rename.to.span);
  const bool isIndex =
      m_table.primaryKeyName == name ||
      std::ranges::find(m_table.uniques, name, &catalog::UniqueConstraint::name) != m_table.uniques.end();
  if (isIndex) DRIFT_TRY(requireFreeIndexName(m_table, rename.to, m_context));
  const auto renameIn = [&](auto& list) {
    for (auto& item : list)
      if (item.name == name) item.name = rename.to.text;
  };
  if (m_table.primaryKeyName == name) m_table.primaryKeyName = rename.to.text;
  renameIn(m_table.uniques);
  renameIn(m_table.checks);
  renameIn(m_table.foreignKeys);
  return {};
}

Status Alteration::operator()(const sql::ValidateConstraint& validate) {
  const auto& name = validate.name.text;
  if (const auto check = std::ranges::find(m_table.checks, name, &catalog::CheckConstraint::name);
      check != m_table.checks.end()) {
    m_mustCheckRows = m_mustCheckRows || !check->validated;
    check->validated = true;
    return {};
  }
  if (const auto key = std::ranges::find(m_table.foreignKeys, name, &catalog::ForeignKey::name);
      key != m_table.foreignKeys.end()) {
    m_mustCheckReferences = m_mustCheckReferences || !key->validated;
    key->validated = true;
    return {};
  }
  if (hasConstraint(m_table, name))
    return makeError(ErrorKind::WrongObjectType,
                     "constraint \"{}\" of relation \"{}\" is not a foreign key or check constraint", name,
                     m_table.name)
        .at(validate.name.span);
  return makeError(ErrorKind::UndefinedObject, "constraint \"{}\" of relation \"{}\" does not exist", name,
                   m_table.name)
      .at(validate.name.span);
}

Status Alteration::operator()(const sql::DropConstraint& drop) {
  const auto& name = drop.name.text;
  if (!hasConstraint(m_table, name)) {
    if (drop.ifExists) return {};
    return makeError(ErrorKind::UndefinedObject, "constraint \"{}\" of relation \"{}\" does not exist", name,
                     m_table.name)
        .at(drop.name.span);
  }
  if (!m_table.primaryKey.empty() && m_table.primaryKeyName == name) return dropKey(drop);
  const auto dropped = std::ranges::find(m_table.uniques, name, &catalog::UniqueConstraint::name);
  if (dropped != m_table.uniques.end()) {
    const auto needs = [tree = dropped->index](const catalog::ForeignKey& key) { return key.key == tree; };
    DRIFT_TRY(dropReferences(m_table, needs, fmt::format("drop constraint {} on table {}", name, m_table.name),
                             "index " + name, drop.behavior == sql::DropBehavior::Cascade, {}, m_context));
  }
  std::erase_if(m_table.foreignKeys, [&](const auto& key) { return key.name == name; });
  noteOwnReference(m_table);
  std::erase_if(m_table.checks, [&](const auto& check) { return check.name == name; });
  std::erase_if(m_table.uniques, [&](const auto& unique) { return unique.name == name; });
  return {};
}

/// Types whose values have the same keys.
bool sharesKeys(types::Type a, types::Type b) {
  const bool texts = a.isText() && b.isText() && (a.id() == types::TypeId::Char) == (b.id() == types::TypeId::Char);
  return a == b || (a.isInteger() && b.isInteger()) || texts;
}

Status Alteration::checkTypeMayChange(const sql::AlterColumn& alter, const catalog::Column& column,
                                      types::Type type) const {
  const auto& name = column.name;
  const auto span = alter.column.span;
  const auto uses = [&](const std::vector<ColumnId>& ids) { return std::ranges::find(ids, column.id) != ids.end(); };
  const auto* before = m_original.findColumn(column.id);
  if (!before)
    return makeError(ErrorKind::FeatureNotSupported, "cannot alter type of column \"{}\" twice", name).at(span);
  if (column.identity != catalog::Identity::None && !type.isInteger())
    return Error(ErrorKind::InvalidParameterValue, "identity column type must be smallint, integer, or bigint")
        .at(alter.type->span);
  DRIFT_TRY(refuseTypeChange(m_table, name, span, m_context));
  for (const auto& other : m_table.columns) {
    if (!other.isGenerated() || other.id == column.id) continue;
    DRIFT_ASSIGN(const auto read, plan::columnsOfGenerated(m_table, other, m_context.binding));
    if (read.contains(column.id))
      return Error(ErrorKind::FeatureNotSupported, "cannot alter type of a column used by a generated column")
          .withDetail(fmt::format("Column \"{}\" is used by generated column \"{}\".", name, other.name))
          .at(span);
  }
  if (column.isGenerated() && alter.expression)
    return Error(ErrorKind::SyntaxError, "cannot specify USING when altering type of generated column")
        .withDetail(fmt::format("Column \"{}\" is a generated column.", name))
        .at(span);
  if (uses(m_table.primaryKey) && !sharesKeys(column.type, type))
    return makeError(ErrorKind::FeatureNotSupported,
                     "changing the type of column \"{}\" of the primary key to {} is not supported", name, type.name())
        .withHint("Rows lie by their key. Make a new table with the other type, and INSERT the rows into it.")
        .at(span);
  const auto refuseKey = [&](const std::string& key) {
    return makeError(ErrorKind::FeatureNotSupported,
                     "changing the type of column \"{}\" that the foreign key \"{}\" uses is not supported", name, key)
        .withHint("Drop the foreign key, alter the columns, and add it again.")
        .at(span);
  };
  for (const auto& key : m_table.foreignKeys)
    if (uses(key.columns)) return refuseKey(key.name);
  DRIFT_ASSIGN(const auto view, m_context.binding.moments.tablesNow());
  for (const auto id : m_table.referencedBy) {
    const auto other = view->find(id);
    if (!other) continue;
    for (const auto& key : other->foreignKeys)
      if (key.table == m_table.id && uses(key.referenced)) return refuseKey(key.name);
  }
  return {};
}

/// The indexes of CREATE INDEX whose keys a column counts for.
Result<std::set<TreeId>> Alteration::indexesReading(ColumnId column) const {
  std::set<TreeId> trees;
  for (const auto& index : m_table.indexes) {
    DRIFT_ASSIGN(const auto columns, plan::columnsOfIndex(m_table, index, m_context.binding));
    if (columns.contains(column)) trees.insert(index.tree);
  }
  return trees;
}

/// Puts one column in the place of another, wherever the definition names it. Indexes on it begin anew; `reading` are
/// those of CREATE INDEX.
Status Alteration::replaceColumn(ColumnId from, ColumnId to, const std::set<TreeId>& reading) {
  std::ranges::replace(m_table.primaryKey, from, to);
  for (auto& unique : m_table.uniques) {
    if (std::ranges::find(unique.columns, from) == unique.columns.end()) continue;
    std::ranges::replace(unique.columns, from, to);
    std::erase(m_newIndexes, unique.index);
    DRIFT_ASSIGN(unique.index, allocateFor(m_table.isTemporary(), 1, m_context));
    m_newIndexes.push_back(unique.index);
  }
  for (auto& index : m_table.indexes) {
    if (!reading.contains(index.tree)) continue;
    for (auto& column : index.columns)
      if (column.column == from) column.column = to;
    std::erase(m_newIndexes, index.tree);
    DRIFT_ASSIGN(index.tree, allocateFor(m_table.isTemporary(), 1, m_context));
    m_newIndexes.push_back(index.tree);
  }
  return {};
}

/// A generated column of another type is computed anew as its rows are written, if its expression fits.
Result<plan::RowValue> Alteration::generatedAnew(const catalog::Column& column) const {
  DRIFT_TRY(plan::checkGenerated(m_table, column, m_context.binding));
  DRIFT_ASSIGN(auto nothing, plan::bindDefault(column, m_context.binding));
  return plan::RowValue{{}, std::move(nothing)};
}

Status Alteration::setType(const sql::AlterColumn& alter, catalog::Column& column) {
  DRIFT_ASSIGN(const auto type, sql::resolveType(*alter.type));
  if (type == column.type && !alter.expression) return {};
  DRIFT_TRY(checkTypeMayChange(alter, column, type));
  const auto before = column;
  DRIFT_ASSIGN(const auto reading, indexesReading(before.id));
  column.type = type;
  column.missing = types::Value::null(type);
  if (!column.defaultSql.empty() && !plan::bindDefault(column, m_context.binding).ok())
    return makeError(ErrorKind::DatatypeMismatch, "default for column \"{}\" cannot be cast automatically to type {}",
                     column.name, type.name())
        .withHint("Drop the default in the same statement, before the type, and set a new one after it.")
        .at(alter.span);
  auto value = column.isGenerated() ? generatedAnew(column)
                                    : plan::bindConversion(m_original, *m_original.findColumn(before.id), column,
                                                           alter.expression.get(), m_context.binding);
  if (!value.ok()) return value.error().span() ? std::move(value).error() : std::move(value).error().at(alter.span);
  column.id = m_table.nextColumnId++;
  m_newValues.push_back({column.id, std::move(value).value()});
  m_replaced.emplace_back(before.id, column.id);
  m_mustCheckRows = m_mustCheckRows || !m_table.checks.empty();
  if (column.notNull) m_newlyNotNull.push_back(column.id);
  DRIFT_TRY(replaceColumn(before.id, column.id, reading));
  // What indexes compute must go with the new type as well.
  for (const auto& index : m_table.indexes) {
    if (!index.hasExpressions() && !index.isPartial()) continue;
    if (auto columns = plan::columnsOfIndex(m_table, index, m_context.binding); !columns.ok())
      return std::move(columns).error().at(alter.span);
  }
  return {};
}

Status Alteration::operator()(const sql::AlterColumn& alter) {
  const auto column = std::ranges::find(m_table.columns, alter.column.text, &catalog::Column::name);
  if (column == m_table.columns.end())
    return makeError(ErrorKind::UndefinedColumn, "column \"{}\" of relation \"{}\" does not exist", alter.column.text,
                     m_table.name)
        .at(alter.column.span);
  if (alter.kind == sql::AlterColumnKind::SetType) return setType(alter, *column);
  const bool ofDefault =
      alter.kind == sql::AlterColumnKind::SetDefault || alter.kind == sql::AlterColumnKind::DropDefault;
  if (column->isGenerated() && ofDefault) {
    auto error = makeError(ErrorKind::SyntaxError, "column \"{}\" of relation \"{}\" is a generated column",
                           column->name, m_table.name)
                     .at(alter.column.span);
    if (alter.kind == sql::AlterColumnKind::SetDefault) return error;
    return std::move(error).withHint("Use ALTER TABLE ... ALTER COLUMN ... DROP EXPRESSION instead.");
  }
  if (alter.kind == sql::AlterColumnKind::DropExpression) {
    if (!column->isGenerated() && !alter.ifExists)
      return makeError(ErrorKind::WrongObjectState,
                       "column \"{}\" of relation \"{}\" is not a stored generated column", column->name,
                       m_table.name)
          .at(alter.column.span);
    column->generatedSql.clear();
    return {};
  }
  const bool isIdentity = column->identity != catalog::Identity::None;
  if (isIdentity && alter.kind != sql::AlterColumnKind::SetNotNull)
    return makeError(ErrorKind::SyntaxError, "column \"{}\" of relation \"{}\" is an identity column", column->name,
                     m_table.name)
        .at(alter.column.span);
  const bool inKey = std::ranges::find(m_table.primaryKey, column->id) != m_table.primaryKey.end();
  switch (alter.kind) {
    case sql::AlterColumnKind::SetDefault: {
      column->defaultSql = std::string(sliceOf(alter.expression->span, m_context));
      auto bound = plan::bindDefault(*column, m_context.binding);
      if (bound.ok()) return {};
      // Places within the stored text mean nothing in the statement.
      const auto& error = bound.error();
      return Error(error.kind(), error.message())
          .withHint(error.hint())
          .withDetail(error.detail())
          .at(alter.expression->span);
    }
    case sql::AlterColumnKind::DropDefault: column->defaultSql.clear(); return {};
    case sql::AlterColumnKind::SetNotNull:
      if (!column->notNull && !inKey) m_newlyNotNull.push_back(column->id);
      column->notNull = true;
      return {};
    case sql::AlterColumnKind::SetType:
    case sql::AlterColumnKind::DropExpression:
    case sql::AlterColumnKind::DropNotNull: break;
  }
  if (inKey)
    return makeError(ErrorKind::InvalidTableDefinition, "column \"{}\" is in a primary key", column->name)
        .at(alter.column.span);
  column->notNull = false;
  return {};
}

/// Refuses NULLs in the rows that are there.
Status checkNoNulls(const catalog::Table& table, ColumnId id, const WriteContext& context) {
  const auto* column = table.findColumn(id);
  if (!column || !column->notNull) return {};  // a later action of the same statement took it away again
  storage::ScanRequest request;
  request.tree = table.id;
  request.columns.push_back(layoutColumn(*column));
  request.cancel = context.operators.query().cancel;
  DRIFT_ASSIGN(const auto cursor, context.transaction().scan(std::move(request)));
  types::Chunk rows;
  while (true) {
    DRIFT_ASSIGN(const bool more, cursor->next(rows));
    if (!more) return {};
    const auto view = rows.column(0).view();
    for (std::size_t row = 0; row < rows.rowCount(); ++row)
      if (view.isNull(row))
        return makeError(ErrorKind::NotNullViolation, "column \"{}\" of relation \"{}\" contains null values",
                         column->name, table.name);
  }
}

/// The table without constraints that are not valid: rows that are there are not held to them.
catalog::TableRef withValid(const catalog::Table& table) {
  auto valid = table;
  std::erase_if(valid.checks, [](const auto& check) { return !check.validated; });
  std::erase_if(valid.foreignKeys, [](const auto& key) { return !key.validated; });
  return std::make_shared<const catalog::Table>(std::move(valid));
}

/// Holds the rows that are there to the CHECK constraints of the new definition.
Status checkRows(const catalog::TableRef& table, const WriteContext& context) {
  DRIFT_ASSIGN(auto writer, RowWriter::open(table, context.binding, context.operators));
  storage::ScanRequest request;
  request.tree = table->id;
  for (const auto& column : table->columns) request.columns.push_back(layoutColumn(column));
  request.cancel = context.operators.query().cancel;
  DRIFT_ASSIGN(const auto cursor, context.transaction().scan(std::move(request)));
  types::Chunk rows;
  while (true) {
    DRIFT_ASSIGN(const bool more, cursor->next(rows));
    if (!more) return {};
    auto status = writer.check(rows);
    if (status.ok()) continue;
    if (status.error().kind() != ErrorKind::CheckViolation) return status;
    return makeError(ErrorKind::CheckViolation, "a check constraint of relation \"{}\" is violated by some row",
                     table->name)
        .withDetail(status.error().message())
        .causedBy(std::move(status).error());
  }
}

/// Holds the rows that are there to the foreign keys of the new definition.
Status checkReferences(const catalog::TableRef& table, const WriteContext& context) {
  for (const auto& key : table->foreignKeys) context.transaction().requireQuiet(key.table);
  DRIFT_ASSIGN(auto writer, RowWriter::open(table, context.binding, context.operators));
  storage::ScanRequest request;
  request.tree = table->id;
  request.columns.push_back({storage::kKeyColumn, types::TypeId::Bytea, {}});
  request.columns.push_back({storage::kSeqColumn, types::TypeId::BigInt, {}});
  for (const auto& column : table->columns) request.columns.push_back(layoutColumn(column));
  request.cancel = context.operators.query().cancel;
  DRIFT_ASSIGN(const auto cursor, context.transaction().scan(std::move(request)));
  types::Chunk rows;
  while (true) {
    DRIFT_ASSIGN(const bool more, cursor->next(rows));
    if (!more) return writer.finish();
    DRIFT_TRY(writer.checkReferences(rows));
  }
}

}  // namespace

Result<ExecutionPtr> runAlterTable(const sql::AlterTable& alter, const WriteContext& context) {
  auto found = plan::bindTable(alter.name, context.binding);
  if (!found.ok() && alter.ifExists && found.error().kind() == ErrorKind::UndefinedTable)
    return std::make_unique<DoneExecution>("ALTER TABLE");
  if (!found.ok()) return std::move(found).error();
  Alteration alteration(**found, context);
  for (const auto& action : alter.actions) DRIFT_TRY(std::visit(alteration, action));
  auto changed = alteration.table();
  noteOwnReference(changed);
  const auto table = std::make_shared<const catalog::Table>(std::move(changed));
  DRIFT_TRY(context.operators.environment.catalog.putTable(context.transaction(), *table));
  DRIFT_TRY(noteReferences(found->get(), table.get(), context));
  DRIFT_TRY(alteration.storeSequences());
  if (!alteration.newValues().empty()) DRIFT_TRY(rewriteRows(**found, *table, alteration.newValues(), context));
  if (!alteration.columnWithoutValue().empty()) {
    DRIFT_ASSIGN(const auto rows, context.transaction().rowCount(table->id));
    if (rows > 0)
      return makeError(ErrorKind::NotNullViolation, "column \"{}\" of relation \"{}\" contains null values",
                       alteration.columnWithoutValue(), table->name)
          .withHint("Give the column a DEFAULT.");
  }
  for (const auto column : alteration.newlyNotNull()) DRIFT_TRY(checkNoNulls(*table, column, context));
  if (alteration.mustCheckRows()) DRIFT_TRY(checkRows(withValid(*table), context));
  if (alteration.mustCheckReferences()) DRIFT_TRY(checkReferences(withValid(*table), context));
  for (const auto tree : alteration.newIndexes()) {
    // A later action of the same statement may have taken it away again.
    const bool stays =
        std::ranges::any_of(table->allIndexes(), [&](const auto& index) { return index.tree == tree; });
    if (stays) DRIFT_TRY(fillIndex(table, tree, context));
  }
  return std::make_unique<DoneExecution>("ALTER TABLE");
}

}  // namespace drift::exec
