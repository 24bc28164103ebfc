// Column blocks: the values of one column of a leaf as bytes. Format: docs/formats/tree.md. Stateless.
#pragma once

#include <array>

#include "base/bytes.h"
#include "types/vector.h"

namespace drift::storage {

/// Appends raw bytes, LZ4-compressed where that makes them smaller (LZ4 block format).
void writeBlock(ByteWriter& out, ByteSpan raw);
/// Reads what writeBlock() wrote. Allocates no more than LZ4 can expand the stored bytes to.
Result<Bytes> readBlock(ByteReader& in);

/// Appends `rows` values of a flat vector.
void writeColumn(ByteWriter& out, const types::Vector& column, std::size_t rows);
/// Reads `rows` values of a known type. DataCorrupted.
Result<types::Vector> readColumn(ByteReader& in, types::Type type, std::size_t rows);

}  // namespace drift::storage
