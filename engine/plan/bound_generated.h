// Generated columns of a table, bound: PostgreSQL 15, 5.3. Their texts are bound anew for each use, as those of CHECK
// are. Free functions; one thread at a time.
#pragma once

#include <set>
#include <vector>

#include "catalog/table.h"
#include "plan/environment.h"
#include "plan/node.h"

namespace drift::plan {

/// GENERATED ALWAYS AS (…) STORED of a table: none reads another one, so their order does not matter.
struct BoundGenerated {
  struct One {
    std::size_t position = 0;  ///< of the column
    ExpressionPtr value;       ///< of its type, over `inputs`
  };
  std::vector<Column> inputs;  ///< the table's columns, in order
  std::vector<One> columns;
};

/// Errors have no place: that within the stored text would mean nothing in a statement.
Result<BoundGenerated> bindGenerated(const catalog::Table& table, const BindEnvironment& environment);
/// Refuses what a column must not be generated from: other generated columns and what is not immutable
/// (InvalidObjectDefinition), FeatureNotSupported, GroupingError … as PostgreSQL says them.
Status checkGenerated(const catalog::Table& table, const catalog::Column& column, const BindEnvironment& environment);
/// The columns that a generated column reads.
Result<std::set<ColumnId>> columnsOfGenerated(const catalog::Table& table, const catalog::Column& column,
                                              const BindEnvironment& environment);

}  // namespace drift::plan
