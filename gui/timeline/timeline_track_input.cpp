// The pointer and the keys of TimelineTrack.

#include <algorithm>
#include <cmath>
#include <utility>

#include <QKeyEvent>
#include <QMouseEvent>
#include <QWheelEvent>

#include "timeline/timeline_track.h"

namespace drift::gui::timeline {

namespace {

constexpr double kWheelZoom = 0.8;
constexpr int kWheelNotch = 120;
constexpr double kFineDepth = 4;  // dragging so many lines below the track scrubs finer
constexpr double kFineFactor = 0.1;
constexpr int kRangeMin = 4;  // a shorter drag on the ruler is a click
constexpr int kManySteps = 10;

}  // namespace

void TimelineTrack::scrubTo(double position, int depth, bool snap) {
  double wanted = position;
  if (depth > kFineDepth * fontMetrics().height()) {
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
  wanted = std::max(wanted, 0.0);
  const CommitNumber commit = snap ? snappedCommitAt(wanted) : commitAt(wanted);
  const auto time = timeOf(commit);
  const double hit = time ? m_axis.positionOf(*time) : wanted;
  m_scrubX = snap && std::abs(hit - wanted) <= kSnapPixels ? hit : wanted;
  emit momentRequested(commit);
  update();
}

void TimelineTrack::hoverAt(QPointF position) {
  const TrackLayout layout = trackLayout();
  const bool dock = layout.liveDock.contains(position.toPoint());
  setCursor(dock                                        ? Qt::PointingHandCursor
            : layout.ruler.contains(position.toPoint()) ? Qt::IBeamCursor
                                                        : Qt::ArrowCursor);
  m_hoversDock = dock;
  m_hoverX = !dock && m_extent.last != 0 ? position.x() : -1;
  const CommitNumber commit = m_hoverX >= 0 ? snappedCommitAt(m_hoverX) : 0;
  if (commit != m_hoverCommit) {
    m_hoverCommit = commit;
    if (commit != 0) emit hovered(commit);
  }
  update();
}

void TimelineTrack::mousePressEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_extent.last == 0) return;
  m_player.stop();
  m_fineOrigin = -1;
  if (trackLayout().ruler.contains(event->position().toPoint())) {
    m_drag = Drag::Range;
    m_rangeFrom = m_rangeTo = event->position().x();
    return;
  }
  m_drag = Drag::Scrub;
  scrubTo(event->position().x(), 0, !(event->modifiers() & Qt::AltModifier));
}

void TimelineTrack::mouseMoveEvent(QMouseEvent* event) {
  const double x = event->position().x();
  switch (m_drag) {
    case Drag::None: hoverAt(event->position()); return;
    case Drag::Range:
      m_rangeTo = std::clamp(x, 0.0, static_cast<double>(trackWidth()));
      update();
      return;
    case Drag::Scrub:
      m_hoverX = -1;
      scrubTo(x, static_cast<int>(event->position().y()) - height(), !(event->modifiers() & Qt::AltModifier));
      return;
  }
}

void TimelineTrack::mouseReleaseEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton) return;
  const Drag ended = std::exchange(m_drag, Drag::None);
  m_fineOrigin = -1;
  if (ended == Drag::Range) endRange(event->position().x());
  update();
}

void TimelineTrack::endRange(double position) {
  const double left = std::min(m_rangeFrom, m_rangeTo);
  const double right = std::max(m_rangeFrom, m_rangeTo);
  if (right - left >= kRangeMin) showRange(m_axis.timeAt(left), m_axis.timeAt(right));
  else emit momentRequested(snappedCommitAt(position));
}

void TimelineTrack::mouseDoubleClickEvent(QMouseEvent* event) {
  if (event->button() != Qt::LeftButton || m_extent.last == 0 || event->position().x() >= trackWidth()) return;
  fitBurst(event->position().x());
}

void TimelineTrack::wheelEvent(QWheelEvent* event) {
  if (m_extent.last == 0) return;
  m_animation.stop();
  // A turn of the wheel is one movement, however many events it takes.
  if (!m_panning) remember();
  m_panning = true;
  const QPoint turn = event->angleDelta();
  if (event->modifiers() & Qt::ControlModifier) {
    m_axis.zoom(std::pow(kWheelZoom, static_cast<double>(turn.y()) / kWheelNotch), event->position().x(),
                m_extent.firstTime, m_extent.lastTime);
  } else {
    const QPoint by = event->pixelDelta().isNull() ? turn : event->pixelDelta();
    m_axis.pan(-(by.x() != 0 ? by.x() : by.y()), m_extent.firstTime, m_extent.lastTime);
  }
  event->accept();
  hoverAt(event->position());
  emit viewChanged();
}

bool TimelineTrack::event(QEvent* event) {
  if (event->type() == QEvent::NativeGesture && m_extent.last != 0) {
    const auto* gesture = static_cast<QNativeGestureEvent*>(event);
    if (gesture->gestureType() == Qt::ZoomNativeGesture) {
      m_axis.zoom(1 / std::max(0.1, 1 + gesture->value()), gesture->position().x(), m_extent.firstTime,
                  m_extent.lastTime);
      update();
      emit viewChanged();
      return true;
    }
  }
  return QWidget::event(event);
}

void TimelineTrack::leaveEvent(QEvent*) {
  m_hoverX = -1;
  m_hoverCommit = 0;
  m_hoversDock = false;
  update();
}

void TimelineTrack::togglePlay() {
  if (m_player.isPlaying()) m_player.stop();
  else playTowards(1);
}

void TimelineTrack::playTowards(int direction) {
  // From live there is nothing ahead: the film starts at the beginning.
  const CommitNumber from = m_playhead.value_or(direction > 0 ? m_extent.first : m_extent.last);
  m_player.play(direction, from, m_extent);
}

void TimelineTrack::keyPressEvent(QKeyEvent* event) {
  // Keys with Ctrl and Alt belong to the window; the keypad's + and - are as good as others.
  if (event->modifiers() & (Qt::ControlModifier | Qt::AltModifier | Qt::MetaModifier) || !handlePlainKey(event))
    QWidget::keyPressEvent(event);
}

bool TimelineTrack::handlePlainKey(QKeyEvent* event) {
  if (event->key() == Qt::Key_Question) {
    emit keysRequested();
    return true;
  }
  if (m_extent.last == 0) return false;
  const int many = event->modifiers() & Qt::ShiftModifier ? kManySteps : 1;
  const double width = trackWidth();
  const auto go = [this](auto action) {
    m_player.stop();
    action();
    return true;
  };
  switch (event->key()) {
    case Qt::Key_Left: return go([&] { emit stepRequested(-many); });
    case Qt::Key_Right: return go([&] { emit stepRequested(many); });
    case Qt::Key_Home: return go([&] { emit momentRequested(m_extent.first); });
    case Qt::Key_End:
    case Qt::Key_Escape: return go([&] { emit liveRequested(); });
    case Qt::Key_G: return go([&] { emit goToRequested(); });
    case Qt::Key_Plus:
    case Qt::Key_Equal: zoomAtPlayhead(true); return true;
    case Qt::Key_Minus: zoomAtPlayhead(false); return true;
    case Qt::Key_0: showAll(); return true;
    case Qt::Key_Backspace: showPrevious(); return true;
    case Qt::Key_F: {
      const double at = std::clamp(playheadX(), 0.0, width);
      const double away = playheadX() - width / 2;
      if (std::abs(away) < 2 || isLive()) {
        fitBurst(at);
        return true;
      }
      TimeAxis target = m_axis;
      target.pan(away, m_extent.firstTime, m_extent.lastTime);
      // At the ends the view cannot be centred; the second press fits all the same.
      if (target.fromPlace() == m_axis.fromPlace()) fitBurst(at);
      else moveTo(target.fromPlace(), target.toPlace());
      return true;
    }
    case Qt::Key_PageUp:
    case Qt::Key_PageDown: {
      TimeAxis target = m_axis;
      target.pan(event->key() == Qt::Key_PageUp ? -width : width, m_extent.firstTime, m_extent.lastTime);
      moveTo(target.fromPlace(), target.toPlace());
      return true;
    }
    case Qt::Key_Space: togglePlay(); return true;
    case Qt::Key_K: m_player.stop(); return true;
    case Qt::Key_J: playTowards(-1); return true;
    case Qt::Key_L: playTowards(1); return true;
    default: return false;
  }
}

}  // namespace drift::gui::timeline
