#include <QtTest>

#include "function_call.h"

using namespace drift;
using namespace drift::functions;

class TestScalars : public QObject {
  Q_OBJECT

 private slots:
  void calls_data();
  void calls() {
    QFETCH(QString, name);
    QFETCH(QStringList, arguments);
    const auto context = testing::testContext();
    const auto result = testing::call(m_registry, name, arguments, context);
    QTEST(testing::shown(result, context), "expected");
    QFETCH(QString, type);
    if (result) QCOMPARE(QString::fromStdString(result->type().name()), type);
  }

 private:
  Registry m_registry;
};

// Expected types and values were taken from PostgreSQL 15 where it has the function.
void TestScalars::calls_data() {
  QTest::addColumn<QString>("name");
  QTest::addColumn<QStringList>("arguments");
  QTest::addColumn<QString>("type");
  QTest::addColumn<QString>("expected");
  const auto row = [](const char* name, std::initializer_list<const char*> arguments, const char* type,
                      const char* expected) {
    QStringList list;
    for (const auto* argument : arguments) list << argument;
    QTest::newRow(qPrintable(QString("%1(%2)").arg(name, list.join(", ")))) << name << list << type << expected;
  };
  row("+", {"integer:2", "integer:3"}, "integer", "5");
  row("lower", {"unknown:ÄB"}, "text", "äb");
  row("~~", {"text:abc", "unknown:a%"}, "boolean", "t");
}

QTEST_APPLESS_MAIN(TestScalars)
#include "tst_scalars.moc"
