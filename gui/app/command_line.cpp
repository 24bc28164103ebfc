#include "app/command_line.h"

#include <QCommandLineParser>
#include <QCoreApplication>

namespace drift::gui::app {

namespace {

class CommandLineText {
  Q_DECLARE_TR_FUNCTIONS(CommandLineText)
};

ParsedCommandLine refusal(const QString& sentence) {
  return {std::nullopt, CommandLineText::tr("driftdb: %1\nTry \u201cdriftdb --help\u201d.").arg(sentence), 1};
}

}  // namespace

ParsedCommandLine parseCommandLine(const QStringList& arguments) {
  QCommandLineParser parser;
  parser.setApplicationDescription(CommandLineText::tr("A database manager whose database never forgets."));
  const QCommandLineOption help({QStringLiteral("h"), QStringLiteral("help")}, CommandLineText::tr("Show this help."));
  const QCommandLineOption version({QStringLiteral("v"), QStringLiteral("version")},
                                   CommandLineText::tr("Show the version."));
  const QCommandLineOption readOnly(QStringLiteral("read-only"), CommandLineText::tr("Open the file without changing it."));
  const QCommandLineOption asOf(
      QStringLiteral("as-of"),
      CommandLineText::tr("Show a past moment: \u201c#120\u201d, \u201c2 h ago\u201d, \u201c2025-11-12T14:02\u201d."),
      QStringLiteral("moment"));
  const QCommandLineOption tour(QStringLiteral("tour"),
                                CommandLineText::tr("Play a walk and save numbered pictures in a folder."),
                                QStringLiteral("folder"));
  const QCommandLineOption shots(QStringLiteral("shots"),
                                 CommandLineText::tr("Save pictures of every screen, light and dark, in a folder."),
                                 QStringLiteral("folder"));
  const QCommandLineOption benchScrub(QStringLiteral("bench-scrub"),
                                      CommandLineText::tr("Measure how fast the grid follows the playhead."));
  const QCommandLineOption benchStart(QStringLiteral("bench-start"),
                                      CommandLineText::tr("Measure the start and the memory in use."));
  parser.addOptions({help, version, readOnly, asOf, tour, shots, benchScrub, benchStart});
  parser.addPositionalArgument(QStringLiteral("file"), CommandLineText::tr("The database to open."),
                               QStringLiteral("[file]"));

  if (!parser.parse(arguments)) return refusal(parser.errorText());
  if (parser.isSet(help)) return {std::nullopt, parser.helpText().replace(QLatin1String("<executable_name>"), QLatin1String("driftdb")), 0};
  if (parser.isSet(version))
    return {std::nullopt, QStringLiteral("DriftDB %1").arg(QCoreApplication::applicationVersion()), 0};
  const QStringList files = parser.positionalArguments();
  if (files.size() > 1) return refusal(CommandLineText::tr("one file at a time"));

  CommandLine line;
  line.file = files.value(0);
  line.readOnly = parser.isSet(readOnly);
  line.tourFolder = parser.value(tour);
  line.shotsFolder = parser.value(shots);
  line.benchScrub = parser.isSet(benchScrub);
  line.benchStart = parser.isSet(benchStart);
  if (parser.isSet(asOf)) {
    line.asOf = models::parseMoment(parser.value(asOf), QDateTime::currentDateTime());
    if (!line.asOf) return refusal(CommandLineText::tr("\u201c%1\u201d is not a moment").arg(parser.value(asOf)));
  }
  return {line, {}, 0};
}

}  // namespace drift::gui::app
