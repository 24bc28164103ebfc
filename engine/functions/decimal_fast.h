// Arithmetic of decimals whose coefficients fit 64 bits, which nearly all do: the same results as types/decimal.h
// gives, inline and without wide numbers. Internal to this module. Stateless, thread-safe.
#pragma once

#include <array>

#include "types/decimal.h"

namespace drift::functions {

/// True for a number whose coefficient is a 64-bit integer.
inline bool isSmall(const types::Decimal& value) {
  const auto coefficient = value.coefficient();
  return static_cast<std::int64_t>(coefficient) == coefficient && !value.isNan();
}

inline constexpr int kSmallScaleStepMax = 18;

/// 10^0 to 10^18.
inline constexpr auto kSmallPowersOfTen = [] {
  std::array<std::int64_t, kSmallScaleStepMax + 1> powers{};
  powers[0] = 1;
  for (std::size_t at = 1; at < powers.size(); ++at) powers[at] = powers[at - 1] * 10;
  return powers;
}();

/// Two small decimals as coefficients of one scale, the larger one. Below 10^37, so a sum is below 10^38.
struct Aligned {
  types::Int128 left = 0;
  types::Int128 right = 0;
  int scale = 0;
};

/// Gives false where the values are not small, or too far apart.
inline bool alignSmall(const types::Decimal& a, const types::Decimal& b, Aligned& out) {
  if (!isSmall(a) || !isSmall(b)) return false;
  out = {a.coefficient(), b.coefficient(), a.scale()};
  const int step = a.scale() - b.scale();
  if (step == 0) return true;
  if (step > kSmallScaleStepMax || -step > kSmallScaleStepMax) return false;
  if (step > 0) {
    out.right *= kSmallPowersOfTen[static_cast<std::size_t>(step)];
  } else {
    out.left *= kSmallPowersOfTen[static_cast<std::size_t>(-step)];
    out.scale = b.scale();
  }
  return true;
}

inline bool addSmall(const types::Decimal& a, const types::Decimal& b, types::Decimal& result) {
  Aligned both;
  if (!alignSmall(a, b, both)) return false;
  result = types::Decimal(both.left + both.right, both.scale);
  return true;
}

inline bool subtractSmall(const types::Decimal& a, const types::Decimal& b, types::Decimal& result) {
  Aligned both;
  if (!alignSmall(a, b, both)) return false;
  result = types::Decimal(both.left - both.right, both.scale);
  return true;
}

/// The product of two 64-bit numbers is below 2^126, which is below 10^38.
inline bool multiplySmall(const types::Decimal& a, const types::Decimal& b, types::Decimal& result) {
  const int scale = a.scale() + b.scale();
  if (!isSmall(a) || !isSmall(b) || scale > types::Decimal::kDigitsMax) return false;
  result = types::Decimal(a.coefficient() * b.coefficient(), scale);
  return true;
}

}  // namespace drift::functions
