#include "timeline/overview_strip.h"

#include <algorithm>
#include <cmath>

#include <QMouseEvent>
#include <QPainter>

#include "timeline/time_axis.h"
#include "widgets/theme.h"

namespace drift::gui::timeline {

namespace {

constexpr double kGripWidth = 7;

}  // namespace

OverviewStrip::OverviewStrip(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setAccessibleName(tr("Overview of the whole history"));
  setToolTip(tr("The whole history. Drag the frame, or its edges, to choose what the timeline shows."));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize OverviewStrip::sizeHint() const { return {fontMetrics().averageCharWidth() * 40, fontMetrics().height() + 2}; }

void OverviewStrip::setHistory(const Extent& extent, std::vector<Bucket> buckets) {
  m_extent = extent;
  m_buckets = std::move(buckets);
  update();
}

void OverviewStrip::setBrush(TimeMicros from, TimeMicros to) {
  m_from = from;
  m_to = to;
  update();
}

double OverviewStrip::positionOf(TimeMicros time) const {
  const auto span = static_cast<double>(std::max<TimeMicros>(1, m_extent.lastTime - m_extent.firstTime));
  return static_cast<double>(time - m_extent.firstTime) / span * width();
}

TimeMicros OverviewStrip::timeAt(double position) const {
  return m_extent.firstTime +
         static_cast<TimeMicros>(position / width() * static_cast<double>(m_extent.lastTime - m_extent.firstTime));
}

OverviewStrip::Grip OverviewStrip::gripAt(double position) const {
  const double left = positionOf(m_from);
  const double right = positionOf(m_to);
  if (std::abs(position - left) <= kGripWidth) return Grip::Left;
  if (std::abs(position - right) <= kGripWidth) return Grip::Right;
  return position > left && position < right ? Grip::Body : Grip::None;
}

void OverviewStrip::paintEvent(QPaintEvent*) {
  const auto& theme = widgets::Theme::of(palette());
  QPainter painter(this);
  painter.fillRect(rect(), theme.window);
  if (m_extent.last == 0) return;
  std::uint64_t most = 1;
  for (const Bucket& bucket : m_buckets) most = std::max(most, bucket.changes());
  for (const Bucket& bucket : m_buckets) {
    if (bucket.commits == 0) continue;
    const double tall = std::max(1.0, std::log1p(static_cast<double>(bucket.changes())) /
                                          std::log1p(static_cast<double>(most)) * (height() - 4));
    const double left = positionOf(bucket.start);
    painter.fillRect(QRectF(left, height() - 1 - tall, std::max(1.0, positionOf(bucket.end) - left), tall), theme.silhouette.darker(theme.dark ? 80 : 115));
  }
  const QRectF brush(std::max(0.5, positionOf(m_from)), 0.5,
                     std::min<double>(width() - 0.5, positionOf(m_to)) - std::max(0.5, positionOf(m_from)), height() - 1.5);
  QColor tint = theme.accent;
  tint.setAlphaF(0.12F);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(tint);
  painter.setPen(QPen(theme.accent, 1));
  painter.drawRoundedRect(brush, 3, 3);
}

void OverviewStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_extent.last == 0) return;
  m_pressed = event->position().x();
  m_grip = gripAt(m_pressed);
  if (m_grip == Grip::None) {
    // Beside the brush: it jumps there and can be dragged on.
    const TimeMicros half = (m_to - m_from) / 2;
    const TimeMicros centre = timeAt(m_pressed);
    emit brushMoved(centre - half, centre + half);
    m_grip = Grip::Body;
  }
  m_pressedFrom = m_from;
  m_pressedTo = m_to;
}

void OverviewStrip::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  if (m_grip == Grip::None) {
    const Grip grip = gripAt(x);
    setCursor(grip == Grip::Left || grip == Grip::Right ? Qt::SizeHorCursor
              : grip == Grip::Body                      ? Qt::OpenHandCursor
                                                        : Qt::ArrowCursor);
    return;
  }
  const TimeMicros by = timeAt(x) - timeAt(m_pressed);
  TimeMicros from = m_pressedFrom + (m_grip == Grip::Right ? 0 : by);
  TimeMicros to = m_pressedTo + (m_grip == Grip::Left ? 0 : by);
  // An edge pushed against the other one stops: the two never swap.
  if (m_grip == Grip::Left) from = std::min(from, to - TimeAxis::kSpanMin);
  if (m_grip == Grip::Right) to = std::max(to, from + TimeAxis::kSpanMin);
  emit brushMoved(from, to);
}

void OverviewStrip::mouseReleaseEvent(QMouseEvent*) { m_grip = Grip::None; }

}  // namespace drift::gui::timeline
