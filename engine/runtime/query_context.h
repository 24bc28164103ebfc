// QueryContext: what every stage and operator of one statement needs from its surroundings: when to stop,
// how much memory it may take, what time it is. Passed by reference; no singletons.
//
// Thread rule: CancelToken and MemoryBudget may be used from any thread. The context itself is built once
// and read-only afterwards.
#pragma once

#include <atomic>
#include <memory>

#include "base/clock.h"
#include "base/result.h"

namespace drift::runtime {

/// A flag that asks a statement to stop. Copies share the flag. Set from any thread, directly: a queued
/// cancel would arrive after the statement ended.
class CancelToken final {
 public:
  CancelToken() : m_flag(std::make_shared<std::atomic<bool>>(false)) {}
  /// Shares a flag of the caller's.
  explicit CancelToken(std::shared_ptr<std::atomic<bool>> flag) : m_flag(std::move(flag)) {}
  void cancel() const { m_flag->store(true, std::memory_order_relaxed); }
  void reset() const { m_flag->store(false, std::memory_order_relaxed); }
  bool isCanceled() const { return m_flag->load(std::memory_order_relaxed); }
  /// QueryCanceled once cancel() was called. Operators call it at least once a chunk.
  Status check() const {
    if (isCanceled()) return Error(ErrorKind::QueryCanceled, "the statement was stopped on request");
    return {};
  }

 private:
  std::shared_ptr<std::atomic<bool>> m_flag;
};

/// Counts the bytes that a statement's blocking operators hold, against a bound.
class MemoryBudget final {
 public:
  explicit MemoryBudget(std::size_t bytesMax) : m_bytesMax(bytesMax) {}
  /// Takes `bytes`; OutOfMemory, with nothing taken, if the bound would be passed.
  Status reserve(std::size_t bytes) {
    const auto before = m_used.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes <= m_bytesMax) return {};
    m_used.fetch_sub(bytes, std::memory_order_relaxed);
    return makeError(ErrorKind::OutOfMemory,
                     "the statement needs more than its memory limit of {} MB; setting: query_memory",
                     m_bytesMax / (1024 * 1024));
  }
  void release(std::size_t bytes) { m_used.fetch_sub(bytes, std::memory_order_relaxed); }
  std::size_t usedBytes() const { return m_used.load(std::memory_order_relaxed); }

 private:
  const std::size_t m_bytesMax;
  std::atomic<std::size_t> m_used{0};
};

/// The surroundings of one statement. References outlive the statement.
struct QueryContext {
  const Clock& clock;
  CancelToken cancel;
  MemoryBudget& memory;
  TimeMicros transactionTime;  ///< now(), CURRENT_TIMESTAMP: the same within a transaction
  std::string timeZone = "UTC";
};

}  // namespace drift::runtime
