#include <QTest>

#include "app/command_line.h"

using namespace drift;
using namespace drift::gui::app;

namespace {

ParsedCommandLine parse(const QString& line) {
  return parseCommandLine(QStringList{QStringLiteral("driftdb")} + line.split(QLatin1Char('|'), Qt::SkipEmptyParts));
}

}  // namespace

class TestCommandLine final : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { QCoreApplication::setApplicationVersion(QStringLiteral("9.8.7")); }
  void readsNothing();
  void readsEverything();
  void printsAndEnds();
  void refuses_data();
  void refuses();
};

void TestCommandLine::readsNothing() {
  const auto parsed = parse({});
  QVERIFY(parsed.commandLine);
  QCOMPARE(parsed.commandLine->file, QString());
  QVERIFY(!parsed.commandLine->isUnattended());
}

void TestCommandLine::readsEverything() {
  const auto parsed = parse(QStringLiteral("--read-only|--as-of|#120|--tour|out|shop.drift"));
  QVERIFY(parsed.commandLine);
  QCOMPARE(parsed.commandLine->file, QStringLiteral("shop.drift"));
  QVERIFY(parsed.commandLine->readOnly);
  QCOMPARE(std::get<CommitNumber>(parsed.commandLine->asOf.value()), CommitNumber{120});
  QCOMPARE(parsed.commandLine->tourFolder, QStringLiteral("out"));
  QVERIFY(parsed.commandLine->isUnattended());
}

void TestCommandLine::printsAndEnds() {
  QCOMPARE(parse(QStringLiteral("--version")).text, QStringLiteral("DriftDB 9.8.7"));
  const auto help = parse(QStringLiteral("--help"));
  QVERIFY(!help.commandLine);
  QCOMPARE(help.exitCode, 0);
  QVERIFY(help.text.contains(QLatin1String("--read-only")));
  QVERIFY(!help.text.contains(QLatin1String("executable_name")));
}

void TestCommandLine::refuses_data() {
  QTest::addColumn<QString>("line");
  QTest::newRow("unknown option") << "--frobnicate";
  QTest::newRow("two files") << "a.drift|b.drift";
  QTest::newRow("no moment") << "--as-of|soon|a.drift";
  QTest::newRow("missing value") << "--tour";
}

void TestCommandLine::refuses() {
  QFETCH(QString, line);
  const auto parsed = parse(line);
  QVERIFY(!parsed.commandLine);
  QCOMPARE(parsed.exitCode, 1);
  QVERIFY(parsed.text.startsWith(QLatin1String("driftdb: ")));
}

QTEST_GUILESS_MAIN(TestCommandLine)
#include "tst_command_line.moc"
