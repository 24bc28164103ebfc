// Texts in buffers that go on behind them: copies of a fixed size are several times faster than short ones of any
// size, where thousands are made. Stateless.
#pragma once

#include <array>
#include <bit>
#include <cstdint>
#include <cstring>
#include <type_traits>

#include "types/string_ref.h"

namespace drift::storage {

/// Bytes that can be read, and written where texts are copied, behind the last text of a buffer.
inline constexpr std::size_t kPaddingBytes = 16;

/// Gives StringRef(std::string_view(text, size)), but reads as many bytes as lie inline however short the text is.
inline types::StringRef paddedRef(const char* text, std::uint32_t size) {
  using types::StringRef;
  if (size > StringRef::kInlineBytesMax) return StringRef(std::string_view(text, size));
  std::uint64_t first;
  std::uint32_t last;
  std::memcpy(&first, text, sizeof first);
  std::memcpy(&last, text + sizeof first, sizeof last);
  // What stands behind the text becomes zeros. A shift by all 64 bits is undefined, so it takes two steps.
  const std::uint32_t firstBytes = size < 8 ? size : 8;
  first &= (1ull << (4 * firstBytes) << (4 * firstBytes)) - 1;
  last &= static_cast<std::uint32_t>((1ull << (8 * (size - firstBytes))) - 1);
  // The layout that string_ref.h describes: size, then the bytes.
  struct Image {
    std::uint32_t size;
    std::uint32_t bytes[3];
  };
  static_assert(sizeof(Image) == sizeof(StringRef) && std::is_trivially_copyable_v<StringRef>);
  static_assert(std::endian::native == std::endian::little);
  return std::bit_cast<StringRef>(
      Image{size, {static_cast<std::uint32_t>(first), static_cast<std::uint32_t>(first >> 32), last}});
}

/// Copies `size` bytes, and up to kPaddingBytes - 1 behind them, which both sides have room for.
inline void copyPadded(char* to, const char* from, std::size_t size) {
  for (std::size_t at = 0; at < size; at += kPaddingBytes) {
    std::array<char, kPaddingBytes> piece;  // both sides may lie in one piece
    std::memcpy(piece.data(), from + at, piece.size());
    std::memcpy(to + at, piece.data(), piece.size());
  }
}

}  // namespace drift::storage
