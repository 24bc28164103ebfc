// Byte blocks: bytes in a frame, compressed where that makes them smaller. Format: docs/formats/tree.md. LZ4 where
// they are read again and again (LZ4 block format), Zstandard where they are mostly kept (RFC 8878).
// Stateless, but for the DensePacker.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "base/bytes.h"

namespace drift::storage {

/// Appends raw bytes, LZ4-compressed where that makes them smaller.
void writeBlock(ByteWriter& out, ByteSpan raw);

/// Writes blocks by Zstandard where that makes them smaller, and keeps its working memory, some mebibytes, from one
/// to the next. One thread at a time. Equal bytes give equal blocks with one version of the library.
class DensePacker final {
 public:
  /// Blocks of that size and more are packed at a faster level, which costs a fourteenth more bytes: by default those
  /// that a load makes at once.
  explicit DensePacker(std::size_t fasterFrom = std::size_t{256} << 10);
  ~DensePacker();
  DensePacker(const DensePacker&) = delete;
  DensePacker& operator=(const DensePacker&) = delete;
  void writeBlock(ByteWriter& out, ByteSpan raw);
  /// Gives memory to make the raw bytes of the next block in. It is kept up to some mebibytes.
  std::byte* room(std::size_t bytes);

 private:
  struct Context;
  const std::size_t m_fasterFrom;
  std::unique_ptr<Context> m_context;  ///< made when it is first needed
  std::unique_ptr<std::byte[]> m_room;
  std::size_t m_roomBytes = 0;
};

/// Reads what writeBlock() wrote. Allocates no more than kExpansionMax times the stored bytes.
Result<Bytes> readBlock(ByteReader& in);

/// LZ4 expands a byte to at most so many; writers keep to it with Zstandard too, so that no few bytes of a hostile
/// file ask for a lot of memory.
inline constexpr std::size_t kExpansionMax = 255;

/// A byte block that is not unpacked yet: for readers that bring the room themselves. A view of the input.
struct StoredBlock {
  ByteSpan bytes;
  std::size_t rawSize = 0;  ///< at most kExpansionMax times those of `bytes`
  enum class Codec : std::uint8_t { Raw = 0, Lz4 = 1, Zstd = 2 } codec = Codec::Raw;  ///< on disk: do not change
};
/// Reads the head of a block and steps over it. DataCorrupted.
Result<StoredBlock> openBlock(ByteReader& in);
/// Writes the block's `rawSize` bytes to `out`. DataCorrupted; then `out` holds anything.
Status unpackBlock(const StoredBlock& block, std::byte* out);

}  // namespace drift::storage
