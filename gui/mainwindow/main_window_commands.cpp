// MainWindow, second half: menus, tool bar, status bar, and what each command does.
#include <QApplication>
#include <QClipboard>
#include <QDir>
#include <QDockWidget>
#include <QFileDialog>
#include <QFileInfo>
#include <QLabel>
#include <QLineEdit>
#include <QLocale>
#include <QMenuBar>
#include <QMessageBox>
#include <QSaveFile>
#include <QStatusBar>
#include <QToolBar>
#include <QToolButton>
#include <QTreeView>

#include "bridge/text.h"
#include "editor/find_bar.h"
#include "editor/sql_editor.h"
#include "explorer/explorer.h"
#include "mainwindow/about.h"
#include "mainwindow/document_tabs.h"
#include "mainwindow/go_to_moment.h"
#include "mainwindow/main_window.h"
#include "mainwindow/query_tab.h"
#include "mainwindow/table_tab.h"
#include "mainwindow/timeline_link.h"
#include "mainwindow/welcome_page.h"
#include "models/table_grid_model.h"
#include "results/grid_pane.h"
#include "results/grid_view.h"
#include "widgets/message_bar.h"

namespace drift::gui::mainwindow {

using widgets::MessageBar;

namespace {

constexpr int kStatusMs = 5000;
constexpr qint64 kScriptBytesMax = qint64{16} << 20;

}  // namespace

void MainWindow::buildMenus() {
  const auto fill = [this](QMenu* menu, std::initializer_list<std::optional<Command>> commands) {
    for (const auto& command : commands) {
      if (command) {
        menu->addAction((*m_commands)[*command]);
      } else {
        menu->addSeparator();
      }
    }
    return menu;
  };
  const auto line = std::nullopt;
  using enum Command;
  QMenu* file = fill(menuBar()->addMenu(tr("&File")), {NewDatabase, OpenDatabase, OpenReadOnly});
  m_recentMenu = file->addMenu(tr("Open Re&cent"));
  fill(file, {OpenSample, line, SaveQuery, line, CloseTab, CloseDatabase, line, Quit});
  fill(menuBar()->addMenu(tr("&Edit")), {Undo, Redo, line, Cut, Copy, CopyCsv, CopyMarkdown, CopyJson, CopyInsert, Paste,
                                         SelectAll, line, Find, FindNext, FindPrevious, line, ToggleComment});
  QMenu* view = fill(menuBar()->addMenu(tr("&View")), {ShowObjects, ShowTimeline, line, FitColumns, Refresh, line});
  fill(view->addMenu(tr("T&heme")), {ThemeSystem, ThemeLight, ThemeDark});
  fill(view, {FullScreen});
  fill(menuBar()->addMenu(tr("&Go")), {Back, Forward, line, FilterObjects, NextTab, PreviousTab, NextPane});
  fill(menuBar()->addMenu(tr("H&istory")),
       {GoToMoment, ReturnToLive, line, PreviousCommit, NextCommit, TenBack, TenForward, line, CopyAsOf});
  fill(menuBar()->addMenu(tr("&Query")), {NewQuery, line, Run, RunAll, Stop});
  fill(menuBar()->addMenu(tr("&Tools")), {VerifyFile});
  fill(menuBar()->addMenu(tr("&Window")), {Minimize});
  fill(menuBar()->addMenu(tr("&Help")), {Shortcuts, line, About, AboutQt});
  // Commands work as shortcuts also where the menu bar is hidden, as in full screen.
  addActions(m_commands->withShortcuts());
}

void MainWindow::buildToolBar() {
  auto* bar = addToolBar(tr("Main"));
  bar->setObjectName(QStringLiteral("main"));
  bar->setMovable(false);
  bar->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  const int side = fontMetrics().height() + 2;
  bar->setIconSize({side, side});
  using enum Command;
  bar->addActions({(*m_commands)[OpenDatabase], (*m_commands)[NewQuery]});
  bar->addSeparator();
  bar->addActions({(*m_commands)[Run], (*m_commands)[RunAll], (*m_commands)[Stop]});
  bar->addSeparator();
  bar->addActions({(*m_commands)[Back], (*m_commands)[Forward]});
  bar->addSeparator();
  bar->addActions({(*m_commands)[PreviousCommit], (*m_commands)[NextCommit], (*m_commands)[GoToMoment],
                   (*m_commands)[ReturnToLive]});
  // Words stand beside the icons that need them; arrows speak for themselves.
  for (const Command command : {Back, Forward, PreviousCommit, NextCommit}) {
    auto* button = qobject_cast<QToolButton*>(bar->widgetForAction((*m_commands)[command]));
    button->setToolButtonStyle(Qt::ToolButtonIconOnly);
    button->setAccessibleName((*m_commands)[command]->text().remove(QLatin1Char('&')));
  }
}

void MainWindow::buildStatusBar() {
  statusBar()->setSizeGripEnabled(false);
  m_momentLabel->setAccessibleName(tr("Moment shown"));
  m_historyLabel->setAccessibleName(tr("History"));
  m_fileLabel->setAccessibleName(tr("File"));
  for (QLabel* label : {m_momentLabel, m_historyLabel, m_fileLabel}) statusBar()->addPermanentWidget(label);
}

void MainWindow::connectFileCommands() {
  const auto on = [this](Command command, auto action) { connect((*m_commands)[command], &QAction::triggered, this, action); };
  on(Command::NewDatabase, [this] { chooseNewFile(); });
  on(Command::OpenDatabase, [this] { chooseFile(false); });
  on(Command::OpenReadOnly, [this] { chooseFile(true); });
  on(Command::OpenSample, [this] {
    if (!askBeforeClosing([this] { openSample(); })) openSample();
  });
  on(Command::SaveQuery, [this] { saveQuery(); });
  on(Command::CloseTab, [this] { m_tabs->closeTab(m_tabs->currentIndex()); });
  on(Command::CloseDatabase, [this] {
    if (!askBeforeClosing([this] { closeDatabase(); })) closeDatabase();
  });
  on(Command::Quit, [this] { close(); });
}

void MainWindow::connectEditCommands() {
  const auto on = [this](Command command, auto action) { connect((*m_commands)[command], &QAction::triggered, this, action); };
  // Text fields take these keys themselves; from the menu the command goes to what has the focus.
  const auto text = [this, on](Command command, void (editor::SqlEditor::*inEditor)(), void (QLineEdit::*inField)()) {
    on(command, [inEditor, inField] {
      QWidget* focus = QApplication::focusWidget();
      if (auto* field = qobject_cast<QLineEdit*>(focus)) {
        (field->*inField)();
      } else if (auto* editor = qobject_cast<editor::SqlEditor*>(focus)) {
        (editor->*inEditor)();
      }
    });
  };
  text(Command::Undo, &editor::SqlEditor::undo, &QLineEdit::undo);
  text(Command::Redo, &editor::SqlEditor::redo, &QLineEdit::redo);
  text(Command::Cut, &editor::SqlEditor::cut, &QLineEdit::cut);
  text(Command::Paste, &editor::SqlEditor::paste, &QLineEdit::paste);
  const auto copyCells = [this](results::ClipboardFormat format) {
    if (auto* tab = m_tabs->current()) tab->gridPane()->grid()->copy(format);
  };
  on(Command::Copy, [copyCells] {
    QWidget* focus = QApplication::focusWidget();
    if (auto* field = qobject_cast<QLineEdit*>(focus)) {
      field->copy();
    } else if (auto* editor = qobject_cast<editor::SqlEditor*>(focus)) {
      editor->copy();
    } else {
      copyCells(results::ClipboardFormat::Tsv);
    }
  });
  on(Command::SelectAll, [this] {
    QWidget* focus = QApplication::focusWidget();
    if (auto* field = qobject_cast<QLineEdit*>(focus)) {
      field->selectAll();
    } else if (auto* editor = qobject_cast<editor::SqlEditor*>(focus)) {
      editor->selectAll();
    } else if (auto* tab = m_tabs->current()) {
      tab->gridPane()->grid()->selectAll();
    }
  });
  on(Command::CopyCsv, [copyCells] { copyCells(results::ClipboardFormat::Csv); });
  on(Command::CopyMarkdown, [copyCells] { copyCells(results::ClipboardFormat::Markdown); });
  on(Command::CopyJson, [copyCells] { copyCells(results::ClipboardFormat::Json); });
  on(Command::CopyInsert, [copyCells] { copyCells(results::ClipboardFormat::Insert); });
  on(Command::Find, [this] {
    if (auto* query = m_tabs->currentQuery()) query->findBar()->open();
  });
  on(Command::FindNext, [this] {
    if (auto* query = m_tabs->currentQuery()) query->findBar()->findNext();
  });
  on(Command::FindPrevious, [this] {
    if (auto* query = m_tabs->currentQuery()) query->findBar()->findPrevious();
  });
  on(Command::ToggleComment, [this] {
    if (auto* query = m_tabs->currentQuery()) query->editor()->toggleComment();
  });
}

void MainWindow::connectViewCommands() {
  const auto on = [this](Command command, auto action) { connect((*m_commands)[command], &QAction::triggered, this, action); };
  (*m_commands)[Command::ShowObjects]->setChecked(m_context.settings->showsObjects());
  (*m_commands)[Command::ShowTimeline]->setChecked(m_context.settings->showsTimeline());
  for (const Command command : {Command::ShowObjects, Command::ShowTimeline}) {
    connect((*m_commands)[command], &QAction::toggled, this, [this] {
      m_context.settings->setShows((*m_commands)[Command::ShowObjects]->isChecked(),
                                   (*m_commands)[Command::ShowTimeline]->isChecked());
      updateDocks();
    });
  }
  on(Command::FitColumns, [this] {
    if (auto* tab = m_tabs->current()) tab->gridPane()->grid()->fitColumns();
  });
  on(Command::Refresh, [this] {
    if (auto* table = m_tabs->currentTable()) table->model()->refresh();
  });
  on(Command::ThemeSystem, [this] { applyTheme(widgets::ThemeChoice::System); });
  on(Command::ThemeLight, [this] { applyTheme(widgets::ThemeChoice::Light); });
  on(Command::ThemeDark, [this] { applyTheme(widgets::ThemeChoice::Dark); });
  connect((*m_commands)[Command::FullScreen], &QAction::toggled, this, [this](bool full) {
    setWindowState(full ? windowState() | Qt::WindowFullScreen : windowState() & ~Qt::WindowFullScreen);
  });
  on(Command::FilterObjects, [this] {
    (*m_commands)[Command::ShowObjects]->setChecked(true);
    m_explorer->focusFilter();
  });
  const auto turn = [this](int by) {
    if (m_tabs->count() > 0) m_tabs->setCurrentIndex((m_tabs->currentIndex() + by + m_tabs->count()) % m_tabs->count());
  };
  on(Command::NextTab, [turn] { turn(1); });
  on(Command::PreviousTab, [turn] { turn(-1); });
  on(Command::NextPane, [this] { cyclePanes(); });
  on(Command::Minimize, [this] { showMinimized(); });
}

void MainWindow::connectHistoryCommands() {
  const auto on = [this](Command command, auto action) {
    connect((*m_commands)[command], &QAction::triggered, this, [this, action] {
      if (m_playhead) action();
    });
  };
  on(Command::Back, [this] { m_playhead->goBack(); });
  on(Command::Forward, [this] { m_playhead->goForward(); });
  on(Command::GoToMoment, [this] { askForMoment(); });
  on(Command::ReturnToLive, [this] { m_playhead->goLive(); });
  on(Command::PreviousCommit, [this] { m_playhead->step(-1, watchedTable()); });
  on(Command::NextCommit, [this] { m_playhead->step(1, watchedTable()); });
  on(Command::TenBack, [this] { m_playhead->step(-10, watchedTable()); });
  on(Command::TenForward, [this] { m_playhead->step(10, watchedTable()); });
  on(Command::CopyAsOf, [this] {
    if (m_playhead->isLive()) return;
    QGuiApplication::clipboard()->setText(QStringLiteral("FOR SYSTEM_TIME AS OF COMMIT %1").arg(*m_playhead->moment()));
    statusBar()->showMessage(tr("Copied the AS OF clause."), kStatusMs);
  });
}

void MainWindow::connectQueryCommands() {
  const auto on = [this](Command command, auto action) { connect((*m_commands)[command], &QAction::triggered, this, action); };
  on(Command::NewQuery, [this] {
    if (hasDatabase()) m_tabs->newQuery();
  });
  on(Command::Run, [this] {
    if (auto* query = m_tabs->currentQuery()) query->run();
  });
  on(Command::RunAll, [this] {
    if (auto* query = m_tabs->currentQuery()) query->runAll();
  });
  on(Command::Stop, [this] {
    if (auto* query = m_tabs->currentQuery()) query->stop();
  });
  on(Command::VerifyFile, [this] { verifyFile(); });
}

void MainWindow::connectHelpCommands() {
  connect((*m_commands)[Command::Shortcuts], &QAction::triggered, this, [this] { showShortcuts(*m_commands, this); });
  connect((*m_commands)[Command::About], &QAction::triggered, this, [this] { showAbout(this); });
  connect((*m_commands)[Command::AboutQt], &QAction::triggered, this, [] { QApplication::aboutQt(); });
}

void MainWindow::chooseFile(bool readOnly) {
  auto* dialog = new QFileDialog(this, readOnly ? tr("Open Read-Only") : tr("Open"), m_context.settings->lastFolder(),
                                 tr("DriftDB databases (*.drift);;All files (*)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setFileMode(QFileDialog::ExistingFile);
  connect(dialog, &QFileDialog::fileSelected, this, [this, readOnly](const QString& path) {
    m_context.settings->setLastFolder(QFileInfo(path).absolutePath());
    openFile({path, readOnly});
  });
  dialog->open();
}

void MainWindow::chooseNewFile() {
  auto* dialog = new QFileDialog(this, tr("New Database"), m_context.settings->lastFolder(),
                                 tr("DriftDB databases (*.drift)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("drift"));
  // The engine never writes over a file: a name that is taken is an error that says so.
  dialog->setOption(QFileDialog::DontConfirmOverwrite);
  connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& path) {
    m_context.settings->setLastFolder(QFileInfo(path).absolutePath());
    openFile({path, false, true});
  });
  dialog->open();
}

void MainWindow::saveQuery() {
  auto* query = m_tabs->currentQuery();
  if (!query) return;
  auto* dialog = new QFileDialog(this, tr("Save Query"), m_context.settings->lastFolder(), tr("SQL scripts (*.sql)"));
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  dialog->setAcceptMode(QFileDialog::AcceptSave);
  dialog->setDefaultSuffix(QStringLiteral("sql"));
  connect(dialog, &QFileDialog::fileSelected, this, [this, text = query->editor()->text()](const QString& path) {
    m_worker->ask(
        this,
        [path, text]() -> QString {
          QSaveFile file(path);
          const QByteArray bytes = text.toUtf8();
          const bool saved = file.open(QIODevice::WriteOnly) && file.write(bytes) == bytes.size() && file.commit();
          return saved ? QString() : file.errorString();
        },
        [this, path](const QString& problem) {
          if (problem.isEmpty()) {
            statusBar()->showMessage(tr("Saved %1.").arg(QDir::toNativeSeparators(path)), kStatusMs);
          } else {
            m_notices->showMessage(MessageBar::Tone::Error,
                                   tr("%1 was not saved: %2.").arg(QFileInfo(path).fileName(), problem), {});
          }
        });
  });
  dialog->open();
}

void MainWindow::openScript(const QString& path) {
  struct Script {
    QString text;
    QString problem;
  };
  m_worker->ask(
      this,
      [path]() -> Script {
        QFile file(path);
        if (!file.open(QIODevice::ReadOnly)) return {{}, file.errorString()};
        if (file.size() > kScriptBytesMax) return {{}, tr("it is larger than 16 MiB; run it with \u201cdrift sql\u201d")};
        return {QString::fromUtf8(file.readAll()), {}};
      },
      [this, path](const Script& script) {
        if (!script.problem.isEmpty()) {
          m_notices->showMessage(MessageBar::Tone::Error,
                                 tr("%1 cannot be read: %2.").arg(QFileInfo(path).fileName(), script.problem), {});
        } else if (hasDatabase()) {
          m_tabs->newQuery(script.text, QFileInfo(path).fileName());
        }
      });
}

void MainWindow::askForMoment() {
  auto* dialog = new GoToMoment(this);
  dialog->setAttribute(Qt::WA_DeleteOnClose);
  connect(dialog, &QDialog::accepted, this, [this, dialog] {
    if (dialog->request()) goTo(*dialog->request());
  });
  dialog->open();
}

void MainWindow::verifyFile() {
  if (!hasDatabase()) return;
  statusBar()->showMessage(tr("Checking the whole file\u2026"));
  m_client->read(
      this, [](const api::Database& database) { return database.verify(); },
      [this](Result<api::VerifyReport> report) {
        statusBar()->clearMessage();
        if (!report.ok()) {
          m_notices->showMessage(MessageBar::Tone::Error, bridge::sentenceOf(report.error()),
                                 bridge::detailsOf(report.error()));
          return;
        }
        const QLocale locale;
        const auto& found = report.value();
        if (found.findings.empty()) {
          m_notices->showMessage(MessageBar::Tone::Notice,
                                 tr("The file is sound: %1 commits in %2, every checksum is right.")
                                     .arg(locale.toString(static_cast<qulonglong>(found.commits)),
                                          locale.formattedDataSize(static_cast<qint64>(found.bytes))),
                                 {});
          return;
        }
        QStringList lines;
        for (const auto& finding : found.findings)
          lines << tr("At byte %1: %2").arg(finding.offset).arg(bridge::fromEngine(finding.sentence));
        m_notices->showMessage(MessageBar::Tone::Error,
                               tr("The check found damage in the file (places: %L1).").arg(found.findings.size()),
                               lines.join(QLatin1Char('\n')));
      });
}

void MainWindow::cyclePanes() {
  QList<QWidget*> panes;
  if (m_explorerDock->isVisible()) panes << m_explorer->tree();
  if (auto* tab = m_tabs->current()) {
    panes << tab->mainPane();
    if (m_tabs->currentQuery()) panes << tab->gridPane()->grid();
  }
  if (m_timelineDock->isVisible()) panes << m_timeline->focusTarget();
  if (panes.isEmpty()) return;
  qsizetype next = 0;
  for (qsizetype at = 0; at < panes.size(); ++at) {
    QWidget* focus = QApplication::focusWidget();
    if (focus && (panes[at] == focus || panes[at]->isAncestorOf(focus))) next = (at + 1) % panes.size();
  }
  panes[next]->setFocus(Qt::TabFocusReason);
}

void MainWindow::updateDocks() {
  const bool open = hasDatabase() && m_playhead;
  m_explorerDock->setVisible(open && (*m_commands)[Command::ShowObjects]->isChecked());
  m_timelineDock->setVisible(open && (*m_commands)[Command::ShowTimeline]->isChecked());
}

void MainWindow::updateCommands() {
  const bool open = hasDatabase() && m_playhead;
  const auto* query = m_tabs->currentQuery();
  const auto* table = m_tabs->currentTable();
  const bool running = query && query->running();
  const QString noDatabase = tr("Open a database first");
  const QString noQuery = tr("Open a query tab first");
  using enum Command;
  for (const Command command : {NewDatabase, OpenDatabase, OpenReadOnly, OpenSample})
    m_commands->setEnabled(command, !m_opening, tr("A file is being opened"));
  for (const Command command : {CloseDatabase, NewQuery, VerifyFile, GoToMoment, FilterObjects, ShowObjects, ShowTimeline})
    m_commands->setEnabled(command, open, noDatabase);
  for (const Command command : {CloseTab, NextTab, PreviousTab, FitColumns, CopyCsv, CopyMarkdown, CopyJson, CopyInsert})
    m_commands->setEnabled(command, open && m_tabs->count() > 0, tr("Open a tab first"));
  for (const Command command : {SaveQuery, Find, FindNext, FindPrevious, ToggleComment})
    m_commands->setEnabled(command, query != nullptr, noQuery);
  m_commands->setEnabled(Refresh, table != nullptr, tr("Open a table first"));
  for (const Command command : {Run, RunAll})
    m_commands->setEnabled(command, query && !running, query ? tr("A statement is running") : noQuery);
  m_commands->setEnabled(Stop, running, tr("No statement is running"));

  const bool hasHistory = open && m_client->facts().extent.last != 0;
  const bool live = !open || m_playhead->isLive();
  const QString noHistory = open ? tr("This database has no commits yet") : noDatabase;
  for (const Command command : {PreviousCommit, TenBack}) m_commands->setEnabled(command, hasHistory, noHistory);
  for (const Command command : {NextCommit, TenForward, ReturnToLive, CopyAsOf})
    m_commands->setEnabled(command, hasHistory && !live, open ? tr("This is live already") : noDatabase);
  m_commands->setEnabled(Back, open && m_playhead->canGoBack(), tr("No moment was visited before"));
  m_commands->setEnabled(Forward, open && m_playhead->canGoForward(), tr("No moment was visited after this one"));

  const auto choice = m_context.themes->choice();
  (*m_commands)[ThemeSystem]->setChecked(choice == widgets::ThemeChoice::System);
  (*m_commands)[ThemeLight]->setChecked(choice == widgets::ThemeChoice::Light);
  (*m_commands)[ThemeDark]->setChecked(choice == widgets::ThemeChoice::Dark);
}

void MainWindow::updateMoment() {
  updateCommands();
  if (!m_playhead) {
    m_momentLabel->clear();
    return;
  }
  if (m_playhead->isLive()) {
    m_momentLabel->setText(tr("Live"));
    return;
  }
  QString text = tr("Past: %1").arg(models::commitLabel(*m_playhead->moment()));
  if (const auto& commit = m_playhead->commit()) {
    text += QStringLiteral("  %1").arg(models::momentTime(commit->time));
    const QString counts = models::countsText(*commit);
    if (!counts.isEmpty()) text += QStringLiteral("  %1").arg(counts);
  }
  m_momentLabel->setText(text);
}

void MainWindow::updateStatus() {
  updateCommands();
  if (!hasDatabase()) {
    m_fileLabel->clear();
    m_historyLabel->clear();
    return;
  }
  const auto& facts = m_client->facts();
  const QLocale locale;
  QString file = QStringLiteral("%1  %2").arg(QFileInfo(facts.path).fileName(),
                                              locale.formattedDataSize(static_cast<qint64>(facts.bytes)));
  if (facts.readOnly) file += tr("  read-only");
  m_fileLabel->setText(file);
  m_fileLabel->setToolTip(QDir::toNativeSeparators(facts.path));
  m_historyLabel->setText(
      facts.extent.last == 0
          ? tr("no commits yet")
          : tr("%1 commits since %2").arg(locale.toString(static_cast<qulonglong>(facts.extent.last)),
                                          locale.toString(QDateTime::fromMSecsSinceEpoch(facts.extent.firstTime / 1000).date(),
                                                          QLocale::ShortFormat)));
}

void MainWindow::updateRecentFiles() {
  const QStringList files = m_context.settings->recentFiles();
  m_welcome->setRecentFiles(files.mid(0, 6));
  m_recentMenu->clear();
  for (const QString& path : files) {
    QAction* action = m_recentMenu->addAction(QFileInfo(path).fileName(), this, [this, path] { openFile({path}); });
    action->setStatusTip(QDir::toNativeSeparators(path));
    action->setEnabled(QFileInfo::exists(path));
  }
  if (!files.isEmpty()) m_recentMenu->addSeparator();
  QAction* clear = m_recentMenu->addAction(tr("&Clear List"), this, [this] {
    m_context.settings->clearRecentFiles();
    updateRecentFiles();
  });
  clear->setEnabled(!files.isEmpty());
}

}  // namespace drift::gui::mainwindow
