// TimelineLink: feeds the timeline from the engine and lets it move the playhead. GUI thread.
//
// The panel knows nothing of the engine; this does the asking: buckets for what it shows, the overview, the
// times of all commits, and the commit under the pointer. Only the newest question of each kind counts.
#pragma once

#include <memory>
#include <optional>

#include <QObject>
#include <QTimer>

#include "bridge/engine_client.h"
#include "models/playhead.h"
#include "timeline/timeline_data.h"

namespace drift::gui::timeline {
class TimelinePanel;
}

namespace drift::gui::mainwindow {

class TimelineLink final : public QObject {
  Q_OBJECT

 public:
  /// Does not own the panel.
  explicit TimelineLink(timeline::TimelinePanel* panel, QObject* parent = nullptr);
  ~TimelineLink() override;

  timeline::TimelinePanel* panel() const { return m_panel; }
  QWidget* focusTarget() const;
  /// The database whose history is shown; null = none.
  void setDatabase(bridge::EngineClient* client, models::Playhead* playhead);
  /// The table whose changes stand out; 0 = the whole file.
  void setTable(TreeId table, const QString& name);

 signals:
  /// Some of the history cannot be read.
  void failed(const QString& sentence);

 private:
  struct Buckets {
    std::vector<timeline::Bucket> all;
    std::vector<timeline::Bucket> table;
  };
  /// What ends with the database: reads that would answer about another one.
  struct Reads;

  void fail(const Error& error);
  void follow();
  void followHead();
  void readTimes();
  void readView(const timeline::BucketRanges& ranges);
  void readOverview(const timeline::BucketRanges& ranges);
  void readHovered(CommitNumber commit);

  timeline::TimelinePanel* m_panel;
  bridge::EngineClient* m_client = nullptr;
  models::Playhead* m_playhead = nullptr;
  TreeId m_table = 0;
  std::unique_ptr<Reads> m_reads;
};

}  // namespace drift::gui::mainwindow
