// Statements by their first words. What PostgreSQL knows and we do not yet is named in the error.
#include <algorithm>

#include "sql/ascii_case.h"
#include "sql/grammar.h"

namespace drift::sql {

namespace {

// Statements of PostgreSQL that begin with a word of their own.
constexpr Keyword kUnsupportedStatements[] = {
    Keyword::Analyze, Keyword::Call, Keyword::Checkpoint, Keyword::Cluster, Keyword::Discard,
    Keyword::Do, Keyword::Grant, Keyword::Import, Keyword::Listen, Keyword::Load, Keyword::Lock, Keyword::Notify,
    Keyword::Reassign, Keyword::Reindex, Keyword::Revoke, Keyword::Security, Keyword::Unlisten,
    Keyword::Vacuum,
};

// What CREATE, DROP and ALTER may be about in PostgreSQL and here, but not yet.
constexpr Keyword kUnsupportedObjects[] = {
    Keyword::Access,     Keyword::Aggregate,    Keyword::Branch,      Keyword::Cast,       Keyword::Collation,
    Keyword::Conversion, Keyword::Database,     Keyword::Default,     Keyword::Domain,     Keyword::Event,
    Keyword::Extension,  Keyword::Foreign,      Keyword::Function,    Keyword::Group,      Keyword::Language,
    Keyword::Large,      Keyword::Materialized, Keyword::Operator,    Keyword::Owned,      Keyword::Policy,
    Keyword::Procedural, Keyword::Procedure,    Keyword::Publication, Keyword::Recursive,  Keyword::Role,
    Keyword::Routine,    Keyword::Rule,         Keyword::Schema,      Keyword::Server,
    Keyword::Statistics, Keyword::Subscription, Keyword::System,      Keyword::Tablespace, Keyword::Tag,
    Keyword::Temp,       Keyword::Temporary,    Keyword::Text,        Keyword::Transform,  Keyword::Trigger,
    Keyword::Trusted,    Keyword::Type,         Keyword::Unique,      Keyword::Unlogged,   Keyword::User,
    Keyword::View,       Keyword::Global,       Keyword::Local,
};

// Words that only say how: the object's own word follows them.
bool isObjectPrefix(Keyword keyword) {
  switch (keyword) {
    case Keyword::Access:
    case Keyword::Event:
    case Keyword::Foreign:
    case Keyword::Global:
    case Keyword::Large:
    case Keyword::Local:
    case Keyword::Materialized:
    case Keyword::Procedural:
    case Keyword::Recursive:
    case Keyword::Temp:
    case Keyword::Temporary:
    case Keyword::Text:
    case Keyword::Trusted:
    case Keyword::Unique:
    case Keyword::Unlogged: return true;
    default: return false;
  }
}

}  // namespace

Result<StatementPtr> Grammar::wholeStatement() {
  while (m_tokens.accept(TokenKind::Semicolon)) {
  }
  if (m_tokens.at(TokenKind::End))
    return Error(ErrorKind::SyntaxError, "there is no statement to run").at(here());
  DRIFT_ASSIGN(StatementPtr result, statement());
  const bool ended = m_tokens.at(TokenKind::Semicolon) || m_tokens.at(TokenKind::End);
  if (!ended) return m_tokens.syntaxError();
  while (m_tokens.accept(TokenKind::Semicolon)) {
  }
  if (!m_tokens.at(TokenKind::End))
    return Error(ErrorKind::SyntaxError, "there is a second statement after the first")
        .at(here())
        .withHint("Run the statements of a script one by one");
  return result;
}

Result<ExpressionPtr> Grammar::wholeExpression() {
  DRIFT_ASSIGN(ExpressionPtr result, expression());
  DRIFT_TRY(m_tokens.expect(TokenKind::End));
  return result;
}

Result<Moment> Grammar::wholeMoment() {
  DRIFT_ASSIGN(Moment result, point());
  DRIFT_TRY(m_tokens.expect(TokenKind::End));
  return result;
}

Result<StatementPtr> Grammar::statement() {
  const SourceSpan start = here();
  DRIFT_ASSIGN(StatementNode node, statementNode());
  auto result = std::make_unique<Statement>();
  result->node = std::move(node);
  result->span = m_tokens.since(start);
  result->parameterMax = m_parameterMax;
  result->takesNumbers = m_takesNumbers;
  result->changesInWith = m_changesInWith;
  return result;
}

Result<StatementNode> Grammar::statementNode() {
  const Token first = m_tokens.peek();
  switch (first.keyword) {
    case Keyword::With: return withStatement();
    case Keyword::Insert: return insert(std::nullopt);
    case Keyword::Update: return update(std::nullopt);
    case Keyword::Delete: return deleteFrom(std::nullopt);
    case Keyword::Merge: return merge(std::nullopt);
    case Keyword::Truncate: return truncate();
    case Keyword::Comment: return comment();
    case Keyword::Copy: return copy();
    case Keyword::Prepare: return prepare();
    case Keyword::Execute: return executePrepared();
    case Keyword::Deallocate: return deallocate();
    case Keyword::Declare: return declareCursor();
    case Keyword::Fetch:
    case Keyword::Move: return fetch();
    case Keyword::Close: return closeCursor();
    case Keyword::Create: return createStatement();
    case Keyword::Drop: return dropStatement();
    case Keyword::Alter: return alterStatement();
    case Keyword::Begin:
    case Keyword::Start: return begin();
    case Keyword::Commit:
    case Keyword::End: return commit();
    case Keyword::Rollback:
    case Keyword::Abort: return rollback();
    case Keyword::Savepoint: return savepoint();
    case Keyword::Release: return release();
    case Keyword::Set: return set();
    case Keyword::Reset: return reset();
    case Keyword::Show: return show();
    case Keyword::Explain: return explain();
    case Keyword::Refresh: return refreshView();
    default: break;
  }
  if (first.kind == TokenKind::LeftParen || startsQuery()) {
    DRIFT_ASSIGN(QueryPtr result, query());
    return StatementNode(std::move(result));
  }
  if (std::ranges::find(kUnsupportedStatements, first.keyword) != std::end(kUnsupportedStatements))
    return m_tokens.notSupported(upperAscii(m_tokens.textOf(first)), first.span);
  return m_tokens.syntaxError();
}

// WITH … SELECT | INSERT | UPDATE | DELETE | MERGE.
Result<StatementNode> Grammar::withStatement() {
  const SourceSpan start = here();
  const std::uint32_t outerHeight = std::exchange(m_height, 0);
  DRIFT_ASSIGN(WithClause with, withClause());
  switch (m_tokens.peek().keyword) {
    case Keyword::Insert: return insert(std::move(with));
    case Keyword::Update: return update(std::move(with));
    case Keyword::Delete: return deleteFrom(std::move(with));
    case Keyword::Merge: return merge(std::move(with));
    default: break;
  }
  auto result = std::make_unique<Query>();
  result->with = std::move(with);
  DRIFT_ASSIGN(result->body, queryArm(result->asOf));
  DRIFT_ASSIGN(result, queryRest(std::move(result), start, outerHeight));
  return StatementNode(std::move(result));
}

Error Grammar::unsupportedObject(std::string_view verb, const Token& first) {
  const Token object = m_tokens.peek();
  if (std::ranges::find(kUnsupportedObjects, object.keyword) == std::end(kUnsupportedObjects))
    return m_tokens.syntaxError();
  std::string words(verb);
  do {
    words += ' ';
    words += upperAscii(m_tokens.textOf(m_tokens.take()));
  } while (isObjectPrefix(findKeyword(words.substr(words.rfind(' ') + 1))) &&
           m_tokens.peek().kind == TokenKind::Word);
  return m_tokens.notSupported(words, m_tokens.since(first.span));
}

Result<StatementNode> Grammar::createStatement() {
  const Token first = m_tokens.take();
  if (m_tokens.accept(Keyword::Table)) return createTable(false);
  for (const auto word : {Keyword::Temp, Keyword::Temporary})
    for (const auto prefix : {Keyword::Global, Keyword::Local})
      if (m_tokens.at(prefix, word) && m_tokens.peek(2).keyword == Keyword::Table) m_tokens.take();
  if (m_tokens.accept(Keyword::Temp, Keyword::Table) || m_tokens.accept(Keyword::Temporary, Keyword::Table))
    return createTable(true);
  if (m_tokens.accept(Keyword::Index)) return createIndex(false);
  if (m_tokens.accept(Keyword::Unique, Keyword::Index)) return createIndex(true);
  if (m_tokens.accept(Keyword::View)) return createView(false);
  if (m_tokens.accept(Keyword::Materialized, Keyword::View)) return createMaterializedView();
  if (m_tokens.accept(Keyword::Function)) return createFunction(false);
  if (m_tokens.accept(Keyword::Sequence)) return createSequence();
  if (m_tokens.accept(Keyword::Or)) {
    DRIFT_TRY(m_tokens.expect(Keyword::Replace));
    if (m_tokens.accept(Keyword::View)) return createView(true);
    if (m_tokens.accept(Keyword::Function)) return createFunction(true);
    return unsupportedObject("CREATE OR REPLACE", first);
  }
  return unsupportedObject("CREATE", first);
}

Result<StatementNode> Grammar::dropStatement() {
  const Token first = m_tokens.take();
  if (m_tokens.accept(Keyword::Table)) return dropTable();
  if (m_tokens.accept(Keyword::Index)) return dropIndex();
  if (m_tokens.accept(Keyword::View)) return dropView(false);
  if (m_tokens.accept(Keyword::Materialized, Keyword::View)) return dropView(true);
  if (m_tokens.accept(Keyword::Function)) return dropFunction();
  if (m_tokens.accept(Keyword::Sequence)) return dropSequence();
  return unsupportedObject("DROP", first);
}

Result<StatementNode> Grammar::alterStatement() {
  const Token first = m_tokens.take();
  if (m_tokens.accept(Keyword::Table)) return alterTable();
  if (m_tokens.accept(Keyword::Index)) return alterIndex();
  if (m_tokens.accept(Keyword::Sequence)) return alterSequence();
  return unsupportedObject("ALTER", first);
}

// EXPLAIN [ANALYZE] [VERBOSE] statement, or EXPLAIN (ANALYZE, VERBOSE, TIMING off) statement.
Result<StatementNode> Grammar::explain() {
  m_tokens.take();
  Explain node;
  const bool options = m_tokens.at(TokenKind::LeftParen) && !startsQuery(1) &&
                       m_tokens.peek(1).kind != TokenKind::LeftParen;
  if (options) {
    m_tokens.take();
    do {
      if (m_tokens.accept(Keyword::Analyze)) {
        node.analyze = true;
      } else if (m_tokens.accept(Keyword::Verbose)) {
        node.verbose = true;
      } else if (m_tokens.at(TokenKind::Word) && lowerAscii(m_tokens.textOf(m_tokens.peek())) == "timing") {
        m_tokens.take();
        const bool on = m_tokens.accept(Keyword::On) || m_tokens.accept(Keyword::True);
        node.timing = on || !(m_tokens.accept(Keyword::Off) || m_tokens.accept(Keyword::False));
      } else if (m_tokens.atName(NameClass::Label)) {
        return m_tokens.notSupported(fmt::format("EXPLAIN ({})", upperAscii(m_tokens.textOf(m_tokens.peek()))),
                                     here());
      } else {
        return m_tokens.syntaxError();
      }
    } while (m_tokens.accept(TokenKind::Comma));
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  } else {
    node.analyze = m_tokens.accept(Keyword::Analyze);
    node.verbose = m_tokens.accept(Keyword::Verbose);
  }
  switch (m_tokens.peek().keyword) {
    case Keyword::Insert:
    case Keyword::Update:
    case Keyword::Delete:
    case Keyword::Merge: break;
    case Keyword::Execute: return m_tokens.notSupported("EXPLAIN EXECUTE", here());
    default:
      if (!startsQuery() && !m_tokens.at(TokenKind::LeftParen)) return m_tokens.syntaxError();
  }
  DRIFT_ASSIGN(node.statement, statement());
  return StatementNode(std::move(node));
}

}  // namespace drift::sql
