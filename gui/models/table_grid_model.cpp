#include "models/table_grid_model.h"

#include <algorithm>

#include "models/cell_text.h"

namespace drift::gui::models {

namespace {

constexpr std::size_t kPagesMax = 12;
constexpr std::size_t kPageRowsMin = 128;
constexpr std::size_t kPageRowsMax = 1024;
constexpr std::size_t kBulkPageRows = 2048;

bool sameColumns(const std::vector<GridColumn>& a, const std::vector<GridColumn>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const GridColumn& x, const GridColumn& y) {
    return x.name == y.name && x.type == y.type && x.inPrimaryKey == y.inPrimaryKey && x.notNull == y.notNull;
  });
}

std::unordered_map<std::string_view, std::size_t> rowsByKey(const api::Page& page) {
  std::unordered_map<std::string_view, std::size_t> rows;
  rows.reserve(page.keys.size());
  for (std::size_t row = 0; row < page.keys.size(); ++row) rows.emplace(page.keys[row], row);
  return rows;
}

}  // namespace

TableGridModel::TableGridModel(bridge::EngineClient* client, TableRef table, QObject* parent)
    : GridModel(parent),
      m_client(client),
      m_table(std::move(table)),
      m_momentRead(client, this),
      m_scrollRead(client, this) {
  m_flashTimer.setSingleShot(true);
  m_flashTimer.setInterval(kFlashMs);
  connect(&m_flashTimer, &QTimer::timeout, this, [this] {
    m_flashes.clear();
    if (rowCount() > 0) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1), {IsFlashingRole});
  });
  connect(client, &bridge::EngineClient::headMoved, this, [this] {
    if (!m_moment) submitMoment();
  });
  submitMoment();
}

void TableGridModel::setMoment(std::optional<CommitNumber> moment) {
  if (moment == m_moment) return;
  m_moment = moment;
  submitMoment();
}

void TableGridModel::refresh() { submitMoment(); }

std::size_t TableGridModel::pageRows() const {
  return std::clamp(static_cast<std::size_t>(m_visibleCount) * 2, kPageRowsMin, kPageRowsMax);
}

void TableGridModel::submitMoment() {
  const bool wasBusy = m_momentRead.busy();
  const auto top = find(m_base + static_cast<quint64>(m_visibleFirst));
  if (top) m_anchorKey = m_visibleFirst == 0 && m_base == 0 ? std::string() : top->page->keys[top->row];
  TablePlace place;
  place.at = m_moment.value_or(kNoCommit);
  place.rows = pageRows();
  if (!m_anchorKey.empty()) place.fromKey = m_anchorKey;
  m_momentRead.submit(
      [table = m_table, place](const api::Database& database) { return readTable(database, table, place); },
      [this](TableReading reading) {
        show(std::move(reading));
        if (!m_momentRead.busy()) emit staleChanged(false);
      });
  if (!wasBusy) emit staleChanged(true);
}

void TableGridModel::show(TableReading reading) {
  m_scrollRead.forget();
  m_shownAt = reading.asked;
  if (reading.page) {
    showPage(std::move(*reading.page));
  } else if (reading.absent) {
    showNothing(State::Absent, std::nullopt);
  } else {
    showNothing(State::Failed, std::move(reading.error));
  }
}

void TableGridModel::showNothing(State state, std::optional<Error> error) {
  beginResetModel();
  m_pages.clear();
  m_flashes.clear();
  m_total = 0;
  m_base = 0;
  m_state = state;
  m_error = std::move(error);
  endResetModel();
  emit stateChanged();
  emit momentShown(-1);
}

bool TableGridModel::takeColumns(const api::Page& page) {
  std::vector<GridColumn> columns;
  for (const auto& column : page.table.columns)
    columns.push_back({bridge::fromEngine(column.name), column.type, column.inPrimaryKey, column.notNull});
  const bool differ = m_state != State::Rows || !sameColumns(columns, m_columns);
  if (differ) m_columns = std::move(columns);
  return differ;
}

void TableGridModel::showPage(api::Page page) {
  const bool hadRows = m_state == State::Rows;
  const quint64 total = page.rowCount;
  // A page that begins at the anchor tells where the top row is now.
  const bool anchored = !m_anchorKey.empty() && !page.keys.empty();
  std::size_t anchorRow = 0;
  if (anchored)
    anchorRow = static_cast<std::size_t>(std::lower_bound(page.keys.begin(), page.keys.end(), m_anchorKey) -
                                         page.keys.begin());
  const quint64 top = page.offset + anchorRow;

  if (hadRows && m_flashing) markChanges(page);
  m_error.reset();
  // The columns decide whether this is the same grid with other rows or another grid.
  std::vector<GridColumn> before = m_columns;
  const bool rebuilt = takeColumns(page);
  m_info = page.table;
  m_table.name = page.table.name;
  if (rebuilt) {
    std::swap(before, m_columns);
    beginResetModel();
    std::swap(before, m_columns);
    m_state = State::Rows;
    m_pages.clear();
    m_pages.push_front(std::move(page));
    m_total = total;
    m_base = total <= kWindowRows ? 0 : std::min(m_base, total - kWindowRows);
    endResetModel();
    emit stateChanged();
  } else {
    remapSelection(page);
    m_pages.clear();
    m_pages.push_front(std::move(page));
    resize(total);
    if (rowCount() > 0) emit dataChanged(index(0, 0), index(rowCount() - 1, columnCount() - 1));
  }
  if (m_flashTimer.isActive() || !m_flashes.empty()) m_flashTimer.start();
  emit momentShown(anchored && top >= m_base ? static_cast<int>(top - m_base) : -1);
  loadVisible();
}

void TableGridModel::resize(quint64 total) {
  const int before = rowCount();
  const quint64 window = std::min(total - std::min(m_base, total), kWindowRows);
  const int after = static_cast<int>(window);
  if (after > before) {
    beginInsertRows({}, before, after - 1);
    m_total = total;
    endInsertRows();
  } else if (after < before) {
    beginRemoveRows({}, after, before - 1);
    m_total = total;
    endRemoveRows();
  } else {
    m_total = total;
  }
  emit headerDataChanged(Qt::Vertical, 0, std::max(0, after - 1));
}

void TableGridModel::remapSelection(const api::Page& page) {
  const QModelIndexList from = persistentIndexList();
  if (from.isEmpty()) return;
  emit layoutAboutToBeChanged();
  const QModelIndexList held = persistentIndexList();
  const auto rows = rowsByKey(page);
  QModelIndexList to;
  to.reserve(held.size());
  const int most = static_cast<int>(std::min({quint64{page.rowCount}, m_total, kWindowRows}));
  for (const QModelIndex& old : held) {
    const auto place = find(m_base + static_cast<quint64>(old.row()));
    const auto found = place ? rows.find(place->page->keys[place->row]) : rows.end();
    const qint64 row = found == rows.end() ? -1 : static_cast<qint64>(page.offset + found->second) - static_cast<qint64>(m_base);
    to << (row >= 0 && row < most ? index(static_cast<int>(row), old.column()) : QModelIndex());
  }
  changePersistentIndexList(held, to);
  emit layoutChanged();
}

void TableGridModel::markChanges(const api::Page& page) {
  m_flashes.clear();
  if (m_pages.empty()) return;
  const api::Page& old = m_pages.front();
  if (old.keys.empty()) return;
  std::unordered_map<ColumnId, std::size_t> oldColumns;
  for (std::size_t column = 0; column < old.table.columns.size(); ++column)
    oldColumns.emplace(old.table.columns[column].id, column);
  const auto oldRows = rowsByKey(old);
  for (std::size_t row = 0; row < page.keys.size(); ++row) {
    const std::string& key = page.keys[row];
    const auto known = oldRows.find(key);
    if (known == oldRows.end()) {
      // A row that came in between those shown is new; one beyond them merely was not loaded.
      const bool between = key > old.keys.front() && key < old.keys.back();
      if (!between) continue;
      for (const auto& column : page.table.columns) m_flashes[key].insert(column.id);
      continue;
    }
    if (old.changedAt[known->second] == page.changedAt[row]) continue;
    for (std::size_t column = 0; column < page.table.columns.size(); ++column) {
      const ColumnId id = page.table.columns[column].id;
      const auto oldColumn = oldColumns.find(id);
      if (oldColumn == oldColumns.end()) continue;
      if (old.rows.column(oldColumn->second).get(known->second) != page.rows.column(column).get(row))
        m_flashes[key].insert(id);
    }
  }
}

void TableGridModel::setVisibleRows(int first, int count) {
  m_visibleFirst = std::max(0, first);
  m_visibleCount = std::max(1, count);
  loadVisible();
}

void TableGridModel::loadVisible() {
  if (m_state != State::Rows || m_total == 0) return;
  const quint64 first = std::min(m_base + static_cast<quint64>(m_visibleFirst), m_total - 1);
  const quint64 last = std::min(first + static_cast<quint64>(m_visibleCount), m_total - 1);
  if (find(first) && find(last)) return;
  TablePlace place;
  place.at = m_shownAt;
  place.rows = pageRows() * 2;
  const quint64 before = (place.rows - static_cast<quint64>(m_visibleCount)) / 2;
  place.offset = first > before ? first - before : 0;
  m_scrollRead.submit(
      [table = m_table, place](const api::Database& database) { return readTable(database, table, place); },
      [this](TableReading reading) {
        const CommitNumber at = reading.asked;
        addPage(std::move(reading), at);
      });
}

void TableGridModel::addPage(TableReading reading, CommitNumber at) {
  // Live rows may have moved on since; the notice of the commit brings the right ones.
  if (at != m_shownAt || !reading.page || reading.page->rowCount != m_total) return;
  const quint64 first = reading.page->offset;
  const quint64 count = reading.page->rows.rowCount();
  if (count == 0) return;
  m_pages.push_front(std::move(*reading.page));
  if (m_pages.size() > kPagesMax) m_pages.pop_back();
  if (first + count <= m_base) return;
  const int top = static_cast<int>(std::max(first, m_base) - m_base);
  const int bottom = static_cast<int>(std::min<quint64>(first + count - m_base, static_cast<quint64>(rowCount()))) - 1;
  if (bottom >= top) emit dataChanged(index(top, 0), index(bottom, columnCount() - 1));
  loadVisible();
}

void TableGridModel::moveWindow(quint64 firstRow) {
  const quint64 base = m_total <= kWindowRows ? 0 : std::min(firstRow, m_total - kWindowRows);
  if (base == m_base) return;
  emit layoutAboutToBeChanged();
  const QModelIndexList held = persistentIndexList();
  QModelIndexList to;
  to.reserve(held.size());
  for (const QModelIndex& old : held) {
    const qint64 row = old.row() + static_cast<qint64>(m_base) - static_cast<qint64>(base);
    to << (row >= 0 && row < rowCount() ? index(static_cast<int>(row), old.column()) : QModelIndex());
  }
  m_base = base;
  changePersistentIndexList(held, to);
  emit layoutChanged();
  emit headerDataChanged(Qt::Vertical, 0, std::max(0, rowCount() - 1));
}

std::optional<TableGridModel::Place> TableGridModel::find(quint64 tableRow) const {
  for (const api::Page& page : m_pages)
    if (tableRow >= page.offset && tableRow < page.offset + page.rows.rowCount())
      return Place{&page, static_cast<std::size_t>(tableRow - page.offset)};
  for (const api::Page& page : m_bulk)
    if (tableRow >= page.offset && tableRow < page.offset + page.rows.rowCount())
      return Place{&page, static_cast<std::size_t>(tableRow - page.offset)};
  return std::nullopt;
}

void TableGridModel::withRows(int first, int last, std::function<void(const QString& problem)> done) {
  bool loaded = true;
  for (int row = first; loaded && row <= last; ++row) loaded = find(m_base + static_cast<quint64>(row)).has_value();
  if (loaded) {
    done({});
    return;
  }
  if (last - first >= kBulkRowsMax) {
    done(tr("That is more than %L1 rows at once; select fewer.").arg(kBulkRowsMax));
    return;
  }
  using Pages = Result<std::vector<api::Page>>;
  TablePlace place;
  place.at = m_shownAt;
  place.offset = m_base + static_cast<quint64>(first);
  m_client->read(
      this,
      [table = m_table, place, end = m_base + static_cast<quint64>(last) + 1](const api::Database& database) -> Pages {
        std::vector<api::Page> pages;
        for (TablePlace next = place; next.offset < end;) {
          next.rows = std::min<std::size_t>(kBulkPageRows, end - next.offset);
          TableReading reading = readTable(database, table, next);
          if (reading.error) return std::move(*reading.error);
          if (!reading.page || reading.page->rows.rowCount() == 0) break;
          next.offset += reading.page->rows.rowCount();
          pages.push_back(std::move(*reading.page));
        }
        return pages;
      },
      [this, at = m_shownAt, done = std::move(done)](Pages pages) {
        if (!pages.ok()) {
          done(bridge::sentenceOf(pages.error()));
          return;
        }
        if (at != m_shownAt) {
          done(tr("The moment changed before the rows were read; try again."));
          return;
        }
        m_bulk = std::move(pages).value();
        done({});
        m_bulk.clear();
      });
}

std::optional<CommitNumber> TableGridModel::changedAt(int row) const {
  const auto place = find(m_base + static_cast<quint64>(row));
  if (!place || place->row >= place->page->changedAt.size()) return std::nullopt;
  return place->page->changedAt[place->row];
}

std::optional<api::Value> TableGridModel::value(int row, int column) const {
  const auto place = find(m_base + static_cast<quint64>(row));
  if (!place || column < 0 || column >= columnCount()) return std::nullopt;
  return place->page->rows.column(static_cast<std::size_t>(column)).get(place->row);
}

int TableGridModel::rowCount(const QModelIndex& parent) const {
  if (parent.isValid() || m_state != State::Rows || m_base > m_total) return 0;
  return static_cast<int>(std::min(m_total - m_base, kWindowRows));
}

QVariant TableGridModel::data(const QModelIndex& index, int role) const {
  if (!index.isValid() || index.column() >= columnCount()) return {};
  const auto column = static_cast<std::size_t>(index.column());
  if (role == Qt::TextAlignmentRole)
    return QVariant((isRightAligned(m_columns[column].type) ? Qt::AlignRight : Qt::AlignLeft) | Qt::AlignVCenter);
  if (role == IsTabularRole) return isTabular(m_columns[column].type);
  const auto place = find(m_base + static_cast<quint64>(index.row()));
  const bool usable = place && column < place->page->rows.columnCount();
  switch (role) {
    case Qt::DisplayRole:
      return usable ? cellText(place->page->rows.column(column), place->row) : QStringLiteral("\u2026");
    case Qt::ToolTipRole:
      return usable ? tr("%1\nLast changed by commit #%2")
                          .arg(cellText(place->page->rows.column(column), place->row))
                          .arg(changedAt(index.row()).value_or(0))
                    : tr("Loading");
    case Qt::AccessibleTextRole: {
      if (!usable) return tr("loading");
      const QString text = cellText(place->page->rows.column(column), place->row);
      return data(index, IsFlashingRole).toBool() ? tr("%1, changed").arg(text) : text;
    }
    case IsNullRole:
      return usable && place->page->rows.column(column).isNull(place->row);
    case IsLoadedRole:
      return usable;
    case IsFlashingRole: {
      if (!usable || m_flashes.empty()) return false;
      const auto flash = m_flashes.find(place->page->keys[place->row]);
      return flash != m_flashes.end() && flash->second.contains(place->page->table.columns[column].id);
    }
    default:
      return {};
  }
}

}  // namespace drift::gui::models
