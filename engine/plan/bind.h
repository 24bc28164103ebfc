// From syntax trees to plans: the way into the binder.
//
// Errors have the place in the statement's text and PostgreSQL's sentences: UndefinedTable, UndefinedColumn,
// AmbiguousColumn, GroupingError, DatatypeMismatch, MomentOutOfRange … What parses but is not there yet is
// FeatureNotSupported with its name. Free functions; one thread at a time. The tree may be dropped after.
#pragma once

#include "plan/environment.h"
#include "plan/write.h"
#include "sql/ast.h"

namespace drift::plan {

/// Binds and optimizes a query; the root's columns are the result's.
Result<NodePtr> bindQuery(const sql::Query& query, const BindEnvironment& environment);

/// Binds a query, INSERT, UPDATE, DELETE or MERGE with the parts of its WITH that write; the same as bindQuery() where a
/// query has none.
Result<BoundStatement> bindStatement(const sql::Statement& statement, const BindEnvironment& environment);
/// Binds the deletion of all rows.
Result<BoundDelete> bindTruncate(const catalog::TableRef& table, const BindEnvironment& environment);

/// Converts and completes rows that come from a program: the input has `inputs`, named by `names`.
/// Gives the expressions of the table's columns over them.
Result<std::vector<ExpressionPtr>> bindAppend(const catalog::Table& table, std::span<const std::string> names,
                                              std::span<const Column> inputs, const BindEnvironment& environment);

/// Gives a new table or view a column for each that its query produces, under the first of `names` as far as they go.
/// DuplicateColumn at `span`.
Status addResultColumns(catalog::Table& table, std::span<const Column> produced,
                        std::span<const sql::Identifier> names, SourceSpan span);

/// Binds the query of a new view, whose text is `text` at `query.span`: the view without its id and name. * is written
/// out in the text that it keeps, so that it means the same later.
Result<catalog::Table> bindViewDefinition(const sql::CreateView& create, std::string_view text,
                                          const BindEnvironment& environment);

/// Binds the CHECK constraints of a table.
Result<std::vector<BoundCheck>> bindChecks(const catalog::Table& table, const BindEnvironment& environment);
/// Binds the text of a DEFAULT to an expression of the column's type; NULL where there is none.
Result<ExpressionPtr> bindDefault(const catalog::Column& column, const BindEnvironment& environment);

/// Gives the table that a name means in the transaction's own view. UndefinedTable, WrongObjectType for a view.
Result<catalog::TableRef> bindTable(const sql::QualifiedName& name, const BindEnvironment& environment);
/// The same of what has rows of its own: a materialized view, too.
Result<catalog::TableRef> bindStored(const sql::QualifiedName& name, const BindEnvironment& environment);
/// Error for a temporary table where a history is asked for.
Error noHistory(const std::string& table, SourceSpan span);
/// Gives the bare name of a table to be made. UndefinedTable for another schema than public.
Result<std::string> bindNewName(const sql::QualifiedName& name, const BindEnvironment& environment);
/// Gives the commit that a point in history means; nothing = the newest.
Result<std::optional<CommitNumber>> bindMoment(const sql::Moment& moment, const BindEnvironment& environment);

}  // namespace drift::plan
