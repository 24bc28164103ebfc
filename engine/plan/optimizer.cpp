#include "plan/optimizer.h"

#include <algorithm>
#include <set>

#include "plan/join_order.h"
#include "plan/node_walk.h"

namespace drift::plan {

namespace {

using Conditions = std::vector<ExpressionPtr>;

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
  /// `parameters`: slots that come from a query around this one.
  PushDown(Cardinality& cardinality, std::set<Slot> parameters)
      : m_cardinality(cardinality), m_parameters(std::move(parameters)) {}

  /// Optimizes a whole query.
  static NodePtr optimizeWith(NodePtr root, Cardinality& cardinality, std::set<Slot> parameters) {
    root = PushDown(cardinality, std::move(parameters)).push(std::move(root), {});
    simplifyOrder(root);
    pruneColumns(*root);
    return root;
  }

  /// Gives the node with the conditions at the lowest place where they can be.
  NodePtr push(NodePtr node, Conditions conditions) {
    for (const auto& condition : conditions) optimizeQueries(*condition);
    return std::visit([&](auto& body) { return pushInto(std::move(node), body, std::move(conditions)); }, node->body);
  }

 private:
  NodePtr pushInto(NodePtr node, Filter& filter, Conditions conditions) {
    Conditions all;
    splitAnd(std::move(filter.condition), all);
    std::erase_if(all, [](const auto& condition) {
      return condition->kind == ExpressionKind::Constant && !condition->value.isNull() && condition->value.asBool();
    });
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
    if (join.kind == JoinKind::Left && std::ranges::any_of(conditions, [&](const auto& condition) {
          return failsForNulls(*condition, *node->inputs[1]);
        }))
      join.kind = JoinKind::Inner;
    if (isFree(*node) && m_cardinality.known()) return order(std::move(node), std::move(conditions));
    if (join.kind == JoinKind::Semi && m_cardinality.known() && sinkSemiJoin(*node, join)) {
      auto input = std::move(node->inputs[0]);
      return push(std::move(input), std::move(conditions));
    }
    return pushSides(std::move(node), join, std::move(conditions));
  }

  /// True for an inner join that may be done in any order.
  static bool isFree(const Node& node) {
    const auto* join = std::get_if<Join>(&node.body);
    return join && join->kind == JoinKind::Inner && join->parameters.empty() && join->keys.empty();
  }

  /// Puts a semi-join that is about one relation of an inner join right above that relation, where it leaves fewer
  /// rows; its own input is all that stays then.
  bool sinkSemiJoin(Node& node, Join& join) {
    if (!join.condition || !join.keys.empty() || isVolatile(*join.condition)) return false;
    std::vector<Slot> slots;
    addSlots(*join.condition, slots);
    std::erase_if(slots, [&](Slot slot) { return !produces(*node.inputs[0], slot); });
    auto* place = &node.inputs[0];
    bool sunk = false;
    while (true) {
      if (passesOn(**place) || std::holds_alternative<Filter>((*place)->body)) {
        place = &(*place)->inputs[0];
        continue;
      }
      if (!isFree(**place)) break;
      const auto side = std::ranges::find_if((*place)->inputs, [&](const auto& input) {
        return std::ranges::all_of(slots, [&](Slot slot) { return produces(*input, slot); });
      });
      if (slots.empty() || side == (*place)->inputs.end()) return false;
      place = &*side;
      sunk = true;
    }
    if (!sunk || m_cardinality.rows(*node.inputs[1]) * 2 > m_cardinality.rows(**place)) return false;
    auto semi = makeJoin(JoinKind::Semi, std::move(*place), std::move(node.inputs[1]), std::move(join.condition));
    *place = std::move(semi);
    return true;
  }

  /// A Project that only leaves columns out.
  static bool passesOn(const Node& node) {
    const auto* project = std::get_if<Project>(&node.body);
    if (!project) return false;
    for (std::size_t at = 0; at < node.columns.size(); ++at) {
      const auto& expression = *project->expressions[at];
      if (expression.kind != ExpressionKind::Column || expression.slot != node.columns[at].slot) return false;
    }
    return true;
  }

  /// Takes nested inner joins apart, into `most` relations at most: what is more stays a join, put in order on its own.
  void flatten(NodePtr node, JoinGraph& graph, std::size_t most) {
    const auto* below = node.get();
    while (passesOn(*below) || std::holds_alternative<Filter>(below->body)) below = below->inputs[0].get();
    if (most < 2 || !isFree(*below)) {
      graph.relations.push_back(std::move(node));
      return;
    }
    while (node.get() != below) {
      if (auto* filter = std::get_if<Filter>(&node->body)) splitAnd(std::move(filter->condition), graph.conditions);
      auto input = std::move(node->inputs[0]);
      node = std::move(input);
    }
    auto& join = std::get<Join>(node->body);
    if (join.condition) splitAnd(std::move(join.condition), graph.conditions);
    const auto before = graph.relations.size();
    flatten(std::move(node->inputs[0]), graph, most - 1);
    flatten(std::move(node->inputs[1]), graph, most - (graph.relations.size() - before));
  }

  /// Nested inner joins in the order that costs least.
  NodePtr order(NodePtr node, Conditions conditions) {
    JoinGraph graph;
    graph.conditions = std::move(conditions);
    flatten(std::move(node), graph, kJoinRelationsMax);
    for (const auto& condition : graph.conditions) optimizeQueries(*condition);
    factorConditions(graph.conditions);
    Conditions fixed;
    Conditions shared;
    std::vector<Conditions> own(graph.relations.size());
    for (std::size_t at = 0; at < graph.relations.size(); ++at)
      own[at] = impliedConditions(graph.conditions, *graph.relations[at]);
    for (auto& condition : graph.conditions) {
      if (isVolatile(*condition)) {
        fixed.push_back(std::move(condition));
        continue;
      }
      const auto relation = std::ranges::find_if(
          graph.relations, [&](const auto& candidate) { return readsOnly(*condition, *candidate); });
      if (relation == graph.relations.end()) shared.push_back(std::move(condition));
      else own[static_cast<std::size_t>(relation - graph.relations.begin())].push_back(std::move(condition));
    }
    graph.conditions = std::move(shared);
    for (std::size_t at = 0; at < graph.relations.size(); ++at)
      graph.relations[at] = push(std::move(graph.relations[at]), std::move(own[at]));
    return filtered(joinInOrder(std::move(graph), m_cardinality), std::move(fixed));
  }

  NodePtr pushSides(NodePtr node, Join& join, Conditions conditions) {
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
      if (!fixed && keepsLeft(join.kind) && readsOnly(*condition, *node->inputs[0]))
        left.push_back(std::move(condition));
      else if (!fixed && join.kind == JoinKind::Right && readsOnly(*condition, *node->inputs[1]))
        right.push_back(std::move(condition));
      else above.push_back(std::move(condition));
    }
    Conditions residual;
    const bool leftFails = inner || join.kind == JoinKind::Right || join.kind == JoinKind::Semi;
    for (auto& condition : own) {
      const bool fixed = isVolatile(*condition);
      if (!fixed && leftFails && readsOnly(*condition, *node->inputs[0])) left.push_back(std::move(condition));
      else if (!fixed && (inner || keepsLeft(join.kind)) && readsOnly(*condition, *node->inputs[1]))
        right.push_back(std::move(condition));
      else if (!join.parameters.empty() || !addKey(join, *node, condition)) residual.push_back(std::move(condition));
    }
    join.condition = makeAnd(std::move(residual));
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(left));
    m_parameters.insert(join.parameters.begin(), join.parameters.end());
    node->inputs[1] = push(std::move(node->inputs[1]), std::move(right));
    for (const auto slot : join.parameters) m_parameters.erase(slot);
    if (m_cardinality.known() && join.kind == JoinKind::Left && join.parameters.empty()) swapSides(*node, join);
    return filtered(std::move(node), std::move(above));
  }

  /// The right side is the one that is read into memory: it should be the smaller one.
  void swapSides(Node& node, Join& join) {
    if (m_cardinality.rows(*node.inputs[0]) * 2 > m_cardinality.rows(*node.inputs[1])) return;
    std::swap(node.inputs[0], node.inputs[1]);
    for (auto& [left, right] : join.keys) std::swap(left, right);
    join.kind = JoinKind::Right;
    node.columns = node.inputs[0]->columns;
    node.columns.insert(node.columns.end(), node.inputs[1]->columns.begin(), node.inputs[1]->columns.end());
  }

  /// True where each row of the left side comes out as it is, or not at all.
  static bool keepsLeft(JoinKind kind) {
    return kind == JoinKind::Left || kind == JoinKind::Single || kind == JoinKind::Semi || kind == JoinKind::Anti;
  }

  /// True if the condition cannot hold where all columns of `node` are NULL: operators give NULL for NULL.
  static bool failsForNulls(const Expression& condition, const Node& node) {
    if (condition.kind == ExpressionKind::Column) return produces(node, condition.slot);
    const bool strict = condition.kind == ExpressionKind::Cast ||
                        (condition.kind == ExpressionKind::Function && isOperator(*condition.function.function));
    return strict && std::ranges::any_of(condition.arguments,
                                         [&](const auto& argument) { return failsForNulls(*argument, node); });
  }
  static bool isOperator(const functions::ScalarFunction& function) {
    constexpr std::string_view kStrict[] = {"=", "<>", "<", "<=", ">", ">=", "+", "-", "*", "/", "~~"};
    return std::ranges::find(kStrict, function.name) != std::end(kStrict);
  }

  /// True if the condition reads columns, and all of them come from `node`, or from around the query.
  bool readsOnly(const Expression& condition, const Node& node) const {
    std::vector<Slot> slots;
    addSlots(condition, slots);
    std::erase_if(slots, [&](Slot slot) { return m_parameters.contains(slot); });
    return !slots.empty() && std::all_of(slots.begin(), slots.end(), [&](Slot slot) { return produces(node, slot); });
  }

  /// Takes an equality of one side's columns with the other's as a key.
  bool addKey(Join& join, const Node& node, ExpressionPtr& condition) {
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
      const bool groupsOnly = aggregate.always.empty() && !slots.empty() && std::all_of(slots.begin(), slots.end(), [&](Slot slot) {
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

  /// What a whole partition has or lacks may be asked before; anything else changes what a window sees.
  NodePtr pushInto(NodePtr node, Window& window, Conditions conditions) {
    for (const auto& call : window.calls) optimizeQueries(*call);
    const auto partsBy = [&](Slot slot) {
      return std::ranges::any_of(window.partitions, [slot](const auto& partition) {
        return partition->kind == ExpressionKind::Column && partition->slot == slot;
      });
    };
    Conditions below;
    Conditions above;
    for (auto& condition : conditions) {
      std::vector<Slot> slots;
      addSlots(*condition, slots);
      const bool whole = !slots.empty() && std::ranges::all_of(slots, partsBy) && !isVolatile(*condition);
      (whole ? below : above).push_back(std::move(condition));
    }
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(below));
    return filtered(std::move(node), std::move(above));
  }

  NodePtr pushInto(NodePtr node, Distinct& distinct, Conditions conditions) {
    if (!distinct.on.empty()) {
      node->inputs[0] = push(std::move(node->inputs[0]), {});
      return filtered(std::move(node), std::move(conditions));
    }
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
    tellWants(scan, conditions);
    return filtered(std::move(node), std::move(conditions));
  }

  NodePtr pushInto(NodePtr node, Recursion& recursion, Conditions conditions) {
    auto step = optimizeWith(std::make_unique<Node>(std::move(*recursion.step)), m_cardinality, m_parameters);
    *recursion.step = std::move(*step);
    node->inputs[0] = push(std::move(node->inputs[0]), {});
    return filtered(std::move(node), std::move(conditions));
  }

  /// What the input's columns alone decide may be asked before.
  NodePtr pushInto(NodePtr node, ProjectSet& set, Conditions conditions) {
    for (const auto& call : set.calls) optimizeQueries(*call);
    Conditions below;
    Conditions above;
    for (auto& condition : conditions) {
      const bool own = readsOnly(*condition, *node->inputs[0]) && !isVolatile(*condition);
      (own ? below : above).push_back(std::move(condition));
    }
    node->inputs[0] = push(std::move(node->inputs[0]), std::move(below));
    return filtered(std::move(node), std::move(above));
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
      auto parameters = m_parameters;
      parameters.insert(node.parameters.begin(), node.parameters.end());
      auto root = optimizeWith(std::make_unique<Node>(std::move(shared)), m_cardinality, std::move(parameters));
      shared = std::move(*root);
    });
  }

  Cardinality& m_cardinality;
  std::set<Slot> m_parameters;
  std::set<const Node*> m_optimized;
};

}  // namespace

Result<NodePtr> optimize(NodePtr root, const BindEnvironment& environment) {
  Cardinality cardinality(environment);
  root = PushDown::optimizeWith(std::move(root), cardinality, {});
  if (!cardinality.status().ok()) return cardinality.status().error();
  return root;
}

}  // namespace drift::plan
