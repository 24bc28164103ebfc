// Arithmetic of floating-point numbers: one kernel for DOUBLE PRECISION and for REAL, which lies in a double, too.
// Stateless, thread-safe.
#pragma once

#include <cmath>

#include "functions/failures.h"
#include "functions/kernels.h"

namespace drift::functions {

/// a + b, a - b, a * b or a / b, rounded to T: float or double. A result is out of range if it became infinite, or
/// zero, from finite operands.
template <class T, char kSign>
Status floatingKernel(const FunctionContext&, Arguments arguments, std::size_t rows, types::Vector& out) {
  return tryRows<double, double, double>(arguments, rows, out, [](double a, double b, double& result) -> Status {
    double exact = 0;
    if constexpr (kSign == '+') exact = a + b;
    if constexpr (kSign == '-') exact = a - b;
    if constexpr (kSign == '*') exact = a * b;
    if constexpr (kSign == '/') {
      if (b == 0 && !std::isnan(a)) return divisionByZero();
      exact = a / b;
    }
    result = static_cast<T>(exact);
    if (std::isinf(result) && !std::isinf(a) && !std::isinf(b)) return doubleOverflow();
    if constexpr (kSign == '*')
      if (result == 0 && a != 0 && b != 0) return doubleUnderflow();
    if constexpr (kSign == '/')
      if (result == 0 && a != 0 && !std::isinf(b)) return doubleUnderflow();
    return {};
  });
}

}  // namespace drift::functions
