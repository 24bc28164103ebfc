// Transaction: a snapshot and a private write set over one Store; becomes one commit or nothing.
//
// Thread rule: one thread at a time. A cursor of a transaction shows the writes made before it was opened,
// whatever is written while it is read; it ends before rollbackTo() and commit(), and before the
// transaction does.
//
// Isolation: the snapshot is taken at begin (REPEATABLE READ); at commit the first committer wins: a key
// that another commit changed since the snapshot is SerializationFailure, and so is everything that was
// asked for by requireUnchanged() and requireQuiet().
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "storage/store.h"
#include "txn/temporary_rows.h"

namespace drift::txn {

/// Position in the write set to which a transaction can go back.
struct Savepoint {
  std::uint64_t position = 0;
};

struct CommitDetails {
  std::string author;
  std::string message;
  std::optional<TimeMicros> time;
};

class Transaction final {
 public:
  /// Begins at the newest commit. `temporary`: the temporary tables that it sees and may change; null: there are none.
  explicit Transaction(storage::Store& store, TemporaryRowsRef temporary = nullptr);
  ~Transaction();
  Transaction(const Transaction&) = delete;
  Transaction& operator=(const Transaction&) = delete;

  const storage::Snapshot& snapshot() const;
  storage::Store& store() const;
  /// The temporary tables; null: there are none.
  const TemporaryRowsRef& temporary() const;
  /// True if a commit would write something to the store.
  bool hasWrites() const;
  /// True if a tree has rows that are not in the store.
  bool hasWrites(TreeId tree) const;
  /// Trees of the store that a commit would write, by id.
  std::vector<TreeId> writtenTrees() const;

  /// Live rows by key: the snapshot's, with this transaction's writes laid over. Own rows have kSeqColumn
  /// NULL. skipRows counts merged rows.
  Result<std::unique_ptr<storage::Cursor>> scan(storage::ScanRequest request) const;
  /// The live row under a key, own writes included (then seq is 0).
  Result<std::optional<storage::RowVersion>> get(TreeId tree, std::string_view key,
                                                 std::span<const storage::LayoutColumn> columns) const;
  /// The same as of a write order that writeOrder() gave.
  Result<std::optional<storage::RowVersion>> get(TreeId tree, std::string_view key,
                                                 std::span<const storage::LayoutColumn> columns,
                                                 std::uint64_t order) const;
  /// The live rows under keys, see storage::Snapshot::getAll(); own writes up to `order` count, an order that
  /// writeOrder() gave.
  Result<types::Chunk> getAll(TreeId tree, std::span<const std::string> keys,
                              std::span<const storage::LayoutColumn> columns, std::uint64_t order) const;
  /// What scan() would show now, for get() and getAll() later. The writes up to here are kept for it.
  std::uint64_t writeOrder() const;
  /// True if the transaction wrote under a key after a savepoint.
  bool hasWritten(TreeId tree, std::string_view key, Savepoint since) const;
  /// See storage::Snapshot::estimateRows(); own writes are counted as rows.
  Result<std::uint64_t> estimateRows(TreeId tree, const storage::KeyRange& range, std::uint64_t stepsMax) const;
  Result<std::uint64_t> rowCount(TreeId tree) const;
  /// Greatest key ever, own writes included; see storage::Snapshot::highestKey().
  Result<std::string> highestKey(TreeId tree) const;

  /// Adds a change to the write set. `change.previous` is the version the caller read (0: none, or an own
  /// write). Changes of one key merge: insert + update = insert, insert + delete = nothing, delete +
  /// insert = update, and so on. The caller has checked that the key is absent (Insert) or present.
  void put(storage::RowChange change);
  /// Declares a tree as an index, so that its changes are not counted as rows in the commit's info.
  void markIndex(TreeId tree);

  /// Lets the commit fail if another one changes this row first, though this transaction only relies on it.
  void requireUnchanged(TreeId tree, std::string key);
  /// Lets the commit fail if another one takes this row away first; it may change.
  void requirePresent(TreeId tree, std::string key);
  /// Lets the commit fail if another one changes any row of this tree first.
  void requireQuiet(TreeId tree);
  /// Lets the commit fail with the error of a check of one's own. It is only asked where another commit came after the
  /// snapshot, and it holds all other commits up meanwhile.
  using Requirement = std::function<Status(const storage::Snapshot& latest)>;
  void require(Requirement requirement);

  Savepoint savepoint() const;
  /// Takes back every put() since `to`.
  void rollbackTo(Savepoint to);

  /// Makes the commit; nothing where there are no writes and no time was asked for. SerializationFailure,
  /// DiskFull, ReadOnlyDatabase … After it the transaction is over either way.
  Result<std::optional<storage::CommitReceipt>> commit(CommitDetails details);

 private:
  friend class ReadAsOf;
  struct State;
  std::unique_ptr<State> m_state;
};

/// While it lives, scan() and writeOrder() show the transaction's writes up to a savepoint only: the parts of one
/// statement see the same rows, whatever the parts before them wrote. They nest.
class ReadAsOf final {
 public:
  ReadAsOf(const Transaction& transaction, Savepoint at);
  ~ReadAsOf();
  ReadAsOf(const ReadAsOf&) = delete;
  ReadAsOf& operator=(const ReadAsOf&) = delete;

 private:
  const Transaction& m_transaction;
  const std::optional<std::uint64_t> m_before;
};

}  // namespace drift::txn
