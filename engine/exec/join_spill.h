// Joins whose inputs do not fit in memory: both are parted by the hash of their keys, and each pair of parts is joined
// alone. What cannot be parted (no keys, or one key with very many rows) is joined block by block: the rows of one side
// that fit, against all of the other side, again and again.
//
// Thread rule: one thread at a time.
#pragma once

#include <vector>

#include "exec/join_parts.h"
#include "exec/spill_partitions.h"

namespace drift::exec {

/// One input of a join, or a part of it.
struct JoinSide {
  OperatorPtr input;      ///< null: the rows are in `stream`
  SpillStreamPtr stream;

  Result<bool> next(types::Chunk& out) { return stream ? stream->next(out) : input->next(out); }
  /// Puts all rows that are left into a stream, which can be read again.
  Status keep(const std::vector<types::Type>& types, const OperatorContext& context);
};

struct JoinPair {
  JoinSide left;
  JoinSide right;
  unsigned level = 0;
  bool splits = true;  ///< parting it again promises smaller parts
};

/// Adds rows of a side to a table until it ends, which gives true, or the budget is full. `workerKeys`: the keys for
/// the further workers of the side's input. OutOfMemory …
Result<bool> fill(JoinSide& side, const std::vector<EvaluatorPtr>& keys, const WorkerKeys& workerKeys, JoinTable& table,
                  const runtime::MemoryBudget& budget, const OperatorContext& context);

/// Parts a pair of which `table` holds the first rows of the side that is read first.
Result<std::vector<JoinPair>> partPair(JoinPair pair, const JoinTable& table, bool readsLeft, const JoinParts& parts,
                                       const OperatorContext& context);

}  // namespace drift::exec
