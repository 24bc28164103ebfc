// SELECT … FROM … WHERE … GROUP BY … HAVING … ORDER BY, and VALUES.
#include <algorithm>

#include "plan/binder.h"
#include "plan/collated.h"
#include "sql/column_name.h"
#include "sql/string_literal.h"

namespace drift::plan {

using types::TypeId;

namespace {

/// A column of the select list, or an expression that only ORDER BY needs.
struct Item {
  ExpressionPtr expression;
  std::string name;
  std::optional<TreeId> table;
  std::optional<ColumnId> column;
};

struct OrderKey {
  std::size_t item = 0;
  bool descending = false;
  bool nullsFirst = false;
};

/// Binds one SELECT. Grouping is the hard part: everything above it is first bound as if there were none,
/// then rewritten to read the groups and aggregates.
class SelectBinder final {
 public:
  SelectBinder(Binder& binder, const sql::SelectBody& body, const sql::Query* orderedBy)
      : m_binder(binder), m_environment(binder.environment()), m_body(body), m_orderedBy(orderedBy) {}

  Result<NodePtr> bind(const Scope* outer);

 private:
  Status bindItems();
  Status addStar(const sql::Star& star, SourceSpan span);
  void noteStar(const std::vector<ScopeColumn>& columns, SourceSpan span);
  Status bindGroups();
  Result<ExpressionPtr> bindGroup(const sql::Expression& expression);
  Status bindSets(const std::vector<std::size_t>& groups);
  Result<ExpressionPtr> groupingValue(const Expression& grouping) const;
  void expandSets(Aggregate& aggregate, std::vector<Column>& columns);
  Status bindOrder();
  Status bindDistinctOn();
  Result<std::size_t> itemFor(const sql::Expression& tree, std::string_view clause, SourceSpan span);
  Result<std::optional<std::size_t>> outputNamed(const sql::Expression& expression, std::string_view clause) const;
  Status group();
  Status readGroups(ExpressionPtr& expression);
  Result<ExpressionPtr> groupColumn(Expression& node);
  bool determinedByGroups(const Expression& column) const;
  bool grouped() const;
  Status windows();
  Status expandSetCalls(std::span<ExpressionPtr* const> expressions, std::span<ExpressionPtr* const> followers);
  NodePtr project(std::size_t visible);

  Binder& m_binder;
  const BindEnvironment& m_environment;
  const sql::SelectBody& m_body;
  const sql::Query* m_orderedBy;
  NodePtr m_node;
  Scope m_scope;
  std::vector<Item> m_items;  ///< the select list, then what ORDER BY adds
  std::size_t m_visible = 0;  ///< items of the select list
  std::vector<OrderKey> m_order;
  std::vector<std::size_t> m_distinctOn;  ///< items
  std::vector<ExpressionPtr> m_groups;
  std::vector<Slot> m_groupSlots;
  std::vector<std::vector<bool>> m_sets;  ///< of each grouping set: the groups that are in it; empty: one, of all
  Slot m_setSlot = 0;                     ///< the number of a row's grouping set, above the grouping
  std::vector<ExpressionPtr> m_aggregates;
  std::vector<Slot> m_aggregateSlots;
  ExpressionPtr m_having;
};

/// Notes what a * stands for, for a view: as names that mean the same columns later.
void SelectBinder::noteStar(const std::vector<ScopeColumn>& columns, SourceSpan span) {
  auto* notes = m_binder.viewNotes();
  if (!notes ||
      std::ranges::any_of(notes->stars, [&](const auto& other) { return other.span.offsetBytes == span.offsetBytes; }))
    return;
  std::string text;
  for (const auto& column : columns) {
    text += text.empty() ? "" : ", ";
    for (const auto& table : m_scope.tables()) {
      const bool owns = std::ranges::find(table.columns, column.slot, &ScopeColumn::slot) != table.columns.end();
      if (!owns || table.name.empty()) continue;
      text += sql::quotedIdentifier(table.name) + ".";
      break;
    }
    text += sql::quotedIdentifier(column.name);
  }
  notes->stars.push_back({span, std::move(text)});
}

Status SelectBinder::addStar(const sql::Star& star, SourceSpan span) {
  const auto add = [&](const std::vector<ScopeColumn>& columns) {
    noteStar(columns, span);
    for (const auto& column : columns)
      m_items.push_back(
          {makeColumn(column.slot, column.type, column.name, span), column.name, column.table, column.column});
  };
  if (star.qualifier.empty()) {
    if (m_scope.tables().empty())
      return Error(ErrorKind::SyntaxError, "SELECT * with no tables specified is not valid").at(span);
    add(m_scope.visible());
    return {};
  }
  const auto& name = star.qualifier.back().text;
  const auto* table = m_scope.findTable(name);
  if (!table)
    return makeError(ErrorKind::UndefinedTable, "missing FROM-clause entry for table \"{}\"", name)
        .at(star.qualifier.back().span);
  add(table->columns);
  return {};
}

Status SelectBinder::bindItems() {
  for (const auto& item : m_body.items) {
    if (const auto* star = sql::getIf<sql::Star>(*item.expression)) {
      DRIFT_TRY(addStar(*star, item.expression->span));
      continue;
    }
    DRIFT_ASSIGN(auto expression, m_binder.bindExpression(*item.expression, m_scope, Clause::Select));
    if (m_body.distinct || !m_body.distinctOn.empty() || (m_orderedBy && !m_orderedBy->orderBy.empty())) {
      DRIFT_ASSIGN(expression, resolveUnknown(std::move(expression), m_environment));
    }
    Item bound{std::move(expression), sql::columnName(item), {}, {}};
    // A cast to the type that the column has is the column, too.
    const auto* reference = sql::getIf<sql::ColumnReference>(*item.expression);
    if (reference && bound.expression->kind == ExpressionKind::Column) {
      DRIFT_ASSIGN(const auto column, m_scope.resolve(*reference, item.span));
      bound.table = column.table;
      bound.column = column.column;
    }
    m_items.push_back(std::move(bound));
  }
  m_visible = m_items.size();
  return {};
}

/// The item of the select list that an ordinal or a bare name means, if any.
Result<std::optional<std::size_t>> SelectBinder::outputNamed(const sql::Expression& expression,
                                                             std::string_view clause) const {
  if (const auto* literal = sql::getIf<sql::Literal>(expression)) {
    if (literal->kind != sql::LiteralKind::Integer)
      return makeError(ErrorKind::SyntaxError, "non-integer constant in {}", clause).at(expression.span);
    const auto ordinal = literal->text.size() > 6 ? std::size_t{0} : std::stoul(literal->text);
    if (ordinal == 0 || ordinal > m_visible)
      return makeError(ErrorKind::InvalidColumnReference, "{} position {} is not in select list", clause, literal->text)
          .at(expression.span);
    return std::optional<std::size_t>(ordinal - 1);
  }
  const auto* reference = sql::getIf<sql::ColumnReference>(expression);
  if (!reference || reference->name.parts.size() != 1) return std::optional<std::size_t>();
  std::optional<std::size_t> found;
  for (std::size_t at = 0; at < m_visible; ++at) {
    if (m_items[at].name != reference->name.last().text) continue;
    if (found && !sameExpression(*m_items[*found].expression, *m_items[at].expression))
      return makeError(ErrorKind::AmbiguousColumn, "{} \"{}\" is ambiguous", clause, m_items[at].name)
          .at(expression.span);
    found = found.value_or(at);
  }
  return found;
}

Result<ExpressionPtr> SelectBinder::bindGroup(const sql::Expression& expression) {
  // A name in GROUP BY is a column of FROM first; the select list's names come second (PostgreSQL, SELECT).
  const auto* reference = sql::getIf<sql::ColumnReference>(expression);
  bool output = sql::getIf<sql::Literal>(expression) != nullptr;
  if (reference && reference->name.parts.size() == 1) {
    DRIFT_ASSIGN(const auto column, m_scope.findVisible(reference->name.last().text, expression.span));
    output = !column;
  }
  if (output) {
    DRIFT_ASSIGN(const auto item, outputNamed(expression, "GROUP BY"));
    if (item) {
      bool aggregate = false;
      visit(*m_items[*item].expression,
            [&](const Expression& node) { aggregate = aggregate || node.kind == ExpressionKind::Aggregate; });
      if (hasWindowCall(*m_items[*item].expression))
        return Error(ErrorKind::WindowingError, "window functions are not allowed in GROUP BY").at(expression.span);
      if (aggregate)
        return Error(ErrorKind::GroupingError, "aggregate functions are not allowed in GROUP BY").at(expression.span);
      return clone(*m_items[*item].expression);
    }
  }
  return m_binder.bindExpression(expression, m_scope, Clause::GroupBy);
}

Status SelectBinder::bindGroups() {
  std::vector<std::size_t> groups;  // of each expression of GROUP BY
  for (const auto& expression : m_body.groupBy) {
    DRIFT_ASSIGN(auto group, bindGroup(*expression));
    DRIFT_ASSIGN(group, resolveUnknown(std::move(group), m_environment));
    std::size_t at = 0;
    while (at < m_groups.size() && !sameExpression(*m_groups[at], *group)) ++at;
    groups.push_back(at);
    if (at < m_groups.size()) continue;
    m_groups.push_back(std::move(group));
    m_groupSlots.push_back(m_binder.newSlot());
  }
  DRIFT_TRY(bindSets(groups));
  if (m_body.having) {
    DRIFT_ASSIGN(m_having, m_binder.bindCondition(*m_body.having, m_scope, Clause::Having));
  }
  return {};
}

Status SelectBinder::bindSets(const std::vector<std::size_t>& groups) {
  for (const auto& set : m_body.groupingSets) {
    std::vector<bool> in(m_groups.size(), false);
    for (const auto at : set) in[groups[at]] = true;
    if (m_body.distinctGroupingSets && std::ranges::find(m_sets, in) != m_sets.end()) continue;
    m_sets.push_back(std::move(in));
  }
  if (!m_sets.empty()) m_setSlot = m_binder.newSlot();
  return {};
}

namespace {

/// True where a row's grouping set is one of those for which `in` holds.
template <class In>
ExpressionPtr isOneOf(Slot slot, std::size_t sets, SourceSpan span, const In& in) {
  auto test = std::make_unique<Expression>(ExpressionKind::InList, TypeId::Boolean, span);
  test->arguments.push_back(makeColumn(slot, TypeId::Integer, "grouping set", span));
  for (std::size_t set = 0; set < sets; ++set)
    if (in(set)) test->arguments.push_back(makeConstant(types::Value::integer(static_cast<std::int32_t>(set)), span));
  return test;
}

}  // namespace

/// GROUPING(…) above the grouping.
Result<ExpressionPtr> SelectBinder::groupingValue(const Expression& grouping) const {
  std::vector<std::size_t> groups;
  for (const auto& argument : grouping.arguments) {
    const auto found =
        std::ranges::find_if(m_groups, [&](const auto& group) { return sameExpression(*group, *argument); });
    if (found == m_groups.end())
      return Error(ErrorKind::GroupingError,
                   "arguments to GROUPING must be grouping expressions of the associated query level")
          .at(argument->span);
    groups.push_back(static_cast<std::size_t>(found - m_groups.begin()));
  }
  const auto valueOf = [&](std::size_t set) {
    std::int32_t bits = 0;
    for (const auto group : groups) bits = bits << 1 | (m_sets[set][group] ? 0 : 1);
    return bits;
  };
  const auto constant = [&](std::int32_t value) { return makeConstant(types::Value::integer(value), grouping.span); };
  if (m_sets.empty()) return constant(0);
  auto value = std::make_unique<Expression>(ExpressionKind::Case, TypeId::Integer, grouping.span);
  for (std::size_t set = 1; set < m_sets.size(); ++set) {
    if (valueOf(set) == valueOf(0)) continue;
    value->arguments.push_back(
        isOneOf(m_setSlot, m_sets.size(), grouping.span, [&](std::size_t other) { return other == set; }));
    value->arguments.push_back(constant(valueOf(set)));
  }
  value->arguments.push_back(constant(valueOf(0)));
  if (value->arguments.size() == 1) return std::move(value->arguments.front());
  return value;
}

/// Lets each row come once for each grouping set, with NULL in the groups that are not in it, and group by the set,
/// too.
void SelectBinder::expandSets(Aggregate& aggregate, std::vector<Column>& columns) {
  const auto slot = m_binder.newSlot();
  Values values;
  for (std::size_t set = 0; set < m_sets.size(); ++set) {
    values.rows.emplace_back();
    values.rows.back().push_back(makeConstant(types::Value::integer(static_cast<std::int32_t>(set)), SourceSpan{}));
    if (std::ranges::none_of(m_sets[set], [](bool in) { return in; }))
      aggregate.always.push_back(static_cast<std::int32_t>(set));
  }
  auto sets =
      std::make_unique<Node>(std::move(values), std::vector<Column>{{slot, TypeId::Integer, "grouping set", {}, {}}});
  m_node = makeJoin(JoinKind::Inner, std::move(m_node), std::move(sets), nullptr);
  for (std::size_t at = 0; at < aggregate.groups.size(); ++at) {
    if (std::ranges::all_of(m_sets, [at](const auto& set) { return set[at]; })) continue;
    auto& group = aggregate.groups[at];
    const auto span = group->span;
    auto value = std::make_unique<Expression>(ExpressionKind::Case, group->type, span);
    value->arguments.push_back(isOneOf(slot, m_sets.size(), span, [&](std::size_t set) { return m_sets[set][at]; }));
    value->arguments.push_back(std::move(group));
    value->arguments.push_back(makeConstant(types::Value::null(value->type), span));
    group = std::move(value);
  }
  aggregate.groups.push_back(makeColumn(slot, TypeId::Integer, "grouping set", SourceSpan{}));
  columns.push_back({m_setSlot, TypeId::Integer, "grouping set", {}, {}});
}

/// The item that an expression of ORDER BY or DISTINCT ON means; one of its own where there is none.
Result<std::size_t> SelectBinder::itemFor(const sql::Expression& tree, std::string_view clause, SourceSpan span) {
  DRIFT_ASSIGN(const auto output, outputNamed(tree, clause));
  if (output) return *output;
  const auto collated = collatedBy(tree);
  DRIFT_ASSIGN(auto expression, m_binder.bindExpression(withoutCollation(tree), m_scope, Clause::OrderBy));
  if (collated) {
    DRIFT_ASSIGN(expression, orderedBy(std::move(expression), collated->collation, span, m_environment));
  }
  DRIFT_ASSIGN(expression, resolveUnknown(std::move(expression), m_environment));
  for (std::size_t at = 0; at < m_items.size(); ++at)
    if (sameExpression(*m_items[at].expression, *expression)) return at;
  if (m_body.distinct)
    return Error(ErrorKind::InvalidColumnReference,
                 "for SELECT DISTINCT, ORDER BY expressions must appear in select list")
        .at(span);
  auto name = toText(*expression);
  m_items.push_back({std::move(expression), std::move(name), {}, {}});
  return m_items.size() - 1;
}

Status SelectBinder::bindOrder() {
  if (!m_orderedBy) return {};
  for (const auto& item : m_orderedBy->orderBy) {
    DRIFT_ASSIGN(const auto at, itemFor(*item.expression, "ORDER BY", item.span));
    const bool descending = item.direction == sql::SortDirection::Descending;
    const bool nullsFirst = item.nulls == sql::NullsOrder::Default ? descending : item.nulls == sql::NullsOrder::First;
    m_order.push_back({at, descending, nullsFirst});
  }
  return {};
}

/// DISTINCT ON keeps the first row in the order of ORDER BY, which has to begin with the same expressions.
Status SelectBinder::bindDistinctOn() {
  for (const auto& expression : m_body.distinctOn) {
    DRIFT_ASSIGN(const auto at, itemFor(*expression, "DISTINCT ON", expression->span));
    if (std::ranges::find(m_distinctOn, at) == m_distinctOn.end()) m_distinctOn.push_back(at);
  }
  const auto isOn = [&](std::size_t item) { return std::ranges::find(m_distinctOn, item) != m_distinctOn.end(); };
  std::size_t matched = 0;
  while (matched < m_order.size() && isOn(m_order[matched].item)) ++matched;
  const bool leads = matched == m_order.size() || std::ranges::all_of(m_distinctOn, [&](std::size_t item) {
                       return std::any_of(m_order.begin(), m_order.begin() + static_cast<std::ptrdiff_t>(matched),
                                          [&](const auto& key) { return key.item == item; });
                     });
  if (!leads)
    return Error(ErrorKind::InvalidColumnReference,
                 "SELECT DISTINCT ON expressions must match initial ORDER BY expressions")
        .at(m_body.distinctOn.front()->span);
  // What ORDER BY leaves open comes in the order of the expressions.
  for (const auto item : m_distinctOn)
    if (std::ranges::find(m_order, item, &OrderKey::item) == m_order.end()) m_order.push_back({item, false, false});
  return {};
}

bool SelectBinder::grouped() const {
  bool found = !m_body.groupBy.empty() || !m_sets.empty() || m_having;
  for (const auto& item : m_items)
    visit(*item.expression, [&](const Expression& node) {
      found = found || node.kind == ExpressionKind::Aggregate || node.kind == ExpressionKind::Grouping;
    });
  return found;
}

/// A column whose table's whole primary key is grouped by has one value a group (PostgreSQL, GROUP BY).
bool SelectBinder::determinedByGroups(const Expression& column) const {
  if (!m_sets.empty()) return false;  // the key may be left out of a grouping set
  for (const auto& table : m_scope.tables()) {
    if (table.primaryKey.empty()) continue;
    const auto owns = [&](const auto& other) { return other.slot == column.slot; };
    if (std::none_of(table.columns.begin(), table.columns.end(), owns)) continue;
    return std::all_of(table.primaryKey.begin(), table.primaryKey.end(), [&](ColumnId id) {
      return std::any_of(m_groups.begin(), m_groups.end(), [&](const auto& group) {
        return group->kind == ExpressionKind::Column &&
               std::any_of(table.columns.begin(), table.columns.end(),
                           [&](const auto& key) { return key.column == id && key.slot == group->slot; });
      });
    });
  }
  return false;
}

/// What stands for a node above the grouping: a group's or an aggregate's column; null to look further down.
Result<ExpressionPtr> SelectBinder::groupColumn(Expression& node) {
  if (node.kind == ExpressionKind::Grouping) return groupingValue(node);
  for (std::size_t at = 0; at < m_groups.size(); ++at)
    if (sameExpression(*m_groups[at], node)) return makeColumn(m_groupSlots[at], node.type, toText(node), node.span);
  if (node.kind == ExpressionKind::Aggregate) {
    std::size_t at = 0;
    while (at < m_aggregates.size() && !sameExpression(*m_aggregates[at], node)) ++at;
    if (at == m_aggregates.size()) {
      m_aggregates.push_back(clone(node));
      m_aggregateSlots.push_back(m_binder.newSlot());
    }
    return makeColumn(m_aggregateSlots[at], node.type, toText(node), node.span);
  }
  // What comes from a query around this one has one value for all groups.
  if (node.kind != ExpressionKind::Column || !m_scope.owns(node.slot)) return ExpressionPtr();
  if (!determinedByGroups(node))
    return makeError(ErrorKind::GroupingError,
                     "column \"{}\" must appear in the GROUP BY clause or be used in an aggregate function", node.name)
        .at(node.span);
  m_groups.push_back(clone(node));
  m_groupSlots.push_back(m_binder.newSlot());
  return makeColumn(m_groupSlots.back(), node.type, node.name, node.span);
}

Status SelectBinder::readGroups(ExpressionPtr& expression) {
  return rewrite(expression, [this](Expression& node) { return groupColumn(node); });
}

Status SelectBinder::group() {
  for (auto& item : m_items) DRIFT_TRY(readGroups(item.expression));
  if (m_having) DRIFT_TRY(readGroups(m_having));
  std::vector<Column> columns;
  for (std::size_t at = 0; at < m_groups.size(); ++at)
    columns.push_back({m_groupSlots[at], m_groups[at]->type, toText(*m_groups[at]), {}, {}});
  Aggregate aggregate{std::move(m_groups), {}};
  if (!m_sets.empty()) expandSets(aggregate, columns);
  for (std::size_t at = 0; at < m_aggregates.size(); ++at)
    columns.push_back({m_aggregateSlots[at], m_aggregates[at]->type, toText(*m_aggregates[at]), {}, {}});
  aggregate.aggregates = std::move(m_aggregates);
  auto node = std::make_unique<Node>(std::move(aggregate), std::move(columns));
  node->inputs.push_back(std::move(m_node));
  m_node = std::move(node);
  if (m_having) m_node = makeOver(std::move(m_node), Filter{std::move(m_having)});
  return {};
}

/// Calls over windows see the rows as they are after grouping.
Status SelectBinder::windows() {
  std::vector<ExpressionPtr*> expressions;
  for (auto& item : m_items)
    if (hasWindowCall(*item.expression)) expressions.push_back(&item.expression);
  return expressions.empty() ? Status() : m_binder.addWindows(m_node, expressions);
}

namespace {

bool hasSetCall(const Expression& expression) {
  bool found = false;
  visit(expression, [&](const Expression& node) { found = found || node.kind == ExpressionKind::SetFunction; });
  return found;
}

/// Where it depends on values which parts are evaluated, the number of rows would, too.
Status checkSetCalls(const Expression& expression) {
  const bool chooses = expression.kind == ExpressionKind::Case || expression.kind == ExpressionKind::Coalesce;
  const bool refuses = chooses || expression.kind == ExpressionKind::SetFunction ||
                       expression.kind == ExpressionKind::Aggregate || expression.kind == ExpressionKind::Window;
  for (const auto& argument : expression.arguments) {
    if (refuses && hasSetCall(*argument))
      return makeError(ErrorKind::FeatureNotSupported, "set-returning functions are not allowed in {}",
                       chooses ? "CASE and COALESCE" : "the arguments of other functions of this kind")
          .withHint("Call it in FROM")
          .at(argument->span);
    DRIFT_TRY(checkSetCalls(*argument));
  }
  return {};
}

}  // namespace

/// Puts a node over the rows so far that has the rows of the functions in expressions, which then read its columns.
/// Equal calls are one; of `followers` those read them, too, that are equal.
Status SelectBinder::expandSetCalls(std::span<ExpressionPtr* const> expressions,
                                    std::span<ExpressionPtr* const> followers) {
  ProjectSet set;
  auto columns = m_node->columns;
  const auto first = columns.size();
  const auto readFrom = [&](ExpressionPtr& expression, bool adds) {
    return rewrite(expression, [&](Expression& node) -> Result<ExpressionPtr> {
      if (node.kind != ExpressionKind::SetFunction) return ExpressionPtr();
      std::size_t at = 0;
      while (at < set.calls.size() && !sameExpression(*set.calls[at], node)) ++at;
      if (at == set.calls.size() && !adds) return ExpressionPtr();
      if (at == set.calls.size()) {
        set.calls.push_back(clone(node));
        columns.push_back({m_binder.newSlot(), node.type, toText(node), {}, {}});
      }
      return makeColumn(columns[first + at].slot, node.type, toText(node), node.span);
    });
  };
  for (auto* expression : expressions) {
    DRIFT_TRY(checkSetCalls(**expression));
    DRIFT_TRY(readFrom(*expression, true));
  }
  for (auto* expression : followers) DRIFT_TRY(readFrom(*expression, false));
  if (set.calls.empty()) return {};
  auto node = std::make_unique<Node>(std::move(set), std::move(columns));
  node->inputs.push_back(std::move(m_node));
  m_node = std::move(node);
  return {};
}

/// Computes the first `count` items over the rows so far.
NodePtr SelectBinder::project(std::size_t count) {
  Project project;
  std::vector<Column> columns;
  for (std::size_t at = 0; at < count; ++at) {
    auto& item = m_items[at];
    columns.push_back({m_binder.newSlot(), item.expression->type, item.name, item.table, item.column});
    project.expressions.push_back(std::move(item.expression));
  }
  auto node = std::make_unique<Node>(std::move(project), std::move(columns));
  node->inputs.push_back(std::move(m_node));
  return node;
}

Result<NodePtr> SelectBinder::bind(const Scope* outer) {
  DRIFT_ASSIGN(auto from, m_binder.bindFromList(m_body.from, outer));
  m_node = std::move(from.node);
  m_scope = std::move(from.scope);
  if (m_body.where) {
    DRIFT_ASSIGN(auto condition, m_binder.bindCondition(*m_body.where, m_scope, Clause::Where));
    m_node = makeOver(std::move(m_node), Filter{std::move(condition)});
  }
  const auto* outerWindows = m_binder.windows();
  m_binder.setWindows(&m_body.windows);
  DRIFT_TRY(m_binder.checkWindows(m_body.windows, m_scope));
  DRIFT_TRY(bindItems());
  DRIFT_TRY(bindGroups());
  DRIFT_TRY(bindOrder());
  DRIFT_TRY(bindDistinctOn());
  m_binder.setWindows(outerWindows);
  std::vector<ExpressionPtr*> items;
  for (auto& item : m_items) items.push_back(&item.expression);
  // What is grouped by has its rows before the grouping, and the select list's equals are the same columns.
  if (std::ranges::any_of(m_groups, [](const auto& group) { return hasSetCall(*group); })) {
    std::vector<ExpressionPtr*> groups;
    for (auto& group : m_groups) groups.push_back(&group);
    DRIFT_TRY(expandSetCalls(groups, items));
  }
  if (grouped()) DRIFT_TRY(group());
  DRIFT_TRY(windows());
  DRIFT_TRY(expandSetCalls(items, {}));

  auto root = project(m_items.size());
  if (m_body.distinct) root = makeOver(std::move(root), Distinct{});
  if (m_order.empty()) return root;
  Sort sort;
  for (const auto& key : m_order) {
    const auto& column = root->columns[key.item];
    sort.keys.push_back(
        {makeColumn(column.slot, column.type, column.name, SourceSpan{}), key.descending, key.nullsFirst});
  }
  root = makeOver(std::move(root), std::move(sort));
  if (!m_distinctOn.empty()) {
    Distinct distinct;
    for (const auto item : m_distinctOn) {
      const auto& column = root->columns[item];
      distinct.on.push_back(makeColumn(column.slot, column.type, column.name, SourceSpan{}));
    }
    root = makeOver(std::move(root), std::move(distinct));
  }
  if (m_visible == m_items.size()) return root;
  // What only ORDER BY needed is dropped again.
  Project dropped;
  std::vector<Column> columns(root->columns.begin(), root->columns.begin() + static_cast<std::ptrdiff_t>(m_visible));
  for (auto& column : columns) {
    dropped.expressions.push_back(makeColumn(column.slot, column.type, column.name, SourceSpan{}));
    column.slot = m_binder.newSlot();
  }
  auto node = std::make_unique<Node>(std::move(dropped), std::move(columns));
  node->inputs.push_back(std::move(root));
  return node;
}

}  // namespace

Result<NodePtr> Binder::bindSelect(const sql::SelectBody& body, const sql::Query* orderedBy, const Scope* outer) {
  return SelectBinder(*this, body, orderedBy).bind(outer);
}

Result<NodePtr> Binder::bindValues(const sql::ValuesBody& body, const Scope* outer) {
  const Scope noColumns(outer);
  Values values;
  for (const auto& row : body.rows) {
    std::vector<ExpressionPtr> bound;
    for (const auto& expression : row) {
      DRIFT_ASSIGN(auto value, bindExpression(*expression, noColumns, Clause::Values));
      bound.push_back(std::move(value));
    }
    values.rows.push_back(std::move(bound));
  }
  std::vector<Column> columns;
  for (std::size_t at = 0; at < values.rows.front().size(); ++at) {
    std::vector<ExpressionPtr*> places;
    for (auto& row : values.rows) places.push_back(&row[at]);
    DRIFT_TRY(coerceToCommon(places, "VALUES", m_environment));
    columns.push_back({newSlot(), values.rows.front()[at]->type, fmt::format("column{}", at + 1), {}, {}});
  }
  return std::make_unique<Node>(std::move(values), std::move(columns));
}

}  // namespace drift::plan
