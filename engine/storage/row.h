// Rows as storage sees them: a layout (stable column ids with types) and one byte string per row.
//
// A row is encoded once, by whoever changes it, and goes unchanged into the log frame and the memtable.
// Thread rule: plain values; a RowLayout is immutable once shared.
#pragma once

#include <memory>
#include <optional>
#include <vector>

#include "base/bytes.h"
#include "base/ids.h"
#include "types/value.h"
#include "types/vector.h"

namespace drift::storage {

struct LayoutColumn {
  ColumnId id = 0;
  types::Type type;
  /// What rows written before this column existed show: the DEFAULT at the time of ADD COLUMN, or NULL.
  types::Value missing;
  friend bool operator==(const LayoutColumn&, const LayoutColumn&) = default;
};

/// The columns that a row of a tree was written with, by increasing id.
struct RowLayout {
  std::vector<LayoutColumn> columns;
  friend bool operator==(const RowLayout&, const RowLayout&) = default;
};

using RowLayoutRef = std::shared_ptr<const RowLayout>;

/// Writes one row: for each column of the layout, `vectors[i]` at `row`. Appends to `out`.
/// The encoding is described in docs/formats/; on disk: do not change.
void encodeRow(const RowLayout& layout, std::span<const types::Vector* const> vectors, std::size_t row, Bytes& out);
void encodeRow(const RowLayout& layout, std::span<const types::Value> values, Bytes& out);
/// Reads the columns at rising positions `wanted` of the layout into row `target` of `into` (same order as wanted).
/// DataCorrupted for malformed bytes.
Status decodeRow(const RowLayout& layout, ByteSpan bytes, std::span<const std::size_t> wanted,
                 std::span<types::Vector* const> into, std::size_t target);
Result<std::vector<types::Value>> decodeRow(const RowLayout& layout, ByteSpan bytes);

/// What a change did to a key: Insert where no row lived under it, Update and Delete where one did; whoever commits
/// sees to it. Numbers on disk: do not change.
enum class RowOp : std::uint8_t { Insert = 1, Update = 2, Delete = 3 };

/// One row's change within a commit.
struct RowChange {
  TreeId tree = 0;
  RowOp op = RowOp::Insert;
  std::string key;                    ///< memcomparable bytes, see types/key_encoding.h
  RowLayoutRef layout;                ///< null for Delete
  std::string row;                    ///< after-image by encodeRow(); empty for Delete
  std::vector<ColumnId> changed;      ///< Update: the columns that differ; empty otherwise
  CommitNumber previous = 0;          ///< commit of the version that this replaces; 0 for none
};

}  // namespace drift::storage
