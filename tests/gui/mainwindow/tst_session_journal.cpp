#include <QDir>
#include <QFile>
#include <QSignalSpy>
#include <QTemporaryDir>
#include <QTest>

#include "mainwindow/session_journal.h"

using namespace drift::gui::mainwindow;

namespace {

constexpr int kWaitMs = 10'000;

JournalState sample() {
  JournalTab query;
  query.title = QStringLiteral("Query 1");
  query.text = QString::fromUtf8("SELECT '\u00fc \u20ac';\n-- \"quoted\"\n");
  query.line = 1;
  query.column = 3;
  JournalTab table;
  table.kind = JournalTab::Kind::Table;
  table.text = QStringLiteral("orders");
  table.tableId = 64;
  return {{query, table}, 1};
}

}  // namespace

class TestSessionJournal final : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void bringsBackWhatWasThere();
  void keepsDatabasesApart();
  void savesByItself();
  void survivesADamagedFile();
  void saysWhenItCannotWrite();

 private:
  std::optional<JournalState> load(SessionJournal& journal, const QString& path);
  QString folder() const { return m_folder->path() + QStringLiteral("/unsaved"); }

  std::unique_ptr<QTemporaryDir> m_folder;
};

void TestSessionJournal::init() { m_folder = std::make_unique<QTemporaryDir>(); }

std::optional<JournalState> TestSessionJournal::load(SessionJournal& journal, const QString& path) {
  std::optional<JournalState> state;
  journal.load(path, this, [&state](JournalState loaded) { state = std::move(loaded); });
  return QTest::qWaitFor([&state] { return state.has_value(); }, kWaitMs) ? state : std::nullopt;
}

void TestSessionJournal::bringsBackWhatWasThere() {
  {
    SessionJournal journal(folder());
    journal.scheduleSave(QStringLiteral("/data/a.drift"), sample);
  }  // the end writes what is due
  SessionJournal journal(folder());
  const auto state = load(journal, QStringLiteral("/data/../data/a.drift"));
  QVERIFY(state);
  QCOMPARE(state->tabs.size(), std::size_t{2});
  QCOMPARE(state->current, 1);
  QCOMPARE(state->tabs[0].text, sample().tabs[0].text);
  QCOMPARE(state->tabs[0].title, QStringLiteral("Query 1"));
  QCOMPARE(state->tabs[0].line, 1);
  QCOMPARE(state->tabs[0].column, 3);
  QCOMPARE(state->tabs[1].kind, JournalTab::Kind::Table);
  QCOMPARE(state->tabs[1].tableId, 64U);
}

void TestSessionJournal::keepsDatabasesApart() {
  SessionJournal journal(folder());
  journal.scheduleSave(QStringLiteral("/data/a.drift"), sample);
  journal.flush();
  const auto state = load(journal, QStringLiteral("/data/b.drift"));
  QVERIFY(state && state->tabs.empty());
}

void TestSessionJournal::savesByItself() {
  SessionJournal journal(folder());
  journal.scheduleSave(QStringLiteral("/data/a.drift"), sample);
  QTRY_VERIFY_WITH_TIMEOUT(!QDir(folder()).entryList(QDir::Files).isEmpty(), kWaitMs);
}

void TestSessionJournal::survivesADamagedFile() {
  SessionJournal journal(folder());
  journal.scheduleSave(QStringLiteral("/data/a.drift"), sample);
  journal.flush();
  QVERIFY(load(journal, QStringLiteral("/data/a.drift")));  // written by now
  const QStringList files = QDir(folder()).entryList(QDir::Files);
  QCOMPARE(files.size(), 1);
  QFile file(folder() + QLatin1Char('/') + files.front());
  QVERIFY(file.resize(file.size() / 2));
  const auto state = load(journal, QStringLiteral("/data/a.drift"));
  QVERIFY(state && state->tabs.empty());
}

void TestSessionJournal::saysWhenItCannotWrite() {
  QFile blocker(folder());  // a file where the folder should be
  QVERIFY(blocker.open(QIODevice::WriteOnly));
  SessionJournal journal(folder());
  QSignalSpy failed(&journal, &SessionJournal::failed);
  journal.scheduleSave(QStringLiteral("/data/a.drift"), sample);
  journal.flush();
  QTRY_COMPARE_WITH_TIMEOUT(failed.size(), 1, kWaitMs);
}

QTEST_GUILESS_MAIN(TestSessionJournal)
#include "tst_session_journal.moc"
