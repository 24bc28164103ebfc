#include "timeline/timeline_track.h"

#include <algorithm>
#include <cmath>

#include <QAccessible>
#include <QPainter>
#include <QStyle>

#include "timeline/histogram.h"
#include "timeline/lanes.h"
#include "timeline/playhead_paint.h"
#include "timeline/track_accessible.h"

namespace drift::gui::timeline {

namespace {

constexpr int kAnimationMs = 120;
constexpr int kAnnounceMs = 500;
constexpr double kBurstPause = 0.06;  // of the view: a longer pause ends a burst
constexpr double kBurstMargin = 0.12;
constexpr TimeMicros kLonelySpan = 60'000'000;  // a history of one commit is shown so wide

}  // namespace

TimelineTrack::TimelineTrack(QWidget* parent) : QWidget(parent) {
  TrackAccessible::install();
  setMouseTracking(true);
  setFocusPolicy(Qt::StrongFocus);
  setAccessibleName(tr("Timeline"));
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Expanding);
  m_animation.setEasingCurve(QEasingCurve::OutCubic);
  m_announce.setSingleShot(true);
  m_announce.setInterval(kAnnounceMs);
  connect(&m_announce, &QTimer::timeout, this, [this] {
    QAccessibleValueChangeEvent change(
        this, QVariant::fromValue(static_cast<qulonglong>(m_playhead.value_or(m_extent.last))));
    QAccessible::updateAccessibility(&change);
  });
  connect(&m_player, &Player::moved, this, &TimelineTrack::momentRequested);
  connect(&m_player, &Player::reachedEnd, this, &TimelineTrack::liveRequested);
}

QSize TimelineTrack::sizeHint() const { return {fontMetrics().averageCharWidth() * 80, fontMetrics().height() * 8}; }

QSize TimelineTrack::minimumSizeHint() const {
  return {fontMetrics().averageCharWidth() * 30, fontMetrics().height() * 5};
}

void TimelineTrack::setExtent(const Extent& extent) {
  const bool first = m_extent.last == 0;
  const auto [left, right] = wholeView();
  const bool showedAll = first || (m_axis.fromPlace() <= left && m_axis.toPlace() >= right);
  const bool showedEnd = m_axis.to() >= m_extent.lastTime;
  m_extent = extent;
  if (first) m_axis.setView(extent.firstTime, std::max(extent.lastTime, extent.firstTime + kLonelySpan), trackWidth());
  if (showedAll) {
    const auto [from, to] = wholeView();
    setPlaces(from, to);
  } else if (showedEnd && isLive() && m_axis.to() < extent.lastTime) {
    // The head is followed, at the same zoom.
    m_axis.pan(m_axis.positionOf(extent.lastTime) - m_axis.width() * 0.98, extent.firstTime, extent.lastTime);
    update();
    emit viewChanged();
  } else {
    update();
  }
}

void TimelineTrack::setBuckets(std::vector<Bucket> all, std::vector<Bucket> table) {
  m_all = std::move(all);
  m_table = std::move(table);
  update();
}

void TimelineTrack::clear() {
  m_player.stop();
  m_animation.stop();
  m_axis.setScale({});  // before the commits go that it may lean on
  m_extent = {};
  m_commits.clear();
  m_gaps.clear();
  m_gapsOf = 0;
  m_views.clear();
  m_all.clear();
  m_table.clear();
  m_hovered.reset();
  m_hoverCommit = 0;
  update();
}

void TimelineTrack::appendCommits(CommitNumber first, std::span<const TimeMicros> times) {
  m_commits.append(first, times);
  // A few more commits do not change what is usual; the gaps are found anew when the history has grown.
  if (m_commits.size() < m_gapsOf + m_gapsOf / 20 + 1) {
    update();
    return;
  }
  m_gapsOf = m_commits.size();
  m_gaps = idleGaps(m_commits.times());
  updateScale();
}

void TimelineTrack::setIdleFrom(const std::vector<Bucket>& overview) {
  // Once is enough: the question itself follows the gaps, and must not chase its own answer.
  if (!m_commits.empty() || !m_gaps.empty()) return;
  std::vector<TimeMicros> edges;
  for (const Bucket& bucket : overview) {
    if (bucket.commits == 0) continue;
    edges.push_back(bucket.start);
    edges.push_back(bucket.end);
  }
  edges.erase(std::unique(edges.begin(), edges.end()), edges.end());
  m_gaps = idleGaps(edges);
  if (!m_gaps.empty()) updateScale();
}

void TimelineTrack::updateScale() {
  const auto [left, right] = wholeView();
  const bool showedAll = m_axis.fromPlace() <= left && m_axis.toPlace() >= right;
  switch (m_mode) {
    case AxisMode::Elastic: m_axis.setScale(AxisScale::elastic(m_gaps)); break;
    case AxisMode::Clock: m_axis.setScale({}); break;
    case AxisMode::Commits: m_axis.setScale(AxisScale::equalSteps(m_commits)); break;
  }
  if (m_extent.last == 0) return;
  if (showedAll) {
    const auto [from, to] = wholeView();
    m_axis.setPlaces(from, to);
  }
  update();
  emit viewChanged();
}

void TimelineTrack::setPlayhead(std::optional<CommitNumber> commit, std::optional<TimeMicros> time) {
  if (m_playhead != commit) m_playheadTime.reset();
  m_playhead = commit;
  if (time) m_playheadTime = time;
  else if (commit && !m_playheadTime) m_playheadTime = m_commits.timeOf(*commit);
  update();
}

void TimelineTrack::setHovered(const Moment& moment) {
  m_hovered = moment;
  update();
}

void TimelineTrack::setAxisMode(AxisMode mode) {
  if (mode == m_mode) return;
  m_mode = mode;
  m_animation.stop();
  updateScale();
}

void TimelineTrack::setZone(Zone zone) {
  m_zone = zone;
  update();
}

void TimelineTrack::setLinearHeights(bool linear) {
  m_linearHeights = linear;
  update();
}

void TimelineTrack::setValueText(const QString& text) {
  if (text == m_valueText) return;
  m_valueText = text;
  if (!m_announce.isActive()) m_announce.start();
}

std::optional<TimeMicros> TimelineTrack::timeOf(CommitNumber commit) const {
  if (commit == m_extent.last) return m_extent.lastTime;
  return m_commits.timeOf(commit);
}

std::pair<Place, Place> TimelineTrack::wholeView() const {
  const Place first = m_axis.scale().placeOf(m_extent.firstTime);
  const Place last = m_axis.scale().placeOf(m_extent.lastTime);
  const Place span = m_extent.lastTime > m_extent.firstTime ? last - first : kLonelySpan;
  // A lonely commit stands in the middle.
  if (m_extent.lastTime <= m_extent.firstTime) return {first - span / 2, first + span / 2};
  return {first - span / 80, last + span / 160};
}

void TimelineTrack::remember() {
  if (m_views.size() == kViewsMax) m_views.erase(m_views.begin());
  m_views.push_back({m_axis.from(), m_axis.to()});
}

void TimelineTrack::setPlaces(Place from, Place to) {
  m_animation.stop();
  m_axis.setPlaces(from, to);
  update();
  emit viewChanged();
}

void TimelineTrack::moveTo(Place from, Place to) {
  m_panning = false;
  m_animation.stop();
  const int duration = std::min(kAnimationMs, style()->styleHint(QStyle::SH_Widget_Animation_Duration, nullptr, this));
  if (duration <= 0 || !isVisible()) {
    setPlaces(from, to);
    return;
  }
  const Place startFrom = m_axis.fromPlace();
  const Place startTo = m_axis.toPlace();
  m_animation.disconnect(this);
  m_animation.setDuration(duration);
  m_animation.setStartValue(0.0);
  m_animation.setEndValue(1.0);
  connect(&m_animation, &QVariantAnimation::valueChanged, this, [=, this](const QVariant& value) {
    const double share = value.toDouble();
    const auto between = [share](Place start, Place end) {
      return share >= 1 ? end : start + static_cast<Place>(share * static_cast<double>(end - start));
    };
    m_axis.setPlaces(between(startFrom, from), between(startTo, to));
    update();
    emit viewChanged();
  });
  m_animation.start();
}

void TimelineTrack::showAll() {
  remember();
  const auto [from, to] = wholeView();
  moveTo(from, to);
}

void TimelineTrack::showRange(TimeMicros from, TimeMicros to) {
  remember();
  moveTo(m_axis.scale().placeOf(from), m_axis.scale().placeOf(to));
}

void TimelineTrack::zoomAtPlayhead(bool in) {
  remember();
  TimeAxis target = m_axis;
  target.zoom(m_axis.ladderFactor(in), std::clamp(playheadX(), 0.0, static_cast<double>(trackWidth())),
              m_extent.firstTime, m_extent.lastTime);
  moveTo(target.fromPlace(), target.toPlace());
}

void TimelineTrack::fitBurst(double position) {
  const CommitNumber at = m_commits.nearest(m_axis.timeAt(position));
  if (at == 0) {
    remember();
    TimeAxis target = m_axis;
    target.zoom(0.25, position, m_extent.firstTime, m_extent.lastTime);
    moveTo(target.fromPlace(), target.toPlace());
    return;
  }
  const auto pause = static_cast<Place>(static_cast<double>(m_axis.span()) * kBurstPause);
  const auto placeOf = [this](CommitNumber commit) { return m_axis.scale().placeOf(*m_commits.timeOf(commit)); };
  CommitNumber first = at;
  CommitNumber last = at;
  while (first > m_commits.first() && placeOf(first) - placeOf(first - 1) <= pause &&
         placeOf(first) > m_axis.fromPlace())
    --first;
  while (last < m_commits.last() && placeOf(last + 1) - placeOf(last) <= pause && placeOf(last) < m_axis.toPlace())
    ++last;
  const Place length = std::max(placeOf(last) - placeOf(first), pause);
  const auto margin = static_cast<Place>(static_cast<double>(length) * kBurstMargin);
  const Place centre = placeOf(first) + (placeOf(last) - placeOf(first)) / 2;
  remember();
  moveTo(centre - length / 2 - margin, centre + length / 2 + margin);
}

void TimelineTrack::showPrevious() {
  if (m_views.empty()) return;
  const View view = m_views.back();
  m_views.pop_back();
  moveTo(m_axis.scale().placeOf(view.from), m_axis.scale().placeOf(view.to));
}

void TimelineTrack::resizeEvent(QResizeEvent* event) {
  QWidget::resizeEvent(event);
  const Place from = m_axis.fromPlace();
  const Place to = m_axis.toPlace();
  m_axis.setView(m_axis.from(), m_axis.to(), trackWidth());
  setPlaces(from, to);
}

CommitNumber TimelineTrack::commitAt(double position) const {
  if (m_extent.last == 0) return 0;
  const TimeMicros time = m_axis.timeAt(position);
  if (time >= m_extent.lastTime) return m_extent.last;
  if (time < m_extent.firstTime) return m_extent.first;
  // While the newest commits are on their way to the index, it does not know about the times after its last.
  const bool indexed = !m_commits.empty() && (m_commits.last() == m_extent.last || time < m_commits.times().back());
  return std::max(m_extent.first, indexed ? m_commits.commitAt(time) : commitFromBuckets(time));
}

CommitNumber TimelineTrack::commitFromBuckets(TimeMicros time) const {
  // The bucket under the pointer, or the last one before it in which something happened.
  auto after = std::upper_bound(m_all.begin(), m_all.end(), time,
                                [](TimeMicros wanted, const Bucket& bucket) { return wanted < bucket.start; });
  for (; after != m_all.begin(); --after) {
    const Bucket& bucket = *std::prev(after);
    if (bucket.commits == 0) continue;
    if (time >= bucket.end) return bucket.last;
    // In the midst of a bucket of many: as if they came evenly.
    const double share = static_cast<double>(time - bucket.start) /
                         static_cast<double>(std::max<TimeMicros>(1, bucket.end - bucket.start));
    return bucket.first + static_cast<CommitNumber>(share * static_cast<double>(bucket.last - bucket.first));
  }
  // Nothing happened in the view before it: the commit before the first one that is in view.
  for (const Bucket& bucket : m_all)
    if (bucket.commits > 0) return std::max(m_extent.first, bucket.first - 1);
  return m_playhead.value_or(m_extent.first);
}

CommitNumber TimelineTrack::snappedCommitAt(double position) const {
  const CommitNumber nearest = m_commits.nearest(m_axis.timeAt(position));
  const auto time = timeOf(nearest);
  if (nearest != 0 && nearest <= m_extent.last && time && std::abs(m_axis.positionOf(*time) - position) <= kSnapPixels)
    return nearest;
  return commitAt(position);
}

double TimelineTrack::playheadX() const {
  if (!m_playhead) return trackWidth();
  if (m_drag == Drag::Scrub && m_scrubX >= 0) return m_scrubX;
  if (m_playheadTime) return m_axis.positionOf(*m_playheadTime);
  // The time is not known yet: the bucket that holds the commit is close enough.
  for (const Bucket& bucket : m_all)
    if (bucket.commits > 0 && *m_playhead <= bucket.last)
      return m_axis.positionOf(bucket.start + (bucket.end - bucket.start) / 2);
  return m_scrubX;
}

QStringList TimelineTrack::hoverLines() const {
  if (m_hoverX < 0 || m_hoverCommit == 0 || m_drag != Drag::None) return {};
  return cardLines(m_hoverCommit, timeOf(m_hoverCommit), m_hovered, m_zone);
}

void TimelineTrack::paintEvent(QPaintEvent*) {
  const auto& theme = widgets::Theme::of(palette());
  const TrackLayout layout = trackLayout();
  const TrackFrame frame{layout, m_axis, theme, font(), m_zone, m_linearHeights};
  QPainter painter(this);
  painter.fillRect(rect(), theme.surface);
  if (m_extent.last == 0) {
    painter.setPen(theme.textDim);
    painter.drawText(rect(), Qt::AlignCenter, tr("No commits yet: history begins with the first change."));
    return;
  }
  painter.save();
  painter.setClipRect(QRect(0, 0, layout.histogram.width(), height()));
  paintRuler(painter, frame);
  paintHistogram(painter, frame, m_all, m_table);
  paintGaps(painter, frame);
  paintSchemaLane(painter, frame, m_all);
  painter.restore();
  paintLiveDock(painter, frame, isLive(), m_hoversDock);
  paintPlayhead(painter, frame, playheadX(), isLive());
  if (m_drag == Drag::Range) paintRange(painter, frame, m_rangeFrom, m_rangeTo);
  if (m_hoverX >= 0 && m_drag == Drag::None) {
    const auto time = timeOf(m_hoverCommit);
    const double hit = time ? m_axis.positionOf(*time) : m_hoverX;
    paintGhost(painter, frame, std::abs(hit - m_hoverX) <= kSnapPixels ? hit : m_hoverX, hoverLines());
  }
  if (hasFocus()) {
    painter.setRenderHint(QPainter::Antialiasing, false);
    painter.setPen(QPen(theme.accent, 2));
    painter.setBrush(Qt::NoBrush);
    painter.drawRect(rect().adjusted(1, 1, -1, -1));
  }
}

}  // namespace drift::gui::timeline
