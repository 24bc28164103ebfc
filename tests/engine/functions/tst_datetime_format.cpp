#include <QtTest>

#include "function_call.h"

using namespace drift;
using namespace drift::functions;
using drift::functions::testing::addCall;

class TestDateTimeFormat : public QObject {
  Q_OBJECT

 private slots:
  void calls_data();
  void calls() { testing::checkCall(m_registry); }

  void zoneOfTheSessionIsShown() {
    const auto context = testing::testContext("Europe/Berlin");
    const QStringList arguments{"timestamptz:2025-07-01 12:00+00", "unknown:HH24:MI TZH:TZM OF"};
    const auto prepared = testing::prepare(m_registry, "to_char", arguments, context);
    QVERIFY(prepared.ok());
    QCOMPARE(testing::shown(testing::runConstant(*prepared, context), context), QString("14:00 +02:00 +02"));
  }

 private:
  Registry m_registry;
};

// Values are PostgreSQL 15's.
void TestDateTimeFormat::calls_data() {
  testing::addCallColumns();
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:YYYY-MM-DD HH24:MI:SS"}, "text",
          "2025-11-02 14:05:09");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:DD Mon YYYY"}, "text", "02 Nov 2025");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:Day, DD Month YYYY"}, "text",
          "Sunday   , 02 November  2025");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:FMDay, FMDD FMMonth YYYY"}, "text",
          "Sunday, 2 November 2025");
  addCall("to_char", {"timestamp:2025-05-02 14:05:09.208", "unknown:MONTH month MON mon DAY day DY dy Dy|"}, "text",
          "MAY       may       MAY may FRIDAY    friday    FRI fri Fri|");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:HH12:MI:SS AM"}, "text", "02:05:09 PM");
  addCall("to_char", {"timestamp:2025-11-02 00:05:09.208", "unknown:HH:MI am P.M."}, "text", "12:05 am A.M.");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:MS US SSSS"}, "text", "208 208000 50709");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:DDD D ID W WW IW Q CC J"}, "text",
          "306 1 7 1 44 44 4 21 2460982");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:YYY YY Y IYYY IYY IY I Y,YYY"}, "text",
          "025 25 5 2025 025 25 5 2,025");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:FMMM/FMDD/FMYY"}, "text", "11/2/25");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:DDth DDTH FMDDth"}, "text", "02nd 02ND 2nd");
  addCall("to_char", {"timestamp:2025-11-21 14:05:09.208", "unknown:FMDDth"}, "text", "21st");
  addCall("to_char", {"timestamp:2025-11-12 14:05:09.208", "unknown:FMDDth"}, "text", "12th");
  addCall("to_char", {"timestamp:2025-11-03 14:05:09.208", "unknown:FMDDth"}, "text", "3rd");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:\"Year: \"YYYY"}, "text", "Year: 2025");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:YYYY\"Q\"Q"}, "text", "2025Q4");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:\\\"YYYY\\\""}, "text", "\"2025\"");
  addCall("to_char", {"timestamp:0044-03-15 00:00 BC", "unknown:YYYY BC"}, "text", "0044 BC");
  addCall("to_char", {"timestamp:2025-03-15 00:00", "unknown:YYYY AD b.c."}, "text", "2025 AD a.d.");
  addCall("to_char", {"timestamp:12345-03-15 00:00", "unknown:YYYY YY"}, "text", "12345 45");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:xyz"}, "text", "x5z");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.208", "unknown:"}, "text", "NULL");
  addCall("to_char", {"timestamp:infinity", "unknown:YYYY"}, "text", "NULL");
  addCall("to_char", {"timestamptz:2025-11-02 14:05:09+02", "unknown:HH24:MI TZ tz TZH:TZM OF"}, "text",
          "12:05 UTC utc +00:00 +00");
  addCall("to_char", {"date:2025-11-02", "unknown:YYYY-MM"}, "text", "2025-11");
  addCall("to_char", {"timestamp:2025-11-02 14:05:09.000120", "unknown:SS.US FF3 FF6"}, "text", "09.000120 000 000120");
  addCall("to_char", {"timestamp:NULL", "unknown:YYYY"}, "text", "NULL");
}

QTEST_APPLESS_MAIN(TestDateTimeFormat)
#include "tst_datetime_format.moc"
