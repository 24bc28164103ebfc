#include "storage/frame.h"

#include <algorithm>
#include <cassert>

#include "base/checksum.h"

namespace drift::storage {

namespace {

constexpr std::size_t kReservedAt = 32;   // room for an AEAD tag (16 bytes) and a session number (8)
constexpr std::size_t kChecksumAt = 56;

constexpr std::size_t kHeadChecksumBytes = 8;

/// What the checksums of a frame with this header start from at this place.
std::uint64_t seedOf(ByteSpan header, std::uint64_t seed, std::uint64_t offset) {
  const auto place = xxh3(std::as_bytes(std::span(&offset, 1)), seed);
  return xxh3(header.first(kChecksumAt), place);
}

std::uint64_t numberAt(ByteSpan bytes, std::size_t at) {
  std::uint64_t number = 0;
  std::memcpy(&number, bytes.data() + at, sizeof number);
  return number;
}

}  // namespace

void writeRef(ByteWriter& out, FrameRef ref) {
  out.varint(ref.offset);
  out.varint(ref.payloadBytes);
}

Result<FrameRef> readRef(ByteReader& in) {
  FrameRef ref;
  DRIFT_ASSIGN(ref.offset, in.varint());
  DRIFT_ASSIGN(const auto size, in.varint());
  if (size > kPayloadBytesMax || ref.offset > (std::uint64_t{1} << 56))
    return Error(ErrorKind::DataCorrupted, "a reference in the file is out of range");
  ref.payloadBytes = static_cast<std::uint32_t>(size);
  return ref;
}

void encodeFrame(const FrameHeader& header, ByteSpan payload, std::uint64_t seed, std::uint64_t offset, Bytes& out) {
  assert(!payload.empty() && payload.size() <= kPayloadBytesMax);
  const auto start = out.size();
  out.reserve(start + kFrameHeaderBytes + payload.size());
  ByteWriter writer(out);
  writer.fixed(kFrameMagic);
  writer.fixed(static_cast<std::uint8_t>(header.kind));
  writer.fixed(std::uint8_t{0});
  writer.fixed(std::uint16_t{0});
  writer.fixed(static_cast<std::uint32_t>(payload.size()));
  writer.fixed(std::uint32_t{0});
  writer.fixed(header.ordinal);
  writer.fixed(header.durableOrdinal);
  out.resize(start + kChecksumAt);
  const auto frameSeed = seedOf(ByteSpan(out).subspan(start), seed, offset);
  writer.fixed(std::uint64_t{0});
  writer.raw(payload);
  const auto store = [&](std::size_t at, std::uint64_t number) {
    std::memcpy(out.data() + start + at, &number, sizeof number);
  };
  const auto body = [&] { return ByteSpan(out).subspan(start + kFrameHeaderBytes); };
  if (hasHead(header.kind))
    if (const auto size = headBytes(header, payload); size.ok())
      store(kFrameHeaderBytes, xxh3(body().subspan(kHeadChecksumBytes, *size - kHeadChecksumBytes), frameSeed));
  store(kChecksumAt, xxh3(body(), frameSeed));
}

Result<FrameHeader> decodeFrameHeader(ByteSpan bytes) {
  ByteReader reader(bytes);
  DRIFT_ASSIGN(const auto magic, reader.fixed<std::uint32_t>());
  DRIFT_ASSIGN(const auto kind, reader.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto flags, reader.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto reserved, reader.fixed<std::uint16_t>());
  FrameHeader header;
  DRIFT_ASSIGN(header.payloadBytes, reader.fixed<std::uint32_t>());
  DRIFT_ASSIGN(const auto keyEpoch, reader.fixed<std::uint32_t>());
  DRIFT_ASSIGN(header.ordinal, reader.fixed<std::uint64_t>());
  DRIFT_ASSIGN(header.durableOrdinal, reader.fixed<std::uint64_t>());
  DRIFT_ASSIGN(const auto sealed, reader.raw(kChecksumAt - kReservedAt));
  const bool plain = flags == 0 && reserved == 0 && keyEpoch == 0 &&
                     std::ranges::all_of(sealed, [](std::byte b) { return b == std::byte{0}; });
  if (magic != kFrameMagic || kind < 1 || kind > static_cast<std::uint8_t>(FrameKind::Run) ||
      header.payloadBytes == 0 || header.payloadBytes > kPayloadBytesMax || header.ordinal == 0 ||
      header.durableOrdinal >= header.ordinal || !plain)
    return Error(ErrorKind::DataCorrupted, "there is no frame where one should be");
  header.kind = static_cast<FrameKind>(kind);
  return header;
}

Result<std::size_t> headBytes(const FrameHeader& header, ByteSpan payload) {
  std::uint32_t size = 0;
  if (payload.size() >= kHeadPrefixBytes) std::memcpy(&size, payload.data() + kHeadChecksumBytes, sizeof size);
  if (size < kHeadPrefixBytes || size > header.payloadBytes)
    return Error(ErrorKind::DataCorrupted, "a frame in the file has no head");
  return std::size_t{size};
}

bool checkHead(ByteSpan frame, std::size_t headBytes, std::uint64_t seed, std::uint64_t offset) {
  const auto head = frame.subspan(kFrameHeaderBytes, headBytes);
  return numberAt(head, 0) == xxh3(head.subspan(kHeadChecksumBytes), seedOf(frame, seed, offset));
}

bool checkFrame(ByteSpan frame, std::uint64_t seed, std::uint64_t offset) {
  if (numberAt(frame, kChecksumAt) != xxh3(frame.subspan(kFrameHeaderBytes), seedOf(frame, seed, offset))) return false;
  const auto header = decodeFrameHeader(frame);
  if (!header.ok() || !hasHead(header->kind)) return true;
  const auto size = headBytes(*header, frame.subspan(kFrameHeaderBytes));
  return size.ok() && checkHead(frame, *size, seed, offset);
}

}  // namespace drift::storage
