// CommitIndex: numbers, times, places and row counts of all commits, in memory, for binary searches.
//
// Thread rule: thread-safe; one writer (the sequencer or recovery), any readers. Readers name the last commit
// that they may see, since a commit is entered before it is durable.
// Memory: 24 bytes a commit and 32 a changed tree of a commit.
#pragma once

#include <map>
#include <optional>
#include <shared_mutex>
#include <vector>

#include "storage/commit_frame.h"

namespace drift::storage {

/// One commit as the index keeps it.
struct IndexedCommit {
  TimeMicros time = 0;
  FrameRef frame;                   ///< its first frame
  std::vector<TreeCounts> counts;   ///< all trees
  std::vector<TreeId> indexTrees;   ///< which of them are indexes
};

class CommitIndex final {
 public:
  /// Enters the next commit.
  void append(IndexedCommit commit);
  CommitNumber size() const;
  /// Forgets everything: recovery starts over.
  void clear();

  TimeMicros timeOf(CommitNumber number) const;
  FrameRef frameOf(CommitNumber number) const;
  /// Last commit <= `last` with time <= `time`; 0 for none.
  CommitNumber commitAt(TimeMicros time, CommitNumber last) const;
  std::optional<CommitNumber> step(CommitNumber number, bool forward, TreeId tree, CommitNumber last) const;
  CommitNumber lastChange(TreeId tree, CommitNumber number) const;
  std::vector<HistoryBucket> summary(TimeMicros from, TimeMicros to, std::size_t bucketCount, TreeId tree,
                                     CommitNumber last) const;

  /// Encodes commits first..last for an epoch, and enters such a block again. Format: docs/formats/log.md.
  Bytes encode(CommitNumber first, CommitNumber last) const;
  Status decode(ByteSpan bytes);

 private:
  /// Running sums after a commit.
  struct Sums {
    std::uint64_t inserted = 0;
    std::uint64_t updated = 0;
    std::uint64_t deleted = 0;
    std::uint64_t schemaChanges = 0;
  };
  /// The commits that changed one tree, with the counts of each and their sums.
  struct TreeHistory {
    std::vector<CommitNumber> commits;
    std::vector<TreeCounts> counts;
    std::vector<Sums> sums;
    bool isIndex = false;
  };

  void enter(IndexedCommit commit);
  Sums sumsUpTo(CommitNumber number, TreeId tree) const;
  CommitNumber commitAtLocked(TimeMicros time, CommitNumber last) const;

  mutable std::shared_mutex m_mutex;  // guards everything below
  std::vector<TimeMicros> m_times;
  std::vector<FrameRef> m_frames;
  std::vector<Sums> m_sums;
  std::map<TreeId, TreeHistory> m_trees;
};

}  // namespace drift::storage
