#include "storage/snapshot.h"

#include <algorithm>

#include "storage/leaf_walker.h"
#include "storage/scan_cursor.h"

namespace drift::storage {

namespace {

/// Live rows of a subtree at a commit: its stored count where no row came or went since.
Result<std::uint64_t> countRows(const PageCache& cache, const NodeEntry& entry, CommitNumber number) {
  if (entry.newestCount <= number) return entry.liveRows;
  if (entry.isLeaf) {
    DRIFT_ASSIGN(const auto leaf, cache.leafAt(entry, number));
    return leaf->countVisible(number);
  }
  std::uint64_t rows = 0;
  DRIFT_ASSIGN(const auto node, cache.inner(entry.page));
  for (const auto& child : *node) {
    DRIFT_ASSIGN(const auto part, countRows(cache, child, number));
    rows += part;
  }
  return rows;
}

/// The pages of the leaf that a key belongs to, as they serve a commit.
Result<std::shared_ptr<LeafPages>> findPages(const PageCache& cache, const NodeEntry& root, std::string_view key,
                                             CommitNumber number) {
  const auto* entry = &root;
  std::shared_ptr<const InnerNode> node;  // keeps the entry
  while (!entry->isLeaf) {
    DRIFT_ASSIGN(node, cache.inner(entry->page));
    const auto after = std::ranges::upper_bound(*node, key, {}, &NodeEntry::lowKey);
    entry = after == node->begin() ? &node->front() : &*std::prev(after);
  }
  return std::make_shared<LeafPages>(cache, entry->sliceAt(number).state);
}

}  // namespace

CommitNumber Snapshot::number() const { return m_state->number; }
Result<TimeMicros> Snapshot::time() const { return m_state->core->index.timeOf(m_state->number); }

Result<std::unique_ptr<Cursor>> Snapshot::scan(ScanRequest request) const {
  return std::unique_ptr<Cursor>(std::make_unique<ScanCursor>(m_state, std::move(request)));
}

Result<std::optional<RowVersion>> Snapshot::get(TreeId tree, std::string_view key,
                                                std::span<const LayoutColumn> columns) const {
  FoundRow row;
  row.change = m_state->changes(tree).findLast(key, m_state->number);
  if (const auto* root = m_state->root(tree); root && !row.change) {
    DRIFT_ASSIGN(row.pages, findPages(m_state->core->cache, root->root, key, m_state->number));
    DRIFT_ASSIGN(const auto version, row.pages->find(key, m_state->number));
    if (version) row.version = *version;
    else row.pages = nullptr;
  }
  if ((!row.change && !row.pages) || row.op() == RowOp::Delete) return std::optional<RowVersion>();
  RowVersion result{{}, row.seq(), row.op()};
  DRIFT_ASSIGN(result.values, valuesOf(row, key, columns));
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].id != kEndSeqColumn) continue;
    DRIFT_ASSIGN(const auto end, endOfVersion(*m_state->core, tree, key, result.seq, m_state->core->index.size()));
    if (end != kNoCommit) result.values[i] = types::Value::bigInt(static_cast<std::int64_t>(end));
  }
  return std::optional(std::move(result));
}

Result<std::uint64_t> Snapshot::rowCount(TreeId tree) const {
  std::uint64_t rows = 0;
  if (const auto* root = m_state->root(tree)) {
    DRIFT_ASSIGN(rows, countRows(m_state->core->cache, root->root, m_state->number));
  }
  return rows + static_cast<std::uint64_t>(m_state->changes(tree).netRows({}, std::nullopt, m_state->number));
}

Result<std::string> Snapshot::highestKey(TreeId tree) const {
  // Numbers are never used twice, so a snapshot of the past asks the newest state too.
  const auto contents = m_state->core->contents();
  std::string highest(contents.memtables.find(tree).highestKey());
  if (!contents.epochs->empty()) {
    const auto& trees = contents.epochs->back()->trees;
    if (const auto found = trees.find(tree); found != trees.end()) highest = std::max(highest, found->second.highestKey);
  }
  return highest;
}

}  // namespace drift::storage
