#include <QtTest>

#include "exec_fixture.h"

using namespace drift;
using namespace drift::exec::test;

class TestTimeTravel : public QObject {
  Q_OBJECT

 private slots:
  // Commit n is at 00:00:0n.
  void initTestCase() {
    m_database.mustRun({"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT)",  // 1
                        "INSERT INTO t VALUES (1,'x'),(2,'y'),(3,'z')",     // 2
                        "UPDATE t SET a = 'xx' WHERE id = 1",               // 3
                        "DELETE FROM t WHERE id = 2",                       // 4
                        "ALTER TABLE t RENAME COLUMN a TO b",               // 5
                        "INSERT INTO t VALUES (2,'again'),(4,'w')",         // 6
                        "CREATE TABLE u (n INTEGER)",                       // 7
                        "DROP TABLE u"});                                   // 8
  }

  void rows_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* sql, const char* rows) { QTest::newRow(name) << sql << rows; };
    row("commit", "SELECT * FROM t FOR SYSTEM_TIME AS OF COMMIT 2", "1|x;2|y;3|z");
    row("sequence", "SELECT * FROM t AS OF @seq:3", "1|xx;2|y;3|z");
    row("time", "SELECT * FROM t AS OF '2024-01-01 00:00:04.5'", "1|xx;3|z");
    row("empty then", "SELECT count(*) FROM t AS OF COMMIT 1", "0");
    row("name of then", "SELECT a FROM t AS OF COMMIT 4", "xx;z");
    row("not the name of now", "SELECT b FROM t AS OF COMMIT 4", "42703 column \"b\" does not exist");
    row("key of then", "SELECT a FROM t AS OF COMMIT 2 WHERE id = 2", "y");
    row("range of then", "SELECT a FROM t AS OF COMMIT 2 WHERE id >= 2", "y;z");
    row("two moments", "SELECT p.id, p.a, q.b FROM t AS OF COMMIT 2 p LEFT JOIN t q ON p.id = q.id ORDER BY 1",
        "1|x|xx;2|y|again;3|z|z");
    row("whole query", "SELECT count(*) FROM t p JOIN t q ON p.id = q.id AS OF SYSTEM TIME COMMIT 4", "2");
    row("alias as of", "SELECT of.id FROM t AS of WHERE of.id = 1", "1");
    row("clause in a string", "SELECT 'FOR SYSTEM_TIME AS OF COMMIT 1' FROM t WHERE id = 1",
        "FOR SYSTEM_TIME AS OF COMMIT 1");
    // Section 5 of the architecture: which versions each form gives.
    row("all", "SELECT id, b, sys_seq, sys_end_seq, sys_op FROM t FOR SYSTEM_TIME ALL ORDER BY id, sys_seq",
        "1|x|2|3|insert;1|xx|3|NULL|update;2|y|2|4|insert;2|again|6|NULL|insert;3|z|2|NULL|insert;4|w|6|NULL|insert");
    row("from to", "SELECT id, sys_seq FROM t FOR SYSTEM_TIME FROM COMMIT 3 TO COMMIT 6 ORDER BY 1, 2", "1|3;2|2;3|2");
    row("between", "SELECT id, sys_seq FROM t FOR SYSTEM_TIME BETWEEN COMMIT 3 AND COMMIT 6 ORDER BY 1, 2",
        "1|3;2|2;2|6;3|2;4|6");
    row("contained in", "SELECT id, sys_seq FROM t FOR SYSTEM_TIME CONTAINED IN (COMMIT 2, COMMIT 3) ORDER BY 1",
        "1|2");
    row("times",
        "SELECT sys_start, sys_end, sys_author FROM t FOR SYSTEM_TIME ALL WHERE id = 2 AND sys_end IS NOT NULL",
        "2024-01-01 00:00:02+00|2024-01-01 00:00:04+00|tester");
    row("end of then", "SELECT id, sys_end_seq FROM t AS OF COMMIT 2 ORDER BY id", "1|3;2|4;3|NULL");
    row("end of now", "SELECT id, sys_end FROM t WHERE id = 1", "1|NULL");
    row("versions of one key", "SELECT sys_seq FROM t FOR SYSTEM_TIME ALL WHERE id = 1 ORDER BY 1", "2;3");
    row("dropped table", "SELECT count(*) FROM u AS OF COMMIT 7", "0");
    row("versions of a dropped table", "SELECT count(*) FROM u FOR SYSTEM_TIME ALL", "0");
    // Table functions.
    row("commits", "SELECT number, author, inserted, updated, deleted, schema_changed FROM commits() WHERE number < 5",
        "1|tester|0|0|0|t;2|tester|3|0|0|f;3|tester|0|1|0|f;4|tester|0|0|1|f");
    row("commits of then", "SELECT count(*) FROM commits() AS OF SYSTEM TIME COMMIT 3", "3");
    row("diff", "SELECT op, id, b, old_id, old_b FROM diff(t, COMMIT 2, LATEST)",
        "update|1|xx|1|x;update|2|again|2|y;insert|4|w|NULL|NULL");
    row("diff backward", "SELECT op, id, old_id FROM diff('t', LATEST, COMMIT 4)", "delete|NULL|2;delete|NULL|4");
    row("diff of one moment", "SELECT count(*) FROM diff(t, COMMIT 3, COMMIT 3)", "0");
    row("diff by time", "SELECT op, id FROM diff(t, '2024-01-01 00:00:03', '2024-01-01 00:00:04')", "delete|NULL");
    row("diff of nothing", "SELECT 1 FROM diff(nope, COMMIT 1, COMMIT 2)", "42P01 relation \"nope\" does not exist");
    // Trap 21.
    row("before the first commit", "SELECT 1 FROM t AS OF '2020-01-01'",
        "22023 the moment is before the first change, commit 1 of 2024-01-01 00:00:01+00");
    row("in the future", "SELECT 1 FROM t AS OF COMMIT 99", "22023 there is no commit 99; the commits are 1 to 8");
  }
  void rows() {
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(m_database.run(sql.toStdString())), expected);
  }

  void sessionMoments() {
    m_database.moment = 2;
    QCOMPARE(m_database.run("SELECT a FROM t WHERE id = 1"), std::string("x"));
    QCOMPARE(m_database.run("SELECT count(*) FROM commits()"), std::string("2"));
    for (const auto* sql : {"INSERT INTO t VALUES (9,'q')", "UPDATE t SET a = 'q'", "DELETE FROM t", "DROP TABLE t",
                            "CREATE TABLE z (a INTEGER)", "ALTER TABLE t RENAME TO z", "TRUNCATE t"}) {
      const auto error = m_database.fails(sql);
      QCOMPARE(error.kind(), ErrorKind::WriteInThePast);
      QCOMPARE(error.hint(), std::string("RESET SYSTEM_TIME goes back to the present."));
    }
    m_database.moment.reset();
  }

  void anEmptyDatabaseHasNoPast() {
    Database empty;
    QCOMPARE(empty.run("SELECT count(*) FROM commits()"), std::string("0"));
    QCOMPARE(empty.run("SELECT 1 FROM t AS OF COMMIT 1"),
             std::string("22023 the database has no commits yet, so there is no past to look at"));
  }

  // A transaction sees what was there when it began, and nothing later has ended for it.
  void laterCommitsAreUnseen() {
    Database database;
    database.mustRun({"CREATE TABLE t (id INTEGER PRIMARY KEY)", "INSERT INTO t VALUES (1)"});
    txn::Transaction transaction(database.store());
    database.mustRun({"DELETE FROM t", "INSERT INTO t VALUES (2)"});
    QCOMPARE(database.runIn(transaction, "SELECT id, sys_end_seq FROM t FOR SYSTEM_TIME ALL"), std::string("1|NULL"));
    QCOMPARE(database.runIn(transaction, "SELECT count(*) FROM commits()"), std::string("2"));
    QCOMPARE(database.runIn(transaction, "SELECT id FROM t AS OF COMMIT 4"),
             std::string("22023 there is no commit 4; the commits are 1 to 2"));
  }

 private:
  Database m_database;
};

QTEST_APPLESS_MAIN(TestTimeTravel)
#include "tst_time_travel.moc"
