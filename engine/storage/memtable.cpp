#include "storage/memtable.h"

#include <algorithm>
#include <cstring>
#include <mutex>
#include <new>

#include "storage/key_hash.h"

namespace drift::storage {

namespace {

constexpr std::size_t kArenaBlockBytes = 256 * 1024;

/// The first bytes of a key as a number that compares as they do; shorter keys end in zeros.
std::uint64_t prefixOf(std::string_view key) {
  std::uint64_t prefix = 0;
  if (!key.empty()) std::memcpy(&prefix, key.data(), std::min(key.size(), sizeof prefix));
  return __builtin_bswap64(prefix);
}

/// Counts for readers; there is one writer.
void addOne(std::atomic<std::size_t>& count) {
  count.store(count.load(std::memory_order_relaxed) + 1, std::memory_order_relaxed);
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

/// One piece of memory: the links from the highest level down to 0, this, the key, the row, the changed columns. A
/// search reads the lowest links and the prefix of most nodes that it meets, one cache line; a scan reads on.
struct MemtableTree::Node {
  using Link = std::atomic<Node*>;

  std::uint64_t prefix = 0;
  MemtableEntry entry;

  Link& link(int level) { return reinterpret_cast<Link*>(this)[-1 - level]; }
  Node* next(int level) const { return reinterpret_cast<const Link*>(this)[-1 - level].load(std::memory_order_acquire); }

  /// Whether the node comes before (key, seq); `wanted` is the key's prefix.
  bool isBefore(std::uint64_t wanted, std::string_view key, CommitNumber seq) const {
    if (prefix != wanted) return prefix < wanted;
    const int order = entry.key.compare(key);
    return order != 0 ? order < 0 : entry.seq < seq;
  }

  /// Copies what the entry refers to, but for its layout.
  static Node* make(Arena& arena, const MemtableEntry& entry, int levels) {
    static_assert(sizeof(Link) == 8 && sizeof(Node) % 8 == 0 && std::is_trivially_destructible_v<Node>);
    const auto linkBytes = static_cast<std::size_t>(levels) * sizeof(Link);
    // The columns come first behind the node, for their alignment.
    const auto changedBytes = entry.changed.size_bytes();
    auto* memory = arena.allocate(linkBytes + sizeof(Node) + changedBytes + entry.key.size() + entry.row.size());
    auto* links = reinterpret_cast<Link*>(memory);
    for (int level = 0; level < levels; ++level) new (links + level) Link(nullptr);
    auto* node = new (memory + linkBytes) Node{prefixOf(entry.key), entry};
    auto* changed = reinterpret_cast<ColumnId*>(memory + linkBytes + sizeof(Node));
    auto* key = reinterpret_cast<char*>(changed) + changedBytes;
    auto* row = key + entry.key.size();
    std::ranges::copy(entry.changed, changed);
    std::ranges::copy(entry.key, key);
    std::ranges::copy(entry.row, row);
    node->entry.changed = {changed, entry.changed.size()};
    node->entry.key = {key, entry.key.size()};
    node->entry.row = {row, entry.row.size()};
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

void MemtableTree::findPlaces(std::uint64_t prefix, std::string_view key, CommitNumber seq) {
  auto& before = m_before;
  const auto isBefore = [&](const Node* node) { return node && node->isBefore(prefix, key, seq); };
  // From the place of the node added last, where that is not behind this one: up to the level on which nothing lies
  // between the two, and down again. A search by finger (Pugh, "A Skip List Cookbook", 1990, section 3.1): what comes in
  // the order of keys costs O(log distance), and nothing right behind the last one.
  int level = kLevelsMax - 1;
  auto* node = m_head;
  if (isBefore(m_last)) {
    for (level = 0; level < kLevelsMax && isBefore(before[static_cast<std::size_t>(level)]->next(level));) ++level;
    if (--level >= 0) node = before[static_cast<std::size_t>(level)];
  }
  for (; level >= 0; --level) {
    for (Node* following = node->next(level); isBefore(following); following = node->next(level)) node = following;
    before[static_cast<std::size_t>(level)] = node;
  }
}

std::size_t MemtableTree::insert(MemtableEntry entry) {
  auto& before = m_before;
  findPlaces(prefixOf(entry.key), entry.key, entry.seq);
  m_last = nullptr;  // where memory ends before the node is there, the places are of none
  const auto& previous = before.front()->entry;
  entry.keyRowBytes = static_cast<std::uint32_t>(entry.row.size());
  if (before.front() != m_head && previous.key == entry.key) entry.keyRowBytes += previous.keyRowBytes;
  // Before the entry is linked: who sees it must see the count, and must not be told that the key is not there.
  if (entry.op != RowOp::Update) addOne(m_insertsAndDeletes);
  m_filter.add(hashKey(types::StringRef(entry.key)));
  const int levels = randomLevel();
  Node* added = Node::make(m_arena, entry, levels);
  for (int level = 0; level < levels; ++level) {
    auto& link = before[static_cast<std::size_t>(level)]->link(level);
    added->link(level).store(link.load(std::memory_order_relaxed), std::memory_order_relaxed);
    link.store(added, std::memory_order_release);
  }
  std::fill_n(before.begin(), levels, added);
  m_last = added;
  return entry.keyRowBytes;
}

const MemtableTree::Node* MemtableTree::lastBefore(std::string_view key, CommitNumber seq) const {
  const auto prefix = prefixOf(key);
  const Node* node = m_head;
  for (int level = kLevelsMax - 1; level >= 0; --level)
    for (const Node* following = node->next(level); following && following->isBefore(prefix, key, seq);
         following = node->next(level))
      node = following;
  return node;
}

const MemtableTree::Node* MemtableTree::seek(std::string_view key, CommitNumber seq) const {
  return lastBefore(key, seq)->next(0);
}

const MemtableTree::Node* MemtableTree::findLast(std::string_view key, CommitNumber seq) const {
  if (!m_filter.mayHave(hashKey(types::StringRef(key)))) return nullptr;
  const auto* node = lastBefore(key, seq + 1);
  return node != m_head && node->entry.key == key ? node : nullptr;
}

const MemtableTree::Node* MemtableTree::findBefore(const std::optional<std::string>& key) const {
  const Node* node = m_head;
  for (int level = kLevelsMax - 1; level >= 0; --level)
    for (const Node* following = node->next(level); following && (!key || following->entry.key < *key);
         following = node->next(level))
      node = following;
  return node == m_head ? nullptr : node;
}

const MemtableTree::Node* MemtableTree::first() const { return m_head->next(0); }

const MemtableTree::Node* MemtableTree::next(const Node* node) {
  const auto* following = node->next(0);
  // Nodes lie anywhere: who walks asks for the one after the next while it is at the next.
  if (following) {
    constexpr std::size_t kLine = 64;
    const auto* ahead = reinterpret_cast<const char*>(following->next(0));
    for (std::size_t line = 0; ahead && line < 3; ++line) __builtin_prefetch(ahead + line * kLine - sizeof(Node::Link));
  }
  return following;
}

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
  const auto keyRowBytes = tree.insert(entry);
  m_keyRowBytesMax = std::max(m_keyRowBytesMax, keyRowBytes);
  addOne(m_rows);
  m_bytes.store(m_arena.sizeBytes(), std::memory_order_relaxed);
}

/// The order of keys, tree by tree; empty where the changes have it already.
std::vector<Memtable::Place> Memtable::sort(std::span<const RowChange> changes) {
  const auto comesBefore = [](const RowChange& a, const RowChange& b) {
    return a.tree != b.tree ? a.tree < b.tree : a.key < b.key;
  };
  if (std::ranges::is_sorted(changes, comesBefore)) return {};
  std::vector<Place> places;
  places.reserve(changes.size());
  for (const auto& change : changes)
    places.push_back({change.tree, static_cast<std::uint32_t>(places.size()), prefixOf(change.key)});
  std::ranges::sort(places, [&](const Place& a, const Place& b) {
    if (a.tree != b.tree) return a.tree < b.tree;
    if (a.prefix != b.prefix) return a.prefix < b.prefix;
    return changes[a.at].key < changes[b.at].key;
  });
  return places;
}

void Memtable::insert(std::span<const RowChange> changes, CommitNumber seq) {
  // By key: then each finds its place near the one before.
  const auto places = sort(changes);
  MemtableTree* tree = nullptr;
  TreeId treeId = 0;
  for (std::size_t i = 0; i < changes.size(); ++i) {
    // Changes and rows lie anywhere: the next ones are asked for early.
    constexpr std::size_t kAhead = 8;
    const auto& change = places.empty() ? changes[i] : changes[places[i].at];
    if (i + kAhead < places.size()) __builtin_prefetch(&changes[places[i + kAhead].at]);
    if (!tree || change.tree != treeId) {
      tree = &findOrAdd(change.tree);
      treeId = change.tree;
    }
    const auto* layout = change.layout ? keepLayout(change.layout) : nullptr;
    insert(*tree, {.key = change.key,
                   .seq = seq,
                   .op = change.op,
                   .layout = layout,
                   .row = change.row,
                   .changed = change.changed});
  }
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
