// Memcomparable keys: byte strings whose unsigned order is the SQL order of the values, NULLs last.
// On disk in every tree: do not change. Described in docs/formats/keys.md with test vectors.
#pragma once

#include <span>
#include <string>
#include <vector>

#include "base/result.h"
#include "types/value.h"
#include "types/vector.h"

namespace drift::types {

/// Appends the encoding of one value. Numeric: 1.0 and 1.00 give the same bytes.
void appendKey(std::string& out, const Value& value, bool descending = false);
/// Appends the encoding of row `row` of a vector.
void appendKey(std::string& out, const Vector& vector, std::size_t row, bool descending = false);
/// Reads back the values of a key of ascending parts (numerics in canonical scale). DataCorrupted.
Result<std::vector<Value>> decodeKey(std::string_view key, std::span<const Type> types);
/// The smallest byte string above all that start with `prefix`; empty if there is none.
std::string keyAfterPrefix(std::string_view prefix);

}  // namespace drift::types
