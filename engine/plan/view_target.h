// Views that can be written to: those that show rows of one table, and columns of it under the same or other names
// (PostgreSQL's automatically updatable views, without computed columns). Free functions; one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "plan/binder.h"

namespace drift::plan {

/// What a statement writes to: a table, as itself or through a view.
struct WriteTarget {
  catalog::TableRef table;
  /// The table under the names that the statement knows: those of the view. Positions and ids are the table's; columns
  /// that the view does not show have names that cannot be written.
  catalog::TableRef seen;
  bool isView = false;
  std::vector<std::size_t> shown;  ///< of a view: positions of its columns
  sql::StatementPtr query;         ///< of a view
  std::string tableName;           ///< what the view's query calls the table
  const sql::Expression* where = nullptr;  ///< of the view's query; null: every row
};

/// Gives the table behind a view; nothing where the view is not of that kind.
Result<std::optional<WriteTarget>> targetOfView(const catalog::Table& view, Binder& binder);
/// True if there is a table behind a view of the same moment.
bool isUpdatableView(const catalog::Table& view, const catalog::CatalogView& catalog);
/// Leaves the names of the view's columns in a scope that has those of the target alone.
Status showViewColumns(Scope& scope, const WriteTarget& target);
/// The condition of the view's query; `columns` are the table's.
Result<ExpressionPtr> bindViewCondition(const WriteTarget& target, const std::vector<ScopeColumn>& columns,
                                        Binder& binder);

}  // namespace drift::plan
