// WorkerPool: threads that help a statement with work that can be cut into pieces.
//
// The thread that asks does its own share, so that it never waits for a thread that is busy with somebody else's work:
// what no thread has begun when the caller's share is through is not begun any more. That is safe where the pieces are
// taken from a common place, as morsels are (V. Leis et al., "Morsel-Driven Parallelism", SIGMOD 2014).
//
// Thread rule: thread-safe. Threads are made when they are first needed, and end with the pool; nobody may be in run()
// then.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

namespace drift::runtime {

class WorkerPool final {
 public:
  /// Does one share of the work. Must not throw.
  using Task = std::function<void(std::size_t share)>;

  /// A pool of at most `threadsMax` threads beside those that call.
  explicit WorkerPool(std::size_t threadsMax) : m_threadsMax(threadsMax) {}
  ~WorkerPool();
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  /// Runs task(0) on the calling thread, and task(1) … task(shares - 1) on threads that are free meanwhile, each at
  /// most once. Comes back when all of them that were begun are through.
  void run(std::size_t shares, const Task& task);

  std::size_t threadsMax() const { return m_threadsMax; }
  /// Threads that a machine's pool has: one less than it has cores, as the caller works, too.
  static std::size_t threadsOfMachine();

 private:
  /// One call of run(), on its caller's stack.
  struct Job {
    const Task& task;
    std::size_t next = 1;  ///< first share that was not begun
    std::size_t shares = 0;
    std::size_t running = 0;
  };

  void work();
  void addThreads(std::size_t wanted);

  const std::size_t m_threadsMax;
  std::mutex m_mutex;  // guards all that follows, and the jobs
  std::condition_variable m_work;
  std::condition_variable m_done;
  std::deque<Job*> m_jobs;  ///< those with shares that were not begun; as many as there are callers at most
  std::vector<std::thread> m_threads;
  std::size_t m_idle = 0;
  bool m_ends = false;
};

}  // namespace drift::runtime
