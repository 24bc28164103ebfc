#include "exec/key_table.h"

#include "types/cast.h"

namespace drift::exec {

namespace {

constexpr std::size_t kFirstSlots = 1024;

std::vector<types::VectorView> viewsOf(const types::Chunk& chunk) {
  std::vector<types::VectorView> views;
  for (std::size_t column = 0; column < chunk.columnCount(); ++column) views.push_back(chunk.column(column).view());
  return views;
}

}  // namespace

KeyTable::KeyTable(std::vector<types::Type> types, runtime::MemoryBudget& budget)
    : m_keys(std::make_shared<RowBuffer>(std::move(types), budget)), m_slots(kFirstSlots), m_memory(budget) {
  for (const auto& type : m_keys->columnTypes()) m_physical.push_back(type.physical());
}

std::vector<std::uint64_t> KeyTable::hashes(const types::Chunk& keys) const {
  std::vector<std::uint64_t> hashes(keys.rowCount(), 0);
  for (std::size_t column = 0; column < m_physical.size(); ++column)
    types::hashRows(keys.column(column), keys.rowCount(), hashes);
  return hashes;
}

bool KeyTable::sameKey(std::span<const types::VectorView> views, std::size_t row, std::uint32_t number) const {
  const auto at = number % types::kChunkRows;
  for (std::size_t column = 0; column < m_physical.size(); ++column) {
    const auto& stored = m_keys->view(column, number);
    const bool null = views[column].isNull(row);
    if (null != stored.isNull(at)) return false;
    if (!null && types::compareRows(views[column], row, stored, at, m_physical[column]) != 0) return false;
  }
  return true;
}

std::size_t KeyTable::slotOf(std::span<const types::VectorView> views, std::size_t row, std::uint64_t hash) const {
  const auto mask = m_slots.size() - 1;
  for (auto at = hash & mask;; at = (at + 1) & mask) {
    const auto& slot = m_slots[at];
    if (slot.number == kNoRow || (slot.hash == hash && sameKey(views, row, slot.number))) return at;
  }
}

Status KeyTable::grow() {
  DRIFT_TRY(m_memory.grow(m_slots.size() * 2 * sizeof(Slot)));
  std::vector<Slot> larger(m_slots.size() * 2);
  const auto mask = larger.size() - 1;
  for (const auto& slot : m_slots) {
    if (slot.number == kNoRow) continue;
    auto at = slot.hash & mask;
    while (larger[at].number != kNoRow) at = (at + 1) & mask;
    larger[at] = slot;
  }
  m_slots = std::move(larger);
  return {};
}

Status KeyTable::findOrAdd(const types::Chunk& keys, std::vector<std::uint32_t>& numbers) {
  const auto rows = keys.rowCount();
  const auto views = viewsOf(keys);
  const auto rowHashes = hashes(keys);
  numbers.resize(rows);
  while ((keyCount() + rows) * 2 > m_slots.size()) DRIFT_TRY(grow());
  for (std::size_t row = 0; row < rows; ++row) {
    auto& slot = m_slots[slotOf(views, row, rowHashes[row])];
    if (slot.number == kNoRow) {
      slot = {rowHashes[row], static_cast<std::uint32_t>(keyCount())};
      const std::uint16_t added = static_cast<std::uint16_t>(row);
      DRIFT_TRY(m_keys->append(keys, std::span(&added, 1)));
    }
    numbers[row] = slot.number;
  }
  return {};
}

void KeyTable::find(const types::Chunk& keys, std::vector<std::uint32_t>& numbers) const {
  const auto views = viewsOf(keys);
  const auto rowHashes = hashes(keys);
  numbers.resize(keys.rowCount());
  for (std::size_t row = 0; row < keys.rowCount(); ++row)
    numbers[row] = m_slots[slotOf(views, row, rowHashes[row])].number;
}

}  // namespace drift::exec
