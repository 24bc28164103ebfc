#include <QtTest>

#include "sql/parser.h"
#include "tree_text.h"

using namespace drift;
using namespace drift::sql;

namespace {

template <class T>
const T* statementAs(const Result<StatementPtr>& parsed) {
  return parsed.ok() ? std::get_if<T>(&(*parsed)->node) : nullptr;
}

const SelectBody* selectOf(const Result<StatementPtr>& parsed) {
  const auto* query = statementAs<QueryPtr>(parsed);
  return query ? std::get_if<SelectBody>(&(*query)->body.node) : nullptr;
}

}  // namespace

class TestStatement : public QObject {
  Q_OBJECT

 private slots:
  void accepts_data() {
    QTest::addColumn<QString>("text");
    for (const char* text :
         {"SELECT 1;",
          ";;SELECT 1;;",
          "SELECT a b, c AS \"select\", d AS order FROM t",
          "SELECT DISTINCT ON (a, b) * FROM t ORDER BY a, b DESC NULLS LAST",
          "SELECT a = ANY (ARRAY[1, 2]), a < ALL (ARRAY[]) FROM t",
          "INSERT INTO t VALUES (1) ON CONFLICT ON CONSTRAINT c DO UPDATE SET a = excluded.a, (b, c) = (1, 2) WHERE a "
          "> 1",
          "INSERT INTO t SELECT 1 ON CONFLICT (a, b) DO NOTHING RETURNING *",
          "CREATE OR REPLACE VIEW s.v (a, b) AS WITH x AS (SELECT 1) SELECT * FROM x",
          "DROP VIEW IF EXISTS v, w CASCADE",
          "SELECT ALL t.*, s.t.* FROM s.t WHERE true GROUP BY a, 2 HAVING count(*) > 1",
          "SELECT * FROM a, b x (p, q), (SELECT 1) AS y, f(1) WITH ORDINALITY z, LATERAL (SELECT 2) w",
          "SELECT * FROM a JOIN b JOIN c ON true ON true LEFT OUTER JOIN d USING (x, y) "
          "NATURAL FULL JOIN e CROSS JOIN g",
          "SELECT * FROM ((a JOIN b ON true) RIGHT JOIN c ON true)",
          "SELECT * FROM ((SELECT 1) UNION (SELECT 2)) x, ((SELECT 1) y CROSS JOIN z)",
          "SELECT 1 LIMIT ALL OFFSET 2 ROWS",
          "SELECT 1 OFFSET 1 FETCH FIRST ROW ONLY",
          "SELECT 1 ORDER BY 1 FETCH NEXT 3 ROWS WITH TIES",
          "TABLE t",
          "VALUES (1, 2), (3, 4) ORDER BY 1",
          "(SELECT 1 LIMIT 1) UNION ALL (SELECT 2) EXCEPT SELECT 3 INTERSECT ALL SELECT 4 ORDER BY 1",
          "WITH a AS (SELECT 1), b(x) AS NOT MATERIALIZED (SELECT 2) SELECT * FROM a, b",
          "WITH RECURSIVE r(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r",
          "SELECT sum(a) OVER w FROM t WINDOW w AS (PARTITION BY b ORDER BY c "
          "ROWS BETWEEN 1 PRECEDING AND CURRENT ROW)",
          "CREATE TABLE t (a int)",
          "CREATE TABLE IF NOT EXISTS s.t (a int CONSTRAINT n NOT NULL NULL DEFAULT 1 NOT NULL "
          "PRIMARY KEY UNIQUE CHECK (a > 0), PRIMARY KEY (a, b), CONSTRAINT u UNIQUE (b), CHECK (a <> b))",
          "CREATE TABLE t AS SELECT 1",
          "CREATE TABLE t (a, b) AS VALUES (1, 2) WITH NO DATA",
          "CREATE TABLE name (value int, date date, \"order\" text)",
          "DROP TABLE IF EXISTS a, s.b CASCADE",
          "ALTER TABLE t ADD a int, ADD COLUMN IF NOT EXISTS b int DEFAULT 0",
          "ALTER TABLE IF EXISTS t DROP a, DROP COLUMN IF EXISTS b CASCADE",
          "ALTER TABLE t RENAME a TO b",
          "ALTER TABLE t RENAME COLUMN a TO b",
          "ALTER TABLE t RENAME TO u",
          "INSERT INTO t DEFAULT VALUES",
          "INSERT INTO t AS x (a, b) VALUES (1, DEFAULT), (-2, now()) RETURNING *, a + 1 z",
          "INSERT INTO t SELECT * FROM u",
          "INSERT INTO t (a) (SELECT 1)",
          "INSERT INTO t ((SELECT 1) UNION SELECT 2)",
          "WITH x AS (SELECT 1) INSERT INTO t SELECT * FROM x",
          "UPDATE t AS x SET a = 1, b = DEFAULT, (c, d) = (2, DEFAULT) FROM u WHERE x.id = u.id RETURNING x.a",
          "UPDATE t x SET a = a + 1",
          "DELETE FROM t",
          "DELETE FROM t x USING u, v WHERE x.a = u.a RETURNING *",
          "TRUNCATE t",
          "TRUNCATE TABLE a, b CONTINUE IDENTITY RESTRICT",
          "BEGIN",
          "BEGIN WORK ISOLATION LEVEL REPEATABLE READ, READ ONLY",
          "START TRANSACTION READ WRITE",
          "COMMIT WORK AND NO CHAIN",
          "END",
          "ROLLBACK",
          "ABORT TRANSACTION",
          "SAVEPOINT a",
          "ROLLBACK TO SAVEPOINT a",
          "ROLLBACK WORK TO a",
          "RELEASE a",
          "SET TRANSACTION ISOLATION LEVEL SERIALIZABLE",
          "SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY",
          "SET search_path TO a, 'b'",
          "SET LOCAL x.y = -1.5",
          "SET TIME ZONE 'Europe/Berlin'",
          "SET TIME ZONE LOCAL",
          "SET x = DEFAULT",
          "RESET x",
          "RESET ALL",
          "SHOW ALL",
          "SHOW TIME ZONE",
          "SHOW TRANSACTION ISOLATION LEVEL",
          "EXPLAIN SELECT 1",
          "EXPLAIN ANALYZE VERBOSE DELETE FROM t",
          "CREATE INDEX ON t (a)",
          "CREATE UNIQUE INDEX i ON s.t (a, b DESC)",
          "CREATE INDEX CONCURRENTLY IF NOT EXISTS i ON t USING btree (a ASC NULLS FIRST, b NULLS LAST)",
          "DROP INDEX CONCURRENTLY IF EXISTS i, s.j CASCADE",
          "ALTER INDEX IF EXISTS i RENAME TO j",
          "ALTER TABLE t ADD CHECK (a > 0)",
          "COPY t FROM 'x'",
          "CREATE SEQUENCE IF NOT EXISTS a.b AS smallint INCREMENT -1 NO MINVALUE MAXVALUE 5 START WITH -3 CACHE 2 NO CYCLE",
          "ALTER SEQUENCE IF EXISTS s RESTART WITH -5 OWNED BY a.b.c",
          "ALTER SEQUENCE s RENAME TO t",
          "DROP SEQUENCE IF EXISTS s, t CASCADE",
          "CREATE TABLE t (a int GENERATED BY DEFAULT AS IDENTITY (START 5 CYCLE) NOT NULL)",
          "ALTER TABLE t ALTER COLUMN a SET DEFAULT 1 + 2, ALTER b DROP DEFAULT, ALTER c SET NOT NULL, ALTER d DROP NOT NULL",
          "SELECT a FROM t GROUP BY DISTINCT a, ROLLUP (b, (c, d)), GROUPING SETS ((), CUBE (e, f), GROUPING SETS (g))",
          "COPY s.t (a, b) TO 'x' WITH (FORMAT csv, HEADER, DELIMITER ';', FORCE_QUOTE *, NULL '', ENCODING 'UTF8')",
          "COPY (SELECT 1) TO 'x' CSV HEADER DELIMITER AS ';' FORCE QUOTE a, b NULL 'n'",
          "CREATE TABLE t (a int CONSTRAINT k REFERENCES s.u (x) MATCH SIMPLE ON UPDATE CASCADE ON DELETE RESTRICT)",
          "CREATE TABLE t (a int, b int, FOREIGN KEY (a, b) REFERENCES u ON DELETE SET NULL (a) ON UPDATE NO ACTION)",
          "ALTER TABLE t ADD FOREIGN KEY (a) REFERENCES u (x) ON DELETE SET DEFAULT NOT DEFERRABLE",
          "ALTER TABLE t ADD CONSTRAINT c UNIQUE (a, b), DROP CONSTRAINT IF EXISTS d",
          "EXPLAIN (ANALYZE, VERBOSE) (SELECT 1)"})
      QTest::newRow(text) << text;
  }

  void accepts() {
    QFETCH(QString, text);
    const auto parsed = parseStatement(text.toStdString());
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
  }

  void refuses_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("state");
    QTest::addColumn<QString>("message");
    QTest::addColumn<QString>("place");
    const auto row = [](const char* text, const char* state, const char* message, const char* place) {
      QTest::newRow(text) << text << state << message << place;
    };
    row("", "42601", "there is no statement to run", "1:1");
    row("-- nothing\n;", "42601", "there is no statement to run", "2:2");
    row("SELECT 1; SELECT 2", "42601", "there is a second statement after the first", "1:11");
    row("SELECT\n  *\nFROM t WHERE", "42601", "syntax error at end of input", "3:13");
    row("SELECT a FROM t WHERE WHERE", "42601", "syntax error at or near \"WHERE\"", "1:23");
    row("SELECT 1 + * 2", "42601", "syntax error at or near \"*\"", "1:12");
    row("SELECT a FROM t LIMIT 1, 2", "42601", "LIMIT #,# syntax is not supported", "1:24");
    row("VALUES (1, 2), (3)", "42601", "VALUES lists must all be the same length", "1:16");
    row("VALUES (DEFAULT)", "42601", "syntax error at or near \"DEFAULT\"", "1:9");
    row("INSERT INTO t SELECT DEFAULT", "42601", "syntax error at or near \"DEFAULT\"", "1:22");
    row("INSERT INTO t VALUES ((VALUES (DEFAULT)))", "42601", "syntax error at or near \"DEFAULT\"", "1:32");
    row("UPDATE t SET (a, b) = (1)", "42601", "number of columns does not match number of values", "1:23");
    row("SELECT left FROM t", "42601", "syntax error at or near \"FROM\"", "1:13");
    row("SELECT a.b.c.d.e", "42601", "improper qualified name (too many dotted names)", "1:8");
    row("CREATE VIEW v AS SELECT 1 WITH CHECK OPTION", "0A000", "WITH CHECK OPTION is not supported yet", "1:27");
    row("CREATE OR REPLACE PROCEDURE f()", "0A000", "CREATE OR REPLACE PROCEDURE is not supported yet", "1:1");
    row("CREATE FUNCTION f()", "42P17", "function result type must be specified", "1:20");
    row("CREATE FUNCTION f() RETURNS int", "42P17", "no function body specified", "1:17");
    row("CREATE FUNCTION f(OUT a int) RETURNS int AS ''", "0A000", "An OUT parameter is not supported yet", "1:19");
    row("CREATE FUNCTION f() RETURNS int AS '' AS ''", "42601", "conflicting or redundant options", "1:39");
    row("CREATE FUNCTION f() RETURNS int RETURN 1 SECURITY DEFINER", "0A000", "SECURITY DEFINER is not supported yet",
        "1:42");
    row("CREATE FUNCTION f() RETURNS int BEGIN ATOMIC SELECT 1; SELECT 2; END", "0A000",
        "A function of more than one statement is not supported yet", "1:56");
    row("REFRESH MATERIALIZED VIEW CONCURRENTLY v WITH NO DATA", "42601",
        "REFRESH options CONCURRENTLY and WITH NO DATA cannot be used together", "1:47");
    row("SELECT f(a => 1, 2)", "42601", "positional argument cannot follow named argument", "1:18");
    row("SELECT f(a => 1, a => 2)", "42601", "argument name \"a\" used more than once", "1:18");
    row("CREATE TEMP VIEW v AS SELECT 1", "0A000", "CREATE TEMP VIEW is not supported yet", "1:1");
    row("CREATE TABLE t (a int) ON COMMIT DROP", "42P16", "ON COMMIT can only be used on temporary tables", "1:24");
    row("CREATE TAG 'x'", "0A000", "CREATE TAG is not supported yet", "1:1");
    row("CREATE nonsense", "42601", "syntax error at or near \"nonsense\"", "1:8");
    row("ALTER SEQUENCE s", "42601", "syntax error at end of input", "1:17");
    row("CREATE SEQUENCE s START 99999999999999999999", "22003",
        "value \"99999999999999999999\" is out of range for type bigint", "1:25");
    row("GRANT SELECT ON t TO x", "0A000", "GRANT is not supported yet", "1:1");
    row("copy t FROM stdin", "0A000", "COPY FROM STDIN is not supported yet", "1:13");
    row("COPY t TO PROGRAM 'x'", "0A000", "COPY … PROGRAM is not supported yet", "1:11");
    row("COPY (SELECT 1) FROM 'x'", "42601", "syntax error at or near \"FROM\"", "1:17");
    row("COPY t FROM x", "42601", "syntax error at or near \"x\"", "1:13");
    row("MERGE INTO t USING u ON true", "42601", "syntax error at end of input", "1:29");
    row("MERGE INTO t USING u JOIN v ON a ON b WHEN MATCHED THEN DELETE", "42601",
        "the source of MERGE is one table or query", "1:22");
    row("MERGE INTO t USING u ON true WHEN NOT MATCHED BY SOURCE THEN DELETE", "0A000",
        "WHEN NOT MATCHED BY is not supported yet", "1:47");
    row("CREATE TABLE t (a int REFERENCES u MATCH FULL)", "0A000", "MATCH FULL is not supported yet", "1:36");
    row("CREATE TABLE t (a int REFERENCES u DEFERRABLE)", "0A000", "A deferrable constraint is not supported yet",
        "1:36");
    row("CREATE TABLE t (a int REFERENCES u ON DELETE CASCADE ON DELETE CASCADE)", "42601",
        "syntax error at or near \"DELETE\"", "1:57");
    row("CREATE TABLE t (a int REFERENCES u ON UPDATE SET NULL (a))", "0A000",
        "A column list with ON UPDATE SET is not supported yet", "1:55");
    row("CREATE TABLE t (a int GENERATED BY DEFAULT AS (b) STORED)", "42601",
        "for a generated column, GENERATED ALWAYS must be specified", "1:47");
    row("CREATE TABLE t (a int) PARTITION BY RANGE (a)", "0A000", "PARTITION BY is not supported yet", "1:24");
    row("ALTER TABLE t ALTER a TYPE text COLLATE \"C\"", "0A000", "COLLATE is not supported yet", "1:33");
    row("ALTER TABLE t ALTER a SET TYPE text", "0A000", "this form of ALTER TABLE … ALTER COLUMN is not supported yet",
        "1:15");
    row("CREATE TABLE t (LIKE u INCLUDING nothing)", "42601", "syntax error at or near \"nothing\"", "1:34");
    row("COMMENT ON ROLE t IS 'x'", "0A000", "COMMENT ON ROLE is not supported yet", "1:12");
    row("COMMENT ON COLUMN a IS 'x'", "42601", "column name must be qualified", "1:19");
    row("COMMENT ON TABLE t IS x", "42601", "syntax error at or near \"x\"", "1:23");
    row("PREPARE p AS VACUUM", "42601", "syntax error at or near \"VACUUM\"", "1:14");
    row("PREPARE TRANSACTION 'x'", "0A000", "PREPARE TRANSACTION is not supported yet", "1:9");
    row("DECLARE c BINARY CURSOR FOR SELECT 1", "0A000", "A BINARY cursor is not supported yet", "1:11");
    row("DECLARE c CURSOR FOR UPDATE t SET a = 1", "42601", "syntax error at or near \"UPDATE\"", "1:22");
    row("FETCH ABSOLUTE FROM c", "42601", "syntax error at or near \"FROM\"", "1:16");
    row("FETCH", "42601", "syntax error at end of input", "1:6");
    row("CLOSE", "42601", "syntax error at end of input", "1:6");
    row("DEALLOCATE", "42601", "syntax error at end of input", "1:11");
    row("CREATE INDEX ON t (a + 1)", "42601", "syntax error at or near \"+\"", "1:22");
    row("CREATE INDEX i ON t USING gin (a)", "0A000", "An index USING gin is not supported yet", "1:27");
    row("CREATE INDEX s.i ON t (a)", "42601", "an index has no schema of its own: it is made in that of its table",
        "1:15");
    row("CREATE INDEX IF NOT EXISTS ON t (a)", "42601", "IF NOT EXISTS needs the name of the index", "1:28");
    row("CREATE INDEX i ON t (a NULLS)", "42601", "syntax error at or near \")\"", "1:29");
    row("ALTER INDEX i SET (x = 1)", "0A000", "ALTER INDEX … but for RENAME TO is not supported yet", "1:15");
    row("SELECT a INTO b FROM c", "0A000", "SELECT INTO is not supported yet", "1:10");
    row("SELECT * FROM t FOR UPDATE", "0A000", "Row locking (FOR UPDATE, FOR SHARE) is not supported yet", "1:17");
    row("SELECT * FROM t TABLESAMPLE system", "42601", "syntax error at end of input", "1:35");
    row("SELECT * FROM t TABLESAMPLE system (1) x", "42601", "syntax error at or near \"x\"", "1:40");
    row("SELECT * FROM f() AS x(a int)", "0A000", "A column definition list is not supported yet", "1:23");
    row("SELECT a FROM t GROUP BY CUBE (a, a, a, a, a, a, a, a, a, a, a, a, a)", "54000",
        "CUBE is limited to 12 elements", "1:26");
    row("SELECT a FROM t GROUP BY CUBE (a, a, a, a, a, a, a), CUBE (a, a, a, a, a, a)", "54000",
        "too many grouping sets present (maximum 4096)", "1:54");
    row("SELECT FROM t", "0A000", "SELECT without columns is not supported yet", "1:1");
    row("WITH x AS (MERGE INTO t USING u ON true WHEN MATCHED THEN DELETE) SELECT 1", "0A000",
        "MERGE not supported in WITH query", "1:12");
    row("WITH x AS (DELETE FROM t RETURNING) SELECT 1", "42601", "syntax error at or near \")\"", "1:35");
    row("BEGIN DEFERRABLE", "0A000", "DEFERRABLE is not supported yet", "1:7");
    row("COMMIT AND CHAIN", "0A000", "AND CHAIN is not supported yet", "1:12");
    row("EXPLAIN (COSTS) SELECT 1", "0A000", "EXPLAIN (COSTS) is not supported yet", "1:10");
  }

  void refuses() {
    QFETCH(QString, text);
    QFETCH(QString, state);
    QFETCH(QString, message);
    QFETCH(QString, place);
    const auto parsed = parseStatement(text.toStdString());
    QVERIFY(!parsed.ok());
    const Error& error = parsed.error();
    QCOMPARE(QString::fromStdString(error.message()), message);
    QCOMPARE(QString::fromStdString(std::string(error.sqlState())), state);
    QVERIFY(error.span().has_value());
    QCOMPARE(QString("%1:%2").arg(error.span()->line).arg(error.span()->column), place);
  }

  void hintsAtMisspeltKeywords_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("hint");
    QTest::newRow("first word") << "SLECT 1" << "Did you mean SELECT instead of SLECT?";
    QTest::newRow("at the error") << "SELECT * FORM t" << "Did you mean FROM instead of FORM?";
    QTest::newRow("taken for an alias") << "SELECT a FORM t" << "Did you mean FROM instead of FORM?";
    QTest::newRow("at the end") << "SELECT a FROM t x WHRE a = 1" << "Did you mean WHERE instead of WHRE?";
    QTest::newRow("nothing near") << "SELECT a FROM t x zzzzzz" << "";
  }

  void hintsAtMisspeltKeywords() {
    QFETCH(QString, text);
    QFETCH(QString, hint);
    const auto parsed = parseStatement(text.toStdString());
    QVERIFY(!parsed.ok());
    QCOMPARE(QString::fromStdString(parsed.error().hint()), hint);
  }

  void refusesMalformedBytesWithTheirPlace() {
    const auto parsed = parseStatement("SELECT 1,\n  '\xFF'");
    QVERIFY(!parsed.ok());
    QCOMPARE(parsed.error().kind(), ErrorKind::InvalidByteSequence);
    QCOMPARE(parsed.error().span()->line, 2u);
    QCOMPARE(parsed.error().span()->column, 4u);
  }

  void storesConstraintsAsSlices() {
    const std::string text = "CREATE TABLE t (a int DEFAULT (1 + 2) NOT NULL CHECK (a > 0 AND a < 10))";
    const auto parsed = parseStatement(text);
    const auto* table = statementAs<CreateTable>(parsed);
    QVERIFY(table);
    const auto& constraints = table->columns.at(0).constraints;
    QCOMPARE(constraints.size(), std::size_t{3});
    const auto slice = [&](const ExpressionPtr& e) { return text.substr(e->span.offsetBytes, e->span.lengthBytes); };
    QCOMPARE(slice(constraints[0].expression), std::string("(1 + 2)"));
    QVERIFY(constraints[1].kind == ColumnConstraintKind::NotNull);
    QCOMPARE(slice(constraints[2].expression), std::string("a > 0 AND a < 10"));
  }

  void combinesSetOperations() {
    const auto parsed = parseStatement(
        "SELECT 1 UNION ALL SELECT 2 UNION ALL SELECT 3 EXCEPT SELECT 4 INTERSECT SELECT 5");
    const auto* query = statementAs<QueryPtr>(parsed);
    QVERIFY(query);
    const auto* except = std::get_if<SetOperation>(&(*query)->body.node);
    QVERIFY(except && except->op == SetOperator::Except && except->arms.size() == 2);
    const auto* all = std::get_if<SetOperation>(&except->arms[0].node);
    QVERIFY(all && all->op == SetOperator::Union && all->all && all->arms.size() == 3);
    const auto* intersect = std::get_if<SetOperation>(&except->arms[1].node);
    QVERIFY(intersect && intersect->op == SetOperator::Intersect);
  }

  void countsParameters() {
    const auto parsed = parseStatement("SELECT $3 FROM t WHERE a = $1");
    QVERIFY(parsed.ok());
    QCOMPARE((*parsed)->parameterMax, 3u);
  }

  void distinguishesStarFromProduct() {
    const auto parsed = parseStatement("SELECT *, t.*, a * b FROM t");
    const auto* select = selectOf(parsed);
    QVERIFY(select);
    QVERIFY(getIf<Star>(*select->items[0].expression));
    QCOMPARE(getIf<Star>(*select->items[1].expression)->qualifier.size(), std::size_t{1});
    QVERIFY(getIf<BinaryExpression>(*select->items[2].expression));
  }
};

QTEST_APPLESS_MAIN(TestStatement)
#include "tst_statement.moc"
