// Player: lets history run by itself: the whole of it in ten seconds, or faster. GUI thread.
#pragma once

#include <QElapsedTimer>
#include <QObject>
#include <QTimer>

#include "timeline/timeline_data.h"

namespace drift::gui::timeline {

class Player final : public QObject {
  Q_OBJECT

 public:
  /// The whole history at single speed.
  static constexpr int kWholeMs = 10'000;
  static constexpr int kSpeedMax = 64;

  explicit Player(QObject* parent = nullptr);

  /// Runs from `from` towards the end of `extent` (direction > 0) or its beginning. Asked again in the same
  /// direction it doubles the speed.
  void play(int direction, CommitNumber from, const Extent& extent);
  void stop();
  bool isPlaying() const { return m_timer.isActive(); }
  int speed() const { return m_speed; }
  /// Moves on by so much time. The timer calls this.
  void advance(qint64 millis);

 signals:
  void moved(CommitNumber commit);
  /// Ran into the newest commit.
  void reachedEnd();
  void playingChanged(bool playing);

 private:
  QTimer m_timer;
  QElapsedTimer m_clock;
  Extent m_extent;
  double m_at = 0;  // commit number
  int m_direction = 1;
  int m_speed = 1;
};

}  // namespace drift::gui::timeline
