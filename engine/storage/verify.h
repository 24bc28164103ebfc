// Verification of a whole file. One thread; reads only.
#pragma once

#include "storage/snapshot.h"
#include "storage/superblock.h"

namespace drift::storage {

/// Reads both superblocks, every frame and every page, and checks checksums, order, the hash chain, row
/// counts, page order, and that log and trees hold the same versions. Findings are sentences with a place.
Result<VerifyReport> verifyFile(const StoreCore& core, const Superblock& superblock, runtime::CancelToken cancel);

}  // namespace drift::storage
