// Bytes: little-endian writing and bounds-checked reading of flat buffers. No thread rule.
//
// Everything on disk goes through ByteWriter and ByteReader. A reader never reads past its end and
// never allocates on the word of its input: it hands out views.
#pragma once

#include <bit>
#include <concepts>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace drift {

using ByteSpan = std::span<const std::byte>;
using Bytes = std::vector<std::byte>;

inline ByteSpan asBytes(std::string_view text) { return std::as_bytes(std::span(text.data(), text.size())); }
inline std::string_view asText(ByteSpan bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

static_assert(std::endian::native == std::endian::little, "big-endian hosts need byte swaps here");

/// Appends fixed-width little-endian integers, LEB128 varints and length-prefixed strings to a buffer.
class ByteWriter final {
 public:
  explicit ByteWriter(Bytes& out) : m_out(out) {}

  template <std::integral T>
  void fixed(T value) {
    const auto* raw = reinterpret_cast<const std::byte*>(&value);
    m_out.insert(m_out.end(), raw, raw + sizeof(T));
  }
  void fixedDouble(double value) { fixed(std::bit_cast<std::uint64_t>(value)); }
  /// Writes an unsigned LEB128 number, 1 to 10 bytes.
  void varint(std::uint64_t value) {
    while (value >= 0x80) {
      m_out.push_back(static_cast<std::byte>(value | 0x80));
      value >>= 7;
    }
    m_out.push_back(static_cast<std::byte>(value));
  }
  /// Writes a signed number as a zigzag varint.
  void zigzag(std::int64_t value) {
    varint((static_cast<std::uint64_t>(value) << 1) ^ static_cast<std::uint64_t>(value >> 63));
  }
  void raw(ByteSpan bytes) { m_out.insert(m_out.end(), bytes.begin(), bytes.end()); }
  /// Writes a varint length and the bytes.
  void string(std::string_view text) {
    varint(text.size());
    raw(asBytes(text));
  }
  std::size_t size() const { return m_out.size(); }

 private:
  Bytes& m_out;
};

/// Reads what ByteWriter wrote. Each call checks bounds; a short or malformed input is DataCorrupted.
class ByteReader final {
 public:
  explicit ByteReader(ByteSpan bytes) : m_bytes(bytes) {}

  std::size_t remaining() const { return m_bytes.size() - m_at; }
  std::size_t position() const { return m_at; }
  bool atEnd() const { return remaining() == 0; }

  template <std::integral T>
  Result<T> fixed() {
    if (remaining() < sizeof(T)) return shortInput();
    T value;
    std::memcpy(&value, m_bytes.data() + m_at, sizeof(T));
    m_at += sizeof(T);
    return value;
  }
  Result<double> fixedDouble() {
    DRIFT_ASSIGN(const auto bits, fixed<std::uint64_t>());
    return std::bit_cast<double>(bits);
  }
  Result<std::uint64_t> varint() {
    std::uint64_t value = 0;
    for (unsigned shift = 0; shift < 64; shift += 7) {
      if (atEnd()) return shortInput();
      const auto byte = std::to_integer<std::uint64_t>(m_bytes[m_at++]);
      if (shift == 63 && byte > 1) return Error(ErrorKind::DataCorrupted, "a number in the file is out of range");
      value |= (byte & 0x7f) << shift;
      if (!(byte & 0x80)) return value;
    }
    return Error(ErrorKind::DataCorrupted, "a number in the file is out of range");
  }
  Result<std::int64_t> zigzag() {
    DRIFT_ASSIGN(const auto raw, varint());
    return static_cast<std::int64_t>(raw >> 1) ^ -static_cast<std::int64_t>(raw & 1);
  }
  /// Gives a view of the next `size` bytes; it lives as long as the input.
  Result<ByteSpan> raw(std::size_t size) {
    if (remaining() < size) return shortInput();
    const auto view = m_bytes.subspan(m_at, size);
    m_at += size;
    return view;
  }
  /// Gives a view of a length-prefixed string; it lives as long as the input.
  Result<std::string_view> string() {
    DRIFT_ASSIGN(const auto size, varint());
    DRIFT_ASSIGN(const auto view, raw(size));
    return asText(view);
  }

 private:
  static Error shortInput() { return Error(ErrorKind::DataCorrupted, "a record in the file ends too early"); }

  ByteSpan m_bytes;
  std::size_t m_at = 0;
};

}  // namespace drift
