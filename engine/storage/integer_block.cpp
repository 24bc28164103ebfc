#include "storage/integer_block.h"

#include <algorithm>
#include <limits>
#include <type_traits>

#include "storage/byte_block.h"

namespace drift::storage {

namespace {

/// The blocks inside a block of runs or of a dictionary are not of these kinds again.
enum class Depth : std::uint8_t { Outer, Inner };

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block of numbers in the file is malformed"); }

/// Bytes a whole number takes whose greatest offset is `range`: 1, 2, 4 or 8.
std::size_t wholeBytes(std::uint64_t range) {
  return range <= 0xff ? 1 : range <= 0xffff ? 2 : range <= 0xffff'ffff ? 4 : 8;
}

template <class T>
Result<ByteSpan> readPacked(ByteReader& in, std::size_t count, unsigned width) {
  if (!canUnpack(width, 8 * sizeof(T))) return malformed();
  return in.raw(packedBytes(count, width));
}

/// Signed targets are filled modulo 2^n, which their unsigned kin do without undefined overflow.
template <class T>
auto* asUnsigned(T* values) {
  return reinterpret_cast<std::make_unsigned_t<T>*>(values);
}

template <class T>
Status readBlockOf(ByteReader& in, std::span<T> out, Depth depth);

template <class T>
Status readDelta(ByteReader& in, std::span<T> out) {
  using U = std::make_unsigned_t<T>;
  DRIFT_ASSIGN(const auto first, in.zigzag());
  DRIFT_ASSIGN(const auto minStep, in.zigzag());
  DRIFT_ASSIGN(const auto stepRange, in.varint());
  const auto width = packedWidth(stepRange);
  DRIFT_ASSIGN(const auto packed, readPacked<T>(in, out.size() - 1, width));
  auto* values = asUnsigned(out.data());
  auto value = static_cast<U>(first);
  values[0] = value;
  unpack<U>(packed, width, static_cast<U>(minStep), values + 1, out.size() - 1);
  for (std::size_t i = 1; i < out.size(); ++i) {
    value = static_cast<U>(value + values[i]);
    values[i] = value;
  }
  return {};
}

template <class T>
Status readRuns(ByteReader& in, std::span<T> out) {
  DRIFT_ASSIGN(const auto runs, in.varint());
  if (runs == 0 || runs > out.size()) return malformed();
  std::vector<T> values(runs);
  std::vector<std::int32_t> lengths(runs);  // less one
  DRIFT_TRY(readBlockOf<T>(in, values, Depth::Inner));
  DRIFT_TRY(readBlockOf<std::int32_t>(in, lengths, Depth::Inner));
  std::size_t done = 0;
  for (std::size_t run = 0; run < runs; ++run) {
    const auto length = lengths[run] + std::size_t{1};
    if (lengths[run] < 0 || length > out.size() - done) return malformed();
    std::fill_n(out.data() + done, length, values[run]);
    done += length;
  }
  if (done != out.size()) return malformed();
  return {};
}

template <class T>
Status readDictionary(ByteReader& in, std::span<T> out) {
  DRIFT_ASSIGN(const auto distinct, in.varint());
  if (distinct == 0 || distinct > out.size()) return malformed();
  const auto width = packedWidth(distinct - 1);
  // Padded, so that no code that its bits can hold is out of range.
  std::vector<T> values(std::size_t{1} << width);
  DRIFT_TRY(readBlockOf<T>(in, std::span(values).first(distinct), Depth::Inner));
  std::fill(values.begin() + static_cast<std::ptrdiff_t>(distinct), values.end(), values[0]);
  const auto codes = std::make_unique_for_overwrite<std::uint32_t[]>(out.size());
  DRIFT_ASSIGN(const auto packed, readPacked<std::uint32_t>(in, out.size(), width));
  unpack<std::uint32_t>(packed, width, 0, codes.get(), out.size());
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = values[codes[i]];
  return {};
}

template <class T>
Status readLz4(ByteReader& in, const IntegerBounds& bounds, std::span<T> out) {
  const auto bytes = wholeBytes(static_cast<std::uint64_t>(bounds.max) - static_cast<std::uint64_t>(bounds.min));
  DRIFT_ASSIGN(const auto block, openBlock(in));
  if (block.rawSize != out.size() * bytes) return malformed();
  const auto offsets = std::make_unique_for_overwrite<std::byte[]>(block.rawSize);
  DRIFT_TRY(unpackBlock(block, offsets.get()));
  unpack<std::make_unsigned_t<T>>(ByteSpan(offsets.get(), block.rawSize), static_cast<unsigned>(8 * bytes),
                                  static_cast<std::make_unsigned_t<T>>(bounds.min), asUnsigned(out.data()), out.size());
  return {};
}

Result<IntegerEncoding> readEncoding(ByteReader& in) {
  DRIFT_ASSIGN(const auto encoding, in.fixed<std::uint8_t>());
  if (encoding > static_cast<std::uint8_t>(IntegerEncoding::Lz4)) return malformed();
  return static_cast<IntegerEncoding>(encoding);
}

/// The bounds behind the encoding's byte.
Result<IntegerBounds> readBounds(ByteReader& in, IntegerEncoding encoding) {
  IntegerBounds bounds;
  DRIFT_ASSIGN(bounds.min, in.zigzag());
  bounds.max = bounds.min;
  if (encoding == IntegerEncoding::Constant) return bounds;
  DRIFT_ASSIGN(const auto range, in.varint());
  const auto room =
      static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max()) - static_cast<std::uint64_t>(bounds.min);
  if (range > room) return malformed();
  bounds.max = static_cast<std::int64_t>(static_cast<std::uint64_t>(bounds.min) + range);
  return bounds;
}

template <class T>
Status readBlockOf(ByteReader& in, std::span<T> out, Depth depth) {
  if (out.empty()) return {};
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  DRIFT_ASSIGN(const auto bounds, readBounds(in, encoding));
  if (bounds.min < std::numeric_limits<T>::min() || bounds.max > std::numeric_limits<T>::max()) return malformed();
  if (depth == Depth::Inner && (encoding == IntegerEncoding::Runs || encoding == IntegerEncoding::Dictionary))
    return malformed();
  switch (encoding) {
    case IntegerEncoding::Constant: std::fill(out.begin(), out.end(), static_cast<T>(bounds.min)); return {};
    case IntegerEncoding::Reference: {
      using U = std::make_unsigned_t<T>;
      const auto width = packedWidth(static_cast<std::uint64_t>(bounds.max) - static_cast<std::uint64_t>(bounds.min));
      DRIFT_ASSIGN(const auto packed, readPacked<T>(in, out.size(), width));
      unpack<U>(packed, width, static_cast<U>(bounds.min), asUnsigned(out.data()), out.size());
      return {};
    }
    case IntegerEncoding::Delta: return readDelta(in, out);
    case IntegerEncoding::Runs: return readRuns(in, out);
    case IntegerEncoding::Dictionary: return readDictionary(in, out);
    case IntegerEncoding::Lz4: return readLz4(in, bounds, out);
  }
  return malformed();
}

}  // namespace

template <class T>
Status readIntegerBlock(ByteReader& in, std::span<T> out) {
  return readBlockOf<T>(in, out, Depth::Outer);
}

template Status readIntegerBlock(ByteReader&, std::span<std::int8_t>);
template Status readIntegerBlock(ByteReader&, std::span<std::int16_t>);
template Status readIntegerBlock(ByteReader&, std::span<std::int32_t>);
template Status readIntegerBlock(ByteReader&, std::span<std::int64_t>);

Result<std::optional<InPlaceIntegers>> InPlaceIntegers::open(ByteReader& in, std::size_t count, bool isInner) {
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  DRIFT_ASSIGN(const auto bounds, readBounds(in, encoding));
  InPlaceIntegers result;
  result.m_base = static_cast<std::uint64_t>(bounds.min);
  switch (encoding) {
    case IntegerEncoding::Constant: return std::optional(std::move(result));
    case IntegerEncoding::Reference:
      result.m_width = packedWidth(static_cast<std::uint64_t>(bounds.max) - result.m_base);
      break;
    case IntegerEncoding::Dictionary: {
      if (isInner) return malformed();
      DRIFT_ASSIGN(result.m_distinctCount, in.varint());
      if (result.m_distinctCount == 0 || result.m_distinctCount > count) return malformed();
      DRIFT_ASSIGN(auto values, open(in, result.m_distinctCount, true));
      if (!values) return std::optional<InPlaceIntegers>();
      result.m_distinct = std::make_unique<InPlaceIntegers>(std::move(*values));
      result.m_width = packedWidth(result.m_distinctCount - 1);
      break;
    }
    default: return std::optional<InPlaceIntegers>();
  }
  DRIFT_ASSIGN(result.m_packed, in.raw(packedBytes(count, result.m_width)));
  return std::optional(std::move(result));
}

Result<std::optional<InPlaceIntegers>> InPlaceIntegers::open(ByteReader& in, std::size_t count) {
  return open(in, count, false);
}

Result<std::optional<IntegerSteps>> readEvenSteps(ByteReader& in, std::size_t count) {
  if (count == 0) return std::optional<IntegerSteps>();
  auto ahead = in;
  DRIFT_ASSIGN(const auto encoding, readEncoding(ahead));
  DRIFT_ASSIGN(const auto bounds, readBounds(ahead, encoding));
  IntegerSteps steps{bounds.min, 0};
  if (encoding == IntegerEncoding::Delta) {
    DRIFT_ASSIGN(steps.first, ahead.zigzag());
    DRIFT_ASSIGN(steps.step, ahead.zigzag());
    DRIFT_ASSIGN(const auto stepRange, ahead.varint());
    if (stepRange != 0) return std::optional<IntegerSteps>();
  } else if (encoding != IntegerEncoding::Constant) {
    return std::optional<IntegerSteps>();
  }
  in = ahead;
  return std::optional(steps);
}

Result<IntegerBounds> readIntegerBounds(ByteReader& in) {
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  return readBounds(in, encoding);
}

Result<IntegerEncoding> integerEncoding(ByteReader in) { return readEncoding(in); }

Result<std::vector<std::uint64_t>> readIntegers(ByteReader& in, std::size_t count) {
  std::vector<std::uint64_t> values(count);
  DRIFT_TRY(readIntegerBlock(in, std::span(reinterpret_cast<std::int64_t*>(values.data()), count)));
  return values;
}

}  // namespace drift::storage
