// Statements, results, moments and the catalogue of a database through the public interface.
#include <QtTest>

#include "session_fixture.h"

using namespace drift;
using namespace drift::session::test;

namespace {

std::string state(const std::string& outcome) { return outcome.substr(0, 5); }

/// t with rows 1..5000 in one commit, made on the engine's side.
void fillMany(SessionFixture& fixture, int rows) {
  run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'unnamed')");
  const std::vector<types::Type> types{types::TypeId::Integer};
  const std::vector<std::string> columns{"id"};
  QCOMPARE(run(fixture.session(), "BEGIN"), std::string("BEGIN"));
  for (int first = 1; first <= rows; first += 2048) {
    const int count = std::min(2048, rows - first + 1);
    types::Chunk chunk(types, static_cast<std::size_t>(count));
    for (int at = 0; at < count; ++at) chunk.column(0).data<std::int32_t>()[at] = first + at;
    chunk.setRowCount(static_cast<std::size_t>(count));
    QCOMPARE(fixture.session().append("t", columns, chunk).value(), static_cast<std::uint64_t>(count));
  }
  QCOMPARE(run(fixture.session(), "COMMIT"), std::string("COMMIT"));
}

}  // namespace

class TestSession : public QObject {
  Q_OBJECT

 private slots:
  // Trap 13: what INSERT promises still holds after reopening.
  void constraintsHoldAfterReopening() {
    SessionFixture fixture;
    run(fixture.session(),
        "CREATE TABLE t (id INTEGER PRIMARY KEY, code TEXT UNIQUE, n INTEGER NOT NULL DEFAULT 7 CHECK (n > 0))");
    run(fixture.session(), "INSERT INTO t (id, code) VALUES (1, 'a')");
    for (int round = 0; round < 2; ++round) {
      auto& session = fixture.session();
      QCOMPARE(run(session, "SELECT * FROM t"), std::string("1|a|7"));
      QCOMPARE(state(run(session, "INSERT INTO t VALUES (2, 'b', 1), (1, 'c', 1)")), std::string("23505"));
      QCOMPARE(state(run(session, "INSERT INTO t VALUES (2, 'a', 1)")), std::string("23505"));
      QCOMPARE(state(run(session, "INSERT INTO t VALUES (2, 'b', NULL)")), std::string("23502"));
      QCOMPARE(state(run(session, "INSERT INTO t VALUES (2, 'b', 0)")), std::string("23514"));
      QCOMPARE(state(run(session, "INSERT INTO t VALUES (2, 'b', 'many')")), std::string("22P02"));
      QCOMPARE(run(session, "SELECT count(*) FROM t"), std::string("1"));
      fixture.reopen();
    }
  }

  // Trap 15.
  void droppedTableDoesNotComeBack() {
    SessionFixture fixture;
    run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    run(fixture.session(), "INSERT INTO t VALUES (1)");
    run(fixture.session(), "DROP TABLE t");
    fixture.reopen();
    QCOMPARE(state(run(fixture.session(), "SELECT * FROM t")), std::string("42P01"));
    run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    QCOMPARE(run(fixture.session(), "SELECT count(*) FROM t"), std::string("0"));
    QCOMPARE(run(fixture.session(), "SELECT id FROM t FOR SYSTEM_TIME AS OF COMMIT 2"), std::string("1"));
    const auto commit = fixture.database().commit(2).value();
    QCOMPARE(commit->tables.at(0).name, std::string("t"));
  }

  // Trap 24: times keep microseconds and strictly increase, also when the clock goes back.
  void commitTimesStrictlyIncrease() {
    SessionFixture fixture;
    run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    fixture.clock().advance(1);
    run(fixture.session(), "INSERT INTO t VALUES (1)");
    fixture.clock().set(5);
    run(fixture.session(), "INSERT INTO t VALUES (2)");
    run(fixture.session(), "INSERT INTO t VALUES (3)");
    const auto& database = fixture.database();
    QCOMPARE(*database.timeOf(2), *database.timeOf(1) + 1);
    QCOMPARE(*database.timeOf(3), *database.timeOf(2) + 1);
    QCOMPARE(*database.timeOf(4), *database.timeOf(3) + 1);
    QCOMPARE(*database.commitAt(*database.timeOf(3)), CommitNumber{3});
    QCOMPARE(*database.commitAt(*database.timeOf(1) - 1), CommitNumber{0});
  }

  void describedCommitHasItsMessageAndTimeOnce() {
    SessionFixture fixture;
    auto& session = fixture.session();
    session.describeNextCommit("import of 2001", TimeMicros{1'000'000'000'000'000});
    QCOMPARE(run(session, "SELECT 1"), std::string("1"));  // commits nothing and takes nothing
    run(session, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    run(session, "INSERT INTO t VALUES (1)");
    auto commit = fixture.database().commit(1).value();
    QCOMPARE(commit->message, std::string("import of 2001"));
    QCOMPARE(commit->time, TimeMicros{1'000'000'000'000'000});
    QCOMPARE(commit->author, std::string("tester"));
    QVERIFY(commit->changesSchema);
    commit = fixture.database().commit(2).value();
    QCOMPARE(commit->message, std::string("INSERT INTO t VALUES (1)"));
    session.describeNextCommit("too early", TimeMicros{1});
    QCOMPARE(state(run(session, "INSERT INTO t VALUES (2)")), std::string("22023"));
    QCOMPARE(run(session, "INSERT INTO t VALUES (2)"), std::string("INSERT 0 1"));
  }

  void blockNamesItsFirstStatement() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    run(session, "BEGIN");
    run(session, "SELECT 1");
    run(session, "INSERT INTO t VALUES (1)");
    run(session, "INSERT INTO t VALUES (2)");
    run(session, "DELETE FROM t WHERE id = 99");
    run(session, "COMMIT");
    QCOMPARE(fixture.database().commit(2).value()->message,
             std::string("INSERT INTO t VALUES (1) (and 1 more statement)"));
    QCOMPARE(fixture.database().commit(2).value()->tables.at(0).inserted, 2u);
  }

  void statementThatChangesNothingMakesNoCommit() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    const auto result = mustRun(session, "DELETE FROM t");
    QCOMPARE(rest(*result), std::string("DELETE 0"));
    QVERIFY(!result->committed());
    QCOMPARE(fixture.database().extent()->last, CommitNumber{1});
  }

  void returnedRowsAreCommittedRows() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT DEFAULT 'x')");
    const auto result = mustRun(session, "INSERT INTO t (id) VALUES (1), (2) RETURNING id, name");
    QCOMPARE(result->committed(), std::optional(CommitNumber{2}));
    QCOMPARE(rest(*result), std::string("1|x;2|x"));
    QCOMPARE(result->commandTag(), std::string("INSERT 0 2"));
    QCOMPARE(result->affectedRows(), std::uint64_t{2});
  }

  void queryStreamsFromItsOwnSnapshot() {
    SessionFixture fixture;
    fillMany(fixture, 5000);
    const auto result = mustRun(fixture.session(), "SELECT id, name FROM t");
    types::Chunk chunk;
    QVERIFY(result->next(chunk).value());
    QCOMPARE(run(fixture.session(), "DELETE FROM t"), std::string("DELETE 5000"));
    std::size_t rows = chunk.rowCount();
    while (result->next(chunk).value()) rows += chunk.rowCount();
    QCOMPARE(rows, std::size_t{5000});
    QCOMPARE(result->commandTag(), std::string("SELECT 5000"));
    QVERIFY(!result->next(chunk).value());
  }

  void resultOfABlockEndsWithIt() {
    SessionFixture fixture;
    fillMany(fixture, 5000);
    auto& session = fixture.session();
    run(session, "BEGIN");
    run(session, "UPDATE t SET name = 'changed'");
    const auto result = mustRun(session, "SELECT id FROM t");
    types::Chunk chunk;
    QVERIFY(result->next(chunk).value());
    run(session, "ROLLBACK");
    QCOMPARE(result->next(chunk).error().kind(), ErrorKind::NoActiveTransaction);
  }

  void cancelStopsWhatRunsAndNothingElse() {
    SessionFixture fixture;
    fillMany(fixture, 5000);
    auto& session = fixture.session();
    session.cancel();
    const auto result = mustRun(session, "SELECT id FROM t");
    types::Chunk chunk;
    QVERIFY(result->next(chunk).value());
    std::thread([&] { session.cancel(); }).join();
    auto next = result->next(chunk);
    while (next.ok() && *next) next = result->next(chunk);
    QVERIFY(!next.ok());
    QCOMPARE(next.error().kind(), ErrorKind::QueryCanceled);
    QCOMPARE(run(session, "SELECT count(*) FROM t"), std::string("5000"));
  }

  void momentOfTheSession() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    run(session, "INSERT INTO t VALUES (1)");
    run(session, "INSERT INTO t VALUES (2)");
    QVERIFY(session.setMoment(2).ok());
    QCOMPARE(run(session, "SELECT id FROM t"), std::string("1"));
    QCOMPARE(run(session, "SHOW SYSTEM_TIME"), std::string("COMMIT 2"));
    QCOMPARE(state(run(session, "INSERT INTO t VALUES (3)")), std::string("25006"));
    QCOMPARE(session.setMoment(99).error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(session.moment(), std::optional(CommitNumber{2}));
    QCOMPARE(run(session, "SET SYSTEM_TIME = COMMIT 3"), std::string("SET"));
    QCOMPARE(session.moment(), std::optional(CommitNumber{3}));
    QCOMPARE(run(session, "SELECT id FROM t FOR SYSTEM_TIME AS OF COMMIT 2"), std::string("1"));  // nearer wins
    QCOMPARE(run(session, "RESET SYSTEM_TIME"), std::string("RESET"));
    QVERIFY(!session.moment());
    QCOMPARE(run(session, "SHOW SYSTEM_TIME"), std::string("LATEST"));
    QCOMPARE(state(run(session, "SET SYSTEM_TIME = COMMIT 99")), std::string("22023"));
    QCOMPARE(run(session, "INSERT INTO t VALUES (3)"), std::string("INSERT 0 1"));
  }

  void blockInThePast() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    run(session, "INSERT INTO t VALUES (1)");
    run(session, "INSERT INTO t VALUES (2)");
    QVERIFY(session.setMoment(3).ok());
    QCOMPARE(run(session, "BEGIN READ ONLY AS OF SYSTEM TIME COMMIT 2"), std::string("BEGIN"));
    QCOMPARE(run(session, "SELECT id FROM t"), std::string("1"));  // the block's beats the session's
    QCOMPARE(run(session, "SHOW SYSTEM_TIME"), std::string("COMMIT 2"));
    QCOMPARE(state(run(session, "INSERT INTO t VALUES (3)")), std::string("25006"));
    run(session, "ROLLBACK");
    QCOMPARE(run(session, "SELECT id FROM t"), std::string("1;2"));
    QCOMPARE(state(run(session, "BEGIN READ WRITE AS OF SYSTEM TIME COMMIT 2")), std::string("25006"));
    QCOMPARE(state(run(session, "BEGIN READ ONLY AS OF SYSTEM TIME COMMIT 99")), std::string("22023"));
    QVERIFY(!session.inTransaction());
  }

  void parametersAreValues() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE t (id INTEGER PRIMARY KEY, name TEXT)");
    const std::string name = "x'); DROP TABLE t; --";
    api::ExecuteOptions options;
    options.parameters = {types::Value::integer(1), types::Value::text(name)};
    QCOMPARE(run(session, "INSERT INTO t VALUES ($1, $2)", options), std::string("INSERT 0 1"));
    QCOMPARE(run(session, "SELECT * FROM t WHERE id = $1 AND name = $2", options), "1|" + name);
  }

  void errorsPointIntoTheWholeText() {
    SessionFixture fixture;
    api::ExecuteOptions options;
    options.origin = {.offsetBytes = 100, .lengthBytes = 0, .line = 5, .column = 3};
    const auto onFirstLine = fixture.session().execute("SELECT * FROM nowhere", options);
    QCOMPARE(onFirstLine.error().span()->line, 5u);
    QCOMPARE(onFirstLine.error().span()->column, 17u);
    QCOMPARE(onFirstLine.error().span()->offsetBytes, 114u);
    const auto onSecondLine = fixture.session().execute("SELECT *\nFROM nowhere", options);
    QCOMPARE(onSecondLine.error().span()->line, 6u);
    QCOMPARE(onSecondLine.error().span()->column, 6u);
  }

  void readOnlyDatabaseRefusesToWrite() {
    SessionFixture fixture;
    run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    api::OpenOptions options;
    options.readOnly = true;
    fixture.reopen(options);
    QVERIFY(fixture.database().readOnly());
    QCOMPARE(run(fixture.session(), "INSERT INTO t VALUES (1)"), std::string("25006 the database is open read-only"));
    run(fixture.session(), "BEGIN");
    QCOMPARE(state(run(fixture.session(), "DROP TABLE t")), std::string("25006"));
    run(fixture.session(), "ROLLBACK");
    QCOMPARE(run(fixture.session(), "SELECT count(*) FROM t"), std::string("0"));
  }

  void appendKeepsConstraintsAndIsAllOrNothing() {
    SessionFixture fixture;
    fillMany(fixture, 3000);
    QCOMPARE(run(fixture.session(), "SELECT count(*), min(name) FROM t"), std::string("3000|unnamed"));
    const auto before = fixture.database().extent()->last;
    const std::vector<types::Type> types{types::TypeId::Integer};
    types::Chunk chunk(types, 2);
    chunk.column(0).data<std::int32_t>()[0] = 9999;
    chunk.column(0).data<std::int32_t>()[1] = 1;
    chunk.setRowCount(2);
    const std::vector<std::string> columns{"id"};
    QCOMPARE(fixture.session().append("t", columns, chunk).error().kind(), ErrorKind::UniqueViolation);
    QCOMPARE(fixture.database().extent()->last, before);
    const std::vector<std::string> wrong{"nothing"};
    QCOMPARE(fixture.session().append("t", wrong, chunk).error().kind(), ErrorKind::UndefinedColumn);
    QCOMPARE(fixture.session().append("nowhere", columns, chunk).error().kind(), ErrorKind::UndefinedTable);
  }

  void listenersHearOfEachCommit() {
    SessionFixture fixture;
    std::vector<CommitNumber> heard;
    const auto handle = fixture.database().onCommit([&](CommitNumber number) { heard.push_back(number); });
    run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    run(fixture.session(), "INSERT INTO t VALUES (1)");
    run(fixture.session(), "INSERT INTO t VALUES (1)");  // fails
    run(fixture.session(), "SELECT * FROM t");
    QCOMPARE(heard, (std::vector<CommitNumber>{1, 2}));
  }

  void databaseClosesAfterItsSessions() {
    SessionFixture fixture;
    QVERIFY(!fixture.database().close().ok());
    fixture.reopen();
    QCOMPARE(run(fixture.session(), "SELECT 1"), std::string("1"));
  }
};

QTEST_APPLESS_MAIN(TestSession)
#include "tst_session.moc"
