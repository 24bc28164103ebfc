#include "exec/returned_rows.h"

namespace drift::exec {

Result<Returned> Returned::open(const std::optional<plan::Returning>& returning, const WriteContext& context) {
  Returned returned;
  if (!returning) return returned;
  returned.m_start = context.start;
  returned.m_transaction = &context.transaction();
  std::vector<types::Type> types;
  for (std::size_t at = 0; at < returning->expressions.size(); ++at) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*returning->expressions[at], returning->inputs, context.operators));
    returned.m_evaluators.push_back(std::move(evaluator));
    const auto& column = returning->columns[at];
    returned.m_columns.push_back({column.name, column.type, column.table, column.column});
    types.push_back(column.type);
  }
  returned.m_rows = std::make_shared<RowBuffer>(std::move(types), context.operators.query().memory);
  return returned;
}

Status Returned::add(const types::Chunk& rows) {
  if (!m_rows) return {};
  std::optional<txn::ReadAsOf> before;
  if (m_start) before.emplace(*m_transaction, *m_start);
  types::Chunk out;
  for (const auto& evaluator : m_evaluators) {
    DRIFT_ASSIGN(auto values, evaluator->evaluate(rows));
    out.addColumn(std::move(values));
  }
  out.setRowCount(rows.rowCount());
  return m_rows->append(out);
}

ExecutionPtr Returned::finish(std::string tag, std::uint64_t affectedRows) {
  return std::make_unique<DoneExecution>(std::move(tag), affectedRows, std::move(m_columns), std::move(m_rows));
}

}  // namespace drift::exec
