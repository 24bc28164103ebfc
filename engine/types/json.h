// JSON: its text (RFC 8259, PostgreSQL 8.14) and the blob that a jsonb value is (docs/formats/jsonb.md).
//
// A value of the type json is the text as it was written. A value of jsonb is a blob: members of objects sorted by the
// length of their names and then by their bytes, the last of those with one name kept, numbers as decimals with their
// scale. The order of blobs byte by byte is PostgreSQL's order of jsonb, and equal documents are equal blobs, save that
// 1.0 and 1.00 differ.
//
// JsonText and JsonbView have the same members, so that functions are written once for both. Stateless, thread-safe;
// views live as long as the bytes they look at. Bytes may come from a hostile file: every read is checked.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"
#include "types/decimal.h"
#include "types/text.h"
#include "types/value.h"

namespace drift::types {

enum class JsonKind : std::uint8_t { Null, String, Number, False, True, Array, Object };

/// "object", "array", "string", "number", "boolean", "null".
std::string_view jsonKindName(JsonKind kind);

/// Arrays and objects within each other.
inline constexpr std::size_t kJsonDepthMax = 1000;

/// Checks a JSON text. InvalidTextRepresentation with PostgreSQL's sentence and detail; LimitExceeded for its depth.
Status checkJson(std::string_view text);
/// Appends a text as a JSON string, in quotes.
void appendJsonString(std::string& out, std::string_view text);

/// Appends any value as a JSON text (PostgreSQL's to_json()): numbers and booleans bare, arrays in brackets, times as
/// ISO 8601 has them, anything else as a string of its text. DataCorrupted for a malformed blob.
Status appendJson(std::string& out, const Value& value, const TextStyle& style);

/// Gives the blob of a JSON text. Errors as checkJson(), and those of numbers that need more than 38 digits.
Result<std::string> parseJsonb(std::string_view text);

/// A value within a JSON text.
class JsonText final {
 public:
  /// Sees one member or element; gives false to stop. Elements have no name.
  using Visitor = std::function<Result<bool>(std::string_view name, JsonText value)>;

  explicit JsonText(std::string_view text);

  Result<JsonKind> kind() const;
  /// Visits members or elements in the order they are written; a value that is neither has none.
  Status each(const Visitor& visitor) const;
  /// The JSON text of the value.
  Result<std::string> text() const { return std::string(m_text); }
  /// The value of a string, the JSON text of any other value.
  Result<std::string> plainText() const;
  /// What a value of the type holds.
  std::string stored() const { return std::string(m_text); }

 private:
  std::string_view m_text;
};

/// A value within a jsonb blob.
class JsonbView final {
 public:
  using Visitor = std::function<Result<bool>(std::string_view name, JsonbView value)>;

  explicit JsonbView(std::string_view bytes) : m_bytes(bytes) {}

  Result<JsonKind> kind() const;
  Status each(const Visitor& visitor) const;
  Result<std::string> text() const;
  Result<std::string> plainText() const;
  std::string stored() const { return std::string(m_bytes); }
  std::string_view bytes() const { return m_bytes; }
  /// Members or elements; 0 for other values.
  Result<std::uint32_t> count() const;
  /// The value of a number or of a string, which it must be.
  Result<Decimal> number() const;
  Result<std::string> string() const;

 private:
  std::string_view m_bytes;
};

/// Appends PostgreSQL's text of a blob: {"a": [1, 2]}; with `pretty` as jsonb_pretty() has it. Where the blob is
/// malformed, it says so in its place.
void appendJsonbText(std::string& out, std::string_view blob, bool pretty = false);

/// Makes blobs of the parts of documents. Parts are blobs.
std::string jsonbNull();
std::string jsonbString(std::string_view text);
/// NaN is no number of JSON: the caller keeps it out.
std::string jsonbNumber(const Decimal& value);
std::string jsonbArray(const std::vector<std::string>& elements);
/// `members` in any order; of several of one name the last one counts.
std::string jsonbObject(std::vector<std::pair<std::string, std::string>> members);

}  // namespace drift::types
