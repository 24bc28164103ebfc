// FOREIGN KEY constraints: made, noted with the tables they refer to, and taken away with what they need.
#include <algorithm>
#include <set>

#include "exec/ddl.h"
#include "plan/bind.h"

namespace drift::exec {

namespace {

catalog::ReferenceAction actionOf(sql::ReferenceAction action) {
  switch (action) {
    case sql::ReferenceAction::NoAction: return catalog::ReferenceAction::NoAction;
    case sql::ReferenceAction::Restrict: return catalog::ReferenceAction::Restrict;
    case sql::ReferenceAction::Cascade: return catalog::ReferenceAction::Cascade;
    case sql::ReferenceAction::SetNull: return catalog::ReferenceAction::SetNull;
    case sql::ReferenceAction::SetDefault: return catalog::ReferenceAction::SetDefault;
  }
  return catalog::ReferenceAction::NoAction;
}

/// Looks up columns that a foreign key names.
Result<std::vector<ColumnId>> columnsOf(const catalog::Table& table, std::span<const sql::Identifier> names) {
  std::vector<ColumnId> columns;
  for (const auto& name : names) {
    const auto* column = table.findColumn(name.text);
    if (!column)
      return makeError(ErrorKind::UndefinedColumn, "column \"{}\" referenced in foreign key constraint does not exist",
                       name.text)
          .at(name.span);
    columns.push_back(column->id);
  }
  return columns;
}

/// The tree by which rows are found that have values in just these columns.
std::optional<TreeId> keyOf(const catalog::Table& table, const std::vector<ColumnId>& columns) {
  const std::set<ColumnId> wanted(columns.begin(), columns.end());
  if (std::set<ColumnId>(table.primaryKey.begin(), table.primaryKey.end()) == wanted) return table.id;
  for (const auto& index : table.allIndexes()) {
    std::set<ColumnId> indexed;
    for (const auto& column : index.columns) indexed.insert(column.column);
    const bool serves = index.unique && !index.building && !index.isPartial();
    if (serves && indexed == wanted && index.columns.size() == wanted.size()) return index.tree;
  }
  return std::nullopt;
}

/// True where equal values of both types are written alike in keys.
bool shareKeys(const types::Type& a, const types::Type& b) {
  return a.id() == b.id() || (a.isInteger() && b.isInteger()) || (a.isText() && b.isText());
}

Status checkTypes(const catalog::ForeignKey& key, const catalog::Table& table, const catalog::Table& other,
                  SourceSpan span) {
  for (std::size_t at = 0; at < key.columns.size(); ++at) {
    const auto& from = *table.findColumn(key.columns[at]);
    const auto& to = *other.findColumn(key.referenced[at]);
    if (shareKeys(from.type, to.type)) continue;
    if (types::canCast(from.type, to.type, types::CastContext::Implicit))
      return makeError(ErrorKind::FeatureNotSupported, "a foreign key from {} to {} is not supported", from.type.name(),
                       to.type.name())
          .withHint("Give both columns the same type.")
          .at(span);
    return makeError(ErrorKind::DatatypeMismatch, "foreign key constraint \"{}\" cannot be implemented", key.name)
        .withDetail(fmt::format("Key columns \"{}\" and \"{}\" are of incompatible types: {} and {}.", from.name,
                                to.name, from.type.name(), to.type.name()))
        .at(span);
  }
  return {};
}

std::set<TreeId> referencedTables(const catalog::Table* table) {
  std::set<TreeId> tables;
  if (table)
    for (const auto& key : table->foreignKeys) tables.insert(key.table);
  return tables;
}

/// Nobody else may give a generated column its value.
Status refuseGenerated(const catalog::ForeignKey& key, const catalog::Table& table, SourceSpan span) {
  const bool any =
      std::ranges::any_of(key.columns, [&](const auto id) { return table.findColumn(id)->isGenerated(); });
  const auto sets = [](catalog::ReferenceAction action) {
    return action == catalog::ReferenceAction::SetNull || action == catalog::ReferenceAction::SetDefault;
  };
  const bool onUpdate = sets(key.onUpdate) || key.onUpdate == catalog::ReferenceAction::Cascade;
  if (!any || (!onUpdate && !sets(key.onDelete))) return {};
  return makeError(ErrorKind::SyntaxError,
                   "invalid ON {} action for foreign key constraint containing generated column",
                   onUpdate ? "UPDATE" : "DELETE")
      .at(span);
}

}  // namespace

Status addForeignKey(catalog::Table& table, const std::optional<sql::Identifier>& name,
                     std::span<const sql::Identifier> columns, const sql::References& references, SourceSpan span,
                     const WriteContext& context) {
  if (name && hasConstraint(table, name->text))
    return makeError(ErrorKind::DuplicateObject, "constraint \"{}\" for relation \"{}\" already exists", name->text,
                     table.name)
        .at(name->span);
  catalog::ForeignKey key;
  DRIFT_ASSIGN(key.columns, columnsOf(table, columns));
  DRIFT_ASSIGN(const auto bare, plan::bindNewName(references.table, context.binding));
  catalog::TableRef found;
  if (bare != table.name) {
    DRIFT_ASSIGN(found, plan::bindTable(references.table, context.binding));
    if (found->isTemporary() != table.isTemporary())
      return makeError(ErrorKind::InvalidTableDefinition, "constraints on {0} tables may reference only {0} tables",
                       table.isTemporary() ? "temporary" : "permanent")
          .at(references.table.span);
  }
  const auto& other = found ? *found : table;
  key.table = other.id;
  if (references.columns.empty()) {
    key.referenced = other.primaryKey;
    if (key.referenced.empty())
      return makeError(ErrorKind::UndefinedObject, "there is no primary key for referenced table \"{}\"", other.name)
          .at(references.table.span);
  } else {
    DRIFT_ASSIGN(key.referenced, columnsOf(other, references.columns));
  }
  if (key.referenced.size() != key.columns.size())
    return Error(ErrorKind::InvalidForeignKey, "number of referencing and referenced columns for foreign key disagree")
        .at(span);
  for (const auto* side : {&key.columns, &key.referenced})
    if (std::set<ColumnId>(side->begin(), side->end()).size() != side->size())
      return makeError(ErrorKind::InvalidForeignKey, "foreign key {}-columns list must not contain duplicates",
                       side == &key.columns ? "referencing" : "referenced")
          .at(span);
  const auto tree = keyOf(other, key.referenced);
  if (!tree)
    return makeError(ErrorKind::InvalidForeignKey,
                     "there is no unique constraint matching given keys for referenced table \"{}\"", other.name)
        .at(references.table.span);
  key.key = *tree;
  key.onUpdate = actionOf(references.onUpdate);
  key.onDelete = actionOf(references.onDelete);
  DRIFT_ASSIGN(key.setColumns, columnsOf(table, references.setColumns));
  DRIFT_TRY(refuseGenerated(key, table, span));
  for (std::size_t at = 0; at < key.setColumns.size(); ++at)
    if (std::ranges::find(key.columns, key.setColumns[at]) == key.columns.end())
      return makeError(ErrorKind::InvalidColumnReference,
                       "column \"{}\" referenced in ON DELETE SET action must be part of foreign key",
                       references.setColumns[at].text)
          .at(references.setColumns[at].span);
  if (name) {
    key.name = name->text;
  } else {
    std::string names;
    for (const auto& column : columns) names += (names.empty() ? "" : "_") + column.text;
    DRIFT_ASSIGN(key.name, freeIndexName(table, std::move(names), "fkey", context));
  }
  DRIFT_TRY(checkTypes(key, table, other, span));
  table.foreignKeys.push_back(std::move(key));
  return {};
}

void noteOwnReference(catalog::Table& table) {
  std::erase(table.referencedBy, table.id);
  if (referencedTables(&table).contains(table.id)) table.referencedBy.push_back(table.id);
}

Status noteReferences(const catalog::Table* before, const catalog::Table* after, const WriteContext& context) {
  const auto id = before ? before->id : after->id;
  const auto old = referencedTables(before);
  const auto now = referencedTables(after);
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  const auto& catalog = context.operators.environment.catalog;
  const auto note = [&](TreeId other, bool refers) -> Status {
    const auto found = view->find(other);
    // A table that is dropped by the same statement needs no note.
    if (other == id || !found) return {};
    auto changed = *found;
    std::erase(changed.referencedBy, id);
    if (refers) changed.referencedBy.push_back(id);
    return catalog.putBesideWriters(context.transaction(), changed);
  };
  for (const auto other : old)
    if (!now.contains(other)) DRIFT_TRY(note(other, false));
  for (const auto other : now)
    if (!old.contains(other)) DRIFT_TRY(note(other, true));
  return {};
}

Status dropReferences(catalog::Table& table, const std::function<bool(const catalog::ForeignKey&)>& needs,
                      std::string_view words, std::string_view what, bool cascade, std::span<const TreeId> also,
                      const WriteContext& context) {
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  const auto concerned = [&](const auto& key) { return key.table == table.id && needs(key); };
  for (const auto id : std::vector(table.referencedBy)) {
    if (std::ranges::find(also, id) != also.end()) continue;
    const bool own = id == table.id;
    const auto found = own ? nullptr : view->find(id);
    if (!own && !found) continue;
    auto& keys = own ? table.foreignKeys : found->foreignKeys;
    const auto first = std::ranges::find_if(keys, concerned);
    if (first == keys.end()) continue;
    if (!cascade)
      return makeError(ErrorKind::DependentObjects, "cannot {} because other objects depend on it", words)
          .withDetail(
              fmt::format("constraint {} on table {} depends on {}", first->name, own ? table.name : found->name, what))
          .withHint("Use DROP ... CASCADE to drop the dependent objects too.");
    if (own) {
      std::erase_if(table.foreignKeys, concerned);
      noteOwnReference(table);
      continue;
    }
    auto changed = *found;
    std::erase_if(changed.foreignKeys, concerned);
    if (!referencedTables(&changed).contains(table.id)) std::erase(table.referencedBy, id);
    DRIFT_TRY(context.operators.environment.catalog.putBesideWriters(context.transaction(), changed));
  }
  return {};
}

}  // namespace drift::exec
