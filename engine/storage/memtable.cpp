#include "storage/memtable.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

namespace drift::storage {

namespace {

constexpr std::size_t kArenaBlockBytes = 256 * 1024;

bool isBefore(const MemtableEntry& entry, std::string_view key, CommitNumber seq) {
  const int order = entry.key.compare(key);
  return order != 0 ? order < 0 : entry.seq < seq;
}

}  // namespace

std::byte* Arena::allocate(std::size_t bytes) {
  bytes = (bytes + 7) & ~std::size_t{7};
  if (bytes > m_capacity - m_used) {
    const auto capacity = std::max(kArenaBlockBytes, bytes);
    m_blocks.push_back(std::make_unique_for_overwrite<std::byte[]>(capacity));
    m_capacity = capacity;
    m_used = 0;
    m_sizeBytes += m_capacity;
  }
  std::byte* result = m_blocks.back().get() + m_used;
  m_used += bytes;
  return result;
}

std::string_view Arena::copy(std::string_view text) {
  if (text.empty()) return {};
  auto* target = reinterpret_cast<char*>(allocate(text.size()));
  std::memcpy(target, text.data(), text.size());
  return {target, text.size()};
}

std::span<const ColumnId> Arena::copy(std::span<const ColumnId> ids) {
  if (ids.empty()) return {};
  auto* target = reinterpret_cast<ColumnId*>(allocate(ids.size_bytes()));
  std::memcpy(target, ids.data(), ids.size_bytes());
  return {target, ids.size()};
}

/// Followed in memory by `levels` links; the declared one is the first.
struct MemtableTree::Node {
  MemtableEntry entry;
  std::atomic<Node*> links[1];

  std::atomic<Node*>& link(int level) { return links[level]; }
  Node* next(int level) const { return links[level].load(std::memory_order_acquire); }

  static Node* make(Arena& arena, const MemtableEntry& entry, int levels) {
    auto* memory = arena.allocate(sizeof(Node) + static_cast<std::size_t>(levels - 1) * sizeof(std::atomic<Node*>));
    auto* node = new (memory) Node{entry, {}};
    for (int level = 0; level < levels; ++level) new (&node->links[level]) std::atomic<Node*>(nullptr);
    return node;
  }
};

MemtableTree::MemtableTree(Arena& arena) : m_arena(arena), m_head(Node::make(arena, {}, kLevelsMax)) {}

int MemtableTree::randomLevel() {
  m_random ^= m_random << 13;
  m_random ^= m_random >> 7;
  m_random ^= m_random << 17;
  int level = 1;
  for (auto bits = m_random; level < kLevelsMax && (bits & 3) == 0; bits >>= 2) ++level;
  return level;
}

std::size_t MemtableTree::insert(MemtableEntry entry) {
  std::array<Node*, kLevelsMax> before{};
  Node* node = m_head;
  for (int level = kLevelsMax - 1; level >= 0; --level) {
    for (Node* following = node->next(level); following && isBefore(following->entry, entry.key, entry.seq);
         following = node->next(level))
      node = following;
    before[static_cast<std::size_t>(level)] = node;
  }
  const auto& previous = before.front()->entry;
  entry.keyRowBytes = static_cast<std::uint32_t>(entry.row.size());
  if (before.front() != m_head && previous.key == entry.key) entry.keyRowBytes += previous.keyRowBytes;
  // Before the entry is linked: who sees it must see the count.
  if (entry.op != RowOp::Update) m_insertsAndDeletes.fetch_add(1, std::memory_order_relaxed);
  const int levels = randomLevel();
  Node* added = Node::make(m_arena, entry, levels);
  for (int level = 0; level < levels; ++level) {
    auto& link = before[static_cast<std::size_t>(level)]->link(level);
    added->link(level).store(link.load(std::memory_order_relaxed), std::memory_order_relaxed);
    link.store(added, std::memory_order_release);
  }
  return entry.keyRowBytes;
}

const MemtableTree::Node* MemtableTree::seek(std::string_view key, CommitNumber seq) const {
  const Node* node = m_head;
  for (int level = kLevelsMax - 1; level >= 0; --level)
    for (const Node* following = node->next(level); following && isBefore(following->entry, key, seq);
         following = node->next(level))
      node = following;
  return node->next(0);
}

const MemtableTree::Node* MemtableTree::findLast(std::string_view key, CommitNumber seq) const {
  const Node* node = m_head;
  for (int level = kLevelsMax - 1; level >= 0; --level)
    for (const Node* following = node->next(level); following && isBefore(following->entry, key, seq + 1);
         following = node->next(level))
      node = following;
  return node != m_head && node->entry.key == key ? node : nullptr;
}

const MemtableTree::Node* MemtableTree::first() const { return m_head->next(0); }
const MemtableTree::Node* MemtableTree::next(const Node* node) { return node->next(0); }
const MemtableEntry& MemtableTree::entry(const Node* node) { return node->entry; }

std::string_view MemtableTree::highestKey() const {
  const Node* node = m_head;
  for (int level = kLevelsMax - 1; level >= 0; --level)
    while (const Node* following = node->next(level)) node = following;
  return node == m_head ? std::string_view() : node->entry.key;
}

const RowLayout* Memtable::keepLayout(const RowLayoutRef& layout) {
  // Each commit may bring a layout object of its own; equal ones are kept once. The newest are tried first.
  for (auto kept = m_layouts.rbegin(); kept != m_layouts.rend(); ++kept) {
    if (kept->get() != layout.get() && **kept != *layout) continue;
    std::iter_swap(kept, m_layouts.rbegin());
    return m_layouts.back().get();
  }
  m_layouts.push_back(layout);
  return layout.get();
}

MemtableTree& Memtable::findOrAdd(TreeId id) {
  {
    const std::shared_lock lock(m_mutex);
    if (const auto found = m_trees.find(id); found != m_trees.end()) return *found->second;
  }
  auto added = std::make_unique<MemtableTree>(m_arena);
  const std::unique_lock lock(m_mutex);
  return *m_trees.emplace(id, std::move(added)).first->second;
}

void Memtable::insert(MemtableTree& tree, const MemtableEntry& entry) {
  auto copy = entry;
  copy.key = m_arena.copy(entry.key);
  copy.row = m_arena.copy(entry.row);
  copy.changed = m_arena.copy(entry.changed);
  const auto keyRowBytes = tree.insert(copy);
  m_keyRowBytesMax = std::max(m_keyRowBytesMax, keyRowBytes);
  m_rows.fetch_add(1, std::memory_order_relaxed);
  m_bytes.store(m_arena.sizeBytes(), std::memory_order_relaxed);
}

void Memtable::insert(const RowChange& change, CommitNumber seq) {
  const auto* layout = change.layout ? keepLayout(change.layout) : nullptr;
  insert(findOrAdd(change.tree), {.key = change.key,
                                  .seq = seq,
                                  .op = change.op,
                                  .layout = layout,
                                  .row = change.row,
                                  .changed = change.changed});
}

void Memtable::insertNewer(const Memtable& other, CommitNumber number) {
  m_layouts.insert(m_layouts.end(), other.m_layouts.begin(), other.m_layouts.end());
  for (const auto id : other.trees()) {
    const auto& from = *other.find(id);
    for (const auto* node = from.first(); node; node = MemtableTree::next(node))
      if (const auto& entry = MemtableTree::entry(node); entry.seq > number) insert(findOrAdd(id), entry);
  }
}

const MemtableTree* Memtable::find(TreeId tree) const {
  const std::shared_lock lock(m_mutex);
  const auto found = m_trees.find(tree);
  return found == m_trees.end() ? nullptr : found->second.get();
}

std::vector<TreeId> Memtable::trees() const {
  const std::shared_lock lock(m_mutex);
  std::vector<TreeId> result;
  for (const auto& [tree, entries] : m_trees) result.push_back(tree);
  return result;
}

}  // namespace drift::storage
