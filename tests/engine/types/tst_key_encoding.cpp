#include <QtTest>

#include <algorithm>

#include "random_values.h"
#include "types/cast.h"
#include "types/key_encoding.h"

using namespace drift;
using namespace drift::types;

namespace {

std::string keyOf(const Value& value, bool descending = false) {
  std::string key;
  appendKey(key, value, descending);
  return key;
}

QString hex(const std::string& key) { return QByteArray::fromStdString(key).toHex(); }

std::strong_ordering sign(int order) { return order <=> 0; }

}  // namespace

class TestKeyEncoding : public QObject {
  Q_OBJECT

 private slots:
  /// The vectors of docs/formats/keys.md.
  void bytesOnDisk_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* type, const char* text, const char* expected) {
      QTest::newRow(qPrintable(QString("%1 %2").arg(type, text))) << type << text << expected;
    };
    row("boolean", "f", "0100");
    row("boolean", "t", "0101");
    row("smallint", "0", "80");
    row("integer", "1", "8101");
    row("integer", "-1", "7ffe");
    row("integer", "255", "81ff");
    row("integer", "256", "820100");
    row("integer", "-256", "7efeff");
    row("bigint", "9223372036854775807", "887fffffffffffffff");
    row("bigint", "-9223372036854775808", "787fffffffffffffff");
    row("double precision", "1", "01bff0000000000000");
    row("double precision", "-1", "01400fffffffffffff");
    row("double precision", "0", "018000000000000000");
    row("numeric", "0.00", "20");
    row("numeric", "1", "30410b00");
    row("numeric", "1.50", "30411000");
    row("numeric", "12345.678", "30450d23394f00");
    row("numeric", "0.001", "303e0b00");
    row("numeric", "-1.5", "10beefff");
    row("numeric", "NaN", "40");
    row("text", "", "010000");
    row("text", "ab", "0161620000");
    row("bytea", "\\x610062", "016100ff620000");
    row("date", "1970-01-02", "8101");
    row("timestamp", "1970-01-01 00:00:01", "830f4240");
    row("uuid", "00010203-0405-0607-0809-0a0b0c0d0e0f", "01000102030405060708090a0b0c0d0e0f");
    row("interval", "1 second",
        "018000000000000000"
        "00000000000f4240");
  }
  void bytesOnDisk() {
    QFETCH(QString, type);
    QFETCH(QString, text);
    const auto value = parseText(text.toStdString(), *typeFromName(type.toStdString()));
    QVERIFY(value.ok());
    QTEST(hex(keyOf(*value)), "expected");
  }

  void nullsComeLastOrFirst() {
    QCOMPARE(hex(keyOf(Value::null(TypeId::Text))), QString("ff"));
    QCOMPARE(hex(keyOf(Value::null(TypeId::Text), true)), QString("00"));
  }

  void orderOfKeysIsOrderOfValues() {
    types::testing::RandomValues random;
    for (const auto type : types::testing::kAllTypes) {
      for (int round = 0; round < 5'000; ++round) {
        const auto a = random.value(type);
        const auto b = random.value(type);
        const auto expected = compareValues(a, b);
        QVERIFY(sign(keyOf(a).compare(keyOf(b))) == expected);
        QVERIFY(sign(keyOf(b, true).compare(keyOf(a, true))) == expected);
        QVERIFY(keyOf(a) < keyOf(Value::null(type)));
      }
    }
  }

  void numericsOfEveryScaleAgree() {
    types::testing::RandomValues random;
    for (int round = 0; round < 20'000; ++round) {
      const auto a = random.decimal();
      const auto wider = rescale(a, 0, std::min(38, a.scale() + 2));
      if (!wider) continue;
      QCOMPARE(hex(keyOf(Value::numeric(a))), hex(keyOf(Value::numeric(*wider))));
    }
  }

  /// Parts of several types in one key: the first difference decides.
  void compositeKeysOrderByParts() {
    types::testing::RandomValues random;
    for (int round = 0; round < 10'000; ++round) {
      std::string left;
      std::string right;
      auto expected = std::strong_ordering::equal;
      for (int part = 0; part < 3; ++part) {
        const auto type = types::testing::kAllTypes[random.between(0, std::size(types::testing::kAllTypes) - 1)];
        const auto a = random.value(type);
        const auto b = random.between(0, 1) ? a : random.value(type);
        appendKey(left, a);
        appendKey(right, b);
        if (expected == 0) expected = compareValues(a, b);
      }
      QVERIFY(sign(left.compare(right)) == expected);
    }
  }

  void readsBack() {
    types::testing::RandomValues random;
    for (int round = 0; round < 20'000; ++round) {
      std::string key;
      std::vector<Type> types;
      std::vector<Value> values;
      for (auto parts = random.between(1, 4); parts > 0; --parts) {
        types.push_back(types::testing::kAllTypes[random.between(0, std::size(types::testing::kAllTypes) - 1)]);
        values.push_back(random.between(0, 9) ? random.value(types.back().id()) : Value::null(types.back()));
        Vector vector(types.back(), 1);
        vector.set(0, values.back());
        appendKey(key, vector, 0);
      }
      const auto back = decodeKey(key, types);
      QVERIFY(back.ok());
      std::string again;
      for (std::size_t i = 0; i < values.size(); ++i) {
        appendKey(again, (*back)[i]);
        QCOMPARE((*back)[i].isNull(), values[i].isNull());
        QVERIFY((*back)[i].type() == types[i]);
        if (!values[i].isNull()) QVERIFY(compareValues((*back)[i], values[i]) == 0);
      }
      QVERIFY(again == key);
    }
  }

  void malformedKeysAreErrors() {
    types::testing::RandomValues random;
    for (int round = 0; round < 50'000; ++round) {
      const auto type = types::testing::kAllTypes[random.between(0, std::size(types::testing::kAllTypes) - 1)];
      auto key = keyOf(random.value(type));
      if (random.between(0, 1))
        key.resize(static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(key.size()) - 1)));
      else
        key[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(key.size()) - 1))] =
            static_cast<char>(random.between(0, 255));
      const Type types[] = {type};
      const auto back = decodeKey(key, types);
      // Either it is refused, or it is a key of some value of its own.
      if (back) QVERIFY((*back)[0].isNull() || !keyOf((*back)[0]).empty());
      else QCOMPARE(back.error().kind(), ErrorKind::DataCorrupted);
    }
    const Type integer[] = {TypeId::Integer};
    QVERIFY(!decodeKey("", integer).ok());
    QVERIFY(!decodeKey(keyOf(Value::integer(1)) + "x", integer).ok());
    QVERIFY(!decodeKey(keyOf(Value::bigInt(INT64_MAX)), integer).ok());
    QVERIFY(!decodeKey(std::string("\x82\x00\x01", 3), integer).ok());
  }

  void prefixEnds() {
    QCOMPARE(keyAfterPrefix("ab"), std::string("ac"));
    QCOMPARE(keyAfterPrefix("a\xff"), std::string("b"));
    QCOMPARE(keyAfterPrefix("\xff\xff"), std::string());
    QCOMPARE(keyAfterPrefix(""), std::string());
    const auto key = keyOf(Value::text("Berlin"));
    QVERIFY(key + std::string(20, '\xff') < keyAfterPrefix(key));
  }
};

QTEST_APPLESS_MAIN(TestKeyEncoding)
#include "tst_key_encoding.moc"
