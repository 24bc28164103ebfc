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
#include "types/string_ref.h"

namespace drift::storage {

/// Packs strings, one or more, of `total` bytes. Nothing where that would not be much smaller than they are, or is
/// told by a part of them to take more than `sizeMax` bytes.
std::optional<Bytes> packSymbols(std::span<const std::string_view> values, std::size_t total, std::size_t sizeMax);
/// Reads all strings, and steps over them. Gives the owner of the bytes they refer to, null where all are inline.
/// Allocates for the bytes no more than eight times those of the block. DataCorrupted.
Result<std::shared_ptr<const void>> readSymbols(ByteReader& in, std::span<types::StringRef> out);
/// Reads string `at` of `count`; looks at no other. DataCorrupted.
Result<std::string> readSymbolsAt(ByteReader in, std::size_t count, std::size_t at);

}  // namespace drift::storage
