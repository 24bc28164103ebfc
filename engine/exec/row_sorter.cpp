#include "exec/row_sorter.h"

#include <algorithm>

#include "types/key_encoding.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::StringRef;
using types::Vector;
using types::VectorView;

namespace {

/// Most runs that are merged at a time: each has a block and a piece in memory.
constexpr std::size_t kMergedMax = 64;

std::size_t mergedAtATime(const SpillSpace& space) {
  return std::clamp<std::size_t>(space.workBytes() / (4 * space.blockBytes()), 2, kMergedMax);
}

std::vector<types::Type> withKey(std::vector<types::Type> types) {
  types.push_back(types::TypeId::Bytea);
  return types;
}

/// Copies a value with the bytes of a string.
void copyValue(const VectorView& from, std::size_t row, Vector& to, std::size_t at) {
  const auto physical = to.type().physical();
  if (from.isNull(row)) {
    to.setNull(at);
  } else if (physical == types::PhysicalType::String) {
    to.setString(at, from.at<StringRef>(row).view());
  } else {
    const auto size = types::physicalSize(physical);
    std::copy_n(from.data<std::byte>() + from.index(row) * size, size, to.data<std::byte>() + at * size);
  }
}

}  // namespace

void appendSortKey(std::string& bytes, const Vector& values, std::size_t row, plan::KeyOrder order) {
  const bool null = values.isNull(row);
  bytes.push_back(null == order.nullsFirst ? '\0' : '\1');
  if (!null) types::appendKey(bytes, values, row, order.descending);
}

/// Gives the rows of some sorted runs in one order.
class RowSorter::Merge final {
  struct Cursor {
    SpillStreamPtr run;
    Chunk chunk;
    std::vector<VectorView> views;
    std::size_t row = 0;

    Result<bool> load() {
      row = 0;
      DRIFT_ASSIGN(const bool more, run->nextPiece(chunk));
      views.clear();
      for (std::size_t column = 0; column < chunk.columnCount(); ++column) views.push_back(chunk.column(column).view());
      return more;
    }
    StringRef key() const { return views.back().at<StringRef>(row); }
  };

  /// Orders the heap: the smallest key is its top; of equal ones that of the earlier run.
  struct After {
    const std::vector<Cursor>& cursors;
    bool operator()(std::size_t a, std::size_t b) const {
      const auto order = cursors[a].key() <=> cursors[b].key();
      return order != 0 ? order > 0 : a > b;
    }
  };

 public:
  Merge(std::vector<SpillStreamPtr> runs, std::size_t bytesMax) : m_bytesMax(bytesMax) {
    for (auto& run : runs) {
      run->rewind(SpillStream::Reading::LastTime);
      m_cursors.push_back({std::move(run), {}, {}, 0});
    }
  }

  Status open() {
    for (std::size_t at = 0; at < m_cursors.size(); ++at) {
      DRIFT_ASSIGN(const bool more, m_cursors[at].load());
      if (more) m_heap.push_back(at);
    }
    std::ranges::make_heap(m_heap, After{m_cursors});
    return {};
  }

  /// Rows with as many of their columns as `types` has.
  Result<bool> next(const std::vector<types::Type>& types, std::uint64_t rowsMax, Chunk& out) {
    out.clear();
    const auto most = static_cast<std::size_t>(std::min<std::uint64_t>(kChunkRows, rowsMax));
    if (m_heap.empty() || most == 0) return false;
    out = Chunk(types, most);
    std::size_t row = 0;
    for (std::size_t bytes = 0; row < most && !m_heap.empty() && bytes < m_bytesMax; ++row) {
      std::ranges::pop_heap(m_heap, After{m_cursors});
      auto& cursor = m_cursors[m_heap.back()];
      for (std::size_t column = 0; column < types.size(); ++column) {
        const auto& view = cursor.views[column];
        copyValue(view, cursor.row, out.column(column), row);
        bytes += types[column].physical() == types::PhysicalType::String && !view.isNull(cursor.row)
                     ? view.at<StringRef>(cursor.row).size()
                     : sizeof(std::uint64_t);
      }
      ++cursor.row;
      bool more = true;
      if (cursor.row == cursor.chunk.rowCount()) {
        DRIFT_ASSIGN(more, cursor.load());
      }
      if (more) std::ranges::push_heap(m_heap, After{m_cursors});
      else m_heap.pop_back();
    }
    out.setRowCount(row);
    return true;
  }

 private:
  std::vector<Cursor> m_cursors;
  std::vector<std::size_t> m_heap;
  const std::size_t m_bytesMax;
};

RowSorter::RowSorter(std::vector<types::Type> types, std::vector<plan::KeyOrder> order,
                     std::optional<std::uint64_t> limit, const OperatorContext& context)
    : m_types(std::move(types)),
      m_order(std::move(order)),
      m_limit(limit),
      m_context(context),
      m_budget(context.query().memory, context.workBytes()),
      m_memory(m_budget) {
  startBuffers();
}

void RowSorter::startBuffers() {
  m_rows = std::make_shared<RowBuffer>(m_types, m_budget);
  m_heap = std::make_unique<types::StringHeap>();
  m_entries.clear();
  m_memory.clear();
}

Status RowSorter::append(const Chunk& rows, std::span<const Vector> keys) {
  const auto first = m_rows->rowCount();
  DRIFT_TRY(m_rows->append(rows));
  std::string bytes;
  std::size_t taken = rows.rowCount() * sizeof(Entry);
  for (std::size_t row = 0; row < rows.rowCount(); ++row) {
    bytes.clear();
    for (std::size_t key = 0; key < keys.size(); ++key) appendSortKey(bytes, keys[key], row, m_order[key]);
    m_entries.push_back({m_heap->add(bytes), static_cast<std::uint32_t>(first + row)});
    taken += bytes.size();
  }
  DRIFT_TRY(m_memory.grow(taken));
  // With a limit, what cannot be among the first rows is dropped from time to time.
  if (m_limit && m_entries.size() > 2 * (*m_limit + kChunkRows)) DRIFT_TRY(prune());
  return m_context.spill() && m_budget.isFull() ? writeRun() : Status();
}

Chunk RowSorter::rowsOf(std::size_t first, std::size_t count) const {
  std::vector<std::uint32_t> rows(count);
  for (std::size_t at = 0; at < count; ++at) rows[at] = m_entries[first + at].row;
  Chunk chunk;
  for (std::size_t column = 0; column < m_types.size(); ++column) chunk.addColumn(gather(m_rows, column, rows));
  chunk.setRowCount(count);
  return chunk;
}

Status RowSorter::prune() {
  std::nth_element(m_entries.begin(), m_entries.begin() + static_cast<std::ptrdiff_t>(*m_limit), m_entries.end());
  m_entries.resize(*m_limit);
  std::sort(m_entries.begin(), m_entries.end(), [](const Entry& a, const Entry& b) { return a.row < b.row; });
  auto rows = std::make_shared<RowBuffer>(m_types, m_budget);
  auto heap = std::make_unique<types::StringHeap>();
  std::size_t keyBytes = 0;
  for (std::size_t first = 0; first < m_entries.size(); first += kChunkRows) {
    const auto count = std::min(kChunkRows, m_entries.size() - first);
    DRIFT_TRY(rows->append(rowsOf(first, count)));
  }
  for (std::size_t at = 0; at < m_entries.size(); ++at) {
    const auto key = m_entries[at].key.view();
    m_entries[at] = {heap->add(key), static_cast<std::uint32_t>(at)};
    keyBytes += key.size() + sizeof(Entry);
  }
  m_rows = std::move(rows);
  m_heap = std::move(heap);
  m_memory.clear();
  return m_memory.grow(keyBytes);
}

void RowSorter::sortEntries() {
  std::sort(m_entries.begin(), m_entries.end());
  if (m_limit && m_entries.size() > *m_limit) m_entries.resize(*m_limit);
}

Status RowSorter::writeRun() {
  sortEntries();
  auto run = std::make_unique<SpillStream>(withKey(m_types), *m_context.spill());
  for (std::size_t first = 0; first < m_entries.size(); first += kChunkRows) {
    DRIFT_TRY(m_context.query().cancel.check());
    const auto count = std::min(kChunkRows, m_entries.size() - first);
    auto chunk = rowsOf(first, count);
    Vector keys(types::TypeId::Bytea, count);
    for (std::size_t at = 0; at < count; ++at) keys.data<StringRef>()[at] = m_entries[first + at].key;
    chunk.addColumn(std::move(keys));
    DRIFT_TRY(run->append(chunk));
  }
  DRIFT_TRY(run->finish());
  m_runs.push_back(std::move(run));
  startBuffers();
  return {};
}

Status RowSorter::mergeRuns() {
  const auto types = withKey(m_types);
  const auto most = mergedAtATime(*m_context.spill());
  while (m_runs.size() > most) {
    std::vector<SpillStreamPtr> longer;
    for (std::size_t first = 0; first < m_runs.size(); first += most) {
      const auto end = std::min(first + most, m_runs.size());
      Merge merge({std::make_move_iterator(m_runs.begin() + static_cast<std::ptrdiff_t>(first)),
                   std::make_move_iterator(m_runs.begin() + static_cast<std::ptrdiff_t>(end))},
                  m_context.spill()->workBytes() / 4);
      DRIFT_TRY(merge.open());
      auto run = std::make_unique<SpillStream>(types, *m_context.spill());
      Chunk chunk;
      while (true) {
        DRIFT_TRY(m_context.query().cancel.check());
        DRIFT_ASSIGN(const bool more, merge.next(types, m_limit.value_or(UINT64_MAX) - run->rowCount(), chunk));
        if (!more) break;
        DRIFT_TRY(run->append(chunk));
      }
      DRIFT_TRY(run->finish());
      longer.push_back(std::move(run));
    }
    m_runs = std::move(longer);
  }
  m_merge = std::make_shared<Merge>(std::move(m_runs), m_context.spill()->workBytes() / 4);
  m_runs.clear();
  return m_merge->open();
}

Status RowSorter::finish() {
  if (m_runs.empty()) {
    sortEntries();
    return {};
  }
  if (!m_entries.empty()) DRIFT_TRY(writeRun());
  return mergeRuns();
}

Result<bool> RowSorter::next(Chunk& out) {
  if (m_merge) {
    DRIFT_ASSIGN(const bool more, m_merge->next(m_types, m_limit.value_or(UINT64_MAX) - m_at, out));
    m_at += out.rowCount();
    return more;
  }
  out.clear();
  const auto count = std::min<std::size_t>(kChunkRows, m_entries.size() - static_cast<std::size_t>(m_at));
  if (count == 0) return false;
  out = rowsOf(static_cast<std::size_t>(m_at), count);
  m_at += count;
  return true;
}

}  // namespace drift::exec
