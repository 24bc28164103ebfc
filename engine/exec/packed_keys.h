// PackedKeys: keys of a few integers (dates, booleans …) side by side in 64 bits, so that they are compared and hashed
// as one number. Plain functions; one thread at a time.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "types/cast.h"
#include "types/vector.h"

namespace drift::exec {

/// Bits that a key of a type takes; 0 for those that are not packed.
unsigned packedBits(types::PhysicalType type);
/// True if keys of these types fit 64 bits.
bool canPack(std::span<const types::PhysicalType> types);

/// Packs the keys of all rows of a chunk; what lies under a NULL is packed as it is.
void packKeys(const types::Chunk& keys, std::vector<std::uint64_t>& packed);

/// Bytes that each string may take among keys of these types, with one for its length, so that the keys fit 64 bits;
/// 0: they do not, or there are no strings.
std::size_t packedStringBytes(std::span<const types::PhysicalType> types);
/// Packs the keys of the rows whose strings fit; for the others clears their entry of `fits`.
void packKeys(const types::Chunk& keys, std::size_t stringBytes, std::vector<std::uint64_t>& packed,
              std::span<std::uint8_t> fits);

/// True if two values, none of them NULL, are equal.
inline bool equalRows(const types::VectorView& left, std::size_t a, const types::VectorView& right, std::size_t b,
                      types::PhysicalType type) {
  if (type == types::PhysicalType::String) return left.at<types::StringRef>(a) == right.at<types::StringRef>(b);
  return types::compareRows(left, a, right, b, type) == 0;
}

/// Spreads the bits of a number over the high bits of the result (Knuth, TAOCP 6.4: multiplicative hashing).
inline std::uint64_t spread(std::uint64_t key) {
  key ^= key >> 32;
  return key * 0x9e37'79b9'7f4a'7c15;
}

}  // namespace drift::exec
