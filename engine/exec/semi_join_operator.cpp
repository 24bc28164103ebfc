// Semi-joins and anti-joins whose left side is the smaller one: it is read into a hash table, the right side passes by
// and marks what it meets, and the marked rows, or the others, come out at the end. What does not fit in memory: see
// join_spill.h.
#include <algorithm>
#include <atomic>
#include <deque>

#include "exec/join_spill.h"
#include "exec/parallel_rows.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Selection;

namespace {

class SemiJoinOperator final : public Operator {
 public:
  SemiJoinOperator(JoinParts parts, const OperatorContext& context)
      : m_parts(std::move(parts)), m_context(context), m_budget(context.query().memory, context.workBytes()) {
    m_pair.left.input = std::move(m_parts.left);
    m_pair.right.input = std::move(m_parts.right);
  }

  Result<bool> next(Chunk& out) override {
    const std::uint8_t wanted = m_parts.kind == plan::JoinKind::Semi;
    out.clear();
    while (true) {
      if (!m_read) DRIFT_TRY(read());
      std::vector<std::uint32_t> rows;
      for (; m_at < m_matched.size() && rows.size() < kChunkRows; ++m_at)
        if (m_matched[m_at] == wanted) rows.push_back(static_cast<std::uint32_t>(m_at));
      if (rows.empty()) {
        DRIFT_ASSIGN(const bool more, nextPass());
        if (!more) return false;
        continue;
      }
      for (std::size_t column = 0; column < m_parts.leftTypes.size(); ++column)
        out.addColumn(gather(m_table->rows(), column, rows));
      out.setRowCount(rows.size());
      return true;
    }
  }

 private:
  Status read() {
    DRIFT_TRY(fillTable());
    if (!m_leftEnded && m_table->keyed() && m_pair.splits) {
      DRIFT_ASSIGN(auto pairs, partPair(std::move(m_pair), *m_table, true, m_parts, m_context));
      m_waiting.insert(m_waiting.begin(), std::make_move_iterator(pairs.begin()), std::make_move_iterator(pairs.end()));
      m_pair = std::move(m_waiting.front());
      m_waiting.pop_front();
      return read();  // as deep as there are levels
    }
    if (!m_leftEnded) DRIFT_TRY(m_pair.right.keep(m_parts.rightTypes, m_context));
    m_read = true;
    return pass();
  }

  Status fillTable() {
    m_table.reset();
    m_table = std::make_unique<JoinTable>(m_parts.leftTypes, m_parts.keyTypes, m_budget);
    DRIFT_ASSIGN(m_leftEnded, fill(m_pair.left, m_parts.leftKeys, m_parts.readKeys, *m_table, m_budget, m_context));
    return {};
  }

  /// Goes on with the next block of the left side, or the next pair of parts; gives false at the end.
  Result<bool> nextPass() {
    if (!m_leftEnded) {
      DRIFT_TRY(fillTable());
      DRIFT_TRY(pass());
      return true;
    }
    if (m_waiting.empty()) return false;
    m_pair = std::move(m_waiting.front());
    m_waiting.pop_front();
    m_read = false;
    return true;
  }

  /// Lets the right side pass by the table.
  Status pass() {
    DRIFT_TRY(m_table->finish());
    if (m_pair.right.stream) m_pair.right.stream->rewind(SpillStream::Reading::Again);
    else if (m_leftEnded) DRIFT_TRY(narrow(m_parts.targets, *m_table, m_parts.leftKeys, m_context));
    m_matched.assign(m_table->rows()->rowCount(), 0);
    m_matchedCount.store(0, std::memory_order_relaxed);
    m_at = 0;
    auto* rows = m_pair.right.stream ? nullptr : m_pair.right.input->parallel();
    if (rows && !m_matched.empty()) {
      DRIFT_ASSIGN(const bool ended, rows->run([this](std::size_t worker, Chunk& chunk) -> Result<bool> {
        DRIFT_TRY(markMet(chunk, worker));
        return m_matchedCount.load(std::memory_order_relaxed) < m_matched.size();
      }));
      if (!ended) return {};
    }
    Chunk chunk;
    while (m_matchedCount.load(std::memory_order_relaxed) < m_matched.size()) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_pair.right.next(chunk));
      if (!more) break;
      DRIFT_TRY(markMet(chunk, 0));
    }
    return {};
  }

  /// Marks the rows that a chunk of the right side meets; on the thread of any worker.
  Status markMet(const Chunk& chunk, std::size_t worker) {
    DRIFT_ASSIGN(const auto keys,
                 m_table->keysOf(chunk, worker == 0 ? m_parts.rightKeys : m_parts.passingKeys[worker - 1]));
    std::vector<std::uint32_t> first;
    m_table->firstRows(keys, first);
    if (m_parts.condition)
      return markPairs(chunk, std::move(first),
                       worker == 0 ? *m_parts.condition : *m_parts.passingConditions[worker - 1]);
    markAll(first);
    return {};
  }

  bool isMarked(std::uint32_t row) { return std::atomic_ref(m_matched[row]).load(std::memory_order_relaxed) != 0; }
  void mark(std::uint32_t row) {
    if (!isMarked(row) && std::atomic_ref(m_matched[row]).exchange(1, std::memory_order_relaxed) == 0)
      m_matchedCount.fetch_add(1, std::memory_order_relaxed);
  }

  void markAll(const std::vector<std::uint32_t>& first) {
    for (auto row : first)
      for (; row != kNoRow && !isMarked(row); row = m_table->nextRow(row)) mark(row);
  }

  Status markPairs(const Chunk& chunk, std::vector<std::uint32_t> candidates, Evaluator& condition) {
    for (std::size_t at = 0; at < candidates.size();) {
      Selection right;
      std::vector<std::uint32_t> left;
      while (at < candidates.size() && left.size() < kChunkRows) {
        auto& candidate = candidates[at];
        while (candidate != kNoRow && isMarked(candidate)) candidate = m_table->nextRow(candidate);
        if (candidate == kNoRow) {
          ++at;
          continue;
        }
        left.push_back(candidate);
        right.push_back(static_cast<std::uint16_t>(at));
        candidate = m_table->nextRow(candidate);
      }
      if (left.empty()) continue;
      Chunk pairs;
      for (std::size_t column = 0; column < m_parts.leftTypes.size(); ++column)
        pairs.addColumn(gather(m_table->rows(), column, left));
      const auto other = chunk.selected(right);
      for (std::size_t column = 0; column < other.columnCount(); ++column) pairs.addColumn(other.column(column));
      pairs.setRowCount(left.size());
      DRIFT_ASSIGN(const auto holds, condition.evaluate(pairs));
      for (const auto row : trueRows(holds, left.size())) mark(left[row]);
      DRIFT_TRY(m_context.query().cancel.check());
    }
    return {};
  }

  JoinParts m_parts;  ///< without the inputs, which are in m_pair
  const OperatorContext& m_context;
  const runtime::MemoryBudget m_budget;
  JoinPair m_pair;  ///< at work
  std::deque<JoinPair> m_waiting;
  std::unique_ptr<JoinTable> m_table;
  bool m_leftEnded = false;  ///< no block comes after the table
  std::vector<std::uint8_t> m_matched;  ///< of each left row; several threads may set them
  std::atomic<std::size_t> m_matchedCount{0};
  bool m_read = false;
  std::size_t m_at = 0;
};

}  // namespace

OperatorPtr makeSemiJoin(JoinParts parts, const OperatorContext& context) {
  return std::make_unique<SemiJoinOperator>(std::move(parts), context);
}

}  // namespace drift::exec
