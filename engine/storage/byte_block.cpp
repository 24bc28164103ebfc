#include "storage/byte_block.h"

#include <algorithm>
#include <cstring>

#include <lz4.h>
#include <zstd.h>

namespace drift::storage {

namespace {

using Codec = StoredBlock::Codec;

constexpr std::size_t kBlockBytesMax = 1u << 30;
/// Zstandard has little to gain in less, and costs a commit of one row more than that.
constexpr std::size_t kDenseFrom = 1024;
/// The fastest of its usual levels; for a lot at once, as a load has it, the one below: that saves a third of its time.
constexpr int kDenseLevel = 1;
constexpr int kFasterLevel = -1;
/// Memory of this size is kept for the next block.
constexpr std::size_t kKeptBytesMax = 4u << 20;
/// LZ4 makes nothing smaller that is shorter: its last 12 bytes are always literals.
constexpr std::size_t kPackedFrom = 14;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block in the file is malformed"); }

/// Appends a block; with no packed bytes it is raw.
void writePacked(ByteWriter& out, Codec codec, ByteSpan raw, ByteSpan packed) {
  out.fixed(static_cast<std::uint8_t>(packed.empty() ? Codec::Raw : codec));
  out.varint(raw.size());
  if (packed.empty()) return out.raw(raw);
  out.varint(packed.size());
  out.raw(packed);
}

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
  writePacked(out, Codec::Lz4, raw, ByteSpan(packed).first(static_cast<std::size_t>(std::max(size, 0))));
}

struct DensePacker::Context {
  struct Free {
    void operator()(ZSTD_CCtx* context) const { ZSTD_freeCCtx(context); }
  };
  std::unique_ptr<ZSTD_CCtx, Free> zstd{ZSTD_createCCtx()};
  Bytes packed;
};

DensePacker::DensePacker(std::size_t fasterFrom) : m_fasterFrom(fasterFrom) {}
DensePacker::~DensePacker() = default;

std::byte* DensePacker::room(std::size_t bytes) {
  // What is much larger than needed is given back by the next block that needs little.
  if (bytes > m_roomBytes || (m_roomBytes > kKeptBytesMax && bytes <= kKeptBytesMax)) {
    m_roomBytes = 0;
    m_room.reset();
    m_room = std::make_unique_for_overwrite<std::byte[]>(bytes);
    m_roomBytes = bytes;
  }
  return m_room.get();
}

void DensePacker::writeBlock(ByteWriter& out, ByteSpan raw) {
  if (raw.size() < kDenseFrom || raw.size() > kBlockBytesMax) return writePacked(out, Codec::Raw, raw, {});
  if (!m_context) m_context = std::make_unique<Context>();
  auto& [zstd, packed] = *m_context;
  packed.resize(ZSTD_compressBound(raw.size()));
  const auto level = raw.size() < m_fasterFrom ? kDenseLevel : kFasterLevel;
  const auto size =
      zstd ? ZSTD_compressCCtx(zstd.get(), packed.data(), packed.size(), raw.data(), raw.size(), level) : 0;
  // Without memory for it, and where a byte would stand for too many, LZ4 does.
  if (size == 0 || ZSTD_isError(size) || raw.size() / size >= kExpansionMax) storage::writeBlock(out, raw);
  else if (size >= raw.size()) writePacked(out, Codec::Raw, raw, {});
  else writePacked(out, Codec::Zstd, raw, ByteSpan(packed).first(size));
  if (packed.size() > kKeptBytesMax) packed = {};
}

Result<StoredBlock> openBlock(ByteReader& in) {
  StoredBlock block;
  DRIFT_ASSIGN(const auto codec, in.fixed<std::uint8_t>());
  if (codec > static_cast<std::uint8_t>(Codec::Zstd)) return malformed();
  block.codec = static_cast<Codec>(codec);
  const bool packed = block.codec != Codec::Raw;
  DRIFT_ASSIGN(const auto rawSize, in.varint());
  block.rawSize = rawSize;
  auto size = rawSize;
  if (packed) {
    DRIFT_ASSIGN(size, in.varint());
  }
  DRIFT_ASSIGN(block.bytes, in.raw(size));
  if (packed && (rawSize > block.bytes.size() * kExpansionMax || rawSize > kBlockBytesMax)) return malformed();
  return block;
}

Status unpackBlock(const StoredBlock& block, std::byte* out) {
  if (block.codec == Codec::Raw) {
    if (!block.bytes.empty()) std::memcpy(out, block.bytes.data(), block.bytes.size());
    return {};
  }
  if (block.codec == Codec::Zstd) {
    const auto got = ZSTD_decompress(out, block.rawSize, block.bytes.data(), block.bytes.size());
    if (ZSTD_isError(got) || got != block.rawSize) return malformed();
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
