// INSERT, UPDATE, DELETE, MERGE, alone and in WITH; TRUNCATE. The rows are all known before the first one is written, so that a
// statement never meets its own changes.
#include <algorithm>

#include "exec/analysis.h"
#include "exec/executions.h"
#include "exec/foreign_keys.h"
#include "exec/key_table.h"
#include "exec/merge.h"
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

/// Reads all rows of a plan. `once`: of those with the same key, which is the first column, the first one.
Result<RowBufferRef> readAll(const plan::Node& source, bool once, const WriteContext& context) {
  auto& memory = context.operators.query().memory;
  auto rows = std::make_shared<RowBuffer>(columnTypes(source), memory);
  std::optional<txn::ReadAsOf> before;
  if (context.start) before.emplace(context.transaction(), *context.start);
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

Result<std::uint64_t> removeAll(const plan::BoundDelete& bound, RowBufferRef rows, RowWriter& writer,
                                Returned& returned, const WriteContext& context) {
  const auto columns = bound.table->columns.size();
  for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
    DRIFT_TRY(context.operators.query().cancel.check());
    const auto chunk = chunkOf(rows, first);
    DRIFT_TRY(writer.remove(chunk));
    DRIFT_TRY(
        returned.add(returnedRow(chunk, plan::kRowIdentityColumns, columns, plan::kRowIdentityColumns + columns)));
  }
  return rows->rowCount();
}

Result<std::uint64_t> insertRows(const RowBufferRef& rows, RowWriter& writer, Returned& returned,
                                 const WriteContext& context) {
  for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
    DRIFT_TRY(context.operators.query().cancel.check());
    auto chunk = chunkOf(rows, first);
    DRIFT_TRY(writer.insert(chunk));
    DRIFT_TRY(returned.add(chunk));
  }
  return rows->rowCount();
}

/// The changes of one statement, one after the other. Each reads the rows that were there before the first; foreign
/// keys are asked at the end.
class Changes final {
 public:
  explicit Changes(const WriteContext& context)
      : m_context(context), m_foreignKeys(context.binding, context.operators) {}

  /// A part of WITH: what it returns can be read then.
  Status run(const plan::BoundPart& part) {
    DRIFT_ASSIGN(auto returned, Returned::open(plan::returningOf(part.change), m_context));
    DRIFT_ASSIGN(const auto count, change(part.change, returned));
    static_cast<void>(count);
    describe(fmt::format("With {}: {}", part.name, plan::describe(part.change)), plan::sourceOf(part.change));
    if (returned.wantsRows()) m_context.operators.workTables[part.number] = returned.rows();
    m_isFirst = false;
    return {};
  }

  Result<ExecutionPtr> run(const plan::BoundChange& bound) {
    constexpr const char* kTags[] = {"INSERT 0", "UPDATE", "DELETE", "MERGE"};
    DRIFT_ASSIGN(auto returned, Returned::open(plan::returningOf(bound), m_context));
    DRIFT_ASSIGN(const auto count, change(bound, returned));
    DRIFT_TRY(m_foreignKeys.finish());
    describe(plan::describe(bound), plan::sourceOf(bound));
    return returned.finish(fmt::format("{} {}", kTags[bound.index()], count), count);
  }

  /// The query that the parts stand before.
  Result<ExecutionPtr> run(const plan::Node& query) {
    DRIFT_TRY(m_foreignKeys.finish());
    DRIFT_ASSIGN(auto rows, readAll(query, false, m_context));
    describe({}, query);
    std::vector<OutputColumn> columns;
    for (const auto& column : query.columns) columns.push_back({column.name, column.type, column.table, column.column});
    const auto count = rows->rowCount();
    return std::make_unique<DoneExecution>(fmt::format("SELECT {}", count), count, std::move(columns), std::move(rows));
  }

  Result<std::uint64_t> operator()(const plan::BoundInsert& bound) {
    DRIFT_ASSIGN(auto writer, open(bound.table));
    DRIFT_ASSIGN(const auto rows, readAll(*bound.source, false, m_context));
    return bound.conflict ? upsertRows(bound, rows, std::move(writer), *m_returned, m_context)
                          : insertRows(rows, writer, *m_returned, m_context);
  }
  Result<std::uint64_t> operator()(const plan::BoundUpdate& bound);
  Result<std::uint64_t> operator()(const plan::BoundDelete& bound) {
    DRIFT_ASSIGN(auto writer, open(bound.table));
    DRIFT_ASSIGN(auto rows, readAll(*bound.source, bound.joined, m_context));
    DRIFT_TRY(leaveOutChanged(*bound.table, rows));
    return removeAll(bound, std::move(rows), writer, *m_returned, m_context);
  }
  Result<std::uint64_t> operator()(const plan::BoundMerge& bound) {
    DRIFT_ASSIGN(auto writer, open(bound.table));
    DRIFT_ASSIGN(auto rows, readAll(*bound.source, false, m_context));
    DRIFT_TRY(leaveOutChanged(*bound.table, rows));
    return mergeRows(bound, rows, writer, m_context);
  }

 private:
  Result<std::uint64_t> change(const plan::BoundChange& bound, Returned& returned) {
    m_returned = &returned;
    return std::visit(*this, bound);
  }

  Result<RowWriter> open(const catalog::TableRef& table) {
    const bool hasForeignKeys = !table->foreignKeys.empty() || !table->referencedBy.empty();
    return RowWriter::open(table, m_context.binding, m_context.operators, hasForeignKeys ? &m_foreignKeys : nullptr);
  }

  /// A row that a part before has changed is left alone: one statement changes a row once.
  Status leaveOutChanged(const catalog::Table& table, RowBufferRef& rows) const {
    if (m_isFirst || !m_context.transaction().hasWrites(table.id)) return {};
    auto kept = std::make_shared<RowBuffer>(rows->columnTypes(), m_context.operators.query().memory);
    for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
      const auto chunk = chunkOf(rows, first);
      const auto keys = chunk.column(0).view();
      types::Selection own;
      for (std::size_t row = 0; row < chunk.rowCount(); ++row)
        if (keys.isNull(row) || !m_context.transaction().hasWritten(
                                    table.id, keys.at<types::StringRef>(row).view(), *m_context.start))
          own.push_back(static_cast<std::uint16_t>(row));
      DRIFT_TRY(kept->append(chunk, own));
    }
    rows = std::move(kept);
    return {};
  }

  /// Tells EXPLAIN ANALYZE how the rows of a statement were found.
  void describe(std::string words, const plan::Node& source) const {
    if (auto* analysis = m_context.operators.analysis) analysis->describe(std::move(words), source);
  }

  const WriteContext& m_context;
  ForeignKeys m_foreignKeys;
  Returned* m_returned = nullptr;
  bool m_isFirst = true;
};

Result<std::uint64_t> Changes::operator()(const plan::BoundUpdate& bound) {
  DRIFT_ASSIGN(auto writer, open(bound.table));
  DRIFT_ASSIGN(auto rows, readAll(*bound.source, bound.joined, m_context));
  DRIFT_TRY(leaveOutChanged(*bound.table, rows));
  DRIFT_TRY(writer.update(rows, bound.assigned));
  const auto columns = bound.table->columns.size();
  for (std::size_t first = 0; first < rows->rowCount() && bound.returning; first += types::kChunkRows) {
    auto chunk = chunkOf(rows, first);
    for (std::size_t at = 0; at < bound.assigned.size(); ++at)
      chunk.column(plan::kRowIdentityColumns + bound.assigned[at]) =
          chunk.column(plan::kRowIdentityColumns + columns + at);
    auto row = returnedRow(chunk, plan::kRowIdentityColumns, columns,
                           plan::kRowIdentityColumns + columns + bound.assigned.size());
    DRIFT_TRY(writer.complete(row));
    DRIFT_TRY(m_returned->add(row));
  }
  return rows->rowCount();
}

}  // namespace

Result<std::uint64_t> insertAll(const catalog::TableRef& table, const plan::Node& source, const WriteContext& context) {
  DRIFT_ASSIGN(auto writer, RowWriter::open(table, context.binding, context.operators));
  DRIFT_ASSIGN(const auto rows, readAll(source, false, context));
  Returned nothing;
  DRIFT_ASSIGN(const auto count, insertRows(rows, writer, nothing, context));
  DRIFT_TRY(writer.finish());
  return count;
}

Result<ExecutionPtr> runChanges(const sql::Statement& statement, const WriteContext& given) {
  auto context = given;
  context.start = context.transaction().savepoint();
  DRIFT_ASSIGN(const auto bound, plan::bindStatement(statement, context.binding));
  Changes changes(context);
  for (const auto& part : bound.parts) DRIFT_TRY(changes.run(part));
  return bound.query ? changes.run(*bound.query) : changes.run(*bound.change);
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
    DRIFT_ASSIGN(auto rows, readAll(*bound.source, false, context));
    DRIFT_ASSIGN(const auto count, removeAll(bound, std::move(rows), writer, nothing, context));
    static_cast<void>(count);
  }
  return std::make_unique<DoneExecution>("TRUNCATE TABLE");
}

}  // namespace drift::exec
