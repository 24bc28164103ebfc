#include <QSignalSpy>
#include <QTest>

#include "timeline/overview_strip.h"
#include "timeline/timeline_panel.h"
#include "timeline/timeline_track.h"

using namespace drift;
using namespace drift::gui::timeline;

namespace {

constexpr TimeMicros kStart = 1'700'000'000'000'000;
constexpr TimeMicros kMinute = 60'000'000;

/// 100 commits, one a minute.
const Extent kExtent{1, 100, kStart, kStart + 99 * kMinute};

std::vector<Bucket> buckets(TimeMicros from, TimeMicros to, int columns) {
  std::vector<Bucket> result;
  for (int at = 0; at < columns; ++at) {
    Bucket bucket;
    bucket.start = from + (to - from) * at / columns;
    bucket.end = from + (to - from) * (at + 1) / columns;
    for (CommitNumber commit = 1; commit <= 100; ++commit) {
      const TimeMicros time = kStart + static_cast<TimeMicros>(commit - 1) * kMinute;
      if (time < bucket.start || time >= bucket.end) continue;
      ++bucket.commits;
      ++bucket.updated;
      if (!bucket.first) bucket.first = commit;
      bucket.last = commit;
    }
    result.push_back(bucket);
  }
  return result;
}

}  // namespace

class TestTimelinePanel final : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void asksForTheWholeHistoryFirst();
  void scrubsWhereOnePresses();
  void neverGivesALaterCommitThanThePointer();
  void returnsToLiveAtTheDock();
  void stepsByKeys();
  void zoomsAndPansByWheel();
  void tellsWhatIsHovered();
  void readsOut();
  void saysWhenThereIsNoHistory();

 private:
  double positionOf(CommitNumber commit) const {
    return m_panel->track()->axis().positionOf(kStart + static_cast<TimeMicros>(commit - 1) * kMinute);
  }
  QPoint pointAt(double x) const { return {qRound(x), m_panel->track()->height() / 2}; }

  std::unique_ptr<TimelinePanel> m_panel;
};

void TestTimelinePanel::init() {
  m_panel = std::make_unique<TimelinePanel>();
  m_panel->resize(1000, 180);
  connect(m_panel.get(), &TimelinePanel::viewChanged, m_panel.get(), [this](TimeMicros from, TimeMicros to, int columns) {
    m_panel->setBuckets(buckets(from, to, columns), {});
  });
  m_panel->show();
  QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
  m_panel->reset(kExtent);
}

void TestTimelinePanel::asksForTheWholeHistoryFirst() {
  const auto& axis = m_panel->track()->axis();
  QVERIFY(axis.from() <= kExtent.firstTime);
  QVERIFY(axis.to() > kExtent.lastTime);
  QCOMPARE(axis.width(), m_panel->track()->trackWidth());
  QVERIFY(m_panel->track()->isLive());
}

void TestTimelinePanel::scrubsWhereOnePresses() {
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  QTest::mousePress(m_panel->track(), Qt::LeftButton, {}, pointAt(positionOf(40) + 3));
  QCOMPARE(requested.size(), 1);
  QCOMPARE(requested.back().front().value<CommitNumber>(), CommitNumber{40});
  QTest::mouseMove(m_panel->track(), pointAt(positionOf(60) + 3));
  QCOMPARE(requested.back().front().value<CommitNumber>(), CommitNumber{60});
  QTest::mouseRelease(m_panel->track(), Qt::LeftButton, {}, pointAt(positionOf(60) + 3));
  const auto count = requested.size();
  QTest::mouseMove(m_panel->track(), pointAt(positionOf(70)));
  QCOMPARE(requested.size(), count);
}

void TestTimelinePanel::neverGivesALaterCommitThanThePointer() {
  const auto* track = m_panel->track();
  for (int x = 0; x < track->trackWidth(); ++x) {
    const CommitNumber commit = track->commitAt(x);
    QVERIFY(commit >= 1 && commit <= 100);
    if (commit > 1) QVERIFY2(positionOf(commit) <= x + 1.5, qPrintable(QString::number(x)));
    if (commit < 100) QVERIFY(positionOf(commit + 1) >= x - 1.5);
  }
  QCOMPARE(track->commitAt(-50), CommitNumber{1});
}

void TestTimelinePanel::returnsToLiveAtTheDock() {
  QSignalSpy live(m_panel.get(), &TimelinePanel::liveRequested);
  QTest::mouseClick(m_panel->track(), Qt::LeftButton, {}, pointAt(m_panel->track()->width() - 10));
  QCOMPARE(live.size(), 1);
}

void TestTimelinePanel::stepsByKeys() {
  QSignalSpy steps(m_panel.get(), &TimelinePanel::stepRequested);
  QSignalSpy live(m_panel.get(), &TimelinePanel::liveRequested);
  QSignalSpy moments(m_panel.get(), &TimelinePanel::momentRequested);
  QTest::keyClick(m_panel->track(), Qt::Key_Left);
  QTest::keyClick(m_panel->track(), Qt::Key_Right, Qt::ShiftModifier);
  QCOMPARE(steps.size(), 2);
  QCOMPARE(steps[0].front().toInt(), -1);
  QCOMPARE(steps[1].front().toInt(), 10);
  QTest::keyClick(m_panel->track(), Qt::Key_Home);
  QCOMPARE(moments.back().front().value<CommitNumber>(), CommitNumber{1});
  QTest::keyClick(m_panel->track(), Qt::Key_End);
  QTest::keyClick(m_panel->track(), Qt::Key_Escape);
  QCOMPARE(live.size(), 2);
}

void TestTimelinePanel::zoomsAndPansByWheel() {
  auto* track = m_panel->track();
  const TimeMicros span = track->axis().to() - track->axis().from();
  const QPointF at(400, 40);
  const TimeMicros anchor = track->axis().timeAt(at.x());
  QWheelEvent zoom(at, track->mapToGlobal(at), {}, {0, 240}, Qt::NoButton, Qt::ControlModifier, Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(track, &zoom);
  QVERIFY(track->axis().to() - track->axis().from() < span);
  QVERIFY(qAbs(track->axis().positionOf(anchor) - at.x()) < 0.01);
  const TimeMicros from = track->axis().from();
  QWheelEvent pan(at, track->mapToGlobal(at), {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(track, &pan);
  QVERIFY(track->axis().from() > from);
  QTest::keyClick(track, Qt::Key_0);
  QVERIFY(track->axis().from() <= kExtent.firstTime);
}

void TestTimelinePanel::tellsWhatIsHovered() {
  QSignalSpy hovered(m_panel.get(), &TimelinePanel::hovered);
  QTest::mouseMove(m_panel->track(), pointAt(positionOf(30) + 3));
  QCOMPARE(hovered.size(), 1);
  QCOMPARE(hovered.back().front().value<CommitNumber>(), CommitNumber{30});
  QVERIFY(m_panel->track()->isLive());  // looking is not going
}

void TestTimelinePanel::readsOut() {
  QCOMPARE(m_panel->readOut(), QStringLiteral("Live, after #100"));
  m_panel->setPlayhead(42, std::nullopt);
  QCOMPARE(m_panel->readOut(), QStringLiteral("#42 of 100"));
  Moment moment;
  moment.number = 42;
  moment.time = kStart + 41 * kMinute;
  moment.when = QStringLiteral("14 Nov 2023 22:54:20");
  moment.counts = QStringLiteral("~1 orders");
  m_panel->setPlayhead(42, moment);
  QCOMPARE(m_panel->readOut(), QStringLiteral("#42 of 100   14 Nov 2023 22:54:20   ~1 orders"));
  Extent grown = kExtent;
  grown.last = 101;
  m_panel->setExtent(grown);
  QVERIFY(m_panel->readOut().startsWith(QLatin1String("#42 of 101")));
}

void TestTimelinePanel::saysWhenThereIsNoHistory() {
  m_panel->reset({});
  QCOMPARE(m_panel->readOut(), QStringLiteral("No commits yet"));
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  QTest::mouseClick(m_panel->track(), Qt::LeftButton, {}, pointAt(100));
  QCOMPARE(requested.size(), 0);
  QVERIFY(!m_panel->grab().isNull());
}

QTEST_MAIN(TestTimelinePanel)
#include "tst_timeline_panel.moc"
