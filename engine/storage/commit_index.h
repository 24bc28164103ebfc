// CommitIndex: numbers, times, places and row counts of all commits, without reading the log.
//
// It is an IndexTree over the commits, keyed by their time; docs/formats/commit_index.md has the bytes and the
// reasons. Opening reads one frame. A look-up reads at most one block a level, three for a million commits.
//
// Thread rule: thread-safe; one thread appends (the sequencer or recovery), one writes and adopts, any read. No lock
// is held while a file is read. Readers name the last commit that they may see, since a commit is entered before it
// is durable.
// Errors of reading: DataCorrupted, IoError.
#pragma once

#include "storage/commit_frame.h"
#include "storage/history_summary.h"
#include "storage/kept_history.h"

namespace drift::storage {

/// One commit as the index keeps it.
struct IndexedCommit {
  TimeMicros time = 0;
  FrameRef frame;                     ///< its first frame
  std::vector<TreeCounts> counts{};   ///< all trees, by tree
  std::vector<TreeId> indexTrees{};   ///< which of them are indexes: left out of what counts for all tables
};

class CommitIndex final {
 public:
  /// `file` outlives this. `cacheBytesMax` bounds what is kept of the file beside the newest commits.
  CommitIndex(const FrameFile& file, std::size_t cacheBytesMax)
      : m_file(file), m_tree(file, FrameKind::CommitIndex, true, cacheBytesMax) {}

  /// Says which numbers the commits have, before anything else is called. Without this: 1, 2, 3 …
  void setKept(KeptCommits kept) { m_kept = std::move(kept); }
  const KeptCommits& kept() const { return m_kept; }

  /// Enters the next commit, which gets the number next(); its time is above that of the one before.
  void append(IndexedCommit commit);
  /// How many commits there are.
  std::uint64_t size() const { return m_tree.size(); }
  /// Number of the last commit; 0 where there is none.
  CommitNumber last() const { return numberOf(m_tree.size()); }
  /// Number that the next commit gets.
  CommitNumber next() const { return m_kept.numberAt(m_tree.size()); }
  /// Forgets everything: recovery starts over.
  void clear() { m_tree.clear(); }

  // Numbers that are given must be those of kept commits up to last(), or 0, where nothing else is said.
  /// Time and first frame of a commit. For 0 the smallest time.
  Result<TimeMicros> timeOf(CommitNumber number) const;
  Result<FrameRef> frameOf(CommitNumber number) const;
  /// Last commit <= `last` with time <= `time`; 0 for none.
  Result<CommitNumber> commitAt(TimeMicros time, CommitNumber last) const;
  /// Nearest commit up to `last` after (forward) or before any `number` that changed `tree`; any commit for tree 0.
  Result<std::optional<CommitNumber>> step(CommitNumber number, bool forward, TreeId tree, CommitNumber last) const;
  /// Last commit <= any `number` that changed `tree`; 0 for none.
  Result<CommitNumber> lastChange(TreeId tree, CommitNumber number) const;
  /// Sums of equal slices of [from, to) for one tree, or all users' tables with tree 0. Schema changes are always
  /// those of the whole file. O(bucketCount · log n); reads at most the blocks that hold an edge of a bucket.
  Result<std::vector<HistoryBucket>> summary(TimeMicros from, TimeMicros to, std::size_t bucketCount, TreeId tree,
                                             CommitNumber last) const;

  /// What write() put into the file.
  struct Written {
    FrameRef root;  ///< kept by the epoch
    IndexTree::Written blocks;
  };
  /// Appends what the file lacks about the commits up to `last`, at the end the root. Errors are FrameFile's.
  Result<Written> write(PacedWriter& file, CommitNumber last) const;
  /// Lets go of what is in the file, once that was synced.
  void adopt(const Written& written) { m_tree.adopt(written.blocks); }
  /// Continues from the root that an epoch wrote. Commits that were appended beyond it stay. After an error
  /// nothing has changed.
  Status open(FrameRef root);

 private:
  /// Number of the last of so many commits.
  CommitNumber numberOf(std::uint64_t count) const { return count == 0 ? 0 : m_kept.numberAt(count - 1); }

  const FrameFile& m_file;
  KeptCommits m_kept;
  IndexTree m_tree;
};

}  // namespace drift::storage
