#include <QtTest>

#include "exec_fixture.h"

using namespace drift;
using namespace drift::exec::test;

class TestQueries : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    m_database.mustRun({"CREATE TABLE a (id INTEGER PRIMARY KEY, g TEXT, v DOUBLE PRECISION, d DATE)",
                        "INSERT INTO a VALUES (1,'x',1.5,'2024-01-01'),(2,'x',2.5,NULL),(3,'y',NULL,'2024-03-01'),"
                        "(4,NULL,4,'2024-04-01')",
                        "CREATE TABLE b (k BIGINT, w TEXT)",
                        "INSERT INTO b VALUES (1,'one'),(2,'two'),(2,'zwei'),(NULL,'none'),(9,'nine')"});
  }

  void rows_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* sql, const char* rows) { QTest::newRow(name) << sql << rows; };
    // Trap 1 and 5: conditions are three-valued.
    row("like", "SELECT id FROM a WHERE g LIKE 'x%'", "1;2");
    row("not", "SELECT id FROM a WHERE NOT (g = 'x')", "3");
    row("not like", "SELECT id FROM a WHERE g NOT LIKE 'x%'", "3");
    row("not between", "SELECT id FROM a WHERE v NOT BETWEEN 2 AND 3", "1;4");
    row("between symmetric", "SELECT id FROM a WHERE v BETWEEN SYMMETRIC 3 AND 2", "2");
    row("is null", "SELECT id FROM a WHERE v IS NULL", "3");
    row("mixed", "SELECT id FROM a WHERE (g = 'x' AND v > 2) OR d IS NULL OR upper(g) = 'Y'", "2;3");
    row("and with null", "SELECT NULL AND false, NULL AND true, NULL OR true, NULL OR false", "f|NULL|t|NULL");
    row("is tests", "SELECT NULL IS TRUE, NULL IS NOT TRUE, NULL IS UNKNOWN, false IS FALSE", "f|t|t|t");
    row("distinct from", "SELECT NULL IS DISTINCT FROM NULL, 1 IS DISTINCT FROM NULL, 1 IS NOT DISTINCT FROM 1.0",
        "f|t|t");
    row("null equals nothing", "SELECT NULL = NULL, 1 <> NULL, 1 = 1.0", "NULL|NULL|t");
    row("in", "SELECT id FROM a WHERE id IN (1, 3, 77)", "1;3");
    row("not in with null", "SELECT id FROM a WHERE id NOT IN (1, NULL)", "");
    row("in of expressions", "SELECT id FROM a WHERE id IN (v, 3)", "3;4");
    row("in query", "SELECT id FROM a WHERE id IN (SELECT k FROM b)", "1;2");
    row("not in query with null", "SELECT id FROM a WHERE id NOT IN (SELECT k FROM b)", "");
    row("not in empty query", "SELECT id FROM a WHERE id NOT IN (SELECT k FROM b WHERE k > 99)", "1;2;3;4");
    row("exists", "SELECT EXISTS (SELECT 1 FROM b), NOT EXISTS (SELECT 1 FROM b WHERE k = 77)", "t|t");
    row("scalar query", "SELECT (SELECT max(k) FROM b), (SELECT k FROM b WHERE k = 77)", "9|NULL");
    row("scalar query of rows", "SELECT (SELECT k FROM b)",
        "21000 more than one row returned by a subquery used as an expression");
    // Branches run only where rows reach them.
    row("case guards", "SELECT CASE WHEN id = 1 THEN 0 ELSE 1 / (id - 1) END FROM a", "0;1;0;0");
    row("and guards", "SELECT id FROM a WHERE id <> 1 AND 10 / (id - 1) > 4", "2;3");
    row("or guards", "SELECT id FROM a WHERE id = 1 OR 10 / (id - 1) > 4", "1;2;3");
    row("coalesce guards", "SELECT coalesce(id, 1 / (id - id)) FROM a", "1;2;3;4");
    row("lazy subquery", "SELECT CASE WHEN false THEN (SELECT k FROM b) ELSE 7 END", "7");
    row("case of value", "SELECT CASE id WHEN 1 THEN 'one' WHEN 2 THEN 'two' END FROM a", "one;two;NULL;NULL");
    row("nullif and extremes", "SELECT nullif(id, 2), greatest(v, 2), least(v, 2), coalesce(g, '-') FROM a",
        "1|2|1.5|x;NULL|2.5|2|x;3|2|2|y;4|4|2|-");
    row("division by zero", "SELECT 1 / 0", "22012 division by zero");
    // Joins.
    row("inner", "SELECT id, w FROM a JOIN b ON id = k ORDER BY 1, 2", "1|one;2|two;2|zwei");
    row("left", "SELECT id, w FROM a LEFT JOIN b ON id = k ORDER BY 1, 2", "1|one;2|two;2|zwei;3|NULL;4|NULL");
    row("left with condition", "SELECT id, w FROM a LEFT JOIN b ON id = k AND w < 'u' ORDER BY 1, 2",
        "1|one;2|two;3|NULL;4|NULL");
    row("right", "SELECT id, w FROM a RIGHT JOIN b ON id = k ORDER BY 2", "NULL|nine;NULL|none;1|one;2|two;2|zwei");
    row("full", "SELECT id, w FROM a FULL JOIN b ON id = k ORDER BY 1, 2",
        "1|one;2|two;2|zwei;3|NULL;4|NULL;NULL|nine;NULL|none");
    row("cross", "SELECT count(*) FROM a CROSS JOIN b", "20");
    row("inequality", "SELECT id, k FROM a JOIN b ON id > k AND w <> 'two' ORDER BY 1, 2", "2|1;3|1;3|2;4|1;4|2");
    row("self", "SELECT p.id, q.id FROM a p LEFT JOIN a q ON q.id = p.id + 2 ORDER BY 1", "1|3;2|4;3|NULL;4|NULL");
    row("using", "SELECT * FROM (SELECT 1 AS z, 2 AS q) l JOIN (SELECT 1 AS z, 3 AS r) m USING (z)", "1|2|3");
    row("natural", "SELECT * FROM (SELECT 1 AS z, 2 AS q) l NATURAL JOIN (SELECT 1 AS z, 3 AS r) m", "1|2|3");
    // Groups.
    row("groups", "SELECT g, count(*), sum(v), min(id) FROM a GROUP BY g ORDER BY g", "x|2|4|1;y|1|NULL|3;NULL|1|4|4");
    row("no rows", "SELECT count(*), sum(v), max(g) FROM a WHERE id > 9", "0|NULL|NULL");
    row("no groups of no rows", "SELECT g, count(*) FROM a WHERE id > 9 GROUP BY g", "");
    row("having", "SELECT g FROM a GROUP BY g HAVING count(*) > 1", "x");
    row("count distinct", "SELECT count(DISTINCT k), count(k), count(*) FROM b", "3|4|5");
    row("distinct by group", "SELECT g, count(DISTINCT v > 0) FROM a GROUP BY g ORDER BY g", "x|1;y|0;NULL|1");
    row("filter", "SELECT count(*) FILTER (WHERE v > 2), sum(id) FILTER (WHERE g = 'x') FROM a", "2|3");
    row("group by expression", "SELECT id % 2, count(*) FROM a GROUP BY id % 2 ORDER BY 1", "0|2;1|2");
    row("group by alias", "SELECT upper(g) AS u, count(*) FROM a GROUP BY u ORDER BY u", "X|2;Y|1;NULL|1");
    row("key determines columns", "SELECT id, g, count(*) FROM a GROUP BY id ORDER BY id DESC LIMIT 1", "4|NULL|1");
    // Order and limits.
    row("nulls", "SELECT v FROM a ORDER BY v DESC", "NULL;4;2.5;1.5");
    row("nulls last", "SELECT v FROM a ORDER BY v DESC NULLS LAST LIMIT 2", "4;2.5");
    row("nulls first", "SELECT g FROM a ORDER BY g NULLS FIRST, id DESC", "NULL;x;x;y");
    row("by what is not shown", "SELECT g FROM a ORDER BY -id LIMIT 1 OFFSET 1", "y");
    row("offset alone", "SELECT id FROM a OFFSET 3", "4");
    row("limit null", "SELECT id FROM a LIMIT NULL OFFSET 2", "3;4");
    row("limit nothing", "SELECT id FROM a LIMIT 0", "");
    row("distinct", "SELECT DISTINCT g FROM a ORDER BY g", "x;y;NULL");
    // Set operations (trap 8).
    row("union all", "SELECT id FROM a WHERE id < 3 UNION ALL SELECT k FROM b WHERE k = 2 ORDER BY 1 DESC", "2;2;2;1");
    row("union", "SELECT g FROM a UNION SELECT 'x' ORDER BY 1 LIMIT 2", "x;y");
    row("intersect", "SELECT id, g FROM a INTERSECT SELECT k, 'x' FROM b ORDER BY 1", "1|x;2|x");
    row("intersect all", "SELECT k FROM b INTERSECT ALL SELECT k FROM b WHERE w <> 'two' ORDER BY 1", "1;2;9;NULL");
    row("except", "SELECT k FROM b EXCEPT SELECT id FROM a ORDER BY 1", "9;NULL");
    row("except all", "SELECT k FROM b EXCEPT ALL SELECT 2 ORDER BY 1", "1;2;9;NULL");
    row("values", "VALUES (1, 'a'), (2, NULL) ORDER BY 1 DESC", "2|NULL;1|a");
    row("with", "WITH q AS (SELECT id FROM a), r AS (SELECT id + 1 AS n FROM q) SELECT n FROM r WHERE n > 3", "4;5");
    row("series", "SELECT * FROM generate_series(5, 1, -2)", "5;3;1");
    row("series at the end of bigint", "SELECT count(*) FROM generate_series(9223372036854775806, 9223372036854775807)",
        "2");
    row("nothing from nothing", "SELECT 1 + 1", "2");
  }
  void rows() {
    QFETCH(QString, sql);
    QFETCH(QString, expected);
    QCOMPARE(QString::fromStdString(m_database.run(sql.toStdString())), expected);
  }

  void memoryIsBounded() {
    m_database.memoryBytesMax = 400'000;
    for (const auto* sql : {"SELECT n FROM generate_series(1, 100000) s(n) ORDER BY -n",
                            "SELECT count(*) FROM (SELECT DISTINCT n FROM generate_series(1, 100000) s(n)) q",
                            "SELECT n, count(*) FROM generate_series(1, 100000) s(n) GROUP BY n",
                            "SELECT count(*) FROM generate_series(1, 100000) r(m) JOIN generate_series(1, 100000) s(n) ON m = n",
                            "SELECT 1 FROM a WHERE id NOT IN (SELECT n FROM generate_series(1, 100000) s(n))"})
      QCOMPARE(m_database.fails(sql).kind(), ErrorKind::OutOfMemory);
    // A limit keeps few rows, however many pass by.
    QCOMPARE(m_database.run("SELECT n FROM generate_series(1, 100000) s(n) ORDER BY -n LIMIT 2"),
             std::string("100000;99999"));
    m_database.memoryBytesMax = 64u << 20;
  }

  void canceledStatementsEnd() {
    m_database.cancel.cancel();
    QCOMPARE(m_database.fails("SELECT count(*) FROM generate_series(1, 1000000000000)").kind(),
             ErrorKind::QueryCanceled);
    m_database.cancel.reset();
  }

 private:
  Database m_database;
};

QTEST_APPLESS_MAIN(TestQueries)
#include "tst_queries.moc"
