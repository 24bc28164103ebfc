#include "storage/row.h"

#include <algorithm>
#include <cassert>

#include "storage/row_encoder.h"

namespace drift::storage {

namespace {

using types::PhysicalType;
using types::Value;
using types::Vector;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a row in the file is malformed"); }

Result<types::Decimal> readDecimal(ByteReader& reader) {
  DRIFT_ASSIGN(const auto scale, reader.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto low, reader.fixed<std::uint64_t>());
  DRIFT_ASSIGN(const auto high, reader.fixed<std::int64_t>());
  if (scale == 0xff) return types::Decimal::nan();
  if (scale > types::Decimal::kDigitsMax) return malformed();
  return types::Decimal((static_cast<types::Int128>(high) << 64) | low, scale);
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
  RowEncoder encoder;
  ByteWriter(out).raw(asBytes(encoder.encode(layout, vectors, row)));
}

void encodeRow(const RowLayout& layout, std::span<const Value> values, Bytes& out) {
  RowEncoder encoder;
  ByteWriter(out).raw(asBytes(encoder.encode(layout, values)));
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
