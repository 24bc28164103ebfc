// PastBanner: says in words, with a clock and an amber ground, that a view shows the past. GUI thread.
//
// It is one of three independent cues, with the frame around the view and the clock on its tab; none of
// them is colour alone.
#pragma once

#include <QFrame>

class QLabel;
class QPushButton;

namespace drift::gui::widgets {

class PastBanner final : public QFrame {
  Q_OBJECT

 public:
  explicit PastBanner(QWidget* parent = nullptr);

  /// Says what is shown ("orders"), when ("12 Nov 2025 14:02:11"; empty while not known), which commit
  /// ("#18,231"), and how long ago ("3 h ago").
  void setMoment(const QString& what, const QString& when, const QString& commit, const QString& ago);
  QString text() const;

 signals:
  void returnToLiveRequested();

 protected:
  void changeEvent(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;

 private:
  void recolour();

  QLabel* m_icon;
  QLabel* m_title;
  QLabel* m_moment;
  QLabel* m_readOnly;
  QPushButton* m_live;
};

}  // namespace drift::gui::widgets
