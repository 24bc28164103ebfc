#include <QtTest>

#include "function_call.h"

using namespace drift;
using namespace drift::functions;
using drift::functions::testing::addCall;

class TestOperators : public QObject {
  Q_OBJECT

 private slots:
  void calls_data();
  void calls() { testing::checkCall(m_registry); }

 private:
  Registry m_registry;
};

// Types, values and sentences are PostgreSQL 15's, but for those that a comment names.
void TestOperators::calls_data() {
  testing::addCallColumns();
  addCall("+", {"integer:2", "integer:3"}, "integer", "5");
  addCall("+", {"integer:2147483647", "integer:1"}, "", "integer out of range");
  addCall("+", {"integer:2147483647", "bigint:1"}, "bigint", "2147483648");
  addCall("+", {"smallint:32767", "smallint:1"}, "", "smallint out of range");
  addCall("+", {"smallint:32767", "integer:1"}, "integer", "32768");
  addCall("+", {"bigint:9223372036854775807", "integer:1"}, "", "bigint out of range");
  addCall("+", {"integer:2", "numeric:1.50"}, "numeric", "3.50");
  addCall("+", {"integer:2", "double precision:1.5"}, "double precision", "3.5");
  addCall("+", {"numeric:2", "double precision:1.5"}, "double precision", "3.5");
  addCall("+", {"integer:2", "unknown:3"}, "integer", "5");
  addCall("+", {"integer:2", "unknown:x"}, "", "invalid input syntax for type integer: \"x\"");
  addCall("+", {"unknown:2", "unknown:3"}, "", "operator is not unique: unknown + unknown");
  addCall("+", {"integer:2", "text:3"}, "", "operator does not exist: integer + text");
  addCall("+", {"integer:NULL", "integer:3"}, "integer", "NULL");
  addCall("+", {"double precision:1e308", "double precision:1e308"}, "", "value out of range: overflow");
  addCall("+", {"double precision:infinity", "double precision:1"}, "double precision", "Infinity");
  addCall("-", {"integer:-2147483648", "integer:1"}, "", "integer out of range");
  addCall("-", {"integer:-2147483648"}, "", "integer out of range");
  addCall("-", {"smallint:-5"}, "smallint", "5");
  addCall("-", {"numeric:1.50"}, "numeric", "-1.50");
  addCall("-", {"double precision:0"}, "double precision", "-0");
  addCall("-", {"interval:1 day -2 hours"}, "interval", "-1 days +02:00:00");
  addCall("+", {"integer:7"}, "integer", "7");
  addCall("-", {"text:x"}, "", "operator does not exist: - text");
  addCall("*", {"integer:65536", "integer:65536"}, "", "integer out of range");
  addCall("*", {"bigint:4294967296", "bigint:4294967296"}, "", "bigint out of range");
  addCall("*", {"numeric:1.50", "numeric:2.25"}, "numeric", "3.3750");
  addCall("*", {"numeric:1.5", "integer:3"}, "numeric", "4.5");
  addCall("*", {"double precision:1e-200", "double precision:1e-200"}, "", "value out of range: underflow");
  addCall("/", {"integer:7", "integer:2"}, "integer", "3");
  addCall("/", {"integer:-7", "integer:2"}, "integer", "-3");
  addCall("/", {"integer:7", "integer:0"}, "", "division by zero");
  addCall("/", {"integer:-2147483648", "integer:-1"}, "", "integer out of range");
  addCall("/", {"integer:7", "numeric:2"}, "numeric", "3.5000000000000000");
  addCall("/", {"numeric:7", "numeric:0"}, "", "division by zero");
  addCall("/", {"numeric:1", "numeric:3"}, "numeric", "0.33333333333333333333");
  addCall("/", {"double precision:1", "double precision:3"}, "double precision", "0.3333333333333333");
  addCall("/", {"double precision:1", "double precision:0"}, "", "division by zero");
  addCall("/", {"double precision:nan", "double precision:0"}, "double precision", "NaN");
  addCall("%", {"integer:-7", "integer:3"}, "integer", "-1");
  addCall("%", {"integer:7", "integer:0"}, "", "division by zero");
  addCall("%", {"bigint:-9223372036854775808", "bigint:-1"}, "bigint", "0");
  addCall("%", {"numeric:7.5", "numeric:2"}, "numeric", "1.5");
  addCall("^", {"integer:2", "integer:10"}, "double precision", "1024");
  addCall("^", {"double precision:2", "double precision:0.5"}, "double precision", "1.4142135623730951");
  addCall("^", {"double precision:-8", "double precision:0.5"}, "",
          "a negative number raised to a non-integer power yields a complex result");
  addCall("^", {"double precision:0", "double precision:-1"}, "", "zero raised to a negative power is undefined");
  addCall("=", {"integer:1", "numeric:1.0"}, "boolean", "t");
  addCall("=", {"integer:1", "double precision:1"}, "boolean", "t");
  addCall("=", {"integer:1", "unknown:1"}, "boolean", "t");
  addCall("=", {"integer:NULL", "integer:1"}, "boolean", "NULL");
  addCall("=", {"text:a", "unknown:a"}, "boolean", "t");
  addCall("=", {"text:a", "varchar:a"}, "boolean", "t");
  addCall("=", {"varchar:a", "varchar:b"}, "boolean", "f");
  addCall("=", {"unknown:a", "unknown:a"}, "boolean", "t");
  addCall("=", {"text:1", "integer:1"}, "", "operator does not exist: text = integer");
  addCall("=", {"boolean:t", "unknown:yes"}, "boolean", "t");
  addCall("=", {"double precision:nan", "double precision:nan"}, "boolean", "t");
  addCall("=", {"double precision:0", "double precision:-0"}, "boolean", "t");
  addCall("=", {"uuid:a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11", "unknown:{a0eebc999c0b4ef8bb6d6bb9bd380a11}"}, "boolean",
          "t");
  addCall("=", {"date:2020-01-01", "timestamp:2020-01-01 00:00"}, "boolean", "t");
  addCall("=", {"timestamp:2020-01-01 00:00", "timestamptz:2020-01-01 00:00+00"}, "boolean", "t");
  addCall("=", {"interval:1 mon", "interval:30 days"}, "boolean", "t");
  addCall("=", {"bytea:\\x00", "bytea:\\x00"}, "boolean", "t");
  addCall("<>", {"integer:1", "integer:2"}, "boolean", "t");
  addCall("<>", {"text:abcdefghijklmnop", "text:abcdefghijklmnop"}, "boolean", "f");
  addCall("<>", {"text:abcdefghijklmnop", "text:abcdefghijklmnoq"}, "boolean", "t");
  addCall("<", {"integer:1", "bigint:2"}, "boolean", "t");
  addCall("<", {"text:Z", "text:a"}, "boolean", "t");
  addCall("<", {"double precision:infinity", "double precision:nan"}, "boolean", "t");
  addCall("<", {"numeric:NaN", "numeric:1"}, "boolean", "f");
  addCall("<", {"boolean:f", "boolean:t"}, "boolean", "t");
  addCall("<=", {"smallint:3", "integer:3"}, "boolean", "t");
  addCall("<=", {"date:2020-01-01", "unknown:2020-01-02"}, "boolean", "t");
  addCall(">", {"timestamptz:2020-01-01 00:00+00", "date:2019-12-31"}, "boolean", "t");
  addCall(">", {"interval:1 day", "interval:23:59"}, "boolean", "t");
  addCall(">=", {"numeric:1.0", "integer:1"}, "boolean", "t");
  addCall(">=", {"bytea:\\x80", "bytea:\\x7f"}, "boolean", "t");
  addCall("<", {"integer:1", "boolean:t"}, "", "operator does not exist: integer < boolean");
  addCall("||", {"text:a", "text:b"}, "text", "ab");
  addCall("||", {"unknown:a", "unknown:b"}, "text", "ab");
  addCall("||", {"text:a", "integer:1"}, "text", "a1");
  addCall("||", {"boolean:t", "unknown:b"}, "text", "trueb");
  addCall("||", {"unknown:a", "numeric:1.50"}, "text", "a1.50");
  addCall("||", {"varchar:a", "varchar:b"}, "text", "ab");
  addCall("||", {"text:a", "text:NULL"}, "text", "NULL");
  addCall("||", {"integer:1", "integer:2"}, "", "operator does not exist: integer || integer");
  addCall("||", {"bytea:\\x00", "bytea:\\xff"}, "bytea", "\\x00ff");
  addCall("||", {"text:at", "timestamptz:2020-01-01 00:00+00"}, "text", "at2020-01-01 00:00:00+00");
  addCall("&", {"integer:12", "integer:10"}, "integer", "8");
  addCall("|", {"smallint:12", "integer:10"}, "integer", "14");
  addCall("#", {"bigint:12", "bigint:10"}, "bigint", "6");
  addCall("~", {"integer:5"}, "integer", "-6");
  addCall("<<", {"integer:1", "integer:31"}, "integer", "-2147483648");
  addCall("<<", {"integer:1", "integer:33"}, "integer", "2");
  addCall("<<", {"smallint:1", "integer:15"}, "smallint", "-32768");
  addCall(">>", {"integer:-8", "integer:1"}, "integer", "-4");
  addCall("<<", {"bigint:1", "integer:40"}, "bigint", "1099511627776");
  addCall("&", {"numeric:1", "numeric:2"}, "", "operator does not exist: numeric & numeric");
  addCall("+", {"date:2020-02-28", "integer:2"}, "date", "2020-03-01");
  addCall("+", {"integer:2", "date:2020-02-28"}, "date", "2020-03-01");
  addCall("-", {"date:2020-03-01", "integer:1"}, "date", "2020-02-29");
  addCall("-", {"date:2020-03-01", "date:2020-02-01"}, "integer", "29");
  addCall("-", {"date:2020-03-01", "unknown:2020-02-01"}, "integer", "29");
  addCall("-", {"date:infinity", "date:2020-02-01"}, "", "cannot subtract infinite dates");
  addCall("+", {"date:infinity", "integer:1"}, "date", "infinity");
  addCall("+", {"date:5874897-12-31", "integer:1"}, "", "date out of range");
  addCall("+", {"date:2020-01-31", "interval:1 month"}, "timestamp without time zone", "2020-02-29 00:00:00");
  addCall("-", {"date:2020-03-31", "interval:1 month 1 hour"}, "timestamp without time zone", "2020-02-28 23:00:00");
  addCall("+", {"interval:1 day", "date:2020-01-31"}, "timestamp without time zone", "2020-02-01 00:00:00");
  addCall("+", {"timestamp:2020-01-31 10:00", "interval:1 month"}, "timestamp without time zone",
          "2020-02-29 10:00:00");
  addCall("+", {"timestamp:2020-01-31 10:00", "unknown:1 day"}, "timestamp without time zone", "2020-02-01 10:00:00");
  addCall("-", {"timestamp:2020-01-31 10:00", "interval:36 hours"}, "timestamp without time zone",
          "2020-01-29 22:00:00");
  addCall("+", {"timestamptz:2020-01-31 10:00+00", "interval:1 day 1 hour"}, "timestamp with time zone",
          "2020-02-01 11:00:00+00");
  addCall("-", {"timestamptz:2020-01-31 10:00+00", "unknown:1 day"}, "",
          "invalid input syntax for type timestamp with time zone: \"1 day\"");
  addCall("+", {"interval:1 hour", "timestamp:infinity"}, "timestamp without time zone", "infinity");
  addCall("-", {"timestamp:2020-03-01 12:00", "timestamp:2020-02-28 13:30"}, "interval", "1 day 22:30:00");
  addCall("-", {"timestamp:2020-03-01 12:00", "date:2020-02-28"}, "interval", "2 days 12:00:00");
  addCall("-", {"timestamptz:2020-03-01 12:00+00", "timestamp:2020-02-28 13:30"}, "interval", "1 day 22:30:00");
  addCall("+", {"interval:1 day", "interval:25 hours"}, "interval", "1 day 25:00:00");
  addCall("-", {"interval:1 day", "interval:25 hours"}, "interval", "1 day -25:00:00");
  addCall("*", {"interval:1 month 1 day 01:00", "double precision:1.5"}, "interval", "1 mon 16 days 13:30:00");
  addCall("*", {"integer:2", "interval:1 day"}, "interval", "2 days");
  addCall("*", {"interval:1 month", "double precision:0.333"}, "interval", "9 days 23:45:36");
  addCall("/", {"interval:1 month", "double precision:3"}, "interval", "10 days");
  addCall("/", {"interval:1 day", "integer:0"}, "", "division by zero");
  addCall("/", {"interval:10 days", "integer:3"}, "interval", "3 days 08:00:00");
  addCall("+", {"timestamp:2020-01-01", "timestamp:2020-01-01"}, "",
          "operator does not exist: timestamp without time zone + timestamp without time zone");
  addCall("+", {"interval:2147483647 days", "interval:1 day"}, "", "interval out of range");
  addCall("~~", {"text:abc", "text:a%"}, "boolean", "t");
  addCall("~~", {"text:abc", "text:_b_"}, "boolean", "t");
  addCall("~~", {"text:abc", "text:a"}, "boolean", "f");
  addCall("~~", {"text:abc", "text:"}, "boolean", "f");
  addCall("~~", {"text:", "text:%"}, "boolean", "t");
  addCall("~~", {"text:a%c", "text:a\\%c"}, "boolean", "t");
  addCall("~~", {"text:abc", "text:a\\%c"}, "boolean", "f");
  addCall("~~", {"text:äöü", "text:_ö_"}, "boolean", "t");
  addCall("~~", {"text:mississippi", "text:%iss%ppi"}, "boolean", "t");
  addCall("~~", {"text:mississippi", "text:%iss%iss%"}, "boolean", "t");
  addCall("~~", {"text:mississippi", "text:m%i%s%x"}, "boolean", "f");
  addCall("~~", {"text:aaa", "text:%a_"}, "boolean", "t");
  addCall("~~", {"text:abc", "text:%%c"}, "boolean", "t");
  addCall("~~", {"text:ab", "text:%_%_%_%"}, "boolean", "f");
  addCall("~~", {"text:NULL", "text:a"}, "boolean", "NULL");
  addCall("!~~", {"text:abc", "text:a%"}, "boolean", "f");
  addCall("~~*", {"text:ABC", "text:a%"}, "boolean", "t");
  addCall("~~*", {"text:ÄÖ", "text:äö"}, "boolean", "t");
  addCall("!~~*", {"text:ABC", "text:b%"}, "boolean", "t");
  addCall("~~", {"integer:1", "text:1"}, "", "operator does not exist: integer ~~ text");
  addCall("~", {"text:abc123", "text:[0-9]+"}, "boolean", "t");
  addCall("~", {"text:abc", "text:^b"}, "boolean", "f");
  addCall("~*", {"text:ABC", "text:b"}, "boolean", "t");
  addCall("!~", {"text:abc", "text:x"}, "boolean", "t");
  addCall("!~*", {"text:ABC", "text:b"}, "boolean", "f");
  addCall("^@", {"text:alphabet", "text:alph"}, "boolean", "t");
  // PostgreSQL sees the mistake only where a text reaches it.
  addCall("~~", {"text:abc", "text:abc\\"}, "", "LIKE pattern must not end with escape character");
}

QTEST_APPLESS_MAIN(TestOperators)
#include "tst_operators.moc"
