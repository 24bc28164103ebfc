#include <QtTest>

#include "exec_fixture.h"

using namespace drift;
using namespace drift::exec::test;

class TestDefinitions : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_database = std::make_unique<Database>();
    m_database->mustRun(
        {"CREATE TABLE t (id INTEGER, a TEXT, b INTEGER CHECK (b BETWEEN 0 AND 100), CHECK (t.a <> 'bad'), "
         "UNIQUE (b), PRIMARY KEY (id, a))",
         "INSERT INTO t VALUES (1,'x',1),(1,'y',2),(2,'x',3)"});
  }

  void refusals_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* sql, const char* error) { QTest::newRow(name) << sql << error; };
    row("there already", "CREATE TABLE t (x INTEGER)", "42P07 relation \"t\" already exists");
    row("column twice", "CREATE TABLE z (a INTEGER, a TEXT)", "42701 column \"a\" specified more than once");
    row("two primary keys", "CREATE TABLE z (a INTEGER PRIMARY KEY, b INTEGER PRIMARY KEY)",
        "42P16 multiple primary keys for table \"z\" are not allowed");
    row("key of nothing", "CREATE TABLE z (a INTEGER, UNIQUE (q))", "42703 column \"q\" named in key does not exist");
    row("bad default", "CREATE TABLE z (a INTEGER DEFAULT 'x')", "22P02 invalid input syntax for type integer: \"x\"");
    row("default of a column", "CREATE TABLE z (a INTEGER DEFAULT b, b INTEGER)", "42703 column \"b\" does not exist");
    row("check of nothing", "CREATE TABLE z (a INTEGER CHECK (q > 1))", "42703 column \"q\" does not exist");
    row("check of an aggregate", "CREATE TABLE z (a INTEGER CHECK (sum(a) > 1))",
        "42803 aggregate functions are not allowed in check constraints");
    row("check of a query", "CREATE TABLE z (a INTEGER CHECK (a > (SELECT 1)))",
        "0A000 cannot use subquery in check constraints");
    row("system name", "CREATE TABLE z (sys_seq INTEGER)",
        "42701 column name \"sys_seq\" conflicts with a system column name");
    row("no such type", "CREATE TABLE z (a nosuch)", "42704 type \"nosuch\" does not exist");
    row("drop nothing", "DROP TABLE nope", "42P01 table \"nope\" does not exist");
    row("alter nothing", "ALTER TABLE nope ADD COLUMN a INTEGER", "42P01 relation \"nope\" does not exist");
    row("add twice", "ALTER TABLE t ADD COLUMN a INTEGER", "42701 column \"a\" of relation \"t\" already exists");
    row("add without a value", "ALTER TABLE t ADD COLUMN n INTEGER NOT NULL",
        "23502 column \"n\" of relation \"t\" contains null values");
    row("add against a check", "ALTER TABLE t ADD COLUMN n INTEGER DEFAULT 5 CHECK (n < 3)",
        "23514 a check constraint of relation \"t\" is violated by some row");
    row("drop a key column", "ALTER TABLE t DROP COLUMN a",
        "0A000 dropping a column of the primary key is not supported: \"a\"");
    row("drop no column", "ALTER TABLE t DROP COLUMN nope", "42703 column \"nope\" of relation \"t\" does not exist");
    row("rename onto another", "ALTER TABLE t RENAME COLUMN b TO a",
        "42701 column \"a\" of relation \"t\" already exists");
  }
  void refusals() {
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    const auto error = m_database->fails(sql.toStdString());
    QCOMPARE(QString::fromStdString(std::string(error.sqlState()) + " " + error.message()), expected);
  }

  // Trap 16: all columns of a key count.
  void compositeKeys() {
    QCOMPARE(m_database->run("SELECT b FROM t WHERE id = 1 AND a = 'y'"), std::string("2"));
    QCOMPARE(m_database->run("SELECT b FROM t WHERE id = 1"), std::string("1;2"));
    QCOMPARE(m_database->run("SELECT b FROM t WHERE id = 1 AND a > 'x'"), std::string("2"));
    QCOMPARE(m_database->run("INSERT INTO t VALUES (1, 'z', 9)"), std::string("INSERT 0 1"));
    QCOMPARE(m_database->fails("INSERT INTO t VALUES (1, NULL, 10)").kind(), ErrorKind::NotNullViolation);
  }

  // Trap 14: rows that are there show the default of the time the column came.
  void addedColumns() {
    m_database->mustRun({"ALTER TABLE t ADD COLUMN n INTEGER NOT NULL DEFAULT 2 + 3, ADD COLUMN o TEXT",
                         "INSERT INTO t VALUES (3, 'q', 4, DEFAULT, 'o'), (4, 'q', 5, 6, NULL)"});
    QCOMPARE(m_database->run("SELECT id, n, o FROM t WHERE n > 4"),
             std::string("1|5|NULL;1|5|NULL;2|5|NULL;3|5|o;4|6|NULL"));
  }

  void droppedColumns() {
    m_database->mustRun({"ALTER TABLE t DROP COLUMN b", "INSERT INTO t VALUES (7, 'q')"});
    QCOMPARE(m_database->run("SELECT * FROM t"), std::string("1|x;1|y;2|x;7|q"));
    // A new column of that name has none of the old values.
    m_database->mustRun({"ALTER TABLE t ADD COLUMN b INTEGER"});
    QCOMPARE(m_database->run("SELECT count(b) FROM t"), std::string("0"));
    QCOMPARE(m_database->run("UPDATE t SET b = 1000"), std::string("UPDATE 4"));  // its constraints went with it
  }

  void renamesReachChecks() {
    m_database->mustRun({"ALTER TABLE t RENAME COLUMN b TO \"Odd \"\"name\"", "ALTER TABLE t RENAME TO u",
                         "ALTER TABLE u RENAME COLUMN a TO aa"});
    QCOMPARE(m_database->fails("INSERT INTO u VALUES (9, 'q', 101)").kind(), ErrorKind::CheckViolation);
    QCOMPARE(m_database->fails("INSERT INTO u VALUES (9, 'bad', 9)").kind(), ErrorKind::CheckViolation);
    QCOMPARE(m_database->run("SELECT aa, \"Odd \"\"name\" FROM u WHERE id = 2"), std::string("x|3"));
  }

  // Trap 15: a dropped table is gone, a new one has none of its rows, and the old one is still in the past.
  void droppedTables() {
    m_database->mustRun({"DROP TABLE t", "CREATE TABLE t (other TEXT)"});
    QCOMPARE(m_database->run("SELECT * FROM t"), std::string(""));
    QCOMPARE(m_database->run("SELECT * FROM t AS OF COMMIT 2"), std::string("1|x|1;1|y|2;2|x|3"));
    QCOMPARE(m_database->run("DROP TABLE IF EXISTS nope"), std::string("DROP TABLE"));
    QCOMPARE(m_database->run("CREATE TABLE IF NOT EXISTS t (x INTEGER)"), std::string("CREATE TABLE"));
  }

  void tablesOfQueries() {
    QCOMPARE(m_database->run("CREATE TABLE w (i, s) AS SELECT id + 1, a FROM t WHERE b > 1"), std::string("SELECT 2"));
    QCOMPARE(m_database->run("SELECT * FROM w"), std::string("2|y;3|x"));
    m_database->mustRun({"CREATE TABLE e AS SELECT 'x' AS s WITH NO DATA"});
    QCOMPARE(m_database->run("SELECT count(*) FROM e"), std::string("0"));
  }

 private:
  std::unique_ptr<Database> m_database;
};

QTEST_APPLESS_MAIN(TestDefinitions)
#include "tst_definitions.moc"
