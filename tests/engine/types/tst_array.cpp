#include <QtTest>

#include "random_values.h"
#include "types/array.h"
#include "types/cast.h"

using namespace drift;
using namespace drift::types;

namespace {

constexpr TypeId kElements[] = {TypeId::Boolean, TypeId::SmallInt,  TypeId::Integer,     TypeId::BigInt,
                                TypeId::Double,  TypeId::Numeric,   TypeId::Text,        TypeId::Bytea,
                                TypeId::Date,    TypeId::Timestamp, TypeId::TimestampTz, TypeId::Uuid,
                                TypeId::Interval};

QString hex(std::string_view blob) { return QByteArray(blob.data(), static_cast<int>(blob.size())).toHex(); }

std::string blobOf(const char* text, Type element) {
  auto blob = parseArrayText(text, element);
  return blob.ok() ? *blob : blob.error().message();
}

/// PostgreSQL's order of arrays of one dimension, element by element.
std::strong_ordering compareSlowly(const std::vector<Value>& a, const std::vector<Value>& b) {
  for (std::size_t at = 0; at < std::min(a.size(), b.size()); ++at) {
    if (a[at].isNull() != b[at].isNull()) return a[at].isNull() <=> b[at].isNull();
    if (a[at].isNull()) continue;
    if (const auto order = compareValues(a[at], b[at]); order != 0) return order;
  }
  return a.size() <=> b.size();
}

}  // namespace

class TestArray : public QObject {
  Q_OBJECT

 private slots:
  void vectorsOfTheManual() {
    QCOMPARE(hex(blobOf("{}", TypeId::Integer)), QString("000000"));
    QCOMPARE(hex(blobOf("{1,NULL,-1}", TypeId::Integer)), QString("8101ff7ffe00010000000301"));
    QCOMPARE(hex(blobOf("{{a},{b}}", TypeId::Text)), QString("01610000016200000002000000020000000102"));
  }

  void textComesBack_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* text, const char* expected) { QTest::newRow(text) << text << expected; };
    row("{}", "{}");
    row(" { } ", "{}");
    row("{a,b}", "{a,b}");
    row("{ a b , c }", "{\"a b\",c}");
    row("{\"\",null,\"null\",nUlL}", "{\"\",NULL,\"null\",NULL}");
    row("{\\a\\\\,\"\\\"\"}", "{\"a\\\\\",\"\\\"\"}");
    row("{{a,b},{c,d}}", "{{a,b},{c,d}}");
    row("[1:2]={a,b}", "{a,b}");
    row("[1:1][2]={{a,b}}", "{{a,b}}");
    row("a", "malformed array literal: \"a\"");
    row("{a", "malformed array literal: \"{a\"");
    row("{a,}", "malformed array literal: \"{a,}\"");
    row("{,a}", "malformed array literal: \"{,a}\"");
    row("{a}b", "malformed array literal: \"{a}b\"");
    row("{a}}", "malformed array literal: \"{a}}\"");
    row("{{a},b}", "malformed array literal: \"{{a},b}\"");
    row("{{a},{}}", "malformed array literal: \"{{a},{}}\"");
    row("{{a},{b,c}}", "malformed array literal: \"{{a},{b,c}}\"");
    row("{a\"b\"}", "malformed array literal: \"{a\"b\"}\"");
    row("{\"a\"b}", "malformed array literal: \"{\"a\"b}\"");
    row("{a\\", "malformed array literal: \"{a\\\"");
    row("[1:3]={a,b}", "malformed array literal: \"[1:3]={a,b}\"");
    row("[2:1]={a}", "upper bound cannot be less than lower bound");
    row("", "malformed array literal: \"\"");
  }
  void textComesBack() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const auto blob = parseArrayText(text.toStdString(), TypeId::Text);
    std::string shown;
    if (blob.ok()) appendArrayText(shown, *blob, TypeId::Text);
    else shown = blob.error().message();
    QCOMPARE(QString::fromStdString(shown), expected);
  }

  /// Every element type comes back as it went in, but for zeros at the end and the sign of -0; through text, too.
  void elementsComeBack() {
    types::testing::RandomValues random;
    for (const auto type : kElements) {
      for (int round = 0; round < 200; ++round) {
        ArrayBuilder builder;
        std::vector<Value> values;
        for (auto count = random.between(0, 8); count > 0; --count) {
          auto value = random.between(0, 4) == 0 ? Value::null(type) : random.value(type);
          if (!value.isNull() && type == TypeId::Numeric) value = Value(type, canonical(value.asDecimal()));
          if (!value.isNull() && type == TypeId::Double && value.asDouble() == 0) value = Value::real(0);
          builder.add(value);
          values.push_back(std::move(value));
        }
        const auto blob = builder.finish();
        const auto read = arrayElements(blob, type);
        QVERIFY(read.ok());
        QCOMPARE(read->size(), values.size());
        for (std::size_t at = 0; at < values.size(); ++at) {
          const bool same = (*read)[at] == values[at] ||
                            (!values[at].isNull() && compareValues((*read)[at], values[at]) == 0);
          QVERIFY2(same, qPrintable(QString("type %1, element %2").arg(static_cast<int>(type)).arg(at)));
        }
        std::string text;
        appendArrayText(text, blob, type);
        const auto again = parseArrayText(text, type);
        QVERIFY2(again.ok(), text.c_str());
        QVERIFY2(*again == blob, text.c_str());
      }
    }
  }

  /// The order of the bytes is the order of the arrays.
  void orderIsThatOfTheBytes() {
    types::testing::RandomValues random;
    for (const auto type : kElements) {
      if (type == TypeId::Interval) continue;  // a month and 30 days are told apart
      for (int round = 0; round < 300; ++round) {
        std::vector<Value> sides[2];
        for (auto count = random.between(0, 3); count > 0; --count) {
          const auto shared = random.between(0, 7) == 0 ? Value::null(type) : random.value(type);
          for (auto& side : sides)
            side.push_back(random.between(0, 2) == 0 ? (random.between(0, 7) == 0 ? Value::null(type) : random.value(type))
                                                : shared);
        }
        if (random.between(0, 2) == 0) sides[0].push_back(random.value(type));
        std::string blobs[2];
        for (int side = 0; side < 2; ++side) {
          ArrayBuilder builder;
          for (const auto& value : sides[side]) builder.add(value);
          blobs[side] = builder.finish();
        }
        const auto order = compareSlowly(sides[0], sides[1]);
        QVERIFY((blobs[0] <=> blobs[1]) == order);
      }
    }
  }

  void intervalsKeepTheirFields() {
    const auto blob = blobOf("{1 mon,30 days,-1 year 2 days 03:00:00}", TypeId::Interval);
    std::string text;
    appendArrayText(text, blob, TypeId::Interval);
    QCOMPARE(QString::fromStdString(text), QString("{\"1 mon\",\"30 days\",\"-1 years +2 days 03:00:00\"}"));
  }

  void scaleIsPutBack() {
    const auto blob = blobOf("{1.50,2}", Type::numeric(5, 2));
    std::string text;
    appendArrayText(text, blob, Type::numeric(5, 2));
    QCOMPARE(QString::fromStdString(text), QString("{1.50,2.00}"));
    text.clear();
    appendArrayText(text, blob, TypeId::Numeric);
    QCOMPARE(QString::fromStdString(text), QString("{1.5,2}"));
  }

  void malformedBlobsAreRefused_data() {
    QTest::addColumn<QString>("bytes");
    const auto row = [](const char* name, const char* bytes) { QTest::newRow(name) << bytes; };
    row("nothing", "");
    row("two bytes", "0000");
    row("counts differ", "8101000100000001" "02");
    row("seven dimensions", "810100" "07" "00000001000000010000000100000001000000010000000100000001" "07");
    row("length of zero", "000100000000" "01");
    row("more elements than bytes", "81010001ffffffff01");
    row("product that overflows", "8101000280000000800000000" "2");
    row("element that ends too early", "8201000100000001" "01");
    row("elements left over", "8101810200010000000101");
    row("elements without dimensions", "8101000000");
    row("no closing zero", "8101010100000001" "01");
    row("first byte of no integer", "0101000100000001" "01");
  }
  void malformedBlobsAreRefused() {
    QFETCH(QString, bytes);
    const auto blob = QByteArray::fromHex(bytes.toLatin1()).toStdString();
    const auto read = arrayElements(blob, TypeId::Integer);
    QVERIFY(!read.ok());
    QCOMPARE(read.error().kind(), ErrorKind::DataCorrupted);
    std::string text;
    appendArrayText(text, blob, TypeId::Integer);
    QCOMPARE(QString::fromStdString(text), QString("<malformed array>"));
  }

  void castsKeepTheShape() {
    const Type integers = Type::array(TypeId::Integer);
    const Type texts = Type::array(TypeId::Text);
    const auto value = cast(Value::text("{{1,NULL},{3,4}}"), integers, CastContext::Explicit);
    QVERIFY(value.ok());
    const auto widened = cast(*value, texts, CastContext::Assignment);
    QVERIFY(widened.ok());
    QCOMPARE(toText(*widened), std::string("{{1,NULL},{3,4}}"));
    QVERIFY(!canCast(integers, Type::array(TypeId::Date), CastContext::Explicit));
    QVERIFY(canCast(integers, Type::array(TypeId::Numeric), CastContext::Implicit));
    QVERIFY(!canCast(integers, TypeId::Integer, CastContext::Explicit));
    QVERIFY(canCast(TypeId::Unknown, integers, CastContext::Implicit));
    const Type both[] = {integers, Type::array(TypeId::BigInt)};
    QCOMPARE(commonType(both)->name(), std::string("bigint[]"));
    const auto cut = cast(Value::text("{abcdef,xy}"), Type::array(Type::varchar(3)), CastContext::Explicit);
    QVERIFY(cut.ok());
    QCOMPARE(toText(*cut), std::string("{abc,xy}"));
  }

  void typesComeBack() {
    for (const Type type : {Type::array(TypeId::Integer), Type::array(Type::numeric(10, 2)),
                            Type::array(Type::varchar(7)), Type(TypeId::Json), Type(TypeId::Jsonb)}) {
      Bytes bytes;
      ByteWriter out(bytes);
      writeType(out, type);
      ByteReader in(bytes);
      const auto read = readType(in);
      QVERIFY(read.ok());
      QVERIFY(*read == type);
      QVERIFY(in.atEnd());
    }
    const auto refused = [](std::initializer_list<int> numbers) {
      Bytes bytes;
      for (const auto number : numbers) bytes.push_back(static_cast<std::byte>(number));
      ByteReader in(bytes);
      return !readType(in).ok();
    };
    QVERIFY(refused({17, 0, 0, 0}));       // of what?
    QVERIFY(refused({17, 0, 0, 0, 17}));   // an array of arrays
    QVERIFY(refused({17, 0, 0, 0, 0}));    // of unknown
    QVERIFY(refused({17, 0, 0, 0, 21}));
    QVERIFY(refused({17, 1, 0, 0, 3}));    // an integer takes no precision
    QVERIFY(refused({21, 0, 0, 0}));
  }
};

QTEST_APPLESS_MAIN(TestArray)
#include "tst_array.moc"
