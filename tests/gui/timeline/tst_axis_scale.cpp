#include <QTest>

#include "synthetic_history.h"
#include "timeline/axis_scale.h"
#include "timeline/commit_index.h"

using namespace drift;
using namespace drift::test;

class TestAxisScale final : public QObject {
  Q_OBJECT

 private slots:
  void findsCommits();
  void growsInOrder();
  void leavesEvenHistoriesAlone();
  void shortensSilence();
  void keepsOrder_data();
  void keepsOrder();
  void stepsEqually();
};

void TestAxisScale::findsCommits() {
  CommitIndex index;
  QCOMPARE(index.commitAt(kStart), CommitNumber{0});
  QCOMPARE(index.nearest(kStart), CommitNumber{0});
  QVERIFY(!index.timeOf(1));
  const auto history = SyntheticHistory::even(10, kHour);
  index.append(1, history.times());
  QCOMPARE(index.commitAt(kStart - 1), CommitNumber{0});
  QCOMPARE(index.commitAt(kStart), CommitNumber{1});
  QCOMPARE(index.commitAt(kStart + kHour - 1), CommitNumber{1});
  QCOMPARE(index.commitAt(kStart + 100 * kHour), CommitNumber{10});
  QCOMPARE(index.nearest(kStart + kHour - 1), CommitNumber{2});
  QCOMPARE(index.nearest(kStart - kDay), CommitNumber{1});
  QCOMPARE(index.countIn(kStart, kStart + 3 * kHour), std::size_t{3});
  QVERIFY(index.timeOf(10) == kStart + 9 * kHour);
  QVERIFY(!index.timeOf(0));
  QVERIFY(!index.timeOf(11));
}

void TestAxisScale::growsInOrder() {
  const auto history = SyntheticHistory::even(10, kHour);
  const std::span<const TimeMicros> times(history.times());
  CommitIndex index;
  index.append(1, times.first(4));
  index.append(6, times.subspan(5));  // 5 is missing
  QCOMPARE(index.last(), CommitNumber{4});
  index.append(3, times.subspan(2, 4));  // 3 and 4 are known
  QCOMPARE(index.last(), CommitNumber{6});
  QVERIFY(std::equal(index.times().begin(), index.times().end(), times.begin()));
  index.append(1, times.first(2));
  QCOMPARE(index.last(), CommitNumber{6});
  const std::vector<TimeMicros> many(CommitIndex::kCommitsMax + 5, kStart);
  index.clear();
  index.append(1, many);
  QCOMPARE(index.size(), CommitIndex::kCommitsMax);
}

void TestAxisScale::leavesEvenHistoriesAlone() {
  QVERIFY(idleGaps({}).empty());
  QVERIFY(idleGaps(SyntheticHistory::even(188, 28 * kDay).times()).empty());
  QVERIFY(idleGaps(SyntheticHistory::even(2, 28 * kDay).times()).empty());
}

void TestAxisScale::shortensSilence() {
  const auto history = SyntheticHistory::bursts();
  const auto gaps = idleGaps(history.times());
  QCOMPARE(gaps.size(), std::size_t{4});
  const auto scale = AxisScale::elastic(gaps);
  const double whole =
      static_cast<double>(scale.placeOf(history.times().back()) - scale.placeOf(history.times().front()));
  double shown = 0;
  for (const Gap& gap : gaps) {
    QVERIFY(gap.end - gap.start >= 2 * kDay);
    QCOMPARE(qint64{scale.placeOf(gap.end) - scale.placeOf(gap.start)}, qint64{gap.shown});
    shown += static_cast<double>(gap.shown);
  }
  QVERIFY(shown / whole <= 0.26);
  // A longer silence is never shown shorter.
  QVERIFY(gaps[2].shown > gaps[1].shown && gaps[1].shown > gaps[0].shown);
}

void TestAxisScale::keepsOrder_data() {
  QTest::addColumn<int>("mode");
  QTest::newRow("elastic") << static_cast<int>(AxisMode::Elastic);
  QTest::newRow("clock") << static_cast<int>(AxisMode::Clock);
  QTest::newRow("commits") << static_cast<int>(AxisMode::Commits);
}

void TestAxisScale::keepsOrder() {
  QFETCH(int, mode);
  const auto history = SyntheticHistory::bursts();
  CommitIndex index;
  index.append(1, history.times());
  const AxisScale scale = mode == static_cast<int>(AxisMode::Elastic)   ? AxisScale::elastic(idleGaps(history.times()))
                          : mode == static_cast<int>(AxisMode::Commits) ? AxisScale::equalSteps(index)
                                                                        : AxisScale();
  Place before = scale.placeOf(history.times().front() - kDay - 1);
  for (TimeMicros time = history.times().front() - kDay; time < history.times().back() + kDay; time += 997 * kSecond) {
    const Place place = scale.placeOf(time);
    QVERIFY(place >= before);
    before = place;
  }
  // Commits come back exactly, whatever bends the axis.
  for (const TimeMicros time : history.times()) QCOMPARE(qint64{scale.timeAt(scale.placeOf(time))}, qint64{time});
  for (const TimeMicros time : {history.times().front() - kHour, history.times().back() + kHour})
    QCOMPARE(qint64{scale.timeAt(scale.placeOf(time))}, qint64{time});
}

void TestAxisScale::stepsEqually() {
  const auto history = SyntheticHistory::bursts();
  CommitIndex index;
  index.append(1, history.times());
  const auto scale = AxisScale::equalSteps(index);
  for (std::size_t at = 1; at < history.times().size(); ++at)
    QCOMPARE(qint64{scale.placeOf(history.times()[at]) - scale.placeOf(history.times()[at - 1])},
             qint64{AxisScale::kCommitStep});
  QVERIFY(!AxisScale::equalSteps(CommitIndex()).commits());  // nothing to step by: time as it passed
}

QTEST_GUILESS_MAIN(TestAxisScale)
#include "tst_axis_scale.moc"
