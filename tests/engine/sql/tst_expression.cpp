#include <QtTest>

#include "sql/parser.h"
#include "tree_text.h"

using namespace drift;
using namespace drift::sql;

namespace {

std::string viewOf(const QString& text) { return text.toStdString(); }

}  // namespace

class TestExpression : public QObject {
  Q_OBJECT

 private slots:
  // The right column was compared with PostgreSQL 15's own reading of the left one.
  void bindsOperators_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("tree");
    QTest::newRow("product before sum") << "a + b * c" << "(a + (b * c))";
    QTest::newRow("sums from the left") << "a - b - c" << "((a - b) - c)";
    QTest::newRow("powers from the left") << "2 ^ 3 ^ 2" << "((2 ^ 3) ^ 2)";
    QTest::newRow("sign before power") << "- 2 ^ 2" << "((- 2) ^ 2)";
    QTest::newRow("cast before sign") << "- 1::int" << "(- CAST(1 AS integer))";
    QTest::newRow("sum before concatenation") << "a || b + c" << "(a || (b + c))";
    QTest::newRow("prefix operator takes a sum") << "~ a + b" << "(~ (a + b))";
    QTest::newRow("comparison after concatenation") << "a || b = c" << "((a || b) = c)";
    QTest::newRow("not equal has one name") << "a != b" << "(a <> b)";
    QTest::newRow("NOT after comparison") << "NOT a = b" << "(NOT (a = b))";
    QTest::newRow("NOT before AND") << "NOT a AND b" << "((NOT a) AND b)";
    QTest::newRow("AND before OR") << "a OR b AND c OR d" << "(a OR (b AND c) OR d)";
    QTest::newRow("IS after comparison") << "a = b IS NULL" << "((a = b) IS NULL)";
    QTest::newRow("NOT after IS") << "NOT a IS NULL" << "(NOT (a IS NULL))";
    QTest::newRow("IS tests chain") << "a IS NULL IS NOT TRUE" << "((a IS NULL) IS NOT TRUE)";
    QTest::newRow("ISNULL and NOTNULL") << "a ISNULL = b NOTNULL" << "(((a IS NULL) = b) IS NOT NULL)";
    QTest::newRow("LIKE before comparison") << "a = b LIKE c" << "(a = (b LIKE c))";
    QTest::newRow("NOT ILIKE with ESCAPE") << "a NOT ILIKE b || c ESCAPE '!'" << "(a NOT ILIKE (b || c) ESCAPE '!')";
    QTest::newRow("BETWEEN ends before AND") << "a BETWEEN 1 AND 2 AND b" << "((a BETWEEN 1 AND 2) AND b)";
    QTest::newRow("NOT BETWEEN SYMMETRIC") << "a NOT BETWEEN SYMMETRIC 2 AND 1" << "(a NOT BETWEEN SYMMETRIC 2 AND 1)";
    QTest::newRow("IN list") << "a + 1 NOT IN (1, b)" << "((a + 1) NOT IN (1, b))";
    QTest::newRow("IN query") << "a IN (SELECT 1)" << "(a IN (query))";
    QTest::newRow("IN query in more parentheses") << "a IN ((SELECT 1))" << "(a IN (query))";
    QTest::newRow("IN list of queries") << "a IN ((SELECT 1), 2)" << "(a IN ((query), 2))";
    QTest::newRow("IS DISTINCT FROM") << "a IS NOT DISTINCT FROM b + 1" << "(a IS NOT DISTINCT FROM (b + 1))";
    QTest::newRow("quantified") << "a >= ALL (SELECT 1)" << "(a >= ALL (query))";
    QTest::newRow("AT TIME ZONE") << "a + b AT TIME ZONE 'UTC'" << "(a + timezone('UTC', b))";
    QTest::newRow("casts chain") << "a::text::numeric(5,2)" << "CAST(CAST(a AS text) AS numeric(5,2))";
    QTest::newRow("parentheses decide") << "(a + b) * c" << "((a + b) * c)";
    QTest::newRow("subquery in an operation") << "((SELECT 1) + 1)" << "((query) + 1)";
    QTest::newRow("subquery in deep parentheses") << "(((SELECT 1)))" << "(query)";
    QTest::newRow("row in parentheses") << "((a, b)) = (1, 2)" << "(ROW(a, b) = ROW(1, 2))";
    QTest::newRow("EXISTS") << "NOT EXISTS (SELECT 1)" << "(NOT EXISTS (query))";
    QTest::newRow("simple CASE") << "CASE a WHEN 1 THEN b ELSE c END" << "CASE a WHEN 1 THEN b ELSE c END";
    QTest::newRow("searched CASE") << "CASE WHEN a THEN 1 END" << "CASE WHEN a THEN 1 END";
    QTest::newRow("conditionals") << "coalesce(a, nullif(b, 1), greatest(1, 2), least(3))"
                                  << "COALESCE(a, NULLIF(b, 1), GREATEST(1, 2), LEAST(3))";
    QTest::newRow("EXTRACT") << "EXTRACT(year FROM a)" << "extract('year', a)";
    QTest::newRow("SUBSTRING FROM FOR") << "SUBSTRING(a FROM 2 FOR 3)" << "substring(a, 2, 3)";
    QTest::newRow("SUBSTRING FOR") << "SUBSTRING(a FOR 3)" << "substring(a, 1, 3)";
    QTest::newRow("TRIM BOTH") << "TRIM(BOTH 'x' FROM a)" << "btrim(a, 'x')";
    QTest::newRow("TRIM LEADING FROM") << "TRIM(LEADING FROM a)" << "ltrim(a)";
    QTest::newRow("TRIM with a comma") << "TRIM(TRAILING a, 'x')" << "rtrim(a, 'x')";
    QTest::newRow("POSITION") << "POSITION('a' IN b)" << "position(b, 'a')";
    QTest::newRow("OVERLAY") << "OVERLAY(a PLACING b FROM 2)" << "overlay(a, b, 2)";
    QTest::newRow("aggregate") << "count(DISTINCT a) FILTER (WHERE b > 1)" << "count(DISTINCT a) FILTER ((b > 1))";
    QTest::newRow("count of rows") << "count(*) OVER (PARTITION BY a ORDER BY b)" << "count(*) OVER";
    QTest::newRow("function named by a keyword") << "left(a, 2)" << "left(a, 2)";
    QTest::newRow("column named by a type") << "date + 1" << "(date + 1)";
    QTest::newRow("typed literal") << "DATE '2020-01-01'" << "CAST('2020-01-01' AS date)";
    QTest::newRow("typed literal of many words") << "TIMESTAMP (3) WITH TIME ZONE 'x'"
                                                 << "CAST('x' AS timestamp with time zone(3))";
    QTest::newRow("interval with a field") << "INTERVAL '2' DAY" << "CAST('2 day' AS interval)";
    QTest::newRow("DOUBLE PRECISION") << "CAST(a AS DOUBLE PRECISION)" << "CAST(a AS double precision)";
    QTest::newRow("CHARACTER VARYING") << "a::CHARACTER VARYING(20)" << "CAST(a AS character varying(20))";
    QTest::newRow("strings on two lines") << "'a'\n  'b'" << "'ab'";
    QTest::newRow("names are folded") << "T.\"Total\" + PRICE" << "(t.Total + price)";
    QTest::newRow("parameter") << "$2 + $1" << "($2 + $1)";
    QTest::newRow("text that looks like SQL") << "a = 'FOR SYSTEM_TIME ALL'" << "(a = 'FOR SYSTEM_TIME ALL')";
  }

  void bindsOperators() {
    QFETCH(QString, text);
    QFETCH(QString, tree);
    const auto parsed = parseExpression(viewOf(text));
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
    QCOMPARE(QString::fromStdString(testing::treeText(**parsed)), tree);
  }

  void printsItselfAgain_data() { bindsOperators_data(); }

  // The printed form has parentheses everywhere; reading it again must give the same tree.
  void printsItselfAgain() {
    QFETCH(QString, tree);
    for (const char* shortened : {"query", "OVER", "FILTER", "zone(3)", "extract", "position"})
      if (tree.contains(shortened)) return;
    const auto parsed = parseExpression(viewOf(tree));
    QVERIFY2(parsed.ok(), parsed.ok() ? "" : parsed.error().toString().c_str());
    if (tree.contains("Total")) return;  // printed without its quotes
    QCOMPARE(QString::fromStdString(testing::treeText(**parsed)), tree);
  }

  void refuses_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("kind");
    QTest::addColumn<QString>("message");
    QTest::addColumn<int>("column");
    const int syntax = static_cast<int>(ErrorKind::SyntaxError);
    const int unsupported = static_cast<int>(ErrorKind::FeatureNotSupported);
    const int limit = static_cast<int>(ErrorKind::LimitExceeded);
    QTest::newRow("chained comparison") << "a < b < c" << syntax << "syntax error at or near \"<\"" << 7;
    QTest::newRow("chained comparison after OR") << "a OR b = c = d" << syntax << "syntax error at or near \"=\"" << 12;
    QTest::newRow("chained LIKE") << "a LIKE b LIKE c" << syntax << "syntax error at or near \"LIKE\"" << 10;
    QTest::newRow("open parenthesis") << "(a + 1" << syntax << "syntax error at end of input" << 7;
    QTest::newRow("missing operand") << "a +" << syntax << "syntax error at end of input" << 4;
    QTest::newRow("empty") << "" << syntax << "syntax error at end of input" << 1;
    QTest::newRow("reserved word") << "select" << syntax << "syntax error at or near \"select\"" << 1;
    QTest::newRow("open string") << "'abc" << syntax << "unterminated quoted string at or near \"'abc\"" << 1;
    QTest::newRow("bad number") << "1 + 12abc" << syntax
                                << "trailing junk after numeric literal at or near \"12abc\"" << 5;
    QTest::newRow("parameter zero") << "$0" << syntax << "invalid parameter number at or near \"$0\"" << 1;
    QTest::newRow("empty name") << "\"\"" << syntax << "zero-length delimited identifier at or near \"\"\"\"" << 1;
    QTest::newRow("SIMILAR TO") << "a SIMILAR TO b" << unsupported << "SIMILAR TO is not supported yet" << 3;
    QTest::newRow("COLLATE") << "a COLLATE 'C'" << syntax << "syntax error at or near \"'C'\"" << 11;
    QTest::newRow("variadic") << "f(VARIADIC a)" << unsupported << "VARIADIC is not supported yet" << 3;
    QTest::newRow("bit string") << "B'01'" << unsupported << "A bit string literal is not supported yet" << 1;
    QTest::newRow("unicode string") << "U&'a'" << unsupported
                                    << "U& text with Unicode escapes is not supported yet" << 1;
    QTest::newRow("long name") << QString(64, 'x') << limit << "an identifier has at most 63 bytes; this one has 64"
                               << 1;
  }

  void refuses() {
    QFETCH(QString, text);
    QFETCH(int, kind);
    QFETCH(QString, message);
    QFETCH(int, column);
    const auto parsed = parseExpression(viewOf(text));
    QVERIFY(!parsed.ok());
    QCOMPARE(static_cast<int>(parsed.error().kind()), kind);
    QCOMPARE(QString::fromStdString(parsed.error().message()), message);
    QVERIFY(parsed.error().span().has_value());
    QCOMPARE(static_cast<int>(parsed.error().span()->column), column);
  }

  void spansSliceTheText() {
    const std::string text = "  (a + b) * f(1, 'x')  ";
    const auto parsed = parseExpression(text);
    QVERIFY(parsed.ok());
    const auto slice = [&](const Expression& e) { return text.substr(e.span.offsetBytes, e.span.lengthBytes); };
    QCOMPARE(slice(**parsed), std::string("(a + b) * f(1, 'x')"));
    const auto* product = getIf<BinaryExpression>(**parsed);
    QVERIFY(product);
    QCOMPARE(slice(*product->left), std::string("(a + b)"));
    QCOMPARE(slice(*product->right), std::string("f(1, 'x')"));
    QCOMPARE(product->opSpan.column, 11u);
  }
};

QTEST_APPLESS_MAIN(TestExpression)
#include "tst_expression.moc"
