// MERGE (PostgreSQL 15): the rows of a source beside those of the table that they match, and what becomes of each.
//
// The source is joined to the left of the table. One column says which WHEN holds first for a row; the columns as they
// will be are chosen by it, so that the values of a WHEN are computed for its own rows only.
#include <algorithm>

#include "plan/binder_write.h"

namespace drift::plan {

using types::TypeId;

namespace {

/// An expression of a CASE: where a condition holds, its value.
struct Branch {
  ExpressionPtr condition;
  ExpressionPtr value;
};

ExpressionPtr makeCase(std::vector<Branch> branches, ExpressionPtr otherwise, types::Type type) {
  if (branches.empty()) return otherwise;
  auto choice = std::make_unique<Expression>(ExpressionKind::Case, type, SourceSpan{});
  for (auto& branch : branches) {
    choice->arguments.push_back(std::move(branch.condition));
    choice->arguments.push_back(std::move(branch.value));
  }
  choice->arguments.push_back(std::move(otherwise));
  return choice;
}

class MergeBinder final {
 public:
  MergeBinder(const sql::Merge& merge, Binder& binder) : m_merge(merge), m_binder(binder) {}

  Result<BoundMerge> bind() {
    DRIFT_ASSIGN(m_table, writtenTable(m_merge.table, "merge into", m_binder));
    m_bound.table = m_table;
    DRIFT_TRY(checkReachable());
    DRIFT_TRY(join());
    DRIFT_TRY(chooseActions());
    return project();
  }

 private:
  static bool isUnconditional(const sql::MergeWhen& when) { return !when.condition; }

  /// A WHEN behind one of its kind that takes all rows is a mistake.
  Status checkReachable() const {
    for (const bool matched : {true, false}) {
      bool taken = false;
      for (const auto& when : m_merge.whens) {
        if (when.matched != matched) continue;
        if (taken)
          return Error(ErrorKind::SyntaxError, "unreachable WHEN clause specified after unconditional WHEN clause")
              .at(when.span);
        taken = isUnconditional(when);
      }
    }
    return {};
  }

  Status join() {
    const auto& name = m_merge.alias ? m_merge.alias->name.text : m_table->name;
    DRIFT_ASSIGN(auto target, m_binder.scanTable(m_table, name, m_merge.table.span));
    m_key = m_binder.newSlot();
    m_seq = m_binder.newSlot();
    auto& scan = std::get<Scan>(target.node->body);
    scan.columns.push_back({m_key, std::nullopt, SystemColumn::Key});
    target.node->columns.push_back({m_key, TypeId::Bytea, "key", {}, {}});
    scan.columns.push_back({m_seq, std::nullopt, SystemColumn::Seq});
    target.node->columns.push_back({m_seq, TypeId::BigInt, "seq", {}, {}});
    m_columns = target.scope.tables().front().columns;
    DRIFT_ASSIGN(auto source, m_binder.bindFrom(*m_merge.source, nullptr, Scope()));
    m_source = source.scope;
    m_both = std::move(target.scope);
    DRIFT_TRY(m_both.merge(std::move(source.scope), m_merge.source->span));
    DRIFT_ASSIGN(auto condition, m_binder.bindCondition(*m_merge.on, m_both, Clause::JoinCondition));
    const bool inserts = std::ranges::any_of(
        m_merge.whens, [](const auto& when) { return when.action == sql::MergeAction::Insert; });
    m_node = makeJoin(inserts ? JoinKind::Left : JoinKind::Inner, std::move(source.node), std::move(target.node),
                      std::move(condition));
    return {};
  }

  ExpressionPtr isMatched(bool matched) const {
    auto test = std::make_unique<Expression>(ExpressionKind::IsNull, TypeId::Boolean, SourceSpan{});
    test->negated = matched;
    test->arguments.push_back(makeColumn(m_key, TypeId::Bytea, "key", SourceSpan{}));
    return test;
  }

  /// Adds the number of the action of each row, and leaves out rows without one.
  Status chooseActions() {
    std::vector<Branch> branches;
    for (const auto& when : m_merge.whens) {
      std::vector<ExpressionPtr> conditions;
      conditions.push_back(isMatched(when.matched));
      if (when.condition) {
        DRIFT_ASSIGN(auto condition,
                     m_binder.bindCondition(*when.condition, when.matched ? m_both : m_source, Clause::Where));
        conditions.push_back(std::move(condition));
      }
      auto number = types::Value::null(TypeId::Integer);
      if (when.action != sql::MergeAction::Nothing) {
        number = types::Value::integer(static_cast<std::int32_t>(m_bound.actions.size()));
        m_bound.actions.push_back(when.action);
      }
      branches.push_back({makeAnd(std::move(conditions)), makeConstant(std::move(number), SourceSpan{})});
    }
    m_action = m_binder.newSlot();
    Project project;
    auto columns = m_node->columns;
    for (const auto& column : columns)
      project.expressions.push_back(makeColumn(column.slot, column.type, column.name, SourceSpan{}));
    project.expressions.push_back(makeCase(std::move(branches),
                                           makeConstant(types::Value::null(TypeId::Integer), SourceSpan{}),
                                           TypeId::Integer));
    columns.push_back({m_action, TypeId::Integer, "action", {}, {}});
    auto node = std::make_unique<Node>(std::move(project), std::move(columns));
    node->inputs.push_back(std::move(m_node));
    auto acts = std::make_unique<Expression>(ExpressionKind::IsNull, TypeId::Boolean, SourceSpan{});
    acts->negated = true;
    acts->arguments.push_back(action());
    m_node = makeOver(std::move(node), Filter{std::move(acts)});
    return {};
  }

  ExpressionPtr action() const { return makeColumn(m_action, TypeId::Integer, "action", SourceSpan{}); }

  ExpressionPtr isAction(std::size_t number) const {
    auto test = std::make_unique<Expression>(ExpressionKind::IsDistinct, TypeId::Boolean, SourceSpan{});
    test->negated = true;
    test->arguments.push_back(action());
    test->arguments.push_back(
        makeConstant(types::Value::integer(static_cast<std::int32_t>(number)), SourceSpan{}));
    return test;
  }

  Status bindUpdate(const sql::MergeWhen& when, std::size_t number) {
    DRIFT_ASSIGN(auto assignments, bindAssignments(when.assignments, *m_table, m_both, m_binder));
    for (std::size_t at = 0; at < assignments.positions.size(); ++at) {
      const auto position = assignments.positions[at];
      m_values[position].push_back({isAction(number), std::move(assignments.values[at])});
      if (std::ranges::find(m_bound.assigned, position) == m_bound.assigned.end()) m_bound.assigned.push_back(position);
    }
    return {};
  }

  Status bindInsert(const sql::MergeWhen& when, std::size_t number) {
    const auto columnCount = m_table->columns.size();
    std::vector<const sql::Expression*> given(columnCount, nullptr);
    const auto most = when.columns.empty() ? columnCount : when.columns.size();
    if (when.values.size() > most)
      return Error(ErrorKind::SyntaxError, "INSERT has more expressions than target columns")
          .at(when.values[most]->span);
    if (!when.values.empty() && when.values.size() < when.columns.size())
      return Error(ErrorKind::SyntaxError, "INSERT has more target columns than expressions")
          .at(when.columns[when.values.size()].span);
    std::vector<bool> named(columnCount);
    for (std::size_t at = 0; at < std::max(when.values.size(), when.columns.size()); ++at) {
      auto position = at;
      if (!when.columns.empty()) {
        const auto& name = when.columns[at];
        DRIFT_ASSIGN(position, positionOf(*m_table, name.text, name.span));
        if (named[position])
          return makeError(ErrorKind::DuplicateColumn, "column \"{}\" specified more than once", name.text)
              .at(name.span);
      }
      named[position] = true;
      if (at < when.values.size()) given[position] = when.values[at].get();
    }
    for (std::size_t at = 0; at < columnCount; ++at) {
      const auto& column = m_table->columns[at];
      const bool ignored = column.identity != catalog::Identity::None && when.overriding == sql::Overriding::User;
      ExpressionPtr value;
      if (!given[at] || ignored || sql::getIf<sql::DefaultMarker>(*given[at])) {
        DRIFT_ASSIGN(value, defaultOf(*m_table, column, m_binder.environment()));
      } else {
        DRIFT_TRY(refuseGiven(column, when.overriding, given[at]->span));
        DRIFT_ASSIGN(value, m_binder.bindExpression(*given[at], m_source, Clause::Values));
        DRIFT_ASSIGN(value, coerceToColumn(std::move(value), column, m_binder.environment()));
      }
      m_values[at].push_back({isAction(number), std::move(value)});
    }
    return {};
  }

  Result<BoundMerge> project() {
    m_values.resize(m_table->columns.size());
    std::size_t number = 0;
    for (const auto& when : m_merge.whens) {
      if (when.action == sql::MergeAction::Nothing) continue;
      if (when.action == sql::MergeAction::Update) DRIFT_TRY(bindUpdate(when, number));
      if (when.action == sql::MergeAction::Insert) DRIFT_TRY(bindInsert(when, number));
      ++number;
    }
    Project project;
    std::vector<Column> columns;
    const auto add = [&](ExpressionPtr value, std::string name) {
      columns.push_back({m_binder.newSlot(), value->type, std::move(name), {}, {}});
      project.expressions.push_back(std::move(value));
    };
    const auto old = [&](const ScopeColumn& column) {
      return makeColumn(column.slot, column.type, column.name, SourceSpan{});
    };
    add(makeColumn(m_key, TypeId::Bytea, "key", SourceSpan{}), "key");
    add(makeColumn(m_seq, TypeId::BigInt, "seq", SourceSpan{}), "seq");
    add(action(), "action");
    for (const auto& column : m_columns) add(old(column), column.name);
    for (std::size_t at = 0; at < m_columns.size(); ++at)
      add(makeCase(std::move(m_values[at]), old(m_columns[at]), m_columns[at].type), m_columns[at].name);
    DRIFT_ASSIGN(m_bound.source, projected(std::move(m_node), std::move(project), std::move(columns), m_binder));
    return std::move(m_bound);
  }

  const sql::Merge& m_merge;
  Binder& m_binder;
  BoundMerge m_bound;
  catalog::TableRef m_table;
  std::vector<ScopeColumn> m_columns;  ///< of the table, in the join
  Scope m_source;
  Scope m_both;
  Slot m_key = 0;
  Slot m_seq = 0;
  Slot m_action = 0;
  NodePtr m_node;
  std::vector<std::vector<Branch>> m_values;  ///< of each column: what it becomes
};

}  // namespace

Result<BoundMerge> bindMerge(const sql::Merge& merge, Binder& binder) { return MergeBinder(merge, binder).bind(); }

}  // namespace drift::plan
