// Returned: the rows of RETURNING, collected while a statement writes. One thread at a time; refers to the context.
#pragma once

#include "exec/evaluator.h"
#include "exec/executions.h"
#include "plan/write.h"

namespace drift::exec {

class Returned final {
 public:
  /// Collects nothing.
  Returned() = default;
  static Result<Returned> open(const std::optional<plan::Returning>& returning, const WriteContext& context);

  /// True if rows are asked for.
  bool wantsRows() const { return m_rows != nullptr; }
  /// Adds rows that have the columns of plan::Returning::inputs.
  Status add(const types::Chunk& rows);
  /// The rows so far; null where none are asked for.
  const RowBufferRef& rows() const { return m_rows; }
  /// What the statement gives. The rows are handed over.
  ExecutionPtr finish(std::string tag, std::uint64_t affectedRows);

 private:
  std::optional<txn::Savepoint> m_start;  ///< as WriteContext::start, for subqueries
  const txn::Transaction* m_transaction = nullptr;
  std::vector<EvaluatorPtr> m_evaluators;
  std::vector<OutputColumn> m_columns;
  RowBufferRef m_rows;  ///< null: no RETURNING
};

}  // namespace drift::exec
