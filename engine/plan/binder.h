// Binder: from a syntax tree to a plan: looks up every name, chooses every overload, resolves every moment.
// The inside of bind.h; its member functions are spread over binder_*.cpp by what they bind.
//
// Thread rule: one thread at a time; one Binder a statement. Refers to the environment and to the tree.
#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "plan/coercion.h"
#include "plan/environment.h"
#include "plan/node.h"
#include "plan/scope.h"
#include "plan/write.h"
#include "sql/ast.h"

namespace drift::plan {

/// Where an expression stands; decides what may be in it and names it in errors.
enum class Clause : std::uint8_t {
  Select,
  Where,
  JoinCondition,
  GroupBy,
  Having,
  OrderBy,
  Limit,
  Offset,
  Values,
  Check,
  Default,
  Moment,
  Update,
  Returning,
  Filter,
  Aggregate,
  Window,
  WindowArgument,
  FromFunction,
  IndexExpression,
  IndexPredicate,
  Generated,
};

/// A point in history. `number` is the last commit it shows; nothing = the transaction's own view.
/// `firstFrom` is the first commit that is not before it.
struct Point {
  std::optional<CommitNumber> number;
  CommitNumber firstFrom = 0;
  SourceSpan span;
};

/// A part of FROM, bound: its rows and the names they have.
struct BoundFrom {
  NodePtr node;
  Scope scope;
};

/// What a view has to keep of its query: the tables that it names, and what each * in it stands for today.
struct ViewNotes {
  struct Star {
    SourceSpan span;
    std::string columns;
  };
  std::vector<TreeId> tables;
  std::vector<Star> stars;
};

class Binder final {
 public:
  explicit Binder(const BindEnvironment& environment);

  const BindEnvironment& environment() const { return m_environment; }
  Slot newSlot() { return m_nextSlot++; }
  /// The counter behind newSlot(), for what rewrites bound plans.
  Slot& nextSlot() { return m_nextSlot; }

  /// binder_query.cpp: a query with its ORDER BY and LIMIT. The root's columns are the result's. Literals
  /// in them without a type keep none, so that UNION or INSERT can give them theirs.
  Result<NodePtr> bindQuery(const sql::Query& query, const Scope* outer);
  /// Gives the result columns without a type the type text.
  Status resolveUnknownColumns(NodePtr& root);
  /// Converts the result columns to `types`, as an assignment or implicitly.
  Status coerceColumns(NodePtr& root, const std::vector<types::Type>& types, types::CastContext context);

  /// binder_select.cpp
  Result<NodePtr> bindSelect(const sql::SelectBody& body, const sql::Query* orderedBy, const Scope* outer);
  Result<NodePtr> bindValues(const sql::ValuesBody& body, const Scope* outer);

  /// binder_from.cpp
  Result<BoundFrom> bindFromList(const std::vector<sql::FromItemPtr>& items, const Scope* outer);
  /// `before`: the tables before it in FROM, for LATERAL; within the scope `outer`.
  Result<BoundFrom> bindFrom(const sql::FromItem& item, const Scope* outer, const Scope& before);
  /// Rows of a table definition with all its columns and all system columns, under a name.
  Result<BoundFrom> scanTable(const catalog::TableRef& table, const std::string& name, SourceSpan span);
  /// The table that a name means in the transaction's own view. UndefinedTable.
  Result<catalog::TableRef> currentTable(const sql::QualifiedName& name) const;
  /// The last part of a name whose schema, if given, is "public". UndefinedTable.
  Result<std::string> tableName(const sql::QualifiedName& name) const;

  /// binder_moment.cpp
  Result<Point> bindMoment(const sql::Moment& moment);
  Result<Point> bindTimePoint(const sql::Expression& expression);
  /// MomentOutOfRange where the table's rows as of a point were deleted.
  Status checkKeptFrom(const catalog::Table& table, const Point& point, SourceSpan span) const;
  /// The catalog of a point; the table must be in it: a sentence says when it existed, where that is known.
  Result<catalog::TableRef> tableAt(const std::string& name, const Point& point, SourceSpan span) const;
  /// The newest definition of a table of that name, now or in the past.
  Result<catalog::TableRef> newestTable(const std::string& name, SourceSpan span) const;

  /// binder_expression.cpp
  Result<ExpressionPtr> bindExpression(const sql::Expression& expression, const Scope& scope, Clause clause);
  Result<ExpressionPtr> bindCondition(const sql::Expression& expression, const Scope& scope, Clause clause);

  /// binder_view.cpp: the rows of a view as of a point, under the name that the reference gives it.
  Result<BoundFrom> bindView(const catalog::TableRef& view, const Point& point, const sql::TableReference& reference,
                             SourceSpan span);
  /// Set while the query of a new view is bound: what is noted of it.
  void setViewNotes(ViewNotes* notes) { m_viewNotes = notes; }
  ViewNotes* viewNotes() const { return m_viewNotes; }

  /// binder_function.cpp: the SQL functions that a name may mean as of the query's moment, the built-in ones among them;
  /// empty where it means something else.
  Result<std::vector<catalog::FunctionRef>> sqlFunctions(const sql::QualifiedName& name) const;
  /// A call of one of them, as an expression: the body takes the place of the call. UndefinedFunction,
  /// AmbiguousFunction, InvalidRecursion. `names`: of the last arguments.
  Result<ExpressionPtr> bindSqlCall(std::span<const catalog::FunctionRef> functions,
                                    std::vector<ExpressionPtr> arguments, const std::vector<sql::Identifier>& names,
                                    Clause clause, SourceSpan span);
  /// The same in FROM; nothing where the name means no SQL function.
  Result<std::optional<BoundFrom>> bindSqlRows(const sql::TableFunction& function, const Scope& before,
                                               SourceSpan span);
  /// The body of a function over its parameters, whose values come from `arguments`: the columns of its result.
  struct FunctionBody {
    std::vector<ScopeColumn> arguments;
    NodePtr root;
  };
  /// `notes`: what a new function with a standard body notes of it; null: nothing.
  Result<FunctionBody> bindFunctionBody(const catalog::Function& function, SourceSpan span, ViewNotes* notes);
  /// The parameters of the function whose body is being bound; null: there is none.
  const std::vector<ScopeColumn>* functionArguments() const { return m_functionArguments; }

  /// binder_comparison.cpp: comparisons of row values, and with ANY and ALL.
  Result<ExpressionPtr> bindRowComparison(std::string_view op, const sql::Expression& left,
                                          const sql::Expression& right, const Scope& scope, Clause clause,
                                          SourceSpan span);
  Result<ExpressionPtr> bindRowIn(const sql::InListExpression& list, const Scope& scope, Clause clause,
                                  SourceSpan span);
  Result<ExpressionPtr> bindRowNull(const sql::RowExpression& row, bool negated, const Scope& scope, Clause clause,
                                    SourceSpan span);
  Result<ExpressionPtr> bindQuantified(const sql::QuantifiedComparison& comparison, const Scope& scope, Clause clause,
                                       SourceSpan span);

  /// binder_array.cpp: ARRAY[…] and ARRAY(query). `element`: what the items are cast to; nothing: what they share.
  Result<ExpressionPtr> bindArray(const sql::ArrayExpression& array, std::optional<types::Type> element,
                                  const Scope& scope, Clause clause, SourceSpan span);
  Result<ExpressionPtr> bindSubscript(const sql::SubscriptExpression& subscript, const Scope& scope, Clause clause,
                                      SourceSpan span);
  /// A call of a function that gives rows, as an expression of kind SetFunction.
  Result<ExpressionPtr> bindSetCall(const std::string& name, std::vector<ExpressionPtr> arguments, SourceSpan span);

  /// binder_window.cpp: a call with OVER, as an expression of kind Window. WindowingError.
  Result<ExpressionPtr> bindWindowCall(const sql::FunctionCall& call, const Scope& scope, Clause clause,
                                       SourceSpan span);
  /// Binds the windows of a WINDOW clause, to check them: those that no call names, too.
  Status checkWindows(const std::vector<sql::NamedWindow>& windows, const Scope& scope);
  /// Puts nodes over `node` that compute the calls in expressions, which then read their columns.
  Status addWindows(NodePtr& node, std::span<ExpressionPtr* const> expressions);
  /// The WINDOW clause of the SELECT being bound.
  const std::vector<sql::NamedWindow>* windows() const { return m_windows; }
  void setWindows(const std::vector<sql::NamedWindow>* windows) { m_windows = windows; }

  /// WITH: names the tables for as long as the guard lives; each is bound once, to check it.
  struct CommonTables {
    const CommonTables* outer = nullptr;
    const sql::WithClause* with = nullptr;
    std::size_t visible = 0;       ///< the first ones may be named
    std::optional<Point> moment;   ///< AS OF SYSTEM TIME at that place
    const Scope* scope = nullptr;  ///< of the queries around that place
  };
  const CommonTables* commonTables() const { return m_commonTables; }
  void setCommonTables(const CommonTables* tables) { m_commonTables = tables; }
  Status checkCommonTables(const sql::WithClause& with, const Scope* outer = nullptr);
  /// The WITH of the statement itself; no other one may have tables that write.
  void setStatementWith(const sql::WithClause* with) { m_statementWith = with; }
  /// What the tables of that WITH write, in order.
  std::vector<BoundPart> takeParts() { return std::move(m_parts); }
  /// binder_recursive.cpp: the query of one table of WITH; `inner` is what it sees.
  Result<NodePtr> bindCommonQuery(const CommonTables& inner, std::size_t at, const Scope* outer);

  /// AS OF SYSTEM TIME of the query being bound, if any.
  const std::optional<Point>& queryMoment() const { return m_queryMoment; }
  void setQueryMoment(std::optional<Point> moment) { m_queryMoment = std::move(moment); }

 private:
  Result<NodePtr> bindBody(const sql::QueryBody& body, const sql::Query* orderedBy, const Scope* outer);
  Result<NodePtr> bindSetOperation(const sql::SetOperation& operation, const Scope* outer);
  Result<NodePtr> orderByOutput(NodePtr root, const sql::Query& query);
  Result<NodePtr> limit(NodePtr root, const sql::Query& query);
  Result<std::optional<std::uint64_t>> rowLimit(const sql::Expression* expression, Clause clause);
  Status matchArms(std::vector<NodePtr>& arms, const sql::SetOperation& operation);

  Result<BoundFrom> bindTableReference(const sql::TableReference& reference, SourceSpan span);
  /// binder_information_schema.cpp: a table of information_schema.
  Result<BoundFrom> bindInformationSchema(const sql::TableReference& reference, SourceSpan span);
  /// The moment that holds for a table without a range of moments.
  Result<Point> pointOf(const sql::TableReference& reference);
  Result<BoundFrom> bindTimeRange(const sql::TableReference& reference, SourceSpan span);
  /// A table of WITH RECURSIVE while its own query is bound.
  struct RecursiveTable {
    const RecursiveTable* outer = nullptr;
    const CommonTables* place = nullptr;  ///< what its query sees
    const sql::CommonTable* table = nullptr;
    std::string_view refusal;  ///< not empty: why it must not be named here
    std::uint32_t number = 0;
    std::vector<Column> columns;
    std::size_t* uses = nullptr;
  };
  Result<NodePtr> bindRecursion(const CommonTables& inner, const sql::CommonTable& table,
                                const sql::SetOperation& operation, RecursiveTable& self);
  Result<BoundFrom> bindWorkTable(const RecursiveTable& table, const sql::TableReference& reference, SourceSpan span);

  Status bindPart(const sql::CommonTable& table);
  Result<NodePtr> bindPartRows(const sql::CommonTable& table, SourceSpan span);
  Result<std::optional<BoundFrom>> bindCommonTable(const sql::TableReference& reference, SourceSpan span);
  Result<BoundFrom> bindDerived(const sql::DerivedTable& derived, const Scope* outer, const Scope& before,
                                SourceSpan span);
  Result<BoundFrom> bindTableFunction(const sql::TableFunction& function, const Scope& before, SourceSpan span);
  Status matchResult(NodePtr& root, const catalog::Function& function);
  Result<ExpressionPtr> callBody(const catalog::Function& function, std::vector<ExpressionPtr> arguments,
                                 SourceSpan span);
  Result<NodePtr> rowOfCall(const catalog::Function& function, std::vector<ExpressionPtr> arguments, SourceSpan span);
  Result<NodePtr> rowsOfBody(const catalog::Function& function, std::vector<ExpressionPtr> arguments, SourceSpan span);
  /// binder_history.cpp: the table functions of history.
  Result<std::string> tableArgument(const sql::Expression& argument, std::string_view function) const;
  Result<Point> pointArgument(const sql::Expression& argument);
  Result<std::pair<CommitNumber, CommitNumber>> pointPair(const sql::TableFunction& function, SourceSpan span);
  CommitNumber lastVisible() const;
  Result<BoundFrom> bindRowHistory(const sql::TableFunction& function, SourceSpan span);
  Result<BoundFrom> bindDiffStat(const sql::TableFunction& function, SourceSpan span);
  Result<BoundFrom> bindDiffSchema(const sql::TableFunction& function, SourceSpan span);
  Result<BoundFrom> bindCommitChanges(const sql::TableFunction& function, SourceSpan span);
  Result<BoundFrom> bindCommits(const sql::TableFunction& function, SourceSpan span);
  Result<BoundFrom> bindDiff(const sql::TableFunction& function, SourceSpan span);
  Result<BoundFrom> bindBlame(const sql::TableFunction& function, SourceSpan span);
  Result<CommitNumber> columnSince(TreeId table, ColumnId column, const Point& point) const;
  Result<ExpressionPtr> bindArrayQuery(const sql::Query& query, const Scope& scope, Clause clause, SourceSpan span);
  Result<ExpressionPtr> bindArrayComparison(const sql::QuantifiedComparison& comparison, ExpressionPtr left,
                                            ExpressionPtr array, SourceSpan span);
  Result<BoundFrom> bindSetFunction(const sql::TableFunction& function, const Scope& before, SourceSpan span);
  /// Rows with their number: WITH ORDINALITY.
  NodePtr numbered(NodePtr node);
  Result<BoundFrom> bindSeries(const sql::TableFunction& function, const Scope& before, SourceSpan span);
  Result<BoundFrom> bindJoin(const sql::Join& join, const Scope* outer, const Scope& before, SourceSpan span);
  Result<NodePtr> joinWith(JoinKind kind, NodePtr left, NodePtr right, ExpressionPtr condition, SourceSpan span);
  Status bindJoinColumns(const sql::Join& join, BoundFrom& left, BoundFrom& right, Scope& merged,
                         std::vector<ExpressionPtr>& conditions, SourceSpan span);
  Result<BoundFrom> named(NodePtr node, std::string name, const std::optional<sql::Alias>& alias, SourceSpan span);

  const BindEnvironment& m_environment;
  Slot m_nextSlot = 1;
  const CommonTables* m_commonTables = nullptr;
  std::optional<Point> m_queryMoment;
  const std::vector<sql::NamedWindow>* m_windows = nullptr;
  const RecursiveTable* m_recursive = nullptr;
  ViewNotes* m_viewNotes = nullptr;
  std::uint32_t m_viewDepth = 0;
  const std::vector<ScopeColumn>* m_functionArguments = nullptr;
  std::vector<TreeId> m_openFunctions;  ///< those whose bodies are being bound, one in the other
  std::size_t m_bodiesBound = 0;
  const sql::WithClause* m_statementWith = nullptr;
  std::vector<BoundPart> m_parts;
  std::vector<const sql::CommonTable*> m_partTables;  ///< of each part
};

/// The words for a clause in errors: "WHERE", "JOIN conditions".
std::string_view clauseName(Clause clause);

/// True for what is kept with a table and reads one of its rows at most: there is no place for a subquery.
bool belongsToTable(Clause clause);
Error subqueryRefused(Clause clause, SourceSpan span);

/// True for the aggregates that need WITHIN GROUP.
bool isOrderedSetAggregate(std::string_view name);

/// True if a call over a window is anywhere in the tree.
bool hasWindowCall(const Expression& expression);

/// Gives an expression its subquery, and as arguments the columns of the queries around that it reads.
void setQuery(Expression& expression, NodePtr root);

/// Error for a view or a sequence where a table is needed.
Error notATable(const catalog::Table& view, SourceSpan span);

/// Error for something that parses but is not there yet; `what` names it.
Error notSupported(std::string_view what, SourceSpan span);

}  // namespace drift::plan
