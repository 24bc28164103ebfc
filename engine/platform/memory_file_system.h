// MemoryFileSystem: files in memory, for tests and scratch databases. Thread-safe.
//
// Each file knows what it held at its last sync, and each folder its names at its last syncFolderOf(); crash()
// forgets what a power cut may forget, so recovery can be tested without one.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <mutex>
#include <string>

#include "platform/file_system.h"

namespace drift::platform {

class MemoryFileState;

class MemoryFileSystem final : public FileSystem {
 public:
  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<bool> exists(const std::string& path) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status syncFolderOf(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;

  /// Loses what was not synced, as a power cut does: each unsynced 512-byte sector keeps its old or its new
  /// contents as `seed` decides, the file ends somewhere between its two sizes, and a folder has its old or its
  /// new names. Seed 0 keeps nothing unsynced. Locks are free afterwards. Files opened before stay with what was there,
  /// so that a thread which still writes does not reach what is left.
  void crash(std::uint64_t seed);
  /// Gives a copy of a file's written image; empty if there is no such file.
  Bytes contents(const std::string& path) const;
  /// Puts a file in place, synced.
  void setContents(const std::string& path, Bytes bytes);

 private:
  using Names = std::map<std::string, std::shared_ptr<MemoryFileState>>;

  std::shared_ptr<MemoryFileState> find(const std::string& path) const;

  mutable std::mutex m_mutex;  // guards the maps; each state has its own
  Names m_files;
  Names m_durableFiles;  // names and files as of the last sync of their folders
};

}  // namespace drift::platform
