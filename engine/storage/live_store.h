// LiveStore: the Store that programs hold. It stays, while the file behind it may be rewritten and replaced.
//
//   LiveStore --> StoreImpl (file 1)       rewrite(): writes file 2, holds commits back for its last part,
//             \-> StoreImpl (file 2)       renames it over file 1, and from then on uses file 2
//
// Snapshots and cursors keep the file that they began with; the system frees it when the last one ends.
// Both files are locked from before the rename on, and whoever opens a file for writing looks, once it has the lock,
// whether this is still the file of that name: so nobody writes to one that is gone.
// Thread rule: as Store's.
#pragma once

#include <condition_variable>
#include <memory>
#include <mutex>
#include <string>

#include "storage/log_copier.h"
#include "storage/store_impl.h"

namespace drift::storage {

/// Lets commits through; closed, it waits for those under way and holds new ones back.
class CommitGate final {
 public:
  void enter();
  void leave();
  void close();
  void open();

 private:
  std::mutex m_mutex;  // guards the two below
  std::condition_variable m_changed;
  std::size_t m_inside = 0;
  bool m_closed = false;
};

class LiveStore final : public Store {
 public:
  /// `files` and `clock` outlive this.
  LiveStore(platform::FileSystem& files, std::string path, const Clock& clock, std::shared_ptr<StoreImpl> store)
      : m_files(files), m_path(std::move(path)), m_clock(clock), m_openReport(store->openReport()),
        m_current(std::move(store)) {}
  ~LiveStore() override;

  Result<CommitReceipt> commit(CommitRequest request, const Validator& validate) override;
  Status checkpoint() override;
  Result<bool> refresh() override;
  Result<RewriteReport> rewrite(const RewriteRequest& request) override;
  Result<RewritePreview> previewRewrite(const RewriteRequest& request) const override;
  Result<RewriteReport> exportTo(const std::string& path, const ExportRequest& request) const override;
  const OpenReport& openReport() const override { return m_openReport; }
  Status close() override;

  // The rest is the current file's.
  Snapshot latest() const override { return current()->latest(); }
  Result<Snapshot> at(CommitNumber number) const override { return current()->at(number); }
  Result<std::unique_ptr<Cursor>> scanVersions(ScanRequest request, VersionRange range) const override {
    return current()->scanVersions(std::move(request), range);
  }
  Result<std::vector<RowVersion>> history(TreeId tree, std::string_view key, std::span<const LayoutColumn> columns,
                                          CommitNumber before, std::size_t limit) const override {
    return current()->history(tree, key, columns, before, limit);
  }
  Result<std::unique_ptr<Cursor>> diff(TreeId tree, CommitNumber from, CommitNumber to,
                                       std::vector<LayoutColumn> columns, runtime::CancelToken cancel) const override {
    return current()->diff(tree, from, to, std::move(columns), std::move(cancel));
  }
  CommitNumber lastCommit() const override { return current()->lastCommit(); }
  CommitNumber firstCommit() const override { return current()->firstCommit(); }
  KeptCommits keptCommits() const override { return current()->keptCommits(); }
  Status checkKept(CommitNumber number) const override { return current()->checkKept(number); }
  CommitNumber horizon(TreeId tree) const override { return current()->horizon(tree); }
  Result<std::optional<CommitInfo>> commitInfo(CommitNumber number) const override {
    return current()->commitInfo(number);
  }
  Result<std::vector<CommitInfo>> commitInfos(CommitNumber first, std::size_t limit) const override {
    return current()->commitInfos(first, limit);
  }
  Result<CommitNumber> commitAt(TimeMicros time) const override { return current()->commitAt(time); }
  Result<CommitNumber> momentAt(TimeMicros time) const override { return current()->momentAt(time); }
  Result<TimeMicros> timeOf(CommitNumber number) const override { return current()->timeOf(number); }
  Result<std::optional<CommitNumber>> step(CommitNumber number, bool forward, TreeId tree) const override {
    return current()->step(number, forward, tree);
  }
  Result<std::optional<CommitNumber>> stepRow(TreeId tree, std::string_view key, CommitNumber number,
                                              bool forward) const override {
    return current()->stepRow(tree, key, number, forward);
  }
  Result<CommitNumber> lastChange(TreeId tree, CommitNumber number) const override {
    return current()->lastChange(tree, number);
  }
  Result<std::vector<HistoryBucket>> summary(TimeMicros from, TimeMicros to, std::size_t bucketCount,
                                             TreeId tree) const override {
    return current()->summary(from, to, bucketCount, tree);
  }
  Result<std::vector<RowChange>> commitChanges(CommitNumber number) const override {
    return current()->commitChanges(number);
  }
  Result<VerifyReport> verify(runtime::CancelToken cancel) const override { return current()->verify(std::move(cancel)); }
  bool readOnly() const override { return current()->readOnly(); }
  std::uint64_t fileBytes() const override { return current()->fileBytes(); }
  StoreStatistics statistics() const override { return current()->statistics(); }

 private:
  std::shared_ptr<StoreImpl> current() const;
  void replaceWith(std::shared_ptr<StoreImpl> store);
  Result<RewriteReport> rewriteOrThrow(const RewriteRequest& request);
  Result<RewritePreview> previewOrThrow(const RewriteRequest& request) const;
  Result<RewriteReport> exportOrThrow(const std::string& path, const ExportRequest& request) const;
  Result<bool> putInPlace(const std::string& newPath, StoreImpl& source, const StoreImpl& target);

  platform::FileSystem& m_files;
  const std::string m_path;
  const Clock& m_clock;
  const OpenReport m_openReport;
  CommitGate m_gate;
  std::mutex m_rewriteMutex;  // held while a rewrite runs
  mutable std::mutex m_mutex;  // guards the one below
  std::shared_ptr<StoreImpl> m_current;
};

// How files are opened and made. The names are what sentences call them, without folders.

/// Makes a new file and opens it. FileExists. Its first frame says what is kept, unless that is everything.
Result<std::shared_ptr<StoreImpl>> createStore(platform::FileSystem& files, const std::string& path,
                                               const std::string& name, const Clock& clock,
                                               const StoreOptions& options, const KeptHistory& kept);
/// Opens a file, for writing with its lock.
Result<std::shared_ptr<StoreImpl>> openStore(platform::FileSystem& files, const std::string& path, const Clock& clock,
                                             const StoreOptions& options);
/// The id of the file that has this name now.
Result<FileId> fileIdAt(platform::FileSystem& files, const std::string& path);
/// Name of the file that a rewrite of `path` makes first.
std::string rewritePathOf(const std::string& path);
/// Removes what a rewrite that was cut short left behind. FileExists where another file has its name.
Status removeLeftover(platform::FileSystem& files, const std::string& path);

}  // namespace drift::storage
