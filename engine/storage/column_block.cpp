#include "storage/column_block.h"

#include <algorithm>
#include <array>
#include <cstring>

namespace drift::storage {

namespace {

using types::PhysicalType;
using types::Vector;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a column in the file is malformed"); }

/// Bytes of a value on disk; decimals lose their padding, strings have no fixed size.
std::size_t storedBytes(PhysicalType type) {
  switch (type) {
    case PhysicalType::Decimal: return 17;
    case PhysicalType::String: return 0;
    case PhysicalType::Bool:
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64:
    case PhysicalType::Double:
    case PhysicalType::Uuid:
    case PhysicalType::Interval: return types::physicalSize(type);
  }
  return 0;
}

void writeValues(ByteWriter& writer, const Vector& column, std::size_t rows) {
  const auto view = column.view();
  const auto type = column.type().physical();
  const auto size = types::physicalSize(type);
  for (std::size_t row = 0; row < rows; ++row) {
    // What lies under a NULL is written as zeros, so that equal leaves have equal bytes.
    const bool isNull = view.isNull(row);
    if (type == PhysicalType::String) {
      writer.string(isNull ? std::string_view() : view.at<types::StringRef>(row).view());
    } else if (type == PhysicalType::Decimal) {
      const auto value = isNull ? types::Decimal() : view.at<types::Decimal>(row);
      writer.fixed(static_cast<std::uint8_t>(value.isNan() ? 0xff : value.scale()));
      writer.fixed(static_cast<std::uint64_t>(value.coefficient()));
      writer.fixed(static_cast<std::int64_t>(value.coefficient() >> 64));
    } else {
      static constexpr std::array<std::byte, 16> kZeros{};
      const auto* source = view.data<std::byte>() + view.index(row) * size;
      writer.raw(isNull ? ByteSpan(kZeros).first(size) : ByteSpan(source, size));
    }
  }
}

Status readDecimals(ByteReader& reader, Vector& column, std::size_t rows) {
  auto* values = column.data<types::Decimal>();
  for (std::size_t row = 0; row < rows; ++row) {
    DRIFT_ASSIGN(const auto scale, reader.fixed<std::uint8_t>());
    DRIFT_ASSIGN(const auto low, reader.fixed<std::uint64_t>());
    DRIFT_ASSIGN(const auto high, reader.fixed<std::int64_t>());
    if (scale != 0xff && scale > types::Decimal::kDigitsMax) return malformed();
    values[row] = scale == 0xff ? types::Decimal::nan()
                                : types::Decimal((static_cast<types::Int128>(high) << 64) | low, scale);
  }
  return {};
}

Status readValues(ByteReader& reader, Vector& column, std::size_t rows) {
  const auto type = column.type().physical();
  if (type == PhysicalType::Decimal) return readDecimals(reader, column, rows);
  if (type == PhysicalType::String) {
    for (std::size_t row = 0; row < rows; ++row) {
      DRIFT_ASSIGN(const auto text, reader.string());
      column.setString(row, text);
    }
    return {};
  }
  DRIFT_ASSIGN(const auto bytes, reader.raw(rows * types::physicalSize(type)));
  std::memcpy(column.data<std::byte>(), bytes.data(), bytes.size());
  return {};
}

}  // namespace

void writeColumn(ByteWriter& out, const Vector& column, std::size_t rows) {
  Bytes raw;
  ByteWriter writer(raw);
  const auto view = column.view();
  bool anyNull = false;
  for (std::size_t row = 0; row < rows && !anyNull; ++row) anyNull = view.isNull(row);
  writer.fixed(static_cast<std::uint8_t>(anyNull));
  if (anyNull) {
    const auto start = raw.size();
    raw.resize(start + (rows + 7) / 8);
    for (std::size_t row = 0; row < rows; ++row)
      if (!view.isNull(row)) raw[start + row / 8] |= static_cast<std::byte>(1u << (row % 8));
  }
  writeValues(writer, column, rows);
  writeBlock(out, raw);
}

Result<Vector> readColumn(ByteReader& in, types::Type type, std::size_t rows) {
  DRIFT_ASSIGN(const auto raw, readBlock(in));
  ByteReader reader(raw);
  DRIFT_ASSIGN(const auto anyNull, reader.fixed<std::uint8_t>());
  ByteSpan present;
  if (anyNull > 1) return malformed();
  if (anyNull) {
    DRIFT_ASSIGN(present, reader.raw((rows + 7) / 8));
  }
  // The values must be there before room for them is made.
  if (reader.remaining() < rows * std::max<std::size_t>(storedBytes(type.physical()), 1)) return malformed();
  Vector column(type, rows);
  DRIFT_TRY(readValues(reader, column, rows));
  if (!reader.atEnd()) return malformed();
  for (std::size_t row = 0; anyNull && row < rows; ++row)
    if (!((std::to_integer<unsigned>(present[row / 8]) >> (row % 8)) & 1)) column.setNull(row);
  return column;
}

}  // namespace drift::storage
