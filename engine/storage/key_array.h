// KeyArray: the keys of a page in memory, in the order in which they were written.
//
// Keys that differ in a number alone, as those of one whole-number column do, are kept as that number: nothing at all
// where it rises by even steps. Others are references to their bytes.
// Thread rule: immutable; shared freely.
#pragma once

#include <bit>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

#include "storage/number_sequence.h"
#include "types/decimal.h"
#include "types/string_ref.h"

namespace drift::storage {

class KeyArray final {
 public:
  KeyArray() = default;
  /// Short keys are inline, the others refer to `arena`.
  KeyArray(std::vector<types::StringRef> keys, std::shared_ptr<const char[]> arena, std::size_t arenaBytes)
      : m_keys(std::move(keys)), m_arena(std::move(arena)), m_arenaBytes(arenaBytes) {}
  /// Keys of at most StringRef::kInlineBytesMax bytes: the lowest `numberBytes` of each number, highest first, between
  /// a prefix and a suffix. The numbers have no higher bytes.
  KeyArray(std::string_view prefix, std::string_view suffix, unsigned numberBytes, NumberSequence numbers);

  std::size_t size() const { return isNumbers() ? m_numbers.size() : m_keys.size(); }
  types::StringRef operator[](std::size_t row) const {
    return isNumbers() ? keyOf(m_numbers[row]) : m_keys[row];
  }
  /// Whether keys are kept as numbers: then any of them is found without help.
  bool isNumbers() const { return m_keyBytes > 0; }
  /// Whether each key is greater than the one before.
  bool rises() const;
  /// The last row with a key, of keys that do not fall.
  std::optional<std::uint32_t> findLast(const types::StringRef& key) const;
  std::size_t sizeBytes() const {
    return m_keys.size() * sizeof(types::StringRef) + m_arenaBytes + m_numbers.sizeBytes();
  }

 private:
  /// The layout of a short reference, as string_ref.h describes it: size, then the bytes, then zeros.
  using Image = types::UInt128;
  static_assert(sizeof(Image) == sizeof(types::StringRef) && std::endian::native == std::endian::little);

  types::StringRef keyOf(std::uint64_t number) const {
    return std::bit_cast<types::StringRef>(
        m_around | static_cast<Image>(__builtin_bswap64(number << m_unusedBits)) << m_numberAt);
  }
  std::optional<std::uint32_t> findNumber(const types::StringRef& key) const;

  std::vector<types::StringRef> m_keys;
  std::shared_ptr<const char[]> m_arena;
  std::size_t m_arenaBytes = 0;
  NumberSequence m_numbers;
  Image m_around = 0;          ///< size, prefix and suffix
  Image m_numberMask = 0;      ///< where the number is
  unsigned m_numberAt = 0;     ///< in bits
  unsigned m_unusedBits = 0;   ///< of 64
  std::uint32_t m_keyBytes = 0;
};

}  // namespace drift::storage
