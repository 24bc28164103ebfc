// WriteSet: the uncommitted changes of one transaction, by tree and key, with their undo.
//
// Each key keeps its versions since the last savepoint or open cursor that may still need them, so that a
// cursor sees what was there when it was opened and a savepoint can be gone back to. Where neither needs
// the older version, a new one takes its place: a million updates of one row hold one row.
//
// Thread rule: one thread at a time. Owned by its Transaction; cursors hold a reference.
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.h"
#include "storage/row.h"

namespace drift::txn {

/// State of one key after one put().
struct PendingRow {
  std::uint64_t order = 0;  ///< number of the put() that made this version: 1, 2, 3 …
  /// Insert and delete of one transaction cancel out: nothing is there, nothing is to be written.
  bool canceled = false;
  storage::RowOp op = storage::RowOp::Insert;
  storage::RowLayoutRef layout;
  std::string row;
  std::vector<ColumnId> changed;
  CommitNumber previous = 0;

  bool isLive() const { return !canceled && op != storage::RowOp::Delete; }
};

class WriteSet final {
 public:
  /// Counts put() by itself.
  WriteSet() : m_order(std::make_shared<std::uint64_t>(0)) {}
  /// Counts together with another set: an order of one is an order of both.
  explicit WriteSet(const WriteSet& other, std::nullptr_t) : m_order(other.m_order), m_protected(*other.m_order) {}

  /// Versions of one key, by increasing order; never empty.
  using Versions = std::vector<PendingRow>;
  using TreeWrites = std::map<std::string, Versions, std::less<>>;

  /// Lays a change over what is there. The key's presence is the caller's check.
  void put(storage::RowChange change);

  /// Number of the newest put(); keeps the versions up to here for rollbackTo() and for cursors.
  std::uint64_t protect();
  /// Takes back every put() after number `order`, which protect() gave.
  void rollbackTo(std::uint64_t order);

  /// Forgets how to go back, and all versions but the newest of each key. Nobody may read any other one.
  void settle();

  /// Writes of a tree; null where there never were any.
  const TreeWrites* find(TreeId tree) const;
  /// Number of keys that a commit would write.
  std::size_t size() const { return m_size; }
  bool touches(TreeId tree) const;
  /// Trees with something to commit, by id.
  std::vector<TreeId> trees() const;
  /// Inserted less deleted rows of a tree.
  std::int64_t netRows(TreeId tree) const;

  /// Gives all changes, by tree and key, and leaves the set empty.
  std::vector<storage::RowChange> take();

 private:
  struct Tree {
    TreeWrites writes;
    std::size_t size = 0;
    std::int64_t netRows = 0;
  };
  struct Undo {
    Tree* tree;
    TreeWrites::iterator at;
    std::uint64_t order;
  };

  void count(Tree& tree, const PendingRow& row, int sign);

  std::map<TreeId, Tree> m_trees;
  std::vector<Undo> m_undo;         ///< one for each version that is kept for going back
  std::shared_ptr<std::uint64_t> m_order;
  std::uint64_t m_protected = 0;    ///< versions up to this order must stay
  std::size_t m_size = 0;
};

/// Gives the version of a key as of put() number `order`; null where it had none yet.
const PendingRow* versionAt(const WriteSet::Versions& versions, std::uint64_t order);

}  // namespace drift::txn
