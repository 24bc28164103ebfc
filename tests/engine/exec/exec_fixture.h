// A database in memory that runs statements, each in a transaction of its own, for tests of execution.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.h"
#include "exec/plan_cache.h"
#include "exec/statement.h"
#include "platform/memory_file_system.h"

namespace drift::exec::test {

class Database final {
 public:
  Database();

  /// Runs a statement and commits it. Gives its rows as "a|b;c|d", its tag where it has no columns, or the
  /// SQLSTATE and the sentence of its error.
  std::string run(std::string_view sql);
  /// Runs statements that must succeed.
  void mustRun(std::initializer_list<std::string_view> statements);
  /// Runs a statement that must fail.
  Error fails(std::string_view sql);

  /// Runs a statement within a transaction, without committing it.
  /// Runs a query with the plan that was kept for it, and keeps one.
  std::string runAgain(const std::string& sql, std::vector<types::Value> parameters);
  /// Runs a query with a plan of its own.
  std::string runNew(const std::string& sql, std::vector<types::Value> parameters);
  std::string runIn(txn::Transaction& transaction, std::string_view sql);
  Result<std::uint64_t> append(std::string_view table, std::vector<std::string> columns, const types::Chunk& rows);

  storage::Store& store() { return *m_store; }
  /// Every commit is one second after the one before it; the first is at 2024-01-01 00:00:01.
  ManualClock& clock() { return m_clock; }

  PlanCache plans;
  bool planServed = false;  ///< in the last runAgain()
  std::optional<CommitNumber> moment;
  std::size_t memoryBytesMax = 64u << 20;
  runtime::CancelToken cancel;

 private:
  Result<std::string> tryRun(txn::Transaction& transaction, std::string_view sql,
                             std::span<const types::Value> parameters = {}, PlanCache* kept = nullptr);
  Status commit(txn::Transaction& transaction);

  platform::MemoryFileSystem m_files;
  ManualClock m_clock{1'704'067'200'000'000};
  std::unique_ptr<storage::Store> m_store;
  std::unique_ptr<catalog::Catalog> m_catalog;
  functions::Registry m_registry;
};

}  // namespace drift::exec::test
