#include "sql/lexer.h"

#include <algorithm>

namespace drift::sql {

namespace {

constexpr std::string_view kOperatorBytes = "+-*/<>=~!@#%^&|`?";
// An operator of several bytes may end in + or - only if it holds one of these (chapter 4.1.3).
constexpr std::string_view kBytesThatKeepSigns = "~!@#%^&|`?";
constexpr std::uint64_t kParameterMax = 65535;  // the wire protocol counts parameters in 16 bits

bool isSpace(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r' || c == '\f' || c == '\v'; }
bool isDigit(char c) { return c >= '0' && c <= '9'; }
bool isLetter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool isHighByte(char c) { return static_cast<unsigned char>(c) >= 0x80; }
bool startsWord(char c) { return isLetter(c) || c == '_' || isHighByte(c); }
bool continuesWord(char c) { return startsWord(c) || isDigit(c) || c == '$'; }
bool isOperatorByte(char c) { return c != '\0' && kOperatorBytes.find(c) != std::string_view::npos; }
bool isContinuationByte(char c) { return (static_cast<unsigned char>(c) & 0xC0) == 0x80; }

std::optional<TokenKind> punctuation(char c) {
  switch (c) {
    case '(': return TokenKind::LeftParen;
    case ')': return TokenKind::RightParen;
    case '[': return TokenKind::LeftBracket;
    case ']': return TokenKind::RightBracket;
    case ',': return TokenKind::Comma;
    case ';': return TokenKind::Semicolon;
    case '.': return TokenKind::Dot;
    case ':': return TokenKind::Colon;
    default: return std::nullopt;
  }
}

// Length of the well-formed UTF-8 sequence at the start of `bytes` (Unicode 15, table 3-7); 0 = malformed.
std::size_t utf8SequenceBytes(std::string_view bytes) {
  const auto byte = [&](std::size_t i) { return i < bytes.size() ? static_cast<unsigned char>(bytes[i]) : 0u; };
  const auto within = [&](std::size_t i, unsigned low, unsigned high) { return byte(i) >= low && byte(i) <= high; };
  const unsigned first = byte(0);
  if (first >= 0x01 && first <= 0x7F) return 1;
  if (first >= 0xC2 && first <= 0xDF) return within(1, 0x80, 0xBF) ? 2 : 0;
  if (first >= 0xE0 && first <= 0xEF) {
    const unsigned low = first == 0xE0 ? 0xA0 : 0x80;
    const unsigned high = first == 0xED ? 0x9F : 0xBF;  // no surrogates
    return within(1, low, high) && within(2, 0x80, 0xBF) ? 3 : 0;
  }
  if (first >= 0xF0 && first <= 0xF4) {
    const unsigned low = first == 0xF0 ? 0x90 : 0x80;
    const unsigned high = first == 0xF4 ? 0x8F : 0xBF;
    return within(1, low, high) && within(2, 0x80, 0xBF) && within(3, 0x80, 0xBF) ? 4 : 0;
  }
  return 0;
}

}  // namespace

void Lexer::advance(std::size_t bytes) {
  const std::size_t end = std::min(m_offset + bytes, m_text.size());
  for (; m_offset < end; ++m_offset) {
    const char c = m_text[m_offset];
    if (c == '\n') {
      ++m_line;
      m_column = 1;
    } else if (!isContinuationByte(c)) {
      ++m_column;
    }
  }
}

Token Lexer::finish(TokenKind kind, SourceSpan start) const {
  start.lengthBytes = static_cast<std::uint32_t>(m_offset - start.offsetBytes);
  Token token{kind, Keyword::NotKeyword, start};
  if (kind == TokenKind::Word) token.keyword = findKeyword(textOf(token));
  return token;
}

Token Lexer::next() {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  if (atEnd()) return finish(TokenKind::End, start);
  const char c = at(0);
  if (isSpace(c)) return whitespace();
  if (c == '-' && at(1) == '-') return lineComment();
  if (c == '/' && at(1) == '*') return blockComment();
  if (c == '\'') return quoted(1, '\'', false, TokenKind::String);
  if (c == '"') return quoted(1, '"', false, TokenKind::QuotedIdentifier);
  if (c == '$') return dollar();
  if (isDigit(c) || (c == '.' && isDigit(at(1)))) return number();
  if (auto token = prefixedString()) return *token;
  if (startsWord(c)) return word();
  return operatorOrPunctuation();
}

Token Lexer::nextSignificant() {
  Token token = next();
  while (token.isTrivia()) token = next();
  return token;
}

Token Lexer::whitespace() {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  while (!atEnd() && isSpace(at(0))) advance(1);
  return finish(TokenKind::Whitespace, start);
}

Token Lexer::lineComment() {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  while (!atEnd() && at(0) != '\n' && at(0) != '\r') advance(1);
  return finish(TokenKind::LineComment, start);
}

Token Lexer::blockComment() {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  advance(2);
  std::size_t depth = 1;
  while (depth > 0) {
    if (atEnd()) return finish(TokenKind::UnterminatedComment, start);
    if (at(0) == '/' && at(1) == '*') {
      ++depth;
      advance(2);
    } else if (at(0) == '*' && at(1) == '/') {
      --depth;
      advance(2);
    } else {
      advance(1);
    }
  }
  return finish(TokenKind::BlockComment, start);
}

// A doubled quote stands for itself; `backslash`: so does any byte after a backslash.
Token Lexer::quoted(std::size_t prefixBytes, char quote, bool backslash, TokenKind kind) {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  advance(prefixBytes);
  while (!atEnd()) {
    if (at(0) == quote) {
      const bool doubled = at(1) == quote;
      advance(doubled ? 2 : 1);
      if (!doubled) return finish(kind, start);
    } else {
      advance(backslash && at(0) == '\\' ? 2 : 1);
    }
  }
  return finish(quote == '"' ? TokenKind::UnterminatedIdentifier : TokenKind::UnterminatedString, start);
}

std::optional<Token> Lexer::prefixedString() {
  const char c = at(0);
  if ((c == 'e' || c == 'E') && at(1) == '\'') return quoted(2, '\'', true, TokenKind::EscapeString);
  if ((c == 'n' || c == 'N') && at(1) == '\'') return quoted(2, '\'', false, TokenKind::String);
  if ((c == 'b' || c == 'B' || c == 'x' || c == 'X') && at(1) == '\'')
    return quoted(2, '\'', false, TokenKind::BitString);
  if ((c == 'u' || c == 'U') && at(1) == '&' && (at(2) == '\'' || at(2) == '"'))
    return quoted(3, at(2), false, TokenKind::UnicodeString);
  return std::nullopt;
}

// $1, or a string between two equal tags: $$…$$, $tag$…$tag$.
Token Lexer::dollar() {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  if (isDigit(at(1))) {
    advance(1);
    std::uint64_t value = 0;
    while (isDigit(at(0))) {
      value = std::min<std::uint64_t>(value * 10 + static_cast<std::uint64_t>(at(0) - '0'), kParameterMax + 1);
      advance(1);
    }
    const bool junk = startsWord(at(0));
    while (junk && continuesWord(at(0))) advance(1);
    const bool good = !junk && value >= 1 && value <= kParameterMax;
    return finish(good ? TokenKind::Parameter : TokenKind::BadParameter, start);
  }
  std::size_t tagBytes = 1;
  if (startsWord(at(1)))
    while (startsWord(at(tagBytes)) || isDigit(at(tagBytes))) ++tagBytes;
  if (at(tagBytes) != '$') {
    advance(1);
    return finish(TokenKind::BadCharacter, start);
  }
  const std::string_view tag = m_text.substr(m_offset, tagBytes + 1);
  const std::size_t close = m_text.find(tag, m_offset + tag.size());
  advance(close == std::string_view::npos ? m_text.size() - m_offset : close + tag.size() - m_offset);
  return finish(close == std::string_view::npos ? TokenKind::UnterminatedString : TokenKind::DollarString, start);
}

Token Lexer::number() {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  TokenKind kind = TokenKind::Integer;
  while (isDigit(at(0))) advance(1);
  if (at(0) == '.' && at(1) != '.') {
    kind = TokenKind::Numeric;
    advance(1);
    while (isDigit(at(0))) advance(1);
  }
  if (at(0) == 'e' || at(0) == 'E') {
    const std::size_t signBytes = at(1) == '+' || at(1) == '-' ? 1 : 0;
    if (isDigit(at(1 + signBytes))) {
      kind = TokenKind::Numeric;
      advance(1 + signBytes);
      while (isDigit(at(0))) advance(1);
    }
  }
  if (startsWord(at(0))) {
    kind = TokenKind::BadNumber;
    while (continuesWord(at(0))) advance(1);
  }
  return finish(kind, start);
}

Token Lexer::word() {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  while (!atEnd() && continuesWord(at(0))) advance(1);
  return finish(TokenKind::Word, start);
}

bool Lexer::startsSequenceMark(std::size_t ahead) const {
  const auto lower = [&](std::size_t i) { return static_cast<char>(at(ahead + i) | 0x20); };
  return at(ahead) == '@' && lower(1) == 's' && lower(2) == 'e' && lower(3) == 'q' && at(ahead + 4) == ':' &&
         at(ahead + 5) != ':';
}

std::size_t Lexer::operatorBytes() const {
  std::size_t length = 0;
  bool keepsSigns = false;
  while (isOperatorByte(at(length))) {
    const bool comment = (at(length) == '-' && at(length + 1) == '-') ||
                         (at(length) == '/' && at(length + 1) == '*');
    // "= @seq:5" and "=@seq:5" mean the same.
    if (length > 0 && (comment || startsSequenceMark(length))) break;
    keepsSigns |= kBytesThatKeepSigns.find(at(length)) != std::string_view::npos;
    ++length;
  }
  while (length > 1 && !keepsSigns && (at(length - 1) == '+' || at(length - 1) == '-')) --length;
  return length;
}

Token Lexer::operatorOrPunctuation() {
  const SourceSpan start{static_cast<std::uint32_t>(m_offset), 0, m_line, m_column};
  if (startsSequenceMark(0)) {
    advance(5);
    return finish(TokenKind::SequenceMark, start);
  }
  if (at(0) == ':' && (at(1) == ':' || at(1) == '=')) {
    const bool cast = at(1) == ':';
    advance(2);
    return finish(cast ? TokenKind::DoubleColon : TokenKind::ColonEquals, start);
  }
  if (const auto kind = punctuation(at(0))) {
    advance(1);
    return finish(*kind, start);
  }
  if (const std::size_t length = operatorBytes(); length > 0) {
    advance(length);
    return finish(TokenKind::Operator, start);
  }
  advance(1);
  return finish(TokenKind::BadCharacter, start);
}

std::optional<SourceSpan> findInvalidUtf8(std::string_view text) {
  SourceSpan place;
  for (std::size_t offset = 0; offset < text.size();) {
    place.offsetBytes = static_cast<std::uint32_t>(offset);
    const std::size_t bytes = utf8SequenceBytes(text.substr(offset));
    if (bytes == 0) {
      place.lengthBytes = 1;
      return place;
    }
    if (text[offset] == '\n') {
      ++place.line;
      place.column = 1;
    } else {
      ++place.column;
    }
    offset += bytes;
  }
  return std::nullopt;
}

}  // namespace drift::sql
