#include "bridge/query_session.h"

#include <atomic>
#include <functional>
#include <mutex>

#include <QElapsedTimer>

namespace drift::gui::bridge {

namespace {

// A cancel that comes between two statements, or before the engine has begun one, finds nothing to stop;
// it is repeated until the run is over.
constexpr int kCancelRepeatMs = 30;

constexpr int kBatchesAhead = 2;

}  // namespace

/// The half of a QuerySession that lives on the worker's thread.
class QuerySession::Runner final {
 public:
  Runner(std::shared_ptr<api::Database> database, std::string author)
      : m_database(std::move(database)), m_author(std::move(author)) {}

  // Any thread.

  void supersede(quint64 generation) { m_wanted = generation; }
  void requestStop(quint64 generation) {
    m_stopped = generation;
    const std::lock_guard lock(m_mutex);
    if (m_session) m_session->cancel();
  }

  // Worker thread only.

  void run(quint64 generation, std::vector<ScriptStatement> statements, std::optional<CommitNumber> moment,
           const Replies& reply) {
    m_result.reset();
    if (stale(generation)) return;
    const int count = static_cast<int>(statements.size());
    for (int index = 0; index < count; ++index) {
      if (stale(generation)) return;
      reply([index, count](QuerySession& self) { emit self.statementStarted(index, count); });
      auto outcome = runOne(generation, statements[static_cast<std::size_t>(index)], index, index + 1 == count,
                            moment, reply);
      if (!outcome.ok()) {
        m_result.reset();
        const bool inTransaction = m_session && m_session->inTransaction();
        reply([index, inTransaction, error = std::make_shared<Error>(std::move(outcome).error())](QuerySession& self) {
          self.m_inTransaction = inTransaction;
          emit self.failed(index, *error);
        });
        break;
      }
    }
    reply([](QuerySession& self) { self.handleFinished(); });
  }

  void fetch(quint64 generation, const Replies& reply) {
    if (stale(generation) || !m_result) return;
    if (const Status pulled = pull(false, reply); !pulled.ok()) {
      m_result.reset();
      reply([error = std::make_shared<Error>(pulled.error())](QuerySession& self) {
        self.m_fetching = false;
        self.m_open = false;
        emit self.failed(0, *error);
      });
    }
  }

  void closeResult() { m_result.reset(); }

  void end() {
    m_result.reset();
    const std::lock_guard lock(m_mutex);
    m_session.reset();
    m_database.reset();
  }

 private:
  bool stale(quint64 generation) const { return generation != m_wanted; }

  Status runOne(quint64 generation, const ScriptStatement& statement, int index, bool last,
                std::optional<CommitNumber> moment, const Replies& reply) {
    if (m_stopped == generation) return Error(ErrorKind::QueryCanceled, "the statement was stopped");
    QElapsedTimer clock;
    clock.start();
    if (!m_session) {
      const std::lock_guard lock(m_mutex);
      m_session = m_database->newSession(m_author);
    }
    // Within a transaction the moment was fixed by its BEGIN.
    if (!m_session->inTransaction() && m_session->moment() != moment) DRIFT_TRY(m_session->setMoment(moment));
    api::ExecuteOptions options;
    options.origin = statement.origin;
    DRIFT_ASSIGN(m_result, m_session->execute(
                               std::string_view(statement.sql.constData(), static_cast<std::size_t>(statement.sql.size())),
                               options));
    StatementOutcome outcome;
    outcome.index = index;
    if (!m_result->columns().empty()) {
      reply([columns = m_result->columns()](QuerySession& self) {
        self.m_open = true;
        emit self.resultStarted(columns);
      });
      DRIFT_TRY(pull(!last, reply));
      outcome.elapsedMicros = clock.nsecsElapsed() / 1000;
      if (!last) DRIFT_TRY(drain(generation));
      for (int batch = 1; last && m_result && batch < kBatchesAhead; ++batch) DRIFT_TRY(pull(false, reply));
    } else {
      DRIFT_TRY(drain(generation));
      outcome.elapsedMicros = clock.nsecsElapsed() / 1000;
    }
    if (m_result) {
      outcome.tag = QString::fromStdString(m_result->commandTag());
      outcome.affectedRows = m_result->affectedRows();
      outcome.committed = m_result->committed();
      if (m_result->columns().empty() || !last) m_result.reset();
    } else {
      outcome.tag = m_lastTag;
      outcome.affectedRows = m_lastRows;
    }
    outcome.inTransaction = m_session->inTransaction();
    reply([outcome](QuerySession& self) {
      self.m_inTransaction = outcome.inTransaction;
      emit self.statementFinished(outcome);
    });
    return {};
  }

  /// Hands one batch out; ends the result after its last one. `cut`: the rest will not be shown.
  Status pull(bool cut, const Replies& reply) {
    auto rows = std::make_shared<api::Chunk>();
    DRIFT_ASSIGN(const bool more, m_result->next(*rows));
    if (!more) {
      m_lastTag = QString::fromStdString(m_result->commandTag());
      m_lastRows = m_result->affectedRows();
      if (!cut) m_result.reset();
    }
    reply([rows, more, cut](QuerySession& self) { self.handleRows(rows, !more, cut && more); });
    return {};
  }

  /// Reads to the end without keeping rows: a later row may still be an error.
  Status drain(quint64 generation) {
    api::Chunk rows;
    for (bool more = true; more;) {
      if (m_stopped == generation) return Error(ErrorKind::QueryCanceled, "the statement was stopped");
      DRIFT_ASSIGN(more, m_result->next(rows));
    }
    return {};
  }

  std::shared_ptr<api::Database> m_database;
  const std::string m_author;
  std::mutex m_mutex;                       // guards the life of m_session against requestStop()
  std::unique_ptr<api::Session> m_session;
  std::unique_ptr<api::ResultSet> m_result;
  QString m_lastTag;
  quint64 m_lastRows = 0;
  std::atomic<quint64> m_wanted{0};
  std::atomic<quint64> m_stopped{0};
};

QuerySession::QuerySession(std::shared_ptr<api::Database> database, std::string author)
    : m_runner(std::make_shared<Runner>(std::move(database), std::move(author))),
      m_worker(QStringLiteral("drift session")) {
  m_cancelTimer.setInterval(kCancelRepeatMs);
  connect(&m_cancelTimer, &QTimer::timeout, this, [this] { m_runner->requestStop(m_generation); });
}

QuerySession::~QuerySession() {
  m_runner->requestStop(m_generation);
  m_runner->supersede(++m_generation);
  m_worker.post([runner = m_runner] { runner->end(); });
}

void QuerySession::run(std::vector<ScriptStatement> statements, std::optional<CommitNumber> moment) {
  if (m_running) m_runner->requestStop(m_generation);
  m_runner->supersede(++m_generation);
  m_cancelTimer.stop();
  m_running = true;
  m_open = false;
  m_fetching = false;
  m_worker.post([runner = m_runner, generation = m_generation, statements = std::move(statements), moment,
                 reply = replies()] {
    runner->run(generation, statements, moment, reply);
  });
}

QuerySession::Replies QuerySession::replies() {
  return [port = m_worker.port(), self = QPointer<QuerySession>(this),
                               generation = m_generation](std::function<void(QuerySession&)> action) {
    Worker::deliver(port, [self, generation, action = std::move(action)] {
      if (self && self->m_generation == generation) action(*self);
    });
  };
}

void QuerySession::cancel() {
  if (!m_running && !m_fetching) return;
  m_runner->requestStop(m_generation);
  m_cancelTimer.start();
}

void QuerySession::fetchMore() {
  if (!m_open || m_fetching || m_running) return;
  m_fetching = true;
  m_worker.post([runner = m_runner, generation = m_generation, reply = replies()] { runner->fetch(generation, reply); });
}

void QuerySession::closeResult() {
  if (!m_open) return;
  m_open = false;
  m_worker.post([runner = m_runner] { runner->closeResult(); });
}

void QuerySession::handleRows(std::shared_ptr<const api::Chunk> rows, bool atEnd, bool cut) {
  m_fetching = false;
  if (atEnd || cut) m_open = false;
  if (!m_running) m_cancelTimer.stop();
  emit rowsArrived(std::move(rows), atEnd, cut);
}

void QuerySession::handleFinished() {
  m_running = false;
  m_cancelTimer.stop();
  emit finished();
}

}  // namespace drift::gui::bridge
