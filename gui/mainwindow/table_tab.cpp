#include "mainwindow/table_tab.h"

#include <QStyle>
#include <QVBoxLayout>

#include "models/table_grid_model.h"
#include "results/grid_pane.h"
#include "results/grid_view.h"
#include "widgets/past_banner.h"

namespace drift::gui::mainwindow {

TableTab::TableTab(bridge::EngineClient* client, models::Playhead* playhead, models::TableRef table, QWidget* parent)
    : DocumentTab(parent),
      m_playhead(playhead),
      m_model(new models::TableGridModel(client, std::move(table), this)),
      m_grid(new results::GridPane(this)) {
  // Cells flash only where the system has animations on.
  m_model->setFlashing(style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this) > 0);
  m_grid->setTableModel(m_model);
  body()->addWidget(banner());
  body()->addWidget(m_grid, 1);
  setFocusProxy(m_grid);
  connect(playhead, &models::Playhead::momentChanged, this, &TableTab::follow);
  connect(playhead, &models::Playhead::commitChanged, this, &TableTab::follow);
  follow();
}

void TableTab::follow() {
  m_model->setMoment(m_playhead->moment());
  showPast(m_model->tableName(), m_playhead->moment(), m_playhead->commit());
}

const models::TableRef& TableTab::table() const { return m_model->table(); }

QString TableTab::title() const { return m_model->tableName(); }

QString TableTab::iconName() const { return showsPast() ? QStringLiteral("clock") : QStringLiteral("table"); }

QWidget* TableTab::mainPane() const { return m_grid->grid(); }

}  // namespace drift::gui::mainwindow
