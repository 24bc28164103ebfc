// Decimal blocks: SQL's numeric as integers. Format: docs/formats/tree.md. Stateless; equal values of equal scales
// give equal bytes, and scales come back: 1.5 and 1.50 stay apart.
#pragma once

#include <optional>
#include <span>

#include "base/bytes.h"
#include "storage/integer_block.h"
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
/// A block whose numbers are read one by one, in place. A view of the block; any thread.
class InPlaceDecimals final {
 public:
  /// Reads the head of a block of `count` numbers, at least one, and steps over the block; nothing where a number takes
  /// more to tell it. DataCorrupted.
  static Result<std::optional<InPlaceDecimals>> open(ByteReader& in, std::size_t count);
  types::Decimal operator[](std::size_t at) const { return types::Decimal(m_coefficients[at], m_scale); }
  std::size_t sizeBytes() const { return m_coefficients.sizeBytes(); }

 private:
  InPlaceDecimals(InPlaceIntegers coefficients, int scale) : m_coefficients(std::move(coefficients)), m_scale(scale) {}
  InPlaceIntegers m_coefficients;
  int m_scale = 0;
};
Result<DecimalBounds> readDecimalBounds(ByteReader& in);

}  // namespace drift::storage
