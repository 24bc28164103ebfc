#include "storage/scan_cursor.h"

#include <algorithm>

namespace drift::storage {

VisibleRow lastVisible(const Leaf& leaf, std::size_t row, CommitNumber number) {
  VisibleRow result{row, row, false};
  const auto key = leaf.key(row);
  while (result.next < leaf.rowCount() && leaf.key(result.next) == key) {
    if (leaf.seq(result.next) <= number) {
      result.row = result.next;
      result.visible = true;
    }
    ++result.next;
  }
  return result;
}

ScanCursor::ScanCursor(std::shared_ptr<const Snapshot::State> state, ScanRequest request)
    : m_state(std::move(state)),
      m_request(std::move(request)),
      m_changes(m_state->changes(m_request.tree)),
      m_walker(m_state->core->cache, m_state->root(m_request.tree) ? &m_state->root(m_request.tree)->root : nullptr,
               m_request.range, [this](const NodeEntry& entry, const auto& end) { return skipWhole(entry, end); }),
      m_skip(m_request.skipRows) {
  m_wantsEnds = std::ranges::any_of(m_request.columns, [](const auto& column) { return column.id == kEndSeqColumn; });
}

/// Leaves out a subtree whose rows are all to be skipped, by its count.
bool ScanCursor::skipWhole(const NodeEntry& entry, const std::optional<std::string>& end) {
  m_anyRange = true;
  if (m_skip == 0 || entry.newestSeq > m_state->number) return false;
  const auto& range = m_request.range;
  const bool whole = (!range.from || entry.lowKey >= *range.from) && (!range.to || (end && *end <= *range.to));
  if (!whole) return false;
  auto rows = static_cast<std::int64_t>(entry.liveRows);
  rows += m_changes.netRows(entry.lowKey, end, m_state->number);
  if (static_cast<std::uint64_t>(rows) > m_skip) return false;
  m_skip -= static_cast<std::uint64_t>(rows);
  return true;
}

Result<bool> ScanCursor::openRange() {
  DRIFT_ASSIGN(const auto range, m_walker.next());
  std::string low;
  if (range) {
    DRIFT_ASSIGN(m_leaf, m_state->core->cache.leaf(range->entry.page));
    low = range->entry.lowKey;
    m_end = range->end;
  } else if (!m_anyRange && !m_changes.empty()) {
    m_anyRange = true;  // no pages yet: the memtable is the whole tree
    m_leaf = nullptr;
    m_end = std::nullopt;
  } else {
    return false;
  }
  const auto& wanted = m_request.range;
  if (wanted.from && *wanted.from > low) low = *wanted.from;
  if (wanted.to && (!m_end || *wanted.to < *m_end)) m_end = wanted.to;
  m_row = m_leaf ? m_leaf->lowerBound(low, 0) : 0;
  m_rowEnd = m_leaf ? (m_end ? m_leaf->lowerBound(*m_end, 0) : m_leaf->rowCount()) : 0;
  m_change = m_changes.seek(low, 0);
  return true;
}

bool ScanCursor::pendingInRange() const {
  return m_change && (!m_end || m_change->key < *m_end);
}

void ScanCursor::addPlace(RowPlace place) {
  if (place.op() == RowOp::Delete) return;
  if (m_skip > 0) {
    --m_skip;
    return;
  }
  m_places.push_back(std::move(place));
}

/// Takes rows of the open range until a chunk is full or the range ends.
void ScanCursor::collect() {
  while (m_places.size() < types::kChunkRows) {
    const bool pending = pendingInRange();
    if (m_row >= m_rowEnd && !pending) {  // past it where the range asked for is empty
      m_open = false;
      return;
    }
    const bool takeLeaf = m_row < m_rowEnd && (!pending || m_leaf->key(m_row) <= m_change->key);
    VisibleRow visible;
    if (takeLeaf) {
      visible = lastVisible(*m_leaf, m_row, m_state->number);
      m_row = visible.next;
    }
    if (!pending || (takeLeaf && m_leaf->key(visible.row) < m_change->key)) {
      if (visible.visible) addPlace({m_leaf, visible.row, nullptr});
      continue;
    }
    const auto key = m_change->key;
    const auto* newest = m_changes.findLast(key, m_state->number);
    if (newest) addPlace({nullptr, 0, newest});
    else if (visible.visible) addPlace({m_leaf, visible.row, nullptr});
    m_change = m_changes.nextKey(m_change);
  }
}

Status ScanCursor::addEnds() {
  m_ends.clear();
  const auto last = m_state->core->index.size();
  for (const auto& place : m_places) {
    DRIFT_ASSIGN(const auto end, endOfVersion(*m_state->core, m_request.tree, place.key(), place.seq(), last));
    m_ends.push_back(end);
  }
  return {};
}

Result<bool> ScanCursor::next(types::Chunk& out) {
  out.clear();
  m_places.clear();
  while (m_places.empty() && !m_ended) {
    DRIFT_TRY(m_request.cancel.check());
    if (!m_open) {
      DRIFT_ASSIGN(m_open, openRange());
      m_ended = !m_open;
    }
    if (m_open) collect();
  }
  if (m_places.empty()) return false;
  if (m_wantsEnds) DRIFT_TRY(addEnds());
  DRIFT_TRY(fillChunk(m_places, m_request.columns, m_ends, out));
  return true;
}

}  // namespace drift::storage
