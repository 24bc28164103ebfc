// StoreImpl: one database file, open. Internal to storage; a LiveStore is what others see of it.
//
// Order of a commit:  room, validate, number, append  (under m_sequencer)  ->  sync, shared by all who wait
// (one leader at a time)  ->  published: visible to latest(). A failed write or sync ends all writing.
//
// Life of a change:   active memtable  -- full, or old -->  sealed memtable  -- the background thread -->  epoch
// At most one memtable is sealed. Commits go on beside the writing of its epoch; where they come in faster than
// epochs are written, each is held back a little.
#pragma once

#include <atomic>
#include <condition_variable>
#include <mutex>
#include <optional>
#include <thread>

#include "storage/commit_frame.h"
#include "storage/recovery.h"
#include "storage/snapshot.h"
#include "storage/superblock.h"

namespace drift::storage {

class StoreImpl final {
 public:
  using Validator = Store::Validator;

  StoreImpl(std::unique_ptr<FrameFile> file, const Superblock& superblock, const Clock& clock, StoreOptions options);
  ~StoreImpl();

  /// Recovers; cuts off a torn tail where writing is allowed.
  Status recover();

  Result<CommitReceipt> commit(CommitRequest request, const Validator& validate);
  Snapshot latest() const;
  Result<Snapshot> at(CommitNumber number) const;
  Result<std::unique_ptr<Cursor>> scanVersions(ScanRequest request, VersionRange range) const;
  Result<std::vector<RowVersion>> history(TreeId tree, std::string_view key, std::span<const LayoutColumn> columns,
                                          CommitNumber before, std::size_t limit) const;
  Result<std::unique_ptr<Cursor>> diff(TreeId tree, CommitNumber from, CommitNumber to,
                                       std::vector<LayoutColumn> columns, runtime::CancelToken cancel) const;
  CommitNumber lastCommit() const { return m_published.load(); }
  Result<std::optional<CommitInfo>> commitInfo(CommitNumber number) const;
  Result<std::vector<CommitInfo>> commitInfos(CommitNumber first, std::size_t limit) const;
  Result<CommitNumber> commitAt(TimeMicros time) const;
  Result<TimeMicros> timeOf(CommitNumber number) const;
  Result<std::optional<CommitNumber>> step(CommitNumber number, bool forward, TreeId tree) const;
  Result<std::optional<CommitNumber>> stepRow(TreeId tree, std::string_view key, CommitNumber number,
                                              bool forward) const;
  Result<CommitNumber> lastChange(TreeId tree, CommitNumber number) const;
  Result<std::vector<HistoryBucket>> summary(TimeMicros from, TimeMicros to, std::size_t bucketCount,
                                             TreeId tree) const;
  Result<std::vector<RowChange>> commitChanges(CommitNumber number) const;
  CommitNumber firstCommit() const;
  const KeptCommits& keptCommits() const { return m_core->index.kept(); }
  const std::map<TreeId, CommitNumber>& horizons() const { return m_core->horizons; }
  Status checkKept(CommitNumber number) const;
  CommitNumber horizon(TreeId tree) const {
    const auto found = m_core->horizons.find(tree);
    return found == m_core->horizons.end() ? 0 : found->second;
  }
  Result<CommitNumber> momentAt(TimeMicros time) const;
  Status checkpoint();
  Result<bool> refresh();
  Result<VerifyReport> verify(runtime::CancelToken cancel) const;
  const OpenReport& openReport() const { return m_openReport; }
  bool readOnly() const { return m_options.readOnly || m_openReport.corrupted || m_failed.load(); }
  std::uint64_t fileBytes() const { return m_core->file->end(); }
  StoreStatistics statistics() const;
  Status close();

  // For rewrites.
  const FileId& fileId() const { return m_superblock.fileId; }
  const StoreCore& core() const { return *m_core; }
  const StoreOptions& options() const { return m_options; }
  /// A commit as it stands in the log.
  Result<DecodedCommit> readLogged(CommitNumber number) const;
  /// Success where commits are taken.
  Status checkWritable() const;
  /// Makes everything durable that was appended.
  Status sync() { return syncAll(); }
  Durability durability() const { return m_durability; }
  void setDurability(Durability durability) { m_durability = durability; }
  /// Ends all writing for good, with the reason; gives it back.
  Error fail(Error error) noexcept;
  /// Ends the background's work without writing anything more: another file took this one's place, or it is not
  /// wanted. Reads go on.
  void retire();

 private:
  /// A memtable that takes no more commits in, and what its epoch must know of them.
  struct Sealed {
    std::shared_ptr<const Memtable> memtable;
    CommitNumber lastCommit = 0;
    crypto::Sha256Digest hash{};  ///< of the last commit
    FramePlace logStart;          ///< behind the last commit
  };
  using SequencerLock = std::unique_lock<std::mutex>;

  Snapshot stateOf(StoreContents contents, EpochRef epoch, CommitNumber number) const;
  Result<bool> readNewer();
  Result<std::optional<CommitInfo>> readInfo(CommitNumber number) const;
  Error readOnlyError() const;
  Status failure() const;
  void adopt(const RecoveryEnd& end);

  Result<CommitReceipt> commitOrThrow(CommitRequest& request, const Validator& validate);
  Result<CommitReceipt> append(CommitRequest& request);
  Status takeIn(CommitHead& head, FrameRef frame, const CommitRequest& request);
  Result<TimeMicros> timeOfNext(std::optional<TimeMicros> wanted) const;
  Status waitDurable(CommitNumber number);
  Status syncAll();
  void syncOrFail() noexcept;
  void publish(CommitNumber number);

  double fill() const;
  bool hasPageRoom(std::size_t rowBytes) const;
  void makeRoom(SequencerLock& lock, const std::vector<RowChange>& changes);
  void seal();
  void trySeal() noexcept;
  Status writeEpochs(SequencerLock& lock, CommitNumber wanted);
  Status writeEpoch(const Sealed& sealed);
  Status writeSuperblock();
  void writeSealed(SequencerLock& lock);
  void tend();

  const Clock& m_clock;
  const StoreOptions m_options;
  std::atomic<Durability> m_durability;
  const std::shared_ptr<StoreCore> m_core;  ///< shared with snapshots, which may outlive this
  Superblock m_superblock;               ///< the background thread's, once that runs
  OpenReport m_openReport;
  std::unique_ptr<Recovery> m_recovery;  ///< kept by read-only stores, for refresh()

  mutable std::mutex m_sequencer;        ///< guards what follows, up to the blank line
  std::condition_variable m_epochEvent;  ///< something was sealed, an epoch ended, or the store closes
  std::shared_ptr<Memtable> m_memtable;  ///< the active one
  std::shared_ptr<const Sealed> m_sealed;
  CommitNumber m_appended = 0;
  CommitNumber m_sealedUpTo = 0;         ///< commits behind this one are in the active memtable
  CommitNumber m_epochsUpTo = 0;         ///< commits up to this one are in epochs
  std::size_t m_indexBytes = 0;          ///< of the commit index for these, about
  TimeMicros m_lastTime = 0;
  crypto::Sha256Digest m_chain{};
  DensePacker m_packer;                  ///< of commits
  std::chrono::steady_clock::time_point m_dirtySince{};
  bool m_closed = true;                  ///< until recovery is through: what failed to open writes nothing
  bool m_tenderStop = false;

  std::atomic<CommitNumber> m_published{0};
  std::atomic<CommitNumber> m_appendedSeen{0};  ///< m_appended, for the leader of a sync

  mutable std::mutex m_syncMutex;        ///< guards the three below
  std::condition_variable m_syncDone;
  bool m_syncing = false;
  std::optional<Error> m_failure;        ///< why writing ended
  std::atomic<bool> m_failed{false};

  std::thread m_tender;                  ///< writes epochs, and syncs relaxed stores
};

}  // namespace drift::storage
