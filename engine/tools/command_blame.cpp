#include <CLI/CLI.hpp>

#include "api/database.h"
#include "tools/command.h"
#include "tools/moment_option.h"
#include "tools/result_printer.h"
#include "tools/script_runner.h"

namespace drift::tools {

namespace {

struct RowOptions {
  std::string path;
  std::string table;
  std::string column;
  std::string key;
  std::string asOf;
  OutputFormat format = OutputFormat::Table;
};

std::string inQuotes(std::string_view text, char quote) {
  std::string result(1, quote);
  for (const char byte : text) result += byte == quote ? std::string(2, quote) : std::string(1, byte);
  return result + quote;
}

/// Runs one query at the moment that was asked for, and prints what it gives.
Status query(api::Database& database, const RowOptions& options, const std::string& sql) {
  const auto session = database.newSession({});
  DRIFT_TRY(setMoment(*session, options.asOf));
  const auto printer = makePrinter(options.format);
  return ScriptRunner(*session, *printer, {}).run(sql);
}

Result<std::shared_ptr<api::Database>> openReadOnly(const std::string& path) {
  api::OpenOptions open;
  open.readOnly = true;
  return api::Database::open(path, open);
}

Status blame(const RowOptions& options) {
  DRIFT_ASSIGN(const auto database, openReadOnly(options.path));
  const auto column = options.column.empty() ? std::string() : ", " + inQuotes(options.column, '\'');
  DRIFT_TRY(query(*database, options, "SELECT * FROM blame(" + inQuotes(options.table, '\'') + column + ")"));
  return database->close();
}

/// The column that is the primary key of a table.
Result<std::string> keyColumn(const api::Database& database, const std::string& name) {
  DRIFT_ASSIGN(const auto schema, database.schemaAt(kNoCommit));
  for (const auto& table : schema.tables) {
    if (table.name != name) continue;
    std::vector<std::string> columns;
    for (const auto& column : table.columns)
      if (column.inPrimaryKey) columns.push_back(column.name);
    if (columns.size() == 1) return columns.front();
    return makeError(ErrorKind::FeatureNotSupported, "table \"{}\" has a primary key of {} columns, not of one", name,
                     columns.size())
        .withHint("ask with drift sql: SELECT … FROM t FOR SYSTEM_TIME ALL WHERE …");
  }
  return makeError(ErrorKind::UndefinedTable, "there is no table named \"{}\"", name);
}

Status history(const RowOptions& options) {
  DRIFT_ASSIGN(const auto database, openReadOnly(options.path));
  DRIFT_ASSIGN(const auto key, keyColumn(*database, options.table));
  DRIFT_TRY(
      query(*database, options,
            fmt::format("SELECT sys_seq AS commit, sys_start AS since, sys_end AS until, sys_op AS op, sys_author "
                        "AS author, t.* FROM {} FOR SYSTEM_TIME ALL AS t WHERE {} = {} ORDER BY sys_seq",
                        inQuotes(options.table, '"'), inQuotes(key, '"'), inQuotes(options.key, '\''))));
  return database->close();
}

}  // namespace

void addBlameCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("blame", "Show each row of a table with the commit that last changed it");
  const auto options = std::make_shared<RowOptions>();
  command->add_option("FILE", options->path, "Database")->required();
  command->add_option("TABLE", options->table, "Table")->required();
  command->add_option("-c,--column", options->column, "Show the commit that gave this column its value instead");
  addMomentOption(*command, options->asOf);
  addFormatOption(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return blame(*options); }; });
}

void addHistoryCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("history", "Show all versions of one row, oldest first");
  const auto options = std::make_shared<RowOptions>();
  command->add_option("FILE", options->path, "Database")->required();
  command->add_option("TABLE", options->table, "Table with a primary key of one column")->required();
  command->add_option("KEY", options->key, "Primary key of the row")->required();
  addFormatOption(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return history(*options); }; });
}

}  // namespace drift::tools
