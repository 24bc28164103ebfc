// Transactions through the public interface: blocks, savepoints, conflicts, modes.
#include <QtTest>

#include "session_fixture.h"

using namespace drift;
using namespace drift::session::test;

namespace {

void fill(SessionFixture& fixture) {
  QCOMPARE(run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY, a INTEGER, b TEXT)"),
           std::string("CREATE TABLE"));
  QCOMPARE(run(fixture.session(), "INSERT INTO t VALUES (1, 10, 'one'), (2, 20, 'two')"),
           std::string("INSERT 0 2"));
}

std::string state(const std::string& outcome) { return outcome.substr(0, 5); }

}  // namespace

class TestTransactions : public QObject {
  Q_OBJECT

 private slots:
  // Trap 26.
  void readsSeeOwnWrites() {
    SessionFixture fixture;
    auto& session = fixture.session();
    fill(fixture);
    run(session, "CREATE TABLE other (id INTEGER PRIMARY KEY, a INTEGER)");
    run(session, "BEGIN");
    run(session, "UPDATE t SET a = 11 WHERE id = 1");
    run(session, "UPDATE t SET b = 'uno' WHERE id = 1");  // keeps the first one's column
    run(session, "INSERT INTO other VALUES (1, 99)");     // the same key in another table
    QCOMPARE(run(session, "SELECT * FROM t ORDER BY id"), std::string("1|11|uno;2|20|two"));
    QCOMPARE(run(session, "SELECT * FROM other"), std::string("1|99"));
    QCOMPARE(run(session, "COMMIT"), std::string("COMMIT"));
    QCOMPARE(run(session, "SELECT * FROM t ORDER BY id"), std::string("1|11|uno;2|20|two"));
    QCOMPARE(run(session, "SELECT * FROM other"), std::string("1|99"));
  }

  // Trap 27.
  void blockSpansStatementsAndRollbackUndoesAllOfIt() {
    SessionFixture fixture;
    auto& session = fixture.session();
    const auto other = fixture.database().newSession("other");
    fill(fixture);
    const auto before = fixture.database().extent()->last;
    QCOMPARE(run(session, "BEGIN"), std::string("BEGIN"));
    QVERIFY(session.inTransaction());
    run(session, "INSERT INTO t VALUES (3, 30, 'three')");
    run(session, "DELETE FROM t WHERE id = 1");
    run(session, "CREATE TABLE made (x INTEGER)");
    QCOMPARE(run(*other, "SELECT count(*) FROM t"), std::string("2"));
    QCOMPARE(state(run(*other, "SELECT * FROM made")), std::string("42P01"));
    QCOMPARE(run(session, "ROLLBACK"), std::string("ROLLBACK"));
    QVERIFY(!session.inTransaction());
    QCOMPARE(run(session, "SELECT id FROM t ORDER BY id"), std::string("1;2"));
    QCOMPARE(state(run(session, "SELECT * FROM made")), std::string("42P01"));
    QCOMPARE(fixture.database().extent()->last, before);

    run(session, "BEGIN");
    run(session, "INSERT INTO t VALUES (3, 30, 'three')");
    run(session, "UPDATE t SET a = 0 WHERE id = 3");
    const auto committed = mustRun(session, "COMMIT");
    QCOMPARE(committed->committed(), std::optional(before + 1));  // all of it is one commit
    QCOMPARE(run(*other, "SELECT a FROM t WHERE id = 3"), std::string("0"));
  }

  // Trap 29, the part above the file: a statement that fails leaves nothing of itself.
  void failedStatementLeavesNothing() {
    SessionFixture fixture;
    auto& session = fixture.session();
    fill(fixture);
    const auto before = fixture.database().extent()->last;
    QCOMPARE(state(run(session, "INSERT INTO t VALUES (3, 30, 'x'), (4, 40, 'y'), (1, 0, 'again')")),
             std::string("23505"));
    QCOMPARE(run(session, "SELECT count(*) FROM t"), std::string("2"));
    QCOMPARE(fixture.database().extent()->last, before);

    run(session, "BEGIN");
    run(session, "INSERT INTO t VALUES (5, 50, 'z')");
    run(session, "SAVEPOINT s");
    QCOMPARE(state(run(session, "INSERT INTO t VALUES (6, 60, 'x'), (5, 0, 'again')")), std::string("23505"));
    run(session, "ROLLBACK TO SAVEPOINT s");
    QCOMPARE(run(session, "SELECT id FROM t ORDER BY id"), std::string("1;2;5"));
    run(session, "COMMIT");
    QCOMPARE(run(session, "SELECT id FROM t ORDER BY id"), std::string("1;2;5"));
  }

  void errorFailsTheBlockUntilItsEnd_data() {
    QTest::addColumn<QString>("mistake");
    QTest::newRow("syntax") << "SELEC 1";
    QTest::newRow("unknown table") << "SELECT * FROM nowhere";
    QTest::newRow("constraint") << "INSERT INTO t VALUES (1, 0, 'again')";
    QTest::newRow("while rows are read") << "SELECT 1 / (a - 10) FROM t";
    QTest::newRow("unknown savepoint") << "ROLLBACK TO SAVEPOINT nowhere";
    QTest::newRow("unknown setting") << "SET nonsense = 1";
  }
  void errorFailsTheBlockUntilItsEnd() {
    QFETCH(QString, mistake);
    SessionFixture fixture;
    auto& session = fixture.session();
    fill(fixture);
    run(session, "BEGIN");
    run(session, "INSERT INTO t VALUES (3, 30, 'three')");
    run(session, mistake.toStdString());
    QCOMPARE(state(run(session, "SELECT 1")), std::string("25P02"));
    QCOMPARE(state(run(session, "INSERT INTO t VALUES (4, 40, 'four')")), std::string("25P02"));
    QCOMPARE(state(run(session, "SAVEPOINT late")), std::string("25P02"));
    QVERIFY(session.inTransaction());
    QCOMPARE(run(session, "COMMIT"), std::string("ROLLBACK"));  // PostgreSQL's answer
    QCOMPARE(run(session, "SELECT count(*) FROM t"), std::string("2"));
  }

  void savepointMendsAFailedBlock() {
    SessionFixture fixture;
    auto& session = fixture.session();
    fill(fixture);
    run(session, "BEGIN");
    run(session, "INSERT INTO t VALUES (3, 30, 'three')");
    QCOMPARE(run(session, "SAVEPOINT a"), std::string("SAVEPOINT"));
    run(session, "INSERT INTO t VALUES (4, 40, 'four')");
    run(session, "SAVEPOINT a");  // hides the first
    run(session, "INSERT INTO t VALUES (5, 50, 'five')");
    run(session, "SELECT * FROM nowhere");
    QCOMPARE(run(session, "ROLLBACK TO SAVEPOINT a"), std::string("ROLLBACK"));
    QCOMPARE(run(session, "SELECT id FROM t ORDER BY id"), std::string("1;2;3;4"));
    QCOMPARE(run(session, "RELEASE SAVEPOINT a"), std::string("RELEASE"));
    run(session, "ROLLBACK TO SAVEPOINT a");  // the first one is seen again
    QCOMPARE(run(session, "SELECT id FROM t ORDER BY id"), std::string("1;2;3"));
    run(session, "RELEASE SAVEPOINT a");
    QCOMPARE(state(run(session, "ROLLBACK TO SAVEPOINT a")), std::string("42704"));
    run(session, "ROLLBACK");
  }

  void statementsOutsideABlock_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("outcome");
    QTest::newRow("COMMIT does nothing") << "COMMIT" << "COMMIT";
    QTest::newRow("ROLLBACK does nothing") << "ROLLBACK" << "ROLLBACK";
    QTest::newRow("SAVEPOINT") << "SAVEPOINT a" << "25P01 SAVEPOINT can only be used in transaction blocks";
    QTest::newRow("RELEASE") << "RELEASE SAVEPOINT a"
                             << "25P01 RELEASE SAVEPOINT can only be used in transaction blocks";
    QTest::newRow("ROLLBACK TO") << "ROLLBACK TO SAVEPOINT a"
                                 << "25P01 ROLLBACK TO SAVEPOINT can only be used in transaction blocks";
  }
  void statementsOutsideABlock() {
    QFETCH(QString, sql);
    QFETCH(QString, outcome);
    SessionFixture fixture;
    QCOMPARE(QString::fromStdString(run(fixture.session(), sql.toStdString())), outcome);
  }

  void beginInABlock() {
    SessionFixture fixture;
    auto& session = fixture.session();
    fill(fixture);
    run(session, "BEGIN");
    run(session, "INSERT INTO t VALUES (3, 30, 'three')");
    QCOMPARE(run(session, "BEGIN"), std::string("BEGIN"));  // PostgreSQL warns, and goes on
    QCOMPARE(run(session, "SELECT count(*) FROM t"), std::string("3"));
    QCOMPARE(state(run(session, "BEGIN READ ONLY")), std::string("25001"));
    run(session, "ROLLBACK");
  }

  // Trap 28.
  void isolationIsWhatWasAskedFor() {
    SessionFixture fixture;
    auto& session = fixture.session();
    const auto other = fixture.database().newSession("other");
    fill(fixture);
    run(session, "BEGIN ISOLATION LEVEL REPEATABLE READ");
    QCOMPARE(run(session, "SHOW transaction_isolation"), std::string("repeatable read"));
    QCOMPARE(run(session, "SELECT a FROM t WHERE id = 1"), std::string("10"));
    run(*other, "UPDATE t SET a = 77 WHERE id = 1");
    QCOMPARE(run(session, "SELECT a FROM t WHERE id = 1"), std::string("10"));
    run(session, "UPDATE t SET a = a + 1 WHERE id = 1");
    QCOMPARE(state(run(session, "COMMIT")), std::string("40001"));
    QVERIFY(!session.inTransaction());
    QCOMPARE(run(session, "SELECT a FROM t WHERE id = 1"), std::string("77"));  // no update is lost
    QCOMPARE(state(run(session, "BEGIN ISOLATION LEVEL SERIALIZABLE")), std::string("0A000"));
    QVERIFY(!session.inTransaction());
  }

  void uniqueValuesOfTwoSessionsConflict() {
    SessionFixture fixture;
    auto& session = fixture.session();
    const auto other = fixture.database().newSession("other");
    run(session, "CREATE TABLE u (id INTEGER PRIMARY KEY, mail TEXT UNIQUE)");
    run(session, "BEGIN");
    run(*other, "BEGIN");
    QCOMPARE(run(session, "INSERT INTO u VALUES (1, 'same')"), std::string("INSERT 0 1"));
    QCOMPARE(run(*other, "INSERT INTO u VALUES (2, 'same')"), std::string("INSERT 0 1"));
    QCOMPARE(run(session, "COMMIT"), std::string("COMMIT"));
    QCOMPARE(state(run(*other, "COMMIT")), std::string("40001"));
    QCOMPARE(run(session, "SELECT count(*) FROM u"), std::string("1"));
  }

  void hiddenRowNumbersOfTwoSessionsDoNotOverwrite() {
    SessionFixture fixture;
    auto& session = fixture.session();
    const auto other = fixture.database().newSession("other");
    run(session, "CREATE TABLE notes (note TEXT)");
    run(session, "BEGIN");
    run(session, "INSERT INTO notes VALUES ('mine')");
    run(*other, "INSERT INTO notes VALUES ('theirs')");
    const auto outcome = run(session, "COMMIT");
    const auto notes = run(session, "SELECT note FROM notes ORDER BY note");
    if (outcome == "COMMIT") QCOMPARE(notes, std::string("mine;theirs"));
    else QCOMPARE(state(outcome) + " " + notes, std::string("40001 theirs"));
  }

  void readOnlyIsEnforced_data() {
    QTest::addColumn<QString>("begin");
    QTest::newRow("BEGIN READ ONLY") << "BEGIN READ ONLY";
    QTest::newRow("SET TRANSACTION") << "BEGIN; SET TRANSACTION READ ONLY";
    QTest::newRow("session's default") << "SET default_transaction_read_only = on; BEGIN";
    QTest::newRow("lone statement") << "SET default_transaction_read_only = on";
    QTest::newRow("session characteristics") << "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY";
  }
  void readOnlyIsEnforced() {
    QFETCH(QString, begin);
    SessionFixture fixture;
    auto& session = fixture.session();
    fill(fixture);
    for (const auto& statement : begin.split(';')) run(session, statement.toStdString());
    QCOMPARE(run(session, "SHOW transaction_read_only"), std::string("on"));
    QCOMPARE(run(session, "SELECT count(*) FROM t"), std::string("2"));
    QCOMPARE(state(run(session, "UPDATE t SET a = 0")), std::string("25006"));
    run(session, "ROLLBACK");
    QCOMPARE(run(session, "SELECT a FROM t ORDER BY id"), std::string("10;20"));
  }

  void settingsFollowTheTransaction() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "SET application_name = 'before'");
    run(session, "BEGIN");
    run(session, "SET application_name = 'inside'");
    run(session, "SET LOCAL query_memory = '1GB'");
    QCOMPARE(run(session, "SHOW query_memory"), std::string("1024MB"));
    run(session, "ROLLBACK");
    QCOMPARE(run(session, "SHOW application_name"), std::string("before"));
    QCOMPARE(run(session, "SHOW query_memory"), std::string("512MB"));
    run(session, "BEGIN");
    run(session, "SET application_name = 'kept'");
    run(session, "SET LOCAL query_memory = '1GB'");
    run(session, "COMMIT");
    QCOMPARE(run(session, "SHOW application_name"), std::string("kept"));
    QCOMPARE(run(session, "SHOW query_memory"), std::string("512MB"));
    run(session, "SET LOCAL query_memory = '1GB'");  // lasts for nothing but itself
    QCOMPARE(run(session, "SHOW query_memory"), std::string("512MB"));
  }

  void loneStatementRunsAgainWhenAnotherCommitWasFaster() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE counter (id INTEGER PRIMARY KEY, n INTEGER)");
    run(session, "INSERT INTO counter VALUES (1, 0)");
    constexpr int kThreads = 2;
    constexpr int kRounds = 100;
    std::vector<std::thread> threads;
    std::atomic<int> failures{0};
    for (int at = 0; at < kThreads; ++at)
      threads.emplace_back([&] {
        const auto own = fixture.database().newSession("counter");
        for (int round = 0; round < kRounds; ++round) {
          auto outcome = run(*own, "UPDATE counter SET n = n + 1 WHERE id = 1");
          // Where even running again did not help, the statement says so and changed nothing.
          while (outcome.starts_with("40001")) outcome = run(*own, "UPDATE counter SET n = n + 1 WHERE id = 1");
          if (outcome != "UPDATE 1") ++failures;
        }
      });
    for (auto& thread : threads) thread.join();
    QCOMPARE(failures.load(), 0);
    QCOMPARE(run(session, "SELECT n FROM counter"), std::to_string(kThreads * kRounds));
  }
};

QTEST_APPLESS_MAIN(TestTransactions)
#include "tst_transactions.moc"
