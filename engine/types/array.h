// Arrays: the blob that a value of an array type is (docs/formats/arrays.md, docs/adr/0016-arrays.md).
//
// The elements stand in the encoding of keys, one behind the other, closed by a zero byte and followed by the
// dimensions. So the order of the blobs byte by byte is the order of the arrays (PostgreSQL 9.19: element by element,
// NULLs last, the shorter one first), and equal arrays are equal blobs: sorting, grouping, joining, hashing, keys and
// the bounds of pages need to know nothing of arrays. Like keys, they keep no trailing zeros of a NUMERIC; a declared
// scale is put back where elements are read.
//
// Stateless but for the two classes, each of which one thread uses at a time. A blob may come from a hostile file:
// every read is checked.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "base/result.h"
#include "types/text.h"
#include "types/value.h"
#include "types/vector.h"

namespace drift::types {

inline constexpr std::size_t kArrayDimensionsMax = 6;  ///< as in PostgreSQL

/// Lengths of the dimensions, outermost first; none for an empty array.
class ArrayShape final {
 public:
  ArrayShape() = default;
  /// One dimension; none where it has no elements.
  explicit ArrayShape(std::uint32_t length) {
    if (length > 0) add(length);
  }
  /// There are fewer than kArrayDimensionsMax; asserted.
  void add(std::uint32_t length);
  std::span<const std::uint32_t> lengths() const { return std::span(m_lengths).first(m_count); }
  std::size_t count() const { return m_count; }
  std::uint32_t operator[](std::size_t at) const { return m_lengths[at]; }
  void setLength(std::size_t at, std::uint32_t length) { m_lengths[at] = length; }
  /// Elements of an array of this shape.
  std::uint64_t elements() const;
  friend bool operator==(const ArrayShape&, const ArrayShape&) = default;

 private:
  std::array<std::uint32_t, kArrayDimensionsMax> m_lengths{};
  std::size_t m_count = 0;
};

/// Appends one element, which may be NULL, as it stands in a blob. On disk: do not change.
void appendElement(std::string& out, const Value& value);
void appendElement(std::string& out, const Vector& vector, std::size_t row);

/// Makes a blob of elements that are added in turn.
class ArrayBuilder final {
 public:
  void add(const Value& value) {
    appendElement(m_parts, value);
    ++m_count;
  }
  void add(const Vector& vector, std::size_t row) {
    appendElement(m_parts, vector, row);
    ++m_count;
  }
  /// Adds an element as ArrayReader::next() or appendElement() gave it.
  void addPart(std::string_view part) {
    m_parts += part;
    ++m_count;
  }
  void addNull();
  std::uint32_t count() const { return m_count; }
  std::size_t sizeBytes() const { return m_parts.size(); }
  /// Gives the blob of one dimension, and starts anew.
  std::string finish() { return finish(ArrayShape(m_count)); }
  /// The same of a shape that has as many elements.
  std::string finish(const ArrayShape& shape);

 private:
  std::string m_parts;
  std::uint32_t m_count = 0;
};

/// Reads a blob, which must outlive it. DataCorrupted for what ArrayBuilder does not make.
class ArrayReader final {
 public:
  /// `element`: type of the elements, with modifiers.
  static Result<ArrayReader> open(std::string_view blob, Type element);

  const ArrayShape& shape() const { return m_shape; }
  std::uint32_t count() const { return m_count; }
  bool atEnd() const { return m_read == m_count; }
  /// Gives the next element's bytes; there must be one. Equal elements have equal bytes.
  Result<std::string_view> next();
  /// Gives an element of the bytes of next().
  Result<Value> decode(std::string_view part) const;
  Result<Value> nextValue();
  static bool isNull(std::string_view part);

 private:
  ArrayReader(std::string_view parts, Type element, const ArrayShape& shape, std::uint32_t count)
      : m_parts(parts), m_element(element), m_shape(shape), m_count(count) {}
  Result<std::size_t> partBytes() const;

  std::string_view m_parts;
  Type m_element;
  ArrayShape m_shape;
  std::uint32_t m_count = 0;
  std::uint32_t m_read = 0;
  std::size_t m_at = 0;
};

/// Gives all elements.
Result<std::vector<Value>> arrayElements(std::string_view blob, Type element);
/// Makes the blob of one dimension of elements that stand one behind the other.
std::string arrayOf(std::string parts, std::uint32_t count);
/// Makes the value of an array of one dimension; `type` is an array's.
Value makeArray(Type type, std::span<const Value> elements);

/// Appends PostgreSQL's text form: {1,NULL,"two words"}. Where the blob is malformed, it says so in its place.
void appendArrayText(std::string& out, std::string_view blob, Type element, const TextStyle& style = {});
/// Reads it. InvalidTextRepresentation: malformed array literal, or what the element's type refuses.
Result<std::string> parseArrayText(std::string_view text, Type element, const TextStyle& style = {});

}  // namespace drift::types
