// GoToMoment: a small dialog that takes a moment in words and shows what it means while one types. GUI thread.
#pragma once

#include <optional>

#include <QDialog>

#include "models/moment_text.h"

class QLabel;
class QLineEdit;
class QPushButton;

namespace drift::gui::mainwindow {

class GoToMoment final : public QDialog {
  Q_OBJECT

 public:
  explicit GoToMoment(QWidget* parent = nullptr);

  std::optional<models::MomentRequest> request() const { return m_request; }

 private:
  void read();

  QLineEdit* m_text;
  QLabel* m_meaning;
  QPushButton* m_go;
  std::optional<models::MomentRequest> m_request;
};

}  // namespace drift::gui::mainwindow
