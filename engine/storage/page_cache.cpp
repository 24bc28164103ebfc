#include "storage/page_cache.h"

#include <algorithm>

namespace drift::storage {

namespace {

Error malformed() { return Error(ErrorKind::DataCorrupted, "a page of references in the file is malformed"); }

void writeState(ByteWriter& out, const LeafState& state) {
  out.varint(state.baseCommit);
  writeRef(out, state.base);
  out.varint(state.baseRows);
  out.varint(state.runs.size());
  for (const auto run : state.runs) writeRef(out, run);
  out.varint(state.runRows);
  out.varint(state.bytes);
}

Result<LeafState> readState(ByteReader& in) {
  LeafState state;
  DRIFT_ASSIGN(state.baseCommit, in.varint());
  DRIFT_ASSIGN(state.base, readRef(in));
  DRIFT_ASSIGN(const auto baseRows, in.varint());
  DRIFT_ASSIGN(const auto runs, in.varint());
  for (std::uint64_t i = 0; i < runs; ++i) {
    DRIFT_ASSIGN(const auto run, readRef(in));
    state.runs.push_back(run);
  }
  DRIFT_ASSIGN(const auto runRows, in.varint());
  DRIFT_ASSIGN(state.bytes, in.varint());
  if (baseRows > UINT32_MAX || runRows > UINT32_MAX || !state.base) return malformed();
  state.baseRows = static_cast<std::uint32_t>(baseRows);
  state.runRows = static_cast<std::uint32_t>(runRows);
  return state;
}

}  // namespace

const LeafSlice& NodeEntry::sliceAt(CommitNumber number) const {
  return *std::ranges::lower_bound(slices, number, {}, &LeafSlice::through);
}

InnerNode::const_iterator childOf(const InnerNode& node, std::string_view key) {
  const auto behind = std::ranges::upper_bound(node, key, {}, &NodeEntry::lowKey);
  return behind == node.begin() ? behind : std::prev(behind);
}

void writeNodeEntry(ByteWriter& out, const NodeEntry& entry) {
  out.varint(entry.slices.size());
  out.string(entry.lowKey);
  out.varint(entry.liveRows);
  out.varint(entry.newestSeq);
  out.varint(entry.newestCount);
  if (!entry.isLeaf) writeRef(out, entry.page);
  for (const auto& slice : entry.slices) {
    out.varint(slice.through == kNoCommit ? 0 : slice.through);
    writeState(out, slice.state);
  }
}

Result<NodeEntry> readNodeEntry(ByteReader& in) {
  NodeEntry entry;
  DRIFT_ASSIGN(const auto slices, in.varint());
  DRIFT_ASSIGN(const auto key, in.string());
  entry.lowKey = key;
  DRIFT_ASSIGN(entry.liveRows, in.varint());
  DRIFT_ASSIGN(entry.newestSeq, in.varint());
  DRIFT_ASSIGN(entry.newestCount, in.varint());
  entry.isLeaf = slices > 0;
  if (!entry.isLeaf) {
    DRIFT_ASSIGN(entry.page, readRef(in));
    if (!entry.page) return malformed();
  }
  for (std::uint64_t i = 0; i < slices; ++i) {
    LeafSlice slice;
    DRIFT_ASSIGN(const auto through, in.varint());
    slice.through = through == 0 ? kNoCommit : through;
    DRIFT_ASSIGN(slice.state, readState(in));
    if (!entry.slices.empty() && entry.slices.back().through >= slice.through) return malformed();
    entry.slices.push_back(std::move(slice));
  }
  // The last one has no end, so that every moment is served.
  if (entry.isLeaf && entry.slices.back().through != kNoCommit) return malformed();
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

std::size_t PageCache::PageSizes::bytes(const Page& page, std::size_t counted) {
  if (const auto* versions = std::get_if<VersionPageRef>(&page)) return (*versions)->sizeBytes();
  if (const auto* leaf = std::get_if<std::shared_ptr<const Leaf>>(&page)) return (*leaf)->sizeBytes();
  return counted;
}

bool PageCache::PageSizes::isHeld(const Page& page) {
  const auto* versions = std::get_if<VersionPageRef>(&page);
  return versions && versions->use_count() > 1;
}

template <class T>
std::shared_ptr<const T> PageCache::find(std::uint64_t offset) const {
  auto found = m_pages.find({offset, Page(std::shared_ptr<const T>()).index()});
  if (!found) return nullptr;
  ++m_hits;
  return std::get<std::shared_ptr<const T>>(std::move(*found));
}

Result<VersionPageRef> PageCache::base(FrameRef ref, Keys keys) const {
  if (auto cached = find<VersionPage>(ref.offset)) {
    if (keys != Keys::Unneeded && !cached->hasKeys())
      return Error(ErrorKind::DataCorrupted, "a page of rows in the file has no keys");
    return cached;
  }
  ++m_misses;
  DRIFT_ASSIGN(auto start, m_file.readStart(ref, FrameKind::Base, FrameKind::WholeBase));
  DRIFT_ASSIGN(auto page, VersionPage::decode(std::move(start), ref, m_file, *this, keys));
  insert(ref.offset, page, page->sizeBytes());
  return page;
}

Result<VersionPageRef> PageCache::run(FrameRef ref) const {
  if (auto cached = find<VersionPage>(ref.offset)) return cached;
  ++m_misses;
  DRIFT_ASSIGN(auto start, m_file.readStart(ref, FrameKind::Run, FrameKind::WholeRun));
  DRIFT_ASSIGN(auto page, VersionPage::decode(std::move(start), ref, m_file, *this));
  insert(ref.offset, page, page->sizeBytes());
  return page;
}

Result<std::shared_ptr<const Leaf>> PageCache::leaf(const LeafState& state) const {
  const auto place = state.newest().offset;
  if (auto cached = find<Leaf>(place)) return cached;
  DRIFT_ASSIGN(auto base, this->base(state.base));
  std::vector<VersionPageRef> runs;
  for (const auto ref : state.runs) {
    DRIFT_ASSIGN(auto run, this->run(ref));
    runs.push_back(std::move(run));
  }
  DRIFT_ASSIGN(auto leaf, Leaf::merge(std::move(base), std::move(runs)));
  insert(place, leaf, leaf->sizeBytes());
  return leaf;
}

LeafPagesRef PageCache::pages(const LeafState& state) const {
  const auto place = state.newest().offset;
  if (auto cached = find<LeafPages>(place)) return cached;
  auto pages = std::make_shared<const LeafPages>(*this, state);
  insert(place, pages, pages->sizeBytes());
  return pages;
}

Result<std::shared_ptr<const InnerNode>> PageCache::inner(FrameRef ref) const {
  if (auto cached = find<InnerNode>(ref.offset)) return cached;
  ++m_misses;
  DRIFT_ASSIGN(const auto payload, m_file.read(ref, FrameKind::Inner));
  DRIFT_ASSIGN(auto decoded, decodeInner(payload));
  auto node = std::make_shared<const InnerNode>(std::move(decoded));
  insert(ref.offset, node, 4 * payload.size());
  return node;
}

}  // namespace drift::storage
