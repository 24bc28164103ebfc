// Building an index on a table that has rows.
//
// Online, while others write: the first commit makes the index known, and from then on every writer keeps it; it is
// not read yet. The rows from before get their entries in batches, each a transaction of its own on the newest
// state. A last commit lets the index be read.
//
//   made (building) --batches--> complete --finish--> valid        any --abandon--> dropped
//
// A batch puts the entries that are missing. It fails with SerializationFailure where one of their rows changed
// meanwhile in a column of the index, and is run again then; the writer of that row has kept the index, so that cannot
// go on for ever. A writer that would take away an entry that is not there yet relies on that at its commit (see
// RowWriter).
//
// Thread rule: one thread at a time.
#pragma once

#include <string>

#include "exec/executions.h"

namespace drift::exec {

/// Adds the entries of all rows within the transaction. The table must not change before the commit: see
/// catalog::Catalog::putTable(). UniqueViolation with PostgreSQL's sentence.
Status fillIndex(const catalog::TableRef& table, TreeId index, const WriteContext& context);

/// The work on one index that is built online.
struct IndexBuild {
  TreeId table = 0;
  TreeId index = 0;
  std::string after{};  ///< key of the last row that was looked at; empty = none yet
};

struct BatchResult {
  std::string after;       ///< where the next batch begins, once this one is committed
  std::uint64_t rows = 0;  ///< rows that were looked at
  bool complete = false;   ///< there are no more
};

/// Puts the missing entries of the next `rowsMax` rows into the transaction. UniqueViolation; UndefinedObject where
/// the index was dropped meanwhile.
Result<BatchResult> buildBatch(const IndexBuild& build, std::size_t rowsMax, const ExecutionEnvironment& environment);
/// Lets the index be read, within the transaction. UndefinedObject.
Status finishBuild(const IndexBuild& build, const ExecutionEnvironment& environment);
/// Takes the index away within the transaction, if it is still there.
Status abandonBuild(const IndexBuild& build, const ExecutionEnvironment& environment);

}  // namespace drift::exec
