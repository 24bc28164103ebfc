#include <QtTest>

#include "types/cast.h"
#include "types/json.h"

using namespace drift;
using namespace drift::types;

namespace {

QString shownAs(const char* text) {
  const auto blob = parseJsonb(text);
  if (!blob.ok()) return QString::fromStdString(blob.error().message() + "; " + blob.error().detail());
  return QString::fromStdString(*JsonbView(*blob).text());
}

QString hex(const std::string& blob) { return QByteArray::fromStdString(blob).toHex(); }

}  // namespace

class TestJson : public QObject {
  Q_OBJECT

 private slots:
  void vectorsOfTheManual() {
    QCOMPARE(hex(*parseJsonb("[null, true, \"a\"]")), QString("06000000030105" "02610000"));
    QCOMPARE(hex(*parseJsonb("{\"bb\": 1.50, \"a\": {}}")),
             QString("0700000002" "0000000161" "0700000000" "000000026262" "033041100002"));
  }

  // Sentences and details are PostgreSQL 15's.
  void reads_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* text, const char* expected) { QTest::newRow(text) << text << expected; };
    const auto refused = [](const char* text, const char* detail) {
      QTest::newRow(text) << text << QString("invalid input syntax for type json; ") + detail;
    };
    row(" null ", "null");
    row("-0", "0");
    row("1.50", "1.50");
    row("1e2", "100");
    row("\"\\u0041\\ud83d\\ude00\\/\\b\"", "\"A\xf0\x9f\x98\x80/\\b\"");
    row("[ ]", "[]");
    row("{ }", "{}");
    row("[1,[2,{\"a\":null}]]", "[1, [2, {\"a\": null}]]");
    row("{\"b\":1,\"aa\":2,\"a\":3,\"b\":4}", "{\"a\": 3, \"b\": 4, \"aa\": 2}");
    refused("", "The input string ended unexpectedly.");
    refused("{", "The input string ended unexpectedly.");
    refused("\"abc", "The input string ended unexpectedly.");
    refused("nul", "Token \"nul\" is invalid.");
    refused("01", "Token \"01\" is invalid.");
    refused("1.", "Token \"1.\" is invalid.");
    refused("1x", "Token \"1x\" is invalid.");
    refused("'a'", "Token \"'\" is invalid.");
    refused("}", "Expected JSON value, but found \"}\".");
    refused("[1,]", "Expected JSON value, but found \"]\".");
    refused("{1:2}", "Expected string or \"}\", but found \"1\".");
    refused("{\"a\" 2}", "Expected \":\", but found \"2\".");
    refused("{\"a\":2,}", "Expected string, but found \"}\".");
    refused("{\"a\":2 3}", "Expected \",\" or \"}\", but found \"3\".");
    refused("[1 2]", "Expected \",\" or \"]\", but found \"2\".");
    refused("1 2", "Expected end of input, but found \"2\".");
    refused("\"a\nb\"", "Character with value 0x0a must be escaped.");
    refused("\"\\x\"", "Escape sequence \"\\x\" is invalid.");
    refused("\"\\u00g0\"", "\"\\u\" must be followed by four hexadecimal digits.");
    refused("\"\\ud83d\"", "Unicode low surrogate must follow a high surrogate.");
    refused("\"\\ud83d\\ud83d\"", "Unicode high surrogate must not follow a high surrogate.");
    refused("\"\\ude00\"", "Unicode low surrogate must follow a high surrogate.");
  }
  void reads() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    const auto bytes = text.toStdString();
    QCOMPARE(shownAs(bytes.c_str()), expected);
    QCOMPARE(checkJson(bytes).ok(), !expected.startsWith("invalid"));
  }

  void nestingIsBound() {
    const std::string good = std::string(kJsonDepthMax, '[') + std::string(kJsonDepthMax, ']');
    const auto blob = parseJsonb(good);
    QVERIFY(blob.ok());
    QCOMPARE(*JsonbView(*blob).text(), good);
    const auto refused = checkJson("[" + good + "]");
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().kind(), ErrorKind::LimitExceeded);
    // A file may nest deeper than any text.
    std::string deep;
    for (std::size_t level = 0; level < 5000; ++level) deep += std::string("\x06\x00\x00\x00\x01", 5);
    deep += '\x01';
    QCOMPARE(JsonbView(deep).text().error().kind(), ErrorKind::DataCorrupted);
  }

  /// PostgreSQL 8.14.4: the order of the kinds, then of lengths, then of what is in them.
  void orderIsThatOfTheBytes() {
    const char* rising[] = {"null", "\"\"", "\"a\"", "\"b\"", "-5", "1", "1.5", "20", "false", "true", "[]", "[9]", "[1, 1]",
                            "[1, 2]", "{}", "{\"a\": 1}", "{\"a\": 2}", "{\"b\": 1}", "{\"a\": 1, \"b\": 1}"};
    for (std::size_t at = 1; at < std::size(rising); ++at)
      QVERIFY2(*parseJsonb(rising[at - 1]) < *parseJsonb(rising[at]), rising[at]);
  }

  void malformedBlobsAreRefused_data() {
    QTest::addColumn<QString>("bytes");
    const auto row = [](const char* name, const char* bytes) { QTest::newRow(name) << bytes; };
    row("nothing", "");
    row("unknown kind", "08");
    row("string without end", "026100");
    row("number without digits", "03");
    row("number without scale", "0330411000");
    row("scale too small for its digits", "033041100000");
    row("scale beyond 38", "033041100027");
    row("NaN", "034000");
    row("array cut short", "06000000");
    row("more elements than bytes", "06ffffffff01");
    row("an element too few", "060000000201");
    row("an element too many", "06000000010101");
    row("name that ends too early", "070000000100000005" "61");
  }
  void malformedBlobsAreRefused() {
    QFETCH(QString, bytes);
    const auto blob = QByteArray::fromHex(bytes.toLatin1()).toStdString();
    const auto text = JsonbView(blob).text();
    QVERIFY(!text.ok());
    QCOMPARE(text.error().kind(), ErrorKind::DataCorrupted);
    std::string shown;
    appendJsonbText(shown, blob);
    QCOMPARE(QString::fromStdString(shown), QString("<malformed JSON>"));
  }

  void casts() {
    const auto jsonb = cast(Value::text("{\"b\": 1, \"a\": [true]}"), TypeId::Jsonb, CastContext::Explicit);
    QVERIFY(jsonb.ok());
    QCOMPARE(toText(*jsonb), std::string("{\"a\": [true], \"b\": 1}"));
    QCOMPARE(toText(*cast(*jsonb, TypeId::Json, CastContext::Assignment)), toText(*jsonb));
    QCOMPARE(toText(*cast(*jsonb, TypeId::Text, CastContext::Assignment)), toText(*jsonb));
    QVERIFY(!canCast(TypeId::Jsonb, TypeId::Text, CastContext::Implicit));
    QVERIFY(!canCast(TypeId::Json, TypeId::Integer, CastContext::Explicit));
    QVERIFY(canCast(TypeId::Unknown, TypeId::Json, CastContext::Implicit));
  }

  void valuesBecomeJson() {
    const auto shown = [](const Value& value) {
      std::string text;
      return appendJson(text, value, {}).ok() ? QString::fromStdString(text) : QString("failed");
    };
    QCOMPARE(shown(Value()), QString("null"));
    QCOMPARE(shown(Value::boolean(true)), QString("true"));
    QCOMPARE(shown(Value::numeric(Decimal(150, 2))), QString("1.50"));
    QCOMPARE(shown(Value::numeric(Decimal::nan())), QString("\"NaN\""));
    QCOMPARE(shown(Value::text("a\"\x01")), QString("\"a\\\"\\u0001\""));
    QCOMPARE(shown(Value::timestampTz(0)), QString("\"1970-01-01T00:00:00+00:00\""));
    QCOMPARE(shown(*parseText("{{1,NULL},{3,4}}", Type::array(TypeId::Integer))), QString("[[1,null],[3,4]]"));
  }
};

QTEST_APPLESS_MAIN(TestJson)
#include "tst_json.moc"
