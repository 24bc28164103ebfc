// TableGridModel: the rows of one table at one moment, as a moving window over Database::page. GUI thread.
//
// Rows are loaded where the view looks and forgotten elsewhere, so a table of any size costs the same. A
// view of more than kWindowRows rows would run into QTableView's limit of 2^31 pixels: larger tables show a
// window of that many rows, which moveWindow() shifts.
//
//   Loading --reading--> Rows | Absent (no such table then) | Failed
//
// A change of moment keeps the *key* of the top visible row and of every selected row in place, not their
// numbers; cells that differ from what was shown before flash for kFlashMs.
#pragma once

#include <deque>
#include <set>
#include <unordered_map>

#include <QTimer>

#include "bridge/engine_client.h"
#include "models/grid_model.h"
#include "models/table_reading.h"

namespace drift::gui::models {

class TableGridModel final : public GridModel {
  Q_OBJECT

 public:
  static constexpr quint64 kWindowRows = 262'144;
  static constexpr int kFlashMs = 250;
  static constexpr int kBulkRowsMax = 200'000;

  enum class State { Loading, Rows, Absent, Failed };

  TableGridModel(bridge::EngineClient* client, TableRef table, QObject* parent = nullptr);

  /// Shows the table as of `moment`; nothing = live, following new commits.
  void setMoment(std::optional<CommitNumber> moment);
  std::optional<CommitNumber> moment() const { return m_moment; }
  /// Reads the rows again at the same moment.
  void refresh();
  /// Tells which rows of the model are on screen; missing ones are loaded.
  void setVisibleRows(int first, int count);
  /// Makes the model start at that row of the table, as far as the window allows.
  void moveWindow(quint64 firstRow);
  void setFlashing(bool enabled) { m_flashing = enabled; }

  State state() const { return m_state; }
  const std::optional<Error>& error() const { return m_error; }
  const TableRef& table() const { return m_table; }
  const std::optional<api::TableInfo>& info() const { return m_info; }
  /// True while what is shown is not yet the wanted moment.
  bool isStale() const { return m_momentRead.busy(); }
  /// The commit that made the version of a row; nothing where the row is not loaded.
  std::optional<CommitNumber> changedAt(int row) const;

  quint64 firstRow() const override { return m_base; }
  quint64 totalRows() const override { return m_total; }
  QString tableName() const override { return bridge::fromEngine(m_table.name); }
  std::optional<api::Value> value(int row, int column) const override;
  /// Loads rows that are not, at most kBulkRowsMax.
  void withRows(int first, int last, std::function<void(const QString& problem)> done) override;

  int rowCount(const QModelIndex& parent = {}) const override;
  QVariant data(const QModelIndex& index, int role) const override;

 signals:
  void stateChanged();
  /// The wanted moment is shown; the row that was on top is now `topRow` (-1: as before).
  void momentShown(int topRow);
  void staleChanged(bool stale);

 private:
  struct Place {
    const api::Page* page;
    std::size_t row;
  };
  /// Where a row of the table lies among the loaded pages.
  std::optional<Place> find(quint64 tableRow) const;
  std::size_t pageRows() const;

  void submitMoment();
  void show(TableReading reading);
  void showPage(api::Page page);
  void showNothing(State state, std::optional<Error> error);
  /// Gives the columns of a page, and whether they differ from those shown.
  bool takeColumns(const api::Page& page);
  void resize(quint64 total);
  void remapSelection(const api::Page& page);
  void markChanges(const api::Page& page);
  void loadVisible();
  void addPage(TableReading reading, CommitNumber at);

  bridge::EngineClient* m_client;
  TableRef m_table;
  std::optional<CommitNumber> m_moment;
  State m_state = State::Loading;
  std::optional<Error> m_error;
  std::optional<api::TableInfo> m_info;

  std::deque<api::Page> m_pages;  // newest first, at most kPagesMax
  std::vector<api::Page> m_bulk;  // while withRows() runs its callback
  CommitNumber m_shownAt = 0;     // moment of m_pages
  quint64 m_total = 0;
  quint64 m_base = 0;
  int m_visibleFirst = 0;
  int m_visibleCount = 64;
  std::string m_anchorKey;        // of the top visible row, kept while the table is absent

  bool m_flashing = true;
  std::unordered_map<std::string, std::set<ColumnId>> m_flashes;  // by row key
  QTimer m_flashTimer;
  bridge::LatestRead<TableReading> m_momentRead;
  bridge::LatestRead<TableReading> m_scrollRead;
};

}  // namespace drift::gui::models
