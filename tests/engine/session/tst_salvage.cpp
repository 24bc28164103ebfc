// Salvage with indexes: whatever commits are lost, the indexes of the new file agree with its tables at every moment.
#include <random>
#include <set>

#include "session/index_check.h"
#include "session/salvage.h"
#include "session_fixture.h"
#include "storage/frame_file.h"
#include "storage/superblock.h"

using namespace drift;
using namespace drift::session;
using namespace drift::session::test;

namespace {

constexpr auto kDamaged = "damaged.drift";
constexpr auto kSaved = "saved.drift";

std::shared_ptr<EngineDatabase> open(const std::shared_ptr<platform::MemoryFileSystem>& files, const char* path,
                                     bool create) {
  api::OpenOptions options;
  options.create = create;
  options.durability = api::OpenOptions::Durability::Off;
  auto made = EngineDatabase::open({files, std::make_shared<ManualClock>(1'700'000'000'000'000)}, path, options);
  if (!made.ok()) qFatal("%s", made.error().toString().c_str());
  return std::move(made).value();
}

}  // namespace

class TestSalvage : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_files = std::make_shared<platform::MemoryFileSystem>();
    m_database = open(m_files, kDamaged, true);
    m_session = m_database->newSession("tester");
  }

  void cleanup() {
    m_session.reset();
    m_database.reset();
  }

  void entriesOfLostRowsAreMadeAnew() {
    commit("CREATE TABLE t (id integer PRIMARY KEY, name text, n integer)");
    commit("CREATE INDEX t_name ON t (name)");
    commit("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)");
    commit("UPDATE t SET name = 'c' WHERE id = 1");
    commit("UPDATE t SET n = 5");
    // Without commit 3 the update of commit 5 brings both rows back, and says nothing of names.
    const auto report = salvaged({3});
    QCOMPARE(report.notes.size(), std::size_t{0});
    check();
    QCOMPARE(saved("SELECT id, n FROM t WHERE name = 'c'"), QString("1|5"));
    QCOMPARE(saved("SELECT id FROM t WHERE name = 'a'"), QString());
    QVERIFY(saved("EXPLAIN SELECT id FROM t WHERE name = 'c'").contains("by index t_name"));
  }

  void anIndexWhoseMakingIsLostIsFilled() {
    commit("CREATE TABLE t (id integer PRIMARY KEY, n integer)");
    commit("INSERT INTO t SELECT s, s % 10 FROM generate_series(1, 5000) AS g(s)");
    commit("CREATE INDEX t_n ON t (n)");
    commit("ALTER TABLE t ADD COLUMN more text");
    const auto last = m_database->store().lastCommit();
    for (std::size_t lost = 3; lost < last; ++lost) {
      salvaged({lost});
      check();
      QCOMPARE(saved("SELECT count(*) FROM t WHERE n = 3"), QString("500"));
    }
  }

  void aUniqueIndexThatDoesNotHoldIsLeftOut() {
    commit("CREATE TABLE t (id integer PRIMARY KEY, name text UNIQUE, n integer)");
    commit("CREATE INDEX t_n ON t (n)");
    commit("CREATE TABLE u (id integer PRIMARY KEY, name text REFERENCES t (name))");
    commit("INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2)");
    commit("DELETE FROM t WHERE id = 1");
    commit("INSERT INTO t VALUES (3, 'a', 3)");
    commit("ALTER TABLE t ADD COLUMN more text");
    commit("INSERT INTO t VALUES (4, 'd', 3)");
    const auto report = salvaged({5});
    QCOMPARE(report.lost.size(), std::size_t{1});
    QCOMPARE(report.notes.size(), std::size_t{2});
    QCOMPARE(report.notes[0],
             std::string("unique index \"t_name_key\" of table \"t\" is left out from commit 5 on: two rows have the "
                         "same (name)"));
    QCOMPARE(report.notes[1],
             std::string("foreign key \"u_name_fkey\" of table \"u\" is left out with the index that it needs"));
    check();
    QCOMPARE(saved("SELECT id FROM t WHERE name = 'a' ORDER BY id"), QString("1;3"));
    QCOMPARE(saved("SELECT id FROM t WHERE n = 3 ORDER BY id"), QString("3;4"));
    QCOMPARE(saved("INSERT INTO t (id, name) VALUES (5, 'b')"), QString("INSERT 0 1"));
  }

  void whateverIsLost() {
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 3;
    qInfo("seed %d", seed);
    std::mt19937 random(static_cast<unsigned>(seed));
    const auto below = [&](unsigned bound) { return static_cast<unsigned>(random() % bound); };
    commit("CREATE TABLE t (id integer PRIMARY KEY, name text UNIQUE, a integer, b numeric)");
    commit("CREATE INDEX t_ab ON t (a, b DESC)");
    for (int n = 0; n < 60; ++n) {
      const auto id = std::to_string(below(40));
      const auto name = below(4) == 0 ? std::string("NULL") : "'name " + std::to_string(below(60)) + "'";
      switch (below(8)) {
        case 0: tryCommit("DELETE FROM t WHERE id = " + id); break;
        case 1: tryCommit("UPDATE t SET a = a + 1 WHERE id > " + id); break;
        case 2: tryCommit("UPDATE t SET name = " + name + " WHERE id = " + id); break;
        case 3: tryCommit("UPDATE t SET b = b / 2, id = id + 100 WHERE id = " + id); break;
        default:
          tryCommit("INSERT INTO t VALUES (" + id + ", " + name + ", " + std::to_string(below(5)) + ", " + id + ".5)");
      }
      if (n == 20) tryCommit("ALTER TABLE t ADD COLUMN c integer DEFAULT 4");
      if (n == 25) tryCommit("CREATE UNIQUE INDEX t_ac ON t (a, id)");
      if (n == 40) tryCommit("DROP INDEX t_ab");
      if (n == 30) QVERIFY(m_database->store().checkpoint().ok());
    }
    for (int round = 0; round < 25; ++round) {
      std::set<std::size_t> lost;
      for (auto hits = 1 + below(4); hits > 0; --hits)
        lost.insert(1 + below(static_cast<unsigned>(m_database->store().lastCommit())));
      salvaged(lost);
      check();
      if (QTest::currentTestFailed()) return;
    }
  }

 private:
  void commit(const std::string& sql) { mustRun(*m_session, sql); }
  void tryCommit(const std::string& sql) { run(*m_session, sql); }

  /// Where the frames of commits begin: starts[n] is that of commit n.
  std::vector<std::uint64_t> commitStarts() const {
    const auto file = m_files->open(kDamaged, platform::OpenMode::ReadOnly).value();
    const auto seed = storage::readSuperblocks(*file, kDamaged)->newest.frameSeed();
    const auto fileBytes = file->size().value();
    std::vector<std::uint64_t> starts{0};
    Bytes payload;
    for (auto offset = storage::kFirstFrameOffset; offset < fileBytes;) {
      const auto frame = storage::scanFrame(*file, offset, fileBytes, seed, payload);
      if (!frame.ok()) break;
      if (frame->header.kind == storage::FrameKind::Commit) starts.push_back(offset);
      offset = frame->ref.end();
    }
    return starts;
  }

  /// Salvages a copy in which some commits are damaged.
  api::SalvageReport salvaged(const std::set<std::size_t>& lost) {
    auto bytes = m_files->contents(kDamaged);
    const auto starts = commitStarts();
    for (const auto number : lost) bytes[starts[number] + 60] ^= std::byte{0x10};
    m_copies = std::make_shared<platform::MemoryFileSystem>();
    m_copies->setContents(kDamaged, std::move(bytes));
    auto report = session::salvage(*m_copies, kDamaged, kSaved, ManualClock(1'700'000'000'000'000), {});
    if (!report.ok()) qFatal("%s", report.error().toString().c_str());
    return std::move(report).value();
  }

  /// Each index against its table at each moment, and the file by itself.
  void check() {
    const auto database = open(m_copies, kSaved, false);
    auto& store = database->store();
    for (CommitNumber number = 1; number <= store.lastCommit(); ++number) {
      const auto snapshot = store.at(number);
      const auto view = database->catalog().viewAt(number);
      QVERIFY(snapshot.ok() && view.ok());
      std::string found;
      const auto note = [&](const std::string& sentence) { found = sentence; };
      QVERIFY(checkIndexes(store, database->catalog(), *snapshot, **view, {}, note).ok());
      QVERIFY2(found.empty(), found.c_str());
    }
    const auto report = store.verify({});
    QVERIFY(report.ok());
    QVERIFY2(report->findings.empty(), report->findings.empty() ? "" : report->findings.front().sentence.c_str());
  }

  QString saved(const std::string& sql) {
    const auto database = open(m_copies, kSaved, false);
    const auto session = database->newSession("tester");
    run(*session, "SET enable_seqscan = off");
    return QString::fromStdString(run(*session, sql));
  }

  std::shared_ptr<platform::MemoryFileSystem> m_files;
  std::shared_ptr<platform::MemoryFileSystem> m_copies;
  std::shared_ptr<EngineDatabase> m_database;
  std::unique_ptr<api::Session> m_session;
};

QTEST_APPLESS_MAIN(TestSalvage)
#include "tst_salvage.moc"
