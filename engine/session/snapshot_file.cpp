#include "session/snapshot_file.h"

#include <algorithm>
#include <set>

#include "formats/byte_source.h"
#include "formats/csv_reader.h"

namespace drift::session {

namespace {

constexpr std::size_t kRaggedRowsMax = 1000;

Error inFile(const std::string& file, Error error) {
  return Error(error.kind(), fmt::format("{}: {}", file, error.message()));
}

}  // namespace

Status checkHeader(const std::string& file, const std::vector<std::string>& columns) {
  std::set<std::string_view> seen;
  for (std::size_t i = 0; i < columns.size(); ++i) {
    if (columns[i].empty())
      return makeError(ErrorKind::InvalidParameterValue, "{}: line 1: column {} of the header has no name", file, i + 1);
    if (!seen.insert(columns[i]).second)
      return makeError(ErrorKind::DuplicateColumn, "{}: line 1: the header names column \"{}\" twice", file, columns[i]);
  }
  return {};
}

Status fitRecord(const std::string& file, std::uint64_t line, std::size_t expected, std::vector<Field>& fields,
                 const api::ImportOptions& options, api::ImportReport& report) {
  if (fields.size() == expected) return {};
  if (options.strict)
    return makeError(ErrorKind::InvalidTextRepresentation, "{}: line {}: {} fields where the header has {}", file, line,
                     fields.size(), expected);
  ++report.raggedRows;
  if (report.ragged.size() < kRaggedRowsMax) report.ragged.push_back({file, line, fields.size(), expected});
  fields.resize(expected);
  return {};
}

std::string joinKey(const std::vector<Field>& fields, const std::vector<std::size_t>& keyColumns) {
  if (keyColumns.size() == 1) return fields[keyColumns.front()].value_or("");
  std::string key;
  for (const auto column : keyColumns) {
    const auto& field = fields[column];
    key += fmt::format("{}:{}", field ? field->size() : 0, field.value_or(""));
  }
  return key;
}

Result<DatedSnapshot> readSnapshot(const std::string& name, const std::string& text, const api::ImportOptions& options,
                              api::ImportReport& report) {
  const auto source = formats::makeTextSource(text);
  formats::CsvReader reader(*source, {.delimiter = options.delimiter});
  formats::CsvRecord record;
  auto more = reader.next(record);
  if (!more.ok()) return inFile(name, std::move(more).error());
  if (!*more) return makeError(ErrorKind::InvalidParameterValue, "{}: the file is empty; a header is expected", name);
  DatedSnapshot snapshot{name, record.fields, {}};
  DRIFT_TRY(checkHeader(name, snapshot.columns));
  std::vector<std::size_t> keyColumns;
  for (const auto& key : options.key) {
    const auto found = std::ranges::find(snapshot.columns, key);
    if (found == snapshot.columns.end())
      return makeError(ErrorKind::UndefinedColumn, "{}: line 1: the header has no key column \"{}\"", name, key);
    keyColumns.push_back(static_cast<std::size_t>(found - snapshot.columns.begin()));
  }
  while (true) {
    more = reader.next(record);
    if (!more.ok()) return inFile(name, std::move(more).error());
    if (!*more) return snapshot;
    std::vector<Field> fields(record.fields.begin(), record.fields.end());
    DRIFT_TRY(fitRecord(name, record.line, snapshot.columns.size(), fields, options, report));
    const auto key = joinKey(fields, keyColumns);
    for (const auto column : keyColumns)
      if (fields[column].value_or("").empty())
        return makeError(ErrorKind::NotNullViolation, "{}: line {}: the key column \"{}\" is empty", name, record.line,
                         snapshot.columns[column]);
    if (!snapshot.rows.emplace(key, std::move(fields)).second)
      return makeError(ErrorKind::UniqueViolation, "{}: line {}: the key \"{}\" is there twice", name, record.line, key);
  }
}

}  // namespace drift::session
