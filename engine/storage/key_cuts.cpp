#include "storage/key_cuts.h"

#include "base/out_of_memory.h"
#include "storage/snapshot.h"

namespace drift::storage {

namespace {

using Level = std::vector<std::shared_ptr<const InnerNode>>;

/// The entries of a level that have keys of a range.
std::vector<const NodeEntry*> entriesWithin(const Level& level, const KeyRange& range) {
  std::vector<const NodeEntry*> entries;
  for (const auto& node : level) {
    for (std::size_t at = 0; at < node->size(); ++at) {
      const bool endsBefore = range.from && at + 1 < node->size() && (*node)[at + 1].lowKey <= *range.from;
      const bool beginsBehind = range.to && (*node)[at].lowKey >= *range.to;
      if (!endsBefore && !beginsBehind) entries.push_back(&(*node)[at]);
    }
  }
  return entries;
}

Result<std::vector<std::string>> cut(const PageCache& cache, const NodeEntry& root, const KeyRange& range,
                                     std::size_t most) {
  std::vector<std::string> keys;
  if (root.isLeaf || most == 0) return keys;
  DRIFT_ASSIGN(auto top, cache.inner(root.page));
  Level level{std::move(top)};
  // One level after the other, until it has entries enough, or they are leaves.
  while (true) {
    const auto entries = entriesWithin(level, range);
    keys.clear();
    for (const auto* entry : entries)
      if (range.from ? entry->lowKey > *range.from : !entry->lowKey.empty()) keys.push_back(entry->lowKey);
    if (keys.size() >= most || entries.empty() || entries.front()->isLeaf) break;
    Level below;
    for (const auto* entry : entries) {
      DRIFT_ASSIGN(auto node, cache.inner(entry->page));
      below.push_back(std::move(node));
    }
    level = std::move(below);
  }
  if (keys.size() <= most) return keys;
  std::vector<std::string> some;
  for (std::size_t at = 1; at <= most; ++at) some.push_back(keys[at * keys.size() / (most + 1)]);
  return some;
}

}  // namespace

Result<std::vector<std::string>> cutKeys(const Snapshot& snapshot, TreeId tree, const KeyRange& range,
                                         std::size_t most) {
  return catchBadAlloc([&]() -> Result<std::vector<std::string>> {
    const auto& state = *snapshot.state();
    const auto* root = state.root(tree);
    if (!root) return std::vector<std::string>();
    return cut(state.core->cache, root->root, range, most);
  });
}

}  // namespace drift::storage
