#include <QSettings>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "editor/sql_editor.h"
#include "fake/warning_watch.h"
#include "mainwindow/document_tabs.h"
#include "mainwindow/main_window.h"
#include "mainwindow/query_tab.h"
#include "mainwindow/table_tab.h"
#include "mainwindow/welcome_page.h"
#include "models/result_model.h"
#include "models/table_grid_model.h"
#include "results/grid_pane.h"
#include "widgets/message_bar.h"

using namespace drift;
using namespace drift::gui;
using namespace drift::gui::mainwindow;

namespace {

constexpr int kWaitMs = 30'000;

}  // namespace

/// Drives the real window over the real engine, on a file.
class TestRealDatabase final : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void cleanup();
  void makesWritesAndScrubs();
  void stopsACrossJoin();
  void keepsATransactionTogether();
  void saysWhyAFileCannotBeOpened();

 private:
  void openNew();
  QueryTab* run(const QString& sql);
  QString file() const { return m_folder->path() + QStringLiteral("/new.drift"); }

  std::unique_ptr<test::WarningWatch> m_warnings;
  std::unique_ptr<QTemporaryDir> m_folder;
  std::unique_ptr<Settings> m_settings;
  std::unique_ptr<widgets::ThemeSwitch> m_themes;
  std::unique_ptr<MainWindow> m_window;
};

void TestRealDatabase::init() {
  m_warnings = std::make_unique<test::WarningWatch>();
  m_folder = std::make_unique<QTemporaryDir>();
  QSettings::setDefaultFormat(QSettings::IniFormat);
  QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, m_folder->path());
  m_settings = std::make_unique<Settings>();
  m_themes = std::make_unique<widgets::ThemeSwitch>(*qApp);
  m_themes->apply(widgets::ThemeChoice::Light);
  WindowContext context;
  context.settings = m_settings.get();
  context.themes = m_themes.get();
  context.dataFolder = m_folder->path();
  m_window = std::make_unique<MainWindow>(context);
  m_window->show();
  QVERIFY(QTest::qWaitForWindowExposed(m_window.get()));
}

void TestRealDatabase::cleanup() {
  m_window.reset();
  m_themes.reset();
  m_settings.reset();
  m_warnings.reset();
  QCOMPARE(test::WarningWatch::take(), QStringList());
}

void TestRealDatabase::openNew() {
  QSignalSpy opened(m_window.get(), &MainWindow::databaseOpened);
  m_window->openFile({file(), false, true});
  QTRY_COMPARE_WITH_TIMEOUT(opened.size(), 1, kWaitMs);
  QTRY_COMPARE_WITH_TIMEOUT(m_window->tabs()->count(), 1, kWaitMs);  // an empty database begins with a query
}

QueryTab* TestRealDatabase::run(const QString& sql) {
  auto* query = m_window->tabs()->newQuery(sql);
  query->runAll();
  if (!QTest::qWaitFor([query] { return !query->running(); }, kWaitMs)) return nullptr;
  const QString problem = query->gridPane()->messages()->sentence();
  if (!problem.isEmpty()) qWarning("%s", qPrintable(problem));
  return query;
}

void TestRealDatabase::makesWritesAndScrubs() {
  openNew();
  QVERIFY(run(QStringLiteral("CREATE TABLE prices (id integer PRIMARY KEY, price numeric(8,2), note text);\n"
                             "INSERT INTO prices VALUES (1, 10.00, 'first'), (2, 20.50, NULL);\n"
                             "UPDATE prices SET price = 12.25 WHERE id = 1;\n"
                             "DELETE FROM prices WHERE id = 2;")));
  QTRY_COMPARE_WITH_TIMEOUT(m_window->client()->facts().extent.last, CommitNumber{4}, kWaitMs);
  QTRY_COMPARE_WITH_TIMEOUT(m_window->schema()->schema()->tables.size(), std::size_t{1}, kWaitMs);
  const auto& info = m_window->schema()->schema()->tables.front();
  auto* table = m_window->tabs()->openTable({info.id, info.name});
  const auto* model = table->model();
  QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 1, kWaitMs);
  QCOMPARE(model->index(0, 1).data().toString(), QStringLiteral("12.25"));

  m_window->playhead()->goTo(2);
  QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 2, kWaitMs);
  QCOMPARE(model->index(0, 1).data().toString(), QStringLiteral("10.00"));
  QVERIFY(model->index(1, 2).data(models::IsNullRole).toBool());
  QVERIFY(table->showsPast());

  auto* past = run(QStringLiteral("SELECT sum(price) AS total FROM prices"));
  QVERIFY(past);
  QCOMPARE(past->results()->index(0, 0).data().toString(), QStringLiteral("30.50"));
  QVERIFY(past->showsPast());

  m_window->playhead()->goLive();
  QTRY_COMPARE_WITH_TIMEOUT(model->rowCount(), 1, kWaitMs);
  QVERIFY(!table->showsPast());
}

void TestRealDatabase::stopsACrossJoin() {
  openNew();
  QVERIFY(run(QStringLiteral("CREATE TABLE n (i integer PRIMARY KEY);\n"
                             "INSERT INTO n VALUES (0),(1),(2),(3),(4),(5),(6),(7),(8),(9);")));
  // 10^12 rows: days of work.
  QString sql = QStringLiteral("SELECT count(*) FROM n a");
  for (int at = 1; at < 12; ++at) sql += QStringLiteral(" JOIN n t%1 ON true").arg(at);
  auto* query = m_window->tabs()->newQuery(sql);
  query->run();
  QTest::qWait(200);
  QVERIFY(query->running());
  QElapsedTimer clock;
  clock.start();
  query->stop();
  QTRY_VERIFY_WITH_TIMEOUT(!query->running(), kWaitMs);
  QVERIFY2(clock.elapsed() < 5000, qPrintable(QString::number(clock.elapsed())));
  QCOMPARE(query->gridPane()->messages()->sentence(), QStringLiteral("Stopped. Nothing was changed."));
  auto* after = run(QStringLiteral("SELECT count(*) FROM n"));
  QVERIFY(after);
  QCOMPARE(after->results()->index(0, 0).data().toString(), QStringLiteral("10"));
}

void TestRealDatabase::keepsATransactionTogether() {
  openNew();
  QVERIFY(run(QStringLiteral("CREATE TABLE t (i integer PRIMARY KEY)")));
  auto* query = run(QStringLiteral("BEGIN;\nINSERT INTO t VALUES (1);"));
  QVERIFY(query && query->inTransaction());
  query->editor()->setText(QStringLiteral("ROLLBACK"));
  query->runAll();
  QTRY_VERIFY_WITH_TIMEOUT(!query->running(), kWaitMs);
  QVERIFY(!query->inTransaction());
  auto* count = run(QStringLiteral("SELECT count(*) FROM t"));
  QVERIFY(count);
  QCOMPARE(count->results()->index(0, 0).data().toString(), QStringLiteral("0"));
}

void TestRealDatabase::saysWhyAFileCannotBeOpened() {
  QSignalSpy failed(m_window.get(), &MainWindow::openFailed);
  m_window->openFile({m_folder->path() + QStringLiteral("/missing.drift")});
  QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kWaitMs);
  QFile letter(m_folder->path() + QStringLiteral("/letter.drift"));
  QVERIFY(letter.open(QIODevice::WriteOnly));
  letter.write(QByteArray("Dear reader,\n").repeated(1000));
  letter.close();
  m_window->openFile({letter.fileName()});
  QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 2, kWaitMs);
  for (const auto& sentence : failed) {
    QVERIFY(sentence.front().toString().contains(QLatin1String("cannot be opened: ")));
    QVERIFY(sentence.front().toString().endsWith(QLatin1Char('.')));
  }
  QVERIFY(m_window->welcome()->isVisible());
  openNew();  // and the window still works
}

QTEST_MAIN(TestRealDatabase)
#include "tst_real_database.moc"
