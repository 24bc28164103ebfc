#include "storage/leaf_walker.h"

namespace drift::storage {

LeafWalker::LeafWalker(const PageCache& cache, const NodeEntry* root, KeyRange range, Skip skip)
    : m_cache(cache), m_range(std::move(range)), m_skip(std::move(skip)) {
  if (root) m_root = *root;
}

bool LeafWalker::outside(const NodeEntry& entry, const std::optional<std::string>& end) const {
  if (m_range.from && end && *end <= *m_range.from) return true;
  return m_range.to && entry.lowKey >= *m_range.to;
}

Result<std::optional<LeafRange>> LeafWalker::next() {
  while (true) {
    LeafRange next;
    if (m_root) {
      next.entry = std::move(*m_root);
      m_root.reset();
    } else {
      while (!m_levels.empty() && m_levels.back().at == m_levels.back().node->size()) m_levels.pop_back();
      if (m_levels.empty()) return std::optional<LeafRange>();
      auto& level = m_levels.back();
      next.entry = (*level.node)[level.at++];
      next.end = level.at < level.node->size() ? std::optional((*level.node)[level.at].lowKey) : level.end;
    }
    if (outside(next.entry, next.end) || (m_skip && m_skip(next.entry, next.end))) continue;
    if (next.entry.isLeaf) return std::optional(std::move(next));
    DRIFT_ASSIGN(auto node, m_cache.inner(next.entry.page));
    m_levels.push_back({std::move(node), 0, std::move(next.end)});
  }
}

}  // namespace drift::storage
