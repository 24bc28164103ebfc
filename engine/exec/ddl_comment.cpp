// COMMENT ON: a comment is part of the definition, and has its history.
#include <algorithm>

#include "exec/ddl.h"
#include "plan/bind.h"

namespace drift::exec {

namespace {

Result<catalog::TableRef> relation(const sql::QualifiedName& name, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bare, plan::bindNewName(name, context.binding));
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  auto table = view->find(bare);
  if (!table) return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", bare).at(name.span);
  return table;
}

Status requireKind(const catalog::Table& table, sql::CommentTarget target, SourceSpan span) {
  const auto [fits, words] = target == sql::CommentTarget::View ? std::pair(table.isView(), "a view")
                             : target == sql::CommentTarget::MaterializedView
                                 ? std::pair(table.isMaterialized(), "a materialized view")
                             : target == sql::CommentTarget::Sequence
                                 ? std::pair(table.isSequence(), "a sequence")
                                 : std::pair(table.viewSql.empty() && !table.isSequence(), "a table");
  if (fits) return {};
  return makeError(ErrorKind::WrongObjectType, "\"{}\" is not {}", table.name, words).at(span);
}

/// The comment of an index or a constraint of that name; null where there is none.
std::string* commentOf(catalog::Table& table, const std::string& name, bool isConstraint) {
  if (!table.primaryKey.empty() && table.primaryKeyName == name) return &table.primaryKeyComment;
  const auto in = [&](auto& list) -> std::string* {
    const auto found = std::ranges::find(list, name, [](const auto& item) -> const auto& { return item.name; });
    return found == list.end() ? nullptr : &found->comment;
  };
  if (auto* comment = in(table.uniques)) return comment;
  if (!isConstraint) return in(table.indexes);
  if (auto* comment = in(table.checks)) return comment;
  return in(table.foreignKeys);
}

Status setColumn(const sql::Comment& statement, const WriteContext& context) {
  auto name = statement.name;
  const auto column = name.parts.back();
  name.parts.pop_back();
  DRIFT_ASSIGN(const auto table, relation(name, context));
  auto changed = *table;
  const auto found = std::ranges::find(changed.columns, column.text, &catalog::Column::name);
  if (found == changed.columns.end())
    return makeError(ErrorKind::UndefinedColumn, "column \"{}\" of relation \"{}\" does not exist", column.text,
                     table->name)
        .at(column.span);
  found->comment = statement.text.value_or("");
  return context.operators.environment.catalog.putBesideWriters(context.transaction(), changed);
}

Status setIndex(const sql::Comment& statement, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bare, plan::bindNewName(statement.name, context.binding));
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  if (view->find(bare))
    return makeError(ErrorKind::WrongObjectType, "\"{}\" is not an index", bare).at(statement.name.span);
  const auto table = view->findByIndex(bare);
  if (!table)
    return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", bare).at(statement.name.span);
  auto changed = *table;
  *commentOf(changed, bare, false) = statement.text.value_or("");
  return context.operators.environment.catalog.putBesideWriters(context.transaction(), changed);
}

Status setConstraint(const sql::Comment& statement, const WriteContext& context) {
  DRIFT_ASSIGN(const auto table, relation(statement.name, context));
  auto changed = *table;
  auto* comment = commentOf(changed, statement.constraint->text, true);
  if (!comment)
    return makeError(ErrorKind::UndefinedObject, "constraint \"{}\" for table \"{}\" does not exist",
                     statement.constraint->text, table->name)
        .at(statement.constraint->span);
  *comment = statement.text.value_or("");
  return context.operators.environment.catalog.putBesideWriters(context.transaction(), changed);
}

Status setFunction(const sql::Comment& statement, const WriteContext& context) {
  DRIFT_ASSIGN(const auto function, findFunction(statement.name, statement.functionTypes, context));
  auto changed = *function;
  changed.comment = statement.text.value_or("");
  return context.operators.environment.catalog.putFunction(context.transaction(), changed);
}

Status setRelation(const sql::Comment& statement, const WriteContext& context) {
  DRIFT_ASSIGN(const auto table, relation(statement.name, context));
  DRIFT_TRY(requireKind(*table, statement.target, statement.name.span));
  auto changed = *table;
  changed.comment = statement.text.value_or("");
  return context.operators.environment.catalog.putBesideWriters(context.transaction(), changed);
}

}  // namespace

Result<ExecutionPtr> runComment(const sql::Comment& statement, const WriteContext& context) {
  switch (statement.target) {
    case sql::CommentTarget::Table:
    case sql::CommentTarget::View:
    case sql::CommentTarget::MaterializedView:
    case sql::CommentTarget::Sequence: DRIFT_TRY(setRelation(statement, context)); break;
    case sql::CommentTarget::Column: DRIFT_TRY(setColumn(statement, context)); break;
    case sql::CommentTarget::Index: DRIFT_TRY(setIndex(statement, context)); break;
    case sql::CommentTarget::Constraint: DRIFT_TRY(setConstraint(statement, context)); break;
    case sql::CommentTarget::Function: DRIFT_TRY(setFunction(statement, context)); break;
  }
  return std::make_unique<DoneExecution>("COMMENT");
}

}  // namespace drift::exec
