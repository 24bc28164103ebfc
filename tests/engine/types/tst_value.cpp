#include <QtTest>

#include "random_values.h"
#include "types/value.h"

using namespace drift;
using namespace drift::types;

namespace {

Bytes written(const Value& value) {
  Bytes bytes;
  ByteWriter out(bytes);
  writeValue(out, value);
  return bytes;
}

}  // namespace

class TestValue : public QObject {
  Q_OBJECT

 private slots:
  void writtenValuesReadBack() {
    types::testing::RandomValues random;
    for (const auto id : types::testing::kAllTypes) {
      for (int round = 0; round < 1'000; ++round) {
        const auto value = random.between(0, 9) ? random.value(id) : Value::null(id);
        const auto bytes = written(value);
        ByteReader in(bytes);
        const auto back = readValue(in);
        QVERIFY(back.ok() && in.atEnd());
        QVERIFY(written(*back) == bytes);  // unlike ==, this holds for NaN too
      }
    }
  }

  void sameValuesAreSameBitByBit() {
    const auto nan = std::numeric_limits<double>::quiet_NaN();
    QVERIFY(Value::real(nan) == Value::real(nan));
    QVERIFY(Value::real(0.0) != Value::real(-0.0));
    QVERIFY(Value::real(1.5) == Value::real(1.5));
    QVERIFY(Value::numeric({10, 1}) != Value::numeric({1, 0}));
    QVERIFY(Value::interval({0, 30, 0}) != Value::interval({0, 0, 1}));
    QVERIFY(Value::integer(1) != Value::bigInt(1));
  }

  void modifiersReadBack() {
    for (const auto type : {Type::numeric(10, 2), Type::varchar(20), Type(TypeId::Numeric), Type(TypeId::Varchar)}) {
      const auto bytes = written(Value::null(type));
      ByteReader in(bytes);
      QVERIFY(readValue(in)->type() == type);
    }
  }

  void damagedBytesAreErrors() {
    types::testing::RandomValues random;
    for (int round = 0; round < 50'000; ++round) {
      const auto id = types::testing::kAllTypes[random.between(0, std::size(types::testing::kAllTypes) - 1)];
      auto bytes = written(random.value(id));
      const auto last = static_cast<std::int64_t>(bytes.size()) - 1;
      if (random.between(0, 1)) bytes.resize(static_cast<std::size_t>(random.between(0, last)));
      else bytes[static_cast<std::size_t>(random.between(0, last))] = static_cast<std::byte>(random.between(0, 255));
      ByteReader in(bytes);
      const auto back = readValue(in);
      if (!back) QCOMPARE(back.error().kind(), ErrorKind::DataCorrupted);
      else if (!back->isNull() && back->type().id() == TypeId::Numeric && !back->asDecimal().isNan())
        QVERIFY(parseDecimal(toString(back->asDecimal())).ok());  // never more than 38 digits
    }
  }

  void namesOfTypes_data() {
    QTest::addColumn<QString>("name");
    QTest::addColumn<QString>("expected");
    QTest::newRow("int4") << "int4"
                          << "integer";
    QTest::newRow("any case") << "TimestampTZ"
                              << "timestamp with time zone";
    QTest::newRow("two words") << "double precision"
                               << "double precision";
    QTest::newRow("real") << "float4"
                          << "real";
    QTest::newRow("none") << "blob"
                          << "";
  }
  void namesOfTypes() {
    QFETCH(QString, name);
    const auto type = typeFromName(name.toStdString());
    QTEST(type ? QString::fromStdString(type->name()) : QString(), "expected");
  }
};

QTEST_APPLESS_MAIN(TestValue)
#include "tst_value.moc"
