#include <QSignalSpy>
#include <QTest>

#include "editor/find_bar.h"
#include "editor/sql_editor.h"

using namespace drift;
using namespace drift::gui;
using editor::SqlEditor;

class TestSqlEditor final : public QObject {
  Q_OBJECT

 private slots:
  void findsTheStatementAtTheCaret_data();
  void findsTheStatementAtTheCaret();
  void countsBytesNotLetters();
  void placesStatementsOfASelection();
  void marksErrors();
  void togglesComments();
  void leavesByEscapeAndTab();
  void coloursKeywords();
  void knowsStatementsThatNameATime();
};

void TestSqlEditor::findsTheStatementAtTheCaret_data() {
  QTest::addColumn<int>("line");
  QTest::addColumn<int>("column");
  QTest::addColumn<QByteArray>("sql");
  QTest::newRow("start") << 0 << 0 << QByteArray("SELECT 1");
  QTest::newRow("after the semicolon") << 0 << 9 << QByteArray("SELECT 1");
  QTest::newRow("second") << 1 << 2 << QByteArray("SELECT\n2");
  QTest::newRow("second, next line") << 2 << 0 << QByteArray("SELECT\n2");
  QTest::newRow("end") << 3 << 8 << QByteArray("SELECT 3");
}

void TestSqlEditor::findsTheStatementAtTheCaret() {
  QFETCH(int, line);
  QFETCH(int, column);
  QFETCH(QByteArray, sql);
  SqlEditor editor;
  QVERIFY(editor.currentStatement().empty());
  editor.setText(QStringLiteral("SELECT 1;\nSELECT\n2;\nSELECT 3"));
  editor.setCursorPosition(line, column);
  const auto current = editor.currentStatement();
  QCOMPARE(current.size(), std::size_t{1});
  QCOMPARE(current.front().sql, sql);
}

void TestSqlEditor::countsBytesNotLetters() {
  SqlEditor editor;
  editor.setText(QString::fromUtf8("SELECT 'h\u00f6\u20ac';\n\u00fc SELECT 2"));
  const auto all = editor.allStatements();
  QCOMPARE(all.size(), std::size_t{2});
  QCOMPARE(all[1].origin.offsetBytes, 17U);
  QCOMPARE(all[1].origin.line, 2U);
  QCOMPARE(all[1].origin.column, 1U);
}

void TestSqlEditor::placesStatementsOfASelection() {
  SqlEditor editor;
  editor.setText(QStringLiteral("SELECT 1;\n  SELECT 2; SELECT 3"));
  QVERIFY(editor.selectedStatements().empty());
  editor.setSelection(1, 2, 1, 19);
  const auto selected = editor.selectedStatements();
  QCOMPARE(selected.size(), std::size_t{2});
  QCOMPARE(selected[0].sql, QByteArray("SELECT 2"));
  QCOMPARE(selected[0].origin.offsetBytes, 12U);
  QCOMPARE(selected[0].origin.line, 2U);
  QCOMPARE(selected[0].origin.column, 3U);
  QCOMPARE(selected[1].sql, QByteArray("SELECT"));
}

void TestSqlEditor::marksErrors() {
  SqlEditor editor;
  editor.setText(QStringLiteral("SELECT wrong"));
  SourceSpan span;
  span.offsetBytes = 7;
  span.lengthBytes = 5;
  editor.markError(span);
  QVERIFY(editor.hasErrorMark());
  const auto marked = [&editor](long at) {
    return editor.SendScintilla(QsciScintilla::SCI_INDICATORVALUEAT, 8UL, at) != 0;
  };
  QVERIFY(!marked(6));
  QVERIFY(marked(7));
  QVERIFY(marked(11));
  span.offsetBytes = 12;  // the end of the text
  span.lengthBytes = 0;
  editor.markError(span);
  QVERIFY(marked(11));
  QVERIFY(!marked(7));
  editor.append(QStringLiteral("x"));
  QVERIFY(!editor.hasErrorMark());
}

void TestSqlEditor::togglesComments() {
  SqlEditor editor;
  const QString text = QStringLiteral("SELECT 1\n\n  FROM t");
  editor.setText(text);
  editor.selectAll();
  editor.toggleComment();
  QCOMPARE(editor.text(), QStringLiteral("-- SELECT 1\n\n--   FROM t"));
  editor.selectAll();
  editor.toggleComment();
  QCOMPARE(editor.text(), text);
  editor.setCursorPosition(2, 3);
  editor.toggleComment();
  QCOMPARE(editor.text(), QStringLiteral("SELECT 1\n\n--   FROM t"));
}

void TestSqlEditor::leavesByEscapeAndTab() {
  QWidget window;
  auto* editor = new SqlEditor(&window);
  auto* bar = new editor::FindBar(editor, &window);
  QVERIFY(!bar->isVisible());
  QSignalSpy escaped(editor, &SqlEditor::escapePressed);
  QTest::keyClick(editor, Qt::Key_Tab);
  QCOMPARE(editor->text(), QStringLiteral("  "));
  QTest::keyClick(editor, Qt::Key_Escape);
  QCOMPARE(escaped.size(), 1);
  QTest::keyClick(editor, Qt::Key_Tab);
  QCOMPARE(editor->text(), QStringLiteral("  "));
}

void TestSqlEditor::coloursKeywords() {
  SqlEditor editor;
  editor.setText(QStringLiteral("SELECT id FROM t"));
  editor.SendScintilla(QsciScintilla::SCI_COLOURISE, 0UL, -1L);
  const auto style = [&editor](unsigned long at) { return editor.SendScintilla(QsciScintilla::SCI_GETSTYLEAT, at); };
  QCOMPARE(style(0), style(10));
  QVERIFY(style(0) != style(7));
}

void TestSqlEditor::knowsStatementsThatNameATime() {
  SqlEditor editor;
  editor.setText(QStringLiteral("SELECT * FROM t FOR SYSTEM_TIME AS OF COMMIT 7;\nSELECT 'AS OF' AS of FROM t"));
  editor.setCursorPosition(0, 3);
  QVERIFY(editor.currentStatementNamesTime());
  editor.setCursorPosition(1, 3);
  QVERIFY(!editor.currentStatementNamesTime());
}

QTEST_MAIN(TestSqlEditor)
#include "tst_sql_editor.moc"
