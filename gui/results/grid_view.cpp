#include "results/grid_view.h"

#include <algorithm>
#include <set>

#include <QClipboard>
#include <QContextMenuEvent>
#include <QGuiApplication>
#include <QHeaderView>
#include <QKeyEvent>
#include <QMenu>
#include <QScrollBar>

#include "results/cell_delegate.h"
#include "results/selection_sum.h"

namespace drift::gui::results {

namespace {

constexpr int kColumnCharactersMax = 42;
constexpr int kFittedRows = 80;

}  // namespace

GridView::GridView(QWidget* parent) : QTableView(parent), m_delegate(new CellDelegate(this)) {
  setItemDelegate(m_delegate);
  setWordWrap(false);
  setCornerButtonEnabled(true);
  setShowGrid(true);
  setFrameShape(QFrame::NoFrame);
  setSelectionBehavior(QAbstractItemView::SelectItems);
  setSelectionMode(QAbstractItemView::ExtendedSelection);
  setVerticalScrollMode(QAbstractItemView::ScrollPerItem);
  setHorizontalScrollMode(QAbstractItemView::ScrollPerPixel);
  setTabKeyNavigation(false);
  setAccessibleName(tr("Rows"));
  // Fixed row heights: nothing is measured per row, whatever their number.
  verticalHeader()->setSectionResizeMode(QHeaderView::Fixed);
  const int rowHeight = QFontMetrics(m_delegate->numberFont()).height() + 9;
  verticalHeader()->setMinimumSectionSize(rowHeight);
  verticalHeader()->setDefaultSectionSize(rowHeight);
  horizontalHeader()->setHighlightSections(false);
  horizontalHeader()->setDefaultAlignment(Qt::AlignLeft | Qt::AlignVCenter);
  horizontalHeader()->setMinimumSectionSize(fontMetrics().averageCharWidth() * 5);
  connect(verticalScrollBar(), &QScrollBar::valueChanged, this, &GridView::noteVisibleRows);
}

void GridView::setGridModel(models::GridModel* model) {
  m_model = model;
  QItemSelectionModel* old = selectionModel();
  setModel(model);
  delete old;
  connect(model, &QAbstractItemModel::modelReset, this, [this] {
    m_visible = {-1, -1};
    noteVisibleRows();
  });
  connect(model, &QAbstractItemModel::rowsInserted, this, &GridView::noteVisibleRows);
  connect(model, &QAbstractItemModel::rowsRemoved, this, &GridView::noteVisibleRows);
}

void GridView::setStale(bool stale) {
  if (m_delegate->isStale() == stale) return;
  m_delegate->setStale(stale);
  viewport()->update();
}

bool GridView::isStale() const { return m_delegate->isStale(); }

std::pair<int, int> GridView::visibleRows() const {
  const int height = std::max(1, verticalHeader()->defaultSectionSize());
  return {std::max(0, rowAt(0)), viewport()->height() / height + 1};
}

void GridView::noteVisibleRows() {
  const auto visible = visibleRows();
  if (visible == m_visible) return;
  m_visible = visible;
  emit visibleRowsChanged(visible.first, visible.second);
}

void GridView::fitColumns() {
  if (!m_model) return;
  const int widest = fontMetrics().averageCharWidth() * kColumnCharactersMax;
  const int rows = std::min(m_model->rowCount(), kFittedRows);
  QStyleOptionViewItem option;
  initViewItemOption(&option);
  const int first = visibleRows().first;
  for (int column = 0; column < m_model->columnCount(); ++column) {
    int width = horizontalHeader()->sectionSizeHint(column) + 10;
    for (int row = first; row < first + rows && row < m_model->rowCount(); ++row)
      width = std::max(width, m_delegate->sizeHint(option, m_model->index(row, column)).width());
    setColumnWidth(column, std::min(width, widest));
  }
}

void GridView::copy(ClipboardFormat format) {
  if (!m_model || m_model->rowCount() == 0) return;
  std::set<int> rowSet;
  std::set<int> columnSet;
  for (const auto& range : selectionModel()->selection()) {
    for (int row = range.top(); row <= range.bottom(); ++row) rowSet.insert(row);
    for (int column = range.left(); column <= range.right(); ++column) columnSet.insert(column);
  }
  std::vector<int> rows(rowSet.begin(), rowSet.end());
  std::vector<int> columns(columnSet.begin(), columnSet.end());
  if (rows.empty()) {
    for (int row = 0; row < m_model->rowCount(); ++row) rows.push_back(row);
    for (int column = 0; column < m_model->columnCount(); ++column) columns.push_back(column);
  }
  m_model->withRows(rows.front(), rows.back(), [this, rows, columns, format](const QString& problem) {
    if (!problem.isEmpty()) {
      emit copyFailed(problem);
      return;
    }
    // One cell is copied bare, as people expect when they paste it into a sentence.
    const bool bare = rows.size() == 1 && columns.size() == 1 && format == ClipboardFormat::Tsv;
    QString text = formatCells(*m_model, rows, columns, format);
    if (bare) text = text.section(QLatin1Char('\n'), 1).chopped(1);
    QGuiApplication::clipboard()->setText(text);
    emit copied(rows.size() == 1 ? tr("1 row copied") : tr("%L1 rows copied").arg(rows.size()));
  });
}

void GridView::resizeEvent(QResizeEvent* event) {
  QTableView::resizeEvent(event);
  noteVisibleRows();
}

void GridView::keyPressEvent(QKeyEvent* event) {
  if (event->matches(QKeySequence::Copy)) {
    copy(ClipboardFormat::Tsv);
    event->accept();
    return;
  }
  QTableView::keyPressEvent(event);
}

void GridView::contextMenuEvent(QContextMenuEvent* event) {
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  const std::pair<QString, ClipboardFormat> formats[] = {
      {tr("&Copy"), ClipboardFormat::Tsv},           {tr("Copy as CS&V"), ClipboardFormat::Csv},
      {tr("Copy as &Markdown"), ClipboardFormat::Markdown}, {tr("Copy as &JSON"), ClipboardFormat::Json},
      {tr("Copy as &INSERT"), ClipboardFormat::Insert}};
  for (const auto& [text, format] : formats) {
    QAction* action = menu->addAction(text, this, [this, wanted = format] { copy(wanted); });
    action->setEnabled(m_model && m_model->rowCount() > 0);
    if (format == ClipboardFormat::Tsv) action->setShortcut(QKeySequence::Copy);
  }
  menu->addSeparator();
  menu->addAction(tr("&Fit Columns"), this, &GridView::fitColumns);
  menu->popup(event->globalPos());
}

void GridView::selectionChanged(const QItemSelection& selected, const QItemSelection& deselected) {
  QTableView::selectionChanged(selected, deselected);
  if (m_model && selectionModel()) emit selectionDescribed(describeSelection(*m_model, selectionModel()->selection()));
}

}  // namespace drift::gui::results
