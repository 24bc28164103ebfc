// Runs tests/sql/*.test against the engine through its public interface, each file on a database of its own.
#include <QtTest>

#include "tools/script_test.h"

using namespace drift;
using namespace drift::tools;

class TestSqlScripts : public QObject {
  Q_OBJECT

 private slots:
  void scripts_data() {
    QTest::addColumn<QString>("path");
    const QDir folder(QStringLiteral(DRIFT_SOURCE_DIR "/tests/sql"));
    const QStringList files = folder.entryList({"*.test"}, QDir::Files, QDir::Name);
    QVERIFY(!files.isEmpty());
    for (const QString& file : files) QTest::newRow(qPrintable(file)) << folder.filePath(file);
  }

  void scripts() {
    QFETCH(QString, path);
    QFile file(path);
    QVERIFY(file.open(QIODevice::ReadOnly));
    const std::string text = file.readAll().toStdString();
    const auto records = readRecords(text, kOwnDialect);
    QVERIFY2(records.ok(), records.ok() ? "" : records.error().toString().c_str());
    QVERIFY(!records->empty());
    QTemporaryDir folder;
    QVERIFY(QDir::setCurrent(folder.path()));  // where files of COPY are
    const auto test = ScriptTest::open(folder.filePath("script.drift").toStdString(), std::string(kOwnDialect));
    QVERIFY2(test.ok(), test.ok() ? "" : test.error().toString().c_str());
    std::string failures;
    for (const Record& record : *records) {
      const auto failure = (*test)->check(record);
      QVERIFY2(failure.ok(), failure.ok() ? "" : failure.error().toString().c_str());
      if (*failure)
        failures += fmt::format("\n{}:{}: {}\n  expected: {}\n  got: {}", QFileInfo(path).fileName().toStdString(),
                                record.line, record.sql, (*failure)->expected, (*failure)->got);
    }
    QVERIFY2(failures.empty(), failures.c_str());
  }
};

QTEST_APPLESS_MAIN(TestSqlScripts)
#include "tst_sql_scripts.moc"
