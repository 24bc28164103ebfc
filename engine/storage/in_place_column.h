// InPlaceColumn: single values of a column block, read where they lie: what the heads of the block say is kept, and no
// value is decoded but the one that is asked for. Values of blocks with NULLs lie without gaps; where one is, is told by
// a rank directory (Jacobson, "Space-efficient Static Trees and Graphs", FOCS 1989): counts of the values before each 64
// rows. Format: docs/formats/tree.md.
// Thread rule: immutable; shared freely. A view of the block.
#pragma once

#include <memory>
#include <variant>
#include <vector>

#include "storage/decimal_block.h"
#include "storage/string_block.h"
#include "types/value.h"

namespace drift::storage {

class InPlaceColumn final {
 public:
  /// Reads the heads of the block of `rows` values, at least one, that starts at `in`; null where one value takes
  /// decoding others. Allocates less than a byte a row and what the strings of a dictionary take. DataCorrupted.
  static Result<std::unique_ptr<const InPlaceColumn>> open(ByteReader in, types::Type type, std::size_t rows);
  /// The value of a row. DataCorrupted.
  Result<types::Value> get(std::size_t row) const;
  /// Bytes to count, the block's left out.
  std::size_t sizeBytes() const;

 private:
  using Values = std::variant<std::monostate, InPlaceIntegers, InPlaceDecimals, InPlaceStrings>;
  /// 64 rows of a block with NULLs.
  struct Present {
    std::uint64_t bits = 0;     ///< set for rows with a value, the first lowest
    std::uint32_t before = 0;   ///< rows with a value before these
  };

  explicit InPlaceColumn(types::Type type) : m_type(type) {}
  /// Reads the heads of `count` values; false where they are not to be read in place.
  Result<bool> openValues(ByteReader& in, std::size_t count);
  Status openPresent(ByteReader& in, std::size_t rows, std::size_t count);
  Result<types::Value> integer(std::int64_t value) const;

  types::Type m_type;
  Values m_values;                  ///< none: all are NULL
  std::vector<Present> m_present;   ///< empty without NULLs
};

}  // namespace drift::storage
