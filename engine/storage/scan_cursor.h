// ScanCursor: the live rows of a tree at a snapshot, leaf by leaf, with the memtable merged in.
// One thread; keeps its snapshot's state.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "storage/leaf_walker.h"
#include "storage/snapshot.h"

namespace drift::storage {

/// The newest version, up to a commit, of the key that starts at `row` of a leaf.
struct VisibleRow {
  std::size_t row = 0;
  std::size_t next = 0;  ///< first row of the next key
  bool visible = false;  ///< false where all versions are newer
};
VisibleRow lastVisible(const Leaf& leaf, std::size_t row, CommitNumber number);

class ScanCursor final : public Cursor {
 public:
  ScanCursor(std::shared_ptr<const Snapshot::State> state, ScanRequest request);
  Result<bool> next(types::Chunk& out) override;

 private:
  Result<bool> openRange();
  void collect();
  void addPlace(RowPlace place);
  Status addEnds();
  bool skipWhole(const NodeEntry& entry, const std::optional<std::string>& end);
  bool pendingInRange() const;

  std::shared_ptr<const Snapshot::State> m_state;
  ScanRequest m_request;
  TreeChanges m_changes;
  LeafWalker m_walker;
  bool m_wantsEnds = false;

  bool m_open = false;             ///< a range is being read
  bool m_anyRange = false;         ///< the walker gave one
  bool m_ended = false;
  std::shared_ptr<const Leaf> m_leaf;
  std::size_t m_row = 0;
  std::size_t m_rowEnd = 0;
  std::optional<std::string> m_end;
  TreeChanges::Position m_change;

  std::uint64_t m_skip = 0;
  std::vector<RowPlace> m_places;
  std::vector<CommitNumber> m_ends;
};

}  // namespace drift::storage
