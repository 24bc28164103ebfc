// COPY FROM: rows of a file into a table.
#include <algorithm>

#include "exec/copy_options.h"
#include "exec/executions.h"
#include "exec/row_appender.h"
#include "formats/copy_text.h"
#include "formats/csv_reader.h"
#include "plan/bind.h"
#include "types/text.h"

namespace drift::exec {

namespace {

using Field = std::optional<std::string>;

/// Records of either format, with NULLs told from texts.
class RecordReader {
 public:
  virtual ~RecordReader() = default;
  /// Gives false at the end.
  virtual Result<bool> next(std::vector<Field>& fields, std::uint64_t& line) = 0;
};

class TextRecords final : public RecordReader {
 public:
  TextRecords(formats::ByteSource& source, const CopyOptions& options)
      : m_reader(source, {.delimiter = options.delimiter, .null = options.null}) {}

  Result<bool> next(std::vector<Field>& fields, std::uint64_t& line) override {
    DRIFT_ASSIGN(const bool more, m_reader.next(m_record));
    line = m_record.line;
    std::swap(fields, m_record.fields);
    return more;
  }

 private:
  formats::CopyTextReader m_reader;
  formats::CopyTextRecord m_record;
};

/// Whether an option names each of some columns.
std::vector<bool> namedColumns(const sql::CopyOption* option, const std::vector<std::string>& names) {
  std::vector<bool> named(names.size(), option && option->allColumns);
  if (option)
    for (const auto& column : option->columns) {
      const auto found = std::ranges::find(names, column.text);
      named[static_cast<std::size_t>(found - names.begin())] = true;
    }
  return named;
}

class CsvRecords final : public RecordReader {
 public:
  CsvRecords(formats::ByteSource& source, const CopyOptions& options, const std::vector<std::string>& names)
      : m_reader(source, {.delimiter = options.delimiter,
                          .quote = options.quote,
                          .escape = options.escape,
                          .keepsBlankLines = true}),
        m_null(options.null),
        m_neverNull(namedColumns(options.forceNotNull, names)),
        m_alsoQuoted(namedColumns(options.forceNull, names)) {}

  Result<bool> next(std::vector<Field>& fields, std::uint64_t& line) override {
    DRIFT_ASSIGN(const bool more, m_reader.next(m_record));
    line = m_record.line;
    fields.clear();
    if (!more) return false;
    if (m_record.fields.size() == 1 && !m_record.quoted[0] && m_record.fields[0] == "\\.") return false;
    for (std::size_t at = 0; at < m_record.fields.size(); ++at) {
      const bool quoted = m_record.quoted[at];
      const bool known = at < m_neverNull.size();
      const bool mayBeNull = quoted ? known && m_alsoQuoted[at] : !(known && m_neverNull[at]);
      if (mayBeNull && m_record.fields[at] == m_null) fields.emplace_back();
      else fields.emplace_back(std::move(m_record.fields[at]));
    }
    return true;
  }

 private:
  formats::CsvReader m_reader;
  formats::CsvRecord m_record;
  const std::string m_null;
  const std::vector<bool> m_neverNull;
  const std::vector<bool> m_alsoQuoted;
};

class CopyFrom final {
 public:
  CopyFrom(const sql::Copy& copy, CopyOptions options, catalog::TableRef table, const WriteContext& context)
      : m_copy(copy), m_options(std::move(options)), m_table(std::move(table)), m_context(context) {}

  Result<std::uint64_t> run(platform::FileSystem& files) {
    DRIFT_TRY(findColumns());
    auto source = formats::openFileSource(files, m_copy.path);
    if (!source.ok()) return std::move(source).error().at(m_copy.pathSpan);
    std::unique_ptr<RecordReader> reader;
    if (m_options.csv) reader = std::make_unique<CsvRecords>(**source, m_options, m_names);
    else reader = std::make_unique<TextRecords>(**source, m_options);
    DRIFT_ASSIGN(auto appender, RowAppender::open(m_table, m_names, m_types, m_context));
    std::vector<Field> fields;
    std::uint64_t line = 0;
    if (m_options.header != CopyOptions::Header::None) {
      DRIFT_ASSIGN(const bool more, reader->next(fields, line));
      if (more && m_options.header == CopyOptions::Header::Match) DRIFT_TRY(matchHeader(fields));
    }
    std::uint64_t count = 0;
    std::size_t rows = 0;
    types::Chunk chunk(m_types);
    while (true) {
      auto more = reader->next(fields, line);
      if (!more.ok()) {
        const auto kind = more.error().kind();
        return Error(kind == ErrorKind::InvalidTextRepresentation ? ErrorKind::BadCopyFormat : kind,
                     more.error().message())
            .withDetail(fmt::format("COPY {}", m_table->name));
      }
      if (*more) DRIFT_TRY(take(fields, line, chunk, rows++));
      if (rows == types::kChunkRows || (!*more && rows > 0)) {
        DRIFT_TRY(m_context.operators.query().cancel.check());
        chunk.setRowCount(rows);
        DRIFT_TRY(appender.add(chunk));
        count += rows;
        rows = 0;
        chunk = types::Chunk(m_types);
      }
      if (!*more) break;
    }
    DRIFT_TRY(appender.finish());
    return count;
  }

 private:
  Status findColumns() {
    const auto add = [&](const catalog::Column& column) {
      m_names.push_back(column.name);
      m_types.push_back(column.type);
    };
    if (m_copy.columns.empty())
      for (const auto& column : m_table->columns)
        if (!column.isGenerated()) add(column);
    for (const auto& name : m_copy.columns) {
      const auto* column = m_table->findColumn(name.text);
      if (!column)
        return makeError(ErrorKind::UndefinedColumn, "column \"{}\" of relation \"{}\" does not exist", name.text,
                         m_table->name)
            .at(name.span);
      DRIFT_TRY(refuseGenerated(*column, name.span));
      if (std::ranges::find(m_names, name.text) != m_names.end())
        return makeError(ErrorKind::DuplicateColumn, "column \"{}\" specified more than once", name.text).at(name.span);
      add(*column);
    }
    for (const auto* option : {m_options.forceNotNull, m_options.forceNull})
      if (option)
        for (const auto& name : option->columns)
          if (std::ranges::find(m_names, name.text) == m_names.end())
            return makeError(ErrorKind::InvalidColumnReference, "{} column \"{}\" not referenced by COPY",
                             option->name.text, name.text)
                .at(name.span);
    return {};
  }

  Status matchHeader(const std::vector<Field>& fields) const {
    if (fields.size() != m_names.size())
      return makeError(ErrorKind::BadCopyFormat, "wrong number of fields in header line: got {}, expected {}",
                       fields.size(), m_names.size())
          .withDetail(place(1));
    for (std::size_t at = 0; at < fields.size(); ++at) {
      if (!fields[at])
        return makeError(ErrorKind::BadCopyFormat,
                         "column name mismatch in header line field {}: got null value, expected \"{}\"", at + 1,
                         m_names[at])
            .withDetail(place(1));
      if (*fields[at] != m_names[at])
        return makeError(ErrorKind::BadCopyFormat,
                         "column name mismatch in header line field {}: got \"{}\", expected \"{}\"", at + 1,
                         *fields[at], m_names[at])
            .withDetail(place(1));
    }
    return {};
  }

  std::string place(std::uint64_t line) const { return fmt::format("COPY {}, line {}", m_table->name, line); }

  Status take(const std::vector<Field>& fields, std::uint64_t line, types::Chunk& chunk, std::size_t row) const {
    if (fields.size() < m_names.size())
      return makeError(ErrorKind::BadCopyFormat, "missing data for column \"{}\"", m_names[fields.size()])
          .withDetail(place(line));
    if (fields.size() > m_names.size())
      return Error(ErrorKind::BadCopyFormat, "extra data after last expected column").withDetail(place(line));
    for (std::size_t at = 0; at < fields.size(); ++at) {
      auto& column = chunk.column(at);
      if (!fields[at]) {
        column.setNull(row);
        continue;
      }
      if (m_types[at].id() == types::TypeId::Text) {
        column.setString(row, *fields[at]);
        continue;
      }
      auto value = types::parseText(*fields[at], m_types[at], m_context.operators.functions.text);
      if (!value.ok())
        return Error(value.error().kind(), value.error().message())
            .withDetail(fmt::format("{}, column {}: \"{}\"", place(line), m_names[at], *fields[at]));
      column.set(row, *value);
    }
    return {};
  }

  const sql::Copy& m_copy;
  const CopyOptions m_options;
  const catalog::TableRef m_table;
  const WriteContext& m_context;
  std::vector<std::string> m_names;
  std::vector<types::Type> m_types;
};

}  // namespace

Result<ExecutionPtr> runCopyFrom(const sql::Copy& copy, const WriteContext& context) {
  DRIFT_ASSIGN(auto options, copyOptions(copy));
  DRIFT_ASSIGN(auto table, plan::bindTable(copy.table, context.binding));
  CopyFrom work(copy, std::move(options), std::move(table), context);
  DRIFT_ASSIGN(const auto count, work.run(context.operators.environment.files));
  return std::make_unique<DoneExecution>(fmt::format("COPY {}", count), count);
}

}  // namespace drift::exec
