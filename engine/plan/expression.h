// Expression: a bound expression: every name is resolved to a slot, every call to an overload, every
// conversion to a cast. Plain data; immutable once its plan is built; one thread at a time before that.
//
// A slot is a number that is unique within one statement: each column that a plan node produces has one.
// They stay the same while nodes are moved about; exec turns them into positions when it builds operators.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/error.h"
#include "functions/registry.h"
#include "functions/window_functions.h"
#include "sql/ast_expression.h"
#include "types/cast.h"
#include "types/type.h"
#include "types/value.h"

namespace drift::plan {

struct Node;
struct Expression;
using ExpressionPtr = std::unique_ptr<Expression>;
using Slot = std::uint32_t;

enum class ExpressionKind : std::uint8_t {
  Column,    ///< slot
  Constant,  ///< value
  Function,  ///< function over arguments, which have exactly its parameter types
  Cast,      ///< arguments[0] to type, in castContext
  And,       ///< two or more arguments, evaluated from the left where still undecided
  Or,
  Not,
  IsNull,      ///< IS [NOT] NULL
  IsTruth,     ///< IS [NOT] TRUE, FALSE or UNKNOWN: `truth`, absent for UNKNOWN
  IsDistinct,  ///< IS [NOT] DISTINCT FROM: two arguments of one type
  Case,        ///< arguments: condition, result, condition, result …, otherwise
  Coalesce,    ///< arguments of one type
  NullIf,      ///< NULL where function (an "=") holds for arguments 0 and 1; otherwise argument 0
  Greatest,    ///< arguments of one type; NULLs are passed over
  Least,
  InList,       ///< arguments[0] [NOT] IN the others; all of one type
  Aggregate,    ///< only until the binder has made an Aggregate node of it
  Grouping,     ///< GROUPING(…); only until the binder has made an Aggregate node of its query
  NextKey,      ///< the next number of an identity column; `slot` is the table's tree
  Sequence,     ///< `name` says which of nextval(), currval(), lastval(), setval(); `slot` is the sequence's tree
  Window,       ///< `window` says what of; only until the binder has made a Window node of it
  ScalarQuery,  ///< the one value of a subquery, NULL for no row; arguments: values of its parameters
  Exists,       ///< whether a subquery has rows; arguments: values of its parameters
  ArrayAny,     ///< arguments[0] `function` ANY element of arguments[1]; with `truth` false ALL
  SetFunction,  ///< rows of `set` over arguments; within a ProjectSet alone once the binder is done
  InQuery,      ///< arguments[0] [NOT] IN the first column of a subquery; then values of its parameters
};

/// How a key of ORDER BY is sorted by.
struct KeyOrder {
  bool descending = false;
  bool nullsFirst = false;
  friend bool operator==(const KeyOrder&, const KeyOrder&) = default;
};

/// What a call over a window is, beside its arguments. The window's own expressions are arguments, too, behind those of
/// the call: partition, order, then those of the frame: the offsets of start and end where these are counted; for
/// RANGE with an offset then the value that is ordered by and, as far as offsets are there, what the value in the first
/// and in the last row of the frame may be.
struct WindowCall {
  const functions::WindowFunction* function = nullptr;  ///< null: an aggregate over the frame
  std::size_t argumentCount = 0;
  std::size_t partitionCount = 0;
  std::vector<KeyOrder> order;
  sql::FrameUnit unit = sql::FrameUnit::Range;
  sql::FrameBoundKind start = sql::FrameBoundKind::UnboundedPreceding;
  sql::FrameBoundKind end = sql::FrameBoundKind::CurrentRow;
  sql::FrameExclusion exclusion = sql::FrameExclusion::NoOthers;

  bool startIsCounted() const { return isCounted(start); }
  bool endIsCounted() const { return isCounted(end); }
  static bool isCounted(sql::FrameBoundKind bound) {
    return bound == sql::FrameBoundKind::Preceding || bound == sql::FrameBoundKind::Following;
  }
  friend bool operator==(const WindowCall&, const WindowCall&) = default;
};

/// Which of the statement's parameters a constant is the value of, through casts.
struct ParameterUse {
  std::uint32_t id = 0;         ///< of its place in the statement: no other one has the same
  std::uint32_t parameter = 0;  ///< 1 for $1
  std::vector<std::pair<types::Type, types::CastContext>> casts;  ///< the first comes first
};

/// One node of an expression tree. Which fields count depends on the kind, as noted there.
struct Expression {
  Expression(ExpressionKind form, types::Type result, SourceSpan place) : kind(form), type(result), span(place) {}

  ExpressionKind kind;
  types::Type type;
  SourceSpan span;
  std::vector<ExpressionPtr> arguments;

  Slot slot = 0;                    ///< Column
  std::string name;                 ///< Column: as the user knows it, for errors and EXPLAIN
  types::Value value;               ///< Constant
  std::shared_ptr<const ParameterUse> parameter;  ///< Constant: set if it is a parameter's
  functions::ScalarMatch function;  ///< Function, NullIf, ArrayAny
  std::shared_ptr<const functions::SetMatch> set;  ///< SetFunction
  types::CastContext castContext = types::CastContext::Implicit;  ///< Cast
  bool negated = false;                                           ///< IS NOT …, NOT IN
  std::optional<bool> truth;                                      ///< IsTruth, ArrayAny
  functions::AggregateMatch aggregate;                            ///< Aggregate, Window
  bool distinct = false;                                          ///< Aggregate: count(DISTINCT x)
  std::vector<KeyOrder> order;  ///< Aggregate: ORDER BY in the call; what is sorted by are the last arguments
  ExpressionPtr filter;         ///< Aggregate, Window: FILTER (WHERE …), or null
  std::shared_ptr<const WindowCall> window;                       ///< Window
  std::shared_ptr<Node> query;                                    ///< ScalarQuery, Exists, InQuery
  /// ScalarQuery, Exists, InQuery: slots that the query reads but does not produce, those of the query around it. The
  /// last arguments give their values. Empty: it is not correlated.
  std::vector<Slot> parameters;
};

ExpressionPtr makeColumn(Slot slot, types::Type type, std::string name, SourceSpan span);
ExpressionPtr makeConstant(types::Value value, SourceSpan span);
/// Joins conditions with AND; null for none, the condition itself for one.
ExpressionPtr makeAnd(std::vector<ExpressionPtr> conditions);

/// Copies a tree. Subqueries are shared: they are the same query wherever they stand.
ExpressionPtr clone(const Expression& expression);
/// True if both compute the same by the same steps. Spans and names are left out; a volatile function is
/// never the same as another call.
bool sameExpression(const Expression& a, const Expression& b);
/// Calls `visit` for each node of the tree, parents first. Subqueries are not entered.
void visit(const Expression& expression, const std::function<void(const Expression&)>& visit);
/// Replaces nodes from the root down: where `replace` gives an expression it takes the place of the node
/// and is not looked into further.
Status rewrite(ExpressionPtr& expression, const std::function<Result<ExpressionPtr>(Expression&)>& replace);
/// True if a call anywhere in the tree may give another value for each row.
bool isVolatile(const Expression& expression);
/// Adds the slots that the tree reads, subqueries left out, without duplicates.
void addSlots(const Expression& expression, std::vector<Slot>& slots);
/// Takes an AND chain apart into its conditions; anything else is one condition.
void splitAnd(ExpressionPtr condition, std::vector<ExpressionPtr>& into);
/// Gives SQL-like text, for EXPLAIN.
std::string toText(const Expression& expression);

}  // namespace drift::plan
