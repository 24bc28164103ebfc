// ShopWriter: turns what happens in the shop into dated commits. One thread; owns its sessions.
#pragma once

#include <initializer_list>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/database.h"

namespace drift::sample {

/// One SQL statement with its parameters.
struct Statement {
  std::string sql;
  std::vector<api::Value> parameters;
};

class ShopWriter final {
 public:
  explicit ShopWriter(std::shared_ptr<api::Database> database) : m_database(std::move(database)) {}

  /// Runs the statements as one commit of `author` at `time`, which must be later than the last. Statements
  /// that change nothing make no commit.
  Status commit(std::string_view author, std::string message, TimeMicros time,
                const std::vector<Statement>& statements);

 private:
  api::Session& sessionOf(std::string_view author);

  std::shared_ptr<api::Database> m_database;
  std::map<std::string, std::unique_ptr<api::Session>, std::less<>> m_sessions;
};

}  // namespace drift::sample
