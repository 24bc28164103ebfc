// INSERT, UPDATE, DELETE, TRUNCATE. The rows are all known before the first one is written, so that a
// statement never meets its own changes.
#include "exec/executions.h"
#include "exec/row_writer.h"
#include "plan/bind.h"

namespace drift::exec {

using types::Chunk;

namespace {

std::vector<types::Type> columnTypes(const plan::Node& node) {
  std::vector<types::Type> types;
  for (const auto& column : node.columns) types.push_back(column.type);
  return types;
}

/// Reads all rows of a plan.
Result<RowBufferRef> readAll(const plan::Node& source, const WriteContext& context) {
  auto rows = std::make_shared<RowBuffer>(columnTypes(source), context.operators.query().memory);
  DRIFT_ASSIGN(const auto root, makeOperator(source, context.operators));
  Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, root->next(chunk));
    if (!more) break;
    DRIFT_TRY(rows->append(chunk));
  }
  return rows;
}

/// Collects the rows of RETURNING.
class Returned final {
 public:
  static Result<Returned> open(const std::optional<plan::Returning>& returning, const WriteContext& context) {
    Returned returned;
    if (!returning) return returned;
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

  /// Adds rows of the table, given from column `first` of a chunk on.
  Status add(const Chunk& chunk, std::size_t first, std::size_t columns) {
    if (!m_rows) return {};
    Chunk row;
    for (std::size_t at = 0; at < columns; ++at) row.addColumn(chunk.column(first + at));
    row.setRowCount(chunk.rowCount());
    Chunk out;
    for (const auto& evaluator : m_evaluators) {
      DRIFT_ASSIGN(auto values, evaluator->evaluate(row));
      out.addColumn(std::move(values));
    }
    out.setRowCount(chunk.rowCount());
    return m_rows->append(out);
  }

  ExecutionPtr finish(std::string tag, std::uint64_t affectedRows) {
    return std::make_unique<DoneExecution>(std::move(tag), affectedRows, std::move(m_columns), std::move(m_rows));
  }

 private:
  std::vector<EvaluatorPtr> m_evaluators;
  std::vector<OutputColumn> m_columns;
  RowBufferRef m_rows;  ///< null: no RETURNING
};

Result<std::uint64_t> removeAll(const plan::BoundDelete& bound, Returned& returned, const WriteContext& context) {
  DRIFT_ASSIGN(auto writer, RowWriter::open(bound.table, context.binding, context.operators));
  DRIFT_ASSIGN(const auto rows, readAll(*bound.source, context));
  for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
    DRIFT_TRY(context.operators.query().cancel.check());
    const auto chunk = chunkOf(rows, first);
    DRIFT_TRY(writer.remove(chunk));
    DRIFT_TRY(returned.add(chunk, plan::kRowIdentityColumns, bound.table->columns.size()));
  }
  return rows->rowCount();
}

Result<std::uint64_t> insertRows(const catalog::TableRef& table, const plan::Node& source, Returned& returned,
                                 const WriteContext& context) {
  DRIFT_ASSIGN(auto writer, RowWriter::open(table, context.binding, context.operators));
  DRIFT_ASSIGN(const auto rows, readAll(source, context));
  for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
    DRIFT_TRY(context.operators.query().cancel.check());
    const auto chunk = chunkOf(rows, first);
    DRIFT_TRY(writer.insert(chunk));
    DRIFT_TRY(returned.add(chunk, 0, table->columns.size()));
  }
  return rows->rowCount();
}

}  // namespace

Result<std::uint64_t> insertAll(const catalog::TableRef& table, const plan::Node& source, const WriteContext& context) {
  Returned nothing;
  return insertRows(table, source, nothing, context);
}

Result<ExecutionPtr> runInsert(const sql::Insert& insert, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bound, plan::bindInsert(insert, context.binding));
  DRIFT_ASSIGN(auto returned, Returned::open(bound.returning, context));
  DRIFT_ASSIGN(const auto count, insertRows(bound.table, *bound.source, returned, context));
  return returned.finish(fmt::format("INSERT 0 {}", count), count);
}

Result<ExecutionPtr> runUpdate(const sql::Update& update, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bound, plan::bindUpdate(update, context.binding));
  DRIFT_ASSIGN(auto returned, Returned::open(bound.returning, context));
  DRIFT_ASSIGN(auto writer, RowWriter::open(bound.table, context.binding, context.operators));
  DRIFT_ASSIGN(const auto rows, readAll(*bound.source, context));
  DRIFT_TRY(writer.update(rows, bound.assigned));
  const auto columns = bound.table->columns.size();
  for (std::size_t first = 0; first < rows->rowCount() && bound.returning; first += types::kChunkRows) {
    auto chunk = chunkOf(rows, first);
    for (std::size_t at = 0; at < bound.assigned.size(); ++at)
      chunk.column(plan::kRowIdentityColumns + bound.assigned[at]) =
          chunk.column(plan::kRowIdentityColumns + columns + at);
    DRIFT_TRY(returned.add(chunk, plan::kRowIdentityColumns, columns));
  }
  return returned.finish(fmt::format("UPDATE {}", rows->rowCount()), rows->rowCount());
}

Result<ExecutionPtr> runDelete(const sql::Delete& statement, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bound, plan::bindDelete(statement, context.binding));
  DRIFT_ASSIGN(auto returned, Returned::open(bound.returning, context));
  DRIFT_ASSIGN(const auto count, removeAll(bound, returned, context));
  return returned.finish(fmt::format("DELETE {}", count), count);
}

Result<ExecutionPtr> runTruncate(const sql::Truncate& truncate, const WriteContext& context) {
  for (const auto& name : truncate.names) {
    DRIFT_ASSIGN(const auto table, plan::bindTable(name, context.binding));
    DRIFT_ASSIGN(const auto bound, plan::bindTruncate(table, context.binding));
    Returned nothing;
    DRIFT_ASSIGN(const auto count, removeAll(bound, nothing, context));
    static_cast<void>(count);
  }
  return std::make_unique<DoneExecution>("TRUNCATE TABLE");
}

}  // namespace drift::exec
