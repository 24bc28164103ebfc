// BloomFilter: tells of most keys that were never added, by their hash, that they were not.
//
// A Bloom filter (Bloom, CACM 13:7, 1970) whose bits for a key lie in one word (Putze, Sanders, Singler, "Cache-,
// Hash- and Space-Efficient Bloom Filters", WEA 2007, section 3), in pieces of rising size, so that it grows without
// being made anew (Almeida et al., "Scalable Bloom Filters", Information Processing Letters 101:6, 2007).
// Thread rule: one writer, any readers.
#pragma once

#include <array>
#include <atomic>
#include <cstdint>
#include <memory>

namespace drift::storage {

class BloomFilter final {
 public:
  /// Adds a key. A piece that is full takes two bytes a key.
  void add(std::uint64_t hash);
  /// False where the key was never added; true where it was, and for about one in thirty others.
  bool mayHave(std::uint64_t hash) const;

 private:
  static constexpr std::size_t kPiecesMax = 8;
  struct Piece {
    explicit Piece(std::size_t words) : mask(words - 1), bits(new std::atomic<std::uint64_t>[words]()) {}
    std::size_t mask;
    std::unique_ptr<std::atomic<std::uint64_t>[]> bits;
  };

  std::array<std::unique_ptr<Piece>, kPiecesMax> m_pieces;
  std::atomic<std::size_t> m_pieceCount{0};
  std::size_t m_roomLeft = 0;  ///< keys that the newest piece has room for; the writer's
};

}  // namespace drift::storage
