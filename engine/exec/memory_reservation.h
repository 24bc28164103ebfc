// MemoryReservation: bytes that one operator took from its statement's budget; given back on destruction.
// One thread at a time; shares the budget's count.
#pragma once

#include "runtime/query_context.h"

namespace drift::exec {

class MemoryReservation final {
 public:
  explicit MemoryReservation(const runtime::MemoryBudget& budget) : m_budget(budget) {}
  ~MemoryReservation() { m_budget.release(m_bytes); }
  MemoryReservation(const MemoryReservation&) = delete;
  MemoryReservation& operator=(const MemoryReservation&) = delete;

  /// Takes more bytes. OutOfMemory, with nothing taken.
  Status grow(std::size_t bytes) {
    DRIFT_TRY(m_budget.reserve(bytes));
    m_bytes += bytes;
    return {};
  }
  /// Gives everything back.
  void clear() {
    m_budget.release(m_bytes);
    m_bytes = 0;
  }

 private:
  const runtime::MemoryBudget m_budget;
  std::size_t m_bytes = 0;
};

}  // namespace drift::exec
