// Making nodes: their height, and the limit on it.
#include <algorithm>

#include "sql/ast_walk.h"
#include "sql/grammar.h"
#include "sql/parser.h"

namespace drift::sql {

namespace {

// The left side of a binary operator does not count: such spines are walked with a loop.
std::uint32_t heightOf(const ExpressionNode& node) {
  std::uint32_t below = 0;
  const auto* binary = std::get_if<BinaryExpression>(&node);
  const bool spine = binary && getIf<BinaryExpression>(*binary->left);
  forEachChild(
      node,
      [&](const Expression& child) {
        const bool flat = spine && &child == binary->left.get();
        below = std::max(below, flat ? child.height - 1 : child.height);
      },
      [&](const Query& child) { below = std::max(below, child.height); });
  return below + 1;
}

}  // namespace

Status Grammar::Level::check() const {
  if (m_grammar.m_depth > kNestingDepthMax) return m_grammar.tooDeep(m_grammar.here());
  return {};
}

Error Grammar::tooDeep(SourceSpan span) const {
  return makeError(ErrorKind::LimitExceeded, "expressions and queries may nest at most {} levels deep",
                   kNestingDepthMax)
      .at(span);
}

Result<ExpressionPtr> Grammar::make(SourceSpan span, ExpressionNode node) {
  const std::uint32_t height = heightOf(node);
  auto expression = std::make_unique<Expression>(span, std::move(node));
  if (height > kNestingDepthMax) return tooDeep(span);
  expression->height = height;
  m_height = std::max(m_height, height);
  return expression;
}

Result<QueryPtr> Grammar::finishQuery(QueryPtr query, SourceSpan start, std::uint32_t outerHeight) {
  query->span = m_tokens.since(start);
  query->height = m_height + 1;
  if (query->height > kNestingDepthMax) return tooDeep(start);
  m_height = std::max(outerHeight, query->height);
  return query;
}

}  // namespace drift::sql
