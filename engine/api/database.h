// Database, Session, ResultSet: how programs use the engine.
//
// Thread rule: Database is thread-safe. A Session and its results belong to one thread at a time, but
// Session::cancel() may be called from any. Results must end before their Session, Sessions before their
// Database; the shared_ptr inside a Session sees to that.
//
// Implemented in engine/session; programs link it and include only engine/api.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "api/history.h"
#include "api/retention.h"
#include "api/values.h"

namespace drift::api {

class Session;

struct OpenOptions {
  bool readOnly = false;
  bool create = false;            ///< make a new file; FileExists if there is one
  enum class Durability : std::uint8_t { Full, Relaxed, Off } durability = Durability::Full;
  std::size_t cacheBytesMax = 256u << 20;
};

struct Finding {
  std::uint64_t offset = 0;
  std::string sentence;
};

struct VerifyReport {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t commits = 0;
  std::uint64_t epochs = 0;
  std::vector<Finding> findings;  ///< empty = sound
};

/// What salvage() got out of a damaged file.
struct SalvageReport {
  /// Numbers of commits in the damaged file, both ends included.
  struct CommitRange {
    CommitNumber first = 0;
    CommitNumber last = 0;
  };
  std::uint64_t commits = 0;         ///< saved; later ones move up to the numbers of those that are lost
  std::vector<CommitRange> lost;
  std::uint64_t bytesUnread = 0;
  std::uint64_t changesAdapted = 0;  ///< behind lost commits: made to fit the rows that are there
  std::vector<std::string> notes;    ///< a sentence for each index and foreign key that is left out
};

/// One page of a table's rows by key, at a moment. For grids.
struct PageRequest {
  std::string table;                       ///< name as of `at`
  CommitNumber at = 0;                     ///< kNoCommit = newest
  std::uint64_t offset = 0;
  std::size_t rows = 200;                  ///< at most 2,048
  /// If set, the page starts at the first row with key >= this (from Page::keys); offset is then ignored.
  std::optional<std::string> fromKey;
};

struct Page {
  CommitNumber at = 0;
  TableInfo table;                         ///< schema as of `at`
  Chunk rows;                              ///< columns as in table.columns
  std::vector<std::string> keys;           ///< opaque key of each row
  std::uint64_t offset = 0;                ///< of the first row; exact
  std::uint64_t rowCount = 0;              ///< of the whole table as of `at`
  std::vector<CommitNumber> changedAt;     ///< commit that made each row's version
};

class Database {
 public:
  virtual ~Database() = default;

  /// Opens or creates a file. The errors say what is wrong in one sentence: NotADatabase, NewerFormat,
  /// DatabaseLocked (with the process), PermissionDenied, FileNotFound, DataCorrupted …
  static Result<std::shared_ptr<Database>> open(const std::string& path, const OpenOptions& options);
  /// Writes what can be read of a damaged database into the new file `target`. FileExists; NotADatabase or
  /// DataCorrupted where not even the start of the file can be read.
  static Result<SalvageReport> salvage(const std::string& damaged, const std::string& target);

  virtual std::unique_ptr<Session> newSession(std::string author) = 0;

  virtual const std::string& path() const = 0;
  virtual bool readOnly() const = 0;
  /// What opening found and mended or could not mend; empty if nothing.
  virtual std::string openNotice() const = 0;
  virtual std::uint64_t fileBytes() const = 0;

  // History is read from the file as it is asked for, so each of these can fail: DataCorrupted, IoError.
  virtual Result<HistoryExtent> extent() const = 0;
  virtual Result<std::vector<HistoryBucket>> historySummary(TimeMicros from, TimeMicros to, std::size_t buckets,
                                                            TreeId table) const = 0;
  virtual Result<std::optional<Commit>> commit(CommitNumber number) const = 0;
  virtual Result<std::vector<Commit>> commits(CommitNumber first, std::size_t limit) const = 0;
  /// The last commit up to a time that the file has; 0 before the first.
  virtual Result<CommitNumber> commitAt(TimeMicros time) const = 0;
  /// The commit whose state was the newest at a time. MomentOutOfRange before the first one and where it was not kept.
  virtual Result<CommitNumber> momentAt(TimeMicros time) const = 0;
  /// The time that a text means: a timestamp (UTC unless it names a zone), a distance back from now such as
  /// '30 days' or '-1 hour', or COMMIT n. InvalidDatetimeFormat, MomentOutOfRange.
  virtual Result<TimeMicros> parseMoment(std::string_view text) const = 0;
  virtual Result<TimeMicros> timeOf(CommitNumber number) const = 0;
  /// The next commit after (forward) or before `from` that changed `table` (0 = anything).
  virtual Result<std::optional<CommitNumber>> step(CommitNumber from, bool forward, TreeId table) const = 0;
  /// The same for one row: `key` is one of Page::keys.
  virtual Result<std::optional<CommitNumber>> stepRow(TreeId table, std::string_view key, CommitNumber from,
                                                      bool forward) const = 0;
  virtual Result<Schema> schemaAt(CommitNumber at) const = 0;
  virtual Result<Page> page(const PageRequest& request) const = 0;

  /// Calls `notify` after each commit of any session, from that session's thread; it must return at once.
  /// The handle's destruction ends it.
  [[nodiscard]] virtual std::shared_ptr<void> onCommit(std::function<void(CommitNumber)> notify) = 0;
  /// Read-only databases: picks up what another process appended.
  virtual Result<bool> refresh() = 0;
  virtual Status checkpoint() = 0;
  /// Checks the whole file, and each index against its table at the newest moment and at some older ones. Once `stop`
  /// is set, by any thread, it ends with QueryCanceled.
  virtual Result<VerifyReport> verify(std::shared_ptr<std::atomic<bool>> stop) const = 0;
  Result<VerifyReport> verify() const { return verify(std::make_shared<std::atomic<bool>>(false)); }
  /// Rewrites the file with what is to be kept, while sessions work on; it is then replaced in one step. Commits wait
  /// at the end only, while the last ones are copied. Results and transactions from before go on; one that writes may be
  /// told to run again (SerializationFailure). DatabaseLocked while another rewrite runs, ReadOnlyDatabase, DiskFull,
  /// IoError, QueryCanceled where `progress` said so. After an error the database is as it was.
  virtual Result<CompactReport> compact(const CompactOptions& options) = 0;
  /// Counts what compact() would leave, by reading all of the history.
  virtual Result<CompactPreview> previewCompact(const CompactOptions& options) const = 0;
  /// Writes the database as it was at a moment into the new file `path`. FileExists, MomentOutOfRange.
  virtual Result<CompactReport> exportAsOf(const std::string& path, const ExportOptions& options) const = 0;
  /// Flushes and releases the file. Fails while sessions are open.
  virtual Status close() = 0;
};

/// A column of a result. `table` and `column` are set where it is a plain column of a table.
struct ResultColumn {
  std::string name;
  Type type;
  std::optional<TreeId> table;
  std::optional<ColumnId> column;
};

/// The outcome of one statement: rows, or a tag with a count.
class ResultSet {
 public:
  virtual ~ResultSet() = default;
  /// Empty for statements that return no rows.
  virtual const std::vector<ResultColumn>& columns() const = 0;
  /// Fills the next rows, at most 2,048; gives false at the end.
  virtual Result<bool> next(Chunk& out) = 0;
  /// PostgreSQL's command tag once the rows are read: "SELECT 3", "INSERT 0 2", "CREATE TABLE".
  virtual std::string commandTag() const = 0;
  /// Rows changed or returned.
  virtual std::uint64_t affectedRows() const = 0;
  /// The commit that an implicit transaction made, if any.
  virtual std::optional<CommitNumber> committed() const = 0;
};

/// One statement of a script: its place in the text.
struct StatementRange {
  std::uint32_t offsetBytes = 0;
  std::uint32_t lengthBytes = 0;  ///< without the semicolon
};

struct ExecuteOptions {
  std::vector<Value> parameters;                ///< $1, $2 …
  /// Added to the places of errors, when the text was cut out of a larger one.
  SourceSpan origin{};
};

class Session {
 public:
  virtual ~Session() = default;

  /// Runs one statement. Errors carry line and column.
  virtual Result<std::unique_ptr<ResultSet>> execute(std::string_view sql, const ExecuteOptions& options) = 0;
  Result<std::unique_ptr<ResultSet>> execute(std::string_view sql) { return execute(sql, {}); }

  /// Asks the running statement to stop; from any thread; does nothing when none runs.
  virtual void cancel() = 0;
  virtual bool inTransaction() const = 0;
  /// Every statement without a time of its own sees this commit; nothing = live. Like SET SYSTEM_TIME.
  virtual Status setMoment(std::optional<CommitNumber> at) = 0;
  virtual std::optional<CommitNumber> moment() const = 0;
  /// Inserts rows within the current transaction or one of its own. `columns` names the chunk's columns;
  /// the table's others get their defaults. The fast path for bulk loads; constraints hold as for INSERT.
  virtual Result<std::uint64_t> append(std::string_view table, std::span<const std::string> columns,
                                       const Chunk& rows) = 0;
  /// Message and time of the next commit (imports). The time is used once.
  virtual void describeNextCommit(std::string message, std::optional<TimeMicros> time) = 0;
};

/// Splits a script into statements, by the real lexer: comments, strings and dollar quotes are understood.
/// An unterminated string is the last statement, and an error when run.
std::vector<StatementRange> splitStatements(std::string_view script);

}  // namespace drift::api
