// Case of ASCII letters: what SQL folds in names and keywords. Free functions, no thread rule.
#pragma once

#include <string>
#include <string_view>

namespace drift::sql {

constexpr char lowerAscii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
constexpr char upperAscii(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

/// Gives the text with its ASCII letters in lower case; other bytes stay.
inline std::string lowerAscii(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = lowerAscii(c);
  return lower;
}

/// Gives the text with its ASCII letters in upper case; other bytes stay.
inline std::string upperAscii(std::string_view text) {
  std::string upper(text);
  for (char& c : upper) c = upperAscii(c);
  return upper;
}

}  // namespace drift::sql
