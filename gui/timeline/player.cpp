#include "timeline/player.h"

#include <algorithm>

namespace drift::gui::timeline {

namespace {

constexpr int kFrameMs = 33;

}  // namespace

Player::Player(QObject* parent) : QObject(parent) {
  m_timer.setInterval(kFrameMs);
  connect(&m_timer, &QTimer::timeout, this, [this] { advance(m_clock.restart()); });
}

void Player::play(int direction, CommitNumber from, const Extent& extent) {
  if (extent.last == 0) return;
  if (isPlaying() && direction == m_direction) {
    m_speed = std::min(m_speed * 2, kSpeedMax);
    return;
  }
  m_extent = extent;
  m_direction = direction;
  m_speed = 1;
  m_at = static_cast<double>(std::clamp(from, extent.first, extent.last));
  if (isPlaying()) return;
  m_clock.start();
  m_timer.start();
  emit playingChanged(true);
}

void Player::stop() {
  if (!isPlaying()) return;
  m_timer.stop();
  emit playingChanged(false);
}

void Player::advance(qint64 millis) {
  const auto first = static_cast<double>(m_extent.first);
  const auto last = static_cast<double>(m_extent.last);
  const auto before = static_cast<CommitNumber>(m_at);
  m_at += m_direction * m_speed * (last - first + 1) * static_cast<double>(millis) / kWholeMs;
  if (m_at >= last) {
    stop();
    emit reachedEnd();
    return;
  }
  if (m_at <= first) stop();
  m_at = std::max(m_at, first);
  if (static_cast<CommitNumber>(m_at) != before) emit moved(static_cast<CommitNumber>(m_at));
}

}  // namespace drift::gui::timeline
