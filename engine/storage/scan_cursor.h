// ScanCursor: the live rows of a tree at a snapshot, leaf by leaf, with newer changes merged in.
// One thread; keeps its snapshot's state.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/leaf_chunk.h"
#include "storage/leaf_walker.h"
#include "storage/snapshot.h"

namespace drift::storage {

class ScanCursor final : public Cursor {
 public:
  ScanCursor(std::shared_ptr<const Snapshot::State> state, ScanRequest request);
  Result<bool> next(types::Chunk& out) override;

 private:
  Result<bool> openRange();
  void mergeChanges(TreeChanges::Position change);
  const MemtableEntry* takeKey(TreeChanges::Position& change) const;
  bool inRange(const TreeChanges::Position& change) const;
  std::size_t rowsInRange() const { return m_merged ? m_picks.size() : m_rows.size(); }
  Status addEnds(std::size_t count);
  bool skipWhole(const NodeEntry& entry, const std::optional<std::string>& end);

  std::shared_ptr<const Snapshot::State> m_state;
  ScanRequest m_request;
  TreeChanges m_changes;
  LeafWalker m_walker;
  bool m_wantsEnds = false;
  std::uint64_t m_skip = 0;
  std::size_t m_chunkRows = types::kChunkRows;  ///< rows of the next chunk at most

  // The range of keys that is being read: a leaf's, or all where there is no leaf yet.
  bool m_anyRange = false;                 ///< there was one
  std::shared_ptr<const Leaf> m_leaf;
  std::optional<std::string> m_end;
  std::shared_ptr<const LeafView> m_view;  ///< where the whole leaf is read
  std::vector<std::uint32_t> m_rowsOfPart; ///< where it is not
  std::span<const std::uint32_t> m_rows;   ///< live rows of the leaf, of one of the two
  bool m_merged = false;                   ///< there are changes in the range, so m_picks counts
  std::vector<RowPick> m_picks;
  std::size_t m_at = 0;                    ///< next of them
  std::vector<CommitNumber> m_ends;
};

}  // namespace drift::storage
