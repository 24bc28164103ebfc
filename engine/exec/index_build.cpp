#include "exec/index_build.h"

#include <algorithm>

#include "exec/row_writer.h"
#include "exec/scan_shape.h"
#include "exec/store_moments.h"
#include "plan/bound_index.h"
#include "storage/row.h"

namespace drift::exec {

namespace {

using storage::Snapshot;
using types::Chunk;

/// The rows behind key `after`: their identity and columns, as RowWriter takes them.
storage::ScanRequest rowsAfter(const catalog::Table& table, const std::string& after, const OperatorContext& context) {
  storage::ScanRequest request;
  request.tree = table.id;
  request.columns.push_back({storage::kKeyColumn, types::TypeId::Bytea, {}});
  request.columns.push_back({storage::kSeqColumn, types::TypeId::BigInt, {}});
  for (const auto& column : table.columns) request.columns.push_back(layoutColumn(column));
  if (!after.empty()) request.range.from = after + '\0';
  request.cancel = context.query().cancel;
  return request;
}

std::string lastKey(const Chunk& rows) {
  return std::string(rows.column(0).view().at<types::StringRef>(rows.rowCount() - 1).view());
}

const catalog::Index* indexOf(const catalog::Table& table, TreeId tree) {
  const auto found = std::ranges::find(table.indexes, tree, &catalog::Index::tree);
  return found == table.indexes.end() ? nullptr : &*found;
}

/// The table of a build as the transaction sees it; null where it or the index is gone.
Result<catalog::TableRef> tableOf(const IndexBuild& build, const ExecutionEnvironment& environment) {
  DRIFT_ASSIGN(const auto view, environment.catalog.viewOf(environment.transaction));
  auto table = view->find(build.table);
  return table && indexOf(*table, build.index) ? table : nullptr;
}

Error gone() {
  return Error(ErrorKind::UndefinedObject, "the index was dropped by another session while it was being built");
}

/// A row that a batch made an entry for: its key, its version, and what it has in the columns that the index reads.
struct BuiltRow {
  std::string key;
  CommitNumber seq = 0;
  Bytes read;
};

/// Fails where a row of the batch is gone, or has other values in columns that the index reads, in the newest state.
txn::Transaction::Requirement unchangedRows(storage::Store& store, TreeId table, storage::RowLayout columns,
                                            std::vector<BuiltRow> rows, CommitNumber since) {
  return [&store, table, since, columns = std::move(columns),
          rows = std::move(rows)](const Snapshot& latest) -> Status {
    DRIFT_ASSIGN(const auto change, store.lastChange(table, latest.number()));
    if (change <= since) return {};
    for (const auto& row : rows) {
      DRIFT_ASSIGN(const auto version, latest.get(table, row.key, {}));
      if (version && version->seq == row.seq) continue;
      Bytes read;
      if (version) {
        DRIFT_ASSIGN(const auto now, latest.get(table, row.key, columns.columns));
        storage::encodeRow(columns, now->values, read);
      }
      if (!version || read != row.read)
        return Error(ErrorKind::SerializationFailure, "a row of the index that is being built was changed meanwhile");
    }
    return {};
  };
}

/// Remembers rows of a chunk, for unchangedRows().
void addRows(const Chunk& rows, const types::Selection& added, const catalog::Table& table,
             const storage::RowLayout& columns, std::vector<BuiltRow>& built) {
  const auto keys = rows.column(0).view();
  const auto seqs = rows.column(1).view();
  std::vector<std::size_t> positions;
  for (const auto& column : columns.columns) {
    const auto found = std::ranges::find(table.columns, column.id, &catalog::Column::id);
    positions.push_back(plan::kRowIdentityColumns + static_cast<std::size_t>(found - table.columns.begin()));
  }
  std::vector<types::Value> values(positions.size());
  for (const auto row : added) {
    BuiltRow one{
        std::string(keys.at<types::StringRef>(row).view()), static_cast<CommitNumber>(seqs.at<std::int64_t>(row)), {}};
    for (std::size_t at = 0; at < positions.size(); ++at) values[at] = rows.column(positions[at]).get(row);
    storage::encodeRow(columns, values, one.read);
    built.push_back(std::move(one));
  }
}

Chunk firstRows(const Chunk& rows, std::size_t count) {
  if (count >= rows.rowCount()) return rows;
  types::Selection kept;
  for (std::size_t row = 0; row < count; ++row) kept.push_back(static_cast<std::uint16_t>(row));
  return rows.selected(kept);
}

}  // namespace

Status fillIndex(const catalog::TableRef& table, TreeId index, const WriteContext& context) {
  DRIFT_ASSIGN(auto writer, RowWriter::open(table, context.binding, context.operators));
  DRIFT_ASSIGN(const auto cursor, context.transaction().scan(rowsAfter(*table, {}, context.operators)));
  Chunk rows;
  while (true) {
    DRIFT_ASSIGN(const bool more, cursor->next(rows));
    if (!more) return {};
    DRIFT_TRY(writer.addMissing(index, rows));
  }
}

Result<BatchResult> buildBatch(const IndexBuild& build, std::size_t rowsMax, const ExecutionEnvironment& environment) {
  DRIFT_ASSIGN(const auto table, tableOf(build, environment));
  if (!table) return gone();
  auto& transaction = environment.transaction;
  environment.catalog.requireTable(transaction, table->id);
  OperatorContext operators{environment, plan::functionContext(environment.context)};
  const StoreMoments moments(environment);
  const auto binding = bindEnvironment(environment, moments);
  DRIFT_ASSIGN(auto writer, RowWriter::open(table, binding, operators));
  DRIFT_ASSIGN(const auto cursor, transaction.scan(rowsAfter(*table, build.after, operators)));
  DRIFT_ASSIGN(const auto read, plan::columnsOfIndex(*table, *indexOf(*table, build.index), binding));
  storage::RowLayout columns;
  for (const auto id : read) columns.columns.push_back(layoutColumn(*table->findColumn(id)));
  BatchResult result{.after = build.after};
  std::vector<BuiltRow> built;
  Chunk chunk;
  while (result.rows < rowsMax && !result.complete) {
    DRIFT_ASSIGN(const bool more, cursor->next(chunk));
    result.complete = !more;
    if (!more) break;
    const auto rows = firstRows(chunk, rowsMax - result.rows);
    DRIFT_ASSIGN(const auto added, writer.addMissing(build.index, rows));
    addRows(rows, added, *table, columns, built);
    result.after = lastKey(rows);
    result.rows += rows.rowCount();
  }
  transaction.require(unchangedRows(transaction.store(), table->id, std::move(columns), std::move(built),
                                    transaction.snapshot().number()));
  return result;
}

Status finishBuild(const IndexBuild& build, const ExecutionEnvironment& environment) {
  DRIFT_ASSIGN(const auto table, tableOf(build, environment));
  if (!table) return gone();
  return environment.catalog.finishIndex(environment.transaction, *indexOf(*table, build.index));
}

Status abandonBuild(const IndexBuild& build, const ExecutionEnvironment& environment) {
  DRIFT_ASSIGN(const auto table, tableOf(build, environment));
  if (!table) return {};
  return environment.catalog.dropIndex(environment.transaction, *table, *indexOf(*table, build.index));
}

}  // namespace drift::exec
