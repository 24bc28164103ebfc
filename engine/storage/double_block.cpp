#include "storage/double_block.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <vector>

#include "storage/integer_block.h"

namespace drift::storage {

namespace {

/// More decimals than a double has digits are of no use. Do not change.
constexpr int kDecimalsMax = 15;
/// Whole numbers up to here are doubles without rounding.
constexpr double kExactMax = 9007199254740992.0;  // 2^53
/// Numbers that are tried to find out how many decimals a block has.
constexpr std::size_t kSamples = 32;

constexpr std::array<double, kDecimalsMax + 1> kPowersOfTen{1e0, 1e1, 1e2,  1e3,  1e4,  1e5,  1e6,  1e7,
                                                            1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15};

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block of numbers in the file is malformed"); }

/// Bits as an integer that has the order of the doubles; its own inverse. NaNs come first or last, by their sign.
std::int64_t mapped(std::int64_t bits) {
  return bits ^ static_cast<std::int64_t>(static_cast<std::uint64_t>(bits >> 63) >> 1);
}
std::int64_t orderOf(double value) { return mapped(std::bit_cast<std::int64_t>(value)); }
double doubleOf(std::int64_t order) { return std::bit_cast<double>(mapped(order)); }

/// value times 10^decimals as a whole number, if dividing gives the same bits back.
std::optional<std::int64_t> scaled(double value, int decimals) {
  const double power = kPowersOfTen[static_cast<std::size_t>(decimals)];
  const double product = std::nearbyint(value * power);
  if (!(std::abs(product) <= kExactMax)) return std::nullopt;  // too large, or NaN
  if (std::bit_cast<std::int64_t>(product / power) != std::bit_cast<std::int64_t>(value)) return std::nullopt;
  // -0 divides to -0, but no integer is -0.
  if (value == 0 && std::signbit(value)) return std::nullopt;
  return static_cast<std::int64_t>(product);
}

/// Decimals that most of the numbers need at most; nothing where many are no decimals.
std::optional<int> decimalsOf(std::span<const double> values) {
  int decimals = 0;
  std::size_t misses = 0;
  const auto samples = std::min(values.size(), kSamples);
  for (std::size_t i = 0; i < samples; ++i) {
    const double value = values[i * values.size() / samples];
    int needed = 0;
    while (needed <= kDecimalsMax && !scaled(value, needed)) ++needed;
    if (needed > kDecimalsMax) ++misses;
    else decimals = std::max(decimals, needed);
  }
  return misses > samples / 4 ? std::nullopt : std::optional(decimals);
}

struct Decimals {
  int decimals = 0;
  std::vector<std::int64_t> numbers;  ///< exceptions have their neighbour's
  std::vector<std::int64_t> exceptions;
  std::vector<std::int64_t> exceptionRows;
};

std::optional<Decimals> toDecimals(std::span<const double> values) {
  const auto decimals = decimalsOf(values);
  if (!decimals) return std::nullopt;
  Decimals result;
  result.decimals = *decimals;
  result.numbers.reserve(values.size());
  for (const double value : values) {
    if (const auto number = scaled(value, *decimals)) {
      result.numbers.push_back(*number);
      continue;
    }
    result.exceptionRows.push_back(static_cast<std::int64_t>(result.numbers.size()));
    result.exceptions.push_back(orderOf(value));
    if (result.exceptions.size() > values.size() / 8) return std::nullopt;
    result.numbers.push_back(result.numbers.empty() ? 0 : result.numbers.back());
  }
  return result;
}

Bytes encodeDecimals(const Decimals& decimals) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.fixed(static_cast<std::uint8_t>(DoubleEncoding::Decimals));
  out.fixed(static_cast<std::uint8_t>(decimals.decimals));
  out.varint(decimals.exceptions.size());
  if (!decimals.exceptions.empty()) {
    Bytes exceptions;
    ByteWriter exceptionsOut(exceptions);
    writeIntegerBlock(exceptionsOut, decimals.exceptions);
    writeIntegerBlock(exceptionsOut, decimals.exceptionRows);
    out.string(asText(exceptions));
  }
  writeIntegerBlock(out, decimals.numbers);
  return bytes;
}

Bytes encodeBits(std::span<const double> values) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.fixed(static_cast<std::uint8_t>(DoubleEncoding::Bits));
  std::vector<std::int64_t> orders(values.size());
  std::ranges::transform(values, orders.begin(), orderOf);
  writeIntegerBlock(out, orders);
  return bytes;
}

struct DecimalsHead {
  double power = 1;
  std::uint64_t exceptionCount = 0;
  ByteSpan exceptions;
};

Result<DecimalsHead> readDecimalsHead(ByteReader& in) {
  DecimalsHead head;
  DRIFT_ASSIGN(const auto decimals, in.fixed<std::uint8_t>());
  if (decimals > kDecimalsMax) return malformed();
  head.power = kPowersOfTen[decimals];
  DRIFT_ASSIGN(head.exceptionCount, in.varint());
  if (head.exceptionCount == 0) return head;
  DRIFT_ASSIGN(const auto exceptions, in.string());
  head.exceptions = asBytes(exceptions);
  return head;
}

Result<DoubleEncoding> readEncoding(ByteReader& in) {
  DRIFT_ASSIGN(const auto encoding, in.fixed<std::uint8_t>());
  if (encoding > static_cast<std::uint8_t>(DoubleEncoding::Decimals)) return malformed();
  return static_cast<DoubleEncoding>(encoding);
}

Status readExceptions(const DecimalsHead& head, std::span<double> out) {
  if (head.exceptionCount > out.size()) return malformed();
  std::vector<std::int64_t> orders(head.exceptionCount);
  std::vector<std::int64_t> rows(head.exceptionCount);
  ByteReader in(head.exceptions);
  DRIFT_TRY(readIntegerBlock<std::int64_t>(in, orders));
  DRIFT_TRY(readIntegerBlock<std::int64_t>(in, rows));
  if (!in.atEnd()) return malformed();
  for (std::size_t i = 0; i < rows.size(); ++i) {
    if (rows[i] < 0 || static_cast<std::uint64_t>(rows[i]) >= out.size()) return malformed();
    out[static_cast<std::size_t>(rows[i])] = doubleOf(orders[i]);
  }
  return {};
}

DoubleBounds boundsOfOrders(const IntegerBounds& orders) {
  // A NaN with a sign is greatest in SQL, but was mapped to the other end: the true least number is not known.
  if (orders.min < orderOf(-std::numeric_limits<double>::infinity())) return {};
  return {doubleOf(orders.min), doubleOf(orders.max)};
}

}  // namespace

void writeDoubleBlock(ByteWriter& out, std::span<const double> values) {
  if (values.empty()) return;
  const auto decimals = toDecimals(values);
  const auto asDecimals = decimals ? encodeDecimals(*decimals) : Bytes();
  if (decimals && decimals->exceptions.empty()) return out.raw(asDecimals);
  const auto bits = encodeBits(values);
  out.raw(decimals && asDecimals.size() < bits.size() ? asDecimals : bits);
}

Status readDoubleBlock(ByteReader& in, std::span<double> out) {
  if (out.empty()) return {};
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  const auto numbers = std::make_unique_for_overwrite<std::int64_t[]>(out.size());
  if (encoding == DoubleEncoding::Bits) {
    DRIFT_TRY(readIntegerBlock(in, std::span(numbers.get(), out.size())));
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = doubleOf(numbers[i]);
    return {};
  }
  DRIFT_ASSIGN(const auto head, readDecimalsHead(in));
  DRIFT_TRY(readIntegerBlock(in, std::span(numbers.get(), out.size())));
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = static_cast<double>(numbers[i]) / head.power;
  return readExceptions(head, out);
}

Result<DoubleBounds> readDoubleBounds(ByteReader& in) {
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  if (encoding == DoubleEncoding::Bits) {
    DRIFT_ASSIGN(const auto orders, readIntegerBounds(in));
    return boundsOfOrders(orders);
  }
  DRIFT_ASSIGN(const auto head, readDecimalsHead(in));
  DRIFT_ASSIGN(const auto numbers, readIntegerBounds(in));
  DoubleBounds bounds{static_cast<double>(numbers.min) / head.power, static_cast<double>(numbers.max) / head.power};
  if (head.exceptionCount == 0) return bounds;
  ByteReader exceptionsIn(head.exceptions);
  DRIFT_ASSIGN(const auto orders, readIntegerBounds(exceptionsIn));
  const auto exceptions = boundsOfOrders(orders);
  if (!exceptions.min) return exceptions;
  bounds.min = std::min(*bounds.min, *exceptions.min);  // which keeps the first where the second is NaN
  bounds.max = std::isnan(*exceptions.max) ? *exceptions.max : std::max(*bounds.max, *exceptions.max);
  return bounds;
}

}  // namespace drift::storage
