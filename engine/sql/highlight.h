// Classes of tokens for an editor, by the real lexer and a look at the neighbours. No thread rule.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace drift::sql {

enum class HighlightClass : std::uint8_t {
  Text,        ///< whitespace and plain names
  Keyword,     ///< a keyword where it acts as one: after a dot, any word is a name
  TimeTravel,  ///< FOR SYSTEM_TIME, AS OF, COMMIT n, @seq:n, TAG 'x', LATEST …
  Type,
  String,
  Number,
  Comment,
  QuotedName,
  Parameter,
  Operator,    ///< operators and punctuation
  Error,       ///< what begins no token, or ends too early
};

/// A stretch of text of one class.
struct HighlightRange {
  std::uint32_t offsetBytes = 0;
  std::uint32_t lengthBytes = 0;
  HighlightClass kind = HighlightClass::Text;
};

/// Gives ranges that cover the whole text without gaps, in order. Never fails; O(bytes).
std::vector<HighlightRange> highlight(std::string_view text);

}  // namespace drift::sql
