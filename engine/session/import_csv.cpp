// Import of one CSV file: read twice, once for the columns' types and every error that a file can have, once
// to append its rows in one commit.
#include <algorithm>
#include <unordered_map>

#include "api/import.h"
#include "formats/byte_source.h"
#include "formats/csv_reader.h"
#include "formats/type_inference.h"
#include "platform/file_system.h"
#include "session/import_target.h"
#include "session/snapshot_file.h"

namespace drift::session {

namespace {

class CsvImport final {
 public:
  CsvImport(api::Database& database, const api::ImportOptions& options)
      : m_options(options), m_target(database, options), m_files(platform::makeNativeFileSystem()) {
    const auto slash = options.path.find_last_of("/\\");
    m_name = slash == std::string::npos ? options.path : options.path.substr(slash + 1);
  }

  Result<api::ImportReport> run() {
    DRIFT_ASSIGN(const bool exists, m_target.open());
    DRIFT_TRY(survey(exists));
    DRIFT_TRY(m_target.begin(fmt::format("Import {}", m_name), std::nullopt));
    if (auto status = write(exists); !status.ok()) {
      m_target.rollback();
      return std::move(status).error();
    }
    DRIFT_TRY(m_target.commit());
    m_report.files = 1;
    m_report.commits = 1;
    return std::move(m_report);
  }

 private:
  /// Reads the file and calls `visit` for each record, fitted to the header.
  template <class Visit>
  Status readAll(api::ImportReport& report, const Visit& visit) {
    DRIFT_ASSIGN(const auto source, formats::openFileSource(*m_files, m_options.path));
    formats::CsvReader reader(*source, {.delimiter = m_options.delimiter});
    formats::CsvRecord record;
    DRIFT_ASSIGN(bool more, next(reader, record));
    if (!more)
      return makeError(ErrorKind::InvalidParameterValue, "{}: the file is empty; a header is expected", m_name);
    m_header = record.fields;
    DRIFT_TRY(checkHeader(m_name, m_header));
    for (std::uint64_t count = 1;; ++count) {
      DRIFT_ASSIGN(more, next(reader, record));
      if (!more) return {};
      std::vector<Field> fields(record.fields.begin(), record.fields.end());
      DRIFT_TRY(fitRecord(m_name, record.line, m_header.size(), fields, m_options, report));
      DRIFT_TRY(visit(record.line, fields));
      if (count % 4096 == 0) DRIFT_TRY(reportProgress(reader.positionBytes(), source->sizeBytes().value_or(0)));
    }
  }

  Result<bool> next(formats::CsvReader& reader, formats::CsvRecord& record) const {
    auto more = reader.next(record);
    if (!more.ok()) return Error(more.error().kind(), fmt::format("{}: {}", m_name, more.error().message()));
    return more;
  }

  Status reportProgress(std::uint64_t done, std::uint64_t total) {
    // The file is read twice.
    const auto passed = m_surveyed ? total + done : done;
    if (m_options.progress && !m_options.progress(passed, 2 * total))
      return Error(ErrorKind::QueryCanceled, "the import was stopped; nothing was written");
    return {};
  }

  Status survey(bool exists) {
    std::vector<formats::TypeInference> inferred;
    DRIFT_TRY(readAll(m_report, [&](std::uint64_t, const std::vector<Field>& fields) -> Status {
      inferred.resize(fields.size());
      for (std::size_t i = 0; i < fields.size(); ++i) inferred[i].add(fields[i].value_or(""));
      return {};
    }));
    m_surveyed = true;
    inferred.resize(m_header.size());
    for (const auto& key : m_options.key)
      if (std::ranges::find(m_header, key) == m_header.end())
        return makeError(ErrorKind::UndefinedColumn, "{}: line 1: the header has no key column \"{}\"", m_name, key);
    for (const auto& [name, type] : m_options.types)
      if (std::ranges::find(m_header, name) == m_header.end())
        return makeError(ErrorKind::UndefinedColumn, "{}: line 1: the header has no column \"{}\"", m_name, name);
    return exists ? matchColumns() : makeColumns(inferred);
  }

  Status matchColumns() {
    for (const auto& name : m_header) {
      const auto found = std::ranges::find(m_target.columns(), name, &TargetColumn::name);
      if (found == m_target.columns().end())
        return makeError(ErrorKind::UndefinedColumn, "{}: line 1: table \"{}\" has no column \"{}\"", m_name,
                         m_options.table, name);
      m_columns.push_back(*found);
    }
    return {};
  }

  Status makeColumns(const std::vector<formats::TypeInference>& inferred) {
    for (std::size_t i = 0; i < m_header.size(); ++i) {
      const auto chosen = m_options.types.find(m_header[i]);
      m_columns.push_back({m_header[i], chosen != m_options.types.end() ? chosen->second : inferred[i].type()});
    }
    return {};
  }

  Status write(bool exists) {
    if (!exists) DRIFT_TRY(m_target.setColumns(m_columns));
    api::Chunk chunk = emptyChunk();
    std::size_t rows = 0;
    api::ImportReport counted;  // the survey has reported the ragged rows already
    DRIFT_TRY(readAll(counted, [&](std::uint64_t line, const std::vector<Field>& fields) -> Status {
      for (std::size_t i = 0; i < fields.size(); ++i) {
        auto value = fieldValue(fields[i], m_columns[i].type);
        if (!value.ok())
          return Error(value.error().kind(), fmt::format("{}: line {}, column \"{}\": {}", m_name, line, m_header[i],
                                                         value.error().message()));
        chunk.column(i).set(rows, *value);
      }
      if (++rows < types::kChunkRows) return {};
      return flush(chunk, rows);
    }));
    return flush(chunk, rows);
  }

  api::Chunk emptyChunk() const {
    std::vector<api::Type> types;
    for (const auto& column : m_columns) types.push_back(column.type);
    return api::Chunk(types);
  }

  Status flush(api::Chunk& chunk, std::size_t& rows) {
    if (rows == 0) return {};
    chunk.setRowCount(rows);
    DRIFT_TRY(m_target.append(m_header, chunk));
    m_report.inserted += rows;
    rows = 0;
    chunk = emptyChunk();
    return {};
  }

  const api::ImportOptions& m_options;
  ImportTarget m_target;
  std::unique_ptr<platform::FileSystem> m_files;
  std::string m_name;
  std::vector<std::string> m_header;
  std::vector<TargetColumn> m_columns;
  bool m_surveyed = false;
  api::ImportReport m_report;
};

}  // namespace

}  // namespace drift::session

namespace drift::api {

Result<ImportReport> importCsv(Database& database, const ImportOptions& options) {
  return session::CsvImport(database, options).run();
}

}  // namespace drift::api
