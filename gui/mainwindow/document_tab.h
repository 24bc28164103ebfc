// DocumentTab: what every tab of the centre has in common: a title, and the frame and banner of the past.
// GUI thread.
#pragma once

#include <optional>

#include <QWidget>

#include "models/playhead.h"

class QVBoxLayout;

namespace drift::gui::results {
class GridPane;
}

namespace drift::gui::widgets {
class PastBanner;
}

namespace drift::gui::mainwindow {

class DocumentTab : public QWidget {
  Q_OBJECT

 public:
  explicit DocumentTab(QWidget* parent = nullptr);

  virtual QString title() const = 0;
  virtual QString iconName() const = 0;
  virtual results::GridPane* gridPane() const = 0;
  /// What gets the focus when the tab is entered.
  virtual QWidget* mainPane() const = 0;
  bool showsPast() const { return m_past; }

 signals:
  void titleChanged();
  void returnToLiveRequested();

 protected:
  /// The area inside the frame.
  QVBoxLayout* body() const { return m_body; }
  widgets::PastBanner* banner() const { return m_banner; }
  /// Shows or hides the frame and the banner. `commit`: its description, if known.
  void showPast(const QString& what, std::optional<CommitNumber> moment, const std::optional<api::Commit>& commit);

  void paintEvent(QPaintEvent* event) override;

 private:
  bool m_past = false;
  widgets::PastBanner* m_banner;
  QVBoxLayout* m_body;
};

}  // namespace drift::gui::mainwindow
