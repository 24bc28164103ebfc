// FailingMemory: lets the n-th allocation of the program fail, once or for good. Replaces operator new and delete of
// the program whose one source includes this.
//
// Thread rule: allocations of every thread count; one thread begins and ends a failure. While one is under way, a
// CalmMemory keeps it from the calls of one thread: what belongs to the disk or to the test.
#pragma once

#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <new>
#include <thread>

namespace drift::faults {

class FailingMemory final {
 public:
  /// Lets allocation `number` fail, counted from 0, and all later ones where it is `forGood`.
  static void begin(std::int64_t number, bool forGood) {
    s_left = number;
    s_forGood = forGood;
    s_active = true;
  }
  /// Ends it; gives whether any allocation failed.
  static bool end() {
    s_active = false;
    return s_left.load() < 0;
  }

  static bool fails() {
    if (!s_active.load(std::memory_order_relaxed) || t_calm) return false;
    const auto left = s_left.fetch_sub(1);
    return left == 0 || (left < 0 && s_forGood);
  }
  static void* allocate(std::size_t bytes, std::size_t alignment) {
    if (fails()) return nullptr;
    if (alignment == 0) return std::malloc(bytes ? bytes : 1);
    return std::aligned_alloc(alignment, (bytes + alignment - 1) / alignment * alignment);
  }
  static void* allocateOrThrow(std::size_t bytes, std::size_t alignment) {
    if (void* memory = allocate(bytes, alignment)) return memory;
    throw std::bad_alloc();
  }

 private:
  friend class CalmMemory;
  inline static std::atomic<bool> s_active{false};
  inline static std::atomic<bool> s_forGood{false};
  inline static std::atomic<std::int64_t> s_left{0};
  inline static thread_local bool t_calm = false;
};

/// No allocation of this thread fails while it lives.
class CalmMemory final {
 public:
  CalmMemory() : m_before(FailingMemory::t_calm) { FailingMemory::t_calm = true; }
  ~CalmMemory() { FailingMemory::t_calm = m_before; }
  CalmMemory(const CalmMemory&) = delete;
  CalmMemory& operator=(const CalmMemory&) = delete;

 private:
  const bool m_before;
};

/// Ends the program where a test hangs: nobody could look at it otherwise. Not a measurement.
class Watchdog final {
 public:
  explicit Watchdog(int minutes) : m_thread([this, minutes] { watch(minutes * 60 * 10); }) {}
  ~Watchdog() {
    m_stop = true;
    m_thread.join();
  }
  /// What is done now; shown where it never ends.
  void step(std::int64_t number) { m_step = number; }

 private:
  void watch(int ticksMax) {
    auto seen = m_step.load();
    for (int ticks = 0; !m_stop; ++ticks) {
      std::this_thread::sleep_for(std::chrono::milliseconds(100));
      if (m_step != seen) ticks = 0;
      seen = m_step;
      if (ticks < ticksMax) continue;
      std::fprintf(stderr, "hangs at allocation %lld\n", static_cast<long long>(seen));
      std::abort();
    }
  }

  std::atomic<std::int64_t> m_step{-1};
  std::atomic<bool> m_stop{false};
  std::thread m_thread;
};

}  // namespace drift::faults

void* operator new(std::size_t bytes) { return drift::faults::FailingMemory::allocateOrThrow(bytes, 0); }
void* operator new[](std::size_t bytes) { return drift::faults::FailingMemory::allocateOrThrow(bytes, 0); }
void* operator new(std::size_t bytes, std::align_val_t alignment) {
  return drift::faults::FailingMemory::allocateOrThrow(bytes, static_cast<std::size_t>(alignment));
}
void* operator new[](std::size_t bytes, std::align_val_t alignment) {
  return drift::faults::FailingMemory::allocateOrThrow(bytes, static_cast<std::size_t>(alignment));
}
void* operator new(std::size_t bytes, const std::nothrow_t&) noexcept {
  return drift::faults::FailingMemory::allocate(bytes, 0);
}
void* operator new[](std::size_t bytes, const std::nothrow_t&) noexcept {
  return drift::faults::FailingMemory::allocate(bytes, 0);
}
void operator delete(void* memory) noexcept { std::free(memory); }
void operator delete[](void* memory) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete[](void* memory, std::size_t, std::align_val_t) noexcept { std::free(memory); }
void operator delete(void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
void operator delete[](void* memory, const std::nothrow_t&) noexcept { std::free(memory); }
