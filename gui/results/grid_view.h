// GridView: the table of cells. Tells its model which rows are on screen and copies cells. GUI thread.
#pragma once

#include <QTableView>

#include "results/clipboard_format.h"

namespace drift::gui::results {

class CellDelegate;

class GridView final : public QTableView {
  Q_OBJECT

 public:
  explicit GridView(QWidget* parent = nullptr);

  void setGridModel(models::GridModel* model);
  models::GridModel* gridModel() const { return m_model; }
  void setStale(bool stale);
  bool isStale() const;

  /// Rows of the model on screen: the first and how many.
  std::pair<int, int> visibleRows() const;
  /// Makes columns as wide as what is on screen, within bounds.
  void fitColumns();
  /// Copies the selected cells, or everything where none are selected.
  void copy(ClipboardFormat format);

 signals:
  void visibleRowsChanged(int first, int count);
  void selectionDescribed(const QString& text);
  void copied(const QString& sentence);
  void copyFailed(const QString& sentence);

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;
  void contextMenuEvent(QContextMenuEvent* event) override;
  void selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) override;

 private:
  void noteVisibleRows();

  models::GridModel* m_model = nullptr;  // not owned
  CellDelegate* m_delegate;
  std::pair<int, int> m_visible{-1, -1};
};

}  // namespace drift::gui::results
