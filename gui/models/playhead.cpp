#include "models/playhead.h"

#include <algorithm>
#include <cstdlib>

#include "bridge/text.h"

namespace drift::gui::models {

Playhead::Playhead(bridge::EngineClient* client, QObject* parent)
    : QObject(parent), m_client(client), m_commitRead(client, this), m_stepRead(client, this) {
  m_visitTimer.setSingleShot(true);
  m_visitTimer.setInterval(kVisitMs);
  connect(&m_visitTimer, &QTimer::timeout, this, &Playhead::noteVisit);
}

void Playhead::goTo(CommitNumber commit) {
  const auto& extent = m_client->facts().extent;
  if (commit == 0 || extent.last == 0) {
    goLive();
    return;
  }
  set(std::clamp(commit, extent.first, extent.last));
}

void Playhead::goLive() { set(std::nullopt); }

void Playhead::set(std::optional<CommitNumber> moment) {
  m_stepRead.forget();
  if (moment == m_moment) return;
  m_moment = moment;
  m_commit.reset();
  m_visitTimer.start();
  emit momentChanged();
  readCommit();
}

void Playhead::readCommit() {
  if (!m_moment) {
    m_commitRead.forget();
    emit commitChanged();
    return;
  }
  m_commitRead.submit([at = *m_moment](const api::Database& database) { return database.commit(at); },
                      [this](Result<std::optional<api::Commit>> read) {
                        if (!read.ok()) {
                          emit refused(bridge::sentenceOf(read.error()));
                          return;
                        }
                        if (!read.value() || read.value()->number != m_moment) return;
                        m_commit = std::move(read).value();
                        emit commitChanged();
                      });
}

void Playhead::noteVisit() {
  if (m_visits[m_visit] == m_moment) return;
  m_visits.resize(m_visit + 1);
  m_visits.push_back(m_moment);
  if (m_visits.size() > kVisitsMax) m_visits.erase(m_visits.begin());
  m_visit = m_visits.size() - 1;
  emit visitsChanged();
}

void Playhead::goBack() {
  if (m_visitTimer.isActive()) {
    m_visitTimer.stop();
    noteVisit();
  }
  if (!canGoBack()) return;
  --m_visit;
  set(m_visits[m_visit]);
  emit visitsChanged();
}

void Playhead::goForward() {
  if (!canGoForward()) return;
  ++m_visit;
  set(m_visits[m_visit]);
  emit visitsChanged();
}

void Playhead::step(int steps, TreeId table) {
  if (steps > 0 && !m_moment) {
    emit refused(tr("This is live already: there is no later commit."));
    return;
  }
  // From live, one step back is the state before the newest commit that matters.
  const CommitNumber from = m_moment.value_or(m_client->facts().extent.last + 1);
  const bool live = !m_moment;
  m_stepRead.submit(
      [from, steps, table, live](const api::Database& database) -> Result<std::optional<CommitNumber>> {
        std::optional<CommitNumber> at = from;
        const int count = std::abs(steps) + (live ? 1 : 0);
        for (int i = 0; i < count; ++i) {
          DRIFT_ASSIGN(const auto next, database.step(*at, steps > 0, table));
          if (!next || *next == 0) return i > (live ? 1 : 0) ? at : std::nullopt;
          at = next;
        }
        return at;
      },
      [this, steps](const Result<std::optional<CommitNumber>>& reached) {
        if (!reached.ok()) {
          emit refused(bridge::sentenceOf(reached.error()));
        } else if (reached.value()) {
          set(*reached);
        } else if (steps > 0) {
          goLive();
        } else {
          emit refused(tr("There is no earlier commit that changed this."));
        }
      });
}

void Playhead::goToTime(TimeMicros time) {
  m_stepRead.submit(
      [time](const api::Database& database) -> Result<std::optional<CommitNumber>> {
        DRIFT_ASSIGN(const CommitNumber at, database.commitAt(time));
        return at == 0 ? std::nullopt : std::optional(at);
      },
      [this](const Result<std::optional<CommitNumber>>& reached) {
        if (!reached.ok()) {
          emit refused(bridge::sentenceOf(reached.error()));
        } else if (reached.value()) {
          set(*reached);
        } else {
          emit refused(tr("That is before the first commit of this database."));
        }
      });
}

}  // namespace drift::gui::models
