#include "types/value_range.h"

#include <algorithm>

#include "types/cast.h"

namespace drift::types {

namespace {

bool below(const Value& a, const Value& b) { return compareValues(a, b) < 0; }

}  // namespace

bool ValueRange::has(const Value& value) const {
  if (value.isNull()) return nulls;
  return meets(value, value);
}

bool ValueRange::meets(const std::optional<Value>& min, const std::optional<Value>& max) const {
  if (!values) return false;
  if (lower && max) {
    const auto order = compareValues(*max, lower->value);
    if (order < 0 || (order == 0 && !lower->inclusive)) return false;
  }
  if (upper && min) {
    const auto order = compareValues(*min, upper->value);
    if (order > 0 || (order == 0 && !upper->inclusive)) return false;
  }
  if (!oneOf) return true;
  const auto first = min ? std::ranges::lower_bound(*oneOf, *min, below) : oneOf->begin();
  return first != oneOf->end() && (!max || !below(*max, *first));
}

bool ValueRange::fits(Type type) const {
  const auto same = [type](const Value& value) {
    return value.type().id() == type.id() || (value.type().isText() && type.isText());
  };
  return (!lower || same(lower->value)) && (!upper || same(upper->value)) &&
         (!oneOf || oneOf->empty() || same(oneOf->front()));
}

}  // namespace drift::types
