// Store: one database file: commits in, snapshots of any moment out.
//
// Thread rule: Store is thread-safe. commit() may be called from many threads (group commit); readers
// never wait for it. A Snapshot is an immutable value, cheap to copy, usable from any thread, and keeps
// what it reads alive; it must not outlive its Store. A Cursor belongs to one thread at a time. A rewrite puts another
// file in this one's place beside all that; snapshots and cursors from before go on with the old file.
//
// Format: docs/formats/. Semantics of moments: a snapshot at commit n shows exactly the commits 1..n.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/clock.h"
#include "base/ids.h"
#include "base/result.h"
#include "platform/file_system.h"
#include "runtime/query_context.h"
#include "storage/column_range.h"
#include "storage/commit_info.h"
#include "storage/retention.h"
#include "storage/row.h"
#include "types/vector.h"

namespace drift::storage {

enum class Durability : std::uint8_t {
  Full,     ///< commit() returns when its frames are synced; concurrent commits share a sync
  Relaxed,  ///< synced at least once a second: a power cut loses at most the last second
  Off,      ///< synced at epochs and close: for imports and tests
};

struct StoreOptions {
  bool readOnly = false;                       ///< takes no lock; sees what was complete at open, see refresh()
  Durability durability = Durability::Full;
  std::size_t memtableRowsMax = 256 * 1024;    ///< an epoch is written when one is reached …
  std::size_t memtableBytesMax = 32u << 20;
  std::size_t commitIndexBytesMax = 8u << 20;  ///< … or the commits since the last one need so much in its index
  std::chrono::milliseconds dirtyMax = std::chrono::minutes(5);  ///< … or changes are this old
  std::size_t cacheBytesMax = 256u << 20;      ///< decoded leaves and frames, shared by all snapshots
};

/// A system column that can be asked for beside the user's: ids from the top of the range.
inline constexpr ColumnId kKeyColumn = 0xffff'fff0;     ///< BYTEA: the encoded key
inline constexpr ColumnId kSeqColumn = 0xffff'fff1;     ///< BIGINT: commit that made this version
inline constexpr ColumnId kEndSeqColumn = 0xffff'fff2;  ///< BIGINT: commit that ended it; NULL = live at the snapshot's Store
inline constexpr ColumnId kOpColumn = 0xffff'fff3;      ///< SMALLINT: RowOp that made this version

inline bool isSystemColumn(ColumnId id) { return id >= kKeyColumn; }

/// Half-open range of encoded keys; an absent bound is open.
struct KeyRange {
  std::optional<std::string> from;
  std::optional<std::string> to;
};

struct ScanRequest {
  TreeId tree = 0;
  std::vector<LayoutColumn> columns{};  ///< in output order; system columns by their reserved ids
  KeyRange range{};
  std::uint64_t skipRows = 0;         ///< leave out that many rows first, in O(log n) where counts allow
  bool backwards = false;             ///< from the last row to the first; skipRows is 0 then
  runtime::CancelToken cancel{};
  /// Rows without a wanted value in each of these columns need not come: leaves that cannot have one are passed by.
  /// Other rows come all the same, so the reader still looks. skipRows is 0 then; scanVersions() takes no notice.
  std::vector<ColumnRange> wanted{};
};

/// A stream of chunks of at most types::kChunkRows rows.
class Cursor {
 public:
  virtual ~Cursor() = default;
  /// Fills `out` with the next rows; gives false, with no rows, at the end. Errors are final.
  virtual Result<bool> next(types::Chunk& out) = 0;
};

/// One row of a point lookup: its columns as one-row vectors in request order, and its version.
struct RowVersion {
  std::vector<types::Value> values;
  CommitNumber seq = 0;
  RowOp op = RowOp::Insert;
};

/// The database at one commit.
class Snapshot final {
 public:
  Snapshot() = default;
  CommitNumber number() const;
  /// Commit time; the smallest TimeMicros for commit 0. DataCorrupted, IoError.
  Result<TimeMicros> time() const;
  /// Rows live at this moment, by key.
  Result<std::unique_ptr<Cursor>> scan(ScanRequest request) const;
  /// The live row under a key, if any.
  Result<std::optional<RowVersion>> get(TreeId tree, std::string_view key,
                                        std::span<const LayoutColumn> columns) const;
  /// The live rows under keys, which rise; those that are not there are left out. At most types::kChunkRows keys.
  /// kEndSeqColumn shows NULL.
  Result<types::Chunk> getAll(TreeId tree, std::span<const std::string> keys,
                              std::span<const LayoutColumn> columns) const;
  /// About how many live rows a range has, for choosing between ways to read: from the counts of the pages, and from
  /// at most `stepsMax` changes since the last epoch. O(log n + stepsMax).
  Result<std::uint64_t> estimateRows(TreeId tree, const KeyRange& range, std::uint64_t stepsMax) const;
  /// The greatest key that the tree ever held up to the newest commit, deleted ones included; empty if
  /// none. Serves hidden row numbers, which are never used twice.
  Result<std::string> highestKey(TreeId tree) const;
  /// Live rows of a tree. O(log n + rows changed since the last epoch).
  Result<std::uint64_t> rowCount(TreeId tree) const;

  struct State;
  explicit Snapshot(std::shared_ptr<const State> state) : m_state(std::move(state)) {}
  const std::shared_ptr<const State>& state() const { return m_state; }

 private:
  std::shared_ptr<const State> m_state;
};

/// Which versions a history read returns.
struct VersionRange {
  /// Versions with start < to and end > from, both in commit numbers; from = 0 and to = kNoCommit is all.
  CommitNumber from = 0;
  CommitNumber to = kNoCommit;
};

/// What a commit wants to write. Every change's key is unique per tree.
struct CommitRequest {
  std::vector<RowChange> changes{};
  std::string author{};
  std::string message{};
  /// Sets the commit time (imports of dated history). MomentOutOfRange unless later than the last commit.
  /// Absent: the clock, but always at least one microsecond after the last commit.
  std::optional<TimeMicros> time{};
  /// Index trees: counted in no CommitInfo.
  std::vector<TreeId> indexTrees{};
};

struct CommitReceipt {
  CommitNumber number = 0;
  TimeMicros time = 0;
};

/// One finding of verify().
struct Finding {
  std::uint64_t offset = 0;
  std::string sentence;
};

struct VerifyReport {
  std::uint64_t frames = 0;
  std::uint64_t bytes = 0;
  std::uint64_t commits = 0;
  std::uint64_t epochs = 0;
  std::vector<Finding> findings;  ///< empty = sound; at most 100 are kept
};

/// What open() found. Shown to the user where it matters.
struct OpenReport {
  std::uint64_t tornBytes = 0;   ///< cut off at open: never acknowledged
  bool corrupted = false;        ///< damage before the end: opened read-only, see verify() and salvage
  std::string corruption;        ///< the sentence that says where
};

/// What reads have cost since the store was opened. Recovery and verify() are left out.
struct StoreStatistics {
  std::uint64_t framesRead = 0;   ///< from the file: pages, commits, blocks of the commit index
  std::uint64_t bytesRead = 0;    ///< of these frames, headers included
  std::uint64_t cacheHits = 0;    ///< pages that were found decoded
  std::uint64_t cacheMisses = 0;
  std::uint64_t leavesSkipped = 0;  ///< that scans passed by, since they could have no row that was wanted
};

class Store {
 public:
  virtual ~Store() = default;

  /// Makes a new file without commits. FileExists.
  static Result<std::unique_ptr<Store>> create(platform::FileSystem& files, const std::string& path,
                                               const Clock& clock, StoreOptions options);
  /// Opens and recovers. NotADatabase, NewerFormat, DatabaseLocked, DataCorrupted, FileNotFound …
  static Result<std::unique_ptr<Store>> open(platform::FileSystem& files, const std::string& path,
                                             const Clock& clock, StoreOptions options);

  /// Runs inside the commit sequencer, right before a number is given: checks the write set against the
  /// newest state. An error aborts the commit.
  using Validator = std::function<Status(const Snapshot& latest)>;
  /// Appends one commit; returns when it is as durable as the mode promises. A request without changes
  /// writes a commit all the same. After a failed write or sync the store is read-only for good.
  virtual Result<CommitReceipt> commit(CommitRequest request, const Validator& validate) = 0;

  /// The newest acknowledged state.
  virtual Snapshot latest() const = 0;
  /// The state at commit `number`; 0 is the empty database. MomentOutOfRange beyond the last.
  virtual Result<Snapshot> at(CommitNumber number) const = 0;

  /// Versions of rows of a tree, by key and within a key from old to new. Delete markers are not rows.
  /// Requested system columns are filled; kEndSeqColumn is NULL for the live version.
  virtual Result<std::unique_ptr<Cursor>> scanVersions(ScanRequest request, VersionRange range) const = 0;
  /// All versions of one key, newest first, at most `limit`, starting below commit `before`; deletes
  /// included, with no values. O(log n + versions read).
  virtual Result<std::vector<RowVersion>> history(TreeId tree, std::string_view key,
                                                  std::span<const LayoutColumn> columns, CommitNumber before,
                                                  std::size_t limit) const = 0;
  /// Keys whose net state differs between commits `from` < `to`, by key: columns are the op (SMALLINT),
  /// the key (BYTEA), then `columns` as of `from` (NULL for inserts), then as of `to` (NULL for deletes).
  /// Cost grows with changes and touched leaves, not with rows.
  virtual Result<std::unique_ptr<Cursor>> diff(TreeId tree, CommitNumber from, CommitNumber to,
                                               std::vector<LayoutColumn> columns,
                                               runtime::CancelToken cancel) const = 0;

  virtual CommitNumber lastCommit() const = 0;
  /// The first commit that the file has; 0 where there is none.
  virtual CommitNumber firstCommit() const = 0;
  /// The numbers of all commits that the file has.
  virtual KeptCommits keptCommits() const = 0;
  /// MomentOutOfRange, with the nearest commits that are there, where a rewrite left `number` out or it never was.
  virtual Status checkKept(CommitNumber number) const = 0;
  /// The commit from which on a tree's rows are there; 0 where a rewrite never cut it.
  virtual CommitNumber horizon(TreeId tree) const = 0;
  /// Info of commit `number`; nothing for 0 or beyond the last.
  virtual Result<std::optional<CommitInfo>> commitInfo(CommitNumber number) const = 0;
  /// Infos of at most `limit` commits from `first` on.
  virtual Result<std::vector<CommitInfo>> commitInfos(CommitNumber first, std::size_t limit) const = 0;
  // The index of commits stays in the file and is read when it is asked for: these fail with DataCorrupted and IoError.
  /// The last commit with time <= `time` that the file has; 0 before the first. O(log n).
  virtual Result<CommitNumber> commitAt(TimeMicros time) const = 0;
  /// The commit whose state was the newest at `time`; 0 before the first. MomentOutOfRange where that one is left out.
  virtual Result<CommitNumber> momentAt(TimeMicros time) const = 0;
  /// Time of a commit; the smallest TimeMicros for 0. MomentOutOfRange as checkKept().
  virtual Result<TimeMicros> timeOf(CommitNumber number) const = 0;
  /// Nearest commit after (forward) or before `number` that changed `tree` (0 = any tree); nothing at the end.
  virtual Result<std::optional<CommitNumber>> step(CommitNumber number, bool forward, TreeId tree) const = 0;
  /// Nearest commit after (forward) or before `number` that inserted, changed or deleted the row under `key`; nothing
  /// at the end. O(log n).
  virtual Result<std::optional<CommitNumber>> stepRow(TreeId tree, std::string_view key, CommitNumber number,
                                                      bool forward) const = 0;
  /// Last commit <= `number` that changed `tree`; 0 for none. Serves caches of catalogs.
  virtual Result<CommitNumber> lastChange(TreeId tree, CommitNumber number) const = 0;
  /// Sums of `bucketCount` equal slices of [from, to) for one tree, or all with tree 0. The cost grows with the
  /// buckets, not with the commits.
  virtual Result<std::vector<HistoryBucket>> summary(TimeMicros from, TimeMicros to, std::size_t bucketCount,
                                                     TreeId tree) const = 0;
  /// The changes of one commit, as logged, with values.
  virtual Result<std::vector<RowChange>> commitChanges(CommitNumber number) const = 0;

  /// Writes an epoch now.
  virtual Status checkpoint() = 0;
  /// Read-only stores: looks for commits that another process appended since. Gives whether there were any.
  virtual Result<bool> refresh() = 0;
  /// Reads every frame and page and checks checksums, order, hash chain, counts, and log against trees; what exactly,
  /// and what memory it takes, says verify.h.
  virtual Result<VerifyReport> verify(runtime::CancelToken cancel) const = 0;
  /// Writes a new file beside this one with what the request keeps, catches up with the commits that arrive
  /// meanwhile, and puts it in this one's place in one step. Commits wait at the end only, while the last are copied.
  /// After an error everything is as it was, but where it is not known which of the two files stays: then the store
  /// is read-only. DatabaseLocked while another rewrite runs, ReadOnlyDatabase, DiskFull, IoError, QueryCanceled.
  virtual Result<RewriteReport> rewrite(const RewriteRequest& request) = 0;
  /// Counts what rewrite() would leave, by reading the whole log.
  virtual Result<RewritePreview> previewRewrite(const RewriteRequest& request) const = 0;
  /// Writes the database as of a commit into the new file `path`, which is there whole or not at all. FileExists.
  virtual Result<RewriteReport> exportTo(const std::string& path, const ExportRequest& request) const = 0;
  virtual const OpenReport& openReport() const = 0;
  virtual bool readOnly() const = 0;
  virtual std::uint64_t fileBytes() const = 0;
  /// These are counted one by one: beside readers they need not fit together exactly.
  virtual StoreStatistics statistics() const = 0;
  /// Writes an epoch if dirty, syncs and releases the lock. Destruction does the same and drops the error.
  virtual Status close() = 0;
};

}  // namespace drift::storage
