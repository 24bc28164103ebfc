#include <QtTest>

#include "session/commit_message.h"

using namespace drift;

class TestCommitMessage : public QObject {
  Q_OBJECT

 private slots:
  void oneLineOfTheStatement_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("message");
    QTest::newRow("as it is") << "DELETE FROM t" << "DELETE FROM t";
    QTest::newRow("lines become one") << "INSERT INTO t\n  VALUES\t(1)\r\n" << "INSERT INTO t VALUES (1)";
    QTest::newRow("comments in front") << "-- why\n/* and /* how */ */ DROP TABLE t ;" << "DROP TABLE t";
    QTest::newRow("a comment in between stays") << "DELETE /* all */ FROM t" << "DELETE /* all */ FROM t";
    QTest::newRow("unclosed comment") << "/* never ends" << "";
    QTest::newRow("only a line comment") << "-- nothing" << "";
    QTest::newRow("exactly as long as may be") << QString(120, 'x') << QString(120, 'x');
    QTest::newRow("longer is cut") << QString(121, 'x') << QString(120, 'x') + "…";
    QTest::newRow("cut at whole letters") << QString(200, QChar(0xe9)) << QString(120, QChar(0xe9)) + "…";
  }
  void oneLineOfTheStatement() {
    QFETCH(QString, sql);
    QFETCH(QString, message);
    QCOMPARE(QString::fromStdString(session::commitMessage(sql.toStdString())), message);
  }
};

QTEST_APPLESS_MAIN(TestCommitMessage)
#include "tst_commit_message.moc"
