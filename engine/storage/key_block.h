// Key blocks: byte strings, most of them near the one before. Format: docs/formats/tree.md. Stateless; equal keys
// give equal bytes.
//
// Keys of one length that differ in at most eight bytes in a row can be stored as numbers: an integer block, next to
// nothing where they are dense. Others, and those that it makes smaller, drop the bytes that they share with the key
// before (front coding, Witten, Moffat, Bell, "Managing Gigabytes", section 4.1; the prefix compression of Bayer and
// Unterauer, "Prefix B-trees", ACM TODS 2(1), 1977, within a page), and all have in common, and LZ4 packs the rest.
#pragma once

#include <span>
#include <string_view>

#include "base/bytes.h"
#include "storage/key_array.h"

namespace drift::storage {

/// Appends keys in any order; sorted ones come out small. No keys are no bytes.
void writeKeys(ByteWriter& out, std::span<const std::string_view> keys);
/// Reads `count` keys. Allocates 24 bytes a key, and for the arena at most 16 MiB or what LZ4 expands the block
/// to. DataCorrupted.
Result<KeyArray> readKeys(ByteReader& in, std::size_t count);

}  // namespace drift::storage
