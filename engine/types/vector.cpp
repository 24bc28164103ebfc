#include "types/vector.h"

#include <algorithm>

namespace drift::types {

namespace {

constexpr std::size_t kHeapBlockBytes = 32 * 1024;

std::size_t wordsFor(std::size_t rows) { return (rows + 63) / 64; }

}  // namespace

StringRef StringHeap::add(std::string_view text) {
  if (text.size() <= StringRef::kInlineBytesMax) return StringRef(text);
  m_sizeBytes += text.size();
  if (text.size() > m_capacity - m_used) {
    m_capacity = std::max(kHeapBlockBytes, text.size());
    m_blocks.push_back(std::make_unique_for_overwrite<char[]>(m_capacity));
    m_used = 0;
  }
  char* target = m_blocks.back().get() + m_used;
  std::memcpy(target, text.data(), text.size());
  m_used += text.size();
  return StringRef(std::string_view(target, text.size()));
}

std::size_t physicalSize(PhysicalType type) {
  switch (type) {
    case PhysicalType::Bool: return 1;
    case PhysicalType::Int16: return 2;
    case PhysicalType::Int32: return 4;
    case PhysicalType::Int64:
    case PhysicalType::Double: return 8;
    case PhysicalType::Decimal: return sizeof(Decimal);
    case PhysicalType::String: return sizeof(StringRef);
    case PhysicalType::Uuid: return sizeof(Uuid);
    case PhysicalType::Interval: return sizeof(Interval);
  }
  return 0;
}

Vector::Vector(Type type, std::size_t capacity)
    : m_type(type), m_capacity(capacity), m_data(new std::byte[capacity * physicalSize(type.physical())]) {
  // Entries under NULLs are read by branch-free kernels, so they must be valid objects.
  std::memset(m_data.get(), 0, capacity * physicalSize(type.physical()));
}

Vector Vector::constant(const Value& value) {
  Vector result(value.type(), 1);
  result.set(0, value);
  result.m_kind = VectorKind::Constant;
  return result;
}

Vector Vector::select(const Vector& source, std::span<const std::uint16_t> selection) {
  Vector result = source;
  if (source.m_kind == VectorKind::Constant) return result;
  auto merged = std::make_shared<Selection>(selection.begin(), selection.end());
  if (source.m_kind == VectorKind::Dictionary)
    for (auto& at : *merged) at = (*source.m_selection)[at];
  result.m_kind = VectorKind::Dictionary;
  result.m_selection = std::move(merged);
  return result;
}

VectorView Vector::view() const {
  VectorView view;
  view.m_data = m_data.get();
  view.m_constant = m_kind == VectorKind::Constant;
  view.m_selection = m_kind == VectorKind::Dictionary ? m_selection->data() : nullptr;
  view.m_validity = m_validity ? m_validity->data() : nullptr;
  return view;
}

void Vector::ensureValidity() {
  if (!m_validity) m_validity = std::make_shared<std::vector<std::uint64_t>>(wordsFor(m_capacity), ~0ull);
}

void Vector::setNull(std::size_t row) {
  assert(m_kind != VectorKind::Dictionary && row < m_capacity);
  ensureValidity();
  (*m_validity)[row >> 6] &= ~(1ull << (row & 63));
}

StringHeap& Vector::heap() {
  if (!m_heap) m_heap = std::make_shared<StringHeap>();
  return *m_heap;
}

void Vector::setString(std::size_t row, std::string_view text) {
  assert(m_type.physical() == PhysicalType::String && row < m_capacity);
  data<StringRef>()[row] =
      text.size() <= StringRef::kInlineBytesMax ? StringRef(text) : heap().add(text);
}

void Vector::set(std::size_t row, const Value& value) {
  if (value.isNull()) return setNull(row);
  assert(row < m_capacity);
  switch (m_type.physical()) {
    case PhysicalType::Bool: data<std::uint8_t>()[row] = value.asBool(); break;
    case PhysicalType::Int16: data<std::int16_t>()[row] = static_cast<std::int16_t>(value.asInt()); break;
    case PhysicalType::Int32: data<std::int32_t>()[row] = static_cast<std::int32_t>(value.asInt()); break;
    case PhysicalType::Int64: data<std::int64_t>()[row] = value.asInt(); break;
    case PhysicalType::Double: data<double>()[row] = value.asDouble(); break;
    case PhysicalType::Decimal: data<Decimal>()[row] = value.asDecimal(); break;
    case PhysicalType::String: setString(row, value.asString()); break;
    case PhysicalType::Uuid: data<Uuid>()[row] = value.asUuid(); break;
    case PhysicalType::Interval: data<Interval>()[row] = value.asInterval(); break;
  }
}

Value Vector::get(std::size_t row) const {
  const auto rows = view();
  if (rows.isNull(row)) return Value::null(m_type);
  switch (m_type.physical()) {
    case PhysicalType::Bool: return Value(m_type, rows.at<std::uint8_t>(row) != 0);
    case PhysicalType::Int16: return Value(m_type, std::int64_t{rows.at<std::int16_t>(row)});
    case PhysicalType::Int32: return Value(m_type, std::int64_t{rows.at<std::int32_t>(row)});
    case PhysicalType::Int64: return Value(m_type, rows.at<std::int64_t>(row));
    case PhysicalType::Double: return Value(m_type, rows.at<double>(row));
    case PhysicalType::Decimal: return Value(m_type, rows.at<Decimal>(row));
    case PhysicalType::String: return Value(m_type, std::string(rows.at<StringRef>(row).view()));
    case PhysicalType::Uuid: return Value(m_type, rows.at<Uuid>(row));
    case PhysicalType::Interval: return Value(m_type, rows.at<Interval>(row));
  }
  return Value::null(m_type);
}

void Vector::keepHeapsOf(const Vector& other) {
  if (other.m_heap) m_owners.push_back(other.m_heap);
  m_owners.insert(m_owners.end(), other.m_owners.begin(), other.m_owners.end());
}

void Vector::keep(std::shared_ptr<const void> owner) { m_owners.push_back(std::move(owner)); }

Vector Vector::flattened(std::size_t rows) const {
  if (m_kind == VectorKind::Flat) return *this;
  Vector result(m_type, rows);
  const auto source = view();
  const auto size = physicalSize(m_type.physical());
  for (std::size_t row = 0; row < rows; ++row) {
    if (source.isNull(row)) result.setNull(row);
    else std::memcpy(result.m_data.get() + row * size, m_data.get() + source.index(row) * size, size);
  }
  result.keepHeapsOf(*this);
  return result;
}

void Vector::relabel(Type type) {
  assert(type.physical() == m_type.physical());
  m_type = type;
}

Chunk::Chunk(std::span<const Type> types, std::size_t capacity) {
  m_columns.reserve(types.size());
  for (const auto type : types) m_columns.emplace_back(type, capacity);
}

Chunk Chunk::selected(std::span<const std::uint16_t> selection) const {
  Chunk result;
  for (const auto& column : m_columns) result.addColumn(Vector::select(column, selection));
  result.setRowCount(selection.size());
  return result;
}

}  // namespace drift::types
