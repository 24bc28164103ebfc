#include <cmath>

#include <QLocale>
#include <QTest>

#include "synthetic_history.h"
#include "timeline/ruler_ticks.h"
#include "timeline/time_text.h"

using namespace drift;
using namespace drift::test;

namespace {

// 29 October 2023 00:00 in Berlin (+02:00); at 03:00 clocks go back to 02:00.
constexpr TimeMicros kAutumn = 1'698'530'400 * kSecond;
// 26 March 2023 00:00 in Berlin (+01:00); at 02:00 clocks go on to 03:00.
constexpr TimeMicros kSpring = 1'679'785'200 * kSecond;

QStringList labelsOf(TimeMicros from, TimeMicros to, Zone zone, int width = 1200) {
  TimeAxis axis;
  axis.setView(from, to, width);
  QStringList labels;
  for (const Tick& tick : rulerTicks(axis, zone, 90)) labels << tick.label;
  return labels;
}

}  // namespace

class TestRulerTicks final : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void spacesTicks_data();
  void spacesTicks();
  void tellsTheHourThatComesTwice();
  void skipsTheHourThatIsMissing();
  void followsTheZone();
  void keepsRoundHoursAcrossAChange();
  void marksBursts();
  void numbersCommits();
  void writesMoments();
};

void TestRulerTicks::initTestCase() {
  QCOMPARE(QDateTime::fromSecsSinceEpoch(kAutumn / kSecond).offsetFromUtc(), 7200);
  QLocale::setDefault(QLocale::c());
}

void TestRulerTicks::spacesTicks_data() {
  QTest::addColumn<qint64>("span");
  QTest::newRow("5 ms") << qint64{5'000};
  QTest::newRow("a second") << qint64{kSecond};
  QTest::newRow("an hour") << qint64{kHour};
  QTest::newRow("a day") << qint64{kDay};
  QTest::newRow("a month") << qint64{30 * kDay};
  QTest::newRow("two years") << qint64{730 * kDay};
  QTest::newRow("ten years") << qint64{3650 * kDay};
  QTest::newRow("three centuries") << qint64{300 * 365 * kDay};
}

void TestRulerTicks::spacesTicks() {
  QFETCH(qint64, span);
  TimeAxis axis;
  axis.setView(kStart, kStart + span, 1200);
  for (const Zone zone : {Zone::Local, Zone::Utc}) {
    const auto ticks = rulerTicks(axis, zone, 90);
    QVERIFY(ticks.size() >= 2);
    QVERIFY(ticks.size() <= 1200 / 76 + 1);
    for (std::size_t at = 1; at < ticks.size(); ++at) {
      const double gap = ticks[at].position - ticks[at - 1].position;
      QVERIFY2(gap > 76, qPrintable(QString::number(gap)));
      QVERIFY(!ticks[at].label.isEmpty());
      QVERIFY(ticks[at].label != ticks[at - 1].label);
    }
  }
}

void TestRulerTicks::tellsTheHourThatComesTwice() {
  QCOMPARE(labelsOf(kAutumn + kHour, kAutumn + 5 * kHour + 1, Zone::Local, 500),
           (QStringList{"01:00 +02:00", "02:00 +02:00", "02:00 +01:00", "03:00 +01:00", "04:00 +01:00"}));
}

void TestRulerTicks::skipsTheHourThatIsMissing() {
  QCOMPARE(labelsOf(kSpring + kHour, kSpring + 4 * kHour + 1, Zone::Local, 400),
           (QStringList{"01:00 +01:00", "03:00 +02:00", "04:00 +02:00", "05:00 +02:00"}));
}

void TestRulerTicks::followsTheZone() {
  QCOMPARE(labelsOf(kStart, kStart + 3 * kHour, Zone::Utc, 320).front(), QStringLiteral("23:00"));
  QCOMPARE(labelsOf(kStart, kStart + 3 * kHour, Zone::Local, 320).front(), QStringLiteral("15 Nov"));
}

void TestRulerTicks::keepsRoundHoursAcrossAChange() {
  const auto labels = labelsOf(kAutumn + kHour, kAutumn + 24 * kHour, Zone::Local, 700);
  QCOMPARE(labels.front(), QStringLiteral("03:00 +01:00"));
  QVERIFY(labels.contains(QStringLiteral("12:00 +01:00")));
}

void TestRulerTicks::marksBursts() {
  const auto history = SyntheticHistory::bursts();
  TimeAxis axis;
  axis.setScale(AxisScale::elastic(idleGaps(history.times())));
  axis.setView(history.times().front(), history.times().back() + 1, 1200);
  const auto ticks = rulerTicks(axis, Zone::Utc, 90);
  // Each of the five bursts is named somewhere, and no mark is in a gap.
  for (const Gap& gap : axis.scale().gaps()) {
    for (const Tick& tick : ticks)
      QVERIFY(tick.position <= axis.positionOf(gap.start) + 0.5 || tick.position >= axis.positionOf(gap.end) - 0.5);
    const double end = axis.positionOf(gap.end);
    QVERIFY(std::any_of(ticks.begin(), ticks.end(),
                        [end](const Tick& tick) { return tick.position >= end - 0.5 && tick.position < end + 180; }));
  }
}

void TestRulerTicks::numbersCommits() {
  const auto history = SyntheticHistory::shop();
  CommitIndex index;
  index.append(1, history.times());
  TimeAxis axis;
  axis.setScale(AxisScale::equalSteps(index));
  axis.setView(history.times().front(), history.times().back(), 1200);
  const auto ticks = rulerTicks(axis, Zone::Utc, 90);
  QVERIFY(ticks.size() > 3);
  QVERIFY(ticks[1].label.startsWith(QLatin1String("#")));
  for (std::size_t at = 2; at < ticks.size(); ++at)
    QVERIFY(std::abs((ticks[at].position - ticks[at - 1].position) - (ticks[2].position - ticks[1].position)) < 0.01);
}

void TestRulerTicks::writesMoments() {
  QCOMPARE(momentText(kStart + 208'000, Zone::Utc), QStringLiteral("14 Nov 2023 22:13:20.208 UTC"));
  QCOMPARE(momentText(kStart, Zone::Local), QStringLiteral("14 Nov 2023 23:13:20.000 +01:00"));
  QCOMPARE(momentText(-1, Zone::Utc), QStringLiteral("31 Dec 1969 23:59:59.999 UTC"));
  QLocale::setDefault(QLocale(QLocale::English, QLocale::UnitedStates));
  QCOMPARE(momentText(kStart, Zone::Utc), QStringLiteral("Nov 14, 2023 10:13:20.000 PM UTC"));
  QLocale::setDefault(QLocale::c());
  QCOMPARE(durationText(3 * kDay), QStringLiteral("3 days"));
  QCOMPARE(durationText(1500), QStringLiteral("2 ms"));
  QCOMPARE(durationText(5 * kHour), QStringLiteral("5 h"));
}

int main(int argc, char** argv) {
  // Labels are tested in a zone that changes its clocks.
  qputenv("TZ", "Europe/Berlin");
  QCoreApplication application(argc, argv);
  TestRulerTicks test;
  return QTest::qExec(&test, argc, argv);
}
#include "tst_ruler_ticks.moc"
