#include "session/table_page.h"

#include <algorithm>

#include "plan/bound_index.h"

namespace drift::session {

namespace {

using storage::ScanRequest;

std::vector<std::string> namesOf(const catalog::Table& table, const std::vector<ColumnId>& ids) {
  std::vector<std::string> names;
  for (const auto id : ids)
    if (const auto* column = table.findColumn(id)) names.push_back(column->name);
  return names;
}

/// The table's columns in the order of SELECT *, then the key and the version's commit.
ScanRequest pageScan(const catalog::Table& table) {
  ScanRequest request;
  request.tree = table.id;
  for (const auto& column : table.columns) request.columns.push_back({column.id, column.type, column.missing});
  request.columns.push_back({storage::kKeyColumn, types::TypeId::Bytea, {}});
  request.columns.push_back({storage::kSeqColumn, types::TypeId::BigInt, {}});
  return request;
}

/// Number of rows with a key below `key`: a binary search over offsets, each of which storage finds by its
/// counts. O(log n) chunks are read.
Result<std::uint64_t> rowsBefore(const storage::Snapshot& snapshot, TreeId tree, const std::string& key) {
  DRIFT_ASSIGN(auto high, snapshot.rowCount(tree));
  std::uint64_t low = 0;
  while (low < high) {
    const auto middle = low + (high - low) / 2;
    ScanRequest request;
    request.tree = tree;
    request.columns = {{storage::kKeyColumn, types::TypeId::Bytea, {}}};
    request.skipRows = middle;
    DRIFT_ASSIGN(const auto cursor, snapshot.scan(std::move(request)));
    types::Chunk chunk;
    DRIFT_ASSIGN(const bool any, cursor->next(chunk));
    if (!any) return Error(ErrorKind::DataCorrupted, "a table has fewer rows than its counts say");
    const auto keys = chunk.column(0).view();
    const auto keyAt = [&](std::size_t row) { return keys.at<types::StringRef>(row).view(); };
    std::size_t below = 0;
    while (below < chunk.rowCount() && keyAt(below) < key) ++below;
    if (below > 0 && below < chunk.rowCount()) return middle + below;
    if (below == 0) high = middle;
    else low = middle + below;
  }
  return low;
}

/// Gathers up to `rows` rows of a cursor in one chunk.
Result<types::Chunk> gather(storage::Cursor& cursor, const ScanRequest& request, std::size_t rows) {
  types::Chunk page;
  types::Chunk chunk;
  while (page.rowCount() < rows) {
    DRIFT_ASSIGN(const bool any, cursor.next(chunk));
    if (!any) break;
    if (page.rowCount() == 0) {
      if (chunk.rowCount() >= rows) {
        chunk.setRowCount(rows);
        return chunk;
      }
      std::vector<types::Type> types;
      for (const auto& column : request.columns) types.push_back(column.type);
      page = types::Chunk(types, rows);
    }
    const auto taken = std::min(rows - page.rowCount(), chunk.rowCount());
    for (std::size_t column = 0; column < request.columns.size(); ++column)
      for (std::size_t row = 0; row < taken; ++row)
        page.column(column).set(page.rowCount() + row, chunk.column(column).get(row));
    page.setRowCount(page.rowCount() + taken);
  }
  if (page.columnCount() == 0)
    for (const auto& column : request.columns) page.addColumn(types::Vector(column.type, 0));
  return page;
}

}  // namespace

api::TableInfo tableInfo(const catalog::Table& table) {
  api::TableInfo info;
  info.id = table.id;
  info.name = table.name;
  for (const auto& column : table.columns) {
    const bool inKey = std::find(table.primaryKey.begin(), table.primaryKey.end(), column.id) != table.primaryKey.end();
    info.columns.push_back({.id = column.id,
                            .name = column.name,
                            .type = column.type,
                            .notNull = column.notNull,
                            .inPrimaryKey = inKey,
                            .defaultSql = column.defaultSql});
  }
  if (!table.primaryKey.empty())
    info.indexes.push_back({table.primaryKeyName, namesOf(table, table.primaryKey), true, true});
  for (const auto& unique : table.uniques)
    info.indexes.push_back({unique.name, namesOf(table, unique.columns), true, false});
  for (const auto& index : table.indexes) {
    api::IndexInfo shown{.name = index.name,
                         .columns = {},
                         .unique = index.unique,
                         .building = index.building,
                         .where = index.predicate};
    for (const auto& column : index.columns) {
      auto text = plan::indexPartText(table, column);
      if (column.descending) text += " DESC";
      if (column.nullsFirst != column.descending) text += column.nullsFirst ? " NULLS FIRST" : " NULLS LAST";
      shown.columns.push_back(std::move(text));
    }
    info.indexes.push_back(std::move(shown));
  }
  for (const auto& check : table.checks) info.checks.push_back(check.name + ": " + check.sql);
  return info;
}

Result<api::Page> readPage(const storage::Snapshot& snapshot, const catalog::Table& table,
                           const api::PageRequest& request) {
  if (request.rows > types::kChunkRows)
    return makeError(ErrorKind::InvalidParameterValue, "a page has at most {} rows, not {}", types::kChunkRows,
                     request.rows);
  api::Page page;
  page.at = snapshot.number();
  page.table = tableInfo(table);
  DRIFT_ASSIGN(page.rowCount, snapshot.rowCount(table.id));
  page.table.rowCount = page.rowCount;

  auto scan = pageScan(table);
  if (request.fromKey) {
    DRIFT_ASSIGN(page.offset, rowsBefore(snapshot, table.id, *request.fromKey));
    scan.range.from = *request.fromKey;
  } else {
    page.offset = std::min(request.offset, page.rowCount);
    scan.skipRows = page.offset;
  }
  const auto columns = table.columns.size();
  DRIFT_ASSIGN(const auto cursor, snapshot.scan(scan));
  DRIFT_ASSIGN(const auto rows, gather(*cursor, scan, request.rows));
  for (std::size_t at = 0; at < columns; ++at) page.rows.addColumn(rows.column(at));
  page.rows.setRowCount(rows.rowCount());
  for (std::size_t row = 0; row < rows.rowCount(); ++row) {
    page.keys.push_back(rows.column(columns).get(row).asString());
    page.changedAt.push_back(static_cast<CommitNumber>(rows.column(columns + 1).get(row).asInt()));
  }
  return page;
}

}  // namespace drift::session
