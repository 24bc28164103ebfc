// StringRef: a 16-byte view of a string with an inline prefix. Does not own its bytes.
//
// Layout after Neumann and Freitag, "Umbra: A Disk-Based System with In-Memory Performance" (CIDR 2020),
// section 3.1: up to 12 bytes lie inline; longer strings keep 4 bytes of prefix and a pointer. Whoever
// stores one keeps the bytes alive (a Vector keeps its string heaps).
#pragma once

#include <compare>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace drift::types {

class StringRef final {
 public:
  static constexpr std::uint32_t kInlineBytesMax = 12;

  StringRef() = default;
  /// Refers to `text`; short texts are copied inline, longer ones must outlive this.
  explicit StringRef(std::string_view text) : m_size(static_cast<std::uint32_t>(text.size())) {
    if (m_size <= kInlineBytesMax) {
      if (m_size) std::memcpy(m_inline, text.data(), m_size);
    } else {
      std::memcpy(m_inline, text.data(), 4);
      const char* pointer = text.data();
      std::memcpy(m_inline + 4, &pointer, sizeof pointer);
    }
  }

  std::uint32_t size() const { return m_size; }
  const char* data() const {
    if (m_size <= kInlineBytesMax) return m_inline;
    const char* pointer;
    std::memcpy(&pointer, m_inline + 4, sizeof pointer);
    return pointer;
  }
  std::string_view view() const { return {data(), m_size}; }

  friend bool operator==(const StringRef& a, const StringRef& b) {
    if (std::memcmp(&a, &b, 8) != 0) return false;  // size and prefix
    return a.m_size <= kInlineBytesMax ? std::memcmp(a.m_inline + 4, b.m_inline + 4, 8) == 0 : a.view() == b.view();
  }
  /// Orders by unsigned bytes (the "C" collation).
  friend std::strong_ordering operator<=>(const StringRef& a, const StringRef& b) { return a.view() <=> b.view(); }

 private:
  std::uint32_t m_size = 0;
  char m_inline[kInlineBytesMax] = {};
};
static_assert(sizeof(StringRef) == 16);

}  // namespace drift::types
