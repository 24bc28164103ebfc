#include "storage/byte_block.h"

#include <cstring>

#include <lz4.h>

namespace drift::storage {

namespace {

constexpr std::uint8_t kRaw = 0;
constexpr std::uint8_t kLz4 = 1;
constexpr std::size_t kBlockBytesMax = 1u << 30;
/// LZ4 expands a byte to at most 255.
constexpr std::size_t kExpansionMax = 255;
/// LZ4 makes nothing smaller that is shorter: its last 12 bytes are always literals.
constexpr std::size_t kPackedFrom = 14;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block in the file is malformed"); }

}  // namespace

void writeBlock(ByteWriter& out, ByteSpan raw) {
  Bytes packed;
  int size = 0;
  if (raw.size() >= kPackedFrom && raw.size() <= kBlockBytesMax) {
    // Room for less than the raw size: LZ4 gives up where it would not be smaller.
    packed.resize(raw.size() - 1);
    size = LZ4_compress_default(reinterpret_cast<const char*>(raw.data()), reinterpret_cast<char*>(packed.data()),
                                static_cast<int>(raw.size()), static_cast<int>(packed.size()));
  }
  out.fixed(size > 0 ? kLz4 : kRaw);
  out.varint(raw.size());
  if (size <= 0) {
    out.raw(raw);
    return;
  }
  out.varint(static_cast<std::uint64_t>(size));
  out.raw(ByteSpan(packed).first(static_cast<std::size_t>(size)));
}

Result<StoredBlock> openBlock(ByteReader& in) {
  StoredBlock block;
  DRIFT_ASSIGN(const auto codec, in.fixed<std::uint8_t>());
  if (codec > kLz4) return malformed();
  block.packed = codec == kLz4;
  DRIFT_ASSIGN(const auto rawSize, in.varint());
  block.rawSize = rawSize;
  auto size = rawSize;
  if (block.packed) {
    DRIFT_ASSIGN(size, in.varint());
  }
  DRIFT_ASSIGN(block.bytes, in.raw(size));
  if (block.packed && (rawSize > block.bytes.size() * kExpansionMax || rawSize > kBlockBytesMax)) return malformed();
  return block;
}

Status unpackBlock(const StoredBlock& block, std::byte* out) {
  if (!block.packed) {
    if (!block.bytes.empty()) std::memcpy(out, block.bytes.data(), block.bytes.size());
    return {};
  }
  const int got = LZ4_decompress_safe(reinterpret_cast<const char*>(block.bytes.data()), reinterpret_cast<char*>(out),
                                      static_cast<int>(block.bytes.size()), static_cast<int>(block.rawSize));
  if (got < 0 || static_cast<std::size_t>(got) != block.rawSize) return malformed();
  return {};
}

Result<Bytes> readBlock(ByteReader& in) {
  DRIFT_ASSIGN(const auto block, openBlock(in));
  Bytes raw(block.rawSize);
  DRIFT_TRY(unpackBlock(block, raw.data()));
  return raw;
}

}  // namespace drift::storage
