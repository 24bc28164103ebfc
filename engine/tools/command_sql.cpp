#include <fstream>
#include <iostream>
#include <iterator>

#include <CLI/CLI.hpp>

#include "api/database.h"
#include "tools/command.h"
#include "tools/console.h"
#include "tools/moment_option.h"
#include "tools/script_runner.h"
#include "tools/terminal.h"

namespace drift::tools {

namespace {

struct SqlOptions {
  std::string path;
  std::vector<std::string> commands;
  std::string script;
  std::string asOf;
  std::string nullText;
  std::string author = userName();
  OutputFormat format = OutputFormat::Table;
  bool readOnly = false;
};

Result<std::string> readAll(std::istream& in, const std::string& name) {
  std::string text{std::istreambuf_iterator<char>(in), {}};
  if (in.bad()) return makeError(ErrorKind::IoError, "{} could not be read", name);
  return text;
}

Result<std::string> readScript(const std::string& path) {
  if (path == "-") return readAll(std::cin, "standard input");
  std::ifstream file(path, std::ios::binary);
  if (!file) return makeError(ErrorKind::FileNotFound, "the script {} cannot be opened", path);
  return readAll(file, path);
}

/// Reads statements from a terminal until its end; an error is shown, and the next one can be typed.
Status runInteractive(ScriptRunner& runner) {
  std::string text;
  std::string line;
  while (true) {
    DRIFT_TRY(print(text.empty() ? "drift> " : "   ... "));
    DRIFT_TRY(flushOutput());
    if (!std::getline(std::cin, line)) return print("\n");
    text += line + "\n";
    const auto statements = api::splitStatements(text);
    if (statements.empty()) text.clear();
    if (statements.empty()) continue;
    const auto end = statements.back().offsetBytes + statements.back().lengthBytes;
    if (text.find(';', end) == std::string::npos) continue;  // goes on in the next line
    if (const auto done = runner.run(text); !done.ok()) printError(done.error());
    text.clear();
  }
}

Status runSql(const SqlOptions& options) {
  auto scripts = options.commands;
  const bool interactive = scripts.empty() && options.script.empty() && inputIsTerminal();
  if (scripts.empty() && !interactive) {
    DRIFT_ASSIGN(auto script, readScript(options.script.empty() ? "-" : options.script));
    scripts.push_back(std::move(script));
  }
  api::OpenOptions open;
  open.readOnly = options.readOnly;
  DRIFT_ASSIGN(const auto database, api::Database::open(options.path, open));
  if (const auto notice = database->openNotice(); !notice.empty()) printNotice(notice);
  {
    const auto session = database->newSession(options.author);
    DRIFT_TRY(setMoment(*session, options.asOf));
    const auto printer = makePrinter(options.format);
    ScriptRunner runner(*session, *printer, options.nullText);
    if (interactive) DRIFT_TRY(runInteractive(runner));
    for (const auto& script : scripts) DRIFT_TRY(runner.run(script));
    if (session->inTransaction())
      printNotice("the transaction was not committed: its changes are rolled back");
  }
  return database->close();
}

}  // namespace

void addSqlCommand(CLI::App& app, Command& chosen) {
  auto* command = app.add_subcommand("sql", "Run SQL: from -c, from a script, or from standard input");
  const auto options = std::make_shared<SqlOptions>();
  command->add_option("FILE", options->path, "Database")->required();
  auto* text = command->add_option("-c,--command", options->commands, "SQL to run; may be given several times");
  text->allow_extra_args(false);
  command->add_option("-f,--file", options->script, "Script to run; - is standard input")->excludes(text);
  addMomentOption(*command, options->asOf);
  command->add_option("--null", options->nullText, "What the table format shows for NULL");
  command->add_option("--author", options->author, "Name that the commits get")->capture_default_str();
  command->add_flag("--read-only", options->readOnly, "Open read-only: needs no lock, and nothing can be changed");
  addFormatOption(*command, options->format);
  command->callback([options, &chosen] { chosen = [options] { return runSql(*options); }; });
}

}  // namespace drift::tools
