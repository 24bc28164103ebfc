// FROM: tables at their moments, subqueries, table functions and joins.
#include <algorithm>

#include "plan/bind.h"
#include "plan/binder.h"
#include "plan/binder_sample.h"
#include "plan/catalog_relations.h"
#include "plan/node_walk.h"

namespace drift::plan {

using types::CastContext;
using types::Type;
using types::TypeId;

namespace {

constexpr std::string_view kPublicSchema = "public";

/// Columns that one statement may bring in; a bound on WITH tables that name each other many times.
constexpr Slot kSlotsMax = 1'000'000;

struct SystemColumnName {
  SystemColumn column;
  std::string_view name;
  TypeId type;
};

constexpr SystemColumnName kSystemColumns[] = {
    {SystemColumn::Start, "sys_start", TypeId::TimestampTz},
    {SystemColumn::End, "sys_end", TypeId::TimestampTz},
    {SystemColumn::Seq, "sys_seq", TypeId::BigInt},
    {SystemColumn::EndSeq, "sys_end_seq", TypeId::BigInt},
    {SystemColumn::Op, "sys_op", TypeId::Text},
    {SystemColumn::Author, "sys_author", TypeId::Text},
};

Column columnOf(const ScopeColumn& column) {
  return {column.slot, column.type, column.name, column.table, column.column};
}

ExpressionPtr referenceTo(const ScopeColumn& column, SourceSpan span) {
  return makeColumn(column.slot, column.type, column.name, span);
}

}  // namespace

Result<std::string> Binder::tableName(const sql::QualifiedName& name) const {
  if (name.parts.size() == 1) return name.last().text;
  const bool isPublic = name.parts.size() == 2 && name.parts.front().text == kPublicSchema;
  const bool isOwn = name.parts.size() == 2 && name.parts.front().text == "pg_temp";
  if (isPublic || isOwn) {
    DRIFT_ASSIGN(const auto now, m_environment.moments.tablesNow());
    const auto table = now->find(name.last().text);
    const bool isTemporary = table && table->isTemporary();
    if (isPublic && isTemporary)
      return makeError(ErrorKind::FeatureNotSupported, "relation \"{}\" beside a temporary table of that name is not "
                       "supported", name.toString())
          .withHint("Drop the temporary table, or give it another name.")
          .at(name.span);
    if (isPublic || isTemporary) return name.last().text;
  }
  return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", name.toString()).at(name.span);
}

Result<catalog::TableRef> Binder::currentTable(const sql::QualifiedName& name) const {
  DRIFT_ASSIGN(const auto bare, tableName(name));
  return tableAt(bare, Point{}, name.span);
}

Result<BoundFrom> Binder::scanTable(const catalog::TableRef& table, const std::string& name, SourceSpan span) {
  if (m_nextSlot > kSlotsMax)
    return makeError(ErrorKind::LimitExceeded, "the statement has more than {} columns in its tables", kSlotsMax)
        .at(span);
  Scan scan;
  scan.table = table;
  ScopeTable scopeTable{name, {}, {}, table->primaryKey};
  std::vector<Column> columns;
  for (const auto& column : table->columns) {
    ScopeColumn named{newSlot(), column.type, column.name, table->id, column.id};
    scan.columns.push_back({named.slot, column, std::nullopt});
    columns.push_back(columnOf(named));
    scopeTable.columns.push_back(std::move(named));
  }
  for (const auto& system : kSystemColumns) {
    ScopeColumn named{newSlot(), system.type, std::string(system.name), std::nullopt, std::nullopt};
    scan.columns.push_back({named.slot, std::nullopt, system.column});
    columns.push_back(columnOf(named));
    scopeTable.hidden.push_back(std::move(named));
  }
  BoundFrom bound{std::make_unique<Node>(std::move(scan), std::move(columns)), Scope()};
  DRIFT_TRY(bound.scope.add(std::move(scopeTable), span));
  return bound;
}

/// Gives the columns of a node a table name and, with an alias that lists them, names of their own.
Result<BoundFrom> Binder::named(NodePtr node, std::string name, const std::optional<sql::Alias>& alias,
                                SourceSpan span) {
  if (alias) name = alias->name.text;
  ScopeTable table{name, {}, {}, {}};
  for (const auto& column : node->columns)
    table.columns.push_back({column.slot, column.type, column.name, column.table, column.column});
  if (alias && alias->columns.size() > table.columns.size())
    return makeError(ErrorKind::InvalidColumnReference,
                     "table \"{}\" has {} columns available but {} columns specified", name, table.columns.size(),
                     alias->columns.size())
        .at(alias->name.span);
  for (std::size_t at = 0; alias && at < alias->columns.size(); ++at) table.columns[at].name = alias->columns[at].text;
  BoundFrom bound{std::move(node), Scope()};
  DRIFT_TRY(bound.scope.add(std::move(table), span));
  return bound;
}

Result<std::optional<BoundFrom>> Binder::bindCommonTable(const sql::TableReference& reference, SourceSpan span) {
  if (reference.name.parts.size() != 1) return std::optional<BoundFrom>();
  const auto& name = reference.name.last().text;
  for (const auto* frame = m_commonTables; frame; frame = frame->outer) {
    for (const auto* self = m_recursive; self; self = self->outer) {
      if (self->place != frame || self->table->name.text != name) continue;
      DRIFT_ASSIGN(auto found, bindWorkTable(*self, reference, span));
      return std::optional<BoundFrom>(std::move(found));
    }
    for (std::size_t at = frame->visible; at-- > 0;) {
      const auto& common = frame->with->tables[at];
      if (common.name.text != name) continue;
      if (reference.time)
        return notSupported(fmt::format("a moment of its own for the WITH table \"{}\" is", name),
                            reference.time->span);
      if (m_nextSlot > kSlotsMax)
        return makeError(ErrorKind::LimitExceeded, "the statement has more than {} columns in its tables", kSlotsMax)
            .at(span);
      // The table sees those before it in its WITH, and the moment that holds there.
      const CommonTables inner{frame->outer, frame->with, at, frame->moment, frame->scope};
      const auto* tables = m_commonTables;
      const auto moment = m_queryMoment;
      m_commonTables = &inner;
      m_queryMoment = frame->moment;
      auto root = common.change ? bindPartRows(common, span) : bindCommonQuery(inner, at, frame->scope);
      m_commonTables = tables;
      m_queryMoment = moment;
      if (!root.ok()) return std::move(root).error();
      DRIFT_TRY(resolveUnknownColumns(*root));
      std::optional<sql::Alias> columns;
      if (!common.columns.empty()) columns = sql::Alias{common.name, common.columns};
      DRIFT_ASSIGN(auto bound, named(std::move(root).value(), name, columns, span));
      if (!reference.alias) return std::optional<BoundFrom>(std::move(bound));
      auto renamed = bound.scope.tables().front();
      if (reference.alias->columns.size() > renamed.columns.size())
        return makeError(ErrorKind::InvalidColumnReference,
                         "table \"{}\" has {} columns available but {} columns specified", name, renamed.columns.size(),
                         reference.alias->columns.size())
            .at(span);
      renamed.name = reference.alias->name.text;
      for (std::size_t column = 0; column < reference.alias->columns.size(); ++column)
        renamed.columns[column].name = reference.alias->columns[column].text;
      bound.scope = Scope();
      DRIFT_TRY(bound.scope.add(std::move(renamed), span));
      return std::optional<BoundFrom>(std::move(bound));
    }
  }
  return std::optional<BoundFrom>();
}

Status Binder::checkCommonTables(const sql::WithClause& with, const Scope* outer) {
  for (std::size_t at = 0; at < with.tables.size(); ++at) {
    for (std::size_t other = 0; other < at; ++other)
      if (with.tables[other].name.text == with.tables[at].name.text)
        return makeError(ErrorKind::DuplicateAlias, "WITH query name \"{}\" specified more than once",
                         with.tables[at].name.text)
            .at(with.tables[at].name.span);
    const CommonTables before{m_commonTables, &with, at, m_queryMoment, outer};
    const auto* tables = m_commonTables;
    m_commonTables = &before;
    if (with.tables[at].change && &with != m_statementWith) {
      m_commonTables = tables;
      return Error(ErrorKind::FeatureNotSupported,
                   m_viewNotes ? "views must not contain data-modifying statements in WITH"
                               : "WITH clause containing a data-modifying statement must be at the top level")
          .at(with.tables[at].span);
    }
    auto status = Status();
    if (with.tables[at].change) {
      status = bindPart(with.tables[at]);
    } else {
      auto root = bindCommonQuery(before, at, outer);
      if (!root.ok()) status = std::move(root).error();
    }
    m_commonTables = tables;
    DRIFT_TRY(std::move(status));
  }
  return {};
}

Result<BoundFrom> Binder::bindTimeRange(const sql::TableReference& reference, SourceSpan span) {
  const auto& time = *reference.time;
  VersionSpan versions;
  DRIFT_ASSIGN(const auto name, tableName(reference.name));
  if (time.kind != sql::TimeRangeKind::All) {
    DRIFT_ASSIGN(const auto low, bindMoment(time.low));
    DRIFT_ASSIGN(const auto high, bindMoment(time.high));
    const auto last = m_environment.moments.lastCommit();
    const auto lowNumber = low.number.value_or(last);
    const auto highNumber = high.number.value_or(last);
    if (time.kind == sql::TimeRangeKind::ContainedIn) {
      versions.startMin = low.firstFrom;
      versions.endMax = highNumber;
    } else {
      versions.endAbove = lowNumber;
      versions.startBelow = time.kind == sql::TimeRangeKind::FromTo ? high.firstFrom : highNumber + 1;
    }
  }
  DRIFT_ASSIGN(const auto table, newestTable(name, reference.name.span));
  if (table->isView()) return notSupported(fmt::format("versions of rows of the view \"{}\" are", name), span);
  DRIFT_ASSIGN(auto bound, scanTable(table, reference.alias ? reference.alias->name.text : name, span));
  std::get<Scan>(bound.node->body).versions = versions;
  return bound;
}

Result<Point> Binder::pointOf(const sql::TableReference& reference) {
  if (reference.time) return bindMoment(reference.time->low);
  return m_queryMoment ? *m_queryMoment : Point{m_environment.moment, 0, SourceSpan{}};
}

namespace {

/// A table of information_schema or pg_catalog; the latter's are found without their schema, too.
bool isCatalogRelation(const sql::QualifiedName& name) {
  const auto& first = name.parts.front().text;
  if (name.parts.size() == 2) return first == "information_schema" || first == "pg_catalog";
  if (name.parts.size() != 1 || !first.starts_with("pg_")) return false;
  const auto& all = pgCatalogRelations();
  return std::ranges::find(all, first, &CatalogRelation::name) != all.end();
}

}  // namespace

Result<BoundFrom> Binder::bindTableReference(const sql::TableReference& reference, SourceSpan span) {
  DRIFT_ASSIGN(auto common, bindCommonTable(reference, span));
  if (common) return std::move(*common);
  if (isCatalogRelation(reference.name)) return bindInformationSchema(reference, span);
  if (reference.time && reference.time->kind != sql::TimeRangeKind::AsOf) return bindTimeRange(reference, span);
  DRIFT_ASSIGN(const auto name, tableName(reference.name));
  DRIFT_ASSIGN(const auto point, pointOf(reference));
  DRIFT_ASSIGN(const auto table, tableAt(name, point, reference.name.span));
  if (m_viewNotes) m_viewNotes->tables.push_back(table->id);
  if (table->isView()) return bindView(table, point, reference, span);
  if (table->isMaterialized() && !table->populated)
    return makeError(ErrorKind::WrongObjectState, "materialized view \"{}\" has not been populated", name)
        .withHint("Use the REFRESH MATERIALIZED VIEW command.")
        .at(reference.name.span);
  DRIFT_ASSIGN(auto bound, scanTable(table, reference.alias ? reference.alias->name.text : name, span));
  auto& scan = std::get<Scan>(bound.node->body);
  scan.moment = point.number;
  if (table->isSequence()) {
    // The last of its rows holds.
    scan.backwards = true;
    bound.node = makeOver(std::move(bound.node), Limit{0, 1});
  }
  if (!reference.alias || reference.alias->columns.empty()) return bound;
  auto renamed = bound.scope.tables().front();
  const auto& names = reference.alias->columns;
  if (names.size() > renamed.columns.size())
    return makeError(ErrorKind::InvalidColumnReference,
                     "table \"{}\" has {} columns available but {} columns specified", renamed.name,
                     renamed.columns.size(), names.size())
        .at(reference.alias->name.span);
  for (std::size_t at = 0; at < names.size(); ++at) renamed.columns[at].name = names[at].text;
  bound.scope = Scope();
  DRIFT_TRY(bound.scope.add(std::move(renamed), span));
  return bound;
}

Result<BoundFrom> Binder::bindDerived(const sql::DerivedTable& derived, const Scope* outer, const Scope& before,
                                      SourceSpan span) {
  DRIFT_ASSIGN(auto root, bindQuery(*derived.query, derived.lateral ? &before : outer));
  DRIFT_TRY(resolveUnknownColumns(root));
  return named(std::move(root), "", derived.alias, span);
}

/// Functions see the tables before them with and without LATERAL (PostgreSQL 7.2.1.5).
Result<BoundFrom> Binder::bindTableFunction(const sql::TableFunction& function, const Scope& before, SourceSpan span) {
  const auto& name = function.name.last().text;
  DRIFT_ASSIGN(auto rows, bindSqlRows(function, before, span));
  if (rows) return std::move(*rows);
  if (!function.names.empty())
    return notSupported("a named argument of a built-in function is", function.names.front().span);
  if (m_environment.registry.isSet(name)) return bindSetFunction(function, before, span);
  if (function.withOrdinality && name != "generate_series")
    return notSupported(fmt::format("WITH ORDINALITY for {}() is", name), span);
  if (name == "commits") return bindCommits(function, span);
  if (name == "diff") return bindDiff(function, span);
  if (name == "blame") return bindBlame(function, span);
  if (name == "history") return bindRowHistory(function, span);
  if (name == "diff_stat") return bindDiffStat(function, span);
  if (name == "diff_schema") return bindDiffSchema(function, span);
  if (name == "commit_changes") return bindCommitChanges(function, span);
  if (name == "generate_series") return bindSeries(function, before, span);
  return makeError(ErrorKind::UndefinedFunction, "table function {}() does not exist", function.name.toString())
      .withHint(
          "The table functions are commits(), commit_changes(number), diff(table, from, to), diff_stat(from, to), "
          "diff_schema(from, to), history(table, key), blame(table, column), generate_series(start, stop, step) and "
          "those that docs/functions.md lists as giving rows, such as unnest().")
      .at(function.name.span);
}

namespace {

/// The type of a series: that of start and stop. Dates are moments at midnight, as in PostgreSQL.
Result<Type> seriesType(const std::vector<ExpressionPtr>& arguments, SourceSpan span) {
  const auto undefined = [&] {
    std::string list;
    for (const auto& argument : arguments) list += (list.empty() ? "" : ", ") + argument->type.bare().name();
    return makeError(ErrorKind::UndefinedFunction, "function generate_series({}) does not exist", list)
        .withHint("No function matches the given name and argument types. You might need to add explicit type casts.")
        .at(span);
  };
  const auto has = [&](TypeId id) {
    return std::ranges::any_of(std::span(arguments).first(2), [id](const auto& one) { return one->type.id() == id; });
  };
  const bool moments = has(TypeId::TimestampTz) || has(TypeId::Date);
  if (moments || has(TypeId::Timestamp)) {
    if (arguments.size() != 3) return undefined();
    const auto step = arguments[2]->type.id();
    const bool fits = std::ranges::all_of(std::span(arguments).first(2), [](const auto& one) {
      return one->type.isTemporal() || one->type.id() == TypeId::Unknown;
    });
    if (!fits || (step != TypeId::Interval && step != TypeId::Unknown)) return undefined();
    return Type(moments ? TypeId::TimestampTz : TypeId::Timestamp);
  }
  bool numeric = false;
  for (const auto& argument : arguments) {
    const auto type = argument->type;
    numeric = numeric || type.id() == TypeId::Numeric;
    if (!type.isInteger() && type.id() != TypeId::Numeric && type.id() != TypeId::Unknown) return undefined();
  }
  return Type(numeric ? TypeId::Numeric : TypeId::BigInt);
}

}  // namespace

Result<BoundFrom> Binder::bindSeries(const sql::TableFunction& function, const Scope& before, SourceSpan span) {
  if (function.arguments.size() != 2 && function.arguments.size() != 3)
    return Error(ErrorKind::UndefinedFunction, "generate_series() takes two or three arguments").at(span);
  const Scope noColumns(&before);
  std::vector<ExpressionPtr> arguments;
  for (const auto& argument : function.arguments) {
    DRIFT_ASSIGN(auto bound, bindExpression(*argument, noColumns, Clause::FromFunction));
    arguments.push_back(std::move(bound));
  }
  DRIFT_ASSIGN(const auto type, seriesType(arguments, span));
  if (arguments.size() == 2) arguments.push_back(makeConstant(types::Value::bigInt(1), span));
  for (std::size_t at = 0; at < arguments.size(); ++at) {
    const auto wanted = at == 2 && type.isTemporal() ? Type(TypeId::Interval) : type;
    DRIFT_ASSIGN(arguments[at], coerce(std::move(arguments[at]), wanted, CastContext::Implicit, m_environment));
  }
  SeriesFunction series{std::move(arguments[0]), std::move(arguments[1]), std::move(arguments[2])};
  const auto name = function.alias ? function.alias->name.text : std::string("generate_series");
  std::vector<Column> columns;
  columns.push_back({newSlot(), type, name, {}, {}});
  auto node = std::make_unique<Node>(std::move(series), std::move(columns));
  if (function.withOrdinality) node = numbered(std::move(node));
  return named(std::move(node), name, function.alias, span);
}

namespace {

JoinKind kindOf(sql::JoinKind kind) {
  switch (kind) {
    case sql::JoinKind::Left: return JoinKind::Left;
    case sql::JoinKind::Right: return JoinKind::Right;
    case sql::JoinKind::Full: return JoinKind::Full;
    case sql::JoinKind::Inner:
    case sql::JoinKind::Cross: break;
  }
  return JoinKind::Inner;
}

/// True if some part of it may read the tables before it.
bool seesBefore(const sql::FromItem& item) {
  if (const auto* derived = std::get_if<sql::DerivedTable>(&item.node)) return derived->lateral;
  if (const auto* join = std::get_if<sql::Join>(&item.node)) return seesBefore(*join->left) || seesBefore(*join->right);
  return std::holds_alternative<sql::TableFunction>(item.node);
}

void removeVisible(std::vector<ScopeColumn>& columns, Slot slot) {
  std::erase_if(columns, [slot](const auto& column) { return column.slot == slot; });
}

}  // namespace

/// USING and NATURAL: the columns are equal and shown once, first (SQL:2016, 7.10).
Status Binder::bindJoinColumns(const sql::Join& join, BoundFrom& left, BoundFrom& right, Scope& merged,
                               std::vector<ExpressionPtr>& conditions, SourceSpan span) {
  std::vector<std::pair<std::string, SourceSpan>> names;
  for (const auto& name : join.usingColumns) names.emplace_back(name.text, name.span);
  if (join.natural)
    for (const auto& column : left.scope.visible())
      if (std::any_of(right.scope.visible().begin(), right.scope.visible().end(),
                      [&](const auto& other) { return other.name == column.name; }))
        names.emplace_back(column.name, span);
  if (!names.empty() && join.kind == sql::JoinKind::Full)
    return notSupported("FULL JOIN with USING or NATURAL is", span);
  std::vector<ScopeColumn> first;
  for (const auto& [name, place] : names) {
    DRIFT_ASSIGN(const auto leftColumn, left.scope.findVisible(name, place));
    DRIFT_ASSIGN(const auto rightColumn, right.scope.findVisible(name, place));
    if (!leftColumn || !rightColumn)
      return makeError(ErrorKind::UndefinedColumn, "column \"{}\" specified in USING clause does not exist in {} table",
                       name, leftColumn ? "right" : "left")
          .at(place);
    std::vector<ExpressionPtr> sides;
    sides.push_back(referenceTo(*leftColumn, place));
    sides.push_back(referenceTo(*rightColumn, place));
    DRIFT_ASSIGN(auto equal, makeOperatorCall("=", std::move(sides), place, place, m_environment));
    conditions.push_back(std::move(equal));
    removeVisible(merged.visible(), leftColumn->slot);
    removeVisible(merged.visible(), rightColumn->slot);
    first.push_back(join.kind == sql::JoinKind::Right ? *rightColumn : *leftColumn);
  }
  merged.visible().insert(merged.visible().begin(), first.begin(), first.end());
  return {};
}

/// Joins two parts of FROM, the second of which may read the first.
Result<NodePtr> Binder::joinWith(JoinKind kind, NodePtr left, NodePtr right, ExpressionPtr condition, SourceSpan span) {
  std::vector<Slot> parameters;
  for (const auto* column : freeColumns(*right))
    if (produces(*left, column->slot)) parameters.push_back(column->slot);
  if (!parameters.empty() && kind != JoinKind::Inner && kind != JoinKind::Left)
    return Error(ErrorKind::InvalidColumnReference, "LATERAL cannot refer to the left side of a RIGHT or FULL JOIN")
        .withDetail("The combining JOIN type must be INNER or LEFT for a LATERAL reference.")
        .at(span);
  // Rows of a function over each row of the left side need no join.
  const auto* set = std::get_if<ProjectSet>(&right->body);
  const bool overOneRow = set && std::holds_alternative<Values>(right->inputs[0]->body);
  if (!parameters.empty() && overOneRow && kind == JoinKind::Inner) {
    auto columns = left->columns;
    columns.insert(columns.end(), right->columns.begin(), right->columns.end());
    right->columns = std::move(columns);
    right->inputs[0] = std::move(left);
    return condition ? makeOver(std::move(right), Filter{std::move(condition)}) : std::move(right);
  }
  auto node = makeJoin(kind, std::move(left), std::move(right), std::move(condition));
  std::get<Join>(node->body).parameters = std::move(parameters);
  return node;
}

Result<BoundFrom> Binder::bindJoin(const sql::Join& join, const Scope* outer, const Scope& before, SourceSpan span) {
  DRIFT_ASSIGN(auto left, bindFrom(*join.left, outer, before));
  BoundFrom bound{nullptr, Scope(outer)};
  DRIFT_TRY(bound.scope.merge(left.scope, span));
  auto seen = before;
  if (seesBefore(*join.right)) DRIFT_TRY(seen.merge(left.scope, span));
  DRIFT_ASSIGN(auto right, bindFrom(*join.right, outer, seen));
  DRIFT_TRY(bound.scope.merge(right.scope, span));
  std::vector<ExpressionPtr> conditions;
  DRIFT_TRY(bindJoinColumns(join, left, right, bound.scope, conditions, span));
  if (join.on) {
    DRIFT_ASSIGN(auto condition, bindCondition(*join.on, bound.scope, Clause::JoinCondition));
    conditions.push_back(std::move(condition));
  }
  DRIFT_ASSIGN(bound.node, joinWith(kindOf(join.kind), std::move(left.node), std::move(right.node),
                                    makeAnd(std::move(conditions)), span));
  return bound;
}

Result<BoundFrom> Binder::bindFrom(const sql::FromItem& item, const Scope* outer, const Scope& before) {
  if (const auto* table = std::get_if<sql::TableReference>(&item.node)) {
    DRIFT_ASSIGN(auto rows, bindTableReference(*table, item.span));
    if (table->sample) DRIFT_TRY(addSample(rows, *table->sample, *this));
    return rows;
  }
  if (const auto* derived = std::get_if<sql::DerivedTable>(&item.node))
    return bindDerived(*derived, outer, before, item.span);
  if (const auto* function = std::get_if<sql::TableFunction>(&item.node))
    return bindTableFunction(*function, before, item.span);
  return bindJoin(std::get<sql::Join>(item.node), outer, before, item.span);
}

Result<BoundFrom> Binder::bindFromList(const std::vector<sql::FromItemPtr>& items, const Scope* outer) {
  BoundFrom all{nullptr, Scope(outer)};
  for (const auto& item : items) {
    DRIFT_ASSIGN(auto next, bindFrom(*item, outer, all.scope));
    DRIFT_TRY(all.scope.merge(std::move(next.scope), item->span));
    if (!all.node) {
      all.node = std::move(next.node);
      continue;
    }
    DRIFT_ASSIGN(all.node, joinWith(JoinKind::Inner, std::move(all.node), std::move(next.node), nullptr, item->span));
  }
  if (all.node) return all;
  // Without FROM there is one row, of no columns.
  Values oneRow;
  oneRow.rows.emplace_back();
  all.node = std::make_unique<Node>(std::move(oneRow), std::vector<Column>());
  return all;
}

}  // namespace drift::plan
