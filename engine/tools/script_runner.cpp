#include "tools/script_runner.h"

#include <algorithm>

#include "types/utf8.h"

namespace drift::tools {

namespace {

constexpr std::size_t kShownStatementLengthMax = 60;

/// Gives the first line of a statement, cut if it is long.
std::string firstLine(std::string_view sql) {
  const auto line = sql.substr(0, sql.find('\n'));
  const auto shown = line.substr(0, types::codePointOffset(line, kShownStatementLengthMax));
  return std::string(shown) + (shown.size() < line.size() ? "…" : "");
}

Error withNumber(Error error, std::size_t number, std::size_t count, std::string_view sql) {
  auto detail = fmt::format("statement {} of {}: {}", number, count, firstLine(sql));
  if (!error.detail().empty()) detail = error.detail() + "; " + detail;
  return std::move(error).withDetail(std::move(detail));
}

}  // namespace

SourceSpan placeOf(std::string_view text, std::size_t offsetBytes) {
  const auto before = text.substr(0, offsetBytes);
  const auto lineStart = before.rfind('\n') == std::string_view::npos ? 0 : before.rfind('\n') + 1;
  SourceSpan place;
  place.offsetBytes = static_cast<std::uint32_t>(offsetBytes);
  place.line = static_cast<std::uint32_t>(std::count(before.begin(), before.end(), '\n') + 1);
  place.column = static_cast<std::uint32_t>(types::codePointCount(before.substr(lineStart)) + 1);
  return place;
}

Status ScriptRunner::run(std::string_view script) {
  const auto statements = api::splitStatements(script);
  for (std::size_t at = 0; at < statements.size(); ++at) {
    const auto& range = statements[at];
    const auto sql = script.substr(range.offsetBytes, range.lengthBytes);
    auto done = runStatement(sql, placeOf(script, range.offsetBytes));
    if (done.ok()) continue;
    auto error = std::move(done).error();
    return statements.size() == 1 ? error : withNumber(std::move(error), at + 1, statements.size(), sql);
  }
  return {};
}

Status ScriptRunner::runStatement(std::string_view sql, const SourceSpan& origin) {
  api::ExecuteOptions options;
  options.origin = origin;
  DRIFT_ASSIGN(const auto result, m_session.execute(sql, options));
  const auto& columns = result->columns();
  const bool showsTimes = std::any_of(columns.begin(), columns.end(), [](const api::ResultColumn& column) {
    return column.type.id() == api::TypeId::TimestampTz;
  });
  PrintStyle shown{.nullText = m_nullText};
  if (showsTimes) {
    DRIFT_ASSIGN(shown, style());
  }
  DRIFT_TRY(m_printer.begin(columns, shown));
  std::uint64_t rows = 0;
  api::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool any, result->next(chunk));
    if (!any) break;
    rows += chunk.rowCount();
    DRIFT_TRY(m_printer.addRows(chunk));
  }
  return m_printer.end(result->commandTag(), rows, result->committed());
}

Result<PrintStyle> ScriptRunner::style() {
  DRIFT_ASSIGN(const auto result, m_session.execute("SHOW timezone"));
  api::Chunk chunk;
  DRIFT_ASSIGN(const bool any, result->next(chunk));
  PrintStyle style{.nullText = m_nullText};
  if (any) style.timeZone = chunk.column(0).get(0).asString();
  return style;
}

}  // namespace drift::tools
