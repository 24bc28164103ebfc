#include "storage/row_encoder.h"

#include <algorithm>
#include <cassert>

#include "storage/room_writer.h"

namespace drift::storage {

namespace {

using types::PhysicalType;
using types::Value;
using types::Vector;

/// What a field takes up at most, but for the bytes of a string.
constexpr std::size_t kFieldBytesMax = 3 * RoomWriter::kVarintBytesMax;

void writeDecimal(RoomWriter& writer, const types::Decimal& value) {
  writer.fixed(static_cast<std::uint8_t>(value.isNan() ? 0xff : value.scale()));
  const auto coefficient = value.coefficient();
  writer.fixed(static_cast<std::uint64_t>(coefficient));
  writer.fixed(static_cast<std::int64_t>(coefficient >> 64));
}

void writeInterval(RoomWriter& writer, const types::Interval& interval) {
  writer.zigzag(interval.micros);
  writer.zigzag(interval.days);
  writer.zigzag(interval.months);
}

void writeField(RoomWriter& writer, PhysicalType type, const types::VectorView& view, std::size_t row) {
  switch (type) {
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

void writeField(RoomWriter& writer, PhysicalType type, const Value& value) {
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

}  // namespace

/// Where a field goes: behind the ones before, with room for those that may follow.
template <class Write>
void RowEncoder::add(std::size_t column, std::size_t stringBytes, const Write& write) {
  m_needed += stringBytes;
  if (m_needed > m_room.size()) m_room.resize(std::max(m_needed, 2 * m_room.size()));
  m_room[column / 8] |= static_cast<std::byte>(1u << (column % 8));
  RoomWriter writer(m_room.data() + m_at);
  write(writer);
  m_at = static_cast<std::size_t>(writer.at() - m_room.data());
}

void RowEncoder::begin(const RowLayout& layout) {
  m_at = (layout.columns.size() + 7) / 8;
  m_needed = m_at + layout.columns.size() * kFieldBytesMax;
  if (m_needed > m_room.size()) m_room.resize(m_needed);
  std::fill_n(m_room.begin(), m_at, std::byte{0});
}

std::string_view RowEncoder::encode(const RowLayout& layout, std::span<const Vector* const> vectors, std::size_t row) {
  assert(vectors.size() == layout.columns.size());
  begin(layout);
  for (std::size_t column = 0; column < vectors.size(); ++column) {
    const auto view = vectors[column]->view();
    if (view.isNull(row)) continue;
    const auto type = vectors[column]->type().physical();
    const auto stringBytes = type == PhysicalType::String ? view.at<types::StringRef>(row).size() : 0;
    add(column, stringBytes, [&](RoomWriter& writer) { writeField(writer, type, view, row); });
  }
  return asText(ByteSpan(m_room).first(m_at));
}

std::string_view RowEncoder::encode(const RowLayout& layout, std::span<const Value> values) {
  assert(values.size() == layout.columns.size());
  begin(layout);
  for (std::size_t column = 0; column < values.size(); ++column) {
    const auto& value = values[column];
    if (value.isNull()) continue;
    const auto type = layout.columns[column].type.physical();
    const auto stringBytes = type == PhysicalType::String ? value.asString().size() : 0;
    add(column, stringBytes, [&](RoomWriter& writer) { writeField(writer, type, value); });
  }
  return asText(ByteSpan(m_room).first(m_at));
}

}  // namespace drift::storage
