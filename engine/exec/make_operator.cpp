#include "exec/analysis.h"
#include "exec/key_filter.h"
#include "exec/operator.h"
#include "exec/operator_kinds.h"
#include "exec/parallel_rows.h"

namespace drift::exec {

namespace {

/// Builds the operator of one node from those of its inputs.
struct NodeVisitor {
  const plan::Node& node;
  std::vector<OperatorPtr> inputs;
  std::vector<KeyTarget> targets;  ///< of a join: scans on the side that it reads last
  bool readsLeft = false;          ///< of a join: reads the left side first
  bool streams = false;            ///< of an aggregation: its rows come group by group
  OperatorContext& context;

  Result<OperatorPtr> operator()(const plan::Scan& scan) {
    const auto filter = context.keyFilters.find(&scan);
    if (filter != context.keyFilters.end()) {
      // Taken out, as the same plan may run again with other keys.
      auto own = std::move(filter->second);
      context.keyFilters.erase(filter);
      return makeFilteredScan(node, std::move(own), context);
    }
    return makeAnyScan(node, scan, context);
  }
  Result<OperatorPtr> operator()(const plan::Values& values) { return makeValues(node, values, context); }
  Result<OperatorPtr> operator()(const plan::CommitsFunction& function) { return makeCommits(node, function, context); }
  Result<OperatorPtr> operator()(const plan::DiffFunction& function) { return makeDiff(node, function, context); }
  Result<OperatorPtr> operator()(const plan::BlameFunction& function) { return makeBlame(node, function, context); }
  Result<OperatorPtr> operator()(const plan::RowHistoryFunction& function) {
    return makeRowHistory(node, function, context);
  }
  Result<OperatorPtr> operator()(const plan::DiffStatFunction& function) {
    return makeDiffStat(node, function, context);
  }
  Result<OperatorPtr> operator()(const plan::CommitChangesFunction& function) {
    return makeCommitChanges(node, function, context);
  }
  Result<OperatorPtr> operator()(const plan::SeriesFunction& function) { return makeSeries(function, context); }
  Result<OperatorPtr> operator()(const plan::ProjectSet& set) {
    return makeProjectSet(node, set, std::move(inputs[0]), context);
  }
  Result<OperatorPtr> operator()(const plan::Ordinality&) { return makeOrdinality(std::move(inputs[0])); }
  Result<OperatorPtr> operator()(const plan::Filter& filter) {
    return makeFilter(node, filter, std::move(inputs[0]), context);
  }
  Result<OperatorPtr> operator()(const plan::Project& project) {
    return makeProject(node, project, std::move(inputs[0]), context);
  }
  Result<OperatorPtr> operator()(const plan::Join& join) {
    return makeJoin(node, join, std::move(inputs[0]), std::move(inputs[1]), readsLeft, std::move(targets), context);
  }
  Result<OperatorPtr> operator()(const plan::Aggregate& aggregate) {
    if (streams) return makeOrderedAggregate(node, aggregate, std::move(inputs[0]), context);
    return makeAggregate(node, aggregate, std::move(inputs[0]), context);
  }
  Result<OperatorPtr> operator()(const plan::Window& window) {
    return makeWindow(node, window, std::move(inputs[0]), context);
  }
  Result<OperatorPtr> operator()(const plan::Distinct& distinct) {
    return makeDistinct(node, distinct, std::move(inputs[0]), context);
  }
  Result<OperatorPtr> operator()(const plan::Sort& sort) { return makeSort(node, sort, std::move(inputs[0]), context); }
  Result<OperatorPtr> operator()(const plan::Limit& limit) { return makeLimit(limit, std::move(inputs[0])); }
  Result<OperatorPtr> operator()(const plan::Append&) { return makeAppend(std::move(inputs)); }
  Result<OperatorPtr> operator()(const plan::SetOperation& operation) {
    return makeSetOperation(node, operation, std::move(inputs[0]), std::move(inputs[1]), context);
  }
  Result<OperatorPtr> operator()(const plan::Recursion& recursion) {
    return makeRecursion(node, recursion, std::move(inputs[0]), context);
  }
  Result<OperatorPtr> operator()(const plan::WorkTable& table) { return makeWorkTable(table, context); }
};

/// True if an operator reads all rows of an input before it gives any, and lets several threads pull them.
bool takesParallel(const NodeVisitor& visitor, std::size_t input) {
  const auto& node = visitor.node;
  if (const auto* aggregate = std::get_if<plan::Aggregate>(&node.body))
    return !visitor.streams && aggregatesInParts(*aggregate);
  if (!std::holds_alternative<plan::Join>(node.body)) return false;
  return visitor.readsLeft || input == 1;
}

/// The operator of one worker within a pipeline; null where it is like any other.
Result<OperatorPtr> makeOfWorker(const plan::Node& node, OperatorContext& context) {
  if (&node == context.pipeline->scan) return makeMorselScan(node, context);
  const auto* join = std::get_if<plan::Join>(&node.body);
  if (!join) return OperatorPtr();
  DRIFT_ASSIGN(auto left, makeOperator(*node.inputs[0], context));
  return makeJoin(node, *join, std::move(left), nullptr, false, {}, context);
}

Result<OperatorPtr> makeUncounted(const plan::Node& node, OperatorContext& context) {
  if (context.pipeline) {
    DRIFT_ASSIGN(auto made, makeOfWorker(node, context));
    if (made) return made;
  }
  NodeVisitor visitor{node, {}, {}, false, false, context};
  if (const auto* join = std::get_if<plan::Join>(&node.body); join && !join->parameters.empty()) {
    DRIFT_ASSIGN(auto left, makeOperator(*node.inputs[0], context));
    return makeLateral(node, *join, std::move(left), context);
  }
  if (const auto* join = std::get_if<plan::Join>(&node.body)) {
    DRIFT_ASSIGN(visitor.readsLeft, readsLeftFirst(node, *join, context));
    visitor.targets = findKeyTargets(node, *join, visitor.readsLeft, context);
  }
  if (const auto* aggregate = std::get_if<plan::Aggregate>(&node.body)) {
    DRIFT_ASSIGN(visitor.streams, streamsGroups(node, *aggregate, context));
  }
  if (std::holds_alternative<plan::Filter>(node.body)) {
    const auto* scan = std::get_if<plan::Scan>(&node.inputs[0]->body);
    if (scan && scan->key && scan->keyIsExact) return makeOperator(*node.inputs[0], context);
  }
  for (std::size_t at = 0; at < node.inputs.size(); ++at) {
    const bool parallel = takesParallel(visitor, at);
    DRIFT_ASSIGN(auto made,
                 parallel ? makeParallel(*node.inputs[at], context) : makeOperator(*node.inputs[at], context));
    visitor.inputs.push_back(std::move(made));
  }
  return std::visit(visitor, node.body);
}

}  // namespace

Result<OperatorPtr> makeOperator(const plan::Node& node, OperatorContext& context) {
  auto made = makeUncounted(node, context);
  if (!made.ok() || !context.analysis) return made;
  return context.analysis->counted(node, std::move(made).value());
}

Result<OperatorPtr> makeAnyScan(const plan::Node& node, const plan::Scan& scan, OperatorContext& context) {
  if (scan.versions) return makeVersionScan(node, scan, context);
  return scan.index || scan.points ? makeLookup(node, scan, context) : makeScan(node, scan, context);
}

std::vector<types::Type> typesOf(std::span<const plan::Column> columns) {
  std::vector<types::Type> types;
  for (const auto& column : columns) types.push_back(column.type);
  return types;
}

}  // namespace drift::exec
