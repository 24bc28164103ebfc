#include "timeline/track_frame.h"

#include <algorithm>

namespace drift::gui::timeline {

TrackLayout TrackLayout::of(QSize size, const QFontMetrics& metrics) {
  const int em = metrics.height();
  TrackLayout layout;
  const int dockWidth = metrics.horizontalAdvance(QStringLiteral("LIVE")) + em * 5 / 2;
  const int trackWidth = std::max(1, size.width() - dockWidth);
  const int rulerHeight = em * 3 / 2;
  layout.schemaLane = QRect(0, 0, trackWidth, em + 2);
  layout.ruler = QRect(0, size.height() - rulerHeight, trackWidth, rulerHeight);
  const int top = layout.schemaLane.bottom() + 1;
  layout.histogram = QRect(0, top, trackWidth, std::max(4, layout.ruler.top() - top - 2));
  layout.liveDock = QRect(trackWidth, 0, dockWidth, size.height());
  return layout;
}

QFont TrackFrame::smallFont() const {
  QFont small = font;
  if (small.pointSizeF() > 0) small.setPointSizeF(small.pointSizeF() * 0.88);
  return small;
}

int rulerSpacing(const QFontMetrics& metrics) { return metrics.averageCharWidth() * 13; }

}  // namespace drift::gui::timeline
