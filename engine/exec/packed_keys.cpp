#include "exec/packed_keys.h"

#include <cstring>

namespace drift::exec {

using types::PhysicalType;

unsigned packedBits(PhysicalType type) {
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

namespace {

template <class T, class Bits>
void addColumn(const types::VectorView& view, unsigned shift, std::span<std::uint64_t> packed) {
  const auto* values = view.data<T>();
  if (view.isFlat() && shift == 0) {  // the first one finds nothing there
    for (std::size_t row = 0; row < packed.size(); ++row)
      packed[row] = static_cast<std::uint64_t>(static_cast<Bits>(values[row]));
    return;
  }
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
    const auto own = packedBits(type);
    if (own == 0) return false;
    bits += own;
  }
  return !types.empty() && bits <= 64;
}

namespace {

/// Packs one column that is no string; gives its bits.
unsigned packColumn(const types::Vector& column, unsigned shift, std::span<std::uint64_t> packed) {
  const auto view = column.view();
  const auto bits = packedBits(column.type().physical());
  switch (bits) {
    case 8: addColumn<std::uint8_t, std::uint8_t>(view, shift, packed); break;
    case 16: addColumn<std::int16_t, std::uint16_t>(view, shift, packed); break;
    case 32: addColumn<std::int32_t, std::uint32_t>(view, shift, packed); break;
    default: addColumn<std::int64_t, std::uint64_t>(view, shift, packed); break;
  }
  return bits;
}

/// The length and the bytes of a string of at most 7.
std::uint64_t wordOf(const types::StringRef& text) {
  std::uint64_t word = 0;
  std::memcpy(&word, text.data(), text.size());
  return word << 8 | text.size();
}

}  // namespace

void packKeys(const types::Chunk& keys, std::vector<std::uint64_t>& packed) {
  packed.assign(keys.rowCount(), 0);
  unsigned shift = 0;
  for (std::size_t column = 0; column < keys.columnCount(); ++column)
    shift += packColumn(keys.column(column), shift, packed);
}

std::size_t packedStringBytes(std::span<const PhysicalType> types) {
  unsigned bits = 0;
  unsigned strings = 0;
  for (const auto type : types) {
    const auto own = packedBits(type);
    if (own == 0 && type != PhysicalType::String) return 0;
    bits += own;
    strings += own == 0;
  }
  if (strings == 0 || bits > 64) return 0;
  const auto bytes = (64 - bits) / 8 / strings;
  return bytes < 2 ? 0 : bytes;
}

void packKeys(const types::Chunk& keys, std::size_t stringBytes, std::vector<std::uint64_t>& packed,
              std::span<std::uint8_t> fits) {
  packed.assign(keys.rowCount(), 0);
  unsigned shift = 0;
  for (std::size_t column = 0; column < keys.columnCount(); ++column) {
    const auto& values = keys.column(column);
    if (values.type().physical() != PhysicalType::String) {
      shift += packColumn(values, shift, packed);
      continue;
    }
    const auto view = values.view();
    for (std::size_t row = 0; row < packed.size(); ++row) {
      if (!fits[row]) continue;  // NULL, under which there may be anything
      const auto& text = view.at<types::StringRef>(row);
      if (text.size() < stringBytes) packed[row] |= wordOf(text) << shift;
      else fits[row] = 0;
    }
    shift += static_cast<unsigned>(stringBytes * 8);
  }
}

}  // namespace drift::exec
