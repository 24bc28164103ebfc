// Aggregation of rows that come group by group: a group is given out as soon as the next one begins, so there is
// neither a hash table nor more in memory than the groups of one chunk.
#include <algorithm>
#include <new>

#include "exec/aggregate_calls.h"
#include "exec/memory_reservation.h"
#include "exec/operator_kinds.h"
#include "exec/packed_keys.h"
#include "exec/vector_copy.h"
#include "plan/row_order.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Selection;

namespace {

/// Blocks of states for the groups of one chunk, and the one that goes on from the chunk before.
class BlockRing final {
 public:
  BlockRing(const AggregateCalls& calls, const runtime::MemoryBudget& budget) : m_calls(calls), m_memory(budget) {}
  ~BlockRing() {
    for (std::size_t at = 0; at < m_used.size(); ++at)
      if (m_used[at]) m_calls.destroy(block(at));
  }
  BlockRing(const BlockRing&) = delete;
  BlockRing& operator=(const BlockRing&) = delete;

  /// Makes the states of one more group; gives the number of its block. OutOfMemory.
  Result<std::size_t> take() {
    if (m_used.empty()) {
      const auto bytes = (kChunkRows + 1) * m_calls.blockBytes();
      DRIFT_TRY(m_memory.grow(bytes));
      m_bytes.reset(new (std::align_val_t{AggregateCalls::kAlignment}) std::byte[bytes]);
      m_used.resize(kChunkRows + 1);
    }
    while (m_used[m_next]) m_next = (m_next + 1) % m_used.size();
    m_calls.initialize(block(m_next));
    m_used[m_next] = true;
    return m_next;
  }
  void free(std::size_t at) {
    m_calls.destroy(block(at));
    m_used[at] = false;
  }
  std::byte* block(std::size_t at) const { return m_bytes.get() + at * m_calls.blockBytes(); }

 private:
  struct Free {
    void operator()(std::byte* bytes) const {
      ::operator delete[](bytes, std::align_val_t{AggregateCalls::kAlignment});
    }
  };

  const AggregateCalls& m_calls;
  std::unique_ptr<std::byte[], Free> m_bytes;
  std::vector<bool> m_used;
  std::size_t m_next = 0;
  MemoryReservation m_memory;
};

class OrderedAggregate final : public Operator {
 public:
  OrderedAggregate(OperatorPtr input, std::vector<EvaluatorPtr> groups, std::vector<types::Type> groupTypes,
                   AggregateCalls calls, const OperatorContext& context)
      : m_input(std::move(input)),
        m_groups(std::move(groups)),
        m_groupTypes(std::move(groupTypes)),
        m_calls(std::move(calls)),
        m_blocks(m_calls, context.query().memory),
        m_cancel(context.query().cancel) {}

  Result<bool> next(Chunk& out) override {
    out.clear();
    while (!m_ended) {
      DRIFT_TRY(m_cancel.check());
      Chunk rows;
      DRIFT_ASSIGN(const bool more, m_input->next(rows));
      if (more) {
        DRIFT_TRY(add(rows, out));
      } else {
        m_ended = true;
        if (m_isOpen) DRIFT_TRY(give({m_open}, m_openKey, out));
      }
      if (out.rowCount() > 0) return true;
    }
    return false;
  }

 private:
  /// Adds rows; groups that end among them are given out.
  Status add(const Chunk& rows, Chunk& out) {
    Chunk keys;
    keys.setRowCount(rows.rowCount());
    for (const auto& group : m_groups) {
      DRIFT_ASSIGN(auto values, group->evaluate(rows));
      keys.addColumn(std::move(values));
    }
    const auto starts = startsOf(keys);
    std::vector<std::size_t> numbers;  // of the blocks, by group
    if (m_isOpen) numbers.push_back(m_open);
    std::vector<std::byte*> blocks(rows.rowCount());
    auto start = starts.begin();
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      if (start != starts.end() && *start == row) {
        DRIFT_ASSIGN(const auto taken, m_blocks.take());
        numbers.push_back(taken);
        ++start;
      }
      blocks[row] = m_blocks.block(numbers.back());
    }
    m_calls.startChunk();
    for (std::size_t call = 0; call < m_calls.count(); ++call) DRIFT_TRY(m_calls.update(call, rows, blocks));
    if (starts.empty()) return {};
    // All but the last group have ended. The first of their keys may be that of the chunk before.
    const auto last = numbers.back();
    numbers.pop_back();
    const Selection ended(starts.begin(), starts.end() - 1);
    if (!numbers.empty()) DRIFT_TRY(give(numbers, keysOf(keys, ended), out));
    m_isOpen = true;
    m_open = last;
    m_openKey = keys.selected(std::span(starts).last(1));
    return {};
  }

  /// The rows that do not have the key of the row before.
  Selection startsOf(const Chunk& keys) const {
    const auto rows = keys.rowCount();
    std::vector<std::uint8_t> starts(rows, 0);
    for (std::size_t column = 0; column < m_groupTypes.size(); ++column) {
      const auto view = keys.column(column).view();
      const auto physical = m_groupTypes[column].physical();
      const auto differs = [&](std::size_t row, const types::VectorView& other, std::size_t before) {
        const bool null = view.isNull(row);
        if (null || other.isNull(before)) return null != other.isNull(before);
        return !equalRows(view, row, other, before, physical);
      };
      if (rows > 0 && m_isOpen) starts[0] |= differs(0, m_openKey.column(column).view(), 0);
      for (std::size_t row = 1; row < rows; ++row) starts[row] |= differs(row, view, row - 1);
    }
    if (rows > 0 && !m_isOpen) starts[0] = 1;
    Selection found;
    for (std::size_t row = 0; row < rows; ++row)
      if (starts[row]) found.push_back(static_cast<std::uint16_t>(row));
    return found;
  }

  /// The key of the open group, if there is one, and then those of some rows.
  Chunk keysOf(const Chunk& keys, const Selection& rows) const {
    if (!m_isOpen) return keys.selected(rows);
    std::vector<std::uint16_t> places(rows.size());
    for (std::size_t at = 0; at < rows.size(); ++at) places[at] = static_cast<std::uint16_t>(at + 1);
    const auto others = keys.selected(rows);
    Chunk all(m_groupTypes, rows.size() + 1);
    for (std::size_t column = 0; column < m_groupTypes.size(); ++column) {
      const std::uint16_t first[] = {0};
      scatter(m_openKey.column(column), first, all.column(column));
      scatter(others.column(column), places, all.column(column));
    }
    all.setRowCount(rows.size() + 1);
    return all;
  }

  /// Gives groups that have ended.
  Status give(const std::vector<std::size_t>& groups, Chunk keys, Chunk& out) {
    std::vector<std::byte*> blocks;
    for (const auto group : groups) blocks.push_back(m_blocks.block(group));
    out = std::move(keys);
    DRIFT_TRY(m_calls.finalize(blocks, out));
    for (const auto group : groups) m_blocks.free(group);
    return {};
  }

  const OperatorPtr m_input;
  const std::vector<EvaluatorPtr> m_groups;
  const std::vector<types::Type> m_groupTypes;
  AggregateCalls m_calls;
  BlockRing m_blocks;
  const runtime::CancelToken m_cancel;
  bool m_isOpen = false;   ///< a group has begun and not ended
  std::size_t m_open = 0;  ///< number of its block
  Chunk m_openKey;
  bool m_ended = false;
};

}  // namespace

Result<OperatorPtr> makeOrderedAggregate(const plan::Node& node, const plan::Aggregate& aggregate, OperatorPtr input,
                                         OperatorContext& context) {
  const auto& columns = node.inputs[0]->columns;
  DRIFT_ASSIGN(auto keys, makeGroupKeys(aggregate, columns, context));
  DRIFT_ASSIGN(auto calls, AggregateCalls::make(aggregate.aggregates, columns, context));
  return std::make_unique<OrderedAggregate>(std::move(input), std::move(keys.evaluators), std::move(keys.types),
                                            std::move(calls), context);
}

bool aggregatesInOrder(const plan::Node& node, const plan::Aggregate& aggregate) {
  const auto waits = [](const auto& call) { return call->distinct || !call->order.empty(); };
  return plan::groupOrder(node, aggregate).scan && std::ranges::none_of(aggregate.aggregates, waits);
}

}  // namespace drift::exec
