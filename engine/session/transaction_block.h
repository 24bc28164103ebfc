// TransactionBlock: one transaction of a session, from BEGIN or from the first word of a lone statement to
// its end, with what SQL keeps beside the write set: savepoint names, modes, the aborted state.
//
//   open --error--> failed --ROLLBACK TO SAVEPOINT--> open
//   open --COMMIT--> over          failed --COMMIT or ROLLBACK--> over (nothing written)
//
// Results that are still read hold the block; when it is over they end with an error.
//
// Thread rule: one thread at a time, its session's.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/ids.h"
#include "session/settings.h"
#include "txn/transaction.h"

namespace drift::session {

class StatementRun;

struct NamedSavepoint {
  std::string name;
  txn::Savepoint position;
  Settings settings;
  std::size_t writingStatements = 0;
};

class TransactionBlock final {
 public:
  /// Begins at the store's newest commit. `isExplicit`: BEGIN was said.
  TransactionBlock(storage::Store& store, txn::TemporaryRowsRef temporary, TimeMicros startTime, bool isExplicit);
  ~TransactionBlock();
  TransactionBlock(const TransactionBlock&) = delete;
  TransactionBlock& operator=(const TransactionBlock&) = delete;

  txn::Transaction& transaction() { return m_transaction; }
  bool isExplicit() const { return m_isExplicit; }
  TimeMicros startTime() const { return m_startTime; }

  bool failed() const { return m_failed; }
  /// After an error nothing but the end or a savepoint is accepted. A lone statement just ends.
  void fail() { m_failed = m_isExplicit; }

  /// Remembers a statement that wrote, for the commit's message.
  void addWritingStatement(std::string_view sql);
  /// Gives "UPDATE …", or "UPDATE … (and 2 more statements)".
  std::string message() const;

  void addSavepoint(std::string name, const Settings& settings);
  /// Goes back to a savepoint, which stays, and mends a failed block. Gives the settings of that moment.
  /// UndefinedObject.
  Result<Settings> rollbackTo(std::string_view name);
  /// Forgets a savepoint and those after it. UndefinedObject.
  Status release(std::string_view name);

  /// Notes a statement whose rows are still read, so that end() can end it.
  void track(const std::shared_ptr<StatementRun>& run);
  /// Ends all results that are still read. To be called before the transaction commits or is dropped.
  void endRuns();

  bool readOnly = false;
  std::optional<CommitNumber> moment;  ///< BEGIN … AS OF SYSTEM TIME
  Settings settingsBefore;             ///< those that ROLLBACK brings back

 private:
  std::vector<NamedSavepoint>::iterator findSavepoint(std::string_view name);

  txn::Transaction m_transaction;
  const TimeMicros m_startTime;
  const bool m_isExplicit;
  bool m_failed = false;
  std::vector<NamedSavepoint> m_savepoints;
  std::string m_firstMessage;
  std::size_t m_writingStatements = 0;
  std::vector<std::weak_ptr<StatementRun>> m_runs;
};

}  // namespace drift::session
