// COPY TO: rows of a table or of a query into a file.
#include <algorithm>

#include "exec/copy_options.h"
#include "exec/executions.h"
#include "formats/copy_text.h"
#include "plan/bind.h"
#include "platform/file_system.h"
#include "sql/parser.h"
#include "sql/string_literal.h"
#include "types/text.h"

namespace drift::exec {

namespace {

/// A file that is written from its beginning; what was in it goes.
class FileWriter final {
 public:
  static Result<FileWriter> open(platform::FileSystem& files, const std::string& path) {
    DRIFT_ASSIGN(const bool exists, files.exists(path));
    const auto mode = exists ? platform::OpenMode::ReadWrite : platform::OpenMode::CreateNew;
    DRIFT_ASSIGN(auto file, files.open(path, mode));
    if (exists) DRIFT_TRY(file->truncate(0));
    return FileWriter(std::move(file));
  }

  std::string& text() { return m_text; }
  Status flushIfFull() { return m_text.size() < kBlockBytes ? Status() : flush(); }
  Status flush() {
    DRIFT_TRY(m_file->writeAt(m_at, asBytes(m_text)));
    m_at += m_text.size();
    m_text.clear();
    return {};
  }

 private:
  static constexpr std::size_t kBlockBytes = 256 * 1024;

  explicit FileWriter(std::unique_ptr<platform::File> file) : m_file(std::move(file)) {}

  std::unique_ptr<platform::File> m_file;
  std::string m_text;
  std::uint64_t m_at = 0;
};

class RowText final {
 public:
  RowText(const CopyOptions& options, std::size_t columns)
      : m_options(options), m_csv{options.delimiter, options.quote, options.escape, options.null}, m_forced(columns) {}

  Status force(const std::vector<plan::Column>& columns) {
    const auto* option = m_options.forceQuote;
    if (!option) return {};
    if (option->allColumns) m_forced.assign(columns.size(), true);
    for (const auto& name : option->columns) {
      const auto found = std::ranges::find(columns, name.text, &plan::Column::name);
      if (found == columns.end())
        return makeError(ErrorKind::InvalidColumnReference, "FORCE_QUOTE column \"{}\" not referenced by COPY",
                         name.text)
            .at(name.span);
      m_forced[static_cast<std::size_t>(found - columns.begin())] = true;
    }
    return {};
  }

  void addValue(std::string& out, std::size_t column, std::string_view text, bool isName) const {
    if (m_options.csv) formats::appendCopyCsv(out, text, m_csv, !isName && m_forced[column], m_forced.size() == 1);
    else formats::appendCopyText(out, text, m_options.delimiter);
  }

  void addRow(std::string& out, const types::Chunk& rows, std::size_t row, const types::TextStyle& style) {
    for (std::size_t at = 0; at < rows.columnCount(); ++at) {
      if (at) out += m_options.delimiter;
      if (rows.column(at).isNull(row)) {
        out += m_options.null;
        continue;
      }
      m_value.clear();
      types::appendText(m_value, rows.column(at), row, style);
      addValue(out, at, m_value, false);
    }
    out += '\n';
  }

 private:
  const CopyOptions& m_options;
  const formats::CopyCsvOptions m_csv;
  std::vector<bool> m_forced;
  std::string m_value;
};

/// The columns of a table that are written where none are named: all but generated ones. Empty: all.
Result<std::vector<std::string>> namesToCopy(const sql::Copy& copy, const plan::BindEnvironment& binding) {
  std::vector<std::string> names;
  const auto bare = plan::bindNewName(copy.table, binding);
  const auto& moments = binding.moments;
  DRIFT_ASSIGN(const auto view, binding.moment ? moments.tablesAt(*binding.moment) : moments.tablesNow());
  const auto table = bare.ok() ? view->find(*bare) : nullptr;
  for (const auto& column : copy.columns) {
    const auto* found = table ? table->findColumn(column.text) : nullptr;
    if (found) DRIFT_TRY(refuseGenerated(*found, column.span));
    names.push_back(column.text);
  }
  if (!names.empty() || !table || std::ranges::none_of(table->columns, &catalog::Column::isGenerated)) return names;
  for (const auto& column : table->columns)
    if (!column.isGenerated()) names.push_back(column.name);
  return names;
}

/// SELECT of the columns of a table.
Result<plan::NodePtr> bindTableRows(const sql::Copy& copy, const plan::BindEnvironment& binding) {
  DRIFT_ASSIGN(const auto names, namesToCopy(copy, binding));
  std::string text = "SELECT ";
  for (const auto& name : names) text += (&name == &names.front() ? "" : ", ") + sql::quotedIdentifier(name);
  text += names.empty() ? "* FROM " : " FROM ";
  for (const auto& part : copy.table.parts)
    text += (&part == &copy.table.parts.front() ? "" : ".") + sql::quotedIdentifier(part.text);
  DRIFT_ASSIGN(const auto statement, sql::parseStatement(text));
  auto root = plan::bindQuery(*std::get<sql::QueryPtr>(statement->node), binding);
  if (root.ok()) return root;
  // Places within that text mean nothing in the statement.
  const auto& error = root.error();
  const auto place = error.kind() == ErrorKind::UndefinedColumn ? copy.columns.front().span : copy.table.span;
  return Error(error.kind(), error.message()).withHint(error.hint()).withDetail(error.detail()).at(place);
}

}  // namespace

Result<ExecutionPtr> runCopyTo(const sql::Copy& copy, OperatorContext& operators,
                               const plan::BindEnvironment& binding) {
  DRIFT_ASSIGN(const auto options, copyOptions(copy));
  DRIFT_ASSIGN(const auto plan, copy.query ? plan::bindQuery(*copy.query, binding) : bindTableRows(copy, binding));
  DRIFT_ASSIGN(const auto root, makeOperator(*plan, operators));
  RowText rowText(options, plan->columns.size());
  DRIFT_TRY(rowText.force(plan->columns));
  auto file = FileWriter::open(operators.environment.files, copy.path);
  if (!file.ok()) return std::move(file).error().at(copy.pathSpan);
  if (options.header != CopyOptions::Header::None) {
    for (std::size_t at = 0; at < plan->columns.size(); ++at) {
      if (at) file->text() += options.delimiter;
      rowText.addValue(file->text(), at, plan->columns[at].name, true);
    }
    file->text() += '\n';
  }
  std::uint64_t count = 0;
  types::Chunk rows;
  while (true) {
    DRIFT_ASSIGN(const bool more, root->next(rows));
    if (!more) break;
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      rowText.addRow(file->text(), rows, row, operators.functions.text);
      DRIFT_TRY(file->flushIfFull());
    }
    count += rows.rowCount();
    DRIFT_TRY(operators.query().cancel.check());
  }
  DRIFT_TRY(file->flush());
  return std::make_unique<DoneExecution>(fmt::format("COPY {}", count), count);
}

}  // namespace drift::exec
