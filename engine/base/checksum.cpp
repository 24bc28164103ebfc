#include "base/checksum.h"

#include <xxhash.h>

namespace drift {

std::uint64_t xxh3(ByteSpan bytes, std::uint64_t seed) {
  return XXH3_64bits_withSeed(bytes.data(), bytes.size(), seed);
}

}  // namespace drift
