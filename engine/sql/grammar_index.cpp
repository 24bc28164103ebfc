// CREATE INDEX, DROP INDEX, ALTER INDEX.
#include "sql/grammar.h"

namespace drift::sql {

// CREATE [UNIQUE] INDEX [CONCURRENTLY] [[IF NOT EXISTS] name] ON table [USING btree] (element, …) [WHERE condition],
// from the word after INDEX on.
Result<StatementNode> Grammar::createIndex(bool unique) {
  CreateIndex index;
  index.unique = unique;
  index.concurrently = m_tokens.accept(Keyword::Concurrently);
  DRIFT_ASSIGN(index.ifNotExists, ifNotExists());
  if (!m_tokens.at(Keyword::On)) {
    DRIFT_ASSIGN(index.name, m_tokens.name(NameClass::Column));
    if (m_tokens.at(TokenKind::Dot))
      return Error(ErrorKind::SyntaxError, "an index has no schema of its own: it is made in that of its table")
          .at(here());
  } else if (index.ifNotExists) {
    return Error(ErrorKind::SyntaxError, "IF NOT EXISTS needs the name of the index").at(here());
  }
  DRIFT_TRY(m_tokens.expect(Keyword::On));
  if (m_tokens.at(Keyword::Only)) return m_tokens.notSupported("ONLY", here());
  DRIFT_ASSIGN(index.table, qualifiedName(NameClass::Column));
  if (m_tokens.accept(Keyword::Using)) {
    const SourceSpan place = here();
    DRIFT_ASSIGN(const Identifier method, m_tokens.name(NameClass::Column));
    if (method.text != "btree") return m_tokens.notSupported("An index USING " + method.text, place);
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  do {
    DRIFT_ASSIGN(IndexElement element, indexElement());
    index.elements.push_back(std::move(element));
  } while (m_tokens.accept(TokenKind::Comma));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  switch (m_tokens.peek().keyword) {
    case Keyword::Include: return m_tokens.notSupported("INCLUDE", here());
    case Keyword::Nulls: return m_tokens.notSupported("NULLS NOT DISTINCT", here());
    case Keyword::With: return m_tokens.notSupported("WITH (storage parameters)", here());
    case Keyword::Tablespace: return m_tokens.notSupported("TABLESPACE", here());
    default: break;
  }
  if (m_tokens.accept(Keyword::Where)) {
    DRIFT_ASSIGN(index.where, expression());
  }
  return StatementNode(std::move(index));
}

// column | function(…) | (expression): what is indexed, without its order.
Result<IndexElement> Grammar::indexedPart() {
  IndexElement element;
  if (m_tokens.accept(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(element.expression, expression());
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  } else if (m_tokens.peek(1).kind == TokenKind::LeftParen || m_tokens.peek(1).kind == TokenKind::Dot) {
    DRIFT_ASSIGN(element.expression, primary());
    const auto& made = *element.expression;
    if (!getIf<FunctionCall>(made) && !getIf<ConditionalExpression>(made) && !getIf<CastExpression>(made))
      return Error(ErrorKind::SyntaxError, "an index on an expression needs parentheses around it")
          .at(element.expression->span);
  } else {
    DRIFT_ASSIGN(element.column, m_tokens.name(NameClass::Column));
  }
  // A column in parentheses is that column.
  const auto* column = element.expression ? getIf<ColumnReference>(*element.expression) : nullptr;
  if (column && column->name.parts.size() == 1) {
    element.column = column->name.last();
    element.expression.reset();
  }
  return element;
}

Result<IndexElement> Grammar::indexElement() {
  DRIFT_ASSIGN(IndexElement element, indexedPart());
  if (m_tokens.at(Keyword::Collate)) return m_tokens.notSupported("COLLATE", here());
  const Token next = m_tokens.peek();
  const bool orders = next.keyword == Keyword::Asc || next.keyword == Keyword::Desc || next.keyword == Keyword::Nulls;
  if (next.kind == TokenKind::Word && !orders) return m_tokens.notSupported("An operator class of an index", next.span);
  if (m_tokens.accept(Keyword::Desc)) element.descending = true;
  else m_tokens.accept(Keyword::Asc);
  if (m_tokens.accept(Keyword::Nulls)) {
    if (m_tokens.accept(Keyword::First)) {
      element.nulls = NullsOrder::First;
    } else {
      DRIFT_TRY(m_tokens.expect(Keyword::Last));
      element.nulls = NullsOrder::Last;
    }
  }
  return element;
}

// DROP INDEX [CONCURRENTLY] [IF EXISTS] name, … [CASCADE | RESTRICT], from the word after INDEX on.
Result<StatementNode> Grammar::dropIndex() {
  DropIndex drop;
  drop.concurrently = m_tokens.accept(Keyword::Concurrently);
  DRIFT_ASSIGN(drop.ifExists, ifExists());
  DRIFT_ASSIGN(drop.names, relationNames());
  drop.behavior = dropBehavior();
  return StatementNode(std::move(drop));
}

// ALTER INDEX [IF EXISTS] name RENAME TO name, from the word after INDEX on.
Result<StatementNode> Grammar::alterIndex() {
  RenameIndex rename;
  DRIFT_ASSIGN(rename.ifExists, ifExists());
  DRIFT_ASSIGN(rename.name, qualifiedName(NameClass::Column));
  if (!m_tokens.at(Keyword::Rename)) {
    if (m_tokens.peek().kind != TokenKind::Word) return m_tokens.syntaxError();
    return m_tokens.notSupported("ALTER INDEX … but for RENAME TO", here());
  }
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::To));
  DRIFT_ASSIGN(rename.to, m_tokens.name(NameClass::Column));
  return StatementNode(std::move(rename));
}

}  // namespace drift::sql
