#include <QtTest>

#include "random_values.h"
#include "types/decimal.h"

using namespace drift;
using namespace drift::types;

namespace {

Decimal dec(const char* text) { return *parseDecimal(text); }

/// Text of a result, or its error's sentence.
QString shown(const Result<Decimal>& result) {
  return QString::fromStdString(result ? toString(*result) : result.error().message());
}

}  // namespace

class TestDecimal : public QObject {
  Q_OBJECT

 private slots:
  void parses_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<QString>("expected");
    QTest::newRow("integer") << "42"
                             << "42";
    QTest::newRow("scale is kept") << "12.50"
                                   << "12.50";
    QTest::newRow("sign and blanks") << "  -0.5 "
                                     << "-0.5";
    QTest::newRow("no digit before the point") << ".5"
                                               << "0.5";
    QTest::newRow("no digit after the point") << "5."
                                              << "5";
    QTest::newRow("exponent") << "1e3"
                              << "1000";
    QTest::newRow("negative exponent") << "-1.5E-3"
                                       << "-0.0015";
    QTest::newRow("zero with scale") << "0.000"
                                     << "0.000";
    QTest::newRow("minus zero") << "-0.0"
                                << "0.0";
    QTest::newRow("leading zeros") << "007.10"
                                   << "7.10";
    QTest::newRow("NaN") << "nan"
                         << "NaN";
    QTest::newRow("38 digits") << "99999999999999999999999999999999999999"
                               << "99999999999999999999999999999999999999";
    QTest::newRow("38 decimals") << "0.00000000000000000000000000000000000001"
                                 << "0.00000000000000000000000000000000000001";
    QTest::newRow("39 digits") << "100000000000000000000000000000000000000"
                               << "value overflows numeric format";
    QTest::newRow("39 decimals") << "0.000000000000000000000000000000000000001"
                                 << "value overflows numeric format";
    QTest::newRow("39 decimals, the last a zero") << "0.100000000000000000000000000000000000000"
                                                  << "0.10000000000000000000000000000000000000";
    QTest::newRow("huge exponent") << "1e999999999999"
                                   << "value overflows numeric format";
    QTest::newRow("empty") << ""
                           << "invalid input syntax for type numeric: \"\"";
    QTest::newRow("point alone") << "."
                                 << "invalid input syntax for type numeric: \".\"";
    QTest::newRow("word") << "abc"
                          << "invalid input syntax for type numeric: \"abc\"";
    QTest::newRow("rest") << "1x"
                          << "invalid input syntax for type numeric: \"1x\"";
    QTest::newRow("exponent without digits") << "1e"
                                             << "invalid input syntax for type numeric: \"1e\"";
    QTest::newRow("two signs") << "--1"
                               << "invalid input syntax for type numeric: \"--1\"";
  }
  void parses() {
    QFETCH(QString, text);
    QFETCH(QString, expected);
    QCOMPARE(shown(parseDecimal(text.toStdString())), expected);
  }

  // Expected values were taken from PostgreSQL 15.
  void calculates_data() {
    QTest::addColumn<QString>("a");
    QTest::addColumn<char>("op");
    QTest::addColumn<QString>("b");
    QTest::addColumn<QString>("expected");
    const auto row = [](const char* a, char op, const char* b, const char* expected) {
      QTest::newRow(qPrintable(QString("%1 %2 %3").arg(a, QString(QChar(op)), b))) << a << op << b << expected;
    };
    row("1.5", '+', "2.25", "3.75");
    row("1.50", '-', "1.5", "0.00");
    row("-1.5", '+', "1.25", "-0.25");
    row("1.50", '*', "2.000", "3.00000");
    row("1", '/', "3", "0.33333333333333333333");
    row("2", '/', "3", "0.66666666666666666667");
    row("-2", '/', "3", "-0.66666666666666666667");
    row("10", '/', "4", "2.5000000000000000");
    row("10000", '/', "3", "3333.3333333333333333");
    row("100000000", '/', "3", "33333333.333333333333");
    row("1", '/', "10000", "0.000100000000000000000000");
    row("0.0001", '/', "3", "0.000033333333333333333333");
    row("7.000", '/', "2.00", "3.5000000000000000");
    row("123456789012345678901234567890", '/', "7", "17636684144620811271604938270");
    row("1.23456789012345678901234", '/', "2", "0.61728394506172839450617");
    row("1", '/', "0.0", "division by zero");
    row("5.5", '%', "2", "1.5");
    row("-5.5", '%', "2", "-1.5");
    row("5", '%', "-3", "2");
    row("5.55", '%', "0.1", "0.05");
    row("1", '%', "0", "division by zero");
    row("NaN", '+', "1", "NaN");
    row("NaN", '/', "0", "NaN");
    row("99999999999999999999999999999999999999", '+', "1", "value overflows numeric format");
    row("99999999999999999999999999999999999999", '*', "10", "value overflows numeric format");
  }
  void calculates() {
    QFETCH(QString, a);
    QFETCH(char, op);
    QFETCH(QString, b);
    const auto left = *parseDecimal(a.toStdString());
    const auto right = *parseDecimal(b.toStdString());
    const auto result = op == '+'   ? add(left, right)
                        : op == '-' ? subtract(left, right)
                        : op == '*' ? multiply(left, right)
                        : op == '/' ? divide(left, right)
                                    : modulo(left, right);
    QTEST(shown(result), "expected");
  }

  void roundsDecimalsThatDoNotFit() {
    const auto third = *divide(dec("1"), dec("3"));
    QCOMPARE(shown(multiply(third, third)), QString("0.11111111111111111110888888888888888889"));
    QCOMPARE(shown(add(dec("10000000000000000000000000000"), dec("0.00000000000000000005"))),
             QString("10000000000000000000000000000.000000000"));
  }

  void rescales_data() {
    QTest::addColumn<QString>("text");
    QTest::addColumn<int>("precision");
    QTest::addColumn<int>("scale");
    QTest::addColumn<QString>("expected");
    QTest::newRow("more decimals") << "1.5" << 10 << 3 << "1.500";
    QTest::newRow("half away from zero") << "2.345" << 10 << 2 << "2.35";
    QTest::newRow("negative half") << "-2.345" << 10 << 2 << "-2.35";
    QTest::newRow("below half") << "2.3449999" << 10 << 2 << "2.34";
    QTest::newRow("to integer") << "0.5" << 0 << 0 << "1";
    QTest::newRow("to zero") << "-0.4" << 0 << 0 << "0";
    QTest::newRow("fits exactly") << "999.99" << 5 << 2 << "999.99";
    QTest::newRow("rounds out of range") << "999.995" << 5 << 2 << "numeric field overflow";
    QTest::newRow("too large") << "1000" << 5 << 2 << "numeric field overflow";
    QTest::newRow("NaN") << "NaN" << 5 << 2 << "NaN";
    QTest::newRow("38 decimals down") << "0.99999999999999999999999999999999999999" << 0 << 0 << "1";
  }
  void rescales() {
    QFETCH(QString, text);
    QFETCH(int, precision);
    QFETCH(int, scale);
    QTEST(shown(rescale(*parseDecimal(text.toStdString()), precision, scale)), "expected");
  }

  void comparesByValue() {
    QVERIFY(compare(dec("1.0"), dec("1.00")) == std::strong_ordering::equal);
    QVERIFY(compare(dec("-1.0"), dec("1.00")) == std::strong_ordering::less);
    QVERIFY(compare(dec("NaN"), dec("99999999999999999999999999999999999999")) == std::strong_ordering::greater);
    QVERIFY(compare(dec("NaN"), dec("NaN")) == std::strong_ordering::equal);
    QVERIFY(compare(dec("0.00000000000000000000000000000000000001"), dec("99999999999999999999999999999999999999")) ==
            std::strong_ordering::less);
    QCOMPARE(hash(dec("1.0")), hash(dec("1.00")));
    QCOMPARE(hash(dec("0")), hash(dec("0.000")));
    QVERIFY(hash(dec("1")) != hash(dec("10")));
  }

  void convertsDoubles_data() {
    QTest::addColumn<double>("value");
    QTest::addColumn<QString>("expected");
    QTest::newRow("fraction") << 0.1 << "0.1";
    QTest::newRow("15 digits") << 1.23456789012345678 << "1.23456789012346";
    QTest::newRow("large") << 1e20 << "100000000000000000000";
    QTest::newRow("small") << 1.5e-7 << "0.00000015";
    QTest::newRow("negative") << -2.5 << "-2.5";
    QTest::newRow("infinity") << std::numeric_limits<double>::infinity() << "cannot convert infinity to numeric";
    QTest::newRow("too large") << 1e40 << "value overflows numeric format";
    QTest::newRow("NaN") << std::numeric_limits<double>::quiet_NaN() << "NaN";
  }
  void convertsDoubles() {
    QFETCH(double, value);
    QTEST(shown(decimalFromDouble(value)), "expected");
  }

  void convertsToDoubleWithoutLoss() {
    QCOMPARE(toDouble(dec("0.1")), 0.1);
    QCOMPARE(toDouble(dec("-123.456")), -123.456);
    QCOMPARE(toDouble(dec("12345678901234567890.12345")), 12345678901234567890.12345);
    QCOMPARE(toDouble(dec("0.00000000000000000000000000000000000001")), 1e-38);
    QVERIFY(std::isnan(toDouble(Decimal::nan())));
  }

  void convertsToIntegers() {
    QCOMPARE(*toInteger(dec("2.5")), std::int64_t{3});
    QCOMPARE(*toInteger(dec("-2.5")), std::int64_t{-3});
    QCOMPARE(*toInteger(dec("-9223372036854775808.4")), std::numeric_limits<std::int64_t>::min());
    QCOMPARE(toInteger(dec("9223372036854775807.5")).error().message(), std::string("bigint out of range"));
    QCOMPARE(toInteger(Decimal::nan()).error().kind(), ErrorKind::NumericValueOutOfRange);
  }

  /// Small coefficients are checked against exact 128-bit arithmetic.
  void agreesWithIntegerArithmetic() {
    types::testing::RandomValues random;
    constexpr Int128 kThousand = 1000;
    for (int round = 0; round < 20'000; ++round) {
      const Int128 a = random.integer(-1'000'000'000'000, 1'000'000'000'000);
      const Int128 b = random.integer(-1'000'000'000'000, 1'000'000'000'000);
      const Decimal left(a, 3);
      const Decimal right(b, 6);
      QVERIFY(add(left, right)->coefficient() == a * kThousand + b);
      QVERIFY(subtract(left, right)->coefficient() == a * kThousand - b);
      QVERIFY(multiply(left, right)->coefficient() == a * b);
      QVERIFY((compare(left, right) < 0) == (a * kThousand < b));
      if (b == 0) continue;
      QVERIFY(modulo(left, right)->coefficient() == a * kThousand % b);
      // a/b is the quotient q with |q*b - a| at most half a unit of q's last digit.
      const auto quotient = *divide(Decimal(a, 0), Decimal(b, 0));
      Int128 scaled = a;
      for (int i = 0; i < quotient.scale(); ++i) scaled *= 10;
      if (quotient.scale() <= 24) {
        const auto rest = quotient.coefficient() * b - scaled;
        QVERIFY((rest < 0 ? -rest : rest) * 2 <= (b < 0 ? -b : b));
      }
    }
  }

  void textRoundTrips() {
    types::testing::RandomValues random;
    for (int round = 0; round < 20'000; ++round) {
      const auto value = random.decimal();
      const auto back = parseDecimal(toString(value));
      QVERIFY(back.ok());
      QVERIFY(Value::numeric(*back) == Value::numeric(value));
    }
  }

  void sumsOfRandomDecimalsKeepOrderAndSign() {
    types::testing::RandomValues random;
    for (int round = 0; round < 20'000; ++round) {
      const auto a = random.decimal();
      const auto b = random.decimal();
      const auto forth = add(a, b);
      const auto back = add(b, a);
      QCOMPARE(shown(forth), shown(back));
      QCOMPARE(shown(multiply(a, b)), shown(multiply(b, a)));
      const auto difference = subtract(a, a);
      if (!a.isNan()) QVERIFY(difference->isZero());
      if (!a.isNan() && !b.isNan() && forth)
        QVERIFY((compare(*forth, a) >= 0) == (compare(b, Decimal()) >= 0) || compare(*forth, a) == 0);
    }
  }

  void randomBytesNeverCrash() {
    types::testing::RandomValues random;
    const std::string alphabet = "0123456789+-.eE nN";
    for (int round = 0; round < 50'000; ++round) {
      std::string text;
      for (auto left = random.between(0, 50); left > 0; --left)
        text += alphabet[static_cast<std::size_t>(random.between(0, static_cast<std::int64_t>(alphabet.size()) - 1))];
      const auto value = parseDecimal(text);
      if (value) QVERIFY(compare(*parseDecimal(toString(*value)), *value) == 0);
    }
  }
};

QTEST_APPLESS_MAIN(TestDecimal)
#include "tst_decimal.moc"
