#include "plan/optimizer.h"

#include <algorithm>
#include <set>

namespace drift::plan {

namespace {

using Conditions = std::vector<ExpressionPtr>;

bool produces(const Node& node, Slot slot) {
  return std::any_of(node.columns.begin(), node.columns.end(),
                     [slot](const auto& column) { return column.slot == slot; });
}

/// True if the condition reads columns, and all of them come from `node`.
bool readsOnly(const Expression& condition, const Node& node) {
  std::vector<Slot> slots;
  addSlots(condition, slots);
  return !slots.empty() && std::all_of(slots.begin(), slots.end(), [&](Slot slot) { return produces(node, slot); });
}

NodePtr filtered(NodePtr node, Conditions conditions) {
  if (conditions.empty()) return node;
  return makeOver(std::move(node), Filter{makeAnd(std::move(conditions))});
}

/// Replaces columns by the expressions that compute them.
void substitute(ExpressionPtr& expression, const std::vector<Column>& columns,
                const std::vector<ExpressionPtr>& expressions) {
  const auto status = rewrite(expression, [&](Expression& node) -> Result<ExpressionPtr> {
    if (node.kind != ExpressionKind::Column) return ExpressionPtr();
    for (std::size_t at = 0; at < expressions.size(); ++at)
      if (columns[at].slot == node.slot) return clone(*expressions[at]);
    return ExpressionPtr();
  });
  assert(status.ok());
}

class PushDown final {
 public:
  /// Gives the node with the conditions at the lowest place where they can be.
  NodePtr push(NodePtr node, Conditions conditions) {
    for (const auto& condition : conditions) optimizeQueries(*condition);
    return std::visit([&](auto& body) { return pushInto(std::move(node), body, std::move(conditions)); }, node->body);
  }

 private:
  NodePtr pushInto(NodePtr node, Filter& filter, Conditions conditions) {
    Conditions all;
    splitAnd(std::move(filter.condition), all);
    for (auto& condition : conditions) all.push_back(std::move(condition));
    return push(std::move(node->inputs[0]), std::move(all));
  }

  NodePtr pushInto(NodePtr node, Project& project, Conditions conditions) {
    for (const auto& expression : project.expressions) optimizeQueries(*expression);
    const bool plain = std::none_of(project.expressions.begin(), project.expressions.end(),
                                    [](const auto& expression) { return isVolatile(*expression); });
    Conditions below;
    Conditions above;
    for (auto& condition : conditions) {
      if (!plain || isVolatile(*condition)) {
        above.push_back(std::move(condition));
        continue;
      }
      substitute(condition, node->columns, project.expressions);
      below.push_back(std::move(condition));
    }
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(below));
    return filtered(std::move(node), std::move(above));
  }

  NodePtr pushInto(NodePtr node, Join& join, Conditions conditions) {
    Conditions own;
    if (join.condition) splitAnd(std::move(join.condition), own);
    for (const auto& condition : own) optimizeQueries(*condition);
    Conditions above;
    Conditions left;
    Conditions right;
    const bool inner = join.kind == JoinKind::Inner;
    if (inner) {
      // WHERE and ON are the same for an inner join.
      for (auto& condition : conditions) own.push_back(std::move(condition));
      conditions.clear();
    }
    for (auto& condition : conditions) {
      const bool fixed = isVolatile(*condition);
      if (!fixed && join.kind == JoinKind::Left && readsOnly(*condition, *node->inputs[0]))
        left.push_back(std::move(condition));
      else if (!fixed && join.kind == JoinKind::Right && readsOnly(*condition, *node->inputs[1]))
        right.push_back(std::move(condition));
      else above.push_back(std::move(condition));
    }
    Conditions residual;
    for (auto& condition : own) {
      const bool fixed = isVolatile(*condition);
      if (!fixed && (inner || join.kind == JoinKind::Right) && readsOnly(*condition, *node->inputs[0]))
        left.push_back(std::move(condition));
      else if (!fixed && (inner || join.kind == JoinKind::Left) && readsOnly(*condition, *node->inputs[1]))
        right.push_back(std::move(condition));
      else if (!addKey(join, *node, condition)) residual.push_back(std::move(condition));
    }
    join.condition = makeAnd(std::move(residual));
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(left));
    node->inputs[1] = push(std::move(node->inputs[1]), std::move(right));
    return filtered(std::move(node), std::move(above));
  }

  /// Takes an equality of one side's columns with the other's as a key.
  static bool addKey(Join& join, const Node& node, ExpressionPtr& condition) {
    if (condition->kind != ExpressionKind::Function || condition->function.function->name != "=") return false;
    auto& arguments = condition->arguments;
    if (arguments.size() != 2 || arguments[0]->type.physical() != arguments[1]->type.physical()) return false;
    if (arguments[0]->type.id() != arguments[1]->type.id() || isVolatile(*condition)) return false;
    const auto sides = [&](std::size_t left, std::size_t right) {
      return readsOnly(*arguments[left], *node.inputs[0]) && readsOnly(*arguments[right], *node.inputs[1]);
    };
    if (sides(0, 1)) join.keys.emplace_back(std::move(arguments[0]), std::move(arguments[1]));
    else if (sides(1, 0)) join.keys.emplace_back(std::move(arguments[1]), std::move(arguments[0]));
    else return false;
    return true;
  }

  NodePtr pushInto(NodePtr node, Aggregate& aggregate, Conditions conditions) {
    for (const auto& expression : aggregate.groups) optimizeQueries(*expression);
    for (const auto& expression : aggregate.aggregates) optimizeQueries(*expression);
    // Without groups there is a row even where no input row is left.
    Conditions below;
    Conditions above;
    for (auto& condition : conditions) {
      std::vector<Slot> slots;
      addSlots(*condition, slots);
      const bool groupsOnly = !slots.empty() && std::all_of(slots.begin(), slots.end(), [&](Slot slot) {
        const auto end = node->columns.begin() + static_cast<std::ptrdiff_t>(aggregate.groups.size());
        return std::any_of(node->columns.begin(), end, [slot](const auto& column) { return column.slot == slot; });
      });
      if (!groupsOnly || isVolatile(*condition)) {
        above.push_back(std::move(condition));
        continue;
      }
      substitute(condition, node->columns, aggregate.groups);
      below.push_back(std::move(condition));
    }
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(below));
    return filtered(std::move(node), std::move(above));
  }

  NodePtr pushInto(NodePtr node, Distinct&, Conditions conditions) {
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(conditions));
    return node;
  }

  NodePtr pushInto(NodePtr node, Sort&, Conditions conditions) {
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(conditions));
    return node;
  }

  NodePtr pushInto(NodePtr node, Append&, Conditions conditions) {
    Conditions above;
    std::vector<Conditions> below(node->inputs.size());
    for (auto& condition : conditions) {
      if (isVolatile(*condition)) {
        above.push_back(std::move(condition));
        continue;
      }
      for (std::size_t input = 0; input < node->inputs.size(); ++input) {
        std::vector<ExpressionPtr> columns;
        for (const auto& column : node->inputs[input]->columns)
          columns.push_back(makeColumn(column.slot, column.type, column.name, SourceSpan{}));
        auto copy = clone(*condition);
        substitute(copy, node->columns, columns);
        below[input].push_back(std::move(copy));
      }
    }
    for (std::size_t input = 0; input < node->inputs.size(); ++input)
      node->inputs[input] = push(std::move(node->inputs[input]), std::move(below[input]));
    return filtered(std::move(node), std::move(above));
  }

  NodePtr pushInto(NodePtr node, Scan& scan, Conditions conditions) {
    if (!restrictToKeys(scan, conditions)) {
      auto columns = node->columns;
      return std::make_unique<Node>(Values{}, std::move(columns));
    }
    return filtered(std::move(node), std::move(conditions));
  }

  /// Everything else stops conditions: LIMIT above all, since it counts rows.
  template <class Body>
  NodePtr pushInto(NodePtr node, Body&, Conditions conditions) {
    for (auto& input : node->inputs) input = push(std::move(input), {});
    return filtered(std::move(node), std::move(conditions));
  }

  /// Optimizes the subqueries of an expression, each once.
  void optimizeQueries(const Expression& expression) {
    visit(expression, [this](const Expression& node) {
      if (!node.query || !m_optimized.insert(node.query.get()).second) return;
      auto& shared = *node.query;
      auto root = optimize(std::make_unique<Node>(std::move(shared)));
      shared = std::move(*root);
    });
  }

  std::set<const Node*> m_optimized;
};

}  // namespace

NodePtr optimize(NodePtr root) {
  root = PushDown().push(std::move(root), {});
  simplifyOrder(root);
  pruneColumns(*root);
  return root;
}

}  // namespace drift::plan
