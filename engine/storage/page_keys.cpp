#include "storage/page_keys.h"

#include <bit>

#include "storage/key_hash.h"

namespace drift::storage {

namespace {

// A slot: the low bits are the row, the others are bits of the hash, of which one is always set.
constexpr std::uint32_t kRowBits = 20;
constexpr std::uint32_t kRowMask = (1u << kRowBits) - 1;
constexpr std::uint32_t kTagMask = ~kRowMask;
constexpr std::uint32_t kUsed = 1u << kRowBits;

std::uint32_t tagOf(std::uint64_t hash) { return (static_cast<std::uint32_t>(hash) & kTagMask) | kUsed; }
/// The upper half places a key, the lower half tags it.
std::size_t homeOf(std::uint64_t hash, std::size_t slots) { return (hash >> 32) & (slots - 1); }

/// Making the table takes about as long as a search for so many of its rows.
constexpr std::size_t kRowsPerSearch = 64;

}  // namespace

SoughtKey::SoughtKey(const types::StringRef& key) : ref(key), hash(hashKey(ref)) {}

std::optional<std::uint32_t> PageKeys::findLast(const SoughtKey& key) const {
  const auto* slots = m_keys.isNumbers() ? nullptr : table();
  if (!slots) return m_keys.findLast(key.ref);
  const auto tag = tagOf(key.hash);
  for (auto at = homeOf(key.hash, slots->size()); (*slots)[at] != 0; at = (at + 1) & (slots->size() - 1)) {
    const auto slot = (*slots)[at];
    if ((slot & kTagMask) == tag && m_keys[slot & kRowMask] == key.ref) return slot & kRowMask;
  }
  return std::nullopt;
}

const PageKeys::Table* PageKeys::table() const {
  if (const auto* ready = m_ready.load(std::memory_order_acquire)) return ready;
  if (size() > kRowMask) return nullptr;
  const auto searches = m_searches.load(std::memory_order_relaxed);
  if (searches < size() / kRowsPerSearch) {
    m_searches.store(searches + 1, std::memory_order_relaxed);
    return nullptr;
  }
  const std::scoped_lock lock(m_mutex);
  if (m_table.empty()) {
    m_table = makeTable();
    m_tableBytes.store(m_table.size() * sizeof(std::uint32_t));
    m_ready.store(&m_table, std::memory_order_release);
  }
  return &m_table;
}

PageKeys::Table PageKeys::makeTable() const {
  Table slots(std::bit_ceil(2 * size() + 1));
  for (std::uint32_t row = 0; row < size(); ++row) {
    const bool isLast = row + 1 == size() || !(m_keys[row] == m_keys[row + 1]);
    if (!isLast) continue;
    const auto hash = hashKey(m_keys[row]);
    auto at = homeOf(hash, slots.size());
    while (slots[at] != 0) at = (at + 1) & (slots.size() - 1);
    slots[at] = tagOf(hash) | row;
  }
  return slots;
}

}  // namespace drift::storage
