#include "storage/frame_file.h"

#include <algorithm>
#include <cstring>

#include "base/out_of_memory.h"

namespace drift::storage {

namespace {

/// The buffer of a larger frame is given back.
constexpr std::size_t kBufferBytesMax = 4u << 20;
/// Space that is set aside at a time: an eighth of the file, within these.
constexpr std::uint64_t kSpaceBytesMin = 64u << 10;
constexpr std::uint64_t kSpaceBytesMax = 4u << 20;
/// A frame of at most this is read whole; of a larger one with a head this much at first, in which most heads lie.
constexpr std::size_t kWholeBytes = 16u << 10;
constexpr std::size_t kStartBytes = 4u << 10;
/// What a scan reads at a time.
constexpr std::size_t kAheadBytes = 1u << 20;

}  // namespace

Result<FrameRef> FrameFile::append(std::span<const FrameContents> frames) {
  for (const auto& [kind, payload] : frames)
    if (payload.empty() || payload.size() > kPayloadBytesMax)
      return makeError(ErrorKind::LimitExceeded, "a frame of {} bytes does not fit into \"{}\"", payload.size(), m_path);
  const std::scoped_lock lock(m_writeMutex);
  if (m_writeFailure) return *m_writeFailure;
  const FrameRef first{m_end, static_cast<std::uint32_t>(frames.front().payload.size())};
  // The only room that is needed: once the first frame is written, the others must follow.
  std::size_t largest = 0;
  for (const auto& frame : frames) largest = std::max(largest, frame.payload.size());
  m_frame.clear();
  m_frame.reserve(kFrameHeaderBytes + largest);
  for (const auto& frame : frames)
    if (auto status = catchBadAlloc([&] { return appendOne(frame); }); !status.ok())
      return keepWriteFailure(std::move(status).error());
  if (m_frame.capacity() > kBufferBytesMax) m_frame = {};
  return first;
}

/// Ends all writing: what the file has at its end is unknown.
Error FrameFile::keepWriteFailure(Error error) {
  m_writeFailure = std::move(error);
  return copyOrOutOfMemory(*m_writeFailure);
}

bool FrameFile::canWrite() const {
  const std::scoped_lock lock(m_writeMutex);
  return !m_writeFailure;
}

Status FrameFile::appendOne(const FrameContents& contents) {
  const auto [kind, payload] = contents;
  const auto ordinal = m_lastOrdinal + 1;
  m_frame.clear();
  encodeFrame({kind, static_cast<std::uint32_t>(payload.size()), ordinal, m_durableOrdinal}, payload, m_seed, m_end,
              m_frame);
  DRIFT_TRY(setSpaceAside(m_frame.size()));
  DRIFT_TRY(m_file->writeAt(m_end, m_frame));
  m_end += m_frame.size();
  m_lastOrdinal = ordinal;
  return {};
}

/// Keeps space behind the last frame, so that a sync of a small one need not record a new length: see docs/adr/0008.
Status FrameFile::setSpaceAside(std::size_t bytes) {
  const auto needed = m_end + bytes;
  if (!m_setsAside || needed <= m_spaceEnd) return {};
  const auto wanted = needed + std::clamp<std::uint64_t>(m_end / 8, kSpaceBytesMin, kSpaceBytesMax);
  DRIFT_ASSIGN(m_setsAside, m_file->allocate(wanted));
  if (m_setsAside) m_spaceEnd = wanted;
  return {};
}

Status FrameFile::giveSpaceBack() {
  const std::scoped_lock lock(m_writeMutex);
  if (m_writeFailure) return *m_writeFailure;
  if (m_spaceEnd <= m_end) return {};
  m_spaceEnd = 0;
  return m_file->truncate(m_end);
}

Status FrameFile::writeAt(std::uint64_t offset, ByteSpan bytes) {
  const std::scoped_lock lock(m_writeMutex);
  if (m_writeFailure) return *m_writeFailure;
  auto status = catchBadAlloc([&] { return m_file->writeAt(offset, bytes); });
  if (!status.ok()) return keepWriteFailure(std::move(status).error());
  return status;
}

FramePlace FrameFile::next() const {
  const std::scoped_lock lock(m_writeMutex);
  return {m_end, m_lastOrdinal + 1};
}

/// Reads the first bytes of a frame. The reference itself may come from a damaged place: no more is allocated than the
/// file has.
Result<Bytes> FrameFile::readFrame(FrameRef ref, std::size_t bytes) const {
  if (ref.offset < kFrameHeaderBytes || ref.payloadBytes == 0 || ref.end() > m_end) return damagedAt(ref.offset);
  Bytes frame(bytes);
  DRIFT_TRY(m_file->readAt(ref.offset, frame));
  ++m_framesRead;
  m_bytesRead += frame.size();
  return frame;
}

Result<Bytes> FrameFile::read(FrameRef ref, FrameKind kind) const {
  DRIFT_ASSIGN(auto frame, readFrame(ref, kFrameHeaderBytes + ref.payloadBytes));
  const auto header = decodeFrameHeader(frame);
  if (!header.ok() || header->kind != kind || header->payloadBytes != ref.payloadBytes ||
      !checkFrame(frame, m_seed, ref.offset))
    return damagedAt(ref.offset);
  frame.erase(frame.begin(), frame.begin() + kFrameHeaderBytes);
  return frame;
}

Result<FrameStart> FrameFile::readStart(FrameRef ref, FrameKind kind, FrameKind orKind, Extent extent) const {
  const auto whole = kFrameHeaderBytes + ref.payloadBytes;
  const bool atOnce = extent == Extent::Whole || ref.payloadBytes <= kWholeBytes;
  DRIFT_ASSIGN(auto frame, readFrame(ref, atOnce ? whole : kFrameHeaderBytes + kStartBytes));
  const auto header = decodeFrameHeader(frame);
  if (!header.ok() || (header->kind != kind && header->kind != orKind) || header->payloadBytes != ref.payloadBytes)
    return damagedAt(ref.offset);
  // Reads on where the first bytes were not enough.
  const auto extend = [&](std::size_t bytes) -> Status {
    const auto have = frame.size();
    if (bytes <= have) return {};
    frame.resize(bytes);
    m_bytesRead += bytes - have;
    return m_file->readAt(ref.offset + have, std::span(frame).subspan(have));
  };
  FrameStart start{header->kind, {}, !hasHead(header->kind) || frame.size() == whole};
  bool sound = false;
  if (start.isWhole) {
    DRIFT_TRY(extend(whole));
    sound = checkFrame(frame, m_seed, ref.offset);
  } else if (const auto size = headBytes(*header, ByteSpan(frame).subspan(kFrameHeaderBytes)); size.ok()) {
    DRIFT_TRY(extend(kFrameHeaderBytes + *size));
    sound = checkHead(frame, *size, m_seed, ref.offset);
  }
  if (!sound) return damagedAt(ref.offset);
  frame.erase(frame.begin(), frame.begin() + kFrameHeaderBytes);
  start.bytes = std::move(frame);
  return start;
}

Status FrameFile::readPart(FrameRef ref, std::size_t offset, std::span<std::byte> into) const {
  if (offset + into.size() > ref.payloadBytes || ref.end() > m_end) return damagedAt(ref.offset);
  m_bytesRead += into.size();
  return m_file->readAt(ref.offset + kFrameHeaderBytes + offset, into);
}

Error FrameFile::damagedAt(std::uint64_t offset) const {
  return makeError(ErrorKind::DataCorrupted, "\"{}\" is damaged at byte {}", m_path, offset)
      .withHint("run drift verify; drift salvage saves what is left into a new file");
}

Status FrameFile::sync() {
  const std::scoped_lock lock(m_syncMutex);
  return syncNow();
}

Status FrameFile::syncUpTo(std::uint64_t ordinal) {
  const std::scoped_lock lock(m_syncMutex);
  return m_durableOrdinal >= ordinal ? Status() : syncNow();
}

Status FrameFile::syncNow() {
  if (m_syncFailure) return *m_syncFailure;
  const std::uint64_t ordinal = m_lastOrdinal;
  // Also where memory ended in the telling: nobody knows then whether the sync failed.
  if (auto status = catchBadAlloc([&] { return m_file->sync(); }); !status.ok()) {
    m_syncFailure = std::move(status).error();
    const std::scoped_lock lock(m_writeMutex);  // a frame under way is through before anybody hears of this
    if (!m_writeFailure) m_writeFailure = copyOrOutOfMemory(*m_syncFailure);
    return copyOrOutOfMemory(*m_syncFailure);
  }
  m_durableOrdinal = ordinal;
  return {};
}

Result<ByteSpan> FrameScanner::bytes(std::uint64_t offset, std::size_t size, std::uint64_t fileBytes) {
  const bool buffered = offset >= m_bufferAt && offset + size <= m_bufferAt + m_buffer.size();
  if (!buffered) {
    const auto ahead = m_readsAhead ? std::max(size, kAheadBytes) : size;
    m_buffer.resize(static_cast<std::size_t>(std::min<std::uint64_t>(ahead, fileBytes - offset)));
    m_bufferAt = offset;
    if (auto status = m_file.readAt(offset, m_buffer); !status.ok()) {
      m_buffer.clear();
      return std::move(status).error();
    }
  }
  return ByteSpan(m_buffer).subspan(static_cast<std::size_t>(offset - m_bufferAt), size);
}

Result<ScannedFrame> FrameScanner::read(std::uint64_t offset, std::uint64_t fileBytes, const Wants& wants) {
  const auto noFrame = [&] { return makeError(ErrorKind::DataCorrupted, "there is no sound frame at byte {}", offset); };
  m_payload = {};
  if (offset + kFrameHeaderBytes > fileBytes) return noFrame();
  DRIFT_ASSIGN(const auto start, bytes(offset, kFrameHeaderBytes, fileBytes));
  const auto header = decodeFrameHeader(start);
  if (!header.ok() || header->payloadBytes > fileBytes - offset - kFrameHeaderBytes) return noFrame();
  const ScannedFrame frame{*header, {offset, header->payloadBytes}};
  m_readsAhead = wants(*header);
  if (!m_readsAhead) return frame;
  DRIFT_ASSIGN(const auto whole, bytes(offset, kFrameHeaderBytes + header->payloadBytes, fileBytes));
  if (!checkFrame(whole, m_seed, offset)) return noFrame();
  m_payload = whole.subspan(kFrameHeaderBytes);
  return frame;
}

Result<ScannedFrame> scanFrame(const platform::File& file, std::uint64_t offset, std::uint64_t fileBytes,
                               std::uint64_t seed, Bytes& payload) {
  const auto noFrame = [&] { return makeError(ErrorKind::DataCorrupted, "there is no sound frame at byte {}", offset); };
  if (offset + kFrameHeaderBytes > fileBytes) return noFrame();
  Bytes frame(kFrameHeaderBytes);
  DRIFT_TRY(file.readAt(offset, frame));
  const auto header = decodeFrameHeader(frame);
  if (!header.ok() || header->payloadBytes > fileBytes - offset - kFrameHeaderBytes) return noFrame();
  frame.resize(kFrameHeaderBytes + header->payloadBytes);
  DRIFT_TRY(file.readAt(offset + kFrameHeaderBytes, std::span(frame).subspan(kFrameHeaderBytes)));
  if (!checkFrame(frame, seed, offset)) return noFrame();
  payload.assign(frame.begin() + kFrameHeaderBytes, frame.end());
  return ScannedFrame{*header, {offset, header->payloadBytes}};
}

Result<std::uint64_t> findLaterFrame(const platform::File& file, std::uint64_t offset, std::uint64_t fileBytes,
                                     std::uint64_t seed, std::uint64_t ordinal) {
  constexpr std::size_t kBlockBytes = 1u << 20;
  constexpr std::size_t kOverlapBytes = sizeof kFrameMagic - 1;
  Bytes block, payload;
  for (auto at = offset + 1; at + kFrameHeaderBytes <= fileBytes; at += kBlockBytes - kOverlapBytes) {
    block.resize(static_cast<std::size_t>(std::min<std::uint64_t>(kBlockBytes, fileBytes - at)));
    DRIFT_TRY(file.readAt(at, block));
    for (std::size_t i = 0; i + sizeof kFrameMagic <= block.size(); ++i) {
      const auto* found = std::memchr(block.data() + i, static_cast<int>(kFrameMagic & 0xff), block.size() - i);
      if (!found) break;
      i = static_cast<std::size_t>(static_cast<const std::byte*>(found) - block.data());
      if (i + sizeof kFrameMagic > block.size() || std::memcmp(block.data() + i, &kFrameMagic, sizeof kFrameMagic) != 0)
        continue;
      const auto frame = scanFrame(file, at + i, fileBytes, seed, payload);
      if (frame.ok() && frame->header.durableOrdinal >= ordinal) return at + i;
    }
  }
  return std::uint64_t{0};
}

Result<std::uint64_t> endOfContent(const platform::File& file, std::uint64_t offset, std::uint64_t fileBytes) {
  constexpr std::uint64_t kBlockBytes = 256u << 10;
  Bytes block;
  while (fileBytes > offset) {
    const auto size = std::min(kBlockBytes, fileBytes - offset);
    block.resize(static_cast<std::size_t>(size));
    DRIFT_TRY(file.readAt(fileBytes - size, block));
    const auto last = std::find_if(block.rbegin(), block.rend(), [](std::byte byte) { return byte != std::byte{0}; });
    if (last != block.rend()) return fileBytes - static_cast<std::uint64_t>(last - block.rbegin());
    fileBytes -= size;
  }
  return offset;
}

}  // namespace drift::storage
