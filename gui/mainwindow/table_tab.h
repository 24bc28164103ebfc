// TableTab: the rows of one table, following the playhead. GUI thread.
#pragma once

#include "mainwindow/document_tab.h"
#include "models/table_reading.h"

namespace drift::gui::models {
class TableGridModel;
}

namespace drift::gui::mainwindow {

class TableTab final : public DocumentTab {
  Q_OBJECT

 public:
  TableTab(bridge::EngineClient* client, models::Playhead* playhead, models::TableRef table, QWidget* parent = nullptr);

  const models::TableRef& table() const;
  models::TableGridModel* model() const { return m_model; }

  QString title() const override;
  QString iconName() const override;
  results::GridPane* gridPane() const override { return m_grid; }
  QWidget* mainPane() const override;

 private:
  void follow();

  models::Playhead* m_playhead;
  models::TableGridModel* m_model;
  results::GridPane* m_grid;
};

}  // namespace drift::gui::mainwindow
