// Prints expressions as SQL with every operation in parentheses, so tests can see how operators bind.
#pragma once

#include <string>

#include "sql/ast_walk.h"

namespace drift::sql::testing {

std::string treeText(const Expression& expression);

inline std::string joined(const std::vector<ExpressionPtr>& list, const std::string& separator) {
  std::string text;
  for (const ExpressionPtr& item : list) text += (text.empty() ? "" : separator) + treeText(*item);
  return text;
}

struct TreePrinter {
  static std::string no(bool negated) { return negated ? "NOT " : ""; }

  std::string operator()(const Literal& node) const {
    switch (node.kind) {
      case LiteralKind::Null: return "NULL";
      case LiteralKind::String: return "'" + node.text + "'";
      case LiteralKind::Boolean:
      case LiteralKind::Integer:
      case LiteralKind::Numeric: return node.text;
    }
    return {};
  }
  std::string operator()(const ColumnReference& node) const { return node.name.toString(); }
  std::string operator()(const Star&) const { return "*"; }
  std::string operator()(const ParameterReference& node) const { return "$" + std::to_string(node.number); }
  std::string operator()(const UnaryExpression& node) const {
    return "(" + node.op + " " + treeText(*node.operand) + ")";
  }
  std::string operator()(const BinaryExpression& node) const {
    return "(" + treeText(*node.left) + " " + node.op + " " + treeText(*node.right) + ")";
  }
  std::string operator()(const LogicalExpression& node) const {
    return "(" + joined(node.operands, node.op == LogicalOperator::And ? " AND " : " OR ") + ")";
  }
  std::string operator()(const NotExpression& node) const { return "(NOT " + treeText(*node.operand) + ")"; }
  std::string operator()(const IsTest& node) const {
    static constexpr const char* kNames[] = {"NULL", "TRUE", "FALSE", "UNKNOWN"};
    return "(" + treeText(*node.operand) + " IS " + no(node.negated) + kNames[static_cast<int>(node.kind)] + ")";
  }
  std::string operator()(const DistinctTest& node) const {
    return "(" + treeText(*node.left) + " IS " + no(node.negated) + "DISTINCT FROM " + treeText(*node.right) + ")";
  }
  std::string operator()(const LikeExpression& node) const {
    std::string text = "(" + treeText(*node.operand) + " " + no(node.negated) + (node.ignoreCase ? "ILIKE " : "LIKE ") +
                       treeText(*node.pattern);
    if (node.escape) text += " ESCAPE " + treeText(*node.escape);
    return text + ")";
  }
  std::string operator()(const BetweenExpression& node) const {
    return "(" + treeText(*node.operand) + " " + no(node.negated) + "BETWEEN " + (node.symmetric ? "SYMMETRIC " : "") +
           treeText(*node.low) + " AND " + treeText(*node.high) + ")";
  }
  std::string operator()(const InListExpression& node) const {
    return "(" + treeText(*node.operand) + " " + no(node.negated) + "IN (" + joined(node.items, ", ") + "))";
  }
  std::string operator()(const InQueryExpression& node) const {
    return "(" + treeText(*node.operand) + " " + no(node.negated) + "IN (query))";
  }
  std::string operator()(const QuantifiedComparison& node) const {
    return "(" + treeText(*node.left) + " " + node.op + (node.quantifier == Quantifier::Any ? " ANY (" : " ALL (") +
           (node.query ? "query" : treeText(*node.array)) + "))";
  }
  std::string operator()(const ExistsExpression&) const { return "EXISTS (query)"; }
  std::string operator()(const ScalarSubquery&) const { return "(query)"; }
  std::string operator()(const CaseExpression& node) const {
    std::string text = "CASE";
    if (node.operand) text += " " + treeText(*node.operand);
    for (const CaseBranch& branch : node.branches)
      text += " WHEN " + treeText(*branch.when) + " THEN " + treeText(*branch.then);
    if (node.otherwise) text += " ELSE " + treeText(*node.otherwise);
    return text + " END";
  }
  std::string operator()(const ConditionalExpression& node) const {
    static constexpr const char* kNames[] = {"COALESCE", "NULLIF", "GREATEST", "LEAST"};
    return kNames[static_cast<int>(node.kind)] + ("(" + joined(node.arguments, ", ") + ")");
  }
  std::string operator()(const CastExpression& node) const {
    std::string modifiers;
    for (const auto modifier : node.type.modifiers)
      modifiers += (modifiers.empty() ? "(" : ",") + std::to_string(modifier);
    if (!modifiers.empty()) modifiers += ")";
    return "CAST(" + treeText(*node.operand) + " AS " + node.type.name + modifiers + ")";
  }
  std::string operator()(const SystemValue& node) const {
    return "system value " + std::to_string(static_cast<int>(node.kind));
  }
  std::string operator()(const FunctionCall& node) const {
    std::string text = node.name.toString() + "(" + (node.distinct ? "DISTINCT " : "") +
                       (node.star ? "*" : joined(node.arguments, ", ")) + ")";
    if (node.filter) text += " FILTER (" + treeText(*node.filter) + ")";
    if (node.over) text += " OVER";
    return text;
  }
  std::string operator()(const RowExpression& node) const { return "ROW(" + joined(node.items, ", ") + ")"; }
  std::string operator()(const ArrayExpression& node) const {
    return node.query ? "ARRAY(query)" : "ARRAY[" + joined(node.items, ", ") + "]";
  }
  std::string operator()(const SubscriptExpression& node) const {
    std::string text = treeText(*node.operand);
    for (const auto& subscript : node.subscripts) {
      text += "[";
      if (subscript.lower) text += treeText(*subscript.lower);
      if (subscript.slice) text += ":";
      if (subscript.upper) text += treeText(*subscript.upper);
      text += "]";
    }
    return text;
  }
  std::string operator()(const DefaultMarker&) const { return "DEFAULT"; }
  std::string operator()(const MomentExpression&) const { return "moment"; }
};

inline std::string treeText(const Expression& expression) { return std::visit(TreePrinter{}, expression.node); }

}  // namespace drift::sql::testing
