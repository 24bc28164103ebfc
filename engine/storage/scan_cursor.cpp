#include "storage/scan_cursor.h"

#include <algorithm>
#include <cassert>

#include "storage/key_order.h"

namespace drift::storage {

namespace {

constexpr std::size_t kPageRows = 256;

}  // namespace

ScanCursor::ScanCursor(std::shared_ptr<const Snapshot::State> state, ScanRequest request)
    : m_state(std::move(state)),
      m_request(std::move(request)),
      m_changes(m_state->changes(m_request.tree)),
      m_walker(m_state->core->cache, m_state->root(m_request.tree) ? &m_state->root(m_request.tree)->root : nullptr,
               m_request.range, [this](const NodeEntry& entry, const auto& end) { return skipWhole(entry, end); }),
      m_skip(m_request.skipRows) {
  // Who leaves out rows wants a page of those that follow, as a rule.
  if (m_skip > 0) m_chunkRows = kPageRows;
  assert(m_skip == 0 || m_request.wanted.empty());
  m_wantsEnds = std::ranges::any_of(m_request.columns, [](const auto& column) { return column.id == kEndSeqColumn; });
}

/// Leaves out a subtree whose rows are all to be skipped, by its count.
bool ScanCursor::skipWhole(const NodeEntry& entry, const std::optional<std::string>& end) {
  m_anyRange = true;
  if (m_skip == 0 || entry.newestCount > m_state->number) return false;
  const auto& range = m_request.range;
  const bool whole = (!range.from || entry.lowKey >= *range.from) && (!range.to || (end && *end <= *range.to));
  if (!whole) return false;
  auto rows = static_cast<std::int64_t>(entry.liveRows);
  rows += m_changes.netRows(entry.lowKey, end, m_state->number);
  if (static_cast<std::uint64_t>(rows) > m_skip) return false;
  m_skip -= static_cast<std::uint64_t>(rows);
  return true;
}

/// Opens the next leaf and finds its live rows; gives false where there is none.
Result<bool> ScanCursor::openRange() {
  DRIFT_ASSIGN(const auto range, m_walker.next());
  std::string low;
  if (range) {
    DRIFT_ASSIGN(m_leaf, m_state->leaf(range->entry, m_request.wanted));
    low = range->entry.lowKey;
    m_end = range->end;
  } else if (!m_anyRange && !m_changes.empty()) {
    m_anyRange = true;  // no pages yet: the changes are the whole tree
    m_leaf = nullptr;
    m_end = std::nullopt;
  } else {
    return false;
  }
  const auto& wanted = m_request.range;
  if (wanted.from && *wanted.from > low) low = *wanted.from;
  if (wanted.to && (!m_end || *wanted.to < *m_end)) m_end = wanted.to;
  m_view = nullptr;
  m_rows = {};
  if (m_leaf) {
    const auto from = wanted.from ? m_leaf->lowerBound(low, 0) : 0;
    const auto to = wanted.to ? m_leaf->lowerBound(*m_end, 0) : m_leaf->rowCount();
    if (from == 0 && to == m_leaf->rowCount()) {
      m_view = m_leaf->viewAt(m_state->number);
      m_rows = m_view->rows();
    } else if (from < to) {  // a range may be the wrong way round
      m_leaf->findVisible(m_state->number, from, to, m_rowsOfPart);
      m_rows = m_rowsOfPart;
    }
  }
  const auto change = m_changes.seek(low, 0);
  m_merged = inRange(change);
  if (m_merged) mergeChanges(change);
  m_at = static_cast<std::size_t>(std::min<std::uint64_t>(m_skip, rowsInRange()));
  m_skip -= m_at;
  return true;
}

bool ScanCursor::inRange(const TreeChanges::Position& change) const { return change && (!m_end || change->key < *m_end); }

/// Goes past the entries of one key; gives the newest that the snapshot sees, if any.
const MemtableEntry* ScanCursor::takeKey(TreeChanges::Position& change) const {
  constexpr int kStepsMax = 16;
  const auto key = change->key;
  const MemtableEntry* newest = nullptr;
  for (int step = 0; change && change->key == key; ++change, ++step) {
    if (step == kStepsMax) {
      newest = m_changes.findLast(key, m_state->number);
      change = m_changes.nextKey(change);
      break;
    }
    if (change->seq <= m_state->number) newest = &*change;
  }
  return newest;
}

void ScanCursor::mergeChanges(TreeChanges::Position change) {
  m_picks.clear();
  m_picks.reserve(m_rows.size());
  auto row = m_rows.begin();
  while (inRange(change)) {
    const types::StringRef key(change->key);
    while (row != m_rows.end() && compareKeys(m_leaf->key(*row), key) < 0) m_picks.push_back({*row++, nullptr});
    const auto* newest = takeKey(change);
    if (!newest) continue;  // all of them are newer than the snapshot
    if (row != m_rows.end() && m_leaf->key(*row) == key) ++row;
    if (newest->op != RowOp::Delete) m_picks.push_back({0, newest});
  }
  for (; row != m_rows.end(); ++row) m_picks.push_back({*row, nullptr});
}

Status ScanCursor::addEnds(std::size_t count) {
  m_ends.clear();
  const auto last = m_state->core->index.last();
  for (auto i = m_at; i < m_at + count; ++i) {
    const auto* change = m_merged ? m_picks[i].change : nullptr;
    const auto row = m_merged ? m_picks[i].row : m_rows[i];
    DRIFT_ASSIGN(const auto end, endOfVersion(*m_state->core, m_request.tree, change ? change->key : m_leaf->key(row).view(),
                                              change ? change->seq : m_leaf->seq(row), last));
    m_ends.push_back(end);
  }
  return {};
}

Result<bool> ScanCursor::next(types::Chunk& out) {
  out.clear();
  while (m_at == rowsInRange()) {
    DRIFT_TRY(m_request.cancel.check());
    DRIFT_ASSIGN(const bool more, openRange());
    if (!more) return false;
  }
  DRIFT_TRY(m_request.cancel.check());
  const auto count = std::min(m_chunkRows, rowsInRange() - m_at);
  m_chunkRows = std::min(2 * m_chunkRows, types::kChunkRows);
  if (m_wantsEnds) DRIFT_TRY(addEnds(count));
  if (m_merged)
    DRIFT_TRY(fillChunk(m_leaf.get(), std::span(m_picks).subspan(m_at, count), m_request.columns, m_ends, out));
  else
    DRIFT_TRY(fillChunk(*m_leaf, m_rows.subspan(m_at, count), m_request.columns, m_ends, out,
                        m_view && m_view->isReused() && count == m_rows.size() ? m_view.get() : nullptr));
  m_at += count;
  return true;
}

}  // namespace drift::storage
