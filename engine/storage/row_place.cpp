#include <algorithm>

#include "storage/leaf_chunk.h"
#include "storage/snapshot.h"
#include "storage/value_copy.h"

namespace drift::storage {

namespace {

using types::TypeId;
using types::Value;
using types::Vector;

Error typeChanged(const LayoutColumn& column) {
  return makeError(ErrorKind::DataCorrupted, "column {} of a page has another type than its table", column.id);
}

Vector systemColumn(std::span<const RowPlace> places, const LayoutColumn& column, std::span<const CommitNumber> ends) {
  Vector vector(column.type, places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (column.id == kKeyColumn) vector.setString(i, places[i].key().view());
    else if (column.id == kSeqColumn) vector.data<std::int64_t>()[i] = static_cast<std::int64_t>(places[i].seq());
    else if (column.id == kOpColumn) vector.data<std::int16_t>()[i] = static_cast<std::int16_t>(places[i].op());
    else if (ends.empty() || ends[i] == kNoCommit) vector.setNull(i);
    else vector.data<std::int64_t>()[i] = static_cast<std::int64_t>(ends[i]);
  }
  return vector;
}

/// Fills row `target` from a memtable's encoded row.
Status copyEncoded(const MemtableEntry& entry, const LayoutColumn& column, Vector& vector, std::size_t target) {
  if (!entry.layout) {
    vector.setNull(target);
    return {};
  }
  const auto found = std::ranges::find(entry.layout->columns, column.id, &LayoutColumn::id);
  if (found == entry.layout->columns.end()) {
    vector.set(target, column.missing);
    return {};
  }
  if (found->type.physical() != vector.type().physical()) return typeChanged(column);
  const std::size_t wanted[] = {static_cast<std::size_t>(found - entry.layout->columns.begin())};
  Vector* into[] = {&vector};
  return decodeRow(*entry.layout, asBytes(entry.row), wanted, into, target);
}

/// The value of a column in a change whose row reads `values`.
Result<Value> changedValue(const MemtableEntry& entry, std::span<const Value> values, const LayoutColumn& column) {
  if (!entry.layout) return Value::null(column.type);
  const auto found = std::ranges::find(entry.layout->columns, column.id, &LayoutColumn::id);
  if (found == entry.layout->columns.end())
    return column.missing.isNull() ? Value::null(column.type) : column.missing;
  if (found->type.physical() != column.type.physical()) return typeChanged(column);
  const auto& value = values[static_cast<std::size_t>(found - entry.layout->columns.begin())];
  return found->type == column.type ? value : value.withType(column.type);
}

Result<Vector> userColumn(std::span<const RowPlace> places, const LayoutColumn& column) {
  const auto* first = places.front().leaf.get();
  const bool oneLeaf = first && std::ranges::all_of(places, [&](const RowPlace& p) { return p.leaf.get() == first; });
  if (oneLeaf) {
    std::vector<std::uint32_t> rows;
    for (const auto& place : places) rows.push_back(static_cast<std::uint32_t>(place.row));
    return leafColumn(*first, rows, column);
  }
  Vector vector(column.type, places.size());
  for (std::size_t i = 0; i < places.size(); ++i) {
    if (places[i].entry) {
      DRIFT_TRY(copyEncoded(*places[i].entry, column, vector, i));
      continue;
    }
    DRIFT_ASSIGN(const auto* values, places[i].leaf->column(column.id));
    if (!values) {
      vector.set(i, column.missing);
      continue;
    }
    if (values->type().physical() != column.type.physical()) return typeChanged(column);
    copyValue(*values, places[i].row, vector, i);
  }
  return vector;
}

}  // namespace

Result<std::vector<Value>> valuesOf(const FoundRow& row, std::string_view key, std::span<const LayoutColumn> columns,
                                    const FoundRow* older, std::span<const Value> olderValues) {
  std::vector<Value> values(columns.size());
  if (!row.change && older && !older->change) {
    const LeafPages::Known known{*older->pages, older->version, olderValues};
    DRIFT_TRY(row.pages->read(row.version, columns, values, &known));
  } else if (!row.change) {
    DRIFT_TRY(row.pages->read(row.version, columns, values));
  }
  std::vector<Value> changed;
  if (row.change && row.change->layout) {
    DRIFT_ASSIGN(changed, decodeRow(*row.change->layout, asBytes(row.change->row)));
  }
  for (std::size_t i = 0; i < columns.size(); ++i) {
    const auto& column = columns[i];
    if (column.id == kKeyColumn) values[i] = Value(column.type, std::string(key));
    else if (column.id == kSeqColumn) values[i] = Value(column.type, static_cast<std::int64_t>(row.seq()));
    else if (column.id == kOpColumn) values[i] = Value(column.type, static_cast<std::int64_t>(row.op()));
    else if (column.id == kEndSeqColumn) values[i] = Value::null(column.type);
    else if (row.change) {
      DRIFT_ASSIGN(values[i], changedValue(*row.change, changed, column));
    }
  }
  return values;
}

Status fillChunk(std::span<const RowPlace> places, std::span<const LayoutColumn> columns,
                 std::span<const CommitNumber> ends, types::Chunk& out) {
  out.clear();
  if (places.empty()) return {};
  for (const auto& column : columns) {
    if (isSystemColumn(column.id)) {
      out.addColumn(systemColumn(places, column, ends));
      continue;
    }
    DRIFT_ASSIGN(auto vector, userColumn(places, column));
    out.addColumn(std::move(vector));
  }
  out.setRowCount(places.size());
  return {};
}

}  // namespace drift::storage
