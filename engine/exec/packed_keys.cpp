#include "exec/packed_keys.h"

namespace drift::exec {

using types::PhysicalType;

namespace {

/// Bits of a type that can be packed; 0 for others.
unsigned bitsOf(PhysicalType type) {
  switch (type) {
    case PhysicalType::Bool: return 8;
    case PhysicalType::Int16: return 16;
    case PhysicalType::Int32: return 32;
    case PhysicalType::Int64: return 64;
    case PhysicalType::Double:
    case PhysicalType::Decimal:
    case PhysicalType::String:
    case PhysicalType::Uuid:
    case PhysicalType::Interval: return 0;
  }
  return 0;
}

template <class T, class Bits>
void addColumn(const types::VectorView& view, unsigned shift, std::span<std::uint64_t> packed) {
  const auto* values = view.data<T>();
  if (view.isFlat()) {
    for (std::size_t row = 0; row < packed.size(); ++row)
      packed[row] |= static_cast<std::uint64_t>(static_cast<Bits>(values[row])) << shift;
    return;
  }
  for (std::size_t row = 0; row < packed.size(); ++row)
    packed[row] |= static_cast<std::uint64_t>(static_cast<Bits>(values[view.index(row)])) << shift;
}

}  // namespace

bool canPack(std::span<const PhysicalType> types) {
  unsigned bits = 0;
  for (const auto type : types) {
    const auto own = bitsOf(type);
    if (own == 0) return false;
    bits += own;
  }
  return !types.empty() && bits <= 64;
}

void packKeys(const types::Chunk& keys, std::vector<std::uint64_t>& packed) {
  packed.assign(keys.rowCount(), 0);
  unsigned shift = 0;
  for (std::size_t column = 0; column < keys.columnCount(); ++column) {
    const auto view = keys.column(column).view();
    const auto type = keys.column(column).type().physical();
    switch (bitsOf(type)) {
      case 8: addColumn<std::uint8_t, std::uint8_t>(view, shift, packed); break;
      case 16: addColumn<std::int16_t, std::uint16_t>(view, shift, packed); break;
      case 32: addColumn<std::int32_t, std::uint32_t>(view, shift, packed); break;
      default: addColumn<std::int64_t, std::uint64_t>(view, shift, packed); break;
    }
    shift += bitsOf(type);
  }
}

}  // namespace drift::exec
