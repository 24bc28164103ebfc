// GROUP BY with GROUPING SETS, ROLLUP and CUBE (SQL:2016 7.13), and GROUPING().
#include <algorithm>
#include <set>

#include "sql/grammar.h"

namespace drift::sql {

namespace {

constexpr std::size_t kGroupingSetsMax = 4096;  // as in PostgreSQL
constexpr std::size_t kCubeItemsMax = 12;

}  // namespace

Status Grammar::groupByClause(SelectBody& body) {
  m_tokens.take();
  DRIFT_TRY(m_tokens.expect(Keyword::By));
  const bool distinct = m_tokens.accept(Keyword::Distinct);
  if (!distinct) m_tokens.accept(Keyword::All);
  bool plain = true;
  std::vector<GroupingSet> sets{{}};
  do {
    const SourceSpan start = here();
    DRIFT_ASSIGN(const auto element, groupingElement(body, plain));
    // Each set so far goes with each set of the element.
    if (sets.size() * element.size() > kGroupingSetsMax) return tooManySets(m_tokens.since(start));
    std::vector<GroupingSet> product;
    for (const auto& left : sets)
      for (const auto& right : element) {
        product.push_back(left);
        product.back().insert(product.back().end(), right.begin(), right.end());
      }
    sets = std::move(product);
  } while (m_tokens.accept(TokenKind::Comma));
  if (plain) return {};
  body.groupingSets = std::move(sets);
  body.distinctGroupingSets = distinct;
  return {};
}

Error Grammar::tooManySets(SourceSpan span) const {
  return makeError(ErrorKind::LimitExceeded, "too many grouping sets present (maximum {})", kGroupingSetsMax).at(span);
}

// expression | (expression, …) | () | ROLLUP (…) | CUBE (…) | GROUPING SETS (…): the sets that it stands for.
Result<std::vector<GroupingSet>> Grammar::groupingElement(SelectBody& body, bool& plain) {
  const Level level(*this);
  DRIFT_TRY(level.check());
  const SourceSpan start = here();
  const bool parenthesis = m_tokens.peek(1).kind == TokenKind::LeftParen;
  const bool cube = m_tokens.at(Keyword::Cube) && parenthesis;
  if (cube || (m_tokens.at(Keyword::Rollup) && parenthesis)) {
    plain = false;
    m_tokens.take();
    DRIFT_ASSIGN(const auto items, groupingItems(body));
    if (cube && items.size() > kCubeItemsMax)
      return makeError(ErrorKind::LimitExceeded, "CUBE is limited to {} elements", kCubeItemsMax)
          .at(m_tokens.since(start));
    const std::size_t count = cube ? std::size_t{1} << items.size() : items.size() + 1;
    if (count > kGroupingSetsMax) return tooManySets(m_tokens.since(start));
    std::vector<GroupingSet> sets;
    for (std::size_t number = 0; number < count; ++number) {
      // The fullest set comes first, as in PostgreSQL.
      GroupingSet set;
      for (std::size_t at = 0; at < items.size(); ++at) {
        const bool in = cube ? !(number >> (items.size() - 1 - at) & 1) : at + number < items.size();
        if (in) set.insert(set.end(), items[at].begin(), items[at].end());
      }
      sets.push_back(std::move(set));
    }
    return sets;
  }
  if (m_tokens.at(Keyword::Grouping, Keyword::Sets)) {
    plain = false;
    m_tokens.take();
    m_tokens.take();
    DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
    std::vector<GroupingSet> sets;
    do {
      DRIFT_ASSIGN(auto inner, groupingElement(body, plain));
      sets.insert(sets.end(), std::make_move_iterator(inner.begin()), std::make_move_iterator(inner.end()));
      if (sets.size() > kGroupingSetsMax) return tooManySets(m_tokens.since(start));
    } while (m_tokens.accept(TokenKind::Comma));
    DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
    return sets;
  }
  DRIFT_ASSIGN(auto set, groupingItem(body, plain));
  return std::vector<GroupingSet>{std::move(set)};
}

// ( item, … )
Result<std::vector<GroupingSet>> Grammar::groupingItems(SelectBody& body) {
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  std::vector<GroupingSet> items;
  do {
    bool plain = true;
    DRIFT_ASSIGN(auto item, groupingItem(body, plain));
    items.push_back(std::move(item));
  } while (m_tokens.accept(TokenKind::Comma));
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return items;
}

// expression | (expression, …) | (): the places of its expressions in GROUP BY.
Result<GroupingSet> Grammar::groupingItem(SelectBody& body, bool& plain) {
  if (m_tokens.at(TokenKind::LeftParen) && m_tokens.peek(1).kind == TokenKind::RightParen) {
    plain = false;
    m_tokens.take();
    m_tokens.take();
    return GroupingSet();
  }
  GroupingSet set;
  const auto add = [&](ExpressionPtr item) {
    set.push_back(static_cast<std::uint32_t>(body.groupBy.size()));
    body.groupBy.push_back(std::move(item));
  };
  DRIFT_ASSIGN(ExpressionPtr item, expression());
  if (auto* row = std::get_if<RowExpression>(&item->node)) {
    for (auto& part : row->items) add(std::move(part));
  } else {
    add(std::move(item));
  }
  return set;
}

// GROUPING (expression, …)
Result<ExpressionPtr> Grammar::groupingCall() {
  const SourceSpan start = m_tokens.take().span;
  auto call = builtinCall("grouping", CallSyntax::Plain, start);
  DRIFT_TRY(m_tokens.expect(TokenKind::LeftParen));
  DRIFT_ASSIGN(call.arguments, expressionList());
  DRIFT_TRY(m_tokens.expect(TokenKind::RightParen));
  return make(m_tokens.since(start), std::move(call));
}

}  // namespace drift::sql
