// Random: numbers from a seed, the same on every platform. Not thread-safe; a plain value.
//
// SplitMix64 (Steele, Lea, Flood: Fast Splittable Pseudorandom Number Generators, 2014).
#pragma once

#include <cstdint>
#include <cstdlib>

namespace drift::faults {

class Random final {
 public:
  explicit Random(std::uint64_t seed) : m_state(seed) {}

  std::uint64_t next() {
    m_state += 0x9e3779b97f4a7c15;
    std::uint64_t z = m_state;
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9;
    z = (z ^ (z >> 27)) * 0x94d049bb133111eb;
    return z ^ (z >> 31);
  }
  /// A number below `end`; 0 for 0.
  std::uint64_t below(std::uint64_t end) { return end == 0 ? 0 : next() % end; }
  /// A number of [low, high].
  std::uint64_t between(std::uint64_t low, std::uint64_t high) { return low + below(high - low + 1); }
  /// True `percent` times of a hundred.
  bool chance(std::uint64_t percent) { return below(100) < percent; }
  /// Another generator that does not depend on how far this one is used later.
  Random fork() { return Random(next()); }

 private:
  std::uint64_t m_state;
};

/// A number from the environment, or what stands for it: DRIFT_SEED repeats a run, DRIFT_ROUNDS lengthens it.
inline std::uint64_t numberFromEnvironment(const char* name, std::uint64_t otherwise) {
  const char* text = std::getenv(name);
  return text && *text ? std::strtoull(text, nullptr, 10) : otherwise;
}

}  // namespace drift::faults
