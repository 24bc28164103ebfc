#include "models/result_model.h"

#include <algorithm>

#include "models/cell_text.h"

namespace drift::gui::models {

void ResultModel::start(const std::vector<api::ResultColumn>& columns) {
  beginResetModel();
  m_parts.clear();
  m_columns.clear();
  m_rowCount = 0;
  m_atEnd = false;
  m_cut = false;
  for (const auto& column : columns) m_columns.push_back({bridge::fromEngine(column.name), column.type});
  endResetModel();
}

void ResultModel::append(std::shared_ptr<const api::Chunk> rows, bool atEnd, bool cut) {
  const auto count = static_cast<int>(rows->rowCount());
  m_atEnd = atEnd || cut;
  m_cut = cut;
  if (count > 0) {
    beginInsertRows({}, m_rowCount, m_rowCount + count - 1);
    m_parts.push_back({m_rowCount, std::move(rows)});
    m_rowCount += count;
    endInsertRows();
  }
  const auto cells = static_cast<quint64>(m_rowCount) * m_columns.size();
  if (!m_atEnd && (totalRows() >= kRowsMax || cells >= kCellsMax)) {
    m_atEnd = true;
    m_cut = true;
    emit boundReached();
  }
}

void ResultModel::clear() {
  start({});
  m_atEnd = true;
}

std::pair<const api::Chunk*, std::size_t> ResultModel::find(int row) const {
  const auto after = std::upper_bound(m_parts.begin(), m_parts.end(), row,
                                      [](int wanted, const Part& part) { return wanted < part.firstRow; });
  const Part& part = *std::prev(after);
  return {part.rows.get(), static_cast<std::size_t>(row - part.firstRow)};
}

std::optional<api::Value> ResultModel::value(int row, int column) const {
  if (row < 0 || row >= m_rowCount || column < 0 || column >= columnCount()) return std::nullopt;
  const auto [chunk, at] = find(row);
  return chunk->column(static_cast<std::size_t>(column)).get(at);
}

int ResultModel::rowCount(const QModelIndex& parent) const { return parent.isValid() ? 0 : m_rowCount; }

QVariant ResultModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.row() >= m_rowCount) return {};
  switch (role) {
    case Qt::DisplayRole:
    case Qt::AccessibleTextRole:
    case Qt::ToolTipRole: {
      const auto [chunk, at] = find(index.row());
      const QString text = cellText(chunk->column(static_cast<std::size_t>(index.column())), at);
      // A tool tip only where the cell cannot show everything.
      return role == Qt::ToolTipRole && text.size() < 60 ? QVariant() : QVariant(text);
    }
    case Qt::TextAlignmentRole: {
      const auto& type = m_columns[static_cast<std::size_t>(index.column())].type;
      return QVariant((isRightAligned(type) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
    }
    case IsNullRole: {
      const auto [chunk, at] = find(index.row());
      return chunk->column(static_cast<std::size_t>(index.column())).isNull(at);
    }
    case IsTabularRole:
      return isTabular(m_columns[static_cast<std::size_t>(index.column())].type);
    case IsLoadedRole:
      return true;
    case IsFlashingRole:
      return false;
    default:
      return {};
  }
}

bool ResultModel::canFetchMore(const QModelIndex& parent) const { return !parent.isValid() && !m_atEnd; }

void ResultModel::fetchMore(const QModelIndex& parent) {
  if (canFetchMore(parent)) emit moreWanted();
}

}  // namespace drift::gui::models
