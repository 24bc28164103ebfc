// Integer blocks: up to some thousand integers, each block in the encoding that makes it smallest. Format:
// docs/formats/tree.md. Stateless; equal values give equal bytes.
//
// Frame of reference: Goldstein, Ramakrishnan, Shaft, "Compressing Relations and Indexes" (ICDE 1998). Delta,
// dictionary and the choice per block: Zukowski, Heman, Nes, Boncz, "Super-Scalar RAM-CPU Cache Compression"
// (ICDE 2006); Lang et al., "Data Blocks: Hybrid OLTP and OLAP on Compressed Storage" (SIGMOD 2016). Choosing by
// the sizes that come out: Kuschewski et al., "BtrBlocks" (SIGMOD 2023).
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include "base/bytes.h"
#include "storage/bit_packing.h"

namespace drift::storage {

/// How an integer block is stored. Numbers on disk: do not change.
enum class IntegerEncoding : std::uint8_t {
  Constant = 0,    ///< one value
  Reference = 1,   ///< frame of reference: offsets from the least value, bit-packed
  Delta = 2,       ///< offsets of the steps from one value to the next from the least step, bit-packed
  Runs = 3,        ///< run-length encoding: values and lengths, a block each
  Dictionary = 4,  ///< the distinct values in order, and bit-packed positions among them
  Lz4 = 5,         ///< offsets from the least value as whole bytes, LZ4-compressed
};

/// Least and greatest value of a block.
struct IntegerBounds {
  std::int64_t min = 0;
  std::int64_t max = 0;
  friend bool operator==(const IntegerBounds&, const IntegerBounds&) = default;
};

/// Appends values as a block; no values are no bytes.
void writeIntegerBlock(ByteWriter& out, std::span<const std::int64_t> values);
/// Reads `out.size()` values and steps over the block. Every value fits T: std::int8_t, std::int16_t,
/// std::int32_t or std::int64_t. DataCorrupted; then `out` holds anything. Values stay within the block's bounds in
/// sound blocks only: who needs a range for safety checks it.
template <class T>
Status readIntegerBlock(ByteReader& in, std::span<T> out);
/// A block whose values are read one by one, in place. A view of the block; any thread.
class InPlaceIntegers final {
 public:
  /// Reads the head of a block of `count` values, at least one, and steps over the block; nothing where each value takes
  /// others to tell it: then the reader stands anywhere. DataCorrupted.
  static Result<std::optional<InPlaceIntegers>> open(ByteReader& in, std::size_t count);

  /// Value `at` of those of the block.
  std::int64_t operator[](std::size_t at) const {
    const auto number = unpackAt(m_packed, m_width, at);
    if (!m_distinct) return static_cast<std::int64_t>(m_base + number);
    return (*m_distinct)[number < m_distinctCount ? number : 0];  // as readIntegerBlock() does
  }
  /// Bytes to count, the block's left out.
  std::size_t sizeBytes() const { return sizeof *this + (m_distinct ? m_distinct->sizeBytes() : 0); }

 private:
  InPlaceIntegers() = default;
  static Result<std::optional<InPlaceIntegers>> open(ByteReader& in, std::size_t count, bool isInner);

  ByteSpan m_packed;
  unsigned m_width = 0;
  std::uint64_t m_base = 0;
  std::uint64_t m_distinctCount = 0;
  std::unique_ptr<InPlaceIntegers> m_distinct;  ///< values of a dictionary; null: m_packed has offsets from m_base
};
/// Numbers that rise, or fall, by the same step from each to the next; sums wrap around.
struct IntegerSteps {
  std::int64_t first = 0;
  std::int64_t step = 0;
};
/// Steps over a block of `count` values whose steps are even, a constant among them, and tells them; nothing for others,
/// and then the reader stays where it is. DataCorrupted.
Result<std::optional<IntegerSteps>> readEvenSteps(ByteReader& in, std::size_t count);
/// Reads the bounds at the head of a block of at least one value; decodes nothing.
Result<IntegerBounds> readIntegerBounds(ByteReader& in);
/// How a block is stored; for tests and reports.
Result<IntegerEncoding> integerEncoding(ByteReader in);

/// The same for arrays such as commit numbers and enums: any 64 bits, best near each other or near zero.
void writeIntegers(ByteWriter& out, std::span<const std::uint64_t> values);
/// Reads `count` values. Allocates eight bytes for each.
Result<std::vector<std::uint64_t>> readIntegers(ByteReader& in, std::size_t count);

}  // namespace drift::storage
