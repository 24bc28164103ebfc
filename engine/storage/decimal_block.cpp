#include "storage/decimal_block.h"

#include <algorithm>
#include <cstring>
#include <memory>
#include <optional>
#include <vector>

#include "storage/byte_block.h"
#include "storage/integer_block.h"
#include "types/wide_int.h"

namespace drift::storage {

namespace {

using types::Decimal;
using types::Int128;

/// A scale byte and a coefficient.
constexpr std::size_t kPlainBytes = 17;
constexpr std::uint8_t kNanScale = 0xff;
/// 10^18 is the greatest power of ten that fits a coefficient of 64 bits.
constexpr int kShiftMax = 18;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block of numbers in the file is malformed"); }

void writePlain(ByteWriter& out, const Decimal& value) {
  out.fixed(static_cast<std::uint8_t>(value.isNan() ? kNanScale : value.scale()));
  out.fixed(static_cast<std::uint64_t>(value.coefficient()));
  out.fixed(static_cast<std::int64_t>(value.coefficient() >> 64));
}

/// Reads a number of kPlainBytes bytes; false where it is none.
bool readPlain(const std::byte* in, Decimal& out) {
  std::uint64_t low;
  std::int64_t high;
  const auto scale = static_cast<std::uint8_t>(in[0]);
  std::memcpy(&low, in + 1, sizeof low);
  std::memcpy(&high, in + 9, sizeof high);
  constexpr auto kEnd = static_cast<Int128>(types::kPowersOfTen[Decimal::kDigitsMax]);
  const auto coefficient = (static_cast<Int128>(high) << 64) | low;
  out = scale == kNanScale ? Decimal::nan() : Decimal(coefficient, scale);
  return scale == kNanScale || (scale <= Decimal::kDigitsMax && coefficient < kEnd && coefficient > -kEnd);
}

Result<Decimal> readPlain(ByteReader& in) {
  DRIFT_ASSIGN(const auto bytes, in.raw(kPlainBytes));
  Decimal value;
  if (!readPlain(bytes.data(), value)) return malformed();
  return value;
}

struct Scaled {
  int scale = 0;
  std::vector<std::int64_t> coefficients;
  std::vector<std::int64_t> shifts;
};

/// Nothing where a number at the greatest scale does not fit 64 bits.
std::optional<Scaled> scaled(std::span<const Decimal> values) {
  Scaled result;
  for (const auto& value : values) result.scale = std::max(result.scale, value.scale());
  result.coefficients.reserve(values.size());
  result.shifts.reserve(values.size());
  for (const auto& value : values) {
    const int shift = result.scale - value.scale();
    if (value.isNan() || (shift > kShiftMax && !value.isZero())) return std::nullopt;
    const auto narrow = static_cast<std::int64_t>(value.coefficient());
    if (narrow != value.coefficient()) return std::nullopt;
    const auto power =
        static_cast<std::int64_t>(types::kPowersOfTen[static_cast<std::size_t>(std::min(shift, kShiftMax))]);
    const auto wide = static_cast<Int128>(narrow) * power;
    if (wide != static_cast<std::int64_t>(wide)) return std::nullopt;
    result.coefficients.push_back(static_cast<std::int64_t>(wide));
    result.shifts.push_back(shift);
  }
  return result;
}

void writeAllPlain(ByteWriter& out, std::span<const Decimal> values) {
  out.fixed(static_cast<std::uint8_t>(DecimalEncoding::Plain));
  const auto less = [](const Decimal& a, const Decimal& b) { return types::compare(a, b) < 0; };
  writePlain(out, *std::ranges::min_element(values, less));
  writePlain(out, *std::ranges::max_element(values, less));
  Bytes raw;
  ByteWriter rawOut(raw);
  for (const auto& value : values) writePlain(rawOut, value);
  writeBlock(out, raw);
}

Status readAllPlain(ByteReader& in, std::span<Decimal> out) {
  DRIFT_TRY(readPlain(in));
  DRIFT_TRY(readPlain(in));
  DRIFT_ASSIGN(const auto block, openBlock(in));
  if (block.rawSize != out.size() * kPlainBytes) return malformed();
  const auto raw = std::make_unique_for_overwrite<std::byte[]>(block.rawSize);
  DRIFT_TRY(unpackBlock(block, raw.get()));
  bool sound = true;
  for (std::size_t i = 0; i < out.size(); ++i) sound &= readPlain(raw.get() + i * kPlainBytes, out[i]);
  if (!sound) return malformed();
  return {};
}

Result<DecimalEncoding> readEncoding(ByteReader& in) {
  DRIFT_ASSIGN(const auto encoding, in.fixed<std::uint8_t>());
  if (encoding > static_cast<std::uint8_t>(DecimalEncoding::Integers)) return malformed();
  return static_cast<DecimalEncoding>(encoding);
}

Result<int> readScale(ByteReader& in) {
  DRIFT_ASSIGN(const auto scale, in.fixed<std::uint8_t>());
  if (scale > Decimal::kDigitsMax) return malformed();
  return int{scale};
}

}  // namespace

void writeDecimalBlock(ByteWriter& out, std::span<const Decimal> values) {
  if (values.empty()) return;
  const auto integers = scaled(values);
  if (!integers) return writeAllPlain(out, values);
  out.fixed(static_cast<std::uint8_t>(DecimalEncoding::Integers));
  out.fixed(static_cast<std::uint8_t>(integers->scale));
  writeIntegerBlock(out, integers->coefficients);
  writeIntegerBlock(out, integers->shifts);
}

Status readDecimalBlock(ByteReader& in, std::span<Decimal> out) {
  if (out.empty()) return {};
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  if (encoding == DecimalEncoding::Plain) return readAllPlain(in, out);
  DRIFT_ASSIGN(const int scale, readScale(in));
  const auto coefficients = std::make_unique_for_overwrite<std::int64_t[]>(out.size());
  DRIFT_TRY(readIntegerBlock(in, std::span(coefficients.get(), out.size())));
  // Most columns have one scale.
  ByteReader shiftsIn = in;
  DRIFT_ASSIGN(const auto bounds, readIntegerBounds(shiftsIn));
  if (bounds.min < 0 || bounds.max > scale) return malformed();
  const auto shifts = std::make_unique_for_overwrite<std::int8_t[]>(out.size());
  DRIFT_TRY(readIntegerBlock(in, std::span(shifts.get(), out.size())));
  if (bounds.max == 0) {
    for (std::size_t i = 0; i < out.size(); ++i) out[i] = Decimal(coefficients[i], scale);
    return {};
  }
  for (std::size_t i = 0; i < out.size(); ++i) {
    const int shift = shifts[i];
    if (shift < 0 || shift > scale) return malformed();
    const auto power =
        static_cast<std::int64_t>(types::kPowersOfTen[static_cast<std::size_t>(std::min(shift, kShiftMax))]);
    out[i] = Decimal(coefficients[i] / power, scale - shift);
  }
  return {};
}

Result<std::optional<InPlaceDecimals>> InPlaceDecimals::open(ByteReader& in, std::size_t count) {
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  if (encoding == DecimalEncoding::Plain) return std::optional<InPlaceDecimals>();
  DRIFT_ASSIGN(const int scale, readScale(in));
  DRIFT_ASSIGN(auto coefficients, InPlaceIntegers::open(in, count));
  if (!coefficients) return std::optional<InPlaceDecimals>();
  // Where scales differ, readDecimalBlock() shifts.
  ByteReader ahead = in;
  DRIFT_ASSIGN(const auto shifts, readIntegerBounds(ahead));
  if (shifts != IntegerBounds{}) return std::optional<InPlaceDecimals>();
  DRIFT_ASSIGN(const auto zeros, InPlaceIntegers::open(in, count));
  if (!zeros) return std::optional<InPlaceDecimals>();
  return std::optional(InPlaceDecimals(std::move(*coefficients), scale));
}

Result<DecimalBounds> readDecimalBounds(ByteReader& in) {
  DecimalBounds bounds;
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  if (encoding == DecimalEncoding::Plain) {
    DRIFT_ASSIGN(bounds.min, readPlain(in));
    DRIFT_ASSIGN(bounds.max, readPlain(in));
    return bounds;
  }
  DRIFT_ASSIGN(const int scale, readScale(in));
  DRIFT_ASSIGN(const auto coefficients, readIntegerBounds(in));
  return DecimalBounds{Decimal(coefficients.min, scale), Decimal(coefficients.max, scale)};
}

}  // namespace drift::storage
