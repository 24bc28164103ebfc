// TimelineTrack: the drawn part of the timeline: schema lane, histogram, ruler, playhead. GUI thread.
//
// Moments are commit numbers; where they lie on the screen comes from the buckets, so the read-out follows
// the pointer in the same frame without asking anyone. At the right end is the dock of LIVE.
#pragma once

#include <optional>

#include <QWidget>

#include "timeline/time_axis.h"
#include "timeline/timeline_data.h"

namespace drift::gui::timeline {

class TimelineTrack final : public QWidget {
  Q_OBJECT

 public:
  explicit TimelineTrack(QWidget* parent = nullptr);

  void setExtent(const Extent& extent);
  /// The buckets of the view: of the whole file, and of the table that is looked at (empty: none is).
  void setBuckets(std::vector<Bucket> all, std::vector<Bucket> table);
  /// Where the playhead is; nothing = live.
  void setPlayhead(std::optional<CommitNumber> commit, std::optional<TimeMicros> time);
  /// What the hover card says; shown while the pointer is on that commit.
  void setHovered(const Moment& moment);

  const TimeAxis& axis() const { return m_axis; }
  bool isLive() const { return !m_playhead; }
  void showAll();
  void setView(TimeMicros from, TimeMicros to);
  void zoomAtPlayhead(double factor);
  /// The commit whose state a position shows: the last one at or before it; 0 before the first.
  CommitNumber commitAt(double position) const;
  /// Right edge of the histogram; the dock of LIVE begins there.
  int trackWidth() const;

  QSize sizeHint() const override;
  QSize minimumSizeHint() const override;

 signals:
  void momentRequested(CommitNumber commit);
  void liveRequested();
  /// Steps among the commits that changed what is looked at.
  void stepRequested(int steps);
  void hovered(CommitNumber commit);
  void viewChanged();

 protected:
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
  QRect schemaLane() const;
  QRect histogram() const;
  QRect ruler() const;
  QRect liveDock() const;
  double playheadX() const;
  void scrubTo(double position, int depth);
  void paintHistogram(QPainter& painter) const;
  void paintSchemaLane(QPainter& painter) const;
  void paintRuler(QPainter& painter) const;
  void paintPlayhead(QPainter& painter) const;
  void paintHover(QPainter& painter) const;
  void paintLiveDock(QPainter& painter) const;

  Extent m_extent;
  TimeAxis m_axis;
  std::vector<Bucket> m_all;
  std::vector<Bucket> m_table;
  std::optional<CommitNumber> m_playhead;
  std::optional<TimeMicros> m_playheadTime;
  double m_scrubX = -1;        // while dragging: where the hairline is
  double m_fineOrigin = -1;    // where fine scrubbing began
  double m_hoverX = -1;
  CommitNumber m_hoverCommit = 0;
  std::optional<Moment> m_hovered;
  bool m_dragging = false;
};

}  // namespace drift::gui::timeline
