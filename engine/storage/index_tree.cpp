#include "storage/index_tree.h"

#include <algorithm>
#include <cassert>
#include <utility>

namespace drift::storage {

namespace {

Error malformed() { return Error(ErrorKind::DataCorrupted, "an index of commits or of epochs is malformed"); }

/// Items of the open block of a level where there are `size` leaf items.
std::size_t openItems(unsigned level, std::uint64_t size) {
  if (level == 0) return static_cast<std::size_t>(size % kLeafItems);
  return static_cast<std::size_t>(size / itemsBelow(level - 1) % kNodeItems);
}
std::uint64_t openFirst(unsigned level, std::uint64_t size) { return size / itemsBelow(level) * itemsBelow(level); }
unsigned levelsFor(std::uint64_t size) {
  unsigned level = 0;
  while (level < kIndexLevelsMax && size >= itemsBelow(level)) ++level;
  return level;
}

}  // namespace

void OpenLeaf::append(IndexItem item) {
  const auto count = m_count.load(std::memory_order_relaxed);
  assert(count < kLeafItems);
  m_items[count] = std::move(item);
  m_count.store(count + 1, std::memory_order_release);
}

IndexTree::View IndexTree::view() const {
  View view;
  {
    const std::scoped_lock lock(m_viewMutex);
    view.nodes = m_nodes;
    view.leaf = m_leaf;
  }
  view.size = view.leaf->first() + view.leaf->count();
  return view;
}

std::uint64_t IndexTree::size() const {
  const std::scoped_lock lock(m_viewMutex);
  return m_leaf->first() + m_leaf->count();
}

void IndexTree::append(IndexItem item) {
  // Only this thread replaces the leaf, so a look at it needs no lock.
  const auto leaf = m_leaf;
  leaf->append(std::move(item));
  if (!leaf->isFull()) return;
  const auto block = IndexBlock::make(0, leaf->first(), leaf->items(kLeafItems));
  auto next = std::make_shared<OpenLeaf>(block->end());
  for (auto nodes = view().nodes;;) {
    auto after = nodes;
    push(after, 1, block);
    const std::scoped_lock lock(m_viewMutex);
    if (m_nodes == nodes) {
      m_nodes = std::move(after);
      m_leaf = std::move(next);
      return;
    }
    nodes = m_nodes;  // adopt() was faster
  }
}

/// Adds an item to a view that no other thread has.
void IndexTree::appendTo(View& view, IndexItem item) {
  view.leaf->append(std::move(item));
  ++view.size;
  if (!view.leaf->isFull()) return;
  const auto block = IndexBlock::make(0, view.leaf->first(), view.leaf->items(kLeafItems));
  view.leaf = std::make_shared<OpenLeaf>(block->end());
  push(view.nodes, 1, block);
}

/// Enters a full block of the level below into the open block of `level`.
void IndexTree::push(std::vector<IndexBlockRef>& nodes, unsigned level, const IndexBlockRef& block) {
  if (nodes.size() < level) nodes.resize(level);
  auto& open = nodes[level - 1];
  std::vector<IndexItem> items;
  std::vector<IndexBlockRef> pins;
  if (open) {
    items = open->items();
    for (std::size_t i = 0; i < open->size(); ++i) pins.push_back(open->pinAt(i));
  }
  items.push_back({block->keyAt(0), {}, block->totals()});
  pins.push_back(block);
  const auto node = IndexBlock::make(level, openFirst(level, block->first()), items, std::move(pins));
  open = node->isFull() ? nullptr : node;
  if (node->isFull()) push(nodes, level + 1, node);
}

void IndexTree::clear() {
  const std::scoped_lock lock(m_viewMutex);
  m_nodes.clear();
  m_leaf = std::make_shared<OpenLeaf>(0);
  m_cache.clear();
}

std::vector<IndexBlockRef> IndexTree::rootsOf(const View& view) {
  std::vector<IndexBlockRef> roots;
  for (auto level = view.nodes.size(); level > 0; --level)
    if (view.nodes[level - 1]) roots.push_back(view.nodes[level - 1]);
  return roots;
}

/// True if a block is what stands in an item of `node`: a sound one of another place is as wrong as a damaged one.
bool IndexTree::fits(const IndexBlock& block, const IndexBlock& node, std::size_t child) {
  return block.level() + 1 == node.level() && block.first() == node.first() + child * node.step() && block.isFull() &&
         block.hasSums() == node.hasSums() && block.keyAt(0) == node.keyAt(child) &&
         (child + 1 == node.size() || block.keyAt(block.size() - 1) < node.keyAt(child + 1));
}

Result<IndexBlockRef> IndexTree::childOf(const IndexBlock& node, std::size_t child) const {
  if (auto pinned = node.pinAt(child)) return pinned;
  const auto frame = node.frameAt(child);
  if (auto known = m_cache.find(frame.offset)) {
    if (!fits(**known, node, child)) return malformed();
    return std::move(*known);
  }
  DRIFT_ASSIGN(auto payload, m_file.read(frame, m_kind));
  DRIFT_ASSIGN(auto block, IndexBlock::decode(std::move(payload)));
  if (!fits(*block, node, child)) return malformed();
  for (const auto& total : block->totals())
    if (total.sums != node.sumsOf(total.tree, child)) return malformed();
  m_cache.insert(frame.offset, block, block->memoryBytes());
  return block;
}

Result<IndexBlockRef> IndexTree::blockAt(const View& view, unsigned level, std::uint64_t first) const {
  for (auto block : rootsOf(view)) {
    if (first >= block->end()) continue;
    while (block->level() > level) {
      DRIFT_ASSIGN(block, childOf(*block, static_cast<std::size_t>((first - block->first()) / block->step())));
    }
    if (block->level() == level) return block;
  }
  return malformed();
}

Result<IndexBlockRef> IndexTree::leafOf(const View& view, std::uint64_t number) const {
  assert(number < view.leaf->first());
  return blockAt(view, 0, number);
}

Result<IndexItem> IndexTree::itemAt(const View& view, std::uint64_t number) const {
  assert(number < view.size);
  if (number >= view.leaf->first()) return (*view.leaf)[static_cast<std::size_t>(number - view.leaf->first())];
  DRIFT_ASSIGN(const auto leaf, leafOf(view, number));
  return leaf->items()[static_cast<std::size_t>(number - leaf->first())];
}

Result<std::uint64_t> IndexTree::countUpTo(const View& view, std::int64_t key) const {
  const auto open = view.leaf->items(static_cast<std::size_t>(view.size - view.leaf->first()));
  if (!open.empty() && open.front().key <= key) {
    const auto found = std::ranges::upper_bound(open, key, {}, &IndexItem::key);
    return view.leaf->first() + static_cast<std::uint64_t>(found - open.begin());
  }
  for (const auto& root : view.nodes) {
    if (!root || root->keyAt(0) > key) continue;
    auto block = root;
    while (block->level() > 0) {
      DRIFT_ASSIGN(block, childOf(*block, block->countUpTo(key) - 1));
    }
    return block->first() + block->countUpTo(key);
  }
  return std::uint64_t{0};
}

Result<FrameRef> IndexTree::writeBlock(PacedWriter& file, const IndexBlockRef& block, Written& written) const {
  DRIFT_TRY(writePinned(file, *block, written));
  DRIFT_ASSIGN(const auto frame, file.append(m_kind, settled(block, written)->bytes()));
  written.frames.emplace(std::pair(block->level(), block->first()), frame);
  return frame;
}

/// Writes the blocks below `node` that are only in memory, as far as the first items fill them.
Status IndexTree::writePinned(PacedWriter& file, const IndexBlock& node, Written& written) const {
  for (std::size_t i = 0; i < node.size() && node.hasPins(); ++i) {
    const auto child = node.pinAt(i);
    if (!child || child->first() >= written.size) continue;
    if (child->end() <= written.size) DRIFT_TRY(writeBlock(file, child, written));
    else if (child->level() > 0) DRIFT_TRY(writePinned(file, *child, written));
  }
  return {};
}

/// The same block, with the frames of what was written below it in place of what is pinned.
IndexBlockRef IndexTree::settled(const IndexBlockRef& block, const Written& written) {
  if (!block || !block->hasPins()) return block;
  auto items = block->items();
  std::vector<IndexBlockRef> pins(items.size());
  for (std::size_t i = 0; i < items.size(); ++i) {
    pins[i] = block->pinAt(i);
    if (!pins[i]) continue;
    const auto found = written.frames.find({pins[i]->level(), pins[i]->first()});
    if (found != written.frames.end()) {
      items[i].frame = found->second;
      pins[i] = nullptr;
    } else if (pins[i]->level() > 0) {
      pins[i] = settled(pins[i], written);
    }
  }
  return IndexBlock::make(block->level(), block->first(), items, std::move(pins));
}

Result<IndexTree::Written> IndexTree::write(PacedWriter& file, std::uint64_t size) const {
  const auto state = view();
  assert(size <= state.size);
  Written written;
  written.size = size;
  for (const auto& root : rootsOf(state)) DRIFT_TRY(writePinned(file, *root, written));

  ByteWriter writer(written.root);
  writer.varint(size);
  for (auto level = levelsFor(size) + 1; level-- > 0;) {
    const auto count = openItems(level, size);
    if (count == 0) continue;
    const auto first = openFirst(level, size);
    std::vector<IndexItem> items;
    if (level == 0 && first == state.leaf->first()) {
      const auto open = state.leaf->items(count);
      items.assign(open.begin(), open.end());
    } else {
      DRIFT_ASSIGN(const auto block, blockAt(state, level, first));
      items = settled(block, written)->items();
      items.resize(count);
    }
    writer.string(asText(encodeBlock(level, first, items)));
  }
  return written;
}

void IndexTree::adopt(const Written& written) {
  const auto state = view();
  for (auto nodes = state.nodes;;) {
    std::vector<IndexBlockRef> after;
    for (const auto& node : nodes) after.push_back(settled(node, written));
    const std::scoped_lock lock(m_viewMutex);
    if (m_nodes == nodes) {
      m_nodes = std::move(after);
      break;
    }
    nodes = m_nodes;  // the appender was faster
  }
  // What was in memory is likely to be asked for: the newest history.
  for (const auto& root : state.nodes)
    for (std::size_t i = 0; root && root->level() == 1 && i < root->size(); ++i)
      if (const auto found = written.frames.find({0, root->first() + i * root->step()}); found != written.frames.end())
        if (const auto pin = root->pinAt(i)) m_cache.insert(found->second.offset, pin, pin->memoryBytes());
}

Result<IndexTree::View> IndexTree::decodeRoot(ByteSpan root) const {
  ByteReader reader(root);
  View view;
  DRIFT_ASSIGN(view.size, reader.varint());
  if (view.size > itemsBelow(kIndexLevelsMax)) return malformed();
  view.nodes.resize(levelsFor(view.size));
  std::optional<std::int64_t> before;
  std::vector<IndexItem> items;
  for (auto level = levelsFor(view.size) + 1; level-- > 0;) {
    const auto count = openItems(level, view.size);
    if (count == 0) continue;
    DRIFT_ASSIGN(const auto bytes, reader.string());
    const auto span = asBytes(bytes);
    DRIFT_ASSIGN(const auto block, IndexBlock::decode(Bytes(span.begin(), span.end())));
    const bool fits = block->level() == level && block->first() == openFirst(level, view.size) &&
                      block->size() == count && block->hasSums() == m_hasSums && (!before || *before < block->keyAt(0));
    if (!fits) return malformed();
    before = block->keyAt(count - 1);
    if (level > 0) view.nodes[level - 1] = block;
    else items = block->items();
  }
  if (!reader.atEnd()) return malformed();
  view.leaf = std::make_shared<OpenLeaf>(openFirst(0, view.size));
  for (auto& item : items) view.leaf->append(std::move(item));
  return view;
}

Status IndexTree::open(ByteSpan root) {
  DRIFT_ASSIGN(auto next, decodeRoot(root));
  const auto now = view();
  if (const auto both = std::min(next.size, now.size); both > 0) {
    DRIFT_ASSIGN(const auto read, itemAt(next, both - 1));
    DRIFT_ASSIGN(const auto known, itemAt(now, both - 1));
    if (read.key != known.key || read.frame != known.frame) return malformed();
  }
  for (auto number = next.size; number < now.size; ++number) {
    DRIFT_ASSIGN(auto item, itemAt(now, number));
    appendTo(next, std::move(item));
  }
  const std::scoped_lock lock(m_viewMutex);
  m_nodes = std::move(next.nodes);
  m_leaf = std::move(next.leaf);
  return {};
}

}  // namespace drift::storage
