#include "storage/superblock.h"

#include <algorithm>
#include <optional>

#include "base/checksum.h"

namespace drift::storage {

namespace {

constexpr std::string_view kMagic = "DriftDB\n";
constexpr std::size_t kChecksumAt = kSuperblockBytes - 8;

enum class SlotState { NotOurs, Newer, Damaged, Valid };

struct Slot {
  SlotState state = SlotState::NotOurs;
  Superblock superblock;
};

Result<Superblock> decodeFields(ByteReader& reader) {
  Superblock superblock;
  DRIFT_ASSIGN(superblock.generation, reader.fixed<std::uint64_t>());
  DRIFT_ASSIGN(const auto id, reader.raw(superblock.fileId.size()));
  std::ranges::copy(id, superblock.fileId.begin());
  DRIFT_ASSIGN(superblock.created, reader.fixed<std::int64_t>());
  DRIFT_ASSIGN(superblock.epoch.offset, reader.fixed<std::uint64_t>());
  DRIFT_ASSIGN(superblock.epoch.payloadBytes, reader.fixed<std::uint32_t>());
  DRIFT_ASSIGN(superblock.durableOrdinal, reader.fixed<std::uint64_t>());
  return superblock;
}

Slot decodeSlot(ByteSpan bytes) {
  ByteReader reader(bytes);
  const auto magic = reader.raw(kMagic.size());
  if (!magic.ok() || asText(*magic) != kMagic) return {};
  const auto version = reader.fixed<std::uint32_t>();
  const auto reserved = reader.fixed<std::uint32_t>();
  if (!version.ok() || !reserved.ok()) return {SlotState::Damaged, {}};
  if (bytes.size() == kSuperblockBytes) {
    std::uint64_t stored = 0;
    std::memcpy(&stored, bytes.data() + kChecksumAt, sizeof stored);
    const bool known = *version >= kFormatVersion && *version <= kFormatVersionMax;
    if (known && stored == xxh3(bytes.first(kChecksumAt)))
      if (auto fields = decodeFields(reader); fields.ok()) {
        fields->thinned = (*version - kFormatVersion) % 2 == 1;
        fields->revision = (*version - kFormatVersion) / 2;
        return {SlotState::Valid, *fields};
      }
  }
  return {*version > kFormatVersionMax ? SlotState::Newer : SlotState::Damaged, {}};
}

}  // namespace

std::uint64_t Superblock::frameSeed() const { return xxh3(fileId); }

Bytes encodeSuperblock(const Superblock& superblock) {
  Bytes bytes;
  bytes.reserve(kSuperblockBytes);
  ByteWriter writer(bytes);
  writer.raw(asBytes(kMagic));
  writer.fixed(superblock.version());
  writer.fixed(std::uint32_t{0});
  writer.fixed(superblock.generation);
  writer.raw(superblock.fileId);
  writer.fixed(superblock.created);
  writer.fixed(superblock.epoch.offset);
  writer.fixed(superblock.epoch.payloadBytes);
  writer.fixed(superblock.durableOrdinal);
  bytes.resize(kChecksumAt);  // the rest is room for key slots
  writer.fixed(xxh3(bytes));
  return bytes;
}

Result<SuperblockRead> readSuperblocks(const platform::File& file, const std::string& path) {
  DRIFT_ASSIGN(const auto size, file.size());
  std::array<Slot, 2> slots;
  for (std::size_t i = 0; i < slots.size(); ++i) {
    const auto offset = i * kSuperblockBytes;
    if (size <= offset) continue;
    Bytes bytes(static_cast<std::size_t>(std::min<std::uint64_t>(kSuperblockBytes, size - offset)));
    DRIFT_TRY(file.readAt(offset, bytes));
    slots[i] = decodeSlot(bytes);
  }
  const auto any = [&](SlotState state) {
    return std::ranges::any_of(slots, [state](const Slot& slot) { return slot.state == state; });
  };
  if (any(SlotState::Valid)) {
    SuperblockRead read;
    for (const auto& slot : slots)
      if (slot.state == SlotState::Valid && slot.superblock.generation >= read.newest.generation)
        read.newest = slot.superblock;
    for (const auto& slot : slots)
      if (slot.state == SlotState::Valid)
        read.newest.revision = std::min(read.newest.revision, slot.superblock.revision);
    read.damagedSlot = slots[0].state != SlotState::Valid || slots[1].state != SlotState::Valid;
    return read;
  }
  if (any(SlotState::Newer))
    return makeError(ErrorKind::NewerFormat, "\"{}\" was made by a newer version of DriftDB", path)
        .withHint("update DriftDB to open it");
  if (any(SlotState::Damaged))
    return makeError(ErrorKind::DataCorrupted, "\"{}\" is a DriftDB database, but its first 8 KiB are damaged", path)
        .withHint("restore it from a backup");
  if (size == 0) return makeError(ErrorKind::NotADatabase, "\"{}\" is empty, not a DriftDB database", path);
  return makeError(ErrorKind::NotADatabase, "\"{}\" is not a DriftDB database", path);
}

Status writeSuperblock(platform::File& file, const Superblock& superblock) {
  return file.writeAt(superblock.slotOffset(), encodeSuperblock(superblock));
}

}  // namespace drift::storage
