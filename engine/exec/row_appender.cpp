#include "exec/row_appender.h"

#include "plan/bind.h"

namespace drift::exec {

Result<RowAppender> RowAppender::open(const catalog::TableRef& table, std::span<const std::string> names,
                                      std::span<const types::Type> types, const WriteContext& context) {
  std::vector<plan::Column> inputs;
  for (std::size_t at = 0; at < names.size(); ++at)
    inputs.push_back({static_cast<plan::Slot>(at + 1), types[at], names[at], {}, {}});
  DRIFT_ASSIGN(const auto expressions, plan::bindAppend(*table, names, inputs, context.binding));
  std::vector<EvaluatorPtr> columns;
  for (const auto& expression : expressions) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*expression, inputs, context.operators));
    columns.push_back(std::move(evaluator));
  }
  DRIFT_ASSIGN(auto writer, RowWriter::open(table, context.binding, context.operators));
  return RowAppender(std::move(writer), std::move(columns));
}

Status RowAppender::add(const types::Chunk& rows) {
  types::Chunk complete;
  complete.setRowCount(rows.rowCount());
  for (const auto& column : m_columns) {
    DRIFT_ASSIGN(auto values, column->evaluate(rows));
    complete.addColumn(std::move(values));
  }
  return m_writer.insert(complete);
}

}  // namespace drift::exec
