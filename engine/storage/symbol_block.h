// Strings as symbols, one behind the other, each read without the others: what a string block of that kind holds behind
// its bounds. Format: docs/formats/tree.md ("String block"). Stateless; equal values give equal bytes.
//
// Symbols: storage/symbol_table.h. Where a string starts is told by packed lengths, and by the starts of each 32nd one:
// in as few bytes as the lengths alone, and without adding up all of them.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "storage/symbol_table.h"
#include "types/string_ref.h"

namespace drift::storage {

/// Packs strings, one or more, of `total` bytes. Nothing where that would not be much smaller than they are, or is
/// told by a part of them to take more than `sizeMax` bytes.
std::optional<Bytes> packSymbols(std::span<const std::string_view> values, std::size_t total, std::size_t sizeMax);
/// Strings as symbols, of which each is read alone. A view of the block; any thread.
class InPlaceSymbols final {
 public:
  /// Reads the head of a block of `count` strings, at least one, and steps over the block. DataCorrupted.
  static Result<std::unique_ptr<const InPlaceSymbols>> open(ByteReader& in, std::size_t count);
  /// String `at` of the block's. DataCorrupted.
  Result<std::string> get(std::size_t at) const;
  /// Gives all of them, and what owns the bytes that they refer to, null where all are inline. Allocates for the bytes no
  /// more than eight times those of the block. `out` is as long as the block. DataCorrupted.
  Result<std::shared_ptr<const void>> getAll(std::span<types::StringRef> out) const;

 private:
  InPlaceSymbols() = default;
  SymbolTable m_table;
  std::size_t m_rawBytes = 0;
  ByteSpan m_lengths;
  unsigned m_lengthBits = 0;
  ByteSpan m_starts;
  unsigned m_startBits = 0;
  ByteSpan m_codes;
};

}  // namespace drift::storage
