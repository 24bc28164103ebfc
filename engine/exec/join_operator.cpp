// Joins of two inputs. The right one is read first, into a hash table of the join keys; then the left one
// passes by. Without keys every pair is looked at. One operator serves all kinds of join: what matched is
// remembered on both sides, as far as the kind asks for it. What does not fit in memory: see join_spill.h.
#include <algorithm>
#include <deque>

#include "exec/join_spill.h"
#include "exec/operator_kinds.h"
#include "exec/parallel_rows.h"
#include "exec/store_moments.h"
#include "plan/cardinality.h"

namespace drift::exec {

using plan::JoinKind;
using types::Chunk;
using types::kChunkRows;
using types::Selection;
using types::Vector;

namespace {

class JoinOperator final : public Operator {
 public:
  JoinOperator(JoinParts parts, const OperatorContext& context)
      : m_parts(std::move(parts)),
        m_context(context),
        m_budget(context.query().memory, context.workBytes()),
        m_memory(context.query().memory),
        m_keepsLeft(m_parts.kind == JoinKind::Left || m_parts.kind == JoinKind::Full ||
                    m_parts.kind == JoinKind::Single),
        m_keepsRight(m_parts.kind == JoinKind::Right || m_parts.kind == JoinKind::Full),
        m_needsRight(m_parts.kind == JoinKind::Inner || m_parts.kind == JoinKind::Right ||
                     m_parts.kind == JoinKind::Semi) {
    m_pair.left.input = std::move(m_parts.left);
    m_pair.right.input = std::move(m_parts.right);
  }

  Result<bool> next(Chunk& out) override {
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      if (!m_built) DRIFT_TRY(build());
      if (m_tellsLeft) {
        DRIFT_ASSIGN(const bool some, leftOfBlocks(out));
        if (some) return true;
      } else if (!m_probing) {
        DRIFT_ASSIGN(m_probing, startProbe());
        if (!m_probing && unmatchedRight(out)) return true;
      }
      if (!m_probing) {
        DRIFT_ASSIGN(const bool more, nextPass());
        if (more) continue;
        out.clear();
        return false;
      }
      if (!plan::givesBothSides(m_parts.kind)) {
        DRIFT_ASSIGN(const bool some, leftRows(out));
        if (some) return true;
        continue;
      }
      DRIFT_ASSIGN(const bool found, nextPairs(out));
      if (found) return true;
      if (m_row < m_probe.rowCount()) continue;
      m_probing = false;
      if (m_inBlocks) rememberLeft();
      else if (m_keepsLeft && unmatchedLeft(out)) return true;
    }
  }

 private:
  Status build() {
    if (m_parts.shared && m_parts.shared->complete) {
      m_table = m_parts.shared->table;
      m_rightEnded = true;
      m_built = true;
      return {};
    }
    if (m_parts.shared) {
      takeUnfinished(*m_parts.shared);
      m_parts.shared.reset();
    } else {
      DRIFT_ASSIGN(m_rightEnded, fillTable());
    }
    if (!m_rightEnded && m_table->keyed() && m_pair.splits) {
      DRIFT_ASSIGN(auto pairs, partPair(std::move(m_pair), *m_table, false, m_parts, m_context));
      m_waiting.insert(m_waiting.begin(), std::make_move_iterator(pairs.begin()), std::make_move_iterator(pairs.end()));
      m_pair = std::move(m_waiting.front());
      m_waiting.pop_front();
      return build();  // as deep as there are levels
    }
    m_inBlocks = !m_rightEnded;
    if (m_inBlocks) {
      DRIFT_TRY(m_pair.left.keep(m_parts.leftTypes, m_context));
      DRIFT_TRY(m_memory.grow(m_pair.left.stream->rowCount()));
      m_matchedOfBlocks.assign(m_pair.left.stream->rowCount(), 0);
    }
    m_built = true;
    return startPass();
  }

  Result<bool> fillTable() {
    m_table.reset();
    m_table = std::make_shared<JoinTable>(m_parts.rightTypes, m_parts.keyTypes, m_budget);
    return fill(m_pair.right, m_parts.rightKeys, m_parts.readKeys, *m_table, m_budget, m_context);
  }

  /// Goes on with a side that did not fit as if this were the only worker, as it is: the others get no left rows.
  void takeUnfinished(SharedSide& shared) {
    m_rightEnded = m_parts.worker > 0;
    if (m_rightEnded) {
      m_table = std::make_shared<JoinTable>(m_parts.rightTypes, m_parts.keyTypes, m_budget);
      return;
    }
    m_table = std::move(shared.table);
    m_pair.right.input = std::move(shared.input);
  }

  /// Makes ready for the left rows to pass by the table.
  Status startPass() {
    DRIFT_TRY(m_table->finish());
    if (m_pair.level == 0 && !m_inBlocks)
      DRIFT_TRY(narrow(m_parts.targets, *m_table, m_parts.rightKeys, m_context));
    m_matchedRight.assign(m_keepsRight ? m_table->rows()->rowCount() : 0, 0);
    m_unmatchedAt = 0;
    m_leftAt = 0;
    if (m_pair.left.stream)
      m_pair.left.stream->rewind(m_inBlocks ? SpillStream::Reading::Again : SpillStream::Reading::LastTime);
    return {};
  }

  /// Goes on with the next block of the right side, with what the blocks say of the left rows, or with the next pair of
  /// parts; gives false at the end.
  Result<bool> nextPass() {
    if (m_inBlocks && !m_rightEnded) {
      DRIFT_ASSIGN(m_rightEnded, fillTable());
      DRIFT_TRY(startPass());
      return true;
    }
    if (m_inBlocks && (m_keepsLeft || !plan::givesBothSides(m_parts.kind))) {
      m_inBlocks = false;
      m_tellsLeft = true;
      m_leftAt = 0;
      m_pair.left.stream->rewind(SpillStream::Reading::LastTime);
      return true;
    }
    m_inBlocks = false;
    m_tellsLeft = false;
    m_matchedOfBlocks = {};
    m_memory.clear();
    if (m_waiting.empty()) return false;
    m_pair = std::move(m_waiting.front());
    m_waiting.pop_front();
    m_built = false;
    return true;
  }

  /// Takes the next left chunk; gives false at the end.
  Result<bool> startProbe() {
    if (m_needsRight && m_table->rows()->rowCount() == 0) return false;
    DRIFT_ASSIGN(const bool more, m_pair.left.next(m_probe));
    if (!more) return false;
    DRIFT_ASSIGN(const auto keys, m_table->keysOf(m_probe, m_parts.leftKeys));
    m_table->firstRows(keys, m_candidates);
    if (m_inBlocks) {
      const auto first = m_matchedOfBlocks.begin() + static_cast<std::ptrdiff_t>(m_leftAt);
      m_matchedLeft.assign(first, first + static_cast<std::ptrdiff_t>(m_probe.rowCount()));
    } else {
      m_matchedLeft.assign(m_probe.rowCount(), 0);
    }
    m_row = 0;
    return true;
  }

  void rememberLeft() {
    std::ranges::copy(m_matchedLeft, m_matchedOfBlocks.begin() + static_cast<std::ptrdiff_t>(m_leftAt));
    m_leftAt += m_matchedLeft.size();
  }

  /// When all blocks of the right side were met: gives the left rows that come out by having met one, or none.
  Result<bool> leftOfBlocks(Chunk& out) {
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_pair.left.next(m_probe));
      if (!more) return false;
      const auto first = m_matchedOfBlocks.begin() + static_cast<std::ptrdiff_t>(m_leftAt);
      m_matchedLeft.assign(first, first + static_cast<std::ptrdiff_t>(m_probe.rowCount()));
      m_leftAt += m_probe.rowCount();
      const bool some = m_keepsLeft ? unmatchedLeft(out) : chosenLeft(out);
      if (some) return true;
    }
  }

  /// Looks at the next pairs, at most a chunk of them, and gives whether some of them match.
  Result<bool> nextPairs(Chunk& out) {
    Selection left;
    std::vector<std::uint32_t> right;
    while (m_row < m_probe.rowCount() && right.size() < kChunkRows) {
      auto& candidate = m_candidates[m_row];
      // One match is enough for a semi-join or an anti-join.
      if (candidate == kNoRow || (m_matchedLeft[m_row] && !plan::givesBothSides(m_parts.kind))) {
        ++m_row;
        continue;
      }
      left.push_back(static_cast<std::uint16_t>(m_row));
      right.push_back(candidate);
      candidate = m_table->nextRow(candidate);
    }
    out = m_probe.selected(left);
    for (std::size_t column = 0; column < m_parts.rightTypes.size(); ++column)
      out.addColumn(gather(m_table->rows(), column, right));
    if (right.empty()) return false;
    if (m_parts.condition) {
      DRIFT_ASSIGN(const auto holds, m_parts.condition->evaluate(out));
      const auto kept = trueRows(holds, out.rowCount());
      for (const auto at : kept) DRIFT_TRY(markMatch(left[at], right[at]));
      if (kept.empty()) return false;
      if (kept.size() < out.rowCount()) out = out.selected(kept);
      return true;
    }
    for (std::size_t at = 0; at < right.size(); ++at) DRIFT_TRY(markMatch(left[at], right[at]));
    return true;
  }

  Status markMatch(std::uint16_t left, std::uint32_t right) {
    if (m_parts.kind == JoinKind::Single && m_matchedLeft[left])
      return Error(ErrorKind::CardinalityViolation, "more than one row returned by a subquery used as an expression");
    m_matchedLeft[left] = 1;
    if (m_keepsRight) m_matchedRight[right] = 1;
    return {};
  }

  /// Semi-join and anti-join: gives the rows of the chunk that met some right row, or none.
  Result<bool> leftRows(Chunk& out) {
    m_probing = false;
    if (m_parts.condition) {
      while (m_row < m_probe.rowCount()) {
        Chunk pairs;
        DRIFT_ASSIGN(const bool some, nextPairs(pairs));
        if (!some) DRIFT_TRY(m_context.query().cancel.check());
      }
    } else {
      for (std::size_t row = 0; row < m_probe.rowCount(); ++row) m_matchedLeft[row] |= m_candidates[row] != kNoRow;
    }
    if (!m_inBlocks) return chosenLeft(out);
    rememberLeft();
    return false;
  }

  bool chosenLeft(Chunk& out) const {
    const std::uint8_t wanted = m_parts.kind == JoinKind::Semi;
    Selection rows;
    for (std::size_t row = 0; row < m_probe.rowCount(); ++row)
      if (m_matchedLeft[row] == wanted) rows.push_back(static_cast<std::uint16_t>(row));
    if (rows.empty()) return false;
    out = m_probe.selected(rows);
    return true;
  }

  /// Gives the left rows of the chunk that met no right one.
  bool unmatchedLeft(Chunk& out) const {
    Selection rows;
    for (std::size_t row = 0; row < m_probe.rowCount(); ++row)
      if (!m_matchedLeft[row]) rows.push_back(static_cast<std::uint16_t>(row));
    if (rows.empty()) return false;
    out = m_probe.selected(rows);
    for (const auto& type : m_parts.rightTypes) out.addColumn(Vector::constant(types::Value::null(type)));
    return true;
  }

  /// Gives the right rows that met no left one, when the left input is through.
  bool unmatchedRight(Chunk& out) {
    out.clear();
    std::vector<std::uint32_t> rows;
    for (; m_unmatchedAt < m_matchedRight.size() && rows.size() < kChunkRows; ++m_unmatchedAt)
      if (!m_matchedRight[m_unmatchedAt]) rows.push_back(static_cast<std::uint32_t>(m_unmatchedAt));
    if (rows.empty()) return false;
    for (const auto& type : m_parts.leftTypes) out.addColumn(Vector::constant(types::Value::null(type)));
    for (std::size_t column = 0; column < m_parts.rightTypes.size(); ++column)
      out.addColumn(gather(m_table->rows(), column, rows));
    out.setRowCount(rows.size());
    return true;
  }

  JoinParts m_parts;  ///< without the inputs, which are in m_pair
  const OperatorContext& m_context;
  const runtime::MemoryBudget m_budget;
  MemoryReservation m_memory;  ///< of m_matchedOfBlocks
  JoinPair m_pair;             ///< at work
  std::deque<JoinPair> m_waiting;
  std::shared_ptr<JoinTable> m_table;  ///< other workers' as well, where m_parts.shared is set
  const bool m_keepsLeft;
  const bool m_keepsRight;
  const bool m_needsRight;  ///< without right rows there is nothing
  bool m_built = false;
  bool m_probing = false;
  Chunk m_probe;
  std::vector<std::uint32_t> m_candidates;  ///< of each probe row: the next right row to look at
  std::size_t m_row = 0;
  std::vector<std::uint8_t> m_matchedLeft;
  std::vector<std::uint8_t> m_matchedRight;
  std::size_t m_unmatchedAt = 0;
  bool m_rightEnded = false;                     ///< no block comes after the table
  bool m_inBlocks = false;                       ///< the table has a block of the right side
  bool m_tellsLeft = false;                      ///< all blocks passed by; the left rows are told
  std::vector<std::uint8_t> m_matchedOfBlocks;   ///< of each left row
  std::size_t m_leftAt = 0;                      ///< left rows before m_probe
};

}  // namespace

std::vector<plan::Column> bothSides(const plan::Node& join) {
  auto columns = join.inputs[0]->columns;
  columns.insert(columns.end(), join.inputs[1]->columns.begin(), join.inputs[1]->columns.end());
  return columns;
}

Result<bool> readsLeftFirst(const plan::Node& node, const plan::Join& join, const OperatorContext& context) {
  if (plan::givesBothSides(join.kind)) return false;
  const StoreMoments moments(context.environment);
  const auto environment = bindEnvironment(context.environment, moments);
  plan::Cardinality cardinality(environment);
  const auto left = cardinality.rows(*node.inputs[0]);
  const auto right = cardinality.rows(*node.inputs[1]);
  if (!cardinality.status().ok()) return cardinality.status().error();
  return left * 2 <= right;
}

Result<std::vector<EvaluatorPtr>> makeKeys(const plan::Join& join, bool right, std::span<const plan::Column> columns,
                                           OperatorContext& context) {
  std::vector<EvaluatorPtr> keys;
  for (const auto& [leftKey, rightKey] : join.keys) {
    DRIFT_ASSIGN(auto key, makeEvaluator(right ? *rightKey : *leftKey, columns, context));
    keys.push_back(std::move(key));
  }
  return keys;
}

Result<WorkerKeys> makeWorkerKeys(Operator& input, const plan::Join& join, bool right,
                                  std::span<const plan::Column> columns, OperatorContext& context) {
  WorkerKeys made;
  const auto* rows = input.parallel();
  for (std::size_t worker = 1; rows && worker < rows->workerCount(); ++worker) {
    DRIFT_ASSIGN(auto keys, makeKeys(join, right, columns, context));
    made.push_back(std::move(keys));
  }
  return made;
}

namespace {

/// What several threads need for a side of a join.
Status addWorkers(JoinParts& parts, const plan::Node& node, const plan::Join& join, bool readsLeft,
                  OperatorContext& context) {
  auto& read = readsLeft ? *parts.left : *parts.right;
  DRIFT_ASSIGN(parts.readKeys,
               makeWorkerKeys(read, join, !readsLeft, node.inputs[readsLeft ? 0 : 1]->columns, context));
  if (!readsLeft) return {};
  DRIFT_ASSIGN(parts.passingKeys, makeWorkerKeys(*parts.right, join, true, node.inputs[1]->columns, context));
  for (std::size_t worker = 0; join.condition && worker < parts.passingKeys.size(); ++worker) {
    DRIFT_ASSIGN(auto condition, makeEvaluator(*join.condition, bothSides(node), context));
    parts.passingConditions.push_back(std::move(condition));
  }
  return {};
}

}  // namespace

Result<OperatorPtr> makeJoin(const plan::Node& node, const plan::Join& join, OperatorPtr left, OperatorPtr right,
                             bool readsLeft, std::vector<KeyTarget> targets, OperatorContext& context) {
  JoinParts parts;
  if (context.pipeline) parts.shared = context.pipeline->sides.at(&node);
  parts.worker = context.worker;
  parts.targets = std::move(targets);
  parts.kind = join.kind;
  parts.left = std::move(left);
  parts.right = std::move(right);
  parts.leftTypes = typesOf(node.inputs[0]->columns);
  parts.rightTypes = typesOf(node.inputs[1]->columns);
  DRIFT_ASSIGN(parts.leftKeys, makeKeys(join, false, node.inputs[0]->columns, context));
  DRIFT_ASSIGN(parts.rightKeys, makeKeys(join, true, node.inputs[1]->columns, context));
  for (const auto& [leftKey, rightKey] : join.keys) parts.keyTypes.push_back(leftKey->type);
  if (!parts.shared) DRIFT_TRY(addWorkers(parts, node, join, readsLeft, context));
  if (join.condition) {
    DRIFT_ASSIGN(parts.condition, makeEvaluator(*join.condition, bothSides(node), context));
  }
  if (readsLeft) return makeSemiJoin(std::move(parts), context);
  return std::make_unique<JoinOperator>(std::move(parts), context);
}

}  // namespace drift::exec
