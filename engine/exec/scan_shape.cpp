#include "exec/scan_shape.h"

#include "exec/vector_copy.h"

namespace drift::exec {

using plan::SystemColumn;
using types::Chunk;
using types::TypeId;
using types::Vector;

namespace {

constexpr std::size_t kAuthorsMax = 4096;

/// The column of storage that a system column is computed from.
ColumnId sourceOf(SystemColumn column) {
  switch (column) {
    case SystemColumn::Start:
    case SystemColumn::Seq:
    case SystemColumn::Author: return storage::kSeqColumn;
    case SystemColumn::End:
    case SystemColumn::EndSeq: return storage::kEndSeqColumn;
    case SystemColumn::Op: return storage::kOpColumn;
    case SystemColumn::Key: return storage::kKeyColumn;
  }
  return storage::kSeqColumn;
}

types::Type typeOf(SystemColumn column) {
  switch (column) {
    case SystemColumn::Start:
    case SystemColumn::End: return TypeId::TimestampTz;
    case SystemColumn::Seq:
    case SystemColumn::EndSeq: return TypeId::BigInt;
    case SystemColumn::Op:
    case SystemColumn::Author: return TypeId::Text;
    case SystemColumn::Key: return TypeId::Bytea;
  }
  return TypeId::Text;
}

types::Type storageTypeOf(ColumnId column) {
  if (column == storage::kKeyColumn) return TypeId::Bytea;
  return column == storage::kOpColumn ? TypeId::SmallInt : TypeId::BigInt;
}

}  // namespace

storage::LayoutColumn layoutColumn(const catalog::Column& column) { return {column.id, column.type, column.missing}; }

ScanShape::ScanShape(const plan::Scan& scan, const OperatorContext& context)
    : m_store(context.environment.transaction.store()), m_last(context.environment.transaction.snapshot().number()) {
  for (const auto& column : scan.columns)
    if (column.column) m_columns.push_back(layoutColumn(*column.column));
  m_ownCount = m_columns.size();
  std::size_t own = 0;
  for (const auto& column : scan.columns) {
    if (column.column) {
      m_outputs.push_back({column.column->type, own++, std::nullopt});
      continue;
    }
    m_needsEnd = m_needsEnd || *column.system == SystemColumn::End || *column.system == SystemColumn::EndSeq;
    m_outputs.push_back({typeOf(*column.system), require(sourceOf(*column.system)), column.system});
  }
}

std::size_t ScanShape::require(ColumnId column) {
  for (std::size_t at = m_ownCount; at < m_columns.size(); ++at)
    if (m_columns[at].id == column) return at;
  m_columns.push_back({column, storageTypeOf(column), types::Value::null(storageTypeOf(column))});
  return m_columns.size() - 1;
}

Result<Chunk> ScanShape::shape(const Chunk& raw) {
  Chunk out;
  for (const auto& output : m_outputs) {
    if (!output.derived || *output.derived == SystemColumn::Key) {
      out.addColumn(raw.column(output.position));
      continue;
    }
    DRIFT_ASSIGN(auto column, derive(output, raw));
    out.addColumn(std::move(column));
  }
  out.setRowCount(raw.rowCount());
  return out;
}

Result<Chunk> ScanShape::shape(const storage::RowVersion& row, std::string_view key) {
  std::vector<types::Value> values = row.values;
  for (std::size_t at = m_ownCount; at < m_columns.size(); ++at) {
    const auto id = m_columns[at].id;
    if (id == storage::kKeyColumn) values.push_back(types::Value::bytea(std::string(key)));
    else if (id == storage::kOpColumn) values.push_back(types::Value::smallInt(static_cast<std::int16_t>(row.op)));
    else if (id == storage::kSeqColumn && row.seq != 0)
      values.push_back(types::Value::bigInt(static_cast<std::int64_t>(row.seq)));
    else values.push_back(types::Value::null(TypeId::BigInt));
  }
  Chunk raw;
  for (std::size_t at = 0; at < values.size(); ++at) {
    Vector column(m_columns[at].type, 1);
    column.set(0, values[at]);
    raw.addColumn(std::move(column));
  }
  raw.setRowCount(1);
  return shape(raw);
}

Result<Vector> ScanShape::derive(const Output& output, const Chunk& raw) {
  const auto rows = raw.rowCount();
  Vector out(output.type, rows);
  const auto source = raw.column(output.position).view();
  for (std::size_t row = 0; row < rows; ++row) {
    if (source.isNull(row)) {
      out.setNull(row);
      continue;
    }
    if (*output.derived == SystemColumn::Op) {
      const auto op = static_cast<storage::RowOp>(source.at<std::int16_t>(row));
      out.setString(row, op == storage::RowOp::Insert ? "insert" : "update");
      continue;
    }
    const auto number = static_cast<CommitNumber>(source.at<std::int64_t>(row));
    if (number > m_last) {
      out.setNull(row);
    } else if (*output.derived == SystemColumn::Author) {
      DRIFT_ASSIGN(const auto author, authorOf(number));
      out.setString(row, author);
    } else if (output.type.id() == TypeId::TimestampTz) {
      DRIFT_ASSIGN(out.data<std::int64_t>()[row], m_store.timeOf(number));
    } else {
      out.data<std::int64_t>()[row] = static_cast<std::int64_t>(number);
    }
  }
  return out;
}

Result<std::string> ScanShape::authorOf(CommitNumber number) {
  if (const auto found = m_authors.find(number); found != m_authors.end()) return found->second;
  DRIFT_ASSIGN(const auto info, m_store.commitInfo(number));
  if (m_authors.size() >= kAuthorsMax) m_authors.clear();
  return m_authors[number] = info ? info->author : std::string();
}

}  // namespace drift::exec
