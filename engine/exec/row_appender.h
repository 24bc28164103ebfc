// RowAppender: adds rows that have values for some columns of a table: values are cast as in an assignment, the other
// columns get their defaults, and constraints hold as for INSERT.
//
// Thread rule: one thread at a time; one a statement. Refers to the context and the binding. On an error the caller
// takes the statement back by its savepoint.
#pragma once

#include <string>
#include <vector>

#include "exec/executions.h"
#include "exec/row_writer.h"

namespace drift::exec {

class RowAppender final {
 public:
  /// `types` are those of the rows to come, one for each of `names`. UndefinedColumn, DuplicateColumn,
  /// DatatypeMismatch.
  static Result<RowAppender> open(const catalog::TableRef& table, std::span<const std::string> names,
                                  std::span<const types::Type> types, const WriteContext& context);

  Status add(const types::Chunk& rows);
  /// To be called once, after the last row.
  Status finish() { return m_writer.finish(); }

 private:
  RowAppender(RowWriter writer, std::vector<EvaluatorPtr> columns)
      : m_writer(std::move(writer)), m_columns(std::move(columns)) {}

  RowWriter m_writer;
  std::vector<EvaluatorPtr> m_columns;  ///< of the table, in order
};

}  // namespace drift::exec
