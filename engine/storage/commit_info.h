// CommitInfo: what is known of one commit without reading its changes. Plain values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"

namespace drift::storage {

/// Rows that a commit changed in one tree.
struct TreeCounts {
  TreeId tree = 0;
  std::uint32_t inserted = 0;
  std::uint32_t updated = 0;
  std::uint32_t deleted = 0;
};

struct CommitInfo {
  CommitNumber number = 0;
  TimeMicros time = 0;
  std::string author;
  std::string message;
  bool changesSchema = false;          ///< the catalog tree is among the changed ones
  std::vector<TreeCounts> trees;       ///< user trees only, by id; index trees are left out
};

/// One column of a history plot: what happened in the half-open time range [start, end).
struct HistoryBucket {
  TimeMicros start = 0;
  TimeMicros end = 0;
  std::uint64_t commits = 0;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;
  std::uint64_t schemaChanges = 0;
  CommitNumber first = 0;  ///< lowest and highest commit of the range; 0 where commits == 0
  CommitNumber last = 0;
};

}  // namespace drift::storage
