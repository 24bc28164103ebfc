// Queries: WITH, SELECT, VALUES, TABLE, set operations, ORDER BY, LIMIT.
#include <algorithm>

#include "sql/grammar.h"

namespace drift::sql {

namespace {

constexpr std::size_t kSetArmsMax = 10'000;  ///< queries between UNION and UNION

}  // namespace

Result<QueryPtr> Grammar::query() {
  const Level level(*this);
  DRIFT_TRY(level.check());
  const SourceSpan start = here();
  const std::uint32_t outerHeight = std::exchange(m_height, 0);
  auto result = std::make_unique<Query>();
  if (m_tokens.at(Keyword::With)) {
    DRIFT_ASSIGN(result->with, withClause());
  }
  DRIFT_ASSIGN(result->body, queryArm(result->asOf));
  return queryRest(std::move(result), start, outerHeight);
}

Result<QueryPtr> Grammar::queryAfter(QueryPtr first, SourceSpan start) {
  const std::uint32_t outerHeight = std::exchange(m_height, first->height);
  auto result = std::make_unique<Query>();
  result->body = QueryBody{m_tokens.since(start), std::move(first)};
  return queryRest(std::move(result), start, outerHeight);
}

Result<QueryPtr> Grammar::queryRest(QueryPtr query, SourceSpan start, std::uint32_t outerHeight) {
  DRIFT_ASSIGN(query->body, setOperations(std::move(query->body), SetPower::Union, query->asOf));
  DRIFT_TRY(queryTail(*query));
  return finishQuery(std::move(query), start, outerHeight);
}

// ORDER BY, LIMIT, OFFSET, FETCH (in any order but ORDER BY first) and AS OF SYSTEM TIME.
Status Grammar::queryTail(Query& query) {
  if (m_tokens.at(Keyword::Order)) {
    DRIFT_ASSIGN(query.orderBy, orderBy());
  }
  bool limited = false;
  while (true) {
    const bool limits = m_tokens.at(Keyword::Limit) || m_tokens.at(Keyword::Fetch);
    if (limits) {
      if (limited) return m_tokens.syntaxError();
      limited = true;
      DRIFT_TRY(m_tokens.at(Keyword::Limit) ? limitClause(query) : fetchClause(query));
    } else if (m_tokens.at(Keyword::Offset)) {
      DRIFT_TRY(offsetClause(query));
    } else {
      break;
    }
  }
  if (m_tokens.at(Keyword::For))
    return m_tokens.notSupported("Row locking (FOR UPDATE, FOR SHARE)", here());
  if (atAsOfSystemTime()) return asOfSystemTime(query.asOf);
  return {};
}

bool Grammar::atSetOperator() {
  return m_tokens.at(Keyword::Union) || m_tokens.at(Keyword::Intersect) || m_tokens.at(Keyword::Except);
}

bool Grammar::continuesQuery() {
  return atSetOperator() || m_tokens.at(Keyword::Order) || m_tokens.at(Keyword::Limit) ||
         m_tokens.at(Keyword::Offset) || m_tokens.at(Keyword::Fetch) || m_tokens.at(Keyword::For) ||
         atAsOfSystemTime();
}

// UNION and EXCEPT bind alike from the left, INTERSECT binds tighter.
Result<QueryBody> Grammar::setOperations(QueryBody left, SetPower least, MomentPtr& asOf) {
  std::uint32_t levels = 0;
  while (atSetOperator()) {
    const Keyword keyword = m_tokens.peek().keyword;
    const SetPower power = keyword == Keyword::Intersect ? SetPower::Intersect : SetPower::Union;
    if (power < least) break;
    if (asOf)
      return Error(ErrorKind::SyntaxError, "AS OF SYSTEM TIME stands at the end of the whole query")
          .at(asOf->span)
          .withHint("Put the arm in parentheses, or use FOR SYSTEM_TIME after the table");
    m_tokens.take();
    const SetOperator op = keyword == Keyword::Union       ? SetOperator::Union
                           : keyword == Keyword::Intersect ? SetOperator::Intersect
                                                           : SetOperator::Except;
    const bool all = m_tokens.accept(Keyword::All);
    if (!all) m_tokens.accept(Keyword::Distinct);
    DRIFT_ASSIGN(QueryBody right, queryArm(asOf));
    if (power == SetPower::Union) {
      DRIFT_ASSIGN(right, setOperations(std::move(right), SetPower::Intersect, asOf));
    }
    const SourceSpan start = left.span;
    auto* chain = std::get_if<SetOperation>(&left.node);
    // Parenthesised arms are QueryPtr, so a SetOperation on the left is this very chain.
    if (!chain || chain->op != op || chain->all != all) {
      if (++levels + m_depth > kNestingDepthMax) return tooDeep(here());
      SetOperation operation{op, all, {}};
      operation.arms.push_back(std::move(left));
      left = QueryBody{start, std::move(operation)};
      chain = std::get_if<SetOperation>(&left.node);
      ++m_height;
    }
    if (chain->arms.size() == kSetArmsMax)
      return makeError(ErrorKind::LimitExceeded, "a chain of set operations has more than {} queries", kSetArmsMax)
          .at(right.span);
    chain->arms.push_back(std::move(right));
    left.span = m_tokens.since(start);
  }
  return left;
}

Result<QueryBody> Grammar::queryArm(MomentPtr& asOf) {
  QueryBody body;
  const SourceSpan start = here();
  if (m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(body.node, parenthesizedQuery());
  } else if (m_tokens.at(Keyword::Select)) {
    DRIFT_ASSIGN(body.node, selectBody(asOf));
  } else if (m_tokens.at(Keyword::Values)) {
    DRIFT_ASSIGN(body.node, valuesBody());
  } else if (m_tokens.at(Keyword::Table)) {
    DRIFT_ASSIGN(body.node, tableBody());
  } else {
    return m_tokens.syntaxError();
  }
  body.span = m_tokens.since(start);
  return body;
}

Result<QueryPtr> Grammar::parenthesizedQuery() {
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(QueryPtr inner, query());
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return inner;
}

Result<SelectBody> Grammar::selectBody(MomentPtr& asOf) {
  SelectBody body;
  const Token select = m_tokens.take();
  DRIFT_TRY(distinctClause(body));
  const bool nothingSelected = m_tokens.at(Keyword::From) || m_tokens.at(TokenKind::End) ||
                               m_tokens.at(TokenKind::Semicolon) || m_tokens.at(TokenKind::RightParen);
  if (nothingSelected) {
    if (m_tokens.at(Keyword::From)) return m_tokens.notSupported("SELECT without columns", select.span);
    return m_tokens.syntaxError();
  }
  DRIFT_ASSIGN(body.items, selectItems());
  if (m_tokens.at(Keyword::Into))
    return m_tokens.notSupported("SELECT INTO", here()).withHint("Use CREATE TABLE … AS SELECT …");
  if (m_tokens.accept(Keyword::From)) {
    DRIFT_ASSIGN(body.from, fromList());
  }
  if (atAsOfSystemTime()) DRIFT_TRY(asOfSystemTime(asOf));
  if (m_tokens.accept(Keyword::Where)) {
    DRIFT_ASSIGN(body.where, expression());
  }
  if (m_tokens.at(Keyword::Group)) DRIFT_TRY(groupByClause(body));
  if (m_tokens.accept(Keyword::Having)) {
    DRIFT_ASSIGN(body.having, expression());
  }
  if (m_tokens.at(Keyword::Window)) DRIFT_TRY(windowClause(body));
  return body;
}

Status Grammar::distinctClause(SelectBody& body) {
  if (!m_tokens.accept(Keyword::Distinct)) {
    m_tokens.accept(Keyword::All);
    return {};
  }
  if (!m_tokens.accept(Keyword::On)) {
    body.distinct = true;
    return {};
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(body.distinctOn, expressionList());
  return m_tokens.expect(TokenKind::RightParen);
}

Status Grammar::windowClause(SelectBody& body) {
  m_tokens.take();
  do {
    NamedWindow window;
    DRIFT_ASSIGN(window.name, m_tokens.name(NameClass::Column));
    DRIFT_TRY(m_tokens.expect(Keyword::As));
    DRIFT_ASSIGN(window.definition, windowDefinition());
    body.windows.push_back(std::move(window));
  } while (m_tokens.accept(TokenKind::Comma));
  return {};
}

Result<ValuesBody> Grammar::valuesBody() {
  ValuesBody body;
  m_tokens.take();
  // DEFAULT belongs to the rows of INSERT … VALUES alone, not to queries inside them.
  const bool defaultAllowed = std::exchange(m_defaultAllowed, false);
  do {
    const SourceSpan rowStart = here();
    DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
    std::vector<ExpressionPtr> row;
    do {
      auto item = defaultAllowed ? valueOrDefault() : expression();
      if (!item.ok()) return std::move(item).error();
      row.push_back(std::move(item).value());
    } while (m_tokens.accept(TokenKind::Comma));
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
    if (!body.rows.empty() && row.size() != body.rows.front().size())
      return Error(ErrorKind::SyntaxError, "VALUES lists must all be the same length").at(m_tokens.since(rowStart));
    body.rows.push_back(std::move(row));
  } while (m_tokens.accept(TokenKind::Comma));
  return body;
}

// TABLE t is SELECT * FROM t.
Result<SelectBody> Grammar::tableBody() {
  SelectBody body;
  const Token table = m_tokens.take();
  DRIFT_ASSIGN(ExpressionPtr star, make(table.span, Star{}));
  body.items.push_back(SelectItem{std::move(star), std::nullopt, table.span});
  const SourceSpan start = here();
  DRIFT_ASSIGN(QualifiedName name, qualifiedName(NameClass::Column));
  auto item = std::make_unique<FromItem>();
  item->span = m_tokens.since(start);
  item->node = TableReference{std::move(name), nullptr, std::nullopt, nullptr};
  body.from.push_back(std::move(item));
  return body;
}

Result<std::vector<SelectItem>> Grammar::selectItems() {
  std::vector<SelectItem> items;
  do {
    DRIFT_ASSIGN(SelectItem item, selectItem());
    items.push_back(std::move(item));
  } while (m_tokens.accept(TokenKind::Comma));
  return items;
}

// *, table.*, or an expression with a name: AS any word, or a word that may do without AS.
Result<SelectItem> Grammar::selectItem() {
  SelectItem item;
  const SourceSpan start = here();
  if (m_tokens.acceptOperator("*")) {
    DRIFT_ASSIGN(item.expression, make(start, Star{}));
    item.span = start;
    return item;
  }
  if (startsQualifiedStar()) {
    DRIFT_ASSIGN(QualifiedName qualifier, qualifiedName(NameClass::Column));
    m_tokens.take();
    m_tokens.take();
    DRIFT_ASSIGN(item.expression, make(m_tokens.since(start), Star{std::move(qualifier.parts)}));
    item.span = m_tokens.since(start);
    return item;
  }
  DRIFT_ASSIGN(item.expression, expression());
  const Token next = m_tokens.peek();
  if (!atAsOfSystemTime()) {
    if (m_tokens.accept(Keyword::As)) {
      DRIFT_ASSIGN(item.alias, m_tokens.name(NameClass::Label));
    } else if (next.kind == TokenKind::QuotedIdentifier ||
               (next.kind == TokenKind::Word &&
                (next.keyword == Keyword::NotKeyword || keywordInfo(next.keyword).bareLabel))) {
      DRIFT_ASSIGN(item.alias, m_tokens.name(NameClass::Label));
    }
  }
  item.span = m_tokens.since(start);
  return item;
}

bool Grammar::startsQualifiedStar() {
  if (!m_tokens.atName(NameClass::Column)) return false;
  const auto dotAt = [&](std::size_t ahead) { return m_tokens.peek(ahead).kind == TokenKind::Dot; };
  if (!dotAt(1)) return false;
  if (m_tokens.atOperator("*", 2)) return true;
  return m_tokens.atName(NameClass::Label, 2) && dotAt(3) && m_tokens.atOperator("*", 4);
}

Result<WithClause> Grammar::withClause() {
  WithClause with;
  const SourceSpan start = m_tokens.take().span;
  with.recursive = m_tokens.accept(Keyword::Recursive);
  do {
    DRIFT_ASSIGN(CommonTable table, commonTable());
    with.tables.push_back(std::move(table));
  } while (m_tokens.accept(TokenKind::Comma));
  with.span = m_tokens.since(start);
  return with;
}

Result<CommonTable> Grammar::commonTable() {
  CommonTable table;
  const SourceSpan start = here();
  DRIFT_ASSIGN(table.name, m_tokens.name(NameClass::Column));
  if (m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(table.columns, nameList());
  }
  DRIFT_TRY(m_tokens.expect(Keyword::As));
  if (m_tokens.accept(Keyword::Materialized)) {
    table.materialization = Materialization::Always;
  } else if (m_tokens.accept(Keyword::Not, Keyword::Materialized)) {
    table.materialization = Materialization::Never;
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_TRY(commonChange(table));
  if (!table.query && !table.change) {
    DRIFT_ASSIGN(table.query, query());
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  table.span = m_tokens.since(start);
  if (m_tokens.at(Keyword::Search) || m_tokens.at(Keyword::Cycle))
    return m_tokens.notSupported("SEARCH and CYCLE", here());
  return table;
}

// What begins like a statement that writes: an INSERT, UPDATE or DELETE. A WITH of its own may turn out to belong to a
// query. Reads nothing where a query begins otherwise.
Status Grammar::commonChange(CommonTable& table) {
  if (m_tokens.at(Keyword::Merge))
    return Error(ErrorKind::FeatureNotSupported, "MERGE not supported in WITH query").at(here());
  const bool changes = m_tokens.at(Keyword::Insert) || m_tokens.at(Keyword::Update) || m_tokens.at(Keyword::Delete);
  if (!changes && !m_tokens.at(Keyword::With)) return {};
  const Level level(*this);
  DRIFT_TRY(level.check());
  const std::uint32_t outerHeight = std::exchange(m_height, 0);
  const SourceSpan start = here();
  DRIFT_ASSIGN(StatementNode node, statementNode());
  m_height = std::max(m_height, outerHeight);
  if (auto* query = std::get_if<QueryPtr>(&node)) {
    table.query = std::move(*query);
    return {};
  }
  const auto span = m_tokens.since(start);
  if (std::holds_alternative<Merge>(node))
    return Error(ErrorKind::FeatureNotSupported, "MERGE not supported in WITH query").at(span);
  m_changesInWith = true;
  table.change = std::make_unique<Statement>();
  table.change->node = std::move(node);
  table.change->span = span;
  return {};
}

Result<std::vector<OrderItem>> Grammar::orderBy() {
  std::vector<OrderItem> items;
  DRIFT_TRY(m_tokens.expect(Keyword::Order));
  DRIFT_TRY(m_tokens.expect(Keyword::By));
  do {
    OrderItem item;
    const SourceSpan start = here();
    DRIFT_ASSIGN(item.expression, expression());
    if (m_tokens.accept(Keyword::Desc)) {
      item.direction = SortDirection::Descending;
    } else if (m_tokens.at(Keyword::Using)) {
      return m_tokens.notSupported("ORDER BY … USING", here());
    } else {
      m_tokens.accept(Keyword::Asc);
    }
    if (m_tokens.accept(Keyword::Nulls)) {
      if (m_tokens.accept(Keyword::First)) {
        item.nulls = NullsOrder::First;
      } else {
        DRIFT_TRY(m_tokens.expect(Keyword::Last));
        item.nulls = NullsOrder::Last;
      }
    }
    item.span = m_tokens.since(start);
    items.push_back(std::move(item));
  } while (m_tokens.accept(TokenKind::Comma));
  return items;
}

Status Grammar::limitClause(Query& query) {
  m_tokens.take();
  if (m_tokens.accept(Keyword::All)) return {};
  DRIFT_ASSIGN(query.limit, expression());
  if (m_tokens.at(TokenKind::Comma))
    return Error(ErrorKind::SyntaxError, "LIMIT #,# syntax is not supported")
        .at(here())
        .withHint("Use separate LIMIT and OFFSET clauses");
  return {};
}

Status Grammar::offsetClause(Query& query) {
  if (query.offset) return m_tokens.syntaxError();
  m_tokens.take();
  DRIFT_ASSIGN(query.offset, expression());
  if (!m_tokens.accept(Keyword::Row)) m_tokens.accept(Keyword::Rows);
  return {};
}

// FETCH FIRST|NEXT [n] ROW|ROWS ONLY|WITH TIES; without a number it is one row.
Status Grammar::fetchClause(Query& query) {
  const SourceSpan start = m_tokens.take().span;
  if (!m_tokens.accept(Keyword::First)) DRIFT_TRY(m_tokens.expect(Keyword::Next));
  if (m_tokens.at(Keyword::Row) || m_tokens.at(Keyword::Rows)) {
    DRIFT_ASSIGN(query.limit, make(m_tokens.since(start), Literal{LiteralKind::Integer, "1"}));
  } else {
    DRIFT_ASSIGN(query.limit, primary());
  }
  if (!m_tokens.accept(Keyword::Row)) DRIFT_TRY(m_tokens.expect(Keyword::Rows));
  if (m_tokens.accept(Keyword::With, Keyword::Ties)) {
    query.withTies = true;
    return {};
  }
  return m_tokens.expect(Keyword::Only);
}

}  // namespace drift::sql
