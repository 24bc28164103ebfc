// RowBuffer: rows that an operator holds until it has seen all of them, in full chunks, counted against the
// statement's memory. Rows have numbers 0, 1, 2 … in the order they came.
//
// Thread rule: one thread at a time. Vectors that gather() makes share the strings of the buffer; they keep
// it alive as long as they live, which is why buffers are held by shared_ptr.
#pragma once

#include <memory>
#include <span>
#include <vector>

#include "exec/memory_reservation.h"
#include "types/vector.h"

namespace drift::exec {

class RowBuffer final {
 public:
  RowBuffer(std::vector<types::Type> types, const runtime::MemoryBudget& budget);

  /// Adds the rows `rows` of a chunk of the buffer's types. OutOfMemory.
  Status append(const types::Chunk& chunk, std::span<const std::uint16_t> rows);
  /// Adds all rows of a chunk. OutOfMemory.
  Status append(const types::Chunk& chunk);

  std::size_t rowCount() const { return m_rowCount; }
  const std::vector<types::Type>& columnTypes() const { return m_types; }
  /// Read access to a column in the chunk that holds row `row`; index it with row % types::kChunkRows.
  const types::VectorView& view(std::size_t column, std::size_t row) const {
    return m_chunks[row / types::kChunkRows].views[column];
  }
  /// Gives a column of the chunk that holds row `row`, to share once no rows are added any more.
  const types::Vector& stored(std::size_t column, std::size_t row) const {
    return m_chunks[row / types::kChunkRows].chunk.column(column);
  }
  /// The value of a column in a row. T must be the physical type's C++ type.
  template <class T>
  const T& value(std::size_t column, std::size_t row) const {
    return static_cast<const T*>(m_arrays[column][row / types::kChunkRows])[row % types::kChunkRows];
  }
  /// True if some row of the column is NULL.
  bool hasNulls(std::size_t column) const { return m_hasNulls[column] != 0; }

 private:
  struct Stored {
    types::Chunk chunk;
    std::vector<types::VectorView> views;
  };

  void startChunk();

  std::vector<types::Type> m_types;
  std::vector<Stored> m_chunks;
  std::vector<std::vector<const void*>> m_arrays;  ///< of each column: the arrays of its chunks
  std::vector<std::uint8_t> m_hasNulls;            ///< of each column
  std::size_t m_rowCount = 0;
  MemoryReservation m_memory;
};

using RowBufferRef = std::shared_ptr<RowBuffer>;

/// A row that gather() shows as NULLs.
inline constexpr std::uint32_t kNoRow = UINT32_MAX;

/// Gives column `column` of the rows `rows`, in that order.
types::Vector gather(const RowBufferRef& buffer, std::size_t column, std::span<const std::uint32_t> rows);
/// Gives the rows from `first` on, at most a chunk of them; none past the end.
types::Chunk chunkOf(const RowBufferRef& buffer, std::size_t first);

}  // namespace drift::exec
