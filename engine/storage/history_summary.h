// History summary: what was changed when, from the sums that the index of commits keeps at every level.
//
// An edge of a bucket lies in one leaf. All blocks on the way there have the sums before it, so an edge costs one
// path, and the sums of a bucket are the difference of its edges: exact, and the same at any zoom.
// Source: a prefix sum over a tree with stored aggregates, as in the "range aggregate" B-trees of Srivastava and
// Lum, "A tree based access method (TBSAM) for fast processing of aggregate queries", ICDE 1988.
//
// Thread rule: one thread for each object; it sees the index as it stood when the object was made.
#pragma once

#include "storage/index_tree.h"

namespace drift::storage {

/// Steps through the commits of one tree (kAllTrees: all). Numbers are positions: commit number - 1.
class HistoryReader final {
 public:
  explicit HistoryReader(const IndexTree& index) : m_index(index), m_view(index.view()) {}

  /// The first position from `from` on, or the last below `before`, that changed the tree.
  Result<std::optional<std::uint64_t>> nextChange(TreeId tree, std::uint64_t from) const;
  Result<std::optional<std::uint64_t>> lastChange(TreeId tree, std::uint64_t before) const;

  const IndexTree::View& view() const { return m_view; }

 private:
  using Found = Result<std::optional<std::uint64_t>>;
  Found nextIn(const IndexBlock& block, TreeId tree, std::uint64_t from) const;
  Found lastIn(const IndexBlock& block, TreeId tree, std::uint64_t before) const;

  const IndexTree& m_index;
  const IndexTree::View m_view;
};

struct SummaryRequest {
  TimeMicros from = 0;
  TimeMicros to = 0;          ///< above `from`
  std::size_t buckets = 1;
  TreeId tree = kAllTrees;
  TimeMicros lastTime = 0;    ///< time of the last commit to count
};

/// The buckets' first and last are positions + 1 here.
Result<std::vector<HistoryBucket>> summarizeHistory(const IndexTree& index, const SummaryRequest& request);

}  // namespace drift::storage
