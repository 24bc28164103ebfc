#include "storage/snapshot.h"

#include <algorithm>
#include <cassert>

#include "base/out_of_memory.h"
#include "storage/backward_cursor.h"
#include "storage/edge_cursor.h"
#include "storage/leaf_walker.h"
#include "storage/scan_cursor.h"
#include "types/text.h"

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

/// The pages of the leaf that a key belongs to, as they serve a commit. `end`, where asked for, becomes the first key
/// behind the leaf; nothing behind the last one.
Result<LeafPagesRef> findPages(const PageCache& cache, const NodeEntry& root, std::string_view key, CommitNumber number,
                               std::optional<std::string>* end = nullptr) {
  const auto* entry = &root;
  std::shared_ptr<const InnerNode> node;  // keeps the entry
  while (!entry->isLeaf) {
    DRIFT_ASSIGN(node, cache.inner(entry->page));
    const auto child = childOf(*node, key);
    if (end && child + 1 != node->end()) *end = (child + 1)->lowKey;
    entry = &*child;
  }
  return cache.pages(entry->sliceAt(number).state);
}

/// About how many rows of a subtree, whose keys end before `end`, are in a range.
Result<std::uint64_t> estimate(const PageCache& cache, const NodeEntry& entry, const std::optional<std::string>& end,
                               const KeyRange& range, CommitNumber number) {
  if ((range.from && end && *end <= *range.from) || (range.to && entry.lowKey >= *range.to)) return 0;
  if ((!range.from || entry.lowKey >= *range.from) && (!range.to || (end && *end <= *range.to))) return entry.liveRows;
  if (entry.isLeaf) {
    DRIFT_ASSIGN(const auto leaf, cache.leafAt(entry, number));
    const auto from = range.from ? leaf->lowerBound(*range.from, 0) : 0;
    const auto to = range.to ? leaf->lowerBound(*range.to, 0) : leaf->rowCount();
    std::vector<std::uint32_t> rows;
    if (from < to) leaf->findVisible(number, from, to, rows);
    return rows.size();
  }
  std::uint64_t rows = 0;
  DRIFT_ASSIGN(const auto node, cache.inner(entry.page));
  for (std::size_t at = 0; at < node->size(); ++at) {
    const auto childEnd = at + 1 < node->size() ? std::optional((*node)[at + 1].lowKey) : end;
    DRIFT_ASSIGN(const auto part, estimate(cache, (*node)[at], childEnd, range, number));
    rows += part;
  }
  return rows;
}

}  // namespace

CommitNumber Snapshot::number() const { return m_state->number; }
Result<TimeMicros> Snapshot::time() const {
  return catchBadAlloc([&] { return m_state->core->index.timeOf(m_state->number); });
}

std::string timeText(TimeMicros time) {
  return types::toText(types::Value::timestampTz(time), types::TextStyle());
}

Status Snapshot::State::checkHorizon(TreeId tree) const {
  if (core->horizons.empty() || number == 0) return {};
  const auto found = core->horizons.find(tree);
  if (found == core->horizons.end() || number >= found->second) return {};
  DRIFT_ASSIGN(const auto time, core->index.timeOf(found->second));
  return makeError(ErrorKind::MomentOutOfRange,
                   "the rows as of commit {} were not kept; the nearest that were are those of commit {} of {}", number,
                   found->second, timeText(time));
}

Result<std::shared_ptr<const Leaf>> Snapshot::State::leaf(const NodeEntry& entry,
                                                          std::span<const ColumnRange> wanted) const {
  DRIFT_ASSIGN(const bool may, mayHave(core->cache, entry.sliceAt(number).state, wanted));
  if (may) return core->cache.leafAt(entry, number);
  ++core->leavesSkipped;
  return std::shared_ptr<const Leaf>();
}

Result<std::unique_ptr<Cursor>> Snapshot::scan(ScanRequest request) const {
  return edgeCursor([&]() -> Result<std::unique_ptr<Cursor>> {
    DRIFT_TRY(m_state->checkHorizon(request.tree));
    if (request.backwards)
      return std::unique_ptr<Cursor>(std::make_unique<BackwardCursor>(m_state, std::move(request)));
    return std::unique_ptr<Cursor>(std::make_unique<ScanCursor>(m_state, std::move(request)));
  });
}

Result<std::optional<RowVersion>> Snapshot::get(TreeId tree, std::string_view key,
                                                std::span<const LayoutColumn> columns) const {
  return catchBadAlloc([&]() -> Result<std::optional<RowVersion>> {
    DRIFT_TRY(m_state->checkHorizon(tree));
    FoundRow row;
    row.change = m_state->changes(tree).findLast(key, m_state->number);
    if (const auto* root = m_state->root(tree); root && !row.change) {
      DRIFT_ASSIGN(row.pages, findPages(m_state->core->cache, root->root, key, m_state->number));
      DRIFT_ASSIGN(const auto version, row.pages->find(SoughtKey(key), m_state->number));
      if (version) row.version = *version;
      else row.pages = nullptr;
    }
    if ((!row.change && !row.pages) || row.op() == RowOp::Delete) return std::optional<RowVersion>();
    RowVersion result{{}, row.seq(), row.op()};
    DRIFT_ASSIGN(result.values, valuesOf(row, key, columns));
    for (std::size_t i = 0; i < columns.size(); ++i) {
      if (columns[i].id != kEndSeqColumn) continue;
      DRIFT_ASSIGN(const auto end, endOfVersion(*m_state->core, tree, key, result.seq, m_state->core->index.last()));
      if (end != kNoCommit) result.values[i] = types::Value::bigInt(static_cast<std::int64_t>(end));
    }
    return std::optional(std::move(result));
  });
}

Result<types::Chunk> Snapshot::getAll(TreeId tree, std::span<const std::string> keys,
                                      std::span<const LayoutColumn> columns) const {
  return catchBadAlloc([&]() -> Result<types::Chunk> {
    assert(std::ranges::is_sorted(keys));
    DRIFT_TRY(m_state->checkHorizon(tree));
    const auto changes = m_state->changes(tree);
    const auto* root = m_state->root(tree);
    types::Chunk chunk;
    for (const auto& column : columns) chunk.addColumn(types::Vector(column.type, keys.size()));
    std::size_t rows = 0;
    LeafPagesRef leaf;  // of the key before: as keys rise, the next one is often there, too
    std::optional<std::string> end;
    for (const auto& key : keys) {
      FoundRow row;
      row.change = changes.findLast(key, m_state->number);
      if (!row.change && root) {
        if (!leaf || (end && key >= *end)) {
          end.reset();
          DRIFT_ASSIGN(leaf, findPages(m_state->core->cache, root->root, key, m_state->number, &end));
        }
        row.pages = leaf;
        DRIFT_ASSIGN(const auto version, row.pages->find(SoughtKey(key), m_state->number));
        if (!version) continue;
        row.version = *version;
      }
      if ((!row.change && !row.pages) || row.op() == RowOp::Delete) continue;
      DRIFT_ASSIGN(const auto values, valuesOf(row, key, columns));
      for (std::size_t at = 0; at < values.size(); ++at) chunk.column(at).set(rows, values[at]);
      ++rows;
    }
    chunk.setRowCount(rows);
    return chunk;
  });
}

Result<std::uint64_t> Snapshot::estimateRows(TreeId tree, const KeyRange& range, std::uint64_t stepsMax) const {
  return catchBadAlloc([&]() -> Result<std::uint64_t> {
    std::int64_t rows = 0;
    if (const auto* root = m_state->root(tree)) {
      DRIFT_ASSIGN(const auto inPages,
                   estimate(m_state->core->cache, root->root, std::nullopt, range, m_state->number));
      rows = static_cast<std::int64_t>(inPages);
    }
    const auto changes = m_state->changes(tree);
    if (!range.from && !range.to) {
      rows += static_cast<std::int64_t>(changes.insertsAndDeletes());
    } else if (changes.insertsAndDeletes() > 0) {
      auto change = changes.seek(range.from ? std::string_view(*range.from) : std::string_view(), 0);
      const auto goesOn = [&](std::uint64_t step) {
        return step < stepsMax && change && (!range.to || change->key < *range.to);
      };
      for (std::uint64_t step = 0; goesOn(step); ++step, ++change)
        rows += change->op == RowOp::Insert ? 1 : change->op == RowOp::Delete ? -1 : 0;
    }
    return static_cast<std::uint64_t>(std::max<std::int64_t>(rows, 0));
  });
}

Result<std::uint64_t> Snapshot::rowCount(TreeId tree) const {
  return catchBadAlloc([&]() -> Result<std::uint64_t> {
    DRIFT_TRY(m_state->checkHorizon(tree));
    std::uint64_t rows = 0;
    if (const auto* root = m_state->root(tree)) {
      DRIFT_ASSIGN(rows, countRows(m_state->core->cache, root->root, m_state->number));
    }
    return rows + static_cast<std::uint64_t>(m_state->changes(tree).netRows({}, std::nullopt, m_state->number));
  });
}

Result<std::string> Snapshot::highestKey(TreeId tree) const {
  return catchBadAlloc([&]() -> Result<std::string> {
    // Numbers are never used twice, so a snapshot of the past asks the newest state too.
    const auto contents = m_state->core->contents();
    std::string highest(contents.memtables.find(tree).highestKey());
    if (!contents.epochs->empty()) {
      const auto& trees = contents.epochs->newest()->trees;
      if (const auto found = trees.find(tree); found != trees.end())
        highest = std::max(highest, found->second.highestKey);
    }
    return highest;
  });
}

}  // namespace drift::storage
