// The command line of the application. Stateless; needs no application object.
#pragma once

#include <optional>

#include <QString>
#include <QStringList>

#include "models/moment_text.h"

namespace drift::gui::app {

/// What the program was asked to do.
struct CommandLine {
  QString file;
  bool readOnly = false;
  std::optional<models::MomentRequest> asOf;
  QString tourFolder;        ///< --tour: play the walk off-screen, save pictures there
  QString shotsFolder;       ///< --shots: save pictures of every screen there
  bool benchScrub = false;
  bool benchStart = false;

  /// True where nobody sits in front of it: no settings of the user are read or changed.
  bool isUnattended() const { return !tourFolder.isEmpty() || !shotsFolder.isEmpty() || benchScrub || benchStart; }
};

/// What came of reading the arguments: a command line, or a text to print and the exit code.
struct ParsedCommandLine {
  std::optional<CommandLine> commandLine;
  QString text;
  int exitCode = 0;
};

ParsedCommandLine parseCommandLine(const QStringList& arguments);

}  // namespace drift::gui::app
