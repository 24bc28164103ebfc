// ON CONFLICT: which constraints decide, and what becomes of the row that is there.
#include <algorithm>

#include "plan/binder_write.h"
#include "plan/bound_index.h"
#include "plan/implication.h"
#include "plan/key_ranges.h"

namespace drift::plan {

namespace {

/// The table's own key and its unique indexes, with the columns that may not be equal.
struct UniqueKey {
  std::string name;
  TreeId tree = 0;
  std::vector<ColumnId> columns;  ///< without expressions
  bool isConstraint = true;
  catalog::Index index{};  ///< of CREATE INDEX
};

std::vector<UniqueKey> uniqueKeysOf(const catalog::Table& table) {
  std::vector<UniqueKey> keys;
  if (!table.primaryKey.empty()) keys.push_back({table.primaryKeyName, table.id, table.primaryKey});
  for (const auto& unique : table.uniques) keys.push_back({unique.name, unique.index, unique.columns});
  for (const auto& index : table.indexes) {
    if (!index.unique || index.building) continue;
    UniqueKey key{index.name, index.tree, {}, false, index};
    for (const auto& column : index.columns)
      if (!column.isExpression()) key.columns.push_back(column.column);
    keys.push_back(std::move(key));
  }
  return keys;
}

std::vector<ColumnId> sorted(std::vector<ColumnId> ids) {
  std::ranges::sort(ids);
  ids.erase(std::ranges::unique(ids).begin(), ids.end());
  return ids;
}

/// What ON CONFLICT names: the columns, expressions and the condition that choose among unique keys.
class Inference final {
 public:
  Inference(const catalog::Table& table, const BindEnvironment& environment)
      : m_table(table), m_environment(environment) {}

  Status open(const sql::ConflictClause& clause) {
    // Slots are given out by the order of columns, so they are those that bindIndex() gives.
    Binder binder(m_environment);
    const auto inputs = rowColumns(m_table, binder);
    DRIFT_ASSIGN(const auto scope, scopeOf(inputs, m_table.name));
    for (const auto& element : clause.elements) {
      if (element.expression) {
        DRIFT_ASSIGN(auto part, binder.bindExpression(*element.expression, scope, Clause::IndexExpression));
        DRIFT_ASSIGN(part, resolveUnknown(std::move(part), m_environment));
        m_expressions.push_back(std::move(part));
        continue;
      }
      const auto& name = element.column;
      const auto* column = m_table.findColumn(name.text);
      if (!column)
        return makeError(ErrorKind::UndefinedColumn, "column \"{}\" does not exist", name.text).at(name.span);
      m_columns.push_back(column->id);
    }
    m_columns = sorted(std::move(m_columns));
    if (clause.elementsWhere) {
      DRIFT_ASSIGN(m_where, binder.bindCondition(*clause.elementsWhere, scope, Clause::IndexPredicate));
    }
    return {};
  }

  Result<bool> fits(const UniqueKey& key) const {
    if (sorted(key.columns) != m_columns) return false;
    if (!key.index.hasExpressions() && !key.index.isPartial()) return m_expressions.empty();
    DRIFT_ASSIGN(const auto bound, bindIndex(m_table, key.index, m_environment));
    const auto has = [](const auto& list, const ExpressionPtr& wanted) {
      return std::ranges::any_of(list, [&](const auto& one) { return sameExpression(*one, *wanted); });
    };
    for (std::size_t at = 0; at < bound.parts.size(); ++at)
      if (key.index.columns[at].isExpression() && !has(m_expressions, bound.parts[at])) return false;
    if (!std::ranges::all_of(m_expressions, [&](const auto& wanted) { return has(bound.parts, wanted); })) return false;
    if (!bound.predicate) return true;
    std::vector<const Expression*> conditions;
    if (m_where) addConditions(*m_where, conditions);
    return implies(conditions, *bound.predicate);
  }

 private:
  const catalog::Table& m_table;
  const BindEnvironment& m_environment;
  std::vector<ColumnId> m_columns;
  std::vector<ExpressionPtr> m_expressions;
  ExpressionPtr m_where;
};

Result<std::vector<TreeId>> findArbiters(const sql::ConflictClause& clause, const catalog::Table& table,
                                         const BindEnvironment& environment) {
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
  Inference inference(table, environment);
  DRIFT_TRY(inference.open(clause));
  for (const auto& key : keys) {
    DRIFT_ASSIGN(const bool fits, inference.fits(key));
    if (fits) arbiters.push_back(key.tree);
  }
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
  DRIFT_ASSIGN(bound.arbiters, findArbiters(clause, table, binder.environment()));
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
