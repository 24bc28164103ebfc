// RoomWriter: writes what ByteWriter writes, into memory that was made large enough before: for what is written row by
// row. Checks nothing; whoever makes the room adds up the bounds. One thread.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <string_view>

#include "base/bytes.h"

namespace drift::storage {

class RoomWriter final {
 public:
  static constexpr std::size_t kVarintBytesMax = 10;

  /// Writes from `at` on.
  explicit RoomWriter(std::byte* at) : m_at(at) {}

  template <std::integral T>
  void fixed(T value) {
    std::memcpy(m_at, &value, sizeof value);
    m_at += sizeof value;
  }
  void fixedDouble(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) *m_at++ = static_cast<std::byte>(value | 0x80);
    *m_at++ = static_cast<std::byte>(value);
  }
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void raw(ByteSpan bytes) {
    if (!bytes.empty()) std::memcpy(m_at, bytes.data(), bytes.size());
    m_at += bytes.size();
  }
  void string(std::string_view text) {
    varint(text.size());
    raw(asBytes(text));
  }

  /// Behind what was written.
  std::byte* at() const { return m_at; }

 private:
  std::byte* m_at;
};

}  // namespace drift::storage
