// PackedKeys: keys of a few integers (dates, booleans …) side by side in 64 bits, so that they are compared and hashed
// as one number. Plain functions; one thread at a time.
#pragma once

#include <optional>
#include <span>
#include <vector>

#include "types/vector.h"

namespace drift::exec {

/// True if keys of these types fit 64 bits.
bool canPack(std::span<const types::PhysicalType> types);

/// Packs the keys of all rows of a chunk; what lies under a NULL is packed as it is.
void packKeys(const types::Chunk& keys, std::vector<std::uint64_t>& packed);

/// Spreads the bits of a number over the high bits of the result (Knuth, TAOCP 6.4: multiplicative hashing).
inline std::uint64_t spread(std::uint64_t key) {
  key ^= key >> 32;
  return key * 0x9e37'79b9'7f4a'7c15;
}

}  // namespace drift::exec
