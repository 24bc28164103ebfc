#include "storage/leaf_chunk.h"

#include <list>

#include "storage/row_decoder.h"
#include "storage/store.h"
#include "storage/value_copy.h"

namespace drift::storage {

namespace {

using types::Value;
using types::Vector;

Error typeChanged(const LayoutColumn& column) {
  return makeError(ErrorKind::DataCorrupted, "column {} of a page has another type than its table", column.id);
}

Vector missingColumn(const LayoutColumn& column) {
  return Vector::constant(column.missing.isNull() ? Value::null(column.type) : column.missing);
}

/// Whether these are all rows, in order.
bool isAll(std::span<const std::uint32_t> rows, std::size_t count) {
  if (rows.size() != count) return false;
  for (std::size_t i = 0; i < count; ++i)
    if (rows[i] != i) return false;
  return true;
}

/// A system column; `at` gives what is known of row i.
template <class At>
Vector systemColumn(std::size_t rows, const LayoutColumn& column, std::span<const CommitNumber> ends, const At& at) {
  Vector vector(column.type, std::max<std::size_t>(rows, 1));
  for (std::size_t i = 0; i < rows; ++i) {
    if (column.id == kKeyColumn) vector.setString(i, at(i).key.view());
    else if (column.id == kSeqColumn) vector.data<std::int64_t>()[i] = static_cast<std::int64_t>(at(i).seq);
    else if (column.id == kOpColumn) vector.data<std::int16_t>()[i] = static_cast<std::int16_t>(at(i).op);
    else if (ends.empty() || ends[i] == kNoCommit) vector.setNull(i);
    else vector.data<std::int64_t>()[i] = static_cast<std::int64_t>(ends[i]);
  }
  return vector;
}

/// What a system column may ask of a row.
struct RowFacts {
  types::StringRef key;
  CommitNumber seq;
  RowOp op;
};

RowFacts factsOf(const Leaf& leaf, std::uint32_t row) { return {leaf.key(row), leaf.seq(row), leaf.op(row)}; }

Result<Vector> viewColumn(const LeafView& view, const LayoutColumn& column) {
  DRIFT_ASSIGN(const auto* values, view.column(column.id));
  if (!values) return missingColumn(column);
  if (values->type().physical() != column.type.physical()) return typeChanged(column);
  Vector result = *values;
  result.relabel(column.type);
  return result;
}

}  // namespace

Result<Vector> leafColumn(const Leaf& leaf, std::span<const std::uint32_t> rows, const LayoutColumn& column) {
  DRIFT_ASSIGN(auto few, leaf.columnOfFew(column.id, rows));
  if (few) {
    if (few->type().physical() != column.type.physical()) return typeChanged(column);
    few->relabel(column.type);
    return std::move(*few);
  }
  DRIFT_ASSIGN(const auto* values, leaf.column(column.id));
  if (!values) return missingColumn(column);
  if (values->type().physical() != column.type.physical()) return typeChanged(column);
  Vector result;
  if (isAll(rows, leaf.rowCount())) {
    result = *values;
  } else if (leaf.rowCount() <= UINT16_MAX) {
    types::Selection selection(rows.begin(), rows.end());
    result = Vector::select(*values, selection);
  } else {
    result = Vector(column.type, std::max<std::size_t>(rows.size(), 1));
    ValueSharer sharer(*values, result);
    for (std::size_t i = 0; i < rows.size(); ++i) sharer.copy(rows[i], i);
  }
  result.relabel(column.type);
  return result;
}

Status fillChunk(const Leaf& leaf, std::span<const std::uint32_t> rows, std::span<const LayoutColumn> columns,
                 std::span<const CommitNumber> ends, types::Chunk& out, const LeafView* view) {
  out.clear();
  for (const auto& column : columns) {
    if (isSystemColumn(column.id)) {
      out.addColumn(systemColumn(rows.size(), column, ends, [&](std::size_t i) { return factsOf(leaf, rows[i]); }));
      continue;
    }
    DRIFT_ASSIGN(auto vector, view ? viewColumn(*view, column) : leafColumn(leaf, rows, column));
    out.addColumn(std::move(vector));
  }
  out.setRowCount(rows.size());
  return {};
}

Status fillChunk(const Leaf* leaf, std::span<const RowPick> picks, std::span<const LayoutColumn> columns,
                 std::span<const CommitNumber> ends, types::Chunk& out) {
  out.clear();
  const auto facts = [&](std::size_t i) {
    const auto* change = picks[i].change;
    return change ? RowFacts{types::StringRef(change->key), change->seq, change->op} : factsOf(*leaf, picks[i].row);
  };
  std::vector<std::uint32_t> rows;  // of the leaf
  for (const auto& pick : picks)
    if (!pick.change) rows.push_back(pick.row);
  RowDecoder decoder;
  std::list<Vector> user;  // stable addresses for the decoder
  for (const auto& column : columns) {
    if (isSystemColumn(column.id)) continue;
    auto& vector = user.emplace_back(column.type, std::max<std::size_t>(picks.size(), 1));
    decoder.add(column, vector);
    if (rows.empty()) continue;
    DRIFT_ASSIGN(const auto values, leafColumn(*leaf, rows, column));
    ValueSharer sharer(values, vector);
    std::size_t at = 0;
    for (std::size_t i = 0; i < picks.size(); ++i)
      if (!picks[i].change) sharer.copy(at++, i);
  }
  if (!user.empty())
    for (std::size_t i = 0; i < picks.size(); ++i)
      if (picks[i].change) DRIFT_TRY(decoder.decode(*picks[i].change->layout, picks[i].change->row, i));
  for (const auto& column : columns) {
    if (isSystemColumn(column.id)) {
      out.addColumn(systemColumn(picks.size(), column, ends, facts));
      continue;
    }
    out.addColumn(std::move(user.front()));
    user.pop_front();
  }
  out.setRowCount(picks.size());
  return {};
}

}  // namespace drift::storage
