// Leaf: a page of row versions of one tree, sorted by key and commit. Format: docs/formats/tree.md.
//
// The leaf of an epoch holds the rows that lived at the end of the epoch before, and every version made
// during its own. So it answers exactly for any moment of its epoch, and older moments have older leaves.
// Thread rule: immutable but for a cache of decoded columns that is its own lock's; shared freely.
#pragma once

#include <map>
#include <memory>
#include <mutex>
#include <span>
#include <string_view>
#include <vector>

#include "storage/row.h"
#include "types/vector.h"

namespace drift::storage {

/// Versions after which a leaf is full. It takes in the rest of its last key's versions, so it may be larger;
/// a leaf of live rows is one chunk.
inline constexpr std::size_t kLeafRowsMax = 2048;
/// Bytes of keys and values after which a leaf is full however few versions it has.
inline constexpr std::size_t kLeafBytesMax = 4u << 20;

class Leaf final {
 public:
  /// Reads a page. DataCorrupted.
  static Result<std::shared_ptr<const Leaf>> decode(Bytes payload);

  std::size_t rowCount() const { return m_seqs.size(); }
  std::string_view key(std::size_t row) const { return m_keys[row].view(); }
  CommitNumber seq(std::size_t row) const { return m_seqs[row]; }
  RowOp op(std::size_t row) const { return m_ops[row]; }
  /// First row at or after (key, seq).
  std::size_t lowerBound(std::string_view key, CommitNumber seq) const;

  /// Values of a column, decoded when first asked for. Null where no row of the leaf has that column.
  Result<const types::Vector*> column(ColumnId id) const;
  /// The columns that rows of this leaf have, by id.
  const std::vector<LayoutColumn>& columns() const { return m_columns; }
  /// Bytes to count in a cache.
  std::size_t sizeBytes() const { return m_sizeBytes; }

 private:
  Leaf() = default;

  Bytes m_payload;
  std::shared_ptr<types::StringHeap> m_heap;
  std::vector<types::StringRef> m_keys;
  std::vector<CommitNumber> m_seqs;
  std::vector<RowOp> m_ops;
  std::vector<LayoutColumn> m_columns;
  std::vector<std::size_t> m_columnOffsets;  ///< of each column's block in the payload
  std::size_t m_sizeBytes = 0;
  mutable std::mutex m_mutex;                // guards m_decoded
  mutable std::map<ColumnId, std::unique_ptr<types::Vector>> m_decoded;
};

/// Collects versions in order and encodes them as a page.
class LeafBuilder final {
 public:
  /// Adds row `row` of an older leaf.
  Status add(const Leaf& leaf, std::size_t row);
  /// Adds a version with its encoded row; `layout` is null for a delete.
  Status add(std::string_view key, CommitNumber seq, RowOp op, const RowLayout* layout, std::string_view row);

  std::size_t rowCount() const { return m_seqs.size(); }
  bool isFull() const { return m_seqs.size() >= kLeafRowsMax || m_bytes >= kLeafBytesMax; }
  /// Encodes what was added and starts anew.
  Bytes finish();

 private:
  struct ColumnBuffer {
    LayoutColumn column;
    types::Vector values;
    std::size_t rows = 0;  ///< that have a value; those before the next one added get the missing value
  };
  /// Finds or makes the buffer of a column and makes it ready for a value of the newest row.
  ColumnBuffer& buffer(const LayoutColumn& column);
  void begin(std::string_view key, CommitNumber seq, RowOp op);
  static void reserve(ColumnBuffer& buffer, std::size_t rows);
  static void fillAbsent(ColumnBuffer& buffer, std::size_t rows);

  std::string m_keys;
  std::vector<std::size_t> m_keyEnds;
  std::vector<CommitNumber> m_seqs;
  std::vector<RowOp> m_ops;
  std::map<ColumnId, ColumnBuffer> m_buffers;
  std::size_t m_bytes = 0;
};

}  // namespace drift::storage
