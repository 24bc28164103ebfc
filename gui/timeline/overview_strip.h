// OverviewStrip: the whole history as one thin strip, with a brush over the part that the track shows.
// GUI thread.
#pragma once

#include <QWidget>

#include "timeline/timeline_data.h"

namespace drift::gui::timeline {

class OverviewStrip final : public QWidget {
  Q_OBJECT

 public:
  explicit OverviewStrip(QWidget* parent = nullptr);

  void setHistory(const Extent& extent, std::vector<Bucket> buckets);
  void setBrush(TimeMicros from, TimeMicros to);

  QSize sizeHint() const override;

 signals:
  void brushMoved(TimeMicros from, TimeMicros to);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  enum class Grip { None, Left, Body, Right };

  double positionOf(TimeMicros time) const;
  TimeMicros timeAt(double position) const;
  Grip gripAt(double position) const;

  Extent m_extent;
  std::vector<Bucket> m_buckets;
  TimeMicros m_from = 0;
  TimeMicros m_to = 0;
  Grip m_grip = Grip::None;
  double m_pressed = 0;
  TimeMicros m_pressedFrom = 0;
  TimeMicros m_pressedTo = 0;
};

}  // namespace drift::gui::timeline
