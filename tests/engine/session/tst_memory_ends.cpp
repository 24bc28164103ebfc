// Memory runs out in a statement: it is an error, what was there before it stays, and what was committed is told.
#include <QtTest>

#include "../../faults/failing_memory.h"
#include "session_fixture.h"

using namespace drift;
using namespace drift::faults;
using namespace drift::session;
using namespace drift::session::test;

class TestMemoryEnds : public QObject {
  Q_OBJECT

 private slots:
  void aStatementIsDoneOrNot_data() {
    QTest::addColumn<bool>("forGood");
    QTest::newRow("once") << false;
    QTest::newRow("for good") << true;
  }
  void aStatementIsDoneOrNot() {
    QFETCH(bool, forGood);
    Watchdog watchdog(3);
    int failures = 0;
    for (std::int64_t number = 0;; number += 5) {
      watchdog.step(number);
      SessionFixture fixture;
      auto& session = fixture.session();
      mustRun(session, "CREATE TABLE t (id integer PRIMARY KEY, name text UNIQUE)");
      mustRun(session, "INSERT INTO t VALUES (1, 'a'), (2, 'b')");
      const auto before = fixture.database().store().lastCommit();

      FailingMemory::begin(number, forGood);
      const auto updated = session.execute("UPDATE t SET name = name || '!' WHERE id > 0");
      const bool met = FailingMemory::end();

      const auto after = fixture.database().store().lastCommit();
      if (updated.ok()) {
        QCOMPARE(after, before + 1);
      } else {
        ++failures;
        QCOMPARE(updated.error().kind(), ErrorKind::OutOfMemory);
        const bool told = updated.error().message().find("they are kept") != std::string::npos;
        QCOMPARE(after, told ? before + 1 : before);
      }
      QCOMPARE(run(session, "SELECT * FROM t ORDER BY id"), after > before ? "1|a!;2|b!" : "1|a;2|b");
      if (!met) break;
    }
    QVERIFY(failures > 10);
  }

  void aBlockFailsAndCanBeRolledBack() {
    Watchdog watchdog(3);
    for (std::int64_t number = 0;; number += 7) {
      watchdog.step(number);
      SessionFixture fixture;
      auto& session = fixture.session();
      mustRun(session, "CREATE TABLE t (id integer PRIMARY KEY, name text UNIQUE)");
      mustRun(session, "BEGIN");
      mustRun(session, "INSERT INTO t VALUES (1, 'a')");
      mustRun(session, "SAVEPOINT s");

      FailingMemory::begin(number, false);
      const auto inserted = session.execute("INSERT INTO t VALUES (2, 'b'), (3, 'c')");
      const bool met = FailingMemory::end();

      if (!inserted.ok()) {
        QCOMPARE(inserted.error().kind(), ErrorKind::OutOfMemory);
        QVERIFY(run(session, "SELECT 1").starts_with("25P02"));
      }
      QCOMPARE(run(session, "ROLLBACK TO SAVEPOINT s"), "ROLLBACK");
      QCOMPARE(run(session, "INSERT INTO t VALUES (2, 'd')"), "INSERT 0 1");
      QCOMPARE(run(session, "COMMIT"), "COMMIT");
      QCOMPARE(run(session, "SELECT * FROM t ORDER BY id"), "1|a;2|d");
      if (!met) break;
    }
  }

  void queriesEndWithAnError() {
    Watchdog watchdog(3);
    SessionFixture fixture;
    auto& session = fixture.session();
    mustRun(session, "CREATE TABLE t (id integer PRIMARY KEY, name text)");
    mustRun(session, "INSERT INTO t SELECT generate_series, 'name ' || generate_series FROM generate_series(1, 500)");
    constexpr auto kQuery = "SELECT name, count(*) FROM t WHERE id % 2 = 0 GROUP BY name ORDER BY name LIMIT 3";
    const auto expected = run(session, kQuery);
    for (std::int64_t number = 0;; number += 5) {
      watchdog.step(number);
      std::optional<Error> error;
      std::string rows;
      FailingMemory::begin(number, number % 2 == 0);
      auto result = session.execute(kQuery);
      if (!result.ok()) error = std::move(result).error();
      for (types::Chunk chunk; result.ok();) {
        auto any = (*result)->next(chunk);
        if (!any.ok()) error = std::move(any).error();
        if (!any.ok() || !*any) break;
      }
      const bool met = FailingMemory::end();
      if (error) QCOMPARE(error->kind(), ErrorKind::OutOfMemory);
      QCOMPARE(run(session, kQuery), expected);
      if (!met) break;
    }
  }
};

QTEST_APPLESS_MAIN(TestMemoryEnds)
#include "tst_memory_ends.moc"
