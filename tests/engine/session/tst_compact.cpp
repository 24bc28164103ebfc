// Rewriting a database through the public interface, while sessions work on it.
#include <QtTest>

#include "session_fixture.h"

using namespace drift;
using namespace drift::session::test;

namespace {

constexpr TimeMicros kDay = 86'400'000'000;

std::string state(const std::string& outcome) { return outcome.substr(0, 5); }

api::CompactReport compact(SessionFixture& fixture, api::Retention keep) {
  auto report = fixture.database().compact({.keep = keep, .progress = {}});
  if (!report.ok()) qFatal("%s", report.error().toString().c_str());
  return *report;
}

/// t with one row, changed each day; u, dropped on the way.
void fill(SessionFixture& fixture) {
  auto& session = fixture.session();
  run(session, "CREATE TABLE t (id INTEGER PRIMARY KEY, n INTEGER UNIQUE)");   // 1
  run(session, "CREATE TABLE u (a TEXT)");                                      // 2
  run(session, "INSERT INTO u VALUES ('secret')");                              // 3
  run(session, "INSERT INTO t VALUES (1, 0)");                                  // 4
  run(session, "DROP TABLE u");                                                 // 5
  for (int n = 1; n <= 5; ++n) {
    fixture.clock().advance(kDay);
    run(session, "UPDATE t SET n = " + std::to_string(n) + " WHERE id = 1");    // 6 to 10
  }
}

}  // namespace

class TestCompact : public QObject {
  Q_OBJECT

 private slots:
  void everythingStaysAsItWas() {
    SessionFixture fixture;
    fill(fixture);
    const auto before = run(fixture.session(), "SELECT number, time, message FROM commits()");
    const auto report = compact(fixture, {});
    QCOMPARE(report.commitsAfter, std::uint64_t{10});
    QCOMPARE(run(fixture.session(), "SELECT number, time, message FROM commits()"), before);
    QCOMPARE(run(fixture.session(), "SELECT a FROM u AS OF COMMIT 3"), std::string("secret"));
    QCOMPARE(run(fixture.session(), "SELECT n FROM t AS OF COMMIT 7"), std::string("2"));
    fixture.reopen();
    QCOMPARE(run(fixture.session(), "SELECT n FROM t AS OF COMMIT 7"), std::string("2"));
  }

  void openTransactionsGoOn() {
    SessionFixture fixture;
    fill(fixture);
    const auto reader = fixture.database().newSession("reader");
    const auto writer = fixture.database().newSession("writer");
    run(*reader, "BEGIN");
    QCOMPARE(run(*reader, "SELECT n FROM t"), std::string("5"));
    run(*writer, "BEGIN");
    run(*writer, "INSERT INTO t VALUES (2, 20)");
    run(fixture.session(), "UPDATE t SET n = 6");
    compact(fixture, {.last = 1});
    // The reader's moment is in no file any more but its own.
    QCOMPARE(run(*reader, "SELECT n FROM t"), std::string("5"));
    QCOMPARE(run(*reader, "SELECT count(*) FROM t"), std::string("1"));
    run(*reader, "COMMIT");
    QCOMPARE(run(*reader, "SELECT n FROM t"), std::string("6"));
    // The writer is told to run again, or is through; nothing between.
    const auto outcome = run(*writer, "COMMIT");
    const bool through = outcome == "COMMIT";
    QVERIFY2(through || state(outcome) == "40001", outcome.c_str());
    QCOMPARE(run(fixture.session(), "SELECT count(*) FROM t"), std::string(through ? "2" : "1"));
    QCOMPARE(run(*writer, "INSERT INTO t VALUES (3, 30)"), std::string("INSERT 0 1"));
    QCOMPARE(state(run(*writer, "INSERT INTO t VALUES (4, 30)")), std::string("23505"));
  }

  void resultsThatStreamGoOn() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE t (id INTEGER)");
    run(session, "INSERT INTO t SELECT * FROM generate_series(1, 9000)");
    const auto other = fixture.database().newSession("reader");
    auto result = other->execute("SELECT id FROM t");
    QVERIFY(result.ok());
    types::Chunk chunk;
    QVERIFY(*(*result)->next(chunk));
    auto rows = chunk.rowCount();
    run(session, "DELETE FROM t");
    compact(fixture, {.last = 1});
    while (*(*result)->next(chunk)) rows += chunk.rowCount();
    QCOMPARE(rows, std::size_t{9000});
    QCOMPARE(run(session, "SELECT count(*) FROM t"), std::string("0"));
    // Row numbers of rows that are gone for good may be given out again; nobody can tell them apart.
    run(session, "INSERT INTO t VALUES (1)");
    QCOMPARE(run(session, "SELECT count(*) FROM t"), std::string("1"));
  }

  void momentsThatAreGoneAreErrors() {
    SessionFixture fixture;
    fill(fixture);
    auto& session = fixture.session();
    run(session, "SET SYSTEM_TIME = COMMIT 7");
    QCOMPARE(run(session, "SELECT n FROM t"), std::string("2"));
    const auto sixth = *fixture.database().timeOf(6);
    const auto eighth = *fixture.database().timeOf(8);
    compact(fixture, {.thinning = api::Retention::Thinning{api::Retention::Period::Year, eighth + 1}});
    QCOMPARE(state(run(session, "SELECT n FROM t")), std::string("22023"));
    QVERIFY(!session.setMoment(7).ok());
    run(session, "RESET SYSTEM_TIME");
    QCOMPARE(state(run(session, "SELECT n FROM t AS OF COMMIT 7")), std::string("22023"));
    QCOMPARE(state(run(session, "SELECT * FROM diff(t, COMMIT 7, COMMIT 9)")), std::string("22023"));
    QCOMPARE(run(session, "SELECT n FROM t AS OF COMMIT 8"), std::string("3"));
    QCOMPARE(run(session, "SELECT n FROM t AS OF COMMIT 9"), std::string("4"));
    QCOMPARE(run(session, "SELECT count(*) FROM commits()"), std::string("3"));
    const auto& database = fixture.database();
    const auto extent = database.extent();
    QCOMPARE(extent->first, CommitNumber{8});
    QCOMPARE(extent->firstTime, eighth);
    QCOMPARE(*database.commitAt(sixth), CommitNumber{0});
    QCOMPARE(database.momentAt(sixth).error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(*database.momentAt(eighth), CommitNumber{8});
    QCOMPARE(database.schemaAt(7).error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(database.page({.table = "t", .at = 7, .fromKey = {}}).error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(*database.step(10, false, 0), std::optional<CommitNumber>(9));
    QCOMPARE(*database.step(9, false, 0), std::optional<CommitNumber>(8));
    QCOMPARE(*database.step(8, false, 0), std::optional<CommitNumber>());
  }

  void droppedTablesGoWithTheirLastMoment() {
    SessionFixture fixture;
    fill(fixture);
    const api::CompactOptions options{.keep = {.last = 3}, .progress = {}};
    const auto preview = fixture.database().previewCompact(options);
    QVERIFY(preview.ok());
    QCOMPARE(preview->commits, std::uint64_t{10});
    QCOMPARE(preview->commitsKept, std::uint64_t{3});
    QCOMPARE(preview->tables.size(), std::size_t{2});
    QCOMPARE(preview->tables[0].name, std::string("t"));
    QCOMPARE(preview->tables[0].versions, std::uint64_t{6});
    QCOMPARE(preview->tables[0].versionsKept, std::uint64_t{3});
    QCOMPARE(preview->tables[1].name, std::string("u"));
    QCOMPARE(preview->tables[1].versions, std::uint64_t{1});
    QCOMPARE(preview->tables[1].versionsKept, std::uint64_t{0});
    compact(fixture, options.keep);
    const auto after = fixture.database().previewCompact({});
    QCOMPARE(after->tables.size(), std::size_t{1});
    QCOMPARE(after->tables[0].versions, std::uint64_t{3});
  }

  void aTableThatLostItsPastSaysSo() {
    SessionFixture fixture;
    fill(fixture);
    QCOMPARE(run(fixture.session(), "DELETE HISTORY FROM t BEFORE COMMIT 8"), std::string("DELETE HISTORY"));
    const auto schema = fixture.database().schemaAt(7);
    QVERIFY(schema.ok());
    QCOMPARE(schema->tables.at(0).keptFrom, CommitNumber{8});
    QCOMPARE(schema->tables.at(0).rowCount, std::uint64_t{0});
    QCOMPARE(fixture.database().schemaAt(8)->tables.at(0).rowCount, std::uint64_t{1});
    QCOMPARE(fixture.database().page({.table = "t", .at = 7, .fromKey = {}}).error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(run(fixture.session(), "SELECT a FROM u AS OF COMMIT 3"), std::string("secret"));
  }

  void momentsAsPeopleWriteThem() {
    SessionFixture fixture;
    fill(fixture);
    const auto& database = fixture.database();
    const auto now = fixture.clock().now();
    QCOMPARE(*database.parseMoment("2024-02-29 12:00"), TimeMicros{1'709'208'000'000'000});
    QCOMPARE(*database.parseMoment("2024-02-29 12:00+02"), TimeMicros{1'709'200'800'000'000});
    QCOMPARE(*database.parseMoment("2 days"), now - 2 * kDay);
    QCOMPARE(*database.parseMoment("-2 days"), now - 2 * kDay);
    QCOMPARE(*database.parseMoment("90 minutes"), now - 5'400'000'000);
    QCOMPARE(*database.parseMoment("commit 7"), *database.timeOf(7));
    for (const auto* wrong : {"", "yesterdayish", "commit x", "commit -1"})
      QCOMPARE(database.parseMoment(wrong).error().kind(), ErrorKind::InvalidDatetimeFormat);
    QCOMPARE(database.parseMoment("COMMIT 99").error().kind(), ErrorKind::MomentOutOfRange);
  }

  void compactingCanBeStopped() {
    SessionFixture fixture;
    fill(fixture);
    const auto stopped = fixture.database().compact({.keep = {}, .progress = [](auto, auto) { return false; }});
    QCOMPARE(stopped.error().kind(), ErrorKind::QueryCanceled);
    QCOMPARE(run(fixture.session(), "SELECT n FROM t AS OF COMMIT 6"), std::string("1"));
  }
};

QTEST_APPLESS_MAIN(TestCompact)
#include "tst_compact.moc"
