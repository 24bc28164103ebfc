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
  std::shared_ptr<const Epochs> epochs;
};

/// Reads every frame and every page up to the end, and checks checksums, order, the hash chain, row
/// counts, page order, and that log and trees hold the same versions. Findings are sentences with a place.
Result<VerifyReport> verifyFile(const StoreCore& core, VerifiedState state, runtime::CancelToken cancel);

}  // namespace drift::storage
