// ScanShape: how the columns that a plan asks of a table come out of what storage reads: the table's own
// columns as they are, system columns from the numbers of the commits.
//
// Thread rule: one thread at a time; refers to the transaction's store.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "exec/operator_context.h"
#include "plan/node.h"
#include "storage/store.h"
#include "types/vector.h"

namespace drift::exec {

class ScanShape final {
 public:
  ScanShape(const plan::Scan& scan, const OperatorContext& context);

  /// The columns to read, and the chunk that comes of a chunk of them.
  const std::vector<storage::LayoutColumn>& columns() const { return m_columns; }
  Result<types::Chunk> shape(const types::Chunk& raw);
  /// The same for one row with its version, read by its key; system columns are not to be read then.
  Result<types::Chunk> shape(const storage::RowVersion& row, std::string_view key);
  /// The table's own columns of columns(), which come first in it.
  std::span<const storage::LayoutColumn> ownColumns() const { return std::span(m_columns).first(m_ownCount); }

  /// Position in columns() of a system column of storage, adding it where it is missing.
  std::size_t require(ColumnId column);
  bool needsEnd() const { return m_needsEnd; }

 private:
  struct Output {
    types::Type type;
    std::size_t position = 0;                   ///< in columns()
    std::optional<plan::SystemColumn> derived;  ///< set: computed from that column
  };

  Result<types::Vector> derive(const Output& output, const types::Chunk& raw);
  Result<std::string> authorOf(CommitNumber number);

  const storage::Store& m_store;
  const CommitNumber m_last;  ///< what ended after it has not ended yet for this transaction
  std::vector<storage::LayoutColumn> m_columns;
  std::size_t m_ownCount = 0;
  std::vector<Output> m_outputs;
  std::map<CommitNumber, std::string> m_authors;  ///< a cache; bounded in authorOf()
  bool m_needsEnd = false;
};

/// The layout column of a table's column.
storage::LayoutColumn layoutColumn(const catalog::Column& column);

}  // namespace drift::exec
