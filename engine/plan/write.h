// Bound statements that write: which rows, and what they become. Plain data; one thread at a time.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "catalog/table.h"
#include "plan/node.h"
#include "sql/ast_statement.h"

namespace drift::plan {

/// RETURNING: expressions over a table's row, and over the rows of other tables that it was joined with.
struct Returning {
  std::vector<Column> inputs;  ///< the table's columns, in order, then those of other tables
  std::vector<ExpressionPtr> expressions;
  std::vector<Column> columns;  ///< what they give
};

/// ON CONFLICT: what happens to rows that are there already.
struct BoundConflict {
  /// The key and the indexes by which a row counts as there: the table's own tree stands for its primary key.
  std::vector<TreeId> arbiters;
  bool update = false;                ///< else the new row is left out
  std::vector<Column> inputs;         ///< the table's columns as the row has them, then as they were to be inserted
  ExpressionPtr condition;            ///< null: every row is updated
  std::vector<std::size_t> assigned;  ///< positions of columns
  std::vector<ExpressionPtr> values;  ///< of these columns
};

/// Rows to add: the source's columns are the table's, in order and of its types.
struct BoundInsert {
  catalog::TableRef table;
  NodePtr source;
  std::optional<BoundConflict> conflict;
  std::optional<Returning> returning;
};

/// Columns of a source before those of the table: the row's key (BYTEA), and the number of the commit that
/// made its version (BIGINT, NULL for an own write).
inline constexpr std::size_t kRowIdentityColumns = 2;

/// Rows to change. The source gives the row's identity, its columns as they are, then the new values of the
/// columns at the positions `assigned`, in that order and of their types, then what `returning` reads of other tables.
/// A row may come more than once, where it was joined: the first one counts.
struct BoundUpdate {
  catalog::TableRef table;
  NodePtr source;
  bool joined = false;
  std::vector<std::size_t> assigned;
  std::optional<Returning> returning;
};

/// Rows to drop. The source gives the row's identity and its columns, then what `returning` reads of other tables. A
/// row may come more than once.
struct BoundDelete {
  catalog::TableRef table;
  NodePtr source;
  bool joined = false;
  std::optional<Returning> returning;
};

/// Rows to merge. The source gives the row's identity, NULL where nothing matched; the number of an action (INTEGER);
/// the table's columns as they are, and as they will be.
struct BoundMerge {
  catalog::TableRef table;
  NodePtr source;
  std::vector<sql::MergeAction> actions;  ///< by number
  std::vector<std::size_t> assigned;      ///< positions of columns that some action updates
};

using BoundChange = std::variant<BoundInsert, BoundUpdate, BoundDelete, BoundMerge>;

/// A table of WITH that writes. Queries beside it read what it returns as WorkTable `number`.
struct BoundPart {
  std::string name;
  std::uint32_t number = 0;
  BoundChange change;
};

/// A query or a change, after the parts of its WITH that write. All see the rows as they are before the first part.
struct BoundStatement {
  std::vector<BoundPart> parts;
  NodePtr query;                      ///< null: `change`
  std::optional<BoundChange> change;  ///< nothing: `query`
};

/// The table that a change writes to.
const catalog::Table& tableOf(const BoundChange& change);
/// Where a change takes its rows from.
const Node& sourceOf(const BoundChange& change);
/// What a change returns; nothing for one without RETURNING.
const std::optional<Returning>& returningOf(const BoundChange& change);
/// "Insert into t": for EXPLAIN.
std::string describe(const BoundChange& change);

/// A condition that rows of a table must not make false, over the table's columns in order.
struct BoundCheck {
  std::string name;
  std::vector<Column> inputs;
  ExpressionPtr condition;
};

}  // namespace drift::plan
