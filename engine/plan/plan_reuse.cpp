#include "plan/plan_reuse.h"

#include <algorithm>
#include <set>

#include "plan/node_walk.h"
#include "plan/optimizer.h"
#include "types/key_encoding.h"

namespace drift::plan {

/// Walks over a plan and its subqueries; each node and expression once.
class PlanReuse::Finder final {
 public:
  Finder(PlanReuse& found, bool hasParameters) : m_found(found), m_hasParameters(hasParameters) {}

  bool reusable() const { return m_reusable; }
  const std::set<std::uint32_t>& uses() const { return m_uses; }

  void visit(Node& node) {
    std::visit([this](auto& body) { look(body); }, node.body);
    // What restricts a scan stands in the filter above it; elsewhere it would not be found again.
    const bool isFilter = std::holds_alternative<Filter>(node.body);
    for (const auto& input : node.inputs) m_reusable = m_reusable && (isFilter || !isRestricted(*input));
    bool here = false;
    eachExpression(node, [&](ExpressionPtr& expression) { here |= look(*expression); });
    auto* scan = node.inputs.size() == 1 ? std::get_if<Scan>(&node.inputs[0]->body) : nullptr;
    if (here && scan && isFilter) addRestricted(node, *scan);
    for (auto& input : node.inputs) visit(*input);
  }

  bool isRestricted(const Node& node) const {
    const auto* scan = std::get_if<Scan>(&node.body);
    return m_hasParameters && scan && (scan->key || scan->bounds.from || scan->bounds.to || !scan->ranges.empty() ||
                                       scan->index || !scan->wanted.empty());
  }

 private:
  template <class Body>
  void look(Body& body) {
    if constexpr (std::is_same_v<Body, Scan>) {
      m_reusable = m_reusable && !body.moment && !body.versions;
      m_found.m_settled = m_found.m_settled && (body.key || body.points);
    } else if constexpr (std::is_same_v<Body, CommitsFunction> || std::is_same_v<Body, DiffFunction> ||
                         std::is_same_v<Body, BlameFunction> || std::is_same_v<Body, RowHistoryFunction> ||
                         std::is_same_v<Body, DiffStatFunction> || std::is_same_v<Body, CommitChangesFunction>) {
      m_reusable = false;
    } else if constexpr (std::is_same_v<Body, Recursion>) {
      visit(*body.step);
    }
  }

  /// Gives whether a parameter is in the expression.
  bool look(Expression& expression) {
    bool found = false;
    if (expression.parameter) {
      m_uses.insert(expression.parameter->id);
      m_found.m_constants.push_back(&expression);
      found = true;
    }
    for (auto& argument : expression.arguments) found |= look(*argument);
    if (expression.filter) found |= look(*expression.filter);
    if (expression.query && m_queries.insert(expression.query.get()).second) visit(*expression.query);
    return found;
  }

  void addRestricted(Node& filter, Scan& scan) {
    // The order of an index, and the end of a search for the least value, may hang on the ranges.
    if (scan.index && (scan.index->ordered || scan.backwards)) m_reusable = false;
    // Whether a partial index serves may hang on the values, and expressions are matched as the index is chosen.
    if (scan.index && (scan.index->index.isPartial() || scan.index->index.hasExpressions())) {
      m_reusable = false;
      return;
    }
    Restricted restricted{&filter, &scan, {}, {}};
    restricted.made = rangesOf(restricted, conditionsOf(restricted));
    restricted.made.ranges.clear();
    if (scan.key && scan.keyIsExact) restricted.keyValues = keyValuesOf(restricted);
    m_found.m_restricted.push_back(std::move(restricted));
  }

  PlanReuse& m_found;
  const bool m_hasParameters;
  bool m_reusable = true;
  std::set<std::uint32_t> m_uses;
  std::set<const Node*> m_queries;
};

std::optional<PlanReuse> PlanReuse::of(Node& root, const PlanTraits& traits,
                                       std::span<const types::Value> parameters) {
  const bool hasNull = std::ranges::any_of(parameters, [](const auto& value) { return value.isNull(); });
  if (!traits.lasting || hasNull) return std::nullopt;
  PlanReuse reuse;
  Finder finder(reuse, traits.parameterUses > 0);
  finder.visit(root);
  if (finder.isRestricted(root) || !finder.reusable() || finder.uses().size() != traits.parameterUses) return std::nullopt;
  return reuse;
}

std::vector<const Expression*> PlanReuse::conditionsOf(const Restricted& restricted) {
  std::vector<const Expression*> conditions;
  addConditions(*std::get<Filter>(restricted.filter->body).condition, conditions);
  return conditions;
}

KeyRanges PlanReuse::rangesOf(const Restricted& restricted, const std::vector<const Expression*>& conditions) {
  const auto& scan = *restricted.scan;
  return rangesFor(scan.index ? partsOf(scan, scan.index->index) : primaryParts(scan), conditions);
}

std::vector<const Expression*> PlanReuse::keyValuesOf(const Restricted& restricted) {
  const auto& scan = *restricted.scan;
  const auto conditions = conditionsOf(restricted);
  std::vector<const Expression*> values;
  for (const auto& part : primaryParts(scan)) {
    for (const auto* condition : conditions) {
      if (condition->kind != ExpressionKind::Function || condition->function.function->name != "=") continue;
      const auto& left = *condition->arguments[0];
      const auto& right = *condition->arguments[1];
      const bool isKey = left.kind == ExpressionKind::Column && right.kind == ExpressionKind::Constant &&
                         part.slot == left.slot && right.type.id() == part.type.id();
      if (isKey) values.push_back(&right);
      if (isKey) break;
    }
  }
  const auto parts = scan.table->primaryKey.size();
  if (values.size() != parts || conditions.size() != parts) values.clear();
  return values;
}

bool PlanReuse::restrict(const Restricted& restricted) {
  auto& scan = *restricted.scan;
  if (!restricted.keyValues.empty()) {
    scan.key->clear();
    for (const auto* value : restricted.keyValues) types::appendKey(*scan.key, value->value);
    return true;
  }
  const auto conditions = conditionsOf(restricted);
  if (scan.index || !scan.table->primaryKey.empty()) {
    auto found = rangesOf(restricted, conditions);
    const auto& made = restricted.made;
    const bool alike = found.equalParts == made.equalParts && found.fixedParts == made.fixedParts &&
                       found.endsInRange == made.endsInRange && found.bounded == made.bounded &&
                       found.mayBeNull == made.mayBeNull && found.exact == made.exact;
    if (!alike || found.ranges.empty()) return false;
    if (scan.index) {
      scan.index->ranges = std::move(found.ranges);
    } else {
      const bool hadKey = scan.key.has_value();
      const bool hadPoints = scan.points;
      scan.key.reset();
      scan.ranges.clear();
      scan.points = false;
      scan.bounds = {};
      restrictToKeys(scan, std::move(found));
      if (scan.key.has_value() != hadKey || scan.points != hadPoints) return false;
    }
  }
  tellWants(scan, conditions);
  return true;
}

bool PlanReuse::setParameters(std::span<const types::Value> parameters, const types::TextStyle& style) {
  for (auto* constant : m_constants) {
    auto value = parameters[constant->parameter->parameter - 1];
    for (const auto& [type, context] : constant->parameter->casts) {
      auto cast = value.type().id() == types::TypeId::Unknown
                      ? types::parseText(value.asString(), type.bare(), style)
                      : types::cast(value, type, context, style);
      if (cast.ok() && cast->type() != type) cast = types::cast(*cast, type, context, style);
      if (!cast.ok()) return false;  // planning anew says what is wrong, at its place
      value = std::move(cast).value();
    }
    constant->value = std::move(value);
  }
  return std::ranges::all_of(m_restricted, restrict);
}

}  // namespace drift::plan
