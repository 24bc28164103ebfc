#include "storage/string_block.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <numeric>
#include <vector>

#include "base/checksum.h"
#include "storage/byte_block.h"
#include "storage/padded_text.h"

namespace drift::storage {

namespace {

using types::StringRef;
using Strings = std::span<const std::string_view>;

/// Bytes of a string that its bound keeps.
constexpr std::size_t kBoundBytesMax = 16;
/// Smaller blocks have no bounds: they would be a good part of it.
constexpr std::size_t kBoundedFrom = 16;
/// Symbols are made for so many bytes of strings that are not longer than that on average: fewer are soon unpacked,
/// and training takes several times as long as LZ4; of longer ones, what takes the time is to unpack one.
constexpr std::size_t kSymbolsFrom = 16'384;
constexpr std::size_t kSymbolsMeanMax = 1024;
constexpr std::size_t kSymbolsTotalMax = 1u << 30;
/// What LZ4 would make of strings is told by so many bytes of them.
constexpr std::size_t kTriedBytes = 8192;

/// One string for all rows is not packed; from this size on it is a dictionary of one, which is.
constexpr std::size_t kPackedFrom = 1024;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block of texts in the file is malformed"); }

/// The first bytes of a string, made greater than it where some are left out; empty where that cannot be.
std::string upperBound(std::string_view text) {
  std::string bound(text.substr(0, kBoundBytesMax));
  if (bound.size() == text.size()) return bound;
  while (!bound.empty() && bound.back() == '\xff') bound.pop_back();
  if (!bound.empty()) ++bound.back();
  return bound;
}

void writeBounds(ByteWriter& out, std::string_view min, std::string_view max, std::size_t rows) {
  const bool bounded = rows >= kBoundedFrom;
  out.string(bounded ? min.substr(0, kBoundBytesMax) : std::string_view());
  out.string(bounded ? upperBound(max) : std::string());
}

std::size_t bytesOf(Strings values) {
  std::size_t total = 0;
  for (const auto value : values) total += value.size();
  return total;
}

Bytes joined(Strings values) {
  Bytes bytes;
  bytes.reserve(bytesOf(values));
  ByteWriter out(bytes);
  for (const auto value : values) out.raw(asBytes(value));
  return bytes;
}

void writeBytes(ByteWriter& out, Strings values, DensePacker* dense) {
  std::vector<std::int64_t> lengths(values.size());
  for (std::size_t i = 0; i < values.size(); ++i) lengths[i] = static_cast<std::int64_t>(values[i].size());
  writeIntegerBlock(out, lengths);
  if (dense) dense->writeBlock(out, joined(values));
  else writeBlock(out, joined(values));
}

struct Distinct {
  std::vector<std::string_view> values;  ///< in order
  std::vector<std::int64_t> codes;
};

/// Nothing where there are more than `limit`.
std::optional<Distinct> distinctOf(Strings values, std::size_t limit) {
  const auto mask = (std::size_t{1} << std::bit_width(2 * limit)) - 1;
  struct Slot {
    std::uint32_t hash = 0;
    std::uint32_t next = 0;  // position in `found` plus one; 0 = free
  };
  std::vector<Slot> slots(mask + 1);
  std::vector<std::string_view> found;
  Distinct result;
  result.codes.reserve(values.size());
  for (const auto value : values) {
    const auto hash = xxh3(asBytes(value));
    const auto mark = static_cast<std::uint32_t>(hash >> 32);
    auto at = static_cast<std::size_t>(hash) & mask;
    while (slots[at].next && (slots[at].hash != mark || found[slots[at].next - 1] != value)) at = (at + 1) & mask;
    if (!slots[at].next) {
      if (found.size() == limit) return std::nullopt;
      found.push_back(value);
      slots[at] = {mark, static_cast<std::uint32_t>(found.size())};
    }
    result.codes.push_back(slots[at].next - 1);
  }
  std::vector<std::uint32_t> order(found.size());
  std::iota(order.begin(), order.end(), 0u);
  std::ranges::sort(order, {}, [&](auto at) { return found[at]; });
  std::vector<std::int64_t> rank(found.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    rank[order[i]] = static_cast<std::int64_t>(i);
    result.values.push_back(found[order[i]]);
  }
  for (auto& code : result.codes) code = rank[static_cast<std::size_t>(code)];
  return result;
}

Bytes encodeDictionary(const Distinct& distinct, DensePacker* dense) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.fixed(static_cast<std::uint8_t>(StringEncoding::Dictionary));
  writeBounds(out, distinct.values.front(), distinct.values.back(), distinct.codes.size());
  out.varint(distinct.values.size());
  writeBytes(out, distinct.values, dense);
  writeIntegerBlock(out, distinct.codes);
  return bytes;
}

/// What LZ4 should make of all bytes, by what it makes of those from the middle on.
std::size_t lz4Guess(Strings values, std::size_t total) {
  std::size_t tried = 0;
  auto end = values.size() / 2;
  while (end < values.size() && tried < kTriedBytes) tried += values[end++].size();
  if (tried == 0) return total;
  Bytes packed;
  ByteWriter out(packed);
  writeBlock(out, joined(values.subspan(values.size() / 2, end - values.size() / 2)));
  return packed.size() * total / tried;
}

/// The strings as symbols where these suit them.
std::optional<Bytes> trySymbols(Strings values) {
  const auto total = bytesOf(values);
  if (total < kSymbolsFrom || total > std::min(values.size() * kSymbolsMeanMax, kSymbolsTotalMax)) return std::nullopt;
  // LZ4 needs the lengths too. It is not let off for bytes that do not get smaller.
  const auto sizeMax = std::min(lz4Guess(values, total) * 11 / 10 + values.size(), total * 9 / 10);
  return packSymbols(values, total, sizeMax);
}

/// The strings as symbols or plain.
Bytes encodeText(Strings values, DensePacker* dense) {
  const auto symbols = trySymbols(values);
  Bytes bytes;
  ByteWriter out(bytes);
  out.fixed(static_cast<std::uint8_t>(symbols ? StringEncoding::Symbols : StringEncoding::Plain));
  const auto [min, max] = std::ranges::minmax(values);
  writeBounds(out, min, max, values.size());
  if (symbols) out.raw(*symbols);
  else writeBytes(out, values, dense);
  return bytes;
}

/// Strings one behind the other in one buffer, which is given back unless all are inline.
Result<std::shared_ptr<const void>> readBytes(ByteReader& in, std::span<StringRef> out) {
  const auto lengths = std::make_unique_for_overwrite<std::int32_t[]>(out.size());
  DRIFT_TRY(readIntegerBlock(in, std::span(lengths.get(), out.size())));
  DRIFT_ASSIGN(const auto block, openBlock(in));
  std::uint64_t total = 0;
  std::int32_t longest = 0;
  std::int32_t anyNegative = 0;
  for (std::size_t i = 0; i < out.size(); ++i) {
    total += static_cast<std::uint32_t>(lengths[i]);
    longest = std::max(longest, lengths[i]);
    anyNegative |= lengths[i];
  }
  if (anyNegative < 0 || total != block.rawSize) return malformed();
  const std::shared_ptr<char[]> bytes(new char[block.rawSize + kPaddingBytes]);
  std::memset(bytes.get() + block.rawSize, 0, kPaddingBytes);
  DRIFT_TRY(unpackBlock(block, reinterpret_cast<std::byte*>(bytes.get())));
  const char* at = bytes.get();
  for (std::size_t i = 0; i < out.size(); ++i) {
    const auto length = static_cast<std::uint32_t>(lengths[i]);
    out[i] = paddedRef(at, length);
    at += length;
  }
  if (static_cast<std::uint32_t>(longest) <= StringRef::kInlineBytesMax) return std::shared_ptr<const void>();
  return std::shared_ptr<const void>(bytes);
}

Result<std::shared_ptr<const void>> readConstant(ByteReader& in, std::span<StringRef> out) {
  DRIFT_ASSIGN(const auto text, in.string());
  if (text.size() <= StringRef::kInlineBytesMax) {
    std::ranges::fill(out, StringRef(text));
    return std::shared_ptr<const void>();
  }
  const std::shared_ptr<char[]> bytes(new char[text.size()]);
  text.copy(bytes.get(), text.size());
  std::ranges::fill(out, StringRef(std::string_view(bytes.get(), text.size())));
  return std::shared_ptr<const void>(bytes);
}

Result<std::shared_ptr<const void>> readDictionary(ByteReader& in, std::span<StringRef> out) {
  DRIFT_ASSIGN(const auto distinct, in.varint());
  if (distinct == 0 || distinct > out.size()) return malformed();
  std::vector<StringRef> values(distinct);
  DRIFT_ASSIGN(auto owner, readBytes(in, values));
  const auto codes = std::make_unique_for_overwrite<std::int32_t[]>(out.size());
  DRIFT_TRY(readIntegerBlock(in, std::span(codes.get(), out.size())));
  std::uint32_t greatest = 0;
  for (std::size_t i = 0; i < out.size(); ++i) greatest = std::max(greatest, static_cast<std::uint32_t>(codes[i]));
  if (greatest >= distinct) return malformed();
  for (std::size_t i = 0; i < out.size(); ++i) out[i] = values[static_cast<std::uint32_t>(codes[i])];
  return owner;
}

Result<StringEncoding> readEncoding(ByteReader& in) {
  DRIFT_ASSIGN(const auto encoding, in.fixed<std::uint8_t>());
  if (encoding > static_cast<std::uint8_t>(StringEncoding::Symbols)) return malformed();
  return static_cast<StringEncoding>(encoding);
}

}  // namespace

void writeStringBlock(ByteWriter& out, Strings values, DensePacker* dense) {
  if (values.empty()) return;
  const bool packs = values[0].size() >= kPackedFrom;
  if (!packs && std::ranges::all_of(values, [&](auto value) { return value == values[0]; })) {
    out.fixed(static_cast<std::uint8_t>(StringEncoding::Constant));
    out.string(values[0]);
    return;
  }
  const auto distinct = distinctOf(values, std::max<std::size_t>(values.size() / 2, 1));
  if (!distinct) return out.raw(encodeText(values, dense));
  const auto dictionary = encodeDictionary(*distinct, dense);
  // So few strings that bytes with the same ones again and again are not smaller.
  if (distinct->values.size() <= values.size() / 32) return out.raw(dictionary);
  const auto text = encodeText(values, dense);
  out.raw(text.size() * 8 < dictionary.size() * 7 ? text : dictionary);
}

Result<std::shared_ptr<const void>> readStringBlock(ByteReader& in, std::span<StringRef> out) {
  if (out.empty()) return std::shared_ptr<const void>();
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  if (encoding == StringEncoding::Constant) return readConstant(in, out);
  DRIFT_TRY(in.string());
  DRIFT_TRY(in.string());
  if (encoding == StringEncoding::Symbols) {
    DRIFT_ASSIGN(const auto symbols, InPlaceSymbols::open(in, out.size()));
    return symbols->getAll(out);
  }
  return encoding == StringEncoding::Dictionary ? readDictionary(in, out) : readBytes(in, out);
}

Result<std::optional<InPlaceStrings>> InPlaceStrings::open(ByteReader& in, std::size_t count) {
  InPlaceStrings result;
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  if (encoding == StringEncoding::Constant) {
    DRIFT_ASSIGN(result.m_constant, in.string());
    return std::optional(std::move(result));
  }
  DRIFT_TRY(in.string());
  DRIFT_TRY(in.string());
  if (encoding == StringEncoding::Symbols) {
    DRIFT_ASSIGN(result.m_symbols, InPlaceSymbols::open(in, count));
    return std::optional(std::move(result));
  }
  if (encoding != StringEncoding::Dictionary) return std::optional<InPlaceStrings>();
  DRIFT_ASSIGN(const auto distinct, in.varint());
  if (distinct == 0 || distinct > count) return malformed();
  result.m_distinct.resize(distinct);
  DRIFT_ASSIGN(result.m_distinctOwner, readBytes(in, result.m_distinct));
  DRIFT_ASSIGN(result.m_codes, InPlaceIntegers::open(in, count));
  if (!result.m_codes) return std::optional<InPlaceStrings>();
  return std::optional(std::move(result));
}

Result<std::string> InPlaceStrings::get(std::size_t at) const {
  if (m_symbols) return m_symbols->get(at);
  if (!m_codes) return std::string(m_constant);
  const auto code = static_cast<std::uint64_t>((*m_codes)[at]);
  if (code >= m_distinct.size()) return malformed();
  return std::string(m_distinct[code].view());
}

std::size_t InPlaceStrings::sizeBytes() const {
  auto bytes = sizeof *this + m_distinct.size() * sizeof(StringRef);
  for (const auto& text : m_distinct) bytes += text.size();
  if (m_codes) bytes += m_codes->sizeBytes();
  if (m_symbols) bytes += sizeof *m_symbols;
  return bytes;
}

Result<StringBounds> readStringBounds(ByteReader& in) {
  StringBounds bounds;
  DRIFT_ASSIGN(const auto encoding, readEncoding(in));
  DRIFT_ASSIGN(const auto min, in.string());
  bounds.min = min.substr(0, kBoundBytesMax);
  if (encoding == StringEncoding::Constant) {
    bounds.max = upperBound(min);
    return bounds;
  }
  DRIFT_ASSIGN(bounds.max, in.string());
  return bounds;
}

}  // namespace drift::storage
