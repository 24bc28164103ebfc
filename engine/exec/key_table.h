// KeyTable: numbers distinct rows: equal rows get the same number, new ones the next. The hash table behind
// GROUP BY, DISTINCT, joins and set operations. NULLs are equal to each other here.
//
// Thread rule: one thread at a time. Memory is counted against the statement's budget.
#pragma once

#include <span>
#include <vector>

#include "exec/row_buffer.h"

namespace drift::exec {

class KeyTable final {
 public:
  KeyTable(std::vector<types::Type> types, const runtime::MemoryBudget& budget);

  /// Gives the number of each row of `keys`, adding those that are new. OutOfMemory.
  Status findOrAdd(const types::Chunk& keys, std::vector<std::uint32_t>& numbers);
  /// Gives the number of each row of `keys`; kNoRow for those that are not here.
  void find(const types::Chunk& keys, std::vector<std::uint32_t>& numbers) const;

  std::size_t keyCount() const { return m_keys->rowCount(); }
  /// The keys by number.
  const RowBufferRef& keys() const { return m_keys; }

 private:
  struct Slot {
    std::uint64_t word = 0;  ///< the packed key, or a hash
    std::uint32_t number = kNoRow;
    bool packed = false;
  };
  /// The rows of a chunk, ready to be looked up.
  struct Rows {
    std::vector<types::VectorView> views;
    std::vector<std::uint64_t> words;
    std::vector<std::uint8_t> packed;  ///< of each row
    std::vector<std::uint16_t> added;  ///< rows with new keys, which are not in m_keys yet
  };

  Rows rowsOf(const types::Chunk& keys) const;
  bool sameKey(const Rows& rows, std::size_t row, std::uint32_t number) const;
  /// Gives the slot that holds the row's key, or the free one where it would go.
  std::size_t slotOf(const Rows& rows, std::size_t row) const;
  Status grow();

  RowBufferRef m_keys;
  std::vector<types::PhysicalType> m_physical;
  const std::size_t m_stringBytes;  ///< of a string that is packed; 0: there are none
  const bool m_packs;               ///< keys without NULLs and long strings are compared as one number
  std::vector<Slot> m_slots;  ///< open addressing, a power of two, at most half full
  unsigned m_shift = 0;       ///< of a spread word, to the number of a slot
  MemoryReservation m_memory;
};

}  // namespace drift::exec
