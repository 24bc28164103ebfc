// PackedNumbers: a look at single numbers of a bit-packed column, without unpacking it. A stateless view.
#pragma once

#include <cstring>

#include "storage/bit_packing.h"

namespace drift::storage {

/// Bytes that must be readable behind the last column of a buffer.
inline constexpr std::size_t kPackedSlackBytes = 8;

/// A column that pack() wrote, in a buffer that has kPackedSlackBytes behind it and outlives this. canUnpack() holds
/// for the width, so no number lies in more than eight bytes.
class PackedNumbers final {
 public:
  PackedNumbers() = default;
  PackedNumbers(const std::byte* data, unsigned width) : m_data(data), m_width(width) {}

  std::uint64_t operator[](std::size_t i) const {
    if (m_width == 0) return 0;
    const auto bit = i * m_width;
    std::uint64_t word = 0;
    std::memcpy(&word, m_data + bit / 8, sizeof word);
    return (word >> bit % 8) & (~std::uint64_t{0} >> (64 - m_width));
  }
  unsigned width() const { return m_width; }
  ByteSpan bytes(std::size_t count) const { return {m_data, packedBytes(count, m_width)}; }

 private:
  const std::byte* m_data = nullptr;
  unsigned m_width = 0;
};

}  // namespace drift::storage
