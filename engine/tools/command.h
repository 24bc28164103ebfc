// The subcommands of `drift`: one file each. Each adds itself to the parser and, when it is the one that was
// asked for, leaves its work in `chosen`; main() runs it once the whole command line is known to be right.
//
// Thread rule: main thread only.
#pragma once

#include <functional>

#include "base/result.h"

namespace CLI {
class App;
}

namespace drift::tools {

/// What the user asked for. An error is printed by main(), and the exit code is then 1.
using Command = std::function<Status()>;

void addNewCommand(CLI::App& app, Command& chosen);
void addSqlCommand(CLI::App& app, Command& chosen);
void addImportCommand(CLI::App& app, Command& chosen);
void addSampleCommand(CLI::App& app, Command& chosen);
void addLogCommand(CLI::App& app, Command& chosen);
void addBlameCommand(CLI::App& app, Command& chosen);
void addHistoryCommand(CLI::App& app, Command& chosen);
void addSalvageCommand(CLI::App& app, Command& chosen);
void addVerifyCommand(CLI::App& app, Command& chosen);
void addCompactCommand(CLI::App& app, Command& chosen);
void addExportCommand(CLI::App& app, Command& chosen);
void addTestSqlCommand(CLI::App& app, Command& chosen);

}  // namespace drift::tools
