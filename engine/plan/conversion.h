// Values for columns that come to a table with rows: what ALTER COLUMN … TYPE makes of a column, and defaults. Free
// functions; one thread at a time.
#pragma once

#include "plan/environment.h"
#include "plan/node.h"
#include "sql/ast.h"

namespace drift::plan {

/// A value of each row of a table, over its columns in order.
struct RowValue {
  std::vector<Column> inputs;
  ExpressionPtr value;
};

/// Binds what ALTER COLUMN … TYPE makes of a column: the expression of USING, or null for the column itself, as a value
/// of the type of `to`. DatatypeMismatch.
Result<RowValue> bindConversion(const catalog::Table& table, const catalog::Column& from, const catalog::Column& to,
                                const sql::Expression* usingValue, const BindEnvironment& environment);

/// Binds the DEFAULT of a table's column: for an identity column the next number of its sequence.
Result<ExpressionPtr> bindColumnDefault(const catalog::Table& table, const catalog::Column& column,
                                        const BindEnvironment& environment);

}  // namespace drift::plan
