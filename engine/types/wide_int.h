// WideUInt: 256-bit unsigned numbers, as wide as the product of two 38-digit decimals. Internal to
// the decimal code. Plain value, no thread rule.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>

#include "types/decimal.h"

namespace drift::types {

/// 10^0 to 10^38.
inline constexpr auto kPowersOfTen = [] {
  std::array<UInt128, Decimal::kDigitsMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t i = 1; i < powers.size(); ++i) powers[i] = powers[i - 1] * 10;
  return powers;
}();

/// Counts the decimal digits of a number below 10^38; zero has none.
constexpr int digitCount(UInt128 value) {
  int low = 0;
  int high = Decimal::kDigitsMax;
  while (low < high) {
    const int middle = (low + high) / 2;
    if (value >= kPowersOfTen[static_cast<std::size_t>(middle)]) low = middle + 1;
    else high = middle;
  }
  return low;
}

struct WideUInt {
  UInt128 low = 0;
  UInt128 high = 0;

  friend constexpr auto operator<=>(const WideUInt& a, const WideUInt& b) {
    return a.high != b.high
               ? (a.high < b.high ? std::strong_ordering::less : std::strong_ordering::greater)
           : a.low != b.low
               ? (a.low < b.low ? std::strong_ordering::less : std::strong_ordering::greater)
               : std::strong_ordering::equal;
  }
  friend constexpr bool operator==(const WideUInt& a, const WideUInt& b) = default;
};

constexpr WideUInt addWide(const WideUInt& a, const WideUInt& b) {
  WideUInt sum{a.low + b.low, a.high + b.high};
  if (sum.low < a.low) ++sum.high;
  return sum;
}

/// Gives a - b; a >= b.
constexpr WideUInt subtractWide(const WideUInt& a, const WideUInt& b) {
  return {a.low - b.low, a.high - b.high - (a.low < b.low ? 1u : 0u)};
}

constexpr WideUInt multiplyWide(UInt128 a, UInt128 b) {
  const UInt128 a0 = static_cast<std::uint64_t>(a);
  const UInt128 a1 = a >> 64;
  const UInt128 b0 = static_cast<std::uint64_t>(b);
  const UInt128 b1 = b >> 64;
  const UInt128 low = a0 * b0;
  const UInt128 cross = a1 * b0 + (low >> 64);
  const UInt128 middle = a0 * b1 + static_cast<std::uint64_t>(cross);
  return {(middle << 64) | static_cast<std::uint64_t>(low),
          a1 * b1 + (cross >> 64) + (middle >> 64)};
}

struct WideDivision {
  WideUInt quotient;
  UInt128 remainder = 0;
};

/// Divides by a number from 1 to 10^38.
constexpr WideDivision divideWide(const WideUInt& value, UInt128 divisor) {
  if (value.high == 0) return {{value.low / divisor, 0}, value.low % divisor};
  WideDivision result;
  if (divisor >> 64 == 0) {
    // Schoolbook division by one 64-bit digit.
    const std::array<std::uint64_t, 4> digits{
        static_cast<std::uint64_t>(value.high >> 64), static_cast<std::uint64_t>(value.high),
        static_cast<std::uint64_t>(value.low >> 64), static_cast<std::uint64_t>(value.low)};
    UInt128 rest = 0;
    for (const auto digit : digits) {
      const UInt128 part = (rest << 64) | digit;
      result.quotient.high = (result.quotient.high << 64) | (result.quotient.low >> 64);
      result.quotient.low =
          (result.quotient.low << 64) | static_cast<std::uint64_t>(part / divisor);
      rest = part % divisor;
    }
    result.remainder = rest;
    return result;
  }
  // Bit by bit: rare, since a divisor above 2^64 meets a numerator above 2^128 only near the
  // limits.
  result.quotient.high = value.high / divisor;
  UInt128 rest = value.high % divisor;
  for (int bit = 127; bit >= 0; --bit) {
    rest = (rest << 1) | ((value.low >> bit) & 1);  // below 2 * 10^38 < 2^128
    if (rest >= divisor) {
      rest -= divisor;
      result.quotient.low |= static_cast<UInt128>(1) << bit;
    }
  }
  result.remainder = rest;
  return result;
}

}  // namespace drift::types
