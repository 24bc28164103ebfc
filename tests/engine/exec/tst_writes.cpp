#include <QtTest>

#include "exec_fixture.h"

using namespace drift;
using namespace drift::exec::test;

class TestWrites : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_database = std::make_unique<Database>();
    m_database->mustRun(
        {"CREATE TABLE t (id INTEGER PRIMARY KEY, a TEXT NOT NULL, b INTEGER UNIQUE, "
         "c NUMERIC(6,2) DEFAULT 1 + 1, CHECK (b > 0), CONSTRAINT ac UNIQUE (a, c))",
         "INSERT INTO t VALUES (1,'x',10),(2,'y',20),(3,'z',NULL)"});
  }

  void failures_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    QTest::addColumn<QString>("detail");
    const auto row = [](const char* name, const char* sql, const char* error, const char* detail = "") {
      QTest::newRow(name) << sql << error << detail;
    };
    row("primary key", "INSERT INTO t VALUES (9,'q'),(1,'r')",
        "23505 duplicate key value violates unique constraint \"t_pkey\"", "Key (id)=(1) already exists.");
    row("within one statement", "INSERT INTO t VALUES (9,'q'),(9,'r')",
        "23505 duplicate key value violates unique constraint \"t_pkey\"", "Key (id)=(9) already exists.");
    row("unique", "INSERT INTO t VALUES (9,'q',20)", "23505 duplicate key value violates unique constraint \"t_b_key\"",
        "Key (b)=(20) already exists.");
    row("unique of two", "INSERT INTO t VALUES (9,'x',99)",
        "23505 duplicate key value violates unique constraint \"ac\"", "Key (a, c)=(x, 2.00) already exists.");
    row("not null", "INSERT INTO t VALUES (9,NULL,9)",
        "23502 null value in column \"a\" of relation \"t\" violates not-null constraint",
        "Failing row contains (9, null, 9, 2.00).");
    row("check", "INSERT INTO t VALUES (9,'q',-1)",
        "23514 new row for relation \"t\" violates check constraint \"t_check\"",
        "Failing row contains (9, q, -1, 2.00).");
    row("precision", "INSERT INTO t VALUES (9,'q',9,12345)", "22003 numeric field overflow",
        "A field with precision 6, scale 2 must round to an absolute value less than 10^4.");
    row("type", "INSERT INTO t VALUES (true,'q')",
        "42804 column \"id\" is of type integer but expression is of type boolean");
    row("too many", "INSERT INTO t VALUES (1,'q',1,1,1)", "42601 INSERT has more expressions than target columns");
    row("too few", "INSERT INTO t (id, a) VALUES (1)", "42601 INSERT has more target columns than expressions");
    row("no such column", "UPDATE t SET nope = 1", "42703 column \"nope\" of relation \"t\" does not exist");
    row("assigned twice", "UPDATE t SET b = 1, b = 2", "42601 multiple assignments to same column \"b\"");
    row("update to one key", "UPDATE t SET id = 7", "23505 duplicate key value violates unique constraint \"t_pkey\"",
        "Key (id)=(7) already exists.");
    row("update check", "UPDATE t SET b = b - 15",
        "23514 new row for relation \"t\" violates check constraint \"t_check\"",
        "Failing row contains (1, x, -5, 2.00).");
  }
  // A failed statement leaves nothing behind: fails() checks the write set.
  void failures() {
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    QFETCH(QString, detail);
    const auto error = m_database->fails(sql.toStdString());
    QCOMPARE(QString::fromStdString(std::string(error.sqlState()) + " " + error.message()), expected);
    QCOMPARE(QString::fromStdString(error.detail()), detail);
    QCOMPARE(m_database->run("SELECT * FROM t"), std::string("1|x|10|2.00;2|y|20|2.00;3|z|NULL|2.00"));
  }

  void changes_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("answer");
    QTest::addColumn<QString>("after");
    const auto row = [](const char* name, const char* sql, const char* answer, const char* after) {
      QTest::newRow(name) << sql << answer << after;
    };
    // Trap 2: exactly the rows that match.
    row("delete in", "DELETE FROM t WHERE id IN (1, 2)", "DELETE 2", "3|z|NULL|2.00");
    row("delete like", "DELETE FROM t WHERE a LIKE 'y%'", "DELETE 1", "1|x|10|2.00;3|z|NULL|2.00");
    row("delete is null", "DELETE FROM t WHERE b IS NULL", "DELETE 1", "1|x|10|2.00;2|y|20|2.00");
    row("delete parenthesised", "DELETE FROM t WHERE (id = 1)", "DELETE 1", "2|y|20|2.00;3|z|NULL|2.00");
    row("delete or", "DELETE FROM t WHERE id = 1 OR b = 20", "DELETE 2", "3|z|NULL|2.00");
    row("delete unknown", "DELETE FROM t WHERE b <> 10", "DELETE 1", "1|x|10|2.00;3|z|NULL|2.00");
    row("delete by subquery on itself", "DELETE FROM t WHERE id < (SELECT max(id) FROM t)", "DELETE 2",
        "3|z|NULL|2.00");
    row("delete all", "DELETE FROM t", "DELETE 3", "");
    row("truncate", "TRUNCATE t", "TRUNCATE TABLE", "");
    row("update", "UPDATE t SET c = c * 2, a = a || '!' WHERE id = 2", "UPDATE 1",
        "1|x|10|2.00;2|y!|20|4.00;3|z|NULL|2.00");
    row("update shifts keys", "UPDATE t SET id = id + 1", "UPDATE 3", "2|x|10|2.00;3|y|20|2.00;4|z|NULL|2.00");
    row("update trades unique values", "UPDATE t SET b = 30 - b", "UPDATE 3", "1|x|20|2.00;2|y|10|2.00;3|z|NULL|2.00");
    row("update to default", "UPDATE t SET c = DEFAULT, b = DEFAULT WHERE id = 1", "UPDATE 1",
        "1|x|NULL|2.00;2|y|20|2.00;3|z|NULL|2.00");
    row("update sees old values", "UPDATE t SET id = b, b = id WHERE id = 1", "UPDATE 1",
        "2|y|20|2.00;3|z|NULL|2.00;10|x|1|2.00");
    row("nothing matches", "UPDATE t SET b = 1 WHERE id = 77", "UPDATE 0", "1|x|10|2.00;2|y|20|2.00;3|z|NULL|2.00");
    row("insert of itself", "INSERT INTO t SELECT id + 10, a || a, b + 1 FROM t", "INSERT 0 3",
        "1|x|10|2.00;2|y|20|2.00;3|z|NULL|2.00;11|xx|11|2.00;12|yy|21|2.00;13|zz|NULL|2.00");
    row("insert by names", "INSERT INTO t (a, id) VALUES ('q', -5)", "INSERT 0 1",
        "-5|q|NULL|2.00;1|x|10|2.00;2|y|20|2.00;3|z|NULL|2.00");
    row("insert default", "INSERT INTO t VALUES (4, 'q', DEFAULT, '1.005')", "INSERT 0 1",
        "1|x|10|2.00;2|y|20|2.00;3|z|NULL|2.00;4|q|NULL|1.01");
    row("insert with", "WITH q AS (SELECT 4 AS n) INSERT INTO t (id, a) SELECT n, 'q' FROM q", "INSERT 0 1",
        "1|x|10|2.00;2|y|20|2.00;3|z|NULL|2.00;4|q|NULL|2.00");
    row("insert returning", "INSERT INTO t VALUES (4, 'q', 40) RETURNING id * 10, c", "40|2.00",
        "1|x|10|2.00;2|y|20|2.00;3|z|NULL|2.00;4|q|40|2.00");
    row("update returning", "UPDATE t SET b = 5 WHERE id = 3 RETURNING *", "3|z|5|2.00",
        "1|x|10|2.00;2|y|20|2.00;3|z|5|2.00");
    row("delete returning", "DELETE FROM t u WHERE u.id > 1 RETURNING u.a", "y;z", "1|x|10|2.00");
  }
  void changes() {
    QFETCH(QString, sql);
    QFETCH(QString, answer);
    QFETCH(QString, after);
    QCOMPARE(QString::fromStdString(m_database->run(sql.toStdString())), answer);
    QCOMPARE(QString::fromStdString(m_database->run("SELECT * FROM t")), after);
  }

  // Trap 17: index entries move with their rows.
  void uniqueValuesAreFreedAndTaken() {
    m_database->mustRun({"UPDATE t SET b = 11 WHERE id = 1", "INSERT INTO t VALUES (4, 'q', 10)"});
    QCOMPARE(m_database->fails("INSERT INTO t VALUES (5, 'r', 11)").kind(), ErrorKind::UniqueViolation);
    m_database->mustRun({"DELETE FROM t WHERE id = 1", "INSERT INTO t VALUES (5, 'r', 11)",
                         "INSERT INTO t VALUES (6, 's', NULL)", "UPDATE t SET id = 60 WHERE id = 6",
                         "DELETE FROM t WHERE id = 60"});
    QCOMPARE(m_database->run("SELECT id, b FROM t ORDER BY id"), std::string("2|20;3|NULL;4|10;5|11"));
  }

  // A row that does not differ is counted, as in PostgreSQL, and has no new version.
  void unchangedRowsGetNoVersion() {
    const auto before = m_database->store().lastCommit();
    QCOMPARE(m_database->run("UPDATE t SET a = a, c = 2"), std::string("UPDATE 3"));
    QCOMPARE(m_database->store().lastCommit(), before);
    QCOMPARE(m_database->run("SELECT max(sys_seq) FROM t"), std::to_string(before));
  }

  // Trap 26: reads see the transaction's own writes, and a second UPDATE keeps the first one's columns.
  void ownWritesAreSeen() {
    txn::Transaction transaction(m_database->store());
    QCOMPARE(m_database->runIn(transaction, "UPDATE t SET a = 'new' WHERE id = 1"), std::string("UPDATE 1"));
    QCOMPARE(m_database->runIn(transaction, "UPDATE t SET b = 77 WHERE id = 1"), std::string("UPDATE 1"));
    QCOMPARE(m_database->runIn(transaction, "INSERT INTO t VALUES (4, 'q', 10)"), std::string("INSERT 0 1"));
    QCOMPARE(m_database->runIn(transaction, "SELECT id, a, b, sys_seq FROM t WHERE id IN (1, 4)"),
             std::string("1|new|77|NULL;4|q|10|NULL"));
    QCOMPARE(m_database->runIn(transaction, "INSERT INTO t VALUES (5, 'r', 5), (4, 'r', 6)"),
             std::string("23505 duplicate key value violates unique constraint \"t_pkey\""));
    QCOMPARE(m_database->runIn(transaction, "SELECT count(*) FROM t"), std::string("4"));
    QCOMPARE(m_database->run("SELECT id, a, b FROM t WHERE id = 1"), std::string("1|x|10"));
  }

  void rowsWithoutKeyAreNumbered() {
    m_database->mustRun({"CREATE TABLE h (n INTEGER)", "INSERT INTO h VALUES (1), (1), (2)",
                         "DELETE FROM h WHERE n = 2", "INSERT INTO h SELECT * FROM generate_series(3, 5000)"});
    QCOMPARE(m_database->run("SELECT count(*), min(n), max(n) FROM h"), std::string("5000|1|5000"));
    QCOMPARE(m_database->run("SELECT n FROM h LIMIT 4"), std::string("1;1;3;4"));
    QCOMPARE(m_database->run("UPDATE h SET n = n + 1"), std::string("UPDATE 5000"));
    QCOMPARE(m_database->run("SELECT count(*), min(n), max(n) FROM h"), std::string("5000|2|5001"));
  }

  void appendHoldsConstraints() {
    const std::vector<types::Type> types{types::TypeId::Text, types::TypeId::BigInt};
    types::Chunk rows(types, 2);
    rows.column(0).setString(0, "p");
    rows.column(0).setString(1, "q");
    rows.column(1).data<std::int64_t>()[0] = 4;
    rows.column(1).data<std::int64_t>()[1] = 5;
    rows.setRowCount(2);
    QCOMPARE(m_database->append("t", {"a", "id"}, rows).value(), 2u);
    QCOMPARE(m_database->run("SELECT * FROM t WHERE id > 3"), std::string("4|p|NULL|2.00;5|q|NULL|2.00"));
    QCOMPARE(m_database->append("t", {"a", "id"}, rows).error().kind(), ErrorKind::UniqueViolation);
    QCOMPARE(m_database->append("t", {"a", "nope"}, rows).error().kind(), ErrorKind::UndefinedColumn);
    QCOMPARE(m_database->append("nope", {"a", "id"}, rows).error().kind(), ErrorKind::UndefinedTable);
  }

 private:
  std::unique_ptr<Database> m_database;
};

QTEST_APPLESS_MAIN(TestWrites)
#include "tst_writes.moc"
