// TransactionControl: the statements that steer a session rather than read or write rows: BEGIN, COMMIT,
// savepoints, SET, SHOW, SYSTEM_TIME.
//
// Thread rule: one thread at a time, the session's.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include "api/database.h"
#include "exec/statement.h"
#include "session/settings.h"
#include "session/transaction_block.h"
#include "sql/ast.h"

namespace drift::session {

/// What control statements may change of their session.
struct SessionState {
  Settings settings;
  std::optional<CommitNumber> moment;       ///< SET SYSTEM_TIME
  std::shared_ptr<TransactionBlock> block;  ///< null: no block is open
  exec::SequenceValues sequenceValues;
};

/// What control statements need from their session.
struct ControlActions {
  std::function<std::shared_ptr<TransactionBlock>()> begin;
  /// Commits and gives the commit's number where something was written.
  std::function<Result<std::optional<CommitNumber>>(TransactionBlock&)> commit;
  /// Gives the commit that a point in history means.
  std::function<Result<CommitNumber>(const sql::Moment&, const std::shared_ptr<TransactionBlock>&)> resolve;
  std::function<Status(const sql::DeleteHistory&)> deleteHistory;
};

/// True if a failed block still accepts the statement.
bool isAllowedInFailedBlock(const sql::Statement& statement);

/// Runs a control statement; gives null for every other kind.
Result<std::unique_ptr<api::ResultSet>> runControl(const sql::Statement& statement, SessionState& state,
                                                   const ControlActions& actions);

}  // namespace drift::session
