#include "storage/log_copier.h"

#include <algorithm>
#include <utility>

namespace drift::storage {

namespace {

constexpr std::uint64_t kCommitsBetweenTells = 256;

void markAllChanged(RowChange& change) {
  change.changed.clear();
  for (const auto& column : change.layout->columns) change.changed.push_back(column.id);
}

/// The columns that either of two updates changed, as far as the second still has them. None stands for all.
void joinChanged(RowChange& later, const RowChange& earlier) {
  if (later.changed.empty() || earlier.changed.empty()) return markAllChanged(later);
  std::vector<ColumnId> both;
  for (const auto& column : later.layout->columns) {
    const auto in = [&](const std::vector<ColumnId>& ids) { return std::ranges::find(ids, column.id) != ids.end(); };
    if (in(later.changed) || in(earlier.changed)) both.push_back(column.id);
  }
  later.changed = std::move(both);
}

}  // namespace

/// The kept commit that has a version which the source made in commit `number`.
CommitNumber LogCopier::mapped(TreeId tree, CommitNumber number) const {
  if (number == 0) return 0;
  return m_plan.kept.commits.nextFrom(std::max(number, m_plan.kept.horizon(tree)));
}

/// Brings two changes of a key into one: how it gets from before the first to after the second.
void LogCopier::merge(Waiting& waiting, RowChange change) {
  const auto found = waiting.find(change.key);
  if (found == waiting.end()) {
    waiting.emplace(change.key, std::move(change));
    return;
  }
  auto& earlier = found->second;
  if (earlier.op == RowOp::Insert && change.op == RowOp::Delete) {
    waiting.erase(found);
    return;
  }
  change.previous = earlier.previous;
  if (earlier.op == RowOp::Insert) {
    change.op = RowOp::Insert;
    change.changed.clear();
  } else if (change.op != RowOp::Delete) {
    if (earlier.op == RowOp::Delete) markAllChanged(change);
    else joinChanged(change, earlier);
    change.op = RowOp::Update;
  }
  earlier = std::move(change);
}

Status LogCopier::copy(DecodedCommit commit) {
  const auto number = commit.head.number;
  const bool keeps = m_plan.kept.commits.contains(number);
  m_indexTrees.insert(commit.head.indexTrees.begin(), commit.head.indexTrees.end());
  const auto reached = [&](TreeId tree) { return m_plan.kept.horizon(tree) <= number; };
  CommitRequest request;
  for (auto& change : commit.changes) {
    if (m_seen) m_seen(change);
    if (m_plan.leftOut.contains(change.tree)) continue;
    change.previous = mapped(change.tree, change.previous);
    if (keeps && reached(change.tree) && !m_waiting.contains(change.tree)) request.changes.push_back(std::move(change));
    else merge(m_waiting[change.tree], std::move(change));
  }
  if (!keeps) return {};
  for (auto waiting = m_waiting.begin(); waiting != m_waiting.end();) {
    if (!reached(waiting->first)) {
      ++waiting;
      continue;
    }
    for (auto& [key, change] : waiting->second) request.changes.push_back(std::move(change));
    waiting = m_waiting.erase(waiting);
  }
  std::set<TreeId> trees;
  for (const auto& change : request.changes) trees.insert(change.tree);
  std::ranges::set_intersection(trees, m_indexTrees, std::back_inserter(request.indexTrees));
  request.author = std::move(commit.head.author);
  request.message = std::move(commit.head.message);
  request.time = commit.head.time;
  return m_sink.take(number, std::move(request));
}

Status LogCopier::copyUpTo(CommitNumber last, const runtime::CancelToken& cancel, const RewriteProgress& progress) {
  const auto& existing = m_source.keptCommits();
  const auto total = existing.countUpTo(last);
  for (auto position = existing.countUpTo(m_done); position < total; ++position) {
    DRIFT_TRY(cancel.check());
    if (progress && position % kCommitsBetweenTells == 0) progress(position, total);
    const auto number = existing.numberAt(position);
    DRIFT_ASSIGN(auto commit, m_source.readLogged(number));
    DRIFT_TRY(copy(std::move(commit)));
    m_done = number;
  }
  if (progress) progress(total, total);
  return {};
}

}  // namespace drift::storage
