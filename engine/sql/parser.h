// Parser: the text of one statement -> its syntax tree. Recursive descent, Pratt for expressions.
//
// Thread rule: free functions without shared state. The tree does not refer to the text.
//
// Errors have a span: SyntaxError (`syntax error at or near "x"`), FeatureNotSupported for what PostgreSQL
// has and this grammar has not, LimitExceeded (text over kStatementBytesMax, nesting over kNestingDepthMax,
// identifiers over kIdentifierBytesMax), InvalidByteSequence for text that is not UTF-8.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sql/ast.h"

namespace drift::sql {

inline constexpr std::size_t kStatementBytesMax = 16u << 20;
inline constexpr std::size_t kIdentifierBytesMax = 63;

/// Parses exactly one statement; semicolons around it are allowed. A text without a statement is a
/// SyntaxError, a second statement too (split scripts with sql/split.h).
Result<StatementPtr> parseStatement(std::string_view text);

/// Parses one expression on its own: stored DEFAULT and CHECK texts.
Result<ExpressionPtr> parseExpression(std::string_view text);

/// Parses one point in history on its own: the `--as-of` of the command line, SET SYSTEM_TIME.
Result<Moment> parseMoment(std::string_view text);

}  // namespace drift::sql
