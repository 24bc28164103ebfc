// INSERT, UPDATE, DELETE, TRUNCATE, DELETE HISTORY.
#include "sql/grammar.h"

namespace drift::sql {

Result<QualifiedName> Grammar::targetTable() {
  if (m_tokens.at(Keyword::Only)) return m_tokens.notSupported("ONLY", here());
  DRIFT_ASSIGN(QualifiedName name, qualifiedName(NameClass::Column));
  if (m_tokens.at(Keyword::For, Keyword::SystemTime) || atAsOfSystemTime())
    return Error(ErrorKind::SyntaxError, "a statement that writes takes no time clause").at(here());
  return name;
}

// [AS] alias. INSERT needs the AS; UPDATE and DELETE must not take SET, WHERE … for a name.
Result<std::optional<Alias>> Grammar::targetAlias(bool needsAs) {
  const bool as = m_tokens.accept(Keyword::As);
  const bool bare = !needsAs && !m_tokens.at(Keyword::Set) && m_tokens.atName(NameClass::Column);
  if (!as && !bare) return std::optional<Alias>();
  Alias result;
  DRIFT_ASSIGN(result.name, m_tokens.name(NameClass::Column));
  return std::optional<Alias>(std::move(result));
}

Result<ExpressionPtr> Grammar::valueOrDefault() {
  if (!m_tokens.at(Keyword::Default)) return expression();
  const Token token = m_tokens.take();
  return make(token.span, DefaultMarker{});
}

Result<std::vector<SelectItem>> Grammar::returning() {
  if (!m_tokens.accept(Keyword::Returning)) return std::vector<SelectItem>();
  return selectItems();
}

// OVERRIDING SYSTEM | USER VALUE
Result<Overriding> Grammar::overriding() {
  if (!m_tokens.accept(Keyword::Overriding)) return Overriding::None;
  const auto result = m_tokens.accept(Keyword::User) ? Overriding::User : Overriding::System;
  if (result == Overriding::System) DRIFT_TRY(m_tokens.expect(Keyword::System));
  DRIFT_TRY(m_tokens.expect(Keyword::Value));
  return result;
}

Result<StatementNode> Grammar::insert(std::optional<WithClause> with) {
  Insert node;
  node.with = std::move(with);
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::Into));
  DRIFT_ASSIGN(node.table, targetTable());
  DRIFT_ASSIGN(node.alias, targetAlias(true));
  if (m_tokens.at(TokenKind::LeftParen) && !startsQuery(1) && m_tokens.peek(1).kind != TokenKind::LeftParen) {
    DRIFT_ASSIGN(node.columns, nameList());
  }
  DRIFT_ASSIGN(node.overriding, overriding());
  if (!m_tokens.accept(Keyword::Default, Keyword::Values)) {
    m_defaultAllowed = m_tokens.at(Keyword::Values);
    DRIFT_ASSIGN(node.source, query());
  }
  if (m_tokens.at(Keyword::On)) {
    DRIFT_ASSIGN(node.onConflict, conflictClause());
  }
  DRIFT_ASSIGN(node.returning, returning());
  return StatementNode(std::move(node));
}

// ON CONFLICT [(element, …) [WHERE …] | ON CONSTRAINT name] DO NOTHING | DO UPDATE SET … [WHERE …]
Result<ConflictClause> Grammar::conflictClause() {
  ConflictClause clause;
  const SourceSpan start = m_tokens.take().span;
  DRIFT_TRY(m_tokens.expect(Keyword::Conflict));
  if (m_tokens.accept(Keyword::On)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Constraint));
    DRIFT_ASSIGN(clause.constraint, m_tokens.name(NameClass::Column));
  } else if (m_tokens.accept(TokenKind::LeftParen)) {
    do {
      DRIFT_ASSIGN(IndexElement element, indexedPart());
      clause.elements.push_back(std::move(element));
      if (m_tokens.at(Keyword::Collate)) return m_tokens.notSupported("COLLATE in ON CONFLICT", here());
    } while (m_tokens.accept(TokenKind::Comma));
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
    if (m_tokens.accept(Keyword::Where)) {
      DRIFT_ASSIGN(clause.elementsWhere, expression());
    }
  }
  DRIFT_TRY(m_tokens.expect(Keyword::Do));
  if (m_tokens.accept(Keyword::Update)) {
    clause.update = true;
    DRIFT_TRY(m_tokens.expect(Keyword::Set));
    do {
      DRIFT_TRY(assignment(clause.assignments));
    } while (m_tokens.accept(TokenKind::Comma));
    if (m_tokens.accept(Keyword::Where)) {
      DRIFT_ASSIGN(clause.where, expression());
    }
  } else {
    DRIFT_TRY(m_tokens.expect(Keyword::Nothing));
  }
  clause.span = m_tokens.since(start);
  return clause;
}

Result<StatementNode> Grammar::update(std::optional<WithClause> with) {
  Update node;
  node.with = std::move(with);
  m_tokens.take();
  DRIFT_ASSIGN(node.table, targetTable());
  DRIFT_ASSIGN(node.alias, targetAlias(false));
  DRIFT_TRY(m_tokens.expect(Keyword::Set));
  do {
    DRIFT_TRY(assignment(node.assignments));
  } while (m_tokens.accept(TokenKind::Comma));
  if (m_tokens.accept(Keyword::From)) {
    DRIFT_ASSIGN(node.from, fromList());
  }
  if (m_tokens.accept(Keyword::Where)) {
    if (m_tokens.at(Keyword::Current, Keyword::Of)) return m_tokens.notSupported("WHERE CURRENT OF", here());
    DRIFT_ASSIGN(node.where, expression());
  }
  DRIFT_ASSIGN(node.returning, returning());
  return StatementNode(std::move(node));
}

Status Grammar::assignment(std::vector<Assignment>& out) {
  if (m_tokens.at(TokenKind::LeftParen)) return multipleAssignment(out);
  Assignment one;
  const SourceSpan start = here();
  DRIFT_ASSIGN(one.column, m_tokens.name(NameClass::Column));
  if (m_tokens.at(TokenKind::Dot) || m_tokens.at(TokenKind::LeftBracket))
    return m_tokens.notSupported("Assigning to a part of a column", here());
  if (!m_tokens.acceptOperator("=")) return m_tokens.syntaxError();
  DRIFT_ASSIGN(one.value, valueOrDefault());
  one.span = m_tokens.since(start);
  out.push_back(std::move(one));
  return {};
}

// (a, b) = (x, y) or ROW(x, y): as many assignments.
Status Grammar::multipleAssignment(std::vector<Assignment>& out) {
  const SourceSpan start = here();
  DRIFT_ASSIGN(auto columns, nameList());
  if (!m_tokens.acceptOperator("=")) return m_tokens.syntaxError();
  m_tokens.accept(Keyword::Row);
  if (m_tokens.at(TokenKind::LeftParen) && startsQuery(1))
    return m_tokens.notSupported("Assigning the columns of a subquery", here());
  const SourceSpan valuesStart = here();
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  std::vector<ExpressionPtr> values;
  do {
    DRIFT_ASSIGN(ExpressionPtr value, valueOrDefault());
    values.push_back(std::move(value));
  } while (m_tokens.accept(TokenKind::Comma));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  if (values.size() != columns.size())
    return Error(ErrorKind::SyntaxError, "number of columns does not match number of values")
        .at(m_tokens.since(valuesStart));
  for (std::size_t i = 0; i < columns.size(); ++i)
    out.push_back(Assignment{std::move(columns[i]), std::move(values[i]), m_tokens.since(start)});
  return {};
}

Result<StatementNode> Grammar::deleteFrom(std::optional<WithClause> with) {
  Delete node;
  node.with = std::move(with);
  m_tokens.take();
  if (m_tokens.at(Keyword::History) && !node.with) return deleteHistory();
  DRIFT_TRY(m_tokens.expect(Keyword::From));
  DRIFT_ASSIGN(node.table, targetTable());
  DRIFT_ASSIGN(node.alias, targetAlias(false));
  if (m_tokens.accept(Keyword::Using)) {
    DRIFT_ASSIGN(node.usingItems, fromList());
  }
  if (m_tokens.accept(Keyword::Where)) {
    if (m_tokens.at(Keyword::Current, Keyword::Of)) return m_tokens.notSupported("WHERE CURRENT OF", here());
    DRIFT_ASSIGN(node.where, expression());
  }
  DRIFT_ASSIGN(node.returning, returning());
  return StatementNode(std::move(node));
}

// DELETE HISTORY FROM t BEFORE p
Result<StatementNode> Grammar::deleteHistory() {
  DeleteHistory node;
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::From));
  DRIFT_ASSIGN(node.table, targetTable());
  DRIFT_TRY(m_tokens.expect(Keyword::Before));
  DRIFT_ASSIGN(node.before, point());
  return StatementNode(std::move(node));
}

Result<StatementNode> Grammar::truncate() {
  Truncate node;
  m_tokens.take();
  m_tokens.accept(Keyword::Table);
  do {
    DRIFT_ASSIGN(QualifiedName name, targetTable());
    node.names.push_back(std::move(name));
  } while (m_tokens.accept(TokenKind::Comma));
  if (m_tokens.at(Keyword::Restart)) return m_tokens.notSupported("RESTART IDENTITY", here());
  if (m_tokens.accept(Keyword::Continue)) DRIFT_TRY(m_tokens.expect(Keyword::Identity));
  node.behavior = dropBehavior();
  return StatementNode(std::move(node));
}

}  // namespace drift::sql
