// Table functions of history: commits() and diff().
#include <algorithm>

#include "exec/operator_kinds.h"
#include "exec/scan_shape.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Vector;

namespace {

class CommitsOperator final : public Operator {
 public:
  CommitsOperator(const plan::CommitsFunction& function, std::vector<types::Type> types, const OperatorContext& context)
      : m_last(function.last),
        m_types(std::move(types)),
        m_store(context.environment.transaction.store()),
        m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    if (m_next > m_last) return false;
    const auto limit = std::min<std::uint64_t>(kChunkRows, m_last - m_next + 1);
    DRIFT_ASSIGN(const auto infos, m_store.commitInfos(m_next, limit));
    if (infos.empty()) return false;
    out = Chunk(m_types, infos.size());
    for (std::size_t row = 0; row < infos.size(); ++row) fill(infos[row], row, out);
    out.setRowCount(infos.size());
    m_next = infos.back().number + 1;
    return true;
  }

 private:
  static void fill(const storage::CommitInfo& info, std::size_t row, Chunk& out) {
    std::int64_t inserted = 0;
    std::int64_t updated = 0;
    std::int64_t deleted = 0;
    for (const auto& tree : info.trees) {
      inserted += tree.inserted;
      updated += tree.updated;
      deleted += tree.deleted;
    }
    out.column(0).data<std::int64_t>()[row] = static_cast<std::int64_t>(info.number);
    out.column(1).data<std::int64_t>()[row] = info.time;
    out.column(2).setString(row, info.author);
    out.column(3).setString(row, info.message);
    out.column(4).data<std::int64_t>()[row] = inserted;
    out.column(5).data<std::int64_t>()[row] = updated;
    out.column(6).data<std::int64_t>()[row] = deleted;
    out.column(7).data<std::uint8_t>()[row] = info.changesSchema;
  }

  const CommitNumber m_last;
  const std::vector<types::Type> m_types;
  const storage::Store& m_store;
  const runtime::CancelToken m_cancel;
  CommitNumber m_next = 1;
};

/// Storage gives op, key, the columns as of `from`, those as of `to`; the function's rows are op, the
/// columns as of `to`, those as of `from`.
class DiffOperator final : public Operator {
 public:
  DiffOperator(std::unique_ptr<storage::Cursor> cursor, std::size_t columns, bool backward,
               const OperatorContext& context)
      : m_cursor(std::move(cursor)), m_columns(columns), m_backward(backward), m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    out.clear();
    if (!m_cursor) return false;
    Chunk raw;
    DRIFT_ASSIGN(const bool more, m_cursor->next(raw));
    if (!more) return false;
    out.addColumn(opNames(raw.column(0), raw.rowCount()));
    const std::size_t earlier = 2;
    const std::size_t later = 2 + m_columns;
    for (std::size_t at = 0; at < m_columns; ++at) out.addColumn(raw.column((m_backward ? earlier : later) + at));
    for (std::size_t at = 0; at < m_columns; ++at) out.addColumn(raw.column((m_backward ? later : earlier) + at));
    out.setRowCount(raw.rowCount());
    return true;
  }

 private:
  Vector opNames(const Vector& ops, std::size_t rows) const {
    Vector names(types::TypeId::Text, rows);
    const auto view = ops.view();
    for (std::size_t row = 0; row < rows; ++row) {
      const auto op = static_cast<storage::RowOp>(view.at<std::int16_t>(row));
      if (op == storage::RowOp::Update) names.setString(row, "update");
      else names.setString(row, (op == storage::RowOp::Insert) != m_backward ? "insert" : "delete");
    }
    return names;
  }

  const std::unique_ptr<storage::Cursor> m_cursor;  ///< null: the two moments are the same
  const std::size_t m_columns;
  const bool m_backward;
  const runtime::CancelToken m_cancel;
};

}  // namespace

Result<OperatorPtr> makeCommits(const plan::Node& node, const plan::CommitsFunction& function,
                                OperatorContext& context) {
  return std::make_unique<CommitsOperator>(function, typesOf(node.columns), context);
}

Result<OperatorPtr> makeDiff(const plan::Node&, const plan::DiffFunction& function, OperatorContext& context) {
  std::vector<storage::LayoutColumn> columns;
  for (const auto& column : function.changed) columns.push_back(layoutColumn(column));
  const auto count = columns.size();
  const auto [earlier, later] = std::minmax(function.from, function.to);
  std::unique_ptr<storage::Cursor> cursor;
  if (earlier < later) {
    DRIFT_ASSIGN(cursor, context.environment.transaction.store().diff(function.tree, earlier, later, std::move(columns),
                                                                      context.query().cancel));
  }
  return std::make_unique<DiffOperator>(std::move(cursor), count, function.to < function.from, context);
}

}  // namespace drift::exec
