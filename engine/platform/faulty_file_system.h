// FaultyFileSystem: another file system whose operations fail when a test says so. Thread-safe.
//
// Rules are counted over all files: "the third write from now fails for good, the disk being full". The
// wrapped file system is not owned and must outlive this one and its files.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <vector>

#include "platform/file_system.h"

namespace drift::platform {

enum class Operation : std::uint8_t { Open, Read, Write, Sync, Truncate, Allocate, Lock, Remove, Rename, SyncFolder };
inline constexpr std::size_t kOperationCount = 10;

enum class Fault : std::uint8_t {
  Fails,       ///< IoError, nothing is done
  DiskFull,    ///< DiskFull; of a write, the first half is on disk; space is not set aside
  FailsAfter,  ///< IoError, but all of it was done
  FlipsBit,    ///< a read succeeds with the lowest bit of its middle byte flipped
};

/// One planned failure.
struct FaultRule {
  Operation operation = Operation::Write;
  std::uint64_t after = 0;  ///< so many operations of this kind succeed first, counted from now
  Fault fault = Fault::Fails;
  bool forGood = false;  ///< all later operations of this kind fail too
};

/// Decides which operations fail; shared by the file system and every open File.
class FaultPlan final {
 public:
  void add(const FaultRule& rule);
  void clear();
  /// Counts an operation and gives the fault it is to have; nullopt = it succeeds.
  std::optional<Fault> next(Operation operation);
  /// Gives how many operations of this kind were asked for so far.
  std::uint64_t count(Operation operation) const;

 private:
  struct ArmedRule {
    FaultRule rule;
    std::uint64_t at = 0;  // absolute count at which it fires
  };

  mutable std::mutex m_mutex;  // guards what follows
  std::vector<ArmedRule> m_rules;
  std::array<std::uint64_t, kOperationCount> m_counts{};
};

class FaultyFileSystem final : public FileSystem {
 public:
  explicit FaultyFileSystem(FileSystem& wrapped) : m_wrapped(wrapped) {}

  /// Plans a failure. Rules add up; each fires once unless it is for good.
  void inject(const FaultRule& rule) { m_plan->add(rule); }
  /// Drops all rules; what follows succeeds.
  void heal() { m_plan->clear(); }
  /// Gives how many operations of this kind were asked for, failed ones included.
  std::uint64_t count(Operation operation) const { return m_plan->count(operation); }

  Result<std::unique_ptr<File>> open(const std::string& path, OpenMode mode) override;
  Result<bool> exists(const std::string& path) override { return m_wrapped.exists(path); }
  Status remove(const std::string& path) override;
  Status rename(const std::string& from, const std::string& to) override;
  Status syncFolderOf(const std::string& path) override;
  Result<std::vector<std::string>> list(const std::string& folder) override { return m_wrapped.list(folder); }

 private:
  FileSystem& m_wrapped;
  std::shared_ptr<FaultPlan> m_plan = std::make_shared<FaultPlan>();
};

}  // namespace drift::platform
