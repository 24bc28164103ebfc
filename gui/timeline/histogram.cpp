#include "timeline/histogram.h"

#include <algorithm>
#include <cmath>

#include <QCoreApplication>
#include <QPainter>
#include <QPainterPath>

#include "timeline/time_text.h"

namespace drift::gui::timeline {

namespace {

class HistogramText {
  Q_DECLARE_TR_FUNCTIONS(HistogramText)
};

constexpr int kLonelyWidth = 5;   // a commit with room around it, in pixels
constexpr double kHatchFrom = 3;  // narrower bars cannot show a hatch
constexpr double kStub = 2;       // what is there can be seen, however little it is

/// Bars by kind, drawn together: one call a kind is many times faster than one a bar.
struct Bars {
  std::vector<QRectF> inserted;
  std::vector<QRectF> updated;
  std::vector<QRectF> deleted;
};

struct Heights {
  int base;
  double up;
  double down;
  std::uint64_t most;
  bool linear;
};

/// True of commits drawn one by one: their buckets do not touch.
bool isSparse(const std::vector<Bucket>& series) {
  std::size_t apart = series.size() == 1 ? 1 : 0;
  for (std::size_t at = 1; at < series.size(); ++at) apart += series[at].start > series[at - 1].end;
  return apart * 2 > series.size();
}

/// Left and right edge of a bucket's bar, on whole pixels; commits drawn one by one are centred on their time.
std::pair<double, double> edgesOf(const TimeAxis& axis, const Bucket& bucket, bool sparse) {
  const double left = std::floor(axis.positionOf(bucket.start));
  const double right = std::floor(axis.positionOf(bucket.end));
  if (sparse && right - left < kLonelyWidth) return {left - kLonelyWidth / 2, left + kLonelyWidth - kLonelyWidth / 2};
  if (right - left >= 3) return {left, right - 1};  // a gap keeps columns apart
  return {left, std::max(right, left + 1)};
}

void addBars(Bars& bars, const TrackFrame& frame, const std::vector<Bucket>& series, const Heights& heights) {
  const bool sparse = isSparse(series);
  for (const Bucket& bucket : series) {
    const std::uint64_t changes = bucket.changes();
    if (changes == 0) continue;
    const auto [left, right] = edgesOf(frame.axis, bucket, sparse);
    if (right < 0 || left > frame.axis.width()) continue;
    const double tall = barHeight(changes, heights.most, heights.linear);
    const double share = tall / static_cast<double>(changes);
    const auto part = [share](std::uint64_t count, double room) {
      return count ? std::max(kStub, std::round(share * static_cast<double>(count) * room)) : 0.0;
    };
    const double inserted = part(bucket.inserted, heights.up);
    const double updated = std::min(part(bucket.updated, heights.up), heights.up - inserted);
    const double deleted = std::min(part(bucket.deleted, heights.up), heights.down);
    if (inserted > 0) bars.inserted.emplace_back(left, heights.base - inserted, right - left, inserted);
    if (updated > 0) bars.updated.emplace_back(left, heights.base - inserted - updated, right - left, updated);
    if (deleted > 0) bars.deleted.emplace_back(left, heights.base + 1, right - left, deleted);
  }
}

void drawRects(QPainter& painter, const std::vector<QRectF>& rects, const QBrush& brush) {
  if (rects.empty()) return;
  painter.setBrush(brush);
  painter.drawRects(rects.data(), static_cast<int>(rects.size()));
}

void drawHatch(QPainter& painter, const std::vector<QRectF>& rects, const QColor& background) {
  QColor line = background;
  line.setAlphaF(0.5F);
  std::vector<QRectF> wide;
  for (const QRectF& rect : rects)
    if (rect.width() >= kHatchFrom && rect.height() > kStub * 2) wide.push_back(rect);
  drawRects(painter, wide, QBrush(line, Qt::BDiagPattern));
}

}  // namespace

int baseLine(const QRect& histogram) { return histogram.top() + histogram.height() * 3 / 4; }

double barHeight(std::uint64_t changes, std::uint64_t most, bool linear) {
  if (changes == 0) return 0;
  if (linear) return static_cast<double>(changes) / static_cast<double>(std::max<std::uint64_t>(1, most));
  return std::log1p(static_cast<double>(changes)) / std::log1p(static_cast<double>(std::max<std::uint64_t>(1, most)));
}

void paintHistogram(QPainter& painter, const TrackFrame& frame, const std::vector<Bucket>& all,
                    const std::vector<Bucket>& table) {
  const QRect area = frame.layout.histogram;
  const int base = baseLine(area);
  std::uint64_t most = 1;
  for (const Bucket& bucket : all) {
    const double left = frame.axis.positionOf(bucket.start);
    if (bucket.changes() > most && left < frame.axis.width() && frame.axis.positionOf(bucket.end) >= 0)
      most = bucket.changes();
  }
  const Heights heights{base, static_cast<double>(base - area.top() - 2), static_cast<double>(area.bottom() - base - 1),
                        most, frame.linearHeights};
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(Qt::NoPen);
  Bars bars;
  if (!table.empty()) {
    addBars(bars, frame, all, heights);
    for (const auto* rects : {&bars.inserted, &bars.updated, &bars.deleted})
      drawRects(painter, *rects, frame.theme.silhouette);
    bars = {};
  }
  addBars(bars, frame, table.empty() ? all : table, heights);
  drawRects(painter, bars.inserted, frame.theme.inserted);
  drawRects(painter, bars.updated, frame.theme.updated);
  drawHatch(painter, bars.updated, frame.theme.surface);
  drawRects(painter, bars.deleted, frame.theme.deleted);
  painter.setPen(frame.theme.border.darker(frame.theme.dark ? 80 : 115));
  painter.drawLine(area.left(), base, area.right(), base);
}

void paintGaps(QPainter& painter, const TrackFrame& frame) {
  const QRect area = frame.layout.histogram;
  const int base = baseLine(area);
  const int em = frame.metrics().height();
  const double tooth = em / 4.0;
  painter.setFont(frame.smallFont());
  for (const Gap& gap : frame.axis.scale().gaps()) {
    const double left = frame.axis.positionOf(gap.start);
    const double right = frame.axis.positionOf(gap.end);
    if (right < 0 || right - left < tooth * 4) continue;
    if (left > frame.axis.width()) break;
    const double centre = (left + right) / 2;
    QPainterPath path(QPointF(centre - tooth * 2, base));
    for (int at = 0; at < 4; ++at) {
      const double x = centre - tooth * 2 + tooth * at;
      path.lineTo(x + tooth / 2, base + (at % 2 ? tooth : -tooth));
      path.lineTo(x + tooth, base);
    }
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.fillRect(QRectF(centre - tooth * 2, base, tooth * 4, 1), frame.theme.surface);
    painter.setRenderHint(QPainter::Antialiasing);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(QPen(frame.theme.textDim, 1.2));
    painter.drawPath(path);
    const QString lasted = durationText(gap.end - gap.start);
    const QFontMetrics metrics(painter.font());
    QString label = HistogramText::tr("%1 idle", "a duration").arg(lasted);
    if (metrics.horizontalAdvance(label) > right - left) label = lasted;
    if (metrics.horizontalAdvance(label) > right - left) continue;
    painter.drawText(QRectF(left, base - tooth - em * 1.3, right - left, em), Qt::AlignCenter, label);
  }
}

}  // namespace drift::gui::timeline
