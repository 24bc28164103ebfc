#include "storage/symbol_block.h"

#include <algorithm>
#include <array>
#include <numeric>
#include <vector>

#include "storage/bit_packing.h"
#include "storage/padded_text.h"
#include "storage/symbol_table.h"

namespace drift::storage {

namespace {

using types::StringRef;
using Strings = std::span<const std::string_view>;

/// Strings from one whose start is stored to the next.
constexpr std::size_t kGroup = 32;
/// Bytes that symbols are trained on: a 16th of all, but so many. More makes little smaller, and takes as much longer.
constexpr std::size_t kSampleBytesMin = 1024;
constexpr std::size_t kSampleBytesMax = 3072;
constexpr std::size_t kSampleShare = 16;
/// What is taken of one string.
constexpr std::size_t kSampledOfOne = 256;
/// Bytes that are packed to see how large all will be.
constexpr std::size_t kTriedBytes = 4096;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a block of packed texts in the file is malformed"); }

struct Sample {
  std::vector<std::string_view> pieces;
  std::size_t bytes = 0;
};

/// Pieces from everywhere: multiples of the golden section fall between those before, so that no pattern in the order
/// of the strings, nor the part of them that a round of training takes, is only from here or there.
Sample takeSample(Strings values, std::size_t total) {
  const auto wanted = std::clamp(total / kSampleShare, kSampleBytesMin, kSampleBytesMax);
  const auto part = [](std::uint32_t fraction, std::size_t of) {
    return static_cast<std::size_t>(std::uint64_t{fraction} * of >> 32);
  };
  Sample sample;
  std::uint32_t fraction = 0;
  for (std::size_t i = 0; i < values.size() && sample.bytes < wanted; ++i, fraction += 0x9e37'79b1u) {
    auto piece = values[part(fraction, values.size())];
    if (piece.size() > kSampledOfOne)
      piece = piece.substr(part(fraction * 31, piece.size() - kSampledOfOne), kSampledOfOne);
    sample.pieces.push_back(piece);
    sample.bytes += piece.size();
  }
  return sample;
}

/// Whether the strings from the middle on are packed as well as all should be.
bool looksWorthIt(const SymbolEncoder& encoder, Strings values, std::size_t total, std::size_t sizeMax) {
  std::size_t raw = 0;
  const auto begin = values.size() / 2;
  auto end = begin;
  while (end < values.size() && raw < kTriedBytes) raw += values[end++].size();
  if (raw == 0) return true;
  const auto codes = std::make_unique_for_overwrite<std::byte[]>(SymbolEncoder::roomFor(raw));
  std::vector<std::uint64_t> counts(end - begin);
  const auto packed = encoder.encode(values.subspan(begin, end - begin), codes.get(), counts) - codes.get();
  return static_cast<double>(packed) * static_cast<double>(total) <=
         1.1 * static_cast<double>(sizeMax) * static_cast<double>(raw);
}

}  // namespace

std::optional<Bytes> packSymbols(Strings values, std::size_t total, std::size_t sizeMax) {
  const auto sample = takeSample(values, total);
  const SymbolEncoder encoder(sample.pieces, std::max<std::size_t>(total / std::max<std::size_t>(sample.bytes, 1), 1));
  if (!looksWorthIt(encoder, values, total, sizeMax)) return std::nullopt;
  const auto codes = std::make_unique_for_overwrite<std::byte[]>(SymbolEncoder::roomFor(total));
  std::vector<std::uint64_t> lengths(values.size());
  const auto* const end = encoder.encode(values, codes.get(), lengths);
  const auto codeBytes = static_cast<std::size_t>(end - codes.get());
  std::vector<std::uint64_t> starts;
  std::uint64_t start = 0;
  std::uint64_t longest = 0;
  for (std::size_t i = 0; i < lengths.size(); start += lengths[i], ++i) {
    if (i > 0 && i % kGroup == 0) starts.push_back(start);
    longest = std::max(longest, lengths[i]);
  }
  const auto lengthBits = packedWidth(longest);
  Bytes bytes;
  bytes.reserve(codeBytes + packedBytes(values.size(), lengthBits) + 4096);
  ByteWriter out(bytes);
  encoder.writeTable(out);
  out.varint(total);
  out.varint(codeBytes);
  out.fixed(static_cast<std::uint8_t>(lengthBits));
  pack(bytes, lengths, lengthBits);
  pack(bytes, starts, packedWidth(codeBytes));
  out.raw(ByteSpan(codes.get(), codeBytes));
  if (bytes.size() > sizeMax) return std::nullopt;
  return bytes;
}

Result<std::unique_ptr<const InPlaceSymbols>> InPlaceSymbols::open(ByteReader& in, std::size_t count) {
  std::unique_ptr<InPlaceSymbols> result(new InPlaceSymbols());  // the constructor is private
  auto& symbols = *result;
  DRIFT_TRY(symbols.m_table.open(in));
  DRIFT_ASSIGN(symbols.m_rawBytes, in.varint());
  DRIFT_ASSIGN(const auto codeBytes, in.varint());
  DRIFT_ASSIGN(symbols.m_lengthBits, in.fixed<std::uint8_t>());
  if (!canUnpack(symbols.m_lengthBits, 32)) return malformed();
  DRIFT_ASSIGN(symbols.m_lengths, in.raw(packedBytes(count, symbols.m_lengthBits)));
  symbols.m_startBits = packedWidth(codeBytes);
  DRIFT_ASSIGN(symbols.m_starts, in.raw(packedBytes((count - 1) / kGroup, symbols.m_startBits)));
  DRIFT_ASSIGN(symbols.m_codes, in.raw(codeBytes));
  if (symbols.m_rawBytes > codeBytes * kSymbolBytesMax) return malformed();
  return std::unique_ptr<const InPlaceSymbols>(std::move(result));
}

Result<std::shared_ptr<const void>> InPlaceSymbols::getAll(std::span<StringRef> out) const {
  const auto lengths = std::make_unique_for_overwrite<std::uint32_t[]>(out.size());
  unpack<std::uint32_t>(m_lengths, m_lengthBits, 0, lengths.get(), out.size());
  std::uint64_t start = 0;
  for (std::size_t i = 0; i < out.size(); start += lengths[i], ++i)
    if (i > 0 && i % kGroup == 0 && unpackAt(m_starts, m_startBits, i / kGroup - 1) != start) return malformed();
  if (start != m_codes.size()) return malformed();
  const std::shared_ptr<char[]> bytes(new char[m_rawBytes + kPaddingBytes]);
  DRIFT_TRY(m_table.decodeAll(m_codes, std::span(lengths.get(), out.size()), std::span(bytes.get(), m_rawBytes), out));
  const bool allInline =
      std::ranges::all_of(out, [](const StringRef& text) { return text.size() <= StringRef::kInlineBytesMax; });
  return allInline ? std::shared_ptr<const void>() : std::shared_ptr<const void>(bytes);
}

Result<std::string> InPlaceSymbols::get(std::size_t at) const {
  const auto group = at / kGroup;
  const auto before = at % kGroup;
  std::array<std::uint32_t, kGroup> lengths;
  unpack<std::uint32_t>(
      m_lengths.subspan(packedBytes(group * kGroup, m_lengthBits), packedBytes(before + 1, m_lengthBits)), m_lengthBits,
      0, lengths.data(), before + 1);
  const auto start = std::accumulate(lengths.begin(), lengths.begin() + static_cast<std::ptrdiff_t>(before),
                                     group > 0 ? unpackAt(m_starts, m_startBits, group - 1) : 0);
  if (start > m_codes.size() || lengths[before] > m_codes.size() - start) return malformed();
  return m_table.decode(m_codes.subspan(start, lengths[before]));
}

}  // namespace drift::storage
