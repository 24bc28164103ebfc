// Errors that several families of kernels report, with PostgreSQL's sentences. Internal to this
// module.
#pragma once

#include <cstdint>
#include <type_traits>

#include "base/error.h"

namespace drift::functions {

template <class T>
Error integerOutOfRange() {
  if constexpr (std::is_same_v<T, std::int16_t>)
    return Error(ErrorKind::NumericValueOutOfRange, "smallint out of range");
  else if constexpr (std::is_same_v<T, std::int32_t>)
    return Error(ErrorKind::NumericValueOutOfRange, "integer out of range");
  else return Error(ErrorKind::NumericValueOutOfRange, "bigint out of range");
}

inline Error divisionByZero() { return Error(ErrorKind::DivisionByZero, "division by zero"); }
inline Error doubleOverflow() { return Error(ErrorKind::NumericValueOutOfRange, "value out of range: overflow"); }
inline Error doubleUnderflow() { return Error(ErrorKind::NumericValueOutOfRange, "value out of range: underflow"); }

inline Error rootOfNegative() {
  return Error(ErrorKind::InvalidParameterValue, "cannot take square root of a negative number");
}
inline Error logarithmOfZero() { return Error(ErrorKind::InvalidParameterValue, "cannot take logarithm of zero"); }
inline Error logarithmOfNegative() {
  return Error(ErrorKind::InvalidParameterValue, "cannot take logarithm of a negative number");
}
inline Error zeroToNegative() {
  return Error(ErrorKind::InvalidParameterValue, "zero raised to a negative power is undefined");
}
inline Error complexPower() {
  return Error(ErrorKind::InvalidParameterValue,
               "a negative number raised to a non-integer power yields a complex result");
}

}  // namespace drift::functions
