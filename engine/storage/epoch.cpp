#include "storage/epoch.h"

#include <algorithm>
#include <optional>

namespace drift::storage {

namespace {

constexpr std::size_t kFanout = 256;

using Node = MemtableTree::Node;

/// Rewrites the part of one tree that a memtable touches.
class TreeWriter final {
 public:
  TreeWriter(PacedWriter& file, PageCache& cache, const MemtableTree& changes)
      : m_file(file), m_cache(cache), m_changes(changes) {}

  /// Gives the new root; `root` is null for a new tree.
  Result<NodeEntry> write(const NodeEntry* root) {
    std::vector<NodeEntry> entries;
    if (root) {
      DRIFT_ASSIGN(entries, rewrite(*root, std::nullopt));
    } else {
      DRIFT_ASSIGN(entries, mergeLeaf(nullptr, {}, m_changes.first(), std::nullopt));
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
    if (entry.isLeaf) {
      DRIFT_ASSIGN(const auto leaf, m_cache.leaf(entry.page));
      return mergeLeaf(leaf.get(), entry, first, end);
    }
    DRIFT_ASSIGN(const auto node, m_cache.inner(entry.page));
    std::vector<NodeEntry> entries;
    for (std::size_t i = 0; i < node->size(); ++i) {
      const auto childEnd = i + 1 < node->size() ? KeyBound((*node)[i + 1].lowKey) : end;
      DRIFT_ASSIGN(auto replaced, rewrite((*node)[i], childEnd));
      std::ranges::move(replaced, std::back_inserter(entries));
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
      NodeEntry parent{.page = {}, .isLeaf = false, .lowKey = node.front().lowKey, .liveRows = 0, .newestSeq = 0};
      for (const auto& entry : node) {
        parent.liveRows += entry.liveRows;
        parent.newestSeq = std::max(parent.newestSeq, entry.newestSeq);
      }
      DRIFT_ASSIGN(parent.page, m_file.append(FrameKind::Inner, encodeInner(node)));
      parents.push_back(std::move(parent));
    }
    return parents;
  }

  /// Merges a leaf (null for a new tree) with the changes from `change` up to `end` into new leaves.
  Result<std::vector<NodeEntry>> mergeLeaf(const Leaf* leaf, const NodeEntry& old, const Node* change, KeyBound end) {
    std::vector<NodeEntry> leaves;
    // Folded versions and deletes leave no trace but this number: diff and history find the page by it.
    NodeEntry current{.page = {}, .isLeaf = true, .lowKey = old.lowKey, .liveRows = 0, .newestSeq = old.newestSeq};
    std::size_t row = 0;
    const std::size_t rows = leaf ? leaf->rowCount() : 0;
    while (row < rows || isBefore(change, end)) {
      const bool fromLeaf = row < rows && (!isBefore(change, end) || leaf->key(row) <= MemtableTree::entry(change).key);
      const auto key = fromLeaf ? leaf->key(row) : MemtableTree::entry(change).key;
      if (m_builder.isFull()) {
        DRIFT_TRY(finishLeaf(current, leaves));
        current.lowKey = key;
        current.liveRows = 0;
        current.newestSeq = old.newestSeq;
      }
      bool live = false;
      if (fromLeaf) {
        // Of a key's versions in the older leaf only the last goes on, and only if it lives.
        while (row + 1 < rows && leaf->key(row + 1) == key) ++row;
        live = leaf->op(row) != RowOp::Delete;
        if (live) DRIFT_TRY(m_builder.add(*leaf, row));
        ++row;
      }
      while (isBefore(change, end) && MemtableTree::entry(change).key == key) {
        const auto& entry = MemtableTree::entry(change);
        DRIFT_TRY(m_builder.add(entry.key, entry.seq, entry.op, entry.layout, entry.row));
        live = entry.op != RowOp::Delete;
        current.newestSeq = std::max(current.newestSeq, entry.seq);
        change = MemtableTree::next(change);
      }
      if (live) ++current.liveRows;
    }
    DRIFT_TRY(finishLeaf(current, leaves));
    return leaves;
  }

  Status finishLeaf(NodeEntry& current, std::vector<NodeEntry>& leaves) {
    DRIFT_ASSIGN(current.page, m_file.append(FrameKind::Leaf, m_builder.finish()));
    leaves.push_back(current);
    return {};
  }

  PacedWriter& m_file;
  PageCache& m_cache;
  const MemtableTree& m_changes;
  LeafBuilder m_builder;
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
  if (epoch.number == 0 || epoch.lastCommit <= epoch.previousCommit || !reader.atEnd())
    return Error(ErrorKind::DataCorrupted, "an epoch in the file is malformed");
  return epoch;
}

Result<std::map<TreeId, TreeRoot>> writeTrees(PacedWriter& file, PageCache& cache, const EpochRoots* previous,
                                              const Memtable& memtable) {
  auto trees = previous ? previous->trees : std::map<TreeId, TreeRoot>();
  for (const auto id : memtable.trees()) {
    const auto* changes = memtable.find(id);
    const auto old = trees.find(id);
    TreeWriter writer(file, cache, *changes);
    TreeRoot root;
    if (old != trees.end()) root.highestKey = old->second.highestKey;
    root.highestKey = std::max(root.highestKey, std::string(changes->highestKey()));
    DRIFT_ASSIGN(root.root, writer.write(old != trees.end() ? &old->second.root : nullptr));
    trees.insert_or_assign(id, std::move(root));
  }
  return trees;
}

}  // namespace drift::storage
