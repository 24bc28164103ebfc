// Lexer: SQL text -> tokens, by PostgreSQL's lexical rules (chapter 4.1).
//
// One lexer serves the parser, statement splitting, highlighting and completion, so it never fails: what is
// not well formed is an error token, and the tokens always cover the whole text without gaps. Thread rule:
// a Lexer is a small value that reads a text owned by the caller; copy it to look ahead.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "base/error.h"
#include "sql/keywords.h"

namespace drift::sql {

enum class TokenKind : std::uint8_t {
  End,
  // Trivia
  Whitespace,
  LineComment,
  BlockComment,  ///< may nest
  // Names and values
  Word,              ///< an identifier without quotes, or a keyword
  QuotedIdentifier,  ///< "name"
  String,            ///< 'text'
  EscapeString,      ///< E'text'
  DollarString,      ///< $$text$$, $tag$text$tag$
  BitString,         ///< B'…' and X'…'
  UnicodeString,     ///< U&'…' and U&"…"
  Integer,
  Numeric,
  Parameter,         ///< $1
  SequenceMark,      ///< @seq: before a commit number
  // Operators and punctuation
  Operator,
  LeftParen, RightParen, LeftBracket, RightBracket,
  Comma, Semicolon, Dot, Colon, DoubleColon, ColonEquals,
  // Errors
  UnterminatedString,      ///< any kind of string, up to the end of the text
  UnterminatedIdentifier,
  UnterminatedComment,
  BadNumber,               ///< 12abc, 1e
  BadParameter,            ///< $1abc, $99999999999
  BadCharacter,            ///< a byte that begins no token
};

struct Token {
  TokenKind kind = TokenKind::End;
  Keyword keyword = Keyword::NotKeyword;  ///< of a Word
  SourceSpan span;

  bool isTrivia() const {
    return kind == TokenKind::Whitespace || kind == TokenKind::LineComment || kind == TokenKind::BlockComment;
  }
  bool isError() const { return kind >= TokenKind::UnterminatedString; }
};

/// Reads tokens from left to right. Reading a whole text is O(bytes).
class Lexer final {
 public:
  /// The text must outlive the lexer and be shorter than 4 GiB.
  explicit Lexer(std::string_view text) : m_text(text) {}

  /// Gives the next token, trivia too; End for ever after the last.
  Token next();
  /// Gives the next token that is not trivia.
  Token nextSignificant();

  std::string_view text() const { return m_text; }
  /// Gives the bytes of a token.
  std::string_view textOf(const Token& token) const {
    return m_text.substr(token.span.offsetBytes, token.span.lengthBytes);
  }

 private:
  char at(std::size_t ahead) const {
    return m_offset + ahead < m_text.size() ? m_text[m_offset + ahead] : '\0';
  }
  bool atEnd() const { return m_offset >= m_text.size(); }
  void advance(std::size_t bytes);
  Token finish(TokenKind kind, SourceSpan start) const;

  Token whitespace();
  Token lineComment();
  Token blockComment();
  Token quoted(std::size_t prefixBytes, char quote, bool backslash, TokenKind kind);
  std::optional<Token> prefixedString();
  Token dollar();
  Token number();
  Token word();
  Token operatorOrPunctuation();
  std::size_t operatorBytes() const;
  bool startsSequenceMark(std::size_t ahead) const;

  std::string_view m_text;
  std::size_t m_offset = 0;
  std::uint32_t m_line = 1;
  std::uint32_t m_column = 1;
};

/// Gives the place of the first byte that is not well-formed UTF-8, or is NUL; nothing if there is none.
std::optional<SourceSpan> findInvalidUtf8(std::string_view text);

}  // namespace drift::sql
