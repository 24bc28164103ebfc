#include "seeds.h"

#include <cstring>

#include "base/checksum.h"
#include "faults/invariants.h"
#include "platform/memory_file_system.h"
#include "storage/column_block.h"
#include "storage/commit_frame.h"
#include "storage/key_block.h"
#include "storage/superblock.h"
#include "target.h"
#include "types/array.h"
#include "types/json.h"

namespace drift::fuzz {

using storage::FrameKind;

namespace {

constexpr auto kPath = "x.drift";

/// A file with some epochs; closed, or as it stood when the last commit was made.
Bytes makeFile(std::size_t memtableRowsMax, bool closed) {
  platform::MemoryFileSystem files;
  faults::ClockSetter clock;
  storage::StoreOptions options;
  options.durability = storage::Durability::Off;
  options.memtableRowsMax = memtableRowsMax;
  auto store = storage::Store::create(files, kPath, clock.clock(), options);
  require(store.ok() && faults::replay(**store, clock, seedHistory(), seedHistory().size()).ok(), "a seed is written");
  if (closed) require((*store)->close().ok(), "a seed is closed");
  return files.contents(kPath);
}

void addPieces(const Bytes& bytes, std::string_view target, std::vector<Bytes>& seeds) {
  platform::MemoryFileSystem files;
  files.setContents(kPath, bytes);
  const auto file = files.open(kPath, platform::OpenMode::ReadOnly).value();
  const auto superblocks = storage::readSuperblocks(*file, kPath);
  require(superblocks.ok(), "a seed has superblocks");
  Bytes payload;
  const auto add = [&](Piece piece) {
    Bytes seed{static_cast<std::byte>(piece)};
    seed.insert(seed.end(), payload.begin(), payload.end());
    seeds.push_back(std::move(seed));
  };
  for (auto at = storage::kFirstFrameOffset; at < bytes.size();) {
    const auto frame = storage::scanFrame(*file, at, bytes.size(), superblocks->newest.frameSeed(), payload);
    if (!frame.ok()) break;
    if (target == "frame")
      seeds.emplace_back(bytes.begin() + static_cast<std::ptrdiff_t>(at),
                         bytes.begin() + static_cast<std::ptrdiff_t>(frame->ref.end()));
    const bool isCommit = frame->header.kind == FrameKind::Commit || frame->header.kind == FrameKind::CommitPart;
    if (target == "commit" && isCommit) seeds.push_back(payload);
    if (target == "page" && !isCommit) {
      if (frame->header.kind == FrameKind::Inner) add(Piece::Inner);
      else if (frame->header.kind == FrameKind::Epoch) add(Piece::Epoch);
      else if (frame->header.kind == FrameKind::CommitIndex || frame->header.kind == FrameKind::EpochIndex)
        add(Piece::CommitIndex);
      else if (frame->header.kind == FrameKind::Run) add(Piece::Run);
      else add(Piece::Base);
    }
    at = frame->ref.end();
  }
}

/// Blocks of each column and of the keys of the history's trees.
void addBlocks(std::vector<Bytes>& seeds) {
  const auto& history = seedHistory();
  for (const auto tree : history.trees()) {
    std::vector<std::string_view> keys;
    for (const auto& [key, versions] : history.keys(tree)) keys.push_back(key);
    Bytes seed{static_cast<std::byte>(Piece::Keys), static_cast<std::byte>(keys.size()), std::byte{0}};
    ByteWriter keyWriter(seed);
    storage::writeKeys(keyWriter, keys);
    seeds.push_back(std::move(seed));
    for (const auto& column : history.columns(tree)) {
      std::vector<types::Value> values;
      for (const auto& [key, versions] : history.keys(tree))
        for (const auto& version : versions) {
          if (version.op == storage::RowOp::Delete || values.size() == 200) continue;
          const auto field = faults::History::row(version, std::span(&column, 1));
          ByteReader reader(asBytes(field));
          values.push_back(types::readValue(reader).value());
        }
      types::Vector vector(column.type, std::max<std::size_t>(values.size(), 1));
      for (std::size_t row = 0; row < values.size(); ++row) vector.set(row, values[row]);
      Bytes block{static_cast<std::byte>(Piece::Column), static_cast<std::byte>(column.type.id()),
                  static_cast<std::byte>(values.size()), std::byte{0}};
      ByteWriter writer(block);
      storage::writeColumn(writer, vector, values.size());
      seeds.push_back(std::move(block));
    }
  }
}

void fixSuperblock(Bytes& file, std::size_t slot) {
  const auto at = slot * storage::kSuperblockBytes;
  if (file.size() < at + storage::kSuperblockBytes) return;
  const auto checked = ByteSpan(file).subspan(at, storage::kSuperblockBytes - sizeof(std::uint64_t));
  const auto checksum = xxh3(checked);
  std::memcpy(file.data() + at + checked.size(), &checksum, sizeof checksum);
}

}  // namespace

std::vector<std::string_view> targets() { return {"frame", "superblock", "page", "commit", "recovery", "array", "json"}; }

const faults::History& seedHistory() {
  static const auto kHistory = [] {
    faults::History history(7, {.keysMax = 12, .changesMax = 5, .runMax = 8, .schemaPercent = 15});
    history.grow(14);
    return history;
  }();
  return kHistory;
}

namespace {

/// Blobs and texts of each element type.
std::vector<Bytes> arraySeeds() {
  std::vector<Bytes> seeds;
  for (std::size_t at = 0; at < std::size(kArrayElements); ++at) {
    for (const std::string_view text :
         {"{}", "{1,NULL,0}", R"({"2020-01-01",NULL})", "{{t,f},{f,t}}", "{a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11}",
          R"([1:2]={"1 mon -2 days","a \"b\\"})", "{{{-1}},{{255}}}", "{-1.5e10,12345678901234567890,NaN}"}) {
      const auto add = [&](std::size_t form, std::string_view rest) {
        Bytes seed{static_cast<std::byte>(at * 2 + form)};
        const auto bytes = asBytes(rest);
        seed.insert(seed.end(), bytes.begin(), bytes.end());
        seeds.push_back(std::move(seed));
      };
      add(1, text);
      if (const auto blob = types::parseArrayText(text, kArrayElements[at]); blob.ok()) add(0, *blob);
    }
  }
  return seeds;
}

/// Texts and blobs, told apart by the first byte.
std::vector<Bytes> jsonSeeds() {
  std::vector<Bytes> seeds;
  for (const std::string_view text :
       {"null", "[true, false, null]", "{\"a\": {\"b\": [1, 2.50, -3e5]}, \"\": \"\", \"a\": []}",
        "\"\\u00e9\\ud83d\\ude00\\n\\\"\"", "[[[[[[[{\"deep\": [[]]}]]]]]]]", " [0.000, 12345678901234567890] "}) {
    const auto add = [&](std::byte form, std::string_view rest) {
      Bytes seed{form};
      const auto bytes = asBytes(rest);
      seed.insert(seed.end(), bytes.begin(), bytes.end());
      seeds.push_back(std::move(seed));
    };
    add(std::byte{0}, text);
    if (const auto blob = types::parseJsonb(text); blob.ok()) add(std::byte{1}, *blob);
  }
  return seeds;
}

}  // namespace

std::vector<Bytes> seedsFor(std::string_view target) {
  if (target == "array") return arraySeeds();
  if (target == "json") return jsonSeeds();
  std::vector<Bytes> seeds;
  const auto closed = makeFile(12, true);
  if (target == "superblock") seeds = {Bytes(closed.begin(), closed.begin() + storage::kFirstFrameOffset)};
  if (target == "frame" || target == "commit" || target == "page") addPieces(closed, target, seeds);
  if (target == "page") addBlocks(seeds);
  if (target == "recovery")
    seeds = {closed, makeFile(12, false), makeFile(1'000'000, false), makeFile(1'000'000, true)};
  return seeds;
}

void fixChecksums(Bytes& file) {
  for (const std::size_t slot : {0u, 1u}) fixSuperblock(file, slot);
  platform::MemoryFileSystem files;
  files.setContents(kPath, file);
  const auto opened = files.open(kPath, platform::OpenMode::ReadOnly);
  const auto superblocks = storage::readSuperblocks(**opened, kPath);
  if (!superblocks.ok()) return;
  const auto seed = superblocks->newest.frameSeed();
  for (auto at = storage::kFirstFrameOffset; at + storage::kFrameHeaderBytes <= file.size();) {
    const auto header = storage::decodeFrameHeader(ByteSpan(file).subspan(at, storage::kFrameHeaderBytes));
    if (!header.ok() || header->payloadBytes > file.size() - at - storage::kFrameHeaderBytes) return;
    Bytes frame;
    storage::encodeFrame(*header, ByteSpan(file).subspan(at + storage::kFrameHeaderBytes, header->payloadBytes), seed,
                         at, frame);
    std::ranges::copy(frame, file.begin() + static_cast<std::ptrdiff_t>(at));
    at += frame.size();
  }
}

}  // namespace drift::fuzz
