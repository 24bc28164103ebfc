// Decimal: an exact decimal number of up to 38 digits. Plain value, no thread rule.
//
// Arithmetic, parsing and formatting follow PostgreSQL's numeric (chapter 8.1.2 and 9.3): the result of
// + and - has the larger scale, of * the sum of both, of / at least 16 significant digits. Where
// PostgreSQL would need more than 38 digits, decimals are rounded off so that 38 remain; a result whose
// integer part needs more is NumericValueOutOfRange.
#pragma once

#include <compare>
#include <cstdint>
#include <string>
#include <string_view>

#include "base/result.h"

namespace drift::types {

__extension__ typedef __int128 Int128;
__extension__ typedef unsigned __int128 UInt128;

/// value = coefficient / 10^scale, or NaN. |coefficient| < 10^38, 0 <= scale <= 38. 24 bytes, 8-aligned.
class Decimal final {
 public:
  static constexpr int kDigitsMax = 38;

  constexpr Decimal() = default;
  constexpr Decimal(Int128 coefficient, int scale)
      : m_low(static_cast<std::uint64_t>(coefficient)),
        m_high(static_cast<std::int64_t>(coefficient >> 64)),
        m_scale(static_cast<std::uint8_t>(scale)) {}
  static constexpr Decimal fromInteger(std::int64_t value) { return Decimal(value, 0); }
  static constexpr Decimal nan() {
    Decimal result;
    result.m_nan = true;
    return result;
  }

  constexpr Int128 coefficient() const { return (static_cast<Int128>(m_high) << 64) | m_low; }
  constexpr int scale() const { return m_scale; }
  constexpr bool isNan() const { return m_nan; }
  constexpr bool isZero() const { return m_low == 0 && m_high == 0 && !m_nan; }
  constexpr bool isNegative() const { return m_high < 0; }

 private:
  std::uint64_t m_low = 0;
  std::int64_t m_high = 0;
  std::uint8_t m_scale = 0;
  bool m_nan = false;
};
static_assert(sizeof(Decimal) == 24 && alignof(Decimal) == 8);

/// Parses "12.50", "-1e3", "NaN"; blanks around it are ignored. InvalidTextRepresentation, or
/// NumericValueOutOfRange where more than 38 digits would be needed: input is never rounded here.
Result<Decimal> parseDecimal(std::string_view text);
/// As parseDecimal(), but rounds half away from zero to the decimals that fit 38 digits, and to `scaleMax`.
Result<Decimal> parseDecimalRounded(std::string_view text, int scaleMax = Decimal::kDigitsMax);
/// Gives all `scale` decimals: "12.50".
std::string toString(const Decimal& value);
/// Rounds half away from zero to `scale` decimals and checks that at most `precision` digits remain
/// (precision 0 = only the limit of 38). NumericValueOutOfRange.
Result<Decimal> rescale(const Decimal& value, int precision, int scale);

Result<Decimal> add(const Decimal& a, const Decimal& b);
Result<Decimal> subtract(const Decimal& a, const Decimal& b);
Result<Decimal> multiply(const Decimal& a, const Decimal& b);
/// DivisionByZero or NumericValueOutOfRange.
Result<Decimal> divide(const Decimal& a, const Decimal& b);
/// Remainder with the sign of `a`, as PostgreSQL's %.
Result<Decimal> modulo(const Decimal& a, const Decimal& b);
Decimal negate(const Decimal& value);

/// Compares by value: 1.0 equals 1.00. NaN equals NaN and is greater than every number, as in PostgreSQL.
std::strong_ordering compare(const Decimal& a, const Decimal& b);
/// Gives equal hashes to equal values, whatever their scale.
std::uint64_t hash(const Decimal& value);

/// Gives the same value with the smallest scale: 1.50 becomes 1.5.
Decimal canonical(const Decimal& value);

double toDouble(const Decimal& value);
/// Converts with the 15 significant digits that PostgreSQL's cast keeps. NumericValueOutOfRange for infinities.
Result<Decimal> decimalFromDouble(double value);
/// Rounds half away from zero. NumericValueOutOfRange.
Result<std::int64_t> toInteger(const Decimal& value);

}  // namespace drift::types
