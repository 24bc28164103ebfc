// Time travel: points in history, FOR SYSTEM_TIME, AS OF. AS OF begins a point only if what follows OF can
// start one; otherwise "of" is an alias, as it always was.
#include "sql/grammar.h"

namespace drift::sql {

bool Grammar::atAsOfSystemTime() {
  return m_tokens.at(Keyword::As, Keyword::Of) && m_tokens.peek(2).keyword == Keyword::System &&
         m_tokens.peek(3).keyword == Keyword::Time;
}

bool Grammar::atAsOfPoint() {
  return m_tokens.at(Keyword::As, Keyword::Of) && !atAsOfSystemTime() && startsPoint(2);
}

bool Grammar::startsPoint(std::size_t ahead) {
  const Token token = m_tokens.peek(ahead);
  switch (token.kind) {
    case TokenKind::SequenceMark:
    case TokenKind::Parameter:
    case TokenKind::Integer:
    case TokenKind::Numeric:
    case TokenKind::QuotedIdentifier: return true;
    case TokenKind::LeftParen: return !startsAliasColumns(ahead);
    case TokenKind::Word: break;
    default: return m_tokens.atString(ahead);
  }
  switch (token.keyword) {
    case Keyword::NotKeyword:
    case Keyword::Case:
    case Keyword::Cast:
    case Keyword::CurrentDate:
    case Keyword::CurrentTimestamp:
    case Keyword::Localtimestamp: return true;
    default: break;
  }
  const KeywordClass category = keywordInfo(token.keyword).category;
  return category == KeywordClass::Unreserved || category == KeywordClass::ColumnName;
}

// "AS of (a, b)" names columns; a point in parentheses is never a bare word.
bool Grammar::startsAliasColumns(std::size_t ahead) {
  const TokenKind after = m_tokens.peek(ahead + 2).kind;
  return m_tokens.atName(NameClass::Column, ahead + 1) &&
         (after == TokenKind::Comma || after == TokenKind::RightParen);
}

// COMMIT n, @seq:n, TAG 'x', BRANCH 'x': the points that are no expression. LATEST is left to point().
bool Grammar::startsMomentKeyword() {
  const TokenKind next = m_tokens.peek(1).kind;
  if (m_tokens.at(TokenKind::SequenceMark)) return true;
  if (m_tokens.at(Keyword::Commit)) return next == TokenKind::Integer || next == TokenKind::Parameter;
  return (m_tokens.at(Keyword::Tag) || m_tokens.at(Keyword::Branch)) && m_tokens.atString(1);
}

Result<Moment> Grammar::point() {
  Moment moment;
  const SourceSpan start = here();
  const TokenKind next = m_tokens.peek(1).kind;
  if (startsMomentKeyword()) {
    if (!m_tokens.at(Keyword::Tag) && !m_tokens.at(Keyword::Branch)) return commitPoint();
    moment.kind = m_tokens.take().keyword == Keyword::Tag ? MomentKind::Tag : MomentKind::Branch;
    DRIFT_ASSIGN(moment.name, m_tokens.string());
  } else if (m_tokens.at(Keyword::Latest) && next != TokenKind::LeftParen && next != TokenKind::Dot) {
    m_tokens.take();
    moment.kind = MomentKind::Latest;
  } else {
    moment.kind = MomentKind::Time;
    DRIFT_ASSIGN(moment.expression, expressionAt(Power::OtherOperator, false));
  }
  moment.span = m_tokens.since(start);
  return moment;
}

Result<Moment> Grammar::commitPoint() {
  Moment moment;
  const SourceSpan start = m_tokens.take().span;
  moment.kind = MomentKind::Commit;
  if (!m_tokens.at(TokenKind::Integer) && !m_tokens.at(TokenKind::Parameter)) return m_tokens.syntaxError();
  DRIFT_ASSIGN(moment.expression, primary());
  moment.span = m_tokens.since(start);
  return moment;
}

// AS OF SYSTEM TIME p, into `target`, which must still be empty.
Status Grammar::asOfSystemTime(MomentPtr& target) {
  const SourceSpan start = here();
  for (int word = 0; word < 4; ++word) m_tokens.take();
  if (target)
    return Error(ErrorKind::SyntaxError, "AS OF SYSTEM TIME is given twice").at(m_tokens.since(start));
  DRIFT_ASSIGN(Moment moment, point());
  target = std::make_unique<Moment>(std::move(moment));
  return {};
}

// FOR SYSTEM_TIME AS OF p | FROM p TO q | BETWEEN p AND q | CONTAINED IN (p, q) | ALL, or AS OF p. Null: none.
Result<std::unique_ptr<TimeClause>> Grammar::timeClause() {
  const bool shortForm = atAsOfPoint();
  if (!shortForm && !m_tokens.at(Keyword::For, Keyword::SystemTime)) return std::unique_ptr<TimeClause>();
  auto clause = std::make_unique<TimeClause>();
  const SourceSpan start = here();
  if (!shortForm) {
    m_tokens.take();
    m_tokens.take();
  }
  if (m_tokens.accept(Keyword::As, Keyword::Of)) {
    clause->kind = TimeRangeKind::AsOf;
    DRIFT_ASSIGN(clause->low, point());
  } else if (m_tokens.accept(Keyword::From)) {
    clause->kind = TimeRangeKind::FromTo;
    DRIFT_ASSIGN(clause->low, point());
    DRIFT_TRY(m_tokens.expect(Keyword::To));
    DRIFT_ASSIGN(clause->high, point());
  } else if (m_tokens.accept(Keyword::Between)) {
    clause->kind = TimeRangeKind::Between;
    DRIFT_ASSIGN(clause->low, point());
    DRIFT_TRY(m_tokens.expect(Keyword::And));
    DRIFT_ASSIGN(clause->high, point());
  } else if (m_tokens.accept(Keyword::Contained, Keyword::In)) {
    clause->kind = TimeRangeKind::ContainedIn;
    DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
    DRIFT_ASSIGN(clause->low, point());
    DRIFT_TRY(m_tokens.expect(TokenKind::Comma));
    DRIFT_ASSIGN(clause->high, point());
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  } else if (m_tokens.accept(Keyword::All)) {
    clause->kind = TimeRangeKind::All;
  } else {
    return m_tokens.syntaxError().withHint(
        "FOR SYSTEM_TIME takes AS OF p, FROM p TO q, BETWEEN p AND q, CONTAINED IN (p, q) or ALL");
  }
  clause->span = m_tokens.since(start);
  return clause;
}

// A table function may take a point: diff(t, COMMIT 3, LATEST).
Result<ExpressionPtr> Grammar::tableFunctionArgument() {
  const TokenKind next = m_tokens.peek(1).kind;
  const bool latest = m_tokens.at(Keyword::Latest) && (next == TokenKind::Comma || next == TokenKind::RightParen);
  if (!latest && !startsMomentKeyword()) return expression();
  DRIFT_ASSIGN(Moment moment, point());
  const SourceSpan span = moment.span;
  return make(span, MomentExpression{std::make_unique<Moment>(std::move(moment))});
}

}  // namespace drift::sql
