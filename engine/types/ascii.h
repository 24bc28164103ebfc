// ASCII character classes that no locale changes. Stateless.
#pragma once

#include <algorithm>
#include <string>
#include <string_view>

namespace drift::types {

constexpr bool isDigit(char c) { return c >= '0' && c <= '9'; }
constexpr bool isBlank(char c) { return c == ' ' || (c >= '\t' && c <= '\r'); }
constexpr char toLowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr bool isAsciiLetter(char c) { return toLowerAscii(c) >= 'a' && toLowerAscii(c) <= 'z'; }

constexpr std::string_view trimBlanks(std::string_view text) {
  while (!text.empty() && isBlank(text.front())) text.remove_prefix(1);
  while (!text.empty() && isBlank(text.back())) text.remove_suffix(1);
  return text;
}

/// What CHAR(n) keeps of a text.
constexpr std::string_view withoutBlanksAtEnd(std::string_view text) {
  while (!text.empty() && text.back() == ' ') text.remove_suffix(1);
  return text;
}

constexpr bool equalsIgnoringCase(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, {}, toLowerAscii, toLowerAscii);
}

inline std::string lowerAscii(std::string_view text) {
  std::string result(text);
  std::ranges::transform(result, result.begin(), toLowerAscii);
  return result;
}

}  // namespace drift::types
