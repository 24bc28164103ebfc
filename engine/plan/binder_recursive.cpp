// WITH RECURSIVE: a table whose query names itself (PostgreSQL 7.8.2). Other tables of such a WITH are bound as ever.
#include <algorithm>

#include "plan/binder.h"

namespace drift::plan {

namespace {

constexpr std::string_view kNotUnion = "does not have the form non-recursive-term UNION [ALL] recursive-term";
constexpr std::string_view kNotRecursiveTerm = "must not appear within its non-recursive term";

bool holdsWorkTable(const Node& node, std::uint32_t number) {
  if (const auto* table = std::get_if<WorkTable>(&node.body); table && table->table == number) return true;
  return std::ranges::any_of(node.inputs, [&](const auto& input) { return holdsWorkTable(*input, number); });
}

/// What may not be done with the rows of one step alone. Empty where all is well.
std::string misuse(const Node& node, std::uint32_t number) {
  if (std::holds_alternative<Aggregate>(node.body) && holdsWorkTable(node, number))
    return "aggregate functions are not allowed in a recursive query's recursive term";
  if (const auto* join = std::get_if<Join>(&node.body)) {
    const bool left = join->kind == JoinKind::Right || join->kind == JoinKind::Full;
    const bool right = join->kind == JoinKind::Left || join->kind == JoinKind::Full;
    if ((left && holdsWorkTable(*node.inputs[0], number)) || (right && holdsWorkTable(*node.inputs[1], number)))
      return "a recursive reference must not appear within an outer join";
  }
  for (const auto& input : node.inputs)
    if (auto found = misuse(*input, number); !found.empty()) return found;
  return {};
}

Error refusal(std::string_view name, std::string_view why, SourceSpan span) {
  const auto* what = why == kNotUnion ? "recursive query" : "recursive reference to query";
  return makeError(ErrorKind::InvalidRecursion, "{} \"{}\" {}", what, name, why).at(span);
}

}  // namespace

Result<BoundFrom> Binder::bindWorkTable(const RecursiveTable& table, const sql::TableReference& reference,
                                        SourceSpan span) {
  const auto& name = table.table->name.text;
  if (!table.refusal.empty()) return refusal(name, table.refusal, span);
  if (reference.time)
    return notSupported(fmt::format("a moment of its own for the WITH table \"{}\" is", name), reference.time->span);
  ++*table.uses;
  std::vector<Column> columns;
  for (const auto& column : table.columns) columns.push_back({newSlot(), column.type, column.name, {}, {}});
  return named(std::make_unique<Node>(WorkTable{name, table.number}, std::move(columns)), name, reference.alias, span);
}

Result<NodePtr> Binder::bindCommonQuery(const CommonTables& inner, std::size_t at, const Scope* outerScope) {
  const auto& table = inner.with->tables[at];
  if (!inner.with->recursive) return bindQuery(*table.query, outerScope);
  std::size_t uses = 0;
  RecursiveTable self{m_recursive, &inner, &table, {}, 0, {}, &uses};
  const auto* outer = std::exchange(m_recursive, &self);
  const auto bind = [&]() -> Result<NodePtr> {
    const auto* operation = std::get_if<sql::SetOperation>(&table.query->body.node);
    if (operation && operation->op == sql::SetOperator::Union && !table.query->with) {
      auto place = inner;
      place.scope = outerScope;
      DRIFT_ASSIGN(auto recursion, bindRecursion(place, table, *operation, self));
      if (recursion) return recursion;
    }
    // It may still name itself where it must not.
    self.refusal = kNotUnion;
    return bindQuery(*table.query, outerScope);
  };
  auto root = bind();
  m_recursive = outer;
  return root;
}

/// Gives nothing where the last arm does not name the table.
Result<NodePtr> Binder::bindRecursion(const CommonTables& inner, const sql::CommonTable& table,
                                      const sql::SetOperation& operation, RecursiveTable& self) {
  const auto& name = table.name.text;
  self.refusal = kNotRecursiveTerm;
  std::vector<NodePtr> arms;
  for (std::size_t arm = 0; arm + 1 < operation.arms.size(); ++arm) {
    DRIFT_ASSIGN(auto root, bindBody(operation.arms[arm], nullptr, inner.scope));
    arms.push_back(std::move(root));
  }
  NodePtr base;
  if (arms.size() == 1) {
    base = std::move(arms.front());
  } else {
    DRIFT_TRY(matchArms(arms, operation));
    auto columns = arms.front()->columns;
    for (auto& column : columns) column = {newSlot(), column.type, column.name, {}, {}};
    base = std::make_unique<Node>(Append{}, std::move(columns));
    base->inputs = std::move(arms);
  }
  DRIFT_TRY(resolveUnknownColumns(base));
  self.refusal = {};
  self.number = newSlot();
  self.columns = base->columns;
  for (std::size_t at = 0; at < std::min(table.columns.size(), self.columns.size()); ++at)
    self.columns[at].name = table.columns[at].text;
  DRIFT_ASSIGN(auto step, bindBody(operation.arms.back(), nullptr, inner.scope));
  const auto place = operation.arms.back().span;
  if (*self.uses == 0) return NodePtr();
  if (*self.uses > 1) return refusal(name, "must not appear more than once", place);
  if (!table.query->orderBy.empty()) return notSupported("ORDER BY in a recursive query is", table.query->span);
  if (table.query->limit || table.query->offset)
    return notSupported("LIMIT in a recursive query is", table.query->span);
  if (auto why = misuse(*step, self.number); !why.empty())
    return Error(ErrorKind::InvalidRecursion, std::move(why)).at(place);
  if (step->columns.size() != base->columns.size())
    return Error(ErrorKind::SyntaxError, "each UNION query must have the same number of columns").at(place);
  std::vector<types::Type> types;
  for (std::size_t at = 0; at < base->columns.size(); ++at) {
    const types::Type pair[] = {base->columns[at].type, step->columns[at].type};
    const auto common = types::commonType(pair);
    if (!common)
      return makeError(ErrorKind::DatatypeMismatch, "UNION types {} and {} cannot be matched", pair[0].name(),
                       pair[1].name())
          .at(place);
    if (*common != pair[0])
      return makeError(ErrorKind::DatatypeMismatch,
                       "recursive query \"{}\" column {} has type {} in non-recursive term but type {} overall", name,
                       at + 1, pair[0].name(), common->name())
          .withHint("Cast the output of the non-recursive term to the correct type.")
          .at(place);
    types.push_back(*common);
  }
  DRIFT_TRY(coerceColumns(step, types, types::CastContext::Implicit));
  auto columns = base->columns;
  for (auto& column : columns) column = {newSlot(), column.type, column.name, {}, {}};
  auto node = std::make_unique<Node>(
      Recursion{name, self.number, operation.all, std::shared_ptr<Node>(std::move(step))}, std::move(columns));
  node->inputs.push_back(std::move(base));
  return node;
}

}  // namespace drift::plan
