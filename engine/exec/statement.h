// Running one statement: what a session hands in, and what it gets back.
//
// Thread rule: one thread at a time. The environment, and all that it refers to, outlives the Execution;
// the statement's AST need not. Transaction control (BEGIN, COMMIT, SET SYSTEM_TIME …) is the session's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "base/result.h"
#include "catalog/catalog.h"
#include "functions/registry.h"
#include "runtime/query_context.h"
#include "txn/transaction.h"
#include "types/value.h"
#include "types/vector.h"

namespace drift::sql {
struct DeleteHistory;
struct Moment;
struct Statement;
}  // namespace drift::sql

namespace drift::platform {
class FileSystem;
}

namespace drift::runtime {
class WorkerPool;
}

namespace drift::exec {

class PlanCache;
class SpillSpace;

/// An index that a statement left to be built online; see exec/index_build.h.
struct OnlineBuild {
  TreeId table = 0;
  TreeId index = 0;
};

/// What nextval() and setval() gave a session, for currval() and lastval().
struct SequenceValues {
  std::map<TreeId, std::int64_t> last;
  TreeId newest = 0;
};

/// What a statement runs in. References outlive every Execution made with it.
struct ExecutionEnvironment {
  txn::Transaction& transaction;
  const catalog::Catalog& catalog;
  const functions::Registry& registry;
  const runtime::QueryContext& context;
  platform::FileSystem& files;  ///< of COPY
  std::span<const types::Value> parameters = {};  ///< $1, $2 …; Unknown values are typed by their place
  /// Moment of table references without one of their own (SET SYSTEM_TIME, BEGIN … AS OF SYSTEM TIME).
  /// Nothing = the transaction's own view. While set, writing is WriteInThePast.
  std::optional<CommitNumber> moment = std::nullopt;
  bool readOnly = false;  ///< BEGIN READ ONLY: writing is ReadOnlyTransaction
  /// The text that the statement was parsed from: DEFAULT and CHECK are stored as slices of it.
  std::string_view text = {};
  /// Set: CREATE INDEX on a table with rows only makes the index known, and adds it here; the caller commits and then
  /// builds it. Null: the index is built within the transaction.
  std::vector<OnlineBuild>* onlineBuilds = nullptr;
  /// Room on disk for rows that do not fit in memory; null: a statement that needs it is OutOfMemory.
  SpillSpace* spill = nullptr;
  PlanCache* plans = nullptr;  ///< where plans of queries are kept by `text`; null: nowhere
  SequenceValues* sequenceValues = nullptr;  ///< null: not kept from statement to statement
  runtime::WorkerPool* workers = nullptr;    ///< threads that help; null: the statement keeps to its own
  std::size_t parallelWorkers = 1;           ///< how many may work on the statement, its own among them
  bool indexScans = true;  ///< whether the optimizer may use indexes
  bool tableScans = true;  ///< false: it reads a whole table only where nothing else serves
};

/// A column of a statement's rows. `table` and `column` are set where it is a plain column of a table.
struct OutputColumn {
  std::string name;
  types::Type type;
  std::optional<TreeId> table;
  std::optional<ColumnId> column;
};

/// A statement that runs: rows to pull, then a tag. A cursor over the transaction: it sees the writes made
/// before it was opened, and ends before the next writing statement begins.
class Execution {
 public:
  virtual ~Execution() = default;
  /// Empty for statements without rows.
  virtual const std::vector<OutputColumn>& columns() const = 0;
  /// Fills `out` with the next 1 to types::kChunkRows rows; gives false, with no rows, at the end. Errors
  /// are final.
  virtual Result<bool> next(types::Chunk& out) = 0;
  /// PostgreSQL's command tag: "SELECT 3" (rows pulled so far), "INSERT 0 2", "CREATE TABLE".
  virtual std::string commandTag() const = 0;
  /// Rows changed, or pulled so far.
  virtual std::uint64_t affectedRows() const = 0;
};

/// Binds and starts a statement. Queries do their work as rows are pulled. Statements that write have done
/// all of it on return, in the transaction's write set; where they fail, the write set is as it was before.
/// Errors carry the place in the statement's text.
Result<std::unique_ptr<Execution>> execute(const sql::Statement& statement, const ExecutionEnvironment& environment);

/// Inserts rows; `columns` names the chunk's columns, and the table's others get their defaults. Constraints
/// hold as for INSERT, and values are cast as in an assignment. Gives the number of rows. All or nothing.
Result<std::uint64_t> append(std::string_view table, std::span<const std::string> columns, const types::Chunk& rows,
                             const ExecutionEnvironment& environment);

/// Gives the commit that a point in history means: for SET SYSTEM_TIME and BEGIN … AS OF SYSTEM TIME.
/// MomentOutOfRange for one before the first commit or, as a number, after the last.
Result<CommitNumber> resolveMoment(const sql::Moment& moment, const ExecutionEnvironment& environment);

/// What DELETE HISTORY is about: the table, and the first commit whose rows of it stay.
struct HistoryDeletion {
  catalog::TableRef table;
  CommitNumber from = 0;
};
/// UndefinedTable, MomentOutOfRange, ReadOnlyTransaction, WriteInThePast.
Result<HistoryDeletion> resolveHistoryDeletion(const sql::DeleteHistory& statement,
                                               const ExecutionEnvironment& environment);

}  // namespace drift::exec
