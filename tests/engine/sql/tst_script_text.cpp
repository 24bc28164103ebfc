#include <QtTest>

#include "sql/highlight.h"
#include "sql/split.h"

using namespace drift;
using namespace drift::sql;

class TestScriptText : public QObject {
  Q_OBJECT

 private slots:
  void splits_data() {
    QTest::addColumn<QString>("script");
    QTest::addColumn<QStringList>("statements");
    QTest::newRow("empty") << "" << QStringList{};
    QTest::newRow("only comments") << "-- a;\n/* b; */ ;; " << QStringList{};
    QTest::newRow("two") << "SELECT 1; SELECT 2" << QStringList{"SELECT 1", "SELECT 2"};
    QTest::newRow("comments around") << "-- a\nSELECT 1 -- b\n; /* c */" << QStringList{"SELECT 1"};
    QTest::newRow("comment inside") << "SELECT /* ; */ 1;" << QStringList{"SELECT /* ; */ 1"};
    QTest::newRow("string") << "SELECT ';'; SELECT 2" << QStringList{"SELECT ';'", "SELECT 2"};
    QTest::newRow("dollar") << "SELECT $$;$$;SELECT 2" << QStringList{"SELECT $$;$$", "SELECT 2"};
    QTest::newRow("quoted name") << "SELECT \";\"" << QStringList{"SELECT \";\""};
    QTest::newRow("open string") << "SELECT 1; SELECT ';" << QStringList{"SELECT 1", "SELECT ';"};
    QTest::newRow("open comment") << "SELECT 1; /* ;" << QStringList{"SELECT 1", "/* ;"};
  }

  void splits() {
    QFETCH(QString, script);
    QFETCH(QStringList, statements);
    const std::string text = script.toStdString();
    QStringList got;
    for (const SourceSpan& span : splitStatements(text))
      got << QString::fromStdString(text.substr(span.offsetBytes, span.lengthBytes));
    QCOMPARE(got, statements);
  }

  void keepsThePlaceOfAStatement() {
    const auto statements = splitStatements("SELECT 1;\n  SELECT 2");
    QCOMPARE(statements.size(), std::size_t{2});
    QCOMPARE(statements[1].line, 2u);
    QCOMPARE(statements[1].column, 3u);
  }

  // One letter a token: k keyword, t time travel, y type, s string, n number, c comment, q quoted name,
  // p parameter, o operator, e error, . text.
  void highlights_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("classes");
    QTest::newRow("query") << "SELECT a, 'x' FROM t -- c" << "k.osk.c";
    QTest::newRow("types") << "CAST(a AS double precision)" << "ko.kyyo";
    QTest::newRow("names after a dot") << "t.select \"q\" $1 2" << ".o.qpn";
    QTest::newRow("keyword as a name") << "name value data" << "...";
    QTest::newRow("clause of a table") << "t FOR SYSTEM_TIME AS OF COMMIT 5" << ".tttttn";
    QTest::newRow("short form") << "t AS OF '-1 hour'" << ".tts";
    QTest::newRow("sequence") << "AS OF @seq:5" << "tttn";
    QTest::newRow("whole query") << "AS OF SYSTEM TIME TAG 'x'" << "ttttts";
    QTest::newRow("function as a point") << "AS OF now()" << "tt.oo";
    QTest::newRow("of as an alias") << "t AS of WHERE" << ".k.k";
    QTest::newRow("commit alone") << "COMMIT" << "k";
    QTest::newRow("errors") << "12abc 'x" << "ee";
  }

  void highlights() {
    QFETCH(QString, text);
    QFETCH(QString, classes);
    const std::string bytes = text.toStdString();
    QString got;
    std::uint32_t expected = 0;
    for (const HighlightRange& range : highlight(bytes)) {
      QCOMPARE(range.offsetBytes, expected);  // no gaps
      expected += range.lengthBytes;
      if (bytes[range.offsetBytes] == ' ') continue;
      got += QStringLiteral(".ktysncqpoe").at(static_cast<int>(range.kind));
    }
    QCOMPARE(expected, static_cast<std::uint32_t>(bytes.size()));
    QCOMPARE(got, classes);
  }
};

QTEST_APPLESS_MAIN(TestScriptText)
#include "tst_script_text.moc"
