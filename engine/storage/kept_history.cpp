#include "storage/kept_history.h"

#include <algorithm>

namespace drift::storage {

namespace {

Error malformed() { return Error(ErrorKind::DataCorrupted, "what the file says of kept commits is malformed"); }

}  // namespace

Result<KeptCommits> KeptCommits::fromRuns(std::vector<Run> runs) {
  if (runs.empty() || runs.front().position != 0 || runs.front().first == 0) return malformed();
  for (std::size_t i = 1; i < runs.size(); ++i) {
    const auto& before = runs[i - 1];
    const auto count = runs[i].position - before.position;
    const bool rises = runs[i].position > before.position && runs[i].first > before.first;
    // A run that goes on where the one before ended would be no run of its own.
    if (!rises || runs[i].first - before.first <= count) return malformed();
  }
  KeptCommits kept;
  kept.m_runs = std::move(runs);
  return kept;
}

std::uint64_t KeptCommits::countUpTo(CommitNumber number) const {
  const auto after = std::ranges::upper_bound(m_runs, number, {}, &Run::first);
  if (after == m_runs.begin()) return 0;
  const auto& run = *std::prev(after);
  const auto count = run.position + (number - run.first) + 1;
  return after == m_runs.end() ? count : std::min(count, after->position);
}

CommitNumber KeptCommits::numberAt(std::uint64_t position) const {
  const auto& run = *std::prev(std::ranges::upper_bound(m_runs, position, {}, &Run::position));
  return run.first + (position - run.position);
}

bool KeptCommits::contains(CommitNumber number) const {
  const auto count = countUpTo(number);
  return count > 0 && numberAt(count - 1) == number;
}

CommitNumber KeptCommits::lastUpTo(CommitNumber number) const {
  const auto count = countUpTo(number);
  return count == 0 ? 0 : numberAt(count - 1);
}

const KeptCommits::Run* KeptCommits::gapBefore(std::uint64_t position) const {
  const auto found = std::ranges::lower_bound(m_runs, position, {}, &Run::position);
  const bool gap = found != m_runs.end() && found->position == position && (position > 0 || found->first > 1);
  return gap ? &*found : nullptr;
}

KeptCommits KeptCommits::upTo(CommitNumber number) const {
  KeptCommits kept;
  kept.m_runs.assign(m_runs.begin(), std::ranges::upper_bound(m_runs, number, {}, &Run::first));
  if (kept.m_runs.empty()) kept.m_runs.emplace_back();
  return kept;
}

void KeptCommitsBuilder::add(CommitNumber number, TimeMicros gapTime) {
  if (m_runs.empty() || number != m_last + 1) m_runs.push_back({number, m_count, m_last == 0 ? KeptCommits::Run().gapTime : gapTime});
  m_last = number;
  ++m_count;
}

Result<KeptCommits> KeptCommitsBuilder::finish() && {
  return m_runs.empty() ? Result<KeptCommits>(KeptCommits()) : KeptCommits::fromRuns(std::move(m_runs));
}

Bytes encodeKeptHistory(const KeptHistory& kept) {
  Bytes payload;
  ByteWriter writer(payload);
  const auto& runs = kept.commits.runs();
  writer.varint(runs.size());
  KeptCommits::Run before{0, 0, 0};
  for (const auto& run : runs) {
    writer.varint(run.first - before.first);
    writer.varint(run.position - before.position);
    writer.zigzag(run.gapTime);
    before = run;
  }
  writer.varint(kept.horizons.size());
  for (const auto& [tree, from] : kept.horizons) {
    writer.varint(tree);
    writer.varint(from);
  }
  return payload;
}

Result<KeptHistory> decodeKeptHistory(ByteSpan payload) {
  ByteReader reader(payload);
  DRIFT_ASSIGN(const auto runCount, reader.varint());
  std::vector<KeptCommits::Run> runs;
  KeptCommits::Run run{0, 0, 0};
  for (std::uint64_t i = 0; i < runCount; ++i) {
    DRIFT_ASSIGN(const auto first, reader.varint());
    DRIFT_ASSIGN(const auto position, reader.varint());
    DRIFT_ASSIGN(run.gapTime, reader.zigzag());
    if (first > kNoCommit - run.first || position > kNoCommit - run.position) return malformed();
    run.first += first;
    run.position += position;
    runs.push_back(run);
  }
  KeptHistory kept;
  DRIFT_ASSIGN(kept.commits, KeptCommits::fromRuns(std::move(runs)));
  DRIFT_ASSIGN(const auto horizons, reader.varint());
  for (std::uint64_t i = 0; i < horizons; ++i) {
    DRIFT_ASSIGN(const auto tree, reader.varint());
    DRIFT_ASSIGN(const auto from, reader.varint());
    const bool rises = kept.horizons.empty() || tree > kept.horizons.rbegin()->first;
    if (tree > std::numeric_limits<TreeId>::max() || from == 0 || !rises) return malformed();
    kept.horizons.emplace_hint(kept.horizons.end(), static_cast<TreeId>(tree), from);
  }
  if (!reader.atEnd()) return malformed();
  return kept;
}

}  // namespace drift::storage
