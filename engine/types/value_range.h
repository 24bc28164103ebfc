// ValueRange: which values a reader wants, for telling from the bounds of a block whether it can have any.
// Plain value.
#pragma once

#include <optional>
#include <vector>

#include "types/value.h"

namespace drift::types {

/// Values that satisfy all that is set here, and NULLs where these are wanted. All bounds are of one type, lengths and
/// scales left out, and not NULL. Without anything set: every value but NULL.
struct ValueRange {
  struct Bound {
    Value value;
    bool inclusive = true;
  };

  std::optional<Bound> lower;
  std::optional<Bound> upper;
  std::optional<std::vector<Value>> oneOf;  ///< rising as compareValues() orders; none: no value
  bool values = true;                       ///< false: NULLs alone
  bool nulls = false;                       ///< NULLs are wanted, too

  /// True if a value, which may be NULL, is wanted.
  bool has(const Value& value) const;
  /// True if there may be a wanted value, NULL left aside, with min <= value and value <= max; an absent bound is not
  /// known.
  bool meets(const std::optional<Value>& min, const std::optional<Value>& max) const;
  /// True if values of a type can be compared with the bounds: they have the same type, lengths and scales left out.
  bool fits(Type type) const;
};

}  // namespace drift::types
