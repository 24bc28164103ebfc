// Text forms of values, as PostgreSQL reads and writes them (DateStyle ISO, bytea_output hex,
// extra_float_digits 1). Stateless, thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "base/result.h"
#include "types/value.h"
#include "types/vector.h"

namespace drift::types {

/// How TIMESTAMPTZ is shown and read without an explicit offset: a name that TimeZone::find() knows, such as
/// "Europe/Berlin". Whoever takes the name from a user checks it there; an unknown one is shown as UTC.
struct TextStyle {
  std::string timeZone = "UTC";
};

/// Gives the text of a value that is not NULL: "t", "12.50", "2025-11-12 14:02:11.208+00", "\\x00ff".
std::string toText(const Value& value, const TextStyle& style = {});
/// Appends the text of a row of a vector that is not NULL there.
void appendText(std::string& out, const Vector& vector, std::size_t row, const TextStyle& style = {});

/// Reads a value of `type` from text; surrounding blanks are ignored where PostgreSQL ignores them.
/// InvalidTextRepresentation, NumericValueOutOfRange, InvalidDatetimeFormat, DatetimeFieldOverflow,
/// StringDataRightTruncation; the sentence is PostgreSQL's: invalid input syntax for type integer: "x".
Result<Value> parseText(std::string_view text, Type type, const TextStyle& style = {});

/// True if the bytes are well-formed UTF-8 (Unicode 15, table 3-7) without NUL.
bool isValidUtf8(std::string_view text);

}  // namespace drift::types
