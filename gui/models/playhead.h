// Playhead: the moment that a window shows. Every linked view listens to it. GUI thread.
//
// A moment is a commit number, or live. Its description (time, author, message, counts) is read behind the
// number's back and arrives a little later. Moments where the playhead rested form a history of visits.
#pragma once

#include <optional>
#include <vector>

#include <QObject>
#include <QTimer>

#include "bridge/engine_client.h"

namespace drift::gui::models {

class Playhead final : public QObject {
  Q_OBJECT

 public:
  /// A moment counts as visited when the playhead rests there this long.
  static constexpr int kVisitMs = 700;
  static constexpr std::size_t kVisitsMax = 200;

  explicit Playhead(bridge::EngineClient* client, QObject* parent = nullptr);

  /// Nothing = live.
  std::optional<CommitNumber> moment() const { return m_moment; }
  bool isLive() const { return !m_moment; }
  /// What is known of the moment's commit; nothing until it was read, and while live.
  const std::optional<api::Commit>& commit() const { return m_commit; }

  /// Goes to a commit, kept within what the file has. 0 and an empty file mean live.
  void goTo(CommitNumber commit);
  void goLive();
  void goBack();
  void goForward();
  bool canGoBack() const { return m_visit > 0; }
  bool canGoForward() const { return m_visit + 1 < m_visits.size(); }
  /// Goes `steps` commits on (negative: back) among those that changed `table` (0 = any). Reaching the
  /// head goes live.
  void step(int steps, TreeId table);
  /// Goes to the last commit at or before a time.
  void goToTime(TimeMicros time);

 signals:
  void momentChanged();
  /// commit() was read.
  void commitChanged();
  void visitsChanged();
  /// A step or a time had nowhere to go; one sentence.
  void refused(const QString& sentence);

 private:
  void set(std::optional<CommitNumber> moment);
  void readCommit();
  void noteVisit();

  bridge::EngineClient* m_client;
  std::optional<CommitNumber> m_moment;
  std::optional<api::Commit> m_commit;
  std::vector<std::optional<CommitNumber>> m_visits{std::nullopt};
  std::size_t m_visit = 0;
  QTimer m_visitTimer;
  bridge::LatestRead<Result<std::optional<api::Commit>>> m_commitRead;
  bridge::LatestRead<Result<std::optional<CommitNumber>>> m_stepRead;
};

}  // namespace drift::gui::models
