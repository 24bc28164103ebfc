// JoinTable: the rows of one side of a join, found by their keys.
//
// Rows lie in a RowBuffer; a bucket array of row numbers and a chain of rows with the same bucket lead to them, in the
// order they came. Keys of a few integers are compared as one number (packed_keys.h), others by hash and value.
//
// Numbers that lie close together have a bucket each: nothing is hashed or compared then, and neighbours stay
// neighbours. Where they lie further apart, but not too far, a bit for each number says first whether it is there: most
// rows of a large table meet nothing. Of several keys the bits are those of the first. (The first is the perfect hash
// join of DuckDB.)
//
// Thread rule: one thread at a time up to finish(); then any may look rows up. keysOf() may be called from any at any
// time, with evaluators of its own. State: add() any number of times, finish(), then the rest.
#pragma once

#include <vector>

#include "exec/evaluator.h"
#include "exec/row_buffer.h"

namespace drift::exec {

/// The keys of a chunk of rows, ready to be added or looked up.
struct JoinKeys {
  types::Chunk columns;
  std::vector<std::uint64_t> words;  ///< packed keys, or hashes
  std::vector<std::uint8_t> usable;  ///< 0: a key is NULL, which equals nothing; empty: all are usable
};

class JoinTable final {
 public:
  JoinTable(const std::vector<types::Type>& rowTypes, const std::vector<types::Type>& keyTypes,
            const runtime::MemoryBudget& budget);

  bool keyed() const { return !m_physical.empty(); }
  /// Evaluates the keys of a chunk.
  Result<JoinKeys> keysOf(const types::Chunk& input, const std::vector<EvaluatorPtr>& evaluators) const;

  /// Adds rows with their keys. OutOfMemory.
  Status add(const types::Chunk& chunk, JoinKeys keys);
  /// Builds the buckets. OutOfMemory.
  Status finish();

  /// Gives the first row that each row of `keys` meets; kNoRow for none. Without keys all rows meet all.
  void firstRows(const JoinKeys& keys, std::vector<std::uint32_t>& rows) const;
  /// Gives the next row after `row` with the same keys; kNoRow at the end.
  std::uint32_t nextRow(std::uint32_t row) const;

  const RowBufferRef& rows() const { return m_rows; }
  /// There are at least that many different keys; known after finish().
  std::size_t keysAtLeast() const { return m_usedBuckets; }

 private:
  /// Numbers from the smallest (first) key to the largest one, both included; 0 where that is not known.
  std::uint64_t findSpan();
  Status finishDirect(std::uint64_t span);
  Status addFilter(std::uint64_t span);
  void chain(std::uint32_t row, std::uint32_t& bucket);
  std::uint32_t firstWith(std::uint64_t word, std::span<const types::VectorView> views, std::size_t row) const;
  bool sameKeys(std::span<const types::VectorView> views, std::size_t row, std::uint32_t stored) const;
  std::size_t bucketOf(std::uint64_t word) const;

  RowBufferRef m_rows;
  RowBufferRef m_keys;  ///< the keys of the rows, where they are not packed
  std::vector<types::PhysicalType> m_physical;
  const bool m_packed;
  std::vector<std::uint64_t> m_words;    ///< of each row
  std::vector<std::uint32_t> m_next;     ///< of each row: the next one in its bucket
  std::vector<std::uint8_t> m_unusable;  ///< of each row; empty: none
  std::vector<std::uint32_t> m_buckets;
  unsigned m_shift = 63;
  bool m_direct = false;               ///< bucket i is that of the key m_firstWord + i; the last one is always empty
  std::uint64_t m_firstWord = 0;       ///< the smallest key, or first key of several
  std::uint64_t m_mask = UINT64_MAX;   ///< what of a word is the first key
  std::uint64_t m_span = 0;            ///< keys from the smallest to the largest, where m_direct or m_filter is set
  std::vector<std::uint64_t> m_filter; ///< a bit for each of them: set if it is there; empty: not asked
  std::size_t m_usedBuckets = 0;
  MemoryReservation m_memory;
};

}  // namespace drift::exec
