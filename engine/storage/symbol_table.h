// Symbol tables: strings as codes of one byte, so that each is read without the others. A code stands for one of up to
// 255 symbols of 1 to 8 bytes, or says that the next byte is meant itself. Format: docs/formats/tree.md.
//
// Boncz, Neumann, Leis, "FSST: Fast Random Access String Compression" (PVLDB 13(11), 2020): tables are trained on a
// sample, round by round; symbols are found by their first bytes in hash tables without chains (sections 3 and 4).
// Equal samples give equal tables. Both classes are const once they are there: any thread.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "base/bytes.h"
#include "types/string_ref.h"

namespace drift::storage {

/// A code stands for at most so many bytes.
inline constexpr std::size_t kSymbolBytesMax = 8;

/// Turns strings into codes.
class SymbolEncoder final {
 public:
  /// Trains a table for strings like these. It is to be used for `repeat` times as many bytes: a symbol must save more
  /// there than it takes.
  SymbolEncoder(std::span<const std::string_view> sample, std::size_t repeat);
  ~SymbolEncoder();
  SymbolEncoder(const SymbolEncoder&) = delete;
  SymbolEncoder& operator=(const SymbolEncoder&) = delete;

  /// Appends the table.
  void writeTable(ByteWriter& out) const;
  /// Gives bytes that encode() needs room for, for strings of `total` bytes.
  static std::size_t roomFor(std::size_t total) { return 2 * total + kSymbolBytesMax; }
  /// Writes the codes of strings one behind the other, of each string their number, and gives their end.
  std::byte* encode(std::span<const std::string_view> strings, std::byte* out, std::span<std::uint64_t> counts) const;

  struct Trained;  ///< what the training makes

 private:
  std::unique_ptr<const Trained> m_trained;
};

/// Turns codes into strings. A view of the table's bytes.
class SymbolTable final {
 public:
  /// A table without symbols.
  SymbolTable() = default;
  /// Reads the head of a table into this one, which is new, and steps over the table. DataCorrupted. In place: a copy
  /// would take longer than reading a string does.
  Status open(ByteReader& in);

  /// Gives the string of some codes. Allocates the string only. DataCorrupted.
  Result<std::string> decode(ByteSpan codes) const;
  /// Gives strings whose codes lie one behind the other: the first `counts[0]` are those of the first, and so on; the
  /// counts add up to all of them. Their bytes go to `out`, which they fill, with kPaddingBytes more behind it that may
  /// be written too. DataCorrupted; then `out` and `strings` hold anything.
  Status decodeAll(ByteSpan codes, std::span<const std::uint32_t> counts, std::span<char> out,
                   std::span<types::StringRef> strings) const;

 private:
  /// The symbol of a code that has one; bytes behind it may be anything.
  std::uint64_t symbol(std::uint8_t code) const;

  std::array<std::uint8_t, 256 + 8> m_lengths{};  ///< bytes that a code stands for; 0 where it stands for nothing
  /// Where symbols of n bytes would start if the first of them had code 0; modulo 2^32.
  std::array<std::uint32_t, kSymbolBytesMax + 1> m_starts{};
  ByteSpan m_symbols;  ///< one behind the other, by rising length
};

}  // namespace drift::storage
