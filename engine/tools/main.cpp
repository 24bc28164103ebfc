// The command line program `drift`. Exit code 0: done; 1: not, and standard error says why.
#include <CLI/CLI.hpp>

#include "tools/command.h"
#include "tools/console.h"

namespace {

using namespace drift;

int fail(const Error& error) {
  tools::printError(error);
  return 1;
}

int run(int argumentCount, char** arguments) {
  CLI::App app("drift: databases that never forget, from the command line");
  app.set_version_flag("--version", "drift " DRIFT_VERSION);
  app.require_subcommand(1);
  tools::Command chosen;
  tools::addNewCommand(app, chosen);
  tools::addSqlCommand(app, chosen);
  tools::addImportCommand(app, chosen);
  tools::addSampleCommand(app, chosen);
  tools::addLogCommand(app, chosen);
  tools::addBlameCommand(app, chosen);
  tools::addHistoryCommand(app, chosen);
  tools::addVerifyCommand(app, chosen);
  tools::addSalvageCommand(app, chosen);
  tools::addCompactCommand(app, chosen);
  tools::addExportCommand(app, chosen);
  tools::addTestSqlCommand(app, chosen);
  try {
    app.parse(argumentCount, arguments);
  } catch (const CLI::ParseError& error) {
    if (error.get_exit_code() == 0) return app.exit(error);  // --help and --version
    return fail(Error(ErrorKind::InvalidParameterValue, error.what()).withHint("Run with --help for the options."));
  }
  auto done = chosen();
  const auto flushed = tools::flushOutput();
  if (!done.ok()) return fail(done.error());
  return flushed.ok() ? 0 : fail(flushed.error());
}

}  // namespace

int main(int argumentCount, char** arguments) {
  try {
    return run(argumentCount, arguments);
  } catch (const std::exception& error) {  // memory, or the parser's own mistakes
    return fail(Error(ErrorKind::InternalError, error.what()));
  }
}
