// KeySheet: the timeline's keys and gestures on one card over the track. Any key or click puts it away.
// GUI thread.
#pragma once

#include <QWidget>

namespace drift::gui::timeline {

class KeySheet final : public QWidget {
  Q_OBJECT

 public:
  /// Covers `track` while it is shown.
  explicit KeySheet(QWidget* track);

  void toggle();

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  bool eventFilter(QObject* watched, QEvent* event) override;
};

}  // namespace drift::gui::timeline
