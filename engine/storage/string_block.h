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

#include "base/bytes.h"
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
/// Reads string `at` of a block of `count` where it can be told without the others, or with a few. DataCorrupted.
Result<std::optional<std::string>> readStringAt(ByteReader in, std::size_t count, std::size_t at);
/// Reads the bounds at the head of a block of at least one string; decodes nothing.
Result<StringBounds> readStringBounds(ByteReader& in);

}  // namespace drift::storage
