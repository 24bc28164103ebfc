// GridPane: a grid with everything around it: message bar above, words instead of an empty grid, status
// line below. Shows a table at a moment or the rows of a query. GUI thread; does not own the model.
#pragma once

#include <QTimer>
#include <QWidget>

class QLabel;
class QScrollBar;
class QStackedLayout;

namespace drift::gui::models {
class GridModel;
class TableGridModel;
}  // namespace drift::gui::models

namespace drift::gui::widgets {
class EmptyState;
class MessageBar;
}  // namespace drift::gui::widgets

namespace drift::gui::results {

class GridView;

class GridPane final : public QWidget {
  Q_OBJECT

 public:
  /// Stale content dims after this long, and says that it is loading after kBusyMs.
  static constexpr int kDimMs = 100;
  static constexpr int kBusyMs = 400;

  explicit GridPane(QWidget* parent = nullptr);

  /// Shows any grid model.
  void setModel(models::GridModel* model);
  /// Shows a table that follows a moment: keeps the anchor row on top, dims while stale.
  void setTableModel(models::TableGridModel* model);

  /// Shows words instead of the grid, or the grid again.
  void showWords(const QString& iconName, const QString& title, const QString& sentence);
  void showGrid();
  bool showsGrid() const;

  /// Adds to the end of the row counter: "12 ms".
  void setNote(const QString& note);
  void setBusy(bool busy);

  GridView* grid() const { return m_grid; }
  widgets::MessageBar* messages() const { return m_messages; }
  widgets::EmptyState* words() const { return m_words; }
  QString statusText() const;

 protected:
  void changeEvent(QEvent* event) override;

 private:
  void updateStatus();
  void showTableState();
  void syncOuterScroll();
  void scrollTo(int tableRow);

  models::GridModel* m_model = nullptr;
  models::TableGridModel* m_table = nullptr;
  widgets::MessageBar* m_messages;
  GridView* m_grid;
  QScrollBar* m_outerScroll;  // over all rows, for tables larger than the model's window
  widgets::EmptyState* m_words;
  QStackedLayout* m_stack;
  QLabel* m_rows;
  QLabel* m_selection;
  QString m_note;
  bool m_busy = false;
  bool m_columnsFitted = false;
  QTimer m_dimTimer;
  QTimer m_busyTimer;
};

}  // namespace drift::gui::results
