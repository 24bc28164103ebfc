#include "plan/node_walk.h"

#include <algorithm>
#include <set>

namespace drift::plan {

namespace {

/// Calls `look` for the expressions of a node's body, const or not. Every kind of node is named, so that a new one
/// cannot be forgotten.
template <class Body, class Look>
void lookAt(Body& body, const Look& look) {
  using Kind = std::remove_const_t<Body>;
  if constexpr (std::is_same_v<Kind, Filter>) {
    look(body.condition);
  } else if constexpr (std::is_same_v<Kind, Project>) {
    for (auto& expression : body.expressions) look(expression);
  } else if constexpr (std::is_same_v<Kind, Join>) {
    for (auto& [left, right] : body.keys) {
      look(left);
      look(right);
    }
    if (body.condition) look(body.condition);
  } else if constexpr (std::is_same_v<Kind, Aggregate>) {
    for (auto& expression : body.groups) look(expression);
    for (auto& expression : body.aggregates) look(expression);
  } else if constexpr (std::is_same_v<Kind, Window>) {
    for (auto& expression : body.partitions) look(expression);
    for (auto& key : body.order) look(key.expression);
    for (auto& expression : body.calls) look(expression);
  } else if constexpr (std::is_same_v<Kind, Distinct>) {
    for (auto& expression : body.on) look(expression);
  } else if constexpr (std::is_same_v<Kind, Sort>) {
    for (auto& key : body.keys) look(key.expression);
  } else if constexpr (std::is_same_v<Kind, ProjectSet>) {
    for (auto& expression : body.calls) look(expression);
  } else if constexpr (std::is_same_v<Kind, Values>) {
    for (auto& row : body.rows)
      for (auto& expression : row) look(expression);
  } else if constexpr (std::is_same_v<Kind, SeriesFunction>) {
    look(body.start);
    look(body.stop);
    look(body.step);
  } else {
    static_assert(
        std::is_same_v<Kind, Scan> || std::is_same_v<Kind, CommitsFunction> || std::is_same_v<Kind, DiffFunction> ||
            std::is_same_v<Kind, BlameFunction> || std::is_same_v<Kind, RowHistoryFunction> ||
            std::is_same_v<Kind, DiffStatFunction> || std::is_same_v<Kind, CommitChangesFunction> ||
            std::is_same_v<Kind, Ordinality> || std::is_same_v<Kind, Limit> || std::is_same_v<Kind, Append> ||
            std::is_same_v<Kind, SetOperation> || std::is_same_v<Kind, Recursion> || std::is_same_v<Kind, WorkTable>,
        "which expressions does this kind of node have?");
  }
}

void addColumns(const Node& node, std::vector<const Expression*>& read, std::set<Slot>& produced) {
  for (const auto& column : node.columns) produced.insert(column.slot);
  eachExpression(node, [&](const Expression& expression) {
    visit(expression, [&](const Expression& part) {
      if (part.kind == ExpressionKind::Column) read.push_back(&part);
    });
  });
  for (const auto& input : node.inputs) addColumns(*input, read, produced);
  if (const auto* recursion = std::get_if<Recursion>(&node.body)) addColumns(*recursion->step, read, produced);
}

}  // namespace

void eachExpression(Node& node, const std::function<void(ExpressionPtr&)>& visit) {
  const auto look = [&](ExpressionPtr& expression) { visit(expression); };
  std::visit([&](auto& body) { lookAt(body, look); }, node.body);
}

void eachExpression(const Node& node, const std::function<void(const Expression&)>& visit) {
  const auto look = [&](const ExpressionPtr& expression) { visit(*expression); };
  std::visit([&](auto& body) { lookAt(body, look); }, node.body);
}

std::vector<const Expression*> freeColumns(const Node& root) {
  std::vector<const Expression*> read;
  std::set<Slot> seen;
  addColumns(root, read, seen);
  std::erase_if(read, [&](const Expression* column) { return !seen.insert(column->slot).second; });
  return read;
}

bool produces(const Node& node, Slot slot) {
  return std::ranges::find(node.columns, slot, &Column::slot) != node.columns.end();
}

}  // namespace drift::plan
