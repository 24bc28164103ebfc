#include "types/array.h"

#include <algorithm>
#include <cassert>

#include "types/calendar.h"
#include "types/key_encoding.h"

namespace drift::types {

namespace {

// On disk: do not change.
constexpr char kEnd = 0x00;
constexpr char kNull = static_cast<char>(0xff);
constexpr std::size_t kIntervalKeyBytes = 17;    ///< a mark, then the span
constexpr std::size_t kIntervalFieldsBytes = 8;  ///< days and months, which the span leaves open

Error malformed() { return Error(ErrorKind::DataCorrupted, "an array in the file is malformed"); }

void appendBigEndian(std::string& out, std::uint32_t value) {
  for (int shift = 24; shift >= 0; shift -= 8) out += static_cast<char>(value >> shift);
}

std::uint32_t bigEndian(std::string_view bytes) {
  std::uint32_t value = 0;
  for (std::size_t at = 0; at < 4; ++at) value = value << 8 | static_cast<unsigned char>(bytes[at]);
  return value;
}

/// A month and 30 days are equal, but not the same: the fields stand behind what is compared.
void appendIntervalFields(std::string& out, const Interval& value) {
  appendBigEndian(out, static_cast<std::uint32_t>(value.days) ^ 0x8000'0000u);
  appendBigEndian(out, static_cast<std::uint32_t>(value.months) ^ 0x8000'0000u);
}

}  // namespace

void ArrayShape::add(std::uint32_t length) {
  assert(m_count < kArrayDimensionsMax);
  m_lengths[m_count++] = length;
}

std::uint64_t ArrayShape::elements() const {
  if (m_count == 0) return 0;
  std::uint64_t product = 1;
  for (const auto length : lengths()) {
    // Beyond what any array has the product is not needed exactly.
    product = std::min<std::uint64_t>(product * length, UINT32_MAX);
  }
  return product;
}

void appendElement(std::string& out, const Value& value) {
  appendKey(out, value);
  if (!value.isNull() && value.type().id() == TypeId::Interval) appendIntervalFields(out, value.asInterval());
}

void appendElement(std::string& out, const Vector& vector, std::size_t row) {
  appendKey(out, vector, row);
  if (vector.type().id() == TypeId::Interval && !vector.isNull(row))
    appendIntervalFields(out, vector.view().at<Interval>(row));
}

void ArrayBuilder::addNull() {
  m_parts += kNull;
  ++m_count;
}

namespace {

std::string closed(std::string blob, const ArrayShape& shape) {
  blob += kEnd;
  blob += static_cast<char>(shape.count());
  for (const auto length : shape.lengths()) appendBigEndian(blob, length);
  // Once more at the end, so that the shape is found without the elements.
  blob += static_cast<char>(shape.count());
  return blob;
}

}  // namespace

std::string ArrayBuilder::finish(const ArrayShape& shape) {
  assert(shape.elements() == m_count);
  m_count = 0;
  return closed(std::exchange(m_parts, {}), shape);
}

std::string arrayOf(std::string parts, std::uint32_t count) { return closed(std::move(parts), ArrayShape(count)); }

Result<ArrayReader> ArrayReader::open(std::string_view blob, Type element) {
  constexpr std::size_t kTailBytesMin = 3;
  if (blob.size() < kTailBytesMin) return malformed();
  const std::size_t dimensions = static_cast<unsigned char>(blob.back());
  const auto tail = kTailBytesMin + 4 * dimensions;
  if (dimensions > kArrayDimensionsMax || blob.size() < tail) return malformed();
  const auto partsBytes = blob.size() - tail;
  if (blob[partsBytes] != kEnd || static_cast<unsigned char>(blob[partsBytes + 1]) != dimensions) return malformed();
  ArrayShape shape;
  std::uint64_t count = dimensions == 0 ? 0 : 1;
  for (std::size_t at = 0; at < dimensions; ++at) {
    const auto length = bigEndian(blob.substr(partsBytes + 2 + 4 * at));
    count *= length;
    // An element takes a byte at least.
    if (length == 0 || count > partsBytes) return malformed();
    shape.add(length);
  }
  if (count == 0 && partsBytes > 0) return malformed();
  return ArrayReader(blob.substr(0, partsBytes), element, shape, static_cast<std::uint32_t>(count));
}

/// Bytes of the element at m_at, all of which are there.
Result<std::size_t> ArrayReader::partBytes() const {
  const auto rest = m_parts.substr(m_at);
  if (rest.empty()) return malformed();
  const auto first = static_cast<unsigned char>(rest[0]);
  std::size_t bytes = 0;
  if (rest[0] == kNull) return std::size_t{1};
  switch (m_element.physical()) {
    case PhysicalType::Bool: bytes = 2; break;
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64:
      if (first < 0x78 || first > 0x88) return malformed();
      bytes = 1 + (first < 0x80 ? 0x80u - first : first - 0x80u);
      break;
    case PhysicalType::Double: bytes = 9; break;
    case PhysicalType::Decimal: {
      // Zero and NaN are a mark alone; other numbers end in a byte that no digits have.
      if (first == 0x20 || first == 0x40) return std::size_t{1};
      const auto end = rest.find(first == 0x30 ? '\0' : '\xff', 2);
      if (end == rest.npos) return malformed();
      return end + 1;
    }
    case PhysicalType::String:
      for (std::size_t at = 1;;) {
        const auto zero = rest.find('\0', at);
        if (zero == rest.npos || zero + 1 == rest.size()) return malformed();
        if (rest[zero + 1] == '\0') return zero + 2;
        at = zero + 2;
      }
    case PhysicalType::Uuid: bytes = 17; break;
    case PhysicalType::Interval: bytes = kIntervalKeyBytes + kIntervalFieldsBytes; break;
  }
  if (bytes > rest.size()) return malformed();
  return bytes;
}

Result<std::string_view> ArrayReader::next() {
  if (atEnd()) return malformed();
  DRIFT_ASSIGN(const auto bytes, partBytes());
  const auto part = m_parts.substr(m_at, bytes);
  m_at += bytes;
  ++m_read;
  if (atEnd() && m_at != m_parts.size()) return malformed();
  return part;
}

bool ArrayReader::isNull(std::string_view part) { return part.size() == 1 && part[0] == kNull; }

Result<Value> ArrayReader::decode(std::string_view part) const {
  if (isNull(part)) return Value::null(m_element);
  const bool interval = m_element.id() == TypeId::Interval;
  if (interval && part.size() != kIntervalKeyBytes + kIntervalFieldsBytes) return malformed();
  DRIFT_ASSIGN(auto values, decodeKey(interval ? part.substr(0, kIntervalKeyBytes) : part, std::span(&m_element, 1)));
  auto& value = values.front();
  if (interval) {
    Interval fields;
    fields.days = static_cast<std::int32_t>(bigEndian(part.substr(kIntervalKeyBytes)) ^ 0x8000'0000u);
    fields.months = static_cast<std::int32_t>(bigEndian(part.substr(kIntervalKeyBytes + 4)) ^ 0x8000'0000u);
    const auto micros = intervalSpan(value.asInterval()) - intervalSpan(fields);
    if (micros > INT64_MAX || micros < INT64_MIN) return malformed();
    fields.micros = static_cast<std::int64_t>(micros);
    return Value(m_element, fields);
  }
  if (m_element.id() == TypeId::Numeric && m_element.precision()) {
    auto scaled = rescale(value.asDecimal(), m_element.precision(), m_element.scale());
    if (!scaled.ok()) return malformed();
    return Value(m_element, *scaled);
  }
  return std::move(value);
}

Result<Value> ArrayReader::nextValue() {
  DRIFT_ASSIGN(const auto part, next());
  return decode(part);
}

Result<std::vector<Value>> arrayElements(std::string_view blob, Type element) {
  DRIFT_ASSIGN(auto reader, ArrayReader::open(blob, element));
  std::vector<Value> values;
  values.reserve(reader.count());
  while (!reader.atEnd()) {
    DRIFT_ASSIGN(auto value, reader.nextValue());
    values.push_back(std::move(value));
  }
  return values;
}

Value makeArray(Type type, std::span<const Value> elements) {
  ArrayBuilder builder;
  for (const auto& element : elements) builder.add(element);
  return Value(type, builder.finish());
}

}  // namespace drift::types
