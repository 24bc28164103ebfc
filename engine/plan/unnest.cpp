// Subqueries that refer to the query around them become joins, where that is known to give the same rows.
//
// The way: what ties the subquery to the query around it are conditions; those are taken out of the subquery and become
// the join's. An aggregation on the way groups by what the conditions compare. EXISTS and IN become semi-joins, NOT
// EXISTS and NOT IN anti-joins, a scalar subquery a left join. After T. Neumann and A. Kemper, "Unnesting Arbitrary
// Queries" (BTW 2015), with the conditions themselves in the place of the paper's domain. What this does not reach
// (LIMIT, conditions other than equality below an aggregation, subqueries behind OR or CASE …) is run by the executor
// for each set of values that it refers to.
#include <algorithm>
#include <set>

#include "plan/coercion.h"
#include "plan/node_walk.h"
#include "plan/optimizer.h"

namespace drift::plan {

namespace {

using Conditions = std::vector<ExpressionPtr>;
using Slots = std::set<Slot>;

bool readsAny(const Expression& expression, const Slots& slots) {
  std::vector<Slot> read;
  addSlots(expression, read);
  return std::ranges::any_of(read, [&](Slot slot) { return slots.contains(slot); });
}

bool readsOnlyOf(const Expression& expression, const Slots& slots) {
  std::vector<Slot> read;
  addSlots(expression, read);
  return !read.empty() && std::ranges::all_of(read, [&](Slot slot) { return slots.contains(slot); });
}

bool nodeReads(const Node& node, const Slots& slots) {
  bool found = false;
  eachExpression(node, [&](const Expression& expression) { found = found || readsAny(expression, slots); });
  return found;
}

bool treeReads(const Node& node, const Slots& slots) {
  return nodeReads(node, slots) ||
         std::ranges::any_of(node.inputs, [&](const auto& input) { return treeReads(*input, slots); });
}

bool hasSubquery(const Expression& expression) {
  bool found = false;
  visit(expression, [&](const Expression& node) { found = found || node.query; });
  return found;
}

/// The sides of an equality, the one without `outer` first; nothing for any other condition.
std::optional<std::pair<std::size_t, std::size_t>> sidesOf(const Expression& condition, const Slots& outer) {
  if (condition.kind != ExpressionKind::Function || condition.function.function->name != "=") return std::nullopt;
  if (condition.arguments.size() != 2) return std::nullopt;
  for (const std::size_t inner : {0u, 1u}) {
    const auto& own = *condition.arguments[inner];
    const auto& other = *condition.arguments[1 - inner];
    std::vector<Slot> read;
    addSlots(own, read);
    if (!read.empty() && !readsAny(own, outer) && readsOnlyOf(other, outer)) return std::pair(inner, 1 - inner);
  }
  return std::nullopt;
}

/// Takes conditions on `outer` slots out of a subquery. Each step is first tried: what cannot be taken out stays whole.
class Pull final {
 public:
  Pull(Slots outer, Slot& nextSlot) : m_outer(std::move(outer)), m_nextSlot(nextSlot) {}

  /// True if take() can free the plan of what it reads of outside. `anyRows`: only which rows there are counts, not
  /// how often. `equalOnly`: the conditions must be equalities of a column of the plan with something of outside.
  bool can(const Node& node, bool anyRows, bool equalOnly) const {
    if (!treeReads(node, m_outer)) return true;
    if (const auto* filter = std::get_if<Filter>(&node.body))
      return canAll(*filter->condition, equalOnly) && can(*node.inputs[0], anyRows, equalOnly);
    if (std::holds_alternative<Project>(node.body))
      return !nodeReads(node, m_outer) && can(*node.inputs[0], anyRows, equalOnly);
    if (const auto* join = std::get_if<Join>(&node.body)) return canJoin(node, *join, anyRows, equalOnly);
    if (const auto* aggregate = std::get_if<Aggregate>(&node.body))
      return !aggregate->groups.empty() && aggregate->always.empty() && !nodeReads(node, m_outer) &&
             can(*node.inputs[0], false, true);
    if (const auto* distinct = std::get_if<Distinct>(&node.body))
      return distinct->on.empty() && can(*node.inputs[0], true, equalOnly || !anyRows);
    if (const auto* sort = std::get_if<Sort>(&node.body))
      return !sort->limit && !nodeReads(node, m_outer) && can(*node.inputs[0], anyRows, equalOnly);
    return false;
  }

  /// Frees the plan and adds the conditions that were taken out; what they read is among the node's columns then.
  void take(Node& node, Conditions& taken) {
    if (!treeReads(node, m_outer)) return;
    Conditions own;
    if (auto* filter = std::get_if<Filter>(&node.body)) {
      take(*node.inputs[0], own);
      takeOut(filter->condition, own);
      if (!filter->condition) filter->condition = makeConstant(types::Value::boolean(true), SourceSpan{});
      node.columns = node.inputs[0]->columns;
    } else if (auto* project = std::get_if<Project>(&node.body)) {
      take(*node.inputs[0], own);
      for (const auto& condition : own) passOn(node, *project, *condition);
    } else if (auto* join = std::get_if<Join>(&node.body)) {
      take(*node.inputs[0], own);
      if (join->kind == JoinKind::Inner) {
        take(*node.inputs[1], own);
        if (join->condition) takeOut(join->condition, own);
      }
      node.columns = node.inputs[0]->columns;
      if (givesBothSides(join->kind))
        node.columns.insert(node.columns.end(), node.inputs[1]->columns.begin(), node.inputs[1]->columns.end());
    } else if (auto* aggregate = std::get_if<Aggregate>(&node.body)) {
      take(*node.inputs[0], own);
      for (auto& condition : own) groupBy(node, *aggregate, *condition);
    } else {  // Distinct, Sort
      take(*node.inputs[0], own);
      node.columns = node.inputs[0]->columns;
    }
    for (auto& condition : own) taken.push_back(std::move(condition));
  }

  /// The same for an aggregation without groups: it gets some.
  bool canTotal(const Node& node) const { return !nodeReads(node, m_outer) && can(*node.inputs[0], false, true); }
  void takeTotal(Node& node, Conditions& taken) {
    take(*node.inputs[0], taken);
    for (auto& condition : taken) groupBy(node, std::get<Aggregate>(node.body), *condition);
  }

 private:
  bool canAll(const Expression& condition, bool equalOnly) const {
    if (condition.kind == ExpressionKind::And)
      return std::ranges::all_of(condition.arguments, [&](const auto& part) { return canAll(*part, equalOnly); });
    if (!readsAny(condition, m_outer)) return true;
    if (isVolatile(condition)) return false;
    return !equalOnly || (sidesOf(condition, m_outer) && !hasSubquery(condition));
  }

  bool canJoin(const Node& node, const Join& join, bool anyRows, bool equalOnly) const {
    if (!join.keys.empty() || !join.parameters.empty()) return false;
    if (join.kind == JoinKind::Inner)
      return (!join.condition || canAll(*join.condition, equalOnly)) && can(*node.inputs[0], anyRows, equalOnly) &&
             can(*node.inputs[1], anyRows, equalOnly);
    if (join.kind == JoinKind::Right || join.kind == JoinKind::Full) return false;
    return !nodeReads(node, m_outer) && !treeReads(*node.inputs[1], m_outer) &&
           can(*node.inputs[0], anyRows, equalOnly);
  }

  /// Moves the parts of a condition that read of outside; null is left where nothing stays.
  void takeOut(ExpressionPtr& condition, Conditions& taken) const {
    Conditions parts;
    splitAnd(std::move(condition), parts);
    Conditions kept;
    for (auto& part : parts) (readsAny(*part, m_outer) ? taken : kept).push_back(std::move(part));
    condition = makeAnd(std::move(kept));
  }

  /// Lets a Project give the columns that a condition above it reads, under their own slots.
  static void passOn(Node& node, Project& project, const Expression& condition) {
    std::vector<Slot> read;
    addSlots(condition, read);
    for (const auto slot : read) {
      if (produces(node, slot)) continue;
      const auto column = std::ranges::find(node.inputs[0]->columns, slot, &Column::slot);
      if (column == node.inputs[0]->columns.end()) continue;
      project.expressions.push_back(makeColumn(slot, column->type, column->name, SourceSpan{}));
      node.columns.push_back(*column);
    }
  }

  /// Groups by the inner side of an equality, which reads the group then.
  void groupBy(Node& node, Aggregate& aggregate, Expression& condition) {
    const auto sides = sidesOf(condition, m_outer);
    assert(sides);
    auto& inner = condition.arguments[sides->first];
    const auto same =
        std::ranges::find_if(aggregate.groups, [&](const auto& group) { return sameExpression(*group, *inner); });
    const auto at = same - aggregate.groups.begin();
    if (same == aggregate.groups.end()) {
      Column column{m_nextSlot++, inner->type, toText(*inner), {}, {}};
      node.columns.insert(node.columns.begin() + at, std::move(column));
      aggregate.groups.push_back(std::move(inner));
    }
    const auto& column = node.columns[static_cast<std::size_t>(at)];
    inner = makeColumn(column.slot, column.type, column.name, condition.span);
  }

  const Slots m_outer;
  Slot& m_nextSlot;
};

bool neverNull(const Node& node, const Expression& expression);

/// True if the column is never NULL, as far as that is easily seen.
bool neverNull(const Node& node, Slot slot) {
  if (const auto* scan = std::get_if<Scan>(&node.body)) {
    const auto column = std::ranges::find(scan->columns, slot, &ScanColumn::slot);
    if (column == scan->columns.end() || !column->column) return false;
    const auto& key = scan->table->primaryKey;
    return column->column->notNull || std::ranges::find(key, column->column->id) != key.end();
  }
  if (const auto* project = std::get_if<Project>(&node.body)) {
    for (std::size_t at = 0; at < node.columns.size(); ++at)
      if (node.columns[at].slot == slot) return neverNull(*node.inputs[0], *project->expressions[at]);
    return false;
  }
  if (const auto* aggregate = std::get_if<Aggregate>(&node.body)) {
    for (std::size_t at = 0; at < aggregate->groups.size(); ++at)
      if (node.columns[at].slot == slot) return neverNull(*node.inputs[0], *aggregate->groups[at]);
    return false;
  }
  if (const auto* join = std::get_if<Join>(&node.body)) {
    if (join->kind == JoinKind::Right || join->kind == JoinKind::Full) return false;
    if (produces(*node.inputs[0], slot)) return neverNull(*node.inputs[0], slot);
    return join->kind == JoinKind::Inner && neverNull(*node.inputs[1], slot);
  }
  const bool passesOn = std::holds_alternative<Filter>(node.body) || std::holds_alternative<Sort>(node.body) ||
                        std::holds_alternative<Limit>(node.body) || std::holds_alternative<Distinct>(node.body);
  return passesOn && neverNull(*node.inputs[0], slot);
}

bool neverNull(const Node& node, const Expression& expression) {
  if (expression.kind == ExpressionKind::Constant) return !expression.value.isNull();
  if (expression.kind == ExpressionKind::Cast) return neverNull(node, *expression.arguments.front());
  return expression.kind == ExpressionKind::Column && neverNull(node, expression.slot);
}

/// What an aggregate gives for no rows at all.
Result<types::Value> valueOfNoRows(const Expression& aggregate) {
  const auto& function = *aggregate.aggregate.function;
  struct alignas(16) Block {
    std::byte bytes[16];
  };
  std::vector<Block> state(function.stateBytes / sizeof(Block) + 1);
  auto* bytes = state.front().bytes;
  function.initialize(bytes);
  types::Vector out(aggregate.type, 1);
  const auto status = function.finalize(&bytes, 1, out);
  if (function.destroy) function.destroy(bytes);
  if (!status.ok()) return status.error();
  return out.get(0);
}

class Unnester final {
 public:
  Unnester(const BindEnvironment& environment, Slot& nextSlot) : m_environment(environment), m_nextSlot(nextSlot) {}

  Status visit(NodePtr& node) {
    for (auto& input : node->inputs) DRIFT_TRY(visit(input));
    DRIFT_TRY(visitQueries(*node));
    if (std::holds_alternative<Join>(node->body)) {
      unnestLateral(*node);
      liftQueries(node);
    }
    if (std::holds_alternative<Filter>(node->body)) return unnestFilter(node);
    if (std::holds_alternative<Project>(node->body) || std::holds_alternative<Aggregate>(node->body))
      return unnestScalars(*node);
    return {};
  }

 private:
  /// Subqueries are shared by all who ask for them, so each is visited once.
  Status visitQueries(const Node& node) {
    std::vector<std::shared_ptr<Node>> queries;
    eachExpression(node, [&](const Expression& expression) {
      plan::visit(expression, [&](const Expression& part) {
        if (part.query && m_seen.insert(part.query.get()).second) queries.push_back(part.query);
      });
    });
    if (const auto* recursion = std::get_if<Recursion>(&node.body)) queries.push_back(recursion->step);
    for (const auto& query : queries) {
      auto root = std::make_unique<Node>(std::move(*query));
      auto status = visit(root);
      *query = std::move(*root);
      DRIFT_TRY(std::move(status));
    }
    return {};
  }

  /// A subquery in a condition of an inner join may as well stand above it.
  static void liftQueries(NodePtr& node) {
    auto& join = std::get<Join>(node->body);
    if (join.kind != JoinKind::Inner || !join.condition || !hasSubquery(*join.condition)) return;
    Conditions parts;
    splitAnd(std::move(join.condition), parts);
    Conditions lifted;
    Conditions kept;
    for (auto& part : parts) (hasSubquery(*part) ? lifted : kept).push_back(std::move(part));
    join.condition = makeAnd(std::move(kept));
    node = makeOver(std::move(node), Filter{makeAnd(std::move(lifted))});
  }

  /// The rows of LATERAL that no longer depend on the left side are joined like any others.
  void unnestLateral(Node& node) {
    auto& join = std::get<Join>(node.body);
    if (join.parameters.empty()) return;
    Pull pull({join.parameters.begin(), join.parameters.end()}, m_nextSlot);
    if (!pull.can(*node.inputs[1], false, false)) return;
    Conditions conditions;
    pull.take(*node.inputs[1], conditions);
    join.parameters.clear();
    if (join.condition) conditions.push_back(std::move(join.condition));
    join.condition = makeAnd(std::move(conditions));
    node.columns = node.inputs[0]->columns;
    node.columns.insert(node.columns.end(), node.inputs[1]->columns.begin(), node.inputs[1]->columns.end());
  }

  Status unnestFilter(NodePtr& node) {
    const auto columns = node->columns;
    auto& filter = std::get<Filter>(node->body);
    if (!hasSubquery(*filter.condition)) return {};
    Conditions parts;
    splitAnd(std::move(filter.condition), parts);
    auto input = std::move(node->inputs[0]);
    // What needs no join leaves fewer rows for those.
    std::ranges::stable_partition(parts, [](const auto& part) { return !hasSubquery(*part); });
    Conditions kept;
    for (auto& part : parts) {
      DRIFT_ASSIGN(const bool joined, becomesJoin(*part, input));
      if (joined) continue;
      DRIFT_TRY(replaceScalars(part, input));
      kept.push_back(std::move(part));
    }
    const bool wider = input->columns.size() != columns.size();
    node = kept.empty() ? std::move(input) : makeOver(std::move(input), Filter{makeAnd(std::move(kept))});
    if (wider) node = onlyColumns(std::move(node), columns);
    return {};
  }

  Status unnestScalars(Node& node) {
    Status status;
    auto& input = node.inputs[0];
    std::vector<ExpressionPtr*> places;
    eachExpression(node, [&](ExpressionPtr& expression) { places.push_back(&expression); });
    for (auto* place : places)
      if (hasSubquery(**place)) DRIFT_TRY(replaceScalars(*place, input));
    return status;
  }

  /// The first columns again, under the same slots.
  static NodePtr onlyColumns(NodePtr input, const std::vector<Column>& columns) {
    Project project;
    for (const auto& column : columns)
      project.expressions.push_back(makeColumn(column.slot, column.type, column.name, SourceSpan{}));
    auto node = std::make_unique<Node>(std::move(project), columns);
    node->inputs.push_back(std::move(input));
    return node;
  }

  static Slots outerOf(const Expression& expression) {
    return {expression.parameters.begin(), expression.parameters.end()};
  }

  /// The subquery of an expression that nothing else refers to; its parameters read the columns around it directly.
  static bool isOwn(const Expression& expression) {
    const auto first = expression.arguments.size() - expression.parameters.size();
    for (std::size_t at = 0; at < expression.parameters.size(); ++at) {
      const auto& argument = *expression.arguments[first + at];
      if (argument.kind != ExpressionKind::Column) return false;
    }
    return expression.query && expression.query.use_count() == 1;
  }

  static NodePtr takeQuery(Expression& expression) {
    auto root = std::make_unique<Node>(std::move(*expression.query));
    expression.query.reset();
    return root;
  }

  /// Puts the outer columns themselves in the place of parameters that are known under another slot there.
  static void readArguments(Conditions& conditions, const Expression& expression) {
    const auto first = expression.arguments.size() - expression.parameters.size();
    for (auto& condition : conditions) {
      const auto status = rewrite(condition, [&](Expression& node) -> Result<ExpressionPtr> {
        if (node.kind != ExpressionKind::Column) return ExpressionPtr();
        for (std::size_t at = 0; at < expression.parameters.size(); ++at)
          if (expression.parameters[at] == node.slot) return clone(*expression.arguments[first + at]);
        return ExpressionPtr();
      });
      assert(status.ok());
    }
  }

  /// A condition EXISTS (…), x IN (…) or the negation of one: joins the input with the subquery, if that can be.
  Result<bool> becomesJoin(Expression& condition, NodePtr& input) {
    auto* test = &condition;
    bool negated = false;
    while (test->kind == ExpressionKind::Not) {
      negated = !negated;
      test = test->arguments.front().get();
    }
    negated = negated != test->negated;
    if (!isOwn(*test)) return false;
    if (test->kind == ExpressionKind::Exists) return existsJoin(*test, negated, input);
    if (test->kind == ExpressionKind::InQuery) return inJoin(*test, negated, input);
    return false;
  }

  /// Takes off what does not change whether there are rows, or which values they have.
  static const Node* belowOrder(const Node& root, bool exists) {
    const auto* node = &root;
    while (true) {
      const auto* limit = std::get_if<Limit>(&node->body);
      const auto* sort = std::get_if<Sort>(&node->body);
      const bool free = std::holds_alternative<Distinct>(node->body) || (sort && !sort->limit) ||
                        (exists && std::holds_alternative<Project>(node->body)) ||
                        (exists && limit && limit->offset == 0 && limit->count.value_or(1) > 0);
      if (!free) return node;
      node = node->inputs[0].get();
    }
  }
  static NodePtr takeBelow(NodePtr root, const Node* wanted) {
    while (root.get() != wanted) {
      auto input = std::move(root->inputs[0]);
      root = std::move(input);
    }
    return root;
  }

  Result<bool> existsJoin(Expression& exists, bool negated, NodePtr& input) {
    // Without a tie to the query around it, it runs once, to its first row.
    if (exists.parameters.empty()) return false;
    Pull pull(outerOf(exists), m_nextSlot);
    const auto* wanted = belowOrder(*exists.query, true);
    if (!pull.can(*wanted, true, false)) return false;
    auto root = std::make_unique<Node>(std::move(*exists.query));
    if (wanted == exists.query.get()) wanted = root.get();
    exists.query.reset();
    auto rows = takeBelow(std::move(root), wanted);
    Conditions conditions;
    pull.take(*rows, conditions);
    readArguments(conditions, exists);
    input = makeJoin(negated ? JoinKind::Anti : JoinKind::Semi, std::move(input), std::move(rows),
                     makeAnd(std::move(conditions)));
    return true;
  }

  Result<bool> inJoin(Expression& in, bool negated, NodePtr& input) {
    if (isVolatile(*in.arguments.front()) || hasSubquery(*in.arguments.front())) return false;
    Pull pull(outerOf(in), m_nextSlot);
    const auto* wanted = belowOrder(*in.query, false);
    // The value of a Project on top may read what is outside: it goes to the condition.
    const auto* project = std::get_if<Project>(&wanted->body);
    const bool reads = project && nodeReads(*wanted, outerOf(in));
    const auto* rowsNode = reads ? wanted->inputs[0].get() : wanted;
    if (reads && isVolatile(*project->expressions.front())) return false;
    if (!pull.can(*rowsNode, true, false)) return false;
    const auto slot = wanted->columns.front().slot;
    const bool noNulls = !reads && neverNull(*wanted, slot) && neverNull(*input, *in.arguments.front());
    if (negated && !noNulls && in.parameters.empty()) return false;  // the executor knows what NULL does to a set
    auto value = reads ? clone(*project->expressions.front())
                       : makeColumn(slot, wanted->columns.front().type, wanted->columns.front().name, in.span);
    auto root = std::make_unique<Node>(std::move(*in.query));
    if (rowsNode == in.query.get()) rowsNode = root.get();
    in.query.reset();
    auto rows = takeBelow(std::move(root), rowsNode);
    Conditions conditions;
    pull.take(*rows, conditions);
    conditions.push_back(std::move(value));
    readArguments(conditions, in);
    value = std::move(conditions.back());
    conditions.pop_back();
    std::vector<ExpressionPtr> sides;
    sides.push_back(std::move(in.arguments.front()));
    sides.push_back(std::move(value));
    DRIFT_ASSIGN(auto equal, makeOperatorCall("=", std::move(sides), in.span, in.span, m_environment));
    if (negated && !noNulls) {
      // x NOT IN (…) holds where x = y is false for every y: an unknown one is enough to spoil it.
      auto maybe = std::make_unique<Expression>(ExpressionKind::IsTruth, types::TypeId::Boolean, in.span);
      maybe->truth = false;
      maybe->negated = true;
      maybe->arguments.push_back(std::move(equal));
      equal = std::move(maybe);
    }
    conditions.push_back(std::move(equal));
    input = makeJoin(negated ? JoinKind::Anti : JoinKind::Semi, std::move(input), std::move(rows),
                     makeAnd(std::move(conditions)));
    return true;
  }

  /// Joins the input with the scalar subqueries of an expression, and lets it read their values.
  Status replaceScalars(ExpressionPtr& expression, NodePtr& input, bool always = true) {
    if (expression->kind == ExpressionKind::ScalarQuery && !expression->parameters.empty() && isOwn(*expression)) {
      DRIFT_ASSIGN(auto value, scalarJoin(*expression, input, always));
      if (value) {
        expression = std::move(value);
        return {};
      }
    }
    if (expression->kind == ExpressionKind::Aggregate && expression->filter)
      DRIFT_TRY(replaceScalars(expression->filter, input, always));
    // Branches that not every row reaches must not fail for those that do not.
    const bool branches = expression->kind == ExpressionKind::Case || expression->kind == ExpressionKind::Coalesce ||
                          expression->kind == ExpressionKind::Or || expression->kind == ExpressionKind::And;
    for (auto& argument : expression->arguments) DRIFT_TRY(replaceScalars(argument, input, always && !branches));
    return {};
  }

  /// Gives what stands for a scalar subquery over the input joined with it; null where it stays as it is.
  Result<ExpressionPtr> scalarJoin(Expression& scalar, NodePtr& input, bool always) {
    Pull pull(outerOf(scalar), m_nextSlot);
    // Projects over an aggregation without groups: one row for each row around, whatever is in it.
    const auto* total = scalar.query.get();
    while (std::holds_alternative<Project>(total->body)) total = total->inputs[0].get();
    const auto* aggregate = std::get_if<Aggregate>(&total->body);
    if (aggregate && aggregate->groups.empty() && pull.canTotal(*total)) return totalJoin(scalar, pull, total, input);
    if (!always || !pull.can(*scalar.query, false, false)) return ExpressionPtr();
    const auto column = scalar.query->columns.front();
    auto rows = takeQuery(scalar);
    Conditions conditions;
    pull.take(*rows, conditions);
    readArguments(conditions, scalar);
    input = makeJoin(JoinKind::Single, std::move(input), std::move(rows), makeAnd(std::move(conditions)));
    return makeColumn(column.slot, column.type, column.name, scalar.span);
  }

  Result<ExpressionPtr> totalJoin(Expression& scalar, Pull& pull, const Node* total, NodePtr& input) {
    const auto& aggregate = std::get<Aggregate>(total->body);
    // The values where no row is found: zero for counts, NULL for most others.
    std::vector<types::Value> ofNoRows;
    for (const auto& expression : aggregate.aggregates) {
      DRIFT_ASSIGN(auto value, valueOfNoRows(*expression));
      ofNoRows.push_back(std::move(value));
    }
    const auto columns = total->columns;
    auto root = takeQuery(scalar);
    auto value =
        makeColumn(root->columns.front().slot, root->columns.front().type, root->columns.front().name, scalar.span);
    while (const auto* project = std::get_if<Project>(&root->body)) {
      readColumns(value, root->columns, project->expressions);
      auto below = std::move(root->inputs[0]);
      root = std::move(below);
    }
    std::vector<ExpressionPtr> values;
    for (std::size_t at = 0; at < columns.size(); ++at) {
      auto column = makeColumn(columns[at].slot, columns[at].type, columns[at].name, scalar.span);
      if (!ofNoRows[at].isNull()) {
        auto otherwise = std::make_unique<Expression>(ExpressionKind::Coalesce, columns[at].type, scalar.span);
        otherwise->arguments.push_back(std::move(column));
        otherwise->arguments.push_back(makeConstant(std::move(ofNoRows[at]), scalar.span));
        column = std::move(otherwise);
      }
      values.push_back(std::move(column));
    }
    readColumns(value, columns, values);
    Conditions conditions;
    pull.takeTotal(*root, conditions);
    conditions.push_back(std::move(value));
    readArguments(conditions, scalar);
    value = std::move(conditions.back());
    conditions.pop_back();
    input = makeJoin(JoinKind::Left, std::move(input), std::move(root), makeAnd(std::move(conditions)));
    return value;
  }

  /// Puts expressions in the place of the columns that they compute.
  static void readColumns(ExpressionPtr& expression, const std::vector<Column>& columns,
                          const std::vector<ExpressionPtr>& expressions) {
    const auto status = rewrite(expression, [&](Expression& node) -> Result<ExpressionPtr> {
      if (node.kind != ExpressionKind::Column) return ExpressionPtr();
      const auto column = std::ranges::find(columns, node.slot, &Column::slot);
      if (column == columns.end()) return ExpressionPtr();
      return clone(*expressions[static_cast<std::size_t>(column - columns.begin())]);
    });
    assert(status.ok());
  }

  const BindEnvironment& m_environment;
  Slot& m_nextSlot;
  std::set<const Node*> m_seen;
};

}  // namespace

Status unnest(NodePtr& root, const BindEnvironment& environment, Slot& nextSlot) {
  return Unnester(environment, nextSlot).visit(root);
}

}  // namespace drift::plan
