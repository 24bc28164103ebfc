// StatementRun: one statement at work: the execution with all that it refers to, in one place, so that a
// result can outlive the call that made it.
//
// Thread rule: one thread at a time, its session's; only the cancel token is used from others.
#pragma once

#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "api/database.h"
#include "exec/plan_cache.h"
#include "exec/spill_space.h"
#include "exec/statement.h"
#include "runtime/query_context.h"
#include "session/transaction_block.h"

namespace drift::session {

/// What a statement takes from its session; copied, since the session's may change while rows are read.
struct RunSetup {
  const Clock& clock;
  const catalog::Catalog& catalog;
  const functions::Registry& registry;
  platform::FileSystem& files;
  std::shared_ptr<const runtime::CancelToken> cancel;
  std::string timeZone;
  std::size_t memoryBytesMax = 0;
  const std::string& databasePath;
  exec::SpillLimits spillLimits;
  std::string text;
  std::vector<types::Value> parameters;
  std::optional<CommitNumber> moment;
  SourceSpan origin;
  std::vector<exec::OnlineBuild>* onlineBuilds = nullptr;
  exec::PlanCache* plans = nullptr;
  exec::SequenceValues* sequenceValues = nullptr;
  bool indexScans = true;
  bool tableScans = true;
  runtime::WorkerPool* workers = nullptr;
  std::size_t parallelWorkers = 1;
  /// Held as long as the run: what keeps the database open.
  std::shared_ptr<const void> owner;
};

class StatementRun final {
 public:
  StatementRun(std::shared_ptr<TransactionBlock> block, RunSetup setup);
  ~StatementRun();
  StatementRun(const StatementRun&) = delete;
  StatementRun& operator=(const StatementRun&) = delete;

  const exec::ExecutionEnvironment& environment() const { return m_environment; }

  /// Starts the statement. An error fails the block.
  Status start(const sql::Statement& statement);
  /// The same with a plan that was kept for the statement's text; gives false, with nothing done, where it does not
  /// serve.
  Result<bool> start(const exec::CachedPlanRef& plan);
  const std::vector<api::ResultColumn>& columns() const { return m_columns; }
  /// Gives the next rows. An error fails the block; so does reading on after end().
  Result<bool> next(types::Chunk& out);
  std::string commandTag() const { return m_execution ? m_execution->commandTag() : m_tag; }
  std::uint64_t affectedRows() const { return m_execution ? m_execution->affectedRows() : m_affectedRows; }

  /// Ends the execution since its transaction ends. Rows that were not read are lost, which next() says.
  void end();

 private:
  void take(std::unique_ptr<exec::Execution> execution);
  void finish();
  Error failed(Error error);

  std::shared_ptr<TransactionBlock> m_block;
  const RunSetup m_setup;
  runtime::MemoryBudget m_memory;
  exec::SpillSpace m_spill;
  const runtime::QueryContext m_context;
  const exec::ExecutionEnvironment m_environment;
  std::vector<api::ResultColumn> m_columns;
  std::unique_ptr<exec::Execution> m_execution;  ///< null before start() and after the last row
  std::string m_tag;
  std::uint64_t m_affectedRows = 0;
  bool m_cutShort = false;
};

/// Moves the place of an error from a statement's text to the text that it was cut out of.
Error movedTo(Error error, const SourceSpan& origin);

}  // namespace drift::session
