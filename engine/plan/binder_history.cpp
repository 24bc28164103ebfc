// FROM: the table functions of history. Which commits and which tables they are about is settled here.
#include <algorithm>

#include "plan/bind.h"
#include "plan/binder.h"
#include "plan/schema_difference.h"
#include "types/key_encoding.h"

namespace drift::plan {

using types::CastContext;
using types::TypeId;
using types::Value;

namespace {

struct ColumnName {
  const char* name;
  TypeId type;
};

constexpr ColumnName kCommitColumns[] = {{"commit_number", TypeId::BigInt},
                                         {"commit_time", TypeId::TimestampTz},
                                         {"commit_author", TypeId::Text},
                                         {"commit_message", TypeId::Text}};

bool hasRows(const catalog::Table& table) { return !table.isView() && !table.isSequence(); }

}  // namespace

/// The table that the first argument of a function names: an identifier or a string.
Result<std::string> Binder::tableArgument(const sql::Expression& argument, std::string_view function) const {
  if (const auto* reference = sql::getIf<sql::ColumnReference>(argument)) return tableName(reference->name);
  const auto* literal = sql::getIf<sql::Literal>(argument);
  if (literal && literal->kind == sql::LiteralKind::String) return literal->text;
  return makeError(ErrorKind::SyntaxError, "the first argument of {}() must be the name of a table", function)
      .at(argument.span);
}

Result<Point> Binder::pointArgument(const sql::Expression& argument) {
  if (const auto* moment = sql::getIf<sql::MomentExpression>(argument)) return bindMoment(*moment->moment);
  return bindTimePoint(argument);
}

/// The last commit that has happened: seen from a moment in the past, later ones have not.
CommitNumber Binder::lastVisible() const {
  const auto last = m_environment.moments.lastCommit();
  return m_queryMoment ? m_queryMoment->number.value_or(last) : m_environment.moment.value_or(last);
}

Result<BoundFrom> Binder::bindCommits(const sql::TableFunction& function, SourceSpan span) {
  if (!function.arguments.empty())
    return Error(ErrorKind::UndefinedFunction, "commits() takes no arguments").at(function.arguments.front()->span);
  constexpr ColumnName kColumns[] = {{"number", TypeId::BigInt},   {"time", TypeId::TimestampTz},
                                     {"author", TypeId::Text},     {"message", TypeId::Text},
                                     {"inserted", TypeId::BigInt}, {"updated", TypeId::BigInt},
                                     {"deleted", TypeId::BigInt},  {"schema_changed", TypeId::Boolean}};
  std::vector<Column> columns;
  for (const auto& column : kColumns) columns.push_back({newSlot(), column.type, column.name, {}, {}});
  return named(std::make_unique<Node>(CommitsFunction{lastVisible()}, std::move(columns)), "commits", function.alias,
               span);
}

namespace {

/// The name of a column that an argument of blame() is, if it is one: an identifier or a string.
std::optional<std::string> columnArgument(const sql::Expression& argument) {
  const auto* literal = sql::getIf<sql::Literal>(argument);
  if (literal && literal->kind == sql::LiteralKind::String) return literal->text;
  const auto* reference = sql::getIf<sql::ColumnReference>(argument);
  if (reference && reference->name.parts.size() == 1) return reference->name.last().text;
  return std::nullopt;
}

Result<catalog::Column> columnOf(const catalog::Table& table, const sql::Expression& argument) {
  const auto name = columnArgument(argument);
  if (!name)
    return Error(ErrorKind::SyntaxError, "the second of three arguments of blame() must be the name of a column")
        .at(argument.span);
  const auto* column = table.findColumn(*name);
  if (!column)
    return makeError(ErrorKind::UndefinedColumn, "column \"{}\" of relation \"{}\" does not exist", *name, table.name)
        .at(argument.span);
  return *column;
}

}  // namespace

Result<BoundFrom> Binder::bindDiff(const sql::TableFunction& function, SourceSpan span) {
  if (function.arguments.size() != 3)
    return Error(ErrorKind::UndefinedFunction, "diff() takes three arguments: diff(table, from, to)").at(span);
  DRIFT_ASSIGN(const auto name, tableArgument(*function.arguments[0], "diff"));
  DRIFT_ASSIGN(auto from, pointArgument(*function.arguments[1]));
  DRIFT_ASSIGN(auto to, pointArgument(*function.arguments[2]));
  const auto last = m_environment.moments.lastCommit();
  from.number = from.number.value_or(last);
  to.number = to.number.value_or(last);
  // The columns are those of the later moment; where the table was gone by then, of the earlier one.
  const auto place = function.arguments[0]->span;
  auto table = tableAt(name, *to.number >= *from.number ? to : from, place);
  if (!table.ok() && table.error().kind() == ErrorKind::UndefinedTable) {
    auto earlier = tableAt(name, *to.number >= *from.number ? from : to, place);
    if (earlier.ok()) table = std::move(earlier);
  }
  if (!table.ok()) return std::move(table).error();
  if (!hasRows(**table)) return notATable(**table, place);
  for (const auto* end : {&from, &to})
    if (*end->number != 0) DRIFT_TRY(checkKeptFrom(**table, *end, place));
  DiffFunction diff{(*table)->id, *from.number, *to.number, (*table)->columns};
  std::vector<Column> columns;
  columns.push_back({newSlot(), TypeId::Text, "op", {}, {}});
  for (const auto& column : diff.changed)
    columns.push_back({newSlot(), column.type, column.name, diff.tree, column.id});
  for (const auto& column : diff.changed)
    columns.push_back({newSlot(), column.type, "old_" + column.name, diff.tree, column.id});
  return named(std::make_unique<Node>(std::move(diff), std::move(columns)), "diff", function.alias, span);
}

/// The commit that added a column to a table; 0 where the transaction itself did.
Result<CommitNumber> Binder::columnSince(TreeId table, ColumnId column, const Point& point) const {
  CommitNumber since = 0;
  for (auto at = point.number.value_or(m_environment.moments.lastCommit()) + 1;;) {
    DRIFT_ASSIGN(const auto step, m_environment.moments.schemaStep(at, false));
    if (!step) return since;
    DRIFT_ASSIGN(const auto view, m_environment.moments.tablesAt(*step));
    const auto found = view->find(table);
    if (!found || !found->findColumn(column)) return since;
    since = at = *step;
  }
}

// blame(table [, column] [, moment])
Result<BoundFrom> Binder::bindBlame(const sql::TableFunction& function, SourceSpan span) {
  auto arguments = std::span(function.arguments);
  Point point{m_environment.moment, 0, SourceSpan{}};
  if (m_queryMoment) point = *m_queryMoment;
  if (arguments.size() == 3 || (arguments.size() == 2 && !columnArgument(*arguments[1]))) {
    DRIFT_ASSIGN(point, pointArgument(*arguments.back()));
    arguments = arguments.first(arguments.size() - 1);
  }
  if (arguments.empty() || arguments.size() > 2)
    return Error(ErrorKind::UndefinedFunction, "blame() takes a table, and may take a column and a moment").at(span);
  DRIFT_ASSIGN(const auto name, tableArgument(*arguments[0], "blame"));
  BlameFunction blame;
  blame.moment = point.number;
  DRIFT_ASSIGN(blame.table, tableAt(name, point, arguments[0]->span));
  if (!hasRows(*blame.table)) return notATable(*blame.table, arguments[0]->span);
  if (blame.table->isTemporary()) return noHistory(name, arguments[0]->span);
  if (arguments.size() == 2) {
    DRIFT_ASSIGN(blame.column, columnOf(*blame.table, *arguments[1]));
    DRIFT_ASSIGN(blame.columnSince, columnSince(blame.table->id, blame.column->id, point));
  }
  std::vector<Column> columns;
  for (const auto& column : blame.table->columns)
    columns.push_back({newSlot(), column.type, column.name, blame.table->id, column.id});
  columns.push_back({newSlot(), TypeId::BigInt, "commit_number", {}, {}});
  columns.push_back({newSlot(), TypeId::TimestampTz, "commit_time", {}, {}});
  columns.push_back({newSlot(), TypeId::Text, "commit_author", {}, {}});
  columns.push_back({newSlot(), TypeId::Text, "commit_message", {}, {}});
  return named(std::make_unique<Node>(std::move(blame), std::move(columns)), "blame", function.alias, span);
}

// history(table, key, …)
Result<BoundFrom> Binder::bindRowHistory(const sql::TableFunction& function, SourceSpan span) {
  if (function.arguments.size() < 2)
    return Error(ErrorKind::UndefinedFunction, "history() takes a table and the values of its primary key").at(span);
  if (m_environment.traits) m_environment.traits->lasting = false;
  const auto place = function.arguments[0]->span;
  DRIFT_ASSIGN(const auto name, tableArgument(*function.arguments[0], "history"));
  Point point{m_environment.moment, 0, SourceSpan{}};
  if (m_queryMoment) point = *m_queryMoment;
  RowHistoryFunction history;
  // A table that is gone has a history all the same.
  DRIFT_ASSIGN(history.table, point.number ? tableAt(name, point, place) : newestTable(name, place));
  const auto& table = *history.table;
  if (!hasRows(table)) return notATable(table, place);
  if (table.isTemporary()) return noHistory(name, place);
  if (table.primaryKey.empty())
    return makeError(ErrorKind::FeatureNotSupported, "table \"{}\" has no primary key to tell its rows apart", name)
        .withHint("SELECT … FROM t FOR SYSTEM_TIME ALL shows the versions of all rows.")
        .at(place);
  const auto given = function.arguments.size() - 1;
  if (given != table.primaryKey.size())
    return makeError(ErrorKind::UndefinedFunction, "the primary key of \"{}\" has {} columns, but {} values are given",
                     name, table.primaryKey.size(), given)
        .at(span);
  const Scope noColumns;
  for (std::size_t at = 0; at < given; ++at) {
    const auto& argument = *function.arguments[at + 1];
    DRIFT_ASSIGN(auto bound, bindExpression(argument, noColumns, Clause::FromFunction));
    const auto type = table.findColumn(table.primaryKey[at])->type;
    DRIFT_ASSIGN(bound, coerce(std::move(bound), type, CastContext::Assignment, m_environment));
    if (bound->kind != ExpressionKind::Constant)
      return Error(ErrorKind::FeatureNotSupported, "the key of history() must be a constant").at(argument.span);
    if (bound->value.isNull())
      return Error(ErrorKind::InvalidParameterValue, "the key of history() must not be NULL").at(argument.span);
    types::appendKey(history.key, bound->value);
    history.keyValues.push_back(std::move(bound->value));
  }
  history.last = lastVisible();
  std::vector<Column> columns;
  columns.push_back({newSlot(), TypeId::Text, "op", {}, {}});
  for (const auto& column : table.columns) columns.push_back({newSlot(), column.type, column.name, table.id, column.id});
  for (const auto& column : kCommitColumns) columns.push_back({newSlot(), column.type, column.name, {}, {}});
  return named(std::make_unique<Node>(std::move(history), std::move(columns)), "history", function.alias, span);
}

/// The two moments of diff_stat() and diff_schema(), as commits that are there.
Result<std::pair<CommitNumber, CommitNumber>> Binder::pointPair(const sql::TableFunction& function, SourceSpan span) {
  if (function.arguments.size() != 2)
    return makeError(ErrorKind::UndefinedFunction, "{0}() takes two arguments: {0}(from, to)", function.name.last().text)
        .at(span);
  DRIFT_ASSIGN(const auto from, pointArgument(*function.arguments[0]));
  DRIFT_ASSIGN(const auto to, pointArgument(*function.arguments[1]));
  const auto last = m_environment.moments.lastCommit();
  return std::pair(from.number.value_or(last), to.number.value_or(last));
}

// diff_stat(from, to)
Result<BoundFrom> Binder::bindDiffStat(const sql::TableFunction& function, SourceSpan span) {
  DRIFT_ASSIGN(const auto pair, pointPair(function, span));
  DiffStatFunction stat{pair.first, pair.second, {}};
  const auto [earlier, later] = std::minmax(pair.first, pair.second);
  // Tables have the names of the later moment, or those that they had before they were dropped.
  for (const auto number : {later, earlier}) {
    DRIFT_ASSIGN(const auto view, m_environment.moments.tablesAt(number));
    for (const auto& table : view->tables()) {
      if (!hasRows(*table) || std::ranges::find(stat.tables, table->id, &catalog::Table::id) != stat.tables.end())
        continue;
      if (earlier != 0) DRIFT_TRY(checkKeptFrom(*table, Point{earlier, earlier, SourceSpan{}}, span));
      stat.tables.push_back(table);
    }
  }
  std::vector<Column> columns;
  columns.push_back({newSlot(), TypeId::Text, "table_name", {}, {}});
  for (const auto* name : {"inserted", "updated", "deleted"})
    columns.push_back({newSlot(), TypeId::BigInt, name, {}, {}});
  return named(std::make_unique<Node>(std::move(stat), std::move(columns)), "diff_stat", function.alias, span);
}

// diff_schema(from, to)
Result<BoundFrom> Binder::bindDiffSchema(const sql::TableFunction& function, SourceSpan span) {
  DRIFT_ASSIGN(const auto pair, pointPair(function, span));
  DRIFT_ASSIGN(const auto before, m_environment.moments.tablesAt(pair.first));
  DRIFT_ASSIGN(const auto after, m_environment.moments.tablesAt(pair.second));
  auto rows = schemaDifference(*before, *after);
  std::vector<Column> columns;
  for (const auto* name : {"table_name", "object", "name", "change", "old", "new"})
    columns.push_back({newSlot(), TypeId::Text, name, {}, {}});
  return named(rowsNode(std::move(rows), std::move(columns)), "diff_schema", function.alias, span);
}

// commit_changes(number), commit_changes(COMMIT number) or of the newest commit up to a time
Result<BoundFrom> Binder::bindCommitChanges(const sql::TableFunction& function, SourceSpan span) {
  if (function.arguments.size() != 1)
    return Error(ErrorKind::UndefinedFunction, "commit_changes() takes one argument, the number of a commit").at(span);
  const auto& argument = *function.arguments[0];
  const Scope noColumns;
  std::optional<Point> point;
  if (!sql::getIf<sql::MomentExpression>(argument)) {
    if (m_environment.traits) m_environment.traits->lasting = false;
    DRIFT_ASSIGN(const auto bound, bindExpression(argument, noColumns, Clause::FromFunction));
    if (bound->type.isInteger()) {
      if (bound->kind != ExpressionKind::Constant || bound->value.isNull())
        return Error(ErrorKind::InvalidParameterValue, "the number of a commit must be a constant").at(argument.span);
      const auto number = bound->value.asInt();
      const auto& moments = m_environment.moments;
      if (number < 1 || static_cast<CommitNumber>(number) > moments.lastCommit())
        return makeError(ErrorKind::MomentOutOfRange, "there is no commit {}; the commits are {} to {}", number,
                         moments.firstCommit(), moments.lastCommit())
            .at(argument.span);
      if (auto status = moments.checkKept(static_cast<CommitNumber>(number)); !status.ok())
        return std::move(status).error().at(argument.span);
      point = Point{static_cast<CommitNumber>(number), static_cast<CommitNumber>(number), argument.span};
    }
  }
  if (!point) {
    DRIFT_ASSIGN(point, pointArgument(argument));
  }
  CommitChangesFunction changes{point->number.value_or(m_environment.moments.lastCommit()), {}};
  if (changes.number == 0)
    return Error(ErrorKind::MomentOutOfRange, "the moment is before the first commit").at(argument.span);
  DRIFT_ASSIGN(const auto view, m_environment.moments.tablesAt(changes.number));
  for (const auto& table : view->tables())
    if (hasRows(*table)) changes.tables.push_back(table);
  constexpr ColumnName kColumns[] = {
      {"table_name", TypeId::Text}, {"op", TypeId::Text}, {"old_row", TypeId::Json}, {"new_row", TypeId::Json}};
  std::vector<Column> columns;
  for (const auto& column : kColumns) columns.push_back({newSlot(), column.type, column.name, {}, {}});
  return named(std::make_unique<Node>(std::move(changes), std::move(columns)), "commit_changes", function.alias, span);
}

}  // namespace drift::plan
