// DocumentTabs: the tabs of the centre: tables and queries. GUI thread; owns the tabs.
#pragma once

#include <QTabWidget>

#include "mainwindow/session_journal.h"
#include "models/table_reading.h"

namespace drift::gui::bridge {
class EngineClient;
}
namespace drift::gui::models {
class Playhead;
}

namespace drift::gui::mainwindow {

class Commands;
class DocumentTab;
class QueryTab;
class TableTab;

class DocumentTabs final : public QTabWidget {
  Q_OBJECT

 public:
  explicit DocumentTabs(const Commands& commands, QWidget* parent = nullptr);

  /// The database that new tabs work on; null closes all tabs.
  void setDatabase(bridge::EngineClient* client, models::Playhead* playhead);

  /// Shows a table in its tab, made when there is none.
  TableTab* openTable(const models::TableRef& table);
  QueryTab* newQuery(const QString& text = {}, const QString& title = {});

  DocumentTab* current() const;
  QueryTab* currentQuery() const;
  TableTab* currentTable() const;
  QList<QueryTab*> queries() const;
  void closeTab(int index);

  /// What is open, for the journal; and opens it again, without running anything.
  JournalState state() const;
  void restore(const JournalState& state);

 signals:
  /// Tabs or texts changed: worth keeping.
  void contentChanged();
  void runningChanged();
  void returnToLiveRequested();

 private:
  void addTab(DocumentTab* tab);
  void updateTitle(DocumentTab* tab);

  const Commands& m_commands;
  bridge::EngineClient* m_client = nullptr;
  models::Playhead* m_playhead = nullptr;
  int m_queryNumber = 0;
};

}  // namespace drift::gui::mainwindow
