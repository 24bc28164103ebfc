// A hash of keys in memory. Stateless; never on disk.
#pragma once

#include <bit>
#include <cstdint>

#include "base/checksum.h"
#include "types/string_ref.h"

namespace drift::storage {

/// Spreads over all 64 bits.
inline std::uint64_t hashKey(const types::StringRef& key) {
  if (key.size() > types::StringRef::kInlineBytesMax) return xxh3(asBytes(key.view()));
  // All of a short key lies in the reference. The finalizer of MurmurHash3 (Appleby, 2011) spreads it.
  struct Image {
    std::uint64_t low, high;
  };
  static_assert(sizeof(Image) == sizeof(types::StringRef));
  const auto image = std::bit_cast<Image>(key);
  auto hash = image.low ^ (image.high * 0x9e3779b97f4a7c15);
  hash = (hash ^ (hash >> 33)) * 0xff51afd7ed558ccd;
  hash = (hash ^ (hash >> 33)) * 0xc4ceb9fe1a85ec53;
  return hash ^ (hash >> 33);
}

}  // namespace drift::storage
