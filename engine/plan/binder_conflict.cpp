// ON CONFLICT: which constraints decide, and what becomes of the row that is there.
#include <algorithm>

#include "plan/binder_write.h"

namespace drift::plan {

namespace {

/// The table's own key and its unique indexes, with the columns that may not be equal.
struct UniqueKey {
  std::string name;
  TreeId tree = 0;
  std::vector<ColumnId> columns;
  bool isConstraint = true;
};

std::vector<UniqueKey> uniqueKeysOf(const catalog::Table& table) {
  std::vector<UniqueKey> keys;
  if (!table.primaryKey.empty()) keys.push_back({table.primaryKeyName, table.id, table.primaryKey});
  for (const auto& unique : table.uniques) keys.push_back({unique.name, unique.index, unique.columns});
  for (const auto& index : table.indexes) {
    if (!index.unique || index.building) continue;
    UniqueKey key{index.name, index.tree, {}, false};
    for (const auto& column : index.columns) key.columns.push_back(column.column);
    keys.push_back(std::move(key));
  }
  return keys;
}

std::vector<ColumnId> sorted(std::vector<ColumnId> ids) {
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

Result<std::vector<TreeId>> findArbiters(const sql::ConflictClause& clause, const catalog::Table& table) {
  const auto keys = uniqueKeysOf(table);
  std::vector<TreeId> arbiters;
  if (clause.constraint) {
    for (const auto& key : keys)
      if (key.isConstraint && key.name == clause.constraint->text) arbiters.push_back(key.tree);
    if (arbiters.empty())
      return makeError(ErrorKind::UndefinedObject, "constraint \"{}\" for table \"{}\" does not exist",
                       clause.constraint->text, table.name)
          .at(clause.constraint->span);
    return arbiters;
  }
  if (clause.elements.empty()) {
    if (clause.update)
      return Error(ErrorKind::SyntaxError, "ON CONFLICT DO UPDATE requires inference specification or constraint name")
          .withHint("For example, ON CONFLICT (column_name).")
          .at(clause.span);
    for (const auto& key : keys) arbiters.push_back(key.tree);
    return arbiters;
  }
  std::vector<ColumnId> columns;
  for (const auto& element : clause.elements) {
    const auto& name = element.column;
    const auto* column = table.findColumn(name.text);
    if (!column) return makeError(ErrorKind::UndefinedColumn, "column \"{}\" does not exist", name.text).at(name.span);
    columns.push_back(column->id);
  }
  columns = sorted(std::move(columns));
  for (const auto& key : keys)
    if (sorted(key.columns) == columns) arbiters.push_back(key.tree);
  if (arbiters.empty())
    return Error(ErrorKind::InvalidColumnReference,
                 "there is no unique or exclusion constraint matching the ON CONFLICT specification")
        .at(clause.span);
  return arbiters;
}

}  // namespace

Result<BoundConflict> bindConflict(const sql::ConflictClause& clause, const catalog::Table& table,
                                   const std::string& name, Binder& binder) {
  BoundConflict bound;
  DRIFT_ASSIGN(bound.arbiters, findArbiters(clause, table));
  bound.update = clause.update;
  if (!clause.update) return bound;
  bound.inputs = rowColumns(table, binder);
  const auto proposed = rowColumns(table, binder);
  DRIFT_ASSIGN(auto scope, scopeOf(bound.inputs, name));
  DRIFT_ASSIGN(auto excluded, scopeOf(proposed, "excluded"));
  DRIFT_TRY(scope.merge(std::move(excluded), clause.span));
  bound.inputs.insert(bound.inputs.end(), proposed.begin(), proposed.end());
  DRIFT_ASSIGN(auto assignments, bindAssignments(clause.assignments, table, scope, binder));
  bound.assigned = std::move(assignments.positions);
  bound.values = std::move(assignments.values);
  if (clause.where) {
    DRIFT_ASSIGN(bound.condition, binder.bindCondition(*clause.where, scope, Clause::Where));
  }
  return bound;
}

}  // namespace drift::plan
