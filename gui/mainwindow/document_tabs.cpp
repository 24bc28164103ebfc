#include "mainwindow/document_tabs.h"

#include <QTabBar>
#include <QToolButton>

#include "editor/sql_editor.h"
#include "mainwindow/commands.h"
#include "mainwindow/query_tab.h"
#include "mainwindow/table_tab.h"
#include "widgets/icons.h"

namespace drift::gui::mainwindow {

DocumentTabs::DocumentTabs(const Commands& commands, QWidget* parent) : QTabWidget(parent), m_commands(commands) {
  setDocumentMode(true);
  setMovable(true);
  setElideMode(Qt::ElideRight);
  setUsesScrollButtons(true);
  tabBar()->setAccessibleName(tr("Open tables and queries"));
  connect(this, &QTabWidget::currentChanged, this, &DocumentTabs::contentChanged);
  connect(tabBar(), &QTabBar::tabMoved, this, &DocumentTabs::contentChanged);
}

void DocumentTabs::setDatabase(bridge::EngineClient* client, models::Playhead* playhead) {
  const QSignalBlocker blocker(this);
  while (count() > 0) {
    QWidget* tab = widget(0);
    removeTab(0);
    delete tab;
  }
  m_client = client;
  m_playhead = playhead;
  m_queryNumber = 0;
}

void DocumentTabs::addTab(DocumentTab* tab) {
  connect(tab, &DocumentTab::titleChanged, this, [this, tab] { updateTitle(tab); });
  connect(tab, &DocumentTab::returnToLiveRequested, this, &DocumentTabs::returnToLiveRequested);
  QTabWidget::addTab(tab, {});
  auto* close = new QToolButton(this);
  close->setIcon(widgets::icon(QStringLiteral("close"), widgets::IconTone::Dim));
  close->setIconSize({fontMetrics().height() * 3 / 4, fontMetrics().height() * 3 / 4});
  close->setObjectName(QStringLiteral("tabClose"));
  close->setFocusPolicy(Qt::NoFocus);
  close->setAccessibleName(tr("Close tab"));
  close->setToolTip(m_commands[Command::CloseTab]->toolTip());
  connect(close, &QToolButton::clicked, this, [this, tab] { closeTab(indexOf(tab)); });
  tabBar()->setTabButton(indexOf(tab), QTabBar::RightSide, close);
  updateTitle(tab);
  setCurrentWidget(tab);
  tab->mainPane()->setFocus(Qt::OtherFocusReason);
  emit contentChanged();
}

void DocumentTabs::updateTitle(DocumentTab* tab) {
  const int index = indexOf(tab);
  if (index < 0) return;
  setTabText(index, QString(tab->title()).replace(QLatin1Char('&'), QLatin1String("&&")));
  setTabIcon(index, widgets::icon(tab->iconName(), tab->showsPast() ? widgets::IconTone::Past : widgets::IconTone::Dim));
  setTabToolTip(index, tab->showsPast() ? tr("%1, as it was at the playhead").arg(tab->title()) : tab->title());
}

TableTab* DocumentTabs::openTable(const models::TableRef& table) {
  for (int index = 0; index < count(); ++index) {
    auto* tab = qobject_cast<TableTab*>(widget(index));
    if (!tab || !(tab->table() == table)) continue;
    setCurrentIndex(index);
    tab->mainPane()->setFocus(Qt::OtherFocusReason);
    return tab;
  }
  auto* tab = new TableTab(m_client, m_playhead, table, this);
  addTab(tab);
  return tab;
}

QueryTab* DocumentTabs::newQuery(const QString& text, const QString& title) {
  ++m_queryNumber;
  auto* tab = new QueryTab(m_client, m_playhead, m_commands, title.isEmpty() ? tr("Query %1").arg(m_queryNumber) : title,
                           this);
  tab->editor()->setText(text);
  connect(tab, &QueryTab::textChanged, this, &DocumentTabs::contentChanged);
  connect(tab, &QueryTab::runningChanged, this, &DocumentTabs::runningChanged);
  addTab(tab);
  return tab;
}

DocumentTab* DocumentTabs::current() const { return qobject_cast<DocumentTab*>(currentWidget()); }

QueryTab* DocumentTabs::currentQuery() const { return qobject_cast<QueryTab*>(currentWidget()); }

TableTab* DocumentTabs::currentTable() const { return qobject_cast<TableTab*>(currentWidget()); }

QList<QueryTab*> DocumentTabs::queries() const {
  QList<QueryTab*> list;
  for (int index = 0; index < count(); ++index)
    if (auto* tab = qobject_cast<QueryTab*>(widget(index))) list << tab;
  return list;
}

void DocumentTabs::closeTab(int index) {
  QWidget* tab = widget(index);
  if (!tab) return;
  removeTab(index);
  tab->deleteLater();
  emit contentChanged();
}

JournalState DocumentTabs::state() const {
  JournalState state;
  state.current = currentIndex();
  for (int index = 0; index < count(); ++index) {
    JournalTab entry;
    if (const auto* query = qobject_cast<QueryTab*>(widget(index))) {
      entry.title = query->title();
      entry.text = query->editor()->text();
      query->editor()->getCursorPosition(&entry.line, &entry.column);
    } else if (const auto* table = qobject_cast<TableTab*>(widget(index))) {
      entry.kind = JournalTab::Kind::Table;
      entry.text = table->title();
      entry.tableId = table->table().id;
    }
    state.tabs.push_back(std::move(entry));
  }
  return state;
}

void DocumentTabs::restore(const JournalState& state) {
  for (const JournalTab& entry : state.tabs) {
    if (entry.kind == JournalTab::Kind::Table) {
      openTable({entry.tableId, entry.text.toStdString()});
    } else {
      newQuery(entry.text, entry.title)->editor()->setCursorPosition(entry.line, entry.column);
    }
  }
  if (state.current >= 0 && state.current < count()) setCurrentIndex(state.current);
}

}  // namespace drift::gui::mainwindow
