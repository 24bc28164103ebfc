// Dropping what nobody reads.
#include <algorithm>
#include <set>

#include "plan/optimizer.h"

namespace drift::plan {

namespace {

using Slots = std::set<Slot>;

void require(const Expression& expression, Slots& slots) {
  std::vector<Slot> read;
  addSlots(expression, read);
  slots.insert(read.begin(), read.end());
}

Slots allOf(const Node& node) {
  Slots slots;
  for (const auto& column : node.columns) slots.insert(column.slot);
  return slots;
}

void prune(Node& node, Slots required);

/// Keeps those of the node's columns whose slot is required, and the same ones of `parallel`.
template <class T>
void keepRequired(std::vector<Column>& columns, std::vector<T>& parallel, std::size_t first, const Slots& required) {
  std::size_t kept = first;
  for (auto at = first; at < columns.size(); ++at) {
    if (!required.contains(columns[at].slot)) continue;
    if (kept != at) {
      columns[kept] = std::move(columns[at]);
      parallel[kept - first] = std::move(parallel[at - first]);
    }
    ++kept;
  }
  columns.resize(kept);
  parallel.resize(kept - first);
}

struct PruneVisitor {
  Node& node;
  Slots required;

  void operator()(Scan& scan) { keepRequired(node.columns, scan.columns, 0, required); }
  void operator()(Filter& filter) {
    require(*filter.condition, required);
    passOn();
  }
  void operator()(Project& project) {
    keepRequired(node.columns, project.expressions, 0, required);
    Slots below;
    for (const auto& expression : project.expressions) require(*expression, below);
    prune(*node.inputs[0], std::move(below));
  }
  void operator()(Join& join) {
    if (join.condition) require(*join.condition, required);
    for (const auto& [left, right] : join.keys) {
      require(*left, required);
      require(*right, required);
    }
    required.insert(join.parameters.begin(), join.parameters.end());
    for (const auto& input : node.inputs) prune(*input, required);
    node.columns = node.inputs[0]->columns;
    if (givesBothSides(join.kind))
      node.columns.insert(node.columns.end(), node.inputs[1]->columns.begin(), node.inputs[1]->columns.end());
  }
  void operator()(Aggregate& aggregate) {
    keepRequired(node.columns, aggregate.aggregates, aggregate.groups.size(), required);
    Slots below;
    for (const auto& group : aggregate.groups) require(*group, below);
    for (const auto& expression : aggregate.aggregates) require(*expression, below);
    prune(*node.inputs[0], std::move(below));
  }
  void operator()(Window& window) {
    const auto passed = node.columns.size() - window.calls.size();
    keepRequired(node.columns, window.calls, passed, required);
    for (const auto& partition : window.partitions) require(*partition, required);
    for (const auto& key : window.order) require(*key.expression, required);
    for (const auto& call : window.calls) require(*call, required);
    prune(*node.inputs[0], std::move(required));
    auto columns = node.inputs[0]->columns;
    columns.insert(columns.end(), node.columns.begin() + static_cast<std::ptrdiff_t>(passed), node.columns.end());
    node.columns = std::move(columns);
  }
  void operator()(Sort& sort) {
    for (const auto& key : sort.keys) require(*key.expression, required);
    passOn();
  }
  void operator()(Limit&) { passOn(); }
  void operator()(Distinct& distinct) {
    if (distinct.on.empty()) return keepAll();
    for (const auto& expression : distinct.on) require(*expression, required);
    passOn();
  }
  void operator()(Append&) { keepAll(); }
  void operator()(SetOperation&) { keepAll(); }
  void operator()(Recursion&) { keepAll(); }
  void operator()(WorkTable&) {}
  void operator()(Values&) {}
  void operator()(CommitsFunction&) {}
  void operator()(DiffFunction&) {}
  void operator()(BlameFunction&) {}
  void operator()(RowHistoryFunction&) {}
  void operator()(DiffStatFunction&) {}
  void operator()(CommitChangesFunction&) {}
  void operator()(SeriesFunction&) {}
  void operator()(Ordinality&) { keepAll(); }
  void operator()(ProjectSet& set) {
    const auto passed = node.inputs[0]->columns.size();
    for (const auto& call : set.calls) require(*call, required);
    prune(*node.inputs[0], std::move(required));
    auto columns = node.inputs[0]->columns;
    columns.insert(columns.end(), node.columns.begin() + static_cast<std::ptrdiff_t>(passed), node.columns.end());
    node.columns = std::move(columns);
  }

  void passOn() {
    prune(*node.inputs[0], required);
    node.columns = node.inputs[0]->columns;
  }
  /// Whole rows count here, by position.
  void keepAll() {
    for (const auto& input : node.inputs) prune(*input, allOf(*input));
  }
};

void prune(Node& node, Slots required) { std::visit(PruneVisitor{node, std::move(required)}, node.body); }

}  // namespace

void pruneColumns(Node& root) { prune(root, allOf(root)); }

}  // namespace drift::plan
