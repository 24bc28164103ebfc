// Byte blocks: bytes in a page, LZ4-compressed where that makes them smaller. Format: docs/formats/tree.md.
// Stateless.
#pragma once

#include <cstddef>
#include <cstdint>

#include "base/bytes.h"

namespace drift::storage {

/// Appends raw bytes, LZ4-compressed where that makes them smaller (LZ4 block format).
void writeBlock(ByteWriter& out, ByteSpan raw);
/// Reads what writeBlock() wrote. Allocates no more than LZ4 can expand the stored bytes to.
Result<Bytes> readBlock(ByteReader& in);

/// A byte block that is not unpacked yet: for readers that bring the room themselves. A view of the input.
struct StoredBlock {
  ByteSpan bytes;
  std::size_t rawSize = 0;  ///< no more than LZ4 can expand `bytes` to
  bool packed = false;
};
/// Reads the head of a block and steps over it. DataCorrupted.
Result<StoredBlock> openBlock(ByteReader& in);
/// Writes the block's `rawSize` bytes to `out`. DataCorrupted; then `out` holds anything.
Status unpackBlock(const StoredBlock& block, std::byte* out);

}  // namespace drift::storage
