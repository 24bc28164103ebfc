#include "txn/merged_cursor.h"

#include <algorithm>
#include <cstring>

namespace drift::txn {

namespace {

using storage::LayoutColumn;
using types::StringRef;
using types::Value;

/// Copies one row's value between vectors of one physical type. Strings are shared: the caller keeps the
/// source's heaps with the target.
void copyRow(const types::Vector& source, std::size_t from, types::Vector& target, std::size_t to) {
  const auto view = source.view();
  if (view.isNull(from)) {
    target.setNull(to);
    return;
  }
  const auto size = types::physicalSize(source.type().physical());
  std::memcpy(target.data<std::byte>() + to * size, view.data<std::byte>() + view.index(from) * size, size);
}

/// A chunk of the base that no own write falls into is handed through from this size on; smaller ones are
/// copied, so that a reader does not get many small chunks.
constexpr std::size_t kPassedRowsMin = types::kChunkRows / 2;

std::optional<std::size_t> positionIn(const storage::RowLayout& layout, ColumnId column) {
  for (std::size_t at = 0; at < layout.columns.size(); ++at)
    if (layout.columns[at].id == column) return at;
  return std::nullopt;
}

}  // namespace

Result<std::vector<Value>> pendingValues(std::string_view key, const PendingRow& row,
                                         std::span<const LayoutColumn> columns) {
  DRIFT_ASSIGN(auto stored, storage::decodeRow(*row.layout, asBytes(row.row)));
  std::vector<Value> values;
  values.reserve(columns.size());
  for (const auto& column : columns) {
    if (column.id == storage::kKeyColumn) {
      values.push_back(Value::bytea(std::string(key)));
    } else if (column.id == storage::kOpColumn) {
      values.push_back(Value::smallInt(static_cast<std::int16_t>(row.op)));
    } else if (column.id == storage::kSeqColumn || column.id == storage::kEndSeqColumn) {
      values.push_back(Value::null(types::TypeId::BigInt));  // not committed yet
    } else if (const auto at = positionIn(*row.layout, column.id)) {
      values.push_back(std::move(stored[*at]));
    } else {
      values.push_back(column.missing.isNull() ? Value::null(column.type) : column.missing);
    }
  }
  return values;
}

MergedCursor::MergedCursor(storage::ScanRequest request, std::unique_ptr<storage::Cursor> base,
                           const WriteSet::TreeWrites& writes, std::uint64_t order)
    : m_request(std::move(request)),
      m_base(std::move(base)),
      m_writes(writes),
      m_order(order),
      m_skip(m_request.skipRows) {}

Result<bool> MergedCursor::next(types::Chunk& out) {
  while (true) {
    DRIFT_ASSIGN(const bool any, nextMerged(out));
    if (!any || m_skip == 0) return any;
    const auto rows = out.rowCount();
    if (rows <= m_skip) {
      m_skip -= rows;
      continue;
    }
    types::Selection kept;
    for (auto row = static_cast<std::size_t>(m_skip); row < rows; ++row)
      kept.push_back(static_cast<std::uint16_t>(row));
    m_skip = 0;
    out = out.selected(kept);
    return true;
  }
}

Result<bool> MergedCursor::nextMerged(types::Chunk& out) {
  out.clear();
  DRIFT_TRY(m_request.cancel.check());
  m_output.clear();
  m_outputRows = 0;
  findPending();
  while (m_outputRows < types::kChunkRows) {
    DRIFT_TRY(loadBase());
    if (m_baseEnded && !m_pending) break;
    if (!m_baseEnded) {
      const auto rows = m_chunk.rowCount();
      const bool untouched = m_row == 0 && (!m_pending || isBefore(baseKey(rows - 1), *m_pending->key));
      if (untouched && rows >= kPassedRowsMin) {
        // It goes through as it is, after what was collected so far.
        if (m_outputRows > 0) break;
        for (std::size_t at = 0; at < m_request.columns.size(); ++at) out.addColumn(m_chunk.column(at));
        out.setRowCount(rows);
        m_row = rows;
        return true;
      }
      if (!m_pending || isBefore(baseKey(m_row), *m_pending->key)) {
        appendBaseRow(m_row++);
        continue;
      }
      if (baseKey(m_row) == *m_pending->key) ++m_row;  // replaced or deleted
    }
    if (m_pending->row->isLive()) DRIFT_TRY(appendPending());
    m_passed = *m_pending->key;
    findPending();
  }
  out = std::move(m_output);
  out.setRowCount(m_outputRows);
  return m_outputRows > 0;
}

Status MergedCursor::loadBase() {
  while (!m_baseEnded && m_row == m_chunk.rowCount()) {
    m_row = 0;
    DRIFT_ASSIGN(const bool any, m_base->next(m_chunk));
    m_baseEnded = !any;
    if (!any || m_outputRows == 0) continue;
    for (std::size_t at = 0; at < m_output.columnCount(); ++at)
      m_output.column(at).keepHeapsOf(m_chunk.column(at));
  }
  return {};
}

void MergedCursor::findPending() {
  m_pending.reset();
  if (m_pendingEnded) return;
  if (m_request.backwards) {
    auto at = m_passed             ? m_writes.lower_bound(*m_passed)
              : m_request.range.to ? m_writes.lower_bound(*m_request.range.to)
                                   : m_writes.end();
    while (at != m_writes.begin()) {
      --at;
      if (m_request.range.from && at->first < *m_request.range.from) break;
      if (const auto* row = versionAt(at->second, m_order)) {
        m_pending = Pending{&at->first, row};
        return;
      }
    }
    m_pendingEnded = true;
    return;
  }
  auto at = m_passed               ? m_writes.upper_bound(*m_passed)
            : m_request.range.from ? m_writes.lower_bound(*m_request.range.from)
                                   : m_writes.begin();
  for (; at != m_writes.end(); ++at) {
    if (m_request.range.to && at->first >= *m_request.range.to) break;
    if (const auto* row = versionAt(at->second, m_order)) {
      m_pending = Pending{&at->first, row};
      return;
    }
  }
  m_pendingEnded = true;  // whatever is written from now on is newer than this cursor
}

std::string_view MergedCursor::baseKey(std::size_t row) const {
  const auto view = m_chunk.column(m_chunk.columnCount() - 1).view();
  return view.at<StringRef>(row).view();
}

void MergedCursor::ensureOutput() {
  if (m_outputRows > 0) return;
  for (std::size_t at = 0; at < m_request.columns.size(); ++at) {
    types::Vector column(m_request.columns[at].type);
    if (!m_baseEnded) column.keepHeapsOf(m_chunk.column(at));
    m_output.addColumn(std::move(column));
  }
}

void MergedCursor::appendBaseRow(std::size_t row) {
  ensureOutput();
  for (std::size_t at = 0; at < m_output.columnCount(); ++at)
    copyRow(m_chunk.column(at), row, m_output.column(at), m_outputRows);
  ++m_outputRows;
}

Status MergedCursor::appendPending() {
  ensureOutput();
  DRIFT_ASSIGN(const auto values, pendingValues(*m_pending->key, *m_pending->row, m_request.columns));
  for (std::size_t at = 0; at < values.size(); ++at) m_output.column(at).set(m_outputRows, values[at]);
  ++m_outputRows;
  return {};
}

}  // namespace drift::txn
