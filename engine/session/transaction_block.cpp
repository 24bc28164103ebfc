#include "session/transaction_block.h"

#include <algorithm>

#include "session/commit_message.h"
#include "session/statement_run.h"

namespace drift::session {

TransactionBlock::TransactionBlock(storage::Store& store, txn::TemporaryRowsRef temporary, TimeMicros startTime,
                                   bool isExplicit)
    : m_transaction(store, std::move(temporary)), m_startTime(startTime), m_isExplicit(isExplicit) {}

TransactionBlock::~TransactionBlock() = default;

void TransactionBlock::addWritingStatement(std::string_view sql) {
  if (m_writingStatements == 0) m_firstMessage = commitMessage(sql);
  ++m_writingStatements;
}

std::string TransactionBlock::message() const {
  if (m_writingStatements < 2) return m_firstMessage;
  const auto more = m_writingStatements - 1;
  return fmt::format("{} (and {} more statement{})", m_firstMessage, more, more == 1 ? "" : "s");
}

void TransactionBlock::addSavepoint(std::string name, const Settings& settings) {
  m_savepoints.push_back({std::move(name), m_transaction.savepoint(), settings, m_writingStatements});
}

std::vector<NamedSavepoint>::iterator TransactionBlock::findSavepoint(std::string_view name) {
  // The newest one of a name hides the older ones, as in PostgreSQL.
  const auto found = std::find_if(m_savepoints.rbegin(), m_savepoints.rend(),
                                  [&](const NamedSavepoint& savepoint) { return savepoint.name == name; });
  return found == m_savepoints.rend() ? m_savepoints.end() : std::prev(found.base());
}

Result<Settings> TransactionBlock::rollbackTo(std::string_view name) {
  const auto at = findSavepoint(name);
  if (at == m_savepoints.end())
    return makeError(ErrorKind::UndefinedObject, "savepoint \"{}\" does not exist", name);
  endRuns();
  m_transaction.rollbackTo(at->position);
  m_writingStatements = at->writingStatements;
  m_savepoints.erase(std::next(at), m_savepoints.end());
  m_failed = false;
  return at->settings;
}

Status TransactionBlock::release(std::string_view name) {
  const auto at = findSavepoint(name);
  if (at == m_savepoints.end())
    return makeError(ErrorKind::UndefinedObject, "savepoint \"{}\" does not exist", name);
  m_savepoints.erase(at, m_savepoints.end());
  return {};
}

void TransactionBlock::track(const std::shared_ptr<StatementRun>& run) {
  std::erase_if(m_runs, [](const std::weak_ptr<StatementRun>& other) { return other.expired(); });
  m_runs.push_back(run);
}

void TransactionBlock::endRuns() {
  for (const auto& weak : m_runs)
    if (const auto run = weak.lock()) run->end();
  m_runs.clear();
}

}  // namespace drift::session
