#include "exec/statement.h"

#include <chrono>

#include "exec/analysis.h"
#include "exec/evaluator.h"
#include "exec/executions.h"
#include "exec/plan_cache.h"
#include "exec/row_appender.h"
#include "exec/store_moments.h"
#include "plan/bind.h"

namespace drift::exec {

using types::Chunk;

DoneExecution::DoneExecution(std::string tag, std::uint64_t affectedRows, std::vector<OutputColumn> columns,
                             RowBufferRef rows)
    : m_tag(std::move(tag)), m_affectedRows(affectedRows), m_columns(std::move(columns)), m_rows(std::move(rows)) {}

Result<bool> DoneExecution::next(Chunk& out) {
  out.clear();
  if (!m_rows || m_at >= m_rows->rowCount()) return false;
  out = chunkOf(m_rows, m_at);
  m_at += out.rowCount();
  return true;
}

namespace {

/// A query that runs as its rows are pulled.
class QueryExecution final : public Execution {
 public:
  explicit QueryExecution(const ExecutionEnvironment& environment)
      : m_context{environment, plan::functionContext(environment.context)} {}

  ~QueryExecution() override {
    if (m_shared) m_shared->busy = false;
  }
  QueryExecution(const QueryExecution&) = delete;
  QueryExecution& operator=(const QueryExecution&) = delete;

  Status open(plan::NodePtr plan) {
    m_plan = std::move(plan);
    return open(*m_plan);
  }
  /// Runs a plan with the parameters that it has; nobody else may change them meanwhile.
  Status open(CachedPlanRef plan) {
    m_shared = std::move(plan);
    m_shared->busy = m_shared->reuse.hasParameters();
    return open(*m_shared->root);
  }

  const std::vector<OutputColumn>& columns() const override { return m_columns; }
  Result<bool> next(Chunk& out) override {
    DRIFT_ASSIGN(const bool more, m_root->next(out));
    m_rowCount += out.rowCount();
    return more;
  }
  std::string commandTag() const override { return "SELECT " + std::to_string(m_rowCount); }
  std::uint64_t affectedRows() const override { return m_rowCount; }

 private:
  Status open(const plan::Node& plan) {
    for (const auto& column : plan.columns)
      m_columns.push_back({column.name, column.type, column.table, column.column});
    DRIFT_ASSIGN(m_root, makeOperator(plan, m_context));
    return {};
  }

  OperatorContext m_context;
  std::vector<OutputColumn> m_columns;
  plan::NodePtr m_plan;   ///< null: it is m_shared
  CachedPlanRef m_shared;
  OperatorPtr m_root;
  std::uint64_t m_rowCount = 0;
};

/// Keeps a plan for the next time; null where it cannot be used again, and then `root` stays.
Result<CachedPlanRef> keepPlan(plan::NodePtr& root, const plan::PlanTraits& traits,
                               const ExecutionEnvironment& environment) {
  if (!environment.plans || environment.moment) return CachedPlanRef();
  auto reuse = plan::PlanReuse::of(*root, traits, environment.parameters);
  if (!reuse) return CachedPlanRef();
  DRIFT_ASSIGN(auto tables, environment.catalog.viewOf(environment.transaction));
  auto kept = std::make_shared<CachedPlan>(std::move(root), std::move(*reuse));
  kept->tables = std::move(tables);
  for (const auto& parameter : environment.parameters) kept->parameterTypes.push_back(parameter.type());
  kept->timeZone = environment.context.timeZone;
  kept->indexScans = environment.indexScans;
  kept->tableScans = environment.tableScans;
  kept->lastCommit = environment.transaction.snapshot().number();
  environment.plans->put(environment.text, kept);
  return kept;
}

Result<ExecutionPtr> runQuery(const sql::Query& query, const ExecutionEnvironment& environment,
                              plan::BindEnvironment binding) {
  plan::PlanTraits traits;
  binding.traits = &traits;
  DRIFT_ASSIGN(auto root, plan::bindQuery(query, binding));
  DRIFT_ASSIGN(auto kept, keepPlan(root, traits, environment));
  auto execution = std::make_unique<QueryExecution>(environment);
  DRIFT_TRY(kept ? execution->open(std::move(kept)) : execution->open(std::move(root)));
  return execution;
}

bool serves(const CachedPlan& plan, const ExecutionEnvironment& environment) {
  if (environment.moment || (plan.busy && plan.reuse.hasParameters())) return false;
  if (plan.parameterTypes.size() != environment.parameters.size()) return false;
  for (std::size_t at = 0; at < plan.parameterTypes.size(); ++at)
    if (environment.parameters[at].isNull() || environment.parameters[at].type() != plan.parameterTypes[at])
      return false;
  if (plan.indexScans != environment.indexScans || plan.tableScans != environment.tableScans ||
      plan.timeZone != environment.context.timeZone)
    return false;
  const auto& transaction = environment.transaction;
  return plan.reuse.isSettled() ||
         (plan.lastCommit == transaction.snapshot().number() && !transaction.hasWrites());
}

bool changesRows(const sql::StatementNode& node) {
  return std::holds_alternative<sql::Insert>(node) || std::holds_alternative<sql::Update>(node) ||
         std::holds_alternative<sql::Delete>(node) || std::holds_alternative<sql::Merge>(node);
}

Result<std::vector<std::string>> explainLines(const sql::Statement& statement, const plan::BindEnvironment& binding) {
  const auto under = [](std::string first, const plan::Node& source) {
    std::vector<std::string> lines{std::move(first)};
    for (const auto& line : plan::explain(source)) lines.push_back("  " + line);
    return lines;
  };
  if (!std::holds_alternative<sql::QueryPtr>(statement.node) && !changesRows(statement.node))
    return Error(ErrorKind::FeatureNotSupported, "EXPLAIN of this statement is not supported").at(statement.span);
  DRIFT_ASSIGN(const auto bound, plan::bindStatement(statement, binding));
  std::vector<std::string> lines;
  const auto add = [&](std::vector<std::string> more) { lines.insert(lines.end(), more.begin(), more.end()); };
  for (const auto& part : bound.parts)
    add(under(fmt::format("With {}: {}", part.name, plan::describe(part.change)), plan::sourceOf(part.change)));
  add(bound.query ? plan::explain(*bound.query)
                  : under(plan::describe(*bound.change), plan::sourceOf(*bound.change)));
  return lines;
}

/// The words of a statement that writes; empty for others.
struct WritingWords {
  std::string_view operator()(const sql::Insert&) const { return "INSERT"; }
  std::string_view operator()(const sql::Update&) const { return "UPDATE"; }
  std::string_view operator()(const sql::Delete&) const { return "DELETE"; }
  std::string_view operator()(const sql::Merge&) const { return "MERGE"; }
  std::string_view operator()(const sql::Truncate&) const { return "TRUNCATE TABLE"; }
  std::string_view operator()(const sql::Copy&) const { return "COPY FROM"; }
  std::string_view operator()(const sql::Comment&) const { return "COMMENT"; }
  std::string_view operator()(const sql::CreateSequence&) const { return "CREATE SEQUENCE"; }
  std::string_view operator()(const sql::AlterSequence&) const { return "ALTER SEQUENCE"; }
  std::string_view operator()(const sql::DropSequence&) const { return "DROP SEQUENCE"; }
  std::string_view operator()(const sql::CreateTable&) const { return "CREATE TABLE"; }
  std::string_view operator()(const sql::CreateTableAs&) const { return "CREATE TABLE AS"; }
  std::string_view operator()(const sql::DropTable&) const { return "DROP TABLE"; }
  std::string_view operator()(const sql::CreateView& create) const {
    return create.materialized ? "CREATE MATERIALIZED VIEW" : "CREATE VIEW";
  }
  std::string_view operator()(const sql::DropView& drop) const {
    return drop.materialized ? "DROP MATERIALIZED VIEW" : "DROP VIEW";
  }
  std::string_view operator()(const sql::RefreshView&) const { return "REFRESH MATERIALIZED VIEW"; }
  std::string_view operator()(const sql::CreateFunction&) const { return "CREATE FUNCTION"; }
  std::string_view operator()(const sql::DropFunction&) const { return "DROP FUNCTION"; }
  std::string_view operator()(const sql::AlterTable&) const { return "ALTER TABLE"; }
  std::string_view operator()(const sql::CreateIndex&) const { return "CREATE INDEX"; }
  std::string_view operator()(const sql::DropIndex&) const { return "DROP INDEX"; }
  std::string_view operator()(const sql::RenameIndex&) const { return "ALTER INDEX"; }
  template <class Other>
  std::string_view operator()(const Other&) const {
    return {};
  }
};

Status requireWritable(std::string_view words, const ExecutionEnvironment& environment) {
  if (environment.moment)
    return makeError(ErrorKind::WriteInThePast, "cannot execute {} while looking at the past, commit {}", words,
                     *environment.moment)
        .withHint("RESET SYSTEM_TIME goes back to the present.");
  if (environment.readOnly || environment.transaction.store().readOnly())
    return makeError(ErrorKind::ReadOnlyTransaction, "cannot execute {} in a read-only transaction", words);
  return {};
}

struct WritingRun {
  const WriteContext& context;
  Result<ExecutionPtr> operator()(const sql::Truncate& truncate) const { return runTruncate(truncate, context); }
  Result<ExecutionPtr> operator()(const sql::Copy& copy) const { return runCopyFrom(copy, context); }
  Result<ExecutionPtr> operator()(const sql::Comment& comment) const { return runComment(comment, context); }
  Result<ExecutionPtr> operator()(const sql::CreateSequence& create) const { return runCreateSequence(create, context); }
  Result<ExecutionPtr> operator()(const sql::AlterSequence& alter) const { return runAlterSequence(alter, context); }
  Result<ExecutionPtr> operator()(const sql::DropSequence& drop) const { return runDropSequence(drop, context); }
  Result<ExecutionPtr> operator()(const sql::CreateTable& create) const { return runCreateTable(create, context); }
  Result<ExecutionPtr> operator()(const sql::CreateTableAs& create) const { return runCreateTableAs(create, context); }
  Result<ExecutionPtr> operator()(const sql::DropTable& drop) const { return runDropTable(drop, context); }
  Result<ExecutionPtr> operator()(const sql::CreateView& create) const { return runCreateView(create, context); }
  Result<ExecutionPtr> operator()(const sql::DropView& drop) const { return runDropView(drop, context); }
  Result<ExecutionPtr> operator()(const sql::RefreshView& refresh) const { return runRefreshView(refresh, context); }
  Result<ExecutionPtr> operator()(const sql::CreateFunction& create) const { return runCreateFunction(create, context); }
  Result<ExecutionPtr> operator()(const sql::DropFunction& drop) const { return runDropFunction(drop, context); }
  Result<ExecutionPtr> operator()(const sql::AlterTable& alter) const { return runAlterTable(alter, context); }
  Result<ExecutionPtr> operator()(const sql::CreateIndex& create) const { return runCreateIndex(create, context); }
  Result<ExecutionPtr> operator()(const sql::DropIndex& drop) const { return runDropIndex(drop, context); }
  Result<ExecutionPtr> operator()(const sql::RenameIndex& rename) const { return runRenameIndex(rename, context); }
  template <class Other>
  Result<ExecutionPtr> operator()(const Other&) const {
    return Error(ErrorKind::InternalError, "a statement of the session reached the executor");
  }
};

/// The words of a statement that changes something, also where only its WITH does; empty for others.
std::string_view writingWords(const sql::Statement& statement) {
  const bool query = std::holds_alternative<sql::QueryPtr>(statement.node);
  return query && statement.changesInWith ? "SELECT" : std::visit(WritingWords{}, statement.node);
}

/// Runs a statement that changes something; the transaction is as before where it fails.
Result<ExecutionPtr> runWriting(const sql::Statement& statement, const WriteContext& context) {
  DRIFT_TRY(requireWritable(writingWords(statement), context.operators.environment));
  const auto savepoint = context.transaction().savepoint();
  const bool changes = changesRows(statement.node) || std::holds_alternative<sql::QueryPtr>(statement.node);
  auto result = changes ? runChanges(statement, context) : std::visit(WritingRun{context}, statement.node);
  if (!result.ok()) context.transaction().rollbackTo(savepoint);
  return result;
}

/// Runs a statement to its end, and gives the plan with what its operators did.
Result<std::vector<std::string>> analyze(const sql::Explain& explain, const ExecutionEnvironment& environment,
                                         const plan::BindEnvironment& binding) {
  const auto begin = std::chrono::steady_clock::now();
  Analysis analysis(explain.timing);
  OperatorContext operators{environment, plan::functionContext(environment.context)};
  operators.analysis = &analysis;
  const auto& node = explain.statement->node;
  const auto* query = std::get_if<sql::QueryPtr>(&node);
  if (query && !explain.statement->changesInWith) {
    DRIFT_ASSIGN(const auto root, plan::bindQuery(**query, binding));
    DRIFT_ASSIGN(const auto top, makeOperator(*root, operators));
    Chunk rows;
    while (true) {
      DRIFT_ASSIGN(const bool more, top->next(rows));
      if (!more) break;
    }
    analysis.describe({}, *root);
  } else {
    if (writingWords(*explain.statement).empty())
      return Error(ErrorKind::FeatureNotSupported, "EXPLAIN of this statement is not supported")
          .at(explain.statement->span);
    DRIFT_ASSIGN(const auto done, runWriting(*explain.statement, {operators, binding}));
  }
  auto lines = analysis.lines();
  if (explain.timing)
    lines.push_back(fmt::format("Execution time: {} ms", millisecondsText(std::chrono::steady_clock::now() - begin)));
  return lines;
}

Result<ExecutionPtr> runExplain(const sql::Explain& explain, const ExecutionEnvironment& environment,
                                const plan::BindEnvironment& binding) {
  DRIFT_ASSIGN(const auto lines, explain.analyze ? analyze(explain, environment, binding)
                                                 : explainLines(*explain.statement, binding));
  const types::Type text = types::TypeId::Text;
  auto rows = std::make_shared<RowBuffer>(std::vector<types::Type>{text}, environment.context.memory);
  for (const auto& line : lines) {
    Chunk chunk(std::span(&text, 1), 1);
    chunk.column(0).setString(0, line);
    chunk.setRowCount(1);
    DRIFT_TRY(rows->append(chunk));
  }
  std::vector<OutputColumn> columns{{"QUERY PLAN", text, {}, {}}};
  return std::make_unique<DoneExecution>("EXPLAIN", lines.size(), std::move(columns), std::move(rows));
}

}  // namespace

Result<ExecutionPtr> execute(const sql::Statement& statement, const ExecutionEnvironment& environment) {
  const StoreMoments moments(environment);
  const auto binding = bindEnvironment(environment, moments);
  const auto* query = std::get_if<sql::QueryPtr>(&statement.node);
  if (query && !statement.changesInWith) return runQuery(**query, environment, binding);
  if (const auto* explain = std::get_if<sql::Explain>(&statement.node))
    return runExplain(*explain, environment, binding);
  OperatorContext operators{environment, plan::functionContext(environment.context)};
  if (const auto* copy = std::get_if<sql::Copy>(&statement.node); copy && !copy->from)
    return runCopyTo(*copy, operators, binding);
  return runWriting(statement, {operators, binding});
}

Result<ExecutionPtr> executeCached(const CachedPlanRef& plan, const ExecutionEnvironment& environment) {
  if (!serves(*plan, environment)) return ExecutionPtr();
  DRIFT_ASSIGN(const auto tables, environment.catalog.viewOf(environment.transaction));
  if (tables != plan->tables) return ExecutionPtr();
  if (plan->reuse.hasParameters() &&
      !plan->reuse.setParameters(environment.parameters, types::TextStyle{environment.context.timeZone}))
    return ExecutionPtr();
  auto execution = std::make_unique<QueryExecution>(environment);
  DRIFT_TRY(execution->open(plan));
  return execution;
}

Result<std::uint64_t> append(std::string_view table, std::span<const std::string> columns, const Chunk& rows,
                             const ExecutionEnvironment& environment) {
  DRIFT_TRY(requireWritable("INSERT", environment));
  const StoreMoments moments(environment);
  const auto binding = bindEnvironment(environment, moments);
  DRIFT_ASSIGN(const auto view, moments.tablesNow());
  const auto target = view->find(table);
  if (!target) return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", table);
  if (target->isView()) return makeError(ErrorKind::WrongObjectState, "cannot insert into view \"{}\"", table);
  if (target->isMaterialized())
    return makeError(ErrorKind::WrongObjectType, "cannot change materialized view \"{}\"", table);
  if (target->isSequence()) return makeError(ErrorKind::WrongObjectType, "cannot change sequence \"{}\"", table);
  if (columns.size() != rows.columnCount())
    return makeError(ErrorKind::InvalidParameterValue, "{} columns are named, but the rows have {}", columns.size(),
                     rows.columnCount());
  std::vector<types::Type> types;
  for (std::size_t at = 0; at < rows.columnCount(); ++at) types.push_back(rows.column(at).type());
  OperatorContext operators{environment, plan::functionContext(environment.context)};
  DRIFT_ASSIGN(auto appender, RowAppender::open(target, columns, types, {operators, binding}));
  const auto savepoint = environment.transaction.savepoint();
  auto status = appender.add(rows);
  if (status.ok()) status = appender.finish();
  if (!status.ok()) {
    environment.transaction.rollbackTo(savepoint);
    return std::move(status).error();
  }
  return rows.rowCount();
}

Result<CommitNumber> resolveMoment(const sql::Moment& moment, const ExecutionEnvironment& environment) {
  const StoreMoments moments(environment);
  DRIFT_ASSIGN(const auto number, plan::bindMoment(moment, bindEnvironment(environment, moments)));
  if (number && *number == 0)
    return Error(ErrorKind::MomentOutOfRange, "the moment is before the first commit").at(moment.span);
  return number.value_or(moments.lastCommit());
}

Result<HistoryDeletion> resolveHistoryDeletion(const sql::DeleteHistory& statement,
                                               const ExecutionEnvironment& environment) {
  DRIFT_TRY(requireWritable("DELETE HISTORY", environment));
  const StoreMoments moments(environment);
  HistoryDeletion deletion;
  DRIFT_ASSIGN(deletion.table, plan::bindStored(statement.table, bindEnvironment(environment, moments)));
  if (deletion.table->isTemporary()) return plan::noHistory(deletion.table->name, statement.table.span);
  DRIFT_ASSIGN(deletion.from, resolveMoment(statement.before, environment));
  return deletion;
}

}  // namespace drift::exec
