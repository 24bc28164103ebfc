// The difference of two commits in one tree. One thread; keeps alive what it reads.
//
// Subtrees without newer commits are left out, and where a leaf has all versions since the older commit it names the
// keys to compare: the cost grows with what changed.
#pragma once

#include <memory>
#include <vector>

#include "storage/snapshot.h"

namespace drift::storage {

/// See Store::diff(); `from` is the older snapshot.
Result<std::unique_ptr<Cursor>> readDiff(const Snapshot& from, const Snapshot& to, TreeId tree,
                                         std::vector<LayoutColumn> columns, runtime::CancelToken cancel);

}  // namespace drift::storage
