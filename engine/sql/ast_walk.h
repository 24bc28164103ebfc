// Walks over the direct children of an expression. Templates, no thread rule.
#pragma once

#include "sql/ast.h"

namespace drift::sql {

namespace detail {

template <class OnExpression>
void walkOrder(const std::vector<OrderItem>& items, OnExpression& onExpression) {
  for (const OrderItem& item : items) onExpression(*item.expression);
}

template <class OnExpression>
void walkList(const std::vector<ExpressionPtr>& list, OnExpression& onExpression) {
  for (const ExpressionPtr& item : list) onExpression(*item);
}

template <class OnExpression>
void walkOptional(const ExpressionPtr& expression, OnExpression& onExpression) {
  if (expression) onExpression(*expression);
}

template <class OnExpression>
void walkWindow(const WindowDefinition& window, OnExpression& onExpression) {
  walkList(window.partitionBy, onExpression);
  walkOrder(window.orderBy, onExpression);
  if (!window.frame) return;
  walkOptional(window.frame->start.offset, onExpression);
  walkOptional(window.frame->end.offset, onExpression);
}

/// Dispatches on the form of a node; one overload a form, so a new form does not compile until it is here.
template <class OnExpression, class OnQuery>
struct ChildWalk {
  OnExpression& onExpression;
  OnQuery& onQuery;

  void operator()(const Literal&) const {}
  void operator()(const ColumnReference&) const {}
  void operator()(const Star&) const {}
  void operator()(const ParameterReference&) const {}
  void operator()(const SystemValue&) const {}
  void operator()(const DefaultMarker&) const {}
  void operator()(const UnaryExpression& node) const { onExpression(*node.operand); }
  void operator()(const BinaryExpression& node) const {
    onExpression(*node.left);
    onExpression(*node.right);
  }
  void operator()(const LogicalExpression& node) const { walkList(node.operands, onExpression); }
  void operator()(const NotExpression& node) const { onExpression(*node.operand); }
  void operator()(const IsTest& node) const { onExpression(*node.operand); }
  void operator()(const DistinctTest& node) const {
    onExpression(*node.left);
    onExpression(*node.right);
  }
  void operator()(const LikeExpression& node) const {
    onExpression(*node.operand);
    onExpression(*node.pattern);
    walkOptional(node.escape, onExpression);
  }
  void operator()(const BetweenExpression& node) const {
    onExpression(*node.operand);
    onExpression(*node.low);
    onExpression(*node.high);
  }
  void operator()(const InListExpression& node) const {
    onExpression(*node.operand);
    walkList(node.items, onExpression);
  }
  void operator()(const InQueryExpression& node) const {
    onExpression(*node.operand);
    onQuery(*node.query);
  }
  void operator()(const QuantifiedComparison& node) const {
    onExpression(*node.left);
    walkOptional(node.array, onExpression);
    walkList(node.items, onExpression);
    if (node.query) onQuery(*node.query);
  }
  void operator()(const ExistsExpression& node) const { onQuery(*node.query); }
  void operator()(const ScalarSubquery& node) const { onQuery(*node.query); }
  void operator()(const CaseExpression& node) const {
    walkOptional(node.operand, onExpression);
    for (const CaseBranch& branch : node.branches) {
      onExpression(*branch.when);
      onExpression(*branch.then);
    }
    walkOptional(node.otherwise, onExpression);
  }
  void operator()(const ConditionalExpression& node) const { walkList(node.arguments, onExpression); }
  void operator()(const CastExpression& node) const { onExpression(*node.operand); }
  void operator()(const FunctionCall& node) const {
    walkList(node.arguments, onExpression);
    walkOrder(node.orderBy, onExpression);
    walkOrder(node.withinGroup, onExpression);
    walkOptional(node.filter, onExpression);
    if (node.over) walkWindow(*node.over, onExpression);
  }
  void operator()(const RowExpression& node) const { walkList(node.items, onExpression); }
  void operator()(const ArrayExpression& node) const {
    walkList(node.items, onExpression);
    if (node.query) onQuery(*node.query);
  }
  void operator()(const SubscriptExpression& node) const {
    onExpression(*node.operand);
    for (const Subscript& subscript : node.subscripts) {
      walkOptional(subscript.lower, onExpression);
      walkOptional(subscript.upper, onExpression);
    }
  }
  void operator()(const MomentExpression& node) const { walkOptional(node.moment->expression, onExpression); }
};

}  // namespace detail

/// Calls onExpression for each direct child expression and onQuery for each direct subquery.
template <class OnExpression, class OnQuery>
void forEachChild(const ExpressionNode& node, OnExpression&& onExpression, OnQuery&& onQuery) {
  std::visit(detail::ChildWalk<std::remove_reference_t<OnExpression>, std::remove_reference_t<OnQuery>>{
                 onExpression, onQuery},
             node);
}

}  // namespace drift::sql
