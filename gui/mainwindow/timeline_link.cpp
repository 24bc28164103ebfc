#include "mainwindow/timeline_link.h"

#include <algorithm>

#include "bridge/text.h"
#include "models/moment_text.h"
#include "timeline/timeline_panel.h"
#include "timeline/timeline_track.h"

namespace drift::gui::mainwindow {

namespace {

constexpr std::size_t kTimesAtOnce = 50'000;

timeline::Extent extentOf(const api::HistoryExtent& extent) {
  return {extent.first, extent.last, extent.firstTime, extent.lastTime};
}

std::vector<timeline::Bucket> bucketsOf(const std::vector<api::HistoryBucket>& from) {
  std::vector<timeline::Bucket> buckets;
  buckets.reserve(from.size());
  for (const auto& bucket : from)
    buckets.push_back({bucket.start, bucket.end, bucket.commits, bucket.inserted, bucket.updated, bucket.deleted,
                       bucket.schemaChanges, bucket.first, bucket.last});
  return buckets;
}

timeline::Moment momentOf(const api::Commit& commit) {
  timeline::Moment moment;
  moment.number = commit.number;
  moment.time = commit.time;
  moment.ago = models::relativeTime(commit.time, QDateTime::currentDateTime());
  moment.author = bridge::fromEngine(commit.author);
  moment.message = bridge::fromEngine(commit.message).simplified();
  moment.counts = models::countsText(commit);
  moment.countsInWords = models::countsInWords(commit);
  return moment;
}

/// The buckets of all ranges as one series.
Result<std::vector<timeline::Bucket>> seriesOf(const api::Database& database, const timeline::BucketRanges& ranges,
                                               TreeId table) {
  std::vector<timeline::Bucket> series;
  for (const auto& range : ranges) {
    DRIFT_ASSIGN(const auto summary,
                 database.historySummary(range.from, range.to, static_cast<std::size_t>(range.columns), table));
    const auto part = bucketsOf(summary);
    series.insert(series.end(), part.begin(), part.end());
  }
  return series;
}

}  // namespace

struct TimelineLink::Reads {
  explicit Reads(bridge::EngineClient* client)
      : view(client, &context), overview(client, &context), hovered(client, &context) {}

  QObject context;  // replies after this is gone are dropped
  bridge::LatestRead<Result<Buckets>> view;
  bridge::LatestRead<Result<std::vector<timeline::Bucket>>> overview;
  bridge::LatestRead<Result<std::optional<api::Commit>>> hovered;
  bool readsTimes = false;  // one piece at a time
};

TimelineLink::TimelineLink(timeline::TimelinePanel* panel, QObject* parent) : QObject(parent), m_panel(panel) {
  connect(panel, &timeline::TimelinePanel::momentRequested, this, [this](CommitNumber commit) {
    if (m_playhead) m_playhead->goTo(commit);
  });
  connect(panel, &timeline::TimelinePanel::liveRequested, this, [this] {
    if (m_playhead) m_playhead->goLive();
  });
  connect(panel, &timeline::TimelinePanel::stepRequested, this, [this](int steps) {
    if (m_playhead) m_playhead->step(steps, m_table);
  });
  connect(panel, &timeline::TimelinePanel::viewChanged, this, &TimelineLink::readView);
  connect(panel, &timeline::TimelinePanel::overviewChanged, this, &TimelineLink::readOverview);
  connect(panel, &timeline::TimelinePanel::hovered, this, &TimelineLink::readHovered);
}

TimelineLink::~TimelineLink() = default;

QWidget* TimelineLink::focusTarget() const { return m_panel->track(); }

void TimelineLink::setDatabase(bridge::EngineClient* client, models::Playhead* playhead) {
  m_reads.reset();
  m_client = client;
  m_playhead = playhead;
  m_table = 0;
  m_panel->setTableName({});
  if (!client) {
    m_panel->reset({});
    return;
  }
  m_reads = std::make_unique<Reads>(client);
  connect(playhead, &models::Playhead::momentChanged, this, &TimelineLink::follow);
  connect(playhead, &models::Playhead::commitChanged, this, &TimelineLink::follow);
  connect(client, &bridge::EngineClient::headMoved, this, &TimelineLink::followHead);
  m_panel->reset(extentOf(client->facts().extent));
  readTimes();
}

void TimelineLink::setTable(TreeId table, const QString& name) {
  if (table == m_table) return;
  m_table = table;
  m_panel->setTableName(name);
  readView(m_panel->viewRanges());
}

void TimelineLink::follow() {
  const auto& commit = m_playhead->commit();
  m_panel->setPlayhead(m_playhead->moment(), commit ? std::optional(momentOf(*commit)) : std::nullopt);
}

void TimelineLink::followHead() {
  m_panel->setExtent(extentOf(m_client->facts().extent));
  readView(m_panel->viewRanges());
  readTimes();
}

void TimelineLink::readTimes() {
  if (m_client->facts().extent.hasGaps) return;  // the track counts by number; buckets do without
  const CommitNumber last = m_client->facts().extent.last;
  const CommitNumber first = std::max(m_panel->track()->commits().last() + 1, m_client->facts().extent.first);
  if (m_reads->readsTimes || last == 0 || first > last || last > timeline::TimelinePanel::kCommitTimesMax) return;
  m_reads->readsTimes = true;
  m_client->read(
      &m_reads->context,
      [first, end = std::min<CommitNumber>(last + 1, first + kTimesAtOnce)](
          const api::Database& database) -> Result<std::vector<TimeMicros>> {
        std::vector<TimeMicros> times;
        for (CommitNumber at = first; at < end; ++at) {
          DRIFT_ASSIGN(const auto time, database.timeOf(at));
          times.push_back(time);
        }
        return times;
      },
      [this, first](const Result<std::vector<TimeMicros>>& times) {
        m_reads->readsTimes = false;
        if (!times.ok()) return fail(times.error());  // the next commit tries again
        m_panel->appendCommitTimes(first, *times);
        readTimes();
      });
}

void TimelineLink::readView(const timeline::BucketRanges& ranges) {
  if (!m_reads) return;
  m_reads->view.submit(
      [ranges, table = m_table](const api::Database& database) -> Result<Buckets> {
        Buckets buckets;
        DRIFT_ASSIGN(buckets.all, seriesOf(database, ranges, 0));
        if (table != 0) {
          DRIFT_ASSIGN(buckets.table, seriesOf(database, ranges, table));
        }
        return buckets;
      },
      [this](Result<Buckets> buckets) {
        if (!buckets.ok()) return fail(buckets.error());
        m_panel->setBuckets(std::move(buckets->all), std::move(buckets->table));
      });
}

void TimelineLink::readOverview(const timeline::BucketRanges& ranges) {
  if (!m_reads) return;
  m_reads->overview.submit([ranges](const api::Database& database) { return seriesOf(database, ranges, 0); },
                           [this](Result<std::vector<timeline::Bucket>> buckets) {
                             if (!buckets.ok()) return fail(buckets.error());
                             m_panel->setOverview(std::move(buckets).value());
                           });
}

void TimelineLink::fail(const Error& error) { emit failed(bridge::sentenceOf(error)); }

void TimelineLink::readHovered(CommitNumber commit) {
  if (!m_reads) return;
  m_reads->hovered.submit([commit](const api::Database& database) { return database.commit(commit); },
                          [this](const Result<std::optional<api::Commit>>& read) {
                            // A commit that cannot be read has no card; going there says why.
                            if (read.ok() && read.value()) m_panel->setHovered(momentOf(*read.value()));
                          });
}

}  // namespace drift::gui::mainwindow
