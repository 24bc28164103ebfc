// CREATE INDEX, DROP INDEX, ALTER INDEX.
#include <algorithm>

#include "exec/ddl.h"
#include "exec/index_build.h"
#include "plan/bind.h"
#include "plan/bound_index.h"

namespace drift::exec {

namespace {

constexpr std::size_t kIndexColumnsMax = 32;  // PostgreSQL's INDEX_MAX_KEYS

/// Sets the place in the statement of an error about a stored text.
Status placed(Status status, SourceSpan span) {
  return status.ok() ? std::move(status) : Status(std::move(status).error().at(span));
}

Result<std::vector<catalog::IndexColumn>> indexColumns(const sql::CreateIndex& create, const catalog::Table& table,
                                                       const WriteContext& context) {
  if (create.elements.size() > kIndexColumnsMax)
    return makeError(ErrorKind::LimitExceeded, "cannot use more than {} columns in an index", kIndexColumnsMax)
        .at(create.elements[kIndexColumnsMax].column.span);
  std::vector<catalog::IndexColumn> columns;
  for (const auto& element : create.elements) {
    const bool nullsFirst =
        element.nulls == sql::NullsOrder::Default ? element.descending : element.nulls == sql::NullsOrder::First;
    if (element.expression) {
      auto text = std::string(sliceOf(element.expression->span, context));
      DRIFT_TRY(placed(plan::checkIndexPart(table, text, context.binding), element.expression->span));
      columns.push_back({0, element.descending, nullsFirst, std::move(text)});
      continue;
    }
    const auto* column = table.findColumn(element.column.text);
    if (!column)
      return makeError(ErrorKind::UndefinedColumn, "column \"{}\" does not exist", element.column.text)
          .at(element.column.span);
    DRIFT_TRY(placed(plan::checkIndexable(column->type), element.column.span));
    columns.push_back({column->id, element.descending, nullsFirst});
  }
  return columns;
}

/// The name of an index to be made; nothing where it is there already and that is fine.
Result<std::optional<std::string>> indexName(const sql::CreateIndex& create, const catalog::Table& table,
                                             const std::vector<catalog::IndexColumn>& columns,
                                             const WriteContext& context) {
  if (!create.name) {
    DRIFT_ASSIGN(auto name, freeIndexName(table, indexNameParts(table, columns), "idx", context));
    return std::optional(std::move(name));
  }
  DRIFT_ASSIGN(const bool taken, isNameTaken(create.name->text, table, context));
  if (!taken) return std::optional(create.name->text);
  if (create.ifNotExists) return std::optional<std::string>();
  return makeError(ErrorKind::DuplicateTable, "relation \"{}\" already exists", create.name->text)
      .at(create.name->span);
}

/// An index that a statement names.
struct FoundIndex {
  catalog::TableRef table;
  const catalog::Index* index = nullptr;  ///< of the table's own; null: it belongs to a constraint
};

/// Finds an index; nothing where there is none and that is fine. UndefinedObject, WrongObjectType.
Result<std::optional<FoundIndex>> findIndex(const sql::QualifiedName& name, const std::string& bare, bool ifExists,
                                            const WriteContext& context) {
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  if (view->find(bare))
    return makeError(ErrorKind::WrongObjectType, "\"{}\" is not an index", bare)
        .withHint("Use DROP TABLE to remove a table, and ALTER TABLE to change one.")
        .at(name.span);
  const auto table = view->findByIndex(bare);
  if (!table && ifExists) return std::optional<FoundIndex>();
  if (!table) return makeError(ErrorKind::UndefinedObject, "index \"{}\" does not exist", bare).at(name.span);
  const auto own = std::ranges::find(table->indexes, bare, &catalog::Index::name);
  return std::optional(FoundIndex{table, own == table->indexes.end() ? nullptr : &*own});
}

Status refuseInBlock(bool concurrently, std::string_view words, const WriteContext& context) {
  if (!concurrently || context.operators.environment.onlineBuilds) return {};
  return makeError(ErrorKind::ActiveTransaction, "{} CONCURRENTLY cannot run inside a transaction block", words);
}

}  // namespace

Result<ExecutionPtr> runCreateIndex(const sql::CreateIndex& create, const WriteContext& context) {
  DRIFT_TRY(refuseInBlock(create.concurrently, "CREATE INDEX", context));
  const auto& environment = context.operators.environment;
  DRIFT_ASSIGN(const auto table, plan::bindStored(create.table, context.binding));
  catalog::Index index{.name = {}, .tree = 0, .columns = {}, .unique = create.unique};
  DRIFT_ASSIGN(index.columns, indexColumns(create, *table, context));
  if (create.where) {
    index.predicate = std::string(sliceOf(create.where->span, context));
    DRIFT_TRY(placed(plan::checkIndexPredicate(*table, index.predicate, context.binding), create.where->span));
  }
  DRIFT_ASSIGN(auto name, indexName(create, *table, index.columns, context));
  if (!name) return std::make_unique<DoneExecution>("CREATE INDEX");
  index.name = std::move(*name);
  DRIFT_ASSIGN(index.tree, allocateFor(table->isTemporary(), 1, context));
  DRIFT_ASSIGN(const auto rows, context.transaction().rowCount(table->id));
  if (rows > 0 && environment.onlineBuilds && !table->isTemporary()) {
    environment.onlineBuilds->push_back({table->id, index.tree});
    DRIFT_TRY(environment.catalog.startIndex(context.transaction(), *table, std::move(index)));
    return std::make_unique<DoneExecution>("CREATE INDEX");
  }
  auto changed = std::make_shared<catalog::Table>(*table);
  changed->indexes.push_back(index);
  DRIFT_TRY(environment.catalog.putTable(context.transaction(), *changed));
  if (rows > 0) DRIFT_TRY(fillIndex(changed, index.tree, context));
  return std::make_unique<DoneExecution>("CREATE INDEX");
}

Result<ExecutionPtr> runDropIndex(const sql::DropIndex& drop, const WriteContext& context) {
  DRIFT_TRY(refuseInBlock(drop.concurrently, "DROP INDEX", context));
  for (const auto& name : drop.names) {
    DRIFT_ASSIGN(const auto bare, plan::bindNewName(name, context.binding));
    DRIFT_ASSIGN(const auto found, findIndex(name, bare, drop.ifExists, context));
    if (!found) continue;
    if (!found->index)
      return makeError(ErrorKind::DependentObjects,
                       "cannot drop index {0} because constraint {0} on table {1} requires it", bare,
                       found->table->name)
          .withHint(fmt::format("You can drop constraint {} on table {} instead.", bare, found->table->name))
          .at(name.span);
    auto table = *found->table;
    const auto needs = [&](const catalog::ForeignKey& key) { return key.key == found->index->tree; };
    DRIFT_TRY(dropReferences(table, needs, "drop index " + bare, "index " + bare,
                             drop.behavior == sql::DropBehavior::Cascade, {}, context));
    DRIFT_TRY(context.operators.environment.catalog.dropIndex(context.transaction(), table, *found->index));
  }
  return std::make_unique<DoneExecution>("DROP INDEX");
}

Result<ExecutionPtr> runRenameIndex(const sql::RenameIndex& rename, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bare, plan::bindNewName(rename.name, context.binding));
  DRIFT_ASSIGN(const auto found, findIndex(rename.name, bare, rename.ifExists, context));
  if (!found) return std::make_unique<DoneExecution>("ALTER INDEX");
  DRIFT_TRY(requireFreeIndexName(*found->table, rename.to, context));
  auto changed = *found->table;
  if (changed.primaryKeyName == bare) changed.primaryKeyName = rename.to.text;
  for (auto& unique : changed.uniques)
    if (unique.name == bare) unique.name = rename.to.text;
  for (auto& index : changed.indexes)
    if (index.name == bare) index.name = rename.to.text;
  DRIFT_TRY(context.operators.environment.catalog.putTable(context.transaction(), changed));
  return std::make_unique<DoneExecution>("ALTER INDEX");
}

}  // namespace drift::exec
