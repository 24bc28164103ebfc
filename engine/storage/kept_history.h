// KeptHistory: which commits a file still has, and from where on each tree's versions are there. Format:
// docs/formats/kept_history.md; reasons: docs/adr/0006-numbers-stay.md.
//
// Commits keep their numbers for good, so where a rewrite left some out, numbers have gaps. Within a file commits are
// counted by position (0, 1, 2 …), and this maps the one to the other. A file that was never thinned has one run of
// numbers, from 1 on.
// Thread rule: plain values.
#pragma once

#include <cstdint>
#include <limits>
#include <map>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "base/result.h"

namespace drift::storage {

class KeptCommits final {
 public:
  /// Commits with consecutive numbers; the last run has no end, since new commits follow it.
  struct Run {
    CommitNumber first = 1;
    std::uint64_t position = 0;  ///< of the first
    /// Time of the first commit that is missing before this run. Up to then the commit before the gap is the state.
    TimeMicros gapTime = std::numeric_limits<TimeMicros>::min();
    friend bool operator==(const Run&, const Run&) = default;
  };

  /// All of them.
  KeptCommits() : m_runs(1) {}

  /// Takes runs of rising numbers and positions that begin at 0; DataCorrupted otherwise.
  static Result<KeptCommits> fromRuns(std::vector<Run> runs);

  const std::vector<Run>& runs() const { return m_runs; }
  bool hasGaps() const { return m_runs.size() > 1 || m_runs.front().first != 1; }

  /// Number of kept commits <= `number`. O(log runs), as all of these.
  std::uint64_t countUpTo(CommitNumber number) const;
  CommitNumber numberAt(std::uint64_t position) const;
  /// False for 0.
  bool contains(CommitNumber number) const;
  /// The first kept commit from `number` on.
  CommitNumber nextFrom(CommitNumber number) const { return contains(number) ? number : numberAt(countUpTo(number)); }
  /// The last kept commit <= `number`; 0 if there is none.
  CommitNumber lastUpTo(CommitNumber number) const;
  /// The run that begins at a position, if one does and it is behind a gap.
  const Run* gapBefore(std::uint64_t position) const;

  /// Without the gaps behind a kept commit: what follows it then has the numbers behind it.
  KeptCommits upTo(CommitNumber number) const;

  friend bool operator==(const KeptCommits&, const KeptCommits&) = default;

 private:
  std::vector<Run> m_runs;
};

/// Builds KeptCommits from rising numbers.
class KeptCommitsBuilder final {
 public:
  /// `gapTime` is the time of the first commit that is missing between this one and the one before, where one is.
  void add(CommitNumber number, TimeMicros gapTime);
  /// Nothing may follow; with no commits, all are kept.
  Result<KeptCommits> finish() &&;

 private:
  std::vector<KeptCommits::Run> m_runs;
  CommitNumber m_last = 0;
  std::uint64_t m_count = 0;
};

struct KeptHistory {
  KeptCommits commits;
  /// The commit from which on a tree's versions are there, where that is not the first one. What lived then counts as
  /// inserted by it.
  std::map<TreeId, CommitNumber> horizons;

  bool isEverything() const { return !commits.hasGaps() && horizons.empty(); }
  /// 0 for a tree that was never cut.
  CommitNumber horizon(TreeId tree) const {
    const auto found = horizons.find(tree);
    return found == horizons.end() ? 0 : found->second;
  }
};

Bytes encodeKeptHistory(const KeptHistory& kept);
/// DataCorrupted.
Result<KeptHistory> decodeKeptHistory(ByteSpan payload);

}  // namespace drift::storage
