#include "exec/ordered_rows.h"

#include <algorithm>

#include "types/key_encoding.h"

namespace drift::exec {

using types::Chunk;
using types::kChunkRows;
using types::Vector;

void appendSortKey(std::string& bytes, const Vector& values, std::size_t row, plan::KeyOrder order) {
  const bool null = values.isNull(row);
  bytes.push_back(null == order.nullsFirst ? '\0' : '\1');
  if (!null) types::appendKey(bytes, values, row, order.descending);
}

Status OrderedRows::append(std::span<const std::uint32_t> groups, const Chunk& values, std::span<const Vector> keys) {
  const auto first = m_rows->rowCount();
  DRIFT_TRY(m_rows->append(values));
  std::string bytes;
  std::size_t taken = groups.size() * sizeof(Entry);
  for (std::size_t row = 0; row < groups.size(); ++row) {
    bytes.clear();
    for (std::size_t key = 0; key < keys.size(); ++key) appendSortKey(bytes, keys[key], row, m_order[key]);
    m_entries.push_back({groups[row], m_heap.add(bytes), static_cast<std::uint32_t>(first + row)});
    taken += bytes.size();
  }
  return m_memory.grow(taken);
}

void OrderedRows::sort() {
  std::ranges::sort(m_entries, [](const Entry& a, const Entry& b) {
    if (a.group != b.group) return a.group < b.group;
    const auto order = a.key <=> b.key;
    return order != 0 ? order < 0 : a.row < b.row;
  });
  m_at = 0;
}

bool OrderedRows::next(std::vector<std::uint32_t>& groups, Chunk& values) {
  values.clear();
  groups.clear();
  const auto count = std::min(kChunkRows, m_entries.size() - m_at);
  if (count == 0) return false;
  std::vector<std::uint32_t> rows;
  for (std::size_t at = 0; at < count; ++at) {
    rows.push_back(m_entries[m_at + at].row);
    groups.push_back(m_entries[m_at + at].group);
  }
  for (std::size_t column = 0; column < m_rows->columnTypes().size(); ++column)
    values.addColumn(gather(m_rows, column, rows));
  values.setRowCount(count);
  m_at += count;
  return true;
}

}  // namespace drift::exec
