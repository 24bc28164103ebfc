#include "explorer/explorer.h"

#include <QLineEdit>
#include <QMenu>
#include <QSortFilterProxyModel>
#include <QTreeView>
#include <QVBoxLayout>

#include "bridge/text.h"
#include "explorer/object_delegate.h"
#include "models/schema_model.h"
#include "widgets/empty_state.h"

namespace drift::gui::explorer {

using models::SchemaModel;

Explorer::Explorer(QWidget* parent)
    : QWidget(parent),
      m_filter(new QLineEdit(this)),
      m_tree(new QTreeView(this)),
      m_words(new widgets::EmptyState(this)),
      m_proxy(new QSortFilterProxyModel(this)) {
  m_filter->setPlaceholderText(tr("Filter objects"));
  m_filter->setAccessibleName(tr("Filter objects"));
  m_filter->setClearButtonEnabled(true);
  m_proxy->setRecursiveFilteringEnabled(true);
  m_proxy->setFilterCaseSensitivity(Qt::CaseInsensitive);
  m_proxy->setSortRole(-1);
  m_tree->setModel(m_proxy);
  m_tree->setItemDelegate(new ObjectDelegate(m_tree));
  m_tree->setHeaderHidden(true);
  m_tree->setUniformRowHeights(true);
  m_tree->setIndentation(fontMetrics().height() * 9 / 10);
  m_tree->setAccessibleName(tr("Objects"));
  m_tree->setContextMenuPolicy(Qt::CustomContextMenu);
  m_tree->setExpandsOnDoubleClick(false);
  m_words->setText(QStringLiteral("database"), tr("No database open"), tr("Open a file to see its tables here."));

  auto* layout = new QVBoxLayout(this);
  layout->setContentsMargins(0, 0, 0, 0);
  layout->setSpacing(0);
  auto* filterLine = new QVBoxLayout;
  filterLine->setContentsMargins(8, 7, 8, 7);
  filterLine->addWidget(m_filter);
  layout->addLayout(filterLine);
  layout->addWidget(m_tree, 1);
  layout->addWidget(m_words, 1);
  setSchema(nullptr);

  connect(m_filter, &QLineEdit::textChanged, this, [this](const QString& text) {
    m_proxy->setFilterFixedString(text);
    if (text.isEmpty()) {
      restoreExpanded();
    } else {
      m_restoring = true;
      m_tree->expandToDepth(1);
      m_restoring = false;
    }
  });
  connect(m_filter, &QLineEdit::returnPressed, this, [this] { m_tree->setFocus(Qt::TabFocusReason); });
  connect(m_tree, &QTreeView::activated, this, &Explorer::activate);
  connect(m_tree, &QTreeView::expanded, this, &Explorer::rememberExpanded);
  connect(m_tree, &QTreeView::collapsed, this, &Explorer::rememberExpanded);
  connect(m_tree, &QWidget::customContextMenuRequested, this, &Explorer::showMenu);
}

void Explorer::setSchema(SchemaModel* model) {
  m_model = model;
  m_proxy->setSourceModel(model);
  m_tree->setVisible(model != nullptr);
  m_filter->setEnabled(model != nullptr);
  m_words->setVisible(model == nullptr);
  m_expanded = {QStringLiteral("database"), QStringLiteral("tables")};
  m_current.clear();
  if (!model) return;
  connect(model, &QAbstractItemModel::modelAboutToBeReset, this, [this] {
    const QModelIndex current = m_tree->currentIndex();
    if (current.isValid()) m_current = current.data(SchemaModel::IdRole).toString();
    m_restoring = true;  // the views' own collapsing says nothing about what the user wants
  });
  connect(model, &QAbstractItemModel::modelReset, this, [this] {
    m_restoring = false;
    restoreExpanded();
  });
  restoreExpanded();
}

void Explorer::rememberExpanded() {
  if (m_restoring || !m_filter->text().isEmpty()) return;
  m_expanded.clear();
  const auto visit = [this](const auto& self, const QModelIndex& parent) -> void {
    for (int row = 0; row < m_proxy->rowCount(parent); ++row) {
      const QModelIndex index = m_proxy->index(row, 0, parent);
      if (m_tree->isExpanded(index)) m_expanded.insert(index.data(SchemaModel::IdRole).toString());
      self(self, index);
    }
  };
  visit(visit, {});
}

void Explorer::restoreExpanded() {
  m_restoring = true;
  const auto visit = [this](const auto& self, const QModelIndex& parent) -> void {
    for (int row = 0; row < m_proxy->rowCount(parent); ++row) {
      const QModelIndex index = m_proxy->index(row, 0, parent);
      const QString id = index.data(SchemaModel::IdRole).toString();
      m_tree->setExpanded(index, m_expanded.contains(id));
      if (!m_current.isEmpty() && id == m_current) m_tree->setCurrentIndex(index);
      self(self, index);
    }
  };
  visit(visit, {});
  m_restoring = false;
}

void Explorer::selectTable(TreeId table) {
  if (!m_model) return;
  const QModelIndex index = m_proxy->mapFromSource(m_model->indexOfTable(table));
  if (index.isValid()) m_tree->setCurrentIndex(index);
}

void Explorer::focusFilter() {
  m_filter->setFocus(Qt::ShortcutFocusReason);
  m_filter->selectAll();
}

void Explorer::activate(const QModelIndex& index) {
  const auto kind = static_cast<SchemaModel::Kind>(index.data(SchemaModel::KindRole).toInt());
  if (kind == SchemaModel::Kind::Table) {
    if (const auto table = m_model->tableAt(m_proxy->mapToSource(index))) emit tableActivated(*table);
  } else if (kind == SchemaModel::Kind::Column) {
    emit nameInsertRequested(index.data(Qt::DisplayRole).toString());
  } else {
    m_tree->setExpanded(index, !m_tree->isExpanded(index));
  }
}

void Explorer::showMenu(const QPoint& position) {
  const QModelIndex index = m_tree->indexAt(position);
  if (!m_model || !index.isValid()) return;
  const auto table = m_model->tableAt(m_proxy->mapToSource(index));
  const QString name = index.data(Qt::DisplayRole).toString();
  if (!table) return;
  auto* menu = new QMenu(this);
  menu->setAttribute(Qt::WA_DeleteOnClose);
  menu->addAction(tr("&Open Table"), this, [this, table] { emit tableActivated(*table); });
  menu->addAction(tr("&Select Rows in a New Query"), this, [this, table] { emit selectRequested(*table); });
  menu->addSeparator();
  menu->addAction(tr("&Insert Name into the Editor"), this, [this, name] { emit nameInsertRequested(name); });
  menu->popup(m_tree->viewport()->mapToGlobal(position));
}

}  // namespace drift::gui::explorer
