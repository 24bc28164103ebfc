// The text of EXPLAIN: one line a node, inputs indented below it.
#include <algorithm>

#include "plan/explain.h"
#include "plan/row_order.h"

namespace drift::plan {

namespace {

std::string listOf(const std::vector<ExpressionPtr>& expressions) {
  std::string text;
  for (const auto& expression : expressions) text += (text.empty() ? "" : ", ") + toText(*expression);
  return text;
}

std::string keysText(const std::vector<SortKey>& keys) {
  std::string text;
  for (const auto& key : keys) {
    text += (text.empty() ? "" : ", ") + toText(*key.expression) + (key.descending ? " descending" : "");
    if (key.nullsFirst != key.descending) text += key.nullsFirst ? " nulls first" : " nulls last";
  }
  return text;
}

/// The columns whose bounds tell that a leaf can be passed by, each once.
std::string wantedText(const Scan& scan) {
  std::vector<std::string> names;
  for (const auto& want : scan.wanted)
    if (std::ranges::find(names, want.column.name) == names.end()) names.push_back(want.column.name);
  std::string text;
  for (const auto& name : names) text += (text.empty() ? ", bounds of " : " and ") + name;
  return text;
}

struct LineVisitor {
  const Node& node;

  std::string operator()(const Scan& scan) const {
    auto line = fmt::format("Scan {}", scan.table->name);
    if (scan.versions) line += " (versions)";
    else if (scan.moment) line += fmt::format(" as of commit {}", *scan.moment);
    if (scan.index) {
      const auto ranges = scan.index->ranges.size();
      line += fmt::format(" by index {}", scan.index->index.name);
      line += ranges == 1 ? std::string(", one range") : fmt::format(", {} ranges", ranges);
      if (scan.index->ordered) line += scan.backwards ? ", in order backwards" : ", in order";
      return line;
    }
    if (scan.key) line += ", one key";
    else if (!scan.ranges.empty())
      line += fmt::format(", {} {}", scan.ranges.size(), scan.points ? "keys" : "key ranges");
    else if (scan.bounds.from || scan.bounds.to) line += ", key range";
    if (!scan.points) line += wantedText(scan);
    if (scan.backwards) line += ", backwards";
    if (scan.skipRows) line += fmt::format(", skipping {} rows", scan.skipRows);
    return line;
  }
  std::string operator()(const Values& values) const { return fmt::format("Values ({} rows)", values.rows.size()); }
  std::string operator()(const CommitsFunction& function) const { return fmt::format("Commits to {}", function.last); }
  std::string operator()(const DiffFunction& function) const {
    return fmt::format("Diff from commit {} to commit {}", function.from, function.to);
  }
  std::string operator()(const BlameFunction& function) const {
    auto line = fmt::format("Blame {}", function.table->name);
    if (function.column) line += fmt::format(", column {}", function.column->name);
    return function.moment ? line + fmt::format(" as of commit {}", *function.moment) : line;
  }
  std::string operator()(const RowHistoryFunction& function) const {
    return fmt::format("History of one row of {} to commit {}", function.table->name, function.last);
  }
  std::string operator()(const DiffStatFunction& function) const {
    return fmt::format("Changed rows of {} tables from commit {} to commit {}", function.tables.size(), function.from,
                       function.to);
  }
  std::string operator()(const CommitChangesFunction& function) const {
    return fmt::format("Changes of commit {}", function.number);
  }
  std::string operator()(const SeriesFunction& function) const {
    return fmt::format("Series {} to {} by {}", toText(*function.start), toText(*function.stop),
                       toText(*function.step));
  }
  std::string operator()(const ProjectSet& set) const { return "Rows of " + listOf(set.calls); }
  std::string operator()(const Ordinality&) const { return "Number the rows"; }
  std::string operator()(const Filter& filter) const { return "Filter " + toText(*filter.condition); }
  std::string operator()(const Project& project) const { return "Project " + listOf(project.expressions); }
  std::string operator()(const Join& join) const {
    constexpr const char* kKinds[] = {"Inner", "Left", "Right", "Full", "Semi", "Anti", "Single"};
    const auto* way = !join.parameters.empty() ? "lateral" : join.keys.empty() ? "nested loop" : "hash";
    std::string line = fmt::format("{} {} join", kKinds[static_cast<std::size_t>(join.kind)], way);
    for (std::size_t at = 0; at < join.keys.size(); ++at)
      line +=
          fmt::format("{}{} = {}", at ? " and " : " on ", toText(*join.keys[at].first), toText(*join.keys[at].second));
    if (join.condition) line += " where " + toText(*join.condition);
    return line;
  }
  std::string operator()(const Aggregate& aggregate) const {
    auto line = "Aggregate " + listOf(aggregate.aggregates);
    if (!aggregate.groups.empty()) line += " by " + listOf(aggregate.groups);
    if (groupOrder(node, aggregate).scan) line += ", which come in order";
    return line;
  }
  std::string operator()(const Window& window) const {
    auto line = "Window " + listOf(window.calls);
    if (!window.partitions.empty()) line += " by " + listOf(window.partitions);
    if (!window.order.empty()) line += " in the order of " + keysText(window.order);
    return line;
  }
  std::string operator()(const Distinct& distinct) const {
    return distinct.on.empty() ? std::string("Distinct") : "First of each " + listOf(distinct.on);
  }
  std::string operator()(const Sort& sort) const {
    const auto line = "Sort by " + keysText(sort.keys);
    return sort.limit ? line + fmt::format(", first {}", *sort.limit) : line;
  }
  std::string operator()(const Limit& limit) const {
    auto line = limit.count ? fmt::format("Limit {}", *limit.count) : std::string("Limit none");
    return limit.offset ? line + fmt::format(" offset {}", limit.offset) : line;
  }
  std::string operator()(const Append&) const { return "Append"; }
  std::string operator()(const SetOperation& operation) const {
    return fmt::format("{}{}", operation.kind == SetKind::Intersect ? "Intersect" : "Except",
                       operation.all ? " all" : "");
  }
  std::string operator()(const Recursion& recursion) const {
    return fmt::format("Recursion {}{}", recursion.name, recursion.all ? "" : ", each row once");
  }
  std::string operator()(const WorkTable& table) const {
    return (table.isStep ? "Rows found last by " : "Rows of ") + table.name;
  }
};

using Note = std::function<std::string(const Node&)>;

void addLines(const Node& node, std::size_t depth, const Note& note, std::vector<std::string>& lines) {
  lines.push_back(std::string(depth * 2, ' ') + std::visit(LineVisitor{node}, node.body) + note(node));
  for (const auto& input : node.inputs) addLines(*input, depth + 1, note, lines);
  if (const auto* recursion = std::get_if<Recursion>(&node.body)) addLines(*recursion->step, depth + 1, note, lines);
}

}  // namespace

std::vector<std::string> explain(const Node& root, const Note& note) {
  std::vector<std::string> lines;
  addLines(root, 0, note, lines);
  return lines;
}

std::vector<std::string> explain(const Node& root) {
  return explain(root, [](const Node&) { return std::string(); });
}

}  // namespace drift::plan
