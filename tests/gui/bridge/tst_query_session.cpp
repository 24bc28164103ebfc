#include <QSignalSpy>
#include <QTest>

#include "bridge/engine_client.h"
#include "bridge/query_session.h"
#include "fake/fake_database.h"

using namespace drift;
using namespace drift::gui::bridge;

namespace {

constexpr int kWaitMs = 10'000;

ScriptStatement statement(const char* sql, std::uint32_t offset = 0) {
  SourceSpan origin;
  origin.offsetBytes = offset;
  return {QByteArray(sql), origin};
}

}  // namespace

class TestQuerySession final : public QObject {
  Q_OBJECT

 private slots:
  void init();
  void givesRowsInBatches();
  void runsStatementsInTurn();
  void stopsAtTheFirstError();
  void placesErrorsInTheWholeText();
  void cancelsWhileAStatementRuns();
  void dropsWhatASupersededRunSays();
  void seesTheMoment();
  void endsWhileAStatementRuns();

 private:
  std::unique_ptr<EngineClient> m_client;
};

void TestQuerySession::init() {
  m_client = std::make_unique<EngineClient>();
  m_client->adopt(test::FakeDatabase::shop());
}

void TestQuerySession::givesRowsInBatches() {
  const auto session = m_client->newSession();
  std::size_t rows = 0;
  int batches = 0;
  connect(session.get(), &QuerySession::rowsArrived, this,
          [&](const std::shared_ptr<const api::Chunk>& chunk, bool, bool) {
            rows += chunk->rowCount();
            ++batches;
          });
  QSignalSpy finished(session.get(), &QuerySession::finished);
  session->run({statement("ENDLESS")}, std::nullopt);
  QVERIFY(session->running());
  QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, kWaitMs);
  QCOMPARE(batches, 2);  // no further ahead than that
  session->fetchMore();
  session->fetchMore();  // one is on its way
  QTRY_COMPARE_WITH_TIMEOUT(batches, 3, kWaitMs);
  session->closeResult();
  session->fetchMore();
  session->run({statement("SELECT a FROM orders")}, std::nullopt);
  rows = 0;
  QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 2, kWaitMs);
  QCOMPARE(rows, std::size_t{500});
}

void TestQuerySession::runsStatementsInTurn() {
  const auto session = m_client->newSession();
  QStringList tags;
  connect(session.get(), &QuerySession::statementFinished, this,
          [&](const StatementOutcome& outcome) { tags << outcome.tag; });
  QSignalSpy finished(session.get(), &QuerySession::finished);
  session->run({statement("BEGIN"), statement("SELECT a FROM orders"), statement("COMMIT")}, std::nullopt);
  QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, kWaitMs);
  QCOMPARE(tags, (QStringList{"BEGIN", "SELECT 500", "COMMIT"}));
  QVERIFY(!session->inTransaction());
}

void TestQuerySession::stopsAtTheFirstError() {
  const auto session = m_client->newSession();
  QList<int> failed;
  connect(session.get(), &QuerySession::failed, this, [&](int index, const Error&) { failed << index; });
  QSignalSpy started(session.get(), &QuerySession::statementStarted);
  QSignalSpy finished(session.get(), &QuerySession::finished);
  session->run({statement("BEGIN"), statement("wrong"), statement("COMMIT")}, std::nullopt);
  QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, kWaitMs);
  QCOMPARE(failed, QList<int>{1});
  QCOMPARE(started.size(), 2);
  QVERIFY(session->inTransaction());
}

void TestQuerySession::placesErrorsInTheWholeText() {
  const auto session = m_client->newSession();
  std::optional<SourceSpan> span;
  connect(session.get(), &QuerySession::failed, this, [&](int, const Error& error) { span = error.span(); });
  session->run({statement("this is wrong", 100)}, std::nullopt);
  QTRY_VERIFY_WITH_TIMEOUT(span.has_value(), kWaitMs);
  QCOMPARE(span->offsetBytes, 108U);
}

void TestQuerySession::cancelsWhileAStatementRuns() {
  const auto session = m_client->newSession();
  ErrorKind kind = ErrorKind::InternalError;
  connect(session.get(), &QuerySession::failed, this, [&](int, const Error& error) { kind = error.kind(); });
  QSignalSpy finished(session.get(), &QuerySession::finished);
  session->run({statement("SLOW"), statement("BEGIN")}, std::nullopt);
  session->cancel();  // most likely before the statement has begun: it must work then too
  QTRY_COMPARE_WITH_TIMEOUT(finished.size(), 1, kWaitMs);
  QCOMPARE(kind, ErrorKind::QueryCanceled);
  QVERIFY(!session->inTransaction());
}

void TestQuerySession::dropsWhatASupersededRunSays() {
  const auto session = m_client->newSession();
  QStringList tags;
  int failures = 0;
  connect(session.get(), &QuerySession::statementFinished, this,
          [&](const StatementOutcome& outcome) { tags << outcome.tag; });
  connect(session.get(), &QuerySession::failed, this, [&] { ++failures; });
  QSignalSpy started(session.get(), &QuerySession::statementStarted);
  session->run({statement("SLOW")}, std::nullopt);
  QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, kWaitMs);
  // The fake statement notices its cancel only once it waits for it.
  QTest::qWait(50);
  session->run({statement("BEGIN")}, std::nullopt);
  QTRY_COMPARE_WITH_TIMEOUT(tags, QStringList{"BEGIN"}, kWaitMs);
  QCOMPARE(failures, 0);
}

void TestQuerySession::seesTheMoment() {
  const auto session = m_client->newSession();
  QString status;
  connect(session.get(), &QuerySession::rowsArrived, this,
          [&](const std::shared_ptr<const api::Chunk>& rows, bool, bool) {
            if (rows->rowCount() > 29) status = QString::fromStdString(rows->column(1).get(29).asString());
          });
  session->run({statement("SELECT a FROM orders")}, 29);
  QTRY_COMPARE_WITH_TIMEOUT(status, QStringLiteral("open"), kWaitMs);
  session->run({statement("SELECT a FROM orders")}, std::nullopt);
  QTRY_COMPARE_WITH_TIMEOUT(status, QStringLiteral("paid"), kWaitMs);
}

void TestQuerySession::endsWhileAStatementRuns() {
  auto session = m_client->newSession();
  QSignalSpy started(session.get(), &QuerySession::statementStarted);
  session->run({statement("SLOW")}, std::nullopt);
  QTRY_COMPARE_WITH_TIMEOUT(started.size(), 1, kWaitMs);
  QElapsedTimer clock;
  clock.start();
  session.reset();
  QVERIFY(clock.elapsed() < 4000);
}

QTEST_GUILESS_MAIN(TestQuerySession)
#include "tst_query_session.moc"
