#include "storage/commit_index.h"

#include <algorithm>
#include <limits>
#include <mutex>

namespace drift::storage {

void CommitIndex::append(IndexedCommit commit) {
  const std::unique_lock lock(m_mutex);
  enter(std::move(commit));
}

void CommitIndex::enter(IndexedCommit commit) {
  const CommitNumber number = m_times.size() + 1;
  m_times.push_back(commit.time);
  m_frames.push_back(commit.frame);
  Sums sums = m_sums.empty() ? Sums() : m_sums.back();
  for (const auto& counts : commit.counts) {
    auto& tree = m_trees[counts.tree];
    if (std::ranges::find(commit.indexTrees, counts.tree) != commit.indexTrees.end()) tree.isIndex = true;
    Sums own = tree.sums.empty() ? Sums() : tree.sums.back();
    own.inserted += counts.inserted;
    own.updated += counts.updated;
    own.deleted += counts.deleted;
    tree.commits.push_back(number);
    tree.counts.push_back(counts);
    tree.sums.push_back(own);
    if (counts.tree == kCatalogTree) ++sums.schemaChanges;
    if (counts.tree < kFirstUserTree || tree.isIndex) continue;
    sums.inserted += counts.inserted;
    sums.updated += counts.updated;
    sums.deleted += counts.deleted;
  }
  m_sums.push_back(sums);
}

void CommitIndex::clear() {
  const std::unique_lock lock(m_mutex);
  m_times.clear();
  m_frames.clear();
  m_sums.clear();
  m_trees.clear();
}

CommitNumber CommitIndex::size() const {
  const std::shared_lock lock(m_mutex);
  return m_times.size();
}

TimeMicros CommitIndex::timeOf(CommitNumber number) const {
  if (number == 0) return std::numeric_limits<TimeMicros>::min();
  const std::shared_lock lock(m_mutex);
  return m_times[number - 1];
}

FrameRef CommitIndex::frameOf(CommitNumber number) const {
  const std::shared_lock lock(m_mutex);
  return m_frames[number - 1];
}

CommitNumber CommitIndex::commitAtLocked(TimeMicros time, CommitNumber last) const {
  const auto end = m_times.begin() + static_cast<std::ptrdiff_t>(last);
  return static_cast<CommitNumber>(std::upper_bound(m_times.begin(), end, time) - m_times.begin());
}

CommitNumber CommitIndex::commitAt(TimeMicros time, CommitNumber last) const {
  const std::shared_lock lock(m_mutex);
  return commitAtLocked(time, last);
}

std::optional<CommitNumber> CommitIndex::step(CommitNumber number, bool forward, TreeId tree, CommitNumber last) const {
  const std::shared_lock lock(m_mutex);
  if (tree == 0) {
    if (forward) return number < last ? std::optional(number + 1) : std::nullopt;
    return number > 1 ? std::optional(std::min(number - 1, last)) : std::nullopt;
  }
  const auto found = m_trees.find(tree);
  if (found == m_trees.end()) return std::nullopt;
  const auto& commits = found->second.commits;
  if (forward) {
    const auto at = std::ranges::upper_bound(commits, number);
    return at != commits.end() && *at <= last ? std::optional(*at) : std::nullopt;
  }
  const auto at = std::ranges::lower_bound(commits, number);
  return at != commits.begin() ? std::optional(*std::prev(at)) : std::nullopt;
}

CommitNumber CommitIndex::lastChange(TreeId tree, CommitNumber number) const {
  const std::shared_lock lock(m_mutex);
  const auto found = m_trees.find(tree);
  if (found == m_trees.end()) return 0;
  const auto& commits = found->second.commits;
  const auto at = std::ranges::upper_bound(commits, number);
  return at == commits.begin() ? 0 : *std::prev(at);
}

CommitIndex::Sums CommitIndex::sumsUpTo(CommitNumber number, TreeId tree) const {
  if (number == 0) return {};
  if (tree == 0) return m_sums[number - 1];
  const auto found = m_trees.find(tree);
  if (found == m_trees.end()) return {};
  const auto& history = found->second;
  const auto count = std::ranges::upper_bound(history.commits, number) - history.commits.begin();
  Sums sums = count == 0 ? Sums() : history.sums[static_cast<std::size_t>(count) - 1];
  sums.schemaChanges = m_sums[number - 1].schemaChanges;
  return sums;
}

std::vector<HistoryBucket> CommitIndex::summary(TimeMicros from, TimeMicros to, std::size_t bucketCount, TreeId tree,
                                                CommitNumber last) const {
  std::vector<HistoryBucket> buckets;
  if (from >= to || bucketCount == 0) return buckets;
  const std::shared_lock lock(m_mutex);
  const auto* history = tree != 0 && m_trees.contains(tree) ? &m_trees.at(tree) : nullptr;
  // Number of commits of this tree (or of all) up to a commit: buckets count by differences.
  const auto rank = [&](CommitNumber number) -> std::uint64_t {
    if (tree == 0) return number;
    if (!history) return 0;
    return static_cast<std::uint64_t>(std::ranges::upper_bound(history->commits, number) - history->commits.begin());
  };
  const auto width = static_cast<types::Int128>(to) - from;
  buckets.reserve(bucketCount);
  CommitNumber before = commitAtLocked(from - 1, last);
  for (std::size_t i = 0; i < bucketCount; ++i) {
    HistoryBucket bucket;
    bucket.start = from + static_cast<TimeMicros>(width * i / bucketCount);
    bucket.end = from + static_cast<TimeMicros>(width * (i + 1) / bucketCount);
    const auto upTo = bucket.end > bucket.start ? commitAtLocked(bucket.end - 1, last) : before;
    const auto low = sumsUpTo(before, tree);
    const auto high = sumsUpTo(upTo, tree);
    bucket.commits = rank(upTo) - rank(before);
    bucket.inserted = high.inserted - low.inserted;
    bucket.updated = high.updated - low.updated;
    bucket.deleted = high.deleted - low.deleted;
    bucket.schemaChanges = high.schemaChanges - low.schemaChanges;
    if (bucket.commits > 0) {
      bucket.first = history ? history->commits[rank(before)] : before + 1;
      bucket.last = history ? history->commits[rank(upTo) - 1] : upTo;
    }
    before = upTo;
    buckets.push_back(bucket);
  }
  return buckets;
}

Bytes CommitIndex::encode(CommitNumber first, CommitNumber last) const {
  const std::shared_lock lock(m_mutex);
  Bytes bytes;
  ByteWriter writer(bytes);
  writer.varint(first);
  writer.varint(last - first + 1);
  // For each tree a cursor over its commits, so that the block costs its own size, not the file's.
  std::map<TreeId, std::size_t> at;
  for (const auto& [tree, history] : m_trees)
    at[tree] = static_cast<std::size_t>(std::ranges::lower_bound(history.commits, first) - history.commits.begin());
  for (auto number = first; number <= last; ++number) {
    writer.zigzag(m_times[number - 1]);
    writeRef(writer, m_frames[number - 1]);
    std::vector<std::pair<const TreeHistory*, const TreeCounts*>> changed;
    for (auto& [tree, position] : at) {
      const auto& history = m_trees.at(tree);
      if (position < history.commits.size() && history.commits[position] == number)
        changed.emplace_back(&history, &history.counts[position++]);
    }
    writer.varint(changed.size());
    for (const auto& [history, counts] : changed) {
      writer.varint(counts->tree);
      writer.fixed(static_cast<std::uint8_t>(history->isIndex));
      writer.varint(counts->inserted);
      writer.varint(counts->updated);
      writer.varint(counts->deleted);
    }
  }
  return bytes;
}

Status CommitIndex::decode(ByteSpan bytes) {
  ByteReader reader(bytes);
  const std::unique_lock lock(m_mutex);
  DRIFT_ASSIGN(const auto first, reader.varint());
  DRIFT_ASSIGN(const auto count, reader.varint());
  if (first != m_times.size() + 1) return Error(ErrorKind::DataCorrupted, "the index of commits has a gap");
  for (std::uint64_t i = 0; i < count; ++i) {
    IndexedCommit commit;
    DRIFT_ASSIGN(commit.time, reader.zigzag());
    DRIFT_ASSIGN(commit.frame, readRef(reader));
    DRIFT_ASSIGN(const auto trees, reader.varint());
    for (std::uint64_t t = 0; t < trees; ++t) {
      TreeCounts counts;
      std::array<std::uint64_t, 4> numbers{};
      DRIFT_ASSIGN(numbers[0], reader.varint());
      DRIFT_ASSIGN(const auto isIndex, reader.fixed<std::uint8_t>());
      for (std::size_t n = 1; n < numbers.size(); ++n) {
        DRIFT_ASSIGN(numbers[n], reader.varint());
      }
      if (std::ranges::any_of(numbers, [](auto n) { return n > UINT32_MAX; }) || isIndex > 1)
        return Error(ErrorKind::DataCorrupted, "the index of commits is malformed");
      counts.tree = static_cast<TreeId>(numbers[0]);
      counts.inserted = static_cast<std::uint32_t>(numbers[1]);
      counts.updated = static_cast<std::uint32_t>(numbers[2]);
      counts.deleted = static_cast<std::uint32_t>(numbers[3]);
      if (isIndex) commit.indexTrees.push_back(counts.tree);
      commit.counts.push_back(counts);
    }
    enter(std::move(commit));
  }
  if (!reader.atEnd()) return Error(ErrorKind::DataCorrupted, "the index of commits is malformed");
  return {};
}

}  // namespace drift::storage
