// Expressions of the syntax tree. See ast.h for ownership, spans and the bound on depth.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/error.h"

namespace drift::sql {

struct Expression;
struct Query;
using ExpressionPtr = std::unique_ptr<Expression>;
using QueryPtr = std::unique_ptr<Query>;

/// Deepest nesting of expressions and queries that the parser accepts; deeper is LimitExceeded.
inline constexpr std::uint32_t kNestingDepthMax = 1000;

/// A name as written: folded to lower case unless it was quoted.
struct Identifier {
  std::string text;
  bool quoted = false;
  SourceSpan span;
};

/// A name with optional qualifiers, outermost first: schema.table, table.column. Never empty.
struct QualifiedName {
  std::vector<Identifier> parts;
  SourceSpan span;

  const Identifier& last() const { return parts.back(); }
  /// Gives the parts joined by dots, for messages.
  std::string toString() const;
};

/// A type as written. Give it to resolveType() (sql/type_name.h).
struct TypeName {
  std::string name;                     ///< normal spelling: "integer", "timestamp with time zone"
  std::vector<std::int64_t> modifiers;  ///< NUMERIC(10, 2): {10, 2}
  bool array = false;                   ///< with [], [n] or ARRAY behind it, once or more often
  SourceSpan span;
};

enum class SortDirection : std::uint8_t { Ascending, Descending };
enum class NullsOrder : std::uint8_t { Default, First, Last };  ///< Default: last ascending, first descending

/// One item of ORDER BY. A bare integer literal is an ordinal (the binder decides).
struct OrderItem {
  ExpressionPtr expression;
  SortDirection direction = SortDirection::Ascending;
  NullsOrder nulls = NullsOrder::Default;
  SourceSpan span;
};

enum class MomentKind : std::uint8_t {
  Time,    ///< expression: a timestamp expression, or a string such as '2020-01-01' or '-1 hour'
  Commit,  ///< expression: an integer literal or a parameter (COMMIT n and @seq:n)
  Tag,     ///< name
  Branch,  ///< name: the newest commit of that branch
  Latest,
};

/// A point in history. Its expression names no columns.
struct Moment {
  MomentKind kind = MomentKind::Latest;
  ExpressionPtr expression;
  std::string name;
  SourceSpan span;
};

enum class LiteralKind : std::uint8_t {
  Null,
  Boolean,  ///< text is "true" or "false"
  Integer,  ///< text is decimal digits without sign; any length: integer, bigint or numeric by size
  Numeric,  ///< text has a point or an exponent
  String,   ///< text is the value, escapes resolved; type unknown until used
};

struct Literal {
  LiteralKind kind = LiteralKind::Null;
  std::string text;
};

/// column, table.column or schema.table.column.
struct ColumnReference {
  QualifiedName name;
};

/// * or table.*; only as an item of SELECT and RETURNING. No parts for a bare star.
struct Star {
  std::vector<Identifier> qualifier;
};

/// $1 is number 1.
struct ParameterReference {
  std::uint32_t number = 0;
};

/// A prefix operator: - + ~ @ |/ ||/ !!. NOT is NotExpression.
struct UnaryExpression {
  std::string op;
  SourceSpan opSpan;
  ExpressionPtr operand;
};

/// An infix operator with its registry name: + - * / % ^ = <> < <= > >= || ~ ~* !~ !~* & | # << >> …
/// "!=" is written as "<>". The left side may be a long spine (see ast.h).
struct BinaryExpression {
  std::string op;
  SourceSpan opSpan;
  ExpressionPtr left;
  ExpressionPtr right;
};

enum class LogicalOperator : std::uint8_t { And, Or };

/// AND or OR of two or more terms; a chain of the same operator is one node.
struct LogicalExpression {
  LogicalOperator op = LogicalOperator::And;
  std::vector<ExpressionPtr> operands;
};

struct NotExpression {
  ExpressionPtr operand;
};

enum class IsTestKind : std::uint8_t { Null, True, False, Unknown };

/// operand IS [NOT] NULL | TRUE | FALSE | UNKNOWN.
struct IsTest {
  ExpressionPtr operand;
  IsTestKind kind = IsTestKind::Null;
  bool negated = false;
};

/// left IS [NOT] DISTINCT FROM right.
struct DistinctTest {
  ExpressionPtr left;
  ExpressionPtr right;
  bool negated = false;  ///< IS NOT DISTINCT FROM
};

/// operand [NOT] LIKE | ILIKE pattern [ESCAPE escape]. Without ESCAPE the escape is a backslash.
struct LikeExpression {
  ExpressionPtr operand;
  ExpressionPtr pattern;
  ExpressionPtr escape;  ///< null: none given
  bool ignoreCase = false;
  bool negated = false;
};

struct BetweenExpression {
  ExpressionPtr operand;
  ExpressionPtr low;
  ExpressionPtr high;
  bool symmetric = false;
  bool negated = false;
};

/// operand [NOT] IN (item, …); at least one item.
struct InListExpression {
  ExpressionPtr operand;
  std::vector<ExpressionPtr> items;
  bool negated = false;
};

/// operand [NOT] IN (query).
struct InQueryExpression {
  ExpressionPtr operand;
  QueryPtr query;
  bool negated = false;
};

enum class Quantifier : std::uint8_t { Any, All };

/// left op ANY|SOME|ALL (query), (ARRAY[item, …]), or of another array expression; `query` and `array` are null where
/// it is not that. The items of a list are no arrays.
struct QuantifiedComparison {
  ExpressionPtr left;
  std::string op;
  SourceSpan opSpan;
  Quantifier quantifier = Quantifier::Any;
  QueryPtr query;
  ExpressionPtr array;
  std::vector<ExpressionPtr> items;
};

struct ExistsExpression {
  QueryPtr query;
};

struct ScalarSubquery {
  QueryPtr query;
};

struct CaseBranch {
  ExpressionPtr when;  ///< a condition, or a value to compare with the operand
  ExpressionPtr then;
};

struct CaseExpression {
  ExpressionPtr operand;  ///< null: the searched form
  std::vector<CaseBranch> branches;
  ExpressionPtr otherwise;  ///< null: NULL
};

enum class ConditionalKind : std::uint8_t { Coalesce, NullIf, Greatest, Least };

/// COALESCE, NULLIF (exactly two), GREATEST, LEAST; at least one argument.
struct ConditionalExpression {
  ConditionalKind kind = ConditionalKind::Coalesce;
  std::vector<ExpressionPtr> arguments;
};

enum class CastSyntax : std::uint8_t { Function, DoubleColon, TypedLiteral };

/// CAST(operand AS type), operand::type, or type 'text' (the operand is then a string literal).
struct CastExpression {
  ExpressionPtr operand;
  TypeName type;
  CastSyntax syntax = CastSyntax::Function;
};

enum class SystemValueKind : std::uint8_t {
  CurrentDate, CurrentTime, CurrentTimestamp, LocalTime, LocalTimestamp,
  CurrentUser, SessionUser, CurrentRole, CurrentCatalog, CurrentSchema,
};

/// A function that is called without parentheses: CURRENT_TIMESTAMP [(precision)].
struct SystemValue {
  SystemValueKind kind = SystemValueKind::CurrentTimestamp;
  std::optional<std::int32_t> precision;
};

enum class FrameUnit : std::uint8_t { Rows, Range, Groups };
enum class FrameBoundKind : std::uint8_t {
  UnboundedPreceding, Preceding, CurrentRow, Following, UnboundedFollowing,
};

struct FrameBound {
  FrameBoundKind kind = FrameBoundKind::UnboundedPreceding;
  ExpressionPtr offset;  ///< of Preceding and Following
};

enum class FrameExclusion : std::uint8_t { NoOthers, CurrentRow, Group, Ties };

struct WindowFrame {
  FrameUnit unit = FrameUnit::Range;
  FrameBound start;
  FrameBound end;  ///< CurrentRow where it was not given
  FrameExclusion exclusion = FrameExclusion::NoOthers;
};

/// OVER name, OVER (…), or an item of the WINDOW clause.
struct WindowDefinition {
  std::optional<Identifier> base;  ///< the window it names or builds on
  std::vector<ExpressionPtr> partitionBy;
  std::vector<OrderItem> orderBy;
  std::optional<WindowFrame> frame;
  bool nameOnly = false;  ///< OVER name, without parentheses
  SourceSpan span;
};

/// Spellings of a call that the grammar gives names and an order of arguments of their own.
enum class CallSyntax : std::uint8_t {
  Plain,      ///< name(a, b)
  Extract,    ///< EXTRACT(field FROM x)          -> extract('field', x)
  Substring,  ///< SUBSTRING(x FROM a FOR b)      -> substring(x, a, b)
  Trim,       ///< TRIM([BOTH|LEADING|TRAILING] c FROM x) -> btrim | ltrim | rtrim (x, c)
  Position,   ///< POSITION(a IN b)               -> position(b, a)
  Overlay,    ///< OVERLAY(x PLACING y FROM a FOR b) -> overlay(x, y, a, b)
  TimeZone,   ///< x AT TIME ZONE z               -> timezone(z, x)
};

/// A function or aggregate call, with the arguments in the function's order.
struct FunctionCall {
  QualifiedName name;
  std::vector<ExpressionPtr> arguments;
  CallSyntax syntax = CallSyntax::Plain;
  bool star = false;      ///< count(*)
  bool distinct = false;  ///< count(DISTINCT x)
  std::vector<OrderItem> orderBy;        ///< string_agg(x, ',' ORDER BY y)
  std::vector<OrderItem> withinGroup;    ///< WITHIN GROUP (ORDER BY …)
  ExpressionPtr filter;                  ///< FILTER (WHERE …), or null
  std::unique_ptr<WindowDefinition> over;  ///< null: not a window call
  std::vector<Identifier> names;           ///< of the last arguments: name => value
};

/// (a, b) or ROW(a, b).
struct RowExpression {
  std::vector<ExpressionPtr> items;
};

/// ARRAY[a, b], whose items may be arrays in brackets alone, or ARRAY(query).
struct ArrayExpression {
  std::vector<ExpressionPtr> items;
  QueryPtr query;  ///< null: items
};

/// One pair of brackets: [upper], or with `slice` [lower:upper], where either may be left out.
struct Subscript {
  ExpressionPtr lower;
  ExpressionPtr upper;
  bool slice = false;
};

/// operand[i][j:k]
struct SubscriptExpression {
  ExpressionPtr operand;
  std::vector<Subscript> subscripts;
};

/// DEFAULT; only as a value of INSERT … VALUES and UPDATE … SET.
struct DefaultMarker {};

/// COMMIT n, @seq:n, TAG 'x', BRANCH 'x' or LATEST; only as an argument of a table function: diff(t, p, q).
struct MomentExpression {
  std::unique_ptr<Moment> moment;
};

using ExpressionNode = std::variant<
    Literal, ColumnReference, Star, ParameterReference, UnaryExpression, BinaryExpression, LogicalExpression,
    NotExpression, IsTest, DistinctTest, LikeExpression, BetweenExpression, InListExpression,
    InQueryExpression, QuantifiedComparison, ExistsExpression, ScalarSubquery, CaseExpression,
    ConditionalExpression, CastExpression, SystemValue, FunctionCall, RowExpression, ArrayExpression,
    SubscriptExpression, DefaultMarker, MomentExpression>;

/// One expression: its place and its form. Visit `node` with std::visit.
struct Expression {
  Expression(SourceSpan place, ExpressionNode form);
  /// Takes long left spines apart with a loop.
  ~Expression();
  Expression(const Expression&) = delete;
  Expression& operator=(const Expression&) = delete;

  SourceSpan span;
  ExpressionNode node;
  /// Levels below, queries included; a left spine of binary operators counts as one level.
  std::uint32_t height = 0;
};

/// Gives the node if the expression has that form, else null.
template <class T>
const T* getIf(const Expression& expression) {
  return std::get_if<T>(&expression.node);
}

}  // namespace drift::sql
