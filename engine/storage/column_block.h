// Column blocks: the values of one column of a leaf as bytes. Format: docs/formats/tree.md. Stateless.
#pragma once

#include "storage/byte_block.h"
#include "types/vector.h"

namespace drift::storage {

/// Appends `rows` values of a flat vector.
void writeColumn(ByteWriter& out, const types::Vector& column, std::size_t rows);
/// Reads `rows` values of a known type. DataCorrupted.
Result<types::Vector> readColumn(ByteReader& in, types::Type type, std::size_t rows);

}  // namespace drift::storage
