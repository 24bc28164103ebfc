// TimelineTrack: the drawn part of the timeline: schema lane, histogram, ruler, playhead. GUI thread.
//
// Moments are commit numbers; where they lie on the screen comes from the index of commit times, or from the
// buckets where there are too many commits for that, so the read-out follows the pointer in the same frame
// without asking anyone. At the right end is the dock of LIVE. Buckets that are on their way do not hold up
// painting: the last ones are drawn, stretched, until then.
#pragma once

#include <optional>

#include <QTimer>
#include <QVariantAnimation>
#include <QWidget>

#include "timeline/player.h"
#include "timeline/time_axis.h"
#include "timeline/track_frame.h"

class QNativeGestureEvent;

namespace drift::gui::timeline {

class TimelineTrack final : public QWidget {
  Q_OBJECT

 public:
  /// Widths of a column of the histogram, in pixels.
  static constexpr int kColumnPitch = 3;
  /// A pointer so close to a commit means that commit.
  static constexpr int kSnapPixels = 6;
  static constexpr int kViewsMax = 50;

  explicit TimelineTrack(QWidget* parent = nullptr);

  void setExtent(const Extent& extent);
  /// The buckets of the ranges that ranges() gave: of the whole file, and of the table that is looked at
  /// (empty: none is).
  void setBuckets(std::vector<Bucket> all, std::vector<Bucket> table);
  /// Times of the commits from `first` on.
  void appendCommits(CommitNumber first, std::span<const TimeMicros> times);
  /// A new file: forgets commits, buckets and visited views.
  void clear();
  /// Stretches that are idle as far as buckets of the whole history tell; used while there is no index.
  void setIdleFrom(const std::vector<Bucket>& overview);
  /// Where the playhead is; nothing = live. `time` may follow later.
  void setPlayhead(std::optional<CommitNumber> commit, std::optional<TimeMicros> time);
  /// What the hover card says; shown while the pointer is on that commit.
  void setHovered(const Moment& moment);
  void setAxisMode(AxisMode mode);
  void setZone(Zone zone);
  void setLinearHeights(bool linear);
  /// What screen readers say of the playhead. Announced at most twice a second.
  void setValueText(const QString& text);

  const TimeAxis& axis() const { return m_axis; }
  const Extent& extent() const { return m_extent; }
  const CommitIndex& commits() const { return m_commits; }
  AxisMode axisMode() const { return m_mode; }
  Zone zone() const { return m_zone; }
  bool linearHeights() const { return m_linearHeights; }
  /// Equal steps need the time of every commit.
  bool canStepEqually() const { return !m_commits.empty(); }
  bool isLive() const { return !m_playhead; }
  std::optional<CommitNumber> playhead() const { return m_playhead; }
  QString valueText() const { return m_valueText; }
  /// The buckets that the view needs.
  BucketRanges ranges() const { return bucketRanges(m_axis, m_commits, kColumnPitch); }
  Player* player() { return &m_player; }
  /// The hairline's position; the dock's edge while live.
  double playheadX() const;
  /// What the hover card says now; empty while there is none.
  QStringList hoverLines() const;
  TrackLayout trackLayout() const { return TrackLayout::of(size(), fontMetrics()); }
  /// The view that shows all of the history with a little room at both ends.
  std::pair<Place, Place> wholeView() const;
  /// Right edge of the histogram; the dock of LIVE begins there.
  int trackWidth() const { return trackLayout().histogram.width(); }

  /// The commit whose state a position shows: the last one at or before it; the first one where there is none.
  CommitNumber commitAt(double position) const;
  /// As commitAt(), but a commit within kSnapPixels counts as hit.
  CommitNumber snappedCommitAt(double position) const;

  /// These remember the view they leave for showPrevious().
  void showAll();
  void showRange(TimeMicros from, TimeMicros to);
  void zoomAtPlayhead(bool in);
  /// Shows the commits around a position that follow each other closely.
  void fitBurst(double position);
  void showPrevious();
  /// Moves the view at once and without a trace; for the overview's brush.
  void setPlaces(Place from, Place to);
  void togglePlay();

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void momentRequested(CommitNumber commit);
  void liveRequested();
  /// Steps among the commits that changed what is looked at.
  void stepRequested(int steps);
  void hovered(CommitNumber commit);
  void viewChanged();
  void goToRequested();
  void keysRequested();

 protected:
  bool event(QEvent* event) override;
  void paintEvent(QPaintEvent* event) override;
  void resizeEvent(QResizeEvent* event) override;
  void mousePressEvent(QMouseEvent* event) override;
  void mouseMoveEvent(QMouseEvent* event) override;
  void mouseReleaseEvent(QMouseEvent* event) override;
  void mouseDoubleClickEvent(QMouseEvent* event) override;
  void wheelEvent(QWheelEvent* event) override;
  void leaveEvent(QEvent* event) override;
  void keyPressEvent(QKeyEvent* event) override;

 private:
  enum class Drag { None, Scrub, Range };
  struct View {
    TimeMicros from = 0;
    TimeMicros to = 0;
  };

  void updateScale();
  void remember();
  void moveTo(Place from, Place to);
  void scrubTo(double position, int depth, bool snap);
  void hoverAt(QPointF position);
  void endRange(double position);
  void playTowards(int direction);
  bool handlePlainKey(QKeyEvent* event);
  std::optional<TimeMicros> timeOf(CommitNumber commit) const;
  CommitNumber commitFromBuckets(TimeMicros time) const;

  Extent m_extent;
  CommitIndex m_commits;
  std::vector<Gap> m_gaps;
  std::size_t m_gapsOf = 0;  // how many commits the gaps were found in
  AxisMode m_mode = AxisMode::Elastic;
  Zone m_zone = Zone::Local;
  bool m_linearHeights = false;
  TimeAxis m_axis;
  std::vector<View> m_views;
  QVariantAnimation m_animation;
  std::vector<Bucket> m_all;
  std::vector<Bucket> m_table;
  std::optional<CommitNumber> m_playhead;
  std::optional<TimeMicros> m_playheadTime;
  QString m_valueText;
  QTimer m_announce;
  Player m_player;

  Drag m_drag = Drag::None;
  double m_scrubX = -1;      // while scrubbing: where the hairline is
  double m_fineOrigin = -1;  // where fine scrubbing began
  double m_rangeFrom = 0;
  double m_rangeTo = 0;
  double m_hoverX = -1;
  bool m_hoversDock = false;
  bool m_panning = false;  // the wheel moves the view; only where it began is worth remembering
  CommitNumber m_hoverCommit = 0;
  std::optional<Moment> m_hovered;
};

}  // namespace drift::gui::timeline
