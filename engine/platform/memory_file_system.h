// MemoryFileSystem: files in memory, for tests and scratch databases. Thread-safe.
//
// Each file keeps two images: what was written, and what was synced. crash() forgets what a power cut may
// forget, so recovery can be tested without one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "platform/file_system.h"

namespace drift::platform {

/// Contents of one file; shared by the file system and every open File.
struct MemoryFileState {
  std::mutex mutex;
  Bytes written;
  Bytes synced;
  bool locked = false;
};

class MemoryFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<bool> exists(const std::string& path) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status syncFolderOf(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;

  /// Loses what was not synced, as a power cut does: each unsynced 512-byte sector keeps its old or its new
  /// contents as `seed` decides, and the file ends somewhere between its two sizes. Seed 0 keeps nothing unsynced.
  void crash(std::uint64_t seed);
  /// Gives a copy of a file's written image; empty if there is no such file.
  Bytes contents(const std::string& path) const;
  /// Puts a file in place, synced.
  void setContents(const std::string& path, Bytes bytes);

 private:
  std::shared_ptr<MemoryFileState> find(const std::string& path) const;

  mutable std::mutex m_mutex;  // guards the map; each state has its own
  std::map<std::string, std::shared_ptr<MemoryFileState>> m_files;
};

}  // namespace drift::platform
