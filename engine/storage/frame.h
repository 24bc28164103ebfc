// Frames: the unit that a database file is made of. Format: docs/formats/frames.md. Stateless.
#pragma once

#include <cstdint>

#include "base/bytes.h"
#include "base/result.h"

namespace drift::storage {

/// What a frame holds. Numbers on disk: do not change.
enum class FrameKind : std::uint8_t {
  Commit = 1,      ///< one commit, or the last part of a large one
  CommitPart = 2,  ///< a leading part of a commit that is larger than a frame
  WholeBase = 3,   ///< rows of a leaf as of one commit, in one part: as older programs wrote it
  Inner = 4,       ///< references to tree pages
  CommitIndex = 5, ///< numbers, times and places of an epoch's commits
  Epoch = 6,       ///< the roots of all trees at one commit
  WholeRun = 7,    ///< versions that come on top of a leaf's base, in one part: as older programs wrote it
  KeptHistory = 8, ///< first of a file of an even format version: which commits it has
  EpochIndex = 9,  ///< numbers and places of epochs
  Base = 10,       ///< rows of a leaf as of one commit
  Run = 11,        ///< versions that come on top of a leaf's base
};

inline constexpr std::size_t kFrameHeaderBytes = 64;
inline constexpr std::uint32_t kPayloadBytesMax = 64u << 20;
inline constexpr std::uint32_t kFrameMagic = 0x4d524644;  // "DFRM"

/// Frames of some kinds begin with a head that can be read and checked without the rest, whose own checksums it has.
constexpr bool hasHead(FrameKind kind) { return kind == FrameKind::Base || kind == FrameKind::Run; }
/// What stands in front of a head: its checksum, which encodeFrame() puts in, and as 4 bytes its size, with these 12.
inline constexpr std::size_t kHeadPrefixBytes = 12;

struct FrameHeader {
  FrameKind kind = FrameKind::Commit;
  std::uint32_t payloadBytes = 0;     ///< 1 to kPayloadBytesMax
  std::uint64_t ordinal = 0;          ///< 1, 2, 3 … in the file
  std::uint64_t durableOrdinal = 0;   ///< highest ordinal known to be synced when this was written
};

/// Where a frame lies. A reference is enough to read it in one go.
struct FrameRef {
  std::uint64_t offset = 0;  ///< of the header; 0 = none
  std::uint32_t payloadBytes = 0;

  explicit operator bool() const { return offset != 0; }
  std::uint64_t end() const { return offset + kFrameHeaderBytes + payloadBytes; }
  friend auto operator<=>(const FrameRef&, const FrameRef&) = default;
};

void writeRef(ByteWriter& out, FrameRef ref);
Result<FrameRef> readRef(ByteReader& in);

/// Appends header and payload. `seed` is the file's own and `offset` the place where the frame will stand, so that a
/// frame of another file does not pass, nor one that a disk reads from another place or wrote there.
void encodeFrame(const FrameHeader& header, ByteSpan payload, std::uint64_t seed, std::uint64_t offset, Bytes& out);

/// Reads a header's fields; DataCorrupted where magic, kind, length or reserved bytes are wrong. The checksum
/// is checkFrame()'s, since it covers the payload.
Result<FrameHeader> decodeFrameHeader(ByteSpan bytes);
/// True if the checksums in `frame` (header and payload) are right: the frame's, and its head's where there is one.
bool checkFrame(ByteSpan frame, std::uint64_t seed, std::uint64_t offset);
/// Bytes of the head that a payload starts with, these four and its checksum included. DataCorrupted where it cannot be
/// so long.
Result<std::size_t> headBytes(const FrameHeader& header, ByteSpan payload);
/// True if the checksum of the head is right; `frame` has at least header and head.
bool checkHead(ByteSpan frame, std::size_t headBytes, std::uint64_t seed, std::uint64_t offset);

}  // namespace drift::storage
