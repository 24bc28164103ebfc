// LeafWalker: the leaves of a tree in key order, within a key range. One thread.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "storage/page_cache.h"
#include "storage/store.h"

namespace drift::storage {

/// A leaf's reference and the keys that belong to it: [entry.lowKey, end).
struct LeafRange {
  const NodeEntry& entry;  ///< lives until the walker goes on
  std::optional<std::string> end;
};

class LeafWalker final {
 public:
  /// Decides whether a subtree, a leaf included, is left out.
  using Skip = std::function<bool(const NodeEntry& entry, const std::optional<std::string>& end)>;

  /// `root` may be null: an empty tree. It and the cache outlive the walker.
  LeafWalker(const PageCache& cache, const NodeEntry* root, KeyRange range, Skip skip = {});

  /// Gives the next leaf, or nothing at the end.
  Result<std::optional<LeafRange>> next();

 private:
  struct Level {
    std::shared_ptr<const InnerNode> node;
    std::size_t at = 0;
    std::optional<std::string> end;
  };

  bool outside(const NodeEntry& entry, const std::optional<std::string>& end) const;

  const PageCache& m_cache;
  KeyRange m_range;
  Skip m_skip;
  const NodeEntry* m_root;  ///< until it was handed out
  std::vector<Level> m_levels;
};

}  // namespace drift::storage
