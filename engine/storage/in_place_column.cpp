#include "storage/in_place_column.h"

#include <bit>

#include "storage/integer_block.h"

namespace drift::storage {

namespace {

using types::PhysicalType;
using types::Value;

constexpr std::size_t kGroup = 64;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a column in the file is malformed"); }

}  // namespace

Result<std::unique_ptr<const InPlaceColumn>> InPlaceColumn::open(ByteReader in, types::Type type, std::size_t rows) {
  std::unique_ptr<InPlaceColumn> column(new InPlaceColumn(type));  // the constructor is private
  DRIFT_ASSIGN(const auto nulls, in.varint());
  if (nulls > rows) return malformed();
  if (nulls < rows) {
    DRIFT_ASSIGN(const bool isInPlace, column->openValues(in, rows - nulls));
    if (!isInPlace) return std::unique_ptr<const InPlaceColumn>();
    if (nulls > 0) DRIFT_TRY(column->openPresent(in, rows, rows - nulls));
  }
  return std::unique_ptr<const InPlaceColumn>(std::move(column));
}

Result<bool> InPlaceColumn::openValues(ByteReader& in, std::size_t count) {
  const auto keep = [&](auto values) {
    if (values) m_values = std::move(*values);
    return values.has_value();
  };
  switch (m_type.physical()) {
    case PhysicalType::Bool:
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: {
      DRIFT_ASSIGN(auto values, InPlaceIntegers::open(in, count));
      return keep(std::move(values));
    }
    case PhysicalType::Decimal: {
      DRIFT_ASSIGN(auto values, InPlaceDecimals::open(in, count));
      return keep(std::move(values));
    }
    case PhysicalType::String: {
      DRIFT_ASSIGN(auto values, InPlaceStrings::open(in, count));
      return keep(std::move(values));
    }
    case PhysicalType::Double:
    case PhysicalType::Uuid:
    case PhysicalType::Interval: return false;
  }
  return malformed();
}

Status InPlaceColumn::openPresent(ByteReader& in, std::size_t rows, std::size_t count) {
  std::vector<std::int8_t> isPresent(rows);
  DRIFT_TRY(readIntegerBlock<std::int8_t>(in, isPresent));
  m_present.resize((rows + kGroup - 1) / kGroup);
  std::uint32_t before = 0;
  for (std::size_t row = 0; row < rows; ++row) {
    const auto bit = static_cast<std::uint64_t>(isPresent[row]);
    if (bit > 1) return malformed();
    auto& group = m_present[row / kGroup];
    if (row % kGroup == 0) group.before = before;
    group.bits |= bit << (row % kGroup);
    before += static_cast<std::uint32_t>(bit);
  }
  if (before != count) return malformed();
  return {};
}

Result<Value> InPlaceColumn::integer(std::int64_t value) const {
  switch (m_type.physical()) {
    case PhysicalType::Bool:
      if (value != 0 && value != 1) return malformed();
      return Value(m_type, value == 1);
    case PhysicalType::Int16:
      if (value != static_cast<std::int16_t>(value)) return malformed();
      break;
    case PhysicalType::Int32:
      if (value != static_cast<std::int32_t>(value)) return malformed();
      break;
    default: break;
  }
  return Value(m_type, value);
}

Result<Value> InPlaceColumn::get(std::size_t row) const {
  if (!m_present.empty()) {
    const auto& group = m_present[row / kGroup];
    const auto bit = std::uint64_t{1} << (row % kGroup);
    if (!(group.bits & bit)) return Value::null(m_type);
    row = group.before + static_cast<std::size_t>(std::popcount(group.bits & (bit - 1)));
  }
  if (const auto* integers = std::get_if<InPlaceIntegers>(&m_values)) return integer((*integers)[row]);
  if (const auto* decimals = std::get_if<InPlaceDecimals>(&m_values)) return Value(m_type, (*decimals)[row]);
  if (const auto* strings = std::get_if<InPlaceStrings>(&m_values)) {
    DRIFT_ASSIGN(auto text, strings->get(row));
    return Value(m_type, std::move(text));
  }
  return Value::null(m_type);
}

std::size_t InPlaceColumn::sizeBytes() const {
  auto bytes = sizeof *this + m_present.size() * sizeof(Present);
  if (const auto* integers = std::get_if<InPlaceIntegers>(&m_values)) bytes += integers->sizeBytes();
  else if (const auto* decimals = std::get_if<InPlaceDecimals>(&m_values)) bytes += decimals->sizeBytes();
  else if (const auto* strings = std::get_if<InPlaceStrings>(&m_values)) bytes += strings->sizeBytes();
  return bytes;
}

}  // namespace drift::storage
