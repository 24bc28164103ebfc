#include <CLI/CLI.hpp>

#include "api/database.h"
#include "tools/command.h"
#include "tools/console.h"

namespace drift::tools {

namespace {

Status makeDatabase(const std::string& path) {
  api::OpenOptions options;
  options.create = true;
  DRIFT_ASSIGN(const auto database, api::Database::open(path, options));
  DRIFT_TRY(database->close());
  return print(fmt::format("created {}\n", path));
}

}  // namespace

void addNewCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("new", "Make a new, empty database");
  const auto path = std::make_shared<std::string>();
  command->add_option("FILE", *path, "File to make; it must not exist yet")->required();
  command->callback([path, &chosen] { chosen = [path] { return makeDatabase(*path); }; });
}

}  // namespace drift::tools
