#include <QtTest>

#include "formats/type_inference.h"

using namespace drift::formats;

class TestTypeInference : public QObject {
  Q_OBJECT

 private slots:
  void infers_data() {
    QTest::addColumn<QStringList>("values");
    QTest::addColumn<QString>("type");
    QTest::newRow("nothing") << QStringList{} << "text";
    QTest::newRow("only empty") << QStringList{"", ""} << "text";
    QTest::newRow("integers") << QStringList{"1", "-20", "", "0"} << "integer";
    QTest::newRow("large integers") << QStringList{"1", "3000000000"} << "bigint";
    QTest::newRow("beyond 64 bits") << QStringList{"12345678901234567890"} << "numeric";
    QTest::newRow("beyond 38 digits") << QStringList{QString(40, '9')} << "text";
    QTest::newRow("leading zero") << QStringList{"00123", "5"} << "text";
    QTest::newRow("minus zero") << QStringList{"-0"} << "text";
    QTest::newRow("plus sign") << QStringList{"+5"} << "text";
    QTest::newRow("blank around") << QStringList{" 5"} << "text";
    QTest::newRow("decimals") << QStringList{"1.50", "2"} << "numeric";
    QTest::newRow("exponent") << QStringList{"1e5", "2"} << "double precision";
    QTest::newRow("exponent and long decimal") << QStringList{"1e5", "0.12345678901234567"} << "text";
    QTest::newRow("dates") << QStringList{"2020-02-29", "1957-03-04"} << "date";
    QTest::newRow("no such date") << QStringList{"2021-02-29"} << "text";
    QTest::newRow("dates and times") << QStringList{"2020-02-29", "2020-02-29 12:00:00"} << "timestamp without time zone";
    QTest::newRow("zoned") << QStringList{"2020-02-29T12:00:00Z"} << "timestamp with time zone";
    QTest::newRow("ambiguous date") << QStringList{"3/4/2020"} << "text";
    QTest::newRow("booleans") << QStringList{"true", "false"} << "boolean";
    QTest::newRow("boolean and word") << QStringList{"true", "maybe"} << "text";
    QTest::newRow("uuid") << QStringList{"2f1b6a50-2f5c-4b4e-9f5e-0d2a4c6b8e10"} << "uuid";
    QTest::newRow("year with remark") << QStringList{"2013 (1888)", "1902"} << "text";
  }
  void infers() {
    QFETCH(QStringList, values);
    QFETCH(QString, type);
    TypeInference inference;
    for (const auto& value : values) inference.add(value.toStdString());
    QCOMPARE(QString::fromStdString(inference.type().name()), type);
  }
};

QTEST_APPLESS_MAIN(TestTypeInference)
#include "tst_type_inference.moc"
