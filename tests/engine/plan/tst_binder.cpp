#include <QtTest>

#include "plan_fixture.h"

using namespace drift;
using namespace drift::plan::test;

class TestBinder : public QObject {
  Q_OBJECT

 private slots:
  void columns_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    QTest::newRow("star") << "SELECT * FROM item"
                          << "id integer, name text, price numeric(10,2)";
    QTest::newRow("qualified star") << "SELECT p.*, id FROM item, part p"
                                    << "item_id bigint, note text, id integer";
    QTest::newRow("system columns are not in star") << "SELECT *, sys_seq FROM part"
                                                    << "item_id bigint, note text, sys_seq bigint";
    QTest::newRow("untyped literal is text") << "SELECT 'x' AS a, NULL AS b"
                                             << "a text, b text";
    QTest::newRow("literal takes the other's type") << "SELECT id + '1' AS n FROM item"
                                                    << "n integer";
    QTest::newRow("integer by size") << "SELECT 1 AS a, 3000000000 AS b, 1.5 AS c"
                                     << "a integer, b bigint, c numeric";
    QTest::newRow("union takes the wider type") << "SELECT 1 AS n UNION ALL SELECT 2.5"
                                                << "n numeric";
    QTest::newRow("union with null") << "SELECT NULL AS n UNION ALL SELECT 2"
                                     << "n integer";
    QTest::newRow("using shows a column once") << "SELECT * FROM item JOIN (SELECT 1 AS id, 2 AS z) q USING (id)"
                                               << "id integer, name text, price numeric(10,2), z integer";
    QTest::newRow("derived names") << "SELECT * FROM (SELECT id, name FROM item) AS d(x, y)"
                                   << "x integer, y text";
    QTest::newRow("with") << "WITH q(z) AS (SELECT id FROM item) SELECT z FROM q"
                          << "z integer";
    QTest::newRow("schema of then") << "SELECT * FROM item AS OF COMMIT 2"
                                    << "id integer, name text";
    QTest::newRow("diff") << "SELECT * FROM diff(part, COMMIT 4, LATEST)"
                          << "op text, item_id bigint, note text, old_item_id bigint, old_note text";
  }
  void columns() {
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(PlanFixture().columns(sql.toStdString())), expected);
  }

  void moments_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<int>("sessionMoment");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* sql, int moment, const char* scan) {
      QTest::newRow(name) << sql << moment << scan;
    };
    row("live", "SELECT id FROM item", 0, "Project id < Scan item");
    row("session", "SELECT id FROM item", 3, "Project id < Scan item as of commit 3");
    row("query beats session", "SELECT id FROM item AS OF SYSTEM TIME COMMIT 2", 3,
        "Project id < Scan item as of commit 2");
    row("table beats query", "SELECT id FROM item AS OF COMMIT 4 AS OF SYSTEM TIME COMMIT 2", 3,
        "Project id < Scan item as of commit 4");
    row("latest beats session", "SELECT id FROM item AS OF LATEST", 3, "Project id < Scan item");
    row("time", "SELECT id FROM item AS OF '2024-01-01 02:30'", 0, "Project id < Scan item as of commit 2");
    row("time of a commit is in", "SELECT id FROM item AS OF '2024-01-01 03:00'", 0,
        "Project id < Scan item as of commit 3");
    row("relative", "SELECT id FROM item AS OF '-21 hours'", 0, "Project id < Scan item as of commit 3");
    row("reaches into subqueries", "SELECT id FROM (SELECT id FROM item) q AS OF SYSTEM TIME COMMIT 2", 0,
        "Project id < Project id < Scan item as of commit 2");
    row("reaches into with", "WITH q AS (SELECT id FROM item) SELECT id FROM q AS OF SYSTEM TIME COMMIT 2", 0,
        "Project id < Project id < Scan item as of commit 2");
    row("dropped table in the past", "SELECT a FROM old AS OF COMMIT 3", 0, "Project a < Scan old as of commit 3");
    row("all versions of a dropped table", "SELECT a FROM old FOR SYSTEM_TIME ALL", 0,
        "Project a < Scan old (versions)");
  }
  void moments() {
    QFETCH(QString, sql);
    QFETCH(int, sessionMoment);
    QFETCH(QString, expected);
    std::optional<CommitNumber> moment;
    if (sessionMoment > 0) moment = static_cast<CommitNumber>(sessionMoment);
    QCOMPARE(QString::fromStdString(PlanFixture().plan(sql.toStdString(), moment)), expected);
  }

  void errors_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    QTest::addColumn<int>("column");
    const auto row = [](const char* name, const char* sql, const char* error, int column) {
      QTest::newRow(name) << sql << error << column;
    };
    row("table", "SELECT 1 FROM nope", "42P01 relation \"nope\" does not exist", 15);
    row("column", "SELECT nope FROM item", "42703 column \"nope\" does not exist", 8);
    row("ambiguous", "SELECT id FROM item a, item b", "42702 column reference \"id\" is ambiguous", 8);
    row("alias twice", "SELECT 1 FROM item, item", "42712 table name \"item\" specified more than once", 21);
    row("qualifier", "SELECT x.id FROM item", "42P01 missing FROM-clause entry for table \"x\"", 8);
    row("not grouped", "SELECT name, count(*) FROM item GROUP BY price",
        "42803 column \"name\" must appear in the GROUP BY clause or be used in an aggregate function", 8);
    row("aggregate in where", "SELECT 1 FROM item WHERE count(*) > 1",
        "42803 aggregate functions are not allowed in WHERE", 26);
    row("aggregate in on", "SELECT 1 FROM item a JOIN part ON count(*) = 1",
        "42803 aggregate functions are not allowed in JOIN conditions", 35);
    row("nested aggregate", "SELECT sum(count(*)) FROM item", "42803 aggregate function calls cannot be nested", 12);
    row("where is boolean", "SELECT 1 FROM item WHERE id",
        "42804 argument of WHERE must be type boolean, not type integer", 26);
    row("ordinal", "SELECT id FROM item ORDER BY 2", "42P10 ORDER BY position 2 is not in select list", 30);
    row("distinct order", "SELECT DISTINCT id FROM item ORDER BY name",
        "42P10 for SELECT DISTINCT, ORDER BY expressions must appear in select list", 39);
    row("case types", "SELECT CASE WHEN true THEN 1 ELSE true END",
        "42804 CASE types integer and boolean cannot be matched", 35);
    row("arms", "SELECT 1, 2 UNION SELECT 1", "42601 each UNION query must have the same number of columns", 19);
    row("bad literal", "SELECT id FROM item WHERE id = 'x'", "22P02 invalid input syntax for type integer: \"x\"", 32);
    row("parameter", "SELECT $2", "42P02 there is no parameter $2", 8);
    row("outer aggregate", "SELECT (SELECT max(id) FROM part) FROM item",
        "0A000 aggregates over columns of an outer query alone are not supported", 16);
    row("window", "SELECT id FROM item WHERE sum(id) OVER () = 1", "42P20 window functions are not allowed in WHERE",
        27);
    row("not lateral", "SELECT 1 FROM item, (SELECT item.id) q",
        "42P01 missing FROM-clause entry for table \"item\"", 29);
    row("distinct on", "SELECT DISTINCT ON (id) id FROM item ORDER BY name",
        "42P10 SELECT DISTINCT ON expressions must match initial ORDER BY expressions", 21);
    row("tag", "SELECT 1 FROM item AS OF TAG 'x'", "0A000 TAG 'x': tags are not supported", 26);
    row("negative limit", "SELECT 1 LIMIT -1", "2201W LIMIT must not be negative", 16);
    row("future", "SELECT 1 FROM item AS OF '2030-01-01'",
        "22023 the moment 2030-01-01 00:00:00+00 is in the future; the last change is commit 4 of 2024-01-01 "
        "04:00:00+00",
        26);
    row("before the first commit", "SELECT 1 FROM item AS OF '2023-01-01'",
        "22023 the moment is before the first change, commit 1 of 2024-01-01 01:00:00+00", 26);
    row("no such commit", "SELECT 1 FROM item AS OF COMMIT 5", "22023 there is no commit 5; the commits are 1 to 4",
        26);
    row("before the table", "SELECT 1 FROM item AS OF COMMIT 1",
        "42P01 relation \"item\" does not exist as of commit 1 of 2024-01-01 01:00:00+00: it came with commit 2 of "
        "2024-01-01 02:00:00+00",
        15);
    row("after the table", "SELECT 1 FROM old AS OF COMMIT 4",
        "42P01 relation \"old\" does not exist as of commit 4 of 2024-01-01 04:00:00+00: it was gone by then", 15);
    row("not a moment", "SELECT 1 FROM item AS OF 'soon'", "22007 invalid point in history: \"soon\"", 26);
  }
  void errors() {
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    QFETCH(int, column);
    const auto error = PlanFixture().error(sql.toStdString());
    QCOMPARE(QString::fromStdString(std::string(error.sqlState()) + " " + error.message()), expected);
    QVERIFY(error.span().has_value());
    QCOMPARE(static_cast<int>(error.span()->column), column);
  }

  void nearNamesAreSuggested() {
    QCOMPARE(PlanFixture().error("SELECT pricee FROM item").hint(),
             std::string("Perhaps you meant to reference the column \"item.price\"."));
    QCOMPARE(PlanFixture().error("SELECT 1 FROM items").hint(), std::string("Perhaps you meant the table \"item\"."));
    QVERIFY(PlanFixture().error("SELECT x FROM item").hint().empty());
  }

  // Trap 19: a parameter is a value, whatever its text.
  void parametersAreValues() {
    PlanFixture fixture;
    fixture.parameters = {types::Value::unknown("1 OR true"), types::Value::bigInt(7)};
    QCOMPARE(fixture.plan("SELECT $2 + 1"), std::string("Project 8 < Values (1 rows)"));
    QCOMPARE(fixture.plan("SELECT name FROM item WHERE name = $1"),
             std::string("Project name < Filter (name = '1 OR true') < Scan item, bounds of name"));
    QCOMPARE(fixture.plan("SELECT name FROM item WHERE id = $1"),
             std::string("22P02 invalid input syntax for type integer: \"1 OR true\""));
  }

  void longChainsAreRefusedOrBound() {
    std::string sum = "SELECT id";
    for (int term = 0; term < 1000; ++term) sum += " + 1";
    QVERIFY(QString::fromStdString(PlanFixture().plan(sum + " FROM item")).startsWith("Project "));
    for (int term = 0; term < 200'000; ++term) sum += " + 1";
    QCOMPARE(PlanFixture().error(sum + " FROM item").kind(), ErrorKind::LimitExceeded);
  }
};

QTEST_APPLESS_MAIN(TestBinder)
#include "tst_binder.moc"
