#include "storage/history_reader.h"

#include <algorithm>

#include "storage/key_order.h"
#include "storage/leaf_walker.h"

namespace drift::storage {

namespace {

/// Hands out versions that were found and sorted before.
class VersionCursor final : public Cursor {
 public:
  VersionCursor(std::shared_ptr<const StoreCore> core, std::vector<RowPlace> places, std::vector<CommitNumber> ends,
                std::vector<LayoutColumn> columns, std::uint64_t skip, Memtables memtables, runtime::CancelToken cancel)
      : m_core(std::move(core)),
        m_places(std::move(places)),
        m_ends(std::move(ends)),
        m_columns(std::move(columns)),
        m_at(static_cast<std::size_t>(std::min<std::uint64_t>(skip, m_places.size()))),
        m_memtables(std::move(memtables)),
        m_cancel(std::move(cancel)) {}

  Result<bool> next(types::Chunk& out) override {
    DRIFT_TRY(m_cancel.check());
    const auto count = std::min(types::kChunkRows, m_places.size() - m_at);
    DRIFT_TRY(fillChunk(std::span(m_places).subspan(m_at, count), m_columns, std::span(m_ends).subspan(m_at, count), out));
    m_at += count;
    return count > 0;
  }

 private:
  std::shared_ptr<const StoreCore> m_core;  // leaves read their columns from its file
  std::vector<RowPlace> m_places;
  std::vector<CommitNumber> m_ends;
  std::vector<LayoutColumn> m_columns;
  std::size_t m_at;
  Memtables m_memtables;  // keep the entries that places point to
  runtime::CancelToken m_cancel;
};

/// Collects the places of versions; each version was written into one epoch, or lies in a memtable.
class VersionCollector final {
 public:
  VersionCollector(const StoreCore& core, const ScanRequest& request, CommitNumber last)
      : m_core(core), m_request(request), m_last(last) {}

  Status collect(const StoreContents& contents) {
    // From new to old: each root names the newest commit that changed the tree, so others' epochs are not read.
    const auto& epochs = *contents.epochs;
    for (auto number = m_last; number > 0 && !epochs.empty();) {
      DRIFT_ASSIGN(auto epoch, epochs.reaching(number));
      if (!epoch) epoch = epochs.newest();
      const auto root = epoch->trees.find(m_request.tree);
      if (root == epoch->trees.end()) break;
      number = std::min(root->second.root.newestSeq, epoch->previousCommit);
      if (root->second.root.newestSeq > epoch->previousCommit)
        DRIFT_TRY(collectEpoch(root->second.root, epoch->previousCommit));
    }
    const auto changes = contents.memtables.find(m_request.tree);
    for (auto change = changes.seek(m_request.range.from.value_or(""), 0); change; ++change) {
      if (m_request.range.to && change->key >= *m_request.range.to) break;
      if (change->seq <= m_last) DRIFT_TRY(add({nullptr, 0, &*change}));
    }
    std::ranges::sort(m_places, [](const RowPlace& a, const RowPlace& b) {
      const auto order = compareKeys(a.key(), b.key());
      return order != 0 ? order < 0 : a.seq() < b.seq();
    });
    return {};
  }

  std::vector<RowPlace>& places() { return m_places; }

 private:
  Status collectEpoch(const NodeEntry& root, CommitNumber previousCommit) {
    LeafWalker walker(m_core.cache, &root, m_request.range,
                      [&](const NodeEntry& entry, const auto&) { return entry.newestSeq <= previousCommit; });
    while (true) {
      DRIFT_TRY(m_request.cancel.check());
      DRIFT_ASSIGN(const auto range, walker.next());
      if (!range) return {};
      auto after = previousCommit;
      for (const auto& slice : range->entry.slices) {
        DRIFT_ASSIGN(const auto leaf, m_core.cache.leaf(slice.state));
        DRIFT_TRY(collectLeaf(leaf, after, std::min(slice.through, m_last)));
        after = slice.through;
      }
    }
  }

  /// Collects the versions of commits (after, through].
  Status collectLeaf(const std::shared_ptr<const Leaf>& leaf, CommitNumber after, CommitNumber through) {
    const auto from = m_request.range.from ? leaf->lowerBound(*m_request.range.from, 0) : 0;
    const auto to = m_request.range.to ? leaf->lowerBound(*m_request.range.to, 0) : leaf->rowCount();
    for (auto row = from; row < to; ++row)
      if (leaf->seq(row) > after && leaf->seq(row) <= through) DRIFT_TRY(add({leaf, row, nullptr}));
    return {};
  }

  Status add(RowPlace place) {
    if (m_places.size() == kVersionsMax)
      return makeError(ErrorKind::LimitExceeded, "the history asked for has more than {} versions", kVersionsMax)
          .withHint("ask for a shorter time or for fewer keys");
    m_places.push_back(std::move(place));
    return {};
  }

  const StoreCore& m_core;
  const ScanRequest& m_request;
  const CommitNumber m_last;
  std::vector<RowPlace> m_places;
};

/// The entry of the leaf that a key belongs to, or of a node above it that has nothing newer than commit `after`.
/// `node` keeps it alive.
Result<const NodeEntry*> findEntry(const StoreCore& core, const NodeEntry& root, std::string_view key,
                                   CommitNumber after, std::shared_ptr<const InnerNode>& node) {
  const auto* entry = &root;
  while (!entry->isLeaf && entry->newestSeq > after) {
    DRIFT_ASSIGN(node, core.cache.inner(entry->page));
    entry = &*childOf(*node, key);
  }
  return entry;
}

}  // namespace

Result<std::unique_ptr<Cursor>> readVersions(std::shared_ptr<const StoreCore> core, const ScanRequest& request,
                                             VersionRange range, CommitNumber last) {
  const auto contents = core->contents();
  VersionCollector collector(*core, request, last);
  DRIFT_TRY(collector.collect(contents));
  auto& all = collector.places();
  std::vector<RowPlace> places;
  std::vector<CommitNumber> ends;
  for (std::size_t i = 0; i < all.size(); ++i) {
    const bool replaced = i + 1 < all.size() && all[i + 1].key() == all[i].key();
    const auto end = replaced ? all[i + 1].seq() : kNoCommit;
    if (all[i].op() == RowOp::Delete || all[i].seq() >= range.to || end <= range.from) continue;
    places.push_back(std::move(all[i]));
    ends.push_back(end);
  }
  return std::unique_ptr<Cursor>(std::make_unique<VersionCursor>(
      std::move(core), std::move(places), std::move(ends), request.columns, request.skipRows, contents.memtables,
      request.cancel));
}

Result<std::vector<RowVersion>> readHistory(const StoreCore& core, TreeId tree, std::string_view key,
                                            std::span<const LayoutColumn> columns, CommitNumber before,
                                            std::size_t limit) {
  std::vector<RowVersion> versions;
  const auto add = [&](const FoundRow& row) -> Status {
    RowVersion version{{}, row.seq(), row.op()};
    if (row.op() != RowOp::Delete) {
      DRIFT_ASSIGN(version.values, valuesOf(row, key, columns));
    }
    versions.push_back(std::move(version));
    return {};
  };
  const auto [epochs, memtables] = core.contents();
  const auto changes = memtables.find(tree);
  while (before > 0 && versions.size() < limit) {
    const auto* entry = changes.findLast(key, before - 1);
    if (!entry) break;
    DRIFT_TRY(add({entry, nullptr, {}}));
    before = entry->seq;
  }
  // Each step names the newest commit at which the next version can be, so epochs that did not touch it cost nothing.
  while (before > 1 && versions.size() < limit && !epochs->empty()) {
    DRIFT_ASSIGN(auto epoch, epochs->reaching(before - 1));
    if (!epoch) epoch = epochs->newest();
    const auto previous = epoch->previousCommit;
    const auto root = epoch->trees.find(tree);
    if (root == epoch->trees.end()) {
      before = previous + 1;
      continue;
    }
    std::shared_ptr<const InnerNode> node;
    DRIFT_ASSIGN(const auto* entry, findEntry(core, root->second.root, key, previous, node));
    if (entry->newestSeq <= previous) {
      before = entry->newestSeq + 1;
      continue;
    }
    const auto& slices = entry->slices;
    for (auto i = slices.size(); i-- > 0 && versions.size() < limit;) {
      const auto after = i == 0 ? previous : slices[i - 1].through;
      if (i > 0 && after + 1 >= before) continue;
      const auto pages = core.cache.pages(slices[i].state);
      std::optional<LeafPages::Version> version;
      while (versions.size() < limit) {
        DRIFT_ASSIGN(version, pages->find(SoughtKey(key), before - 1));
        if (!version || pages->seq(*version) <= after) break;
        DRIFT_TRY(add({nullptr, pages, *version}));
        before = pages->seq(*version);
      }
      if (i > 0) continue;
      // Of the time before, it has the newest version, or there was none since the base but what that had.
      before = 1 + std::min(previous, version ? pages->seq(*version) : slices[0].state.baseCommit);
    }
  }
  return versions;
}

Result<std::optional<CommitNumber>> nextVersion(const StoreCore& core, TreeId tree, std::string_view key,
                                                CommitNumber after, CommitNumber last) {
  using Found = std::optional<CommitNumber>;
  const auto upTo = [&](CommitNumber seq) { return seq <= last ? Found(seq) : Found(); };
  const auto [epochs, memtables] = core.contents();
  enum class Answer : std::uint8_t { No, Yes, Unknown };
  /// Whether there is such a version up to the end of an epoch.
  const auto probe = [&](const EpochRoots& epoch) -> Result<Answer> {
    const auto root = epoch.trees.find(tree);
    if (root == epoch.trees.end()) return Answer::No;
    std::shared_ptr<const InnerNode> node;
    DRIFT_ASSIGN(const auto* entry, findEntry(core, root->second.root, key, after, node));
    if (entry->newestSeq <= after) return Answer::No;
    const auto pages = core.cache.pages(entry->slices.back().state);
    DRIFT_ASSIGN(const auto version, pages->find(SoughtKey(key), kNoCommit));
    // Deleted and folded away, or never there: older epochs know.
    if (!version) return Answer::Unknown;
    return pages->seq(*version) > after ? Answer::Yes : Answer::No;
  };
  DRIFT_ASSIGN(auto low, epochs->firstReaching(after + 1));
  auto high = epochs->size();  // where there is one, it is in an epoch before this
  if (low != high) {
    DRIFT_ASSIGN(const auto newest, probe(*epochs->newest()));
    if (newest == Answer::No) low = high;
  }
  while (low + 1 < high) {
    const auto middle = low + (high - low - 1) / 2;
    DRIFT_ASSIGN(const auto epoch, epochs->at(middle));
    DRIFT_ASSIGN(const auto answer, probe(*epoch));
    if (answer == Answer::Unknown) break;
    if (answer == Answer::Yes) high = middle + 1;
    else low = middle + 1;
  }
  for (auto at = low; at < epochs->size(); ++at) {
    DRIFT_ASSIGN(const auto epoch, epochs->at(at));
    const auto root = epoch->trees.find(tree);
    if (root == epoch->trees.end()) continue;
    std::shared_ptr<const InnerNode> node;
    DRIFT_ASSIGN(const auto* entry, findEntry(core, root->second.root, key, after, node));
    if (entry->newestSeq <= after) continue;
    for (const auto& slice : entry->slices) {
      if (slice.through <= after) continue;
      DRIFT_ASSIGN(const auto leaf, core.cache.leaf(slice.state));
      const auto row = leaf->lowerBound(key, after + 1);
      if (row < leaf->rowCount() && leaf->key(row).view() == key) return upTo(leaf->seq(row));
    }
  }
  const auto next = memtables.find(tree).seek(key, after + 1);
  return next && next->key == key ? upTo(next->seq) : Found();
}

Result<CommitNumber> endOfVersion(const StoreCore& core, TreeId tree, std::string_view key, CommitNumber seq,
                                  CommitNumber last) {
  DRIFT_ASSIGN(const auto next, nextVersion(core, tree, key, seq, last));
  return next.value_or(kNoCommit);
}

}  // namespace drift::storage
