#include "results/grid_pane.h"

#include <algorithm>

#include <QEvent>
#include <QHBoxLayout>
#include <QHeaderView>
#include <QLabel>
#include <QLocale>
#include <QScrollBar>
#include <QStackedLayout>

#include "bridge/text.h"
#include "models/table_grid_model.h"
#include "results/grid_view.h"
#include "widgets/empty_state.h"
#include "widgets/message_bar.h"

namespace drift::gui::results {

GridPane::GridPane(QWidget* parent)
    : QWidget(parent),
      m_messages(new widgets::MessageBar(this)),
      m_grid(new GridView(this)),
      m_outerScroll(new QScrollBar(Qt::Vertical, this)),
      m_words(new widgets::EmptyState(this)),
      m_stack(new QStackedLayout),
      m_rows(new QLabel(this)),
      m_selection(new QLabel(this)) {
  setAutoFillBackground(true);
  auto* gridHolder = new QWidget(this);
  auto* gridLine = new QHBoxLayout(gridHolder);
  gridLine->setContentsMargins(0, 0, 0, 0);
  gridLine->setSpacing(0);
  gridLine->addWidget(m_grid, 1);
  gridLine->addWidget(m_outerScroll);
  m_outerScroll->hide();
  m_outerScroll->setAccessibleName(tr("Position in the table"));
  m_stack->addWidget(gridHolder);
  m_stack->addWidget(m_words);

  m_rows->setProperty("tone", "dim");
  m_selection->setProperty("tone", "dim");
  m_rows->setAccessibleName(tr("Row counter"));
  m_selection->setAccessibleName(tr("Figures of the selection"));
  auto* status = new QHBoxLayout;
  status->setContentsMargins(10, 3, 10, 4);
  status->addWidget(m_rows);
  status->addStretch(1);
  status->addWidget(m_selection);
  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  layout->addWidget(m_messages);
  layout->addLayout(m_stack, 1);
  layout->addLayout(status);
  setFocusProxy(m_grid);

  m_dimTimer.setSingleShot(true);
  m_dimTimer.setInterval(kDimMs);
  m_busyTimer.setSingleShot(true);
  m_busyTimer.setInterval(kBusyMs);
  connect(&m_dimTimer, &QTimer::timeout, this, [this] { m_grid->setStale(true); });
  connect(&m_busyTimer, &QTimer::timeout, this, [this] {
    m_busy = true;
    updateStatus();
  });
  connect(m_grid, &GridView::visibleRowsChanged, this, [this](int first, int count) {
    if (m_table) m_table->setVisibleRows(first, count);
    syncOuterScroll();
    updateStatus();
  });
  connect(m_grid, &GridView::selectionDescribed, m_selection, &QLabel::setText);
  connect(m_grid, &GridView::copied, this, &GridPane::setNote);
  connect(m_grid, &GridView::copyFailed, this, [this](const QString& sentence) {
    m_messages->showMessage(widgets::MessageBar::Tone::Notice, sentence, {});
  });
  connect(m_outerScroll, &QScrollBar::valueChanged, this, &GridPane::scrollTo);
}

void GridPane::setModel(models::GridModel* model) {
  m_model = model;
  m_grid->setGridModel(model);
  connect(model, &QAbstractItemModel::modelReset, this, [this] {
    m_columnsFitted = false;
    updateStatus();
  });
  connect(model, &QAbstractItemModel::rowsRemoved, this, &GridPane::updateStatus);
  connect(model, &QAbstractItemModel::rowsInserted, this, [this] {
    if (!m_columnsFitted) {
      m_columnsFitted = true;
      m_grid->fitColumns();
    }
    updateStatus();
  });
  updateStatus();
}

void GridPane::setTableModel(models::TableGridModel* model) {
  m_table = model;
  setModel(model);
  connect(model, &models::TableGridModel::stateChanged, this, &GridPane::showTableState);
  connect(model, &models::TableGridModel::staleChanged, this, [this](bool stale) {
    if (stale) {
      if (!m_dimTimer.isActive()) m_dimTimer.start();
      if (!m_busyTimer.isActive()) m_busyTimer.start();
      return;
    }
    m_dimTimer.stop();
    m_grid->setStale(false);
    setBusy(false);
  });
  connect(model, &models::TableGridModel::momentShown, this, [this](int topRow) {
    if (topRow >= 0) m_grid->verticalScrollBar()->setValue(topRow);
    // An answer came, if not the last one: what is shown is as fresh as can be.
    m_dimTimer.start();
    m_grid->setStale(false);
    if (!m_table->isStale()) m_dimTimer.stop();
    if (!m_columnsFitted && m_table->rowCount() > 0) {
      m_columnsFitted = true;
      m_grid->fitColumns();
    }
    syncOuterScroll();
    showTableState();  // the last row may have gone, or the first one come
  });
  showTableState();
}

void GridPane::showTableState() {
  const QString name = m_table->tableName();
  switch (m_table->state()) {
    case models::TableGridModel::State::Loading:
      showWords(QStringLiteral("table"), tr("Loading %1").arg(name), {});
      return;
    case models::TableGridModel::State::Rows:
      m_messages->clear();
      if (m_table->totalRows() == 0) {
        showWords(QStringLiteral("table"),
                  m_table->moment() ? tr("%1 has no rows at this moment").arg(name) : tr("%1 has no rows").arg(name), {});
      } else {
        showGrid();
      }
      return;
    case models::TableGridModel::State::Absent:
      showWords(QStringLiteral("ghost"), tr("%1 does not exist at this moment").arg(name),
                tr("Move the playhead to a moment between its creation and its removal."));
      return;
    case models::TableGridModel::State::Failed:
      showWords(QStringLiteral("error"), tr("%1 cannot be shown").arg(name),
                bridge::sentenceOf(*m_table->error()));
      return;
  }
}

void GridPane::showWords(const QString& iconName, const QString& title, const QString& sentence) {
  m_words->setText(iconName, title, sentence);
  m_stack->setCurrentIndex(1);
  updateStatus();
}

void GridPane::showGrid() {
  m_stack->setCurrentIndex(0);
  updateStatus();
}

bool GridPane::showsGrid() const { return m_stack->currentIndex() == 0; }

void GridPane::setNote(const QString& note) {
  m_note = note;
  updateStatus();
}

void GridPane::setBusy(bool busy) {
  m_busyTimer.stop();
  m_busy = busy;
  updateStatus();
}

QString GridPane::statusText() const { return m_rows->text(); }

void GridPane::updateStatus() {
  QStringList parts;
  if (m_model && showsGrid()) {
    const QLocale locale;
    const quint64 total = m_model->totalRows();
    const QString all = locale.toString(static_cast<qulonglong>(total)) +
                        (m_model->totalIsExact() ? QString() : QStringLiteral("+"));
    if (total == 0) {
      parts << tr("No rows");
    } else {
      const auto [first, count] = m_grid->visibleRows();
      const quint64 from = m_model->firstRow() + static_cast<quint64>(first);
      const quint64 to = std::min(total, from + static_cast<quint64>(std::max(1, count - 1)));
      parts << tr("%1\u2013%2 of %3 rows", "first, last, all")
                   .arg(locale.toString(static_cast<qulonglong>(from + 1)), locale.toString(static_cast<qulonglong>(to)), all);
    }
  }
  if (!m_note.isEmpty()) parts << m_note;
  if (m_busy) parts << tr("Loading\u2026");
  m_rows->setText(parts.join(QStringLiteral("  \u00b7  ")));
}

void GridPane::syncOuterScroll() {
  const bool windowed = m_table && m_table->totalRows() > static_cast<quint64>(m_table->rowCount());
  m_outerScroll->setVisible(windowed);
  m_grid->setVerticalScrollBarPolicy(windowed ? Qt::ScrollBarAlwaysOff : Qt::ScrollBarAsNeeded);
  if (!windowed) return;
  const auto [first, count] = m_grid->visibleRows();
  const quint64 last = m_table->totalRows() - std::min<quint64>(m_table->totalRows(), static_cast<quint64>(count - 1));
  const QSignalBlocker blocker(m_outerScroll);
  m_outerScroll->setRange(0, static_cast<int>(std::min<quint64>(last, INT_MAX)));
  m_outerScroll->setPageStep(count - 1);
  m_outerScroll->setValue(static_cast<int>(std::min<quint64>(m_table->firstRow() + static_cast<quint64>(first), INT_MAX)));
  // Near an edge of the window, the window moves on so that wheel and keys never run into it.
  constexpr quint64 kEdgeRows = 1024;
  const quint64 top = m_table->firstRow() + static_cast<quint64>(first);
  const auto rows = static_cast<quint64>(m_table->rowCount());
  const bool nearStart = m_table->firstRow() > 0 && static_cast<quint64>(first) < kEdgeRows;
  const bool nearEnd = m_table->firstRow() + rows < m_table->totalRows() &&
                       static_cast<quint64>(first + count) + kEdgeRows > rows;
  if (nearStart || nearEnd) scrollTo(static_cast<int>(top));
}

void GridPane::scrollTo(int tableRow) {
  const auto row = static_cast<quint64>(tableRow);
  const auto rows = static_cast<quint64>(m_table->rowCount());
  constexpr quint64 kEdgeRows = 1024;
  const bool inside = row >= m_table->firstRow() + kEdgeRows && row + kEdgeRows < m_table->firstRow() + rows;
  if (!inside) m_table->moveWindow(row > rows / 2 ? row - rows / 2 : 0);
  m_grid->verticalScrollBar()->setValue(static_cast<int>(row - m_table->firstRow()));
}

void GridPane::changeEvent(QEvent* event) {
  QWidget::changeEvent(event);
  if (event->type() == QEvent::PaletteChange) m_grid->viewport()->update();
}

}  // namespace drift::gui::results
