#include "timeline/overview_strip.h"

#include <algorithm>
#include <cmath>

#include <QMouseEvent>
#include <QPainter>

#include "timeline/histogram.h"
#include "widgets/theme.h"

namespace drift::gui::timeline {

namespace {

constexpr double kGripReach = 7;
constexpr double kBrushMin = 6;  // pixels: a brush of milliseconds over ten years can still be held
constexpr int kPitch = 2;

}  // namespace

OverviewStrip::OverviewStrip(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setAccessibleName(tr("Overview of the whole history"));
  setToolTip(tr("The whole history. Drag the frame, or its edges, to choose what the timeline shows."));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

QSize OverviewStrip::sizeHint() const {
  return {fontMetrics().averageCharWidth() * 40, fontMetrics().height() * 5 / 4};
}

void OverviewStrip::setWhole(const AxisScale& scale, const Extent& extent, Place from, Place to, int trackWidth) {
  m_extent = extent;
  m_axis.setScale(scale);
  m_axis.setView(extent.firstTime, extent.lastTime, trackWidth);
  m_axis.setPlaces(from, to);
  update();
}

void OverviewStrip::setBuckets(std::vector<Bucket> buckets) {
  m_buckets = std::move(buckets);
  update();
}

void OverviewStrip::setBrush(Place from, Place to) {
  m_from = from;
  m_to = to;
  update();
}

void OverviewStrip::setPlayhead(std::optional<TimeMicros> time) {
  m_playhead = time;
  update();
}

BucketRanges OverviewStrip::ranges() const { return bucketRanges(m_axis, {}, kPitch); }

QRectF OverviewStrip::brush() const {
  double left = std::clamp(m_axis.positionOfPlace(m_from), 0.0, static_cast<double>(m_axis.width()));
  double right = std::clamp(m_axis.positionOfPlace(m_to), 0.0, static_cast<double>(m_axis.width()));
  if (right - left < kBrushMin) {
    const double centre = std::clamp((left + right) / 2, kBrushMin / 2, m_axis.width() - kBrushMin / 2);
    left = centre - kBrushMin / 2;
    right = centre + kBrushMin / 2;
  }
  return QRectF(QPointF(left, 0), QPointF(right, height()));
}

OverviewStrip::Grip OverviewStrip::gripAt(double position) const {
  const QRectF held = brush();
  // A narrow brush keeps a middle to be dragged by.
  const double reach = std::min(kGripReach, held.width() / 3);
  if (std::abs(position - held.left()) <= reach) return Grip::Left;
  if (std::abs(position - held.right()) <= reach) return Grip::Right;
  return held.contains(QPointF(position, height() / 2.0)) ? Grip::Body : Grip::None;
}

void OverviewStrip::paintEvent(QPaintEvent*) {
  const auto& theme = widgets::Theme::of(palette());
  QPainter painter(this);
  painter.fillRect(rect(), theme.window);
  painter.setPen(theme.border);
  painter.drawLine(0, 0, width(), 0);
  if (m_extent.last == 0) return;
  std::uint64_t most = 1;
  for (const Bucket& bucket : m_buckets) most = std::max(most, bucket.changes());
  std::vector<QRectF> bars;
  for (const Bucket& bucket : m_buckets) {
    if (bucket.commits == 0) continue;
    const double tall = std::max(1.0, std::round(barHeight(bucket.changes(), most, false) * (height() - 5)));
    const double left = std::floor(m_axis.positionOf(bucket.start));
    bars.emplace_back(left, height() - 1 - tall, std::max(1.0, std::floor(m_axis.positionOf(bucket.end)) - left), tall);
  }
  QColor tone = theme.textDim;
  tone.setAlphaF(theme.dark ? 0.55F : 0.45F);
  painter.setPen(Qt::NoPen);
  painter.setBrush(tone);
  painter.drawRects(bars.data(), static_cast<int>(bars.size()));

  const QRectF held = brush();
  if (held.width() < m_axis.width() - 1) {
    // What the track does not show steps back.
    QColor veil = theme.window;
    veil.setAlphaF(0.6F);
    painter.fillRect(QRectF(0, 1, held.left(), height()), veil);
    painter.fillRect(QRectF(held.right(), 1, m_axis.width() - held.right(), height()), veil);
  }
  QColor tint = theme.accent;
  tint.setAlphaF(0.10F);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setBrush(tint);
  painter.setPen(QPen(theme.accent, 1));
  painter.drawRoundedRect(held.adjusted(0.5, 1.5, -0.5, -1.5), 3, 3);
  painter.setPen(Qt::NoPen);
  painter.setBrush(theme.accent);
  const double grip = height() * 0.45;
  for (const double x : {held.left(), held.right() - 3})
    painter.drawRoundedRect(QRectF(x, (height() - grip) / 2, 3, grip), 1.5, 1.5);
  if (!m_playhead) return;
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(QRectF(std::floor(m_axis.positionOf(*m_playhead)) - 1, 1, 2, height() - 1), theme.past);
}

void OverviewStrip::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_extent.last == 0) return;
  m_pressed = event->position().x();
  m_grip = gripAt(m_pressed);
  if (m_grip == Grip::None) {
    // Beside the brush: it jumps there and can be dragged on.
    const Place half = (m_to - m_from) / 2;
    const Place centre = m_axis.placeAt(m_pressed);
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
  const Place by = m_axis.placeAt(x) - m_axis.placeAt(m_pressed);
  Place from = m_pressedFrom + (m_grip == Grip::Right ? 0 : by);
  Place to = m_pressedTo + (m_grip == Grip::Left ? 0 : by);
  // An edge pushed against the other one stops: the two never swap.
  if (m_grip == Grip::Left) from = std::min(from, to - m_axis.scale().spanMin());
  if (m_grip == Grip::Right) to = std::max(to, from + m_axis.scale().spanMin());
  emit brushMoved(from, to);
}

void OverviewStrip::mouseReleaseEvent(QMouseEvent*) { m_grip = Grip::None; }

}  // namespace drift::gui::timeline
