// Queries of the syntax tree: SELECT, VALUES, set operations, FROM. See ast.h for ownership and spans.
#pragma once

#include "sql/ast_expression.h"

namespace drift::sql {

struct FromItem;
using FromItemPtr = std::unique_ptr<FromItem>;

struct Statement;
using StatementPtr = std::unique_ptr<Statement>;

enum class TimeRangeKind : std::uint8_t {
  AsOf,         ///< rows with start <= low < end
  FromTo,       ///< versions with start < high and end > low
  Between,      ///< versions with start <= high and end > low
  ContainedIn,  ///< versions that lie wholly within [low, high]
  All,          ///< every version
};

/// FOR SYSTEM_TIME … after a table, or its short form AS OF p.
struct TimeClause {
  TimeRangeKind kind = TimeRangeKind::All;
  Moment low;   ///< AsOf: the point
  Moment high;  ///< unused by AsOf and All
  SourceSpan span;
};

/// AS name [(column, …)].
struct Alias {
  Identifier name;
  std::vector<Identifier> columns;
};

/// TABLESAMPLE method (percent) [REPEATABLE (seed)].
struct TableSample {
  Identifier method;
  std::vector<ExpressionPtr> arguments;
  ExpressionPtr seed;  ///< null: another sample each time
  SourceSpan span;
};

struct TableReference {
  QualifiedName name;
  std::unique_ptr<TimeClause> time;  ///< null: the query's, transaction's or session's moment
  std::optional<Alias> alias;
  std::unique_ptr<TableSample> sample;  ///< null: all rows
};

/// (query) AS alias; the alias may be missing, as in PostgreSQL 16.
struct DerivedTable {
  QueryPtr query;
  bool lateral = false;
  std::optional<Alias> alias;
};

/// function(argument, …) in FROM. A table argument is a ColumnReference or a string literal, a moment is a
/// MomentExpression or any expression: diff(t, COMMIT 3, LATEST).
struct TableFunction {
  QualifiedName name;
  std::vector<ExpressionPtr> arguments;
  std::vector<Identifier> names;  ///< of the last arguments: name => value
  bool lateral = false;
  bool withOrdinality = false;
  std::optional<Alias> alias;
};

enum class JoinKind : std::uint8_t { Inner, Left, Right, Full, Cross };

struct Join {
  JoinKind kind = JoinKind::Inner;
  FromItemPtr left;
  FromItemPtr right;
  bool natural = false;
  std::vector<Identifier> usingColumns;  ///< empty: not USING
  ExpressionPtr on;                      ///< null: not ON
};

/// One item of FROM.
struct FromItem {
  SourceSpan span;
  std::variant<TableReference, DerivedTable, TableFunction, Join> node;
};

/// One column of a result: an expression (or Star) with an optional name.
struct SelectItem {
  ExpressionPtr expression;
  std::optional<Identifier> alias;
  SourceSpan span;
};

struct NamedWindow {
  Identifier name;
  WindowDefinition definition;
};

/// The expressions that one grouping set groups by, as positions in SelectBody::groupBy.
using GroupingSet = std::vector<std::uint32_t>;

/// SELECT … FROM … WHERE … GROUP BY … HAVING … WINDOW.
struct SelectBody {
  bool distinct = false;
  std::vector<ExpressionPtr> distinctOn;  ///< DISTINCT ON (…); `distinct` is then false
  std::vector<SelectItem> items;
  std::vector<FromItemPtr> from;          ///< items parted by commas
  ExpressionPtr where;
  std::vector<ExpressionPtr> groupBy;     ///< a bare integer literal is an ordinal
  std::vector<GroupingSet> groupingSets;  ///< of GROUPING SETS, ROLLUP, CUBE, multiplied out; empty: one of all
  bool distinctGroupingSets = false;      ///< GROUP BY DISTINCT
  ExpressionPtr having;
  std::vector<NamedWindow> windows;
};

/// VALUES (…), (…). All rows have the same length, at least one.
struct ValuesBody {
  std::vector<std::vector<ExpressionPtr>> rows;
};

enum class SetOperator : std::uint8_t { Union, Intersect, Except };

struct QueryBody;

/// Two or more arms combined from the left: ((a op b) op c). A chain of one operator is one node.
struct SetOperation {
  SetOperator op = SetOperator::Union;
  bool all = false;
  std::vector<QueryBody> arms;
};

/// What a query selects from: a SELECT, VALUES, a set operation, or a parenthesised query with its own
/// ORDER BY and LIMIT.
struct QueryBody {
  SourceSpan span;
  std::variant<SelectBody, ValuesBody, SetOperation, QueryPtr> node;
};

enum class Materialization : std::uint8_t { Default, Always, Never };

struct CommonTable {
  Identifier name;
  std::vector<Identifier> columns;
  QueryPtr query;       ///< null: `change`
  StatementPtr change;  ///< INSERT, UPDATE or DELETE; or null
  Materialization materialization = Materialization::Default;
  SourceSpan span;
};

/// WITH [RECURSIVE] name AS (query), …
struct WithClause {
  bool recursive = false;
  std::vector<CommonTable> tables;
  SourceSpan span;
};

/// A whole query: WITH, body, ORDER BY, LIMIT, OFFSET, and the moment of AS OF SYSTEM TIME.
struct Query {
  SourceSpan span;
  std::optional<WithClause> with;
  QueryBody body;
  std::vector<OrderItem> orderBy;
  ExpressionPtr limit;            ///< null: no limit (LIMIT ALL and LIMIT NULL too)
  bool withTies = false;          ///< FETCH FIRST n ROWS WITH TIES
  ExpressionPtr offset;
  std::unique_ptr<Moment> asOf;   ///< AS OF SYSTEM TIME p, or null
  std::uint32_t height = 0;       ///< as Expression::height
};

}  // namespace drift::sql
