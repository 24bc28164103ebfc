// CrashFileSystem: files in memory that write down every operation, so that a power cut can be played at any of
// them, in many ways, after one run.
//
// What a cut leaves of each file is what its last sync made durable, and of what came later any part: each sector
// holds what it held at some moment since the sync, the file has a length that it had since then or lies between
// two of them, and what it grew by without being written is zeros or rubbish. So writes are lost, reordered and
// torn. Names come and go with the folder's sync alone; of the changes since, a prefix is kept, as journals do.
// Idea: Pillai et al., All File Systems Are Not Created Equal, OSDI 2014 (ALICE).
//
// Thread rule: thread-safe. An image may be taken while others write. Two writes to one file at the same time break
// the rule of platform::File; broken() tells.
#pragma once

#include <atomic>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <vector>

#include "faults/random.h"
#include "platform/file_system.h"

namespace drift::faults {

/// Files by name: what a disk holds when the power is back.
using DiskImage = std::map<std::string, Bytes>;

struct CrashKind {
  std::size_t sectorBytes = 512;  ///< what is written as a whole or not at all: 512 or 4096
  bool keepsNothing = false;      ///< nothing unsynced survives
  bool keepsAll = false;          ///< all of it does, as when only the process is killed
  bool rubbish = false;           ///< a grown file shows random bytes where nothing arrived, instead of zeros
};

class CrashFileSystem final : public platform::FileSystem {
 public:
  CrashFileSystem() = default;
  /// Starts with what a disk holds; all of it durable.
  explicit CrashFileSystem(const DiskImage& image);

  Result<std::unique_ptr<platform::File>> open(const std::string& path, platform::OpenMode mode) override;
  Result<bool> exists(const std::string& path) override;
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status syncFolderOf(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override;

  /// Operations written down so far: the moments at which the power can be cut are 0 to this.
  std::size_t operations() const;
  /// Operations up to and with the newest sync of a file.
  std::size_t lastSync() const;
  /// True once two writers met in one file.
  bool broken() const { return m_broken; }

  /// What is left of the power being cut after the first `operations`; the next one may have been under way.
  DiskImage crashedAt(std::size_t operations, const CrashKind& kind, Random& random) const;

 private:
  friend class CrashFile;
  using FileNumber = std::size_t;
  using Names = std::map<std::string, FileNumber>;

  enum class Action : std::uint8_t { Write, Truncate, Sync, Name, SyncFolder };
  struct Operation {
    Action action = Action::Write;
    FileNumber file = 0;
    std::uint64_t offset = 0;  ///< of a write; the new size of a truncation
    Bytes bytes{};
    std::string path{};  ///< of a folder's sync
    Names names{};       ///< what the names are after the operation
  };
  struct LiveFile {
    Bytes bytes;
    bool locked = false;
    int writers = 0;
  };

  void record(Operation operation);
  void apply(const Operation& operation);
  void nameChanged(const std::string& path);

  mutable std::mutex m_mutex;  // guards what follows
  std::vector<Operation> m_operations;
  Names m_names;
  std::vector<LiveFile> m_files;
  DiskImage m_start;
  std::size_t m_lastSync = 0;
  std::atomic<bool> m_broken = false;
};

}  // namespace drift::faults
