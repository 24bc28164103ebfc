// Frames: headers of any bytes, and a scan over them.
#include "platform/memory_file_system.h"
#include "storage/frame_file.h"
#include "target.h"

using namespace drift;
using namespace drift::storage;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  constexpr std::uint64_t kSeed = 42;
  constexpr std::uint64_t kAt = 1;  // no frame lies at 0
  const auto input = fuzz::inputOf(data, size);
  const auto header = decodeFrameHeader(input);
  platform::MemoryFileSystem files;
  Bytes bytes(input.begin(), input.end());
  if (header.ok() && size >= kFrameHeaderBytes && header->payloadBytes <= size - kFrameHeaderBytes) {
    // As it would have been written: it must pass, and nothing else than these bytes.
    Bytes frame;
    const auto payload = input.subspan(kFrameHeaderBytes, header->payloadBytes);
    encodeFrame(*header, payload, kSeed, kAt, frame);
    const bool hasItsHead = !hasHead(header->kind) || headBytes(*header, payload).ok();
    fuzz::require(checkFrame(frame, kSeed, kAt) == hasItsHead, "a frame that was just written is sound");
    fuzz::require(!checkFrame(frame, kSeed + 1, kAt), "a frame of another file is not sound");
    fuzz::require(!checkFrame(frame, kSeed, kAt + 1), "a frame of another place is not sound");
    std::ranges::copy(frame, bytes.begin());
  }
  bytes.insert(bytes.begin(), kAt, std::byte{0});
  files.setContents("x", bytes);
  const auto file = files.open("x", platform::OpenMode::ReadOnly).value();
  Bytes payload;
  for (std::uint64_t at = kAt; at < bytes.size();) {
    const auto frame = scanFrame(*file, at, bytes.size(), kSeed, payload);
    if (!frame.ok()) break;
    fuzz::require(frame->ref.end() <= bytes.size() && payload.size() == frame->header.payloadBytes, "a frame fits");
    at = frame->ref.end();
  }
  const auto later = findLaterFrame(*file, 0, bytes.size(), kSeed, 1);
  fuzz::require(later.ok() && *later < bytes.size(), "a later frame lies in the file");
  return 0;
}
