// Tables in which every row has the same number of versions: ours and the rival with history, with equal contents.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "drift_table.h"
#include "measure.h"
#include "sqlite_rival.h"

namespace drift::bench {

/// A moment that ours and the rival with history can both name.
struct SharedMoment {
  CommitNumber ours = 0;
  std::int64_t rival = 0;
};

struct VersionedTables {
  DriftTable ours;
  SqliteRival history;
  std::vector<SharedMoment> moments{};  ///< from the moment on at which all rows are there
};

/// Inserts `rows` rows and updates each `versions - 1` times, in passes of random order, in commits of 1,000 rows.
/// The rival's history is copied in bulk and indexed at the end. The files are named after both numbers.
std::unique_ptr<VersionedTables> makeVersionedTables(const ScratchFolder& folder, std::uint64_t seed, std::int64_t rows,
                                                     int versions);

}  // namespace drift::bench
