#include "session/index_site.h"

#include <algorithm>

#include "plan/bound_index.h"

namespace drift::session {

using types::Chunk;

IndexSite::IndexSite(txn::Transaction& transaction, const catalog::Catalog& catalog,
                     const functions::Registry& registry)
    : m_memory(SIZE_MAX),
      m_context{.clock = m_clock, .cancel = {}, .memory = m_memory, .transactionTime = 0},
      m_environment{.transaction = transaction,
                    .catalog = catalog,
                    .registry = registry,
                    .context = m_context,
                    .files = m_files},
      m_moments(m_environment),
      m_binding(exec::bindEnvironment(m_environment, m_moments)),
      m_operators{m_environment, plan::functionContext(m_context)} {}

Result<exec::IndexKeys> IndexSite::keysOf(const catalog::Table& table, const catalog::Index& index) {
  return exec::IndexKeys::open(table, index, m_binding, m_operators);
}

Result<std::vector<storage::LayoutColumn>> IndexSite::columnsOf(const catalog::Table& table,
                                                                const catalog::Index& index) const {
  DRIFT_ASSIGN(const auto ids, plan::columnsOfIndex(table, index, m_binding));
  std::vector<storage::LayoutColumn> columns;
  for (const auto id : ids) {
    const auto& column = *table.findColumn(id);
    columns.push_back({column.id, column.type, column.missing});
  }
  return columns;
}

Chunk IndexSite::complete(const catalog::Table& table, const std::vector<storage::LayoutColumn>& read,
                          const Chunk& rows) {
  Chunk all;
  for (const auto& column : table.columns) {
    const auto found = std::ranges::find(read, column.id, &storage::LayoutColumn::id);
    if (found == read.end()) all.addColumn(types::Vector::constant(types::Value::null(column.type)));
    else all.addColumn(rows.column(static_cast<std::size_t>(found - read.begin())));
  }
  all.setRowCount(rows.rowCount());
  return all;
}

}  // namespace drift::session
