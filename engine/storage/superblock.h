// Superblocks: two 4 KiB slots at the start of the file, written in turn. Format: docs/formats/file.md.
//
// A superblock names the file and hints where to start reading; frames are the truth. Stateless.
#pragma once

#include <array>
#include <cstdint>
#include <string>

#include "base/ids.h"
#include "platform/file_system.h"
#include "storage/frame.h"

namespace drift::storage {

inline constexpr std::size_t kSuperblockBytes = 4096;
inline constexpr std::uint64_t kFirstFrameOffset = 2 * kSuperblockBytes;
/// What a writer puts into a file of this revision, an older program would take for damage: since 1, epochs hold a list
/// of those before them; since 2, pages lie there in parts, and texts as symbols.
inline constexpr std::uint32_t kFormatRevision = 2;
/// Two versions for each revision: one more for a file from which commits were left out, which an older program would
/// count wrong.
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint32_t kFormatVersionMax = kFormatVersion + 2 * kFormatRevision + 1;

using FileId = std::array<std::byte, 16>;

struct Superblock {
  bool thinned = false;              ///< even format versions: the first frame is a KeptHistory
  std::uint32_t revision = 0;        ///< of the format, up to kFormatRevision
  std::uint64_t generation = 0;      ///< the valid slot with the higher one counts; slot = generation % 2
  FileId fileId{};
  TimeMicros created = 0;
  FrameRef epoch;                    ///< last epoch frame when this was written; none in a new file
  std::uint64_t durableOrdinal = 0;  ///< frames up to this ordinal were synced when this was written

  /// Seed of the file's frame checksums.
  std::uint64_t frameSeed() const;
  std::uint32_t version() const { return kFormatVersion + (thinned ? 1u : 0u) + 2 * revision; }
  /// Where its slot lies.
  std::uint64_t slotOffset() const { return generation % 2 * kSuperblockBytes; }
};

Bytes encodeSuperblock(const Superblock& superblock);

/// What the slots of a file say.
struct SuperblockRead {
  Superblock newest;         ///< with the lower `revision` of both
  bool damagedSlot = false;  ///< one of the two is missing or damaged
};

/// Reads both slots. NotADatabase, NewerFormat, or DataCorrupted where both slots are damaged; the sentences
/// name the file by `path`.
Result<SuperblockRead> readSuperblocks(const platform::File& file, const std::string& path);
/// Writes the slot that `superblock.generation` falls on.
Status writeSuperblock(platform::File& file, const Superblock& superblock);

}  // namespace drift::storage
