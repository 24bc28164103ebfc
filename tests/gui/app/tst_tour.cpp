#include <QDir>
#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "app/bench.h"
#include "app/tour.h"
#include "app/walk.h"
#include "fake/warning_watch.h"
#include "mainwindow/main_window.h"

using namespace drift;
using namespace drift::gui;
using namespace drift::gui::app;

namespace {

constexpr int kWalkMs = 60'000;

}  // namespace

/// Plays the walks over a database in memory.
class TestTour final : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();
  void playsTheTour();
  void picturesEveryScreen();
  void measures();
  void saysWhatDidNotHappen();

 private:
  QString play(Walk& walk, int settleMs);
  QString file() const { return m_folder->path() + QStringLiteral("/shop.drift"); }
  QString out() const { return m_folder->path() + QStringLiteral("/out"); }
  QStringList pictures() const { return QDir(out()).entryList({QStringLiteral("*.png")}); }

  std::unique_ptr<test::WarningWatch> m_warnings;
  std::unique_ptr<QTemporaryDir> m_folder;
  std::unique_ptr<mainwindow::Settings> m_settings;
  std::unique_ptr<widgets::ThemeSwitch> m_themes;
  std::unique_ptr<mainwindow::MainWindow> m_window;
};

void TestTour::init() {
  m_warnings = std::make_unique<test::WarningWatch>();
  m_folder = std::make_unique<QTemporaryDir>();
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder->path());
  m_settings = std::make_unique<mainwindow::Settings>();
  m_themes = std::make_unique<widgets::ThemeSwitch>(*qApp);
  m_themes->apply(widgets::ThemeChoice::Light);
  mainwindow::WindowContext context;
  context.settings = m_settings.get();
  context.themes = m_themes.get();
  context.dataFolder = m_folder->path();
  m_window = std::make_unique<mainwindow::MainWindow>(context);
  m_window->resize(1360, 850);
  m_window->show();
  QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestTour::cleanup() {
  m_window.reset();
  m_themes.reset();
  m_settings.reset();
  m_warnings.reset();
  QCOMPARE(test::WarningWatch::take(), QStringList());
  // For looking at them: DRIFT_TEST_SHOTS names a folder to keep the pictures in.
  if (const QString keep = qEnvironmentVariable("DRIFT_TEST_SHOTS"); !keep.isEmpty()) {
    for (const QString& picture : pictures()) {
      QFile::remove(keep + QLatin1Char('/') + picture);
      QVERIFY(QFile::copy(out() + QLatin1Char('/') + picture, keep + QLatin1Char('/') + picture));
    }
  }
}

QString TestTour::play(Walk& walk, int settleMs) {
  QSignalSpy finished(&walk, &Walk::finished);
  walk.start(settleMs);
  if (!QTest::qWaitFor([&finished] { return !finished.isEmpty(); }, kWalkMs)) return QStringLiteral("too slow");
  return finished.front().front().toString();
}

void TestTour::playsTheTour() {
  Walk walk;
  planTour(walk, *m_window, file(), out());
  QCOMPARE(play(walk, kPictureSettleMs), QString());
  QCOMPARE(pictures(), (QStringList{"01-table-live.png", "02-query.png", "03-scrub-to-a-third.png",
                                    "04-scrub-to-two-thirds.png", "05-step-1.png", "06-step-2.png", "07-step-3.png",
                                    "08-return-to-live.png"}));
  QVERIFY(m_window->playhead()->isLive());
  // Each picture shows something else.
  QList<QImage> images;
  for (const QString& picture : pictures()) {
    const QImage image(out() + QLatin1Char('/') + picture);
    QVERIFY(!image.isNull());
    QVERIFY2(!images.contains(image), qPrintable(picture));
    images << image;
  }
}

void TestTour::picturesEveryScreen() {
  Walk walk;
  planShots(walk, *m_window, file(), out());
  QCOMPARE(play(walk, kPictureSettleMs), QString());
  QCOMPARE(pictures().size(), 18);
}

void TestTour::measures() {
  Walk walk;
  planScrubBench(walk, *m_window, file());
  QCOMPARE(play(walk, 0), QString());
}

void TestTour::saysWhatDidNotHappen() {
  Walk walk;
  planTour(walk, *m_window, m_folder->path() + QStringLiteral("/letter.txt"), out());
  QCOMPARE(play(walk, 0), QStringLiteral("letter.txt cannot be opened: The file is not a DriftDB database."));
}

QTEST_MAIN(TestTour)
#include "tst_tour.moc"
