// FrameFile: appends frames to a file and reads them back.
//
// Thread rule: thread-safe once setEnd() was called. Frames stand in the order in which they were appended; none is
// ever half there when another one follows. After a failed write or sync nothing more is written.
// Does not own the lock of the file, only the file.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <span>
#include <string>

#include "platform/file_system.h"
#include "storage/frame.h"

namespace drift::storage {

/// Where a frame is to stand that is not written yet.
struct FramePlace {
  std::uint64_t offset = 0;
  std::uint64_t ordinal = 0;
};

/// What append() makes a frame of.
struct FrameContents {
  FrameKind kind = FrameKind::Commit;
  ByteSpan payload;
};

/// The beginning of a frame: its whole payload, or of one with a head at least that.
struct FrameStart {
  FrameKind kind = FrameKind::Commit;
  Bytes bytes;            ///< of the payload
  bool isWhole = false;
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

  /// Appends a frame and gives its place. DiskFull, IoError: the file's end is then unknown, and all later calls
  /// give the same error. LimitExceeded for a payload that no reader would take.
  Result<FrameRef> append(FrameKind kind, ByteSpan payload) {
    const FrameContents frame{kind, payload};
    return append(std::span(&frame, 1));
  }
  /// Appends frames with none of another thread between them, and gives the first one's place. Where memory ends
  /// (std::bad_alloc) before anything is written, nothing is; see canWrite().
  Result<FrameRef> append(std::span<const FrameContents> frames);
  /// Gives back the space that was set aside behind the last frame. IoError.
  Status giveSpaceBack();
  /// Writes elsewhere than at the end: a superblock. Errors as those of append().
  Status writeAt(std::uint64_t offset, ByteSpan bytes);
  /// False after a failed write or sync.
  bool canWrite() const;
  /// Keeps frames and superblocks from being written while it lives: for looks at both.
  std::unique_lock<std::mutex> holdWrites() const { return std::unique_lock(m_writeMutex); }
  /// Reads and checks a frame of a known kind. DataCorrupted names the place.
  Result<Bytes> read(FrameRef ref, FrameKind kind) const;
  enum class Extent : std::uint8_t { Start, Whole };
  /// Reads and checks a frame of one of two kinds; with Start, of a larger one with a head no more than that.
  /// DataCorrupted names the place.
  Result<FrameStart> readStart(FrameRef ref, FrameKind kind, FrameKind orKind, Extent extent = Extent::Start) const;
  /// Reads bytes of a payload, which are not checked.
  Status readPart(FrameRef ref, std::size_t offset, std::span<std::byte> into) const;
  /// The sentence for damage at an offset.
  Error damagedAt(std::uint64_t offset) const;
  /// Makes all appended frames durable. A failure is final: all later calls give it again, since the operating
  /// system tells of a lost write only once and says yes to the next who asks.
  Status sync();
  /// Makes frames up to an ordinal durable: does nothing where a sync that began after them is through.
  Status syncUpTo(std::uint64_t ordinal);

  std::uint64_t end() const { return m_end.load(); }
  FramePlace next() const;
  /// Frames that read() has fetched, and their bytes.
  std::uint64_t framesRead() const { return m_framesRead.load(); }
  std::uint64_t bytesRead() const { return m_bytesRead.load(); }
  std::uint64_t lastOrdinal() const { return m_lastOrdinal.load(); }
  std::uint64_t durableOrdinal() const { return m_durableOrdinal.load(); }
  std::uint64_t seed() const { return m_seed; }
  platform::File& file() const { return *m_file; }
  const std::string& path() const { return m_path; }

 private:
  Status appendOne(const FrameContents& frame);
  Result<Bytes> readFrame(FrameRef ref, std::size_t bytes) const;
  Status setSpaceAside(std::size_t bytes);
  Error keepWriteFailure(Error error);
  Status syncNow();

  std::unique_ptr<platform::File> m_file;
  std::string m_path;
  std::uint64_t m_seed;
  mutable std::mutex m_writeMutex;      // one write at a time; guards the four below, and changes of end and ordinal
  std::optional<Error> m_writeFailure;
  Bytes m_frame;                        ///< buffer of append()
  std::uint64_t m_spaceEnd = 0;         ///< end of the space that was set aside; zeros from m_end on
  bool m_setsAside = true;              ///< until the system says that it cannot
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

/// Reads frames one behind the other, through a buffer. One thread; the file outlives this.
class FrameScanner final {
 public:
  FrameScanner(const platform::File& file, std::uint64_t seed) : m_file(file), m_seed(seed) {}

  /// Says whether a frame is wanted with its payload; of others only the header is read, and not checked.
  using Wants = std::function<bool(const FrameHeader& header)>;
  /// Reads the frame at `offset`. DataCorrupted where there is no sound frame within `fileBytes`; IoError.
  Result<ScannedFrame> read(std::uint64_t offset, std::uint64_t fileBytes, const Wants& wants);
  /// Payload of the frame read last, until the next one; empty where it was not wanted.
  ByteSpan payload() const { return m_payload; }
  /// Forgets what it holds: another process may have written it anew.
  void forget() { m_buffer.clear(); }

 private:
  Result<ByteSpan> bytes(std::uint64_t offset, std::size_t size, std::uint64_t fileBytes);

  const platform::File& m_file;
  const std::uint64_t m_seed;
  Bytes m_buffer;
  std::uint64_t m_bufferAt = 0;
  bool m_readsAhead = true;    ///< not behind frames that were left out
  ByteSpan m_payload;
};

/// Reads the frame at `offset`, whatever its kind. DataCorrupted where there is no sound frame; IoError.
/// `payload` gets its contents.
Result<ScannedFrame> scanFrame(const platform::File& file, std::uint64_t offset, std::uint64_t fileBytes,
                               std::uint64_t seed, Bytes& payload);

/// Where the zeros at the end of a file begin, at `offset` at the earliest. IoError.
Result<std::uint64_t> endOfContent(const platform::File& file, std::uint64_t offset, std::uint64_t fileBytes);

/// Looks behind `offset` for a sound frame that was written when `ordinal` was already durable. Gives its
/// offset, or 0. Tells a torn tail (none) from damage.
Result<std::uint64_t> findLaterFrame(const platform::File& file, std::uint64_t offset, std::uint64_t fileBytes,
                                     std::uint64_t seed, std::uint64_t ordinal);

}  // namespace drift::storage
