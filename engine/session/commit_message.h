// The line that a commit shows in the history when nobody gave it a message. Free functions, no thread rule.
#pragma once

#include <string>
#include <string_view>

namespace drift::session {

/// Most code points of a message made from a statement.
inline constexpr std::size_t kCommitMessageLengthMax = 120;

/// Gives a statement's text on one line: comments in front left out, runs of blanks as one, cut with "…".
std::string commitMessage(std::string_view sql);

}  // namespace drift::session
