// The rows that the storage measurements write: about 100 bytes each, of several types. Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace drift::bench {

/// SplitMix64, after Steele, Lea and Flood (OOPSLA 2014): the same numbers everywhere.
class Random final {
 public:
  explicit Random(std::uint64_t seed) : m_state(seed) {}
  std::uint64_t next();
  /// A number of [0, bound).
  std::int64_t below(std::int64_t bound) {
    return static_cast<std::int64_t>(next() % static_cast<std::uint64_t>(bound));
  }

 private:
  std::uint64_t m_state;
};

/// An article in a store house.
struct Row {
  std::int64_t id = 0;          ///< the key
  std::int32_t quantity = 0;    ///< 0 to 9,999: what "one small column" changes
  std::int16_t status = 0;      ///< 0 to 4, mostly 1
  std::int64_t priceCents = 0;  ///< NUMERIC(12, 2)
  std::int32_t day = 0;         ///< DATE
  std::string_view category;    ///< one of 12
  std::string_view city;        ///< one of 40
  std::string note;             ///< 6 to 9 words of a list of 64
};

/// The contents of row `id` after it was rewritten `generation` times; the same for the same seed.
Row makeRow(std::uint64_t seed, std::int64_t id, std::uint32_t generation);
/// `bytes` letters and digits that no encoding makes small.
std::string noise(Random& random, std::size_t bytes);
/// Numbers 0 to count - 1 in random order.
std::vector<std::int64_t> shuffledIds(Random& random, std::int64_t count);
/// `count` different numbers of [0, bound), in random order. At most half of the bound.
std::vector<std::int64_t> distinctIds(Random& random, std::int64_t bound, std::size_t count);

}  // namespace drift::bench
