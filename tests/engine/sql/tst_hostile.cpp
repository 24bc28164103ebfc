// Input that nobody should send: nothing crashes, nothing is slow without bound.
#include <QtTest>

#include <random>

#include "sql/column_name.h"
#include "sql/highlight.h"
#include "sql/lexer.h"
#include "sql/parser.h"
#include "sql/split.h"

using namespace drift;
using namespace drift::sql;

namespace {

std::uint64_t seed() {
  bool set = false;
  const auto given = qEnvironmentVariable("DRIFT_SEED").toULongLong(&set);
  const std::uint64_t value = set ? given : 20251112;
  qInfo("DRIFT_SEED=%llu", static_cast<unsigned long long>(value));
  return value;
}

std::string repeated(std::string_view part, std::size_t times) {
  std::string text;
  text.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

// Whatever the text is: tokens cover it, ranges cover it, an error points into it.
void checkAnyText(const std::string& text) {
  Lexer lexer(text);
  std::size_t covered = 0;
  for (Token token = lexer.next(); token.kind != TokenKind::End; token = lexer.next()) {
    QCOMPARE(static_cast<std::size_t>(token.span.offsetBytes), covered);
    QVERIFY(token.span.lengthBytes > 0);
    covered += token.span.lengthBytes;
  }
  QCOMPARE(covered, text.size());
  for (const SourceSpan& span : splitStatements(text))
    QVERIFY(span.offsetBytes + span.lengthBytes <= text.size());
  std::size_t highlighted = 0;
  for (const HighlightRange& range : highlight(text)) highlighted += range.lengthBytes;
  QCOMPARE(highlighted, text.size());
  const auto parsed = parseStatement(text);
  if (parsed.ok()) return;
  QVERIFY(parsed.error().span().has_value());
  QVERIFY(parsed.error().span()->offsetBytes + parsed.error().span()->lengthBytes <= text.size());
}

constexpr std::string_view kSoup[] = {
    "SELECT", "FROM", "WHERE", "t", "a", "b", "*", ",", "(", ")", "(", ")", "1", "2.5", "'x'", "=", "<", "+", "-",
    "AND", "OR", "NOT", "IN", "BETWEEN", "LIKE", "IS", "NULL", "CASE", "WHEN", "THEN", "ELSE", "END", "JOIN", "LEFT",
    "ON", "USING", "GROUP", "BY", "ORDER", "HAVING", "LIMIT", "OFFSET", "UNION", "ALL", "EXCEPT", "VALUES", "WITH",
    "AS", "OF", "FOR", "SYSTEM_TIME", "SYSTEM", "TIME", "COMMIT", "@seq:", "LATEST", "TAG", "INSERT", "INTO",
    "UPDATE", "SET", "DELETE", "CREATE", "TABLE", "int", "PRIMARY", "KEY", "DEFAULT", "CHECK", "ALTER", "ADD",
    "DROP", "COLUMN", "$1", "::", "CAST", "EXISTS", "INTERVAL", "TIMESTAMP", "EXTRACT", "OVER", "PARTITION", ".",
    ";", "[", "]", "E'\\", "$$", "\"", "/*", "--", "\n", "ROW", "DISTINCT", "FETCH", "FIRST", "BEGIN", "EXPLAIN",
};

}  // namespace

class TestHostile : public QObject {
  Q_OBJECT

 private slots:
  void survivesTokenSoups() {
    std::mt19937_64 random(seed());
    for (int round = 0; round < 20000; ++round) {
      std::string text = round % 2 ? "SELECT " : "";
      for (std::size_t words = random() % 25; words > 0; --words) {
        text += kSoup[random() % std::size(kSoup)];
        text += ' ';
      }
      checkAnyText(text);
      if (QTest::currentTestFailed()) {
        qWarning("text: %s", text.c_str());
        return;
      }
    }
  }

  void survivesRandomBytes() {
    std::mt19937_64 random(seed());
    for (int round = 0; round < 5000; ++round) {
      std::string text;
      for (std::size_t bytes = random() % 60; bytes > 0; --bytes)
        text += static_cast<char>(round % 3 ? 32 + random() % 95 : random() % 256);
      checkAnyText(text);
      if (QTest::currentTestFailed()) return;
    }
  }

  void readsLongChains_data() {
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* name, std::string text) { QTest::newRow(name) << QByteArray::fromStdString(text); };
    row("sum", "SELECT 1" + repeated(" + 1", 10000));
    row("long sum", "SELECT 1" + repeated(" + 1", 200000));
    row("concatenation", "SELECT a" + repeated(" || 'x'", 10000));
    row("AND", "SELECT a" + repeated(" AND b = 1", 10000));
    row("OR in WHERE", "SELECT 1 FROM t WHERE a = 0" + repeated(" OR a = 1", 10000));
    row("IN list", "SELECT a IN (1" + repeated(", 1", 10000) + ")");
    row("CASE branches", "SELECT CASE" + repeated(" WHEN a THEN 1", 10000) + " END");
    row("columns", "SELECT a" + repeated(", a", 10000));
    row("VALUES rows", "INSERT INTO t VALUES (1, 'x')" + repeated(", (1, 'x')", 10000));
    row("UNION ALL", "SELECT 1" + repeated(" UNION ALL SELECT 1", 9999));
    row("one string of a megabyte", "SELECT '" + repeated("x", 1 << 20) + "'");
    row("one comment of a megabyte", "/*" + repeated("*", 1 << 20) + "*/ SELECT 1");
    row("brackets of a megabyte", "SELECT 1 -- " + repeated("(", 1 << 20));
  }

  void readsLongChains() {
    QFETCH(QByteArray, text);
    auto parsed = parseStatement({text.constData(), static_cast<std::size_t>(text.size())});
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
    const auto* query = std::get_if<QueryPtr>(&(*parsed)->node);
    if (query) QVERIFY((*query)->height <= kNestingDepthMax);
  }

  void refusesDeepNesting_data() {
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* name, std::string text) { QTest::newRow(name) << QByteArray::fromStdString(text); };
    constexpr std::size_t kDeep = 100000;
    row("parentheses", "SELECT " + repeated("(", kDeep) + "1" + repeated(")", kDeep));
    row("open parentheses", "SELECT " + repeated("(", kDeep));
    row("NOT", "SELECT " + repeated("NOT ", kDeep) + "a");
    row("signs", "SELECT " + repeated("- ", kDeep) + "1");
    row("right operands", "SELECT " + repeated("1 + (", kDeep) + "1" + repeated(")", kDeep));
    row("AND and OR in turn", "SELECT " + repeated("(a AND (b OR ", kDeep) + "1" + repeated("))", kDeep));
    row("casts", "SELECT 1" + repeated("::int", kDeep));
    row("IS tests", "SELECT a" + repeated(" IS NULL", kDeep));
    row("calls", "SELECT " + repeated("f(", kDeep) + repeated(")", kDeep));
    row("CASE", "SELECT " + repeated("CASE WHEN a THEN ", kDeep));
    row("subqueries", "SELECT " + repeated("(SELECT ", kDeep));
    row("subqueries in FROM", repeated("SELECT * FROM (", kDeep));
    row("FROM in parentheses", "SELECT * FROM " + repeated("(", kDeep));
    row("arms in parentheses", repeated("(", kDeep) + "SELECT 1");
    row("joins", "SELECT * FROM t" + repeated(" CROSS JOIN t", kDeep));
    row("nested joins", "SELECT * FROM t" + repeated(" JOIN t", kDeep));
    row("set operations in turn", "SELECT 1" + repeated(" UNION SELECT 1 EXCEPT SELECT 1", kDeep));
    row("WITH", repeated("WITH a AS (", kDeep));
    row("changes in WITH", repeated("WITH a AS (WITH b AS (DELETE FROM t RETURNING *) DELETE FROM u WHERE x IN (", kDeep));
    row("EXPLAIN", repeated("EXPLAIN (", kDeep));
  }

  void refusesDeepNesting() {
    QFETCH(QByteArray, text);
    const auto parsed = parseStatement({text.constData(), static_cast<std::size_t>(text.size())});
    QVERIFY(!parsed.ok());
    const bool expected = parsed.error().kind() == ErrorKind::LimitExceeded ||
                          QByteArray(QTest::currentDataTag()) == "EXPLAIN";
    QVERIFY2(expected, parsed.error().toString().c_str());
  }

  // Chains within nested parentheses: each level alone is short, all of them together are not.
  void boundsTheHeightOfWhatItAccepts() {
    std::string text = "1";
    for (int level = 0; level < 300; ++level) text = "(" + text + repeated("::int", 20) + ")";
    const auto casts = parseStatement("SELECT " + text);
    QVERIFY(!casts.ok());
    QCOMPARE(casts.error().kind(), ErrorKind::LimitExceeded);
    std::string query = "SELECT 1";
    for (int level = 0; level < 200; ++level)
      query = "SELECT * FROM (" + query + ") x" + repeated(" CROSS JOIN t", 20);
    const auto joins = parseStatement(query);
    QVERIFY(!joins.ok());
    QCOMPARE(joins.error().kind(), ErrorKind::LimitExceeded);
  }

  void acceptsSensibleNesting_data() {
    QTest::addColumn<QByteArray>("text");
    const auto row = [](const char* name, std::string text) { QTest::newRow(name) << QByteArray::fromStdString(text); };
    row("parentheses", "SELECT " + repeated("(", 900) + "1" + repeated(")", 900));
    row("sums in parentheses", "SELECT " + repeated("(1 + ", 300) + "1" + repeated(")", 300));
    row("subqueries in FROM", repeated("SELECT * FROM (", 300) + "SELECT 1" + repeated(") x", 300));
    row("NOT", "SELECT " + repeated("NOT ", 900) + "a");
  }

  void acceptsSensibleNesting() {
    QFETCH(QByteArray, text);
    const auto parsed = parseStatement({text.constData(), static_cast<std::size_t>(text.size())});
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
  }

  void refusesTextThatIsTooLong() {
    const auto parsed = parseStatement(std::string(kStatementBytesMax + 1, ' '));
    QVERIFY(!parsed.ok());
    QCOMPARE(parsed.error().kind(), ErrorKind::LimitExceeded);
  }

  void readsAsManySemicolonsAsThereAre() {
    const auto parsed = parseStatement(repeated(";", 1 << 20) + "SELECT 1");
    QVERIFY(parsed.ok());
  }
};

QTEST_APPLESS_MAIN(TestHostile)
#include "tst_hostile.moc"
