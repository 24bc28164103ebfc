// MessageBar: one sentence in place, with details on demand. GUI thread.
//
// Failures are shown where they happened, never in a dialog.
#pragma once

#include <QFrame>

class QLabel;
class QToolButton;

namespace drift::gui::widgets {

class MessageBar final : public QFrame {
  Q_OBJECT

 public:
  enum class Tone { Error, Notice };

  explicit MessageBar(QWidget* parent = nullptr);

  /// Shows a sentence; `details` may be empty. `link` names what a click on the place does, or is empty.
  void showMessage(Tone tone, const QString& sentence, const QString& details, const QString& link = {});
  void clear();
  QString sentence() const { return m_sentence; }

 signals:
  void linkActivated();

 protected:
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void recolour();
  void copy() const;

  Tone m_tone = Tone::Error;
  QString m_sentence;
  QString m_detailText;
  QLabel* m_icon;
  QLabel* m_label;
  QLabel* m_details;
  QToolButton* m_linkButton;
  QToolButton* m_detailsButton;
};

}  // namespace drift::gui::widgets
