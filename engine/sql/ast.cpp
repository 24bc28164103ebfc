#include "sql/ast.h"

namespace drift::sql {

std::string QualifiedName::toString() const {
  std::string joined;
  for (const Identifier& part : parts) {
    if (!joined.empty()) joined += '.';
    joined += part.text;
  }
  return joined;
}

Expression::Expression(SourceSpan place, ExpressionNode form) : span(place), node(std::move(form)) {}

Expression::~Expression() {
  auto* binary = std::get_if<BinaryExpression>(&node);
  if (!binary) return;
  // Each step frees one node whose left side was taken away before, so the stack stays flat.
  ExpressionPtr spine = std::move(binary->left);
  while (spine) {
    auto* next = std::get_if<BinaryExpression>(&spine->node);
    spine = next ? std::move(next->left) : nullptr;
  }
}

}  // namespace drift::sql
