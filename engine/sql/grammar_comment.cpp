// COMMENT ON.
#include "sql/ascii_case.h"
#include "sql/grammar.h"

namespace drift::sql {

// COMMENT ON TABLE | COLUMN | [MATERIALIZED] VIEW | INDEX | SEQUENCE | FUNCTION name | CONSTRAINT name ON table
// IS 'text' | NULL
Result<StatementNode> Grammar::comment() {
  Comment node;
  const SourceSpan start = m_tokens.take().span;
  DRIFT_TRY(m_tokens.expect(Keyword::On));
  const Token object = m_tokens.peek();
  switch (object.keyword) {
    case Keyword::Table: node.target = CommentTarget::Table; break;
    case Keyword::Column: node.target = CommentTarget::Column; break;
    case Keyword::View: node.target = CommentTarget::View; break;
    case Keyword::Index: node.target = CommentTarget::Index; break;
    case Keyword::Sequence: node.target = CommentTarget::Sequence; break;
    case Keyword::Constraint: node.target = CommentTarget::Constraint; break;
    case Keyword::Function: node.target = CommentTarget::Function; break;
    case Keyword::Materialized: node.target = CommentTarget::MaterializedView; break;
    default:
      if (object.kind != TokenKind::Word) return m_tokens.syntaxError();
      return m_tokens.notSupported("COMMENT ON " + upperAscii(m_tokens.textOf(object)), object.span);
  }
  m_tokens.take();
  if (node.target == CommentTarget::MaterializedView) DRIFT_TRY(m_tokens.expect(Keyword::View));
  if (node.target == CommentTarget::Constraint) {
    DRIFT_ASSIGN(node.constraint, m_tokens.name(NameClass::Column));
    DRIFT_TRY(m_tokens.expect(Keyword::On));
    if (m_tokens.at(Keyword::Domain)) return m_tokens.notSupported("COMMENT ON CONSTRAINT … ON DOMAIN", here());
  }
  DRIFT_ASSIGN(node.name, qualifiedName(NameClass::Column));
  if (node.target == CommentTarget::Column && node.name.parts.size() < 2)
    return Error(ErrorKind::SyntaxError, "column name must be qualified")
        .withHint("COMMENT ON COLUMN takes table.column.")
        .at(node.name.span);
  if (node.target == CommentTarget::Function && m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(node.functionTypes, functionTypes());
  }
  DRIFT_TRY(m_tokens.expect(Keyword::Is));
  if (!m_tokens.accept(Keyword::Null)) {
    if (!m_tokens.atString()) return m_tokens.syntaxError();
    DRIFT_ASSIGN(node.text, m_tokens.string());
  }
  node.span = m_tokens.since(start);
  return StatementNode(std::move(node));
}

}  // namespace drift::sql
