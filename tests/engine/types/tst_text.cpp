#include <QtTest>

#include "random_values.h"
#include "types/text.h"
#include "types/time_zone.h"

using namespace drift;
using namespace drift::types;

namespace {

/// Reads `text` as `type` and shows the value, or the sentence of the error.
QString readBack(const QString& text, Type type, const TextStyle& style) {
  const auto value = parseText(text.toStdString(), type, style);
  return QString::fromStdString(value ? toText(*value, style) : value.error().message());
}

struct Case {
  const char* text;
  const char* expected;
};

void addCases(const char* type, std::initializer_list<Case> cases) {
  for (const auto& [text, expected] : cases)
    QTest::newRow(qPrintable(QString("%1 '%2'").arg(type, text))) << type << text << expected;
}

}  // namespace

class TestText : public QObject {
  Q_OBJECT

 private slots:
  // Expected values were taken from PostgreSQL 15 (timezone UTC).
  void readsAndWrites_data() {
    QTest::addColumn<QString>("type");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    addCases("boolean", {{"t", "t"},
                         {"TRUE", "t"},
                         {" yes ", "t"},
                         {"on", "t"},
                         {"1", "t"},
                         {"f", "f"},
                         {"fal", "f"},
                         {"of", "f"},
                         {"0", "f"},
                         {"o", "invalid input syntax for type boolean: \"o\""},
                         {"2", "invalid input syntax for type boolean: \"2\""},
                         {"", "invalid input syntax for type boolean: \"\""}});
    addCases("integer", {{" 42 ", "42"},
                         {"+7", "7"},
                         {"-2147483648", "-2147483648"},
                         {"2147483648", "value \"2147483648\" is out of range for type integer"},
                         {"99999999999999999999", "value \"99999999999999999999\" is out of range for type integer"},
                         {"1.5", "invalid input syntax for type integer: \"1.5\""},
                         {"+-1", "invalid input syntax for type integer: \"+-1\""},
                         {"abc", "invalid input syntax for type integer: \"abc\""}});
    addCases("smallint", {{"32767", "32767"}, {"32768", "value \"32768\" is out of range for type smallint"}});
    addCases("bigint", {{"9223372036854775807", "9223372036854775807"},
                        {"9223372036854775808", "value \"9223372036854775808\" is out of range for type bigint"}});
    addCases("double precision", {{"0.1", "0.1"},
                                  {"1e3", "1000"},
                                  {"-0", "-0"},
                                  {"123456789012345", "123456789012345"},
                                  {"1234567890123456", "1.234567890123456e+15"},
                                  {"0.0001", "0.0001"},
                                  {"0.00001", "1e-05"},
                                  {"1e300", "1e+300"},
                                  {"infinity", "Infinity"},
                                  {"-inf", "-Infinity"},
                                  {"nan", "NaN"},
                                  {"1e400", "\"1e400\" is out of range for type double precision"},
                                  {"", "invalid input syntax for type double precision: \"\""},
                                  {"1x", "invalid input syntax for type double precision: \"1x\""}});
    addCases("numeric", {{"12.50", "12.50"}, {"x", "invalid input syntax for type numeric: \"x\""}});
    addCases("text", {{" a b ", " a b "}, {"", ""}});
    addCases("bytea", {{"\\x00fF", "\\x00ff"},
                       {"\\x 00 ff", "\\x00ff"},
                       {"ab", "\\x6162"},
                       {"\\000\\\\", "\\x005c"},
                       {"\\x1", "invalid hexadecimal data: odd number of digits"},
                       {"\\xg1", "invalid hexadecimal digit: \"g\""},
                       {"a\\1", "invalid input syntax for type bytea"}});
    addCases("uuid", {{"A0EEBC99-9C0B-4EF8-BB6D-6BB9BD380A11", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
                      {"{a0eebc999c0b4ef8bb6d6bb9bd380a11}", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11"},
                      {"a0eebc99", "invalid input syntax for type uuid: \"a0eebc99\""},
                      {"g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
                       "invalid input syntax for type uuid: \"g0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""}});
    addCases("date", {{"2020-01-05", "2020-01-05"},
                      {"2020-1-5", "2020-01-05"},
                      {"20200105", "2020-01-05"},
                      {"2020/1/5", "2020-01-05"},
                      {"1/5/2020", "2020-01-05"},
                      {"1/5/69", "2069-01-05"},
                      {"1/5/70", "1970-01-05"},
                      {"Jan 5, 2020", "2020-01-05"},
                      {"5 January 2020", "2020-01-05"},
                      {"5-jan-2020", "2020-01-05"},
                      {"2020-Jan-05", "2020-01-05"},
                      {"Sun 5 Jan 2020", "2020-01-05"},
                      {"0044-03-15 BC", "0044-03-15 BC"},
                      {"2000-02-29", "2000-02-29"},
                      {"1900-02-29", "date/time field value out of range: \"1900-02-29\""},
                      {"2020-01-05 10:00", "2020-01-05"},
                      {"12345-06-07", "12345-06-07"},
                      {"5874897-12-31", "5874897-12-31"},
                      {"5874898-01-01", "date out of range: \"5874898-01-01\""},
                      {"4714-11-23 BC", "date out of range: \"4714-11-23 BC\""},
                      {"infinity", "infinity"},
                      {"-infinity", "-infinity"},
                      {"epoch", "1970-01-01"},
                      {"2020-02-30", "date/time field value out of range: \"2020-02-30\""},
                      {"2020-13-01", "date/time field value out of range: \"2020-13-01\""},
                      {"2020-00-10", "date/time field value out of range: \"2020-00-10\""},
                      {"0000-01-01", "date/time field value out of range: \"0000-01-01\""},
                      {"x", "invalid input syntax for type date: \"x\""},
                      {"", "invalid input syntax for type date: \"\""},
                      {"2020", "invalid input syntax for type date: \"2020\""}});
    addCases("timestamp", {{"2025-11-12 14:02:11.208", "2025-11-12 14:02:11.208"},
                           {"2025-11-12T14:02", "2025-11-12 14:02:00"},
                           {"20251112T140211", "2025-11-12 14:02:11"},
                           {"2025-11-12", "2025-11-12 00:00:00"},
                           {"2025-11-12 24:00", "2025-11-13 00:00:00"},
                           {"2025-11-12 23:59:60", "2025-11-13 00:00:00"},
                           {"2025-11-12 10:00 PM", "2025-11-12 22:00:00"},
                           {"2025-11-12 12:00 AM", "2025-11-12 00:00:00"},
                           {"2025-11-12 10:00:00.1234567", "2025-11-12 10:00:00.123457"},
                           {"2025-11-12 10:00+02", "2025-11-12 10:00:00"},
                           {"1969-12-31 23:59:59.999999", "1969-12-31 23:59:59.999999"},
                           {"0001-01-01 00:00:00 BC", "0001-01-01 00:00:00 BC"},
                           {"infinity", "infinity"},
                           {"2025-11-12 25:00", "date/time field value out of range: \"2025-11-12 25:00\""},
                           {"2025-11-12 10:60", "date/time field value out of range: \"2025-11-12 10:60\""},
                           {"300000-01-01", "timestamp out of range: \"300000-01-01\""},
                           {"2025-11-12 foo", "invalid input syntax for type timestamp: \"2025-11-12 foo\""}});
    addCases("timestamptz", {{"2025-11-12 14:02:11.208+00", "2025-11-12 14:02:11.208+00"},
                             {"2025-11-12 14:02+05:30", "2025-11-12 08:32:00+00"},
                             {"2025-11-12 14:02-0800", "2025-11-12 22:02:00+00"},
                             {"2025-11-12T14:02:11Z", "2025-11-12 14:02:11+00"},
                             {"2025-07-01 12:00 Europe/Berlin", "2025-07-01 10:00:00+00"},
                             {"2025-07-01 12:00 PDT", "2025-07-01 19:00:00+00"},
                             {"epoch", "1970-01-01 00:00:00+00"},
                             {"2025-07-01 12:00 Foo/Bar", "time zone \"Foo/Bar\" not recognized"},
                             {"now what", "invalid input syntax for type timestamp with time zone: \"now what\""}});
    addCases("interval", {{"1 day 25 hours", "1 day 25:00:00"},
                          {"1.5 months", "1 mon 15 days"},
                          {"-1 day +2:03:04.5", "-1 days +02:03:04.5"},
                          {"P1Y2M3DT4H5M6S", "1 year 2 mons 3 days 04:05:06"},
                          {"1-2", "1 year 2 mons"},
                          {"3 days ago", "-3 days"},
                          {"1 2:03", "1 day 02:03:00"},
                          {"-1 year -2 mons +3 days", "-1 years -2 mons +3 days"},
                          {"0", "00:00:00"},
                          {"5", "00:00:05"},
                          {"1.5 years", "1 year 6 mons"},
                          {"2 weeks", "14 days"},
                          {"1 decade", "10 years"},
                          {"-00:00:01.5", "-00:00:01.5"},
                          {"1.5 days", "1 day 12:00:00"},
                          {"x", "invalid input syntax for type interval: \"x\""},
                          {"1 foo", "invalid input syntax for type interval: \"1 foo\""},
                          {"", "invalid input syntax for type interval: \"\""},
                          {"999999999999 years", "interval field value out of range: \"999999999999 years\""}});
  }
  void readsAndWrites() {
    QFETCH(QString, type);
    QFETCH(QString, text);
    QTEST(readBack(text, *typeFromName(type.toStdString()), {}), "expected");
  }

  void keepsModifiers() {
    QCOMPARE(readBack("12.345", Type::numeric(5, 2), {}), QString("12.35"));
    QCOMPARE(readBack("12345", Type::numeric(5, 2), {}), QString("numeric field overflow"));
    QCOMPARE(readBack("1234567890.12345678901234567890123456789012345", Type::numeric(12, 2), {}),
             QString("1234567890.12"));
    QCOMPARE(readBack("añb", Type::varchar(3), {}), QString("añb"));
    QCOMPARE(readBack("añb  ", Type::varchar(3), {}), QString("añb"));
    QCOMPARE(readBack("añbc", Type::varchar(3), {}), QString("value too long for type character varying(3)"));
  }

  void timeZonesFollowTheirRules_data() {
    QTest::addColumn<QString>("zone");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* name, const char* zone, const char* text, const char* expected) {
      QTest::newRow(name) << zone << text << expected;
    };
    row("winter", "Europe/Berlin", "2025-01-15 12:00", "2025-01-15 12:00:00+01");
    row("summer", "Europe/Berlin", "2025-07-15 12:00", "2025-07-15 12:00:00+02");
    row("any case", "europe/berlin", "2025-07-15 12:00", "2025-07-15 12:00:00+02");
    row("gap takes the offset before", "America/New_York", "2025-03-09 02:30", "2025-03-09 03:30:00-04");
    row("overlap takes the offset after", "America/New_York", "2025-11-02 01:30", "2025-11-02 01:30:00-05");
    row("explicit offset in the overlap", "America/New_York", "2025-11-02 01:30-04", "2025-11-02 01:30:00-04");
    row("half hours", "Asia/Kolkata", "2025-01-15 12:00Z", "2025-01-15 17:30:00+05:30");
    row("local mean time has seconds", "Europe/Berlin", "1880-01-01 00:00", "1880-01-01 00:00:00+00:53:28");
    row("fixed offset", "+02:00", "2025-01-15 12:00", "2025-01-15 12:00:00+02");
    row("infinity", "Asia/Tokyo", "-infinity", "-infinity");
    row("last microsecond before the change", "Europe/Berlin", "2025-03-30 00:59:59.999999Z",
        "2025-03-30 01:59:59.999999+01");
    row("first moment after the change", "Europe/Berlin", "2025-03-30 01:00Z", "2025-03-30 03:00:00+02");
  }
  void timeZonesFollowTheirRules() {
    QFETCH(QString, zone);
    QFETCH(QString, text);
    QTEST(readBack(text, TypeId::TimestampTz, {zone.toStdString()}), "expected");
  }

  void unknownTimeZoneIsAnError() {
    QCOMPARE(TimeZone::find("Mars/Olympus").error().message(),
             std::string("time zone \"Mars/Olympus\" not recognized"));
    QVERIFY(!TimeZone::find("").ok());
    QVERIFY(!TimeZone::find("+99:00").ok());
    QCOMPARE(TimeZone::find("europe/berlin")->name(), std::string("Europe/Berlin"));
    QVERIFY(TimeZone::find("utc")->isUtc());
  }

  void randomValuesRoundTrip() {
    types::testing::RandomValues random;
    for (const auto type : types::testing::kAllTypes) {
      for (int round = 0; round < 2'000; ++round) {
        const auto value = random.value(type);
        const TextStyle style{round % 2 ? "UTC" : "Europe/Berlin"};
        const auto text = toText(value, style);
        const auto back = parseText(text, type, style);
        QVERIFY2(back.ok(), qPrintable(QString::fromStdString(text)));
        // NaN is not equal to itself in C++.
        if (type == TypeId::Double && std::isnan(value.asDouble())) QVERIFY(std::isnan(back->asDouble()));
        else QVERIFY2(*back == value, qPrintable(QString::fromStdString(text)));

        Vector vector(type, 1);
        vector.set(0, value);
        std::string appended = "> ";
        appendText(appended, vector, 0, style);
        QCOMPARE(appended, "> " + text);
      }
    }
  }

  void randomBytesNeverCrash() {
    types::testing::RandomValues random;
    const std::string alphabet = "0123456789-:/+. TZtzPYMDHSaeginorxBC{}\\,";
    for (int round = 0; round < 20'000; ++round) {
      std::string text;
      for (auto left = random.between(0, 24); left > 0; --left)
        text +=
            random.between(0, 20) == 0
                ? static_cast<char>(random.between(0, 255))
                : alphabet[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(alphabet.size()) - 1))];
      for (const auto type : types::testing::kAllTypes) {
        const auto value = parseText(text, type);
        // What was read can be written, and reads back as the same.
        if (value) {
          const auto again = parseText(toText(*value), type);
          QVERIFY2(again.ok(), text.c_str());
          QCOMPARE(toText(*again), toText(*value));
        }
      }
    }
  }

  void utf8_data() {
    QTest::addColumn<QByteArray>("bytes");
    QTest::addColumn<bool>("valid");
    QTest::newRow("empty") << QByteArray() << true;
    QTest::newRow("ascii of nine bytes") << QByteArray("abcdefghi") << true;
    QTest::newRow("two bytes") << QByteArray("\xc3\xa4") << true;
    QTest::newRow("three bytes") << QByteArray("\xe2\x82\xac") << true;
    QTest::newRow("four bytes") << QByteArray("\xf0\x9f\x98\x80") << true;
    QTest::newRow("last code point") << QByteArray("\xf4\x8f\xbf\xbf") << true;
    QTest::newRow("NUL") << QByteArray("a\0b", 3) << false;
    QTest::newRow("NUL in a long run") << QByteArray("abcdefgh\0jklmnop", 16) << false;
    QTest::newRow("lone continuation") << QByteArray("\x80") << false;
    QTest::newRow("overlong slash") << QByteArray("\xc0\xaf") << false;
    QTest::newRow("overlong three bytes") << QByteArray("\xe0\x80\xaf") << false;
    QTest::newRow("surrogate") << QByteArray("\xed\xa0\x80") << false;
    QTest::newRow("above U+10FFFF") << QByteArray("\xf4\x90\x80\x80") << false;
    QTest::newRow("five bytes") << QByteArray("\xf8\x88\x80\x80\x80") << false;
    QTest::newRow("cut short") << QByteArray("abc\xe2\x82") << false;
    QTest::newRow("latin-1") << QByteArray("caf\xe9") << false;
    QTest::newRow("lead then ascii") << QByteArray("\xc3(") << false;
  }
  void utf8() {
    QFETCH(QByteArray, bytes);
    const std::string_view text(bytes.constData(), static_cast<std::size_t>(bytes.size()));
    QTEST(isValidUtf8(text), "valid");
    QCOMPARE(parseText(text, TypeId::Text).ok(), isValidUtf8(text));
  }

  void codePointsRoundTrip() {
    for (char32_t point = 1; point < 0x110000; point += point < 0x900 ? 1 : 61) {
      if (point >= 0xd800 && point <= 0xdfff) continue;
      std::string text;
      appendCodePoint(text, point);
      QVERIFY(isValidUtf8(text));
      QCOMPARE(codePointAt(text, 0), point);
      QCOMPARE(codePointCount(text), std::size_t{1});
      QCOMPARE(nextCodePoint(text, 0), text.size());
    }
  }
};

QTEST_APPLESS_MAIN(TestText)
#include "tst_text.moc"
