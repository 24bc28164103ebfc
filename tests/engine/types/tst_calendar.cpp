#include <QtTest>

#include "random_values.h"
#include "types/calendar.h"

using namespace drift;
using namespace drift::types;

class TestCalendar : public QObject {
  Q_OBJECT

 private slots:
  /// Counts the days of 801 years one by one.
  void daysFollowEachOther() {
    CivilDate date{1600, 1, 1};
    auto weekday = dayOfWeek(daysFromCivil(1600, 1, 1));
    QCOMPARE(weekday, 6);  // a Saturday
    for (auto days = daysFromCivil(1600, 1, 1); date.year < 2401; ++days) {
      QCOMPARE(daysFromCivil(date.year, date.month, date.day), days);
      QVERIFY(civilFromDays(days) == date);
      QCOMPARE(dayOfWeek(days), weekday);
      weekday = (weekday + 1) % 7;
      if (++date.day > daysInMonth(date.year, date.month)) {
        date.day = 1;
        if (++date.month > 12) {
          date.month = 1;
          ++date.year;
        }
      }
    }
  }

  void everyDayOfTheRangeConvertsBack() {
    types::testing::RandomValues random;
    for (int round = 0; round < 100'000; ++round) {
      const auto days = random.between(kDateMin, kDateMax);
      const auto date = civilFromDays(days);
      QCOMPARE(daysFromCivil(date.year, date.month, date.day), days);
      const auto week = isoWeekOf(days);
      const auto monday = daysFromIsoWeek(week.year, week.week);
      QVERIFY(monday <= days && days < monday + 7);
      QCOMPARE(dayOfWeek(monday), 1);
    }
    QVERIFY(civilFromDays(kDateMin) == (CivilDate{-4713, 11, 24}));
    QVERIFY(civilFromDays(kDateMax) == (CivilDate{5874897, 12, 31}));
    QVERIFY(civilFromMicros(kTimeEnd).date == (CivilDate{294247, 1, 1}));
  }

  void isoWeeks_data() {
    QTest::addColumn<int>("year");
    QTest::addColumn<int>("month");
    QTest::addColumn<int>("day");
    QTest::addColumn<int>("isoYear");
    QTest::addColumn<int>("week");
    QTest::newRow("Friday, still the old year") << 2021 << 1 << 1 << 2020 << 53;
    QTest::newRow("Monday of the first week") << 2021 << 1 << 4 << 2021 << 1;
    QTest::newRow("December in the next year") << 2024 << 12 << 30 << 2025 << 1;
    QTest::newRow("last week of 52") << 2023 << 12 << 31 << 2023 << 52;
    QTest::newRow("January 4 is always in week 1") << 2026 << 1 << 4 << 2026 << 1;
  }
  void isoWeeks() {
    QFETCH(int, year);
    QFETCH(int, month);
    QFETCH(int, day);
    const auto week = isoWeekOf(daysFromCivil(year, month, day));
    QTEST(week.year, "isoYear");
    QTEST(week.week, "week");
  }

  void monthsEndWithTheirLastDay() {
    QVERIFY(addMonths({2020, 1, 31}, 1) == (CivilDate{2020, 2, 29}));
    QVERIFY(addMonths({2021, 1, 31}, 1) == (CivilDate{2021, 2, 28}));
    QVERIFY(addMonths({2020, 3, 31}, -1) == (CivilDate{2020, 2, 29}));
    QVERIFY(addMonths({2020, 12, 15}, 1) == (CivilDate{2021, 1, 15}));
    QVERIFY(addMonths({1, 1, 15}, -1) == (CivilDate{0, 12, 15}));
  }

  void rangesAreChecked() {
    QCOMPARE(checkTime(kTimeEnd).error().kind(), ErrorKind::DatetimeFieldOverflow);
    QVERIFY(checkTime(kTimeEnd - 1).ok());
    QVERIFY(checkTime(kTimeMin).ok());
    QVERIFY(!checkTime(Int128{kTimeMin} - 1).ok());
    QVERIFY(!checkDate(std::int64_t{kDateMax} + 1).ok());
    QVERIFY(!addInterval(0, {INT64_MAX, INT32_MAX, INT32_MAX}).ok());
    QVERIFY(!addInterval(0, {INT64_MIN, INT32_MIN, INT32_MIN}).ok());
    QCOMPARE(*addInterval(kTimeInfinity, {1, 1, 1}), kTimeInfinity);
    QVERIFY(!add(Interval{0, INT32_MAX, 0}, Interval{0, 1, 0}).ok());
    QVERIFY(!negate(Interval{0, 0, INT32_MIN}).ok());
    QVERIFY(!multiply(Interval{0, 0, INT32_MAX}, 2).ok());
    QVERIFY(!multiply(Interval{1, 0, 0}, std::nan("")).ok());
  }

  void spansGiveBackIntervalsOfTheSameLength() {
    types::testing::RandomValues random;
    for (int round = 0; round < 50'000; ++round) {
      const auto interval = random.value(TypeId::Interval).asInterval();
      const auto back = intervalFromSpan(intervalSpan(interval));
      QVERIFY(intervalSpan(back) == intervalSpan(interval));
      QVERIFY(compare(back, interval) == 0);
    }
  }
};

QTEST_APPLESS_MAIN(TestCalendar)
#include "tst_calendar.moc"
