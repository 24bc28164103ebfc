// IndexTree: an append-only radix tree of IndexBlocks in the file; what is older than the last epoch stays there and
// is read when it is asked for.
//
//   level 2        [ block ][ block ]...                    each block full, but for the last of every level:
//   level 1   [64 leaves][64 leaves]...[ 0..63 leaves ]     these "open" ones stand together in the root frame
//   level 0   [256 items][256 items]...[ 0..255 items ]
//
// Item n is in leaf n / 256, so a number needs no search, and a root is as small as one path. An epoch appends the
// blocks that became full since the one before, and a root; a block is written once and never again.
//
// Thread rule: any readers; one thread appends, one writes and adopts, and these may be two. A reader takes a view,
// which never changes, and reads blocks without a lock. Blocks that are in no frame yet are held in memory ("pinned"),
// the others in a cache of a stated size.
// Memory: the open blocks, the pinned ones (7 to 20 bytes an item) and the cache.
#pragma once

#include <array>
#include <atomic>
#include <map>
#include <mutex>

#include "storage/frame_file.h"
#include "storage/index_block.h"
#include "storage/lru_cache.h"
#include "storage/paced_writer.h"

namespace drift::storage {

/// The newest items, not yet a block. Append-only: an item below count() never changes.
class OpenLeaf final {
 public:
  explicit OpenLeaf(std::uint64_t first) : m_first(first) {}

  std::uint64_t first() const { return m_first; }
  std::size_t count() const { return m_count.load(std::memory_order_acquire); }
  bool isFull() const { return count() == kLeafItems; }
  const IndexItem& operator[](std::size_t i) const { return m_items[i]; }
  std::span<const IndexItem> items(std::size_t count) const { return std::span(m_items).first(count); }
  void append(IndexItem item);

 private:
  const std::uint64_t m_first;
  std::array<IndexItem, kLeafItems> m_items;
  std::atomic<std::size_t> m_count{0};
};

class IndexTree final {
 public:
  /// `hasSums`: whether items come with sums. `file` outlives this.
  IndexTree(const FrameFile& file, FrameKind kind, bool hasSums, std::size_t cacheBytesMax)
      : m_file(file), m_kind(kind), m_hasSums(hasSums), m_cache(cacheBytesMax) {}

  /// Everything as it stood in one moment.
  struct View {
    /// Open blocks of level 1, 2 …; null where there is none.
    std::vector<IndexBlockRef> nodes;
    std::shared_ptr<OpenLeaf> leaf = std::make_shared<OpenLeaf>(0);
    std::uint64_t size = 0;  ///< number of items
  };
  View view() const;
  std::uint64_t size() const;

  /// Adds an item with a higher key than the last one.
  void append(IndexItem item);
  void clear();

  /// What write() put into the file.
  struct Written {
    std::uint64_t size = 0;  ///< items that it covers
    Bytes root;
    std::map<std::pair<unsigned, std::uint64_t>, FrameRef> frames;  ///< of new blocks, by level and first item
  };
  /// Appends the blocks that the first `size` items fill and that are in no frame yet, and gives a root for these
  /// items, which the caller puts into a frame. Errors are those of FrameFile.
  Result<Written> write(PacedWriter& file, std::uint64_t size) const;
  /// Lets go of blocks in memory that are in the file now, after it was synced.
  void adopt(const Written& written);
  /// Continues from a root. Items that are known beyond it stay. DataCorrupted, IoError; then nothing has changed.
  Status open(ByteSpan root);

  /// The block in whose item `child` of `node` stands. DataCorrupted, IoError.
  Result<IndexBlockRef> childOf(const IndexBlock& node, std::size_t child) const;
  /// The open blocks of a view from old to new, without the leaf.
  static std::vector<IndexBlockRef> rootsOf(const View& view);
  /// The full leaf that holds item `number`, which is not in the view's open leaf.
  Result<IndexBlockRef> leafOf(const View& view, std::uint64_t number) const;
  /// One item, taken apart.
  Result<IndexItem> itemAt(const View& view, std::uint64_t number) const;
  /// Number of items with a key <= `key`.
  Result<std::uint64_t> countUpTo(const View& view, std::int64_t key) const;

 private:
  static void appendTo(View& view, IndexItem item);
  static void push(std::vector<IndexBlockRef>& nodes, unsigned level, const IndexBlockRef& block);
  static IndexBlockRef settled(const IndexBlockRef& block, const Written& written);
  Result<View> decodeRoot(ByteSpan root) const;
  Result<IndexBlockRef> blockAt(const View& view, unsigned level, std::uint64_t first) const;
  Status writePinned(PacedWriter& file, const IndexBlock& node, Written& written) const;
  Result<FrameRef> writeBlock(PacedWriter& file, const IndexBlockRef& block, Written& written) const;
  static bool fits(const IndexBlock& block, const IndexBlock& node, std::size_t child);

  const FrameFile& m_file;
  const FrameKind m_kind;
  const bool m_hasSums;

  mutable std::mutex m_viewMutex;  // guards the two below
  std::vector<IndexBlockRef> m_nodes;
  std::shared_ptr<OpenLeaf> m_leaf = std::make_shared<OpenLeaf>(0);

  mutable LruCache<std::uint64_t, IndexBlockRef> m_cache;  ///< by offset
};

}  // namespace drift::storage
