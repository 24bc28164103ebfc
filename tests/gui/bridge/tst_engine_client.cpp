#include <QSignalSpy>
#include <QTest>

#include "bridge/engine_client.h"
#include "bridge/text.h"
#include "fake/fake_database.h"

using namespace drift;
using namespace drift::gui::bridge;

namespace {

constexpr int kWaitMs = 10'000;

}  // namespace

class TestEngineClient final : public QObject {
  Q_OBJECT

 private slots:
  void opensOrSaysWhyNot();
  void readsOnItsOwnThread();
  void forgetsContextsThatAreGone();
  void tellsOfCommits();
  void answersTheNewestOfManyReads();
  void forgetsReads();
  void writesErrorsAsSentences();
};

void TestEngineClient::opensOrSaysWhyNot() {
  EngineClient client;
  std::optional<ErrorKind> kind;
  client.open(QStringLiteral("/nowhere/letter.txt"), {}, this, [&](Status status) { kind = status.error().kind(); });
  QVERIFY(!client.isOpen());
  QTRY_VERIFY_WITH_TIMEOUT(kind.has_value(), kWaitMs);
  QCOMPARE(*kind, ErrorKind::NotADatabase);
  QVERIFY(!client.isOpen());

  EngineClient good;
  bool opened = false;
  good.open(QStringLiteral("/nowhere/shop.drift"), {}, this, [&](Status status) { opened = status.ok(); });
  QTRY_VERIFY_WITH_TIMEOUT(opened, kWaitMs);
  QCOMPARE(good.facts().extent.last, CommitNumber{60});
}

void TestEngineClient::readsOnItsOwnThread() {
  EngineClient client;
  client.adopt(test::FakeDatabase::shop());
  QThread* worker = nullptr;
  QThread* back = nullptr;
  client.read(
      this, [](const api::Database&) { return QThread::currentThread(); },
      [&](QThread* thread) {
        worker = thread;
        back = QThread::currentThread();
      });
  QVERIFY(!worker);  // nothing was waited for
  QTRY_VERIFY_WITH_TIMEOUT(worker, kWaitMs);
  QVERIFY(worker != QThread::currentThread());
  QCOMPARE(back, QThread::currentThread());
}

void TestEngineClient::forgetsContextsThatAreGone() {
  EngineClient client;
  client.adopt(test::FakeDatabase::shop());
  bool lost = false;
  bool later = false;
  auto context = std::make_unique<QObject>();
  client.read(context.get(), [](const api::Database&) { return 1; }, [&](int) { lost = true; });
  context.reset();
  client.read(this, [](const api::Database&) { return 2; }, [&](int) { later = true; });
  QTRY_VERIFY_WITH_TIMEOUT(later, kWaitMs);
  QVERIFY(!lost);
}

void TestEngineClient::tellsOfCommits() {
  EngineClient client;
  const auto database = test::FakeDatabase::shop();
  client.adopt(database);
  QSignalSpy moved(&client, &EngineClient::headMoved);
  for (int at = 0; at < 20; ++at) database->commitUpdate(at + 1);
  QTRY_COMPARE_WITH_TIMEOUT(client.facts().extent.last, CommitNumber{80}, kWaitMs);
  QVERIFY(moved.size() < 20);
}

void TestEngineClient::answersTheNewestOfManyReads() {
  EngineClient client;
  client.adopt(test::FakeDatabase::shop());
  LatestRead<int> read(&client, this);
  std::atomic<int> worked{0};
  QList<int> answers;
  for (int at = 1; at <= 100; ++at)
    read.submit([at, &worked](const api::Database&) { ++worked; return at; }, [&](int answer) { answers << answer; });
  QTRY_VERIFY_WITH_TIMEOUT(!answers.isEmpty() && answers.back() == 100, kWaitMs);
  QCOMPARE(answers, (QList<int>{1, 100}));
  QCOMPARE(worked.load(), 2);
}

void TestEngineClient::forgetsReads() {
  EngineClient client;
  client.adopt(test::FakeDatabase::shop());
  LatestRead<int> read(&client, this);
  QList<int> answers;
  const auto submit = [&](int at) {
    read.submit([at](const api::Database&) { return at; }, [&](int answer) { answers << answer; });
  };
  submit(1);
  submit(2);
  read.forget();
  submit(3);
  QTRY_COMPARE_WITH_TIMEOUT(answers, QList<int>{3}, kWaitMs);
}

void TestEngineClient::writesErrorsAsSentences() {
  SourceSpan span;
  span.line = 3;
  span.column = 7;
  const Error error = Error(ErrorKind::UndefinedColumn, "column \"totl\" does not exist").withHint("did you mean \"total\"?").at(span);
  QCOMPARE(sentenceOf(error), QStringLiteral("Column \"totl\" does not exist."));
  QCOMPARE(sentenceWithHint(error), QStringLiteral("Column \"totl\" does not exist. Did you mean \"total\"?"));
  QCOMPARE(detailsOf(error), QStringLiteral("Did you mean \"total\"?\nLine 3, column 7.\nSQLSTATE 42703"));
}

QTEST_GUILESS_MAIN(TestEngineClient)
#include "tst_engine_client.moc"
