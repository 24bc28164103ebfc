#include <QAccessible>
#include <QSignalSpy>
#include <QTest>
#include <QWheelEvent>

#include "synthetic_history.h"
#include "timeline/overview_strip.h"
#include "timeline/timeline_panel.h"
#include "timeline/timeline_track.h"

using namespace drift;
using namespace drift::test;

class TestTimelinePanel final : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void init();
  void showsTheWholeHistoryFirst();
  void scrubsWhereOnePresses();
  void snapsToCommits();
  void scrubsFinelyFarBelow();
  void neverGivesALaterCommitThanThePointer_data();
  void neverGivesALaterCommitThanThePointer();
  void returnsToLiveAtTheDock();
  void followsTheHeadWhileLive();
  void stepsByKeys();
  void zoomsByKeysAndGoesBack();
  void zoomsToARangeOfTheRuler();
  void fitsABurst();
  void zoomsAndPansByWheel();
  void movesByTheOverview();
  void showsACardForWhatIsHovered();
  void readsOut();
  void speaksToScreenReaders();
  void plays();
  void leavesOtherKeysAlone();
  void forgetsTheFileBefore();
  void saysWhenThereIsNoHistory();

 private:
  double positionOf(CommitNumber commit) const {
    return m_panel->track()->axis().positionOf(m_history.times()[commit - 1]);
  }
  QPoint pointAt(double x) const { return {qRound(x), m_panel->track()->height() / 2}; }
  CommitNumber lastOf(const QSignalSpy& spy) const { return spy.back().front().value<CommitNumber>(); }
  void settle() const { QTest::qWait(160); }  // longer than the zoom's animation

  SyntheticHistory m_history = SyntheticHistory::even(100, kMinute);
  std::unique_ptr<TimelinePanel> m_panel;
};

void TestTimelinePanel::initTestCase() { QLocale::setDefault(QLocale::c()); }

void TestTimelinePanel::init() {
  QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
  m_panel = std::make_unique<TimelinePanel>();
  m_panel->resize(1000, 190);
  connect(m_panel.get(), &TimelinePanel::viewChanged, m_panel.get(),
          [this](const BucketRanges& ranges) { m_panel->setBuckets(m_history.buckets(ranges), {}); });
  connect(m_panel.get(), &TimelinePanel::overviewChanged, m_panel.get(),
          [this](const BucketRanges& ranges) { m_panel->setOverview(m_history.buckets(ranges)); });
  m_panel->show();
  QVERIFY(QTest::qWaitForWindowExposed(m_panel.get()));
  m_panel->reset(m_history.extent());
  m_panel->appendCommitTimes(1, m_history.times());
}

void TestTimelinePanel::showsTheWholeHistoryFirst() {
  const auto& axis = m_panel->track()->axis();
  QVERIFY(axis.from() <= m_history.extent().firstTime);
  QVERIFY(axis.to() > m_history.extent().lastTime);
  QCOMPARE(axis.width(), m_panel->track()->trackWidth());
  QVERIFY(m_panel->track()->isLive());
}

void TestTimelinePanel::scrubsWhereOnePresses() {
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  QTest::mousePress(m_panel->track(), Qt::LeftButton, {}, pointAt(positionOf(40) + 3));
  QCOMPARE(requested.size(), 1);
  QCOMPARE(lastOf(requested), CommitNumber{40});
  QTest::mouseMove(m_panel->track(), pointAt(positionOf(60) + 3));
  QCOMPARE(lastOf(requested), CommitNumber{60});
  QTest::mouseRelease(m_panel->track(), Qt::LeftButton, {}, pointAt(positionOf(60) + 3));
  const auto count = requested.size();
  QTest::mouseMove(m_panel->track(), pointAt(positionOf(70)));
  QCOMPARE(requested.size(), count);
}

void TestTimelinePanel::snapsToCommits() {
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  const QPoint justBefore = pointAt(positionOf(40) - 3);
  QTest::mouseClick(m_panel->track(), Qt::LeftButton, {}, justBefore);
  QCOMPARE(lastOf(requested), CommitNumber{40});
  QTest::mouseClick(m_panel->track(), Qt::LeftButton, Qt::AltModifier, justBefore);
  QCOMPARE(lastOf(requested), CommitNumber{39});
}

void TestTimelinePanel::scrubsFinelyFarBelow() {
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  auto* track = m_panel->track();
  const int below = track->height() + track->fontMetrics().height() * 6;
  const int x = qRound(positionOf(50));
  QTest::mousePress(track, Qt::LeftButton, {}, pointAt(x));
  QTest::mouseMove(track, QPoint(x, below));
  QTest::mouseMove(track, QPoint(x + 100, below));
  const double moved = track->axis().positionOf(m_history.times()[lastOf(requested) - 1]) - x;
  QVERIFY2(moved > 2 && moved < 18, qPrintable(QString::number(moved)));
  QTest::mouseRelease(track, Qt::LeftButton, {}, QPoint(x + 100, below));
}

void TestTimelinePanel::neverGivesALaterCommitThanThePointer_data() {
  QTest::addColumn<bool>("index");
  QTest::newRow("from the index") << true;
  QTest::newRow("from buckets alone") << false;
}

void TestTimelinePanel::neverGivesALaterCommitThanThePointer() {
  QFETCH(bool, index);
  if (!index) m_panel->reset(m_history.extent());
  const auto* track = m_panel->track();
  QCOMPARE(track->commits().empty(), !index);
  const double blur = index ? 0.01 : TimelineTrack::kColumnPitch + 0.5;
  for (int x = 0; x < track->trackWidth(); ++x) {
    const CommitNumber commit = track->commitAt(x);
    QVERIFY(commit >= 1 && commit <= 100);
    if (commit > 1) QVERIFY2(positionOf(commit) <= x + blur, qPrintable(QString::number(x)));
    if (commit < 100) QVERIFY2(positionOf(commit + 1) >= x - blur, qPrintable(QString::number(x)));
  }
  QCOMPARE(track->commitAt(-50), CommitNumber{1});
}

void TestTimelinePanel::returnsToLiveAtTheDock() {
  QSignalSpy live(m_panel.get(), &TimelinePanel::liveRequested);
  auto* track = m_panel->track();
  QTest::mouseClick(track, Qt::LeftButton, {}, pointAt(track->width() - 10));
  QCOMPARE(live.size(), 1);
  m_panel->setPlayhead(50, std::nullopt);
  QVERIFY(!track->isLive());
  QVERIFY(track->playheadX() < track->trackWidth());
  QTest::mousePress(track, Qt::LeftButton, {}, pointAt(positionOf(50)));
  QTest::mouseMove(track, pointAt(track->width() - 4));
  QCOMPARE(live.size(), 2);
  QTest::mouseRelease(track, Qt::LeftButton, {}, pointAt(track->width() - 4));
  m_panel->setPlayhead(std::nullopt, std::nullopt);
  QCOMPARE(track->playheadX(), static_cast<double>(track->trackWidth()));
}

void TestTimelinePanel::followsTheHeadWhileLive() {
  auto* track = m_panel->track();
  auto grown = SyntheticHistory::even(140, kMinute);
  m_panel->setExtent(grown.extent());
  QVERIFY(track->axis().to() >= grown.extent().lastTime);  // all was shown, so all still is
  track->setPlaces(track->axis().placeAt(300), track->axis().placeAt(500));
  const TimeMicros from = track->axis().from();
  m_panel->setExtent(SyntheticHistory::even(150, kMinute).extent());
  QCOMPARE(qint64{track->axis().from()}, qint64{from});  // looking elsewhere is not disturbed
}

void TestTimelinePanel::stepsByKeys() {
  QSignalSpy steps(m_panel.get(), &TimelinePanel::stepRequested);
  QSignalSpy live(m_panel.get(), &TimelinePanel::liveRequested);
  QSignalSpy moments(m_panel.get(), &TimelinePanel::momentRequested);
  QSignalSpy goTo(m_panel.get(), &TimelinePanel::goToRequested);
  QTest::keyClick(m_panel->track(), Qt::Key_Left);
  QTest::keyClick(m_panel->track(), Qt::Key_Right);
  QTest::keyClick(m_panel->track(), Qt::Key_Right, Qt::ShiftModifier);
  QTest::keyClick(m_panel->track(), Qt::Key_Left, Qt::ShiftModifier);
  QList<int> counts;
  for (const auto& step : steps) counts << step.front().toInt();
  QCOMPARE(counts, (QList<int>{-1, 1, 10, -10}));
  QTest::keyClick(m_panel->track(), Qt::Key_Home);
  QCOMPARE(lastOf(moments), CommitNumber{1});
  QTest::keyClick(m_panel->track(), Qt::Key_End);
  QTest::keyClick(m_panel->track(), Qt::Key_Escape);
  QCOMPARE(live.size(), 2);
  QTest::keyClick(m_panel->track(), Qt::Key_G);
  QCOMPARE(goTo.size(), 1);
}

void TestTimelinePanel::zoomsByKeysAndGoesBack() {
  auto* track = m_panel->track();
  const Place whole = track->axis().span();
  m_panel->setPlayhead(50, std::nullopt);
  const double x = track->playheadX();
  QTest::keyClick(track, Qt::Key_Plus);
  settle();
  QVERIFY(qAbs(track->axis().span() - kHour) < kSecond);  // the next step below 100 minutes
  QVERIFY(qAbs(track->playheadX() - x) < 1);
  QTest::keyClick(track, Qt::Key_Plus);
  settle();
  QVERIFY(qAbs(track->axis().span() - 10 * kMinute) < kSecond);
  QTest::keyClick(track, Qt::Key_Backspace);
  settle();
  QVERIFY(qAbs(track->axis().span() - kHour) < kSecond);
  QTest::keyClick(track, Qt::Key_PageDown);
  settle();
  QTest::keyClick(track, Qt::Key_0);
  settle();
  QCOMPARE(qint64{track->axis().span()}, qint64{whole});
  for (int at = 0; at < 10; ++at) {
    QTest::keyClick(track, Qt::Key_Backspace);
    settle();
  }
  QCOMPARE(qint64{track->axis().span()}, qint64{whole});
}

void TestTimelinePanel::zoomsToARangeOfTheRuler() {
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  auto* track = m_panel->track();
  const int y = track->height() - 4;
  const TimeMicros from = track->axis().timeAt(200);
  const TimeMicros to = track->axis().timeAt(400);
  QTest::mousePress(track, Qt::LeftButton, {}, QPoint(400, y));
  QTest::mouseMove(track, QPoint(200, y));
  QTest::mouseRelease(track, Qt::LeftButton, {}, QPoint(200, y));
  settle();
  QCOMPARE(requested.size(), 0);
  QVERIFY(qAbs(track->axis().from() - from) < kSecond);
  QVERIFY(qAbs(track->axis().to() - to) < kSecond);
}

void TestTimelinePanel::fitsABurst() {
  m_history = SyntheticHistory::bursts();
  m_panel->reset(m_history.extent());
  m_panel->appendCommitTimes(1, m_history.times());
  auto* track = m_panel->track();
  QCOMPARE(track->axis().scale().gaps().size(), std::size_t{4});
  m_panel->setPlayhead(400, std::nullopt);  // within the third of five bursts of 180
  QTest::mouseDClick(track, Qt::LeftButton, {}, pointAt(track->playheadX()));
  settle();
  QTest::mouseRelease(track, Qt::LeftButton, {}, pointAt(track->playheadX()));
  QVERIFY(track->axis().from() < m_history.times()[360] && track->axis().from() > m_history.times()[359]);
  QVERIFY(track->axis().to() > m_history.times()[539] && track->axis().to() < m_history.times()[540]);
  m_history = SyntheticHistory::even(100, kMinute);
}

void TestTimelinePanel::zoomsAndPansByWheel() {
  auto* track = m_panel->track();
  const Place span = track->axis().span();
  const QPointF at(400, 40);
  const TimeMicros anchor = track->axis().timeAt(at.x());
  QWheelEvent zoom(at, track->mapToGlobal(at), {}, {0, 240}, Qt::NoButton, Qt::ControlModifier, Qt::NoScrollPhase,
                   false);
  QCoreApplication::sendEvent(track, &zoom);
  QVERIFY(track->axis().span() < span);
  QVERIFY(qAbs(track->axis().positionOf(anchor) - at.x()) < 0.01);
  const TimeMicros from = track->axis().from();
  QWheelEvent pan(at, track->mapToGlobal(at), {}, {0, -120}, Qt::NoButton, Qt::NoModifier, Qt::NoScrollPhase, false);
  QCoreApplication::sendEvent(track, &pan);
  QVERIFY(track->axis().from() > from);
  QTest::keyClick(track, Qt::Key_Backspace);  // one turn of the wheel is one view to go back
  settle();
  QCOMPARE(qint64{track->axis().span()}, qint64{span});
}

void TestTimelinePanel::movesByTheOverview() {
  auto* track = m_panel->track();
  auto* overview = m_panel->findChild<OverviewStrip*>();
  track->setPlaces(track->axis().placeAt(0), track->axis().placeAt(200));
  const Place span = track->axis().span();
  const int y = overview->height() / 2;
  QTest::mousePress(overview, Qt::LeftButton, {}, QPoint(100, y));
  QTest::mouseMove(overview, QPoint(400, y));
  QTest::mouseRelease(overview, Qt::LeftButton, {}, QPoint(400, y));
  QCOMPARE(qint64{track->axis().span()}, qint64{span});
  const double centre = overview->axis().positionOfPlace((track->axis().fromPlace() + track->axis().toPlace()) / 2);
  QVERIFY2(qAbs(centre - 400) < 12, qPrintable(QString::number(centre)));
}

void TestTimelinePanel::showsACardForWhatIsHovered() {
  QSignalSpy hovered(m_panel.get(), &TimelinePanel::hovered);
  auto* track = m_panel->track();
  track->setZone(Zone::Utc);
  QTest::mouseMove(track, pointAt(positionOf(30) + 3));
  QCOMPARE(hovered.size(), 1);
  QCOMPARE(lastOf(hovered), CommitNumber{30});
  QVERIFY(track->isLive());  // looking is not going
  // Number and time are there at once, the rest when it is known.
  QCOMPARE(track->hoverLines(), (QStringList{"#30", "14 Nov 2023 22:42:20.000 UTC"}));
  Moment moment{30,
                m_history.times()[29],
                QStringLiteral("2 years ago"),
                QStringLiteral("anna"),
                QStringLiteral("spring prices"),
                QStringLiteral("~3 products"),
                {}};
  m_panel->setHovered(moment);
  QCOMPARE(track->hoverLines(), (QStringList{QStringLiteral("#30  \u00b7  2 years ago"), "14 Nov 2023 22:42:20.000 UTC",
                                             QStringLiteral("~3 products  \u00b7  anna"), "spring prices"}));
  QTest::mouseMove(track, pointAt(positionOf(31) + 3));
  QCOMPARE(track->hoverLines().size(), 2);  // never the words of another commit
  QEvent leave(QEvent::Leave);
  QCoreApplication::sendEvent(track, &leave);
  QVERIFY(track->hoverLines().isEmpty());
}

void TestTimelinePanel::readsOut() {
  m_panel->track()->setZone(Zone::Utc);
  m_panel->setPlayhead(42, std::nullopt);
  QCOMPARE(m_panel->readOut(),
           QStringLiteral("#42 of 100  \u00b7  14 Nov 2023 22:54:20.000 UTC"));  // in the same frame
  Moment moment;
  moment.number = 42;
  moment.time = m_history.times()[41];
  moment.counts = QStringLiteral("~1 orders");
  m_panel->setPlayhead(42, moment);
  QCOMPARE(m_panel->readOut(), QStringLiteral("#42 of 100  \u00b7  14 Nov 2023 22:54:20.000 UTC  \u00b7  ~1 orders"));
  m_panel->setExtent(SyntheticHistory::even(101, kMinute).extent());
  QVERIFY(m_panel->readOut().startsWith(QLatin1String("#42 of 101")));
  m_panel->setPlayhead(std::nullopt, std::nullopt);
  QVERIFY(m_panel->readOut().startsWith(QLatin1String("Live, after #101")));
}

void TestTimelinePanel::speaksToScreenReaders() {
  auto* track = m_panel->track();
  track->setZone(Zone::Utc);
  Moment moment;
  moment.number = 42;
  moment.time = m_history.times()[41];
  moment.countsInWords = QStringLiteral("3 rows updated in orders");
  m_panel->setPlayhead(42, moment);
  auto* accessible = QAccessible::queryAccessibleInterface(track);
  QVERIFY(accessible);
  QCOMPARE(accessible->role(), QAccessible::Slider);
  QCOMPARE(accessible->text(QAccessible::Name), QStringLiteral("Timeline"));
  QCOMPARE(accessible->text(QAccessible::Value),
           QStringLiteral("Commit 42, 14 Nov 2023 22:54:20, 3 rows updated in orders"));
  auto* value = accessible->valueInterface();
  QVERIFY(value);
  QCOMPARE(value->currentValue().toULongLong(), 42ULL);
  QCOMPARE(value->minimumValue().toULongLong(), 1ULL);
  QCOMPARE(value->maximumValue().toULongLong(), 100ULL);
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  value->setCurrentValue(QVariant::fromValue(qulonglong{7}));
  QCOMPARE(lastOf(requested), CommitNumber{7});
}

void TestTimelinePanel::plays() {
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  QSignalSpy live(m_panel.get(), &TimelinePanel::liveRequested);
  auto* track = m_panel->track();
  auto* player = track->player();
  QTest::keyClick(track, Qt::Key_Space);
  QVERIFY(player->isPlaying());
  player->advance(5000);
  QVERIFY(lastOf(requested) >= 49 && lastOf(requested) <= 56);
  QTest::keyClick(track, Qt::Key_L);
  QCOMPARE(player->speed(), 2);
  QTest::keyClick(track, Qt::Key_K);
  QVERIFY(!player->isPlaying());
  m_panel->setPlayhead(50, std::nullopt);
  QTest::keyClick(track, Qt::Key_J);
  player->advance(1000);
  QVERIFY(lastOf(requested) <= 41 && lastOf(requested) >= 30);
  QTest::keyClick(track, Qt::Key_Left);  // the hand takes over
  QVERIFY(!player->isPlaying());
  QTest::keyClick(track, Qt::Key_Space);
  player->advance(60'000);
  QVERIFY(!player->isPlaying());
  QCOMPARE(live.size(), 1);
}

void TestTimelinePanel::leavesOtherKeysAlone() {
  QSignalSpy steps(m_panel.get(), &TimelinePanel::stepRequested);
  QSignalSpy moments(m_panel.get(), &TimelinePanel::momentRequested);
  for (const auto key : {Qt::Key_Left, Qt::Key_Home, Qt::Key_G, Qt::Key_Space})
    for (const auto modifier : {Qt::ControlModifier, Qt::AltModifier}) QTest::keyClick(m_panel->track(), key, modifier);
  QCOMPARE(steps.size() + moments.size(), 0);
  QVERIFY(!m_panel->track()->player()->isPlaying());
}

void TestTimelinePanel::forgetsTheFileBefore() {
  m_panel->track()->setAxisMode(AxisMode::Commits);
  m_panel->setPlayhead(50, std::nullopt);
  m_history = SyntheticHistory::even(3, kDay);
  m_panel->reset(m_history.extent());
  QVERIFY(m_panel->track()->isLive());
  QVERIFY(m_panel->track()->commits().empty());
  QVERIFY(!m_panel->grab().isNull());
  m_panel->appendCommitTimes(1, m_history.times());
  QCOMPARE(m_panel->track()->commitAt(m_panel->track()->trackWidth()), CommitNumber{3});
  QVERIFY(m_panel->track()->axis().scale().commits());
  m_history = SyntheticHistory::even(100, kMinute);
}

void TestTimelinePanel::saysWhenThereIsNoHistory() {
  m_panel->reset({});
  QCOMPARE(m_panel->readOut(), QStringLiteral("No commits yet"));
  QSignalSpy requested(m_panel.get(), &TimelinePanel::momentRequested);
  QSignalSpy live(m_panel.get(), &TimelinePanel::liveRequested);
  QTest::mouseClick(m_panel->track(), Qt::LeftButton, {}, pointAt(100));
  QTest::keyClick(m_panel->track(), Qt::Key_Home);
  QTest::keyClick(m_panel->track(), Qt::Key_Space);
  QCOMPARE(requested.size() + live.size(), 0);
  QVERIFY(!m_panel->grab().isNull());
}

QTEST_MAIN(TestTimelinePanel)
#include "tst_timeline_panel.moc"
