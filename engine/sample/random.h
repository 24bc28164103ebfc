// Random: a small generator with the same numbers on every platform (the distributions of <random> differ
// between libraries). SplitMix64, after Steele, Lea and Flood, "Fast Splittable Pseudorandom Number
// Generators" (OOPSLA 2014). Not for security.
#pragma once

#include <cstdint>
#include <span>

namespace drift::sample {

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
  /// Gives a number of the closed range [low, high].
  std::int64_t between(std::int64_t low, std::int64_t high) {
    return low + static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(high - low + 1));
  }
  bool chance(int percent) { return between(1, 100) <= percent; }
  template <class T>
  const T& pick(std::span<const T> items) { return items[next() % items.size()]; }

 private:
  std::uint64_t m_state;
};

}  // namespace drift::sample
