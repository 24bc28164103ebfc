// Splitting a script into its statements, by the real lexer. Free function, no thread rule.
#pragma once

#include <string_view>
#include <vector>

#include "base/error.h"

namespace drift::sql {

/// Gives the place of each statement, from its first token to its last, without the semicolon and without
/// comments around it. Empty statements are left out. An unterminated string, name or comment is part of the
/// last statement, and an error when that is parsed. Never fails; O(bytes).
std::vector<SourceSpan> splitStatements(std::string_view script);

}  // namespace drift::sql
