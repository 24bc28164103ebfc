// Pages of tables and the schema of moments.
#include <QtTest>

#include "session_fixture.h"

using namespace drift;
using namespace drift::session::test;

namespace {

void addRows(SessionFixture& fixture, int first, int count) {
  std::string sql = "INSERT INTO t (id) VALUES ";
  for (int at = 0; at < count; ++at) sql += (at ? ", (" : "(") + std::to_string(first + at) + ")";
  QCOMPARE(run(fixture.session(), sql), "INSERT 0 " + std::to_string(count));
}

api::Page pageOf(SessionFixture& fixture, api::PageRequest request) {
  request.table = "t";
  auto page = fixture.database().page(request);
  if (!page.ok()) qFatal("%s", page.error().toString().c_str());
  return std::move(page).value();
}

std::int64_t idAt(const api::Page& page, std::size_t row) { return page.rows.column(0).get(row).asInt(); }

}  // namespace

class TestPages : public QObject {
  Q_OBJECT

 private slots:
  void pagesOfAnyMoment() {
    SessionFixture fixture;
    run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY)");  // commit 1
    addRows(fixture, 1, 3000);                                          // commit 2
    addRows(fixture, 3001, 2000);                                       // commit 3
    run(fixture.session(), "ALTER TABLE t ADD COLUMN note TEXT DEFAULT 'n'");
    run(fixture.session(), "UPDATE t SET note = 'changed' WHERE id = 2500");  // commit 5

    auto page = pageOf(fixture, {.table = {}, .at = kNoCommit, .offset = 2400, .rows = 200, .fromKey = {}});
    QCOMPARE(page.at, CommitNumber{5});
    QCOMPARE(page.rowCount, std::uint64_t{5000});
    QCOMPARE(page.offset, std::uint64_t{2400});
    QCOMPARE(page.rows.rowCount(), std::size_t{200});
    QCOMPARE(page.rows.columnCount(), std::size_t{2});
    QCOMPARE(page.keys.size(), std::size_t{200});
    QCOMPARE(idAt(page, 0), 2401);
    QCOMPARE(page.rows.column(1).get(99).asString(), std::string("changed"));
    QCOMPARE(page.changedAt.at(99), CommitNumber{5});
    QCOMPARE(page.changedAt.at(100), CommitNumber{2});

    page = pageOf(fixture, {.table = {}, .at = 2, .offset = 2950, .rows = 200, .fromKey = {}});
    QCOMPARE(page.rowCount, std::uint64_t{3000});
    QCOMPARE(page.rows.rowCount(), std::size_t{50});
    QCOMPARE(page.rows.columnCount(), std::size_t{1});  // the schema of then
    QCOMPARE(idAt(page, 49), 3000);

    page = pageOf(fixture, {.table = {}, .at = 1, .offset = 10, .rows = 200, .fromKey = {}});
    QCOMPARE(page.rowCount, std::uint64_t{0});
    QCOMPARE(page.rows.rowCount(), std::size_t{0});
    QCOMPARE(page.rows.columnCount(), std::size_t{1});
  }

  void pageFromAKeyIsWhereTheKeyIsAtThatMoment() {
    SessionFixture fixture;
    run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    addRows(fixture, 1, 1000);
    for (int first = 1001; first <= 20'000; first += 1000) addRows(fixture, first, 1000);
    const auto page = pageOf(fixture, {.table = {}, .at = kNoCommit, .offset = 500, .rows = 10, .fromKey = {}});
    run(fixture.session(), "DELETE FROM t WHERE id <= 100 OR id = 501");
    const auto later = pageOf(fixture, {.table = {}, .at = kNoCommit, .offset = 0, .rows = 10, .fromKey = page.keys[0]});
    QCOMPARE(idAt(later, 0), 502);  // the key's own row is gone: the next one
    QCOMPARE(later.offset, std::uint64_t{400});
    for (const std::uint64_t offset : {0, 1, 2047, 2048, 5000, 12'345, 19'898}) {
      const auto there = pageOf(fixture, {.table = {}, .at = kNoCommit, .offset = offset, .rows = 1, .fromKey = {}});
      const auto again =
          pageOf(fixture, {.table = {}, .at = kNoCommit, .offset = 0, .rows = 1, .fromKey = there.keys[0]});
      QCOMPARE(again.offset, offset);
      QCOMPARE(again.keys, there.keys);
    }
    const auto behind = pageOf(fixture, {.table = {}, .at = kNoCommit, .offset = 0, .rows = 1, .fromKey = "\xff"});
    QCOMPARE(behind.offset, std::uint64_t{19'899});
    QCOMPARE(behind.rows.rowCount(), std::size_t{0});
  }

  void badRequestsAreErrors() {
    SessionFixture fixture;
    run(fixture.session(), "CREATE TABLE t (id INTEGER PRIMARY KEY)");
    const auto& database = fixture.database();
    QCOMPARE(database.page({.table = "nowhere", .at = kNoCommit, .offset = 0, .rows = 1, .fromKey = {}}).error().kind(),
             ErrorKind::UndefinedTable);
    QCOMPARE(database.page({.table = "t", .at = 0, .offset = 0, .rows = 1, .fromKey = {}}).error().kind(),
             ErrorKind::UndefinedTable);
    QCOMPARE(database.page({.table = "t", .at = 7, .offset = 0, .rows = 1, .fromKey = {}}).error().kind(),
             ErrorKind::MomentOutOfRange);
    QCOMPARE(database.page({.table = "t", .at = 1, .offset = 0, .rows = 2049, .fromKey = {}}).error().kind(),
             ErrorKind::InvalidParameterValue);
  }

  void schemaOfAMoment() {
    SessionFixture fixture;
    auto& session = fixture.session();
    run(session, "CREATE TABLE b (id INTEGER PRIMARY KEY, n NUMERIC(10, 2) NOT NULL DEFAULT 1 CHECK (n > 0), "
                 "code TEXT UNIQUE)");
    run(session, "CREATE TABLE a (x INTEGER)");
    run(session, "INSERT INTO a VALUES (1), (2)");
    run(session, "DROP TABLE b");
    const auto now = fixture.database().schemaAt(kNoCommit).value();
    QCOMPARE(now.tables.size(), std::size_t{1});
    QCOMPARE(now.tables[0].rowCount, std::uint64_t{2});
    const auto then = fixture.database().schemaAt(2).value();
    QCOMPARE(then.at, CommitNumber{2});
    QCOMPARE(then.tables.size(), std::size_t{2});
    QCOMPARE(then.tables[0].name, std::string("a"));
    QCOMPARE(then.tables[0].rowCount, std::uint64_t{0});
    const auto& b = then.tables[1];
    QVERIFY(b.columns[0].inPrimaryKey);
    QVERIFY(b.columns[0].notNull);
    QCOMPARE(b.columns[1].type.name(), std::string("numeric(10,2)"));
    QCOMPARE(b.columns[1].defaultSql, std::string("1"));
    QCOMPARE(b.indexes.size(), std::size_t{2});
    QVERIFY(b.indexes[0].primary);
    QCOMPARE(b.indexes[1].columns, (std::vector<std::string>{"code"}));
    QCOMPARE(b.checks.size(), std::size_t{1});
    QVERIFY(b.checks[0].ends_with("n > 0"));
    QVERIFY(fixture.database().schemaAt(0).value().tables.empty());
    QCOMPARE(fixture.database().schemaAt(99).error().kind(), ErrorKind::MomentOutOfRange);
  }
};

QTEST_APPLESS_MAIN(TestPages)
#include "tst_pages.moc"
