// Readers of history: all versions of a tree, and of one key. One thread each; they keep alive what they read.
#pragma once

#include <memory>
#include <vector>

#include "storage/snapshot.h"

namespace drift::storage {

/// Versions that a history read holds before it asks for a bound.
inline constexpr std::size_t kVersionsMax = 1'000'000;

/// All versions of a tree up to commit `last` that `range` meets, by key and commit. LimitExceeded.
Result<std::unique_ptr<Cursor>> readVersions(std::shared_ptr<const StoreCore> core, const ScanRequest& request,
                                             VersionRange range, CommitNumber last);

/// See Store::history().
Result<std::vector<RowVersion>> readHistory(const StoreCore& core, TreeId tree, std::string_view key,
                                            std::span<const LayoutColumn> columns, CommitNumber before,
                                            std::size_t limit);

/// Commit of the first version of a key, a delete too, after commit `after` and up to `last`, if there is one.
Result<std::optional<CommitNumber>> nextVersion(const StoreCore& core, TreeId tree, std::string_view key,
                                                CommitNumber after, CommitNumber last);

}  // namespace drift::storage
