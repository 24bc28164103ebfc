#include <QtTest>

#include "session/settings.h"

using namespace drift;
using session::Settings;

class TestSettings : public QObject {
  Q_OBJECT

 private slots:
  void valuesAreBroughtIntoOneForm_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<QString>("shown");
    QTest::newRow("time zone by name") << "timezone" << "Europe/Berlin" << "Europe/Berlin";
    QTest::newRow("time zone by SQL's two words") << "time zone" << "UTC" << "UTC";
    QTest::newRow("memory in gigabytes") << "query_memory" << "2GB" << "2048MB";
    QTest::newRow("memory in kilobytes") << "query_memory" << "3000kB" << "3000kB";
    QTest::newRow("work memory, which counts kB") << "work_mem" << "4096" << "4MB";
    QTest::newRow("no limit of files") << "temp_file_limit" << "-1" << "-1";
    QTest::newRow("limit of files") << "temp_file_limit" << "1GB" << "1024MB";
    QTest::newRow("memory without unit") << "query_memory" << "64" << "64MB";
    QTest::newRow("boolean word") << "default_transaction_read_only" << "TRUE" << "on";
    QTest::newRow("weaker isolation becomes the one there is")
        << "transaction_isolation" << "read committed" << "repeatable read";
    QTest::newRow("the only encoding") << "client_encoding" << "utf-8" << "UTF8";
    QTest::newRow("the only date style") << "datestyle" << "iso" << "ISO, MDY";
    QTest::newRow("any application name") << "application_name" << "my tool" << "my tool";
  }
  void valuesAreBroughtIntoOneForm() {
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(QString, shown);
    Settings settings;
    QVERIFY(settings.set(name.toStdString(), {value.toStdString()}, false).ok());
    QCOMPARE(QString::fromStdString(settings.show(name.toStdString()).value()), shown);
  }

  void whatDoesNotFitIsRefused_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("value");
    QTest::addColumn<int>("kind");
    const auto row = [](const char* name, const char* value, ErrorKind kind) {
      QTest::addRow("%s = %s", name, value) << name << value << static_cast<int>(kind);
    };
    row("no_such_setting", "1", ErrorKind::UndefinedObject);
    row("timezone", "Middle/Earth", ErrorKind::InvalidParameterValue);
    row("query_memory", "lots", ErrorKind::InvalidParameterValue);
    row("query_memory", "0MB", ErrorKind::InvalidParameterValue);
    row("work_mem", "63kB", ErrorKind::InvalidParameterValue);
    row("temp_file_limit", "-2", ErrorKind::InvalidParameterValue);
    row("query_memory", "99999999999999GB", ErrorKind::InvalidParameterValue);
    row("default_transaction_read_only", "maybe", ErrorKind::InvalidParameterValue);
    row("transaction_isolation", "serializable", ErrorKind::FeatureNotSupported);
    row("client_encoding", "latin1", ErrorKind::FeatureNotSupported);
    row("server_encoding", "UTF8", ErrorKind::InvalidParameterValue);
  }
  void whatDoesNotFitIsRefused() {
    QFETCH(QString, name);
    QFETCH(QString, value);
    QFETCH(int, kind);
    Settings settings;
    const auto before = settings.all();
    const auto result = settings.set(name.toStdString(), {value.toStdString()}, false);
    QVERIFY(!result.ok());
    QCOMPARE(static_cast<int>(result.error().kind()), kind);
    for (std::size_t at = 0; at < before.size(); ++at) QCOMPARE(settings.all()[at].value, before[at].value);
  }

  void localValuesEndWithTheTransaction() {
    Settings settings;
    QVERIFY(settings.set("query_memory", {"1GB"}, false).ok());
    QVERIFY(settings.set("query_memory", {"2GB"}, true).ok());
    QCOMPARE(settings.forStatements().memoryBytesMax, std::size_t{2} << 30);
    settings.endLocal();
    QCOMPARE(settings.forStatements().memoryBytesMax, std::size_t{1} << 30);
    QVERIFY(settings.reset("query_memory").ok());
    QCOMPARE(settings.forStatements().memoryBytesMax, std::size_t{512} << 20);
  }

  void allAreListedInOrder() {
    const auto lines = Settings().all();
    for (std::size_t at = 1; at < lines.size(); ++at) QVERIFY(lines[at - 1].name < lines[at].name);
    for (const auto& line : lines) QVERIFY(!line.description.empty());
  }
};

QTEST_APPLESS_MAIN(TestSettings)
#include "tst_settings.moc"
