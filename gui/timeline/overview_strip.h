// OverviewStrip: the whole history as one thin strip, with a brush over the part that the track shows.
// GUI thread. It bends time as the track does.
#pragma once

#include <optional>

#include <QWidget>

#include "timeline/time_axis.h"

namespace drift::gui::timeline {

class OverviewStrip final : public QWidget {
  Q_OBJECT

 public:
  explicit OverviewStrip(QWidget* parent = nullptr);

  /// What the strip spans over the track's width, so that one lies above the other. The scale's commits must
  /// outlive its use here.
  void setWhole(const AxisScale& scale, const Extent& extent, Place from, Place to, int trackWidth);
  void setBuckets(std::vector<Bucket> buckets);
  void setBrush(Place from, Place to);
  /// Where the playhead is; nothing = live.
  void setPlayhead(std::optional<TimeMicros> time);

  /// The buckets that the strip needs.
  BucketRanges ranges() const;
  const TimeAxis& axis() const { return m_axis; }

  QSize sizeHint() const override;

 signals:
  void brushMoved(Place from, Place to);

 protected:
  void paintEvent(QPaintEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;

 private:
  enum class Grip { None, Left, Body, Right };

  Grip gripAt(double position) const;
  QRectF brush() const;

  Extent m_extent;
  TimeAxis m_axis;
  std::vector<Bucket> m_buckets;
  std::optional<TimeMicros> m_playhead;
  Place m_from = 0;
  Place m_to = 0;
  Grip m_grip = Grip::None;
  double m_pressed = 0;
  Place m_pressedFrom = 0;
  Place m_pressedTo = 0;
};

}  // namespace drift::gui::timeline
