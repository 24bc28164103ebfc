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
/// One more for a file from which commits were left out: an older program would count them wrong. Two more where epochs
/// hold a list of those before them, which an older program would take for damage.
inline constexpr std::uint32_t kFormatVersion = 1;
inline constexpr std::uint32_t kFormatVersionMax = 4;

using FileId = std::array<std::byte, 16>;

struct Superblock {
  bool thinned = false;              ///< format versions 2 and 4: the first frame is a KeptHistory
  bool listed = false;               ///< format versions 3 and 4: epochs hold the list of those before them
  std::uint64_t generation = 0;      ///< the valid slot with the higher one counts; slot = generation % 2
  FileId fileId{};
  TimeMicros created = 0;
  FrameRef epoch;                    ///< last epoch frame when this was written; none in a new file
  std::uint64_t durableOrdinal = 0;  ///< frames up to this ordinal were synced when this was written

  /// Seed of the file's frame checksums.
  std::uint64_t frameSeed() const;
  std::uint32_t version() const { return kFormatVersion + (thinned ? 1u : 0u) + (listed ? 2u : 0u); }
  /// Where its slot lies.
  std::uint64_t slotOffset() const { return generation % 2 * kSuperblockBytes; }
};

Bytes encodeSuperblock(const Superblock& superblock);

/// What the slots of a file say.
struct SuperblockRead {
  Superblock newest;         ///< `listed` only where both are
  bool damagedSlot = false;  ///< one of the two is missing or damaged
};

/// Reads both slots. NotADatabase, NewerFormat, or DataCorrupted where both slots are damaged; the sentences
/// name the file by `path`.
Result<SuperblockRead> readSuperblocks(const platform::File& file, const std::string& path);
/// Writes the slot that `superblock.generation` falls on.
Status writeSuperblock(platform::File& file, const Superblock& superblock);

}  // namespace drift::storage
