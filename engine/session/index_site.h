// IndexSite: makes keys of indexes where there is no statement: for holding indexes against their tables, and for making
// them anew. What indexes compute is immutable, so no setting of a session counts.
//
// Thread rule: one thread. Refers to the transaction and what is behind it; keys that it made refer to it.
#pragma once

#include <memory>
#include <set>

#include "exec/index_keys.h"
#include "exec/store_moments.h"
#include "functions/registry.h"
#include "platform/memory_file_system.h"

namespace drift::session {

class IndexSite final {
 public:
  IndexSite(txn::Transaction& transaction, const catalog::Catalog& catalog, const functions::Registry& registry);

  /// The errors of IndexKeys::open().
  Result<exec::IndexKeys> keysOf(const catalog::Table& table, const catalog::Index& index);
  /// The columns that an index reads, as a row of the table has them.
  Result<std::vector<storage::LayoutColumn>> columnsOf(const catalog::Table& table, const catalog::Index& index) const;
  /// A chunk of all columns of a table out of one that begins with `read`; the others are NULL.
  static types::Chunk complete(const catalog::Table& table, const std::vector<storage::LayoutColumn>& read,
                               const types::Chunk& rows);

 private:
  SystemClock m_clock;
  runtime::MemoryBudget m_memory;
  const runtime::QueryContext m_context;
  platform::MemoryFileSystem m_files;  // nothing is written to it
  const exec::ExecutionEnvironment m_environment;
  const exec::StoreMoments m_moments;
  const plan::BindEnvironment m_binding;
  exec::OperatorContext m_operators;
};

}  // namespace drift::session
