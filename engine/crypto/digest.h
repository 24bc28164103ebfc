// Digests and random bytes, on OpenSSL. Thread-safe, stateless.
#pragma once

#include <array>

#include "base/bytes.h"
#include "base/result.h"

namespace drift::crypto {

using Sha256Digest = std::array<std::byte, 32>;

/// Gives the SHA-256 digest (FIPS 180-4) of the parts, one after the other.
Result<Sha256Digest> sha256(std::initializer_list<ByteSpan> parts);

/// Fills `out` from the operating system's generator, by OpenSSL's RAND_bytes.
Status randomBytes(std::span<std::byte> out);

}  // namespace drift::crypto
