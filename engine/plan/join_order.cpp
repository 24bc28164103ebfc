#include "plan/join_order.h"

#include <algorithm>
#include <bit>
#include <limits>
#include <map>

#include "plan/node_walk.h"

namespace drift::plan {

namespace {

using Conditions = std::vector<ExpressionPtr>;
using Set = std::uint64_t;  ///< relations, one bit each

/// Relations up to which all orders are looked at: 3^10 splits.
constexpr std::size_t kExhaustiveMax = 10;
/// A row that goes into a hash table costs as much as so many that pass by it.
constexpr double kBuildCost = 2;

Set bit(std::size_t at) { return Set{1} << at; }

/// Expressions that are all equal, each over one relation.
struct EqualClass {
  struct Member {
    ExpressionPtr expression;
    std::size_t relation = 0;
  };
  std::vector<Member> members;

  Set relations() const {
    Set set = 0;
    for (const auto& member : members) set |= bit(member.relation);
    return set;
  }
  const Member* in(Set set) const {
    const auto found =
        std::ranges::find_if(members, [&](const auto& member) { return (bit(member.relation) & set) != 0; });
    return found == members.end() ? nullptr : &*found;
  }
};

/// A way to join a set of relations.
struct Way {
  double rows = 0;
  double cost = std::numeric_limits<double>::infinity();
  Set left = 0;  ///< 0: one relation
};

class Orderer final {
 public:
  Orderer(JoinGraph graph, Cardinality& cardinality) : m_graph(std::move(graph)), m_cardinality(cardinality) {
    for (const auto& relation : m_graph.relations) m_rows.push_back(cardinality.rows(*relation));
    sortConditions();
    for (auto& group : m_classes) m_domains.push_back(domainOf(group));
  }

  NodePtr join() {
    auto parts = components();
    for (const auto part : parts) best(part);
    // What nothing connects is multiplied, the smallest first.
    std::ranges::sort(parts, {}, [&](Set set) { return m_ways[set].rows; });
    auto all = parts.front();
    for (std::size_t at = 1; at < parts.size(); ++at) {
      const auto next = all | parts[at];
      auto& way = m_ways[next];
      way.rows = rowsOf(all, parts[at], next);
      way.cost = 0;
      way.left = all;
      all = next;
    }
    return build(all);
  }

 private:
  /// The relations that an expression reads.
  Set relationsOf(const Expression& expression) const {
    std::vector<Slot> slots;
    addSlots(expression, slots);
    Set set = 0;
    for (const auto slot : slots)
      for (std::size_t at = 0; at < m_graph.relations.size(); ++at)
        if (produces(*m_graph.relations[at], slot)) set |= bit(at);
    return set;
  }

  /// Parts equalities, which become classes, from all other conditions.
  void sortConditions() {
    for (auto& condition : m_graph.conditions) {
      if (addToClass(condition)) continue;
      const auto set = relationsOf(*condition);
      m_others.push_back({std::move(condition), set});
    }
  }

  bool addToClass(ExpressionPtr& condition) {
    if (condition->kind != ExpressionKind::Function || condition->function.function->name != "=") return false;
    auto& arguments = condition->arguments;
    if (arguments.size() != 2 || arguments[0]->type.id() != arguments[1]->type.id()) return false;
    const Set sets[] = {relationsOf(*arguments[0]), relationsOf(*arguments[1])};
    if (std::popcount(sets[0]) != 1 || std::popcount(sets[1]) != 1 || sets[0] == sets[1]) return false;
    EqualClass merged;
    for (int side = 0; side < 2; ++side) {
      const auto at = classOf(*arguments[side]);
      if (at < m_classes.size()) {
        for (auto& member : m_classes[at].members) merged.members.push_back(std::move(member));
        m_classes.erase(m_classes.begin() + static_cast<std::ptrdiff_t>(at));
      } else if (!has(merged, *arguments[side])) {
        merged.members.push_back({std::move(arguments[side]), static_cast<std::size_t>(std::countr_zero(sets[side]))});
      }
    }
    m_classes.push_back(std::move(merged));
    return true;
  }

  static bool has(const EqualClass& group, const Expression& expression) {
    return std::ranges::any_of(group.members,
                               [&](const auto& member) { return sameExpression(*member.expression, expression); });
  }
  std::size_t classOf(const Expression& expression) const {
    const auto found = std::ranges::find_if(m_classes, [&](const auto& group) { return has(group, expression); });
    return static_cast<std::size_t>(found - m_classes.begin());
  }

  /// How many different values the members of a class have: those of a key that the others refer to, if there is one.
  double domainOf(const EqualClass& group) {
    double least = std::numeric_limits<double>::infinity();
    double most = 1;
    for (const auto& member : group.members) {
      std::vector<Slot> slots;
      addSlots(*member.expression, slots);
      const auto& node = *m_graph.relations[member.relation];
      if (slots.size() != 1) continue;
      if (const auto unique = m_cardinality.uniqueRows(node, slots); unique > 0) least = std::min(least, unique);
      most = std::max(most, m_cardinality.distinctValues(node, slots.front()));
    }
    return std::min(least, most == 1 && least == std::numeric_limits<double>::infinity() ? 10 : std::max(most, 1.0));
  }

  std::vector<Set> components() const {
    std::vector<Set> parts;
    for (std::size_t at = 0; at < m_graph.relations.size(); ++at) parts.push_back(bit(at));
    for (const auto& group : m_classes) {
      Set merged = 0;
      std::erase_if(parts, [&](Set part) {
        if ((part & group.relations()) == 0) return false;
        merged |= part;
        return true;
      });
      parts.push_back(merged);
    }
    return parts;
  }

  bool connected(Set left, Set right) const {
    return std::ranges::any_of(m_classes, [&](const auto& group) { return group.in(left) && group.in(right); });
  }

  /// The rows of two sides joined: the product, by the number of keys.
  double rowsOf(Set left, Set right, Set both) {
    const auto leftRows = m_ways[left].rows;
    const auto rightRows = m_ways[right].rows;
    double keys = 1;
    double unique = 0;
    std::vector<Slot> slots[2];
    for (std::size_t at = 0; at < m_classes.size(); ++at) {
      const auto* mine = m_classes[at].in(left);
      const auto* other = m_classes[at].in(right);
      if (!mine || !other) continue;
      keys *= m_domains[at];
      for (const auto& member : m_classes[at].members)
        addSlots(*member.expression, slots[(bit(member.relation) & left) ? 0 : 1]);
    }
    // A whole primary key among the keys: each row of the other side meets one at most.
    for (std::size_t at = 0; at < m_graph.relations.size(); ++at)
      if (bit(at) & both)
        unique = std::max(unique, m_cardinality.uniqueRows(*m_graph.relations[at], slots[(bit(at) & left) ? 0 : 1]));
    if (unique == 0) unique = std::max(std::min(keys, std::max(leftRows, rightRows)), 1.0);
    auto rows = leftRows * rightRows / unique;
    for (const auto& [condition, set] : m_others)
      if (applies(set, left, right)) rows *= 0.3;
    return std::max(rows, 1.0);
  }

  /// True if a condition on `set` can be looked at where both sides meet, and not before.
  bool applies(Set set, Set left, Set right) const {
    return (set & ~(left | right)) == 0 && (set & ~left) != 0 && (set & ~right) != 0;
  }

  void best(Set part) {
    for (std::size_t at = 0; at < m_graph.relations.size(); ++at)
      if (bit(at) & part) m_ways[bit(at)] = {m_rows[at], 0, 0};
    if (static_cast<std::size_t>(std::popcount(part)) <= kExhaustiveMax) exhaustive(part);
    else greedy(part);
  }

  void consider(Set left, Set right) {
    const auto both = left | right;
    const auto rows = m_ways.contains(both) ? m_ways[both].rows : rowsOf(left, right, both);
    const auto& leftWay = m_ways[left];
    const auto& rightWay = m_ways[right];
    const auto small = std::min(leftWay.rows, rightWay.rows);
    const auto large = std::max(leftWay.rows, rightWay.rows);
    const auto cost = leftWay.cost + rightWay.cost + rows + large + small * kBuildCost;
    auto& way = m_ways[both];
    way.rows = rows;
    if (cost >= way.cost) return;
    way.cost = cost;
    way.left = left;
  }

  void exhaustive(Set part) {
    std::vector<Set> subsets;
    for (Set set = part; set != 0; set = (set - 1) & part) subsets.push_back(set);
    std::ranges::sort(subsets, {}, [](Set set) { return std::pair(std::popcount(set), set); });
    for (const auto set : subsets) {
      if (std::popcount(set) < 2) continue;
      for (Set left = (set - 1) & set; left != 0; left = (left - 1) & set) {
        const auto right = set & ~left;
        if (left < right || !m_ways.contains(left) || !m_ways.contains(right) || !connected(left, right)) continue;
        consider(left, right);
      }
    }
  }

  /// True if one relation alone of a set has members of the class.
  static bool alone(const EqualClass& group, Set set) { return std::popcount(group.relations() & set) == 1; }

  void greedy(Set part) {
    std::vector<Set> parts;
    for (std::size_t at = 0; at < m_graph.relations.size(); ++at)
      if (bit(at) & part) parts.push_back(bit(at));
    while (parts.size() > 1) {
      std::size_t bestLeft = 0;
      std::size_t bestRight = 0;
      double least = std::numeric_limits<double>::infinity();
      for (std::size_t left = 0; left < parts.size(); ++left)
        for (std::size_t right = left + 1; right < parts.size(); ++right) {
          if (!connected(parts[left], parts[right])) continue;
          const auto rows = rowsOf(parts[left], parts[right], parts[left] | parts[right]);
          if (rows >= least) continue;
          least = rows;
          bestLeft = left;
          bestRight = right;
        }
      consider(parts[bestLeft], parts[bestRight]);
      parts[bestLeft] |= parts[bestRight];
      parts.erase(parts.begin() + static_cast<std::ptrdiff_t>(bestRight));
    }
  }

  NodePtr build(Set set) {
    const auto& way = m_ways[set];
    if (way.left == 0) return std::move(m_graph.relations[static_cast<std::size_t>(std::countr_zero(set))]);
    auto left = way.left;
    auto right = set & ~left;
    if (m_ways[left].rows < m_ways[right].rows) std::swap(left, right);
    Join join;
    for (const auto& group : m_classes) {
      const auto* mine = group.in(left);
      const auto* other = group.in(right);
      if (!mine || !other) continue;
      join.keys.emplace_back(clone(*mine->expression), clone(*other->expression));
      for (const auto& member : group.members) {
        if (&member == mine || &member == other) continue;
        // Others of the same relation, which no join below has compared.
        if (alone(group, left) && (bit(member.relation) & left))
          join.keys.emplace_back(clone(*member.expression), clone(*other->expression));
        if (alone(group, right) && (bit(member.relation) & right))
          join.keys.emplace_back(clone(*mine->expression), clone(*member.expression));
      }
    }
    Conditions conditions;
    for (auto& [condition, needed] : m_others)
      if (condition && applies(needed, left, right)) conditions.push_back(std::move(condition));
    // Those without a column stand on top.
    if (static_cast<std::size_t>(std::popcount(set)) == m_graph.relations.size())
      for (auto& [condition, needed] : m_others)
        if (condition && needed == 0) conditions.push_back(std::move(condition));
    auto first = build(left);
    auto second = build(right);
    auto node = makeJoin(JoinKind::Inner, std::move(first), std::move(second), makeAnd(std::move(conditions)));
    std::get<Join>(node->body).keys = std::move(join.keys);
    return node;
  }

  struct Other {
    ExpressionPtr condition;
    Set set = 0;
  };

  JoinGraph m_graph;
  Cardinality& m_cardinality;
  std::vector<double> m_rows;
  std::vector<EqualClass> m_classes;
  std::vector<double> m_domains;  ///< of classes
  std::vector<Other> m_others;
  std::map<Set, Way> m_ways;
};

/// The parts of one arm of an OR.
std::vector<const Expression*> partsOf(const Expression& arm) {
  std::vector<const Expression*> parts;
  if (arm.kind != ExpressionKind::And) return {&arm};
  for (const auto& part : arm.arguments)
    for (const auto* deeper : partsOf(*part)) parts.push_back(deeper);
  return parts;
}

bool contains(const std::vector<const Expression*>& parts, const Expression& wanted) {
  return std::ranges::any_of(parts, [&](const auto* part) { return sameExpression(*part, wanted); });
}

}  // namespace

NodePtr joinInOrder(JoinGraph graph, Cardinality& cardinality) { return Orderer(std::move(graph), cardinality).join(); }

void factorConditions(Conditions& conditions) {
  Conditions all;
  for (auto& condition : conditions) {
    if (condition->kind != ExpressionKind::Or || isVolatile(*condition)) {
      all.push_back(std::move(condition));
      continue;
    }
    std::vector<std::vector<const Expression*>> arms;
    for (const auto& arm : condition->arguments) arms.push_back(partsOf(*arm));
    Conditions common;
    for (const auto* part : arms.front())
      if (std::ranges::all_of(arms, [&](const auto& arm) { return contains(arm, *part); }) &&
          std::ranges::none_of(common, [&](const auto& other) { return sameExpression(*other, *part); }))
        common.push_back(clone(*part));
    if (common.empty()) {
      all.push_back(std::move(condition));
      continue;
    }
    auto rest = std::make_unique<Expression>(ExpressionKind::Or, condition->type, condition->span);
    bool always = false;
    for (const auto& arm : arms) {
      Conditions left;
      for (const auto* part : arm)
        if (std::ranges::none_of(common, [&](const auto& other) { return sameExpression(*other, *part); }))
          left.push_back(clone(*part));
      always = always || left.empty();
      if (!left.empty()) rest->arguments.push_back(makeAnd(std::move(left)));
    }
    for (auto& part : common) all.push_back(std::move(part));
    if (!always) all.push_back(std::move(rest));
  }
  conditions = std::move(all);
}

Conditions impliedConditions(const Conditions& conditions, const Node& node) {
  Conditions implied;
  for (const auto& condition : conditions) {
    if (condition->kind != ExpressionKind::Or || isVolatile(*condition)) continue;
    auto weaker = std::make_unique<Expression>(ExpressionKind::Or, condition->type, condition->span);
    for (const auto& arm : condition->arguments) {
      Conditions own;
      for (const auto* part : partsOf(*arm)) {
        std::vector<Slot> slots;
        addSlots(*part, slots);
        if (!slots.empty() && std::ranges::all_of(slots, [&](Slot slot) { return produces(node, slot); }))
          own.push_back(clone(*part));
      }
      if (own.empty()) break;
      weaker->arguments.push_back(makeAnd(std::move(own)));
    }
    if (weaker->arguments.size() == condition->arguments.size()) implied.push_back(std::move(weaker));
  }
  return implied;
}

}  // namespace drift::plan
