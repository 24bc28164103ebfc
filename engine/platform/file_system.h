// FileSystem and File: the only way from the engine to disks. The real one is per operating system; tests
// use MemoryFileSystem and FaultyFileSystem.
//
// Thread rule: a FileSystem is thread-safe. A File allows any number of concurrent reads, beside one
// writer at a time; the caller orders writers.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/bytes.h"
#include "base/result.h"

namespace drift::platform {

enum class OpenMode : std::uint8_t {
  ReadOnly,   ///< must exist
  ReadWrite,  ///< must exist
  CreateNew,  ///< must not exist; FileExists
};

/// An open file. Closing (destruction) releases its lock.
class File {
 public:
  virtual ~File() = default;

  /// Reads exactly `into.size()` bytes at `offset`. A file that ends before is DataCorrupted.
  virtual Status readAt(std::uint64_t offset, std::span<std::byte> into) const = 0;
  /// Writes all bytes at `offset`, growing the file. DiskFull, IoError. After a failure any part of the
  /// range may have been written.
  virtual Status writeAt(std::uint64_t offset, ByteSpan bytes) = 0;
  /// Makes everything written so far durable: fdatasync, F_FULLFSYNC, FlushFileBuffers. A failure is
  /// final: the caller must not try again and believe the second answer.
  virtual Status sync() = 0;
  virtual Result<std::uint64_t> size() const = 0;
  virtual Status truncate(std::uint64_t size) = 0;
  /// Makes the file at least `size` bytes long and sets disk space aside for it; what is new reads as zeros. Writing
  /// and syncing within it changes neither length nor space, which is what makes a small sync slow. Gives false where
  /// the system cannot, or there is no space: then nothing changed. IoError.
  virtual Result<bool> allocate(std::uint64_t size) {
    (void)size;
    return false;
  }

  /// Takes the exclusive writer lock of this file without waiting, between processes and between opens in
  /// one process. DatabaseLocked, with the process id and program name of the holder where known.
  /// Readers never lock.
  virtual Status lockExclusive() = 0;
  /// Gives the lock back early; does nothing without one.
  virtual void unlock() = 0;
};

/// Names are UTF-8 paths.
class FileSystem {
 public:
  virtual ~FileSystem() = default;

  /// FileNotFound, FileExists, PermissionDenied, IoError; each sentence names the path.
  virtual Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) = 0;
  virtual Result<bool> exists(const std::string& path) = 0;
  virtual Status remove(const std::string& path) = 0;
  /// Replaces `to` in one step (POSIX rename; on Windows with POSIX semantics).
  virtual Status rename(const std::string& from, const std::string& to) = 0;
  /// Makes creations and renames in the folder of `path` durable.
  virtual Status syncFolderOf(const std::string& path) = 0;
  /// Names (without folder) of the regular files of a folder, sorted by bytes.
  virtual Result<std::vector<std::string>> list(const std::string& folder) = 0;
};

/// The operating system's file system.
std::unique_ptr<FileSystem> makeNativeFileSystem();

}  // namespace drift::platform
