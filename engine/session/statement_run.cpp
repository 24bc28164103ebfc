#include "session/statement_run.h"

#include "base/out_of_memory.h"

namespace drift::session {

StatementRun::StatementRun(std::shared_ptr<TransactionBlock> block, RunSetup setup)
    : m_block(std::move(block)),
      m_setup(std::move(setup)),
      m_memory(m_setup.memoryBytesMax),
      m_spill(m_setup.files, m_setup.databasePath, m_setup.spillLimits),
      m_context{m_setup.clock, *m_setup.cancel, m_memory, m_block->startTime(), m_setup.timeZone},
      m_environment{.transaction = m_block->transaction(),
                    .catalog = m_setup.catalog,
                    .registry = m_setup.registry,
                    .context = m_context,
                    .files = m_setup.files,
                    .parameters = m_setup.parameters,
                    .moment = m_setup.moment,
                    .readOnly = m_block->readOnly,
                    .text = m_setup.text,
                    .onlineBuilds = m_setup.onlineBuilds,
                    .spill = &m_spill,
                    .plans = m_setup.plans,
                    .sequenceValues = m_setup.sequenceValues,
                    .workers = m_setup.workers,
                    .parallelWorkers = m_setup.parallelWorkers,
                    .indexScans = m_setup.indexScans,
                    .tableScans = m_setup.tableScans} {}

StatementRun::~StatementRun() = default;

Error StatementRun::failed(Error error) {
  m_execution.reset();
  m_block->fail();
  return movedTo(std::move(error), m_setup.origin);
}

Status StatementRun::start(const sql::Statement& statement) {
  auto execution = exec::execute(statement, m_environment);
  if (!execution.ok()) return failed(std::move(execution).error());
  take(std::move(execution).value());
  return {};
}

Result<bool> StatementRun::start(const exec::CachedPlanRef& plan) {
  auto execution = exec::executeCached(plan, m_environment);
  if (!execution.ok()) return failed(std::move(execution).error());
  if (!*execution) return false;
  take(std::move(execution).value());
  return true;
}

void StatementRun::take(std::unique_ptr<exec::Execution> execution) {
  m_execution = std::move(execution);
  for (const auto& column : m_execution->columns())
    m_columns.push_back({column.name, column.type, column.table, column.column});
}

Result<bool> StatementRun::next(types::Chunk& out) {
  out.clear();
  if (m_cutShort)
    return Error(ErrorKind::NoActiveTransaction, "the rest of this result ended with its transaction");
  if (!m_execution) return false;
  auto any = catchBadAlloc([&] { return m_execution->next(out); });
  if (!any.ok()) return failed(std::move(any).error());
  if (!*any) finish();
  return any;
}

void StatementRun::finish() {
  m_tag = m_execution->commandTag();
  m_affectedRows = m_execution->affectedRows();
  m_execution.reset();
  m_block.reset();  // a result at its end holds no snapshot
}

void StatementRun::end() {
  if (!m_execution) return;
  m_cutShort = true;
  finish();
}

Error movedTo(Error error, const SourceSpan& origin) {
  if (!error.span()) return error;
  auto span = *error.span();
  if (span.line == 1) span.column += origin.column - 1;
  span.line += origin.line - 1;
  span.offsetBytes += origin.offsetBytes;
  auto moved = Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail()).at(span);
  return error.cause() ? std::move(moved).causedBy(*error.cause()) : moved;
}

}  // namespace drift::session
