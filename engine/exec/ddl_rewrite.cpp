// Giving rows that are there new values in columns that came: ALTER COLUMN … TYPE, and ADD COLUMN with a default that
// is another one for each row. A changed type is a new column under the old name: the past keeps the old one.
#include "exec/ddl.h"
#include "exec/row_writer.h"
#include "exec/scan_shape.h"

namespace drift::exec {

namespace {

/// The definition that rows are written under meanwhile: what has to hold for them is asked afterwards.
catalog::TableRef bareTable(const catalog::Table& table) {
  auto bare = table;
  bare.uniques.clear();
  bare.indexes.clear();
  bare.foreignKeys.clear();
  bare.referencedBy.clear();
  bare.checks.clear();
  for (auto& column : bare.columns) column.notNull = false;
  return std::make_shared<const catalog::Table>(std::move(bare));
}

class Rewriting final {
 public:
  Rewriting(const catalog::Table& before, const catalog::Table& after, const WriteContext& context)
      : m_before(before), m_after(bareTable(after)), m_context(context) {}

  Status open(const std::vector<NewValue>& values) {
    m_types = {types::TypeId::Bytea, types::TypeId::BigInt};
    for (const auto& column : m_after->columns) m_types.push_back(column.type);
    for (const auto& value : values) {
      const auto at = position(*m_after, value.column);
      if (at == m_after->columns.size()) continue;  // a later action of the same statement took it away again
      DRIFT_ASSIGN(auto evaluator, makeEvaluator(*value.row.value, value.row.inputs, m_context.operators));
      m_evaluators.push_back(std::move(evaluator));
      m_assigned.push_back(at);
      m_types.push_back(m_after->columns[at].type);
    }
    return {};
  }

  Status run() {
    if (m_assigned.empty()) return {};
    // Rows that others write meanwhile would lack the new values.
    m_context.transaction().requireQuiet(m_after->id);
    DRIFT_ASSIGN(auto writer, RowWriter::open(m_after, m_context.binding, m_context.operators, nullptr));
    storage::ScanRequest request;
    request.tree = m_before.id;
    request.columns.push_back({storage::kKeyColumn, types::TypeId::Bytea, {}});
    request.columns.push_back({storage::kSeqColumn, types::TypeId::BigInt, {}});
    for (const auto& column : m_before.columns) request.columns.push_back(layoutColumn(column));
    request.cancel = m_context.operators.query().cancel;
    DRIFT_ASSIGN(const auto cursor, m_context.transaction().scan(std::move(request)));
    types::Chunk rows;
    while (true) {
      DRIFT_ASSIGN(const bool more, cursor->next(rows));
      if (!more) return {};
      DRIFT_ASSIGN(const auto buffer, changed(rows));
      DRIFT_TRY(writer.update(buffer, m_assigned));
    }
  }

 private:
  static std::size_t position(const catalog::Table& table, ColumnId id) {
    std::size_t at = 0;
    while (at < table.columns.size() && table.columns[at].id != id) ++at;
    return at;
  }

  /// Rows as RowWriter::update() takes them.
  Result<RowBufferRef> changed(const types::Chunk& rows) const {
    types::Chunk out;
    for (std::size_t at = 0; at < plan::kRowIdentityColumns; ++at) out.addColumn(rows.column(at));
    for (const auto& column : m_after->columns) {
      const auto old = position(m_before, column.id);
      if (old < m_before.columns.size()) out.addColumn(rows.column(plan::kRowIdentityColumns + old));
      else out.addColumn(types::Vector::constant(column.missing));
    }
    types::Chunk inputs;
    for (std::size_t at = 0; at < m_before.columns.size(); ++at)
      inputs.addColumn(rows.column(plan::kRowIdentityColumns + at));
    inputs.setRowCount(rows.rowCount());
    for (const auto& evaluator : m_evaluators) {
      DRIFT_ASSIGN(auto values, evaluator->evaluate(inputs));
      out.addColumn(std::move(values));
    }
    out.setRowCount(rows.rowCount());
    auto buffer = std::make_shared<RowBuffer>(m_types, m_context.operators.query().memory);
    DRIFT_TRY(buffer->append(out));
    return buffer;
  }

  const catalog::Table& m_before;
  const catalog::TableRef m_after;
  const WriteContext& m_context;
  std::vector<types::Type> m_types;
  std::vector<EvaluatorPtr> m_evaluators;
  std::vector<std::size_t> m_assigned;
};

}  // namespace

Status rewriteRows(const catalog::Table& before, const catalog::Table& after, const std::vector<NewValue>& values,
                   const WriteContext& context) {
  Rewriting rewriting(before, after, context);
  DRIFT_TRY(rewriting.open(values));
  return rewriting.run();
}

}  // namespace drift::exec
