// TimelinePanel: the timeline with everything around it: title, track, overview, step keys and read-out.
//
// It knows nothing of the engine: whoever owns it feeds it with plain structs and follows its signals.
// GUI thread.
#pragma once

#include <optional>
#include <span>

#include <QWidget>

#include "timeline/timeline_data.h"

class QAction;
class QLabel;
class QToolButton;

namespace drift::gui::timeline {

class KeySheet;
class OverviewStrip;
class TimelineTrack;

class TimelinePanel final : public QWidget {
  Q_OBJECT

 public:
  /// Longer histories are shown without the times of their commits: positions are then as exact as buckets.
  static constexpr CommitNumber kCommitTimesMax = 1'000'000;

  explicit TimelinePanel(QWidget* parent = nullptr);

  /// Puts commands of the window (step keys, go to) before the read-out.
  void setCommands(const QList<QAction*>& commands);
  /// A new database: forgets everything. last == 0: none, or one without commits.
  void reset(const Extent& extent);
  /// The history grew.
  void setExtent(const Extent& extent);
  /// Times of the commits from `first` on, in order of their numbers.
  void appendCommitTimes(CommitNumber first, std::span<const TimeMicros> times);
  /// Answers overviewChanged().
  void setOverview(std::vector<Bucket> buckets);
  /// Answers viewChanged(): buckets of the whole file and of one table (empty: none).
  void setBuckets(std::vector<Bucket> all, std::vector<Bucket> table);
  /// Names the table that is looked at; empty = the whole file.
  void setTableName(const QString& name);
  /// The playhead moved: nothing = live; `moment` follows once it is known.
  void setPlayhead(std::optional<CommitNumber> commit, const std::optional<Moment>& moment);
  void setHovered(const Moment& moment);
  /// Only the line with read-out and step keys stays.
  void setCollapsed(bool collapsed);
  bool isCollapsed() const;

  TimelineTrack* track() const { return m_track; }
  QString readOut() const;
  /// What viewChanged() last asked for.
  BucketRanges viewRanges() const;

 signals:
  void momentRequested(CommitNumber commit);
  void liveRequested();
  void stepRequested(int steps);
  /// Wants a description of that commit: setHovered().
  void hovered(CommitNumber commit);
  /// Wants buckets of these ranges: setBuckets(). May come with every frame; only the newest counts.
  void viewChanged(const BucketRanges& ranges);
  /// Wants buckets of these ranges: setOverview().
  void overviewChanged(const BucketRanges& ranges);
  /// Wants the window to ask for a moment.
  void goToRequested();

 protected:
  void changeEvent(QEvent* event) override;

 private:
  QToolButton* makeButton(const QString& text, const QString& toolTip, const QString& name);
  QToolButton* makeAxisButton();
  QWidget* makeHeader();
  void connectTrack();
  void tellView();
  void tellOverview();
  void updateReadOut();
  void updateAxisButton();

  Extent m_extent;
  std::optional<CommitNumber> m_commit;
  std::optional<Moment> m_moment;
  QLabel* m_title;
  TimelineTrack* m_track;
  OverviewStrip* m_overview;
  KeySheet* m_keys;
  QWidget* m_transport;
  QLabel* m_readOut;
  QToolButton* m_play = nullptr;
  QToolButton* m_axisButton = nullptr;
  QAction* m_equalSteps = nullptr;
  QToolButton* m_zoneButton = nullptr;
  QToolButton* m_collapse = nullptr;
  QWidget* m_zoom = nullptr;  // what makes no sense while collapsed
};

}  // namespace drift::gui::timeline
