#include "session_fixture.h"

#include <QtTest>

namespace drift::session::test {

SessionFixture::SessionFixture() {
  api::OpenOptions options;
  options.create = true;
  auto made = EngineDatabase::open({m_files, m_clock}, "test.drift", options);
  if (!made.ok()) qFatal("%s", made.error().toString().c_str());
  m_database = std::move(made).value();
  m_session = m_database->newSession("tester");
}

void SessionFixture::reopen(api::OpenOptions options) {
  m_session.reset();
  if (const auto closed = m_database->close(); !closed.ok()) qFatal("%s", closed.error().toString().c_str());
  m_database.reset();
  auto opened = EngineDatabase::open({m_files, m_clock}, "test.drift", options);
  if (!opened.ok()) qFatal("%s", opened.error().toString().c_str());
  m_database = std::move(opened).value();
  m_session = m_database->newSession("tester");
}

std::string rest(api::ResultSet& result) {
  std::string text;
  api::Chunk chunk;
  while (true) {
    const auto any = result.next(chunk);
    if (!any.ok()) return std::string(any.error().sqlState()) + " " + any.error().message();
    if (!*any) break;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      if (!text.empty()) text += ";";
      for (std::size_t at = 0; at < chunk.columnCount(); ++at) {
        const auto value = chunk.column(at).get(row);
        text += (at == 0 ? "" : "|") + (value.isNull() ? std::string("NULL") : types::toText(value));
      }
    }
  }
  return result.columns().empty() ? result.commandTag() : text;
}

std::string run(api::Session& session, std::string_view sql, const api::ExecuteOptions& options) {
  const auto result = session.execute(sql, options);
  if (!result.ok()) return std::string(result.error().sqlState()) + " " + result.error().message();
  return rest(**result);
}

std::unique_ptr<api::ResultSet> mustRun(api::Session& session, std::string_view sql) {
  auto result = session.execute(sql);
  if (!result.ok()) qFatal("%s", result.error().toString().c_str());
  return std::move(result).value();
}

}  // namespace drift::session::test
