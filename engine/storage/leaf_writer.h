// LeafWriter: brings the changes of an epoch into a leaf. Format: docs/formats/tree.md.
//
// Small changes become a run on top of the leaf's pages. When the runs have grown, a new base takes in what
// lived at the end of the epoch before: never the epoch's own changes, so that each of its moments can still be
// told. The only exception are keys that are new and changed once: nothing older is hidden by them.
// After the delta updating of Héman et al., "Positional Update Handling in Column Stores" (SIGMOD 2010), and the
// folds by time of Lomet and Salzberg, "Access Methods for Multiversion Data" (SIGMOD 1989).
// One thread.
#pragma once

#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "storage/memtable.h"
#include "storage/paced_writer.h"
#include "storage/page_cache.h"
#include "storage/page_encoder.h"

namespace drift::storage {

class LeafWriter final {
 public:
  /// Changes up to `previousCommit` are in `old` leaves already.
  LeafWriter(PacedWriter& file, const PageCache& cache, CommitNumber previousCommit)
      : m_file(file), m_cache(cache), m_previousCommit(previousCommit) {}

  /// Gives the entries of the leaves that replace `old` (null in a new tree) once `changes` are in it; they are
  /// sorted by key and commit, at least one, and all belong to the leaf.
  Result<std::vector<NodeEntry>> write(const NodeEntry* old, std::span<const MemtableEntry* const> changes);
  /// How many of these neighbours, from the first on, had better become one leaf; 1 for none. `changes` has those of
  /// each.
  static std::size_t joinable(std::span<const NodeEntry> leaves,
                              std::span<const std::vector<const MemtableEntry*>> changes);
  /// Gives the entries that replace neighbours which become one leaf. `changes`, maybe none, are those of all.
  Result<std::vector<NodeEntry>> join(std::span<const NodeEntry> leaves, std::span<const MemtableEntry* const> changes);

 private:
  using Changes = std::span<const MemtableEntry* const>;

  /// A key of the leaf, with the row that lived before the epoch and its changes in it.
  struct Item {
    std::optional<std::uint32_t> row;
    Changes changes;
    std::string_view key;
    std::uint64_t bytes = 0;  ///< of all that, about
  };
  /// Where the value of a row of a new base comes from: a row of the old leaf, or a change.
  struct Pick {
    std::uint32_t row = 0;
    const MemtableEntry* change = nullptr;
  };
  /// A page that was written, and the bytes of its keys and values before they were packed.
  struct Written {
    FrameRef page;
    std::uint64_t bytes = 0;
  };

  Result<std::vector<NodeEntry>> fold(const NodeEntry& entry, Changes changes);
  bool fitsRun(const LeafState& state, std::string_view lowKey, std::size_t changes, std::uint64_t changeBytes,
               std::uint64_t liveRows) const;
  Result<LeafState> withRun(LeafState state, Changes changes);
  std::vector<Item> mergeItems(Changes changes) const;
  std::vector<std::span<const Item>> split(const std::vector<Item>& items) const;
  Result<NodeEntry> writePart(std::span<const Item> items, NodeEntry entry);
  Result<LeafState> writeState(std::span<const Item> items);
  Result<std::vector<LeafSlice>> writeSlices(std::span<const Item> items);
  Result<LeafState> writeBase(std::span<const Pick> picks, CommitNumber baseCommit);
  Result<Written> writeRun(Changes changes);
  std::string_view keyOf(const Pick& pick) const;
  Result<std::vector<PageContents::Column>> gather(std::span<const Pick> picks) const;
  Status share(PageContents& contents) const;
  Status writeLargeColumns(PageContents& contents);

  PacedWriter& m_file;
  const PageCache& m_cache;
  const CommitNumber m_previousCommit;
  std::shared_ptr<const Leaf> m_leaf;       ///< the old one, while it is being replaced
  std::vector<types::StringRef> m_keys;     ///< of its rows
  std::uint64_t m_rowBytes = 0;             ///< of an average row of it
  DensePacker m_packer{SIZE_MAX};           ///< of large values
  VersionPageRef m_template;                ///< base that new ones may share keys and columns with
};

}  // namespace drift::storage
