// Order<T>: how SQL orders values of each C++ type. Internal to this module. Stateless,
// thread-safe.
#pragma once

#include <compare>

#include "functions/decimal_fast.h"
#include "types/calendar.h"
#include "types/decimal.h"

namespace drift::functions {

/// Orders as SQL does: NaN equals itself and is above all numbers.
template <class T>
struct Order {
  static std::strong_ordering compare(const T& a, const T& b) { return a <=> b; }
};

template <>
struct Order<double> {
  static std::strong_ordering compare(double a, double b) {
    if (a < b) return std::strong_ordering::less;
    if (a > b) return std::strong_ordering::greater;
    return (a != a) <=> (b != b);
  }
};

template <>
struct Order<types::Decimal> {
  static std::strong_ordering compare(const types::Decimal& a, const types::Decimal& b) {
    Aligned both;
    if (!alignSmall(a, b, both)) return types::compare(a, b);
    return both.left < both.right   ? std::strong_ordering::less
           : both.left > both.right ? std::strong_ordering::greater
                                    : std::strong_ordering::equal;
  }
};

template <>
struct Order<types::Interval> {
  static std::strong_ordering compare(const types::Interval& a, const types::Interval& b) {
    return types::compare(a, b);
  }
};

}  // namespace drift::functions
