#include <CLI/CLI.hpp>

#include "api/database.h"
#include "tools/command.h"
#include "tools/console.h"
#include "tools/result_printer.h"

namespace drift::tools {

namespace {

struct LogOptions {
  std::string path;
  std::string table;
  std::size_t limit = 50;
  OutputFormat format = OutputFormat::Table;
};

constexpr std::size_t kCommitsBatch = 256;

/// Finds a table by name: one of today, or the one that had the name most recently.
Result<TreeId> findTable(const api::Database& database, const std::string& name) {
  DRIFT_ASSIGN(const auto schema, database.schemaAt(kNoCommit));
  for (const auto& table : schema.tables)
    if (table.name == name) return table.id;
  DRIFT_ASSIGN(const auto extent, database.extent());
  for (auto end = extent.last; end > 0;) {
    const auto first = end > kCommitsBatch ? end - kCommitsBatch + 1 : 1;
    DRIFT_ASSIGN(const auto commits, database.commits(first, static_cast<std::size_t>(end - first + 1)));
    for (auto commit = commits.rbegin(); commit != commits.rend(); ++commit)
      for (const auto& table : commit->tables)
        if (table.name == name) return table.table;
    end = first - 1;
  }
  return makeError(ErrorKind::UndefinedTable, "no commit ever changed a table named \"{}\"", name);
}

/// Gives "orders +2 ~1 -0, items +4" for what a commit changed.
std::string changesText(const api::Commit& commit, TreeId onlyTable) {
  std::string text = commit.changesSchema && onlyTable == 0 ? "schema" : "";
  for (const auto& table : commit.tables) {
    if (onlyTable != 0 && table.table != onlyTable) continue;
    text += (text.empty() ? "" : ", ") + table.name;
    if (table.inserted) text += fmt::format(" +{}", table.inserted);
    if (table.updated) text += fmt::format(" ~{}", table.updated);
    if (table.deleted) text += fmt::format(" -{}", table.deleted);
  }
  return text;
}

Status addCommit(ResultPrinter& printer, const api::Commit& commit, TreeId table) {
  const std::vector<api::Value> values{
      api::Value::bigInt(static_cast<std::int64_t>(commit.number)),
      api::Value(types::TypeId::TimestampTz, commit.time), api::Value::text(commit.author),
      api::Value::text(changesText(commit, table)), api::Value::text(commit.message)};
  std::vector<api::Type> types;
  for (const auto& value : values) types.push_back(value.type());
  api::Chunk row(types, 1);
  for (std::size_t at = 0; at < values.size(); ++at) row.column(at).set(0, values[at]);
  row.setRowCount(1);
  return printer.addRows(row);
}

Status log(const LogOptions& options) {
  api::OpenOptions open;
  open.readOnly = true;
  DRIFT_ASSIGN(const auto database, api::Database::open(options.path, open));
  TreeId table = 0;
  if (!options.table.empty()) {
    DRIFT_ASSIGN(table, findTable(*database, options.table));
  }
  const auto printer = makePrinter(options.format);
  DRIFT_TRY(printer->begin({{"commit", types::TypeId::BigInt, {}, {}},
                            {"time", types::TypeId::TimestampTz, {}, {}},
                            {"author", types::TypeId::Text, {}, {}},
                            {"changes", types::TypeId::Text, {}, {}},
                            {"message", types::TypeId::Text, {}, {}}},
                           {}));
  std::uint64_t rows = 0;
  DRIFT_ASSIGN(const auto extent, database->extent());
  DRIFT_ASSIGN(auto number, database->step(extent.last + 1, false, table));
  while (number && (options.limit == 0 || rows < options.limit)) {
    DRIFT_ASSIGN(const auto commit, database->commit(*number));
    if (!commit) return makeError(ErrorKind::DataCorrupted, "commit {} cannot be found", *number);
    DRIFT_TRY(addCommit(*printer, *commit, table));
    ++rows;
    DRIFT_ASSIGN(number, database->step(*number, false, table));
  }
  DRIFT_TRY(printer->end({}, rows, std::nullopt));
  return database->close();
}

}  // namespace

void addLogCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("log", "List the commits, newest first");
  const auto options = std::make_shared<LogOptions>();
  command->add_option("FILE", options->path, "Database")->required();
  command->add_option("-t,--table", options->table, "Only commits that changed the rows of this table");
  command->add_option("-n,--limit", options->limit, "Most commits to list; 0 = all")->capture_default_str();
  addFormatOption(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return log(*options); }; });
}

}  // namespace drift::tools
