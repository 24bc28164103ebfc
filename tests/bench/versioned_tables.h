// Tables in which every row has the same number of versions: ours and the rival with history, with equal contents.
#pragma once

#include <memory>
#include <string>

#include "storage_bench.h"

namespace drift::bench {

struct VersionedTables {
  DriftTable ours;
  SqliteRival history;
  std::vector<SharedMoment> moments{};  ///< from the moment on at which all rows are there
};

/// Inserts `rows` rows and updates each `versions - 1` times, in passes of random order, in commits of 1,000 rows.
/// The rival's history is copied in bulk and indexed at the end. `name` is that of the files.
std::unique_ptr<VersionedTables> makeVersionedTables(StorageBench& bench, std::int64_t rows, int versions,
                                                     const std::string& name);

}  // namespace drift::bench
