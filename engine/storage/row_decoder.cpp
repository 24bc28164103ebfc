#include "storage/row_decoder.h"

#include <algorithm>

namespace drift::storage {

Status RowDecoder::decode(const RowLayout& layout, std::string_view row, std::size_t target) {
  if (m_lastLayout != &layout) {
    DRIFT_ASSIGN(m_lastPlan, planFor(layout));
    m_lastLayout = &layout;
  }
  for (const auto at : m_lastPlan->absent) m_columns[at].values->set(target, m_columns[at].column.missing);
  if (m_lastPlan->wanted.empty()) return {};
  return decodeRow(layout, asBytes(row), m_lastPlan->wanted, m_lastPlan->into, target);
}

Result<const RowDecoder::Plan*> RowDecoder::planFor(const RowLayout& layout) {
  const auto [entry, isNew] = m_plans.try_emplace(&layout);
  auto& plan = entry->second;
  if (!isNew) return static_cast<const Plan*>(&plan);
  // decodeRow() reads the fields in the layout's order.
  std::vector<std::pair<std::size_t, types::Vector*>> fields;
  for (std::size_t at = 0; at < m_columns.size(); ++at) {
    const auto& column = m_columns[at].column;
    const auto found = std::ranges::find(layout.columns, column.id, &LayoutColumn::id);
    if (found == layout.columns.end()) {
      plan.absent.push_back(at);
    } else if (found->type.physical() != column.type.physical()) {
      m_plans.erase(entry);
      return makeError(ErrorKind::DataCorrupted, "column {} of a row has another type than its table", column.id);
    } else {
      fields.emplace_back(static_cast<std::size_t>(found - layout.columns.begin()), m_columns[at].values);
    }
  }
  std::ranges::sort(fields, {}, [](const auto& field) { return field.first; });
  for (const auto& [position, values] : fields) {
    plan.wanted.push_back(position);
    plan.into.push_back(values);
  }
  return static_cast<const Plan*>(&plan);
}

}  // namespace drift::storage
