// What CREATE TABLE and ALTER TABLE share: columns from their definitions, and names of constraints as
// PostgreSQL chooses them. Free functions; one thread at a time.
#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "catalog/function.h"
#include "catalog/table.h"
#include "exec/executions.h"
#include "plan/conversion.h"

namespace drift::exec {

/// Makes a column of a definition: type, NOT NULL, DEFAULT; its id is the table's next one. Names of system
/// columns and names that the table has are DuplicateColumn. PRIMARY KEY, UNIQUE and CHECK are left out.
Result<catalog::Column> makeColumn(const sql::ColumnDefinition& definition, catalog::Table& table,
                                   const WriteContext& context);
/// Refuses a column name that a system column has: DuplicateColumn.
Status refuseSystemName(const sql::Identifier& name);
/// Adds a CHECK constraint. DuplicateObject for a name that the table has.
Status addCheck(catalog::Table& table, const std::optional<sql::Identifier>& name, std::string_view suggested,
                const sql::Expression& condition, const WriteContext& context);
/// Lets what a table keeps as text, its CHECK constraints, indexes and generated columns, follow a new name: of the column
/// `renamed`, or without it of the table itself.
Status rewriteTexts(catalog::Table& table, std::optional<std::string_view> renamed, const std::string& name,
                     const WriteContext& context);
/// What a column is to have in rows that are there, over the table's columns as they were.
struct NewValue {
  ColumnId column = 0;
  plan::RowValue row;
};
/// Writes rows anew under a changed definition, with new values in some columns. UNIQUE, CHECK, NOT NULL and foreign
/// keys are not asked.
Status rewriteRows(const catalog::Table& before, const catalog::Table& after, const std::vector<NewValue>& values,
                   const WriteContext& context);
/// Refuses to change the type of a column of a table that views read: FeatureNotSupported.
Status refuseTypeChange(const catalog::Table& table, const std::string& column, SourceSpan span,
                        const WriteContext& context);
/// Gives the first of "base", "base1", "base2" … that no constraint of the table has.
std::string freeConstraintName(const catalog::Table& table, const std::string& base);
/// Gives PostgreSQL's name for an index or what stands on one: "table_columns_label", both parts shortened until it
/// fits, with a number behind it where that is taken. `columns` may be empty. The table itself counts as it is given.
Result<std::string> freeIndexName(const catalog::Table& table, std::string columns, std::string_view label,
                                  const WriteContext& context);
/// The columns of an index for freeIndexName(): their names, or those that expressions get, joined.
std::string indexNameParts(const catalog::Table& table, const std::vector<catalog::IndexColumn>& columns);
/// Refuses a name for an index, or what stands on one, that a table or another index has: DuplicateTable.
Status requireFreeIndexName(const catalog::Table& table, const sql::Identifier& name, const WriteContext& context);
/// True if a table or an index of the schema has that name. The table itself counts as it is given.
Result<bool> isNameTaken(std::string_view name, const catalog::Table& table, const WriteContext& context);
/// Makes columns of the table its primary key, and NOT NULL. InvalidTableDefinition where it has one, DuplicateTable.
Status addPrimaryKey(catalog::Table& table, std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name,
                     SourceSpan span, const WriteContext& context);
/// Adds a UNIQUE constraint on columns of the table; its tree is still to be allocated. DuplicateObject,
/// DuplicateTable.
Status addUnique(catalog::Table& table, std::vector<ColumnId> columns, const std::optional<sql::Identifier>& name,
                 const WriteContext& context);
/// Adds a FOREIGN KEY constraint on columns of the table, which has its id. InvalidForeignKey, DatatypeMismatch and
/// others, as PostgreSQL says them.
Status addForeignKey(catalog::Table& table, const std::optional<sql::Identifier>& name,
                     std::span<const sql::Identifier> columns, const sql::References& references, SourceSpan span,
                     const WriteContext& context);
/// Sets what options say of a sequence, and for a new one what they leave open. InvalidParameterValue.
Status setSequence(catalog::Sequence& sequence, const sql::SequenceOptions& options, bool isNew);
/// Makes a sequence under a name that is free.
Status storeSequence(std::string name, TreeId tree, catalog::Sequence sequence, const WriteContext& context);
/// Drops the sequences that a table, or one of its columns, owns.
Status dropOwnedSequences(TreeId table, std::optional<ColumnId> column, const WriteContext& context);
/// Notes in a definition whether it refers to itself.
void noteOwnReference(catalog::Table& table);
/// Notes with the tables that a table refers to that it does so since now, or no more. Null: it was not there before, or
/// is not now.
Status noteReferences(const catalog::Table* before, const catalog::Table* after, const WriteContext& context);
/// Refuses what would take from a table what foreign keys to it need: DependentObjects, with what is done in
/// `words` ("drop table t"). With `cascade` these foreign keys are dropped instead. `needs` tells which ones are
/// concerned; `what` is what they need ("table t"). `also`: ids that are dropped with it.
Status dropReferences(catalog::Table& table, const std::function<bool(const catalog::ForeignKey&)>& needs,
                      std::string_view words, std::string_view what, bool cascade, std::span<const TreeId> also,
                      const WriteContext& context);
/// Looks up the columns of a PRIMARY KEY or UNIQUE constraint: UndefinedColumn, DuplicateColumn.
Result<std::vector<ColumnId>> constraintColumns(const catalog::Table& table, const sql::TableConstraint& constraint);
/// True if a constraint of the table has that name.
bool hasConstraint(const catalog::Table& table, std::string_view name);
/// The text of a node of the statement.
std::string_view sliceOf(SourceSpan span, const WriteContext& context);
/// Refuses to rename what views name: FeatureNotSupported. Their queries are kept as text.
Status refuseRename(const catalog::Table& table, SourceSpan span, const WriteContext& context);
/// Gives the first of `count` unused ids in a row for what belongs to a table: those of a temporary one are such, too.
Result<TreeId> allocateFor(bool temporary, std::uint32_t count, const WriteContext& context);
/// The statement that drops a relation of its kind, as a hint.
std::string dropHint(const catalog::Table& table);
/// Makes a materialized view of a definition without an id, with the rows of its query.
Result<ExecutionPtr> runCreateMaterialized(catalog::Table view, const sql::CreateView& create,
                                           const WriteContext& context);
/// The same as dropDependents() for what is known by its id alone; `words` name it ("drop function f(integer)"), and so
/// does `what` ("function f(integer)").
Status dropDependentsOf(TreeId id, std::string_view words, std::string_view what, bool cascade,
                        std::span<const TreeId> also, const WriteContext& context);
/// Gives the function that a name means, with the types of its arguments where these are given. UndefinedFunction,
/// AmbiguousFunction.
Result<catalog::FunctionRef> findFunction(const sql::QualifiedName& name,
                                          const std::optional<std::vector<sql::TypeName>>& types,
                                          const WriteContext& context);
/// Refuses what would take something away from views that read a table: DependentObjects, with what is done to it in
/// `words` ("drop table"). With `cascade` the views are dropped instead. `also`: ids that are dropped with it.
Status dropDependents(const catalog::Table& table, std::string_view words, bool cascade, std::span<const TreeId> also,
                      const WriteContext& context);

}  // namespace drift::exec
