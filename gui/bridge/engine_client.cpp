#include "bridge/engine_client.h"

#include <QLoggingCategory>

#include "bridge/query_session.h"
#include "bridge/text.h"

namespace drift::gui::bridge {

namespace {

Q_LOGGING_CATEGORY(lcBridge, "driftdb.bridge")

constexpr int kRefreshMs = 1000;

std::string authorName() {
  QString user = qEnvironmentVariable("USER");
  if (user.isEmpty()) user = qEnvironmentVariable("USERNAME");
  return toEngine(user.isEmpty() ? QStringLiteral("driftdb") : user);
}

struct OpenOutcome {
  std::shared_ptr<api::Database> database;
  FileFacts facts;
  std::optional<Error> error;
};

Result<FileFacts> factsOf(const api::Database& database) {
  FileFacts facts;
  facts.path = fromEngine(database.path());
  facts.readOnly = database.readOnly();
  facts.openNotice = fromEngine(database.openNotice());
  facts.bytes = database.fileBytes();
  DRIFT_ASSIGN(facts.extent, database.extent());
  return facts;
}

}  // namespace

/// What the commit notice, which comes on any thread, may touch.
struct EngineClient::Watch {
  std::atomic<bool> pending{false};
};

EngineClient::EngineClient(QObject* parent)
    : QObject(parent), m_watch(std::make_shared<Watch>()), m_reader(QStringLiteral("drift reader")) {
  m_refreshTimer.setInterval(kRefreshMs);
  connect(&m_refreshTimer, &QTimer::timeout, this, &EngineClient::refreshReadOnly);
}

EngineClient::~EngineClient() {
  m_commitNotice.reset();
  if (!m_database) return;
  m_reader.post([database = std::move(m_database)]() mutable {
    if (const Status closed = database->close(); !closed.ok())
      qCWarning(lcBridge, "closing the database: %s", closed.error().toString().c_str());
    database.reset();
  });
}

void EngineClient::open(const QString& path, const api::OpenOptions& options, QObject* context,
                        std::function<void(Status)> done) {
  m_reader.ask(
      this,
      [path = toEngine(path), options] {
        OpenOutcome outcome;
        auto opened = api::Database::open(path, options);
        if (!opened.ok()) {
          outcome.error = std::move(opened).error();
          return outcome;
        }
        auto facts = factsOf(**opened);
        if (!facts.ok()) {
          outcome.error = std::move(facts).error();
          return outcome;
        }
        outcome.database = std::move(opened).value();
        outcome.facts = std::move(facts).value();
        return outcome;
      },
      [this, guard = QPointer<QObject>(context), done = std::move(done)](OpenOutcome outcome) {
        if (outcome.database) {
          m_database = std::move(outcome.database);
          m_facts = std::move(outcome.facts);
          watchCommits();
        }
        if (!guard) return;
        done(outcome.error ? Status(std::move(*outcome.error)) : Status());
      });
}

void EngineClient::adopt(std::shared_ptr<api::Database> database) {
  m_database = std::move(database);
  if (auto facts = factsOf(*m_database); facts.ok()) m_facts = std::move(facts).value();
  else qCWarning(lcBridge, "reading the history: %s", facts.error().toString().c_str());
  watchCommits();
}

std::unique_ptr<QuerySession> EngineClient::newSession() const {
  return std::make_unique<QuerySession>(m_database, authorName());
}

void EngineClient::watchCommits() {
  // The notice holds no reference to this client: it may come while the client is being destroyed.
  const auto notify = [watch = std::weak_ptr(m_watch), port = m_reader.port(),
                       self = QPointer<EngineClient>(this)](CommitNumber) {
    const auto alive = watch.lock();
    if (!alive || alive->pending.exchange(true)) return;
    Worker::deliver(port, [self] {
      if (self) self->askExtent();
    });
  };
  m_commitNotice = m_database->onCommit(notify);
  if (m_facts.readOnly) m_refreshTimer.start();
}

void EngineClient::askExtent() {
  read(
      this,
      [watch = m_watch](const api::Database& database) {
        watch->pending = false;  // before the reading: a commit after it is a new notice
        return factsOf(database);
      },
      [this](Result<FileFacts> facts) {
        if (!facts.ok()) {
          // The next commit asks again; until then the last head that could be read is shown.
          qCWarning(lcBridge, "reading the history: %s", facts.error().toString().c_str());
          return;
        }
        m_facts = std::move(facts).value();
        emit headMoved();
      });
}

void EngineClient::refreshReadOnly() {
  m_refreshTimer.stop();
  m_reader.ask(
      this, [database = m_database] { return database->refresh(); },
      [this](Result<bool> grown) {
        if (!grown.ok()) {
          qCWarning(lcBridge, "following the file: %s", grown.error().toString().c_str());
          return;  // the timer stays off: a file that cannot be read would fail each second
        }
        if (grown.value()) askExtent();
        m_refreshTimer.start();
      });
}

}  // namespace drift::gui::bridge
