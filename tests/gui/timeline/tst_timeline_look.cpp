#include <QDir>
#include <QElapsedTimer>
#include <QImage>
#include <QMouseEvent>
#include <QStyle>
#include <QTest>

#include "synthetic_history.h"
#include "timeline/timeline_panel.h"
#include "timeline/timeline_track.h"
#include "widgets/theme.h"

using namespace drift;
using namespace drift::test;
using namespace drift::gui;

/// What is drawn, and how long it takes. With DRIFT_SHOTS set to a folder the pictures are kept there.
class TestTimelineLook final : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void drawsHistories_data();
  void drawsHistories();
  void paintsAMillionCommitsInAFrame();
};

namespace {

/// Different colours in a picture, counted up to `most`.
qsizetype coloursOf(const QImage& image, qsizetype most) {
  QSet<QRgb> colours;
  for (int y = 0; y < image.height(); y += 2)
    for (int x = 0; x < image.width() && colours.size() < most; ++x) colours.insert(image.pixel(x, y));
  return colours.size();
}

std::unique_ptr<TimelinePanel> panelOf(const SyntheticHistory& history, bool table) {
  auto panel = std::make_unique<TimelinePanel>();
  auto* raw = panel.get();
  QObject::connect(raw, &TimelinePanel::viewChanged, raw, [raw, &history, table](const BucketRanges& ranges) {
    raw->setBuckets(history.buckets(ranges), table ? history.buckets(ranges, 0.3) : std::vector<Bucket>{});
  });
  QObject::connect(raw, &TimelinePanel::overviewChanged, raw,
                   [raw, &history](const BucketRanges& ranges) { raw->setOverview(history.buckets(ranges)); });
  if (table) raw->setTableName(QStringLiteral("orders"));
  return panel;
}

void waitForView(TimelineTrack* track) {
  QTest::qWait(track->style()->styleHint(QStyle::SH_Widget_Animation_Duration) > 0 ? 160 : 0);
}

}  // namespace

void TestTimelineLook::init() {
  QTest::failOnWarning(QRegularExpression(QStringLiteral("^(?!This plugin does not support propagateSizeHints)")));
}

void TestTimelineLook::drawsHistories_data() {
  QTest::addColumn<QString>("history");
  QTest::addColumn<QString>("scene");
  QTest::addColumn<bool>("dark");
  for (const bool dark : {false, true}) {
    for (const char* scene :
         {"live", "past", "hover", "table", "commits", "clock", "day", "burst", "keys", "range", "collapsed"})
      QTest::addRow("shop, %s, %s", scene, dark ? "dark" : "light")
          << QStringLiteral("shop") << QString::fromLatin1(scene) << dark;
    for (const char* scene : {"live", "clock", "commits", "burst"})
      QTest::addRow("bursts, %s, %s", scene, dark ? "dark" : "light")
          << QStringLiteral("bursts") << QString::fromLatin1(scene) << dark;
    QTest::addRow("one, %s", dark ? "dark" : "light") << QStringLiteral("one") << QStringLiteral("live") << dark;
    QTest::addRow("none, %s", dark ? "dark" : "light") << QStringLiteral("none") << QStringLiteral("live") << dark;
    QTest::addRow("monthly, %s", dark ? "dark" : "light")
        << QStringLiteral("monthly") << QStringLiteral("past") << dark;
  }
}

void TestTimelineLook::drawsHistories() {
  QFETCH(QString, history);
  QFETCH(QString, scene);
  QFETCH(bool, dark);
  const widgets::Theme& theme = dark ? widgets::Theme::darkTheme() : widgets::Theme::light();
  qApp->setStyle(QStringLiteral("Fusion"));
  qApp->setPalette(widgets::paletteFor(theme));
  qApp->setStyleSheet(widgets::styleSheetFor(theme));
  const SyntheticHistory made = history == QLatin1String("shop")     ? SyntheticHistory::shop()
                                : history == QLatin1String("bursts") ? SyntheticHistory::bursts()
                                : history == QLatin1String("monthly")
                                    ? SyntheticHistory::even(188, 28 * kDay)
                                    : SyntheticHistory::even(history == QLatin1String("one"), kDay);
  const auto panel = panelOf(made, scene == QLatin1String("table"));
  panel->resize(1280, 230);
  panel->show();
  QVERIFY(QTest::qWaitForWindowExposed(panel.get()));
  auto* track = panel->track();
  panel->reset(made.extent());
  panel->appendCommitTimes(1, made.times());
  const CommitNumber middle = made.extent().last * 5 / 8;
  Moment moment{middle,
                made.times().empty() ? 0 : made.times()[middle ? middle - 1 : 0],
                QStringLiteral("3 months ago"),
                QStringLiteral("anna"),
                QStringLiteral("prices of spring"),
                QStringLiteral("+3 ~1 orders"),
                {}};
  if (scene == QLatin1String("clock")) track->setAxisMode(AxisMode::Clock);
  if (scene == QLatin1String("commits")) track->setAxisMode(AxisMode::Commits);
  if (scene != QLatin1String("live") && middle) panel->setPlayhead(middle, moment);
  if (scene == QLatin1String("day")) track->showRange(moment.time - kDay, moment.time + kDay);
  if (scene == QLatin1String("burst")) {
    track->fitBurst(track->playheadX());
    waitForView(track);
    track->fitBurst(track->playheadX());
  }
  waitForView(track);
  if (scene == QLatin1String("hover")) {
    // Sent to the track itself: the off-screen cursor may rest anywhere.
    const QPointF at(qRound(track->playheadX()) - 260, track->height() / 2);
    QMouseEvent move(QEvent::MouseMove, at, track->mapToGlobal(at), Qt::NoButton, Qt::NoButton, Qt::NoModifier);
    QCoreApplication::sendEvent(track, &move);
    moment.number = track->snappedCommitAt(qRound(track->playheadX()) - 260);
    panel->setHovered(moment);
    QVERIFY(track->hoverLines().contains(QStringLiteral("prices of spring")));
  }
  if (scene == QLatin1String("keys")) QTest::keyClick(track, Qt::Key_Question);
  if (scene == QLatin1String("range")) {
    QTest::mousePress(track, Qt::LeftButton, {}, QPoint(300, track->height() - 5));
    QTest::mouseMove(track, QPoint(520, track->height() - 5));
  }
  if (scene == QLatin1String("collapsed")) {
    panel->setCollapsed(true);
    panel->resize(1280, panel->maximumHeight());
    QVERIFY(panel->maximumHeight() < 3 * panel->fontMetrics().height());
  }
  const QImage image = panel->grab().toImage();
  if (scene == QLatin1String("range")) QTest::mouseRelease(track, Qt::LeftButton, {}, QPoint(520, track->height() - 5));
  QVERIFY(coloursOf(image, 8) == 8);
  const QString folder = qEnvironmentVariable("DRIFT_SHOTS");
  if (folder.isEmpty()) return;
  QVERIFY(QDir().mkpath(folder));
  QVERIFY(image.save(QStringLiteral("%1/%2-%3-%4.png")
                         .arg(folder, dark ? QStringLiteral("dark") : QStringLiteral("light"), history, scene)));
}

void TestTimelineLook::paintsAMillionCommitsInAFrame() {
  const auto made = SyntheticHistory::even(1'000'000, 7 * kMinute);
  const auto panel = panelOf(made, true);
  panel->resize(1920, 260);
  panel->show();
  QVERIFY(QTest::qWaitForWindowExposed(panel.get()));
  panel->reset(made.extent());
  panel->appendCommitTimes(1, made.times());
  panel->setPlayhead(500'000, std::nullopt);
  for (const auto mode : {AxisMode::Elastic, AxisMode::Commits, AxisMode::Clock}) {
    panel->track()->setAxisMode(mode);
    QImage target(panel->track()->size(), QImage::Format_ARGB32_Premultiplied);
    constexpr int kFrames = 50;
    QElapsedTimer clock;
    clock.start();
    for (int frame = 0; frame < kFrames; ++frame) panel->track()->render(&target);
    const double millis = static_cast<double>(clock.nsecsElapsed()) / 1e6 / kFrames;
    qInfo("axis %d: %.2f ms a frame of 1,000,000 commits at 1920 px", static_cast<int>(mode), millis);
    // The budget is 8 ms; machines that are busy with other things get some room.
    QVERIFY2(millis < 24, qPrintable(QString::number(millis)));
  }
}

QTEST_MAIN(TestTimelineLook)
#include "tst_timeline_look.moc"
