#include "storage/bloom_filter.h"

namespace drift::storage {

namespace {

constexpr std::size_t kFirstWords = 16;
// Few pieces, since a look goes through all of them; but large ones are not made for keys that may never come.
constexpr std::size_t kGrowth = 16;
constexpr std::size_t kLargeWords = 65'536;
constexpr std::size_t kLargeGrowth = 4;
constexpr std::size_t kKeysPerWord = 4;

/// Four of the 64 bits of a word; the low half of the hash chooses them, the high half the word.
std::uint64_t bitsOf(std::uint64_t hash) {
  std::uint64_t bits = 0;
  for (unsigned shift = 0; shift < 24; shift += 6) bits |= std::uint64_t{1} << ((hash >> shift) & 63);
  return bits;
}

}  // namespace

void BloomFilter::add(std::uint64_t hash) {
  auto count = m_pieceCount.load(std::memory_order_relaxed);
  if (m_roomLeft == 0 && count < kPiecesMax) {
    const auto before = count == 0 ? 0 : m_pieces[count - 1]->mask + 1;
    const auto words = count == 0 ? kFirstWords : before * (before < kLargeWords ? kGrowth : kLargeGrowth);
    m_pieces[count] = std::make_unique<Piece>(words);
    m_roomLeft = words * kKeysPerWord;
    m_pieceCount.store(++count, std::memory_order_release);
  }
  auto& piece = *m_pieces[count - 1];
  auto& word = piece.bits[(hash >> 32) & piece.mask];
  word.store(word.load(std::memory_order_relaxed) | bitsOf(hash), std::memory_order_relaxed);
  if (m_roomLeft > 0) --m_roomLeft;
}

bool BloomFilter::mayHave(std::uint64_t hash) const {
  const auto bits = bitsOf(hash);
  for (auto count = m_pieceCount.load(std::memory_order_acquire); count-- > 0;) {
    const auto& piece = *m_pieces[count];
    if ((piece.bits[(hash >> 32) & piece.mask].load(std::memory_order_relaxed) & bits) == bits) return true;
  }
  return false;
}

}  // namespace drift::storage
