#include "storage/history_summary.h"

#include <algorithm>
#include <limits>

#include "types/vector.h"

namespace drift::storage {

namespace {

Error malformed() { return Error(ErrorKind::DataCorrupted, "the index of commits is malformed"); }

bool changesTree(const IndexItem& commit, TreeId tree) {
  return std::ranges::find(commit.trees, tree, &TreeSums::tree) != commit.trees.end();
}

/// What lies before one edge.
struct Edge {
  ChangeSums sums;                  ///< of the tree
  std::uint64_t schemaChanges = 0;
  std::uint64_t position = 0;       ///< of the first commit at or after the edge; see Walk::seek()
};

/// Goes from edge to edge, in rising order, and keeps the path of blocks that leads to the last one.
class Walk final {
 public:
  Walk(const IndexTree& index, const IndexTree::View& view, TreeId tree) : m_index(index), m_tree(tree) {
    m_roots = IndexTree::rootsOf(view);
    if (const auto open = static_cast<std::size_t>(view.size - view.leaf->first()); open > 0)
      m_roots.push_back(IndexBlock::make(0, view.leaf->first(), view.leaf->items(open)));
  }

  /// Sums over the commits before `time`. The position may be that of an earlier commit where none of the tree and
  /// none of the catalog lies between.
  Result<Edge> seek(TimeMicros time) {
    while (!m_path.empty() && time > m_path.back().end) m_path.pop_back();
    if (m_path.empty() && !enterRoot(time)) return Edge();
    while (true) {
      const Step& step = m_path.back();
      const auto& block = *step.block;
      const auto before = block.countUpTo(time - 1);  // at least 1: the block begins before `time`
      if (block.level() == 0) return edgeAt(step, before, block.first() + before);
      const auto child = before - 1;
      auto edge = edgeAt(step, child, block.first() + child * block.step());
      if (m_tree != kAllTrees && !changes(block, child, m_tree) && !changes(block, child, kCatalogTree)) return edge;
      const auto end = before < block.size() ? block.keyAt(before) : step.end;
      DRIFT_ASSIGN(auto next, m_index.childOf(block, child));
      m_path.push_back({std::move(next), end, edge});
    }
  }

 private:
  struct Step {
    IndexBlockRef block;
    TimeMicros end = 0;  ///< time of the first commit behind the block
    Edge before;         ///< the block
  };

  static bool changes(const IndexBlock& block, std::size_t item, TreeId tree) {
    return block.nextChange(tree, item) == item;
  }

  Edge edgeAt(const Step& step, std::size_t item, std::uint64_t position) const {
    return {step.before.sums + step.block->sumsBefore(m_tree, item),
            step.before.schemaChanges + step.block->sumsBefore(kCatalogTree, item).commits, position};
  }

  /// Begins a path at the root that holds the last commit before `time`; gives false if there is no such commit.
  bool enterRoot(TimeMicros time) {
    if (m_roots.empty() || time <= m_roots.front()->keyAt(0)) return false;
    while (m_root + 1 < m_roots.size() && m_roots[m_root + 1]->keyAt(0) < time) {
      const auto& passed = *m_roots[m_root++];
      m_before = edgeAt({m_roots[m_root - 1], 0, m_before}, passed.size(), passed.end());
    }
    const auto end = m_root + 1 < m_roots.size() ? m_roots[m_root + 1]->keyAt(0) : std::numeric_limits<TimeMicros>::max();
    m_path.push_back({m_roots[m_root], end, m_before});
    return true;
  }

  const IndexTree& m_index;
  const TreeId m_tree;
  std::vector<IndexBlockRef> m_roots;
  std::size_t m_root = 0;
  Edge m_before;  ///< the root m_root
  std::vector<Step> m_path;
};

}  // namespace

HistoryReader::Found HistoryReader::nextIn(const IndexBlock& block, TreeId tree, std::uint64_t from) const {
  const auto start = from > block.first() ? static_cast<std::size_t>((from - block.first()) / block.step()) : 0;
  for (auto item = block.nextChange(tree, start); item; item = block.nextChange(tree, *item + 1)) {
    if (block.level() == 0) return std::optional(block.first() + *item);
    DRIFT_ASSIGN(const auto child, m_index.childOf(block, *item));
    DRIFT_ASSIGN(const auto found, nextIn(*child, tree, from));
    if (found) return found;  // only in the first may all be before `from`
  }
  return std::optional<std::uint64_t>();
}

HistoryReader::Found HistoryReader::lastIn(const IndexBlock& block, TreeId tree, std::uint64_t before) const {
  const auto covered = std::min(before, block.end()) - block.first();
  const auto stop = static_cast<std::size_t>((covered + block.step() - 1) / block.step());
  for (auto item = block.lastChange(tree, stop); item; item = block.lastChange(tree, *item)) {
    if (block.level() == 0) return std::optional(block.first() + *item);
    DRIFT_ASSIGN(const auto child, m_index.childOf(block, *item));
    DRIFT_ASSIGN(const auto found, lastIn(*child, tree, before));
    if (found) return found;
  }
  return std::optional<std::uint64_t>();
}

HistoryReader::Found HistoryReader::nextChange(TreeId tree, std::uint64_t from) const {
  for (const auto& root : IndexTree::rootsOf(m_view)) {
    if (from >= root->end()) continue;
    DRIFT_ASSIGN(const auto found, nextIn(*root, tree, from));
    if (found) return found;
  }
  const auto& leaf = *m_view.leaf;
  for (auto at = std::max(from, leaf.first()); at < m_view.size; ++at)
    if (changesTree(leaf[static_cast<std::size_t>(at - leaf.first())], tree)) return std::optional(at);
  return std::optional<std::uint64_t>();
}

HistoryReader::Found HistoryReader::lastChange(TreeId tree, std::uint64_t before) const {
  const auto& leaf = *m_view.leaf;
  for (auto at = std::min(before, m_view.size); at > leaf.first(); --at)
    if (changesTree(leaf[static_cast<std::size_t>(at - 1 - leaf.first())], tree)) return std::optional(at - 1);
  for (const auto& root : m_view.nodes) {
    if (!root || before <= root->first()) continue;
    DRIFT_ASSIGN(const auto found, lastIn(*root, tree, before));
    if (found) return found;
  }
  return std::optional<std::uint64_t>();
}

Result<std::vector<HistoryBucket>> summarizeHistory(const IndexTree& index, const SummaryRequest& request) {
  std::vector<HistoryBucket> buckets;
  buckets.reserve(request.buckets);
  const HistoryReader history(index);
  Walk walk(index, history.view(), request.tree);
  const auto width = static_cast<types::Int128>(request.to) - request.from;
  // Commits after the last one that counts are left out by their time.
  const auto seek = [&](TimeMicros time) {
    return walk.seek(request.lastTime < time ? request.lastTime + 1 : time);
  };
  DRIFT_ASSIGN(auto before, seek(request.from));
  for (std::size_t i = 0; i < request.buckets; ++i) {
    HistoryBucket bucket;
    bucket.start = request.from + static_cast<TimeMicros>(width * i / request.buckets);
    bucket.end = request.from + static_cast<TimeMicros>(width * (i + 1) / request.buckets);
    DRIFT_ASSIGN(const auto after, seek(bucket.end));
    const auto sums = after.sums - before.sums;
    bucket.commits = sums.commits;
    bucket.inserted = sums.inserted;
    bucket.updated = sums.updated;
    bucket.deleted = sums.deleted;
    bucket.schemaChanges = after.schemaChanges - before.schemaChanges;
    if (bucket.commits > 0) {
      DRIFT_ASSIGN(const auto first, history.nextChange(request.tree, before.position));
      DRIFT_ASSIGN(const auto last, history.lastChange(request.tree, after.position));
      if (!first || !last) return malformed();
      bucket.first = *first + 1;
      bucket.last = *last + 1;
    }
    before = after;
    buckets.push_back(bucket);
  }
  return buckets;
}

}  // namespace drift::storage
