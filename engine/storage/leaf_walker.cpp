#include "storage/leaf_walker.h"

#include <utility>

namespace drift::storage {

LeafWalker::LeafWalker(const PageCache& cache, const NodeEntry* root, KeyRange range, Skip skip)
    : m_cache(cache), m_range(std::move(range)), m_skip(std::move(skip)), m_root(root) {}

bool LeafWalker::outside(const NodeEntry& entry, const std::optional<std::string>& end) const {
  if (m_range.from && end && *end <= *m_range.from) return true;
  return m_range.to && entry.lowKey >= *m_range.to;
}

Result<std::optional<LeafRange>> LeafWalker::next() {
  while (true) {
    const NodeEntry* entry = std::exchange(m_root, nullptr);
    std::optional<std::string> end;
    if (!entry) {
      while (!m_levels.empty() && m_levels.back().at == m_levels.back().node->size()) m_levels.pop_back();
      if (m_levels.empty()) return std::optional<LeafRange>();
      auto& level = m_levels.back();
      entry = &(*level.node)[level.at++];
      end = level.at < level.node->size() ? std::optional((*level.node)[level.at].lowKey) : level.end;
    }
    if (outside(*entry, end) || (m_skip && m_skip(*entry, end))) continue;
    if (entry->isLeaf) return std::optional(LeafRange{*entry, std::move(end)});
    DRIFT_ASSIGN(auto node, m_cache.inner(entry->page));
    m_levels.push_back({std::move(node), 0, std::move(end)});
  }
}

}  // namespace drift::storage
