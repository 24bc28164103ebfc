#include "session/engine_session.h"

#include <algorithm>

#include "session/results.h"
#include "sql/parser.h"

namespace drift::session {

namespace {

/// A lone statement is run again that often when other commits were faster, before the conflict is an error.
constexpr int kAttemptsMax = 16;

bool changesSchema(const sql::Statement& statement) {
  const auto& node = statement.node;
  return std::holds_alternative<sql::CreateTable>(node) || std::holds_alternative<sql::CreateTableAs>(node) ||
         std::holds_alternative<sql::DropTable>(node) || std::holds_alternative<sql::AlterTable>(node) ||
         std::holds_alternative<sql::CreateIndex>(node) || std::holds_alternative<sql::DropIndex>(node) ||
         std::holds_alternative<sql::RenameIndex>(node) || std::holds_alternative<sql::CreateView>(node) ||
         std::holds_alternative<sql::DropView>(node) || std::holds_alternative<sql::CreateSequence>(node) ||
         std::holds_alternative<sql::AlterSequence>(node) || std::holds_alternative<sql::DropSequence>(node) ||
         std::holds_alternative<sql::Comment>(node) || std::holds_alternative<sql::RefreshView>(node) ||
         std::holds_alternative<sql::CreateFunction>(node) || std::holds_alternative<sql::DropFunction>(node);
}

bool writes(const sql::Statement& statement) {
  const auto& node = statement.node;
  const bool explains = std::holds_alternative<sql::Explain>(node);
  if ((statement.takesNumbers || statement.changesInWith) && !explains) return true;
  if (const auto* explain = std::get_if<sql::Explain>(&node)) return explain->analyze && writes(*explain->statement);
  if (const auto* copy = std::get_if<sql::Copy>(&node)) return copy->from;
  return changesSchema(statement) || std::holds_alternative<sql::Insert>(node) ||
         std::holds_alternative<sql::Update>(node) || std::holds_alternative<sql::Delete>(node) ||
         std::holds_alternative<sql::Truncate>(node) || std::holds_alternative<sql::Merge>(node);
}

/// Reads all rows that are left.
Result<std::vector<types::Chunk>> drain(StatementRun& run) {
  std::vector<types::Chunk> chunks;
  while (true) {
    types::Chunk chunk;
    DRIFT_ASSIGN(const bool any, run.next(chunk));
    if (!any) return chunks;
    chunks.push_back(std::move(chunk));
  }
}

}  // namespace

EngineSession::EngineSession(std::shared_ptr<EngineDatabase> database, std::string author)
    : m_database(std::move(database)), m_author(std::move(author)) {
  m_database->sessionOpened();
}

EngineSession::~EngineSession() {
  if (m_state.block) m_state.block->endRuns();
  m_state.block.reset();
  m_database->sessionClosed();
}

template <class Work>
auto EngineSession::withinMemory(Work work) -> decltype(work()) {
  m_hasCommitted = false;
  std::optional<decltype(work())> afterCommit;  // made beforehand: when it is needed there is no memory for it
  try {
    afterCommit.emplace(
        Error(ErrorKind::OutOfMemory, "memory has run out after the changes were committed: they are kept"));
    return work();
  } catch (const std::bad_alloc&) {
    if (m_state.block) m_state.block->fail();
    if (m_hasCommitted) return std::move(*afterCommit);
    return Error::outOfMemory();
  }
}

Result<ResultSetPtr> EngineSession::execute(std::string_view sql, const api::ExecuteOptions& options) {
  return withinMemory([&] { return run(sql, options); });
}

Error EngineSession::abortedBlock() {
  return Error(ErrorKind::InFailedTransaction,
               "current transaction is aborted, commands ignored until end of transaction block")
      .withHint("Run ROLLBACK, or ROLLBACK TO SAVEPOINT if there is one.");
}

Result<ResultSetPtr> EngineSession::runAgain(std::string_view sql, const api::ExecuteOptions& options) {
  const auto plan = m_plans.find(sql);
  if (!plan) return ResultSetPtr();
  if (m_state.block && m_state.block->failed()) return abortedBlock();
  auto block = m_state.block;
  if (!block) {
    block = newBlock(false);
    block->readOnly = m_state.settings.forStatements().readOnly;
  }
  auto run = newRun(block, sql, options);
  DRIFT_ASSIGN(const bool started, run->start(plan));
  return started ? ResultSetPtr(std::make_unique<StreamedResult>(std::move(run))) : ResultSetPtr();
}

Result<ResultSetPtr> EngineSession::run(std::string_view sql, const api::ExecuteOptions& options) {
  DRIFT_ASSIGN(auto again, runAgain(sql, options));
  if (again) return again;
  auto parsed = sql::parseStatement(sql);
  if (!parsed.ok()) {
    if (m_state.block) m_state.block->fail();
    return movedTo(std::move(parsed).error(), options.origin);
  }
  const auto& statement = **parsed;
  if (m_state.block && m_state.block->failed() && !isAllowedInFailedBlock(statement))
    return abortedBlock();
  DRIFT_ASSIGN(auto result, control(statement, sql, options));
  if (result) return result;
  DRIFT_ASSIGN(auto named, runNamed(statement, sql, options));
  if (named) return named;
  return m_state.block ? runInBlock(statement, sql, options) : runAlone(statement, sql, options);
}

Result<ResultSetPtr> EngineSession::control(const sql::Statement& statement, std::string_view sql,
                                            const api::ExecuteOptions& options) {
  const ControlActions actions{
      .begin = [this] { return newBlock(true); },
      .commit = [this](TransactionBlock& block) { return commitBlock(block); },
      .resolve = [&](const sql::Moment& moment, const BlockPtr& block) -> Result<CommitNumber> {
        return exec::resolveMoment(moment, newRun(block, sql, options)->environment());
      },
      .deleteHistory = [&](const sql::DeleteHistory& deletion) -> Status {
        const auto block = newBlock(false);
        block->readOnly = m_state.settings.forStatements().readOnly;
        const auto run = newRun(block, sql, options);
        DRIFT_ASSIGN(const auto found, exec::resolveHistoryDeletion(deletion, run->environment()));
        return m_database->deleteHistory(found.table->id, found.from, run->environment().context.cancel);
      }};
  const bool commits = std::holds_alternative<sql::CommitTransaction>(statement.node);
  const bool inBlock = m_state.block && !m_state.block->failed();
  if (inBlock && (commits || std::holds_alternative<sql::RollbackToSavepoint>(statement.node)))
    DRIFT_TRY(m_cursors.readAll(commits));
  const bool hadBlock = m_state.block != nullptr;
  auto result = runControl(statement, m_state, actions);
  if (hadBlock && !m_state.block) m_cursors.endTransaction(commits && inBlock && result.ok());
  if (result.ok()) return result;
  if (m_state.block) m_state.block->fail();
  return movedTo(std::move(result).error(), options.origin);
}

Result<ResultSetPtr> EngineSession::runNamed(const sql::Statement& statement, std::string_view sql,
                                             const api::ExecuteOptions& options) {
  const auto tagged = [](Status status, const char* tag) -> Result<ResultSetPtr> {
    if (!status.ok()) return std::move(status).error();
    return tagResult(tag);
  };
  const auto work = [&]() -> Result<ResultSetPtr> {
    const auto& node = statement.node;
    if (const auto* prepare = std::get_if<sql::Prepare>(&node)) return tagged(m_prepared.add(*prepare, sql), "PREPARE");
    if (const auto* execute = std::get_if<sql::ExecutePrepared>(&node)) return executePrepared(*execute, sql, options);
    if (const auto* forget = std::get_if<sql::Deallocate>(&node))
      return tagged(m_prepared.remove(*forget), forget->name ? "DEALLOCATE" : "DEALLOCATE ALL");
    if (const auto* declare = std::get_if<sql::DeclareCursor>(&node)) return declareCursor(*declare, sql, options);
    if (const auto* fetch = std::get_if<sql::Fetch>(&node)) return m_cursors.fetch(*fetch);
    if (const auto* close = std::get_if<sql::CloseCursor>(&node))
      return tagged(m_cursors.close(*close), close->name ? "CLOSE CURSOR" : "CLOSE CURSOR ALL");
    return ResultSetPtr();
  };
  auto result = work();
  if (result.ok()) return result;
  if (m_state.block) m_state.block->fail();
  return movedTo(std::move(result).error(), options.origin);
}

Result<std::shared_ptr<StatementRun>> EngineSession::startQuery(std::string_view text, SourceSpan place,
                                                                const api::ExecuteOptions& options) {
  auto own = options;
  own.origin = place;
  auto parsed = sql::parseStatement(text);
  if (!parsed.ok()) return movedTo(std::move(parsed).error(), place);
  const auto block = m_state.block ? m_state.block : newBlock(false);
  auto run = newRun(block, text, own);
  DRIFT_TRY(run->start(**parsed));
  return run;
}

Result<types::Value> EngineSession::argumentOf(const sql::Expression& argument, types::Type type, std::size_t number,
                                               std::string_view sql, const api::ExecuteOptions& options) {
  const auto place = argument.span;
  const bool isTyped = type.id() != types::TypeId::Unknown;
  const types::TextStyle style{m_state.settings.forStatements().timeZone};
  types::Value value;
  if (const auto untyped = untypedArgument(argument)) {
    if (!isTyped) return *untyped;
    if (untyped->isNull()) return types::Value::null(type);
    value = *untyped;
  } else {
    const auto text = fmt::format("SELECT ({})", sql.substr(place.offsetBytes, place.lengthBytes));
    auto run = startQuery(text, {}, options);
    if (!run.ok()) return std::move(run).error().at(place);
    types::Chunk row;
    auto any = (*run)->next(row);
    if (!any.ok()) return std::move(any).error().at(place);
    value = row.column(0).get(0);
    if (!isTyped) return value;
    if (!types::canCast(row.column(0).type(), type, types::CastContext::Assignment))
      return makeError(ErrorKind::DatatypeMismatch, "parameter ${} of type {} cannot be coerced to the expected type {}",
                       number, row.column(0).type().name(), type.name())
          .withHint("You will need to rewrite or cast the expression.")
          .at(place);
  }
  auto converted = types::cast(value, type, types::CastContext::Assignment, style);
  if (!converted.ok()) return std::move(converted).error().at(place);
  return converted;
}

Result<ResultSetPtr> EngineSession::executePrepared(const sql::ExecutePrepared& execute, std::string_view sql,
                                                    const api::ExecuteOptions& options) {
  DRIFT_ASSIGN(const auto prepared, m_prepared.find(execute.name));
  DRIFT_TRY(checkArgumentCount(prepared, execute));
  auto own = options;
  own.origin = {};
  own.parameters.clear();
  for (std::size_t at = 0; at < execute.arguments.size(); ++at) {
    DRIFT_ASSIGN(auto value, argumentOf(*execute.arguments[at], prepared.types[at], at + 1, sql, options));
    own.parameters.push_back(std::move(value));
  }
  auto result = run(prepared.text, own);
  // Places within the prepared text mean nothing in the statement.
  if (!result.ok()) return std::move(result).error().at(execute.span);
  return result;
}

Result<ResultSetPtr> EngineSession::declareCursor(const sql::DeclareCursor& declare, std::string_view sql,
                                                  const api::ExecuteOptions& options) {
  if (!m_state.block && !declare.hold)
    return Error(ErrorKind::NoActiveTransaction, "DECLARE CURSOR can only be used in transaction blocks")
        .withHint("Run BEGIN first, or declare the cursor WITH HOLD.")
        .at(declare.name.span);
  DRIFT_TRY(m_cursors.checkFree(declare.name));
  if (declare.query->takesNumbers)
    return Error(ErrorKind::FeatureNotSupported, "a cursor over a query that calls nextval() or setval() is not supported")
        .at(declare.query->span);
  const auto& place = declare.query->span;
  DRIFT_ASSIGN(auto run, startQuery(sql.substr(place.offsetBytes, place.lengthBytes), place, options));
  DRIFT_TRY(m_cursors.open(declare, std::move(run), !m_state.block));
  return tagResult("DECLARE CURSOR");
}

EngineSession::BlockPtr EngineSession::newBlock(bool isExplicit) const {
  return std::make_shared<TransactionBlock>(m_database->store(), m_temporary, m_database->clock().now(), isExplicit);
}

std::shared_ptr<StatementRun> EngineSession::newRun(const BlockPtr& block, std::string_view sql,
                                                    const api::ExecuteOptions& options,
                                                    std::vector<exec::OnlineBuild>* onlineBuilds) {
  const auto& settings = m_state.settings.forStatements();
  auto run = std::make_shared<StatementRun>(block, RunSetup{.clock = m_database->clock(),
                                                            .catalog = m_database->catalog(),
                                                            .registry = m_database->registry(),
                                                            .files = m_database->files(),
                                                            .cancel = m_running.start(),
                                                            .timeZone = settings.timeZone,
                                                            .memoryBytesMax = settings.memoryBytesMax,
                                                            .databasePath = m_database->path(),
                                                            .spillLimits = settings.spill,
                                                            .text = std::string(sql),
                                                            .parameters = options.parameters,
                                                            .moment = block->moment ? block->moment : m_state.moment,
                                                            .origin = options.origin,
                                                            .onlineBuilds = onlineBuilds,
                                                            .plans = &m_plans,
                                                            .sequenceValues = &m_state.sequenceValues,
                                                            .indexScans = settings.indexScans,
                                                            .tableScans = settings.tableScans,
                                                            .workers = &m_database->workers(),
                                                            .parallelWorkers = settings.parallelWorkers,
                                                            .owner = m_database});
  block->track(run);
  return run;
}

Status EngineSession::checkWritable() const {
  if (!m_database->readOnly()) return {};
  return Error(ErrorKind::ReadOnlyDatabase, "the database is open read-only");
}

Result<ResultSetPtr> EngineSession::runInBlock(const sql::Statement& statement, std::string_view sql,
                                               const api::ExecuteOptions& options) {
  if (writes(statement)) {
    if (auto writable = checkWritable(); !writable.ok()) {
      m_state.block->fail();
      return std::move(writable).error();
    }
  }
  // Open cursors go on showing what there is now.
  if (writes(statement)) DRIFT_TRY(m_cursors.readAll(false));
  const auto run = newRun(m_state.block, sql, options);
  DRIFT_TRY(run->start(statement));
  if (writes(statement) && (run->affectedRows() > 0 || statement.changesInWith || changesSchema(statement)))
    m_state.block->addWritingStatement(sql);
  return ResultSetPtr(std::make_unique<StreamedResult>(run));
}

Result<ResultSetPtr> EngineSession::runAlone(const sql::Statement& statement, std::string_view sql,
                                             const api::ExecuteOptions& options) {
  if (!writes(statement)) {
    const auto block = newBlock(false);
    block->readOnly = m_state.settings.forStatements().readOnly;
    const auto run = newRun(block, sql, options);
    DRIFT_TRY(run->start(statement));
    return ResultSetPtr(std::make_unique<StreamedResult>(run));
  }
  StoredResult::Contents contents;
  std::vector<exec::OnlineBuild> builds;
  DRIFT_ASSIGN(contents.committed, commitAlone([&](const BlockPtr& block) -> Status {
                 builds.clear();
                 const auto run = newRun(block, sql, options, &builds);
                 DRIFT_TRY(run->start(statement));
                 DRIFT_ASSIGN(contents.chunks, drain(*run));
                 contents.columns = run->columns();
                 contents.tag = run->commandTag();
                 contents.affectedRows = run->affectedRows();
                 block->addWritingStatement(sql);
                 return {};
               }));
  for (const auto& build : builds) DRIFT_TRY(buildOnline(build, sql));
  return ResultSetPtr(std::make_unique<StoredResult>(std::move(contents)));
}

Status EngineSession::buildBatches(exec::IndexBuild& build, const std::string& message) {
  // Other commits wait while a batch is checked, so batches are small as long as there are any.
  constexpr std::size_t kBatchRowsMin = 1024;
  constexpr std::size_t kBatchRowsMax = 16 * 1024;
  const auto cancel = m_running.start();
  auto rowsMax = kBatchRowsMin;
  for (bool complete = false; !complete;) {
    DRIFT_TRY(cancel->check());
    const auto block = newBlock(false);
    const auto run = newRun(block, message, {});
    DRIFT_ASSIGN(const auto batch, exec::buildBatch(build, rowsMax, run->environment()));
    block->addWritingStatement(fmt::format("{} ({} rows)", message, batch.rows));
    const auto seen = block->transaction().snapshot().number();
    const auto committed = commitBlock(*block);
    const bool conflict = !committed.ok() && committed.error().kind() == ErrorKind::SerializationFailure;
    if (!committed.ok() && !conflict) return committed.error();
    const bool alone = !conflict && (!*committed || **committed == seen + 1);
    rowsMax = std::clamp(alone ? rowsMax * 2 : rowsMax / 2, kBatchRowsMin, kBatchRowsMax);
    if (conflict) continue;  // each one is about a row whose writer has kept the index since, so they come to an end
    build.after = batch.after;
    complete = batch.complete;
  }
  return {};
}

Status EngineSession::buildOnline(const exec::OnlineBuild& made, std::string_view sql) {
  exec::IndexBuild build{.table = made.table, .index = made.index};
  const auto message = std::string(sql);
  const auto inOne = [&](auto step) -> Status {
    const auto committed = commitAlone([&](const BlockPtr& block) -> Status {
      const auto run = newRun(block, message, {});
      DRIFT_TRY(step(build, run->environment()));
      block->addWritingStatement(message);
      return {};
    });
    return committed.ok() ? Status() : Status(committed.error());
  };
  auto built = buildBatches(build, message);
  if (built.ok()) built = inOne(exec::finishBuild);
  if (built.ok()) return {};
  auto undone = inOne(exec::abandonBuild);
  if (!undone.ok())
    return Error(built.error().kind(), built.error().message())
        .withDetail(fmt::format("The index was not taken away again: {}. It is not used, and goes when the database is "
                                "opened next.",
                                undone.error().message()))
        .causedBy(std::move(built).error());
  return built;
}

Result<std::optional<CommitNumber>> EngineSession::commitAlone(
    const std::function<Status(const BlockPtr&)>& work) {
  DRIFT_TRY(checkWritable());
  for (int attempt = 1;; ++attempt) {
    const auto block = newBlock(false);
    block->readOnly = m_state.settings.forStatements().readOnly;
    DRIFT_TRY(work(block));
    if (!block->transaction().hasWrites()) {
      // Temporary tables may have changed: these make no commit.
      DRIFT_TRY(m_database->catalog().endTemporary(block->transaction()));
      DRIFT_ASSIGN(const auto nothing, block->transaction().commit({}));
      static_cast<void>(nothing);
      return std::optional<CommitNumber>();
    }
    const auto message = m_nextMessage;
    const auto time = m_nextTime;
    auto committed = commitBlock(*block);
    if (committed.ok() || committed.error().kind() != ErrorKind::SerializationFailure || attempt == kAttemptsMax)
      return committed;
    m_nextMessage = message;
    m_nextTime = time;
  }
}

Result<std::optional<CommitNumber>> EngineSession::commitBlock(TransactionBlock& block) {
  block.endRuns();
  DRIFT_TRY(m_database->catalog().endTemporary(block.transaction()));
  m_database->catalog().guardWrites(block.transaction());
  txn::CommitDetails details{.author = m_author,
                             .message = m_nextMessage ? *m_nextMessage : block.message(),
                             .time = m_nextTime};
  const bool writesSomething = block.transaction().hasWrites() || details.time;
  if (writesSomething) {
    m_nextMessage.reset();
    m_nextTime.reset();
  }
  DRIFT_ASSIGN(const auto receipt, block.transaction().commit(std::move(details)));
  if (!receipt) return std::optional<CommitNumber>();
  m_hasCommitted = true;
  m_database->listeners().notify(receipt->number);
  return std::optional(receipt->number);
}

Status EngineSession::setMoment(std::optional<CommitNumber> at) {
  if (at) {
    const auto last = m_database->store().lastCommit();
    if (*at > last)
      return makeError(ErrorKind::MomentOutOfRange, "there is no commit {} yet; the last one is {}", *at, last);
    if (*at != 0) DRIFT_TRY(m_database->store().checkKept(*at));
  }
  m_state.moment = at;
  return {};
}

Result<std::uint64_t> EngineSession::append(std::string_view table, std::span<const std::string> columns,
                                            const types::Chunk& rows) {
  return withinMemory([&] { return appendRows(table, columns, rows); });
}

Result<std::uint64_t> EngineSession::appendRows(std::string_view table, std::span<const std::string> columns,
                                                const types::Chunk& rows) {
  const auto statement = fmt::format("INSERT INTO {}", table);
  std::uint64_t count = 0;
  const auto work = [&](const BlockPtr& block) -> Status {
    const auto run = newRun(block, statement, {});
    DRIFT_ASSIGN(count, exec::append(table, columns, rows, run->environment()));
    if (count > 0) block->addWritingStatement(statement);
    return {};
  };
  if (!m_state.block) {
    DRIFT_TRY(commitAlone(work));
    return count;
  }
  if (m_state.block->failed())
    return Error(ErrorKind::InFailedTransaction,
                 "current transaction is aborted, commands ignored until end of transaction block");
  auto done = checkWritable();
  if (done.ok()) done = m_cursors.readAll(false);
  if (done.ok()) done = work(m_state.block);
  if (done.ok()) return count;
  m_state.block->fail();
  return std::move(done).error();
}

Status EngineSession::arrangeColumns(std::string_view table, const std::vector<std::string>& names) {
  auto& transaction = m_state.block->transaction();
  DRIFT_ASSIGN(const auto view, m_database->catalog().viewOf(transaction));
  const auto found = view->find(table);
  if (!found) return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", table);
  auto arranged = *found;
  std::ranges::stable_sort(arranged.columns, {}, [&](const catalog::Column& column) {
    return std::ranges::find(names, column.name) - names.begin();
  });
  return m_database->catalog().putTable(transaction, arranged);
}

void EngineSession::describeNextCommit(std::string message, std::optional<TimeMicros> time) {
  m_nextMessage = std::move(message);
  m_nextTime = time;
}

}  // namespace drift::session
