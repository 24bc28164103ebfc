// Worker: one thread with a queue of jobs, and a way back to the GUI thread.
//
// Thread rule: made, used and destroyed on the GUI thread; jobs run on the worker's own thread, one after
// another. Replies run on the GUI thread and only while their context object lives.
// Ownership: a job owns what it captures. The destructor lets the running job end for a bounded time.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <type_traits>
#include <utility>

#include <QObject>
#include <QPointer>
#include <QString>

class QThread;

namespace drift::gui::bridge {

class Worker final {
 public:
  /// Longest time that the destructor waits for queued jobs; after that the thread is left to end by itself.
  static constexpr std::chrono::milliseconds kShutdownMax{5000};

  /// Starts the thread. `name` shows in debuggers.
  explicit Worker(const QString& name);
  ~Worker();
  Worker(const Worker&) = delete;
  Worker& operator=(const Worker&) = delete;

  /// Queues a job.
  void post(std::function<void()> job);

  /// Queues `work` and gives what it returns to `done` on the GUI thread, unless `context` is gone by then.
  template <class Work, class Done>
  void ask(QObject* context, Work work, Done done) {
    post([port = m_port, guard = QPointer<QObject>(context), work = std::move(work),
          done = std::move(done)]() mutable {
      auto result = std::make_shared<std::invoke_result_t<Work&>>(work());
      deliver(port, [guard, result, done = std::move(done)]() mutable {
        if (guard) done(std::move(*result));
      });
    });
  }

  /// The object that replies go through; it lives on the GUI thread.
  using Port = std::shared_ptr<QObject>;
  const Port& port() const { return m_port; }
  /// Runs `reply` on the port's thread. May be called from any thread.
  static void deliver(const Port& port, std::function<void()> reply);

 private:
  Port m_port;
  QThread* m_thread;     // ended and deleted by the destructor
  QObject* m_receiver;   // lives on m_thread, deleted when it finishes
};

}  // namespace drift::gui::bridge
