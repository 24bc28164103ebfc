// The writing half of integer blocks; integer_block.cpp reads.
#include <algorithm>
#include <bit>
#include <limits>
#include <numeric>
#include <optional>

#include "storage/bit_packing.h"
#include "storage/byte_block.h"
#include "storage/integer_block.h"

namespace drift::storage {

namespace {

using Values = std::span<const std::int64_t>;

std::uint64_t offset(std::int64_t value, std::int64_t from) {
  return static_cast<std::uint64_t>(value) - static_cast<std::uint64_t>(from);
}

std::int64_t step(Values values, std::size_t at) {
  return static_cast<std::int64_t>(offset(values[at], values[at - 1]));
}

struct Shape {
  std::int64_t min = std::numeric_limits<std::int64_t>::max();
  std::int64_t max = std::numeric_limits<std::int64_t>::min();
  std::int64_t minStep = std::numeric_limits<std::int64_t>::max();
  std::int64_t maxStep = std::numeric_limits<std::int64_t>::min();
  std::size_t runs = 1;
};

Shape shapeOf(Values values) {
  Shape shape;
  shape.min = shape.max = values[0];
  for (std::size_t i = 1; i < values.size(); ++i) {
    const auto delta = step(values, i);
    shape.min = std::min(shape.min, values[i]);
    shape.max = std::max(shape.max, values[i]);
    shape.minStep = std::min(shape.minStep, delta);
    shape.maxStep = std::max(shape.maxStep, delta);
    shape.runs += delta != 0;
  }
  return shape;
}

void writeHead(ByteWriter& out, IntegerEncoding encoding, const Shape& shape) {
  out.fixed(static_cast<std::uint8_t>(encoding));
  out.zigzag(shape.min);
  if (encoding != IntegerEncoding::Constant) out.varint(offset(shape.max, shape.min));
}

Bytes encodeReference(Values values, const Shape& shape) {
  Bytes bytes;
  ByteWriter out(bytes);
  writeHead(out, IntegerEncoding::Reference, shape);
  std::vector<std::uint64_t> offsets(values.size());
  std::ranges::transform(values, offsets.begin(), [&](auto value) { return offset(value, shape.min); });
  pack(bytes, offsets, packedWidth(offset(shape.max, shape.min)));
  return bytes;
}

Bytes encodeDelta(Values values, const Shape& shape) {
  Bytes bytes;
  ByteWriter out(bytes);
  writeHead(out, IntegerEncoding::Delta, shape);
  const auto range = offset(shape.maxStep, shape.minStep);
  out.zigzag(values[0]);
  out.zigzag(shape.minStep);
  out.varint(range);
  std::vector<std::uint64_t> steps(values.size() - 1);
  for (std::size_t i = 1; i < values.size(); ++i) steps[i - 1] = offset(step(values, i), shape.minStep);
  pack(bytes, steps, packedWidth(range));
  return bytes;
}

Bytes encodeLz4(Values values, const Shape& shape) {
  Bytes bytes;
  ByteWriter out(bytes);
  writeHead(out, IntegerEncoding::Lz4, shape);
  const auto range = offset(shape.max, shape.min);
  const unsigned width = range <= 0xff ? 8 : range <= 0xffff ? 16 : range <= 0xffff'ffff ? 32 : 64;
  std::vector<std::uint64_t> offsets(values.size());
  std::ranges::transform(values, offsets.begin(), [&](auto value) { return offset(value, shape.min); });
  Bytes raw;
  pack(raw, offsets, width);
  writeBlock(out, raw);
  return bytes;
}

void writeInner(ByteWriter& out, Values values);

Bytes encodeRuns(Values values, const Shape& shape) {
  Bytes bytes;
  ByteWriter out(bytes);
  writeHead(out, IntegerEncoding::Runs, shape);
  out.varint(shape.runs);
  std::vector<std::int64_t> runValues, lengths;
  runValues.reserve(shape.runs);
  lengths.reserve(shape.runs);
  for (std::size_t start = 0, at = 1; at <= values.size(); ++at) {
    if (at < values.size() && values[at] == values[start]) continue;
    runValues.push_back(values[start]);
    lengths.push_back(static_cast<std::int64_t>(at - start - 1));
    start = at;
  }
  writeInner(out, runValues);
  writeInner(out, lengths);
  return bytes;
}

/// The distinct values by rising value, and the position of each value among them.
struct Distinct {
  std::vector<std::int64_t> values;
  std::vector<std::uint64_t> codes;
};

/// Nothing where there are more than `limit`.
std::optional<Distinct> distinctOf(Values values, std::size_t limit) {
  const auto bits = static_cast<unsigned>(std::bit_width(2 * limit));
  std::vector<std::uint32_t> slots(std::size_t{1} << bits);  // position in `found` plus one; 0 = free
  std::vector<std::int64_t> found;
  Distinct result;
  result.codes.reserve(values.size());
  for (const auto value : values) {
    // Fibonacci hashing (Knuth, volume 3, section 6.4): the high bits of a product with 2^64 / golden ratio.
    auto slot = static_cast<std::size_t>((static_cast<std::uint64_t>(value) * 0x9e37'79b9'7f4a'7c15u) >> (64 - bits));
    while (slots[slot] && found[slots[slot] - 1] != value) slot = (slot + 1) & (slots.size() - 1);
    if (!slots[slot]) {
      if (found.size() == limit) return std::nullopt;
      found.push_back(value);
      slots[slot] = static_cast<std::uint32_t>(found.size());
    }
    result.codes.push_back(slots[slot] - 1);
  }
  std::vector<std::uint32_t> order(found.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, [&](auto at) { return found[at]; });
  std::vector<std::uint64_t> rank(found.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    rank[order[i]] = i;
    result.values.push_back(found[order[i]]);
  }
  for (auto& code : result.codes) code = rank[code];
  return result;
}

Bytes encodeDictionary(const Distinct& distinct, const Shape& shape) {
  Bytes bytes;
  ByteWriter out(bytes);
  writeHead(out, IntegerEncoding::Dictionary, shape);
  out.varint(distinct.values.size());
  writeInner(out, distinct.values);
  pack(bytes, distinct.codes, packedWidth(distinct.values.size() - 1));
  return bytes;
}

/// Whether a way to store a block that is read as a whole only is to be taken: where it saves a quarter, since from the
/// others any value is read alone.
bool saves(std::size_t bytes, std::size_t best) { return bytes * 4 < best * 3; }

void offerLz4(Bytes& best, Values values, const Shape& shape) {
  if (best.size() <= values.size() / 8 + 16) return;
  auto packed = encodeLz4(values, shape);
  if (saves(packed.size(), best.size())) best = std::move(packed);
}

Bytes encodePacked(Values values, const Shape& shape) {
  if (values.size() < 2) return encodeReference(values, shape);
  const auto referenceSize = packedBytes(values.size(), packedWidth(offset(shape.max, shape.min)));
  const auto deltaSize = packedBytes(values.size() - 1, packedWidth(offset(shape.maxStep, shape.minStep)));
  // Steps need a longer head; where there are few values that decides.
  if (!saves(deltaSize, referenceSize)) return encodeReference(values, shape);
  auto delta = encodeDelta(values, shape);
  auto reference = encodeReference(values, shape);
  return delta.size() < reference.size() ? delta : reference;
}

bool writeConstant(ByteWriter& out, const Shape& shape) {
  if (shape.min != shape.max) return false;
  writeHead(out, IntegerEncoding::Constant, shape);
  return true;
}

void writeInner(ByteWriter& out, Values values) {
  const auto shape = shapeOf(values);
  if (writeConstant(out, shape)) return;
  auto best = encodePacked(values, shape);
  offerLz4(best, values, shape);
  out.raw(best);
}

}  // namespace

void writeIntegerBlock(ByteWriter& out, Values values) {
  if (values.empty()) return;
  const auto shape = shapeOf(values);
  if (writeConstant(out, shape)) return;
  auto best = encodePacked(values, shape);
  if (shape.runs <= values.size() / 2)
    if (auto runs = encodeRuns(values, shape); saves(runs.size(), best.size())) best = std::move(runs);
  // Codes of so many bits a value would be as large as the best so far.
  const auto codeBits = std::min<std::size_t>(8 * best.size() / values.size(), 32);
  const auto distinctMax = std::min(values.size() / 2, std::size_t{1} << codeBits);
  if (distinctMax >= 2)
    if (const auto distinct = distinctOf(values, distinctMax))
      if (auto coded = encodeDictionary(*distinct, shape); coded.size() < best.size()) best = std::move(coded);
  offerLz4(best, values, shape);
  out.raw(best);
}

void writeIntegers(ByteWriter& out, std::span<const std::uint64_t> values) {
  writeIntegerBlock(out, std::span(reinterpret_cast<const std::int64_t*>(values.data()), values.size()));
}

}  // namespace drift::storage
