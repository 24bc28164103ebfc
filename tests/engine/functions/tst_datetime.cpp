#include <QtTest>

#include "function_call.h"

using namespace drift;
using namespace drift::functions;
using drift::functions::testing::addCall;

class TestDateTime : public QObject {
  Q_OBJECT

 private slots:
  void calls_data();
  void calls() { testing::checkCall(m_registry); }

 private:
  Registry m_registry;
};

// Types, values and sentences are PostgreSQL 15's, but for those that a comment names.
void TestDateTime::calls_data() {
  testing::addCallColumns();
  addCall("make_date", {"integer:2013", "integer:7", "integer:15"}, "date", "2013-07-15");
  addCall("make_date", {"integer:2013", "integer:2", "integer:30"}, "", "date field value out of range: 2013-02-30");
  addCall("make_date", {"integer:-44", "integer:3", "integer:15"}, "date", "0044-03-15 BC");
  addCall("make_timestamp",
          {"integer:2013", "integer:7", "integer:15", "integer:8", "integer:15", "double precision:23.5"},
          "timestamp without time zone", "2013-07-15 08:15:23.5");
  addCall("make_timestamp",
          {"integer:2013", "integer:7", "integer:15", "integer:25", "integer:15", "double precision:23.5"}, "",
          "time field value out of range: 25:15:23.5");
  addCall("to_timestamp", {"double precision:1284352323"}, "timestamp with time zone", "2010-09-13 04:32:03+00");
  addCall("to_timestamp", {"double precision:0.5"}, "timestamp with time zone", "1970-01-01 00:00:00.5+00");
  addCall("to_timestamp", {"double precision:infinity"}, "timestamp with time zone", "infinity");
  addCall("timezone", {"text:Europe/Berlin", "timestamp:2020-07-01 12:00"}, "timestamp with time zone",
          "2020-07-01 10:00:00+00");
  addCall("timezone", {"text:America/New_York", "timestamptz:2020-07-01 12:00+00"}, "timestamp without time zone",
          "2020-07-01 08:00:00");
  addCall("timezone", {"text:Nowhere/Land", "timestamptz:2020-07-01 12:00+00"}, "",
          "time zone \"Nowhere/Land\" not recognized");
  addCall("date", {"timestamp:2020-07-01 12:00"}, "date", "2020-07-01");
  addCall("age", {"timestamp:2001-04-10", "timestamp:1957-06-13"}, "interval", "43 years 9 mons 27 days");
  addCall("age", {"timestamp:2020-03-31", "timestamp:2020-02-29"}, "interval", "1 mon 2 days");
  addCall("age", {"timestamp:2020-01-01", "timestamp:2020-03-15 10:00"}, "interval", "-2 mons -14 days -10:00:00");
  addCall("age", {"timestamp:2020-05-31", "timestamp:2020-03-31 10:00"}, "interval", "1 mon 30 days 14:00:00");
  addCall("age", {"timestamp:2020-03-01", "timestamp:2020-01-31"}, "interval", "1 mon 1 day");
  addCall("age", {"timestamp:2020-01-31", "timestamp:2020-03-01"}, "interval", "-1 mons -1 days");
  addCall("age", {"timestamptz:2020-03-01 00:00+00", "timestamptz:2019-02-28 12:00+00"}, "interval", "1 year 12:00:00");
  addCall("isfinite", {"date:infinity"}, "boolean", "f");
  addCall("isfinite", {"timestamp:2020-01-01"}, "boolean", "t");
  addCall("extract", {"unknown:year", "date:2020-02-16"}, "numeric", "2020");
  addCall("extract", {"unknown:YEAR", "timestamp:2001-02-16 20:38:40"}, "numeric", "2001");
  addCall("extract", {"unknown:year", "timestamp:0044-03-15 00:00 BC"}, "numeric", "-44");
  addCall("extract", {"unknown:century", "timestamp:2000-12-16 12:21:13"}, "numeric", "20");
  addCall("extract", {"unknown:century", "timestamp:2001-02-16 20:38:40"}, "numeric", "21");
  addCall("extract", {"unknown:century", "date:0044-03-15 BC"}, "numeric", "-1");
  addCall("extract", {"unknown:century", "date:0101-01-01 BC"}, "numeric", "-2");
  addCall("extract", {"unknown:century", "date:0100-01-01 BC"}, "numeric", "-1");
  addCall("extract", {"unknown:millennium", "timestamp:2001-02-16 20:38:40"}, "numeric", "3");
  addCall("extract", {"unknown:decade", "timestamp:2001-02-16 20:38:40"}, "numeric", "200");
  addCall("extract", {"unknown:decade", "date:0011-01-01 BC"}, "numeric", "-1");
  addCall("extract", {"unknown:day", "timestamp:2001-02-16 20:38:40"}, "numeric", "16");
  addCall("extract", {"unknown:dow", "timestamp:2001-02-16 20:38:40"}, "numeric", "5");
  addCall("extract", {"unknown:isodow", "timestamp:2001-02-18 20:38:40"}, "numeric", "7");
  addCall("extract", {"unknown:doy", "timestamp:2001-02-16 20:38:40"}, "numeric", "47");
  addCall("extract", {"unknown:epoch", "timestamp:2001-02-16 20:38:40.12"}, "numeric", "982355920.120000");
  addCall("extract", {"unknown:epoch", "timestamptz:2001-02-16 20:38:40.12-08"}, "numeric", "982384720.120000");
  addCall("extract", {"unknown:epoch", "date:2001-02-16"}, "numeric", "982281600");
  addCall("extract", {"unknown:epoch", "interval:5 days 3 hours"}, "numeric", "442800.000000");
  addCall("extract", {"unknown:epoch", "interval:1 year 2 months 3 days 4.5 seconds"}, "numeric", "37000804.500000");
  addCall("extract", {"unknown:hour", "timestamp:2001-02-16 20:38:40"}, "numeric", "20");
  addCall("extract", {"unknown:isoyear", "date:2006-01-01"}, "numeric", "2005");
  addCall("extract", {"unknown:isoyear", "date:2006-01-02"}, "numeric", "2006");
  addCall("extract", {"unknown:week", "date:2006-01-01"}, "numeric", "52");
  addCall("extract", {"unknown:julian", "date:2006-01-01"}, "numeric", "2453737");
  addCall("extract", {"unknown:julian", "timestamp:2006-01-01 12:00"}, "numeric", "2453737.50000000000000000000");
  addCall("extract", {"unknown:microseconds", "timestamp:2001-02-16 20:38:40.5"}, "numeric", "40500000");
  addCall("extract", {"unknown:milliseconds", "timestamp:2001-02-16 20:38:40.5"}, "numeric", "40500.000");
  addCall("extract", {"unknown:minute", "timestamp:2001-02-16 20:38:40"}, "numeric", "38");
  addCall("extract", {"unknown:month", "interval:2 years 13 months"}, "numeric", "1");
  addCall("extract", {"unknown:quarter", "timestamp:2001-02-16 20:38:40"}, "numeric", "1");
  addCall("extract", {"unknown:second", "timestamp:2001-02-16 20:38:40.5"}, "numeric", "40.500000");
  addCall("extract", {"unknown:timezone", "timestamptz:2001-02-16 20:38:40+00"}, "numeric", "0");
  addCall("extract", {"unknown:hour", "interval:80 hours"}, "numeric", "80");
  addCall("extract", {"unknown:hour", "interval:-80 hours"}, "numeric", "-80");
  addCall("extract", {"unknown:year", "interval:-14 months"}, "numeric", "-1");
  addCall("extract", {"unknown:hour", "date:2020-01-01"}, "", "unit \"hour\" not supported for type date");
  addCall("extract", {"unknown:timezone", "timestamp:2020-01-01"}, "",
          "unit \"timezone\" not supported for type timestamp without time zone");
  addCall("extract", {"unknown:week", "interval:1 day"}, "", "unit \"week\" not supported for type interval");
  addCall("extract", {"unknown:fortnight", "date:2020-01-01"}, "", "unit \"fortnight\" not recognized for type date");
  addCall("extract", {"unknown:day", "date:infinity"}, "numeric", "NULL");
  addCall("date_part", {"text:day", "timestamp:2001-02-16 20:38:40"}, "double precision", "16");
  addCall("date_part", {"text:second", "interval:1.25 seconds"}, "double precision", "1.25");
  addCall("date_part", {"text:epoch", "date:infinity"}, "double precision", "Infinity");
  addCall("date_part", {"text:epoch", "timestamptz:2001-02-16 20:38:40.12-08"}, "double precision", "982384720.12");
  addCall("date_part", {"text:hour", "date:2020-01-01"}, "double precision", "0");
  addCall("date_trunc", {"text:hour", "timestamp:2001-02-16 20:38:40"}, "timestamp without time zone",
          "2001-02-16 20:00:00");
  addCall("date_trunc", {"text:week", "timestamp:2001-02-16 20:38:40"}, "timestamp without time zone",
          "2001-02-12 00:00:00");
  addCall("date_trunc", {"text:week", "timestamp:2001-02-18 20:38:40"}, "timestamp without time zone",
          "2001-02-12 00:00:00");
  addCall("date_trunc", {"text:quarter", "timestamp:2001-05-16 20:38:40"}, "timestamp without time zone",
          "2001-04-01 00:00:00");
  addCall("date_trunc", {"text:decade", "timestamp:2001-05-16 20:38:40"}, "timestamp without time zone",
          "2000-01-01 00:00:00");
  addCall("date_trunc", {"text:century", "timestamp:2001-05-16 20:38:40"}, "timestamp without time zone",
          "2001-01-01 00:00:00");
  addCall("date_trunc", {"text:century", "timestamp:2000-05-16 20:38:40"}, "timestamp without time zone",
          "1901-01-01 00:00:00");
  addCall("date_trunc", {"text:millennium", "timestamp:2000-05-16 20:38:40"}, "timestamp without time zone",
          "1001-01-01 00:00:00");
  addCall("date_trunc", {"text:milliseconds", "timestamp:2001-05-16 20:38:40.123456"}, "timestamp without time zone",
          "2001-05-16 20:38:40.123");
  addCall("date_trunc", {"text:second", "timestamp:1960-05-16 20:38:40.123456"}, "timestamp without time zone",
          "1960-05-16 20:38:40");
  addCall("date_trunc", {"text:day", "timestamptz:2001-05-16 20:38:40+05"}, "timestamp with time zone",
          "2001-05-16 00:00:00+00");
  addCall("date_trunc", {"text:day", "timestamptz:2001-05-16 20:38:40+00", "text:Australia/Sydney"},
          "timestamp with time zone", "2001-05-16 14:00:00+00");
  addCall("date_trunc", {"text:month", "date:2020-05-16"}, "timestamp with time zone", "2020-05-01 00:00:00+00");
  addCall("date_trunc", {"text:month", "timestamp:infinity"}, "timestamp without time zone", "infinity");
  addCall("date_trunc", {"text:dow", "timestamp:2001-05-16"}, "",
          "unit \"dow\" not recognized for type timestamp without time zone");
  addCall("date_trunc", {"text:foo", "timestamp:2001-05-16"}, "",
          "unit \"foo\" not recognized for type timestamp without time zone");
  addCall("date_trunc", {"text:quarter", "interval:14 months 3 days"}, "interval", "1 year");
  addCall("date_trunc", {"text:hour", "interval:3 days 02:47:33"}, "interval", "3 days 02:00:00");
  addCall("date_trunc", {"text:week", "interval:3 days"}, "", "unit \"week\" not supported for type interval");
  addCall("extract", {"unknown:year", "integer:5"}, "", "function extract(unknown, integer) does not exist");
  // numeric has no infinity here.
  addCall("extract", {"unknown:year", "date:infinity"}, "", "cannot extract this field from infinity; date_part() can");
  // The clocks of the test's context.
  addCall("now", {}, "timestamp with time zone", "2025-11-12 14:02:11.208+00");
  addCall("current_timestamp", {}, "timestamp with time zone", "2025-11-12 14:02:11.208+00");
  addCall("statement_timestamp", {}, "timestamp with time zone", "2025-11-12 14:02:12.208+00");
  addCall("clock_timestamp", {}, "timestamp with time zone", "2025-11-12 14:02:20+00");
  addCall("current_date", {}, "date", "2025-11-12");
  addCall("localtimestamp", {}, "timestamp without time zone", "2025-11-12 14:02:11.208");
  addCall("age", {"timestamp:2025-11-01 12:00"}, "interval", "10 days 12:00:00");
}

QTEST_APPLESS_MAIN(TestDateTime)
#include "tst_datetime.moc"
