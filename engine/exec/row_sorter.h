// RowSorter: sorts any number of rows. Keys are compared as memcomparable bytes, so that one comparison decides over
// any number of columns; rows with equal keys stay in the order they came.
//
// As long as they fit, rows lie in a RowBuffer. Beyond that, sorted runs go to the statement's temporary file and are
// merged, several at a time (Knuth, TAOCP 5.4.1: replacement of memory by runs, balanced merging).
//
// Thread rule: one thread at a time. State: append() any number of times, finish(), then next().
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "exec/row_buffer.h"
#include "exec/spill_partitions.h"
#include "plan/expression.h"

namespace drift::exec {

/// Appends what stands for a value in a sort key. NULLs are told apart by a byte of their own, since the encoding of
/// keys knows one place for them only.
void appendSortKey(std::string& bytes, const types::Vector& values, std::size_t row, plan::KeyOrder order);

class RowSorter final {
 public:
  /// `limit`: only so many of the first rows are wanted.
  RowSorter(std::vector<types::Type> types, std::vector<plan::KeyOrder> order, std::optional<std::uint64_t> limit,
            const OperatorContext& context);

  /// Adds rows with their keys. OutOfMemory, DiskFull, LimitExceeded, IoError.
  Status append(const types::Chunk& rows, std::span<const types::Vector> keys);
  /// Sorts what was added.
  Status finish();
  /// Fills `out` with the next rows; gives false, with none, at the end.
  Result<bool> next(types::Chunk& out);

 private:
  struct Entry {
    types::StringRef key;
    std::uint32_t row = 0;
    friend bool operator<(const Entry& a, const Entry& b) {
      const auto order = a.key <=> b.key;
      return order != 0 ? order < 0 : a.row < b.row;
    }
  };
  class Merge;

  void startBuffers();
  /// Drops rows that cannot be among the first `limit`.
  Status prune();
  void sortEntries();
  types::Chunk rowsOf(std::size_t first, std::size_t count) const;
  Status writeRun();
  Status mergeRuns();

  const std::vector<types::Type> m_types;
  const std::vector<plan::KeyOrder> m_order;
  const std::optional<std::uint64_t> m_limit;
  const OperatorContext& m_context;
  runtime::MemoryBudget m_budget;
  RowBufferRef m_rows;
  std::unique_ptr<types::StringHeap> m_heap;  ///< of the keys
  std::vector<Entry> m_entries;
  MemoryReservation m_memory;
  std::vector<SpillStreamPtr> m_runs;  ///< in the order their rows came: the rows' columns, then the key
  std::shared_ptr<Merge> m_merge;      ///< of the last runs
  std::uint64_t m_at = 0;              ///< rows given
};

}  // namespace drift::exec
