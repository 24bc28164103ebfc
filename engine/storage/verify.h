// Verification of a whole file. One thread; reads only.
#pragma once

#include "storage/snapshot.h"
#include "storage/superblock.h"

namespace drift::storage {

/// What there was when a verification began; taken in one moment, so that commits beside it do not show.
struct VerifiedState {
  std::uint64_t fileBytes = 0;
  std::uint64_t end = 0;                ///< of the last frame that the store knows
  SuperblockRead superblocks;           ///< read from the file just now
  EpochRef newest;                      ///< epoch; null before the first
};

/// Reads every frame and every page up to the end, and checks
/// - frames: checksums and order; commits: numbers, times and the hash chain;
/// - epochs: the commit, its hash and the place of the log that each one names, and their list;
/// - the index of commits: time, place and row counts of each;
/// - pages: order, ranges, row counts, newest commits, the greatest key;
/// - the log against the trees: the versions of both are the same, and at the last epoch, at some older ones and at a
///   moment between them, what the log left alive is what the trees show, values included (replay_check.h).
/// Findings are sentences with a place. Memory: that of the replay, and 50 bytes for each page of the file.
Result<VerifyReport> verifyFile(const StoreCore& core, VerifiedState state, runtime::CancelToken cancel);

}  // namespace drift::storage
