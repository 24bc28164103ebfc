// Memtable: the changes since the last epoch, sorted by tree, key and commit.
//
// A skip list after Pugh, "Skip Lists: A Probabilistic Alternative to Balanced Trees" (CACM 33:6, 1990), with
// links published by release stores, so that readers need no lock.
// Thread rule: one writer, any readers. Nodes live as long as the Memtable; readers ignore commits that are
// newer than their snapshot.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "storage/bloom_filter.h"
#include "storage/row.h"

namespace drift::storage {

/// Bump allocator with stable addresses. One writer.
class Arena final {
 public:
  /// Gives `bytes` bytes, aligned to 8.
  std::byte* allocate(std::size_t bytes);
  std::size_t sizeBytes() const { return m_sizeBytes; }

 private:
  std::vector<std::unique_ptr<std::byte[]>> m_blocks;
  std::size_t m_used = 0;
  std::size_t m_capacity = 0;
  std::size_t m_sizeBytes = 0;
};

/// One version of one row.
struct MemtableEntry {
  std::string_view key;
  CommitNumber seq = 0;
  RowOp op = RowOp::Insert;
  std::uint32_t keyRowBytes = 0;      ///< of the rows of this key up to this one; filled by insert()
  const RowLayout* layout = nullptr;  ///< null for Delete
  std::string_view row;
  std::span<const ColumnId> changed;  ///< Update: the columns that differ, by id; empty stands for all
};

/// The entries of one tree by key and commit.
class MemtableTree final {
 public:
  struct Node;

  explicit MemtableTree(Arena& arena);
  /// Adds a copy of an entry, and gives its keyRowBytes. One writer.
  std::size_t insert(MemtableEntry entry);

  /// First node at or after (key, seq); null at the end.
  const Node* seek(std::string_view key, CommitNumber seq) const;
  const Node* first() const;
  /// Newest entry of a key with a commit up to `seq`; null if there is none. Most keys without entries cost no search.
  const Node* findLast(std::string_view key, CommitNumber seq) const;
  /// Newest entry of the greatest key before `key`, or of the greatest of all; null if there is none.
  const Node* findBefore(const std::optional<std::string>& key) const;
  static const Node* next(const Node* node);
  static const MemtableEntry& entry(const Node* node);
  /// Greatest key; empty if there is none.
  std::string_view highestKey() const;
  /// Entries that are no updates: without any, the tree has as many rows as before.
  std::size_t insertsAndDeletes() const { return m_insertsAndDeletes.load(std::memory_order_relaxed); }

 private:
  static constexpr int kLevelsMax = 16;

  int randomLevel();
  /// Last node before (key, seq); the head where there is none.
  const Node* lastBefore(std::string_view key, CommitNumber seq) const;

  Arena& m_arena;
  Node* m_head;
  BloomFilter m_filter;
  std::uint64_t m_random = 0x9e3779b97f4a7c15;
  /// Sets m_before to the places of (key, seq).
  void findPlaces(std::uint64_t prefix, std::string_view key, CommitNumber seq);

  // The writer's: the node added last, and by level the last one that does not lie behind it.
  Node* m_last = nullptr;
  std::array<Node*, kLevelsMax> m_before{};
  std::atomic<std::size_t> m_insertsAndDeletes{0};
};

class Memtable final {
 public:
  /// Adds the versions that a commit makes. Copies keys and rows.
  void insert(std::span<const RowChange> changes, CommitNumber seq);
  /// Adds the versions of another memtable that are newer than commit `number`.
  void insertNewer(const Memtable& other, CommitNumber number);
  /// The entries of a tree; null if there are none yet.
  const MemtableTree* find(TreeId tree) const;
  /// Trees with entries, by id.
  std::vector<TreeId> trees() const;

  std::size_t rowCount() const { return m_rows.load(std::memory_order_relaxed); }
  std::size_t sizeBytes() const { return m_bytes.load(std::memory_order_relaxed); }
  /// Bytes of the rows of the key that has most: all of them go into one page. For the writer.
  std::size_t keyRowBytesMax() const { return m_keyRowBytesMax; }

 private:
  /// A change of a commit, and what it is sorted by.
  struct Place {
    TreeId tree = 0;
    std::uint32_t at = 0;
    std::uint64_t prefix = 0;  ///< of the key
  };

  MemtableTree& findOrAdd(TreeId tree);
  void insert(MemtableTree& tree, const MemtableEntry& entry);
  static std::vector<Place> sort(std::span<const RowChange> changes);
  const RowLayout* keepLayout(const RowLayoutRef& layout);

  Arena m_arena;
  std::vector<RowLayoutRef> m_layouts;  // distinct ones, kept for the entries; touched by the writer only
  mutable std::shared_mutex m_mutex;    // guards m_trees, not the trees' contents
  std::map<TreeId, std::unique_ptr<MemtableTree>> m_trees;
  std::atomic<std::size_t> m_rows{0};
  std::atomic<std::size_t> m_bytes{0};
  std::size_t m_keyRowBytesMax = 0;     // the writer's
};

}  // namespace drift::storage
