#include "exec/upsert.h"

#include <algorithm>
#include <optional>
#include <unordered_set>

#include "exec/row_writer.h"

namespace drift::exec {

using types::Chunk;

namespace {

/// Rows go in one by one, so that each sees those before it. Updates are put by and done in chunks, as long as they
/// change nothing that decides about later rows.
class Upsert final {
 public:
  Upsert(const plan::BoundInsert& bound, RowWriter writer, Returned& returned, const WriteContext& context)
      : m_bound(bound),
        m_conflict(*bound.conflict),
        m_writer(std::move(writer)),
        m_returned(returned),
        m_context(context),
        m_columnCount(bound.table->columns.size()),
        m_memory(context.operators.query().memory) {}

  Status open() {
    const auto make = [&](const plan::Expression& expression) {
      return makeEvaluator(expression, m_conflict.inputs, m_context.operators);
    };
    if (m_conflict.condition) {
      DRIFT_ASSIGN(m_condition, make(*m_conflict.condition));
    }
    for (const auto& value : m_conflict.values) {
      DRIFT_ASSIGN(auto evaluator, make(*value));
      m_values.push_back(std::move(evaluator));
    }
    for (const auto type : {types::TypeId::Bytea, types::TypeId::BigInt}) m_waitingTypes.push_back(type);
    for (const auto& column : m_conflict.inputs) m_waitingTypes.push_back(column.type);
    m_oneByOne = m_returned.wantsRows() || changesKeys();
    startWaiting();
    return {};
  }

  Result<std::uint64_t> run(const RowBufferRef& rows) {
    for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
      DRIFT_TRY(m_context.operators.query().cancel.check());
      auto chunk = chunkOf(rows, first);
      DRIFT_TRY(m_writer.complete(chunk));
      DRIFT_TRY(m_writer.check(chunk));
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) DRIFT_TRY(take(chunk, row));
    }
    DRIFT_TRY(updateWaiting());
    return m_affected;
  }

 private:
  bool changesKeys() const {
    const auto& table = *m_bound.table;
    const auto assigns = [&](ColumnId id) {
      return std::ranges::any_of(m_conflict.assigned, [&](auto at) { return table.columns[at].id == id; });
    };
    // A generated column may be part of any key.
    if (std::ranges::any_of(table.columns, &catalog::Column::isGenerated)) return true;
    if (std::ranges::any_of(table.primaryKey, assigns)) return true;
    return std::ranges::any_of(table.allIndexes(), [&](const auto& index) {
      return index.unique && (index.isPartial() || index.hasExpressions() ||
                              std::ranges::any_of(index.columns, assigns, &catalog::IndexColumn::column));
    });
  }

  Status take(const Chunk& chunk, std::size_t row) {
    for (const auto arbiter : m_conflict.arbiters) {
      DRIFT_ASSIGN(auto key, m_writer.findConflict(arbiter, chunk, row));
      if (!key) continue;
      return m_conflict.update ? putBy(chunk, row, std::move(*key)) : Status();
    }
    DRIFT_ASSIGN(auto key, m_writer.insertRow(chunk, row));
    if (m_conflict.update) DRIFT_TRY(remember(std::move(key)));
    ++m_affected;
    if (!m_returned.wantsRows()) return {};
    return m_returned.add(oneRow(chunk, row));
  }

  static Chunk oneRow(const Chunk& chunk, std::size_t row) {
    const auto place = static_cast<std::uint16_t>(row);
    return chunk.selected(std::span(&place, 1));
  }

  Status remember(std::string key) {
    DRIFT_TRY(m_memory.grow(key.size() + sizeof(std::string)));
    m_changed.insert(std::move(key));
    return {};
  }

  Status putBy(const Chunk& chunk, std::size_t row, std::string key) {
    if (m_waitingKeys.contains(key)) DRIFT_TRY(updateWaiting());
    if (m_changed.contains(key))
      return Error(ErrorKind::CardinalityViolation, "ON CONFLICT DO UPDATE command cannot affect row a second time")
          .withHint(
              "Ensure that no rows proposed for insertion within the same command have duplicate constrained "
              "values.");
    DRIFT_ASSIGN(auto both, m_writer.existing(key));
    const auto proposed = oneRow(chunk, row);
    for (std::size_t at = 0; at < m_columnCount; ++at) both.addColumn(proposed.column(at));
    DRIFT_TRY(m_waiting->append(both));
    m_waitingKeys.insert(std::move(key));
    return m_oneByOne || m_waiting->rowCount() == types::kChunkRows ? updateWaiting() : Status();
  }

  void startWaiting() {
    m_waiting = std::make_shared<RowBuffer>(m_waitingTypes, m_context.operators.query().memory);
    m_waitingKeys.clear();
  }

  Status updateWaiting() {
    if (m_waiting->rowCount() == 0) return {};
    auto rows = chunkOf(m_waiting, 0);
    startWaiting();
    Chunk inputs;
    for (std::size_t at = 0; at < m_conflict.inputs.size(); ++at)
      inputs.addColumn(rows.column(plan::kRowIdentityColumns + at));
    inputs.setRowCount(rows.rowCount());
    // Subqueries see the rows as they were before the statement.
    std::optional<txn::ReadAsOf> before;
    if (m_context.start) before.emplace(m_context.transaction(), *m_context.start);
    if (m_condition) {
      DRIFT_ASSIGN(const auto holds, m_condition->evaluate(inputs));
      const auto chosen = trueRows(holds, rows.rowCount());
      rows = rows.selected(chosen);
      inputs = inputs.selected(chosen);
      if (chosen.empty()) return {};
    }
    Chunk changes;
    std::vector<types::Type> types;
    for (std::size_t at = 0; at < plan::kRowIdentityColumns + m_columnCount; ++at) {
      changes.addColumn(rows.column(at));
      types.push_back(m_waitingTypes[at]);
    }
    Chunk after;
    for (std::size_t at = 0; at < m_columnCount; ++at) after.addColumn(inputs.column(at));
    for (std::size_t at = 0; at < m_values.size(); ++at) {
      DRIFT_ASSIGN(auto values, m_values[at]->evaluate(inputs));
      after.column(m_conflict.assigned[at]) = values;
      types.push_back(values.type());
      changes.addColumn(std::move(values));
    }
    before.reset();
    after.setRowCount(rows.rowCount());
    DRIFT_TRY(m_writer.complete(after));
    const auto keys = rows.column(0).view();
    for (std::size_t row = 0; row < rows.rowCount(); ++row)
      DRIFT_TRY(remember(m_writer.keyAfter(after, row, keys.at<types::StringRef>(row).view())));
    changes.setRowCount(rows.rowCount());
    const auto buffer = std::make_shared<RowBuffer>(std::move(types), m_context.operators.query().memory);
    DRIFT_TRY(buffer->append(changes));
    DRIFT_TRY(m_writer.update(buffer, m_conflict.assigned));
    m_affected += rows.rowCount();
    return m_returned.add(after);
  }

  const plan::BoundInsert& m_bound;
  const plan::BoundConflict& m_conflict;
  RowWriter m_writer;
  Returned& m_returned;
  const WriteContext& m_context;
  const std::size_t m_columnCount;
  MemoryReservation m_memory;
  EvaluatorPtr m_condition;
  std::vector<EvaluatorPtr> m_values;
  bool m_oneByOne = false;
  std::unordered_set<std::string> m_changed;  ///< DO UPDATE: keys of rows that this statement wrote
  std::vector<types::Type> m_waitingTypes;
  RowBufferRef m_waiting;  ///< rows to update: identity, columns as they are, columns as proposed
  std::unordered_set<std::string> m_waitingKeys;
  std::uint64_t m_affected = 0;
};

}  // namespace

Result<std::uint64_t> upsertRows(const plan::BoundInsert& bound, const RowBufferRef& rows, RowWriter writer,
                                 Returned& returned, const WriteContext& context) {
  Upsert upsert(bound, std::move(writer), returned, context);
  DRIFT_TRY(upsert.open());
  return upsert.run(rows);
}

}  // namespace drift::exec
