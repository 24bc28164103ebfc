// Highlighting of SQL text, by the real lexer. Stateless, thread-safe.
//
// Implemented in engine/session; programs link it and include only engine/api.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

namespace drift::api {

enum class HighlightKind : std::uint8_t {
  Text,        ///< whitespace and plain names
  Keyword,
  TimeTravel,  ///< a keyword of time travel: SYSTEM_TIME, AS OF, COMMIT, TAG …
  Type,        ///< a name of a type
  String,
  Number,
  Comment,
  QuotedName,
  Parameter,
  Operator,    ///< operators and punctuation
  Error,       ///< what begins no token, or ends too early
};

/// A stretch of text of one kind.
struct HighlightSpan {
  std::uint32_t offsetBytes = 0;
  std::uint32_t lengthBytes = 0;
  HighlightKind kind = HighlightKind::Text;
};

/// Gives spans that cover the whole text without gaps, in order. O(bytes); never fails.
std::vector<HighlightSpan> highlight(std::string_view sql);

}  // namespace drift::api
