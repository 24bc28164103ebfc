#include "models/grid_model.h"

#include <QLocale>

#include "models/cell_text.h"

namespace drift::gui::models {

int GridModel::columnCount(const QModelIndex& parent) const {
  return parent.isValid() ? 0 : static_cast<int>(m_columns.size());
}

void GridModel::withRows(int, int, std::function<void(const QString& problem)> done) { done({}); }

QVariant GridModel::headerData(int section, Qt::Orientation orientation, int role) const {
  if (orientation == Qt::Vertical) {
    if (role == Qt::DisplayRole) return QLocale().toString(firstRow() + static_cast<quint64>(section) + 1);
    if (role == Qt::TextAlignmentRole) return QVariant(Qt::AlignRight | Qt::AlignVCenter);
    return {};
  }
  if (section < 0 || section >= columnCount()) return {};
  const GridColumn& column = m_columns[static_cast<std::size_t>(section)];
  switch (role) {
    case Qt::DisplayRole:
      return column.name;
    case Qt::ToolTipRole: {
      QStringList parts{bridge::fromEngine(column.type.name())};
      if (column.inPrimaryKey) parts << tr("primary key");
      if (column.notNull && !column.inPrimaryKey) parts << tr("not null");
      return QStringLiteral("%1\n%2").arg(column.name, parts.join(QStringLiteral(", ")));
    }
    case Qt::TextAlignmentRole:
      return QVariant((isRightAligned(column.type) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    default:
      return {};
  }
}

}  // namespace drift::gui::models
