// TypeInference: the narrowest SQL type that takes every value of a text column and gives each back
// unchanged. One thread at a time.
#pragma once

#include <cstdint>
#include <string_view>

#include "types/type.h"

namespace drift::formats {

/// Sees all values of one column, then names its type. Empty values fit every type. Numbers with leading
/// zeros, plus signs or blanks are text: as numbers they would come back changed (postal codes, accounts).
class TypeInference final {
 public:
  void add(std::string_view value);
  /// BOOLEAN (true/false), INTEGER, BIGINT, NUMERIC (up to 38 digits), DOUBLE PRECISION (exponents), DATE,
  /// TIMESTAMP, TIMESTAMPTZ, UUID or TEXT. TEXT where there was no value at all.
  types::Type type() const;

 private:
  /// Types that still fit, one bit each, in order of preference.
  enum Candidate : std::uint16_t {
    kBoolean = 1 << 0,
    kInteger = 1 << 1,
    kBigInt = 1 << 2,
    kNumeric = 1 << 3,
    kDouble = 1 << 4,
    kDate = 1 << 5,
    kTimestamp = 1 << 6,
    kTimestampTz = 1 << 7,
    kUuid = 1 << 8,
    kAll = (1 << 9) - 1,
  };
  static std::uint16_t candidatesOf(std::string_view value);

  std::uint16_t m_candidates = kAll;
  bool m_anyValue = false;
};

}  // namespace drift::formats
