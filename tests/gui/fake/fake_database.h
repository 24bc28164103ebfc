// FakeDatabase: an api::Database held in memory, for tests of the application that must not depend on the
// engine. It keeps a whole snapshot per commit and knows a handful of statements:
//
//   SELECT … FROM <table>    all rows of the table at the session's moment
//   SLOW                     runs until it is cancelled
//   ENDLESS                  rows without end
//   BEGIN, COMMIT, ROLLBACK  set the transaction flag
//   anything else            SyntaxError at the word "wrong", or else at the start
//
// Linking drift_fake also gives splitStatements(), highlight() and Database::open(), in simple forms.
#pragma once

#include <map>
#include <mutex>

#include "api/database.h"

namespace drift::test {

struct FakeTable {
  api::TableInfo info;
  std::map<std::string, std::pair<std::vector<api::Value>, CommitNumber>> rows;  // by key
};

struct FakeSnapshot {
  api::Commit commit;
  std::map<TreeId, FakeTable> tables;
};

class FakeDatabase final : public api::Database, public std::enable_shared_from_this<FakeDatabase> {
 public:
  /// A shop: 60 commits, one a minute. "orders" (id 64) with 500 rows exists from commit 2; commit n updates
  /// orders n; "coupons" (65) exists in commits 5 to 19; "refunds" (66) from commit 40.
  static std::shared_ptr<FakeDatabase> shop();

  /// Adds a commit that updates one order.
  void commitUpdate(int order);

  std::unique_ptr<api::Session> newSession(std::string author) override;
  const std::string& path() const override { return m_path; }
  bool readOnly() const override { return false; }
  std::string openNotice() const override { return {}; }
  std::uint64_t fileBytes() const override { return 4096; }
  Result<api::HistoryExtent> extent() const override;
  Result<std::vector<api::HistoryBucket>> historySummary(TimeMicros from, TimeMicros to, std::size_t buckets,
                                                         TreeId table) const override;
  Result<std::optional<api::Commit>> commit(CommitNumber number) const override;
  Result<std::vector<api::Commit>> commits(CommitNumber first, std::size_t limit) const override;
  Result<CommitNumber> commitAt(TimeMicros time) const override;
  Result<CommitNumber> momentAt(TimeMicros time) const override { return commitAt(time); }
  Result<TimeMicros> parseMoment(std::string_view) const override { return notFaked(); }
  Result<TimeMicros> timeOf(CommitNumber number) const override;
  Result<std::optional<CommitNumber>> step(CommitNumber from, bool forward, TreeId table) const override;
  Result<std::optional<CommitNumber>> stepRow(TreeId, std::string_view, CommitNumber, bool) const override {
    return std::optional<CommitNumber>();
  }
  Result<api::Schema> schemaAt(CommitNumber at) const override;
  Result<api::Page> page(const api::PageRequest& request) const override;
  std::shared_ptr<void> onCommit(std::function<void(CommitNumber)> notify) override;
  Result<bool> refresh() override { return false; }
  Status checkpoint() override { return {}; }
  Result<api::VerifyReport> verify(std::shared_ptr<std::atomic<bool>>) const override {
    return api::VerifyReport{};
  }
  using api::Database::verify;
  Result<api::CompactReport> compact(const api::CompactOptions&) override { return notFaked(); }
  Result<api::CompactPreview> previewCompact(const api::CompactOptions&) const override { return notFaked(); }
  Result<api::CompactReport> exportAsOf(const std::string&, const api::ExportOptions&) const override {
    return notFaked();
  }
  Status close() override { return {}; }

 private:
  static Error notFaked() { return Error(ErrorKind::FeatureNotSupported, "the fake database has no such thing"); }

  FakeSnapshot& begin(const std::string& message);
  const FakeSnapshot& at(CommitNumber number) const;

  mutable std::mutex m_mutex;  // guards m_snapshots and m_listeners
  std::string m_path = "/nowhere/shop.drift";
  std::vector<FakeSnapshot> m_snapshots;  // [0] is the state before the first commit
  std::vector<std::weak_ptr<std::function<void(CommitNumber)>>> m_listeners;
};

}  // namespace drift::test
