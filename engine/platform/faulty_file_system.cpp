#include "platform/faulty_file_system.h"

#include <utility>

namespace drift::platform {

namespace {

Error faultError(Fault fault, std::string_view what, const std::string& path) {
  if (fault == Fault::DiskFull)
    return makeError(ErrorKind::DiskFull, "could not {} \"{}\": the disk is full", what, path);
  return makeError(ErrorKind::IoError, "could not {} \"{}\": the disk failed", what, path);
}

/// Runs `act` unless the plan says that it fails; FailsAfter runs it and answers with an error all the same.
template <class Act>
Status guarded(FaultPlan& plan, Operation operation, std::string_view what, const std::string& path, Act act) {
  const auto fault = plan.next(operation);
  if (!fault) return act();
  if (*fault == Fault::FailsAfter) DRIFT_TRY(act());
  return faultError(*fault, what, path);
}

class FaultyFile final : public File {
 public:
  FaultyFile(std::string path, std::unique_ptr<File> wrapped, std::shared_ptr<FaultPlan> plan)
      : m_path(std::move(path)), m_wrapped(std::move(wrapped)), m_plan(std::move(plan)) {}

  Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    const auto fault = m_plan->next(Operation::Read);
    if (fault && *fault != Fault::FlipsBit) return faultError(*fault, "read", m_path);
    DRIFT_TRY(m_wrapped->readAt(offset, into));
    if (fault && !into.empty()) into[into.size() / 2] ^= std::byte{1};
    return {};
  }

  Status writeAt(std::uint64_t offset, ByteSpan bytes) override {
    const auto fault = m_plan->next(Operation::Write);
    if (!fault) return m_wrapped->writeAt(offset, bytes);
    if (*fault == Fault::DiskFull) bytes = bytes.first(bytes.size() / 2);
    if (*fault != Fault::Fails) DRIFT_TRY(m_wrapped->writeAt(offset, bytes));
    return faultError(*fault, "write", m_path);
  }

  Status sync() override {
    return guarded(*m_plan, Operation::Sync, "sync", m_path, [&] { return m_wrapped->sync(); });
  }

  Result<std::uint64_t> size() const override { return m_wrapped->size(); }

  Status truncate(std::uint64_t size) override {
    return guarded(*m_plan, Operation::Truncate, "truncate", m_path, [&] { return m_wrapped->truncate(size); });
  }

  Result<bool> allocate(std::uint64_t size) override {
    const auto fault = m_plan->next(Operation::Allocate);
    if (!fault) return m_wrapped->allocate(size);
    if (*fault == Fault::DiskFull) return false;
    if (*fault == Fault::FailsAfter) {
      DRIFT_ASSIGN([[maybe_unused]] const bool done, m_wrapped->allocate(size));
    }
    return faultError(*fault, "write", m_path);
  }

  void unlock() override { m_wrapped->unlock(); }
  Status lockExclusive() override {
    return guarded(*m_plan, Operation::Lock, "lock", m_path, [&] { return m_wrapped->lockExclusive(); });
  }

 private:
  std::string m_path;
  std::unique_ptr<File> m_wrapped;
  std::shared_ptr<FaultPlan> m_plan;
};

}  // namespace

void FaultPlan::add(const FaultRule& rule) {
  const std::scoped_lock lock(m_mutex);
  m_rules.push_back({rule, m_counts[static_cast<std::size_t>(rule.operation)] + rule.after});
}

void FaultPlan::clear() {
  const std::scoped_lock lock(m_mutex);
  m_rules.clear();
}

std::optional<Fault> FaultPlan::next(Operation operation) {
  const std::scoped_lock lock(m_mutex);
  const auto number = m_counts[static_cast<std::size_t>(operation)]++;
  for (const auto& [rule, at] : m_rules)
    if (rule.operation == operation && (number == at || (rule.forGood && number > at))) return rule.fault;
  return std::nullopt;
}

std::uint64_t FaultPlan::count(Operation operation) const {
  const std::scoped_lock lock(m_mutex);
  return m_counts[static_cast<std::size_t>(operation)];
}

Result<std::unique_ptr<File>> FaultyFileSystem::open(const std::string& path, OpenMode mode) {
  if (const auto fault = m_plan->next(Operation::Open)) return faultError(*fault, "open", path);
  DRIFT_ASSIGN(auto file, m_wrapped.open(path, mode));
  return std::unique_ptr<File>(std::make_unique<FaultyFile>(path, std::move(file), m_plan));
}

Status FaultyFileSystem::remove(const std::string& path) {
  return guarded(*m_plan, Operation::Remove, "remove", path, [&] { return m_wrapped.remove(path); });
}

Status FaultyFileSystem::rename(const std::string& from, const std::string& to) {
  return guarded(*m_plan, Operation::Rename, "rename", from, [&] { return m_wrapped.rename(from, to); });
}

Status FaultyFileSystem::syncFolderOf(const std::string& path) {
  return guarded(*m_plan, Operation::SyncFolder, "sync the folder of", path,
                 [&] { return m_wrapped.syncFolderOf(path); });
}

}  // namespace drift::platform
