// PageCache: decoded leaves and inner nodes, shared by all snapshots, within a bound of bytes.
//
// Thread rule: thread-safe. Pages are immutable and stay alive for whoever holds them, also when evicted.
#pragma once

#include <atomic>
#include <functional>
#include <list>
#include <memory>
#include <mutex>
#include <unordered_map>
#include <variant>
#include <vector>

#include "storage/frame_file.h"
#include "storage/leaf.h"

namespace drift::storage {

/// Reference to a child page, with what must be known without reading it.
struct NodeEntry {
  FrameRef page;
  bool isLeaf = true;
  std::string lowKey;            ///< first key that belongs to the child; empty in the leftmost
  std::uint64_t liveRows = 0;    ///< at the end of the epoch that wrote it
  CommitNumber newestSeq = 0;    ///< newest commit that ever changed the child, folded ones included
};

using InnerNode = std::vector<NodeEntry>;

void writeNodeEntry(ByteWriter& out, const NodeEntry& entry);
Result<NodeEntry> readNodeEntry(ByteReader& in);
Bytes encodeInner(const InnerNode& node);
Result<InnerNode> decodeInner(ByteSpan payload);

class PageCache final {
 public:
  PageCache(const FrameFile& file, std::size_t bytesMax) : m_file(file), m_bytesMax(bytesMax) {}

  Result<std::shared_ptr<const Leaf>> leaf(FrameRef ref);
  Result<std::shared_ptr<const InnerNode>> inner(FrameRef ref);

  /// Pages that were found here, and that had to be read.
  std::uint64_t hits() const { return m_hits.load(); }
  std::uint64_t misses() const { return m_misses.load(); }

 private:
  using Page = std::variant<std::shared_ptr<const Leaf>, std::shared_ptr<const InnerNode>>;
  struct Slot {
    Page page;
    std::size_t bytes = 0;
    std::list<std::uint64_t>::iterator use;
  };

  template <class T>
  std::shared_ptr<const T> find(std::uint64_t offset);
  void insert(std::uint64_t offset, Page page, std::size_t bytes);

  const FrameFile& m_file;
  const std::size_t m_bytesMax;
  std::atomic<std::uint64_t> m_hits{0};
  std::atomic<std::uint64_t> m_misses{0};
  std::mutex m_mutex;  // guards everything below
  std::unordered_map<std::uint64_t, Slot> m_slots;
  std::list<std::uint64_t> m_uses;  ///< most recently used first
  std::size_t m_bytes = 0;
};

}  // namespace drift::storage
