// CREATE and REFRESH MATERIALIZED VIEW. A refresh writes the rows that differ alone: its history is what has changed.
#include <algorithm>

#include "exec/ddl.h"
#include "exec/key_table.h"
#include "exec/row_writer.h"
#include "plan/bind.h"
#include "sql/parser.h"

namespace drift::exec {

using types::Chunk;
using types::Value;

namespace {

std::vector<types::Type> columnTypesOf(const catalog::Table& table) {
  std::vector<types::Type> types;
  for (const auto& column : table.columns) types.push_back(column.type);
  return types;
}

/// Rows as bytes, one column: two rows are the same only if every value is written the same way, 1.0 is not 1.00.
Chunk asBytesColumn(const Chunk& rows, std::size_t first) {
  const types::Type type = types::TypeId::Bytea;
  Chunk keys(std::span(&type, 1), std::max<std::size_t>(1, rows.rowCount()));
  Bytes bytes;
  for (std::size_t row = 0; row < rows.rowCount(); ++row) {
    bytes.clear();
    ByteWriter out(bytes);
    for (auto at = first; at < rows.columnCount(); ++at) types::writeValue(out, rows.column(at).get(row));
    keys.column(0).setString(row, asText(bytes));
  }
  keys.setRowCount(rows.rowCount());
  return keys;
}

/// Compares the rows of a view with what its query gives now, and writes the difference.
class Refresh final {
 public:
  Refresh(catalog::TableRef view, const WriteContext& context)
      : m_view(std::move(view)), m_context(context), m_seen({types::TypeId::Bytea}, memory()),
        m_new(std::make_shared<RowBuffer>(columnTypesOf(*m_view), memory())),
        m_gone(std::make_shared<RowBuffer>(identityTypes(*m_view), memory())) {}

  Status run(const plan::Node& query) {
    DRIFT_TRY(readNew(query));
    DRIFT_TRY(readOld());
    DRIFT_ASSIGN(auto writer, RowWriter::open(m_view, m_context.binding, m_context.operators, nullptr));
    return write(writer);
  }

 private:
  const runtime::MemoryBudget& memory() const { return m_context.operators.query().memory; }

  static std::vector<types::Type> identityTypes(const catalog::Table& view) {
    std::vector<types::Type> types{types::TypeId::Bytea, types::TypeId::BigInt};
    for (const auto& type : columnTypesOf(view)) types.push_back(type);
    return types;
  }

  template <class OnChunk>
  Status read(const plan::Node& source, const OnChunk& onChunk) {
    DRIFT_ASSIGN(const auto root, makeOperator(source, m_context.operators));
    Chunk chunk;
    while (true) {
      DRIFT_ASSIGN(const bool more, root->next(chunk));
      if (!more) return {};
      DRIFT_TRY(m_context.operators.query().cancel.check());
      DRIFT_TRY(onChunk(chunk));
    }
  }

  /// What the query gives; each row has a number, equal ones the same, and each number a count.
  Status readNew(const plan::Node& query) {
    return read(query, [&](const Chunk& chunk) -> Status {
      std::vector<std::uint32_t> numbers;
      DRIFT_TRY(m_seen.findOrAdd(asBytesColumn(chunk, 0), numbers));
      m_counts.resize(m_seen.keyCount());
      for (const auto number : numbers) ++m_counts[number];
      m_numbers.insert(m_numbers.end(), numbers.begin(), numbers.end());
      return m_new->append(chunk);
    });
  }

  /// Rows that are there and in the query's, too, stay; the others go.
  Status readOld() {
    DRIFT_ASSIGN(const auto all, plan::bindTruncate(m_view, m_context.binding));
    return read(*all.source, [&](const Chunk& chunk) -> Status {
      std::vector<std::uint32_t> numbers;
      m_seen.find(asBytesColumn(chunk, plan::kRowIdentityColumns), numbers);
      types::Selection gone;
      for (std::size_t row = 0; row < numbers.size(); ++row) {
        const bool stays = numbers[row] != kNoRow && m_counts[numbers[row]] > 0;
        if (stays) --m_counts[numbers[row]];
        else gone.push_back(static_cast<std::uint16_t>(row));
      }
      return m_gone->append(chunk, gone);
    });
  }

  Status write(RowWriter& writer) {
    for (std::size_t first = 0; first < m_gone->rowCount(); first += types::kChunkRows)
      DRIFT_TRY(writer.remove(chunkOf(m_gone, first)));
    for (std::size_t first = 0; first < m_new->rowCount(); first += types::kChunkRows) {
      const auto chunk = chunkOf(m_new, first);
      types::Selection added;
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
        auto& count = m_counts[m_numbers[first + row]];
        if (count == 0) continue;
        --count;
        added.push_back(static_cast<std::uint16_t>(row));
      }
      if (!added.empty()) {
        auto fresh = chunk.selected(added);
        DRIFT_TRY(writer.insert(fresh));
      }
    }
    return writer.finish();
  }

  const catalog::TableRef m_view;
  const WriteContext& m_context;
  KeyTable m_seen;
  RowBufferRef m_new;
  RowBufferRef m_gone;                 ///< identity and columns
  std::vector<std::uint32_t> m_numbers;  ///< of each row of m_new
  std::vector<std::uint64_t> m_counts;   ///< of each number: rows that are still to be found
};

/// Binds the query of a view as it is kept.
Result<plan::NodePtr> queryOf(const catalog::Table& view, const WriteContext& context) {
  DRIFT_ASSIGN(const auto parsed, sql::parseStatement(view.viewSql));
  const auto* query = std::get_if<sql::QueryPtr>(&parsed->node);
  if (!query) return makeError(ErrorKind::DataCorrupted, "view \"{}\" is not a query", view.name);
  DRIFT_ASSIGN(auto root, plan::bindQuery(**query, context.binding));
  for (std::size_t at = 0; at < view.columns.size(); ++at)
    if (root->columns.size() != view.columns.size() || root->columns[at].type != view.columns[at].type)
      return makeError(ErrorKind::InvalidTableDefinition,
                       "the query of materialized view \"{}\" no longer gives the columns that the view has", view.name)
          .withHint("Drop the view and make it anew.");
  return root;
}

}  // namespace

Result<ExecutionPtr> runCreateMaterialized(catalog::Table view, const sql::CreateView& create,
                                           const WriteContext& context) {
  const auto& catalog = context.operators.environment.catalog;
  view.materialized = true;
  view.populated = create.withData;
  DRIFT_ASSIGN(view.id, catalog.allocateTrees(context.transaction(), 1));
  DRIFT_TRY(catalog.putTable(context.transaction(), view));
  if (!create.withData) return std::make_unique<DoneExecution>("CREATE MATERIALIZED VIEW");
  DRIFT_ASSIGN(const auto source, plan::bindQuery(*create.query, context.binding));
  DRIFT_ASSIGN(const auto count, insertAll(std::make_shared<const catalog::Table>(view), *source, context));
  return std::make_unique<DoneExecution>(fmt::format("SELECT {}", count), count);
}

Result<ExecutionPtr> runRefreshView(const sql::RefreshView& refresh, const WriteContext& context) {
  const auto span = refresh.name.span;
  DRIFT_ASSIGN(const auto bare, plan::bindNewName(refresh.name, context.binding));
  DRIFT_ASSIGN(const auto now, context.binding.moments.tablesNow());
  const auto view = now->find(bare);
  if (!view) return makeError(ErrorKind::UndefinedTable, "relation \"{}\" does not exist", bare).at(span);
  if (!view->isMaterialized())
    return makeError(ErrorKind::WrongObjectType, "\"{}\" is not a materialized view", bare).at(span);
  if (refresh.concurrently && !view->populated)
    return Error(ErrorKind::FeatureNotSupported, "CONCURRENTLY cannot be used when the materialized view is not populated")
        .at(span);
  if (view->populated != refresh.withData) {
    auto changed = *view;
    changed.populated = refresh.withData;
    DRIFT_TRY(context.operators.environment.catalog.putTable(context.transaction(), changed));
  } else {
    // The rows are of the query as it is now.
    context.operators.environment.catalog.requireTable(context.transaction(), view->id);
  }
  plan::NodePtr query;
  if (refresh.withData) {
    auto bound = queryOf(*view, context);
    if (!bound.ok()) {
      const auto& error = bound.error();
      return Error(error.kind(), error.message())
          .withHint(error.hint())
          .withDetail(fmt::format("In the query of materialized view \"{}\".", bare))
          .at(span);
    }
    query = std::move(bound).value();
  } else {
    // No rows, of as many columns.
    plan::Values values;
    values.rows.emplace_back();
    std::vector<plan::Column> columns;
    for (const auto& column : view->columns) {
      values.rows.back().push_back(plan::makeConstant(Value::null(column.type), span));
      columns.push_back({static_cast<plan::Slot>(columns.size() + 1), column.type, column.name, {}, {}});
    }
    query = plan::makeOver(std::make_unique<plan::Node>(std::move(values), std::move(columns)), plan::Limit{0, 0});
  }
  DRIFT_TRY(Refresh(view, context).run(*query));
  return std::make_unique<DoneExecution>("REFRESH MATERIALIZED VIEW");
}

}  // namespace drift::exec
