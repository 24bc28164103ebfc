// PREPARE, EXECUTE, DEALLOCATE; DECLARE, FETCH, MOVE, CLOSE.
#include "sql/grammar.h"

namespace drift::sql {

// PREPARE name [(type, …)] AS query | INSERT | UPDATE | DELETE | MERGE
Result<StatementNode> Grammar::prepare() {
  Prepare node;
  m_tokens.take();
  if (m_tokens.at(Keyword::Transaction)) return m_tokens.notSupported("PREPARE TRANSACTION", here());
  DRIFT_ASSIGN(node.name, m_tokens.name(NameClass::Column));
  if (m_tokens.accept(TokenKind::LeftParen)) {
    do {
      DRIFT_ASSIGN(TypeName type, typeName());
      node.types.push_back(std::move(type));
    } while (m_tokens.accept(TokenKind::Comma));
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  }
  DRIFT_TRY(m_tokens.expect(Keyword::As));
  switch (m_tokens.peek().keyword) {
    case Keyword::With:
    case Keyword::Insert:
    case Keyword::Update:
    case Keyword::Delete:
    case Keyword::Merge: break;
    default:
      if (!m_tokens.at(TokenKind::LeftParen) && !startsQuery()) return m_tokens.syntaxError();
  }
  DRIFT_ASSIGN(node.statement, statement());
  // What it does is done by EXECUTE.
  m_takesNumbers = false;
  m_changesInWith = false;
  m_parameterMax = 0;
  return StatementNode(std::move(node));
}

// EXECUTE name [(value, …)]
Result<StatementNode> Grammar::executePrepared() {
  ExecutePrepared node;
  const SourceSpan start = m_tokens.take().span;
  DRIFT_ASSIGN(node.name, m_tokens.name(NameClass::Column));
  if (m_tokens.accept(TokenKind::LeftParen)) {
    do {
      DRIFT_ASSIGN(ExpressionPtr value, expression());
      node.arguments.push_back(std::move(value));
    } while (m_tokens.accept(TokenKind::Comma));
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  }
  node.span = m_tokens.since(start);
  return StatementNode(std::move(node));
}

// DEALLOCATE [PREPARE] name | ALL
Result<StatementNode> Grammar::deallocate() {
  Deallocate node;
  m_tokens.take();
  m_tokens.accept(Keyword::Prepare);
  if (m_tokens.accept(Keyword::All)) return StatementNode(std::move(node));
  DRIFT_ASSIGN(node.name, m_tokens.name(NameClass::Column));
  return StatementNode(std::move(node));
}

// DECLARE name [BINARY] [INSENSITIVE | ASENSITIVE] [[NO] SCROLL] CURSOR [WITH | WITHOUT HOLD] FOR query
Result<StatementNode> Grammar::declareCursor() {
  DeclareCursor node;
  m_tokens.take();
  DRIFT_ASSIGN(node.name, m_tokens.name(NameClass::Column));
  while (!m_tokens.at(Keyword::Cursor)) {
    // Every cursor shows the rows that were there when it was declared.
    if (m_tokens.accept(Keyword::Insensitive) || m_tokens.accept(Keyword::Asensitive)) continue;
    if (m_tokens.accept(Keyword::Scroll)) continue;
    if (m_tokens.accept(Keyword::No, Keyword::Scroll)) node.forwardOnly = true;
    else if (m_tokens.at(Keyword::Binary)) return m_tokens.notSupported("A BINARY cursor", here());
    else return m_tokens.syntaxError();
  }
  m_tokens.take();
  if (m_tokens.accept(Keyword::With)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Hold));
    node.hold = true;
  } else if (m_tokens.accept(Keyword::Without)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Hold));
  }
  DRIFT_TRY(m_tokens.expect(Keyword::For));
  if (!m_tokens.at(Keyword::With) && !m_tokens.at(TokenKind::LeftParen) && !startsQuery())
    return m_tokens.syntaxError();
  DRIFT_ASSIGN(node.query, statement());
  if (!std::holds_alternative<QueryPtr>(node.query->node))
    return Error(ErrorKind::SyntaxError, "a cursor is of a query that changes nothing").at(node.query->span);
  if (node.query->changesInWith)
    return Error(ErrorKind::FeatureNotSupported,
                 "DECLARE CURSOR must not contain data-modifying statements in WITH")
        .at(node.query->span);
  return StatementNode(std::move(node));
}

// FETCH | MOVE [direction] [FROM | IN] cursor
Result<StatementNode> Grammar::fetch() {
  Fetch node;
  node.move = m_tokens.take().keyword == Keyword::Move;
  DRIFT_TRY(fetchDirection(node));
  if (!m_tokens.accept(Keyword::From)) m_tokens.accept(Keyword::In);
  DRIFT_ASSIGN(node.cursor, m_tokens.name(NameClass::Column));
  return StatementNode(std::move(node));
}

// NEXT | PRIOR | FIRST | LAST | ABSOLUTE n | RELATIVE n | n | ALL | FORWARD [n | ALL] | BACKWARD [n | ALL]; or nothing,
// which is NEXT. A cursor may have any of these names.
Status Grammar::fetchDirection(Fetch& fetch) {
  const Token next = m_tokens.peek(1);
  const bool last = next.kind == TokenKind::End || next.kind == TokenKind::Semicolon;
  const Token first = m_tokens.peek();
  if (last && first.keyword != Keyword::All) return {};
  const auto count = [&]() -> Status {
    DRIFT_ASSIGN(fetch.count, signedNumber());
    return {};
  };
  const bool number = first.kind == TokenKind::Integer || m_tokens.atOperator("-") || m_tokens.atOperator("+");
  if (number) return count();
  switch (first.keyword) {
    case Keyword::Next: m_tokens.take(); return {};
    case Keyword::Prior:
      m_tokens.take();
      fetch.kind = FetchKind::Backward;
      return {};
    case Keyword::First:
    case Keyword::Last:
      m_tokens.take();
      fetch.kind = FetchKind::Absolute;
      fetch.count = first.keyword == Keyword::First ? 1 : -1;
      return {};
    case Keyword::Absolute:
    case Keyword::Relative:
      m_tokens.take();
      fetch.kind = first.keyword == Keyword::Absolute ? FetchKind::Absolute : FetchKind::Relative;
      return count();
    case Keyword::All:
      m_tokens.take();
      fetch.count.reset();
      return {};
    case Keyword::Forward:
    case Keyword::Backward: {
      m_tokens.take();
      if (first.keyword == Keyword::Backward) fetch.kind = FetchKind::Backward;
      if (m_tokens.accept(Keyword::All)) {
        fetch.count.reset();
        return {};
      }
      const bool counted =
          m_tokens.at(TokenKind::Integer) || m_tokens.atOperator("-") || m_tokens.atOperator("+");
      return counted ? count() : Status();
    }
    default: return {};
  }
}

// CLOSE name | ALL
Result<StatementNode> Grammar::closeCursor() {
  CloseCursor node;
  m_tokens.take();
  if (m_tokens.accept(Keyword::All)) return StatementNode(std::move(node));
  DRIFT_ASSIGN(node.name, m_tokens.name(NameClass::Column));
  return StatementNode(std::move(node));
}

}  // namespace drift::sql
