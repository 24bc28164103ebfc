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
inline Error doubleOverflow() {
  return Error(ErrorKind::NumericValueOutOfRange, "value out of range: overflow");
}
inline Error doubleUnderflow() {
  return Error(ErrorKind::NumericValueOutOfRange, "value out of range: underflow");
}

}  // namespace drift::functions
