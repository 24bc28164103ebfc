#include "sql/highlight.h"

#include <algorithm>
#include <array>

#include "sql/lexer.h"
#include "types/type.h"

namespace drift::sql {

namespace {

// Unreserved words that the grammar uses; the others are more often names ("name", "value", "data").
constexpr std::array kActingKeywords{
    Keyword::Abort,     Keyword::Add,        Keyword::Alter,    Keyword::Begin,     Keyword::By,
    Keyword::Cascade,   Keyword::Commit,     Keyword::Committed, Keyword::Delete,   Keyword::Drop,
    Keyword::Escape,    Keyword::Exclude,    Keyword::Explain,  Keyword::Filter,    Keyword::First,
    Keyword::If,        Keyword::Insert,     Keyword::Isolation, Keyword::Key,      Keyword::Last,
    Keyword::Level,     Keyword::Materialized, Keyword::Next,   Keyword::Nulls,     Keyword::Over,
    Keyword::Partition, Keyword::Range,      Keyword::Read,     Keyword::Recursive, Keyword::Release,
    Keyword::Rename,    Keyword::Repeatable, Keyword::Reset,    Keyword::Restrict,  Keyword::Rollback,
    Keyword::Rows,      Keyword::Savepoint,  Keyword::Serializable, Keyword::Set,   Keyword::Show,
    Keyword::Start,     Keyword::Transaction, Keyword::Truncate, Keyword::Update,   Keyword::View,
    Keyword::Within,    Keyword::Without,    Keyword::Zone,
};

bool isText(const Token& token) {
  return token.kind == TokenKind::String || token.kind == TokenKind::EscapeString ||
         token.kind == TokenKind::DollarString;
}

bool isCount(const Token& token) { return token.kind == TokenKind::Integer || token.kind == TokenKind::Parameter; }

// Classifies words by the significant tokens around them.
class Highlighter final {
 public:
  explicit Highlighter(std::string_view text) : m_lexer(text) {
    for (Token token = m_lexer.next(); token.kind != TokenKind::End; token = m_lexer.next()) {
      if (!token.isTrivia()) m_significant.push_back(m_tokens.size());
      m_tokens.push_back(token);
    }
  }

  std::vector<HighlightRange> ranges() {
    std::vector<HighlightRange> ranges;
    ranges.reserve(m_tokens.size());
    std::size_t position = 0;  // among the significant tokens
    for (const Token& token : m_tokens) {
      const HighlightClass kind = token.kind == TokenKind::Word ? word(position) : plain(token.kind);
      if (!token.isTrivia()) {
        ranges.push_back({token.span.offsetBytes, token.span.lengthBytes, m_timeUntil > position
                                                                              ? HighlightClass::TimeTravel
                                                                              : kind});
        ++position;
      } else {
        ranges.push_back({token.span.offsetBytes, token.span.lengthBytes, kind});
      }
    }
    return ranges;
  }

 private:
  // The significant token `ahead` of a position; an End token outside the text.
  Token near(std::size_t position, int ahead) const {
    const auto index = static_cast<std::ptrdiff_t>(position) + ahead;
    if (index < 0 || index >= static_cast<std::ptrdiff_t>(m_significant.size())) return {};
    return m_tokens[m_significant[static_cast<std::size_t>(index)]];
  }

  static HighlightClass plain(TokenKind kind) {
    switch (kind) {
      case TokenKind::End:
      case TokenKind::Whitespace:
      case TokenKind::Word: return HighlightClass::Text;
      case TokenKind::LineComment:
      case TokenKind::BlockComment: return HighlightClass::Comment;
      case TokenKind::QuotedIdentifier: return HighlightClass::QuotedName;
      case TokenKind::String:
      case TokenKind::EscapeString:
      case TokenKind::DollarString:
      case TokenKind::BitString:
      case TokenKind::UnicodeString: return HighlightClass::String;
      case TokenKind::Integer:
      case TokenKind::Numeric: return HighlightClass::Number;
      case TokenKind::Parameter: return HighlightClass::Parameter;
      case TokenKind::SequenceMark: return HighlightClass::TimeTravel;
      case TokenKind::Operator:
      case TokenKind::LeftParen:
      case TokenKind::RightParen:
      case TokenKind::LeftBracket:
      case TokenKind::RightBracket:
      case TokenKind::Comma:
      case TokenKind::Semicolon:
      case TokenKind::Dot:
      case TokenKind::Colon:
      case TokenKind::DoubleColon:
      case TokenKind::ColonEquals: return HighlightClass::Operator;
      case TokenKind::UnterminatedString:
      case TokenKind::UnterminatedIdentifier:
      case TokenKind::UnterminatedComment:
      case TokenKind::BadNumber:
      case TokenKind::BadParameter:
      case TokenKind::BadCharacter: return HighlightClass::Error;
    }
    return HighlightClass::Text;
  }

  // How many words from here on belong to a phrase of time travel.
  std::size_t timeWords(std::size_t position) const {
    const Token here = near(position, 0);
    const Token next = near(position, 1);
    const Token third = near(position, 2);
    switch (here.keyword) {
      case Keyword::SystemTime:
      case Keyword::Latest: return 1;
      case Keyword::For: return next.keyword == Keyword::SystemTime ? 2 : 0;
      case Keyword::Commit: return isCount(next) ? 1 : 0;
      case Keyword::Tag:
      case Keyword::Branch: return isText(next) ? 1 : 0;
      case Keyword::Contained: return next.keyword == Keyword::In ? 2 : 0;
      case Keyword::As: break;
      default: return 0;
    }
    if (next.keyword != Keyword::Of) return 0;
    if (third.keyword == Keyword::System && near(position, 3).keyword == Keyword::Time) return 4;
    const bool afterClause = near(position, -1).keyword == Keyword::SystemTime;
    const bool point = isText(third) || isCount(third) || third.kind == TokenKind::SequenceMark ||
                       third.kind == TokenKind::LeftParen || timeWordStartsPoint(third.keyword) ||
                       near(position, 3).kind == TokenKind::LeftParen || isText(near(position, 3));
    return afterClause || point ? 2 : 0;
  }

  static bool timeWordStartsPoint(Keyword keyword) {
    return keyword == Keyword::Commit || keyword == Keyword::Tag || keyword == Keyword::Branch ||
           keyword == Keyword::Latest || keyword == Keyword::CurrentTimestamp || keyword == Keyword::CurrentDate ||
           keyword == Keyword::Localtimestamp;
  }

  HighlightClass word(std::size_t position) {
    const Token token = near(position, 0);
    const bool partOfName = near(position, -1).kind == TokenKind::Dot || near(position, 1).kind == TokenKind::Dot;
    if (partOfName) return HighlightClass::Text;
    if (m_timeUntil <= position) m_timeUntil = position + timeWords(position);
    if (m_timeUntil > position) return HighlightClass::TimeTravel;
    if (isType(token)) return HighlightClass::Type;
    if (token.keyword == Keyword::NotKeyword) return HighlightClass::Text;
    switch (keywordInfo(token.keyword).category) {
      case KeywordClass::Reserved:
      case KeywordClass::TypeOrFunction:
      case KeywordClass::ColumnName: return HighlightClass::Keyword;
      case KeywordClass::Unreserved: break;
    }
    const bool acting = std::ranges::find(kActingKeywords, token.keyword) != kActingKeywords.end();
    return acting ? HighlightClass::Keyword : HighlightClass::Text;
  }

  bool isType(const Token& token) const {
    if (token.keyword == Keyword::Double || token.keyword == Keyword::Precision ||
        token.keyword == Keyword::Character || token.keyword == Keyword::Varying || token.keyword == Keyword::Char)
      return true;
    const auto type = types::typeFromName(m_lexer.textOf(token));
    return type && type->id() != types::TypeId::Unknown;
  }

  Lexer m_lexer;
  std::vector<Token> m_tokens;
  std::vector<std::size_t> m_significant;
  std::size_t m_timeUntil = 0;  // significant tokens before this one belong to a phrase of time travel
};

}  // namespace

std::vector<HighlightRange> highlight(std::string_view text) { return Highlighter(text).ranges(); }

}  // namespace drift::sql
