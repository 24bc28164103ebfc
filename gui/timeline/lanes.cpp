#include "timeline/lanes.h"

#include <cmath>

#include <QPainter>
#include <QPainterPath>

namespace drift::gui::timeline {

namespace {

constexpr int kMarkerGap = 10;  // markers closer than this merge

}  // namespace

void paintSchemaLane(QPainter& painter, const TrackFrame& frame, const std::vector<Bucket>& buckets) {
  const QRect lane = frame.layout.schemaLane;
  const double half = std::round(lane.height() * 0.28);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(frame.smallFont());
  const QFontMetrics metrics(painter.font());
  for (std::size_t at = 0; at < buckets.size();) {
    if (buckets[at].schemaChanges == 0) {
      ++at;
      continue;
    }
    const double x =
        std::floor(frame.axis.positionOf(buckets[at].start + (buckets[at].end - buckets[at].start) / 2)) + 0.5;
    std::uint64_t count = 0;
    double gap = kMarkerGap;
    for (; at < buckets.size() && frame.axis.positionOf(buckets[at].start) - x < gap; ++at) {
      count += buckets[at].schemaChanges;
      // The number needs room too.
      if (count > 1) gap = half + 4 + metrics.horizontalAdvance(QString::number(count)) + half + 2;
    }
    const QPointF centre(x, lane.center().y() + 1.5);
    QPainterPath diamond(centre + QPointF(0, -half));
    diamond.lineTo(centre + QPointF(half, 0));
    diamond.lineTo(centre + QPointF(0, half));
    diamond.lineTo(centre + QPointF(-half, 0));
    diamond.closeSubpath();
    painter.fillPath(diamond, frame.theme.schemaChange);
    if (count < 2) continue;
    painter.setPen(frame.theme.schemaChange);
    painter.drawText(QPointF(x + half + 2, centre.y() + metrics.ascent() / 2.0 - 1), QString::number(count));
  }
}

void paintRuler(QPainter& painter, const TrackFrame& frame) {
  const auto& theme = frame.theme;
  const QRect area = frame.layout.ruler;
  const int em = frame.metrics().height();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.fillRect(area, theme.window);
  painter.setPen(theme.border);
  painter.drawLine(area.topLeft(), area.topRight());
  painter.setFont(frame.font);
  const int spacing = rulerSpacing(frame.metrics());
  QFont bold = frame.font;
  bold.setWeight(QFont::DemiBold);
  // What the labels leave out stands at the left edge, and the marks keep clear of it.
  const QString context = rulerContext(frame.axis, frame.zone, spacing);
  int clear = 0;
  if (!context.isEmpty()) {
    painter.setFont(bold);
    painter.setPen(theme.text);
    painter.drawText(area.adjusted(em / 2, 1, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, context);
    clear = em / 2 + QFontMetrics(bold).horizontalAdvance(context) + em / 2;
  }
  QColor guide = theme.border;
  guide.setAlphaF(0.55F);
  for (const Tick& tick : rulerTicks(frame.axis, frame.zone, spacing)) {
    const int x = static_cast<int>(std::floor(tick.position));
    painter.setPen(guide);
    painter.drawLine(x, frame.layout.histogram.top(), x, frame.layout.histogram.bottom());
    if (x < clear) continue;
    painter.setPen(tick.major ? theme.textDim : theme.border.darker(theme.dark ? 70 : 130));
    painter.drawLine(x, area.top(), x, area.top() + (tick.major ? em / 2 : em / 4));
    painter.setFont(tick.major ? bold : frame.font);
    // Half a label says less than none.
    if (x + em / 4 + QFontMetrics(painter.font()).horizontalAdvance(tick.label) > area.right()) continue;
    painter.setPen(tick.major ? theme.text : theme.textDim);
    painter.drawText(QRect(x + em / 4, area.top() + 1, area.width(), area.height()), Qt::AlignLeft | Qt::AlignVCenter,
                     tick.label);
  }
}

}  // namespace drift::gui::timeline
