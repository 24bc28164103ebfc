// TreeChanges: one tree's changes since an epoch, from at most two memtables, as one ordered sequence.
//
// While an epoch is being written, its changes lie in a sealed memtable, and newer commits go into the active one.
// Every entry of the newer memtable has a higher commit number than all of the older: merging is by key alone.
// Thread rule: a view, cheap to copy, one thread at a time; the memtables outlive it.
#pragma once

#include <algorithm>
#include <memory>
#include <optional>
#include <string>

#include "storage/memtable.h"

namespace drift::storage {

class TreeChanges final {
 public:
  /// A place in the order of (key, commit); false at the end.
  class Position final {
   public:
    Position() = default;
    explicit operator bool() const { return m_entry != nullptr; }
    const MemtableEntry& operator*() const { return *m_entry; }
    const MemtableEntry* operator->() const { return m_entry; }
    /// Goes on to the next entry; not at the end.
    Position& operator++();

   private:
    friend class TreeChanges;
    using Node = MemtableTree::Node;

    Position(const Node* older, const Node* newer) : m_older(older), m_newer(newer) { choose(); }
    void choose();

    const Node* m_older = nullptr;
    const Node* m_newer = nullptr;
    bool m_isOlder = false;                  ///< which of the two m_entry belongs to
    const MemtableEntry* m_entry = nullptr;
  };

  TreeChanges() = default;
  /// Either may be null.
  TreeChanges(const MemtableTree* older, const MemtableTree* newer) : m_older(older), m_newer(newer) {}

  /// True if there is no memtable with entries of the tree.
  bool empty() const { return !m_older && !m_newer; }

  /// First entry at or after (key, seq).
  Position seek(std::string_view key, CommitNumber seq) const;
  Position first() const { return seek({}, 0); }
  /// First entry of the next key.
  Position nextKey(Position position) const;
  /// Newest entry of a key with a commit up to `number`; null if there is none.
  const MemtableEntry* findLast(std::string_view key, CommitNumber number) const;
  /// Greatest key; empty if there is none.
  std::string_view highestKey() const;
  /// Greatest key before `key`, or of all; empty if there is none.
  std::string_view highestKeyBefore(const std::optional<std::string>& key) const;
  /// Entries that insert or delete, in both memtables. O(1).
  std::size_t insertsAndDeletes() const;
  /// Rows that the entries of keys [from, end) up to commit `number` add to what was there before, or take from
  /// it. O(1) where there are only updates, else O(entries of the range).
  std::int64_t netRows(std::string_view from, const std::optional<std::string>& end, CommitNumber number) const;

 private:
  const MemtableTree* m_older = nullptr;
  const MemtableTree* m_newer = nullptr;
};

using MemtableRef = std::shared_ptr<const Memtable>;

/// The memtables with the changes since an epoch; either may be null.
struct Memtables {
  MemtableRef older;  ///< sealed: the next epoch is being written from it
  MemtableRef newer;  ///< takes new commits in

  TreeChanges find(TreeId tree) const {
    return {older ? older->find(tree) : nullptr, newer ? newer->find(tree) : nullptr};
  }
};

}  // namespace drift::storage
