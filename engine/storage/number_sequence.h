// NumberSequence: one number for each row of a page, in as little memory as reading any of them in a few instructions
// allows: none where they rise by even steps, such as a constant; else offsets from the least in 1, 4 or 8 bytes.
// Thread rule: immutable; shared freely.
#pragma once

#include <algorithm>
#include <cstdint>
#include <optional>
#include <vector>

#include "base/bytes.h"

namespace drift::storage {

class NumberSequence final {
 public:
  NumberSequence() = default;
  /// Reads an integer block of `count` numbers and steps over it. Allocates at most eight bytes for each, and as much
  /// again meanwhile. DataCorrupted.
  static Result<NumberSequence> read(ByteReader& in, std::size_t count);

  std::size_t size() const { return m_count; }
  bool empty() const { return m_count == 0; }
  std::uint64_t operator[](std::size_t row) const {
    switch (m_width) {
      case Width::None: return m_first + m_step * row;
      case Width::Byte: return m_first + m_bytes[row];
      case Width::Half: return m_first + m_halves[row];
      case Width::Whole: return m_first + m_wholes[row];
    }
    return 0;
  }
  /// The one number that all rows have; nothing where there are several, or no rows.
  std::optional<std::uint64_t> constant() const {
    return m_width == Width::None && m_step == 0 && m_count > 0 ? std::optional(m_first) : std::nullopt;
  }
  /// 0 without rows.
  std::uint64_t min() const;
  std::uint64_t max() const;
  /// Whether each number is greater than the one before.
  bool rises() const;
  /// The last row with a number, of rows whose numbers do not fall.
  std::optional<std::uint32_t> findLast(std::uint64_t number) const;
  std::size_t sizeBytes() const { return m_bytes.size() + 4 * m_halves.size() + 8 * m_wholes.size(); }

 private:
  /// Bytes of an offset.
  enum class Width : std::uint8_t { None, Byte, Half, Whole };

  template <class T>
  static std::optional<std::uint32_t> findOffset(const std::vector<T>& offsets, std::uint64_t offset);

  std::size_t m_count = 0;
  Width m_width = Width::None;
  std::uint64_t m_first = 0;  ///< the first number, or what offsets start from; sums wrap around
  std::uint64_t m_step = 0;
  std::vector<std::uint8_t> m_bytes;
  std::vector<std::uint32_t> m_halves;
  std::vector<std::uint64_t> m_wholes;
};

}  // namespace drift::storage
