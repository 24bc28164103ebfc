#include <QtTest>

#include "catalog/function.h"

using namespace drift;
using namespace drift::catalog;
using types::TypeId;

namespace {

Function sample() {
  Function function;
  function.id = 70;
  function.name = "f";
  function.parameters = {{"a", TypeId::Integer, ""}, {"", TypeId::Text, "'x'"}};
  function.columns = {{"k", TypeId::BigInt, ""}};
  function.setOf = true;
  function.strict = true;
  function.volatility = Volatility::Stable;
  function.body = "SELECT a";
  function.standardBody = true;
  function.dependsOn = {64, 65};
  function.comment = "a comment";
  return function;
}

}  // namespace

class TestFunction : public QObject {
  Q_OBJECT

 private slots:
  void readsWhatItWrote() {
    const auto function = sample();
    const auto bytes = encodeFunction(function);
    const auto read = decodeFunction(function.id, function.name, asBytes(bytes)).value();
    QCOMPARE(read.parameters.size(), 2u);
    QCOMPARE(read.parameters[0].name, std::string("a"));
    QCOMPARE(read.parameters[1].defaultSql, std::string("'x'"));
    QVERIFY(read.setOf && read.strict && read.standardBody);
    QVERIFY(read.volatility == Volatility::Stable);
    QCOMPARE(read.body, function.body);
    QCOMPARE(read.dependsOn, function.dependsOn);
    QCOMPARE(read.comment, function.comment);
    QCOMPARE(read.signature(), std::string("f(integer, text)"));
    QVERIFY(encodeFunction(read) == bytes);
  }

  // The test vector of docs/formats/catalog.md.
  void hasTheBytesOfTheFormat() {
    Function function;
    function.id = 64;
    function.name = "f";
    function.parameters = {{"a", TypeId::Integer, ""}};
    function.result = TypeId::Integer;
    function.body = "SELECT a";
    QCOMPARE(QByteArray::fromStdString(encodeFunction(function)).toHex(), QByteArray(kVector));
  }

  void refusesWhatIsCutShort() {
    const auto bytes = encodeFunction(sample());
    for (std::size_t size = 0; size < bytes.size(); ++size)
      QVERIFY(!decodeFunction(70, "f", asBytes(bytes).first(size)).ok());
    QVERIFY(!decodeFunction(70, "f", asBytes(bytes + '\0')).ok());
  }

  void tellsNewerFormatsApart() {
    auto bytes = encodeFunction(sample());
    bytes[0] = 2;
    QCOMPARE(decodeFunction(70, "f", asBytes(bytes)).error().kind(), ErrorKind::NewerFormat);
    bytes[0] = 0;
    QCOMPARE(decodeFunction(70, "f", asBytes(bytes)).error().kind(), ErrorKind::DataCorrupted);
  }

 private:
  static constexpr const char* kVector = "010101610300000000030000000000000853454c45435420610000";
};

QTEST_APPLESS_MAIN(TestFunction)
#include "tst_function.moc"
