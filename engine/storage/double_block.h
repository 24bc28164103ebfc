// Double blocks: floating-point numbers as integers. Format: docs/formats/tree.md. Stateless; equal bits give equal
// bytes, and every bit comes back: NaNs keep theirs, and so does -0.
//
// Numbers that were written as decimals ("12.50") are stored as 1250 with two decimals, where dividing gives back
// exactly their bits, and the few others apart: Afroozeh, Kuffo, Boncz, "ALP: Adaptive Lossless floating-Point
// Compression" (SIGMOD 2023), with a division in place of its two multiplications, since a quotient of two numbers
// that doubles hold exactly is the double nearest to the decimal. Other doubles are stored by their bits, mapped so
// that they have the order of their values.
#pragma once

#include <optional>
#include <span>

#include "base/bytes.h"

namespace drift::storage {

/// How a double block is stored. Numbers on disk: do not change.
enum class DoubleEncoding : std::uint8_t {
  Bits = 0,      ///< an integer block of mapped bits
  Decimals = 1,  ///< an integer block of the numbers times a power of ten, and exceptions
};

/// Least and greatest number of a block, in SQL's order: NaN above all. Nothing where that is not known.
struct DoubleBounds {
  std::optional<double> min;
  std::optional<double> max;
};

/// Appends numbers as a block; no numbers are no bytes.
void writeDoubleBlock(ByteWriter& out, std::span<const double> values);
/// Reads `out.size()` numbers and steps over the block. DataCorrupted; then `out` holds anything.
Status readDoubleBlock(ByteReader& in, std::span<double> out);
/// Reads the bounds at the head of a block of at least one number; decodes nothing.
Result<DoubleBounds> readDoubleBounds(ByteReader& in);

}  // namespace drift::storage
