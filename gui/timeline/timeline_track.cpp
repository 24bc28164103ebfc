#include "timeline/timeline_track.h"

#include <algorithm>
#include <cmath>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QPainter>
#include <QPainterPath>
#include <QWheelEvent>

#include "widgets/theme.h"

namespace drift::gui::timeline {

namespace {

constexpr double kZoomStep = 0.8;
constexpr int kMarkerGap = 10;     // schema diamonds closer than this merge into a counted one
constexpr int kColumnMax = 7;      // widest drawing of one bucket's bar
constexpr int kFineDepth = 60;     // dragging this far below the track scrubs ten times finer
constexpr double kFineFactor = 0.1;

double loudness(std::uint64_t changes) { return std::log1p(static_cast<double>(changes)); }

}  // namespace

TimelineTrack::TimelineTrack(QWidget* parent) : QWidget(parent) {
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Timeline"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
}

QSize TimelineTrack::sizeHint() const { return {fontMetrics().averageCharWidth() * 80, fontMetrics().height() * 8}; }

QSize TimelineTrack::minimumSizeHint() const { return {fontMetrics().averageCharWidth() * 30, fontMetrics().height() * 5}; }

int TimelineTrack::trackWidth() const { return std::max(1, width() - liveDock().width()); }

QRect TimelineTrack::liveDock() const {
  const int side = fontMetrics().horizontalAdvance(QStringLiteral("LIVE")) + 34;
  return {width() - side, 0, side, height()};
}

QRect TimelineTrack::schemaLane() const { return {0, 2, trackWidth(), fontMetrics().height() - 2}; }

QRect TimelineTrack::ruler() const {
  const int tall = fontMetrics().height() + 5;
  return {0, height() - tall, trackWidth(), tall};
}

QRect TimelineTrack::histogram() const {
  const int top = schemaLane().bottom() + 3;
  return {0, top, trackWidth(), std::max(4, ruler().top() - top)};
}

void TimelineTrack::setExtent(const Extent& extent) {
  const bool first = m_extent.last == 0;
  const bool showedAll = first || m_axis.to() >= m_extent.lastTime;
  m_extent = extent;
  if (first || showedAll) {
    showAll();
  } else {
    update();
  }
}

void TimelineTrack::setBuckets(std::vector<Bucket> all, std::vector<Bucket> table) {
  m_all = std::move(all);
  m_table = std::move(table);
  update();
}

void TimelineTrack::setPlayhead(std::optional<CommitNumber> commit, std::optional<TimeMicros> time) {
  if (m_playhead != commit) m_playheadTime.reset();
  m_playhead = commit;
  if (time) m_playheadTime = time;
  update();
}

void TimelineTrack::setHovered(const Moment& moment) {
  m_hovered = moment;
  update();
}

void TimelineTrack::showAll() {
  const TimeMicros span = std::max<TimeMicros>(m_extent.lastTime - m_extent.firstTime, TimeAxis::kSpanMin);
  setView(m_extent.firstTime - span / 100, m_extent.lastTime + span / 200);
}

void TimelineTrack::setView(TimeMicros from, TimeMicros to) {
  m_axis.setView(from, to, trackWidth());
  update();
  emit viewChanged();
}

void TimelineTrack::zoomAtPlayhead(double factor) {
  m_axis.zoom(factor, std::clamp(playheadX(), 0.0, static_cast<double>(trackWidth())), m_extent.firstTime, m_extent.lastTime);
  update();
  emit viewChanged();
}

void TimelineTrack::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  setView(m_axis.from(), m_axis.to());
}

CommitNumber TimelineTrack::commitAt(double position) const {
  if (m_extent.last == 0) return 0;
  const TimeMicros time = m_axis.timeAt(position);
  if (time >= m_extent.lastTime) return m_extent.last;
  if (time < m_extent.firstTime || m_all.empty()) return m_extent.first;
  // The bucket under the pointer, or the last one before it in which something happened.
  auto after = std::upper_bound(m_all.begin(), m_all.end(), time,
                                [](TimeMicros wanted, const Bucket& bucket) { return wanted < bucket.start; });
  while (after != m_all.begin()) {
    const Bucket& bucket = *std::prev(after);
    if (bucket.commits > 0) return bucket.last;
    --after;
  }
  // Nothing happened in the view before it: the commit before the first one that is in view.
  for (const Bucket& bucket : m_all)
    if (bucket.commits > 0) return std::max(m_extent.first, bucket.first - 1);
  return m_playhead.value_or(m_extent.first);
}

double TimelineTrack::playheadX() const {
  if (!m_playhead) return trackWidth();
  if (m_dragging && m_scrubX >= 0) return m_scrubX;
  if (m_playheadTime) return m_axis.positionOf(*m_playheadTime);
  // The time is not known yet: the bucket that holds the commit is close enough.
  for (const Bucket& bucket : m_all)
    if (bucket.commits > 0 && *m_playhead <= bucket.last) return m_axis.positionOf((bucket.start + bucket.end) / 2);
  return m_scrubX;
}

void TimelineTrack::scrubTo(double position, int depth) {
  if (m_extent.last == 0) return;
  double wanted = position;
  if (depth > kFineDepth) {
    if (m_fineOrigin < 0) m_fineOrigin = position;
    wanted = m_fineOrigin + (position - m_fineOrigin) * kFineFactor;
  } else {
    m_fineOrigin = -1;
  }
  if (wanted >= trackWidth()) {
    m_scrubX = -1;
    emit liveRequested();
    return;
  }
  m_scrubX = std::clamp(wanted, 0.0, static_cast<double>(trackWidth()));
  emit momentRequested(commitAt(m_scrubX));
  update();
}

void TimelineTrack::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_extent.last == 0) return;
  m_dragging = true;
  m_fineOrigin = -1;
  scrubTo(event->position().x(), 0);
}

void TimelineTrack::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  if (m_dragging) {
    m_hoverX = -1;
    scrubTo(x, static_cast<int>(event->position().y()) - height());
    return;
  }
  m_hoverX = x < trackWidth() && m_extent.last != 0 ? x : -1;
  const CommitNumber commit = m_hoverX >= 0 ? commitAt(x) : 0;
  if (commit != m_hoverCommit) {
    m_hoverCommit = commit;
    if (commit != 0) emit hovered(commit);
  }
  update();
}

void TimelineTrack::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  m_dragging = false;
  m_fineOrigin = -1;
  update();
}

void TimelineTrack::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->position().x() >= trackWidth()) return;
  m_axis.zoom(0.25, event->position().x(), m_extent.firstTime, m_extent.lastTime);
  update();
  emit viewChanged();
}

void TimelineTrack::wheelEvent(QWheelEvent* event) {
  if (m_extent.last == 0) return;
  const QPoint turn = event->angleDelta();
  if (event->modifiers() & Qt::ControlModifier) {
    m_axis.zoom(std::pow(kZoomStep, turn.y() / 120.0), event->position().x(), m_extent.firstTime, m_extent.lastTime);
  } else {
    m_axis.pan(-(turn.x() != 0 ? turn.x() : turn.y()), m_extent.firstTime, m_extent.lastTime);
  }
  event->accept();
  update();
  emit viewChanged();
}

void TimelineTrack::leaveEvent(QEvent*) {
  m_hoverX = -1;
  m_hoverCommit = 0;
  update();
}

void TimelineTrack::keyPressEvent(QKeyEvent* event) {
  const int many = event->modifiers() & Qt::ShiftModifier ? 10 : 1;
  switch (event->key()) {
    case Qt::Key_Left: emit stepRequested(-many); return;
    case Qt::Key_Right: emit stepRequested(many); return;
    case Qt::Key_Home: emit momentRequested(m_extent.first); return;
    case Qt::Key_End:
    case Qt::Key_Escape: emit liveRequested(); return;
    case Qt::Key_Plus: zoomAtPlayhead(kZoomStep); return;
    case Qt::Key_Minus: zoomAtPlayhead(1 / kZoomStep); return;
    case Qt::Key_0: showAll(); return;
    case Qt::Key_PageUp:
    case Qt::Key_PageDown:
      m_axis.pan(event->key() == Qt::Key_PageUp ? -trackWidth() : trackWidth(), m_extent.firstTime, m_extent.lastTime);
      update();
      emit viewChanged();
      return;
    default: QWidget::keyPressEvent(event);
  }
}

void TimelineTrack::paintEvent(QPaintEvent*) {
  const auto& theme = widgets::Theme::of(palette());
  QPainter painter(this);
  painter.fillRect(rect(), theme.surface);
  if (m_extent.last == 0) {
    painter.setPen(theme.textDim);
    painter.drawText(rect(), Qt::AlignCenter, tr("No commits yet: history begins with the first change."));
    return;
  }
  painter.save();
  painter.setClipRect(QRect(0, 0, trackWidth(), height()));
  paintHistogram(painter);
  paintSchemaLane(painter);
  paintRuler(painter);
  paintHover(painter);
  painter.restore();
  paintLiveDock(painter);
  paintPlayhead(painter);
  if (hasFocus()) {
    painter.setPen(QPen(theme.accent, 1));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(0, 0, -1, -1));
  }
}

void TimelineTrack::paintHistogram(QPainter& painter) const {
  const auto& theme = widgets::Theme::of(palette());
  const QRect area = histogram();
  // Insertions and updates grow up from the base line, deletions down: the sign is a direction, not a colour.
  const int base = area.top() + area.height() * 3 / 4;
  const double up = base - area.top() - 1;
  const double down = area.bottom() - base;
  std::uint64_t most = 1;
  for (const Bucket& bucket : m_all) most = std::max(most, bucket.changes());
  const double scale = loudness(most);

  const auto drawSeries = [&](const std::vector<Bucket>& series, bool silhouette) {
    for (std::size_t at = 0; at < series.size(); ++at) {
      const Bucket& bucket = series[at];
      if (bucket.changes() == 0) continue;
      const double left = m_axis.positionOf(bucket.start);
      double wide = std::max(1.0, m_axis.positionOf(bucket.end) - left);
      // A lonely commit gets a wider bar, so that it can be seen.
      for (std::size_t next = at + 1; next < series.size() && wide < kColumnMax && series[next].changes() == 0; ++next)
        wide = std::min<double>(kColumnMax, m_axis.positionOf(series[next].end) - left - 1);
      const double tall = loudness(bucket.changes()) / scale;
      const double added = static_cast<double>(bucket.inserted + bucket.updated) / static_cast<double>(bucket.changes());
      const double above = std::max(bucket.inserted + bucket.updated ? 1.0 : 0.0, tall * up * added);
      const double below = std::max(bucket.deleted ? 1.0 : 0.0, tall * down * (1 - added));
      if (silhouette) {
        painter.fillRect(QRectF(left, base - above, wide, above + below), theme.silhouette);
        continue;
      }
      const double inserted = above * static_cast<double>(bucket.inserted) /
                              static_cast<double>(std::max<std::uint64_t>(1, bucket.inserted + bucket.updated));
      painter.fillRect(QRectF(left, base - inserted, wide, inserted), theme.inserted);
      painter.fillRect(QRectF(left, base - above, wide, above - inserted), theme.updated);
      painter.fillRect(QRectF(left, base, wide, below), theme.deleted);
    }
  };
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setPen(Qt::NoPen);
  if (m_table.empty()) {
    drawSeries(m_all, false);
  } else {
    drawSeries(m_all, true);
    drawSeries(m_table, false);
  }
  painter.setPen(theme.border);
  painter.drawLine(area.left(), base, area.right(), base);
}

void TimelineTrack::paintSchemaLane(QPainter& painter) const {
  const auto& theme = widgets::Theme::of(palette());
  const QRect lane = schemaLane();
  const double half = lane.height() / 2.0 - 2;
  painter.setRenderHint(QPainter::Antialiasing);
  QFont small = font();
  small.setPointSizeF(small.pointSizeF() * 0.8);
  painter.setFont(small);
  for (std::size_t at = 0; at < m_all.size();) {
    if (m_all[at].schemaChanges == 0) {
      ++at;
      continue;
    }
    const double x = m_axis.positionOf((m_all[at].start + m_all[at].end) / 2);
    std::uint64_t count = 0;
    while (at < m_all.size() && m_axis.positionOf(m_all[at].start) - x < kMarkerGap) count += m_all[at++].schemaChanges;
    const QPointF centre(x, lane.center().y() + 0.5);
    QPainterPath diamond(centre + QPointF(0, -half));
    diamond.lineTo(centre + QPointF(half, 0));
    diamond.lineTo(centre + QPointF(0, half));
    diamond.lineTo(centre + QPointF(-half, 0));
    diamond.closeSubpath();
    painter.fillPath(diamond, theme.schemaChange);
    if (count > 1) {
      painter.setPen(theme.schemaChange);
      painter.drawText(QPointF(x + half + 2, lane.bottom() - 2), QString::number(count));
    }
  }
}

void TimelineTrack::paintRuler(QPainter& painter) const {
  const auto& theme = widgets::Theme::of(palette());
  const QRect area = ruler();
  painter.setRenderHint(QPainter::Antialiasing, false);
  painter.setFont(font());
  painter.fillRect(area, theme.window);
  for (const Tick& tick : m_axis.ticks(fontMetrics().averageCharWidth() * 11)) {
    const int x = static_cast<int>(std::lround(m_axis.positionOf(tick.time)));
    painter.setPen(theme.border);
    painter.drawLine(x, area.top(), x, area.top() + (tick.major ? 6 : 3));
    painter.setPen(tick.major ? theme.text : theme.textDim);
    painter.drawText(QRect(x + 4, area.top(), area.width(), area.height()), Qt::AlignLeft | Qt::AlignVCenter, tick.label);
  }
}

void TimelineTrack::paintLiveDock(QPainter& painter) const {
  const auto& theme = widgets::Theme::of(palette());
  const QRect dock = liveDock();
  painter.setRenderHint(QPainter::Antialiasing);
  painter.fillRect(dock, theme.window);
  painter.setPen(theme.border);
  painter.drawLine(dock.topLeft(), dock.bottomLeft());
  QFont bold = font();
  bold.setWeight(QFont::Bold);
  painter.setFont(bold);
  const QColor tone = m_playhead ? theme.textDim : theme.live;
  const QPointF dot(dock.left() + 14, dock.center().y());
  painter.setPen(QPen(tone, 1.6));
  painter.setBrush(m_playhead ? QBrush(Qt::NoBrush) : QBrush(tone));
  painter.drawEllipse(dot, 4, 4);
  painter.drawText(dock.adjusted(24, 0, 0, 0), Qt::AlignLeft | Qt::AlignVCenter, tr("LIVE"));
}

void TimelineTrack::paintPlayhead(QPainter& painter) const {
  const auto& theme = widgets::Theme::of(palette());
  const double x = playheadX();
  if (x < -6 || x > width()) return;
  const QColor tone = m_playhead ? theme.past : theme.live;
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(QPen(tone, 2));
  painter.drawLine(QPointF(x, 6), QPointF(x, ruler().bottom()));
  // A house-shaped grip, 12 px wide.
  QPainterPath grip(QPointF(x - 6, 0));
  grip.lineTo(x + 6, 0);
  grip.lineTo(x + 6, 8);
  grip.lineTo(x, 14);
  grip.lineTo(x - 6, 8);
  grip.closeSubpath();
  painter.fillPath(grip, tone);
}

void TimelineTrack::paintHover(QPainter& painter) const {
  if (m_hoverX < 0 || m_dragging) return;
  const auto& theme = widgets::Theme::of(palette());
  painter.setPen(QPen(theme.textDim, 1, Qt::DashLine));
  painter.drawLine(QPointF(m_hoverX, 2), QPointF(m_hoverX, ruler().top()));
  if (!m_hovered || m_hovered->number != m_hoverCommit) return;
  QStringList lines{QStringLiteral("#%1   %2").arg(m_hovered->number).arg(m_hovered->when),
                    QStringList{m_hovered->ago, m_hovered->author}.join(QStringLiteral("   "))};
  if (!m_hovered->counts.isEmpty()) lines << m_hovered->counts;
  if (!m_hovered->message.isEmpty()) lines << fontMetrics().elidedText(m_hovered->message, Qt::ElideRight, 360);
  int wide = 0;
  for (const QString& line : lines) wide = std::max(wide, fontMetrics().horizontalAdvance(line));
  const int tall = static_cast<int>(lines.size()) * fontMetrics().height();
  QRectF card(m_hoverX + 10, 4, wide + 18, tall + 10);
  if (card.right() > trackWidth() - 4) card.moveRight(m_hoverX - 10);
  card.moveLeft(std::max(4.0, card.left()));
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setPen(theme.border);
  painter.setBrush(theme.surfaceRaised);
  painter.drawRoundedRect(card, 5, 5);
  painter.setFont(font());
  painter.setPen(theme.text);
  painter.drawText(card.adjusted(9, 5, -5, -5), lines.join(QLatin1Char('\n')));
}

}  // namespace drift::gui::timeline
