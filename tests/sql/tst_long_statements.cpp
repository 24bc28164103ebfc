// Long statements run or are refused in a sentence; none overflows the stack.
#include <QtTest>

#include "api/database.h"

using namespace drift;

namespace {

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  text.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

/// A part that often, with the number of each one in place of #.
QByteArray levels(const QByteArray& part, int depth) {
  QByteArray text;
  for (int level = 0; level < depth; ++level) text += QByteArray(part).replace('#', QByteArray::number(level));
  return text;
}

Result<std::shared_ptr<api::Database>> createDatabase(const QTemporaryDir& folder) {
  api::OpenOptions options;
  options.create = true;
  options.durability = api::OpenOptions::Durability::Off;
  return api::Database::open(folder.filePath("long.drift").toStdString(), options);
}

}  // namespace

class TestLongStatements : public QObject {
  Q_OBJECT

 private slots:
  void refusesWhatIsTooLong() {
    QTemporaryDir folder;
    const auto database = createDatabase(folder);
    QVERIFY(database.ok());
    const auto session = (*database)->newSession("test");
    const auto result = session->execute("SELECT 1" + repeated(" + 1", 100000));
    QVERIFY(!result.ok());
    QCOMPARE(result.error().kind(), ErrorKind::LimitExceeded);
    QVERIFY(session->execute("SELECT 1").ok());
  }

  void runs_data() {
    QTest::addColumn<QByteArray>("sql");
    QTest::addColumn<qint64>("answer");
    const auto row = [](const char* name, const std::string& sql, qint64 answer) {
      QTest::newRow(name) << QByteArray::fromStdString(sql) << answer;
    };
    const std::string two = " FROM (VALUES (1), (2)) v(a)";
    row("sum of literals", "SELECT 1" + repeated(" + 1", 1999), 2000);
    row("sum of columns", "SELECT a" + repeated(" + a", 1999) + " FROM (VALUES (1)) v(a)", 2000);
    row("OR", "SELECT count(*)" + two + " WHERE a = 0" + repeated(" OR a = 1", 9999), 1);
    row("AND", "SELECT count(*)" + two + " WHERE a > 0" + repeated(" AND a < 3", 9999), 2);
    row("IN", "SELECT count(*)" + two + " WHERE a IN (1" + repeated(", 1", 9999) + ")", 1);
    row("concatenation", "SELECT length('x'" + repeated(" || 'x'", 1999) + ")", 2000);
    row("CASE", "SELECT CASE" + repeated(" WHEN a = 2 THEN 0", 5000) + " ELSE 7 END FROM (VALUES (1)) v(a)", 7);
    row("UNION ALL", "SELECT count(*) FROM (SELECT 1 AS n" + repeated(" UNION ALL SELECT 1", 999) + ") x", 1000);
    row("parentheses", "SELECT " + repeated("(", 300) + "5" + repeated(")", 300), 5);
    row("calls", "SELECT " + repeated("abs(", 250) + "a" + repeated(")", 250) + " FROM (VALUES (-3)) v(a)", 3);
    row("subqueries", repeated("SELECT n FROM (", 100) + "SELECT 4 AS n" + repeated(") x", 100), 4);
  }

  void nests_data() {
    QTest::addColumn<QByteArray>("begin");
    QTest::addColumn<QByteArray>("open");
    QTest::addColumn<QByteArray>("middle");
    QTest::addColumn<QByteArray>("close");
    QTest::addColumn<QByteArray>("end");
    const auto row = [](const char* name, const char* begin, const char* open, const char* middle, const char* close,
                        const char* end) {
      QTest::newRow(name) << QByteArray(begin) << QByteArray(open) << QByteArray(middle) << QByteArray(close)
                          << QByteArray(end);
    };
    const char* table = " FROM (VALUES (1)) v(a)";
    row("parentheses", "SELECT ", "(", "a", ")", table);
    row("scalar subqueries", "SELECT ", "(SELECT ", "1", ")", "");
    row("correlated subqueries", "SELECT ", "(SELECT a + ", "a", ")", table);
    row("EXISTS", "SELECT ", "EXISTS (SELECT 1 WHERE ", "true", ")", "");
    row("IN", "SELECT ", "1 IN (SELECT 1 WHERE ", "true", ")", "");
    row("ANY", "SELECT ", "1 = ANY (SELECT 1 WHERE ", "true", ")", "");
    row("ARRAY of a query", "SELECT cardinality(", "ARRAY(SELECT cardinality(", "'{}'::integer[]", "))", ")");
    row("CASE in WHEN", "SELECT ", "CASE WHEN ", "true", " THEN true END", "");
    row("CASE in THEN", "SELECT ", "CASE WHEN a = 1 THEN ", "2", " END", table);
    row("CASE in ELSE", "SELECT ", "CASE WHEN a = 2 THEN 0 ELSE ", "2", " END", table);
    row("CASE with an operand", "SELECT ", "CASE ", "a", " WHEN 1 THEN 1 END", table);
    row("arrays", "SELECT cardinality(", "array_append('{1}'::integer[], cardinality(", "'{1}'::integer[]", "))", ")");
    row("subscripts", "SELECT ", "(ARRAY[1, 2])[", "1", "]", "");
    row("JSON", "SELECT ", "jsonb_build_array(", "1", ")", "");
    row("JSON operators", "SELECT '{}'::jsonb", " -> 'a'", "", "", "");
    row("NOT", "SELECT ", "NOT ", "true", "", "");
    row("minus", "SELECT ", "- ", "a", "", table);
    row("IS NULL", "SELECT a", "", "", " IS NULL", table);
    row("casts", "SELECT a", "::text::integer", "", "", table);
    row("CAST", "SELECT ", "CAST(CAST(", "a", " AS text) AS integer)", table);
    row("calls", "SELECT ", "coalesce(", "a", ", 1)", table);
    row("BETWEEN", "SELECT 1 BETWEEN 0 AND ", "(SELECT 2 WHERE 1 BETWEEN 0 AND ", "2", ")", "");
    row("LIKE", "SELECT ", "('a' LIKE 'a') = (", "true", ")", "");
    row("row values", "SELECT 1 WHERE ", "(1, 2) = (1, (SELECT 2 WHERE ", "true", "))", "");
    row("FROM", "SELECT * FROM ", "(SELECT * FROM ", "(VALUES (1)) v(a)", ") x", "");
    row("LATERAL", "SELECT * FROM ", "(VALUES (1)) v(a), LATERAL (SELECT v.a FROM ", "(VALUES (1)) w(a)", ") x", "");
    row("joins in parentheses", "SELECT 1 FROM ", "(", "(VALUES (1)) v(a)", " CROSS JOIN (VALUES (2)) w#(b#))", "");
    row("joins in a row", "SELECT 1 FROM (VALUES (1)) v(a)", " CROSS JOIN (VALUES (1)) w#(b#)", "", "", "");
    row("WITH", "", "WITH w AS (", "SELECT 1 AS n", ") SELECT * FROM w", "");
    row("UNION in parentheses", "", "(", "SELECT 1", " UNION SELECT 1)", "");
    row("UNION in a row", "SELECT 1", " UNION ALL SELECT 1", "", "", "");
    row("INTERSECT in parentheses", "", "(SELECT 1 INTERSECT ", "SELECT 1", ")", "");
    row("WHERE", "SELECT 1 WHERE ", "(1 = 1 AND ", "true", ")", "");
    row("AND and OR", "SELECT ", "(true AND false OR ", "true", ")", "");
    row("aggregates of queries", "SELECT ", "(SELECT count(*) FROM (VALUES (1)) v(a) WHERE a = ", "1", ")", "");
    row("windows of queries", "", "SELECT sum(n) OVER () AS n FROM (", "SELECT 1 AS n", ") x", "");
    row("ORDER BY", "SELECT 1 ORDER BY ", "(SELECT 1 ORDER BY ", "1", ")", "");
    row("ROLLUP", "SELECT count(*) FROM (VALUES (1)) v(a) GROUP BY ", "GROUPING SETS (", "a", ")", "");
    row("VALUES", "", "VALUES ((", "VALUES (1)", "))", "");
    row("EXPLAIN", "EXPLAIN SELECT * FROM ", "(SELECT * FROM ", "(VALUES (1)) v(a)", ") x", "");
    row("comments", "SELECT 1 ", "/* ", "", " */", "");
  }

  /// 12 levels run; hundreds, a thousand and more run, or are refused in a sentence, and the session goes on.
  void nests() {
    QFETCH(QByteArray, begin);
    QFETCH(QByteArray, open);
    QFETCH(QByteArray, middle);
    QFETCH(QByteArray, close);
    QFETCH(QByteArray, end);
    QTemporaryDir folder;
    const auto database = createDatabase(folder);
    QVERIFY(database.ok());
    const auto session = (*database)->newSession("test");
    for (const int depth : {12, 300, 1000, 20000}) {
      const auto sql = (begin + levels(open, depth) + middle + levels(close, depth) + end).toStdString();
      auto result = session->execute(sql);
      auto status = result.ok() ? Status() : Status(result.error());
      while (status.ok()) {
        api::Chunk chunk;
        const auto more = (*result)->next(chunk);
        if (!more.ok()) status = more.error();
        else if (!*more) break;
      }
      const bool isRefused = !status.ok() && status.error().kind() == ErrorKind::LimitExceeded && depth > 12;
      QVERIFY2(status.ok() || isRefused,
               status.ok() ? "" : fmt::format("{} levels: {}", depth, status.error().toString()).c_str());
    }
    QVERIFY(session->execute("SELECT 1").ok());
  }

  void runs() {
    QFETCH(QByteArray, sql);
    QFETCH(qint64, answer);
    QTemporaryDir folder;
    const auto database = createDatabase(folder);
    QVERIFY(database.ok());
    const auto session = (*database)->newSession("test");
    const auto result = session->execute({sql.constData(), static_cast<std::size_t>(sql.size())});
    QVERIFY2(result.ok(), result.ok() ? "" : result.error().toString().c_str());
    api::Chunk chunk;
    const auto more = (*result)->next(chunk);
    QVERIFY2(more.ok(), more.ok() ? "" : more.error().toString().c_str());
    QVERIFY(*more);
    QCOMPARE(chunk.rowCount(), std::size_t{1});
    QCOMPARE(QByteArray::fromStdString(types::toText(chunk.column(0).get(0))), QByteArray::number(answer));
  }
};

QTEST_APPLESS_MAIN(TestLongStatements)
#include "tst_long_statements.moc"
