// Views, and those that keep their rows.
#include "sql/grammar.h"

namespace drift::sql {

// [IF NOT EXISTS] name [(column, …)] AS query [WITH [NO] DATA]
Result<StatementNode> Grammar::createMaterializedView() {
  CreateView view;
  view.materialized = true;
  DRIFT_ASSIGN(view.ifNotExists, ifNotExists());
  DRIFT_ASSIGN(view.name, qualifiedName(NameClass::Column));
  if (m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(view.columns, nameList());
  }
  switch (m_tokens.peek().keyword) {
    case Keyword::Using: return m_tokens.notSupported("USING", here());
    case Keyword::With: return m_tokens.notSupported("WITH (storage parameters)", here());
    case Keyword::Tablespace: return m_tokens.notSupported("TABLESPACE", here());
    default: break;
  }
  DRIFT_TRY(m_tokens.expect(Keyword::As));
  DRIFT_ASSIGN(view.query, query());
  if (m_tokens.accept(Keyword::With)) {
    view.withData = !m_tokens.accept(Keyword::No);
    DRIFT_TRY(m_tokens.expect(Keyword::Data));
  }
  return StatementNode(std::move(view));
}

// REFRESH MATERIALIZED VIEW [CONCURRENTLY] name [WITH [NO] DATA]
Result<StatementNode> Grammar::refreshView() {
  RefreshView refresh;
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::Materialized));
  DRIFT_TRY(m_tokens.expect(Keyword::View));
  refresh.concurrently = m_tokens.accept(Keyword::Concurrently);
  DRIFT_ASSIGN(refresh.name, qualifiedName(NameClass::Column));
  if (m_tokens.accept(Keyword::With)) {
    const SourceSpan place = here();
    refresh.withData = !m_tokens.accept(Keyword::No);
    DRIFT_TRY(m_tokens.expect(Keyword::Data));
    if (refresh.concurrently && !refresh.withData)
      return Error(ErrorKind::SyntaxError, "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together")
          .at(place);
  }
  return StatementNode(std::move(refresh));
}

}  // namespace drift::sql
