#include "storage/page_cache.h"

namespace drift::storage {

namespace {

Error malformed() { return Error(ErrorKind::DataCorrupted, "a page of references in the file is malformed"); }

}  // namespace

void writeNodeEntry(ByteWriter& out, const NodeEntry& entry) {
  writeRef(out, entry.page);
  out.fixed(static_cast<std::uint8_t>(entry.isLeaf));
  out.string(entry.lowKey);
  out.varint(entry.liveRows);
  out.varint(entry.newestSeq);
}

Result<NodeEntry> readNodeEntry(ByteReader& in) {
  NodeEntry entry;
  DRIFT_ASSIGN(entry.page, readRef(in));
  DRIFT_ASSIGN(const auto isLeaf, in.fixed<std::uint8_t>());
  if (isLeaf > 1) return malformed();
  entry.isLeaf = isLeaf == 1;
  DRIFT_ASSIGN(const auto key, in.string());
  entry.lowKey = key;
  DRIFT_ASSIGN(entry.liveRows, in.varint());
  DRIFT_ASSIGN(entry.newestSeq, in.varint());
  return entry;
}

Bytes encodeInner(const InnerNode& node) {
  Bytes payload;
  ByteWriter writer(payload);
  writer.varint(node.size());
  for (const auto& entry : node) writeNodeEntry(writer, entry);
  return payload;
}

Result<InnerNode> decodeInner(ByteSpan payload) {
  ByteReader reader(payload);
  DRIFT_ASSIGN(const auto count, reader.varint());
  InnerNode node;
  for (std::uint64_t i = 0; i < count; ++i) {
    DRIFT_ASSIGN(auto entry, readNodeEntry(reader));
    node.push_back(std::move(entry));
  }
  if (node.empty() || !reader.atEnd()) return malformed();
  return node;
}

template <class T>
std::shared_ptr<const T> PageCache::find(std::uint64_t offset) {
  const std::scoped_lock lock(m_mutex);
  const auto found = m_slots.find(offset);
  if (found == m_slots.end()) return nullptr;
  const auto* page = std::get_if<std::shared_ptr<const T>>(&found->second.page);
  if (!page) return nullptr;
  ++m_hits;
  m_uses.splice(m_uses.begin(), m_uses, found->second.use);
  return *page;
}

void PageCache::insert(std::uint64_t offset, Page page, std::size_t bytes) {
  const std::scoped_lock lock(m_mutex);
  if (m_slots.contains(offset)) return;  // another thread was faster
  m_uses.push_front(offset);
  m_slots.emplace(offset, Slot{std::move(page), bytes, m_uses.begin()});
  m_bytes += bytes;
  while (m_bytes > m_bytesMax && m_uses.size() > 1) {
    const auto oldest = m_slots.find(m_uses.back());
    m_bytes -= oldest->second.bytes;
    m_slots.erase(oldest);
    m_uses.pop_back();
  }
}

Result<std::shared_ptr<const Leaf>> PageCache::leaf(FrameRef ref) {
  if (auto cached = find<Leaf>(ref.offset)) return cached;
  ++m_misses;
  DRIFT_ASSIGN(auto payload, m_file.read(ref, FrameKind::Leaf));
  DRIFT_ASSIGN(auto leaf, Leaf::decode(std::move(payload)));
  insert(ref.offset, leaf, leaf->sizeBytes());
  return leaf;
}

Result<std::shared_ptr<const InnerNode>> PageCache::inner(FrameRef ref) {
  if (auto cached = find<InnerNode>(ref.offset)) return cached;
  ++m_misses;
  DRIFT_ASSIGN(const auto payload, m_file.read(ref, FrameKind::Inner));
  DRIFT_ASSIGN(auto decoded, decodeInner(payload));
  auto node = std::make_shared<const InnerNode>(std::move(decoded));
  insert(ref.offset, node, 2 * payload.size());
  return node;
}

}  // namespace drift::storage
