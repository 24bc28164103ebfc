#include "storage/commit_index.h"

#include <algorithm>
#include <limits>

namespace drift::storage {

void CommitIndex::append(IndexedCommit commit) {
  IndexItem item{commit.time, commit.frame, {{kAllTrees, {.commits = 1}}}};
  item.trees.reserve(commit.counts.size() + 1);
  for (const auto& counts : commit.counts) {
    const ChangeSums sums{1, counts.inserted, counts.updated, counts.deleted};
    item.trees.push_back({counts.tree, sums});
    const bool isIndex = std::ranges::find(commit.indexTrees, counts.tree) != commit.indexTrees.end();
    if (counts.tree < kFirstUserTree || isIndex) continue;
    auto& all = item.trees.front().sums;
    all += sums;
    all.commits = 1;
  }
  m_tree.append(std::move(item));
}

Result<TimeMicros> CommitIndex::timeOf(CommitNumber number) const {
  if (number == 0) return std::numeric_limits<TimeMicros>::min();
  const auto view = m_tree.view();
  const auto at = m_kept.countUpTo(number) - 1;
  const auto open = view.leaf->first();
  if (at >= open) return (*view.leaf)[static_cast<std::size_t>(at - open)].key;
  DRIFT_ASSIGN(const auto leaf, m_tree.leafOf(view, at));
  return leaf->keyAt(static_cast<std::size_t>(at - leaf->first()));
}

Result<FrameRef> CommitIndex::frameOf(CommitNumber number) const {
  const auto view = m_tree.view();
  const auto at = m_kept.countUpTo(number) - 1;
  const auto open = view.leaf->first();
  if (at >= open) return (*view.leaf)[static_cast<std::size_t>(at - open)].frame;
  DRIFT_ASSIGN(const auto leaf, m_tree.leafOf(view, at));
  return leaf->frameAt(static_cast<std::size_t>(at - leaf->first()));
}

Result<CommitNumber> CommitIndex::commitAt(TimeMicros time, CommitNumber last) const {
  DRIFT_ASSIGN(const auto count, m_tree.countUpTo(m_tree.view(), time));
  return std::min(numberOf(count), last);
}

Result<std::optional<CommitNumber>> CommitIndex::step(CommitNumber number, bool forward, TreeId tree,
                                                      CommitNumber last) const {
  const HistoryReader history(m_tree);
  if (forward) {
    DRIFT_ASSIGN(const auto found, history.nextChange(tree, m_kept.countUpTo(number)));
    const auto after = found ? m_kept.numberAt(*found) : 0;
    return found && after <= last ? std::optional(after) : std::nullopt;
  }
  if (number == 0) return std::optional<CommitNumber>();
  DRIFT_ASSIGN(const auto found, history.lastChange(tree, m_kept.countUpTo(std::min(number - 1, last))));
  return found ? std::optional(m_kept.numberAt(*found)) : std::nullopt;
}

Result<CommitNumber> CommitIndex::lastChange(TreeId tree, CommitNumber number) const {
  DRIFT_ASSIGN(const auto found, HistoryReader(m_tree).lastChange(tree, m_kept.countUpTo(number)));
  return found ? m_kept.numberAt(*found) : 0;
}

Result<std::vector<HistoryBucket>> CommitIndex::summary(TimeMicros from, TimeMicros to, std::size_t bucketCount,
                                                        TreeId tree, CommitNumber last) const {
  if (from >= to || bucketCount == 0) return std::vector<HistoryBucket>();
  DRIFT_ASSIGN(const auto lastTime, timeOf(last));
  DRIFT_ASSIGN(auto buckets, summarizeHistory(m_tree, {.from = from, .to = to, .buckets = bucketCount, .tree = tree,
                                                       .lastTime = lastTime}));
  for (auto& bucket : buckets) {
    bucket.first = numberOf(bucket.first);
    bucket.last = numberOf(bucket.last);
  }
  return buckets;
}

Result<CommitIndex::Written> CommitIndex::write(PacedWriter& file, CommitNumber last) const {
  Written written;
  DRIFT_ASSIGN(written.blocks, m_tree.write(file, m_kept.countUpTo(last)));
  DRIFT_ASSIGN(written.root, file.append(FrameKind::CommitIndex, written.blocks.root));
  return written;
}

Status CommitIndex::open(FrameRef root) {
  DRIFT_ASSIGN(const auto payload, m_file.read(root, FrameKind::CommitIndex));
  return m_tree.open(payload);
}

}  // namespace drift::storage
