// Semi-joins and anti-joins whose left side is the smaller one: it is read into a hash table, the right side passes by
// and marks what it meets, and the marked rows, or the others, come out at the end.
#include <algorithm>

#include "exec/join_parts.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Selection;

namespace {

class SemiJoinOperator final : public Operator {
 public:
  SemiJoinOperator(JoinParts parts, const OperatorContext& context)
      : m_parts(std::move(parts)),
        m_context(context),
        m_table(m_parts.leftTypes, m_parts.keyTypes, context.query().memory) {}

  Result<bool> next(Chunk& out) override {
    if (!m_read) DRIFT_TRY(read());
    out.clear();
    const std::uint8_t wanted = m_parts.kind == plan::JoinKind::Semi;
    std::vector<std::uint32_t> rows;
    for (; m_at < m_matched.size() && rows.size() < kChunkRows; ++m_at)
      if (m_matched[m_at] == wanted) rows.push_back(static_cast<std::uint32_t>(m_at));
    if (rows.empty()) return false;
    for (std::size_t column = 0; column < m_parts.leftTypes.size(); ++column)
      out.addColumn(gather(m_table.rows(), column, rows));
    out.setRowCount(rows.size());
    return true;
  }

 private:
  Status read() {
    DRIFT_TRY(readAll(*m_parts.left, m_parts.leftKeys, m_table, m_context));
    DRIFT_TRY(narrow(m_parts.targets, m_table, m_parts.leftKeys, m_context));
    m_matched.assign(m_table.rows()->rowCount(), 0);
    Chunk chunk;
    while (m_matchedCount < m_matched.size()) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_parts.right->next(chunk));
      if (!more) break;
      DRIFT_ASSIGN(const auto keys, m_table.keysOf(chunk, m_parts.rightKeys));
      std::vector<std::uint32_t> first;
      m_table.firstRows(keys, first);
      if (m_parts.condition) DRIFT_TRY(markPairs(chunk, std::move(first)));
      else markAll(first);
    }
    m_read = true;
    return {};
  }

  void mark(std::uint32_t row) {
    m_matchedCount += m_matched[row] == 0;
    m_matched[row] = 1;
  }

  void markAll(const std::vector<std::uint32_t>& first) {
    for (auto row : first)  // rows with the same keys are all marked, or none of them
      for (; row != kNoRow && !m_matched[row]; row = m_table.nextRow(row)) mark(row);
  }

  Status markPairs(const Chunk& chunk, std::vector<std::uint32_t> candidates) {
    for (std::size_t at = 0; at < candidates.size();) {
      Selection right;
      std::vector<std::uint32_t> left;
      while (at < candidates.size() && left.size() < kChunkRows) {
        auto& candidate = candidates[at];
        while (candidate != kNoRow && m_matched[candidate]) candidate = m_table.nextRow(candidate);
        if (candidate == kNoRow) {
          ++at;
          continue;
        }
        left.push_back(candidate);
        right.push_back(static_cast<std::uint16_t>(at));
        candidate = m_table.nextRow(candidate);
      }
      if (left.empty()) continue;
      Chunk pairs;
      for (std::size_t column = 0; column < m_parts.leftTypes.size(); ++column)
        pairs.addColumn(gather(m_table.rows(), column, left));
      const auto other = chunk.selected(right);
      for (std::size_t column = 0; column < other.columnCount(); ++column) pairs.addColumn(other.column(column));
      pairs.setRowCount(left.size());
      DRIFT_ASSIGN(const auto holds, m_parts.condition->evaluate(pairs));
      for (const auto row : trueRows(holds, left.size())) mark(left[row]);
      DRIFT_TRY(m_context.query().cancel.check());
    }
    return {};
  }

  const JoinParts m_parts;
  const OperatorContext& m_context;
  JoinTable m_table;
  std::vector<std::uint8_t> m_matched;  ///< of each left row
  std::size_t m_matchedCount = 0;
  bool m_read = false;
  std::size_t m_at = 0;
};

}  // namespace

OperatorPtr makeSemiJoin(JoinParts parts, const OperatorContext& context) {
  return std::make_unique<SemiJoinOperator>(std::move(parts), context);
}

}  // namespace drift::exec
