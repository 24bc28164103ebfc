// What binders of statements that write share; internal to binder_write.cpp and binder_conflict.cpp. Free functions,
// one thread at a time.
#pragma once

#include "plan/binder.h"
#include "plan/write.h"

namespace drift::plan {

/// Converts a value to the type of the column it is stored in (PostgreSQL 10.4).
Result<ExpressionPtr> coerceToColumn(ExpressionPtr value, const catalog::Column& column,
                                     const BindEnvironment& environment);
/// The default of a table's column: for an identity column the next number, for a generated one NULL, until it is
/// computed as the row is written.
Result<ExpressionPtr> defaultOf(const catalog::Table& table, const catalog::Column& column,
                                const BindEnvironment& environment);
/// Position of a column by name. UndefinedColumn.
Result<std::size_t> positionOf(const catalog::Table& table, const std::string& name, SourceSpan span);
/// New slots for all columns of a table.
std::vector<Column> rowColumns(const catalog::Table& table, Binder& binder);
/// A scope in which columns have their names under one table's name.
Result<Scope> scopeOf(std::span<const Column> columns, const std::string& name);

/// Values for columns: positions, and expressions of the columns' types.
struct BoundAssignments {
  std::vector<std::size_t> positions;
  std::vector<ExpressionPtr> values;
};
/// Binds SET. SyntaxError where a column is set twice.
Result<BoundAssignments> bindAssignments(const std::vector<sql::Assignment>& assignments, const catalog::Table& table,
                                         const Scope& scope, Binder& binder);

/// The table that a statement writes to; `words` say what it does. WrongObjectState for a view.
Result<catalog::TableRef> writtenTable(const sql::QualifiedName& name, std::string_view words, const Binder& binder);
/// GeneratedAlways for a value where only DEFAULT may be: identity columns and generated ones.
Status refuseGiven(const catalog::Column& column, sql::Overriding overriding, SourceSpan span);
/// A projection over a node, optimized.
Result<NodePtr> projected(NodePtr input, Project project, std::vector<Column> columns, Binder& binder);

/// Binds an INSERT, UPDATE, DELETE or MERGE with its WITH.
Result<BoundChange> bindChange(const sql::StatementNode& statement, Binder& binder);
/// binder_merge.cpp
Result<BoundMerge> bindMerge(const sql::Merge& merge, Binder& binder);

/// Binds ON CONFLICT of an INSERT; `name` is what the table is called in it.
Result<BoundConflict> bindConflict(const sql::ConflictClause& clause, const catalog::Table& table,
                                   const std::string& name, Binder& binder);

}  // namespace drift::plan
