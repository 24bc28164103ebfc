#include "sql/token_stream.h"

#include <algorithm>
#include <cassert>
#include <string>

#include "sql/ascii_case.h"
#include "sql/parser.h"
#include "sql/string_literal.h"

namespace drift::sql {

namespace {

constexpr std::size_t kShownBytesMax = 60;

// Words that begin statements and clauses: where the grammar stops, one of these was probably meant.
constexpr Keyword kClauseKeywords[] = {
    Keyword::Select, Keyword::From,   Keyword::Where,  Keyword::Group,    Keyword::Order,     Keyword::Having,
    Keyword::Limit,  Keyword::Offset, Keyword::Insert, Keyword::Into,     Keyword::Values,    Keyword::Update,
    Keyword::Delete, Keyword::Create, Keyword::Table,  Keyword::Alter,    Keyword::Rename,    Keyword::Column,
    Keyword::Union,  Keyword::Between, Keyword::Begin, Keyword::Commit,   Keyword::Rollback,  Keyword::Truncate,
    Keyword::Explain, Keyword::Primary, Keyword::Unique, Keyword::Default, Keyword::Distinct, Keyword::Inner,
    Keyword::Using,  Keyword::Returning, Keyword::Intersect, Keyword::Except, Keyword::SystemTime,
    Keyword::Savepoint, Keyword::Release, Keyword::References, Keyword::Constraint, Keyword::Drop,
    Keyword::Join,   Keyword::Left,   Keyword::Right,  Keyword::Exists,   Keyword::Like,      Keyword::Show,
};

// Cuts long tokens, never inside a code point.
std::string shown(std::string_view text) {
  if (text.size() <= kShownBytesMax) return std::string(text);
  std::size_t end = kShownBytesMax;
  while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return std::string(text.substr(0, end)) + "…";
}

bool fitsClass(Keyword keyword, NameClass names) {
  const KeywordClass category = keywordInfo(keyword).category;
  switch (names) {
    case NameClass::Column: return category == KeywordClass::Unreserved || category == KeywordClass::ColumnName;
    case NameClass::Function:
      return category == KeywordClass::Unreserved || category == KeywordClass::TypeOrFunction;
    case NameClass::Label: return true;
  }
  return false;
}

}  // namespace

const Token& TokenStream::peek(std::size_t ahead) {
  assert(ahead < kLookaheadMax);
  while (m_aheadCount <= ahead) {
    m_ahead[(m_aheadFirst + m_aheadCount) % kLookaheadMax] = m_lexer.nextSignificant();
    ++m_aheadCount;
  }
  return m_ahead[(m_aheadFirst + ahead) % kLookaheadMax];
}

Token TokenStream::take() {
  m_previous = peek();
  m_aheadFirst = (m_aheadFirst + 1) % kLookaheadMax;
  --m_aheadCount;
  return m_previous;
}

bool TokenStream::atOperator(std::string_view op, std::size_t ahead) {
  const Token& token = peek(ahead);
  return token.kind == TokenKind::Operator && textOf(token) == op;
}

bool TokenStream::atName(NameClass names, std::size_t ahead) {
  const Token& token = peek(ahead);
  if (token.kind == TokenKind::QuotedIdentifier) return true;
  if (token.kind != TokenKind::Word) return false;
  return token.keyword == Keyword::NotKeyword || fitsClass(token.keyword, names);
}

bool TokenStream::atString(std::size_t ahead) {
  const TokenKind kind = peek(ahead).kind;
  return kind == TokenKind::String || kind == TokenKind::EscapeString || kind == TokenKind::DollarString;
}

bool TokenStream::accept(TokenKind kind) {
  if (!at(kind)) return false;
  take();
  return true;
}

bool TokenStream::accept(Keyword keyword) {
  if (!at(keyword)) return false;
  take();
  return true;
}

bool TokenStream::accept(Keyword first, Keyword second) {
  if (!at(first, second)) return false;
  take();
  take();
  return true;
}

bool TokenStream::acceptOperator(std::string_view op) {
  if (!atOperator(op)) return false;
  take();
  return true;
}

Status TokenStream::expect(TokenKind kind) {
  if (!accept(kind)) return syntaxError();
  return {};
}

Status TokenStream::expect(Keyword keyword) {
  if (!accept(keyword)) return syntaxError();
  return {};
}

Result<Identifier> TokenStream::name(NameClass names) {
  if (!atName(names)) return syntaxError();
  const Token token = take();
  const bool quoted = token.kind == TokenKind::QuotedIdentifier;
  Identifier identifier{quoted ? decodeQuotedIdentifier(textOf(token)) : lowerAscii(textOf(token)), quoted, token.span};
  if (identifier.text.empty())
    return Error(ErrorKind::SyntaxError, "zero-length delimited identifier at or near \"\"\"\"").at(token.span);
  if (identifier.text.size() > kIdentifierBytesMax)
    return makeError(ErrorKind::LimitExceeded, "an identifier has at most {} bytes; this one has {}",
                     kIdentifierBytesMax, identifier.text.size())
        .at(token.span);
  return identifier;
}

Result<std::string> TokenStream::string() {
  if (!atString()) return syntaxError();
  const Token first = take();
  DRIFT_ASSIGN(std::string value, decodeString(first, textOf(first)));
  // 'a' and 'b' on different lines are one literal (chapter 4.1.2.1).
  while (first.kind != TokenKind::DollarString && at(TokenKind::String)) {
    const Token& next = peek();
    const std::size_t end = m_previous.span.offsetBytes + m_previous.span.lengthBytes;
    const std::string_view between = m_lexer.text().substr(end, next.span.offsetBytes - end);
    const bool otherLine = between.find('\n') != std::string_view::npos;
    if (!otherLine || between.find("/*") != std::string_view::npos) break;
    const Token part = take();
    Token asFirst = part;
    asFirst.kind = first.kind;
    DRIFT_ASSIGN(const std::string more, decodeString(asFirst, textOf(part)));
    value += more;
  }
  return value;
}

Error TokenStream::syntaxError() {
  const Token token = peek();
  const std::string text = shown(textOf(token));
  switch (token.kind) {
    case TokenKind::End: {
      Error error = Error(ErrorKind::SyntaxError, "syntax error at end of input").at(token.span);
      const std::string hint = hintFor(m_previous);
      return hint.empty() ? error : std::move(error).withHint(hint);
    }
    case TokenKind::UnterminatedString:
      return makeError(ErrorKind::SyntaxError, "unterminated quoted string at or near \"{}\"", text).at(token.span);
    case TokenKind::UnterminatedIdentifier:
      return makeError(ErrorKind::SyntaxError, "unterminated quoted identifier at or near \"{}\"", text)
          .at(token.span);
    case TokenKind::UnterminatedComment:
      return makeError(ErrorKind::SyntaxError, "unterminated /* comment at or near \"{}\"", text).at(token.span);
    case TokenKind::BadNumber:
      return makeError(ErrorKind::SyntaxError, "trailing junk after numeric literal at or near \"{}\"", text)
          .at(token.span);
    case TokenKind::BadParameter:
      return makeError(ErrorKind::SyntaxError, "invalid parameter number at or near \"{}\"", text).at(token.span);
    case TokenKind::BitString: return notSupported("A bit string literal", token.span);
    case TokenKind::UnicodeString: return notSupported("U& text with Unicode escapes", token.span);
    default: break;
  }
  Error error = makeError(ErrorKind::SyntaxError, "syntax error at or near \"{}\"", text).at(token.span);
  std::string hint = hintFor(token);
  if (hint.empty()) hint = hintFor(m_previous);
  return hint.empty() ? error : std::move(error).withHint(std::move(hint));
}

Error TokenStream::notSupported(std::string_view what, SourceSpan place) const {
  return makeError(ErrorKind::FeatureNotSupported, "{} is not supported yet", what).at(place);
}

std::string TokenStream::hintFor(const Token& token) const {
  if (token.kind != TokenKind::Word || token.keyword != Keyword::NotKeyword) return {};
  const Keyword nearest = nearestKeyword(textOf(token), kClauseKeywords);
  if (nearest == Keyword::NotKeyword) return {};
  return fmt::format("Did you mean {} instead of {}?", upperAscii(keywordInfo(nearest).text), textOf(token));
}

SourceSpan TokenStream::since(SourceSpan start) const {
  const std::uint32_t end = m_previous.span.offsetBytes + m_previous.span.lengthBytes;
  start.lengthBytes = end > start.offsetBytes ? end - start.offsetBytes : 0;
  return start;
}

}  // namespace drift::sql
