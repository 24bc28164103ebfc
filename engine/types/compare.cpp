// Order and hashes of values: the declarations are in types/cast.h.
#include <bit>
#include <cassert>
#include <cmath>
#include <cstring>

#include "base/checksum.h"
#include "types/calendar.h"
#include "types/cast.h"

namespace drift::types {

namespace {

constexpr std::uint64_t kNullHash = 0x9e37'79b9'7f4a'7c15;

/// NaN is equal to itself and above all numbers; -0 equals 0.
std::strong_ordering orderDoubles(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::isnan(a) <=> std::isnan(b);
  return a < b ? std::strong_ordering::less : a > b ? std::strong_ordering::greater : std::strong_ordering::equal;
}

/// One multiply-and-fold step of wyhash: spreads every input bit.
std::uint64_t mix(std::uint64_t seed, std::uint64_t value) {
  const auto product = static_cast<UInt128>(seed ^ 0xa076'1d64'78bd'642f) * (value ^ 0xe703'7ed1'a0b4'28db);
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}

std::uint64_t hashOf(std::uint8_t value) { return value; }
std::uint64_t hashOf(std::int16_t value) { return static_cast<std::uint64_t>(value); }
std::uint64_t hashOf(std::int32_t value) { return static_cast<std::uint64_t>(value); }
std::uint64_t hashOf(std::int64_t value) { return static_cast<std::uint64_t>(value); }
std::uint64_t hashOf(double value) {
  if (std::isnan(value)) return 0x7ff8'0000'0000'0000;
  return value == 0 ? 0 : std::bit_cast<std::uint64_t>(value);
}
std::uint64_t hashOf(const Decimal& value) { return hash(value); }
std::uint64_t hashOf(const StringRef& value) {
  if (value.size() > StringRef::kInlineBytesMax) return xxh3(asBytes(value.view()));
  std::uint64_t words[2];  // the size and all bytes, with zeros behind them
  std::memcpy(words, &value, sizeof words);
  return mix(words[0], words[1]);
}
std::uint64_t hashOf(const Uuid& value) { return xxh3(std::as_bytes(std::span(value.bytes))); }
std::uint64_t hashOf(const Interval& value) {
  // Both halves go in whole: an exclusive or would make -1 and 0 one.
  const auto span = intervalSpan(value);
  return mix(static_cast<std::uint64_t>(span >> 64), static_cast<std::uint64_t>(span));
}

template <class T>
void hashVector(const VectorView& view, std::size_t rows, std::span<std::uint64_t> hashes) {
  for (std::size_t row = 0; row < rows; ++row)
    hashes[row] = mix(hashes[row], view.isNull(row) ? kNullHash : hashOf(view.at<T>(row)));
}

}  // namespace

std::strong_ordering compareValues(const Value& a, const Value& b) {
  assert(!a.isNull() && !b.isNull() && a.type().physical() == b.type().physical());
  switch (a.type().physical()) {
    case PhysicalType::Bool: return a.asBool() <=> b.asBool();
    case PhysicalType::Int16:
    case PhysicalType::Int32:
    case PhysicalType::Int64: return a.asInt() <=> b.asInt();
    case PhysicalType::Double: return orderDoubles(a.asDouble(), b.asDouble());
    case PhysicalType::Decimal: return compare(a.asDecimal(), b.asDecimal());
    case PhysicalType::String: return a.asString() <=> b.asString();
    case PhysicalType::Uuid: return a.asUuid() <=> b.asUuid();
    case PhysicalType::Interval: return compare(a.asInterval(), b.asInterval());
  }
  return std::strong_ordering::equal;
}

std::strong_ordering compareRows(const VectorView& left, std::size_t a, const VectorView& right, std::size_t b,
                                 PhysicalType type) {
  switch (type) {
    case PhysicalType::Bool: return left.at<std::uint8_t>(a) <=> right.at<std::uint8_t>(b);
    case PhysicalType::Int16: return left.at<std::int16_t>(a) <=> right.at<std::int16_t>(b);
    case PhysicalType::Int32: return left.at<std::int32_t>(a) <=> right.at<std::int32_t>(b);
    case PhysicalType::Int64: return left.at<std::int64_t>(a) <=> right.at<std::int64_t>(b);
    case PhysicalType::Double: return orderDoubles(left.at<double>(a), right.at<double>(b));
    case PhysicalType::Decimal: return compare(left.at<Decimal>(a), right.at<Decimal>(b));
    case PhysicalType::String: return left.at<StringRef>(a) <=> right.at<StringRef>(b);
    case PhysicalType::Uuid: return left.at<Uuid>(a) <=> right.at<Uuid>(b);
    case PhysicalType::Interval: return compare(left.at<Interval>(a), right.at<Interval>(b));
  }
  return std::strong_ordering::equal;
}

void hashRows(const Vector& input, std::size_t rows, std::span<std::uint64_t> hashes) {
  assert(hashes.size() >= rows);
  const auto view = input.view();
  switch (input.type().physical()) {
    case PhysicalType::Bool: return hashVector<std::uint8_t>(view, rows, hashes);
    case PhysicalType::Int16: return hashVector<std::int16_t>(view, rows, hashes);
    case PhysicalType::Int32: return hashVector<std::int32_t>(view, rows, hashes);
    case PhysicalType::Int64: return hashVector<std::int64_t>(view, rows, hashes);
    case PhysicalType::Double: return hashVector<double>(view, rows, hashes);
    case PhysicalType::Decimal: return hashVector<Decimal>(view, rows, hashes);
    case PhysicalType::String: return hashVector<StringRef>(view, rows, hashes);
    case PhysicalType::Uuid: return hashVector<Uuid>(view, rows, hashes);
    case PhysicalType::Interval: return hashVector<Interval>(view, rows, hashes);
  }
}

}  // namespace drift::types
