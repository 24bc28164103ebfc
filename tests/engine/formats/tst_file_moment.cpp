#include <QtTest>

#include "formats/file_moment.h"
#include "types/text.h"

using namespace drift;

class TestFileMoment : public QObject {
  Q_OBJECT

 private slots:
  void finds_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("moment");
    QTest::newRow("dashes in time") << "2012-12-27T20-17-58Z.csv" << "2012-12-27 20:17:58+00";
    QTest::newRow("date alone") << "prices_2020-01-31.csv" << "2020-01-31 00:00:00+00";
    QTest::newRow("compact") << "20200131T235959.csv" << "2020-01-31 23:59:59+00";
    QTest::newRow("colons and fraction") << "x 2020-01-31 23:59:59.5.csv" << "2020-01-31 23:59:59.5+00";
    QTest::newRow("minutes") << "2020-01-31_2359.csv" << "2020-01-31 23:59:00+00";
    QTest::newRow("number first") << "v2 report 2020-01-31.csv" << "2020-01-31 00:00:00+00";
    QTest::newRow("no such day") << "2021-02-30.csv" << "";
    QTest::newRow("long number") << "123456789012.csv" << "";
    QTest::newRow("none") << "companies.csv" << "";
  }
  void finds() {
    QFETCH(QString, name);
    QFETCH(QString, moment);
    const auto found = formats::momentInName(name.toStdString());
    QCOMPARE(found.has_value(), !moment.isEmpty());
    if (found)
      QCOMPARE(QString::fromStdString(types::toText(types::Value::timestampTz(*found))), moment);
  }
};

QTEST_APPLESS_MAIN(TestFileMoment)
#include "tst_file_moment.moc"
