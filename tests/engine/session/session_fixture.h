// A database in memory with sessions, for tests of statements through the public interface.
#pragma once

#include <memory>
#include <string>

#include "base/clock.h"
#include "platform/memory_file_system.h"
#include "session/engine_database.h"

namespace drift::session::test {

class SessionFixture final {
 public:
  SessionFixture();

  EngineDatabase& database() { return *m_database; }
  ManualClock& clock() { return *m_clock; }
  /// The session that run() and friends use.
  api::Session& session() { return *m_session; }
  /// Closes the database and opens it again, as after a restart.
  void reopen(api::OpenOptions options = {});

 private:
  std::shared_ptr<platform::MemoryFileSystem> m_files = std::make_shared<platform::MemoryFileSystem>();
  std::shared_ptr<ManualClock> m_clock = std::make_shared<ManualClock>(1'700'000'000'000'000);
  std::shared_ptr<EngineDatabase> m_database;
  std::unique_ptr<api::Session> m_session;
};

/// Runs a statement; gives its rows as "1|a;2|NULL", or its tag where it has no columns, or the SQLSTATE and
/// sentence of its error: "42P01 relation …".
std::string run(api::Session& session, std::string_view sql, const api::ExecuteOptions& options = {});

/// Reads what is left of a result, in the form of run().
std::string rest(api::ResultSet& result);

/// Runs a statement that must succeed and gives its result.
std::unique_ptr<api::ResultSet> mustRun(api::Session& session, std::string_view sql);

}  // namespace drift::session::test
