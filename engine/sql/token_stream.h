// TokenStream: what the grammar reads from: tokens without trivia, names, places, syntax errors.
//
// Thread rule: one thread. The text is the caller's and must outlive the stream.
#pragma once

#include <array>
#include <string>
#include <string_view>

#include "base/result.h"
#include "sql/ast_expression.h"
#include "sql/lexer.h"

namespace drift::sql {

/// Which keywords may stand as a name.
enum class NameClass : std::uint8_t {
  Column,    ///< columns, tables, aliases: unreserved and column-name keywords (ColId)
  Function,  ///< functions and types: unreserved and type-or-function keywords
  Label,     ///< after AS and after a dot: every word (ColLabel)
};

class TokenStream final {
 public:
  explicit TokenStream(std::string_view text) : m_lexer(text) {}

  /// Gives a token ahead without reading it; 0 is the current one. At most kLookaheadMax - 1.
  const Token& peek(std::size_t ahead = 0);
  Token take();

  bool at(TokenKind kind) { return peek().kind == kind; }
  bool at(Keyword keyword) { return peek().keyword == keyword; }
  bool at(Keyword first, Keyword second) { return at(first) && peek(1).keyword == second; }
  /// True at the operator with this text.
  bool atOperator(std::string_view op, std::size_t ahead = 0);
  bool atName(NameClass names, std::size_t ahead = 0);
  /// True at any of the string literals that stand for text.
  bool atString(std::size_t ahead = 0);

  bool accept(TokenKind kind);
  bool accept(Keyword keyword);
  bool accept(Keyword first, Keyword second);
  bool acceptOperator(std::string_view op);
  Status expect(TokenKind kind);
  Status expect(Keyword keyword);

  /// Reads a name; LimitExceeded where it is longer than kIdentifierBytesMax.
  Result<Identifier> name(NameClass names);
  /// Reads a string literal and those that continue it on later lines.
  Result<std::string> string();

  /// Gives `syntax error at or near "x"` for the current token (or what is wrong inside it), with a hint where
  /// a keyword nearby looks misspelt.
  Error syntaxError();
  /// Gives "WHAT is not supported yet" at a place.
  Error notSupported(std::string_view what, SourceSpan place) const;

  std::string_view textOf(const Token& token) const { return m_lexer.textOf(token); }
  /// Gives the span from a place to the end of the last token taken.
  SourceSpan since(SourceSpan start) const;

 private:
  static constexpr std::size_t kLookaheadMax = 6;

  std::string hintFor(const Token& token) const;

  Lexer m_lexer;
  std::array<Token, kLookaheadMax> m_ahead{};
  std::size_t m_aheadFirst = 0;
  std::size_t m_aheadCount = 0;
  Token m_previous;
};

}  // namespace drift::sql
