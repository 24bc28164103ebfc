// Chunks from the rows of one leaf and the changes on top of it. Stateless.
#pragma once

#include <memory>
#include <span>

#include "storage/leaf.h"
#include "storage/memtable.h"
#include "types/vector.h"

namespace drift::storage {

/// A row of a chunk: a row of the leaf, or a change.
struct RowPick {
  std::uint32_t row = 0;
  const MemtableEntry* change = nullptr;
};

/// One column of rows of a leaf. Values are shared with the leaf, not copied, where a selection can tell them.
Result<types::Vector> leafColumn(const Leaf& leaf, std::span<const std::uint32_t> rows, const LayoutColumn& column);

/// Fills a chunk with rows of a leaf; `ends` gives kEndSeqColumn, kNoCommit as NULL. With a view these are its rows.
Status fillChunk(const Leaf& leaf, std::span<const std::uint32_t> rows, std::span<const LayoutColumn> columns,
                 std::span<const CommitNumber> ends, types::Chunk& out, const LeafView* view = nullptr);
/// The same where some rows are changes; without a leaf all are.
Status fillChunk(const Leaf* leaf, std::span<const RowPick> picks, std::span<const LayoutColumn> columns,
                 std::span<const CommitNumber> ends, types::Chunk& out);

}  // namespace drift::storage
