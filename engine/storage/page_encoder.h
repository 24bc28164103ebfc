// Makes the bytes of a page of row versions. Format: docs/formats/tree.md. Stateless; equal contents give equal bytes.
#pragma once

#include <string_view>
#include <vector>

#include "storage/byte_block.h"
#include "storage/frame.h"
#include "storage/row.h"
#include "types/vector.h"

namespace drift::storage {

/// What a page shall hold.
struct PageContents {
  struct Column {
    LayoutColumn column;
    types::Vector values;              ///< one a row, or one for each of `rows`
    bool partial = false;
    std::vector<std::uint32_t> rows;
    FrameRef elsewhere;                ///< page that has the values already
  };

  std::vector<std::string_view> keys;  ///< these and the strings of `columns` outlive the call
  FrameRef keysElsewhere;              ///< page that has the keys already
  std::vector<CommitNumber> seqs;
  std::vector<RowOp> ops;
  std::vector<std::vector<ColumnId>> layouts{};    ///< runs: the columns that updates were written with
  std::vector<std::uint64_t> layoutOf{};           ///< runs: by row, position in `layouts`; any for other rows
  std::vector<Column> columns;         ///< by rising id
};

Bytes encodePage(const PageContents& contents);
/// A base without keys that has one column, with a value for each of `rows` rows. Its strings are packed by Zstandard:
/// they are large, and only read when they are asked for.
Bytes encodeColumnPage(const PageContents::Column& column, std::size_t rows, DensePacker& packer);

}  // namespace drift::storage
