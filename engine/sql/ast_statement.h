// Statements of the syntax tree. See ast.h for ownership and spans.
#pragma once

#include "sql/ast_query.h"

namespace drift::sql {

enum class DropBehavior : std::uint8_t { Restrict, Cascade };

enum class ColumnConstraintKind : std::uint8_t {
  NotNull, Null, Default, PrimaryKey, Unique, Check, Identity, References, Generated,
};

enum class ReferenceAction : std::uint8_t { NoAction, Restrict, Cascade, SetNull, SetDefault };

/// REFERENCES table [(columns)] [ON DELETE …] [ON UPDATE …]. MATCH SIMPLE.
struct References {
  QualifiedName table;
  std::vector<Identifier> columns;  ///< empty: its primary key
  ReferenceAction onDelete = ReferenceAction::NoAction;
  ReferenceAction onUpdate = ReferenceAction::NoAction;
  std::vector<Identifier> setColumns;  ///< ON DELETE SET NULL | SET DEFAULT (columns); empty: all
};

/// When a constraint holds: NOT VALID, [NOT] DEFERRABLE, INITIALLY DEFERRED | IMMEDIATE.
struct ConstraintTiming {
  bool notValid = false;
  bool deferrable = false;
  bool initiallyDeferred = false;
};

/// The options of a sequence that were given.
struct SequenceOptions {
  std::optional<TypeName> type;
  std::optional<std::int64_t> increment;
  std::optional<std::int64_t> minimum;
  std::optional<std::int64_t> maximum;
  std::optional<std::int64_t> start;
  std::optional<std::int64_t> cache;
  std::optional<std::int64_t> restartWith;
  std::optional<bool> cycle;
  bool noMinimum = false;
  bool noMaximum = false;
  bool restart = false;
  bool ownedByNone = false;
  std::optional<QualifiedName> ownedBy;  ///< table.column
  SourceSpan span;
};

struct ColumnConstraint {
  std::optional<Identifier> name;
  ColumnConstraintKind kind = ColumnConstraintKind::NotNull;
  ExpressionPtr expression;  ///< of Default, Check and Generated; its span slices the text to store
  bool always = false;       ///< of Identity: GENERATED ALWAYS, else BY DEFAULT
  std::optional<References> references;  ///< of References
  std::optional<SequenceOptions> sequence;  ///< of Identity: options in parentheses
  ConstraintTiming timing{};
  SourceSpan span;
};

struct ColumnDefinition {
  Identifier name;
  TypeName type;
  std::vector<ColumnConstraint> constraints;
  SourceSpan span;
};

enum class TableConstraintKind : std::uint8_t { PrimaryKey, Unique, Check, ForeignKey };

struct TableConstraint {
  std::optional<Identifier> name;
  TableConstraintKind kind = TableConstraintKind::Check;
  std::vector<Identifier> columns;  ///< of PrimaryKey, Unique and ForeignKey
  ExpressionPtr expression;         ///< of Check
  std::optional<References> references;  ///< of ForeignKey
  ConstraintTiming timing{};
  SourceSpan span;
};

/// LIKE table [INCLUDING | EXCLUDING what …].
struct LikeTable {
  QualifiedName table;
  std::size_t before = 0;  ///< its columns come before the one at this position of CreateTable::columns
  bool defaults = false;
  bool constraints = false;  ///< CHECK; NOT NULL comes along in any case
  bool identity = false;
  bool indexes = false;  ///< and the primary key, and UNIQUE
  bool generated = false;
  bool comments = false;  ///< of what is copied
};

/// What becomes of a temporary table's rows, or of the table, at the end of a transaction.
enum class OnCommit : std::uint8_t { PreserveRows, DeleteRows, Drop };

struct CreateTable {
  bool temporary = false;
  OnCommit onCommit = OnCommit::PreserveRows;
  bool ifNotExists = false;
  QualifiedName name;
  std::vector<ColumnDefinition> columns;
  std::vector<TableConstraint> constraints;
  std::vector<LikeTable> likes;
};

struct CreateTableAs {
  bool ifNotExists = false;
  QualifiedName name;
  std::vector<Identifier> columns;  ///< empty: the query's names
  QueryPtr query;
  bool withData = true;
  bool temporary = false;
  OnCommit onCommit = OnCommit::PreserveRows;
};

struct DropTable {
  bool ifExists = false;
  std::vector<QualifiedName> names;
  DropBehavior behavior = DropBehavior::Restrict;
};

/// CREATE [OR REPLACE] VIEW, CREATE MATERIALIZED VIEW. The span of the query slices the text to store.
struct CreateView {
  bool orReplace = false;
  QualifiedName name;
  std::vector<Identifier> columns;  ///< empty: the query's names
  QueryPtr query;
  bool materialized = false;
  bool ifNotExists = false;  ///< of materialized ones
  bool withData = true;      ///< of materialized ones
};

/// REFRESH MATERIALIZED VIEW [CONCURRENTLY] name [WITH [NO] DATA].
struct RefreshView {
  bool concurrently = false;
  QualifiedName name;
  bool withData = true;
};

struct DropView {
  bool materialized = false;
  bool ifExists = false;
  std::vector<QualifiedName> names;
  DropBehavior behavior = DropBehavior::Restrict;
};

/// column | function(…) | (expression), with an order.
struct IndexElement {
  Identifier column;         ///< unused with an expression
  ExpressionPtr expression;  ///< null: the column; its span slices the text to store
  bool descending = false;
  NullsOrder nulls = NullsOrder::Default;
};

struct CreateIndex {
  bool unique = false;
  bool concurrently = false;
  bool ifNotExists = false;
  std::optional<Identifier> name;
  QualifiedName table;
  std::vector<IndexElement> elements;  ///< at least one
  ExpressionPtr where;                 ///< null: all rows; its span slices the text to store
};

struct DropIndex {
  bool concurrently = false;
  bool ifExists = false;
  std::vector<QualifiedName> names;
  DropBehavior behavior = DropBehavior::Restrict;
};

/// ALTER INDEX … RENAME TO.
struct RenameIndex {
  bool ifExists = false;
  QualifiedName name;
  Identifier to;
};

struct AddConstraint {
  TableConstraint constraint;
};

struct DropConstraint {
  bool ifExists = false;
  Identifier name;
  DropBehavior behavior = DropBehavior::Restrict;
};

struct AddColumn {
  bool ifNotExists = false;
  ColumnDefinition column;
};

struct CreateSequence {
  bool ifNotExists = false;
  QualifiedName name;
  SequenceOptions options;
};

struct AlterSequence {
  bool ifExists = false;
  QualifiedName name;
  SequenceOptions options;
  std::optional<Identifier> renameTo;  ///< RENAME TO; there are no options then
};

enum class CommentTarget : std::uint8_t {
  Table, Column, View, MaterializedView, Index, Sequence, Constraint, Function,
};

/// COMMENT ON target IS text.
struct Comment {
  CommentTarget target = CommentTarget::Table;
  QualifiedName name;                                    ///< of a column: the relation, then the column
  std::optional<Identifier> constraint;                  ///< of Constraint; `name` is its table
  std::optional<std::vector<TypeName>> functionTypes;    ///< of Function: name(type, …)
  std::optional<std::string> text;                       ///< nothing: NULL takes the comment away
  SourceSpan span;
};

enum class Volatility : std::uint8_t { Volatile, Stable, Immutable };

/// One parameter of a function, or one column of RETURNS TABLE.
struct FunctionParameter {
  std::optional<Identifier> name;
  TypeName type;
  ExpressionPtr defaultValue;  ///< null: none; its span slices the text to store
  SourceSpan span;
};

/// CREATE [OR REPLACE] FUNCTION … LANGUAGE sql: the body is a text, or a query whose span slices it.
struct CreateFunction {
  bool orReplace = false;
  QualifiedName name;
  std::vector<FunctionParameter> parameters;
  std::optional<TypeName> returns;         ///< nothing: RETURNS TABLE
  bool setOf = false;                      ///< RETURNS SETOF
  std::vector<FunctionParameter> columns;  ///< of RETURNS TABLE
  std::string language = "sql";
  SourceSpan languageSpan;
  Volatility volatility = Volatility::Volatile;
  bool strict = false;
  std::optional<std::string> body;  ///< of AS
  SourceSpan bodySpan;
  StatementPtr query;               ///< of RETURN and BEGIN ATOMIC, where `body` is not set; null: it has no statement
  bool returnsExpression = false;   ///< RETURN: `bodySpan` is an expression
  SourceSpan span;
};

/// A function with the types of its arguments, where these are given.
struct FunctionSignature {
  QualifiedName name;
  std::optional<std::vector<TypeName>> types;
};

struct DropFunction {
  bool ifExists = false;
  std::vector<FunctionSignature> functions;
  DropBehavior behavior = DropBehavior::Restrict;
};

struct DropSequence {
  bool ifExists = false;
  std::vector<QualifiedName> names;
  DropBehavior behavior = DropBehavior::Restrict;
};

enum class AlterColumnKind : std::uint8_t {
  SetDefault, DropDefault, SetNotNull, DropNotNull, SetType, DropExpression,
};

/// ALTER [COLUMN] column SET DEFAULT expression | DROP DEFAULT | SET NOT NULL | DROP NOT NULL |
/// [SET DATA] TYPE type [USING expression] | DROP EXPRESSION [IF EXISTS].
struct AlterColumn {
  Identifier column;
  AlterColumnKind kind = AlterColumnKind::SetDefault;
  ExpressionPtr expression;      ///< of SetDefault: its span slices the text to store; of SetType: USING, or null
  std::optional<TypeName> type;  ///< of SetType
  bool ifExists = false;         ///< of DropExpression
  SourceSpan span;
};

/// VALIDATE CONSTRAINT name.
struct ValidateConstraint {
  Identifier name;
};

/// RENAME CONSTRAINT from TO to.
struct RenameConstraint {
  Identifier from;
  Identifier to;
};

struct DropColumn {
  bool ifExists = false;
  Identifier column;
  DropBehavior behavior = DropBehavior::Restrict;
};

struct RenameColumn {
  Identifier from;
  Identifier to;
};

struct RenameTable {
  Identifier to;
};

struct AlterTable {
  bool ifExists = false;
  QualifiedName name;
  /// At least one.
  std::vector<
      std::variant<AddColumn, DropColumn, RenameColumn, RenameTable, AddConstraint, DropConstraint, AlterColumn,
                   RenameConstraint, ValidateConstraint>>
      actions;
};

struct Assignment {
  Identifier column;
  ExpressionPtr value;  ///< may be DefaultMarker
  SourceSpan span;
};

/// OVERRIDING SYSTEM VALUE: values for identity columns count; OVERRIDING USER VALUE: they are left out.
enum class Overriding : std::uint8_t { None, System, User };

/// ON CONFLICT (elements) [WHERE …] | ON CONSTRAINT constraint, or neither: any unique constraint.
struct ConflictClause {
  std::vector<IndexElement> elements;  ///< without an order
  ExpressionPtr elementsWhere;         ///< what chooses among partial indexes; null: nothing
  std::optional<Identifier> constraint;
  bool update = false;  ///< DO UPDATE; else DO NOTHING
  std::vector<Assignment> assignments;
  ExpressionPtr where;  ///< of DO UPDATE; null: every row
  SourceSpan span;
};

/// INSERT INTO table [(columns)] query | DEFAULT VALUES. VALUES is a query whose rows may hold DefaultMarker.
struct Insert {
  std::optional<WithClause> with;
  QualifiedName table;
  std::optional<Alias> alias;
  std::vector<Identifier> columns;  ///< empty: all, in order
  QueryPtr source;                  ///< null: DEFAULT VALUES
  Overriding overriding = Overriding::None;
  std::optional<ConflictClause> onConflict;
  std::vector<SelectItem> returning;
};

struct Update {
  std::optional<WithClause> with;
  QualifiedName table;
  std::optional<Alias> alias;
  std::vector<Assignment> assignments;
  std::vector<FromItemPtr> from;
  ExpressionPtr where;  ///< null: every row
  std::vector<SelectItem> returning;
};

struct Delete {
  std::optional<WithClause> with;
  QualifiedName table;
  std::optional<Alias> alias;
  std::vector<FromItemPtr> usingItems;
  ExpressionPtr where;  ///< null: every row
  std::vector<SelectItem> returning;
};

enum class MergeAction : std::uint8_t { Nothing, Update, Delete, Insert };

/// WHEN [NOT] MATCHED [AND condition] THEN action.
struct MergeWhen {
  bool matched = false;
  ExpressionPtr condition;  ///< null: all
  MergeAction action = MergeAction::Nothing;
  std::vector<Assignment> assignments;  ///< of Update
  std::vector<Identifier> columns;      ///< of Insert; empty: all, in order
  std::vector<ExpressionPtr> values;    ///< of Insert, may be DefaultMarker; empty: DEFAULT VALUES
  Overriding overriding = Overriding::None;
  SourceSpan span;
};

/// MERGE INTO table USING source ON condition WHEN ….
struct Merge {
  std::optional<WithClause> with;
  QualifiedName table;
  std::optional<Alias> alias;
  FromItemPtr source;
  ExpressionPtr on;
  std::vector<MergeWhen> whens;  ///< at least one
};

/// PREPARE name [(type, …)] AS statement.
struct Prepare {
  Identifier name;
  std::vector<TypeName> types;
  StatementPtr statement;
};

/// EXECUTE name [(value, …)].
struct ExecutePrepared {
  Identifier name;
  std::vector<ExpressionPtr> arguments;
  SourceSpan span;
};

/// DEALLOCATE name; no name: ALL.
struct Deallocate {
  std::optional<Identifier> name;
};

/// DECLARE name [NO] SCROLL CURSOR [WITH HOLD] FOR query.
struct DeclareCursor {
  Identifier name;
  bool forwardOnly = false;  ///< NO SCROLL
  bool hold = false;
  StatementPtr query;
};

/// Where FETCH and MOVE go: rows from the place, to a row by its number, or by a number of rows.
enum class FetchKind : std::uint8_t { Forward, Backward, Absolute, Relative };

/// FETCH | MOVE direction FROM cursor. FIRST is Absolute 1, LAST is Absolute -1.
struct Fetch {
  Identifier cursor;
  FetchKind kind = FetchKind::Forward;
  std::optional<std::int64_t> count = 1;  ///< nothing: ALL
  bool move = false;
};

/// CLOSE name; no name: ALL.
struct CloseCursor {
  std::optional<Identifier> name;
};

/// DELETE HISTORY FROM t BEFORE p.
struct DeleteHistory {
  QualifiedName table;
  Moment before;
};

/// One option of COPY: FORMAT csv, HEADER, FORCE_QUOTE (a, b) …; old spellings are given the new names.
struct CopyOption {
  Identifier name;
  std::optional<std::string> value;
  std::vector<Identifier> columns;  ///< of FORCE_QUOTE, FORCE_NULL and FORCE_NOT_NULL
  bool allColumns = false;          ///< FORCE_QUOTE *
};

/// COPY table [(columns)] FROM 'path' | COPY table [(columns)] TO 'path' | COPY (query) TO 'path'.
struct Copy {
  QualifiedName table;              ///< unused with a query
  std::vector<Identifier> columns;  ///< empty: all, in order
  QueryPtr query;                   ///< null: the table
  bool from = false;
  std::string path;
  SourceSpan pathSpan;
  std::vector<CopyOption> options;
};

struct Truncate {
  std::vector<QualifiedName> names;
  DropBehavior behavior = DropBehavior::Restrict;
};

enum class IsolationLevel : std::uint8_t { ReadUncommitted, ReadCommitted, RepeatableRead, Serializable };

/// ISOLATION LEVEL …, READ ONLY | READ WRITE, in any order.
struct TransactionModes {
  std::optional<IsolationLevel> isolation;
  std::optional<bool> readOnly;
};

struct BeginTransaction {
  TransactionModes modes;
  std::unique_ptr<Moment> asOf;  ///< AS OF SYSTEM TIME p, or null
};

struct CommitTransaction {};
struct RollbackTransaction {};

struct Savepoint {
  Identifier name;
};

struct RollbackToSavepoint {
  Identifier name;
};

struct ReleaseSavepoint {
  Identifier name;
};

/// SET TRANSACTION … (this one), or SET SESSION CHARACTERISTICS AS TRANSACTION … (the next ones too).
struct SetTransaction {
  TransactionModes modes;
  bool session = false;
};

/// SET CONSTRAINTS ALL | name, … DEFERRED | IMMEDIATE.
struct SetConstraints {
  std::vector<QualifiedName> names;  ///< empty: ALL
  bool deferred = false;
};

enum class SettingScope : std::uint8_t { Session, Local };

/// SET [SESSION|LOCAL] name = value, …; no values: DEFAULT. Names and bare words are lower case.
struct SetVariable {
  SettingScope scope = SettingScope::Session;
  std::string name;
  std::vector<std::string> values;
  SourceSpan nameSpan;
};

/// RESET name; an empty name is ALL.
struct ResetVariable {
  std::string name;
  SourceSpan nameSpan;
};

/// SHOW name; an empty name is ALL.
struct ShowVariable {
  std::string name;
  SourceSpan nameSpan;
};

/// SET SYSTEM_TIME = p.
struct SetSystemTime {
  Moment moment;
};

struct ResetSystemTime {};
struct ShowSystemTime {};

/// EXPLAIN [ANALYZE] [VERBOSE] statement. Options in parentheses that are not these, and TIMING, are refused.
struct Explain {
  bool analyze = false;
  bool verbose = false;
  bool timing = true;  ///< of ANALYZE
  StatementPtr statement;
};

using StatementNode =
    std::variant<QueryPtr, CreateTable, CreateTableAs, DropTable, AlterTable, CreateIndex, DropIndex, RenameIndex,
                 Insert, Update, Delete, Truncate, BeginTransaction, CommitTransaction, RollbackTransaction, Savepoint,
                 RollbackToSavepoint, ReleaseSavepoint, SetTransaction, SetVariable, ResetVariable, ShowVariable,
                 SetSystemTime, ResetSystemTime, ShowSystemTime, Explain, DeleteHistory, CreateView, DropView, Copy,
                 CreateSequence, AlterSequence, DropSequence, Merge, Prepare, ExecutePrepared, Deallocate,
                 DeclareCursor, Fetch, CloseCursor, SetConstraints, Comment, RefreshView, CreateFunction,
                 DropFunction>;

/// One statement: its place (without the semicolon) and its form.
struct Statement {
  SourceSpan span;
  StatementNode node;
  std::uint32_t parameterMax = 0;  ///< highest $n in the text; 0 = none
  bool takesNumbers = false;       ///< it calls nextval() or setval(), and so writes
  bool changesInWith = false;      ///< a table of a WITH in it is an INSERT, UPDATE or DELETE
};

}  // namespace drift::sql
