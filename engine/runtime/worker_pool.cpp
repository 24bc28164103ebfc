#include "runtime/worker_pool.h"

#include <algorithm>
#include <new>
#include <system_error>

namespace drift::runtime {

WorkerPool::~WorkerPool() {
  {
    const std::scoped_lock lock(m_mutex);
    m_ends = true;
  }
  m_work.notify_all();
  for (auto& thread : m_threads) thread.join();
}

std::size_t WorkerPool::threadsOfMachine() { return std::max(std::thread::hardware_concurrency(), 1u) - 1; }

void WorkerPool::addThreads(std::size_t wanted) {
  while (m_idle < wanted && m_threads.size() < m_threadsMax) {
    // Fewer threads, or none, only make the work slower.
    try {
      m_threads.emplace_back([this] { work(); });
    } catch (const std::system_error&) {
      return;
    } catch (const std::bad_alloc&) {
      return;
    }
    ++m_idle;
  }
}

void WorkerPool::run(std::size_t shares, const Task& task) {
  Job job{task, 1, shares};
  bool known = false;
  if (shares > 1 && m_threadsMax > 0) {
    const std::scoped_lock lock(m_mutex);
    addThreads(shares - 1);
    try {
      m_jobs.push_back(&job);
      known = true;
    } catch (const std::bad_alloc&) {  // then the caller does all of it
    }
  }
  if (known) m_work.notify_all();
  task(0);
  if (!known) return;
  std::unique_lock lock(m_mutex);
  std::erase(m_jobs, &job);
  m_done.wait(lock, [&] { return job.running == 0; });
}

void WorkerPool::work() {
  std::unique_lock lock(m_mutex);
  while (true) {
    m_work.wait(lock, [this] { return m_ends || !m_jobs.empty(); });
    if (m_jobs.empty()) return;
    auto& job = *m_jobs.front();
    const auto share = job.next++;
    if (job.next == job.shares) m_jobs.pop_front();
    ++job.running;
    --m_idle;
    lock.unlock();
    job.task(share);
    lock.lock();
    ++m_idle;
    if (--job.running == 0) m_done.notify_all();
  }
}

}  // namespace drift::runtime
