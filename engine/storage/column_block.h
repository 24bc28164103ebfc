// Column blocks: the values of one column of a page as bytes, each block in the encoding that makes it smallest, and
// its zone (a small materialized aggregate after Moerkotte, VLDB 1998), which can be read without the rest. Format:
// docs/formats/tree.md. Stateless; equal values give equal bytes, whatever lies under NULLs.
//
// Booleans, integers, dates and timestamps: storage/integer_block.h; doubles: storage/double_block.h; numerics:
// storage/decimal_block.h; texts and bytea: storage/string_block.h; UUIDs and intervals: storage/byte_block.h.
#pragma once

#include <cstdint>
#include <optional>

#include "base/bytes.h"
#include "storage/byte_block.h"
#include "types/value.h"
#include "types/vector.h"

namespace drift::storage {

/// What can be said of a block without decoding it.
struct ColumnZone {
  std::uint64_t nullCount = 0;
  /// Bounds of the values that are not NULL, of the column's type, in SQL's order ("C" for texts): no value is below
  /// min or above max. Texts are cut to their first bytes and then rounded outward, so they need not be UTF-8. Absent
  /// where not known: all are NULL, intervals, some small blocks.
  std::optional<types::Value> min;
  std::optional<types::Value> max;
};

/// Appends `rows` values of a vector of any kind. With `dense` the bytes of strings are packed by it, not by LZ4.
void writeColumn(ByteWriter& out, const types::Vector& column, std::size_t rows, DensePacker* dense = nullptr);
/// Reads `rows` values of a known type as a flat vector; entries under NULLs are zeros. Allocates for the rows, and
/// for strings no more than LZ4 expands the block to. DataCorrupted.
Result<types::Vector> readColumn(ByteReader& in, types::Type type, std::size_t rows);
/// Reads the zone of the block that starts at `in`. DataCorrupted.
Result<ColumnZone> readZone(ByteReader in, types::Type type, std::size_t rows);

}  // namespace drift::storage
