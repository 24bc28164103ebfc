// ScriptTest: runs the records of a script file of SQL tests on a database of its own, in order.
//
// Thread rule: one thread at a time. Owns the database and its sessions.
#pragma once

#include <map>
#include <memory>
#include <optional>
#include <string>

#include "api/database.h"
#include "tools/script_file.h"

namespace drift::tools {

/// The dialect whose files have one letter for each family of types, which is checked.
inline constexpr std::string_view kOwnDialect = "driftdb";

/// What a record did not do as it should.
struct ScriptFailure {
  std::string expected;
  std::string got;
};

class ScriptTest final {
 public:
  /// Makes a new database at `path`. In files of another dialect than kOwnDialect letters of types say only how many
  /// columns there are, and how values of hashes are written.
  static Result<std::unique_ptr<ScriptTest>> open(const std::string& path, std::string dialect);

  /// Runs a record; gives nothing if it does what it should. An error: the database cannot go on.
  Result<std::optional<ScriptFailure>> check(const Record& record);

 private:
  struct Answer;

  ScriptTest(std::string path, std::string dialect) : m_path(std::move(path)), m_dialect(std::move(dialect)) {}

  Status openDatabase(bool create);
  Status restart();
  api::Session& session(const std::string& name);
  static Result<Answer> run(api::Session& session, const std::string& sql);
  static std::optional<ScriptFailure> checkError(const Record& record, const Result<Answer>& answer);
  Result<std::optional<ScriptFailure>> checkQuery(const Record& record, Answer answer);

  const std::string m_path;
  const std::string m_dialect;
  std::shared_ptr<api::Database> m_database;
  std::map<std::string, std::unique_ptr<api::Session>> m_sessions;
  std::string m_connection = "main";
  std::string m_columns;                      ///< what the names of the next query's columns must be
  std::map<std::string, std::string> m_labels;  ///< digests of answers by label
};

}  // namespace drift::tools
