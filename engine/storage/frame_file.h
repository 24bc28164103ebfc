// FrameFile: appends frames to a file and reads them back.
//
// Thread rule: read() and sync() from any thread, append() by one at a time; all may run beside each other.
// Does not own the lock of the file, only the file.
#pragma once

#include <atomic>
#include <memory>
#include <mutex>
#include <optional>
#include <string>

#include "platform/file_system.h"
#include "storage/frame.h"

namespace drift::storage {

/// Where a frame is to stand that is not written yet.
struct FramePlace {
  std::uint64_t offset = 0;
  std::uint64_t ordinal = 0;
};

class FrameFile final {
 public:
  FrameFile(std::unique_ptr<platform::File> file, std::string path, std::uint64_t seed)
      : m_file(std::move(file)), m_path(std::move(path)), m_seed(seed) {}

  /// Sets where the next frame goes, after recovery.
  void setEnd(std::uint64_t offset, std::uint64_t lastOrdinal, std::uint64_t durableOrdinal) {
    m_end = offset;
    m_lastOrdinal = lastOrdinal;
    m_durableOrdinal = durableOrdinal;
  }

  /// Appends a frame and gives its place. DiskFull, IoError: the file's end is then unknown, write no more.
  /// LimitExceeded for a payload that no reader would take.
  Result<FrameRef> append(FrameKind kind, ByteSpan payload);
  /// Reads and checks a frame of a known kind. DataCorrupted names the place.
  Result<Bytes> read(FrameRef ref, FrameKind kind) const;
  /// Makes all appended frames durable. A failure is final: all later calls give it again, since the operating
  /// system tells of a lost write only once and says yes to the next who asks.
  Status sync();

  std::uint64_t end() const { return m_end.load(); }
  FramePlace next() const { return {m_end.load(), m_lastOrdinal.load() + 1}; }
  /// Frames that read() has fetched, and their bytes.
  std::uint64_t framesRead() const { return m_framesRead.load(); }
  std::uint64_t bytesRead() const { return m_bytesRead.load(); }
  std::uint64_t lastOrdinal() const { return m_lastOrdinal.load(); }
  std::uint64_t durableOrdinal() const { return m_durableOrdinal.load(); }
  std::uint64_t seed() const { return m_seed; }
  platform::File& file() const { return *m_file; }
  const std::string& path() const { return m_path; }

 private:
  std::unique_ptr<platform::File> m_file;
  std::string m_path;
  std::uint64_t m_seed;
  std::atomic<std::uint64_t> m_end{0};
  std::atomic<std::uint64_t> m_lastOrdinal{0};
  std::atomic<std::uint64_t> m_durableOrdinal{0};
  mutable std::atomic<std::uint64_t> m_framesRead{0};
  mutable std::atomic<std::uint64_t> m_bytesRead{0};
  std::mutex m_syncMutex;               // one sync at a time; guards the one below
  std::optional<Error> m_syncFailure;
};

/// A frame met while scanning: its header and place.
struct ScannedFrame {
  FrameHeader header;
  FrameRef ref;
};

/// Reads the frame at `offset`, whatever its kind. DataCorrupted where there is no sound frame; IoError.
/// `payload` gets its contents.
Result<ScannedFrame> scanFrame(const platform::File& file, std::uint64_t offset, std::uint64_t fileBytes,
                               std::uint64_t seed, Bytes& payload);

/// Looks behind `offset` for a sound frame that was written when `ordinal` was already durable. Gives its
/// offset, or 0. Tells a torn tail (none) from damage.
Result<std::uint64_t> findLaterFrame(const platform::File& file, std::uint64_t offset, std::uint64_t fileBytes,
                                     std::uint64_t seed, std::uint64_t ordinal);

}  // namespace drift::storage
