// GridModel: what every grid shows, whether rows of a table at a moment or rows of a query. GUI thread.
#pragma once

#include <functional>
#include <optional>
#include <vector>

#include <QAbstractTableModel>

#include "bridge/text.h"

namespace drift::gui::models {

/// Roles beyond Qt's.
enum GridRole : int {
  IsNullRole = Qt::UserRole + 1,  ///< bool
  IsLoadedRole,                   ///< bool; false: the row is on its way
  IsTabularRole,                  ///< bool; drawn with characters of one width
  IsFlashingRole,                 ///< bool; the cell changed with the last change of moment
};

struct GridColumn {
  QString name;
  api::Type type;
  bool inPrimaryKey = false;
  bool notNull = false;
};

class GridModel : public QAbstractTableModel {
  Q_OBJECT

 public:
  using QAbstractTableModel::QAbstractTableModel;

  /// Position of row 0 among all rows; not 0 where the model is a window of a larger table.
  virtual quint64 firstRow() const { return 0; }
  /// All rows as far as known; see totalIsExact().
  virtual quint64 totalRows() const = 0;
  virtual bool totalIsExact() const { return true; }
  /// Where INSERT statements made from these rows go.
  virtual QString tableName() const = 0;
  /// Gives a cell; nothing where the row is not loaded.
  virtual std::optional<api::Value> value(int row, int column) const = 0;
  /// Sees to it that value() knows these rows while `done` runs; gives a sentence where that is not possible.
  virtual void withRows(int first, int last, std::function<void(const QString& problem)> done);

  const std::vector<GridColumn>& gridColumns() const { return m_columns; }

  int columnCount(const QModelIndex& parent = {}) const override;
  QVariant headerData(int section, Qt::Orientation orientation, int role) const override;

 protected:
  std::vector<GridColumn> m_columns;
};

}  // namespace drift::gui::models
