// Bit packing: unsigned numbers of 0 to 64 bits, one behind the other without gaps. Stateless.
//
// Number i takes the bits i * width to (i + 1) * width of the bytes read as one little-endian number, so eight
// numbers take `width` bytes and are read with loads and shifts that are constants of the width (the unrolled
// kernels of Lemire and Boytsov, "Decoding billions of integers per second through vectorization", Software:
// Practice and Experience 45(1), 2015, section 2.6). Widths on disk: do not change.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "base/bytes.h"

namespace drift::storage {

/// Bits a number takes where the greatest is `max`: what it needs, but 60 for 59 and 64 for 61 to 63, so that
/// no number spreads over more than eight bytes. 0 for 0.
unsigned packedWidth(std::uint64_t max);
/// Bytes of `count` packed numbers; count < 2^58.
std::size_t packedBytes(std::size_t count, unsigned width);
/// Appends numbers of at most `width` bits.
void pack(Bytes& out, std::span<const std::uint64_t> values, unsigned width);

/// Whether unpack() has a kernel: widths of packedWidth(), at most one bit more than the target.
bool canUnpack(unsigned width, std::size_t targetBits);
/// Writes base + number for each of `count` numbers, modulo the target's range. `packed` has packedBytes()
/// bytes and canUnpack() holds. T: std::uint8_t, std::uint16_t, std::uint32_t, std::uint64_t.
template <class T>
void unpack(ByteSpan packed, unsigned width, T base, T* out, std::size_t count);
/// Number `at` alone. `packed` has the bytes of more numbers than that, of a width of packedWidth().
inline std::uint64_t unpackAt(ByteSpan packed, unsigned width, std::size_t at) {
  if (width == 0) return 0;
  const auto bit = at * width;
  const auto bytes = packed.subspan(bit / 8);
  std::uint64_t word = 0;  // no number spreads over more than eight bytes
  if (bytes.size() >= sizeof word) std::memcpy(&word, bytes.data(), sizeof word);
  else std::memcpy(&word, bytes.data(), bytes.size());
  word >>= bit % 8;
  return width == 64 ? word : word & ((1ull << width) - 1);
}

}  // namespace drift::storage
