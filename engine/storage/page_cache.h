// PageCache: decoded pages, merged leaves and inner nodes, shared by all snapshots, within a bound of bytes.
//
// Thread rule: thread-safe. Pages are immutable and stay alive for whoever holds them, also when evicted.
#pragma once

#include <atomic>
#include <memory>
#include <variant>
#include <vector>

#include "storage/frame_file.h"
#include "storage/leaf.h"
#include "storage/leaf_pages.h"
#include "storage/lru_cache.h"

namespace drift::storage {

/// The pages that make up a leaf at the end of an epoch, or of a slice of one.
struct LeafState {
  CommitNumber baseCommit = 0;      ///< the base has the rows as of this commit, and new keys since
  FrameRef base;
  std::vector<FrameRef> runs;       ///< versions since, from old to new
  std::uint32_t baseRows = 0;
  std::uint32_t runRows = 0;        ///< in all runs together
  std::uint64_t bytes = 0;          ///< of keys and values, before they are packed

  /// The page that no other state ends with.
  const FrameRef& newest() const { return runs.empty() ? base : runs.back(); }
};

/// A leaf that changed very often in one epoch has several states there, one after the other.
struct LeafSlice {
  CommitNumber through = kNoCommit;  ///< serves moments up to this commit; no end for the last
  LeafState state;
};

/// Reference to a child, with what must be known without reading it.
struct NodeEntry {
  bool isLeaf = true;
  std::string lowKey;                ///< first key that belongs to the child; empty in the leftmost
  std::uint64_t liveRows = 0;        ///< at the end of the epoch that wrote it
  CommitNumber newestSeq = 0;        ///< newest commit that ever changed the child, folded ones included
  CommitNumber newestCount = 0;      ///< newest commit that ever inserted or deleted a row of it
  FrameRef page;                     ///< inner nodes
  std::vector<LeafSlice> slices;     ///< leaves; at least one, by rising `through`

  /// The state of a leaf that serves a commit.
  const LeafSlice& sliceAt(CommitNumber number) const;
};

using InnerNode = std::vector<NodeEntry>;

/// The child that a key belongs to.
InnerNode::const_iterator childOf(const InnerNode& node, std::string_view key);

void writeNodeEntry(ByteWriter& out, const NodeEntry& entry);
Result<NodeEntry> readNodeEntry(ByteReader& in);
Bytes encodeInner(const InnerNode& node);
Result<InnerNode> decodeInner(ByteSpan payload);

class PageCache final : public PageSource {
 public:
  PageCache(const FrameFile& file, std::size_t bytesMax) : m_file(file), m_pages(bytesMax) {}

  Result<VersionPageRef> base(FrameRef ref, Keys keys = Keys::Anywhere) const override;
  Result<VersionPageRef> run(FrameRef ref) const;
  Result<std::shared_ptr<const Leaf>> leaf(const LeafState& state) const;
  /// The leaf of an entry that serves a commit.
  Result<std::shared_ptr<const Leaf>> leafAt(const NodeEntry& entry, CommitNumber number) const {
    return leaf(entry.sliceAt(number).state);
  }
  /// The pages of a leaf, for reads of a few of its keys.
  LeafPagesRef pages(const LeafState& state) const;
  Result<std::shared_ptr<const InnerNode>> inner(FrameRef ref) const;

  /// Pages that were found here, and that had to be read.
  std::uint64_t hits() const { return m_hits.load(); }
  std::uint64_t misses() const { return m_misses.load(); }

 private:
  using Page =
      std::variant<VersionPageRef, std::shared_ptr<const Leaf>, LeafPagesRef, std::shared_ptr<const InnerNode>>;
  /// A page, and the leaf that ends with it, lie at the same offset.
  struct Place {
    std::uint64_t offset = 0;
    std::size_t kind = 0;  ///< index in Page
    friend bool operator==(const Place&, const Place&) = default;
  };
  struct PlaceHash {
    std::size_t operator()(const Place& place) const {
      return static_cast<std::size_t>((place.offset * 4 + place.kind) * 0x9e3779b97f4a7c15);
    }
  };
  /// A page that a leaf still holds would not be freed: it stays counted, and its leaf goes first.
  struct PageSizes {
    static std::size_t bytes(const Page& page, std::size_t counted);
    static bool isHeld(const Page& page);
  };

  template <class T>
  std::shared_ptr<const T> find(std::uint64_t offset) const;
  void insert(std::uint64_t offset, Page page, std::size_t bytes) const {
    m_pages.insert({offset, page.index()}, page, bytes);
  }

  const FrameFile& m_file;
  mutable std::atomic<std::uint64_t> m_hits{0};
  mutable std::atomic<std::uint64_t> m_misses{0};
  mutable LruCache<Place, Page, PageSizes, PlaceHash> m_pages;
};

}  // namespace drift::storage
