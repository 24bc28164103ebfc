// QuerySession: one SQL session with a thread of its own. Runs a list of statements, hands out rows in
// batches when asked, and can be stopped at any time.
//
//   idle --run()--> running --last statement has rows--> open --all rows read / run() / closeResult()--> idle
//                      \------ error, cancel, or no rows left --------------------------------^
//
// Thread rule: GUI thread only. Signals come on the GUI thread; those of a superseded run never come.
// cancel() reaches the engine directly, not through the queue, so that it works while a statement runs.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include <QByteArray>
#include <QObject>
#include <QTimer>

#include "api/database.h"
#include "bridge/worker.h"

namespace drift::gui::bridge {

/// One statement of a script, with its place in the editor's text.
struct ScriptStatement {
  QByteArray sql;
  SourceSpan origin;
};

/// How one statement ended.
struct StatementOutcome {
  int index = 0;
  QString tag;               ///< "INSERT 0 2"
  quint64 affectedRows = 0;
  std::optional<CommitNumber> committed;
  qint64 elapsedMicros = 0;  ///< to the first rows, or to the end where there are none
  bool inTransaction = false;
};

class QuerySession final : public QObject {
  Q_OBJECT

 public:
  /// Most rows that one batch carries.
  static constexpr std::size_t kBatchRowsMax = 2048;

  QuerySession(std::shared_ptr<api::Database> database, std::string author);
  /// Cancels and waits at most Worker::kShutdownMax.
  ~QuerySession() override;

  /// Runs the statements in turn and stops at the first error. Each sees `moment` unless it names a time
  /// of its own; nothing = live. Ends what ran before.
  void run(std::vector<ScriptStatement> statements, std::optional<CommitNumber> moment);
  /// Asks the running statement to stop; finished() still comes.
  void cancel();
  /// Pulls the next batch of the open result. Does nothing while one is on its way.
  void fetchMore();
  /// Gives up the open result and what it pins in the engine.
  void closeResult();

  bool running() const { return m_running; }
  bool inTransaction() const { return m_inTransaction; }

 signals:
  void statementStarted(int index, int count);
  /// A statement gives rows; those of an earlier statement of the script are superseded.
  void resultStarted(const std::vector<drift::api::ResultColumn>& columns);
  /// `atEnd`: no more will come. `cut`: more rows exist, but a later statement of the script closed them.
  void rowsArrived(std::shared_ptr<const drift::api::Chunk> rows, bool atEnd, bool cut);
  void statementFinished(const drift::gui::bridge::StatementOutcome& outcome);
  void failed(int index, const drift::Error& error);
  /// The run is over; rows of the last result may still be open.
  void finished();

 private:
  class Runner;
  /// Runs an action on the GUI thread, if this session and its current run are still there.
  using Replies = std::function<void(std::function<void(QuerySession&)>)>;

  Replies replies();

  void handleRows(std::shared_ptr<const api::Chunk> rows, bool atEnd, bool cut);
  void handleFinished();

  std::shared_ptr<Runner> m_runner;  // all but its stop flags belongs to the worker's thread
  quint64 m_generation = 0;
  bool m_running = false;
  bool m_fetching = false;
  bool m_open = false;  // the engine holds a result with rows left
  bool m_inTransaction = false;
  QTimer m_cancelTimer;
  Worker m_worker;
};

}  // namespace drift::gui::bridge
