#include "storage/row.h"

#include <algorithm>
#include <cassert>

namespace drift::storage {

namespace {

using types::PhysicalType;
using types::Value;
using types::Vector;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a row in the file is malformed"); }

void setBit(Bytes& out, std::size_t start, std::size_t bit) {
  out[start + bit / 8] |= static_cast<std::byte>(1u << (bit % 8));
}

void writeDecimal(ByteWriter& writer, const types::Decimal& value) {
  writer.fixed(static_cast<std::uint8_t>(value.isNan() ? 0xff : value.scale()));
  const auto coefficient = value.coefficient();
  writer.fixed(static_cast<std::uint64_t>(coefficient));
  writer.fixed(static_cast<std::int64_t>(coefficient >> 64));
}

Result<types::Decimal> readDecimal(ByteReader& reader) {
  DRIFT_ASSIGN(const auto scale, reader.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto low, reader.fixed<std::uint64_t>());
  DRIFT_ASSIGN(const auto high, reader.fixed<std::int64_t>());
  if (scale == 0xff) return types::Decimal::nan();
  if (scale > types::Decimal::kDigitsMax) return malformed();
  return types::Decimal((static_cast<types::Int128>(high) << 64) | low, scale);
}

void writeInterval(ByteWriter& writer, const types::Interval& interval) {
  writer.zigzag(interval.micros);
  writer.zigzag(interval.days);
  writer.zigzag(interval.months);
}

void writeField(ByteWriter& writer, const Vector& vector, std::size_t row) {
  const auto view = vector.view();
  switch (vector.type().physical()) {
    case PhysicalType::Bool: writer.fixed(view.at<std::uint8_t>(row)); break;
    case PhysicalType::Int16: writer.zigzag(view.at<std::int16_t>(row)); break;
    case PhysicalType::Int32: writer.zigzag(view.at<std::int32_t>(row)); break;
    case PhysicalType::Int64: writer.zigzag(view.at<std::int64_t>(row)); break;
    case PhysicalType::Double: writer.fixedDouble(view.at<double>(row)); break;
    case PhysicalType::Decimal: writeDecimal(writer, view.at<types::Decimal>(row)); break;
    case PhysicalType::String: writer.string(view.at<types::StringRef>(row).view()); break;
    case PhysicalType::Uuid: writer.raw(std::as_bytes(std::span(view.at<types::Uuid>(row).bytes))); break;
    case PhysicalType::Interval: writeInterval(writer, view.at<types::Interval>(row)); break;
  }
}

void writeField(ByteWriter& writer, PhysicalType type, const Value& value) {
  switch (type) {
    case PhysicalType::Bool: writer.fixed(static_cast<std::uint8_t>(value.asBool())); break;
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: writer.zigzag(value.asInt()); break;
    case PhysicalType::Double: writer.fixedDouble(value.asDouble()); break;
    case PhysicalType::Decimal: writeDecimal(writer, value.asDecimal()); break;
    case PhysicalType::String: writer.string(value.asString()); break;
    case PhysicalType::Uuid: writer.raw(std::as_bytes(std::span(value.asUuid().bytes))); break;
    case PhysicalType::Interval: writeInterval(writer, value.asInterval()); break;
  }
}

/// Reads one field into row `target` of `into`, or past it where `into` is null.
Status readField(ByteReader& reader, PhysicalType type, Vector* into, std::size_t target) {
  switch (type) {
    case PhysicalType::Bool: {
      DRIFT_ASSIGN(const auto value, reader.fixed<std::uint8_t>());
      if (value > 1) return malformed();
      if (into) into->data<std::uint8_t>()[target] = value;
      break;
    }
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: {
      DRIFT_ASSIGN(const auto value, reader.zigzag());
      if (!into) break;
      if (type == PhysicalType::Int16) into->data<std::int16_t>()[target] = static_cast<std::int16_t>(value);
      else if (type == PhysicalType::Int32) into->data<std::int32_t>()[target] = static_cast<std::int32_t>(value);
      else into->data<std::int64_t>()[target] = value;
      break;
    }
    case PhysicalType::Double: {
      DRIFT_ASSIGN(const auto value, reader.fixedDouble());
      if (into) into->data<double>()[target] = value;
      break;
    }
    case PhysicalType::Decimal: {
      DRIFT_ASSIGN(const auto value, readDecimal(reader));
      if (into) into->data<types::Decimal>()[target] = value;
      break;
    }
    case PhysicalType::String: {
      DRIFT_ASSIGN(const auto value, reader.string());
      if (into) into->setString(target, value);
      break;
    }
    case PhysicalType::Uuid: {
      DRIFT_ASSIGN(const auto value, reader.raw(sizeof(types::Uuid)));
      if (into) std::memcpy(into->data<types::Uuid>()[target].bytes.data(), value.data(), value.size());
      break;
    }
    case PhysicalType::Interval: {
      DRIFT_ASSIGN(const auto micros, reader.zigzag());
      DRIFT_ASSIGN(const auto days, reader.zigzag());
      DRIFT_ASSIGN(const auto months, reader.zigzag());
      if (into)
        into->data<types::Interval>()[target] = {micros, static_cast<std::int32_t>(days),
                                                 static_cast<std::int32_t>(months)};
      break;
    }
  }
  return {};
}

Result<Value> readField(ByteReader& reader, types::Type type) {
  switch (type.physical()) {
    case PhysicalType::Bool: {
      DRIFT_ASSIGN(const auto value, reader.fixed<std::uint8_t>());
      if (value > 1) return malformed();
      return Value(type, value != 0);
    }
    case PhysicalType::Int16: {
      DRIFT_ASSIGN(const auto value, reader.zigzag());
      return Value(type, std::int64_t{static_cast<std::int16_t>(value)});
    }
    case PhysicalType::Int32: {
      DRIFT_ASSIGN(const auto value, reader.zigzag());
      return Value(type, std::int64_t{static_cast<std::int32_t>(value)});
    }
    case PhysicalType::Int64: {
      DRIFT_ASSIGN(const auto value, reader.zigzag());
      return Value(type, value);
    }
    case PhysicalType::Double: {
      DRIFT_ASSIGN(const auto value, reader.fixedDouble());
      return Value(type, value);
    }
    case PhysicalType::Decimal: {
      DRIFT_ASSIGN(const auto value, readDecimal(reader));
      return Value(type, value);
    }
    case PhysicalType::String: {
      DRIFT_ASSIGN(const auto value, reader.string());
      return Value(type, std::string(value));
    }
    case PhysicalType::Uuid: {
      DRIFT_ASSIGN(const auto bytes, reader.raw(sizeof(types::Uuid)));
      types::Uuid value;
      std::memcpy(value.bytes.data(), bytes.data(), bytes.size());
      return Value(type, value);
    }
    case PhysicalType::Interval: {
      DRIFT_ASSIGN(const auto micros, reader.zigzag());
      DRIFT_ASSIGN(const auto days, reader.zigzag());
      DRIFT_ASSIGN(const auto months, reader.zigzag());
      return Value(type, types::Interval{micros, static_cast<std::int32_t>(days), static_cast<std::int32_t>(months)});
    }
  }
  return malformed();
}

}  // namespace

void encodeRow(const RowLayout& layout, std::span<const Vector* const> vectors, std::size_t row, Bytes& out) {
  assert(vectors.size() == layout.columns.size());
  const auto start = out.size();
  out.resize(start + (layout.columns.size() + 7) / 8);
  ByteWriter writer(out);
  for (std::size_t column = 0; column < vectors.size(); ++column) {
    if (vectors[column]->isNull(row)) continue;
    setBit(out, start, column);
    writeField(writer, *vectors[column], row);
  }
}

void encodeRow(const RowLayout& layout, std::span<const Value> values, Bytes& out) {
  assert(values.size() == layout.columns.size());
  const auto start = out.size();
  out.resize(start + (layout.columns.size() + 7) / 8);
  ByteWriter writer(out);
  for (std::size_t column = 0; column < values.size(); ++column) {
    if (values[column].isNull()) continue;
    setBit(out, start, column);
    writeField(writer, layout.columns[column].type.physical(), values[column]);
  }
}

Status decodeRow(const RowLayout& layout, ByteSpan bytes, std::span<const std::size_t> wanted,
                 std::span<Vector* const> into, std::size_t target) {
  ByteReader reader(bytes);
  DRIFT_ASSIGN(const auto present, reader.raw((layout.columns.size() + 7) / 8));
  assert(std::ranges::is_sorted(wanted));
  std::size_t next = 0;
  for (std::size_t column = 0; column < layout.columns.size() && next < wanted.size(); ++column) {
    Vector* const vector = wanted[next] == column ? into[next++] : nullptr;
    const bool isPresent = (std::to_integer<unsigned>(present[column / 8]) >> (column % 8)) & 1;
    if (isPresent) DRIFT_TRY(readField(reader, layout.columns[column].type.physical(), vector, target));
    else if (vector) vector->setNull(target);
  }
  return {};
}

Result<std::vector<Value>> decodeRow(const RowLayout& layout, ByteSpan bytes) {
  ByteReader reader(bytes);
  DRIFT_ASSIGN(const auto present, reader.raw((layout.columns.size() + 7) / 8));
  std::vector<Value> values;
  values.reserve(layout.columns.size());
  for (std::size_t column = 0; column < layout.columns.size(); ++column) {
    const bool isPresent = (std::to_integer<unsigned>(present[column / 8]) >> (column % 8)) & 1;
    if (!isPresent) {
      values.push_back(Value::null(layout.columns[column].type));
      continue;
    }
    DRIFT_ASSIGN(auto value, readField(reader, layout.columns[column].type));
    values.push_back(std::move(value));
  }
  return values;
}

}  // namespace drift::storage
