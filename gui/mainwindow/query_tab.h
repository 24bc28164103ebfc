// QueryTab: an SQL editor above the rows of what it ran. GUI thread.
//
// The chip "AS OF" says when statements run: with the playhead, always live, or at a pinned moment. A moment
// named in the SQL itself goes before the chip.
#pragma once

#include <memory>
#include <vector>

#include "bridge/query_session.h"
#include "mainwindow/document_tab.h"

class QLabel;
class QSplitter;
class QToolButton;

namespace drift::gui::editor {
class FindBar;
class SqlEditor;
}  // namespace drift::gui::editor

namespace drift::gui::models {
class ResultModel;
}

namespace drift::gui::mainwindow {

class Commands;

class QueryTab final : public DocumentTab {
  Q_OBJECT

 public:
  enum class When { Playhead, Live, Pinned };

  QueryTab(bridge::EngineClient* client, models::Playhead* playhead, const Commands& commands, QString title,
           QWidget* parent = nullptr);
  ~QueryTab() override;

  /// Runs the selection, or else the statement at the caret.
  void run();
  void runAll();
  void stop();
  bool running() const;
  /// True while a BEGIN waits for its COMMIT.
  bool inTransaction() const;

  void setWhen(When when);
  When when() const { return m_when; }
  /// The moment that a statement would run at now.
  std::optional<CommitNumber> moment() const;

  editor::SqlEditor* editor() const { return m_editor; }
  editor::FindBar* findBar() const { return m_findBar; }
  models::ResultModel* results() const { return m_results; }

  QString title() const override { return m_title; }
  QString iconName() const override;
  results::GridPane* gridPane() const override { return m_grid; }
  QWidget* mainPane() const override;

 signals:
  void textChanged();
  void runningChanged();

 private:
  void start(std::vector<bridge::ScriptStatement> statements);
  void connectSession();
  void handleFailure(const Error& error);
  void handleOutcome(const bridge::StatementOutcome& outcome);
  void handleFinished();
  void updateChip();
  QWidget* makeHeader();

  bridge::EngineClient* m_client;
  models::Playhead* m_playhead;
  QString m_title;
  When m_when = When::Playhead;
  std::optional<CommitNumber> m_pinned;
  std::optional<CommitNumber> m_ranAt;
  std::optional<api::Commit> m_ranAtCommit;

  QToolButton* m_chip;
  QLabel* m_transaction;
  editor::SqlEditor* m_editor;
  editor::FindBar* m_findBar;
  models::ResultModel* m_results;
  results::GridPane* m_grid;
  QSplitter* m_splitter;

  SourceSpan m_errorSpan;
  bool m_failed = false;
  bool m_hasRows = false;
  int m_statementCount = 0;
  QString m_lastTag;
  std::unique_ptr<bridge::QuerySession> m_session;
};

}  // namespace drift::gui::mainwindow
