// Checksums and hashes that are not for security. Thread-safe, stateless.
#pragma once

#include <cstdint>

#include "base/bytes.h"

namespace drift {

/// Gives the XXH3 64-bit hash of the bytes (xxHash 0.8 specification).
/// On disk as a frame checksum: do not change.
std::uint64_t xxh3(ByteSpan bytes, std::uint64_t seed = 0);

}  // namespace drift
