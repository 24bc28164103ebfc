// Salvage: what can be read out of a damaged file, into a new one. One thread; the damaged file is only read.
//
// Every sound frame is found, whatever lies between; commits are replayed in order. Where some are lost, later ones
// still apply: a change that its lost predecessors made impossible is turned into the one that leads to the same
// row (an update of a row that is not there inserts it).
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "platform/file_system.h"
#include "runtime/query_context.h"
#include "storage/store.h"

namespace drift::storage {

/// Numbers of commits in the damaged file, both ends included.
struct CommitRange {
  CommitNumber first = 0;
  CommitNumber last = 0;
};

struct SalvageReport {
  std::uint64_t commits = 0;        ///< saved; later ones move up to the numbers of those that are lost
  std::vector<CommitRange> lost;    ///< gaps that later commits prove
  std::uint64_t bytesUnread = 0;    ///< in frames that are not sound
  /// Behind a gap: inserts for updates and the like, deletes left out; those of indexes are not counted.
  std::uint64_t changesAdapted = 0;
};

/// Makes a commit behind lost ones in the new file, in place of Store::commit(): for who knows what the trees are, and
/// keeps indexes in step with their tables. Its changes fit the rows that are there.
using SalvageReplay = std::function<Status(Store& store, CommitRequest request)>;

/// Writes what is left of `damaged` into the new file `target`. FileExists; NotADatabase or DataCorrupted where not even
/// one superblock is left, since it has what tells this file's frames from others'; then no file is made.
Result<SalvageReport> salvage(platform::FileSystem& files, const std::string& damaged, const std::string& target,
                              const Clock& clock, runtime::CancelToken cancel, SalvageReplay replay = {});

}  // namespace drift::storage
