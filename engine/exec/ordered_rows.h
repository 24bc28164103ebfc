// Sorting rows by group and keys: keys are compared as bytes, so one comparison decides over any number of columns.
//
// One thread at a time; memory is counted against the statement's budget.
#pragma once

#include <string>
#include <vector>

#include "exec/row_buffer.h"
#include "plan/expression.h"

namespace drift::exec {

/// Appends what stands for a value in a sort key. NULLs are told apart by a byte of their own, since the encoding of
/// keys knows one place for them only.
void appendSortKey(std::string& bytes, const types::Vector& values, std::size_t row, plan::KeyOrder order);

/// Rows of groups, to be read group by group in the order of their keys.
class OrderedRows final {
 public:
  OrderedRows(std::vector<types::Type> types, std::vector<plan::KeyOrder> order, runtime::MemoryBudget& budget)
      : m_rows(std::make_shared<RowBuffer>(std::move(types), budget)), m_order(std::move(order)), m_memory(budget) {}

  /// Adds rows: of each its group, its values and its keys. OutOfMemory.
  Status append(std::span<const std::uint32_t> groups, const types::Chunk& values, std::span<const types::Vector> keys);
  /// Sorts what was added; next() can then be called.
  void sort();
  /// Fills in the next rows with their groups; gives false at the end.
  bool next(std::vector<std::uint32_t>& groups, types::Chunk& values);

 private:
  struct Entry {
    std::uint32_t group = 0;
    types::StringRef key;
    std::uint32_t row = 0;
  };

  RowBufferRef m_rows;
  std::vector<plan::KeyOrder> m_order;
  types::StringHeap m_heap;
  std::vector<Entry> m_entries;
  MemoryReservation m_memory;
  std::size_t m_at = 0;
};

}  // namespace drift::exec
