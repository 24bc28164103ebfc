// UTF-8: checking, and walking by code points. Stateless, thread-safe.
//
// Text values are well-formed (isValidUtf8() holds at every way in), so the walking functions here
// do not report errors; on malformed bytes they still stay inside the text and always advance.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace drift::types {

/// True for bytes that start a code point (all but continuation bytes).
constexpr bool startsCodePoint(char c) { return (static_cast<unsigned char>(c) & 0xc0) != 0x80; }

/// Counts code points.
inline std::size_t codePointCount(std::string_view text) {
  std::size_t count = 0;
  for (const char c : text) count += startsCodePoint(c) ? 1 : 0;
  return count;
}

/// Gives the byte offset after the code point at `at`; at < text.size().
constexpr std::size_t nextCodePoint(std::string_view text, std::size_t at) {
  do ++at;
  while (at < text.size() && !startsCodePoint(text[at]));
  return at;
}

/// Gives the byte offset of code point `count`, or the size of the text if it has fewer.
constexpr std::size_t codePointOffset(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  while (count-- > 0 && at < text.size()) at = nextCodePoint(text, at);
  return at;
}

/// Gives the code point at byte `at`; the text is well-formed and at < text.size().
char32_t codePointAt(std::string_view text, std::size_t at);
/// Appends a code point below 0x110000 that is no surrogate.
void appendCodePoint(std::string& out, char32_t codePoint);

}  // namespace drift::types
