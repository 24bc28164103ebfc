#include "storage/epoch.h"

#include <algorithm>
#include <limits>
#include <optional>

#include "storage/leaf_writer.h"

namespace drift::storage {

namespace {

constexpr std::size_t kFanout = 256;

using Node = MemtableTree::Node;

/// Rewrites the part of one tree that a memtable touches.
class TreeWriter final {
 public:
  TreeWriter(PacedWriter& file, const PageCache& cache, const MemtableTree& changes, CommitNumber previousCommit)
      : m_file(file), m_cache(cache), m_changes(changes), m_leafWriter(file, cache, previousCommit) {}

  /// Gives the new root; `root` is null for a new tree.
  Result<NodeEntry> write(const NodeEntry* root) {
    std::vector<NodeEntry> entries;
    if (root) {
      DRIFT_ASSIGN(entries, rewrite(*root, std::nullopt));
    } else {
      DRIFT_ASSIGN(entries, m_leafWriter.write(nullptr, collect(m_changes.first(), std::nullopt)));
    }
    while (entries.size() > 1) {
      DRIFT_ASSIGN(entries, pack(entries));
    }
    return std::move(entries.front());
  }

 private:
  using KeyBound = std::optional<std::string_view>;

  /// True if `node` lies before the bound; no bound is the end of the tree.
  static bool isBefore(const Node* node, KeyBound end) {
    return node && (!end || MemtableTree::entry(node).key < *end);
  }

  /// Gives the entries that replace `entry`, whose range ends before `end`; itself where nothing falls into it.
  Result<std::vector<NodeEntry>> rewrite(const NodeEntry& entry, KeyBound end) {
    const auto* first = entry.lowKey.empty() ? m_changes.first() : m_changes.seek(entry.lowKey, 0);
    if (!isBefore(first, end)) return std::vector{entry};
    if (entry.isLeaf) return m_leafWriter.write(&entry, collect(first, end));
    DRIFT_ASSIGN(const auto node, m_cache.inner(entry.page));
    if (node->front().isLeaf) return rewriteLeaves(*node, end);
    std::vector<NodeEntry> entries;
    for (std::size_t i = 0; i < node->size(); ++i) {
      const auto childEnd = i + 1 < node->size() ? KeyBound((*node)[i + 1].lowKey) : end;
      DRIFT_ASSIGN(auto replaced, rewrite((*node)[i], childEnd));
      std::ranges::move(replaced, std::back_inserter(entries));
    }
    return pack(entries);
  }

  /// The same for the leaves of a node. Neighbours that shrank become one leaf, also where nothing falls into them.
  Result<std::vector<NodeEntry>> rewriteLeaves(const InnerNode& node, KeyBound end) {
    std::vector<std::vector<const MemtableEntry*>> changes(node.size());
    for (std::size_t i = 0; i < node.size(); ++i) {
      const auto* first = node[i].lowKey.empty() ? m_changes.first() : m_changes.seek(node[i].lowKey, 0);
      changes[i] = collect(first, i + 1 < node.size() ? KeyBound(node[i + 1].lowKey) : end);
    }
    std::vector<NodeEntry> entries;
    for (std::size_t i = 0; i < node.size();) {
      const auto count = LeafWriter::joinable(std::span(node).subspan(i), std::span(changes).subspan(i));
      std::vector<NodeEntry> replaced;
      if (count > 1) {
        auto& all = changes[i];
        for (auto at = i + 1; at < i + count; ++at) all.insert(all.end(), changes[at].begin(), changes[at].end());
        DRIFT_ASSIGN(replaced, m_leafWriter.join(std::span(node).subspan(i, count), all));
      } else if (changes[i].empty()) {
        replaced.push_back(node[i]);
      } else {
        DRIFT_ASSIGN(replaced, m_leafWriter.write(&node[i], changes[i]));
      }
      std::ranges::move(replaced, std::back_inserter(entries));
      i += count;
    }
    return pack(entries);
  }

  /// Writes inner nodes over entries of one level: one, or several of even size where they are too many.
  Result<std::vector<NodeEntry>> pack(const std::vector<NodeEntry>& entries) {
    std::vector<NodeEntry> parents;
    const auto nodes = (entries.size() + kFanout - 1) / kFanout;
    for (std::size_t i = 0; i < nodes; ++i) {
      const auto at = [&](std::size_t n) { return entries.begin() + static_cast<std::ptrdiff_t>(entries.size() * n / nodes); };
      const InnerNode node(at(i), at(i + 1));
      NodeEntry parent;
      parent.isLeaf = false;
      parent.lowKey = node.front().lowKey;
      for (const auto& entry : node) {
        parent.liveRows += entry.liveRows;
        parent.newestSeq = std::max(parent.newestSeq, entry.newestSeq);
        parent.newestCount = std::max(parent.newestCount, entry.newestCount);
      }
      DRIFT_ASSIGN(parent.page, m_file.append(FrameKind::Inner, encodeInner(node)));
      parents.push_back(std::move(parent));
    }
    return parents;
  }

  /// The changes from `node` up to the bound.
  static std::vector<const MemtableEntry*> collect(const Node* node, KeyBound end) {
    std::vector<const MemtableEntry*> changes;
    for (; isBefore(node, end); node = MemtableTree::next(node)) changes.push_back(&MemtableTree::entry(node));
    return changes;
  }

  PacedWriter& m_file;
  const PageCache& m_cache;
  const MemtableTree& m_changes;
  LeafWriter m_leafWriter;
};

}  // namespace

Bytes encodeEpoch(const EpochRoots& epoch) {
  Bytes payload;
  ByteWriter writer(payload);
  writer.varint(epoch.number);
  writer.varint(epoch.previousCommit);
  writer.varint(epoch.lastCommit);
  writer.raw(epoch.hash);
  writeRef(writer, epoch.previousEpoch);
  writeRef(writer, epoch.commitIndex);
  writer.varint(epoch.logStart.offset);
  writer.varint(epoch.logStart.ordinal);
  writer.varint(epoch.trees.size());
  for (const auto& [tree, root] : epoch.trees) {
    writer.varint(tree);
    writeNodeEntry(writer, root.root);
    writer.string(root.highestKey);
  }
  writer.raw(epoch.earlier);
  return payload;
}

Result<EpochRoots> decodeEpoch(ByteSpan payload) {
  ByteReader reader(payload);
  EpochRoots epoch;
  DRIFT_ASSIGN(epoch.number, reader.varint());
  DRIFT_ASSIGN(epoch.previousCommit, reader.varint());
  DRIFT_ASSIGN(epoch.lastCommit, reader.varint());
  DRIFT_ASSIGN(const auto hash, reader.raw(epoch.hash.size()));
  std::ranges::copy(hash, epoch.hash.begin());
  DRIFT_ASSIGN(epoch.previousEpoch, readRef(reader));
  DRIFT_ASSIGN(epoch.commitIndex, readRef(reader));
  DRIFT_ASSIGN(epoch.logStart.offset, reader.varint());
  DRIFT_ASSIGN(epoch.logStart.ordinal, reader.varint());
  DRIFT_ASSIGN(const auto trees, reader.varint());
  for (std::uint64_t i = 0; i < trees; ++i) {
    DRIFT_ASSIGN(const auto tree, reader.varint());
    TreeRoot root;
    DRIFT_ASSIGN(root.root, readNodeEntry(reader));
    DRIFT_ASSIGN(const auto highest, reader.string());
    root.highestKey = highest;
    if (tree > UINT32_MAX || !epoch.trees.emplace(static_cast<TreeId>(tree), std::move(root)).second)
      return Error(ErrorKind::DataCorrupted, "an epoch in the file is malformed");
  }
  constexpr CommitNumber kLast = std::numeric_limits<std::int64_t>::max();  // lists have signed keys
  if (epoch.number == 0 || epoch.lastCommit <= epoch.previousCommit || epoch.lastCommit > kLast)
    return Error(ErrorKind::DataCorrupted, "an epoch in the file is malformed");
  if (!reader.atEnd()) {
    DRIFT_ASSIGN(const auto earlier, reader.raw(reader.remaining()));
    epoch.earlier.assign(earlier.begin(), earlier.end());
    DRIFT_ASSIGN(const auto count, ByteReader(earlier).varint());
    if (count != epoch.number - 1) return Error(ErrorKind::DataCorrupted, "an epoch in the file is malformed");
  }
  return epoch;
}

Result<std::map<TreeId, TreeRoot>> writeTrees(PacedWriter& file, const PageCache& cache, const EpochRoots* previous,
                                              const Memtable& memtable) {
  auto trees = previous ? previous->trees : std::map<TreeId, TreeRoot>();
  for (const auto id : memtable.trees()) {
    const auto* changes = memtable.find(id);
    const auto old = trees.find(id);
    TreeWriter writer(file, cache, *changes, previous ? previous->lastCommit : 0);
    TreeRoot root;
    if (old != trees.end()) root.highestKey = old->second.highestKey;
    root.highestKey = std::max(root.highestKey, std::string(changes->highestKey()));
    DRIFT_ASSIGN(root.root, writer.write(old != trees.end() ? &old->second.root : nullptr));
    trees.insert_or_assign(id, std::move(root));
  }
  return trees;
}

}  // namespace drift::storage
