// MERGE.
#include "sql/grammar.h"

namespace drift::sql {

// MERGE INTO table [[AS] alias] USING source ON condition WHEN …
Result<StatementNode> Grammar::merge(std::optional<WithClause> with) {
  Merge node;
  node.with = std::move(with);
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::Into));
  DRIFT_ASSIGN(node.table, targetTable());
  DRIFT_ASSIGN(node.alias, targetAlias(false));
  DRIFT_TRY(m_tokens.expect(Keyword::Using));
  DRIFT_ASSIGN(node.source, fromPrimary());
  if (atJoin())
    return Error(ErrorKind::SyntaxError, "the source of MERGE is one table or query")
        .withHint("Put the join into a subquery: USING (SELECT … FROM … JOIN …) AS s.")
        .at(here());
  DRIFT_TRY(m_tokens.expect(Keyword::On));
  DRIFT_ASSIGN(node.on, expression());
  if (!m_tokens.at(Keyword::When)) return m_tokens.syntaxError();
  while (m_tokens.at(Keyword::When)) {
    DRIFT_ASSIGN(MergeWhen when, mergeWhen());
    node.whens.push_back(std::move(when));
  }
  if (m_tokens.at(Keyword::Returning)) return m_tokens.notSupported("RETURNING of MERGE", here());
  return StatementNode(std::move(node));
}

// WHEN [NOT] MATCHED [AND condition] THEN UPDATE SET … | DELETE | INSERT … | DO NOTHING
Result<MergeWhen> Grammar::mergeWhen() {
  MergeWhen when;
  const SourceSpan start = m_tokens.take().span;
  when.matched = !m_tokens.accept(Keyword::Not);
  DRIFT_TRY(m_tokens.expect(Keyword::Matched));
  if (m_tokens.at(Keyword::By)) return m_tokens.notSupported("WHEN NOT MATCHED BY", here());
  if (m_tokens.accept(Keyword::And)) {
    DRIFT_ASSIGN(when.condition, expression());
  }
  DRIFT_TRY(m_tokens.expect(Keyword::Then));
  if (m_tokens.accept(Keyword::Do)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Nothing));
  } else if (!when.matched) {
    DRIFT_TRY(mergeInsert(when));
  } else if (m_tokens.accept(Keyword::Delete)) {
    when.action = MergeAction::Delete;
  } else {
    when.action = MergeAction::Update;
    DRIFT_TRY(m_tokens.expect(Keyword::Update));
    DRIFT_TRY(m_tokens.expect(Keyword::Set));
    do {
      DRIFT_TRY(assignment(when.assignments));
    } while (m_tokens.accept(TokenKind::Comma));
  }
  when.span = m_tokens.since(start);
  return when;
}

// INSERT [(column, …)] [OVERRIDING …] VALUES (…) | DEFAULT VALUES
Status Grammar::mergeInsert(MergeWhen& when) {
  when.action = MergeAction::Insert;
  DRIFT_TRY(m_tokens.expect(Keyword::Insert));
  if (m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(when.columns, nameList());
  }
  DRIFT_ASSIGN(when.overriding, overriding());
  if (m_tokens.accept(Keyword::Default, Keyword::Values)) return {};
  DRIFT_TRY(m_tokens.expect(Keyword::Values));
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  do {
    DRIFT_ASSIGN(ExpressionPtr value, valueOrDefault());
    when.values.push_back(std::move(value));
  } while (m_tokens.accept(TokenKind::Comma));
  return m_tokens.expect(TokenKind::RightParen);
}

}  // namespace drift::sql
