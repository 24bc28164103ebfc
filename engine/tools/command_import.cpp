#include <CLI/CLI.hpp>

#include "api/import.h"
#include "tools/command.h"
#include "tools/console.h"
#include "tools/progress_bar.h"

namespace drift::tools {

namespace {

struct ImportArguments {
  std::string database;
  std::string table;
  std::string csv;
  std::string snapshots;
  std::vector<std::string> key;
  std::vector<std::string> types;
  std::string delimiter = ",";
  bool strict = false;
};

/// Reads "column=type" pairs.
Result<std::map<std::string, api::Type>> readTypes(const std::vector<std::string>& pairs) {
  std::map<std::string, api::Type> types;
  for (const auto& pair : pairs) {
    const auto equals = pair.find('=');
    const auto type = equals == std::string::npos ? std::nullopt : types::typeFromName(pair.substr(equals + 1));
    if (!type)
      return makeError(ErrorKind::InvalidParameterValue, "--type \"{}\" is not COLUMN=TYPE with a type such as text or bigint", pair);
    types.insert_or_assign(pair.substr(0, equals), *type);
  }
  return types;
}

Status printReport(const ImportArguments& arguments, const api::ImportReport& report) {
  for (const auto& row : report.ragged)
    printNotice(fmt::format("{}: line {}: {} fields where the header has {}; {}", row.file, row.line, row.fields, row.expected,
                            row.fields < row.expected ? "the missing ones are NULL" : "the rest was cut off"));
  std::string text = fmt::format("{}: {} commits, {} inserted, {} updated, {} deleted rows", arguments.table, report.commits,
                                 report.inserted, report.updated, report.deleted);
  if (report.unchangedFiles) text += fmt::format(", {} files equal to the one before", report.unchangedFiles);
  if (report.raggedRows) text += fmt::format(", {} ragged rows", report.raggedRows);
  return print(text + "\n");
}

Status runImport(const ImportArguments& arguments) {
  api::ImportOptions options;
  options.path = arguments.snapshots.empty() ? arguments.csv : arguments.snapshots;
  options.table = arguments.table;
  options.key = arguments.key;
  options.strict = arguments.strict;
  DRIFT_ASSIGN(options.types, readTypes(arguments.types));
  if (arguments.delimiter.size() != 1)
    return Error(ErrorKind::InvalidParameterValue, "--delimiter takes one character");
  options.delimiter = arguments.delimiter.front();

  api::OpenOptions open;
  auto database = api::Database::open(arguments.database, open);
  if (!database.ok() && database.error().kind() == ErrorKind::FileNotFound) {
    open.create = true;
    database = api::Database::open(arguments.database, open);
  }
  if (!database.ok()) return std::move(database).error();
  api::ImportReport report;
  {
    ProgressBar bar("importing");
    options.progress = [&](std::uint64_t done, std::uint64_t total) {
      bar.show(total ? static_cast<double>(done) / static_cast<double>(total) : 1.0);
      return true;
    };
    const bool dated = !arguments.snapshots.empty();
    DRIFT_ASSIGN(report, dated ? api::importSnapshots(**database, options) : api::importCsv(**database, options));
  }
  DRIFT_TRY((*database)->close());
  return printReport(arguments, report);
}

}  // namespace

void addImportCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("import", "Import a CSV file, or dated snapshots of a table as its history");
  const auto arguments = std::make_shared<ImportArguments>();
  command->add_option("FILE", arguments->database, "Database; made if it does not exist")->required();
  command->add_option("--table", arguments->table, "Table to fill; made if it does not exist")->required();
  auto* source = command->add_option_group("source", "What to import");
  source->add_option("CSV", arguments->csv, "CSV file with a header");
  source->add_option("--snapshots", arguments->snapshots,
                     "Folder or archive of CSV files whose names carry their moment (UTC), as in 2020-01-31T23-59-59Z.csv");
  source->require_option(1);
  command->add_option("--key", arguments->key, "Columns of the primary key, separated by commas")->delimiter(',');
  command->add_option("--type", arguments->types, "COLUMN=TYPE: a type that the values are not to decide")->take_all();
  command->add_option("--delimiter", arguments->delimiter, "Character between fields")->capture_default_str();
  command->add_flag("--strict", arguments->strict, "Stop at the first row with too many or too few fields");
  command->callback([arguments, &chosen] { chosen = [arguments] { return runImport(*arguments); }; });
}

}  // namespace drift::tools
