// What a snapshot refers to, and the readers that share it. Internal to storage.
//
// Thread rule: StoreCore's parts are thread-safe; a SnapshotState is immutable.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <vector>

#include "storage/commit_index.h"
#include "storage/epoch_list.h"
#include "storage/leaf_pages.h"
#include "storage/memtable.h"
#include "storage/page_cache.h"
#include "storage/store.h"
#include "storage/tree_changes.h"

namespace drift::storage {

/// All that was committed so far: each version is in the epoch that made it, or else in a memtable.
struct StoreContents {
  std::shared_ptr<const Epochs> epochs = std::make_shared<Epochs>();
  Memtables memtables;  ///< changes after the last epoch
};

/// The parts of an open store that readers use.
struct StoreCore {
  StoreCore(std::unique_ptr<FrameFile> frames, std::size_t cacheBytesMax)
      : file(std::move(frames)),
        cache(*file, cacheBytesMax),
        index(*file, cacheBytesMax / 16),
        epochList(*file, cacheBytesMax / 32) {}

  /// Epochs and memtables as they stand now, of one moment: no version is in both.
  StoreContents contents() const {
    const std::scoped_lock lock(mutex);
    return current;
  }
  std::shared_ptr<const Epochs> epochs() const { return contents().epochs; }

  std::unique_ptr<FrameFile> file;
  mutable PageCache cache;
  CommitIndex index;
  EpochList epochList;
  std::map<TreeId, CommitNumber> horizons;  ///< see KeptHistory; set before anybody reads
  mutable std::atomic<std::uint64_t> leavesSkipped{0};
  mutable std::mutex mutex;                 // guards the one below
  StoreContents current;
};

struct Snapshot::State {
  std::shared_ptr<const StoreCore> core;
  CommitNumber number = 0;
  EpochRef epoch;        ///< the first that reaches `number`, or the last of all; null before the first
  Memtables memtables;   ///< none where the epoch covers `number`

  const TreeRoot* root(TreeId tree) const {
    if (!epoch) return nullptr;
    const auto found = epoch->trees.find(tree);
    return found == epoch->trees.end() ? nullptr : &found->second;
  }
  /// The leaf that serves this moment; null where none of its rows can be wanted, which is counted.
  Result<std::shared_ptr<const Leaf>> leaf(const NodeEntry& entry, std::span<const ColumnRange> wanted) const;
  /// MomentOutOfRange where the tree's rows of this moment were left out by a rewrite.
  Status checkHorizon(TreeId tree) const;
  /// Changes of a tree since `epoch`; they live as long as this.
  TreeChanges changes(TreeId tree) const { return memtables.find(tree); }
};

/// A commit's time as sentences show it: in UTC.
std::string timeText(TimeMicros time);

/// Where a row of many is: in a leaf, or in a memtable.
struct RowPlace {
  std::shared_ptr<const Leaf> leaf;
  std::size_t row = 0;
  const MemtableEntry* entry = nullptr;

  /// Refers to the entry, or to the leaf where it is long.
  types::StringRef key() const { return entry ? types::StringRef(entry->key) : leaf->key(row); }
  CommitNumber seq() const { return entry ? entry->seq : leaf->seq(row); }
  RowOp op() const { return entry ? entry->op : leaf->op(row); }
};

/// One row that was looked for: a change, or a version in the pages of a leaf.
struct FoundRow {
  const MemtableEntry* change = nullptr;
  LeafPagesRef pages;
  LeafPages::Version version;

  CommitNumber seq() const { return change ? change->seq : pages->seq(version); }
  RowOp op() const { return change ? change->op : pages->op(version); }
};

/// The values of a row that is no delete; kEndSeqColumn is NULL. DataCorrupted, IoError. `older`, with its values, may
/// be an older version of the row, which saves reading what did not change since.
Result<std::vector<types::Value>> valuesOf(const FoundRow& row, std::string_view key,
                                           std::span<const LayoutColumn> columns, const FoundRow* older = nullptr,
                                           std::span<const types::Value> olderValues = {});

/// Commit that ended the version (key, seq) of a tree, up to commit `last`; kNoCommit while it lives.
Result<CommitNumber> endOfVersion(const StoreCore& core, TreeId tree, std::string_view key, CommitNumber seq,
                                  CommitNumber last);

/// Fills a chunk with the columns of rows; `ends` gives kEndSeqColumn, kNoCommit as NULL. Values of leaves
/// are shared, not copied, where all rows come from one leaf.
Status fillChunk(std::span<const RowPlace> places, std::span<const LayoutColumn> columns,
                 std::span<const CommitNumber> ends, types::Chunk& out);

}  // namespace drift::storage
