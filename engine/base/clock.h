// Clock: where the engine reads the time, so that tests can set it. Thread-safe.
#pragma once

#include <atomic>

#include "base/ids.h"

namespace drift {

class Clock {
 public:
  virtual ~Clock() = default;
  /// Gives the wall-clock time, UTC. May go backwards.
  virtual TimeMicros now() const = 0;
};

/// The operating system's clock.
class SystemClock final : public Clock {
 public:
  TimeMicros now() const override;
};

/// A clock that stands still until it is moved. For tests.
class ManualClock final : public Clock {
 public:
  explicit ManualClock(TimeMicros start) : m_now(start) {}
  TimeMicros now() const override { return m_now.load(); }
  void set(TimeMicros now) { m_now.store(now); }
  void advance(TimeMicros by) { m_now.fetch_add(by); }

 private:
  std::atomic<TimeMicros> m_now;
};

}  // namespace drift
