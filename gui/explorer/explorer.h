// Explorer: the tree of objects with a filter above it. GUI thread.
//
// It shows the schema of the playhead's moment; what does not exist then is listed dashed and dim. What was
// open stays open when the tree changes.
#pragma once

#include <QSet>
#include <QWidget>

#include "models/table_reading.h"

class QLineEdit;
class QSortFilterProxyModel;
class QTreeView;

namespace drift::gui::models {
class SchemaModel;
}

namespace drift::gui::widgets {
class EmptyState;
}

namespace drift::gui::explorer {

class Explorer final : public QWidget {
  Q_OBJECT

 public:
  explicit Explorer(QWidget* parent = nullptr);

  /// Shows a model, or the words for "nothing open" when there is none. Not owned.
  void setSchema(models::SchemaModel* model);
  QTreeView* tree() const { return m_tree; }
  void focusFilter();
  void selectTable(TreeId table);

 signals:
  void tableActivated(const drift::gui::models::TableRef& table);
  /// "SELECT * FROM …" in a new query tab.
  void selectRequested(const drift::gui::models::TableRef& table);
  void nameInsertRequested(const QString& name);

 private:
  void rememberExpanded();
  void restoreExpanded();
  void activate(const QModelIndex& index);
  void showMenu(const QPoint& position);

  models::SchemaModel* m_model = nullptr;
  QLineEdit* m_filter;
  QTreeView* m_tree;
  widgets::EmptyState* m_words;
  QSortFilterProxyModel* m_proxy;
  QSet<QString> m_expanded;
  QString m_current;
  bool m_restoring = false;
};

}  // namespace drift::gui::explorer
