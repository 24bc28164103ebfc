#include <QTest>

#include "synthetic_history.h"
#include "timeline/time_axis.h"

using namespace drift;
using namespace drift::test;

namespace {

constexpr TimeMicros kEnd = kStart + 3650 * kDay;

}  // namespace

class TestTimeAxis final : public QObject {
  Q_OBJECT

 private slots:
  void mapsBothWays();
  void returnsAtMillisecondsOfTenYears_data();
  void returnsAtMillisecondsOfTenYears();
  void keepsTheAnchorWhileZooming();
  void staysWithinHistory();
  void doesNotTremble();
  void climbsTheLadder();
  void keepsTheTimesOfAnotherScale();
  void asksOnAFixedGrid();
  void asksForCommitsOneByOne();
  void asksAroundGaps();
};

void TestTimeAxis::mapsBothWays() {
  TimeAxis axis;
  axis.setView(kStart, kStart + 1000 * kDay, 1000);
  QCOMPARE(axis.positionOf(kStart), 0.0);
  QCOMPARE(axis.positionOf(kStart + 250 * kDay), 250.0);
  QCOMPARE(qint64{axis.timeAt(250)}, qint64{kStart + 250 * kDay});
  axis.setView(kStart, kStart - 5, 0);  // nonsense becomes the narrowest view
  QCOMPARE(qint64{axis.span()}, qint64{axis.scale().spanMin()});
}

void TestTimeAxis::returnsAtMillisecondsOfTenYears_data() {
  QTest::addColumn<int>("mode");
  QTest::newRow("elastic") << static_cast<int>(AxisMode::Elastic);
  QTest::newRow("clock") << static_cast<int>(AxisMode::Clock);
  QTest::newRow("commits") << static_cast<int>(AxisMode::Commits);
}

void TestTimeAxis::returnsAtMillisecondsOfTenYears() {
  QFETCH(int, mode);
  // Bursts of commits two milliseconds apart, at the beginning and the end of ten years.
  std::vector<TimeMicros> times;
  for (const TimeMicros start : {kStart, kEnd})
    for (int at = 0; at < 400; ++at) times.push_back(start + at * 2000);
  CommitIndex index;
  index.append(1, times);
  TimeAxis axis;
  if (mode == static_cast<int>(AxisMode::Elastic)) axis.setScale(AxisScale::elastic(idleGaps(times)));
  if (mode == static_cast<int>(AxisMode::Commits)) axis.setScale(AxisScale::equalSteps(index));
  axis.setView(kEnd + 100'000, kEnd + 110'000, 1000);
  for (int x = 0; x <= 1000; ++x) {
    const TimeMicros time = axis.timeAt(x);
    QVERIFY2(qAbs(axis.positionOf(time) - x) < 0.51, qPrintable(QString::number(x)));
    QVERIFY(time >= kEnd + 99'000 && time <= kEnd + 111'000);
  }
  for (int at = 50; at < 55; ++at) {
    const TimeMicros time = kEnd + at * 2000;
    QCOMPARE(qint64{axis.timeAt(axis.positionOf(time) + 1e-7)}, qint64{time});
  }
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
  QCOMPARE(qint64{axis.span()}, qint64{kDay});
  axis.zoom(1e9, 10, kStart, kEnd);
  QVERIFY(axis.span() <= (kEnd - kStart) * 11 / 10);
  axis.zoom(1e-18, 10, kStart, kEnd);
  QCOMPARE(qint64{axis.span()}, qint64{axis.scale().spanMin()});
}

void TestTimeAxis::doesNotTremble() {
  TimeAxis axis;
  axis.setView(kEnd - 5000, kEnd + 5000, 1000);
  for (TimeMicros at = -5000; at < 5000; at += 10)
    QCOMPARE(axis.positionOf(kEnd + at), static_cast<double>(at + 5000) / 10);
}

void TestTimeAxis::climbsTheLadder() {
  TimeAxis axis;
  axis.setView(kStart, kEnd, 1000);
  std::vector<Place> spans;
  while (axis.ladderFactor(true) < 1) {
    axis.zoom(axis.ladderFactor(true), 500, kStart, kEnd);
    spans.push_back(axis.span());
  }
  QCOMPARE(spans.size(), std::size_t{12});
  QVERIFY(qAbs(spans.front() - 365 * kDay) < kSecond);
  QVERIFY(qAbs(spans[5] - kDay / 4) < kSecond);
  QCOMPARE(qint64{spans.back()}, qint64{1000});
  axis.zoom(axis.ladderFactor(false), 500, kStart, kEnd);
  QVERIFY(qAbs(axis.span() - 100'000) < 2);
}

void TestTimeAxis::keepsTheTimesOfAnotherScale() {
  const auto history = SyntheticHistory::bursts();
  TimeAxis axis;
  const TimeMicros from = history.times()[200];
  const TimeMicros to = history.times()[500];
  axis.setView(from, to, 900);
  axis.setScale(AxisScale::elastic(idleGaps(history.times())));
  QCOMPARE(qint64{axis.from()}, qint64{from});
  QCOMPARE(qint64{axis.to()}, qint64{to});
}

void TestTimeAxis::asksOnAFixedGrid() {
  TimeAxis axis;
  axis.setView(kStart, kEnd, 900);
  const auto ranges = bucketRanges(axis, {}, 3);
  QCOMPARE(ranges.size(), std::size_t{1});
  QVERIFY(ranges[0].columns >= 300 && ranges[0].columns <= 302);
  QVERIFY(ranges[0].from <= kStart && ranges[0].to >= kEnd);
  const TimeMicros step = (ranges[0].to - ranges[0].from) / ranges[0].columns;
  axis.pan(100, kStart - kEnd, 2 * kEnd);
  const auto panned = bucketRanges(axis, {}, 3);
  QCOMPARE(qint64{(panned[0].from - ranges[0].from) % step}, qint64{0});
  QCOMPARE(qint64{(panned[0].to - panned[0].from) / panned[0].columns}, qint64{step});
}

void TestTimeAxis::asksForCommitsOneByOne() {
  const auto history = SyntheticHistory::even(50, kHour);
  CommitIndex index;
  index.append(1, history.times());
  TimeAxis axis;
  axis.setView(kStart, kStart + 50 * kHour, 900);
  const auto ranges = bucketRanges(axis, index, 3);
  QCOMPARE(ranges.size(), std::size_t{50});
  QCOMPARE(qint64{ranges[7].from}, qint64{kStart + 7 * kHour});
  QCOMPARE(qint64{ranges[7].to - ranges[7].from}, qint64{1});
  // Where they would touch they share a column, and none is lost.
  std::vector<TimeMicros> crowded = history.times();
  for (int at = 1; at < 40; ++at) crowded.push_back(crowded.back() + kSecond);
  CommitIndex more;
  more.append(1, crowded);
  const auto shared = bucketRanges(axis, more, 3);
  QVERIFY(shared.size() <= 51);
  std::size_t counted = 0;
  for (const auto& range : shared) counted += more.countIn(range.from, range.to);
  QCOMPARE(counted, crowded.size());
}

void TestTimeAxis::asksAroundGaps() {
  const auto history = SyntheticHistory::bursts();
  TimeAxis axis;
  axis.setScale(AxisScale::elastic(idleGaps(history.times())));
  axis.setView(history.times().front(), history.times().back() + 1, 900);
  CommitIndex index;
  index.append(1, history.times());
  const auto ranges = bucketRanges(axis, index, 3);
  QCOMPARE(ranges.size(), std::size_t{5});
  std::size_t counted = 0;
  for (std::size_t at = 0; at < ranges.size(); ++at) {
    counted += index.countIn(ranges[at].from, ranges[at].to);
    if (at > 0) QVERIFY(ranges[at].from >= ranges[at - 1].to);
  }
  QCOMPARE(counted, history.times().size());
}

QTEST_GUILESS_MAIN(TestTimeAxis)
#include "tst_time_axis.moc"
