#include "exec/distinct_rows.h"

namespace drift::exec {

using types::Chunk;
using types::Selection;

DistinctRows::DistinctRows(std::vector<types::Type> types, std::size_t keyCount, const OperatorContext& context)
    : m_types(std::move(types)),
      m_keyCount(keyCount),
      m_context(context),
      m_budget(context.query().memory, context.workBytes()) {
  startTable();
}

void DistinctRows::startTable() {
  m_seen.reset();
  m_seen = std::make_unique<KeyTable>(
      std::vector<types::Type>(m_types.begin(), m_types.begin() + static_cast<std::ptrdiff_t>(m_keyCount)), m_budget);
}

Chunk DistinctRows::keysOf(const Chunk& rows) const {
  Chunk keys;
  for (std::size_t column = 0; column < m_keyCount; ++column) keys.addColumn(rows.column(column));
  keys.setRowCount(rows.rowCount());
  return keys;
}

Status DistinctRows::add(const Chunk& rows, Selection& fresh) {
  fresh.clear();
  const auto keys = keysOf(rows);
  std::vector<std::uint32_t> numbers;
  if (m_parts) {
    m_seen->find(keys, numbers);
    Selection others;
    for (std::size_t row = 0; row < numbers.size(); ++row)
      if (numbers[row] == kNoRow) others.push_back(static_cast<std::uint16_t>(row));
    return m_parts->add(rows, keys, others);
  }
  auto next = m_seen->keyCount();
  DRIFT_TRY(m_seen->findOrAdd(keys, numbers));
  for (std::size_t row = 0; row < numbers.size(); ++row) {
    if (numbers[row] != next) continue;
    ++next;
    fresh.push_back(static_cast<std::uint16_t>(row));
  }
  if (m_context.spill() && m_budget.isFull())
    m_parts = std::make_unique<SpillPartitions>(m_types, *m_context.spill(), m_level % SpillPartitions::kLevelsMax);
  return {};
}

Status DistinctRows::endParts() {
  if (!m_parts) return {};
  DRIFT_ASSIGN(auto parts, m_parts->finish());
  m_parts.reset();
  for (auto& part : parts)
    if (part->rowCount() > 0) m_waiting.push_front({std::move(part), m_level + 1});
  return {};
}

Result<bool> DistinctRows::next(Chunk& out) {
  while (true) {
    DRIFT_TRY(m_context.query().cancel.check());
    if (m_current.rows) {
      Chunk rows;
      DRIFT_ASSIGN(const bool more, m_current.rows->next(rows));
      if (more) {
        Selection fresh;
        DRIFT_TRY(add(rows, fresh));
        if (fresh.empty()) continue;
        out = fresh.size() == rows.rowCount() ? std::move(rows) : rows.selected(fresh);
        return true;
      }
      m_current.rows.reset();
    }
    DRIFT_TRY(endParts());
    startTable();
    if (m_waiting.empty()) {
      out.clear();
      return false;
    }
    m_current = std::move(m_waiting.front());
    m_waiting.pop_front();
    m_level = m_current.level;
    m_current.rows->rewind(SpillStream::Reading::LastTime);
  }
}

}  // namespace drift::exec
