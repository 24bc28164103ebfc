#include "plan/cardinality.h"

#include <algorithm>
#include <cmath>

#include "plan/node_walk.h"

namespace drift::plan {

namespace {

constexpr std::uint64_t kStepsMax = 4096;
/// Guesses, where nothing better is known.
constexpr double kTextValues = 25;
constexpr double kDays = 2500;
constexpr double kRangeShare = 0.3;
constexpr double kPatternShare = 0.1;
constexpr double kOtherShare = 0.3;
constexpr double kRowsOfFunction = 1000;
/// Tables from this size on are looked into, but not as of the past: its plans are not kept, and each would read anew.
constexpr double kSampledRowsMin = 10'000;
/// Fewer rows of a sample tell nothing but that they are few.
constexpr double kTellingRows = 10;

double clampShare(double share) { return std::clamp(share, 1e-9, 1.0); }

/// The column that an expression is, a conversion left out.
std::optional<Slot> columnOf(const Expression& expression) {
  if (expression.kind == ExpressionKind::Column) return expression.slot;
  if (expression.kind == ExpressionKind::Cast) return columnOf(*expression.arguments.front());
  return std::nullopt;
}

}  // namespace

double Cardinality::tableRows(const Scan& scan) {
  const std::pair key(scan.table->id, scan.moment.value_or(kNoCommit));
  if (const auto found = m_tables.find(key); found != m_tables.end()) return found->second;
  const auto rows = m_environment.estimates->estimateRows(scan.table->id, scan.moment, {}, kStepsMax);
  if (!rows.ok()) {
    if (m_status.ok()) m_status = rows.error();
    return 1;
  }
  return m_tables[key] = std::max<double>(static_cast<double>(*rows), 1);
}

double Cardinality::scanRows(const Scan& scan) {
  if (scan.key) return 1;
  if (scan.points) return std::max<double>(static_cast<double>(scan.ranges.size()), 1);
  if (!scan.bounds.from && !scan.bounds.to) return tableRows(scan);
  const auto rows =
      m_environment.estimates->estimateRows(scan.table->id, scan.moment, {scan.bounds.from, scan.bounds.to}, kStepsMax);
  if (!rows.ok()) {
    if (m_status.ok()) m_status = rows.error();
    return 1;
  }
  return std::max<double>(static_cast<double>(*rows), 1);
}

double Cardinality::columnValues(const Scan& scan, Slot slot) {
  const auto rows = tableRows(scan);
  const auto column = std::ranges::find(scan.columns, slot, &ScanColumn::slot);
  if (column == scan.columns.end() || !column->column) return rows;
  const auto& key = scan.table->primaryKey;
  if (!key.empty() && key.front() == column->column->id) return key.size() == 1 ? rows : std::max(rows / 4, 1.0);
  for (const auto& unique : scan.table->uniques)
    if (unique.columns.size() == 1 && unique.columns.front() == column->column->id) return rows;
  const auto& type = column->column->type;
  if (type.id() == types::TypeId::Boolean) return std::min(rows, 2.0);
  if (rows >= kSampledRowsMin && !scan.moment) return sampledValues(scan, *column->column, rows);
  if (type.id() == types::TypeId::Date) return std::min(rows, kDays);
  if (type.isText()) return std::min(rows, kTextValues);
  return std::pow(rows, 0.75);
}

double Cardinality::sampledValues(const Scan& scan, const catalog::Column& column, double rows) {
  const std::pair key(Moment(scan.table->id, scan.moment.value_or(kNoCommit)), column.id);
  if (const auto found = m_values.find(key); found != m_values.end()) return found->second;
  auto values = std::pow(rows, 0.75);
  if (const auto sample = m_environment.estimates->sampleColumn(scan, column.id); sample && sample->values > 0) {
    const auto known = sample->rows - sample->once + sample->once * sample->rows / std::max(rows, sample->rows);
    values = sample->rows * sample->values / std::max(known, 1.0);
  }
  return m_values[key] = std::clamp(values, 1.0, rows);
}

double Cardinality::filterShare(const Expression& condition, const Node& input) {
  const auto* scan = std::get_if<Scan>(&input.body);
  const bool whole = scan && !scan->versions && !scan->moment && !scan->key && !scan->points && scan->ranges.empty() &&
                     !scan->bounds.from && !scan->bounds.to;
  if (!whole || tableRows(*scan) < kSampledRowsMin) return selectivity(condition, input);
  auto text = toText(condition);
  const std::pair key(Moment(scan->table->id, scan->moment.value_or(kNoCommit)), std::move(text));
  if (const auto found = m_shares.find(key); found != m_shares.end()) return found->second;
  auto share = selectivity(condition, input);
  if (const auto sample = m_environment.estimates->sampleCondition(*scan, condition)) {
    if (sample->kept >= kTellingRows) share = sample->kept / sample->rows;
    else share = std::min(share, kTellingRows / sample->rows);
  }
  return m_shares[key] = clampShare(share);
}

double Cardinality::distinctValues(const Node& node, Slot slot) {
  if (const auto* scan = std::get_if<Scan>(&node.body)) return std::min(columnValues(*scan, slot), scanRows(*scan));
  const auto most = rows(node);
  if (const auto* project = std::get_if<Project>(&node.body)) {
    for (std::size_t at = 0; at < node.columns.size(); ++at) {
      if (node.columns[at].slot != slot) continue;
      const auto below = columnOf(*project->expressions[at]);
      return below ? std::min(distinctValues(*node.inputs[0], *below), most) : most;
    }
    return most;
  }
  if (const auto* aggregate = std::get_if<Aggregate>(&node.body)) {
    for (std::size_t at = 0; at < aggregate->groups.size(); ++at) {
      if (node.columns[at].slot != slot) continue;
      const auto below = columnOf(*aggregate->groups[at]);
      return below ? std::min(distinctValues(*node.inputs[0], *below), most) : most;
    }
    return most;
  }
  if (std::holds_alternative<Append>(node.body) || std::holds_alternative<SetOperation>(node.body)) return most;
  for (const auto& input : node.inputs)
    if (produces(*input, slot)) return std::min(distinctValues(*input, slot), most);
  return most;
}

double Cardinality::comparison(const Expression& condition, const Node& node) {
  const std::string_view name = condition.function.function->name;
  if (name == "<" || name == "<=" || name == ">" || name == ">=") return kRangeShare;
  if (name == "~~" || name == "~~*") return kPatternShare;
  const bool equal = name == "=";
  if (!equal && name != "<>") return kOtherShare;
  double values = 0;
  for (const auto& side : condition.arguments)
    if (const auto slot = columnOf(*side); slot && produces(node, *slot))
      values = std::max(values, distinctValues(node, *slot));
  if (values == 0) values = 10;
  const auto share = clampShare(1 / values);
  return equal ? share : 1 - share;
}

double Cardinality::selectivity(const Expression& condition, const Node& node) {
  switch (condition.kind) {
    case ExpressionKind::And: {
      double share = 1;
      for (const auto& part : condition.arguments) share *= selectivity(*part, node);
      return clampShare(share);
    }
    case ExpressionKind::Or: {
      double missed = 1;
      for (const auto& part : condition.arguments) missed *= 1 - selectivity(*part, node);
      return clampShare(1 - missed);
    }
    case ExpressionKind::Not: return clampShare(1 - selectivity(*condition.arguments.front(), node));
    case ExpressionKind::InList: {
      const auto slot = columnOf(*condition.arguments.front());
      const auto values = slot && produces(node, *slot) ? distinctValues(node, *slot) : 10;
      const auto share = clampShare(static_cast<double>(condition.arguments.size() - 1) / values);
      return condition.negated ? clampShare(1 - share) : share;
    }
    case ExpressionKind::IsNull: return condition.negated ? 0.9 : 0.1;
    case ExpressionKind::Function: return condition.function.function ? comparison(condition, node) : kOtherShare;
    case ExpressionKind::Constant:
      return !condition.value.isNull() && condition.type.id() == types::TypeId::Boolean && condition.value.asBool()
                 ? 1
                 : clampShare(0);
    default: return kOtherShare;
  }
}

double Cardinality::uniqueRows(const Node& node, const std::vector<Slot>& slots) {
  if (const auto* scan = std::get_if<Scan>(&node.body)) {
    const auto has = [&](ColumnId id) {
      return std::ranges::any_of(scan->columns, [&](const auto& column) {
        return column.column && column.column->id == id && std::ranges::find(slots, column.slot) != slots.end();
      });
    };
    const auto& key = scan->table->primaryKey;
    if (!scan->versions && !key.empty() && std::ranges::all_of(key, has)) return tableRows(*scan);
    return 0;
  }
  if (const auto* project = std::get_if<Project>(&node.body)) {
    std::vector<Slot> below;
    for (std::size_t at = 0; at < node.columns.size(); ++at)
      if (std::ranges::find(slots, node.columns[at].slot) != slots.end())
        if (const auto slot = columnOf(*project->expressions[at])) below.push_back(*slot);
    return uniqueRows(*node.inputs[0], below);
  }
  if (const auto* aggregate = std::get_if<Aggregate>(&node.body)) {
    for (std::size_t at = 0; at < aggregate->groups.size(); ++at)
      if (std::ranges::find(slots, node.columns[at].slot) == slots.end()) return 0;
    // The keys of the rows below, before a HAVING.
    return aggregate->groups.empty() ? 0 : rows(node);
  }
  double most = 0;
  if (std::holds_alternative<Filter>(node.body) || std::holds_alternative<Sort>(node.body) ||
      std::holds_alternative<Join>(node.body))
    for (const auto& input : node.inputs) most = std::max(most, uniqueRows(*input, slots));
  return most;
}

double Cardinality::joinedRows(const Join& join, const Node& leftNode, double left, const Node& rightNode,
                               double right) {
  std::vector<Slot> leftSlots;
  std::vector<Slot> rightSlots;
  double leftValues = 1;
  double rightValues = 1;
  for (const auto& [leftKey, rightKey] : join.keys) {
    if (const auto slot = columnOf(*leftKey)) leftSlots.push_back(*slot);
    if (const auto slot = columnOf(*rightKey)) rightSlots.push_back(*slot);
    leftValues *= leftSlots.empty() ? left : distinctValues(leftNode, leftSlots.back());
    rightValues *= rightSlots.empty() ? right : distinctValues(rightNode, rightSlots.back());
  }
  auto share = 1.0;
  if (!join.keys.empty()) {
    const auto unique = std::max(uniqueRows(leftNode, leftSlots), uniqueRows(rightNode, rightSlots));
    share =
        1 / std::max({unique > 0 ? unique : std::max(std::min(leftValues, left), std::min(rightValues, right)), 1.0});
  }
  if (join.condition) share *= kOtherShare;
  return std::max(left * right * share, 1.0);
}

double Cardinality::rows(const Node& node) {
  if (const auto* scan = std::get_if<Scan>(&node.body)) return scanRows(*scan);
  if (const auto* values = std::get_if<Values>(&node.body))
    return std::max<double>(static_cast<double>(values->rows.size()), 1);
  if (node.inputs.empty()) return kRowsOfFunction;
  const auto first = rows(*node.inputs[0]);
  if (const auto* filter = std::get_if<Filter>(&node.body))
    return std::max(first * filterShare(*filter->condition, *node.inputs[0]), 1.0);
  if (const auto* join = std::get_if<Join>(&node.body)) {
    if (join->kind == JoinKind::Semi || join->kind == JoinKind::Anti) return std::max(first / 2, 1.0);
    const auto second = rows(*node.inputs[1]);
    const auto both = joinedRows(*join, *node.inputs[0], first, *node.inputs[1], second);
    if (join->kind == JoinKind::Single) return first;
    if (join->kind == JoinKind::Left || join->kind == JoinKind::Full) return std::max(both, first);
    return join->kind == JoinKind::Right ? std::max(both, second) : both;
  }
  if (const auto* aggregate = std::get_if<Aggregate>(&node.body)) {
    double groups = 1;
    for (const auto& group : aggregate->groups) {
      const auto slot = columnOf(*group);
      groups *= slot && produces(*node.inputs[0], *slot) ? distinctValues(*node.inputs[0], *slot) : 100;
    }
    return std::max(std::min(groups, first), 1.0);
  }
  if (const auto* limit = std::get_if<Limit>(&node.body))
    return limit->count ? std::max(std::min(first, static_cast<double>(*limit->count)), 1.0) : first;
  if (std::holds_alternative<Append>(node.body)) {
    double all = 0;
    for (const auto& input : node.inputs) all += rows(*input);
    return all;
  }
  return first;
}

}  // namespace drift::plan
