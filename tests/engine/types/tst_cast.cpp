#include <QtTest>

#include "random_values.h"
#include "types/cast.h"

using namespace drift;
using namespace drift::types;
using Context = CastContext;

namespace {

QString shown(const Result<Value>& value, const TextStyle& style = {}) {
  if (!value) return QString::fromStdString(value.error().message());
  return QString::fromStdString(value->isNull() ? "NULL" : toText(*value, style));
}

/// "varchar(3)" and "numeric(5,2)" too.
Type typeOf(const QString& name) {
  const auto open = name.indexOf('(');
  if (open < 0) return *typeFromName(name.toStdString());
  const auto modifiers = name.mid(open + 1, name.size() - open - 2).split(',');
  if (name.startsWith("varchar")) return Type::varchar(modifiers[0].toUInt());
  return Type::numeric(modifiers[0].toInt(), modifiers[1].toInt());
}

}  // namespace

class TestCast : public QObject {
  Q_OBJECT

 private slots:
  // Expected values were taken from PostgreSQL 15.
  void casts_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("to");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* from, const char* text, const char* to, const char* expected) {
      QTest::newRow(qPrintable(QString("%1 '%2' to %3").arg(from, text, to))) << from << text << to << expected;
    };
    row("int", "70000", "smallint", "smallint out of range");
    row("int", "-5", "bigint", "-5");
    row("int", "5", "double precision", "5");
    row("int", "5", "numeric(5,2)", "5.00");
    row("int", "5000", "numeric(5,2)", "numeric field overflow");
    row("int", "2", "bool", "t");
    row("bool", "t", "int", "1");
    row("bool", "t", "text", "true");
    row("bool", "f", "varchar(3)", "fal");
    row("bigint", "3000000000", "int", "integer out of range");
    row("double precision", "2.5", "int", "2");
    row("double precision", "3.5", "int", "4");
    row("double precision", "-2.5", "int", "-2");
    row("double precision", "2147483647.5", "int", "integer out of range");
    row("double precision", "9223372036854775807", "bigint", "bigint out of range");
    row("double precision", "nan", "int", "integer out of range");
    row("double precision", "0.1", "numeric", "0.1");
    row("double precision", "1.005", "numeric(5,2)", "1.01");
    row("numeric", "2.5", "int", "3");
    row("numeric", "-2.5", "smallint", "-3");
    row("numeric", "1e10", "int", "integer out of range");
    row("numeric", "NaN", "int", "cannot convert NaN to integer");
    row("numeric", "2.345", "numeric(5,2)", "2.35");
    row("numeric(5,2)", "2.30", "numeric", "2.30");
    row("numeric", "0.1", "double precision", "0.1");
    row("text", " 12 ", "int", "12");
    row("text", "x", "int", "invalid input syntax for type integer: \"x\"");
    row("text", "abcdef", "varchar(3)", "abc");
    row("text", "äöüß", "varchar(3)", "äöü");
    row("varchar(5)", "abcde", "text", "abcde");
    row("text", "2020-01-05", "date", "2020-01-05");
    row("date", "2020-01-05", "timestamp", "2020-01-05 00:00:00");
    row("date", "2020-01-05", "timestamptz", "2020-01-05 00:00:00+00");
    row("date", "infinity", "timestamp", "infinity");
    row("date", "500000-01-01", "timestamp", "date out of range for timestamp");
    row("timestamp", "2020-01-05 23:59:59", "date", "2020-01-05");
    row("timestamp", "1960-01-05 23:59:59", "date", "1960-01-05");
    row("timestamp", "-infinity", "date", "-infinity");
    row("timestamp", "2020-01-05 10:00", "text", "2020-01-05 10:00:00");
    row("uuid", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "text", "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11");
    row("bytea", "\\x41", "text", "\\x41");
    row("interval", "1 day", "text", "1 day");
    row("bool", "t", "bigint", "cannot cast type boolean to bigint");
    row("date", "2020-01-05", "int", "cannot cast type date to integer");
    row("interval", "1 day", "int", "cannot cast type interval to integer");
  }
  void casts() {
    QFETCH(QString, from);
    QFETCH(QString, text);
    QFETCH(QString, to);
    const auto value = parseText(text.toStdString(), typeOf(from));
    QVERIFY(value.ok());
    QTEST(shown(cast(*value, typeOf(to), Context::Explicit)), "expected");
  }

  void timeZoneOfTheStyleCounts() {
    const TextStyle berlin{"Europe/Berlin"};
    const auto local = *parseText("2025-07-01 00:30", TypeId::Timestamp);
    QCOMPARE(shown(cast(local, TypeId::TimestampTz, Context::Implicit, berlin)), QString("2025-06-30 22:30:00+00"));
    const auto moment = *parseText("2025-06-30 22:30+00", TypeId::TimestampTz);
    QCOMPARE(shown(cast(moment, TypeId::Date, Context::Assignment, berlin)), QString("2025-07-01"));
    QCOMPARE(shown(cast(moment, TypeId::Timestamp, Context::Assignment, berlin)), QString("2025-07-01 00:30:00"));
    QCOMPARE(shown(cast(moment, TypeId::Text, Context::Assignment, berlin)), QString("2025-07-01 00:30:00+02"));
    QCOMPARE(shown(cast(moment, TypeId::Date, Context::Assignment, {"No/Where"})),
             QString("time zone \"No/Where\" not recognized"));
  }

  void assignmentRefusesWhatExplicitCuts() {
    const auto text = Value::text("abcd");
    QCOMPARE(shown(cast(text, Type::varchar(3), Context::Assignment)),
             QString("value too long for type character varying(3)"));
    QCOMPARE(shown(cast(Value::text("abc  "), Type::varchar(3), Context::Assignment)), QString("abc"));
    QCOMPARE(shown(cast(Value::unknown("abcd"), Type::varchar(3), Context::Explicit)), QString("abc"));
  }

  void contexts_data() {
    QTest::addColumn<QString>("from");
    QTest::addColumn<QString>("to");
    QTest::addColumn<int>("weakest");  // 0 implicit, 1 assignment, 2 explicit, 3 never
    const auto row = [](const char* from, const char* to, int weakest) {
      QTest::newRow(qPrintable(QString("%1 to %2").arg(from, to))) << from << to << weakest;
    };
    row("int", "bigint", 0);
    row("bigint", "int", 1);
    row("bigint", "numeric", 0);
    row("numeric", "double precision", 0);
    row("double precision", "numeric", 1);
    row("int", "text", 1);
    row("text", "int", 2);
    row("text", "varchar", 0);
    row("varchar", "text", 0);
    row("date", "timestamptz", 0);
    row("timestamptz", "timestamp", 1);
    row("timestamp", "timestamptz", 0);
    row("bool", "int", 2);
    row("bool", "smallint", 3);
    row("uuid", "bytea", 3);
    row("unknown", "uuid", 0);
    row("int", "unknown", 3);
    row("interval", "text", 1);
    row("text", "bytea", 2);
  }
  void contexts() {
    QFETCH(QString, from);
    QFETCH(QString, to);
    QFETCH(int, weakest);
    for (int context = 0; context < 3; ++context)
      QCOMPARE(canCast(typeOf(from), typeOf(to), static_cast<Context>(context)), context >= weakest);
  }

  void commonTypes_data() {
    QTest::addColumn<QStringList>("inputs");
    QTest::addColumn<QString>("expected");
    QTest::newRow("same") << QStringList{"int", "int"} << "integer";
    QTest::newRow("widens") << QStringList{"int", "bigint", "smallint"} << "bigint";
    QTest::newRow("numeric and double") << QStringList{"numeric", "double precision"} << "double precision";
    QTest::newRow("int and numeric") << QStringList{"int", "numeric(5,2)"} << "numeric";
    QTest::newRow("modifiers stay if equal")
        << QStringList{"numeric(5,2)", "unknown", "numeric(5,2)"} << "numeric(5,2)";
    QTest::newRow("modifiers differ") << QStringList{"varchar(3)", "varchar(5)"} << "character varying";
    QTest::newRow("varchar and text") << QStringList{"varchar(3)", "text"} << "character varying";
    QTest::newRow("unknown alone") << QStringList{"unknown", "unknown"} << "text";
    QTest::newRow("unknown and date") << QStringList{"unknown", "date"} << "date";
    QTest::newRow("date and timestamptz") << QStringList{"date", "timestamptz"} << "timestamp with time zone";
    QTest::newRow("int and text") << QStringList{"int", "text"} << "";
    QTest::newRow("bool and int") << QStringList{"bool", "int"} << "";
  }
  void commonTypes() {
    QFETCH(QStringList, inputs);
    std::vector<Type> types;
    for (const auto& input : inputs) types.push_back(typeOf(input));
    const auto common = commonType(types);
    QTEST(common ? QString::fromStdString(common->name()) : QString(), "expected");
  }

  /// Every kind of vector gives what the single values give, NULLs included.
  void vectorsAgreeWithValues() {
    types::testing::RandomValues random;
    constexpr std::size_t kRows = 100;
    Selection backwards;
    for (std::size_t row = 0; row < kRows; ++row) backwards.push_back(static_cast<std::uint16_t>(kRows - 1 - row));
    for (const auto from : types::testing::kAllTypes) {
      for (const auto to : types::testing::kAllTypes) {
        if (!canCast(from, to, Context::Explicit)) continue;
        Vector flat(from, kRows);
        for (std::size_t row = 0; row < kRows; ++row) {
          auto value = random.between(0, 5) == 0 ? Value::null(from) : random.value(from);
          if (!value.isNull() && !cast(value, to, Context::Explicit)) value = Value::null(from);
          flat.set(row, value);
        }
        const auto direct = cast(flat, kRows, to, Context::Explicit);
        const auto picked = cast(Vector::select(flat, backwards), kRows, to, Context::Explicit);
        QVERIFY(direct.ok() && picked.ok());
        for (std::size_t row = 0; row < kRows; ++row) {
          const auto expected = shown(*cast(flat.get(row), to, Context::Explicit));
          QCOMPARE(shown(direct->get(row)), expected);
          QCOMPARE(shown(picked->get(kRows - 1 - row)), expected);
        }
        const auto constant = cast(Vector::constant(flat.get(0)), kRows, to, Context::Explicit);
        QVERIFY(constant.ok());
        QCOMPARE(shown(constant->get(kRows - 1)), shown(direct->get(0)));
        QVERIFY(constant->type() == Type(to));
      }
    }
  }

  void equalValuesHashEqually() {
    types::testing::RandomValues random;
    for (const auto type : types::testing::kAllTypes) {
      Vector vector(type, 200);
      for (std::size_t row = 0; row < 200; ++row)
        vector.set(row, random.between(0, 9) == 0 ? Value::null(type) : random.value(type));
      std::vector<std::uint64_t> hashes(200, 7);
      hashRows(vector, 200, hashes);
      const auto view = vector.view();
      std::size_t collisions = 0;
      for (std::size_t a = 0; a < 200; ++a) {
        for (std::size_t b = 0; b < a; ++b) {
          const bool equal = vector.isNull(a) || vector.isNull(b)
                                 ? vector.isNull(a) == vector.isNull(b)
                                 : compareRows(view, a, view, b, vector.type().physical()) == 0;
          if (equal) QCOMPARE(hashes[a], hashes[b]);
          else collisions += hashes[a] == hashes[b];
        }
      }
      QCOMPARE(collisions, std::size_t{0});
    }
  }

  void orderOfSpecialValues() {
    const auto before = [](const Value& a, const Value& b) { return compareValues(a, b) < 0; };
    const double nan = std::numeric_limits<double>::quiet_NaN();
    QVERIFY(before(Value::real(std::numeric_limits<double>::infinity()), Value::real(nan)));
    QVERIFY(compareValues(Value::real(nan), Value::real(-nan)) == 0);
    QVERIFY(compareValues(Value::real(0.0), Value::real(-0.0)) == 0);
    QVERIFY(before(Value::text("Z"), Value::text("a")));
    QVERIFY(before(Value::text("z"), Value::text("ä")));
    QVERIFY(before(Value::bytea("\x7f"), Value::bytea("\x80")));
    QVERIFY(compareValues(Value::interval({0, 30, 0}), Value::interval({0, 0, 1})) == 0);
    QVERIFY(before(Value::boolean(false), Value::boolean(true)));
  }
};

QTEST_APPLESS_MAIN(TestCast)
#include "tst_cast.moc"
