// WindowBatch and Frames: which rows a window shows to a row. A batch holds whole partitions; a frame is what is left
// of a partition after its bounds and EXCLUDE.
//
// One thread at a time. Frames refers to its batch.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <vector>

#include "exec/row_buffer.h"
#include "sql/ast_expression.h"

namespace drift::exec {

/// Rows [from, to) of a batch.
struct RowInterval {
  std::uint32_t from = 0;
  std::uint32_t to = 0;
  std::uint32_t size() const { return to - from; }
};

/// Some whole partitions, sorted. Peers are rows of one partition that the order does not tell apart.
struct WindowBatch {
  RowBufferRef rows;
  std::vector<std::uint32_t> partitionStarts;  ///< first row of each, then the number of all rows
  std::vector<std::uint32_t> groupStarts;      ///< first row of each group of peers, then the number of all rows
  std::vector<std::uint32_t> groupOf;          ///< by row: its group of peers

  std::size_t rowCount() const { return rows->rowCount(); }
  std::size_t partitionCount() const { return partitionStarts.size() - 1; }
  RowInterval partition(std::size_t at) const { return {partitionStarts[at], partitionStarts[at + 1]}; }
  RowInterval peers(std::uint32_t row) const { return {groupStarts[groupOf[row]], groupStarts[groupOf[row] + 1]}; }
};

/// Bounds of a frame, with their offsets computed.
struct FrameShape {
  sql::FrameUnit unit = sql::FrameUnit::Range;
  sql::FrameBoundKind start = sql::FrameBoundKind::UnboundedPreceding;
  sql::FrameBoundKind end = sql::FrameBoundKind::CurrentRow;
  sql::FrameExclusion exclusion = sql::FrameExclusion::NoOthers;
  bool isOrdered = false;
  std::uint64_t startOffset = 0;  ///< ROWS, GROUPS
  std::uint64_t endOffset = 0;
  // RANGE with an offset: columns of the batch.
  std::size_t value = 0;       ///< what is ordered by
  std::size_t startBound = 0;  ///< the value of a frame's first row is not before this
  std::size_t endBound = 0;    ///< and that of its last row not behind this
  bool descending = false;
  types::PhysicalType physical = types::PhysicalType::Int64;

  /// True if every frame is its whole partition.
  bool isWhole() const;
  /// True if every frame is the partition up to some row.
  bool isPrefix() const;
};

class Frames final {
 public:
  Frames(const FrameShape& shape, const WindowBatch& batch) : m_shape(shape), m_batch(batch) {}

  /// Goes to a partition; rows asked for later are of it.
  void enter(std::size_t partition);
  /// The frame without regard to EXCLUDE; may be empty.
  RowInterval bounds(std::uint32_t row) const;
  /// The rows of the frame, in order: at most three intervals that are not empty.
  std::span<const RowInterval> parts(std::uint32_t row);

 private:
  std::uint32_t startOf(std::uint32_t row) const;
  std::uint32_t endOf(std::uint32_t row) const;
  std::uint32_t rangeStart(std::uint32_t row) const;
  std::uint32_t rangeEnd(std::uint32_t row) const;
  bool isNull(std::uint32_t row) const {
    return m_batch.rows->view(m_shape.value, row).isNull(row % types::kChunkRows);
  }
  /// Order of the value of `row` against the bound in column `bound` of `current`, in the window's direction.
  int compare(std::uint32_t row, std::size_t bound, std::uint32_t current) const;
  void add(std::uint32_t from, std::uint32_t to) {
    if (from < to) m_parts[m_partCount++] = {from, to};
  }

  const FrameShape& m_shape;
  const WindowBatch& m_batch;
  RowInterval m_partition;
  RowInterval m_notNull;  ///< RANGE with an offset: rows of the partition whose value is not NULL
  std::array<RowInterval, 3> m_parts{};
  std::size_t m_partCount = 0;
};

}  // namespace drift::exec
