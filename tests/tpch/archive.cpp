#include "archive.h"

#include "formats/file_set.h"
#include "platform/file_system.h"

namespace drift::tpch {

namespace {

/// Calls `visit` with each line of a text.
template <class Visit>
Status eachLine(std::string_view text, const Visit& visit) {
  while (!text.empty()) {
    const auto end = std::min(text.find('\n'), text.size());
    DRIFT_TRY(visit(text.substr(0, end)));
    text.remove_prefix(std::min(end + 1, text.size()));
  }
  return {};
}

std::vector<std::string_view> fieldsOf(std::string_view line) {
  std::vector<std::string_view> fields;
  while (true) {
    const auto end = line.find('|');
    fields.push_back(line.substr(0, end));
    if (end == std::string_view::npos) return fields;
    line.remove_prefix(end + 1);
  }
}

}  // namespace

Result<Archive> readArchive(const std::string& path) {
  const auto files = platform::makeNativeFileSystem();
  Archive archive;
  DRIFT_TRY(formats::visitFiles(*files, path, {}, [&](formats::SetFile file) -> Status {
    const auto dot = std::min(file.name.find('.'), file.name.size());
    const auto stem = file.name.substr(0, dot);
    const auto extension = file.name.substr(dot);
    if (extension == ".tbl") archive.tables[stem] = std::move(file.contents);
    else if (extension == ".csv") archive.answers[stem] = std::move(file.contents);
    return {};
  }));
  return archive;
}

Status readRows(const Table& table, const std::string& text, const RowSink& sink) {
  std::vector<api::Type> columnTypes;
  for (const auto& column : table.columns) columnTypes.push_back(column.type);
  api::Chunk chunk(columnTypes);
  std::size_t row = 0;
  const auto flush = [&]() -> Status {
    if (row == 0) return {};
    chunk.setRowCount(row);
    DRIFT_TRY(sink(chunk));
    chunk = api::Chunk(columnTypes);
    row = 0;
    return {};
  };
  DRIFT_TRY(eachLine(text, [&](std::string_view line) -> Status {
    const auto fields = fieldsOf(line);
    if (fields.size() < columnTypes.size())
      return makeError(ErrorKind::InvalidParameterValue, "a line of {} has {} fields", table.name, fields.size());
    for (std::size_t column = 0; column < columnTypes.size(); ++column) {
      DRIFT_ASSIGN(const auto value, types::parseText(fields[column], columnTypes[column]));
      chunk.column(column).set(row, value);
    }
    return ++row == types::kChunkRows ? flush() : Status();
  }));
  return flush();
}

Answer readAnswer(const std::string& text) {
  Answer answer;
  bool head = true;
  const auto status = eachLine(text, [&](std::string_view line) -> Status {
    if (!std::exchange(head, false)) {
      auto& row = answer.emplace_back();
      for (const auto field : fieldsOf(line)) {
        const bool quoted = field.size() >= 2 && field.front() == '"' && field.back() == '"';
        row.emplace_back(quoted ? field.substr(1, field.size() - 2) : field);
      }
    }
    return {};
  });
  assert(status.ok());
  return answer;
}

}  // namespace drift::tpch
