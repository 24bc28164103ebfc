#include "storage/column_block.h"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <vector>

#include "storage/decimal_block.h"
#include "storage/double_block.h"
#include "storage/integer_block.h"
#include "storage/string_block.h"

namespace drift::storage {

namespace {

using types::Decimal;
using types::Interval;
using types::PhysicalType;
using types::StringRef;
using types::Uuid;
using types::Value;
using types::Vector;
using types::VectorView;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a column in the file is malformed"); }

/// Blocks of UUIDs from here on have bounds; in smaller ones these would be a good part.
constexpr std::size_t kBoundedFrom = 16;

/// The values that are not NULL, in order. T: what a row holds; Out: what the block is written from.
template <class T, class Out, class Convert>
std::vector<Out> present(const VectorView& view, std::size_t rows, std::size_t count, Convert convert) {
  std::vector<Out> values;
  values.reserve(count);
  for (std::size_t row = 0; row < rows; ++row)
    if (count == rows || !view.isNull(row)) values.push_back(convert(view.at<T>(row)));
  return values;
}

template <class T>
std::vector<T> present(const VectorView& view, std::size_t rows, std::size_t count) {
  return present<T, T>(view, rows, count, [](const T& value) { return value; });
}

template <class T>
void writeIntegersOf(ByteWriter& out, const VectorView& view, std::size_t rows, std::size_t count) {
  writeIntegerBlock(out, present<T, std::int64_t>(view, rows, count, [](T value) { return std::int64_t{value}; }));
}

void writeUuids(ByteWriter& out, std::span<const Uuid> values) {
  if (values.size() >= kBoundedFrom) {
    const auto [min, max] = std::ranges::minmax(values);
    out.raw(std::as_bytes(std::span(min.bytes)));
    out.raw(std::as_bytes(std::span(max.bytes)));
  }
  writeBlock(out, std::as_bytes(values));
}

void writeIntervals(ByteWriter& out, std::span<const Interval> values) { writeBlock(out, std::as_bytes(values)); }

void writeValues(ByteWriter& out, PhysicalType type, const VectorView& view, std::size_t rows, std::size_t count,
                 DensePacker* dense) {
  switch (type) {
    case PhysicalType::Bool: return writeIntegersOf<std::uint8_t>(out, view, rows, count);
    case PhysicalType::Int16: return writeIntegersOf<std::int16_t>(out, view, rows, count);
    case PhysicalType::Int32: return writeIntegersOf<std::int32_t>(out, view, rows, count);
    case PhysicalType::Int64: return writeIntegersOf<std::int64_t>(out, view, rows, count);
    case PhysicalType::Double: return writeDoubleBlock(out, present<double>(view, rows, count));
    case PhysicalType::Decimal: return writeDecimalBlock(out, present<Decimal>(view, rows, count));
    case PhysicalType::String: {
      // By reference: a short string lies inside its StringRef.
      std::vector<std::string_view> values;
      values.reserve(count);
      for (std::size_t row = 0; row < rows; ++row)
        if (count == rows || !view.isNull(row)) values.push_back(view.at<StringRef>(row).view());
      return writeStringBlock(out, values, dense);
    }
    case PhysicalType::Uuid: return writeUuids(out, present<Uuid>(view, rows, count));
    case PhysicalType::Interval: return writeIntervals(out, present<Interval>(view, rows, count));
  }
}

template <class T>
Status readIntegersTo(ByteReader& in, Vector& column, std::size_t count) {
  return readIntegerBlock<T>(in, std::span(column.data<T>(), count));
}

Status readBooleans(ByteReader& in, Vector& column, std::size_t count) {
  auto* values = column.data<std::int8_t>();
  DRIFT_TRY(readIntegerBlock<std::int8_t>(in, std::span(values, count)));
  const auto all = std::accumulate(values, values + count, 0u, [](unsigned bits, std::int8_t value) {
    return bits | static_cast<std::uint8_t>(value);
  });
  if (all > 1) return malformed();
  return {};
}

Status readFixed(ByteReader& in, Vector& column, std::size_t count, std::size_t size) {
  DRIFT_ASSIGN(const auto block, openBlock(in));
  if (block.rawSize != count * size) return malformed();
  return unpackBlock(block, column.data<std::byte>());
}

/// Reads `count` values to the front of the column.
Status readValues(ByteReader& in, Vector& column, std::size_t count) {
  switch (column.type().physical()) {
    case PhysicalType::Bool: return readBooleans(in, column, count);
    case PhysicalType::Int16: return readIntegersTo<std::int16_t>(in, column, count);
    case PhysicalType::Int32: return readIntegersTo<std::int32_t>(in, column, count);
    case PhysicalType::Int64: return readIntegersTo<std::int64_t>(in, column, count);
    case PhysicalType::Double: return readDoubleBlock(in, std::span(column.data<double>(), count));
    case PhysicalType::Decimal: return readDecimalBlock(in, std::span(column.data<Decimal>(), count));
    case PhysicalType::String: {
      DRIFT_ASSIGN(auto owner, readStringBlock(in, std::span(column.data<StringRef>(), count)));
      if (owner) column.keep(std::move(owner));
      return {};
    }
    case PhysicalType::Uuid:
      if (count >= kBoundedFrom) DRIFT_TRY(in.raw(2 * sizeof(Uuid)));
      return readFixed(in, column, count, sizeof(Uuid));
    case PhysicalType::Interval: return readFixed(in, column, count, sizeof(Interval));
  }
  return malformed();
}

/// Moves `count` values at the front to the rows that are present, and zeros and NULLs between them.
template <class T>
void spread(Vector& column, std::span<const std::int8_t> isPresent, std::size_t count) {
  auto* values = column.data<T>();
  for (auto row = isPresent.size(); row-- > 0;) {
    if (isPresent[row]) {
      values[row] = values[--count];
    } else {
      values[row] = T();
      column.setNull(row);
    }
  }
}

void spreadAny(Vector& column, std::span<const std::int8_t> isPresent, std::size_t count) {
  switch (column.type().physical()) {
    case PhysicalType::Bool: return spread<std::uint8_t>(column, isPresent, count);
    case PhysicalType::Int16: return spread<std::int16_t>(column, isPresent, count);
    case PhysicalType::Int32: return spread<std::int32_t>(column, isPresent, count);
    case PhysicalType::Int64: return spread<std::int64_t>(column, isPresent, count);
    case PhysicalType::Double: return spread<double>(column, isPresent, count);
    case PhysicalType::Decimal: return spread<Decimal>(column, isPresent, count);
    case PhysicalType::String: return spread<StringRef>(column, isPresent, count);
    case PhysicalType::Uuid: return spread<Uuid>(column, isPresent, count);
    case PhysicalType::Interval: return spread<Interval>(column, isPresent, count);
  }
}

Result<std::uint64_t> readNullCount(ByteReader& in, std::size_t rows) {
  DRIFT_ASSIGN(const auto nulls, in.varint());
  if (nulls > rows) return malformed();
  return nulls;
}

Result<Value> readUuid(ByteReader& in) {
  Uuid uuid;
  DRIFT_ASSIGN(const auto bytes, in.raw(sizeof uuid));
  std::memcpy(uuid.bytes.data(), bytes.data(), bytes.size());
  return Value::uuid(uuid);
}

Status readBoundsTo(ByteReader& in, types::Type type, std::size_t count, ColumnZone& zone) {
  switch (type.physical()) {
    case PhysicalType::Bool: {
      DRIFT_ASSIGN(const auto bounds, readIntegerBounds(in));
      zone.min = Value::boolean(bounds.min > 0);
      zone.max = Value::boolean(bounds.max > 0);
      return {};
    }
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: {
      DRIFT_ASSIGN(const auto bounds, readIntegerBounds(in));
      zone.min = Value(type, bounds.min);
      zone.max = Value(type, bounds.max);
      return {};
    }
    case PhysicalType::Double: {
      DRIFT_ASSIGN(const auto bounds, readDoubleBounds(in));
      if (bounds.min) zone.min = Value(type, *bounds.min);
      if (bounds.max) zone.max = Value(type, *bounds.max);
      return {};
    }
    case PhysicalType::Decimal: {
      DRIFT_ASSIGN(const auto bounds, readDecimalBounds(in));
      zone.min = Value(type, bounds.min);
      zone.max = Value(type, bounds.max);
      return {};
    }
    case PhysicalType::String: {
      DRIFT_ASSIGN(auto bounds, readStringBounds(in));
      if (!bounds.min.empty()) zone.min = Value(type, std::move(bounds.min));
      if (!bounds.max.empty()) zone.max = Value(type, std::move(bounds.max));
      return {};
    }
    case PhysicalType::Uuid: {
      if (count < kBoundedFrom) return {};
      DRIFT_ASSIGN(zone.min, readUuid(in));
      DRIFT_ASSIGN(zone.max, readUuid(in));
      return {};
    }
    case PhysicalType::Interval: return {};
  }
  return malformed();
}

}  // namespace

void writeColumn(ByteWriter& out, const Vector& column, std::size_t rows, DensePacker* dense) {
  const auto view = column.view();
  std::vector<std::int64_t> isPresent;
  std::size_t nulls = 0;
  if (view.mayHaveNulls()) {
    isPresent.resize(rows);
    for (std::size_t row = 0; row < rows; ++row) {
      isPresent[row] = !view.isNull(row);
      nulls += view.isNull(row);
    }
  }
  out.varint(nulls);
  if (nulls == rows) return;
  writeValues(out, column.type().physical(), view, rows, rows - nulls, dense);
  if (nulls > 0) writeIntegerBlock(out, isPresent);
}

Result<Vector> readColumn(ByteReader& in, types::Type type, std::size_t rows) {
  DRIFT_ASSIGN(const auto nulls, readNullCount(in, rows));
  Vector column(type, rows);
  if (nulls == rows) {
    for (std::size_t row = 0; row < rows; ++row) column.setNull(row);
    return column;
  }
  const auto count = rows - nulls;
  DRIFT_TRY(readValues(in, column, count));
  if (nulls == 0) return column;
  std::vector<std::int8_t> isPresent(rows);
  DRIFT_TRY(readIntegerBlock<std::int8_t>(in, isPresent));
  if (static_cast<std::size_t>(std::ranges::count(isPresent, 1)) != count ||
      static_cast<std::size_t>(std::ranges::count(isPresent, 0)) != nulls)
    return malformed();
  spreadAny(column, isPresent, count);
  return column;
}

Result<ColumnZone> readZone(ByteReader in, types::Type type, std::size_t rows) {
  ColumnZone zone;
  DRIFT_ASSIGN(zone.nullCount, readNullCount(in, rows));
  if (zone.nullCount < rows) DRIFT_TRY(readBoundsTo(in, type, rows - zone.nullCount, zone));
  return zone;
}

}  // namespace drift::storage
