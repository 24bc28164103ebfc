// Which index a scan uses, if any, and what its order saves.
//
// The costs are counted in rows that are read one after the other: a row found by an index costs kLookupCost of them,
// and a sorted row one more. How many rows there are is told by the counts in the trees.
#include <algorithm>
#include <cassert>
#include <set>

#include "plan/index_fit.h"
#include "plan/optimizer.h"

namespace drift::plan {

namespace {

/// A condition that no range says is guessed to hold for one row in so many.
constexpr std::uint64_t kResidualRows = 10;

/// One way to find the rows of a scan.
struct Way {
  const catalog::Index* index = nullptr;  ///< null: the table by its own key
  IndexFit fit{};                         ///< with an index
  KeyRanges ranges;
  std::uint64_t rows = 0;  ///< estimated
  std::uint64_t cost = 0;
};

/// One column, or part of an index, that rows are to be sorted by.
struct OrderPart {
  Slot slot = 0;
  bool descending = false;
  bool nullsFirst = false;
};

/// A scan, the conditions right above it, and the slots that a node further up knows its columns by.
struct ScanBelow {
  Scan* scan = nullptr;
  std::vector<const Expression*> conditions;
};

bool needsEnd(const Scan& scan) {
  return std::any_of(scan.columns.begin(), scan.columns.end(), [](const auto& column) {
    return column.system == SystemColumn::End || column.system == SystemColumn::EndSeq;
  });
}

/// True if the scan may be read by other keys than its own, or backwards.
bool isFree(const Scan& scan) {
  return !scan.versions && !(scan.moment && needsEnd(scan)) && !scan.key && !scan.index && !scan.backwards &&
         scan.skipRows == 0;
}

ScanBelow scanBelow(Node& node) {
  ScanBelow below;
  auto* at = &node;
  if (auto* filter = std::get_if<Filter>(&at->body)) {
    addConditions(*filter->condition, below.conditions);
    at = at->inputs[0].get();
  }
  below.scan = std::get_if<Scan>(&at->body);
  return below;
}

/// One key of an order over the columns of a scan.
struct OrderKey {
  ExpressionPtr expression;
  bool descending = false;
  bool nullsFirst = false;
};

/// Goes down through nodes that compute columns, and puts what they compute into the expressions.
Node& throughProjects(Node& node, std::vector<OrderKey>& keys) {
  auto* at = &node;
  while (const auto* project = std::get_if<Project>(&at->body)) {
    for (auto& key : keys) {
      const auto status = rewrite(key.expression, [&](Expression& part) -> Result<ExpressionPtr> {
        if (part.kind != ExpressionKind::Column) return ExpressionPtr();
        const auto found = std::ranges::find(at->columns, part.slot, &Column::slot);
        if (found == at->columns.end()) return ExpressionPtr();
        return clone(*project->expressions[static_cast<std::size_t>(found - at->columns.begin())]);
      });
      assert(status.ok());
    }
    at = at->inputs[0].get();
  }
  return *at;
}

/// The order in terms of what a way knows; nothing where it does not know all of it.
std::optional<std::vector<OrderPart>> orderFor(const Way& way, const std::vector<OrderKey>& keys) {
  std::vector<OrderPart> order;
  for (const auto& key : keys) {
    const auto slot = way.fit.slotOf(*key.expression);
    if (!slot) return std::nullopt;
    order.push_back({*slot, key.descending, key.nullsFirst});
  }
  return order;
}

/// Tells whether keys within the ranges come in an order; `true` for backwards. `unique`: no two rows have the same
/// parts, so what is sorted by behind them does not matter.
std::optional<bool> directionFor(const std::vector<KeyPart>& parts, const KeyRanges& ranges, bool unique,
                                 const std::vector<OrderPart>& order) {
  std::optional<bool> backwards;
  std::size_t part = 0;
  std::set<Slot> fixed;
  for (std::size_t at = 0; at < ranges.fixedParts; ++at) fixed.insert(*parts[at].slot);
  for (const auto& wanted : order) {
    if (fixed.contains(wanted.slot)) continue;
    while (part < parts.size() && part < ranges.fixedParts) ++part;
    if (part == parts.size()) {
      if (unique) break;
      return std::nullopt;
    }
    const auto& column = parts[part].column;
    if (parts[part].slot != wanted.slot) return std::nullopt;
    const bool reversed = wanted.descending != column.descending;
    const bool hasNoNulls = parts[part].notNull || (ranges.endsInRange && part == ranges.equalParts);
    const bool nullsFit = hasNoNulls || (wanted.nullsFirst != column.nullsFirst) == reversed;
    if (!nullsFit || (backwards && *backwards != reversed)) return std::nullopt;
    backwards = reversed;
    fixed.insert(wanted.slot);
    ++part;
  }
  return backwards.value_or(false);
}

class IndexChoice final {
 public:
  explicit IndexChoice(const BindEnvironment& environment) : m_environment(environment) {}

  Status visit(NodePtr& node) {
    if (std::holds_alternative<Aggregate>(node->body)) DRIFT_TRY(readExtreme(*node));
    if (std::holds_alternative<Sort>(node->body)) {
      DRIFT_ASSIGN(const bool sorted, readInOrder(*node));
      if (sorted) {
        auto input = std::move(node->inputs[0]);
        node = std::move(input);
        return visit(node);
      }
    }
    if (std::holds_alternative<Filter>(node->body)) DRIFT_TRY(readSome(*node));
    DRIFT_TRY(visitQueries(*node));
    for (auto& input : node->inputs) DRIFT_TRY(visit(input));
    return {};
  }

 private:
  /// Subqueries are shared by all who ask for them, so each is visited once.
  Status visitQueries(const Node& node) {
    std::vector<std::shared_ptr<Node>> queries;
    const auto look = [&](const ExpressionPtr& expression) {
      if (!expression) return;
      plan::visit(*expression, [&](const Expression& part) {
        if (part.query && m_seen.insert(part.query.get()).second) queries.push_back(part.query);
      });
    };
    std::visit([&](const auto& body) { eachExpression(body, look); }, node.body);
    if (const auto* recursion = std::get_if<Recursion>(&node.body)) queries.push_back(recursion->step);
    for (const auto& query : queries) {
      auto root = std::make_unique<Node>(std::move(*query));
      auto status = visit(root);
      *query = std::move(*root);
      DRIFT_TRY(std::move(status));
    }
    return {};
  }

  template <class Look>
  static void eachExpression(const Filter& filter, const Look& look) {
    look(filter.condition);
  }
  template <class Look>
  static void eachExpression(const Project& project, const Look& look) {
    for (const auto& expression : project.expressions) look(expression);
  }
  template <class Look>
  static void eachExpression(const Join& join, const Look& look) {
    for (const auto& [left, right] : join.keys) {
      look(left);
      look(right);
    }
    look(join.condition);
  }
  template <class Look>
  static void eachExpression(const Aggregate& aggregate, const Look& look) {
    for (const auto& expression : aggregate.groups) look(expression);
    for (const auto& expression : aggregate.aggregates) look(expression);
  }
  template <class Look>
  static void eachExpression(const Window& window, const Look& look) {
    for (const auto& call : window.calls) look(call);
  }
  template <class Look>
  static void eachExpression(const Sort& sort, const Look& look) {
    for (const auto& key : sort.keys) look(key.expression);
  }
  template <class Look>
  static void eachExpression(const Values& values, const Look& look) {
    for (const auto& row : values.rows)
      for (const auto& expression : row) look(expression);
  }
  template <class Body, class Look>
  static void eachExpression(const Body&, const Look&) {}

  Result<std::uint64_t> estimate(const Scan& scan, TreeId tree, const KeyBounds& bounds, std::uint64_t stepsMax) const {
    return m_environment.estimates->estimateRows(tree, scan.moment, {bounds.from, bounds.to}, stepsMax);
  }

  /// The table by its own key.
  Result<Way> tableWay(const Scan& scan, const std::vector<const Expression*>& conditions) const {
    Way way;
    way.ranges = rangesFor(primaryParts(scan), conditions);
    if (scan.points) {
      way.rows = scan.ranges.size();
    } else {
      // Counting what a range has lately got may cost as much as reading it, but not more.
      DRIFT_ASSIGN(way.rows, estimate(scan, scan.table->id, scan.bounds, 4096));
    }
    way.cost = way.rows;
    return way;
  }

  /// All ways by indexes that leave something out, or (for `order`) whose order may help.
  Result<std::vector<Way>> indexWays(const Scan& scan, const std::vector<const Expression*>& conditions,
                                     std::uint64_t tableRows, bool unbounded) {
    std::vector<Way> ways;
    m_indexes.push_back(std::make_shared<std::vector<catalog::Index>>(scan.table->allIndexes()));
    for (const auto& index : *m_indexes.back()) {
      if (index.building) continue;
      DRIFT_ASSIGN(auto fit, IndexFit::of(scan, index, conditions, m_environment));
      if (!fit) continue;
      Way way{.index = &index, .fit = std::move(*fit), .ranges = {}};
      const auto notNull = m_notNull ? way.fit.slotOf(*m_notNull) : std::nullopt;
      way.ranges = rangesFor(way.fit.parts(), way.fit.conditions(), notNull);
      const bool bounded = way.ranges.bounded || index.isPartial();
      if ((!bounded && !unbounded) || way.ranges.ranges.empty()) continue;
      const bool one = index.unique && way.ranges.equalParts == index.columns.size() && !way.ranges.mayBeNull;
      if (one) {
        way.rows = way.ranges.ranges.size();
      } else if (!bounded) {
        way.rows = tableRows;
      } else {
        // More rows than this cost more than the table, however many they are.
        const auto most = tableRows / kLookupCost + 1;
        for (const auto& range : way.ranges.ranges) {
          DRIFT_ASSIGN(const auto rows, estimate(scan, index.tree, range, most));
          way.rows += rows;
          if (way.rows > most && m_environment.tableScans && !unbounded) break;
        }
      }
      way.cost = way.ranges.ranges.size() + way.rows * kLookupCost;
      ways.push_back(std::move(way));
    }
    return ways;
  }

  /// The cheapest way that gives the rows in any order. With table scans switched off the table counts only where
  /// conditions or nothing else leave no choice.
  Result<Way> cheapest(const Scan& scan, const std::vector<const Expression*>& conditions) {
    DRIFT_ASSIGN(auto best, tableWay(scan, conditions));
    DRIFT_ASSIGN(auto ways, indexWays(scan, conditions, best.rows, false));
    const bool whole = !scan.bounds.from && !scan.bounds.to;
    bool replaced = false;
    for (auto& way : ways) {
      const bool forced = !m_environment.tableScans && whole && !replaced;
      if (!forced && way.cost >= best.cost) continue;
      best = std::move(way);
      replaced = true;
    }
    return best;
  }

  static void use(Scan& scan, const Way& way, bool ordered, bool backwards) {
    scan.backwards = backwards;
    if (!way.index) return;
    scan.index = IndexUse{*way.index, way.ranges.ranges, ordered};
  }

  /// A filter over a scan: reads only rows that an index finds, where that is cheaper.
  Status readSome(Node& node) {
    const auto below = scanBelow(node);
    if (!below.scan || !isFree(*below.scan)) return {};
    DRIFT_ASSIGN(const auto best, cheapest(*below.scan, below.conditions));
    if (best.index) use(*below.scan, best, false, false);
    return {};
  }

  /// The cheapest way that gives rows in an order, and whether it goes backwards; nothing where sorting is cheaper.
  Result<std::optional<std::pair<Way, bool>>> orderedWay(const Scan& scan,
                                                         const std::vector<const Expression*>& conditions,
                                                         const std::vector<OrderKey>& keys,
                                                         std::optional<std::uint64_t> limit) {
    using Chosen = std::optional<std::pair<Way, bool>>;
    DRIFT_ASSIGN(const auto plain, cheapest(scan, conditions));
    DRIFT_ASSIGN(auto table, tableWay(scan, conditions));
    DRIFT_ASSIGN(auto ways, indexWays(scan, conditions, table.rows, true));
    auto primary = primaryParts(scan);
    const auto tableRows = table.rows;
    if (!primary.empty()) ways.insert(ways.begin(), std::move(table));
    Chosen chosen;
    // An index that the conditions suit tells how many rows they hold for.
    const auto residualRows =
        plain.index ? std::max<std::uint64_t>(tableRows / std::max<std::uint64_t>(plain.rows, 1), 1) : kResidualRows;
    // Sorting looks at each row once more.
    auto least = plain.cost + plain.rows;
    for (auto& way : ways) {
      const auto order = orderFor(way, keys);
      if (!order) continue;
      auto parts = way.index ? way.fit.parts() : primary;
      const bool tellsApart = !way.index || (way.index->unique && hasNoNulls(parts));
      // Entries that the columns do not tell apart come by the row's key.
      if (!tellsApart) parts.insert(parts.end(), primary.begin(), primary.end());
      const auto backwards = directionFor(parts, way.ranges, tellsApart || !primary.empty(), *order);
      if (!backwards) continue;
      auto rows = way.rows;
      if (limit) rows = std::min(rows, way.ranges.exact ? *limit : *limit * residualRows);
      const auto cost = way.index ? rows * kLookupCost + way.ranges.ranges.size() : rows;
      const bool forced = way.index && !m_environment.tableScans && !chosen;
      if (!forced && cost >= least) continue;
      least = forced ? 0 : cost;
      chosen = std::pair(std::move(way), *backwards);
    }
    return chosen;
  }

  static bool hasNoNulls(const std::vector<KeyPart>& parts) {
    return std::ranges::all_of(parts, [](const auto& part) { return part.notNull; });
  }

  /// A sort over renamed columns of a scan: gives whether the scan gives the rows in order now.
  Result<bool> readInOrder(Node& node) {
    const auto& sort = std::get<Sort>(node.body);
    std::vector<OrderKey> order;
    for (const auto& key : sort.keys) order.push_back({clone(*key.expression), key.descending, key.nullsFirst});
    const auto below = scanBelow(throughProjects(*node.inputs[0], order));
    if (!below.scan || !isFree(*below.scan)) return false;
    DRIFT_ASSIGN(const auto chosen, orderedWay(*below.scan, below.conditions, order, sort.limit));
    if (!chosen) return false;
    use(*below.scan, chosen->first, true, chosen->second);
    return true;
  }

  /// min() or max() of one column over a scan: lets it give the first row of that order alone.
  Status readExtreme(Node& node) {
    const auto& aggregate = std::get<Aggregate>(node.body);
    if (!aggregate.groups.empty() || aggregate.aggregates.empty()) return {};
    const Expression* argument = nullptr;
    std::string_view name;
    for (const auto& call : aggregate.aggregates) {
      const std::string_view own = call->aggregate.function->name;
      if ((own != "min" && own != "max") || call->filter || call->arguments.size() != 1) return {};
      if (argument && (!sameExpression(*argument, *call->arguments[0]) || name != own)) return {};
      argument = call->arguments[0].get();
      name = own;
    }
    std::vector<OrderKey> order;
    order.push_back({clone(*argument), name == "max", false});
    const auto below = scanBelow(throughProjects(*node.inputs[0], order));
    if (!below.scan || !isFree(*below.scan)) return {};
    // NULLs do not count: ranges of the column leave them out.
    m_notNull = order.front().expression.get();
    auto chosen = orderedWay(*below.scan, below.conditions, order, 1);
    m_notNull = nullptr;
    if (!chosen.ok()) return std::move(chosen).error();
    if (!*chosen || !leavesNullsOut(*below.scan, (*chosen)->first, *order.front().expression)) return {};
    use(*below.scan, (*chosen)->first, true, (*chosen)->second);
    node.inputs[0] = makeOver(std::move(node.inputs[0]), Limit{0, 1});
    return {};
  }

  static bool leavesNullsOut(const Scan& scan, const Way& way, const Expression& argument) {
    const auto parts = way.index ? way.fit.parts() : primaryParts(scan);
    const auto part = std::ranges::find(parts, way.fit.slotOf(argument), &KeyPart::slot);
    if (part == parts.end()) return false;
    const auto position = static_cast<std::size_t>(part - parts.begin());
    const bool isEqual = position < way.ranges.equalParts && !way.ranges.mayBeNull;
    return part->notNull || isEqual || (position == way.ranges.equalParts && way.ranges.endsInRange);
  }

  const BindEnvironment& m_environment;
  std::set<const Node*> m_seen;
  const Expression* m_notNull = nullptr;  ///< while min() and max() are looked at: their argument
  /// What Way::index points into.
  std::vector<std::shared_ptr<std::vector<catalog::Index>>> m_indexes;
};

}  // namespace

Status chooseIndexes(NodePtr& root, const BindEnvironment& environment) {
  if (!environment.estimates || !environment.indexScans) return {};
  return IndexChoice(environment).visit(root);
}

}  // namespace drift::plan
