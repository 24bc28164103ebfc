#include "mainwindow/query_tab.h"

#include <QHBoxLayout>
#include <QLabel>
#include <QLocale>
#include <QMenu>
#include <QSplitter>
#include <QStyle>
#include <QToolButton>
#include <QVBoxLayout>

#include "bridge/text.h"
#include "editor/find_bar.h"
#include "editor/sql_editor.h"
#include "mainwindow/commands.h"
#include "models/moment_text.h"
#include "models/result_model.h"
#include "results/grid_pane.h"
#include "results/grid_view.h"
#include "widgets/icons.h"
#include "widgets/message_bar.h"
#include "widgets/past_banner.h"

namespace drift::gui::mainwindow {

namespace {

QString elapsedText(qint64 micros) {
  const QLocale locale;
  if (micros < 10'000) return QueryTab::tr("%1 ms").arg(locale.toString(static_cast<double>(micros) / 1000.0, 'f', 1));
  if (micros < 10'000'000) return QueryTab::tr("%1 ms").arg(locale.toString(micros / 1000));
  return QueryTab::tr("%1 s").arg(locale.toString(static_cast<double>(micros) / 1e6, 'f', 1));
}

}  // namespace

QueryTab::QueryTab(bridge::EngineClient* client, models::Playhead* playhead, const Commands& commands, QString title,
                   QWidget* parent)
    : DocumentTab(parent),
      m_client(client),
      m_playhead(playhead),
      m_title(std::move(title)),
      m_chip(new QToolButton(this)),
      m_transaction(new QLabel(tr("transaction open"), this)),
      m_editor(new editor::SqlEditor(this)),
      m_findBar(new editor::FindBar(m_editor, this)),
      m_results(new models::ResultModel(this)),
      m_grid(new results::GridPane(this)),
      m_splitter(new QSplitter(Qt::Vertical, this)),
      m_session(client->newSession()) {
  auto* upper = new QWidget(this);
  upper->setAutoFillBackground(true);
  auto* upperLayout = new QVBoxLayout(upper);
  upperLayout->setContentsMargins(0, 0, 0, 0);
  upperLayout->setSpacing(0);
  upperLayout->addWidget(makeHeader());
  upperLayout->addWidget(m_editor, 1);
  upperLayout->addWidget(m_findBar);
  auto* lower = new QWidget(this);
  auto* lowerLayout = new QVBoxLayout(lower);
  lowerLayout->setContentsMargins(0, 0, 0, 0);
  lowerLayout->setSpacing(0);
  lowerLayout->addWidget(banner());
  lowerLayout->addWidget(m_grid, 1);
  m_splitter->addWidget(upper);
  m_splitter->addWidget(lower);
  m_splitter->setStretchFactor(0, 2);
  m_splitter->setStretchFactor(1, 3);
  m_splitter->setChildrenCollapsible(false);
  body()->addWidget(m_splitter, 1);
  setFocusProxy(m_editor);

  m_grid->setModel(m_results);
  m_grid->showWords(QStringLiteral("run"), tr("Nothing run yet"),
                    tr("Write a statement and press %1 to run it.")
                        .arg(commands[Command::Run]->shortcut().toString(QKeySequence::NativeText)));
  connect(m_editor, &QsciScintilla::textChanged, this, &QueryTab::textChanged);
  connect(m_editor, &QsciScintilla::textChanged, this, &QueryTab::updateChip);
  connect(m_editor, &QsciScintilla::cursorPositionChanged, this, &QueryTab::updateChip);
  connect(m_editor, &editor::SqlEditor::escapePressed, this, &QueryTab::stop);
  connect(m_grid->messages(), &widgets::MessageBar::linkActivated, this, [this] {
    m_editor->markError(m_errorSpan);
    m_editor->setFocus(Qt::OtherFocusReason);
  });
  connect(m_results, &models::ResultModel::moreWanted, m_session.get(), &bridge::QuerySession::fetchMore);
  connect(m_results, &models::ResultModel::boundReached, m_session.get(), &bridge::QuerySession::closeResult);
  connect(playhead, &models::Playhead::momentChanged, this, &QueryTab::updateChip);
  connect(playhead, &models::Playhead::commitChanged, this, &QueryTab::updateChip);
  connectSession();
  updateChip();
}

QueryTab::~QueryTab() = default;

QWidget* QueryTab::makeHeader() {
  auto* header = new QWidget(this);
  header->setAutoFillBackground(true);
  header->setBackgroundRole(QPalette::Base);
  auto* line = new QHBoxLayout(header);
  line->setContentsMargins(8, 4, 8, 4);
  line->setSpacing(4);
  m_chip->setObjectName(QStringLiteral("chip"));
  m_chip->setToolButtonStyle(Qt::ToolButtonTextBesideIcon);
  m_chip->setPopupMode(QToolButton::InstantPopup);
  m_chip->setFocusPolicy(Qt::TabFocus);
  m_chip->setToolTip(tr("When statements of this tab see the database.\nA moment named in the SQL goes before it."));
  auto* menu = new QMenu(m_chip);
  menu->addAction(tr("With the &Playhead"), this, [this] { setWhen(When::Playhead); });
  menu->addAction(tr("Always &Live"), this, [this] { setWhen(When::Live); });
  auto* pin = menu->addAction(tr("&Pin to This Moment"), this, [this] { setWhen(When::Pinned); });
  connect(menu, &QMenu::aboutToShow, this, [this, pin] { pin->setEnabled(!m_playhead->isLive()); });
  m_chip->setMenu(menu);
  line->addWidget(m_chip);
  line->addStretch(1);
  m_transaction->setProperty("tone", "past");
  m_transaction->setToolTip(tr("Changes are kept only after COMMIT; ROLLBACK takes them back"));
  m_transaction->hide();
  line->addWidget(m_transaction);
  return header;
}

void QueryTab::connectSession() {
  auto* session = m_session.get();
  connect(session, &bridge::QuerySession::statementStarted, this,
          [this](int, int count) { m_statementCount = count; });
  connect(session, &bridge::QuerySession::resultStarted, this, [this](const std::vector<api::ResultColumn>& columns) {
    m_hasRows = true;
    m_results->start(columns);
    m_grid->showGrid();
  });
  connect(session, &bridge::QuerySession::rowsArrived, this,
          [this](std::shared_ptr<const api::Chunk> rows, bool atEnd, bool cut) {
            m_results->append(std::move(rows), atEnd, cut);
          });
  connect(session, &bridge::QuerySession::statementFinished, this, &QueryTab::handleOutcome);
  connect(session, &bridge::QuerySession::failed, this, [this](int, const Error& error) { handleFailure(error); });
  connect(session, &bridge::QuerySession::finished, this, &QueryTab::handleFinished);
}

void QueryTab::run() {
  auto statements = m_editor->selectedStatements();
  if (statements.empty()) statements = m_editor->currentStatement();
  start(std::move(statements));
}

void QueryTab::runAll() { start(m_editor->allStatements()); }

void QueryTab::start(std::vector<bridge::ScriptStatement> statements) {
  if (statements.empty()) {
    m_grid->messages()->showMessage(widgets::MessageBar::Tone::Notice, tr("There is no statement to run."), {});
    return;
  }
  m_failed = false;
  m_hasRows = false;
  m_lastTag.clear();
  m_editor->clearErrorMark();
  m_grid->messages()->clear();
  m_grid->setNote(tr("Running\u2026"));
  m_ranAt = moment();
  m_ranAtCommit = m_when == When::Playhead ? m_playhead->commit() : std::nullopt;
  m_session->run(std::move(statements), m_ranAt);
  emit runningChanged();
}

void QueryTab::stop() { m_session->cancel(); }

bool QueryTab::running() const { return m_session->running(); }

bool QueryTab::inTransaction() const { return m_session->inTransaction(); }

void QueryTab::handleOutcome(const bridge::StatementOutcome& outcome) {
  m_lastTag = outcome.tag;
  QStringList note{elapsedText(outcome.elapsedMicros)};
  if (m_statementCount > 1) note.prepend(tr("statement %1 of %2").arg(outcome.index + 1).arg(m_statementCount));
  if (m_results->isCut() && m_hasRows) note << tr("more rows exist than are shown");
  m_grid->setNote(note.join(QStringLiteral("  \u00b7  ")));
  if (m_hasRows) return;
  const QString tag = outcome.tag.isEmpty() ? tr("Done") : outcome.tag;
  m_grid->showWords(QStringLiteral("check"), tag,
                    outcome.committed ? tr("Kept as commit %1.").arg(models::commitLabel(*outcome.committed))
                    : outcome.inTransaction ? tr("Waiting for COMMIT.")
                                            : QString());
}

void QueryTab::handleFailure(const Error& error) {
  m_failed = true;
  const bool canceled = error.kind() == ErrorKind::QueryCanceled;
  m_grid->setNote(canceled ? tr("Stopped") : tr("Failed"));
  if (canceled) {
    m_grid->messages()->showMessage(widgets::MessageBar::Tone::Notice, tr("Stopped. Nothing was changed."), {});
  } else {
    const bool placed = error.span().has_value();
    if (placed) m_errorSpan = *error.span();
    m_grid->messages()->showMessage(
        widgets::MessageBar::Tone::Error, bridge::sentenceWithHint(error), bridge::detailsOf(error),
        placed ? tr("Line %1, column %2").arg(error.span()->line).arg(error.span()->column) : QString());
    if (placed) m_editor->markError(*error.span());
  }
  if (!m_hasRows) {
    m_results->clear();
    m_grid->showWords(canceled ? QStringLiteral("stop") : QStringLiteral("error"),
                      canceled ? tr("The statement was stopped") : tr("The statement failed"),
                      canceled ? QString() : tr("The message above says why."));
  }
}

void QueryTab::handleFinished() {
  m_transaction->setVisible(m_session->inTransaction());
  if (!m_failed && m_hasRows) {
    showPast(tr("result"), m_ranAt, m_ranAtCommit);
  } else {
    showPast({}, std::nullopt, std::nullopt);
  }
  emit runningChanged();
}

void QueryTab::setWhen(When when) {
  if (when == When::Pinned) m_pinned = m_playhead->moment();
  m_when = when == When::Pinned && !m_pinned ? When::Live : when;
  updateChip();
}

std::optional<CommitNumber> QueryTab::moment() const {
  switch (m_when) {
    case When::Playhead: return m_playhead->moment();
    case When::Live: return std::nullopt;
    case When::Pinned: return m_pinned;
  }
  return std::nullopt;
}

void QueryTab::updateChip() {
  const auto at = moment();
  const bool named = m_editor->currentStatementNamesTime();
  QString text = tr(" AS OF: Live");
  if (named) {
    text = tr(" AS OF: set in the query");
  } else if (at && m_when == When::Playhead && m_playhead->commit()) {
    text = tr(" AS OF: %1  %2", "time, commit")
               .arg(models::momentTime(m_playhead->commit()->time), models::commitLabel(*at));
  } else if (at) {
    text = tr(" AS OF: %1").arg(models::commitLabel(*at));
  }
  if (text == m_chip->text()) return;
  m_chip->setText(text);
  m_chip->setProperty("past", at.has_value() && !named);
  m_chip->style()->unpolish(m_chip);  // style sheets look at properties only when polishing
  m_chip->style()->polish(m_chip);
  m_chip->setAccessibleName(text.trimmed());
  m_chip->setIcon(named ? widgets::icon(QStringLiteral("clock"), widgets::IconTone::Dim)
                  : at ? widgets::icon(QStringLiteral("clock"), widgets::IconTone::Past)
                     : widgets::icon(QStringLiteral("live")));
}

QString QueryTab::iconName() const { return showsPast() ? QStringLiteral("clock") : QStringLiteral("sql"); }

QWidget* QueryTab::mainPane() const { return m_editor; }

}  // namespace drift::gui::mainwindow
