// The reading half of StoreImpl: histories, commit infos and summaries.
#include <algorithm>

#include "base/out_of_memory.h"
#include "storage/commit_frame.h"
#include "storage/diff_reader.h"
#include "storage/edge_cursor.h"
#include "storage/history_reader.h"
#include "storage/store_impl.h"

namespace drift::storage {

namespace {

/// The sentence for a moment that a rewrite left out, with the kept ones next to commit `number`.
Error notKept(const StoreCore& core, const std::string& what, CommitNumber number) {
  const auto& kept = core.index.kept();
  std::string near;
  for (const auto next : {kept.lastUpTo(number), kept.nextFrom(number)}) {
    if (next == 0) continue;
    const auto time = core.index.timeOf(next);
    if (!time.ok()) return time.error();
    near += fmt::format("{}commit {} of {}", near.empty() ? "" : " and ", next, timeText(*time));
  }
  return makeError(ErrorKind::MomentOutOfRange, "{}; the nearest that was is {}", what, near);
}

}  // namespace

Result<std::unique_ptr<Cursor>> StoreImpl::scanVersions(ScanRequest request, VersionRange range) const {
  return edgeCursor([&] { return readVersions(m_core, request, range, lastCommit()); });
}

Result<std::vector<RowVersion>> StoreImpl::history(TreeId tree, std::string_view key,
                                                   std::span<const LayoutColumn> columns, CommitNumber before,
                                                   std::size_t limit) const {
  return catchBadAlloc(
      [&] { return readHistory(*m_core, tree, key, columns, std::min(before, lastCommit() + 1), limit); });
}

Result<std::unique_ptr<Cursor>> StoreImpl::diff(TreeId tree, CommitNumber from, CommitNumber to,
                                                std::vector<LayoutColumn> columns, runtime::CancelToken cancel) const {
  if (from > to)
    return makeError(ErrorKind::MomentOutOfRange, "commit {} is not before commit {}", from, to);
  DRIFT_ASSIGN(const auto older, at(from));
  DRIFT_TRY(older.state()->checkHorizon(tree));
  DRIFT_ASSIGN(const auto newer, at(to));
  return edgeCursor([&] { return readDiff(older, newer, tree, std::move(columns), std::move(cancel)); });
}

Result<std::optional<CommitInfo>> StoreImpl::commitInfo(CommitNumber number) const {
  return catchBadAlloc([&] { return readInfo(number); });
}

Result<std::optional<CommitInfo>> StoreImpl::readInfo(CommitNumber number) const {
  if (number > lastCommit() || !m_core->index.kept().contains(number)) return std::optional<CommitInfo>();
  DRIFT_ASSIGN(const auto frame, m_core->index.frameOf(number));
  DRIFT_ASSIGN(const auto bytes, readCommit(*m_core->file, frame));
  DRIFT_ASSIGN(auto head, decodeCommitHead(bytes));
  CommitInfo info;
  info.number = head.number;
  info.time = head.time;
  info.author = std::move(head.author);
  info.message = std::move(head.message);
  for (const auto& counts : head.counts) {
    if (counts.tree == kCatalogTree) info.changesSchema = true;
    const bool isIndex = std::ranges::find(head.indexTrees, counts.tree) != head.indexTrees.end();
    if (counts.tree >= kFirstUserTree && !isIndex) info.trees.push_back(counts);
  }
  return std::optional(std::move(info));
}

Result<std::vector<CommitInfo>> StoreImpl::commitInfos(CommitNumber first, std::size_t limit) const {
  return catchBadAlloc([&]() -> Result<std::vector<CommitInfo>> {
    std::vector<CommitInfo> infos;
    const auto& kept = m_core->index.kept();
    for (auto number = kept.nextFrom(std::max<CommitNumber>(first, 1));
         number <= lastCommit() && infos.size() < limit; number = kept.nextFrom(number + 1)) {
      DRIFT_ASSIGN(auto info, readInfo(number));
      infos.push_back(std::move(*info));
    }
    return infos;
  });
}

Result<CommitNumber> StoreImpl::commitAt(TimeMicros time) const {
  return catchBadAlloc([&] { return m_core->index.commitAt(time, lastCommit()); });
}

Result<TimeMicros> StoreImpl::timeOf(CommitNumber number) const {
  return catchBadAlloc([&]() -> Result<TimeMicros> {
    const auto known = std::min(number, lastCommit());
    if (known != 0) DRIFT_TRY(checkKept(known));
    return m_core->index.timeOf(known);
  });
}

CommitNumber StoreImpl::firstCommit() const { return lastCommit() == 0 ? 0 : m_core->index.kept().nextFrom(1); }

Status StoreImpl::checkKept(CommitNumber number) const {
  const auto last = lastCommit();
  const auto& kept = m_core->index.kept();
  if (number <= last && kept.contains(number)) return {};
  if (last == 0 || number == 0 || number > last)
    return makeError(ErrorKind::MomentOutOfRange, "there is no commit {}; the commits are {} to {}", number,
                     firstCommit(), last);
  return notKept(*m_core, fmt::format("commit {} was not kept", number), number);
}

Result<CommitNumber> StoreImpl::momentAt(TimeMicros time) const {
  DRIFT_ASSIGN(const auto number, commitAt(time));
  if (number == lastCommit()) return number;
  const auto& kept = m_core->index.kept();
  const auto* gap = kept.gapBefore(kept.countUpTo(number));
  // Before the first commit there is nothing, kept or not, as far as anybody knows.
  if (!gap || number == 0 || time < gap->gapTime) return number;
  return notKept(*m_core, fmt::format("the state at {} was not kept", timeText(time)), number + 1);
}

Result<DecodedCommit> StoreImpl::readLogged(CommitNumber number) const {
  DRIFT_ASSIGN(const auto frame, m_core->index.frameOf(number));
  DRIFT_ASSIGN(const auto bytes, readCommit(*m_core->file, frame));
  return decodeCommit(bytes);
}

Status StoreImpl::checkWritable() const { return readOnly() ? Status(readOnlyError()) : Status(); }

Result<std::optional<CommitNumber>> StoreImpl::step(CommitNumber number, bool forward, TreeId tree) const {
  return catchBadAlloc([&] { return m_core->index.step(number, forward, tree, lastCommit()); });
}

Result<std::optional<CommitNumber>> StoreImpl::stepRow(TreeId tree, std::string_view key, CommitNumber number,
                                                       bool forward) const {
  return catchBadAlloc([&]() -> Result<std::optional<CommitNumber>> {
    if (forward) return nextVersion(*m_core, tree, key, number, lastCommit());
    DRIFT_ASSIGN(const auto found, readHistory(*m_core, tree, key, {}, std::min(number, lastCommit() + 1), 1));
    return found.empty() ? std::optional<CommitNumber>() : found.front().seq;
  });
}

Result<CommitNumber> StoreImpl::lastChange(TreeId tree, CommitNumber number) const {
  return catchBadAlloc([&] { return m_core->index.lastChange(tree, number); });
}

Result<std::vector<HistoryBucket>> StoreImpl::summary(TimeMicros from, TimeMicros to, std::size_t bucketCount,
                                                      TreeId tree) const {
  return catchBadAlloc([&] { return m_core->index.summary(from, to, bucketCount, tree, lastCommit()); });
}

Result<std::vector<RowChange>> StoreImpl::commitChanges(CommitNumber number) const {
  DRIFT_TRY(checkKept(number));
  return catchBadAlloc([&]() -> Result<std::vector<RowChange>> {
    DRIFT_ASSIGN(auto commit, readLogged(number));
    return std::move(commit.changes);
  });
}

}  // namespace drift::storage
