// driftdb: the application. Reads the command line, makes the window, runs.
#include <QApplication>
#include <QElapsedTimer>
#include <QSettings>
#include <QStandardPaths>
#include <QTemporaryDir>
#include <QTextStream>

#include "app/bench.h"
#include "app/command_line.h"
#include "app/tour.h"
#include "app/walk.h"
#include "mainwindow/main_window.h"
#include "sample/sample.h"

namespace {

using namespace drift;
using namespace drift::gui;

drift::Status makeSample(const std::string& path, std::function<void(double)> progress) {
  sample::SampleOptions options;
  options.progress = std::move(progress);
  DRIFT_TRY(sample::createSample(path, options));
  return {};
}

void nameApplication() {
  QCoreApplication::setOrganizationName(QStringLiteral("DriftDB"));
  QCoreApplication::setOrganizationDomain(QStringLiteral("driftdb.github.io"));
  QCoreApplication::setApplicationName(QStringLiteral("DriftDB"));
  QCoreApplication::setApplicationVersion(QStringLiteral(DRIFT_VERSION));
  QGuiApplication::setApplicationDisplayName(QStringLiteral("DriftDB"));
  QGuiApplication::setDesktopFileName(QStringLiteral("io.github.driftdb.DriftDB"));
}

/// True on systems where windows need a display and there is none.
bool lacksDisplay() {
#ifdef Q_OS_LINUX
  return !qEnvironmentVariableIsSet("DISPLAY") && !qEnvironmentVariableIsSet("WAYLAND_DISPLAY") &&
         !qEnvironmentVariableIsSet("QT_QPA_PLATFORM");
#else
  return false;
#endif
}

/// The off-screen plugin says for every window that it has no size hints; nobody needs to know.
void printButForPluginNoise(QtMsgType, const QMessageLogContext&, const QString& text) {
  if (!text.contains(QLatin1String("propagateSizeHints"))) QTextStream(stderr) << text << Qt::endl;
}

void plan(app::Walk& walk, const app::CommandLine& line, mainwindow::MainWindow& window, const QElapsedTimer& sinceMain) {
  if (!line.tourFolder.isEmpty()) app::planTour(walk, window, line.file, line.tourFolder);
  if (!line.shotsFolder.isEmpty()) app::planShots(walk, window, line.file, line.shotsFolder);
  if (line.benchScrub) app::planScrubBench(walk, window, line.file);
  if (line.benchStart) app::planStartBench(walk, window, line.file, sinceMain);
}

int runUnattended(const app::CommandLine& line, mainwindow::MainWindow& window, const QElapsedTimer& sinceMain) {
  app::Walk walk;
  plan(walk, line, window, sinceMain);
  QObject::connect(&walk, &app::Walk::finished, &window, [](const QString& problem) {
    if (!problem.isEmpty()) QTextStream(stderr) << "driftdb: " << problem << Qt::endl;
    QCoreApplication::exit(problem.isEmpty() ? 0 : 1);
  });
  window.resize(1360, 850);  // the same on every screen, so that pictures can be compared
  window.show();
  walk.start(line.benchScrub || line.benchStart ? 0 : app::kPictureSettleMs);
  return QApplication::exec();
}

}  // namespace

int main(int argc, char** argv) {
  QElapsedTimer sinceMain;
  sinceMain.start();
  nameApplication();
  QStringList arguments;
  for (int at = 0; at < argc; ++at) arguments << QString::fromLocal8Bit(argv[at]);
  const auto parsed = app::parseCommandLine(arguments);
  if (!parsed.commandLine) {
    QTextStream(parsed.exitCode ? stderr : stdout) << parsed.text << Qt::endl;
    return parsed.exitCode;
  }
  const app::CommandLine& line = *parsed.commandLine;
  if (lacksDisplay()) {
    if (!line.isUnattended()) {
      QTextStream(stderr) << "driftdb: there is no display to open a window on. \"driftdb --tour FOLDER\" works without."
                          << Qt::endl;
      return 1;
    }
    qputenv("QT_QPA_PLATFORM", "offscreen");
  }

  QApplication application(argc, argv);
  if (line.isUnattended()) qInstallMessageHandler(printButForPluginNoise);
  QTemporaryDir scratch;  // settings and sample of unattended runs
  QString dataFolder = QStandardPaths::writableLocation(QStandardPaths::AppDataLocation);
  if (line.isUnattended()) {
    dataFolder = scratch.path();
    QSettings::setDefaultFormat(QSettings::IniFormat);
    QSettings::setPath(QSettings::IniFormat, QSettings::UserScope, scratch.path());
  }
  mainwindow::Settings settings;
  widgets::ThemeSwitch themes(application);
  themes.apply(settings.theme());
  mainwindow::WindowContext context;
  context.settings = &settings;
  context.themes = &themes;
  context.makeSample = makeSample;
  context.dataFolder = dataFolder;
  mainwindow::MainWindow window(std::move(context));
  if (line.isUnattended()) return runUnattended(line, window, sinceMain);

  window.show();
  if (!line.file.isEmpty()) window.openFile({line.file, line.readOnly, false, line.asOf});
  return QApplication::exec();
}
