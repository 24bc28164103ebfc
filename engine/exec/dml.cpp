// INSERT, UPDATE, DELETE, TRUNCATE. The rows are all known before the first one is written, so that a
// statement never meets its own changes.
#include <algorithm>

#include "exec/analysis.h"
#include "exec/executions.h"
#include "exec/key_table.h"
#include "exec/returned_rows.h"
#include "exec/row_writer.h"
#include "exec/upsert.h"
#include "plan/bind.h"

namespace drift::exec {

using types::Chunk;

namespace {

std::vector<types::Type> columnTypes(const plan::Node& node) {
  std::vector<types::Type> types;
  for (const auto& column : node.columns) types.push_back(column.type);
  return types;
}

/// Tells EXPLAIN ANALYZE how the rows of a statement were found.
void describe(std::string_view words, const catalog::Table& table, const plan::Node& source,
              const WriteContext& context) {
  if (auto* analysis = context.operators.analysis)
    analysis->describe(fmt::format("{} {}", words, table.name), source);
}

/// Reads all rows of a plan. `once`: of those with the same key, which is the first column, the first one.
Result<RowBufferRef> readAll(const plan::Node& source, bool once, const WriteContext& context) {
  auto& memory = context.operators.query().memory;
  auto rows = std::make_shared<RowBuffer>(columnTypes(source), memory);
  DRIFT_ASSIGN(const auto root, makeOperator(source, context.operators));
  KeyTable seen({types::TypeId::Bytea}, memory);
  Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, root->next(chunk));
    if (!more) break;
    if (!once) {
      DRIFT_TRY(rows->append(chunk));
      continue;
    }
    Chunk keys;
    keys.addColumn(chunk.column(0));
    keys.setRowCount(chunk.rowCount());
    auto next = seen.keyCount();
    std::vector<std::uint32_t> numbers;
    DRIFT_TRY(seen.findOrAdd(keys, numbers));
    types::Selection first;
    for (std::size_t row = 0; row < numbers.size(); ++row) {
      if (numbers[row] != next) continue;
      first.push_back(static_cast<std::uint16_t>(row));
      ++next;
    }
    DRIFT_TRY(rows->append(chunk, first));
  }
  return rows;
}

/// Columns [first, first + count) of a chunk, and then those from `others` on.
Chunk returnedRow(const Chunk& chunk, std::size_t first, std::size_t count, std::size_t others) {
  Chunk row;
  for (std::size_t at = 0; at < count; ++at) row.addColumn(chunk.column(first + at));
  for (auto at = others; at < chunk.columnCount(); ++at) row.addColumn(chunk.column(at));
  row.setRowCount(chunk.rowCount());
  return row;
}

Result<std::uint64_t> removeAll(const plan::BoundDelete& bound, RowWriter writer, Returned& returned,
                                const WriteContext& context) {
  DRIFT_ASSIGN(const auto rows, readAll(*bound.source, bound.joined, context));
  const auto columns = bound.table->columns.size();
  for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
    DRIFT_TRY(context.operators.query().cancel.check());
    const auto chunk = chunkOf(rows, first);
    DRIFT_TRY(writer.remove(chunk));
    DRIFT_TRY(
        returned.add(returnedRow(chunk, plan::kRowIdentityColumns, columns, plan::kRowIdentityColumns + columns)));
  }
  DRIFT_TRY(writer.finish());
  return rows->rowCount();
}

Result<std::uint64_t> insertRows(const catalog::TableRef& table, const plan::Node& source, Returned& returned,
                                 const WriteContext& context) {
  DRIFT_ASSIGN(auto writer, RowWriter::open(table, context.binding, context.operators));
  DRIFT_ASSIGN(const auto rows, readAll(source, false, context));
  for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
    DRIFT_TRY(context.operators.query().cancel.check());
    const auto chunk = chunkOf(rows, first);
    DRIFT_TRY(writer.insert(chunk));
    DRIFT_TRY(returned.add(chunk));
  }
  DRIFT_TRY(writer.finish());
  return rows->rowCount();
}

}  // namespace

Result<std::uint64_t> insertAll(const catalog::TableRef& table, const plan::Node& source, const WriteContext& context) {
  Returned nothing;
  return insertRows(table, source, nothing, context);
}

Result<ExecutionPtr> runInsert(const sql::Insert& insert, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bound, plan::bindInsert(insert, context.binding));
  DRIFT_ASSIGN(auto returned, Returned::open(bound.returning, context));
  std::uint64_t count = 0;
  if (bound.conflict) {
    DRIFT_ASSIGN(const auto rows, readAll(*bound.source, false, context));
    DRIFT_ASSIGN(count, upsertRows(bound, rows, returned, context));
  } else {
    DRIFT_ASSIGN(count, insertRows(bound.table, *bound.source, returned, context));
  }
  describe("Insert into", *bound.table, *bound.source, context);
  return returned.finish(fmt::format("INSERT 0 {}", count), count);
}

Result<ExecutionPtr> runUpdate(const sql::Update& update, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bound, plan::bindUpdate(update, context.binding));
  DRIFT_ASSIGN(auto returned, Returned::open(bound.returning, context));
  DRIFT_ASSIGN(auto writer, RowWriter::open(bound.table, context.binding, context.operators));
  DRIFT_ASSIGN(const auto rows, readAll(*bound.source, bound.joined, context));
  DRIFT_TRY(writer.update(rows, bound.assigned));
  DRIFT_TRY(writer.finish());
  const auto columns = bound.table->columns.size();
  for (std::size_t first = 0; first < rows->rowCount() && bound.returning; first += types::kChunkRows) {
    auto chunk = chunkOf(rows, first);
    for (std::size_t at = 0; at < bound.assigned.size(); ++at)
      chunk.column(plan::kRowIdentityColumns + bound.assigned[at]) =
          chunk.column(plan::kRowIdentityColumns + columns + at);
    DRIFT_TRY(returned.add(returnedRow(chunk, plan::kRowIdentityColumns, columns,
                                       plan::kRowIdentityColumns + columns + bound.assigned.size())));
  }
  describe("Update", *bound.table, *bound.source, context);
  return returned.finish(fmt::format("UPDATE {}", rows->rowCount()), rows->rowCount());
}

Result<ExecutionPtr> runDelete(const sql::Delete& statement, const WriteContext& context) {
  DRIFT_ASSIGN(const auto bound, plan::bindDelete(statement, context.binding));
  DRIFT_ASSIGN(auto returned, Returned::open(bound.returning, context));
  DRIFT_ASSIGN(auto writer, RowWriter::open(bound.table, context.binding, context.operators));
  DRIFT_ASSIGN(const auto count, removeAll(bound, std::move(writer), returned, context));
  describe("Delete from", *bound.table, *bound.source, context);
  return returned.finish(fmt::format("DELETE {}", count), count);
}

Result<ExecutionPtr> runTruncate(const sql::Truncate& truncate, const WriteContext& context) {
  std::vector<catalog::TableRef> tables;
  const auto add = [&tables](catalog::TableRef table) {
    if (std::ranges::find(tables, table->id, &catalog::Table::id) == tables.end()) tables.push_back(std::move(table));
  };
  for (const auto& name : truncate.names) {
    DRIFT_ASSIGN(auto table, plan::bindTable(name, context.binding));
    add(std::move(table));
  }
  DRIFT_ASSIGN(const auto view, context.binding.moments.tablesNow());
  for (std::size_t at = 0; at < tables.size(); ++at) {
    for (const auto id : std::vector(tables[at]->referencedBy)) {
      if (truncate.behavior == sql::DropBehavior::Cascade) add(view->find(id));
      if (std::ranges::find(tables, id, &catalog::Table::id) == tables.end()) {
        const auto& name = view->find(id)->name;
        return Error(ErrorKind::FeatureNotSupported, "cannot truncate a table referenced in a foreign key constraint")
            .withDetail(fmt::format("Table \"{}\" references \"{}\".", name, tables[at]->name))
            .withHint(fmt::format("Truncate table \"{}\" at the same time, or use TRUNCATE ... CASCADE.", name));
      }
      // Rows that refer to those that go, all go too; none may come meanwhile.
      context.transaction().requireQuiet(id);
    }
  }
  for (const auto& table : tables) {
    DRIFT_ASSIGN(const auto bound, plan::bindTruncate(table, context.binding));
    DRIFT_ASSIGN(auto writer, RowWriter::open(table, context.binding, context.operators, nullptr));
    Returned nothing;
    DRIFT_ASSIGN(const auto count, removeAll(bound, std::move(writer), nothing, context));
    static_cast<void>(count);
  }
  return std::make_unique<DoneExecution>("TRUNCATE TABLE");
}

}  // namespace drift::exec
