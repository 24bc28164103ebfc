// The value of a string token: quotes taken off, escapes resolved; and back, for names. Free function, no thread rule.
#pragma once

#include "base/result.h"
#include "sql/lexer.h"

namespace drift::sql {

/// Gives the value of a String, EscapeString or DollarString token whose bytes are `text`.
/// InvalidEscapeSequence for \u escapes that are no code point, InvalidByteSequence where the value would
/// not be UTF-8 or hold a NUL.
Result<std::string> decodeString(const Token& token, std::string_view text);

/// Gives the name of a QuotedIdentifier token whose bytes are `text`.
std::string decodeQuotedIdentifier(std::string_view text);

/// Gives a name in quotes, as it can stand in SQL.
std::string quotedIdentifier(std::string_view name);

}  // namespace drift::sql
