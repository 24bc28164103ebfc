// EngineSession: implements api::Session: one statement at a time, in a block or in a transaction of its own.
//
// A lone statement that writes does so in full before execute() returns, and is committed then; where
// another commit was faster it runs again on the newer state. A lone query streams: its result holds the
// snapshot. In a block (BEGIN … COMMIT) everything shares one transaction, and any error makes the block
// refuse all but its end or ROLLBACK TO SAVEPOINT (25P02), as in PostgreSQL.
//
// Where PostgreSQL only warns, there is nobody to warn here: COMMIT and ROLLBACK without a block, BEGIN in
// a block and SET LOCAL outside of one do nothing and succeed. BEGIN in a block with modes of its own is an
// error, since doing nothing would not be what was asked for.
//
// Thread rule: one thread at a time, but cancel() from any.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "api/database.h"
#include "exec/index_build.h"
#include "session/cursors.h"
#include "session/engine_database.h"
#include "session/prepared_statements.h"
#include "session/running_statements.h"
#include "session/settings.h"
#include "session/statement_run.h"
#include "session/transaction_block.h"
#include "session/transaction_control.h"
#include "sql/ast.h"

namespace drift::session {

using ResultSetPtr = std::unique_ptr<api::ResultSet>;

class EngineSession final : public api::Session {
 public:
  EngineSession(std::shared_ptr<EngineDatabase> database, std::string author);
  /// Rolls back a block that is still open.
  ~EngineSession() override;

  Result<ResultSetPtr> execute(std::string_view sql, const api::ExecuteOptions& options) override;
  void cancel() override { m_running.cancel(); }
  bool inTransaction() const override { return m_state.block != nullptr; }
  Status setMoment(std::optional<CommitNumber> at) override;
  std::optional<CommitNumber> moment() const override { return m_state.moment; }
  Result<std::uint64_t> append(std::string_view table, std::span<const std::string> columns,
                               const types::Chunk& rows) override;
  void describeNextCommit(std::string message, std::optional<TimeMicros> time) override;

  /// Puts a table's columns into the order of `names`, within the open block. For imports: SQL has no word
  /// for it, and a table should read as the file does. Columns that are not named come last.
  Status arrangeColumns(std::string_view table, const std::vector<std::string>& names);

 private:
  using BlockPtr = std::shared_ptr<TransactionBlock>;

  /// Runs `work`; where memory ends in it, the block has failed, or the commit is told of that was made before.
  template <class Work>
  auto withinMemory(Work work) -> decltype(work());
  Result<ResultSetPtr> run(std::string_view sql, const api::ExecuteOptions& options);
  /// Runs a query again with the plan that was kept for its text; null where it has to be planned anew.
  Result<ResultSetPtr> runAgain(std::string_view sql, const api::ExecuteOptions& options);
  static Error abortedBlock();
  Result<std::uint64_t> appendRows(std::string_view table, std::span<const std::string> columns,
                                   const types::Chunk& rows);
  BlockPtr newBlock(bool isExplicit) const;
  std::shared_ptr<StatementRun> newRun(const BlockPtr& block, std::string_view sql, const api::ExecuteOptions& options,
                                       std::vector<exec::OnlineBuild>* onlineBuilds = nullptr);
  Result<ResultSetPtr> runInBlock(const sql::Statement& statement, std::string_view sql,
                                  const api::ExecuteOptions& options);
  Result<ResultSetPtr> runAlone(const sql::Statement& statement, std::string_view sql,
                                const api::ExecuteOptions& options);
  /// Builds an index that a lone CREATE INDEX left to be built; takes it away again where that fails.
  Status buildOnline(const exec::OnlineBuild& build, std::string_view sql);
  Status buildBatches(exec::IndexBuild& build, const std::string& message);
  Status checkWritable() const;
  /// Commits a block and tells the listeners. The block is over either way.
  Result<std::optional<CommitNumber>> commitBlock(TransactionBlock& block);
  /// Runs `work` in transactions of its own until it commits or fails for another reason than a conflict.
  Result<std::optional<CommitNumber>> commitAlone(const std::function<Status(const BlockPtr&)>& work);

  /// PREPARE, EXECUTE, cursors; null for every other statement.
  Result<ResultSetPtr> runNamed(const sql::Statement& statement, std::string_view sql,
                                const api::ExecuteOptions& options);
  Result<ResultSetPtr> executePrepared(const sql::ExecutePrepared& execute, std::string_view sql,
                                       const api::ExecuteOptions& options);
  Result<types::Value> argumentOf(const sql::Expression& argument, types::Type type, std::size_t number,
                                  std::string_view sql, const api::ExecuteOptions& options);
  Result<ResultSetPtr> declareCursor(const sql::DeclareCursor& declare, std::string_view sql,
                                     const api::ExecuteOptions& options);
  /// Starts a query that stands somewhere in a statement's text.
  Result<std::shared_ptr<StatementRun>> startQuery(std::string_view text, SourceSpan place,
                                                   const api::ExecuteOptions& options);

  Result<ResultSetPtr> control(const sql::Statement& statement, std::string_view sql,
                               const api::ExecuteOptions& options);

  const std::shared_ptr<EngineDatabase> m_database;
  const std::string m_author;
  SessionState m_state;
  RunningStatements m_running;
  exec::PlanCache m_plans;
  const txn::TemporaryRowsRef m_temporary = std::make_shared<txn::TemporaryRows>();
  PreparedStatements m_prepared;
  Cursors m_cursors;
  std::optional<std::string> m_nextMessage;
  std::optional<TimeMicros> m_nextTime;
  bool m_hasCommitted = false;  ///< in the call that runs
};

}  // namespace drift::session
