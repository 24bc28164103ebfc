// DistinctRows: of rows with equal keys, the first one. As long as the keys fit in memory it is known at once whether a
// row is new; of what does not fit, rows are put by in parts and told at the end.
//
// Thread rule: one thread at a time. State: add() any number of times, then next() to its end.
#pragma once

#include <deque>
#include <memory>
#include <vector>

#include "exec/key_table.h"
#include "exec/spill_partitions.h"

namespace drift::exec {

class DistinctRows final {
 public:
  /// Rows of `types`, of which the first `keyCount` columns are compared; NULLs are equal to each other.
  DistinctRows(std::vector<types::Type> types, std::size_t keyCount, const OperatorContext& context);

  /// Takes rows; `fresh` becomes those that are known to be new. OutOfMemory, DiskFull, LimitExceeded, IoError.
  Status add(const types::Chunk& rows, types::Selection& fresh);
  /// After the last add(): fills `out` with rows that were put by and are new. Rows of one key come in any order among
  /// those of others, and after all rows that add() told of. Gives false, with none, at the end.
  Result<bool> next(types::Chunk& out);

 private:
  struct Part {
    SpillStreamPtr rows;
    unsigned level = 0;
  };

  void startTable();
  types::Chunk keysOf(const types::Chunk& rows) const;
  /// Puts the parts that were written to the others.
  Status endParts();

  const std::vector<types::Type> m_types;
  const std::size_t m_keyCount;
  const OperatorContext& m_context;
  runtime::MemoryBudget m_budget;
  std::unique_ptr<KeyTable> m_seen;
  std::unique_ptr<SpillPartitions> m_parts;  ///< set: the table takes no more keys
  std::deque<Part> m_waiting;
  Part m_current;  ///< being read; null rows: none
  unsigned m_level = 0;
};

}  // namespace drift::exec
