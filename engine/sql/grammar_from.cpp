// FROM: tables, subqueries, table functions, joins, aliases.
#include "sql/grammar.h"

namespace drift::sql {

Result<std::vector<FromItemPtr>> Grammar::fromList() {
  std::vector<FromItemPtr> items;
  do {
    DRIFT_ASSIGN(FromItemPtr item, fromItem());
    items.push_back(std::move(item));
    // They are joined one after the other.
    if (items.size() + m_depth > kNestingDepthMax) return tooDeep(here());
  } while (m_tokens.accept(TokenKind::Comma));
  return items;
}

Result<FromItemPtr> Grammar::fromItem() {
  const Level level(*this);
  DRIFT_TRY(level.check());
  DRIFT_ASSIGN(FromItemPtr left, fromPrimary());
  return joins(std::move(left));
}

bool Grammar::atJoin() {
  switch (m_tokens.peek().keyword) {
    case Keyword::Join:
    case Keyword::Inner:
    case Keyword::Left:
    case Keyword::Right:
    case Keyword::Full:
    case Keyword::Cross:
    case Keyword::Natural: return true;
    default: return false;
  }
}

// Joins bind from the left: a JOIN b ON … JOIN c ON …. "a JOIN b JOIN c ON … ON …" nests to the right.
Result<FromItemPtr> Grammar::joins(FromItemPtr left) {
  std::uint32_t levels = 0;
  while (atJoin()) {
    if (++levels + m_depth > kNestingDepthMax) return tooDeep(here());
    Join join;
    const SourceSpan start = left->span;
    join.natural = m_tokens.accept(Keyword::Natural);
    const Keyword word = m_tokens.peek().keyword;
    join.kind = word == Keyword::Left    ? JoinKind::Left
                : word == Keyword::Right ? JoinKind::Right
                : word == Keyword::Full  ? JoinKind::Full
                : word == Keyword::Cross ? JoinKind::Cross
                                         : JoinKind::Inner;
    if (join.natural && join.kind == JoinKind::Cross) return m_tokens.syntaxError();
    if (word != Keyword::Join) m_tokens.take();
    const bool outer = join.kind == JoinKind::Left || join.kind == JoinKind::Right || join.kind == JoinKind::Full;
    if (outer) m_tokens.accept(Keyword::Outer);
    DRIFT_TRY(m_tokens.expect(Keyword::Join));
    join.left = std::move(left);
    const bool conditional = !join.natural && join.kind != JoinKind::Cross;
    auto right = conditional ? fromItemBeforeCondition() : fromPrimary();
    if (!right.ok()) return right;
    join.right = std::move(right).value();
    if (conditional) DRIFT_TRY(joinCondition(join));
    left = std::make_unique<FromItem>();
    left->node = std::move(join);
    left->span = m_tokens.since(start);
    ++m_height;  // an upper bound: the right sides need not be as high as the left
  }
  return left;
}

// The right side of a join that has a condition: more joins come first if the next word is no condition.
Result<FromItemPtr> Grammar::fromItemBeforeCondition() {
  DRIFT_ASSIGN(FromItemPtr right, fromPrimary());
  if (m_tokens.at(Keyword::On) || m_tokens.at(Keyword::Using)) return right;
  const Level level(*this);
  DRIFT_TRY(level.check());
  return joins(std::move(right));
}

Status Grammar::joinCondition(Join& join) {
  if (m_tokens.accept(Keyword::On)) {
    DRIFT_ASSIGN(join.on, expression());
    return {};
  }
  DRIFT_TRY(m_tokens.expect(Keyword::Using));
  DRIFT_ASSIGN(join.usingColumns, nameList());
  if (m_tokens.at(Keyword::As) && !atAsOfSystemTime()) return m_tokens.notSupported("An alias for USING", here());
  return {};
}

Result<FromItemPtr> Grammar::fromPrimary() {
  const SourceSpan start = here();
  if (m_tokens.at(TokenKind::LeftParen)) return parenthesizedFromItem();
  if (m_tokens.at(Keyword::Only)) return m_tokens.notSupported("ONLY", start);
  if (m_tokens.at(Keyword::Rows, Keyword::From)) return m_tokens.notSupported("ROWS FROM", start);
  const bool lateral = m_tokens.accept(Keyword::Lateral);
  if (lateral && m_tokens.at(TokenKind::LeftParen)) {
    DRIFT_ASSIGN(QueryPtr inner, parenthesizedQuery());
    return derivedTable(std::move(inner), true, start);
  }
  const bool table = m_tokens.atName(NameClass::Column);
  DRIFT_ASSIGN(QualifiedName name, qualifiedName(table ? NameClass::Column : NameClass::Function));
  if (m_tokens.at(TokenKind::LeftParen)) return tableFunction(std::move(name), lateral, start);
  if (lateral || !table) return m_tokens.syntaxError();
  return tableReference(std::move(name), start);
}

Result<FromItemPtr> Grammar::parenthesizedFromItem() {
  const SourceSpan start = here();
  DRIFT_ASSIGN(ParenthesizedFrom inside, parenthesizedFrom());
  if (inside.query) return derivedTable(std::move(inside.query), false, start);
  inside.item->span = m_tokens.since(start);
  if (m_tokens.at(Keyword::As) || m_tokens.atName(NameClass::Column)) {
    if (!atAsOfSystemTime()) return m_tokens.notSupported("An alias for a join", here());
  }
  return std::move(inside.item);
}

// "((SELECT 1) UNION SELECT 2)" and "((SELECT 1) AS a JOIN b …)" begin alike, see parenthesized().
Result<Grammar::ParenthesizedFrom> Grammar::parenthesizedFrom() {
  const Level level(*this);
  DRIFT_TRY(level.check());
  ParenthesizedFrom result;
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  if (startsQuery()) {
    DRIFT_ASSIGN(result.query, query());
  } else if (m_tokens.at(TokenKind::LeftParen)) {
    const SourceSpan innerStart = here();
    DRIFT_ASSIGN(ParenthesizedFrom inner, parenthesizedFrom());
    if (inner.query && (m_tokens.at(TokenKind::RightParen) || continuesQuery())) {
      DRIFT_ASSIGN(result.query, queryAfter(std::move(inner.query), innerStart));
    } else {
      if (inner.query) {
        DRIFT_ASSIGN(inner.item, derivedTable(std::move(inner.query), false, innerStart));
      }
      DRIFT_ASSIGN(result.item, joins(std::move(inner.item)));
    }
  } else {
    DRIFT_ASSIGN(result.item, fromItem());
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return result;
}

Result<FromItemPtr> Grammar::derivedTable(QueryPtr query, bool lateral, SourceSpan start) {
  if (m_tokens.at(Keyword::For, Keyword::SystemTime) || atAsOfPoint())
    return Error(ErrorKind::SyntaxError, "a subquery takes no time clause of its own")
        .at(here())
        .withHint("Put the clause after the tables inside it, or AS OF SYSTEM TIME at its end");
  auto item = std::make_unique<FromItem>();
  DRIFT_ASSIGN(auto name, alias());
  item->node = DerivedTable{std::move(query), lateral, std::move(name)};
  item->span = m_tokens.since(start);
  return item;
}

Result<FromItemPtr> Grammar::tableFunction(QualifiedName name, bool lateral, SourceSpan start) {
  TableFunction function;
  function.name = std::move(name);
  function.lateral = lateral;
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  while (!m_tokens.at(TokenKind::RightParen)) {
    DRIFT_TRY(argumentName(function.names));
    DRIFT_ASSIGN(ExpressionPtr argument, tableFunctionArgument());
    function.arguments.push_back(std::move(argument));
    if (!m_tokens.accept(TokenKind::Comma)) break;
    if (m_tokens.at(TokenKind::RightParen)) return m_tokens.syntaxError();
  }
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  if (m_tokens.accept(Keyword::With, Keyword::Ordinality)) function.withOrdinality = true;
  DRIFT_ASSIGN(function.alias, alias());
  auto item = std::make_unique<FromItem>();
  item->node = std::move(function);
  item->span = m_tokens.since(start);
  return item;
}

Result<FromItemPtr> Grammar::tableReference(QualifiedName name, SourceSpan start) {
  TableReference reference;
  reference.name = std::move(name);
  DRIFT_ASSIGN(reference.time, timeClause());
  if (!atAsOfPoint()) {
    DRIFT_ASSIGN(reference.alias, alias());
  }
  if (m_tokens.at(Keyword::Tablesample)) {
    DRIFT_ASSIGN(reference.sample, tableSample());
  }
  if (m_tokens.at(Keyword::For, Keyword::SystemTime) || atAsOfPoint()) {
    return m_tokens.syntaxError().withHint(
        reference.time ? "A table takes one time clause" : "The time clause stands before the alias");
  }
  auto item = std::make_unique<FromItem>();
  item->node = std::move(reference);
  item->span = m_tokens.since(start);
  return item;
}

// TABLESAMPLE method (argument, …) [REPEATABLE (seed)]
Result<std::unique_ptr<TableSample>> Grammar::tableSample() {
  auto sample = std::make_unique<TableSample>();
  const SourceSpan start = m_tokens.take().span;
  DRIFT_ASSIGN(sample->method, m_tokens.name(NameClass::Function));
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  do {
    DRIFT_ASSIGN(ExpressionPtr argument, expression());
    sample->arguments.push_back(std::move(argument));
  } while (m_tokens.accept(TokenKind::Comma));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  if (m_tokens.accept(Keyword::Repeatable)) {
    DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
    DRIFT_ASSIGN(sample->seed, expression());
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  }
  sample->span = m_tokens.since(start);
  return sample;
}

// [AS] name [(column, …)].
Result<std::optional<Alias>> Grammar::alias() {
  if (atAsOfSystemTime()) return std::optional<Alias>();
  const bool as = m_tokens.accept(Keyword::As);
  if (!as && !m_tokens.atName(NameClass::Column)) return std::optional<Alias>();
  Alias result;
  DRIFT_ASSIGN(result.name, m_tokens.name(NameClass::Column));
  if (m_tokens.at(TokenKind::LeftParen)) {
    const bool typed = m_tokens.atName(NameClass::Column, 1) && m_tokens.atName(NameClass::Label, 2);
    if (typed) return m_tokens.notSupported("A column definition list", here());
    DRIFT_ASSIGN(result.columns, nameList());
  }
  return std::optional<Alias>(std::move(result));
}

// ( name, … ), at least one.
Result<std::vector<Identifier>> Grammar::nameList() {
  std::vector<Identifier> names;
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  do {
    DRIFT_ASSIGN(Identifier name, m_tokens.name(NameClass::Column));
    names.push_back(std::move(name));
  } while (m_tokens.accept(TokenKind::Comma));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return names;
}

}  // namespace drift::sql
