#include <QtTest>

#include "function_call.h"

using namespace drift;
using namespace drift::functions;
using drift::functions::testing::addCall;

class TestMath : public QObject {
  Q_OBJECT

 private slots:
  void calls_data();
  void calls() { testing::checkCall(m_registry); }

 private:
  Registry m_registry;
};

// Types, values and sentences are PostgreSQL 15's, but for those that a comment names.
void TestMath::calls_data() {
  testing::addCallColumns();
  addCall("abs", {"integer:-5"}, "integer", "5");
  addCall("abs", {"smallint:-32768"}, "", "smallint out of range");
  addCall("abs", {"numeric:-1.50"}, "numeric", "1.50");
  addCall("abs", {"double precision:-0.5"}, "double precision", "0.5");
  addCall("abs", {"unknown:-5"}, "double precision", "5");
  addCall("ceil", {"numeric:-0.5"}, "numeric", "0");
  addCall("ceil", {"numeric:1.2"}, "numeric", "2");
  addCall("ceil", {"double precision:-0.5"}, "double precision", "-0");
  addCall("ceil", {"integer:5"}, "double precision", "5");
  addCall("ceiling", {"numeric:42.8"}, "numeric", "43");
  addCall("floor", {"numeric:-1.2"}, "numeric", "-2");
  addCall("floor", {"numeric:-1.0"}, "numeric", "-1");
  addCall("floor", {"double precision:-1.2"}, "double precision", "-2");
  addCall("round", {"numeric:2.5"}, "numeric", "3");
  addCall("round", {"numeric:-2.5"}, "numeric", "-3");
  addCall("round", {"double precision:2.5"}, "double precision", "2");
  addCall("round", {"double precision:-3.5"}, "double precision", "-4");
  addCall("round", {"integer:5"}, "double precision", "5");
  addCall("round", {"numeric:42.4382", "integer:2"}, "numeric", "42.44");
  addCall("round", {"numeric:1234.56", "integer:-2"}, "numeric", "1200");
  addCall("round", {"numeric:1250", "integer:-2"}, "numeric", "1300");
  addCall("round", {"numeric:0.6", "integer:-1"}, "numeric", "0");
  addCall("round", {"numeric:1.5", "integer:4"}, "numeric", "1.5000");
  addCall("round", {"integer:15", "integer:-1"}, "numeric", "20");
  addCall("round", {"double precision:1.25", "integer:1"}, "",
          "function round(double precision, integer) does not exist");
  addCall("round", {"numeric:99999999999999999999", "integer:-20"}, "numeric", "100000000000000000000");
  addCall("trunc", {"numeric:-1.57", "integer:1"}, "numeric", "-1.5");
  addCall("trunc", {"numeric:1234.5", "integer:-2"}, "numeric", "1200");
  addCall("trunc", {"numeric:1.999"}, "numeric", "1");
  addCall("trunc", {"double precision:-1.9"}, "double precision", "-1");
  addCall("sign", {"numeric:-8.4"}, "numeric", "-1");
  addCall("sign", {"double precision:-8.4"}, "double precision", "-1");
  addCall("sign", {"integer:3"}, "double precision", "1");
  addCall("sqrt", {"double precision:2"}, "double precision", "1.4142135623730951");
  addCall("sqrt", {"integer:2"}, "double precision", "1.4142135623730951");
  addCall("sqrt", {"numeric:2"}, "numeric", "1.414213562373095");
  addCall("sqrt", {"numeric:16.0"}, "numeric", "4.000000000000000");
  addCall("sqrt", {"numeric:123456.789"}, "numeric", "351.3641828644462");
  addCall("sqrt", {"numeric:0.0001"}, "numeric", "0.01000000000000000");
  addCall("sqrt", {"numeric:0"}, "numeric", "0.000000000000000");
  addCall("sqrt", {"numeric:0.00000000000000000002"}, "numeric", "0.0000000001414213562373095");
  addCall("sqrt", {"numeric:99999999999999999999"}, "numeric", "10000000000.0000000");
  addCall("sqrt", {"double precision:-1"}, "", "cannot take square root of a negative number");
  addCall("sqrt", {"numeric:-1"}, "", "cannot take square root of a negative number");
  addCall("cbrt", {"double precision:8"}, "double precision", "2");
  addCall("exp", {"double precision:1"}, "double precision", "2.718281828459045");
  addCall("exp", {"numeric:1.0"}, "numeric", "2.7182818284590452");
  addCall("exp", {"numeric:-1.5"}, "numeric", "0.2231301601484298");
  addCall("exp", {"numeric:10"}, "numeric", "22026.465794806717");
  addCall("exp", {"numeric:0"}, "numeric", "1.0000000000000000");
  addCall("exp", {"double precision:1000"}, "", "value out of range: overflow");
  addCall("ln", {"double precision:2"}, "double precision", "0.6931471805599453");
  addCall("ln", {"numeric:2.0"}, "numeric", "0.6931471805599453");
  addCall("ln", {"numeric:10"}, "numeric", "2.3025850929940457");
  addCall("ln", {"numeric:0.5"}, "numeric", "-0.6931471805599453");
  addCall("ln", {"numeric:1"}, "numeric", "0.0000000000000000");
  addCall("ln", {"numeric:123456789.123"}, "numeric", "18.631401767164318");
  addCall("ln", {"numeric:0"}, "", "cannot take logarithm of zero");
  addCall("ln", {"double precision:0"}, "", "cannot take logarithm of zero");
  addCall("ln", {"double precision:-1"}, "", "cannot take logarithm of a negative number");
  addCall("ln", {"numeric:-1"}, "", "cannot take logarithm of a negative number");
  addCall("log", {"double precision:100"}, "double precision", "2");
  addCall("log", {"numeric:100.0"}, "numeric", "2.0000000000000000");
  addCall("log", {"numeric:2.0"}, "numeric", "0.3010299956639812");
  addCall("log", {"numeric:2.0", "numeric:64.0"}, "numeric", "6.0000000000000000");
  addCall("log10", {"numeric:1000"}, "numeric", "3.0000000000000000");
  addCall("power", {"double precision:2", "double precision:10"}, "double precision", "1024");
  addCall("power", {"integer:2", "integer:10"}, "double precision", "1024");
  addCall("power", {"numeric:2.0", "numeric:3"}, "numeric", "8.0000000000000000");
  addCall("power", {"numeric:2", "numeric:0.5"}, "numeric", "1.4142135623730950");
  addCall("power", {"numeric:2", "numeric:-3"}, "numeric", "0.1250000000000000");
  addCall("power", {"numeric:1.05", "numeric:10"}, "numeric", "1.6288946267774414");
  addCall("power", {"numeric:10", "numeric:20"}, "numeric", "100000000000000000000.0000000000000000");
  addCall("power", {"numeric:0", "numeric:0"}, "numeric", "1.0000000000000000");
  addCall("power", {"numeric:-2", "numeric:3"}, "numeric", "-8.0000000000000000");
  addCall("power", {"numeric:-2", "numeric:0.5"}, "",
          "a negative number raised to a non-integer power yields a complex result");
  addCall("power", {"numeric:0", "numeric:-1"}, "", "zero raised to a negative power is undefined");
  addCall("power", {"double precision:10", "double precision:400"}, "", "value out of range: overflow");
  addCall("^", {"numeric:2", "numeric:3"}, "numeric", "8.0000000000000000");
  addCall("^", {"integer:2", "numeric:0.5"}, "numeric", "1.4142135623730950");
  addCall("mod", {"integer:9", "integer:4"}, "integer", "1");
  addCall("mod", {"numeric:9.5", "numeric:4"}, "numeric", "1.5");
  addCall("mod", {"integer:9", "integer:0"}, "", "division by zero");
  addCall("div", {"numeric:9", "numeric:4"}, "numeric", "2");
  addCall("div", {"numeric:-9", "numeric:4"}, "numeric", "-2");
  addCall("div", {"numeric:9", "numeric:0"}, "", "division by zero");
  addCall("pi", {}, "double precision", "3.141592653589793");
  addCall("degrees", {"double precision:0.5"}, "double precision", "28.64788975654116");
  addCall("sin", {"double precision:1"}, "double precision", "0.8414709848078965");
  addCall("sin", {"double precision:infinity"}, "", "input is out of range");
  addCall("acos", {"double precision:2"}, "", "input is out of range");
  addCall("atan2", {"double precision:1", "double precision:1"}, "double precision", "0.7853981633974483");
  addCall("scale", {"numeric:8.4100"}, "integer", "4");
  addCall("trim_scale", {"numeric:8.4100"}, "numeric", "8.41");
  // Numerics end at 38 digits here.
  addCall("exp", {"numeric:1000"}, "", "value overflows numeric format");
  addCall("power", {"numeric:10", "numeric:38"}, "", "value overflows numeric format");
  addCall("power", {"numeric:10", "numeric:30"}, "numeric", "1000000000000000000000000000000.0000000");
}

QTEST_APPLESS_MAIN(TestMath)
#include "tst_math.moc"
