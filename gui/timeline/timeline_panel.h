// TimelinePanel: the timeline with everything around it: title, track, overview, step keys and read-out.
//
// It knows nothing of the engine: whoever owns it feeds it with plain structs and follows its signals.
// GUI thread.
#pragma once

#include <optional>

#include <QWidget>

#include "timeline/timeline_data.h"

class QAction;
class QLabel;

namespace drift::gui::timeline {

class OverviewStrip;
class TimelineTrack;

class TimelinePanel final : public QWidget {
  Q_OBJECT

 public:
  explicit TimelinePanel(QWidget* parent = nullptr);

  /// Puts commands of the window (step keys, go to) before the read-out.
  void setCommands(const QList<QAction*>& commands);
  /// A new database: forgets everything. last == 0: none, or one without commits.
  void reset(const Extent& extent);
  /// The history grew.
  void setExtent(const Extent& extent);
  void setOverview(std::vector<Bucket> buckets);
  /// Buckets of the view that viewChanged() told; of the whole file and of one table (empty: none).
  void setBuckets(std::vector<Bucket> all, std::vector<Bucket> table);
  /// Names the table that is looked at; empty = the whole file.
  void setTableName(const QString& name);
  /// The playhead moved: nothing = live; `moment` follows once it is known.
  void setPlayhead(std::optional<CommitNumber> commit, const std::optional<Moment>& moment);
  void setHovered(const Moment& moment);

  TimelineTrack* track() const { return m_track; }
  QString readOut() const;

 signals:
  void momentRequested(CommitNumber commit);
  void liveRequested();
  void stepRequested(int steps);
  /// Wants a description of that commit: setHovered().
  void hovered(CommitNumber commit);
  /// Wants the buckets of that time range, one a column.
  void viewChanged(TimeMicros from, TimeMicros to, int columns);

 private:
  void tellView();
  void updateReadOut();

  Extent m_extent;
  std::optional<CommitNumber> m_commit;
  std::optional<Moment> m_moment;
  QLabel* m_title;
  TimelineTrack* m_track;
  OverviewStrip* m_overview;
  QWidget* m_transport;
  QLabel* m_readOut;
};

}  // namespace drift::gui::timeline
