#include "exec/window_frames.h"

#include <algorithm>

#include "types/cast.h"

namespace drift::exec {

using sql::FrameBoundKind;
using sql::FrameExclusion;
using sql::FrameUnit;

bool FrameShape::isWhole() const {
  if (exclusion != FrameExclusion::NoOthers || start != FrameBoundKind::UnboundedPreceding) return false;
  const bool allPeers = !isOrdered && unit != FrameUnit::Rows && end == FrameBoundKind::CurrentRow;
  return end == FrameBoundKind::UnboundedFollowing || allPeers;
}

bool FrameShape::isPrefix() const {
  return exclusion == FrameExclusion::NoOthers && start == FrameBoundKind::UnboundedPreceding;
}

void Frames::enter(std::size_t partition) {
  m_partition = m_batch.partition(partition);
  m_notNull = m_partition;
  const auto counted = [](FrameBoundKind kind) {
    return kind == FrameBoundKind::Preceding || kind == FrameBoundKind::Following;
  };
  if (m_shape.unit != FrameUnit::Range || !(counted(m_shape.start) || counted(m_shape.end))) return;
  // NULLs are peers, so they are the first group or the last one.
  if (isNull(m_partition.from)) m_notNull.from = m_batch.peers(m_partition.from).to;
  else if (isNull(m_partition.to - 1)) m_notNull.to = m_batch.peers(m_partition.to - 1).from;
}

int Frames::compare(std::uint32_t row, std::size_t bound, std::uint32_t current) const {
  const auto order =
      types::compareRows(m_batch.rows->view(m_shape.value, row), row % types::kChunkRows,
                         m_batch.rows->view(bound, current), current % types::kChunkRows, m_shape.physical);
  const int sign = order < 0 ? -1 : order > 0 ? 1 : 0;
  return m_shape.descending ? -sign : sign;
}

namespace {

/// The first number in [from, to) that does not satisfy `before`, which holds for the first ones.
template <class Before>
std::uint32_t firstNot(std::uint32_t from, std::uint32_t to, const Before& before) {
  while (from < to) {
    const auto middle = from + (to - from) / 2;
    if (before(middle)) from = middle + 1;
    else to = middle;
  }
  return from;
}

}  // namespace

std::uint32_t Frames::rangeStart(std::uint32_t row) const {
  if (isNull(row)) return m_batch.peers(row).from;
  return firstNot(m_notNull.from, m_notNull.to,
                  [&](std::uint32_t other) { return compare(other, m_shape.startBound, row) < 0; });
}

std::uint32_t Frames::rangeEnd(std::uint32_t row) const {
  if (isNull(row)) return m_batch.peers(row).to;
  return firstNot(m_notNull.from, m_notNull.to,
                  [&](std::uint32_t other) { return compare(other, m_shape.endBound, row) <= 0; });
}

std::uint32_t Frames::startOf(std::uint32_t row) const {
  const auto group = m_batch.groupOf[row];
  const auto& offset = m_shape.startOffset;
  switch (m_shape.start) {
    case FrameBoundKind::UnboundedPreceding: return m_partition.from;
    case FrameBoundKind::UnboundedFollowing: return m_partition.to;
    case FrameBoundKind::CurrentRow: return m_shape.unit == FrameUnit::Rows ? row : m_batch.groupStarts[group];
    case FrameBoundKind::Preceding: {
      if (m_shape.unit == FrameUnit::Range) return rangeStart(row);
      if (m_shape.unit == FrameUnit::Rows)
        return offset > row - m_partition.from ? m_partition.from : row - static_cast<std::uint32_t>(offset);
      const auto before = group - m_batch.groupOf[m_partition.from];
      return offset > before ? m_partition.from : m_batch.groupStarts[group - static_cast<std::uint32_t>(offset)];
    }
    case FrameBoundKind::Following: {
      if (m_shape.unit == FrameUnit::Range) return rangeStart(row);
      if (m_shape.unit == FrameUnit::Rows)
        return offset >= m_partition.to - row ? m_partition.to : row + static_cast<std::uint32_t>(offset);
      const auto behind = m_batch.groupOf[m_partition.to - 1] - group;
      return offset > behind ? m_partition.to : m_batch.groupStarts[group + static_cast<std::uint32_t>(offset)];
    }
  }
  return row;
}

std::uint32_t Frames::endOf(std::uint32_t row) const {
  const auto group = m_batch.groupOf[row];
  const auto& offset = m_shape.endOffset;
  switch (m_shape.end) {
    case FrameBoundKind::UnboundedPreceding: return m_partition.from;
    case FrameBoundKind::UnboundedFollowing: return m_partition.to;
    case FrameBoundKind::CurrentRow: return m_shape.unit == FrameUnit::Rows ? row + 1 : m_batch.groupStarts[group + 1];
    case FrameBoundKind::Preceding: {
      if (m_shape.unit == FrameUnit::Range) return rangeEnd(row);
      if (m_shape.unit == FrameUnit::Rows)
        return offset > row - m_partition.from ? m_partition.from : row + 1 - static_cast<std::uint32_t>(offset);
      const auto before = group - m_batch.groupOf[m_partition.from];
      return offset > before ? m_partition.from : m_batch.groupStarts[group + 1 - static_cast<std::uint32_t>(offset)];
    }
    case FrameBoundKind::Following: {
      if (m_shape.unit == FrameUnit::Range) return rangeEnd(row);
      if (m_shape.unit == FrameUnit::Rows)
        return offset >= m_partition.to - row ? m_partition.to : row + 1 + static_cast<std::uint32_t>(offset);
      const auto behind = m_batch.groupOf[m_partition.to - 1] - group;
      return offset > behind ? m_partition.to : m_batch.groupStarts[group + 1 + static_cast<std::uint32_t>(offset)];
    }
  }
  return row;
}

RowInterval Frames::bounds(std::uint32_t row) const {
  const auto from = startOf(row);
  return {from, std::max(from, std::min(endOf(row), m_partition.to))};
}

std::span<const RowInterval> Frames::parts(std::uint32_t row) {
  const auto frame = bounds(row);
  m_partCount = 0;
  if (m_shape.exclusion == FrameExclusion::NoOthers) {
    add(frame.from, frame.to);
  } else {
    const auto left = m_shape.exclusion == FrameExclusion::CurrentRow ? RowInterval{row, row + 1} : m_batch.peers(row);
    add(frame.from, std::min(left.from, frame.to));
    if (m_shape.exclusion == FrameExclusion::Ties && row >= frame.from && row < frame.to) add(row, row + 1);
    add(std::max(left.to, frame.from), frame.to);
  }
  return std::span(m_parts).first(m_partCount);
}

}  // namespace drift::exec
