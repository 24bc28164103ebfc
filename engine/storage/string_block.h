// String blocks: byte strings of any kind. Format: docs/formats/tree.md. Stateless; equal values give equal bytes.
//
// Few distinct strings become a sorted dictionary and codes (Lang et al., "Data Blocks", SIGMOD 2016, section 3),
// many short ones symbols (storage/symbol_block.h), so that each is read alone; others are LZ4-compressed, with their
// lengths apart. What comes out smaller is taken, but symbols also where they are a little larger.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "storage/integer_block.h"
#include "storage/symbol_block.h"
#include "types/string_ref.h"

namespace drift::storage {

class DensePacker;

/// How a string block is stored. Numbers on disk: do not change.
enum class StringEncoding : std::uint8_t {
  Constant = 0,    ///< one string
  Dictionary = 1,  ///< the distinct strings in order, and their codes
  Plain = 2,       ///< lengths, and all bytes LZ4-compressed
  Symbols = 3,     ///< codes for parts of strings, and a table of these
};

/// Bounds of a block in the order of unsigned bytes: min <= each string, and each string <= max.
struct StringBounds {
  std::string min;  ///< the first bytes of the least string; empty where that is not known
  std::string max;  ///< the greatest string, or first bytes that are above it; empty where that is not known
};

/// Appends strings as a block; no strings are no bytes. With `dense` their bytes are packed by it, not by LZ4.
void writeStringBlock(ByteWriter& out, std::span<const std::string_view> values, DensePacker* dense = nullptr);
/// Reads `out.size()` strings and steps over the block. Gives the owner of the bytes they refer to, null where all
/// are inline. Allocates for the bytes no more than LZ4 expands the block to. DataCorrupted.
Result<std::shared_ptr<const void>> readStringBlock(ByteReader& in, std::span<types::StringRef> out);
/// A block whose strings are read one by one: what is behind its codes is read once. A view of the block; any thread.
class InPlaceStrings final {
 public:
  /// Reads the head of a block of `count` strings, at least one, and steps over the block; nothing where one string takes
  /// unpacking the others: then the reader stands anywhere. Allocates no more than LZ4 expands a dictionary to.
  /// DataCorrupted.
  static Result<std::optional<InPlaceStrings>> open(ByteReader& in, std::size_t count);
  /// String `at` of the block's. DataCorrupted.
  Result<std::string> get(std::size_t at) const;
  /// Bytes to count, the block's left out.
  std::size_t sizeBytes() const;

 private:
  InPlaceStrings() = default;
  std::string_view m_constant;
  std::optional<InPlaceIntegers> m_codes;        ///< of m_distinct
  std::vector<types::StringRef> m_distinct;
  std::shared_ptr<const void> m_distinctOwner;
  std::unique_ptr<const InPlaceSymbols> m_symbols;
};
/// Reads the bounds at the head of a block of at least one string; decodes nothing.
Result<StringBounds> readStringBounds(ByteReader& in);

}  // namespace drift::storage
