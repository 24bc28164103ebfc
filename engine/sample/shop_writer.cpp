#include "sample/shop_writer.h"

namespace drift::sample {

api::Session& ShopWriter::sessionOf(std::string_view author) {
  auto found = m_sessions.find(author);
  if (found == m_sessions.end())
    found = m_sessions.emplace(author, m_database->newSession(std::string(author))).first;
  return *found->second;
}

Status ShopWriter::commit(std::string_view author, std::string message, TimeMicros time,
                          const std::vector<Statement>& statements) {
  auto& session = sessionOf(author);
  session.describeNextCommit(std::move(message), time);
  const bool several = statements.size() > 1;
  if (several) DRIFT_TRY(session.execute("BEGIN"));
  for (const auto& statement : statements) {
    api::ExecuteOptions options;
    options.parameters = statement.parameters;
    DRIFT_TRY(session.execute(statement.sql, options));
  }
  if (several) DRIFT_TRY(session.execute("COMMIT"));
  return {};
}

}  // namespace drift::sample
