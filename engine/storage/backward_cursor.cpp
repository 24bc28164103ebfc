#include "storage/backward_cursor.h"

#include <algorithm>
#include <cassert>

namespace drift::storage {

namespace {

constexpr std::size_t kFirstChunkRows = 64;

}  // namespace

BackwardCursor::BackwardCursor(std::shared_ptr<const Snapshot::State> state, ScanRequest request)
    : m_state(std::move(state)),
      m_request(std::move(request)),
      m_changes(m_state->changes(m_request.tree)),
      m_end(m_request.range.to),
      m_chunkRows(kFirstChunkRows) {
  assert(m_request.skipRows == 0);
}

/// Opens the last leaf with keys before m_end.
Status BackwardCursor::openLeaf() {
  m_isOpen = true;
  m_leaf = nullptr;
  m_rows.clear();
  m_low.clear();
  const auto& from = m_request.range.from;
  if (const auto* root = m_state->root(m_request.tree)) {
    const auto* entry = &root->root;
    std::shared_ptr<const InnerNode> node;  // keeps the entry
    while (!entry->isLeaf) {
      DRIFT_ASSIGN(node, m_state->core->cache.inner(entry->page));
      const auto after = m_end ? std::ranges::lower_bound(*node, *m_end, {}, &NodeEntry::lowKey) : node->end();
      entry = after == node->begin() ? &node->front() : &*std::prev(after);
    }
    m_low = entry->lowKey;
    DRIFT_ASSIGN(m_leaf, m_state->leaf(*entry, m_request.wanted));
  }
  if (from && *from > m_low) m_low = *from;
  if (!m_leaf) return {};
  const auto first = m_low.empty() ? 0 : m_leaf->lowerBound(m_low, 0);
  const auto last = m_end ? m_leaf->lowerBound(*m_end, 0) : m_leaf->rowCount();
  if (first < last) m_leaf->findVisible(m_state->number, first, last, m_rows);
  return {};
}

/// Greatest key of the changes before `key` that is in the part being read; empty if there is none. (An empty key is
/// no row's key.)
std::string_view BackwardCursor::changeBefore(const std::optional<std::string>& key) const {
  const auto found = m_changes.highestKeyBefore(key);
  return found < m_low ? std::string_view() : found;
}

/// Takes rows of the open part, the last ones first.
void BackwardCursor::pick(std::size_t count) {
  auto change = changeBefore(m_end);
  while (m_picks.size() < count) {
    if (m_rows.empty() && change.empty()) {
      m_isOpen = false;
      m_end = m_low;
      m_ended = m_low.empty() || (m_request.range.from && m_low <= *m_request.range.from);
      return;
    }
    if (!m_rows.empty() && m_leaf->key(m_rows.back()).view() > change) {
      m_end = std::string(m_leaf->key(m_rows.back()).view());
      m_picks.push_back({m_rows.back(), nullptr});
      m_rows.pop_back();
      continue;
    }
    const auto* newest = m_changes.findLast(change, m_state->number);
    if (newest) {  // else all of its versions are newer than the snapshot
      if (!m_rows.empty() && m_leaf->key(m_rows.back()).view() == change) m_rows.pop_back();
      if (newest->op != RowOp::Delete) m_picks.push_back({0, newest});
    } else if (!m_rows.empty() && m_leaf->key(m_rows.back()).view() == change) {
      m_picks.push_back({m_rows.back(), nullptr});
      m_rows.pop_back();
    }
    m_end = std::string(change);
    change = changeBefore(m_end);
  }
}

Result<bool> BackwardCursor::next(types::Chunk& out) {
  out.clear();
  m_picks.clear();
  while (m_picks.empty()) {
    DRIFT_TRY(m_request.cancel.check());
    if (m_ended) return false;
    if (!m_isOpen) DRIFT_TRY(openLeaf());
    pick(m_chunkRows);
  }
  m_chunkRows = std::min(m_chunkRows * 2, types::kChunkRows);
  m_ends.clear();
  const bool wantsEnds =
      std::ranges::any_of(m_request.columns, [](const auto& column) { return column.id == kEndSeqColumn; });
  for (const auto& row : m_picks) {
    if (!wantsEnds) break;
    DRIFT_ASSIGN(const auto end,
                 endOfVersion(*m_state->core, m_request.tree, row.change ? row.change->key : m_leaf->key(row.row).view(),
                              row.change ? row.change->seq : m_leaf->seq(row.row), m_state->core->index.last()));
    m_ends.push_back(end);
  }
  DRIFT_TRY(fillChunk(m_leaf.get(), m_picks, m_request.columns, m_ends, out));
  return true;
}

}  // namespace drift::storage
