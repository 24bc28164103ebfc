// Decimal blocks: SQL's numeric as integers. Format: docs/formats/tree.md. Stateless; equal values of equal scales
// give equal bytes, and scales come back: 1.5 and 1.50 stay apart.
#pragma once

#include <optional>
#include <span>

#include "base/bytes.h"
#include "types/decimal.h"

namespace drift::storage {

/// How a decimal block is stored. Numbers on disk: do not change.
enum class DecimalEncoding : std::uint8_t {
  Plain = 0,     ///< 17 bytes each, LZ4-compressed
  Integers = 1,  ///< integer blocks of the coefficients at the greatest scale, and of the zeros that brought there
};

/// Least and greatest number of a block, NaN above all.
struct DecimalBounds {
  types::Decimal min;
  types::Decimal max;
};

/// Appends numbers as a block; no numbers are no bytes.
void writeDecimalBlock(ByteWriter& out, std::span<const types::Decimal> values);
/// Reads `out.size()` numbers and steps over the block. DataCorrupted; then `out` holds any numbers.
Status readDecimalBlock(ByteReader& in, std::span<types::Decimal> out);
/// Reads the bounds at the head of a block of at least one number; decodes nothing.
/// Reads value `at` of a block of `count` where it can be told without the others. DataCorrupted.
Result<std::optional<types::Decimal>> readDecimalAt(ByteReader in, std::size_t count, std::size_t at);
Result<DecimalBounds> readDecimalBounds(ByteReader& in);

}  // namespace drift::storage
