// Replay check: the log against the trees. What the commits left alive at a moment is, row by row and value by value,
// what the trees show of it.
//
// The log is replayed into a table of hashes; at each chosen moment every row of every tree is looked up in it, and
// what was not met is missing in the trees. Where more rows live than the table takes, keys are divided by their hash
// and the log is read once for each part.
// Memory: the table, kReplayRowsMax entries of about 100 bytes; one commit, one leaf. Time: the log and the trees at
// each moment, times the parts. One thread; reads around the cache.
#pragma once

#include <functional>
#include <span>
#include <vector>

#include "storage/snapshot.h"

namespace drift::storage {

/// Rows that a replay keeps at a time.
inline constexpr std::size_t kReplayRowsMax = 1u << 20;

struct ReplayCheck {
  const StoreCore& core;
  std::span<const EpochRef> epochs;   ///< all, from old to new
  std::uint64_t end = 0;              ///< of the log that is read: it must be sound up to there
  std::vector<CommitNumber> moments;  ///< rising; each reached by an epoch
  runtime::CancelToken cancel{};
  std::size_t rowsMax = kReplayRowsMax;
  /// Takes a finding: where, and the sentence.
  std::function<void(std::uint64_t offset, std::string sentence)> note;
};

/// QueryCanceled, IoError; damage is a finding. Pages that cannot be read are left out: other checks tell of them.
Status checkReplay(const ReplayCheck& check);

}  // namespace drift::storage
