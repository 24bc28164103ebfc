// INSERT, UPDATE, DELETE, RETURNING, defaults and checks, WITH that writes; and the functions of bind.h.
#include <algorithm>

#include "plan/bind.h"
#include "plan/binder_write.h"
#include "plan/optimizer.h"
#include "plan/view_target.h"
#include "sql/column_name.h"
#include "sql/parser.h"

namespace drift::plan {

using types::CastContext;
using types::TypeId;

Result<ExpressionPtr> coerceToColumn(ExpressionPtr value, const catalog::Column& column,
                                     const BindEnvironment& environment) {
  if (value->type.id() != TypeId::Unknown && !types::canCast(value->type, column.type, CastContext::Assignment))
    return makeError(ErrorKind::DatatypeMismatch, "column \"{}\" is of type {} but expression is of type {}",
                     column.name, column.type.name(), value->type.name())
        .withHint("You will need to rewrite or cast the expression.")
        .at(value->span);
  return coerce(std::move(value), column.type, CastContext::Assignment, environment);
}

Result<ExpressionPtr> defaultOf(const catalog::Table& table, const catalog::Column& column,
                                const BindEnvironment& environment) {
  if (column.identity == catalog::Identity::None) return bindDefault(column, environment);
  if (column.sequence) {
    auto number = std::make_unique<Expression>(ExpressionKind::Sequence, TypeId::BigInt, SourceSpan{});
    number->name = "nextval";
    number->slot = column.sequence;
    return coerceToColumn(std::move(number), column, environment);
  }
  auto next = std::make_unique<Expression>(ExpressionKind::NextKey, column.type, SourceSpan{});
  next->slot = table.id;
  return next;
}

Result<std::size_t> positionOf(const catalog::Table& table, const std::string& name, SourceSpan span) {
  for (std::size_t at = 0; at < table.columns.size(); ++at)
    if (table.columns[at].name == name) return at;
  return makeError(ErrorKind::UndefinedColumn, "column \"{}\" of relation \"{}\" does not exist", name, table.name)
      .at(span);
}

std::vector<Column> rowColumns(const catalog::Table& table, Binder& binder) {
  std::vector<Column> columns;
  for (const auto& column : table.columns)
    columns.push_back({binder.newSlot(), column.type, column.name, table.id, column.id});
  return columns;
}

Result<Scope> scopeOf(std::span<const Column> columns, const std::string& name) {
  ScopeTable table{name, {}, {}, {}};
  for (const auto& column : columns)
    table.columns.push_back({column.slot, column.type, column.name, column.table, column.column});
  Scope scope;
  DRIFT_TRY(scope.add(std::move(table), SourceSpan{}));
  return scope;
}

Result<BoundAssignments> bindAssignments(const std::vector<sql::Assignment>& assignments, const catalog::Table& table,
                                         const Scope& scope, Binder& binder) {
  BoundAssignments bound;
  for (const auto& assignment : assignments) {
    DRIFT_ASSIGN(const auto position, positionOf(table, assignment.column.text, assignment.column.span));
    if (std::ranges::find(bound.positions, position) != bound.positions.end())
      return makeError(ErrorKind::SyntaxError, "multiple assignments to same column \"{}\"", assignment.column.text)
          .at(assignment.column.span);
    bound.positions.push_back(position);
    const auto& column = table.columns[position];
    ExpressionPtr value;
    if (sql::getIf<sql::DefaultMarker>(*assignment.value)) {
      DRIFT_ASSIGN(value, defaultOf(table, column, binder.environment()));
    } else {
      if (column.isGenerated())
        return makeError(ErrorKind::GeneratedAlways, "column \"{}\" can only be updated to DEFAULT", column.name)
            .withDetail(fmt::format("Column \"{}\" is a generated column.", column.name))
            .at(assignment.span);
      if (column.identity == catalog::Identity::Always)
        return makeError(ErrorKind::GeneratedAlways, "column \"{}\" can only be updated to DEFAULT", column.name)
            .withDetail(fmt::format("Column \"{}\" is an identity column defined as GENERATED ALWAYS.", column.name))
            .at(assignment.span);
      DRIFT_ASSIGN(value, binder.bindExpression(*assignment.value, scope, Clause::Update));
      DRIFT_ASSIGN(value, coerceToColumn(std::move(value), column, binder.environment()));
    }
    bound.values.push_back(std::move(value));
  }
  return bound;
}

Status refuseGiven(const catalog::Column& column, sql::Overriding overriding, SourceSpan span) {
  if (column.isGenerated())
    return makeError(ErrorKind::GeneratedAlways, "cannot insert a non-DEFAULT value into column \"{}\"", column.name)
        .withDetail(fmt::format("Column \"{}\" is a generated column.", column.name))
        .at(span);
  if (column.identity != catalog::Identity::Always || overriding == sql::Overriding::System) return {};
  return makeError(ErrorKind::GeneratedAlways, "cannot insert a non-DEFAULT value into column \"{}\"", column.name)
      .withDetail(fmt::format("Column \"{}\" is an identity column defined as GENERATED ALWAYS.", column.name))
      .withHint("Use OVERRIDING SYSTEM VALUE to override.")
      .at(span);
}

Result<catalog::TableRef> writtenTable(const sql::QualifiedName& name, std::string_view words, const Binder& binder) {
  DRIFT_ASSIGN(auto table, binder.currentTable(name));
  if (table->isSequence())
    return makeError(ErrorKind::WrongObjectType, "cannot change sequence \"{}\"", table->name).at(name.span);
  if (table->isMaterialized())
    return makeError(ErrorKind::WrongObjectType, "cannot change materialized view \"{}\"", table->name)
        .withHint("REFRESH MATERIALIZED VIEW computes its rows anew.")
        .at(name.span);
  if (!table->isView()) return table;
  return makeError(ErrorKind::WrongObjectState, "cannot {} view \"{}\"", words, table->name)
      .withHint("Change the tables that the view reads.")
      .at(name.span);
}

namespace {

/// The same for what may also be a view over rows of one table.
Result<WriteTarget> writtenRows(const sql::QualifiedName& name, std::string_view words, Binder& binder) {
  DRIFT_ASSIGN(auto relation, binder.currentTable(name));
  if (relation->isView()) {
    DRIFT_ASSIGN(auto target, targetOfView(*relation, binder));
    if (target) return std::move(*target);
    return makeError(ErrorKind::WrongObjectState, "cannot {} view \"{}\"", words, relation->name)
        .withDetail("Only views that show columns of a single table, by SELECT … FROM … WHERE alone, can be written to.")
        .withHint("Change the tables that the view reads.")
        .at(name.span);
  }
  DRIFT_ASSIGN(auto table, writtenTable(name, words, binder));
  return WriteTarget{table, table, false, {}, nullptr, {}, nullptr};
}

Result<NodePtr> optimized(NodePtr root, Binder& binder) {
  DRIFT_TRY(unnest(root, binder.environment(), binder.nextSlot()));
  DRIFT_ASSIGN(root, optimize(std::move(root), binder.environment()));
  DRIFT_TRY(chooseIndexes(root, binder.environment()));
  return root;
}

}  // namespace

Result<NodePtr> projected(NodePtr input, Project project, std::vector<Column> columns, Binder& binder) {
  auto node = std::make_unique<Node>(std::move(project), std::move(columns));
  node->inputs.push_back(std::move(input));
  return optimized(std::move(node), binder);
}

namespace {

constexpr std::size_t kNoPosition = SIZE_MAX;

/// Binds RETURNING. `others` are tables that the target's rows were joined with: what is read of them comes behind the
/// target's own columns.
Result<std::optional<Returning>> bindReturning(const std::vector<sql::SelectItem>& items, const WriteTarget& target,
                                               const std::optional<sql::Alias>& alias, const Scope& others,
                                               Binder& binder) {
  const auto& table = *target.seen;
  if (items.empty()) return std::optional<Returning>();
  Returning returning;
  returning.inputs = rowColumns(table, binder);
  DRIFT_ASSIGN(auto scope, scopeOf(returning.inputs, alias ? alias->name.text : table.name));
  DRIFT_TRY(showViewColumns(scope, target));
  DRIFT_TRY(scope.merge(others, SourceSpan{}));
  const auto addColumns = [&](const std::vector<ScopeColumn>& columns, SourceSpan span) {
    for (const auto& column : columns) {
      returning.expressions.push_back(makeColumn(column.slot, column.type, column.name, span));
      returning.columns.push_back({binder.newSlot(), column.type, column.name, column.table, column.column});
    }
  };
  for (const auto& item : items) {
    if (const auto* star = sql::getIf<sql::Star>(*item.expression)) {
      if (star->qualifier.empty()) {
        addColumns(scope.visible(), item.span);
        continue;
      }
      const auto& name = star->qualifier.back();
      const auto* found = scope.findTable(name.text);
      if (!found)
        return makeError(ErrorKind::UndefinedTable, "missing FROM-clause entry for table \"{}\"", name.text)
            .at(name.span);
      addColumns(found->columns, item.span);
      continue;
    }
    DRIFT_ASSIGN(auto value, binder.bindExpression(*item.expression, scope, Clause::Returning));
    DRIFT_ASSIGN(value, resolveUnknown(std::move(value), binder.environment()));
    returning.columns.push_back({binder.newSlot(), value->type, sql::columnName(item), {}, {}});
    returning.expressions.push_back(std::move(value));
  }
  std::vector<Slot> read;
  for (const auto& expression : returning.expressions) addSlots(*expression, read);
  for (const auto& other : others.tables())
    for (const auto* columns : {&other.columns, &other.hidden})
      for (const auto& column : *columns) {
        const bool there = std::ranges::find(returning.inputs, column.slot, &Column::slot) != returning.inputs.end();
        if (!there && std::ranges::find(read, column.slot) != read.end())
          returning.inputs.push_back({column.slot, column.type, column.name, column.table, column.column});
      }
  return std::optional<Returning>(std::move(returning));
}

/// Binds the source of an INSERT into the columns of its table.
class InsertBinder final {
 public:
  InsertBinder(Binder& binder, const sql::Insert& insert, const WriteTarget& target)
      : m_binder(binder),
        m_environment(binder.environment()),
        m_insert(insert),
        m_table(target.seen),
        m_shown(target.shown) {
    if (target.isView) return;
    for (std::size_t at = 0; at < m_table->columns.size(); ++at) m_shown.push_back(at);
  }

  Result<NodePtr> bind() {
    DRIFT_TRY(findTargets());
    if (!m_insert.source) return bindRows({});
    const auto& query = *m_insert.source;
    const auto* values = std::get_if<sql::ValuesBody>(&query.body.node);
    const bool plain = !query.with && query.orderBy.empty() && !query.limit && !query.offset && !query.asOf;
    return values && plain ? bindRows(values->rows) : bindQuery(query);
  }

 private:
  Status findTargets() {
    m_source.assign(m_table->columns.size(), kNoPosition);
    for (std::size_t at = 0; at < m_insert.columns.size(); ++at) {
      const auto& name = m_insert.columns[at];
      DRIFT_ASSIGN(const auto position, positionOf(*m_table, name.text, name.span));
      if (m_source[position] != kNoPosition)
        return makeError(ErrorKind::DuplicateColumn, "column \"{}\" specified more than once", name.text).at(name.span);
      m_source[position] = at;
    }
    return {};
  }

  /// Without a list the values are for the first columns; the others get their defaults.
  Status matchCount(std::size_t count, SourceSpan span) {
    const auto targets = m_insert.columns.empty() ? m_shown.size() : m_insert.columns.size();
    if (count > targets)
      return Error(ErrorKind::SyntaxError, "INSERT has more expressions than target columns").at(span);
    if (!m_insert.columns.empty() && count < targets)
      return Error(ErrorKind::SyntaxError, "INSERT has more target columns than expressions")
          .at(m_insert.columns[count].span);
    if (m_insert.columns.empty())
      for (std::size_t at = 0; at < count; ++at) m_source[m_shown[at]] = at;
    return {};
  }

  Result<NodePtr> bindRows(const std::vector<std::vector<sql::ExpressionPtr>>& rows) {
    if (!rows.empty()) DRIFT_TRY(matchCount(rows.front().size(), rows.front().back()->span));
    std::vector<ExpressionPtr> defaults;
    for (const auto& column : m_table->columns) {
      DRIFT_ASSIGN(auto value, defaultOf(*m_table, column, m_environment));
      defaults.push_back(std::move(value));
    }
    const Scope noColumns;
    Values values;
    const auto addRow = [&](const std::vector<sql::ExpressionPtr>* row) -> Status {
      std::vector<ExpressionPtr> bound;
      for (std::size_t at = 0; at < defaults.size(); ++at) {
        const auto* given = row && m_source[at] != kNoPosition ? (*row)[m_source[at]].get() : nullptr;
        const auto& column = m_table->columns[at];
        const bool ignored = column.identity != catalog::Identity::None && m_insert.overriding == sql::Overriding::User;
        if (!given || ignored || sql::getIf<sql::DefaultMarker>(*given)) {
          bound.push_back(clone(*defaults[at]));
          continue;
        }
        DRIFT_TRY(refuseGiven(column, m_insert.overriding, given->span));
        DRIFT_ASSIGN(auto value, m_binder.bindExpression(*given, noColumns, Clause::Values));
        DRIFT_ASSIGN(value, coerceToColumn(std::move(value), column, m_environment));
        bound.push_back(std::move(value));
      }
      values.rows.push_back(std::move(bound));
      return {};
    };
    for (const auto& row : rows) DRIFT_TRY(addRow(&row));
    if (rows.empty()) DRIFT_TRY(addRow(nullptr));
    return std::make_unique<Node>(std::move(values), rowColumns(*m_table, m_binder));
  }

  Result<NodePtr> bindQuery(const sql::Query& query) {
    DRIFT_ASSIGN(auto root, m_binder.bindQuery(query, nullptr));
    DRIFT_TRY(matchCount(root->columns.size(), query.span));
    std::vector<types::Type> types;
    for (const auto& column : root->columns) types.push_back(column.type);
    for (std::size_t at = 0; at < m_source.size(); ++at)
      if (m_source[at] != kNoPosition && types[m_source[at]].id() == TypeId::Unknown)
        types[m_source[at]] = m_table->columns[at].type;
    DRIFT_TRY(m_binder.coerceColumns(root, types, CastContext::Assignment));
    Project project;
    for (std::size_t at = 0; at < m_source.size(); ++at) {
      const bool isIdentity = m_table->columns[at].identity != catalog::Identity::None;
      if (m_source[at] == kNoPosition || (isIdentity && m_insert.overriding == sql::Overriding::User)) {
        DRIFT_ASSIGN(auto value, defaultOf(*m_table, m_table->columns[at], m_environment));
        project.expressions.push_back(std::move(value));
        continue;
      }
      DRIFT_TRY(refuseGiven(m_table->columns[at], m_insert.overriding, query.span));
      const auto& column = root->columns[m_source[at]];
      DRIFT_ASSIGN(auto value, coerceToColumn(makeColumn(column.slot, column.type, column.name, query.span),
                                              m_table->columns[at], m_environment));
      project.expressions.push_back(std::move(value));
    }
    auto node = std::make_unique<Node>(std::move(project), rowColumns(*m_table, m_binder));
    node->inputs.push_back(std::move(root));
    return node;
  }

  Binder& m_binder;
  const BindEnvironment& m_environment;
  const sql::Insert& m_insert;
  const catalog::TableRef m_table;
  std::vector<std::size_t> m_shown;   ///< positions that values without a list of columns are for
  std::vector<std::size_t> m_source;  ///< of each column: the position of its value in the source
};

/// A table's rows with their keys, joined with other tables where there are some, under a condition; the table itself
/// comes first in the scope.
struct TargetRows {
  NodePtr node;
  Scope scope;
  std::vector<ScopeColumn> columns;  ///< all of the table's
  Scope others;
  Slot key = 0;
  Slot seq = 0;
};

Result<TargetRows> bindTarget(const WriteTarget& written, const std::optional<sql::Alias>& alias,
                              const std::vector<sql::FromItemPtr>& others, const sql::Expression* where,
                              SourceSpan span, Binder& binder) {
  DRIFT_ASSIGN(auto bound, binder.scanTable(written.seen, alias ? alias->name.text : written.seen->name, span));
  TargetRows target{std::move(bound.node), std::move(bound.scope), {}, Scope(), binder.newSlot(), binder.newSlot()};
  target.columns = target.scope.tables().front().columns;
  for (std::size_t at = 0; at < target.columns.size(); ++at) target.columns[at].name = written.table->columns[at].name;
  DRIFT_TRY(showViewColumns(target.scope, written));
  auto& scan = std::get<Scan>(target.node->body);
  scan.table = written.table;
  for (auto& column : scan.columns)
    if (column.column) column.column = *written.table->findColumn(column.column->id);
  scan.columns.push_back({target.key, std::nullopt, SystemColumn::Key});
  target.node->columns.push_back({target.key, TypeId::Bytea, "key", {}, {}});
  scan.columns.push_back({target.seq, std::nullopt, SystemColumn::Seq});
  target.node->columns.push_back({target.seq, TypeId::BigInt, "seq", {}, {}});
  if (written.where) {
    DRIFT_ASSIGN(auto shown, bindViewCondition(written, target.columns, binder));
    target.node = makeOver(std::move(target.node), Filter{std::move(shown)});
  }
  if (!others.empty()) {
    DRIFT_ASSIGN(auto from, binder.bindFromList(others, nullptr));
    target.others = from.scope;
    DRIFT_TRY(target.scope.merge(std::move(from.scope), others.front()->span));
    auto columns = target.node->columns;
    columns.insert(columns.end(), from.node->columns.begin(), from.node->columns.end());
    auto join = std::make_unique<Node>(Join{}, std::move(columns));
    join->inputs.push_back(std::move(target.node));
    join->inputs.push_back(std::move(from.node));
    target.node = std::move(join);
  }
  if (where) {
    DRIFT_ASSIGN(auto condition, binder.bindCondition(*where, target.scope, Clause::Where));
    target.node = makeOver(std::move(target.node), Filter{std::move(condition)});
  }
  return target;
}

/// Adds what RETURNING reads of other tables to the source of a statement.
void addOthers(const std::optional<Returning>& returning, const catalog::Table& table, Project& project,
               std::vector<Column>& columns) {
  if (!returning) return;
  for (auto at = table.columns.size(); at < returning->inputs.size(); ++at) {
    const auto& column = returning->inputs[at];
    project.expressions.push_back(makeColumn(column.slot, column.type, column.name, SourceSpan{}));
    columns.push_back(column);
  }
}

/// A Project of the key, the version and the columns of the target's rows, to be added to.
Project keyAndColumns(const TargetRows& target, std::vector<Column>& columns, Binder& binder) {
  Project project;
  project.expressions.push_back(makeColumn(target.key, TypeId::Bytea, "key", SourceSpan{}));
  columns.push_back({binder.newSlot(), TypeId::Bytea, "key", {}, {}});
  project.expressions.push_back(makeColumn(target.seq, TypeId::BigInt, "seq", SourceSpan{}));
  columns.push_back({binder.newSlot(), TypeId::BigInt, "seq", {}, {}});
  for (const auto& column : target.columns) {
    project.expressions.push_back(makeColumn(column.slot, column.type, column.name, SourceSpan{}));
    columns.push_back({binder.newSlot(), column.type, column.name, column.table, column.column});
  }
  return project;
}

/// WITH before INSERT, UPDATE, DELETE and MERGE: its tables are visible while `bind` runs.
template <class Bind>
auto withTables(const std::optional<sql::WithClause>& with, Binder& binder, Bind bind) -> decltype(bind()) {
  if (!with) return bind();
  DRIFT_TRY(binder.checkCommonTables(*with));
  const auto* outer = binder.commonTables();
  const Binder::CommonTables tables{outer, &*with, with->tables.size(), std::nullopt};
  binder.setCommonTables(&tables);
  auto result = bind();
  binder.setCommonTables(outer);
  return result;
}

Result<BoundDelete> bindDeleteOf(const WriteTarget& written, const sql::Delete& statement, Binder& binder) {
  DRIFT_ASSIGN(auto target, bindTarget(written, statement.alias, statement.usingItems, statement.where.get(),
                                       statement.table.span, binder));
  BoundDelete bound;
  bound.table = written.table;
  bound.joined = !statement.usingItems.empty();
  std::vector<Column> columns;
  auto project = keyAndColumns(target, columns, binder);
  DRIFT_ASSIGN(bound.returning, bindReturning(statement.returning, written, statement.alias, target.others, binder));
  addOthers(bound.returning, *written.table, project, columns);
  DRIFT_ASSIGN(bound.source, projected(std::move(target.node), std::move(project), std::move(columns), binder));
  return bound;
}

Result<BoundUpdate> bindUpdateOf(const sql::Update& update, Binder& binder) {
  BoundUpdate bound;
  DRIFT_ASSIGN(const auto written, writtenRows(update.table, "update", binder));
  bound.table = written.table;
  bound.joined = !update.from.empty();
  const auto& table = *written.seen;
  DRIFT_ASSIGN(auto target,
               bindTarget(written, update.alias, update.from, update.where.get(), update.table.span, binder));
  std::vector<Column> columns;
  auto project = keyAndColumns(target, columns, binder);
  DRIFT_ASSIGN(auto assignments, bindAssignments(update.assignments, table, target.scope, binder));
  bound.assigned = std::move(assignments.positions);
  for (std::size_t at = 0; at < bound.assigned.size(); ++at) {
    const auto& column = table.columns[bound.assigned[at]];
    project.expressions.push_back(std::move(assignments.values[at]));
    columns.push_back({binder.newSlot(), column.type, column.name, table.id, column.id});
  }
  DRIFT_ASSIGN(bound.returning, bindReturning(update.returning, written, update.alias, target.others, binder));
  addOthers(bound.returning, table, project, columns);
  DRIFT_ASSIGN(bound.source, projected(std::move(target.node), std::move(project), std::move(columns), binder));
  return bound;
}

Result<BoundInsert> bindInsertOf(const sql::Insert& insert, Binder& binder) {
  BoundInsert bound;
  DRIFT_ASSIGN(const auto written, writtenRows(insert.table, "insert into", binder));
  bound.table = written.table;
  DRIFT_ASSIGN(auto source, InsertBinder(binder, insert, written).bind());
  DRIFT_ASSIGN(bound.source, optimized(std::move(source), binder));
  if (insert.onConflict) {
    const auto& name = insert.alias ? insert.alias->name.text : written.seen->name;
    DRIFT_ASSIGN(bound.conflict, bindConflict(*insert.onConflict, *written.seen, name, binder));
  }
  DRIFT_ASSIGN(bound.returning, bindReturning(insert.returning, written, insert.alias, Scope(), binder));
  return bound;
}

/// Binds by the kind of statement, within its WITH.
struct ChangeVisitor {
  Binder& binder;

  Result<BoundChange> operator()(const sql::Insert& insert) const {
    DRIFT_ASSIGN(auto bound, withTables(insert.with, binder, [&] { return bindInsertOf(insert, binder); }));
    return BoundChange(std::move(bound));
  }
  Result<BoundChange> operator()(const sql::Update& update) const {
    DRIFT_ASSIGN(auto bound, withTables(update.with, binder, [&] { return bindUpdateOf(update, binder); }));
    return BoundChange(std::move(bound));
  }
  Result<BoundChange> operator()(const sql::Delete& statement) const {
    DRIFT_ASSIGN(auto bound, withTables(statement.with, binder, [&]() -> Result<BoundDelete> {
                   DRIFT_ASSIGN(const auto written, writtenRows(statement.table, "delete from", binder));
                   return bindDeleteOf(written, statement, binder);
                 }));
    return BoundChange(std::move(bound));
  }
  Result<BoundChange> operator()(const sql::Merge& merge) const {
    DRIFT_ASSIGN(auto bound, withTables(merge.with, binder, [&] { return bindMerge(merge, binder); }));
    return BoundChange(std::move(bound));
  }
  template <class Other>
  Result<BoundChange> operator()(const Other&) const {
    return Error(ErrorKind::InternalError, "a statement that does not change rows was bound as one that does");
  }
};

/// The WITH that stands before a statement; null where there is none.
struct WithOf {
  const sql::WithClause* operator()(const sql::QueryPtr& query) const { return query->with ? &*query->with : nullptr; }
  template <class Other>
  const sql::WithClause* operator()(const Other& other) const {
    if constexpr (requires { other.with; }) return other.with ? &*other.with : nullptr;
    return nullptr;
  }
};

}  // namespace

const catalog::Table& tableOf(const BoundChange& change) {
  return std::visit([](const auto& bound) -> const catalog::Table& { return *bound.table; }, change);
}

const Node& sourceOf(const BoundChange& change) {
  return std::visit([](const auto& bound) -> const Node& { return *bound.source; }, change);
}

const std::optional<Returning>& returningOf(const BoundChange& change) {
  static const std::optional<Returning> kNothing;
  return std::visit(
      [](const auto& bound) -> const std::optional<Returning>& {
        if constexpr (requires { bound.returning; }) return bound.returning;
        else return kNothing;
      },
      change);
}

std::string describe(const BoundChange& change) {
  constexpr const char* kWords[] = {"Insert into", "Update", "Delete from", "Merge into"};
  return fmt::format("{} {}", kWords[change.index()], tableOf(change).name);
}

Result<BoundChange> bindChange(const sql::StatementNode& statement, Binder& binder) {
  return std::visit(ChangeVisitor{binder}, statement);
}

Status Binder::bindPart(const sql::CommonTable& table) {
  DRIFT_ASSIGN(auto change, bindChange(table.change->node, *this));
  m_parts.push_back({table.name.text, newSlot(), std::move(change)});
  m_partTables.push_back(&table);
  return {};
}

Result<NodePtr> Binder::bindPartRows(const sql::CommonTable& table, SourceSpan span) {
  const auto at = static_cast<std::size_t>(std::ranges::find(m_partTables, &table) - m_partTables.begin());
  const auto& part = m_parts[at];
  const auto& returning = returningOf(part.change);
  if (!returning)
    return makeError(ErrorKind::FeatureNotSupported, "WITH query \"{}\" does not have a RETURNING clause", part.name)
        .at(span);
  std::vector<Column> columns;
  for (const auto& column : returning->columns) columns.push_back({newSlot(), column.type, column.name, {}, {}});
  return std::make_unique<Node>(WorkTable{part.name, part.number, false}, std::move(columns));
}

Result<NodePtr> bindQuery(const sql::Query& query, const BindEnvironment& environment) {
  Binder binder(environment);
  DRIFT_ASSIGN(auto root, binder.bindQuery(query, nullptr));
  DRIFT_TRY(binder.resolveUnknownColumns(root));
  return optimized(std::move(root), binder);
}

Result<BoundStatement> bindStatement(const sql::Statement& statement, const BindEnvironment& environment) {
  Binder binder(environment);
  binder.setStatementWith(std::visit(WithOf{}, statement.node));
  BoundStatement bound;
  if (const auto* query = std::get_if<sql::QueryPtr>(&statement.node)) {
    DRIFT_ASSIGN(bound.query, binder.bindQuery(**query, nullptr));
    DRIFT_TRY(binder.resolveUnknownColumns(bound.query));
    DRIFT_ASSIGN(bound.query, optimized(std::move(bound.query), binder));
  } else {
    DRIFT_ASSIGN(auto change, bindChange(statement.node, binder));
    bound.change.emplace(std::move(change));
  }
  bound.parts = binder.takeParts();
  return bound;
}

Result<BoundDelete> bindTruncate(const catalog::TableRef& table, const BindEnvironment& environment) {
  Binder binder(environment);
  return bindDeleteOf({table, table, false, {}, nullptr, {}, nullptr}, sql::Delete(), binder);
}

Result<std::vector<ExpressionPtr>> bindAppend(const catalog::Table& table, std::span<const std::string> names,
                                              std::span<const Column> inputs, const BindEnvironment& environment) {
  std::vector<std::size_t> source(table.columns.size(), kNoPosition);
  for (std::size_t at = 0; at < names.size(); ++at) {
    DRIFT_ASSIGN(const auto position, positionOf(table, names[at], SourceSpan{}));
    if (source[position] != kNoPosition)
      return makeError(ErrorKind::DuplicateColumn, "column \"{}\" specified more than once", names[at]);
    source[position] = at;
  }
  std::vector<ExpressionPtr> expressions;
  for (std::size_t at = 0; at < source.size(); ++at) {
    if (source[at] == kNoPosition) {
      DRIFT_ASSIGN(auto value, defaultOf(table, table.columns[at], environment));
      expressions.push_back(std::move(value));
      continue;
    }
    if (table.columns[at].isGenerated())
      return makeError(ErrorKind::GeneratedAlways, "cannot insert a non-DEFAULT value into column \"{}\"",
                       table.columns[at].name)
          .withDetail(fmt::format("Column \"{}\" is a generated column.", table.columns[at].name));
    const auto& input = inputs[source[at]];
    DRIFT_ASSIGN(auto value, coerceToColumn(makeColumn(input.slot, input.type, names[source[at]], SourceSpan{}),
                                            table.columns[at], environment));
    expressions.push_back(std::move(value));
  }
  return expressions;
}

Result<std::vector<BoundCheck>> bindChecks(const catalog::Table& table, const BindEnvironment& environment) {
  std::vector<BoundCheck> checks;
  for (const auto& constraint : table.checks) {
    Binder binder(environment);
    BoundCheck check;
    check.name = constraint.name;
    check.inputs = rowColumns(table, binder);
    DRIFT_ASSIGN(const auto tree, sql::parseExpression(constraint.sql));
    DRIFT_ASSIGN(const auto scope, scopeOf(check.inputs, table.name));
    DRIFT_ASSIGN(check.condition, binder.bindCondition(*tree, scope, Clause::Check));
    checks.push_back(std::move(check));
  }
  return checks;
}

Result<ExpressionPtr> bindDefault(const catalog::Column& column, const BindEnvironment& environment) {
  if (column.defaultSql.empty()) return makeConstant(types::Value::null(column.type), SourceSpan{});
  Binder binder(environment);
  DRIFT_ASSIGN(const auto tree, sql::parseExpression(column.defaultSql));
  const Scope noColumns;
  DRIFT_ASSIGN(auto value, binder.bindExpression(*tree, noColumns, Clause::Default));
  return coerceToColumn(std::move(value), column, environment);
}

Result<catalog::TableRef> bindTable(const sql::QualifiedName& name, const BindEnvironment& environment) {
  DRIFT_ASSIGN(auto table, bindStored(name, environment));
  if (table->isMaterialized()) return notATable(*table, name.span);
  return table;
}

Result<catalog::TableRef> bindStored(const sql::QualifiedName& name, const BindEnvironment& environment) {
  DRIFT_ASSIGN(auto table, Binder(environment).currentTable(name));
  if (table->isView() || table->isSequence()) return notATable(*table, name.span);
  return table;
}

Result<std::string> bindNewName(const sql::QualifiedName& name, const BindEnvironment& environment) {
  return Binder(environment).tableName(name);
}

Result<std::optional<CommitNumber>> bindMoment(const sql::Moment& moment, const BindEnvironment& environment) {
  DRIFT_ASSIGN(const auto point, Binder(environment).bindMoment(moment));
  return point.number;
}

}  // namespace drift::plan
