#include <QSettings>
#include <QSignalSpy>
#include <QStandardPaths>
#include <QStatusBar>
#include <QTemporaryDir>
#include <QTest>
#include <QTreeView>

#include "editor/sql_editor.h"
#include "explorer/explorer.h"
#include "fake/warning_watch.h"
#include "mainwindow/document_tabs.h"
#include "mainwindow/main_window.h"
#include "mainwindow/query_tab.h"
#include "mainwindow/table_tab.h"
#include "mainwindow/welcome_page.h"
#include "models/result_model.h"
#include "models/table_grid_model.h"
#include "results/grid_pane.h"
#include "results/grid_view.h"
#include "widgets/empty_state.h"
#include "widgets/message_bar.h"
#include "widgets/past_banner.h"

using namespace drift;
using namespace drift::gui;
using namespace drift::gui::mainwindow;

namespace {

constexpr int kWaitMs = 10'000;

}  // namespace

/// Drives the real window over a database in memory (see fake_database.h).
class TestMainWindow final : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase();
  void init();
  void cleanup();

  void startsWithTheWelcomePage();
  void opensAndCloses();
  void refusesWhatIsNoDatabase();
  void showsTheLiveliestTableFirst();
  void runsAStatement();
  void marksTheFailingToken();
  void stopsALongStatement();
  void fetchesOnlyWhatIsLookedAt();
  void scrubsToAMoment();
  void listsGhosts();
  void saysWhenATableDoesNotExistYet();
  void returnsToLive();
  void stepsThroughCommits();
  void runsQueriesAtThePlayhead();
  void visitsMomentsBackAndForward();
  void keepsTextBetweenStarts();
  void switchesTheme();
  void cyclesPanes();
  void hasNoAmbiguousShortcuts();

 private:
  void makeWindow();
  void open();
  TableTab* table() const { return m_window->tabs()->currentTable(); }
  QString cell(int row, int column) const {
    return table()->model()->index(row, column).data().toString();
  }
  void shoot(const char* name) const;

  std::unique_ptr<test::WarningWatch> m_warnings;  // made in init(): Qt Test installs its handler before
  std::unique_ptr<QTemporaryDir> m_folder;
  std::unique_ptr<Settings> m_settings;
  std::unique_ptr<widgets::ThemeSwitch> m_themes;
  std::unique_ptr<MainWindow> m_window;
};

void TestMainWindow::initTestCase() {
  QCoreApplication::setOrganizationName(QStringLiteral("driftdb-test"));
  QCoreApplication::setApplicationName(QStringLiteral("tst_main_window"));
  QSettings::setDefaultFormat(QSettings::IniFormat);
}

void TestMainWindow::init() {
  m_warnings = std::make_unique<test::WarningWatch>();
  m_folder = std::make_unique<QTemporaryDir>();
  QVERIFY(m_folder->isValid());
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder->path());
  m_settings = std::make_unique<Settings>();
  m_themes = std::make_unique<widgets::ThemeSwitch>(*qApp);
  makeWindow();
}

void TestMainWindow::cleanup() {
  m_window.reset();
  m_themes.reset();
  m_settings.reset();
  m_warnings.reset();
  QCOMPARE(test::WarningWatch::take(), QStringList());
}

void TestMainWindow::makeWindow() {
  WindowContext context;
  context.settings = m_settings.get();
  context.themes = m_themes.get();
  context.dataFolder = m_folder->path();
  context.makeSample = [](const std::string&, std::function<void(double)>) { return Status(); };
  m_window = std::make_unique<MainWindow>(context);
  m_window->applyTheme(widgets::ThemeChoice::Light);
  m_window->show();
  QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestMainWindow::open() {
  QSignalSpy opened(m_window.get(), &MainWindow::databaseOpened);
  m_window->openFile({m_folder->path() + QStringLiteral("/shop.drift")});
  QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, kWaitMs);
  QTRY_VERIFY_WITH_TIMEOUT(m_window->tabs()->count() > 0, kWaitMs);
  if (table()) QTRY_COMPARE_WITH_TIMEOUT(table()->model()->state(), models::TableGridModel::State::Rows, kWaitMs);
}

void TestMainWindow::shoot(const char* name) const {
  const QString folder = qEnvironmentVariable("DRIFT_TEST_SHOTS");
  if (!folder.isEmpty()) QVERIFY(m_window->grab().save(QStringLiteral("%1/%2.png").arg(folder, QLatin1String(name))));
}

void TestMainWindow::startsWithTheWelcomePage() {
  QVERIFY(m_window->welcome()->isVisible());
  QVERIFY(!m_window->explorer()->isVisible());
  QVERIFY(!m_window->hasDatabase());
  for (const Command command : {Command::Run, Command::Back, Command::Forward, Command::PreviousCommit})
    QVERIFY(!m_window->commands()[command]->isEnabled());
  QVERIFY(m_window->commands()[Command::Run]->toolTip().contains(QLatin1String("Open a query tab first")));
  shoot("welcome");
}

void TestMainWindow::opensAndCloses() {
  open();
  QVERIFY(m_window->windowTitle().startsWith(QLatin1String("shop.drift")));
  QVERIFY(!m_window->welcome()->isVisible());
  QCOMPARE(m_settings->recentFiles().size(), 1);
  m_window->closeDatabase();
  QVERIFY(m_window->welcome()->isVisible());
  QCOMPARE(m_window->tabs()->count(), 0);
  open();
}

void TestMainWindow::refusesWhatIsNoDatabase() {
  QSignalSpy failed(m_window.get(), &MainWindow::openFailed);
  m_window->openFile({m_folder->path() + QStringLiteral("/holiday.jpg")});
  QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kWaitMs);
  QVERIFY(m_window->welcome()->messages()->isVisible());
  QCOMPARE(m_window->welcome()->messages()->sentence(),
           QStringLiteral("holiday.jpg cannot be opened: The file is not a DriftDB database."));
  shoot("not-a-database");
}

void TestMainWindow::showsTheLiveliestTableFirst() {
  open();
  QVERIFY(table());
  QCOMPARE(table()->title(), QStringLiteral("orders"));
  QCOMPARE(table()->model()->rowCount(), 500);
  QCOMPARE(cell(0, 0), QStringLiteral("1"));
  QCOMPARE(cell(2, 1), QStringLiteral("paid"));
  QVERIFY(table()->model()->index(6, 1).data(models::IsNullRole).toBool());
  QVERIFY(table()->gridPane()->statusText().endsWith(QLatin1String("of 500 rows")));
  shoot("table");
}

void TestMainWindow::runsAStatement() {
  open();
  auto* query = m_window->tabs()->newQuery();
  QTest::keyClicks(query->editor()->viewport(), QStringLiteral("SELECT x FROM orders"));
  QCOMPARE(query->editor()->text(), QStringLiteral("SELECT x FROM orders"));
  m_window->commands()[Command::Run]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(!query->running(), kWaitMs);
  QCOMPARE(query->results()->rowCount(), 500);
  QVERIFY(query->results()->totalIsExact());
  QVERIFY(query->gridPane()->showsGrid());
  shoot("query");
}

void TestMainWindow::marksTheFailingToken() {
  open();
  auto* query = m_window->tabs()->newQuery(QStringLiteral("SELECT x FROM orders;\nlook what is wrong here"));
  query->editor()->setCursorPosition(1, 3);
  query->run();
  QTRY_VERIFY_WITH_TIMEOUT(!query->running(), kWaitMs);
  QVERIFY(query->editor()->hasErrorMark());
  QVERIFY(query->gridPane()->messages()->isVisible());
  QCOMPARE(query->gridPane()->messages()->sentence(), QStringLiteral("Syntax error at or near \"wrong\"."));
  int line = 0;
  int column = 0;
  query->editor()->getCursorPosition(&line, &column);
  QCOMPARE(line, 1);
  QCOMPARE(column, 13);
  shoot("error");
  query->editor()->append(QStringLiteral(" x"));
  QVERIFY(!query->editor()->hasErrorMark());
}

void TestMainWindow::stopsALongStatement() {
  open();
  auto* query = m_window->tabs()->newQuery(QStringLiteral("SLOW"));
  query->run();
  QTRY_VERIFY_WITH_TIMEOUT(m_window->commands()[Command::Stop]->isEnabled(), kWaitMs);
  QVERIFY(query->running());
  m_window->commands()[Command::Stop]->trigger();
  QTRY_VERIFY_WITH_TIMEOUT(!query->running(), kWaitMs);
  QCOMPARE(query->gridPane()->messages()->sentence(), QStringLiteral("Stopped. Nothing was changed."));
  QVERIFY(!m_window->commands()[Command::Stop]->isEnabled());
}

void TestMainWindow::fetchesOnlyWhatIsLookedAt() {
  open();
  auto* query = m_window->tabs()->newQuery(QStringLiteral("ENDLESS"));
  query->run();
  QTRY_VERIFY_WITH_TIMEOUT(!query->running(), kWaitMs);
  const int first = query->results()->rowCount();
  QVERIFY(first >= 500);
  QVERIFY(!query->results()->totalIsExact());
  query->gridPane()->grid()->scrollToBottom();
  QTRY_VERIFY_WITH_TIMEOUT(query->results()->rowCount() > first, kWaitMs);
}

void TestMainWindow::scrubsToAMoment() {
  open();
  QCOMPARE(cell(29, 1), QStringLiteral("paid"));
  for (const CommitNumber commit : {50, 45, 30, 12, 25}) m_window->playhead()->goTo(commit);
  QTRY_COMPARE_WITH_TIMEOUT(cell(29, 1), QStringLiteral("open"), kWaitMs);  // commit 30 pays order 30
  QCOMPARE(cell(24, 1), QStringLiteral("paid"));
  auto* banner = table()->findChild<widgets::PastBanner*>();
  QVERIFY(banner->isVisible());
  QTRY_VERIFY_WITH_TIMEOUT(banner->text().contains(QLatin1String("#25")), kWaitMs);
  QVERIFY(banner->text().startsWith(QLatin1String("VIEWING THE PAST")));
  QVERIFY(table()->showsPast());
  QTest::qWait(models::TableGridModel::kFlashMs + 50);
  shoot("past");
}

void TestMainWindow::listsGhosts() {
  open();
  const auto* schema = m_window->schema();
  QTRY_VERIFY_WITH_TIMEOUT(schema->schema().has_value(), kWaitMs);
  QCOMPARE(schema->ghostOf(65), models::SchemaModel::Ghost::Dropped);
  QCOMPARE(schema->ghostOf(66), models::SchemaModel::Ghost::None);
  m_window->playhead()->goTo(10);
  QTRY_COMPARE_WITH_TIMEOUT(schema->ghostOf(66), models::SchemaModel::Ghost::NotYet, kWaitMs);
  QCOMPARE(schema->ghostOf(65), models::SchemaModel::Ghost::None);
  const QModelIndex refunds = schema->indexOfTable(66);
  QCOMPARE(refunds.data(models::SchemaModel::DetailRole).toString(), QStringLiteral("not yet"));
  QVERIFY(m_window->explorer()->tree()->isVisible());
}

void TestMainWindow::saysWhenATableDoesNotExistYet() {
  open();
  m_window->tabs()->openTable({66, "refunds"});
  m_window->playhead()->goTo(10);
  QTRY_COMPARE_WITH_TIMEOUT(table()->model()->state(), models::TableGridModel::State::Absent, kWaitMs);
  QVERIFY(!table()->gridPane()->showsGrid());
  QCOMPARE(table()->gridPane()->words()->title(), QStringLiteral("refunds does not exist at this moment"));
  shoot("absent");
  m_window->playhead()->goTo(40);
  QTRY_COMPARE_WITH_TIMEOUT(table()->model()->state(), models::TableGridModel::State::Rows, kWaitMs);
  QTRY_COMPARE_WITH_TIMEOUT(table()->gridPane()->words()->title(), QStringLiteral("refunds has no rows at this moment"), kWaitMs);
}

void TestMainWindow::returnsToLive() {
  open();
  m_window->playhead()->goTo(10);
  QTRY_COMPARE_WITH_TIMEOUT(cell(29, 1), QStringLiteral("open"), kWaitMs);
  m_window->commands()[Command::ReturnToLive]->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(cell(29, 1), QStringLiteral("paid"), kWaitMs);
  QVERIFY(!table()->showsPast());
  QVERIFY(!table()->findChild<widgets::PastBanner*>()->isVisible());
}

void TestMainWindow::stepsThroughCommits() {
  open();
  m_window->playhead()->goTo(22);
  QTRY_VERIFY_WITH_TIMEOUT(m_window->playhead()->commit().has_value(), kWaitMs);
  // Commit 20 dropped a table: it did not change the orders that the tab shows.
  m_window->commands()[Command::PreviousCommit]->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(m_window->playhead()->moment(), std::optional<CommitNumber>(21), kWaitMs);
  m_window->commands()[Command::PreviousCommit]->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(m_window->playhead()->moment(), std::optional<CommitNumber>(19), kWaitMs);
  m_window->commands()[Command::TenForward]->trigger();
  QTRY_COMPARE_WITH_TIMEOUT(m_window->playhead()->moment(), std::optional<CommitNumber>(30), kWaitMs);
}

void TestMainWindow::runsQueriesAtThePlayhead() {
  open();
  auto* query = m_window->tabs()->newQuery(QStringLiteral("SELECT x FROM orders"));
  m_window->playhead()->goTo(25);
  QCOMPARE(query->moment(), std::optional<CommitNumber>(25));
  query->run();
  QTRY_VERIFY_WITH_TIMEOUT(!query->running(), kWaitMs);
  QCOMPARE(query->results()->index(29, 1).data().toString(), QStringLiteral("open"));
  QVERIFY(query->showsPast());
  query->setWhen(QueryTab::When::Live);
  query->run();
  QTRY_VERIFY_WITH_TIMEOUT(!query->running(), kWaitMs);
  QCOMPARE(query->results()->index(29, 1).data().toString(), QStringLiteral("paid"));
  QVERIFY(!query->showsPast());
}

void TestMainWindow::visitsMomentsBackAndForward() {
  open();
  m_window->playhead()->goTo(10);
  QTRY_VERIFY_WITH_TIMEOUT(m_window->playhead()->canGoBack(), kWaitMs);
  m_window->playhead()->goTo(20);
  m_window->playhead()->goBack();
  QCOMPARE(m_window->playhead()->moment(), std::optional<CommitNumber>(10));
  m_window->playhead()->goBack();
  QVERIFY(m_window->playhead()->isLive());
  m_window->playhead()->goForward();
  QCOMPARE(m_window->playhead()->moment(), std::optional<CommitNumber>(10));
}

void TestMainWindow::keepsTextBetweenStarts() {
  open();
  const QString text = QStringLiteral("SELECT 'unsaved \u00fc' FROM orders;\n-- half a thou");
  m_window->tabs()->newQuery(text)->editor()->setCursorPosition(1, 4);
  m_window.reset();
  makeWindow();
  open();
  QTRY_COMPARE_WITH_TIMEOUT(m_window->tabs()->count(), 2, kWaitMs);
  auto* query = m_window->tabs()->currentQuery();
  QVERIFY(query);
  QCOMPARE(query->editor()->text(), text);
  QVERIFY(!query->gridPane()->showsGrid());  // nothing was run again
}

void TestMainWindow::switchesTheme() {
  open();
  const QColor light = table()->palette().color(QPalette::Base);
  m_window->commands()[Command::ThemeDark]->trigger();
  QVERIFY(widgets::isDark(m_window->palette()));
  QVERIFY(table()->palette().color(QPalette::Base) != light);
  QCOMPARE(m_settings->theme(), widgets::ThemeChoice::Dark);
  m_window->playhead()->goTo(25);
  QTRY_COMPARE_WITH_TIMEOUT(cell(29, 1), QStringLiteral("open"), kWaitMs);
  shoot("dark-past");
  m_window->tabs()->newQuery(QStringLiteral("SELECT x FROM orders"))->run();
  shoot("dark-query");
  m_window->commands()[Command::ThemeLight]->trigger();
  QVERIFY(!widgets::isDark(m_window->palette()));
}

void TestMainWindow::cyclesPanes() {
  open();
  m_window->activateWindow();
  m_window->explorer()->tree()->setFocus();
  QTRY_VERIFY_WITH_TIMEOUT(m_window->explorer()->tree()->hasFocus(), kWaitMs);
  m_window->commands()[Command::NextPane]->trigger();
  QVERIFY(table()->gridPane()->grid()->hasFocus());
}

void TestMainWindow::hasNoAmbiguousShortcuts() {
  QHash<QKeySequence, QString> seen;
  for (const QAction* action : m_window->commands().withShortcuts()) {
    for (const QKeySequence& key : action->shortcuts()) {
      QVERIFY2(!seen.contains(key), qPrintable(QStringLiteral("%1: %2 and %3").arg(key.toString(), seen[key], action->text())));
      seen.insert(key, action->text());
    }
  }
  QVERIFY(seen.size() > 20);
}

QTEST_MAIN(TestMainWindow)
#include "tst_main_window.moc"
