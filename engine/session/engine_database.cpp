#include "session/engine_database.h"

#include <set>

#include "base/out_of_memory.h"
#include "session/engine_session.h"
#include "session/index_check.h"
#include "session/salvage.h"
#include "session/table_page.h"

namespace drift::session {

namespace {

constexpr std::size_t kFindingsMax = 100;

storage::StoreOptions storeOptions(const api::OpenOptions& options) {
  storage::StoreOptions result;
  result.readOnly = options.readOnly;
  result.cacheBytesMax = options.cacheBytesMax;
  switch (options.durability) {
    case api::OpenOptions::Durability::Full: result.durability = storage::Durability::Full; break;
    case api::OpenOptions::Durability::Relaxed: result.durability = storage::Durability::Relaxed; break;
    case api::OpenOptions::Durability::Off: result.durability = storage::Durability::Off; break;
  }
  return result;
}

}  // namespace

Result<std::shared_ptr<EngineDatabase>> EngineDatabase::open(Foundation foundation, const std::string& path,
                                                             const api::OpenOptions& options) {
  if (options.create && options.readOnly)
    return Error(ErrorKind::InvalidParameterValue, "a new database cannot be read-only");
  const auto make = options.create ? &storage::Store::create : &storage::Store::open;
  DRIFT_ASSIGN(auto store, make(*foundation.files, path, *foundation.clock, storeOptions(options)));
  auto database = std::make_shared<EngineDatabase>(std::move(foundation), path, std::move(store));
  DRIFT_TRY(database->dropUnfinishedIndexes());
  return database;
}

Status EngineDatabase::dropUnfinishedIndexes() {
  if (m_store->readOnly()) return {};
  txn::Transaction transaction(*m_store);
  DRIFT_ASSIGN(const auto view, m_catalog.viewOf(transaction));
  std::string names;
  for (const auto& table : view->tables()) {
    auto sound = *table;
    std::erase_if(sound.indexes, [](const catalog::Index& index) { return index.building; });
    if (sound.indexes.size() == table->indexes.size()) continue;
    for (const auto& index : table->indexes)
      if (index.building) names += (names.empty() ? "" : ", ") + index.name;
    DRIFT_TRY(m_catalog.putTable(transaction, sound));
  }
  if (names.empty()) return {};
  m_indexNotice = fmt::format("CREATE INDEX had not come to its end, so this was taken away again: {}", names);
  const auto dropped =
      transaction.commit({.author = {}, .message = "DROP INDEX " + names + ": not built to the end", .time = {}});
  // A disk without room must not keep anybody from reading: nobody uses the index.
  if (!dropped.ok())
    m_indexNotice = fmt::format("CREATE INDEX had not come to its end; {} is not used, but could not be taken away: {}",
                                names, dropped.error().message());
  return {};
}

EngineDatabase::EngineDatabase(Foundation foundation, std::string path, std::unique_ptr<storage::Store> store)
    : m_foundation(std::move(foundation)),
      m_path(std::move(path)),
      m_store(std::move(store)),
      m_catalog(*m_store) {}

EngineDatabase::~EngineDatabase() = default;

std::unique_ptr<api::Session> EngineDatabase::newSession(std::string author) {
  return std::make_unique<EngineSession>(shared_from_this(), std::move(author));
}

std::string EngineDatabase::openNotice() const {
  const auto& report = m_store->openReport();
  if (report.corrupted) return fmt::format("The file is damaged and was opened read-only: {}", report.corruption);
  if (report.tornBytes == 0) return m_indexNotice;
  auto notice = fmt::format(
      "The last {} bytes were of a write that never ended; they were cut off. No commit was lost.", report.tornBytes);
  if (!m_indexNotice.empty()) notice += " " + m_indexNotice;
  return notice;
}

Result<api::HistoryExtent> EngineDatabase::extent() const {
  return catchBadAlloc([&]() -> Result<api::HistoryExtent> {
    api::HistoryExtent extent;
    const auto last = m_store->lastCommit();
    if (last == 0) return extent;
    extent.first = m_store->firstCommit();
    extent.last = last;
    extent.hasGaps = m_store->keptCommits().runs().size() > 1;
    DRIFT_ASSIGN(extent.firstTime, m_store->timeOf(extent.first));
    DRIFT_ASSIGN(extent.lastTime, m_store->timeOf(last));
    return extent;
  });
}

Result<std::vector<api::HistoryBucket>> EngineDatabase::historySummary(TimeMicros from, TimeMicros to,
                                                                       std::size_t buckets, TreeId table) const {
  return catchBadAlloc([&]() -> Result<std::vector<api::HistoryBucket>> {
    DRIFT_ASSIGN(const auto summary, m_store->summary(from, to, buckets, table));
    std::vector<api::HistoryBucket> result;
    result.reserve(summary.size());
    for (const auto& bucket : summary)
      result.push_back({.start = bucket.start,
                        .end = bucket.end,
                        .commits = bucket.commits,
                        .inserted = bucket.inserted,
                        .updated = bucket.updated,
                        .deleted = bucket.deleted,
                        .schemaChanges = bucket.schemaChanges,
                        .first = bucket.first,
                        .last = bucket.last});
    return result;
  });
}

Result<api::Commit> EngineDatabase::described(const storage::CommitInfo& info) const {
  api::Commit commit{.number = info.number,
                     .time = info.time,
                     .author = info.author,
                     .message = info.message,
                     .changesSchema = info.changesSchema,
                     .tables = {}};
  for (const auto& tree : info.trees) {
    DRIFT_ASSIGN(auto name, m_catalog.nameOf(tree.tree, info.number));
    commit.tables.push_back({tree.tree, std::move(name), tree.inserted, tree.updated, tree.deleted});
  }
  return commit;
}

Result<std::optional<api::Commit>> EngineDatabase::commit(CommitNumber number) const {
  return catchBadAlloc([&]() -> Result<std::optional<api::Commit>> {
    DRIFT_ASSIGN(const auto info, m_store->commitInfo(number));
    if (!info) return std::optional<api::Commit>();
    DRIFT_ASSIGN(auto result, described(*info));
    return std::optional(std::move(result));
  });
}

Result<std::vector<api::Commit>> EngineDatabase::commits(CommitNumber first, std::size_t limit) const {
  return catchBadAlloc([&]() -> Result<std::vector<api::Commit>> {
    DRIFT_ASSIGN(const auto infos, m_store->commitInfos(first, limit));
    std::vector<api::Commit> result;
    result.reserve(infos.size());
    for (const auto& info : infos) {
      DRIFT_ASSIGN(auto commit, described(info));
      result.push_back(std::move(commit));
    }
    return result;
  });
}

Result<CommitNumber> EngineDatabase::knownCommit(CommitNumber at) const {
  const auto last = m_store->lastCommit();
  if (at == kNoCommit) return last;
  if (at > last)
    return makeError(ErrorKind::MomentOutOfRange, "there is no commit {} yet; the last one is {}", at, last);
  if (at != 0) DRIFT_TRY(m_store->checkKept(at));
  return at;
}

Result<api::Schema> EngineDatabase::schemaAt(CommitNumber at) const {
  return catchBadAlloc([&]() -> Result<api::Schema> {
    DRIFT_ASSIGN(const auto number, knownCommit(at));
    DRIFT_ASSIGN(const auto view, m_catalog.viewAt(number));
    DRIFT_ASSIGN(const auto snapshot, m_store->at(number));
    api::Schema schema{.at = number, .tables = {}};
    for (const auto& table : view->tables()) {
      if (table->isView() || table->isSequence()) continue;  // no rows of its own that could be paged through
      auto info = tableInfo(*table);
      info.keptFrom = m_store->horizon(table->id);
      if (number == 0 || number >= info.keptFrom) {
        DRIFT_ASSIGN(info.rowCount, snapshot.rowCount(table->id));
      }
      schema.tables.push_back(std::move(info));
    }
    return schema;
  });
}

Result<api::Page> EngineDatabase::page(const api::PageRequest& request) const {
  return catchBadAlloc([&]() -> Result<api::Page> {
    DRIFT_ASSIGN(const auto number, knownCommit(request.at));
    DRIFT_ASSIGN(const auto view, m_catalog.viewAt(number));
    const auto table = view->find(request.table);
    if (!table)
      return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist at commit {}", request.table, number);
    if (table->isView() || table->isSequence())
      return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a table", request.table);
    DRIFT_ASSIGN(const auto snapshot, m_store->at(number));
    return readPage(snapshot, *table, request);
  });
}

Result<api::VerifyReport> EngineDatabase::verify(std::shared_ptr<std::atomic<bool>> stop) const {
  return catchBadAlloc([&]() -> Result<api::VerifyReport> {
    const runtime::CancelToken cancel(std::move(stop));
    DRIFT_ASSIGN(const auto report, m_store->verify(cancel));
    api::VerifyReport result{.frames = report.frames,
                             .bytes = report.bytes,
                             .commits = report.commits,
                             .epochs = report.epochs,
                             .findings = {}};
    for (const auto& finding : report.findings) result.findings.push_back({finding.offset, finding.sentence});
    const auto note = [&](std::string sentence) {
      if (result.findings.size() < kFindingsMax) result.findings.push_back({0, std::move(sentence)});
    };
    // The newest moment, and two that the number of commits chooses: a second look finds the same.
    const auto last = m_store->lastCommit();
    const std::set<CommitNumber> moments{last, last / 2, last * 0x9e3779b97f4a7c15 % (last + 1)};
    const auto kept = m_store->keptCommits();
    for (const auto wanted : moments) {
      const auto moment = kept.lastUpTo(wanted);
      const auto view = m_catalog.viewAt(moment);
      const auto snapshot = m_store->at(moment);
      for (const auto* error : {view.ok() ? nullptr : &view.error(), snapshot.ok() ? nullptr : &snapshot.error()}) {
        if (!error) continue;
        if (error->kind() != ErrorKind::DataCorrupted) return *error;
        note(fmt::format("the tables as of commit {} cannot be read: {}", moment, error->message()));
      }
      if (view.ok() && snapshot.ok()) DRIFT_TRY(checkIndexes(*m_store, m_catalog, *snapshot, **view, cancel, note));
    }
    return result;
  });
}

Status EngineDatabase::close() {
  if (const int open = m_openSessions; open > 0)
    return makeError(ErrorKind::DependentObjects, "the database cannot be closed: sessions still open: {}", open);
  return m_store->close();
}

}  // namespace drift::session

namespace drift::api {

Result<std::shared_ptr<Database>> Database::open(const std::string& path, const OpenOptions& options) {
  return catchBadAlloc([&]() -> Result<std::shared_ptr<Database>> {
    session::EngineDatabase::Foundation foundation{platform::makeNativeFileSystem(),
                                                   std::make_shared<SystemClock>()};
    DRIFT_ASSIGN(auto database, session::EngineDatabase::open(std::move(foundation), path, options));
    return std::shared_ptr<Database>(std::move(database));
  });
}

Result<SalvageReport> Database::salvage(const std::string& damaged, const std::string& target) {
  return catchBadAlloc([&]() -> Result<SalvageReport> {
    return session::salvage(*platform::makeNativeFileSystem(), damaged, target, SystemClock(), {});
  });
}

}  // namespace drift::api
