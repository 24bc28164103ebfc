#include "storage/symbol_table.h"

#include <algorithm>
#include <cstring>
#include <utility>
#include <vector>

#include "storage/padded_text.h"

namespace drift::storage {

namespace {

using types::StringRef;

constexpr std::uint8_t kEscape = 255;
constexpr std::size_t kSymbolsMax = 255;
/// How much of the sample each round reads, of kSharesAll: the first rounds find short symbols, and need little for it.
constexpr std::array<std::size_t, 5> kShares{1, 2, 4, 8, 8};
constexpr std::size_t kSharesAll = 8;

Error malformed() { return Error(ErrorKind::DataCorrupted, "a table of symbols in the file is malformed"); }

/// The first bytes of a word; length 1 to 8.
std::uint64_t firstBytes(std::uint64_t word, std::uint32_t length) { return word & (~0ull >> (64 - 8 * length)); }

std::uint64_t loadWord(const void* from) {
  std::uint64_t word;
  std::memcpy(&word, from, sizeof word);
  return word;
}

struct Symbol {
  std::uint64_t bytes = 0;  ///< zeros behind its length
  std::uint32_t length = 0;
  friend bool operator==(const Symbol&, const Symbol&) = default;
};

/// What a string starts with.
struct Match {
  std::uint8_t code = kEscape;
  std::uint32_t length = 1;
};

constexpr unsigned kLongBits = 10;
constexpr unsigned kPairBits = 11;
constexpr std::size_t longPlace(std::uint64_t word) {
  return static_cast<std::uint32_t>((word & 0xff'ffff) * 0x9e37'79b1u) >> (32 - kLongBits);
}
constexpr std::size_t pairPlace(std::uint64_t word) {
  return static_cast<std::uint32_t>((word & 0xffff) * 0x9e37'79b1u) >> (32 - kPairBits);
}
static_assert(longPlace(0) == 0 && longPlace(~0ull) != 0 && pairPlace(0) == 0 && pairPlace(0xffff) != 0);

/// Finds the longest symbol that a string starts with, of those that are there. Tables without chains: where two
/// symbols want one place, the first has it.
class Matcher final {
 public:
  Matcher() { clear(); }
  void clear() {
    m_long.fill({.bytes = 0, .found = 0, .ignoredBits = 0});
    m_long[0].bytes = ~0ull;
    m_pairs.fill(0);
    m_pairs[0] = 0xffffu << 16;
    for (auto& single : m_single) single = pack(1, kEscape);
  }
  /// False where its place is taken.
  bool add(const Symbol& symbol, std::uint8_t code) {
    const auto found = pack(symbol.length, code);
    if (symbol.length == 1) {
      m_single[symbol.bytes] = found;
      return true;
    }
    if (symbol.length == 2) {
      auto& place = m_pairs[pairPlace(symbol.bytes)];
      if ((place & 0xffff) != 0) return false;
      place = static_cast<std::uint32_t>(symbol.bytes << 16 | found);
      return true;
    }
    auto& place = m_long[longPlace(symbol.bytes)];
    if (place.found != 0) return false;
    place = {.bytes = symbol.bytes, .found = found, .ignoredBits = 64 - 8 * symbol.length};
    return true;
  }
  /// `word` has the next bytes of a string, of which `left` are there, 1 or more. Which of the three tables has the
  /// symbol is anybody's guess, so there are no jumps.
  Match find(std::uint64_t word, std::size_t left) const {
    const auto& place = m_long[longPlace(word)];
    const auto pair = m_pairs[pairPlace(word)];
    const bool isPair = (pair >> 16 == (word & 0xffff)) & (left >= 2);
    const bool isLong = (((word ^ place.bytes) << place.ignoredBits) == 0) & (place.found >> 8 <= left);
    std::uint32_t found = m_single[word & 0xff];
    found ^= (found ^ (pair & 0xffff)) & (0u - std::uint32_t{isPair});
    found ^= (found ^ place.found) & (0u - std::uint32_t{isLong});
    return {static_cast<std::uint8_t>(found), found >> 8};
  }

 private:
  struct Long {
    std::uint64_t bytes;
    std::uint32_t found;  // 0 = free
    std::uint32_t ignoredBits;
  };

  static constexpr std::uint32_t pack(std::uint32_t length, std::uint8_t code) { return length << 8 | code; }

  // A free place holds bytes that belong to another: no word that looks there is equal to them.
  std::array<Long, 1u << kLongBits> m_long;
  std::array<std::uint32_t, 1u << kPairBits> m_pairs;  // two bytes, and behind them what is found with these; 0 = free
  std::array<std::uint32_t, 256> m_single;
};

/// Strings one behind the other, none of them empty, with 8 bytes behind the last that can be read.
struct Texts {
  std::unique_ptr<char[]> bytes;
  std::vector<const char*> ends;
};

Texts joined(std::span<const std::string_view> strings) {
  std::size_t total = 0;
  for (const auto text : strings) total += text.size();
  Texts texts;
  texts.bytes = std::make_unique_for_overwrite<char[]>(total + kSymbolBytesMax);
  texts.ends.reserve(strings.size());
  auto* at = texts.bytes.get();
  for (const auto text : strings) {
    if (text.empty()) continue;
    std::memcpy(at, text.data(), text.size());
    at += text.size();
    texts.ends.push_back(at);
  }
  std::memset(at, 0, kSymbolBytesMax);
  return texts;
}

/// Strings that are being encoded, one after the other.
class Lane final {
 public:
  /// Strings up to these ends, the first of which begins at `begin`. Tells where the codes of each end.
  Lane(const Matcher& matcher, const char* begin, std::span<const char* const> ends, std::byte* out,
       std::byte** codeEnds)
      : m_matcher(matcher), m_at(begin), m_stop(ends.empty() ? begin : ends.back()), m_end(ends.data()), m_out(out),
        m_codeEnd(codeEnds) {}
  bool atEnd() const { return m_at == m_stop; }
  std::byte* out() const { return m_out; }
  /// Writes a code. Without jumps, for where strings end is anybody's guess too.
  void step() {
    const auto word = loadWord(m_at);
    const auto match = m_matcher.find(word, static_cast<std::size_t>(*m_end - m_at));
    // Two bytes: there is room, and the next code goes over the second.
    const auto codes = static_cast<std::uint16_t>(match.code | (word & 0xff) << 8);
    std::memcpy(m_out, &codes, sizeof codes);
    m_out += match.code == kEscape ? 2 : 1;
    *m_codeEnd = m_out;
    m_at += match.length;
    const bool isDone = m_at == *m_end;
    m_end += isDone;
    m_codeEnd += isDone;
  }

 private:
  const Matcher& m_matcher;
  const char* m_at;
  const char* m_stop;
  const char* const* m_end;
  std::byte* m_out;
  std::byte** m_codeEnd;
};

/// What could be a symbol, and how often it is there.
struct Candidate {
  Symbol symbol;
  std::uint32_t count = 0;
};

/// Counts what could be symbols.
class Candidates final {
 public:
  Candidates() { m_all.reserve(kCandidatesMax); }
  void clear() {
    m_all.clear();
    m_seen.fill(0);
    m_index.fill(0);
  }
  /// Counts what is worth something only where it comes again: from the second time on. Now and then, what is there
  /// once is taken for something else that was there before; that does no harm.
  void addAgain(const Symbol& symbol) {
    const auto hash = hashOf(symbol);
    if (auto& seen = m_seen[hash >> (64 - kSeenBits)]; seen) add(symbol, hash, 2);
    else seen = 1;
  }
  void add(const Symbol& symbol, std::uint32_t count) { add(symbol, hashOf(symbol), count); }
  /// In the order of when they came.
  std::span<const Candidate> all() const { return m_all; }

 private:
  static constexpr unsigned kSeenBits = 13;
  static constexpr unsigned kPlaceBits = 11;
  static constexpr std::size_t kPlaces = std::size_t{1} << kPlaceBits;
  static constexpr std::size_t kCandidatesMax = kPlaces / 4 * 3;

  static std::uint64_t hashOf(const Symbol& symbol) {
    return (symbol.bytes ^ std::uint64_t{symbol.length} << 61) * 0x9e37'79b9'7f4a'7c15;
  }
  void add(const Symbol& symbol, std::uint64_t hash, std::uint32_t first) {
    auto at = static_cast<std::size_t>(hash >> (64 - kPlaceBits));
    for (; m_index[at]; at = (at + 1) % kPlaces)
      if (auto& candidate = m_all[m_index[at] - 1u]; candidate.symbol == symbol) {
        ++candidate.count;
        return;
      }
    if (m_all.size() == kCandidatesMax) return;
    m_all.push_back({symbol, first});
    m_index[at] = static_cast<std::uint16_t>(m_all.size());
  }

  std::vector<Candidate> m_all;
  std::array<std::uint16_t, kPlaces> m_index{};  // position in m_all plus one; 0 = free
  std::array<std::uint8_t, std::size_t{1} << kSeenBits> m_seen{};
};

}  // namespace

struct SymbolEncoder::Trained {
  std::vector<Symbol> symbols;  ///< by their codes
  Matcher matcher;
};

namespace {

using Trained = SymbolEncoder::Trained;

/// What strings are made of now, alone and with what follows it.
void countCandidates(const Trained& trained, const char* at, std::span<const char* const> ends,
                     Candidates& candidates) {
  candidates.clear();
  std::array<std::uint32_t, kSymbolsMax> bySymbol{};
  std::array<std::uint32_t, 256> byByte{};
  for (const auto* const end : ends)
    for (Symbol before; at != end;) {
      const auto word = loadWord(at);
      const auto match = trained.matcher.find(word, static_cast<std::size_t>(end - at));
      const Symbol symbol{firstBytes(word, match.length), match.length};
      ++(match.code == kEscape ? byByte[symbol.bytes] : bySymbol[match.code]);
      if (before.length > 0 && before.length < kSymbolBytesMax) {
        const auto length =
            static_cast<std::uint32_t>(std::min<std::size_t>(before.length + symbol.length, kSymbolBytesMax));
        candidates.addAgain({firstBytes(before.bytes | word << (8 * before.length), length), length});
      }
      before = symbol;
      at += match.length;
    }
  for (std::size_t code = 0; code < trained.symbols.size(); ++code)
    if (bySymbol[code] > 0) candidates.add(trained.symbols[code], bySymbol[code]);
  for (std::uint64_t byte = 0; byte < byByte.size(); ++byte)
    if (byByte[byte] > 0) candidates.add({byte, 1}, byByte[byte]);
}

/// The symbols that gain most, and find a place beside each other.
void choose(std::span<const Candidate> candidates, std::size_t repeat, Trained& trained) {
  // What each gains, and its position. Those that gain nothing are written over: jumps would be anybody's guess.
  std::vector<std::uint64_t> ranks(candidates.size());
  std::size_t ranked = 0;
  for (std::size_t i = 0; i < candidates.size(); ++i) {
    // A byte without a symbol takes two.
    const auto& [symbol, count] = candidates[i];
    const auto saved = count * repeat * std::max<std::size_t>(symbol.length - 1, 1);
    ranks[ranked] = ~(std::uint64_t{count} * symbol.length << 16 | i);
    ranked += saved > symbol.length;
  }
  ranks.resize(ranked);
  // Some more than fit: not all will find a place.
  const auto wanted = std::min(ranks.size(), kSymbolsMax + 64);
  std::ranges::nth_element(ranks, ranks.begin() + static_cast<std::ptrdiff_t>(wanted));
  ranks.resize(wanted);
  std::ranges::sort(ranks);
  trained.symbols.clear();
  trained.matcher.clear();
  for (const auto rank : ranks) {
    const auto& symbol = candidates[~rank & 0xffff].symbol;
    const auto code = static_cast<std::uint8_t>(trained.symbols.size());
    if (trained.matcher.add(symbol, code)) trained.symbols.push_back(symbol);
    if (trained.symbols.size() == kSymbolsMax) break;
  }
}

}  // namespace

SymbolEncoder::SymbolEncoder(std::span<const std::string_view> sample, std::size_t repeat) {
  auto trained = std::make_unique<Trained>();
  const auto texts = joined(sample);
  Candidates candidates;
  for (std::size_t round = 0; round < kShares.size(); ++round) {
    const auto part = (texts.ends.size() * kShares[round] + kSharesAll - 1) / kSharesAll;
    countCandidates(*trained, texts.bytes.get(), std::span(texts.ends).first(part), candidates);
    choose(candidates.all(), repeat * kSharesAll / kShares[round], *trained);
  }
  auto& [symbols, matcher] = *trained;
  std::ranges::sort(symbols, {}, [](const Symbol& symbol) { return std::pair(symbol.length, symbol.bytes); });
  matcher.clear();
  for (std::size_t code = 0; code < symbols.size(); ++code) matcher.add(symbols[code], static_cast<std::uint8_t>(code));
  m_trained = std::move(trained);
}

SymbolEncoder::~SymbolEncoder() = default;

void SymbolEncoder::writeTable(ByteWriter& out) const {
  std::array<std::uint8_t, kSymbolBytesMax> counts{};
  for (const auto& symbol : m_trained->symbols) ++counts[symbol.length - 1];
  for (const auto count : counts) out.fixed(count);
  for (const auto& symbol : m_trained->symbols)
    out.raw(std::as_bytes(std::span(&symbol.bytes, 1)).first(symbol.length));
}

std::byte* SymbolEncoder::encode(std::span<const std::string_view> strings, std::byte* out,
                                 std::span<std::uint64_t> counts) const {
  const auto texts = joined(strings);
  const auto half = texts.ends.size() / 2;
  const auto ends = std::span(texts.ends);
  std::vector<std::byte*> codeEnds(ends.size() + 2);
  // Where a symbol ends is known when it is found, and where the next starts not before. So two strings at a time,
  // which do not wait for each other.
  const char* const middle = half > 0 ? ends[half - 1] : texts.bytes.get();
  auto* const middleOut = out + 2 * (middle - texts.bytes.get()) + 1;  // one is written behind the last code
  Lane first(m_trained->matcher, texts.bytes.get(), ends.first(half), out, codeEnds.data());
  Lane second(m_trained->matcher, middle, ends.subspan(half), middleOut, codeEnds.data() + half);
  while (!first.atEnd() && !second.atEnd()) {
    first.step();
    second.step();
  }
  while (!first.atEnd()) first.step();
  while (!second.atEnd()) second.step();
  std::size_t next = 0;
  auto* from = out;
  for (std::size_t i = 0; i < strings.size(); ++i) {
    counts[i] = 0;
    if (strings[i].empty()) continue;
    if (next == half) from = middleOut;
    counts[i] = static_cast<std::uint64_t>(codeEnds[next] - from);
    from = codeEnds[next++];
  }
  const auto secondBytes = static_cast<std::size_t>(second.out() - middleOut);
  if (secondBytes > 0) std::memmove(first.out(), middleOut, secondBytes);
  return first.out() + secondBytes;
}

Status SymbolTable::open(ByteReader& in) {
  DRIFT_ASSIGN(const auto counts, in.raw(kSymbolBytesMax));
  std::size_t codes = 0;
  std::size_t bytes = 0;
  for (std::size_t length = 1; length <= kSymbolBytesMax; ++length) {
    const auto count = std::to_integer<std::size_t>(counts[length - 1]);
    if (count > kSymbolsMax - codes) return malformed();
    // Eight at once: what goes too far is written over by the next.
    const auto eight = length * 0x0101'0101'0101'0101u;
    for (std::size_t code = codes; code < codes + count; code += 8)
      std::memcpy(m_lengths.data() + code, &eight, sizeof eight);
    m_starts[length] = static_cast<std::uint32_t>(bytes - codes * length);
    codes += count;
    bytes += count * length;
  }
  std::memset(m_lengths.data() + codes, 0, 8);
  DRIFT_ASSIGN(m_symbols, in.raw(bytes));
  return {};
}

std::uint64_t SymbolTable::symbol(std::uint8_t code) const {
  const auto length = m_lengths[code];
  const std::size_t at = m_starts[length] + code * std::uint32_t{length};
  if (at + 8 <= m_symbols.size()) return loadWord(m_symbols.data() + at);
  std::uint64_t word = 0;
  std::memcpy(&word, m_symbols.data() + at, length);
  return word;
}

Result<std::string> SymbolTable::decode(ByteSpan codes) const {
  constexpr std::size_t kPieceBytes = 512;
  std::array<char, kPieceBytes + kSymbolBytesMax> piece;
  std::size_t filled = 0;
  std::string text;
  for (std::size_t at = 0; at < codes.size(); ++at) {
    const auto code = std::to_integer<std::uint8_t>(codes[at]);
    std::uint64_t word = 0;
    std::size_t length = 1;
    if (code == kEscape) {
      if (++at == codes.size()) return malformed();
      word = std::to_integer<std::uint8_t>(codes[at]);
    } else {
      length = m_lengths[code];
      if (length == 0) return malformed();
      word = symbol(code);
    }
    std::memcpy(piece.data() + filled, &word, sizeof word);
    filled += length;
    if (filled <= kPieceBytes) continue;
    text.append(piece.data(), filled);
    filled = 0;
  }
  text.append(piece.data(), filled);
  return text;
}

Status SymbolTable::decodeAll(ByteSpan codes, std::span<const std::uint32_t> counts, std::span<char> out,
                              std::span<StringRef> strings) const {
  static_assert(kPaddingBytes >= kSymbolBytesMax);
  std::array<std::uint64_t, 256> symbols{};
  for (std::size_t code = 0; code < kSymbolsMax && m_lengths[code] > 0; ++code)
    symbols[code] = symbol(static_cast<std::uint8_t>(code));
  const auto* code = codes.data();
  std::size_t filled = 0;
  for (std::size_t i = 0; i < strings.size(); ++i) {
    const auto* const end = code + counts[i];
    const auto start = filled;
    // Symbols are copied whole. Where all codes of a string may be of the longest, and stay within what is padded, none
    // is asked for its length first.
    const bool isFree = filled + std::size_t{counts[i]} * kSymbolBytesMax <= out.size() + kPaddingBytes;
    bool isSound = true;
    while (code != end) {
      auto value = std::to_integer<std::uint8_t>(*code++);
      auto word = symbols[value];
      std::size_t length = m_lengths[value];
      if (value == kEscape) {
        if (code == end) return malformed();
        word = std::to_integer<std::uint8_t>(*code++);
        length = 1;
      }
      if (!isFree && length > out.size() - filled) return malformed();
      isSound &= length > 0;
      std::memcpy(out.data() + filled, &word, sizeof word);
      filled += length;
    }
    if (!isSound || filled > out.size()) return malformed();
    std::memset(out.data() + filled, 0, kPaddingBytes);
    strings[i] = paddedRef(out.data() + start, static_cast<std::uint32_t>(filled - start));
  }
  if (filled != out.size()) return malformed();
  return {};
}

}  // namespace drift::storage
