// Roots, powers and logarithms of decimals, with PostgreSQL's scales. Internal to this module.
// Stateless, thread-safe.
//
// Square roots and integer powers are computed on the digits. exp, ln and broken powers go through
// double-double arithmetic, which carries about 31 significant digits; PostgreSQL promises 16.
#pragma once

#include "types/decimal.h"

namespace drift::functions {

/// InvalidParameterValue for negative numbers.
Result<types::Decimal> squareRoot(const types::Decimal& value);
/// Square root of a number that is not negative, rounded to `scale` decimals (fewer where 38 digits
/// are not enough).
types::Decimal squareRoot(const types::Decimal& value, int scale);
/// NumericValueOutOfRange.
Result<types::Decimal> exponential(const types::Decimal& value);
/// InvalidParameterValue for zero and negative numbers.
Result<types::Decimal> naturalLogarithm(const types::Decimal& value);
Result<types::Decimal> logarithm(const types::Decimal& base, const types::Decimal& value);
Result<types::Decimal> decimalLogarithm(const types::Decimal& value);
/// NumericValueOutOfRange, or InvalidParameterValue where there is no real result.
Result<types::Decimal> power(const types::Decimal& base, const types::Decimal& exponent);

}  // namespace drift::functions
