// StoreImpl: the one implementation of Store. Internal to storage.
//
// Order of a commit:  validate, number, append  (under m_sequencer)  ->  sync, shared by all who wait
// (one leader at a time)  ->  published: visible to latest(). A failed write or sync ends all writing.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "storage/recovery.h"
#include "storage/snapshot.h"
#include "storage/superblock.h"

namespace drift::storage {

class StoreImpl final : public Store {
 public:
  StoreImpl(std::unique_ptr<FrameFile> file, std::string path, const Superblock& superblock, const Clock& clock,
            StoreOptions options);
  ~StoreImpl() override;

  /// Recovers; cuts off a torn tail where writing is allowed.
  Status recover();

  Result<CommitReceipt> commit(CommitRequest request, const Validator& validate) override;
  Snapshot latest() const override;
  Result<Snapshot> at(CommitNumber number) const override;
  Result<std::unique_ptr<Cursor>> scanVersions(ScanRequest request, VersionRange range) const override;
  Result<std::vector<RowVersion>> history(TreeId tree, std::string_view key, std::span<const LayoutColumn> columns,
                                          CommitNumber before, std::size_t limit) const override;
  Result<std::unique_ptr<Cursor>> diff(TreeId tree, CommitNumber from, CommitNumber to,
                                       std::vector<LayoutColumn> columns, runtime::CancelToken cancel) const override;
  CommitNumber lastCommit() const override { return m_published.load(); }
  Result<std::optional<CommitInfo>> commitInfo(CommitNumber number) const override;
  Result<std::vector<CommitInfo>> commitInfos(CommitNumber first, std::size_t limit) const override;
  Result<CommitNumber> commitAt(TimeMicros time) const override { return m_core.index.commitAt(time, lastCommit()); }
  Result<TimeMicros> timeOf(CommitNumber number) const override;
  Result<std::optional<CommitNumber>> step(CommitNumber number, bool forward, TreeId tree) const override;
  Result<CommitNumber> lastChange(TreeId tree, CommitNumber number) const override;
  Result<std::vector<HistoryBucket>> summary(TimeMicros from, TimeMicros to, std::size_t bucketCount,
                                             TreeId tree) const override;
  Result<std::vector<RowChange>> commitChanges(CommitNumber number) const override;
  Status checkpoint() override;
  Result<bool> refresh() override;
  Result<VerifyReport> verify(runtime::CancelToken cancel) const override;
  const OpenReport& openReport() const override { return m_openReport; }
  bool readOnly() const override { return m_options.readOnly || m_openReport.corrupted || m_failed.load(); }
  std::uint64_t fileBytes() const override { return m_core.file->end(); }
  StoreStatistics statistics() const override;
  Status close() override;

 private:
  Snapshot stateAt(CommitNumber number) const;
  Error readOnlyError() const;
  Result<CommitReceipt> append(CommitRequest& request);
  Status waitDurable(CommitNumber number);
  Status writeEpoch();
  Status writeEpochFrames();
  Status fail(Error error);
  void adopt(const RecoveryEnd& end);
  void tend();

  std::string m_path;
  const Clock& m_clock;
  const StoreOptions m_options;
  StoreCore m_core;
  Superblock m_superblock;
  OpenReport m_openReport;
  std::unique_ptr<Recovery> m_recovery;  ///< kept by read-only stores, for refresh()

  mutable std::mutex m_sequencer;                ///< guards what a commit appends: the six below, the superblock, the end
  std::shared_ptr<Memtable> m_memtable;
  CommitNumber m_appended = 0;
  TimeMicros m_lastTime = 0;
  crypto::Sha256Digest m_chain{};
  std::chrono::steady_clock::time_point m_dirtySince{};
  bool m_closed = true;                  ///< until recovery is through: what failed to open writes nothing

  std::atomic<CommitNumber> m_published{0};
  std::atomic<CommitNumber> m_appendedSeen{0};  ///< m_appended, for the leader of a sync

  mutable std::mutex m_syncMutex;        ///< guards the two below
  std::condition_variable m_syncDone;
  bool m_syncing = false;
  std::optional<Error> m_failure;        ///< why writing ended
  std::atomic<bool> m_failed{false};

  std::thread m_tender;                  ///< syncs relaxed stores, writes epochs of old changes
  std::mutex m_tenderMutex;
  std::condition_variable m_tenderWake;
  bool m_tenderStop = false;             ///< guarded by m_tenderMutex
};

}  // namespace drift::storage
