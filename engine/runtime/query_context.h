// QueryContext: what every stage and operator of one statement needs from its surroundings: when to stop,
// how much memory it may take, what time it is. Passed by reference; no singletons.
//
// Thread rule: CancelToken and MemoryBudget may be used from any thread. The context itself is built once
// and read-only afterwards.
#pragma once

#include <algorithm>
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

/// Counts the bytes that a statement's blocking operators hold, against a bound. Copies share the count, so that rows
/// which outlive their statement still give back what they took.
class MemoryBudget final {
 public:
  explicit MemoryBudget(std::size_t bytesMax) : m_count(std::make_shared<Count>(bytesMax, nullptr)) {}
  /// The share of one operator in a statement's budget. Only the whole's bound refuses memory; the share's own bound
  /// says when the operator should make do with less.
  MemoryBudget(const MemoryBudget& whole, std::size_t bytesMax)
      : m_count(std::make_shared<Count>(bytesMax, whole.m_count)) {}

  /// Takes `bytes`; OutOfMemory, with nothing taken, if the bound would be passed.
  Status reserve(std::size_t bytes) const {
    auto& whole = m_count->whole ? *m_count->whole : *m_count;
    const auto before = whole.used.fetch_add(bytes, std::memory_order_relaxed);
    if (before + bytes > whole.bytesMax) {
      whole.used.fetch_sub(bytes, std::memory_order_relaxed);
      return refused(whole.bytesMax);
    }
    if (m_count->whole) m_count->used.fetch_add(bytes, std::memory_order_relaxed);
    return {};
  }
  void release(std::size_t bytes) const {
    m_count->used.fetch_sub(bytes, std::memory_order_relaxed);
    if (m_count->whole) m_count->whole->used.fetch_sub(bytes, std::memory_order_relaxed);
  }
  std::size_t usedBytes() const { return m_count->used.load(std::memory_order_relaxed); }
  /// True if a share holds more than its bound, or more than is left for the others: an operator that then writes its
  /// rows to a file leaves memory for those above it.
  bool isFull() const {
    const auto used = usedBytes();
    if (used > m_count->bytesMax) return true;
    const auto& whole = m_count->whole ? *m_count->whole : *m_count;
    return used > whole.bytesMax - std::min(whole.used.load(std::memory_order_relaxed), whole.bytesMax);
  }

 private:
  struct Count {
    Count(std::size_t most, std::shared_ptr<Count> all) : bytesMax(most), whole(std::move(all)) {}
    const std::size_t bytesMax;
    const std::shared_ptr<Count> whole;
    std::atomic<std::size_t> used{0};
  };

  static Error refused(std::size_t bytesMax) {
    constexpr std::size_t kMegabyte = 1024 * 1024;
    const bool isLarge = bytesMax >= kMegabyte;
    return makeError(ErrorKind::OutOfMemory,
                     "the statement needs more than its memory limit of {} {}; setting: query_memory",
                     bytesMax / (isLarge ? kMegabyte : 1024), isLarge ? "MB" : "kB");
  }

  std::shared_ptr<Count> m_count;
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
