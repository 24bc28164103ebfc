#include "storage/leaf_view.h"

#include <algorithm>
#include <tuple>

#include "storage/leaf.h"
#include "storage/value_copy.h"

namespace drift::storage {

using types::Vector;

LeafView::LeafView(const Leaf& leaf, CommitNumber number) : m_leaf(leaf) {
  leaf.findVisible(number, 0, leaf.rowCount(), m_rows);
  std::tie(m_from, m_to) = leaf.momentsAround(number);
}

Result<const Vector*> LeafView::column(ColumnId id) const {
  const std::scoped_lock lock(m_mutex);
  auto& column = m_columns[id];
  if (column) return static_cast<const Vector*>(column.get());
  DRIFT_ASSIGN(const auto* values, m_leaf.column(id));
  if (!values) return values;
  auto gathered = std::make_unique<Vector>(values->type(), std::max<std::size_t>(m_rows.size(), 1));
  ValueSharer sharer(*values, *gathered);
  for (std::size_t i = 0; i < m_rows.size(); ++i) sharer.copy(m_rows[i], i);
  column = std::move(gathered);
  m_columnBytes += column->capacity() * types::physicalSize(column->type().physical());  // strings are the pages'
  return static_cast<const Vector*>(column.get());
}

std::size_t LeafView::sizeBytes() const {
  return sizeof(LeafView) + m_rows.size() * sizeof(std::uint32_t) + m_columnBytes.load(std::memory_order_relaxed);
}

}  // namespace drift::storage
