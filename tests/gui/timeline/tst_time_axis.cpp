#include <QTest>

#include "timeline/time_axis.h"

using namespace drift;
using namespace drift::gui::timeline;

namespace {

constexpr TimeMicros kDay = 86'400'000'000;
constexpr TimeMicros kStart = 1'700'000'000'000'000;
constexpr TimeMicros kEnd = kStart + 3650 * kDay;

}  // namespace

class TestTimeAxis final : public QObject {
  Q_OBJECT

 private slots:
  void mapsBothWays();
  void keepsTheAnchorWhileZooming();
  void staysWithinHistory();
  void doesNotTremble();
  void spacesTicks_data();
  void spacesTicks();
};

void TestTimeAxis::mapsBothWays() {
  TimeAxis axis;
  axis.setView(kStart, kStart + 1000 * kDay, 1000);
  QCOMPARE(axis.positionOf(kStart), 0.0);
  QCOMPARE(axis.positionOf(kStart + 250 * kDay), 250.0);
  QCOMPARE(qint64{axis.timeAt(250)}, qint64{kStart + 250 * kDay});
  axis.setView(kStart, kStart - 5, 0);  // nonsense becomes the narrowest view
  QCOMPARE(qint64{axis.to() - axis.from()}, qint64{TimeAxis::kSpanMin});
}

void TestTimeAxis::keepsTheAnchorWhileZooming() {
  TimeAxis axis;
  axis.setView(kStart, kEnd, 1000);
  const TimeMicros anchor = axis.timeAt(400);
  for (int at = 0; at < 20; ++at) axis.zoom(0.7, 400, kStart, kEnd);
  QVERIFY(qAbs(axis.positionOf(anchor) - 400) < 0.01);
}

void TestTimeAxis::staysWithinHistory() {
  TimeAxis axis;
  axis.setView(kStart, kStart + kDay, 1000);
  axis.pan(-1e9, kStart, kEnd);
  QVERIFY(axis.from() >= kStart - (kEnd - kStart) / 40);
  axis.pan(1e12, kStart, kEnd);
  QVERIFY(axis.to() <= kEnd + (kEnd - kStart) / 40);
  QCOMPARE(qint64{axis.to() - axis.from()}, qint64{kDay});
  axis.zoom(1e9, 10, kStart, kEnd);
  QVERIFY(axis.to() - axis.from() <= (kEnd - kStart) * 11 / 10);
  axis.zoom(1e-18, 10, kStart, kEnd);
  QCOMPARE(qint64{axis.to() - axis.from()}, qint64{TimeAxis::kSpanMin});
}

void TestTimeAxis::doesNotTremble() {
  TimeAxis axis;
  axis.setView(kEnd - 5000, kEnd + 5000, 1000);
  for (TimeMicros at = -5000; at < 5000; at += 10)
    QCOMPARE(axis.positionOf(kEnd + at), static_cast<double>(at + 5000) / 10);
}

void TestTimeAxis::spacesTicks_data() {
  QTest::addColumn<qint64>("span");
  QTest::newRow("5 ms") << qint64{5'000};
  QTest::newRow("a second") << qint64{1'000'000};
  QTest::newRow("an hour") << qint64{3'600'000'000};
  QTest::newRow("a day") << qint64{kDay};
  QTest::newRow("a month") << qint64{30 * kDay};
  QTest::newRow("two years") << qint64{730 * kDay};
  QTest::newRow("ten years") << qint64{3650 * kDay};
  QTest::newRow("three centuries") << qint64{300 * 365 * kDay};
}

void TestTimeAxis::spacesTicks() {
  QFETCH(qint64, span);
  TimeAxis axis;
  axis.setView(kStart, kStart + span, 1200);
  const auto ticks = axis.ticks(90);
  QVERIFY(!ticks.empty());
  for (std::size_t at = 1; at < ticks.size(); ++at) {
    const double gap = axis.positionOf(ticks[at].time) - axis.positionOf(ticks[at - 1].time);
    QVERIFY(gap > 0);
    // Months differ in length by a tenth; beyond ten years there is no longer step.
    if (span <= 3650 * kDay) QVERIFY2(gap > 78, qPrintable(QString::number(gap)));
    QVERIFY(!ticks[at].label.isEmpty());
  }
}

QTEST_GUILESS_MAIN(TestTimeAxis)
#include "tst_time_axis.moc"
