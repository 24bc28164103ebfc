// MainWindow: puts the rooms together: objects at the left, tabs in the centre, timeline below. GUI thread.
//
// One window shows one database. Everything it does with files runs on other threads; while a file opens,
// the welcome page says so, and where it cannot be opened, it says why.
#pragma once

#include <functional>
#include <memory>
#include <optional>

#include <QMainWindow>

#include "bridge/engine_client.h"
#include "mainwindow/commands.h"
#include "mainwindow/session_journal.h"
#include "mainwindow/settings.h"
#include "models/moment_text.h"
#include "models/playhead.h"
#include "models/schema_model.h"

class QDockWidget;
class QLabel;
class QMenu;
class QStackedWidget;

namespace drift::gui::explorer {
class Explorer;
}

namespace drift::gui::widgets {
class MessageBar;
}

namespace drift::gui::mainwindow {

class DocumentTabs;
class TimelineLink;
class WelcomePage;

/// Makes the sample database; runs on a worker thread and reports the share done, 0 to 1.
using SampleMaker = std::function<Status(const std::string& path, std::function<void(double)> progress)>;

/// What the window is given from outside.
struct WindowContext {
  Settings* settings = nullptr;
  widgets::ThemeSwitch* themes = nullptr;
  SampleMaker makeSample;
  QString dataFolder;  ///< for unsaved texts and the sample
};

struct FileRequest {
  QString path{};
  bool readOnly = false;
  bool create = false;
  std::optional<models::MomentRequest> asOf{};
};

class MainWindow final : public QMainWindow {
  Q_OBJECT

 public:
  explicit MainWindow(WindowContext context);
  ~MainWindow() override;

  void openFile(FileRequest request);
  /// Opens the sample, which is made when it is not there.
  void openSample();
  void closeDatabase();
  bool hasDatabase() const { return m_client && m_client->isOpen(); }
  void goTo(const models::MomentRequest& request);
  void applyTheme(widgets::ThemeChoice choice);

  const Commands& commands() const { return *m_commands; }
  DocumentTabs* tabs() const { return m_tabs; }
  explorer::Explorer* explorer() const { return m_explorer; }
  WelcomePage* welcome() const { return m_welcome; }
  models::Playhead* playhead() const { return m_playhead.get(); }
  models::SchemaModel* schema() const { return m_schema.get(); }
  bridge::EngineClient* client() const { return m_client.get(); }
  widgets::MessageBar* notices() const { return m_notices; }

 signals:
  /// A database is open and its tabs are there.
  void databaseOpened();
  void openFailed(const QString& sentence);

 protected:
  void closeEvent(QCloseEvent* event) override;
  void dragEnterEvent(QDragEnterEvent* event) override;
  void dropEvent(QDropEvent* event) override;

 private:
  void buildLayout();
  void buildMenus();
  void buildToolBar();
  void buildStatusBar();
  void connectFileCommands();
  void connectEditCommands();
  void connectViewCommands();
  void connectHistoryCommands();
  void connectQueryCommands();
  void connectHelpCommands();

  void startOpening(FileRequest request);
  void handleOpened(const FileRequest& request, Status status);
  void showDatabase(const FileRequest& request, JournalState journal);
  void openFirstTable();
  void chooseFile(bool readOnly);
  void chooseNewFile();
  void saveQuery();
  void openScript(const QString& path);
  void askForMoment();
  void verifyFile();
  void cyclePanes();
  TreeId watchedTable() const;

  /// Shows the docks that are wanted; none while no database is open.
  void updateDocks();
  void updateCommands();
  void updateMoment();
  void updateStatus();
  void updateRecentFiles();
  void keepJournal();
  /// True if closing would lose an open transaction; asks, and calls `proceed` when that is accepted.
  bool askBeforeClosing(std::function<void()> proceed);

  WindowContext m_context;
  Commands* m_commands;
  SessionJournal* m_journal;
  std::unique_ptr<bridge::Worker> m_worker;  // sample and texts of files
  std::unique_ptr<bridge::EngineClient> m_client;
  std::unique_ptr<models::Playhead> m_playhead;
  std::unique_ptr<models::SchemaModel> m_schema;

  QStackedWidget* m_pages;
  WelcomePage* m_welcome;
  widgets::MessageBar* m_notices;
  DocumentTabs* m_tabs;
  explorer::Explorer* m_explorer;
  QDockWidget* m_explorerDock;
  QDockWidget* m_timelineDock = nullptr;
  TimelineLink* m_timeline = nullptr;
  QMenu* m_recentMenu = nullptr;
  QLabel* m_momentLabel;
  QLabel* m_fileLabel;
  QLabel* m_historyLabel;
  bool m_opening = false;
  bool m_closeAccepted = false;
};

}  // namespace drift::gui::mainwindow
