#include <CLI/CLI.hpp>

#include "api/database.h"
#include "tools/command.h"
#include "tools/console.h"
#include "tools/progress_bar.h"
#include "tools/size_text.h"

namespace drift::tools {

namespace {

struct ExportArguments {
  std::string path;
  std::string target;
  std::string asOf;
  bool rowsOnly = false;
};

Status exportAsOf(const ExportArguments& arguments) {
  api::OpenOptions open;
  open.readOnly = true;
  DRIFT_ASSIGN(const auto database, api::Database::open(arguments.path, open));
  api::ExportOptions options;
  options.withHistory = !arguments.rowsOnly;
  DRIFT_ASSIGN(const auto extent, database->extent());
  options.at = extent.last;
  if (!arguments.asOf.empty()) {
    DRIFT_ASSIGN(const auto time, database->parseMoment(arguments.asOf));
    DRIFT_ASSIGN(options.at, database->momentAt(time));
  }
  ProgressBar bar("exporting");
  options.progress = [&](std::uint64_t done, std::uint64_t total) {
    bar.show(total ? static_cast<double>(done) / static_cast<double>(total) : 1.0);
    return true;
  };
  DRIFT_ASSIGN(const auto report, database->exportAsOf(arguments.target, options));
  DRIFT_TRY(database->close());
  return print(fmt::format("{}: {} commits up to commit {}, {}\n", arguments.target, report.commitsAfter, options.at,
                           sizeText(report.bytesAfter)));
}

}  // namespace

void addExportCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("export", "Write a database as it was at a moment into a new one");
  const auto arguments = std::make_shared<ExportArguments>();
  command->add_option("FILE", arguments->path, "Database; it is only read")->required();
  command->add_option("NEWFILE", arguments->target, "File to make; it must not exist yet")->required();
  command->add_option("--as-of", arguments->asOf,
                      "The moment: a timestamp, a distance back from now such as \"2 hours\", or \"COMMIT n\"; "
                      "without it, now");
  command->add_flag("--rows-only", arguments->rowsOnly, "Only the rows of that moment, without the history before it");
  command->callback([arguments, &chosen] { chosen = [arguments] { return exportAsOf(*arguments); }; });
}

}  // namespace drift::tools
