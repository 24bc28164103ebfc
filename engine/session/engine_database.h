// EngineDatabase: implements api::Database over one store.
//
// Thread rule: thread-safe. Sessions and results share ownership of it.
#pragma once

#include <atomic>
#include <memory>
#include <string>

#include "api/database.h"
#include "catalog/catalog.h"
#include "functions/registry.h"
#include "platform/file_system.h"
#include "runtime/worker_pool.h"
#include "session/commit_listeners.h"
#include "storage/store.h"

namespace drift::session {

class EngineDatabase final : public api::Database, public std::enable_shared_from_this<EngineDatabase> {
 public:
  /// What a database stands on; tests bring their own.
  struct Foundation {
    std::shared_ptr<platform::FileSystem> files;
    std::shared_ptr<const Clock> clock;
  };
  /// Opens or creates `path`; see api::Database::open().
  static Result<std::shared_ptr<EngineDatabase>> open(Foundation foundation, const std::string& path,
                                                      const api::OpenOptions& options);

  /// Use open(). Public for std::make_shared.
  EngineDatabase(Foundation foundation, std::string path, std::unique_ptr<storage::Store> store);
  ~EngineDatabase() override;

  std::unique_ptr<api::Session> newSession(std::string author) override;
  const std::string& path() const override { return m_path; }
  bool readOnly() const override { return m_store->readOnly(); }
  std::string openNotice() const override;
  std::uint64_t fileBytes() const override { return m_store->fileBytes(); }

  Result<api::HistoryExtent> extent() const override;
  Result<std::vector<api::HistoryBucket>> historySummary(TimeMicros from, TimeMicros to, std::size_t buckets,
                                                         TreeId table) const override;
  Result<std::optional<api::Commit>> commit(CommitNumber number) const override;
  Result<std::vector<api::Commit>> commits(CommitNumber first, std::size_t limit) const override;
  Result<CommitNumber> commitAt(TimeMicros time) const override { return m_store->commitAt(time); }
  Result<CommitNumber> momentAt(TimeMicros time) const override;
  Result<TimeMicros> parseMoment(std::string_view text) const override;
  Result<TimeMicros> timeOf(CommitNumber number) const override { return m_store->timeOf(number); }
  Result<std::optional<CommitNumber>> step(CommitNumber from, bool forward, TreeId table) const override {
    return m_store->step(from, forward, table);
  }
  Result<std::optional<CommitNumber>> stepRow(TreeId table, std::string_view key, CommitNumber from,
                                              bool forward) const override {
    return m_store->stepRow(table, key, from, forward);
  }
  Result<api::Schema> schemaAt(CommitNumber at) const override;
  Result<api::Page> page(const api::PageRequest& request) const override;

  std::shared_ptr<void> onCommit(std::function<void(CommitNumber)> notify) override {
    return m_listeners.add(std::move(notify));
  }
  Result<bool> refresh() override { return m_store->refresh(); }
  Status checkpoint() override { return m_store->checkpoint(); }
  Result<api::VerifyReport> verify(std::shared_ptr<std::atomic<bool>> stop) const override;
  using api::Database::verify;
  Result<api::CompactReport> compact(const api::CompactOptions& options) override;
  Result<api::CompactPreview> previewCompact(const api::CompactOptions& options) const override;
  Result<api::CompactReport> exportAsOf(const std::string& path, const api::ExportOptions& options) const override;
  Status close() override;

  /// Takes the versions of a table before a commit out of the file, with those of its indexes.
  Status deleteHistory(TreeId table, CommitNumber from, const runtime::CancelToken& cancel);

  const Clock& clock() const { return *m_foundation.clock; }
  platform::FileSystem& files() const { return *m_foundation.files; }
  storage::Store& store() { return *m_store; }
  const catalog::Catalog& catalog() const { return m_catalog; }
  const functions::Registry& registry() const { return m_registry; }
  /// Threads that statements of all sessions share.
  runtime::WorkerPool& workers() const { return m_workers; }
  const CommitListeners& listeners() const { return m_listeners; }
  /// Counts sessions, so that close() knows.
  void sessionOpened() { ++m_openSessions; }
  void sessionClosed() { --m_openSessions; }

 private:
  Result<storage::RewriteRequest> rewriteRequest(const api::CompactOptions& options) const;
  /// The newest commit for kNoCommit. MomentOutOfRange for a number that does not exist yet.
  Result<CommitNumber> knownCommit(CommitNumber at) const;
  /// Takes away indexes whose build was cut short: nobody builds them any more.
  Status dropUnfinishedIndexes();
  Result<api::Commit> described(const storage::CommitInfo& info) const;

  const Foundation m_foundation;
  const std::string m_path;
  const std::unique_ptr<storage::Store> m_store;
  const catalog::Catalog m_catalog;
  const functions::Registry m_registry;
  CommitListeners m_listeners;
  std::string m_indexNotice;  ///< what dropUnfinishedIndexes() did; empty if nothing
  std::atomic<int> m_openSessions{0};
  mutable runtime::WorkerPool m_workers{runtime::WorkerPool::threadsOfMachine()};
};

}  // namespace drift::session
