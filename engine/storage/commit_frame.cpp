#include "storage/commit_frame.h"

#include <algorithm>
#include <map>

#include "storage/room_writer.h"

namespace drift::storage {

namespace {

/// Larger commits are cut into parts of this size.
constexpr std::size_t kPartBytes = 32u << 20;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a commit in the file is malformed"); }

void writeLayout(ByteWriter& writer, const RowLayout& layout) {
  writer.varint(layout.columns.size());
  for (const auto& column : layout.columns) {
    writer.varint(column.id);
    types::writeType(writer, column.type);
    types::writeValue(writer, column.missing);
  }
}

Result<RowLayoutRef> readLayout(ByteReader& reader) {
  DRIFT_ASSIGN(const auto count, reader.varint());
  auto layout = std::make_shared<RowLayout>();
  for (std::uint64_t i = 0; i < count; ++i) {
    LayoutColumn column;
    DRIFT_ASSIGN(const auto id, reader.varint());
    column.id = static_cast<ColumnId>(id);
    DRIFT_ASSIGN(column.type, types::readType(reader));
    DRIFT_ASSIGN(column.missing, types::readValue(reader));
    layout->columns.push_back(std::move(column));
  }
  return RowLayoutRef(std::move(layout));
}

void writeHead(ByteWriter& writer, const CommitHead& head) {
  writer.varint(head.number);
  writer.zigzag(head.time);
  writer.raw(head.previousHash);
  writer.string(head.author);
  writer.string(head.message);
  writer.varint(head.indexTrees.size());
  for (const auto tree : head.indexTrees) writer.varint(tree);
  writer.varint(head.counts.size());
  for (const auto& counts : head.counts) {
    writer.varint(counts.tree);
    writer.varint(counts.inserted);
    writer.varint(counts.updated);
    writer.varint(counts.deleted);
  }
}

Result<std::uint32_t> readNumber(ByteReader& reader) {
  DRIFT_ASSIGN(const auto number, reader.varint());
  if (number > UINT32_MAX) return malformed();
  return static_cast<std::uint32_t>(number);
}

Result<CommitHead> readHead(ByteReader& reader) {
  CommitHead head;
  DRIFT_ASSIGN(head.number, reader.varint());
  DRIFT_ASSIGN(head.time, reader.zigzag());
  DRIFT_ASSIGN(const auto hash, reader.raw(head.previousHash.size()));
  std::ranges::copy(hash, head.previousHash.begin());
  DRIFT_ASSIGN(const auto author, reader.string());
  DRIFT_ASSIGN(const auto message, reader.string());
  head.author = author;
  head.message = message;
  DRIFT_ASSIGN(const auto indexTrees, reader.varint());
  for (std::uint64_t i = 0; i < indexTrees; ++i) {
    DRIFT_ASSIGN(const auto tree, readNumber(reader));
    head.indexTrees.push_back(tree);
  }
  DRIFT_ASSIGN(const auto trees, reader.varint());
  for (std::uint64_t i = 0; i < trees; ++i) {
    TreeCounts counts;
    DRIFT_ASSIGN(counts.tree, readNumber(reader));
    DRIFT_ASSIGN(counts.inserted, readNumber(reader));
    DRIFT_ASSIGN(counts.updated, readNumber(reader));
    DRIFT_ASSIGN(counts.deleted, readNumber(reader));
    head.counts.push_back(counts);
  }
  return head;
}

Result<RowChange> readChange(ByteReader& reader, const std::vector<RowLayoutRef>& layouts) {
  RowChange change;
  DRIFT_ASSIGN(change.tree, readNumber(reader));
  DRIFT_ASSIGN(const auto op, reader.fixed<std::uint8_t>());
  if (op < 1 || op > 3) return malformed();
  change.op = static_cast<RowOp>(op);
  DRIFT_ASSIGN(const auto key, reader.string());
  change.key = key;
  DRIFT_ASSIGN(change.previous, reader.varint());
  if (change.op == RowOp::Delete) return change;
  DRIFT_ASSIGN(const auto layout, reader.varint());
  if (layout >= layouts.size()) return malformed();
  change.layout = layouts[layout];
  DRIFT_ASSIGN(const auto row, reader.string());
  change.row = row;
  if (change.op == RowOp::Insert) return change;
  DRIFT_ASSIGN(const auto changed, reader.varint());
  for (std::uint64_t i = 0; i < changed; ++i) {
    DRIFT_ASSIGN(const auto column, readNumber(reader));
    change.changed.push_back(column);
  }
  return change;
}

}  // namespace

Result<crypto::Sha256Digest> chainStart(const FileId& file) { return crypto::sha256({ByteSpan(file)}); }

std::vector<TreeCounts> countChanges(const std::vector<RowChange>& changes) {
  std::map<TreeId, TreeCounts> byTree;
  TreeCounts* counts = nullptr;
  for (const auto& change : changes) {
    if (!counts || counts->tree != change.tree) {
      counts = &byTree[change.tree];
      counts->tree = change.tree;
    }
    switch (change.op) {
      case RowOp::Insert: ++counts->inserted; break;
      case RowOp::Update: ++counts->updated; break;
      case RowOp::Delete: ++counts->deleted; break;
    }
  }
  std::vector<TreeCounts> result;
  for (const auto& [tree, found] : byTree) result.push_back(found);
  return result;
}

Bytes encodeCommit(const CommitHead& head, const std::vector<RowChange>& changes, DensePacker& packer) {
  constexpr auto kNumber = RoomWriter::kVarintBytesMax;
  // Layouts are shared by most rows; each is written once.
  std::map<const RowLayout*, std::size_t> positions;
  Bytes layouts;
  ByteWriter layoutWriter(layouts);
  const RowLayout* last = nullptr;
  std::size_t room = 2 * kNumber;
  for (const auto& change : changes) {
    room += 6 * kNumber + 1 + change.key.size() + change.row.size() + change.changed.size() * kNumber;
    if (!change.layout || change.layout.get() == last) continue;
    last = change.layout.get();
    if (positions.emplace(last, positions.size()).second) writeLayout(layoutWriter, *last);
  }
  room += layouts.size();

  auto* const body = packer.room(room);
  RoomWriter writer(body);
  writer.varint(positions.size());
  writer.raw(layouts);
  writer.varint(changes.size());
  last = nullptr;
  std::size_t position = 0;
  for (const auto& change : changes) {
    writer.varint(change.tree);
    writer.fixed(static_cast<std::uint8_t>(change.op));
    writer.string(change.key);
    writer.varint(change.previous);
    if (change.op == RowOp::Delete) continue;
    if (change.layout.get() != last) {
      last = change.layout.get();
      position = positions.at(last);
    }
    writer.varint(position);
    writer.string(change.row);
    if (change.op == RowOp::Insert) continue;
    writer.varint(change.changed.size());
    for (const auto column : change.changed) writer.varint(column);
  }
  Bytes bytes;
  ByteWriter out(bytes);
  writeHead(out, head);
  packer.writeBlock(out, {body, writer.at()});
  return bytes;
}

Result<DecodedCommit> decodeCommit(ByteSpan bytes) {
  ByteReader reader(bytes);
  DecodedCommit commit;
  DRIFT_ASSIGN(commit.head, readHead(reader));
  DRIFT_ASSIGN(const auto block, openBlock(reader));
  if (!reader.atEnd()) return malformed();
  Bytes unpacked;
  auto body = block.bytes;
  if (block.codec != StoredBlock::Codec::Raw) {
    unpacked.resize(block.rawSize);
    DRIFT_TRY(unpackBlock(block, unpacked.data()));
    body = unpacked;
  }
  reader = ByteReader(body);
  DRIFT_ASSIGN(const auto layoutCount, reader.varint());
  std::vector<RowLayoutRef> layouts;
  for (std::uint64_t i = 0; i < layoutCount; ++i) {
    DRIFT_ASSIGN(auto layout, readLayout(reader));
    layouts.push_back(std::move(layout));
  }
  DRIFT_ASSIGN(const auto count, reader.varint());
  for (std::uint64_t i = 0; i < count; ++i) {
    DRIFT_ASSIGN(auto change, readChange(reader, layouts));
    commit.changes.push_back(std::move(change));
  }
  if (!reader.atEnd()) return malformed();
  return commit;
}

Result<CommitHead> decodeCommitHead(ByteSpan bytes) {
  ByteReader reader(bytes);
  return readHead(reader);
}

Result<FrameRef> appendCommit(FrameFile& file, ByteSpan commit) {
  std::vector<FrameContents> frames;
  for (; commit.size() > kPartBytes; commit = commit.subspan(kPartBytes))
    frames.push_back({FrameKind::CommitPart, commit.first(kPartBytes)});
  frames.push_back({FrameKind::Commit, commit});
  return file.append(frames);
}

Result<Bytes> readCommit(const FrameFile& file, FrameRef first) {
  Bytes bytes, payload;
  for (auto offset = first.offset;;) {
    const auto frame = scanFrame(file.file(), offset, file.end(), file.seed(), payload);
    if (!frame.ok()) return frame.error().kind() == ErrorKind::DataCorrupted ? file.damagedAt(offset) : frame.error();
    bytes.insert(bytes.end(), payload.begin(), payload.end());
    if (frame->header.kind == FrameKind::Commit) return bytes;
    if (frame->header.kind != FrameKind::CommitPart) return file.damagedAt(offset);
    offset = frame->ref.end();
  }
}

}  // namespace drift::storage
