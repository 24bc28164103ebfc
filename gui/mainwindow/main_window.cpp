#include "mainwindow/main_window.h"

#include <algorithm>

#include <QCloseEvent>
#include <QDir>
#include <QDockWidget>
#include <QDragEnterEvent>
#include <QFileInfo>
#include <QLabel>
#include <QMessageBox>
#include <QMimeData>
#include <QPushButton>
#include <QScreen>
#include <QStackedWidget>
#include <QStatusBar>
#include <QVBoxLayout>

#include "bridge/text.h"
#include "editor/sql_editor.h"
#include "explorer/explorer.h"
#include "mainwindow/document_tabs.h"
#include "mainwindow/query_tab.h"
#include "mainwindow/table_tab.h"
#include "mainwindow/timeline_link.h"
#include "mainwindow/welcome_page.h"
#include "timeline/timeline_panel.h"
#include "widgets/message_bar.h"

namespace drift::gui::mainwindow {

using widgets::MessageBar;

MainWindow::MainWindow(WindowContext context)
    : m_context(std::move(context)),
      m_commands(new Commands(this)),
      m_journal(new SessionJournal(m_context.dataFolder + QStringLiteral("/unsaved"), this)),
      m_worker(std::make_unique<bridge::Worker>(QStringLiteral("drift files"))),
      m_pages(new QStackedWidget(this)),
      m_welcome(new WelcomePage(*m_commands, this)),
      m_notices(new MessageBar(this)),
      m_tabs(new DocumentTabs(*m_commands, this)),
      m_explorer(new explorer::Explorer(this)),
      m_explorerDock(new QDockWidget(tr("Objects"), this)),
      m_momentLabel(new QLabel(this)),
      m_fileLabel(new QLabel(this)),
      m_historyLabel(new QLabel(this)) {
  setWindowTitle(tr("DriftDB"));
  setWindowIcon(QIcon(QStringLiteral(":/driftdb.svg")));
  setAcceptDrops(true);
  buildLayout();
  buildMenus();
  buildToolBar();
  buildStatusBar();
  connectFileCommands();
  connectEditCommands();
  connectViewCommands();
  connectHistoryCommands();
  connectQueryCommands();
  connectHelpCommands();

  connect(m_journal, &SessionJournal::failed, this,
          [this](const QString& sentence) { m_notices->showMessage(MessageBar::Tone::Notice, sentence, {}); });
  connect(m_tabs, &DocumentTabs::contentChanged, this, [this] {
    keepJournal();
    updateCommands();
    const auto* table = m_tabs->currentTable();
    m_timeline->setTable(watchedTable(), table ? table->title() : QString());
    m_explorer->selectTable(watchedTable());
  });
  connect(m_tabs, &DocumentTabs::runningChanged, this, &MainWindow::updateCommands);
  connect(m_tabs, &DocumentTabs::returnToLiveRequested, this, [this] {
    if (m_playhead) m_playhead->goLive();
  });
  connect(m_welcome, &WelcomePage::fileChosen, this, [this](const QString& path) { openFile({path}); });
  connect(m_explorer, &explorer::Explorer::tableActivated, this,
          [this](const models::TableRef& table) { m_tabs->openTable(table); });
  connect(m_explorer, &explorer::Explorer::selectRequested, this, [this](const models::TableRef& table) {
    QString name = bridge::fromEngine(table.name);
    name.replace(QLatin1Char('"'), QLatin1String("\"\""));
    m_tabs->newQuery(QStringLiteral("SELECT *\nFROM \"%1\"\nLIMIT 200;\n").arg(name));
  });
  connect(m_explorer, &explorer::Explorer::nameInsertRequested, this, [this](const QString& name) {
    if (auto* query = m_tabs->currentQuery()) query->editor()->insertAtCaret(name);
  });

  const QSize wanted(fontMetrics().averageCharWidth() * 215, fontMetrics().height() * 58);
  resize(wanted.boundedTo(screen()->availableSize() * 0.92));
  if (const QByteArray geometry = m_context.settings->windowGeometry(); !geometry.isEmpty()) restoreGeometry(geometry);
  if (const QByteArray state = m_context.settings->windowState(); !state.isEmpty()) restoreState(state);
  updateDocks();
  updateRecentFiles();
  updateCommands();
  updateStatus();
}

MainWindow::~MainWindow() {
  closeDatabase();
}

void MainWindow::buildLayout() {
  m_explorerDock->setObjectName(QStringLiteral("objects"));
  m_explorerDock->setWidget(m_explorer);
  // Docks that float cannot be docked again on Wayland (QTBUG-87332).
  m_explorerDock->setFeatures(QDockWidget::NoDockWidgetFeatures);
  auto* title = new QWidget(m_explorerDock);  // the dock's tree needs no title bar of its own
  m_explorerDock->setTitleBarWidget(title);
  addDockWidget(Qt::LeftDockWidgetArea, m_explorerDock);
  setCorner(Qt::BottomLeftCorner, Qt::BottomDockWidgetArea);
  setCorner(Qt::BottomRightCorner, Qt::BottomDockWidgetArea);

  m_timelineDock = new QDockWidget(tr("Timeline"), this);
  m_timelineDock->setObjectName(QStringLiteral("timeline"));
  m_timelineDock->setFeatures(QDockWidget::NoDockWidgetFeatures);
  auto* timelineTitle = new QWidget(m_timelineDock);
  m_timelineDock->setTitleBarWidget(timelineTitle);
  auto* panel = new timeline::TimelinePanel(m_timelineDock);
  using enum Command;
  panel->setCommands({(*m_commands)[PreviousCommit], (*m_commands)[NextCommit], (*m_commands)[GoToMoment]});
  connect(panel, &timeline::TimelinePanel::goToRequested, (*m_commands)[GoToMoment], &QAction::trigger);
  m_timelineDock->setWidget(panel);
  m_timeline = new TimelineLink(panel, this);
  connect(m_timeline, &TimelineLink::failed, this,
          [this](const QString& sentence) { m_notices->showMessage(MessageBar::Tone::Error, sentence, {}); });
  addDockWidget(Qt::BottomDockWidgetArea, m_timelineDock);

  auto* work = new QWidget(this);
  auto* workLayout = new QVBoxLayout(work);
  workLayout->setContentsMargins(0, 0, 0, 0);
  workLayout->setSpacing(0);
  workLayout->addWidget(m_notices);
  workLayout->addWidget(m_tabs, 1);
  m_pages->addWidget(m_welcome);
  m_pages->addWidget(work);
  setCentralWidget(m_pages);
  resizeDocks({m_explorerDock}, {fontMetrics().averageCharWidth() * 40}, Qt::Horizontal);
  resizeDocks({m_timelineDock}, {fontMetrics().height() * 11}, Qt::Vertical);
}

void MainWindow::openFile(FileRequest request) {
  if (m_opening) return;
  if (hasDatabase()) {
    if (askBeforeClosing([this, request] {
          closeDatabase();
          startOpening(request);
        }))
      return;
    closeDatabase();
  }
  startOpening(std::move(request));
}

void MainWindow::startOpening(FileRequest request) {
  m_opening = true;
  m_pages->setCurrentIndex(0);
  m_welcome->messages()->clear();
  const QFileInfo file(request.path);
  m_welcome->setBusy(tr("Opening %1\u2026").arg(file.fileName()));
  m_client = std::make_unique<bridge::EngineClient>();
  api::OpenOptions options;
  options.readOnly = request.readOnly;
  options.create = request.create;
  m_client->open(QDir::cleanPath(file.absoluteFilePath()), options, this,
                 [this, request](Status status) { handleOpened(request, std::move(status)); });
  updateCommands();
}

void MainWindow::handleOpened(const FileRequest& request, Status status) {
  m_opening = false;
  m_welcome->setBusy({});
  if (!status.ok()) {
    m_client.reset();
    const QString sentence = tr("%1 cannot be opened: %2", "file name, sentence of the reason")
                                 .arg(QFileInfo(request.path).fileName(), bridge::sentenceOf(status.error()));
    m_welcome->messages()->showMessage(
        MessageBar::Tone::Error, sentence,
        QDir::toNativeSeparators(request.path) + QLatin1Char('\n') + bridge::detailsOf(status.error()));
    updateCommands();
    emit openFailed(sentence);
    return;
  }
  m_journal->load(m_client->facts().path, this,
                  [this, request](JournalState journal) { showDatabase(request, std::move(journal)); });
}

void MainWindow::showDatabase(const FileRequest& request, JournalState journal) {
  m_playhead = std::make_unique<models::Playhead>(m_client.get());
  m_schema = std::make_unique<models::SchemaModel>(m_client.get(), m_playhead.get());
  m_tabs->setDatabase(m_client.get(), m_playhead.get());
  m_explorer->setSchema(m_schema.get());
  m_timeline->setDatabase(m_client.get(), m_playhead.get());
  connect(m_playhead.get(), &models::Playhead::momentChanged, this, &MainWindow::updateMoment);
  connect(m_playhead.get(), &models::Playhead::commitChanged, this, &MainWindow::updateMoment);
  connect(m_playhead.get(), &models::Playhead::visitsChanged, this, &MainWindow::updateCommands);
  connect(m_playhead.get(), &models::Playhead::refused, this,
          [this](const QString& sentence) { statusBar()->showMessage(sentence, 5000); });
  connect(m_client.get(), &bridge::EngineClient::headMoved, this, &MainWindow::updateStatus);
  connect(m_schema.get(), &models::SchemaModel::failed, this,
          [this](const QString& sentence) { m_notices->showMessage(MessageBar::Tone::Error, sentence, {}); });

  const auto& facts = m_client->facts();
  setWindowFilePath(facts.path);
  setWindowTitle(tr("%1 \u2013 DriftDB").arg(QFileInfo(facts.path).fileName()));
  m_context.settings->addRecentFile(facts.path);
  updateRecentFiles();
  m_pages->setCurrentIndex(1);
  updateDocks();
  m_notices->clear();
  if (!facts.openNotice.isEmpty()) m_notices->showMessage(MessageBar::Tone::Notice, facts.openNotice, {});
  if (!journal.tabs.empty()) m_tabs->restore(journal);
  if (m_tabs->count() == 0) {
    // Nothing was open here before: the schema says what to begin with.
    connect(m_schema.get(), &models::SchemaModel::schemaShown, this, &MainWindow::openFirstTable,
            Qt::SingleShotConnection);
  }
  if (request.asOf) goTo(*request.asOf);
  updateMoment();
  updateStatus();
  emit databaseOpened();
}

void MainWindow::openFirstTable() {
  if (m_tabs->count() > 0 || !m_schema->schema()) return;
  if (m_schema->schema()->tables.empty()) {
    m_tabs->newQuery(QStringLiteral("-- An empty database. For example:\n"
                                    "CREATE TABLE notes (id integer PRIMARY KEY, text text NOT NULL);\n"));
    return;
  }
  // The table with the most updates has the most to show when the playhead moves.
  m_client->read(
      m_playhead.get(),
      [tables = m_schema->schema()->tables](const api::Database& database) {
        const auto extent = database.extent();
        const auto updates = [&](const api::TableInfo& table) -> std::uint64_t {
          // A history that cannot be read decides nothing here; the timeline says what is wrong with it.
          if (!extent.ok() || extent->last == 0) return 0;
          const auto all = database.historySummary(extent->firstTime, extent->lastTime + 1, 1, table.id);
          return !all.ok() || all->empty() ? 0 : all->front().updated;
        };
        const auto chosen = std::max_element(tables.begin(), tables.end(), [&](const auto& a, const auto& b) {
          return std::pair(updates(a), a.rowCount) < std::pair(updates(b), b.rowCount);
        });
        return models::TableRef{chosen->id, chosen->name};
      },
      [this](const models::TableRef& table) {
        if (m_tabs->count() == 0) m_tabs->openTable(table);
      });
}

void MainWindow::openSample() {
  if (m_opening) return;
  const QString path = m_context.dataFolder + QStringLiteral("/sample/shop.drift");
  if (QFileInfo::exists(path)) {
    openFile({path});
    return;
  }
  if (hasDatabase()) closeDatabase();
  m_opening = true;
  m_pages->setCurrentIndex(0);
  m_welcome->messages()->clear();
  m_welcome->setBusy(tr("Making the sample shop\u2026"), 0);
  updateCommands();
  const auto progress = [port = m_worker->port(), welcome = QPointer<WelcomePage>(m_welcome)](double share) {
    bridge::Worker::deliver(port, [welcome, share] {
      if (welcome) welcome->setBusy(tr("Making the sample shop\u2026"), static_cast<int>(share * 100));
    });
  };
  m_worker->ask(
      this,
      [path, make = m_context.makeSample, progress]() -> Status {
        if (!QDir().mkpath(QFileInfo(path).absolutePath()))
          return makeError(ErrorKind::PermissionDenied, "the folder {} cannot be made",
                           QFileInfo(path).absolutePath().toStdString());
        return make(path.toStdString(), progress);
      },
      [this, path](Status made) {
        m_opening = false;
        m_welcome->setBusy({});
        updateCommands();
        if (made.ok()) {
          openFile({path});
          return;
        }
        const QString sentence = tr("The sample cannot be made: %1").arg(bridge::sentenceOf(made.error()));
        m_welcome->messages()->showMessage(MessageBar::Tone::Error, sentence, bridge::detailsOf(made.error()));
        emit openFailed(sentence);
      });
}

void MainWindow::closeDatabase() {
  if (!m_client) return;
  m_journal->flush();
  m_timeline->setDatabase(nullptr, nullptr);
  m_explorer->setSchema(nullptr);
  m_tabs->setDatabase(nullptr, nullptr);
  m_schema.reset();
  m_playhead.reset();
  m_client.reset();
  updateDocks();
  setWindowFilePath({});
  setWindowTitle(tr("DriftDB"));
  m_pages->setCurrentIndex(0);
  updateRecentFiles();
  updateMoment();
  updateStatus();
}

bool MainWindow::askBeforeClosing(std::function<void()> proceed) {
  const auto queries = m_tabs->queries();
  const bool open = std::any_of(queries.begin(), queries.end(), [](const QueryTab* tab) { return tab->inTransaction(); });
  if (!open) return false;
  auto* box = new QMessageBox(QMessageBox::Warning, tr("DriftDB"), tr("A transaction is still open."),
                              QMessageBox::Cancel, this);
  box->setAttribute(Qt::WA_DeleteOnClose);
  box->setInformativeText(tr("Its changes were not committed and would be taken back."));
  auto* discard = box->addButton(tr("Take Back and Close"), QMessageBox::DestructiveRole);
  box->setDefaultButton(QMessageBox::Cancel);
  connect(discard, &QAbstractButton::clicked, this, std::move(proceed));
  box->open();
  return true;
}

void MainWindow::closeEvent(QCloseEvent* event) {
  if (!m_closeAccepted && askBeforeClosing([this] {
        m_closeAccepted = true;
        close();
      })) {
    event->ignore();
    return;
  }
  m_context.settings->setWindow(saveGeometry(), saveState());
  closeDatabase();
  event->accept();
}

void MainWindow::dragEnterEvent(QDragEnterEvent* event) {
  const auto urls = event->mimeData()->urls();
  if (urls.size() == 1 && urls.front().isLocalFile()) event->acceptProposedAction();
}

void MainWindow::dropEvent(QDropEvent* event) {
  const QString path = event->mimeData()->urls().value(0).toLocalFile();
  if (path.isEmpty()) return;
  event->acceptProposedAction();
  if (path.endsWith(QLatin1String(".sql"), Qt::CaseInsensitive) && hasDatabase()) {
    openScript(path);
  } else {
    openFile({path});
  }
}

void MainWindow::keepJournal() {
  if (!hasDatabase() || !m_playhead) return;
  m_journal->scheduleSave(m_client->facts().path, [this] { return m_tabs->state(); });
}

TreeId MainWindow::watchedTable() const {
  const auto* table = m_tabs->currentTable();
  return table ? table->table().id : 0;
}

void MainWindow::goTo(const models::MomentRequest& request) {
  if (!m_playhead) return;
  if (const auto* commit = std::get_if<CommitNumber>(&request)) {
    m_playhead->goTo(*commit);
  } else if (const auto* time = std::get_if<TimeMicros>(&request)) {
    m_playhead->goToTime(*time);
  } else {
    m_playhead->goLive();
  }
}

void MainWindow::applyTheme(widgets::ThemeChoice choice) {
  m_context.themes->apply(choice);
  m_context.settings->setTheme(choice);
  updateCommands();
}

}  // namespace drift::gui::mainwindow
