// EngineClient: one open database, for the GUI. Every call returns at once; the engine runs on a reader
// thread of its own, and each QuerySession has a thread besides.
//
// Thread rule: GUI thread only; callbacks come on the GUI thread, and only while their context lives.
// Ownership: owns the database. Sessions made here must be destroyed before it.
#pragma once

#include <atomic>
#include <functional>
#include <memory>
#include <optional>

#include <QObject>
#include <QString>
#include <QTimer>

#include "api/database.h"
#include "bridge/worker.h"

namespace drift::gui::bridge {

class QuerySession;

/// What is known of an open file without asking the engine again.
struct FileFacts {
  QString path;
  bool readOnly = false;
  QString openNotice;
  quint64 bytes = 0;
  api::HistoryExtent extent;
};

class EngineClient final : public QObject {
  Q_OBJECT

 public:
  explicit EngineClient(QObject* parent = nullptr);
  /// Closes the file. Waits for it at most Worker::kShutdownMax.
  ~EngineClient() override;

  /// Opens or creates a file and gives how it went to `done`. Once per client.
  void open(const QString& path, const api::OpenOptions& options, QObject* context,
            std::function<void(Status)> done);
  /// Takes a database that is open already. For tests with a database of their own.
  void adopt(std::shared_ptr<api::Database> database);

  bool isOpen() const { return m_database != nullptr; }
  const FileFacts& facts() const { return m_facts; }

  /// Runs `work(const api::Database&)` on the reader thread; its result goes to `done` on the GUI thread.
  template <class Work, class Done>
  void read(QObject* context, Work work, Done done) {
    m_reader.ask(
        context, [database = m_database, work = std::move(work)]() mutable { return work(*database); },
        std::move(done));
  }

  /// Makes a session with a thread of its own.
  std::unique_ptr<QuerySession> newSession() const;

 signals:
  /// The newest commit moved on, or the file grew. Notices that come in a burst arrive as one.
  void headMoved();

 private:
  struct Watch;

  void watchCommits();
  void askExtent();
  void refreshReadOnly();

  std::shared_ptr<api::Database> m_database;
  FileFacts m_facts;
  std::shared_ptr<Watch> m_watch;
  std::shared_ptr<void> m_commitNotice;
  QTimer m_refreshTimer;  // read-only files only
  Worker m_reader;
};

/// Reads of which only the newest counts, as while scrubbing: one runs, one waits, a newer one takes the
/// waiting one's place. Answers in flight are still given, so that a long drag shows what it passes;
/// forget() drops them.
template <class Answer>
class LatestRead final {
 public:
  using Work = std::function<Answer(const api::Database&)>;
  using Done = std::function<void(Answer)>;

  LatestRead(EngineClient* client, QObject* context) : m_client(client), m_context(context) {}

  void submit(Work work, Done done) {
    if (m_running) {
      m_waiting = Request{std::move(work), std::move(done)};
      return;
    }
    start(Request{std::move(work), std::move(done)});
  }
  /// Drops the waiting read and the answer of the running one.
  void forget() {
    m_waiting.reset();
    ++m_generation;
  }
  bool busy() const { return m_running; }

 private:
  struct Request {
    Work work;
    Done done;
  };

  void start(Request request) {
    m_running = true;
    m_client->read(m_context, std::move(request.work),
                   [this, generation = m_generation, done = std::move(request.done)](Answer answer) {
                     m_running = false;
                     // The next one starts first, so that the engine works while the answer is shown.
                     if (m_waiting) {
                       Request next = std::move(*m_waiting);
                       m_waiting.reset();
                       start(std::move(next));
                     }
                     if (generation == m_generation) done(std::move(answer));
                   });
  }

  EngineClient* m_client;
  QObject* m_context;  // owns this object, so that a reply never finds it gone
  std::optional<Request> m_waiting;
  std::uint64_t m_generation = 0;
  bool m_running = false;
};

}  // namespace drift::gui::bridge
