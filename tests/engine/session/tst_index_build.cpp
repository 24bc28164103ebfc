// CREATE INDEX beside other writers: nothing is lost, nothing is left over, whatever comes in between.
#include <QtTest>

#include <atomic>
#include <random>
#include <thread>

#include "exec/index_build.h"
#include "platform/faulty_file_system.h"
#include "session_fixture.h"

using namespace drift;
using namespace drift::session::test;

namespace {

constexpr int kRows = 6000;

void fill(SessionFixture& fixture) {
  run(fixture.session(), "CREATE TABLE t (id integer PRIMARY KEY, a integer, note text)");
  const auto filled = run(
      fixture.session(), fmt::format("INSERT INTO t SELECT n, n % 50, 'x' FROM generate_series(1, {}) AS s(n)", kRows));
  QCOMPARE(filled, fmt::format("INSERT 0 {}", kRows));
}

catalog::TableRef tableOf(SessionFixture& fixture) {
  return fixture.database().catalog().viewAt(fixture.database().store().lastCommit()).value()->find("t");
}

/// Compares what the index says with what the table says, for every value, and counts the entries.
void compare(SessionFixture& fixture, TreeId index, const std::string& at = "") {
  auto& session = fixture.session();
  std::string rows[2];
  for (const bool byIndex : {false, true}) {
    run(session, byIndex ? "SET enable_seqscan = off" : "SET enable_indexscan = off");
    for (int a = -2; a < 60; ++a)
      rows[byIndex] +=
          run(session, fmt::format("SELECT count(*), sum(id), min(id) FROM t{} WHERE a = {}", at, a)) + " ";
    run(session, "RESET ALL");
  }
  QCOMPARE(rows[1], rows[0]);
  if (!at.empty()) return;
  const auto latest = fixture.database().store().latest();
  QCOMPARE(latest.rowCount(index).value(), latest.rowCount(tableOf(fixture)->id).value());
}

/// Makes an index known, as the first commit of CREATE INDEX does, and nothing more.
TreeId startIndex(session::EngineDatabase& database, bool unique = false) {
  txn::Transaction transaction(database.store());
  const auto& catalog = database.catalog();
  const auto table = catalog.viewOf(transaction).value()->find("t");
  catalog::Index index{.name = "i", .tree = catalog.allocateTrees(transaction, 1).value(), .columns = {{2}}};
  index.unique = unique;
  if (!catalog.startIndex(transaction, *table, index).ok() || !transaction.commit({}).ok()) qFatal("not started");
  return index.tree;
}

}  // namespace

class TestIndexBuild : public QObject {
  Q_OBJECT

 private slots:
  void writersGoOn() {
    SessionFixture fixture;
    fill(fixture);
    std::atomic<bool> stop = false;
    std::atomic<int> commits = 0;
    std::vector<std::thread> writers;
    std::atomic<int> failures = 0;
    for (unsigned seed = 1; seed <= 2; ++seed)
      writers.emplace_back([&, seed] {
        const auto session = fixture.database().newSession("writer");
        std::mt19937 random(seed);
        for (int next = 0; !stop; ++next) {
          const auto id = 1 + random() % kRows;
          std::string sql;
          switch (random() % 4) {
            case 0: sql = fmt::format("UPDATE t SET a = {} WHERE id = {}", random() % 50, id); break;
            case 1: sql = fmt::format("UPDATE t SET note = '{}' WHERE id = {}", next, id); break;
            case 2: sql = fmt::format("DELETE FROM t WHERE id = {}", id); break;
            default:
              sql = fmt::format("INSERT INTO t VALUES ({}, {}, 'new')", kRows * (seed + 1) + next, random() % 50);
          }
          const auto done = session->execute(sql);
          // The other writer may always be faster; nothing else may go wrong.
          if (!done.ok() && done.error().kind() != ErrorKind::SerializationFailure) ++failures;
          commits += done.ok();
        }
      });
    while (commits < 20) std::this_thread::yield();
    const auto before = commits.load();
    const auto first = fixture.database().store().lastCommit();
    const auto made = run(fixture.session(), "CREATE INDEX i ON t (a)");
    const auto last = fixture.database().store().lastCommit();
    while (commits < before + 50) std::this_thread::yield();
    stop = true;
    for (auto& writer : writers) writer.join();
    QCOMPARE(made, std::string("CREATE INDEX"));
    QCOMPARE(failures.load(), 0);
    QVERIFY(last > first);
    const auto index = tableOf(fixture)->indexes.at(0);
    QVERIFY(!index.building);
    compare(fixture, index.tree);
    for (const auto at : {first, (first + last) / 2, last})
      compare(fixture, index.tree, fmt::format(" AS OF COMMIT {}", at));
    fixture.reopen();
    compare(fixture, index.tree);
  }

  void anIndexBeingBuiltIsKeptButNotRead() {
    SessionFixture fixture;
    fill(fixture);
    startIndex(fixture.database());
    QCOMPARE(run(fixture.session(), "EXPLAIN SELECT id FROM t WHERE a = 7").find("index"), std::string::npos);
    QVERIFY(fixture.database().schemaAt(kNoCommit).value().tables[0].indexes[1].building);
    // Rows without an entry can be changed and deleted, and all columns of rows with one.
    QCOMPARE(run(fixture.session(), "UPDATE t SET a = 70 WHERE id = 7"), std::string("UPDATE 1"));
    QCOMPARE(run(fixture.session(), "UPDATE t SET a = 71 WHERE id = 7"), std::string("UPDATE 1"));
    QCOMPARE(run(fixture.session(), "DELETE FROM t WHERE id IN (7, 8)"), std::string("DELETE 2"));
    QCOMPARE(run(fixture.session(), "SELECT count(*) FROM t WHERE a = 7"), std::to_string(kRows / 50 - 1));
    QCOMPARE(run(fixture.session(), "CREATE INDEX i ON t (note)"), std::string("42P07 relation \"i\" already exists"));
    QCOMPARE(run(fixture.session(), "DROP INDEX i"), std::string("DROP INDEX"));
    QVERIFY(tableOf(fixture)->indexes.empty());
  }

  void aBuildThatWasCutShortIsTakenAwayAtOpen() {
    SessionFixture fixture;
    fill(fixture);
    startIndex(fixture.database());
    run(fixture.session(), "INSERT INTO t VALUES (100000, 7, 'y')");
    const auto beforeOpen = fixture.database().store().lastCommit();
    api::OpenOptions readOnly;
    readOnly.readOnly = true;
    fixture.reopen(readOnly);
    QVERIFY(tableOf(fixture)->indexes.at(0).building);
    QCOMPARE(run(fixture.session(), "SELECT count(*) FROM t WHERE a = 7"), std::to_string(kRows / 50 + 1));
    fixture.reopen();
    QVERIFY(fixture.database().openNotice().find("i") != std::string::npos);
    QVERIFY(tableOf(fixture)->indexes.empty());
    QCOMPARE(fixture.database().store().lastCommit(), beforeOpen + 1);
    fixture.reopen();
    QCOMPARE(fixture.database().openNotice(), std::string());
    QCOMPARE(fixture.database().store().lastCommit(), beforeOpen + 1);
    QCOMPARE(run(fixture.session(), "CREATE INDEX i ON t (a)"), std::string("CREATE INDEX"));
    compare(fixture, tableOf(fixture)->indexes.at(0).tree);
  }

  void aFullDiskKeepsNobodyFromReading() {
    platform::MemoryFileSystem files;
    const auto faulty = std::make_shared<platform::FaultyFileSystem>(files);
    const auto clock = std::make_shared<ManualClock>(1'700'000'000'000'000);
    api::OpenOptions options;
    options.create = true;
    auto database = session::EngineDatabase::open({faulty, clock}, "x.drift", options).value();
    run(*database->newSession("a"), "CREATE TABLE t (id integer PRIMARY KEY, a integer)");
    run(*database->newSession("a"), "INSERT INTO t VALUES (1, 7)");
    startIndex(*database);
    QVERIFY(database->close().ok());
    database.reset();
    faulty->inject({.operation = platform::Operation::Write, .fault = platform::Fault::DiskFull, .forGood = true});
    options.create = false;
    auto opened = session::EngineDatabase::open({faulty, clock}, "x.drift", options);
    QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().toString().c_str());
    QVERIFY((*opened)->openNotice().find("could not be taken away") != std::string::npos);
    QCOMPARE(run(*(*opened)->newSession("a"), "SELECT id FROM t WHERE a = 7"), std::string("1"));
    QVERIFY((*opened)->schemaAt(kNoCommit).value().tables[0].indexes[1].building);
    opened->reset();
    faulty->heal();
    database = session::EngineDatabase::open({faulty, clock}, "x.drift", options).value();
    QVERIFY(database->openNotice().find("was taken away") != std::string::npos);
    QCOMPARE(database->schemaAt(kNoCommit).value().tables[0].indexes.size(), std::size_t(1));
  }

  void duplicatesEndTheBuildAndTheIndexGoes() {
    SessionFixture fixture;
    fill(fixture);
    const auto made = fixture.session().execute("CREATE UNIQUE INDEX i ON t (a)");
    QVERIFY(!made.ok());
    QCOMPARE(made.error().kind(), ErrorKind::UniqueViolation);
    QCOMPARE(made.error().message(), std::string("could not create unique index \"i\""));
    QCOMPARE(made.error().detail(), std::string("Key (a)=(1) is duplicated."));
    QVERIFY(tableOf(fixture)->indexes.empty());
    QCOMPARE(run(fixture.session(), "INSERT INTO t VALUES (100000, 7, 'y')"), std::string("INSERT 0 1"));
    QCOMPARE(run(fixture.session(), "CREATE UNIQUE INDEX i ON t (id, a)"), std::string("CREATE INDEX"));
  }

  void aTransactionFromBeforeFailsAndOneFromAfterKeepsTheIndex() {
    SessionFixture fixture;
    fill(fixture);
    const auto other = fixture.database().newSession("other");
    run(*other, "BEGIN");
    run(*other, "INSERT INTO t VALUES (100000, 7, 'y')");
    QCOMPARE(run(fixture.session(), "CREATE INDEX i ON t (a)"), std::string("CREATE INDEX"));
    QVERIFY(run(*other, "COMMIT").starts_with("40001"));
    run(*other, "BEGIN");
    run(*other, "INSERT INTO t VALUES (100000, 7, 'y')");
    QCOMPARE(run(*other, "COMMIT"), std::string("COMMIT"));
    compare(fixture, tableOf(fixture)->indexes.at(0).tree);
  }

  void aBuildMeetsAWriterInTheMiddle() {
    // Another session takes away, moves and keeps rows whose turn has not come, in a transaction that ends after it.
    for (const auto* sql : {"DELETE FROM t WHERE id = 7", "UPDATE t SET a = 55 WHERE id = 7",
                            "UPDATE t SET note = 'z' WHERE id = 7", "UPDATE t SET id = 99999 WHERE id = 7"}) {
      SessionFixture fixture;
      fill(fixture);
      const auto tree = startIndex(fixture.database());
      const auto other = fixture.database().newSession("other");
      run(*other, "BEGIN");
      run(*other, sql);
      // The batch of that row, as the build makes it.
      exec::IndexBuild build{.table = tableOf(fixture)->id, .index = tree};
      runtime::MemoryBudget memory(64u << 20);
      const runtime::QueryContext context{fixture.clock(), {}, memory, fixture.clock().now()};
      txn::Transaction transaction(fixture.database().store());
      const exec::ExecutionEnvironment environment{transaction, fixture.database().catalog(),
                                                   fixture.database().registry(), context,
                                                   fixture.database().files()};
      const auto batch = exec::buildBatch(build, kRows, environment);
      QVERIFY(batch.ok());
      QCOMPARE(batch->rows, std::uint64_t(kRows));
      QVERIFY(transaction.commit({}).ok());
      const bool touchesIndex = std::string(sql).find("note") == std::string::npos;
      QCOMPARE(run(*other, "COMMIT").starts_with("40001"), touchesIndex);
      const auto latest = fixture.database().store().latest();
      QCOMPARE(latest.rowCount(tree).value(), std::uint64_t(kRows));
    }
  }

  void aBatchThatMeetsAChangedRowIsRunAgain() {
    for (const auto* sql :
         {"DELETE FROM t WHERE id = 7", "UPDATE t SET a = 55 WHERE id = 7", "UPDATE t SET note = 'z' WHERE id = 7"}) {
      SessionFixture fixture;
      fill(fixture);
      const auto tree = startIndex(fixture.database());
      exec::IndexBuild build{.table = tableOf(fixture)->id, .index = tree};
      runtime::MemoryBudget memory(64u << 20);
      const runtime::QueryContext context{fixture.clock(), {}, memory, fixture.clock().now()};
      txn::Transaction transaction(fixture.database().store());
      const exec::ExecutionEnvironment environment{transaction, fixture.database().catalog(),
                                                   fixture.database().registry(), context,
                                                   fixture.database().files()};
      QVERIFY(exec::buildBatch(build, kRows, environment).ok());
      run(fixture.session(), sql);
      const auto committed = transaction.commit({});
      const bool touchesIndex = std::string(sql).find("note") == std::string::npos;
      QCOMPARE(committed.ok(), !touchesIndex);
      if (touchesIndex) QCOMPARE(committed.error().kind(), ErrorKind::SerializationFailure);
    }
  }

  void indexesCountInNoCommit() {
    SessionFixture fixture;
    fill(fixture);
    const auto first = fixture.database().store().lastCommit();
    run(fixture.session(), "CREATE INDEX i ON t (a)");
    run(fixture.session(), "UPDATE t SET a = 1 WHERE id = 7");
    const auto made = fixture.database().commits(first + 1, 100).value();
    for (const auto& commit : made) {
      const bool isUpdate = commit.message.starts_with("UPDATE");
      QCOMPARE(commit.tables.size(), std::size_t(isUpdate));
      QVERIFY(!commit.message.empty());
    }
    const auto all = fixture.database().commits(1, 100).value();
    QCOMPARE(all.back().tables.at(0).updated, 1u);
  }

  void whatIsNotIndexedDoesNotTouchTheIndex() {
    SessionFixture fixture;
    fill(fixture);
    run(fixture.session(), "CREATE INDEX i ON t (a)");
    const auto tree = tableOf(fixture)->indexes.at(0).tree;
    const auto& store = fixture.database().store();
    const auto before = store.lastChange(tree, store.lastCommit()).value();
    run(fixture.session(), "UPDATE t SET note = 'changed'");
    QCOMPARE(store.lastChange(tree, store.lastCommit()).value(), before);
    run(fixture.session(), "UPDATE t SET a = a + 1 WHERE id = 7");
    QCOMPARE(store.lastChange(tree, store.lastCommit()).value(), store.lastCommit());
  }
};

QTEST_APPLESS_MAIN(TestIndexBuild)
#include "tst_index_build.moc"
