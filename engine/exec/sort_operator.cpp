// Sorting in memory. Rows are kept in a RowBuffer; what is sorted are their memcomparable keys, so one
// comparison of bytes decides over any number of columns.
#include <algorithm>

#include "exec/operator_kinds.h"
#include "exec/ordered_rows.h"
#include "exec/row_buffer.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;

namespace {

struct SortColumn {
  EvaluatorPtr evaluator;
  plan::KeyOrder order;
};

struct Entry {
  types::StringRef key;
  std::uint32_t row = 0;
  friend bool operator<(const Entry& a, const Entry& b) {
    const auto order = a.key <=> b.key;
    return order != 0 ? order < 0 : a.row < b.row;
  }
};

class SortOperator final : public Operator {
 public:
  SortOperator(OperatorPtr input, std::vector<SortColumn> keys, std::optional<std::uint64_t> limit,
               std::vector<types::Type> types, const OperatorContext& context)
      : m_input(std::move(input)),
        m_keys(std::move(keys)),
        m_limit(limit),
        m_types(std::move(types)),
        m_context(context),
        m_memory(context.query().memory) {}

  Result<bool> next(Chunk& out) override {
    if (!m_sorted) DRIFT_TRY(readAll());
    out.clear();
    const auto count = std::min(kChunkRows, m_entries.size() - m_at);
    if (count == 0) return false;
    std::vector<std::uint32_t> rows;
    for (std::size_t at = 0; at < count; ++at) rows.push_back(m_entries[m_at + at].row);
    for (std::size_t column = 0; column < m_types.size(); ++column) out.addColumn(gather(m_rows, column, rows));
    out.setRowCount(count);
    m_at += count;
    return true;
  }

 private:
  Status readAll() {
    startBuffers();
    Chunk chunk;
    while (true) {
      DRIFT_TRY(m_context.query().cancel.check());
      DRIFT_ASSIGN(const bool more, m_input->next(chunk));
      if (!more) break;
      DRIFT_TRY(take(chunk));
      // With a limit, what cannot be among the first rows is dropped from time to time.
      if (m_limit && m_entries.size() > 2 * (*m_limit + kChunkRows)) DRIFT_TRY(prune());
    }
    std::sort(m_entries.begin(), m_entries.end());
    if (m_limit && m_entries.size() > *m_limit) m_entries.resize(*m_limit);
    m_sorted = true;
    return {};
  }

  void startBuffers() {
    m_rows = std::make_shared<RowBuffer>(m_types, m_context.query().memory);
    m_heap = std::make_unique<types::StringHeap>();
    m_entries.clear();
    m_memory.clear();
  }

  Status take(const Chunk& chunk) {
    std::vector<types::Vector> values;
    for (const auto& key : m_keys) {
      DRIFT_ASSIGN(auto part, key.evaluator->evaluate(chunk));
      values.push_back(std::move(part));
    }
    const auto first = m_rows->rowCount();
    DRIFT_TRY(m_rows->append(chunk));
    std::string bytes;
    std::size_t taken = chunk.rowCount() * sizeof(Entry);
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      bytes.clear();
      for (std::size_t key = 0; key < m_keys.size(); ++key) appendSortKey(bytes, values[key], row, m_keys[key].order);
      m_entries.push_back({m_heap->add(bytes), static_cast<std::uint32_t>(first + row)});
      taken += bytes.size();
    }
    return m_memory.grow(taken);
  }

  Status prune() {
    std::nth_element(m_entries.begin(), m_entries.begin() + static_cast<std::ptrdiff_t>(*m_limit), m_entries.end());
    m_entries.resize(*m_limit);
    std::sort(m_entries.begin(), m_entries.end(), [](const Entry& a, const Entry& b) { return a.row < b.row; });
    const auto kept = std::move(m_entries);
    const auto oldRows = std::move(m_rows);
    const auto oldHeap = std::move(m_heap);
    startBuffers();
    std::size_t keyBytes = 0;
    for (std::size_t done = 0; done < kept.size();) {
      const auto count = std::min(kChunkRows, kept.size() - done);
      std::vector<std::uint32_t> rows;
      for (std::size_t at = 0; at < count; ++at) rows.push_back(kept[done + at].row);
      Chunk chunk;
      for (std::size_t column = 0; column < m_types.size(); ++column) chunk.addColumn(gather(oldRows, column, rows));
      chunk.setRowCount(count);
      DRIFT_TRY(m_rows->append(chunk));
      for (std::size_t at = 0; at < count; ++at) {
        const auto key = kept[done + at].key.view();
        m_entries.push_back({m_heap->add(key), static_cast<std::uint32_t>(done + at)});
        keyBytes += key.size() + sizeof(Entry);
      }
      done += count;
    }
    return m_memory.grow(keyBytes);
  }

  const OperatorPtr m_input;
  const std::vector<SortColumn> m_keys;
  const std::optional<std::uint64_t> m_limit;
  const std::vector<types::Type> m_types;
  const OperatorContext& m_context;
  RowBufferRef m_rows;
  std::unique_ptr<types::StringHeap> m_heap;
  std::vector<Entry> m_entries;
  MemoryReservation m_memory;
  bool m_sorted = false;
  std::size_t m_at = 0;
};

}  // namespace

Result<OperatorPtr> makeSort(const plan::Node& node, const plan::Sort& sort, OperatorPtr input,
                             OperatorContext& context) {
  std::vector<SortColumn> keys;
  for (const auto& key : sort.keys) {
    DRIFT_ASSIGN(auto evaluator, makeEvaluator(*key.expression, node.inputs[0]->columns, context));
    keys.push_back({std::move(evaluator), {key.descending, key.nullsFirst}});
  }
  return std::make_unique<SortOperator>(std::move(input), std::move(keys), sort.limit, typesOf(node.columns), context);
}

}  // namespace drift::exec
