// EpochList: the epochs of a file by their number and by their last commit. The newest is in memory; the others are
// read when they are asked for.
//
// It is an IndexTree without sums over the epochs, keyed by their last commits: docs/formats/tree.md has the bytes. An
// epoch's frame holds the root of the list of those before it, so opening reads one frame, however many epochs there
// are; finding one reads at most one block a level, two for 16,384 epochs, and its own frame.
//
// Thread rule: thread-safe; one thread appends, writes and adopts, any read. An Epochs is immutable.
// Memory: what IndexTree says, and a cache of a stated size.
#pragma once

#include <vector>

#include "storage/epoch.h"
#include "storage/index_tree.h"

namespace drift::storage {

class EpochList final {
 public:
  /// `file` outlives this.
  EpochList(const FrameFile& file, std::size_t cacheBytesMax)
      : m_file(file), m_tree(file, FrameKind::EpochIndex, false, cacheBytesMax), m_cache(cacheBytesMax) {}

  /// Continues from what an epoch's frame holds. Epochs that are known beyond it stay. DataCorrupted, IoError; then
  /// nothing has changed.
  Status open(ByteSpan root) { return m_tree.open(root); }
  /// Enters the next epoch, once it is in the file.
  void append(const EpochRoots& epoch);
  void clear();

  /// Appends the blocks that became full, and gives the root over all epochs so far for the next one's frame. Errors
  /// are FrameFile's.
  Result<IndexTree::Written> write(PacedWriter& file) const { return m_tree.write(file, m_tree.size()); }
  /// Lets go of blocks in memory that are in the file now, after it was synced.
  void adopt(const IndexTree::Written& written) { m_tree.adopt(written); }

  IndexTree::View view() const { return m_tree.view(); }
  /// Where an epoch lies, and its last commit; position 0 is epoch 1. DataCorrupted, IoError.
  struct Entry {
    CommitNumber lastCommit = 0;
    FrameRef frame;
    friend bool operator==(const Entry&, const Entry&) = default;
  };
  Result<Entry> entryAt(const IndexTree::View& view, std::uint64_t position) const;
  /// Number of epochs that end before a commit: the position of the first that reaches it. DataCorrupted, IoError.
  Result<std::uint64_t> countBefore(const IndexTree::View& view, CommitNumber number) const;
  /// An epoch, from the cache or from the file. DataCorrupted, IoError.
  Result<EpochRef> read(const IndexTree::View& view, std::uint64_t position) const;

 private:
  const FrameFile& m_file;
  IndexTree m_tree;
  mutable LruCache<std::uint64_t, EpochRef> m_cache;  ///< by offset
};

/// The epochs as they stood in one moment, from old to new: positions are their numbers less one.
class Epochs final {
 public:
  Epochs() = default;
  /// `list` has all up to `newest`, and outlives this. No epochs where `newest` is null.
  Epochs(const EpochList& list, EpochRef newest)
      : m_list(&list), m_view(list.view()), m_newest(std::move(newest)) {}

  bool empty() const { return !m_newest; }
  std::uint64_t size() const { return m_newest ? m_newest->number : 0; }
  /// Null where there is none.
  const EpochRef& newest() const { return m_newest; }
  // These read: DataCorrupted, IoError.
  Result<EpochRef> at(std::uint64_t position) const;
  /// Position of the first that reaches a commit; size() where none does.
  Result<std::uint64_t> firstReaching(CommitNumber number) const;
  /// That one; null where none does.
  Result<EpochRef> reaching(CommitNumber number) const;

 private:
  const EpochList* m_list = nullptr;
  IndexTree::View m_view;
  EpochRef m_newest;
};

/// All epochs up to `newest` from old to new, by the frames that each one names as the one before: what there is to
/// read in files without lists, and to hold lists against. DataCorrupted where they do not follow each other; IoError.
Result<std::vector<EpochRef>> readEpochChain(const FrameFile& file, EpochRef newest);

}  // namespace drift::storage
