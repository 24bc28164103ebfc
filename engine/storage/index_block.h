// IndexBlock: up to 256 commits, or up to 64 blocks of them, as columns that are read in place.
//
// A block of level 0 describes commits, one of level n blocks of level n - 1. Either way its items have a key that
// rises (the time of the first commit), a frame, and by tree sums of what was changed: running ones, so that the sum
// over any part of the block is a difference. Format: docs/formats/commit_index.md.
// Thread rule: immutable. Memory: its bytes in the file and 16 for each tree.
#pragma once

#include <array>
#include <memory>
#include <optional>
#include <vector>

#include "storage/commit_info.h"
#include "storage/frame.h"
#include "storage/packed_numbers.h"

namespace drift::storage {

/// Items of a full block of level 0, and of any other. On disk: do not change.
inline constexpr std::size_t kLeafItems = 256;
inline constexpr std::size_t kNodeItems = 64;
inline constexpr unsigned kIndexLevelsMax = 9;

/// Stands for all tables of users together; every item has it.
inline constexpr TreeId kAllTrees = 0;

/// Commits that changed a tree, and the rows they changed in it.
struct ChangeSums {
  std::uint64_t commits = 0;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;

  ChangeSums& operator+=(const ChangeSums& other);
  friend ChangeSums operator+(ChangeSums a, const ChangeSums& b) { return a += b; }
  friend ChangeSums operator-(const ChangeSums& a, const ChangeSums& b);
  friend bool operator==(const ChangeSums&, const ChangeSums&) = default;
};

struct TreeSums {
  TreeId tree = kAllTrees;
  ChangeSums sums;
};

/// One item of a block, taken apart.
struct IndexItem {
  std::int64_t key = 0;
  FrameRef frame;               ///< of the commit or block; none while it is only in memory
  std::vector<TreeSums> trees;  ///< by tree; empty in an index without sums, otherwise beginning with kAllTrees
};

class IndexBlock;
using IndexBlockRef = std::shared_ptr<const IndexBlock>;

/// Leaf items that a full block of a level covers.
constexpr std::uint64_t itemsBelow(unsigned level) { return std::uint64_t{kLeafItems} << (6 * level); }
static_assert(kNodeItems == 1u << 6);

Bytes encodeBlock(unsigned level, std::uint64_t first, std::span<const IndexItem> items);

class IndexBlock final {
 public:
  /// Reads and checks a block. DataCorrupted where it is not what encodeBlock() writes.
  static Result<IndexBlockRef> decode(Bytes bytes);
  /// Makes a block in memory. `pins`: those blocks below it that are in no frame yet; null for the others.
  static IndexBlockRef make(unsigned level, std::uint64_t first, std::span<const IndexItem> items,
                            std::vector<IndexBlockRef> pins = {});

  unsigned level() const { return m_level; }
  /// Number of the first leaf item that it covers, from 0.
  std::uint64_t first() const { return m_first; }
  /// Leaf items that one of its items covers.
  std::uint64_t step() const { return m_level == 0 ? 1 : itemsBelow(m_level - 1); }
  /// Number of the leaf item behind the last that it covers.
  std::uint64_t end() const { return m_first + size() * step(); }
  std::size_t size() const { return m_size; }
  bool isFull() const { return m_size == (m_level == 0 ? kLeafItems : kNodeItems); }

  std::int64_t keyAt(std::size_t item) const {
    return static_cast<std::int64_t>(static_cast<std::uint64_t>(m_keyBase) + m_keys[item]);
  }
  FrameRef frameAt(std::size_t item) const;
  IndexBlockRef pinAt(std::size_t item) const { return item < m_pins.size() ? m_pins[item] : nullptr; }
  bool hasPins() const { return !m_pins.empty(); }
  /// Number of items with a key <= `key`.
  std::size_t countUpTo(std::int64_t key) const;

  /// False in an index that has no sums.
  bool hasSums() const { return !m_trees.empty(); }
  /// The first item from `item` on, or the last before it, that changed the tree.
  std::optional<std::size_t> nextChange(TreeId tree, std::size_t item) const;
  std::optional<std::size_t> lastChange(TreeId tree, std::size_t item) const;
  /// Sums over the items before `item`, and of one item.
  ChangeSums sumsBefore(TreeId tree, std::size_t item) const;
  ChangeSums sumsOf(TreeId tree, std::size_t item) const;
  /// Sums over the whole block, by tree.
  std::vector<TreeSums> totals() const;
  /// All items, taken apart.
  std::vector<IndexItem> items() const;

  ByteSpan bytes() const { return ByteSpan(m_bytes).first(m_bytes.size() - kPackedSlackBytes); }
  std::size_t memoryBytes() const { return sizeof *this + m_bytes.size() + m_trees.size() * sizeof(Tree); }

 private:
  enum Column : std::size_t { Positions, Commits, Inserted, Updated, Deleted, kColumns };
  /// Where a tree's columns begin, how many items changed it, and the widths of the columns.
  struct Tree {
    TreeId id = 0;
    std::uint32_t start = 0;
    std::uint16_t rows = 0;
    std::array<std::uint8_t, kColumns> widths{};
  };

  IndexBlock() = default;
  IndexBlock(const IndexBlock&) = delete;  // the columns point into the bytes
  Status parse();
  Status parseTree(ByteReader& reader, TreeId previous);
  Status check() const;
  Status checkTree(const Tree& tree) const;
  const Tree* find(TreeId tree) const;
  PackedNumbers column(const Tree& tree, Column column) const;
  std::size_t rankOf(const Tree& tree, std::size_t item) const;
  std::size_t positionAt(const Tree& tree, std::size_t row) const;
  ChangeSums sumsUpTo(const Tree& tree, std::size_t rows) const;

  Bytes m_bytes;  // with slack
  unsigned m_level = 0;
  std::uint64_t m_first = 0;
  std::size_t m_size = 0;
  std::int64_t m_keyBase = 0;
  PackedNumbers m_keys;
  std::uint64_t m_offsetBase = 0;
  PackedNumbers m_offsets;
  PackedNumbers m_payloads;
  std::vector<Tree> m_trees;
  std::vector<IndexBlockRef> m_pins;
};

}  // namespace drift::storage
