#include "storage/frame_file.h"

#include <algorithm>
#include <cstring>

namespace drift::storage {

Result<FrameRef> FrameFile::append(FrameKind kind, ByteSpan payload) {
  if (payload.empty() || payload.size() > kPayloadBytesMax)
    return makeError(ErrorKind::LimitExceeded, "a frame of {} bytes does not fit into \"{}\"", payload.size(), m_path);
  Bytes frame;
  const auto ordinal = m_lastOrdinal + 1;
  encodeFrame({kind, static_cast<std::uint32_t>(payload.size()), ordinal, m_durableOrdinal}, payload, m_seed, frame);
  const FrameRef ref{m_end, static_cast<std::uint32_t>(payload.size())};
  DRIFT_TRY(m_file->writeAt(ref.offset, frame));
  m_end = ref.end();
  m_lastOrdinal = ordinal;
  return ref;
}

Result<Bytes> FrameFile::read(FrameRef ref, FrameKind kind) const {
  const auto damaged = [&] {
    return makeError(ErrorKind::DataCorrupted, "\"{}\" is damaged at byte {}", m_path, ref.offset)
        .withHint("run drift verify, and restore the file from a backup");
  };
  // The reference itself may come from a damaged place: no more is allocated than the file has.
  if (ref.offset < kFrameHeaderBytes || ref.payloadBytes == 0 || ref.end() > m_end) return damaged();
  Bytes frame(kFrameHeaderBytes + ref.payloadBytes);
  DRIFT_TRY(m_file->readAt(ref.offset, frame));
  ++m_framesRead;
  m_bytesRead += frame.size();
  const auto header = decodeFrameHeader(frame);
  if (!header.ok() || header->kind != kind || header->payloadBytes != ref.payloadBytes || !checkFrame(frame, m_seed))
    return damaged();
  frame.erase(frame.begin(), frame.begin() + kFrameHeaderBytes);
  return frame;
}

Status FrameFile::sync() {
  const std::scoped_lock lock(m_syncMutex);
  if (m_syncFailure) return *m_syncFailure;
  const std::uint64_t ordinal = m_lastOrdinal;
  if (auto status = m_file->sync(); !status.ok()) {
    m_syncFailure = status.error();
    return status;
  }
  m_durableOrdinal = ordinal;
  return {};
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
  if (!checkFrame(frame, seed)) return noFrame();
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
      if (std::memcmp(block.data() + i, &kFrameMagic, sizeof kFrameMagic) != 0) continue;
      const auto frame = scanFrame(file, at + i, fileBytes, seed, payload);
      if (frame.ok() && frame->header.durableOrdinal >= ordinal) return at + i;
    }
  }
  return std::uint64_t{0};
}

}  // namespace drift::storage
