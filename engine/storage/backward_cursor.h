// BackwardCursor: the live rows of a tree at a snapshot, from the last key to the first.
//
// Leaf by leaf from the right; newer changes are merged in by searching for the next lower key, which costs O(log n) a
// row. Chunks are small at first, since who reads backwards often wants few rows.
// One thread; keeps its snapshot's state.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/leaf_chunk.h"
#include "storage/snapshot.h"

namespace drift::storage {

class BackwardCursor final : public Cursor {
 public:
  /// `request.skipRows` is 0.
  BackwardCursor(std::shared_ptr<const Snapshot::State> state, ScanRequest request);
  Result<bool> next(types::Chunk& out) override;

 private:
  Status openLeaf();
  void pick(std::size_t count);
  std::string_view changeBefore(const std::optional<std::string>& key) const;

  std::shared_ptr<const Snapshot::State> m_state;
  ScanRequest m_request;
  TreeChanges m_changes;
  std::optional<std::string> m_end;  ///< keys from here on are done; absent: none is
  bool m_ended = false;
  std::size_t m_chunkRows;  ///< rows of the next chunk

  // The keys that are being read: [m_low, m_end).
  bool m_isOpen = false;
  std::string m_low;
  std::shared_ptr<const Leaf> m_leaf;
  std::vector<std::uint32_t> m_rows;  ///< live rows of the leaf that are still to come
  std::vector<RowPick> m_picks;
  std::vector<CommitNumber> m_ends;
};

}  // namespace drift::storage
