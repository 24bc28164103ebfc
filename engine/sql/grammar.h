// Grammar: the rules of the language as methods, one a rule, over a TokenStream. Internal to engine/sql:
// programs use sql/parser.h.
//
// Each method reads exactly the tokens of its rule and gives its node, or the first error. No method
// backs over more than a few tokens, so parsing is O(text) (types in front of strings are the exception:
// a handful of tokens are read twice).
//
// Thread rule: one Grammar parses one text once, on one thread.
#pragma once

#include <string_view>

#include "base/result.h"
#include "sql/ast.h"
#include "sql/token_stream.h"

namespace drift::sql {

/// How tightly operators bind, loosest first (PostgreSQL, table 4.2).
enum class Power : std::uint8_t {
  Lowest, Or, And, Not, Is, Comparison, Containment, OtherOperator, Additive, Multiplicative, Exponent,
  AtTimeZone, Collate, Sign, Subscript, Cast,
};

/// UNION and EXCEPT bind less tightly than INTERSECT.
enum class SetPower : std::uint8_t { Union, Intersect };

class Grammar final {
 public:
  explicit Grammar(std::string_view text) : m_tokens(text) {}

  Result<StatementPtr> wholeStatement();
  Result<ExpressionPtr> wholeExpression();
  Result<Moment> wholeMoment();

 private:
  using MomentPtr = std::unique_ptr<Moment>;

  // What stands between parentheses in an expression: a query or a list of expressions.
  struct Parenthesized {
    QueryPtr query;
    std::vector<ExpressionPtr> items;
    SourceSpan span;
  };
  // The same in FROM: a query or a join.
  struct ParenthesizedFrom {
    QueryPtr query;
    FromItemPtr item;
  };
  // Counts nesting; refuses to go deeper than kNestingDepthMax.
  class Level final {
   public:
    explicit Level(Grammar& grammar) : m_grammar(grammar) { ++m_grammar.m_depth; }
    ~Level() { --m_grammar.m_depth; }
    Level(const Level&) = delete;
    Level& operator=(const Level&) = delete;
    Status check() const;

   private:
    Grammar& m_grammar;
  };

  // grammar_node.cpp: nodes
  Result<ExpressionPtr> make(SourceSpan span, ExpressionNode node);
  Result<QueryPtr> finishQuery(QueryPtr query, SourceSpan start, std::uint32_t outerHeight);
  Error tooDeep(SourceSpan span) const;
  SourceSpan here() { return m_tokens.peek().span; }

  // grammar_expression.cpp: operators
  Result<ExpressionPtr> expression() { return expressionAt(Power::Lowest, false); }
  // `restricted`: PostgreSQL's b_expr, without AND, OR, NOT, IN, LIKE, BETWEEN and IS tests.
  Result<ExpressionPtr> expressionAt(Power least, bool restricted);
  Result<ExpressionPtr> prefix(bool restricted);
  Result<ExpressionPtr> infix(ExpressionPtr left, Power least, bool restricted);
  std::optional<Power> infixPower(bool restricted);
  Result<std::vector<ExpressionPtr>> expressionList();
  Result<ExpressionPtr> binary(ExpressionPtr left, Power power, bool restricted);
  Result<ExpressionPtr> quantified(ExpressionPtr left, const Token& op);
  Result<ExpressionPtr> logical(ExpressionPtr left, LogicalOperator op);
  Result<ExpressionPtr> isTest(ExpressionPtr left, bool restricted);
  Result<ExpressionPtr> containment(ExpressionPtr left);
  Result<ExpressionPtr> between(ExpressionPtr left, bool negated);
  Result<ExpressionPtr> inTest(ExpressionPtr left, bool negated);
  Result<ExpressionPtr> like(ExpressionPtr left, bool negated);
  Result<ExpressionPtr> timeZone(ExpressionPtr left);
  Result<ExpressionPtr> collation(ExpressionPtr left);
  Result<ExpressionPtr> castSuffix(ExpressionPtr left);
  Result<ExpressionPtr> subscripts(ExpressionPtr left);
  bool startsContainment(bool afterNot, std::size_t ahead);

  // grammar_primary.cpp: operands
  Result<ExpressionPtr> primary();
  Result<ExpressionPtr> keywordPrimary();
  Result<ExpressionPtr> literal();
  Result<ExpressionPtr> parameter();
  Result<ExpressionPtr> parenthesizedPrimary();
  Result<Parenthesized> parenthesized();
  Result<ExpressionPtr> caseExpression();
  Result<ExpressionPtr> castCall();
  Result<ExpressionPtr> conditional(ConditionalKind kind);
  Result<ExpressionPtr> systemValue(SystemValueKind kind);
  Result<ExpressionPtr> exists();
  Result<ExpressionPtr> row();
  Result<ExpressionPtr> array();
  Result<ExpressionPtr> arrayItems(SourceSpan start);
  Result<ExpressionPtr> columnOrCall();
  Result<ExpressionPtr> typedLiteral();
  bool startsTypedLiteral();
  bool startsQuery(std::size_t ahead = 0);

  // grammar_call.cpp: calls
  Result<ExpressionPtr> call(QualifiedName name);
  Result<ExpressionPtr> callSuffixes(FunctionCall call, SourceSpan start);
  Status callArguments(FunctionCall& call);
  /// Reads the name in front of an argument, if it has one; after such a one all have.
  Status argumentName(std::vector<Identifier>& names);
  Result<ExpressionPtr> extractCall();
  Result<ExpressionPtr> substringCall();
  Result<ExpressionPtr> trimCall();
  Result<ExpressionPtr> positionCall();
  Result<ExpressionPtr> overlayCall();
  FunctionCall builtinCall(std::string name, CallSyntax syntax, SourceSpan place) const;
  Result<WindowDefinition> windowDefinition();
  Result<WindowFrame> windowFrame();
  Result<FrameBound> frameBound();

  // grammar_type.cpp
  Result<TypeName> typeName();
  Result<TypeName> typeNameWords();
  Result<std::vector<std::int64_t>> typeModifiers();
  Status timeZoneSuffix(TypeName& type);
  Result<QualifiedName> qualifiedName(NameClass first);

  // grammar_query.cpp
  Result<QueryPtr> query();
  // Goes on after a first arm that was read already (in parentheses).
  Result<QueryPtr> queryAfter(QueryPtr first, SourceSpan start);
  Result<QueryPtr> queryRest(QueryPtr query, SourceSpan start, std::uint32_t outerHeight);
  Status queryTail(Query& query);
  Result<QueryBody> setOperations(QueryBody left, SetPower least, MomentPtr& asOf);
  Result<QueryBody> queryArm(MomentPtr& asOf);
  Result<QueryPtr> parenthesizedQuery();
  Result<SelectBody> selectBody(MomentPtr& asOf);
  Status distinctClause(SelectBody& body);
  Status windowClause(SelectBody& body);
  Result<ValuesBody> valuesBody();
  Result<SelectBody> tableBody();
  Result<std::vector<SelectItem>> selectItems();
  Result<SelectItem> selectItem();
  bool startsQualifiedStar();
  Result<WithClause> withClause();
  Result<CommonTable> commonTable();
  Status commonChange(CommonTable& table);
  Result<std::vector<OrderItem>> orderBy();
  Status limitClause(Query& query);
  Status offsetClause(Query& query);
  Status fetchClause(Query& query);
  bool atSetOperator();
  bool continuesQuery();

  // grammar_group.cpp
  Status groupByClause(SelectBody& body);
  Error tooManySets(SourceSpan span) const;
  Result<std::vector<GroupingSet>> groupingElement(SelectBody& body, bool& plain);
  Result<std::vector<GroupingSet>> groupingItems(SelectBody& body);
  Result<GroupingSet> groupingItem(SelectBody& body, bool& plain);
  Result<ExpressionPtr> groupingCall();

  // grammar_from.cpp
  Result<std::vector<FromItemPtr>> fromList();
  Result<FromItemPtr> fromItem();
  Result<FromItemPtr> joins(FromItemPtr left);
  Result<FromItemPtr> fromItemBeforeCondition();
  Status joinCondition(Join& join);
  Result<FromItemPtr> fromPrimary();
  Result<FromItemPtr> parenthesizedFromItem();
  Result<ParenthesizedFrom> parenthesizedFrom();
  Result<FromItemPtr> derivedTable(QueryPtr query, bool lateral, SourceSpan start);
  Result<FromItemPtr> tableFunction(QualifiedName name, bool lateral, SourceSpan start);
  Result<FromItemPtr> tableReference(QualifiedName name, SourceSpan start);
  Result<std::unique_ptr<TableSample>> tableSample();
  Result<std::optional<Alias>> alias();
  Result<std::vector<Identifier>> nameList();
  bool atJoin();

  // grammar_time.cpp
  bool atAsOfSystemTime();
  bool atAsOfPoint();
  bool startsPoint(std::size_t ahead);
  bool startsAliasColumns(std::size_t ahead);
  bool startsMomentKeyword();
  Result<Moment> point();
  Result<Moment> commitPoint();
  Status asOfSystemTime(MomentPtr& target);
  Result<std::unique_ptr<TimeClause>> timeClause();
  Result<ExpressionPtr> tableFunctionArgument();

  // grammar_statement.cpp
  Result<StatementPtr> statement();
  Result<StatementNode> statementNode();
  Result<StatementNode> createStatement();
  Result<StatementNode> dropStatement();
  Result<StatementNode> alterStatement();
  Result<StatementNode> explain();
  Result<StatementNode> withStatement();
  Error unsupportedObject(std::string_view verb, const Token& first);

  // grammar_table.cpp: CREATE, DROP, ALTER TABLE
  Result<StatementNode> createTable(bool temporary);
  Result<StatementNode> createTableAs(bool ifNotExists, bool temporary, QualifiedName name,
                                      std::vector<Identifier> columns);
  Result<OnCommit> onCommit(bool temporary);
  Status tableElement(CreateTable& table);
  Status likeTable(CreateTable& table);
  Result<ColumnDefinition> columnDefinition();
  Result<std::optional<ColumnConstraint>> columnConstraint();
  Result<TableConstraint> tableConstraint();
  Status constraintAttributes(ConstraintTiming* timing);
  Status identity(ColumnConstraint& constraint);
  Status alterColumn(AlterTable& table);
  Result<ExpressionPtr> checkCondition();
  Result<References> references();
  Status referenceActions(References& references);
  Result<StatementNode> dropTable();
  Result<StatementNode> createView(bool orReplace);
  Result<StatementNode> dropView(bool materialized);
  Result<StatementNode> alterTable();
  Status alterAction(AlterTable& table);
  DropBehavior dropBehavior();

  // grammar_index.cpp: CREATE, DROP, ALTER INDEX
  Result<StatementNode> createIndex(bool unique);
  Result<IndexElement> indexElement();
  Result<IndexElement> indexedPart();
  Result<StatementNode> dropIndex();
  Result<StatementNode> alterIndex();
  Result<bool> ifExists();
  /// name, … of tables, views or indexes.
  Result<std::vector<QualifiedName>> relationNames();
  Result<bool> ifNotExists();

  // grammar_comment.cpp
  Result<StatementNode> comment();

  // grammar_view.cpp: materialized views
  Result<StatementNode> createMaterializedView();
  Result<StatementNode> refreshView();

  // grammar_function.cpp
  Result<StatementNode> createFunction(bool orReplace);
  Result<FunctionParameter> functionParameter(bool isColumn);
  Result<std::vector<FunctionParameter>> functionParameters(bool areColumns);
  Result<std::vector<TypeName>> functionTypes();
  Status functionReturns(CreateFunction& function);
  Status functionOption(CreateFunction& function);
  Status functionBody(CreateFunction& function);
  Result<StatementNode> dropFunction();

  // grammar_sequence.cpp
  Result<StatementNode> createSequence();
  Result<StatementNode> alterSequence();
  Result<StatementNode> dropSequence();
  Result<SequenceOptions> sequenceOptions();
  Result<std::int64_t> signedNumber();

  // grammar_change.cpp: INSERT, UPDATE, DELETE, TRUNCATE
  Result<StatementNode> insert(std::optional<WithClause> with);
  Result<ConflictClause> conflictClause();
  Result<StatementNode> update(std::optional<WithClause> with);
  Result<StatementNode> deleteFrom(std::optional<WithClause> with);
  Result<StatementNode> deleteHistory();
  Result<StatementNode> truncate();
  Status assignment(std::vector<Assignment>& out);
  Status multipleAssignment(std::vector<Assignment>& out);
  Result<ExpressionPtr> valueOrDefault();
  Result<std::vector<SelectItem>> returning();
  Result<Overriding> overriding();
  Result<std::optional<Alias>> targetAlias(bool needsAs);
  Result<QualifiedName> targetTable();

  // grammar_merge.cpp: MERGE
  Result<StatementNode> merge(std::optional<WithClause> with);
  Result<MergeWhen> mergeWhen();
  Status mergeInsert(MergeWhen& when);

  // grammar_cursor.cpp: PREPARE, EXECUTE, DEALLOCATE, and cursors
  Result<StatementNode> prepare();
  Result<StatementNode> executePrepared();
  Result<StatementNode> deallocate();
  Result<StatementNode> declareCursor();
  Result<StatementNode> fetch();
  Status fetchDirection(Fetch& fetch);
  Result<StatementNode> closeCursor();

  // grammar_copy.cpp: COPY
  Result<StatementNode> copy();
  Status copyFile(Copy& copy);
  Status copyOptions(Copy& copy);
  Status oldCopyOptions(Copy& copy);

  // grammar_session.cpp: transactions and settings
  Result<StatementNode> begin();
  Result<StatementNode> commit();
  Result<StatementNode> rollback();
  Result<StatementNode> savepoint();
  Result<StatementNode> release();
  Result<StatementNode> set();
  Result<StatementNode> setVariable(SettingScope scope);
  Result<StatementNode> reset();
  Result<StatementNode> show();
  Result<TransactionModes> transactionModes();
  Status transactionMode(TransactionModes& modes);
  void acceptTransactionWord();
  Status refuseChain();
  Result<std::string> settingName();
  Result<std::string> settingValue();

  TokenStream m_tokens;
  std::uint32_t m_depth = 0;
  std::uint32_t m_height = 0;       // highest expression or query made in the current query
  std::uint32_t m_parameterMax = 0;
  bool m_defaultAllowed = false;    // inside the VALUES of an INSERT
  bool m_takesNumbers = false;      // nextval() or setval() was called
  bool m_changesInWith = false;     // a WITH has a statement that writes
};

}  // namespace drift::sql
