#include "exec/key_table.h"

#include <algorithm>
#include <bit>

#include "exec/packed_keys.h"
#include "types/cast.h"

namespace drift::exec {

namespace {

constexpr std::size_t kFirstSlots = 1024;

std::vector<types::PhysicalType> physicalOf(const std::vector<types::Type>& types) {
  std::vector<types::PhysicalType> physical;
  for (const auto& type : types) physical.push_back(type.physical());
  return physical;
}

unsigned shiftFor(std::size_t slots) { return 64 - static_cast<unsigned>(std::countr_zero(slots)); }

}  // namespace

KeyTable::KeyTable(std::vector<types::Type> types, const runtime::MemoryBudget& budget)
    : m_keys(std::make_shared<RowBuffer>(types, budget)),
      m_physical(physicalOf(types)),
      m_stringBytes(packedStringBytes(m_physical)),
      m_packs(m_stringBytes > 0 || canPack(m_physical)),
      m_slots(kFirstSlots),
      m_shift(shiftFor(kFirstSlots)),
      m_memory(budget) {}

KeyTable::Rows KeyTable::rowsOf(const types::Chunk& keys) const {
  Rows rows;
  const auto count = keys.rowCount();
  rows.packed.assign(count, m_packs);
  bool others = false;
  for (std::size_t column = 0; column < m_physical.size(); ++column) {
    rows.views.push_back(keys.column(column).view());
    const auto& view = rows.views.back();
    if (!m_packs || !view.mayHaveNulls()) continue;
    others = true;
    for (std::size_t row = 0; row < count; ++row) rows.packed[row] &= !view.isNull(row);
  }
  if (m_stringBytes > 0) {
    packKeys(keys, m_stringBytes, rows.words, rows.packed);
    others = others || std::ranges::find(rows.packed, std::uint8_t{0}) != rows.packed.end();
  } else if (m_packs) {
    packKeys(keys, rows.words);
  }
  if (m_packs && !others) return rows;
  std::vector<std::uint64_t> hashes(count, 0);
  for (std::size_t column = 0; column < m_physical.size(); ++column)
    types::hashRows(keys.column(column), count, hashes);
  if (!m_packs) {
    rows.words = std::move(hashes);
    return rows;
  }
  for (std::size_t row = 0; row < count; ++row)
    if (!rows.packed[row]) rows.words[row] = hashes[row];
  return rows;
}

bool KeyTable::sameKey(const Rows& rows, std::size_t row, std::uint32_t number) const {
  const auto stored = keyCount();
  for (std::size_t column = 0; column < m_physical.size(); ++column) {
    const bool isNew = number >= stored;
    const auto& other = isNew ? rows.views[column] : m_keys->view(column, number);
    const std::size_t at = isNew ? rows.added[number - stored] : number % types::kChunkRows;
    const bool null = rows.views[column].isNull(row);
    if (null != other.isNull(at)) return false;
    if (!null && !equalRows(rows.views[column], row, other, at, m_physical[column])) return false;
  }
  return true;
}

std::size_t KeyTable::slotOf(const Rows& rows, std::size_t row) const {
  const auto mask = m_slots.size() - 1;
  const auto word = rows.words[row];
  const bool packed = rows.packed[row] != 0;
  for (auto at = static_cast<std::size_t>(spread(word) >> m_shift);; at = (at + 1) & mask) {
    const auto& slot = m_slots[at];
    if (slot.number == kNoRow) return at;
    if (slot.word == word && slot.packed == packed && (packed || sameKey(rows, row, slot.number))) return at;
  }
}

Status KeyTable::grow() {
  DRIFT_TRY(m_memory.grow(m_slots.size() * 2 * sizeof(Slot)));
  std::vector<Slot> larger(m_slots.size() * 2);
  const auto mask = larger.size() - 1;
  m_shift = shiftFor(larger.size());
  for (const auto& slot : m_slots) {
    if (slot.number == kNoRow) continue;
    auto at = static_cast<std::size_t>(spread(slot.word) >> m_shift);
    while (larger[at].number != kNoRow) at = (at + 1) & mask;
    larger[at] = slot;
  }
  m_slots = std::move(larger);
  return {};
}

Status KeyTable::findOrAdd(const types::Chunk& keys, std::vector<std::uint32_t>& numbers) {
  const auto count = keys.rowCount();
  auto rows = rowsOf(keys);
  numbers.resize(count);
  while ((keyCount() + count) * 2 > m_slots.size()) DRIFT_TRY(grow());
  for (std::size_t row = 0; row < count; ++row) {
    // Rows of one group often come one after the other.
    if (row > 0 && rows.words[row] == rows.words[row - 1] && rows.packed[row] && rows.packed[row - 1]) {
      numbers[row] = numbers[row - 1];
      continue;
    }
    auto& slot = m_slots[slotOf(rows, row)];
    if (slot.number == kNoRow) {
      slot = {rows.words[row], static_cast<std::uint32_t>(keyCount() + rows.added.size()), rows.packed[row] != 0};
      rows.added.push_back(static_cast<std::uint16_t>(row));
    }
    numbers[row] = slot.number;
  }
  return rows.added.empty() ? Status() : m_keys->append(keys, rows.added);
}

void KeyTable::find(const types::Chunk& keys, std::vector<std::uint32_t>& numbers) const {
  const auto rows = rowsOf(keys);
  numbers.resize(keys.rowCount());
  for (std::size_t row = 0; row < keys.rowCount(); ++row) numbers[row] = m_slots[slotOf(rows, row)].number;
}

}  // namespace drift::exec
