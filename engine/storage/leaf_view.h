// LeafView: the rows of a leaf that are live at a commit, kept for the next who reads the leaf at that moment: then
// their values lie side by side, as if the leaf had no other versions.
//
// Thread rule: immutable but for a cache of columns that is its own lock's; shared freely. Its leaf outlives it.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <vector>

#include "storage/row.h"
#include "types/vector.h"

namespace drift::storage {

class Leaf;

class LeafView final {
 public:
  LeafView(const Leaf& leaf, CommitNumber number);

  /// Whether it shows the leaf at a commit too: no version came or went between the two.
  bool covers(CommitNumber number) const { return m_from <= number && number < m_to; }
  /// Rows of the leaf, rising.
  const std::vector<std::uint32_t>& rows() const { return m_rows; }
  /// Says that it is used again: from then on columns() has values.
  void setReused() { m_reused.store(true, std::memory_order_relaxed); }
  bool isReused() const { return m_reused.load(std::memory_order_relaxed); }
  /// The leaf's values of a column at these rows, one behind the other; null where no row of the leaf has that column.
  Result<const types::Vector*> column(ColumnId id) const;
  /// Bytes to count in a cache; they grow as columns are asked for.
  std::size_t sizeBytes() const;

 private:
  const Leaf& m_leaf;
  CommitNumber m_from = 0;  ///< first and last commit, half-open, at which these are the live rows
  CommitNumber m_to = kNoCommit;
  std::vector<std::uint32_t> m_rows;
  std::atomic<bool> m_reused{false};
  mutable std::atomic<std::size_t> m_columnBytes{0};
  mutable std::mutex m_mutex;  // guards m_columns
  mutable std::map<ColumnId, std::unique_ptr<types::Vector>> m_columns;
};

}  // namespace drift::storage
