// What the painters of the track share: where the lanes are and how times and colours are told. Plain values
// for one paint event; GUI thread.
#pragma once

#include <QFont>
#include <QFontMetrics>
#include <QRect>

#include "timeline/time_axis.h"
#include "widgets/theme.h"

namespace drift::gui::timeline {

/// The lanes from top to bottom, and the dock of LIVE at their right. Measured in the widget's font.
struct TrackLayout {
  QRect schemaLane;
  QRect histogram;
  QRect ruler;
  QRect liveDock;

  static TrackLayout of(QSize size, const QFontMetrics& metrics);
};

struct TrackFrame {
  const TrackLayout& layout;
  const TimeAxis& axis;
  const widgets::Theme& theme;
  QFont font;
  Zone zone = Zone::Local;
  bool linearHeights = false;

  QFontMetrics metrics() const { return QFontMetrics(font); }
  /// The font of secondary marks.
  QFont smallFont() const;
};

/// Distance between two marks of the ruler that leaves room for the labels.
int rulerSpacing(const QFontMetrics& metrics);

}  // namespace drift::gui::timeline
