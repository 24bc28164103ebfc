// Node: a plan: a tree of relational operations as plain data. The binder makes it, the optimizer rewrites
// it, exec builds operators from it. Names are gone: tables are definitions with ids, columns are slots.
//
// Thread rule: plain data, one thread at a time; nodes own their inputs. EXPLAIN prints it with explain().
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "catalog/table.h"
#include "plan/expression.h"
#include "types/value_range.h"

namespace drift::plan {

using NodePtr = std::unique_ptr<Node>;

/// A column that a node produces.
struct Column {
  Slot slot = 0;
  types::Type type;
  std::string name;             ///< for results and EXPLAIN; nothing is looked up by it
  std::optional<TreeId> table;  ///< set where it is a plain column of a table
  std::optional<ColumnId> column;
};

/// Columns that tables have beside their own, there when named.
enum class SystemColumn : std::uint8_t {
  Start,   ///< sys_start, TIMESTAMPTZ: time of the commit that made the version; NULL for own uncommitted rows
  End,     ///< sys_end, TIMESTAMPTZ: time of the commit that ended it; NULL while it lives
  Seq,     ///< sys_seq, BIGINT: number of the commit that made it; NULL for own uncommitted rows
  EndSeq,  ///< sys_end_seq, BIGINT: number of the commit that ended it; NULL while it lives
  Op,      ///< sys_op, TEXT: 'insert' or 'update'
  Author,  ///< sys_author, TEXT: author of the commit that made it
  Key,     ///< the row's encoded key, BYTEA; has no name, UPDATE and DELETE find their rows by it
};

/// One column that a scan reads: a column of the table or a system column.
struct ScanColumn {
  Slot slot = 0;
  std::optional<catalog::Column> column;
  std::optional<SystemColumn> system;
};

/// Versions whose life meets a span, in commit numbers: start < startBelow and end > endAbove, and
/// start >= startMin and end <= endMax (a live version ends at kNoCommit).
struct VersionSpan {
  CommitNumber endAbove = 0;
  CommitNumber startBelow = kNoCommit;
  CommitNumber startMin = 0;
  CommitNumber endMax = kNoCommit;
};

/// Half-open range of encoded keys; an absent bound is open.
struct KeyBounds {
  std::optional<std::string> from;
  std::optional<std::string> to;
};

/// Finding rows by an index: the entries of some ranges of its keys, and then their rows.
struct IndexUse {
  catalog::Index index;
  std::vector<KeyBounds> ranges;  ///< rising, apart from each other
  bool ordered = false;           ///< rows come in the order of the index, or backwards; else in any order
};

/// What is wanted of a column. Other rows may come as well.
struct ColumnWant {
  catalog::Column column;
  types::ValueRange values;
};

/// Rows of a table by key.
struct Scan {
  catalog::TableRef table;
  std::optional<CommitNumber> moment;   ///< nothing = the transaction's own view
  std::optional<VersionSpan> versions;  ///< set: versions instead of the rows of one moment
  std::vector<ScanColumn> columns;
  KeyBounds bounds;
  std::optional<std::string> key;  ///< set: the row with this key only
  bool keyIsExact = false;         ///< `key` says all that the filter right above says, which need not be asked
  std::uint64_t skipRows = 0;      ///< leaves out that many rows first
  /// Set: rows within one of these ranges only; rising, apart from each other, all within `bounds`.
  std::vector<KeyBounds> ranges;
  bool points = false;            ///< each of `ranges` has one key, its `from`
  std::optional<IndexUse> index;  ///< set: bounds, key, ranges and skipRows do not count
  bool backwards = false;         ///< from the last key to the first, of the table or of the index
  std::vector<ColumnWant> wanted;  ///< rows that do not have all of this need not come
};

/// Rows of expressions without input columns.
struct Values {
  std::vector<std::vector<ExpressionPtr>> rows;
};

/// commits(): number, time, author, message, inserted, updated, deleted, schema_changed.
struct CommitsFunction {
  CommitNumber last = 0;
};

/// diff(t, p, q): the net changes of a table between two commits: op, then each column as of `to`, then
/// each as of `from` with the prefix old_. `changed` are the columns in the order of the output.
struct DiffFunction {
  TreeId tree = 0;
  CommitNumber from = 0;
  CommitNumber to = 0;
  std::vector<catalog::Column> changed;
};

/// blame(t), blame(t, column): the rows of a table, each with the commit that made it what it is, or that gave the
/// column its value: the table's columns, then number, time, author and message of the commit.
struct BlameFunction {
  catalog::TableRef table;
  std::optional<CommitNumber> moment;     ///< nothing = the transaction's own view
  std::optional<catalog::Column> column;  ///< nothing = the whole row
  CommitNumber columnSince = 0;           ///< commit that added the column to the table, where that is known
};

/// history(t, key…): what became of the row under a key, from old to new: op, the table's columns, then number, time,
/// author and message of the commit. A deletion shows the key's columns only.
struct RowHistoryFunction {
  catalog::TableRef table;
  std::string key;
  std::vector<types::Value> keyValues;  ///< of the primary key's columns, in its order
  CommitNumber last = 0;                ///< later commits are left out
};

/// diff_stat(p, q): how many rows of each table differ between two commits: table_name, inserted, updated, deleted.
/// Tables without changes are left out.
struct DiffStatFunction {
  CommitNumber from = 0;
  CommitNumber to = 0;
  std::vector<catalog::TableRef> tables;
};

/// commit_changes(n): the rows that a commit changed: table_name, op, old_row, new_row (JSON).
struct CommitChangesFunction {
  CommitNumber number = 0;
  std::vector<catalog::TableRef> tables;  ///< as of the commit
};

/// generate_series(start, stop, step) over BIGINT.
struct SeriesFunction {
  ExpressionPtr start;
  ExpressionPtr stop;
  ExpressionPtr step;
};

/// For each row of inputs[0] the rows that functions give: as many as the longest of them has, with NULLs where another
/// one has ended. Columns: those of the input, then those of each call.
struct ProjectSet {
  std::vector<ExpressionPtr> calls;  ///< of kind SetFunction
};

/// Rows of inputs[0] with their number, from 1, as one more column: WITH ORDINALITY.
struct Ordinality {};

struct Filter {
  ExpressionPtr condition;
};

/// expressions[i] computes columns[i].
struct Project {
  std::vector<ExpressionPtr> expressions;
};

enum class JoinKind : std::uint8_t {
  Inner,
  Left,
  Right,
  Full,
  Semi,    ///< rows of inputs[0] that meet one of inputs[1], with the columns of inputs[0] alone
  Anti,    ///< rows of inputs[0] that meet none of inputs[1], with the columns of inputs[0] alone
  Single,  ///< Left, but a row that meets two or more is CardinalityViolation
};

/// True where the columns are those of both inputs; otherwise they are those of the first.
constexpr bool givesBothSides(JoinKind kind) { return kind != JoinKind::Semi && kind != JoinKind::Anti; }

/// inputs[0] with inputs[1]. Rows meet where all keys are equal and the condition holds.
struct Join {
  JoinKind kind = JoinKind::Inner;
  std::vector<std::pair<ExpressionPtr, ExpressionPtr>> keys;  ///< left = right, of one type; by the optimizer
  ExpressionPtr condition;                                    ///< what is left besides; null = none
  /// Slots of inputs[0] that inputs[1] reads (LATERAL): it runs anew for each row. Then there are no keys, and the kind
  /// is Inner or Left.
  std::vector<Slot> parameters;
};

/// Groups by `groups` (none: one group of all rows). Columns: the groups, then the aggregates.
struct Aggregate {
  std::vector<ExpressionPtr> groups;
  std::vector<ExpressionPtr> aggregates;  ///< of kind Aggregate
  /// Groups that are there without any row, too, as one of none is: all NULL but the last, an INTEGER, which is this.
  std::vector<std::int32_t> always{};
};

struct SortKey {
  ExpressionPtr expression;
  bool descending = false;
  bool nullsFirst = false;
};

/// Calls over windows that part and order rows alike: inputs[0] comes sorted by the partitions, then by the order.
/// Columns: those of the input, then the calls.
struct Window {
  std::vector<ExpressionPtr> partitions;
  std::vector<SortKey> order;
  std::vector<ExpressionPtr> calls;  ///< of kind Window, without what is in `partitions` and `order`
};

/// One row of each set of equal rows; with `on`, the first row of those that are equal in these expressions.
struct Distinct {
  std::vector<ExpressionPtr> on;
};

struct Sort {
  std::vector<SortKey> keys;
  std::optional<std::uint64_t> limit;  ///< set: only the first rows are needed
};

struct Limit {
  std::uint64_t offset = 0;
  std::optional<std::uint64_t> count;
};

/// All rows of all inputs (UNION ALL). Column i is column i of each input; types agree.
struct Append {};

enum class SetKind : std::uint8_t { Intersect, Except };

/// Rows of inputs[0] that are, or are not, in inputs[1]; NULLs are equal. With `all`, counted.
struct SetOperation {
  SetKind kind = SetKind::Intersect;
  bool all = false;
};

/// WITH RECURSIVE: the rows of inputs[0], then what `step` gives of those found last, until it gives none. Column i is
/// column i of both. `step` is a plan of its own, like a subquery.
struct Recursion {
  std::string name;
  std::uint32_t table = 0;  ///< tells its WorkTable from others
  bool all = false;         ///< UNION ALL; else rows that were there before are left out
  std::shared_ptr<Node> step;
};

/// Within a step: the rows found last. Beside a part of WITH that writes: what it returned.
struct WorkTable {
  std::string name;
  std::uint32_t table = 0;
  bool isStep = true;
};

struct Node {
  using Body = std::variant<Scan, Values, CommitsFunction, DiffFunction, BlameFunction, SeriesFunction, ProjectSet,
                            Ordinality, Filter, Project, Join, Aggregate, Window, Distinct, Sort, Limit, Append,
                            SetOperation, Recursion, WorkTable, RowHistoryFunction, DiffStatFunction,
                            CommitChangesFunction>;

  Node(Body operation, std::vector<Column> produced) : body(std::move(operation)), columns(std::move(produced)) {}

  Body body;
  std::vector<Column> columns;
  std::vector<NodePtr> inputs;
};

/// Makes a join; its columns are those of its inputs.
NodePtr makeJoin(JoinKind kind, NodePtr left, NodePtr right, ExpressionPtr condition);
/// Makes a node over one input that passes its columns on.
NodePtr makeOver(NodePtr input, Node::Body body);

/// Gives the plan as indented lines, one a node.
std::vector<std::string> explain(const Node& root);

}  // namespace drift::plan
