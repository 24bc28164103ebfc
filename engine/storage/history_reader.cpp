#include "storage/history_reader.h"

#include <algorithm>

#include "storage/leaf_walker.h"

namespace drift::storage {

namespace {

/// Hands out versions that were found and sorted before.
class VersionCursor final : public Cursor {
 public:
  VersionCursor(std::vector<RowPlace> places, std::vector<CommitNumber> ends, std::vector<LayoutColumn> columns,
                std::uint64_t skip, Memtables memtables, runtime::CancelToken cancel)
      : m_places(std::move(places)),
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
    for (const auto& epoch : *contents.epochs) {
      const auto root = epoch->trees.find(m_request.tree);
      if (root != epoch->trees.end()) DRIFT_TRY(collectEpoch(root->second.root, epoch->previousCommit));
    }
    const auto changes = contents.memtables.find(m_request.tree);
    for (auto change = changes.seek(m_request.range.from.value_or(""), 0); change; ++change) {
      if (m_request.range.to && change->key >= *m_request.range.to) break;
      if (change->seq <= m_last) DRIFT_TRY(add({nullptr, 0, &*change}));
    }
    std::ranges::sort(m_places, [](const RowPlace& a, const RowPlace& b) {
      const int order = a.key().compare(b.key());
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

}  // namespace

Result<std::unique_ptr<Cursor>> readVersions(const StoreCore& core, const ScanRequest& request, VersionRange range,
                                             CommitNumber last) {
  const auto contents = core.contents();
  VersionCollector collector(core, request, last);
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
  return std::unique_ptr<Cursor>(std::make_unique<VersionCursor>(std::move(places), std::move(ends), request.columns,
                                                                 request.skipRows, contents.memtables, request.cancel));
}

Result<std::vector<RowVersion>> readHistory(const StoreCore& core, TreeId tree, std::string_view key,
                                            std::span<const LayoutColumn> columns, CommitNumber before,
                                            std::size_t limit) {
  std::vector<RowVersion> versions;
  const auto add = [&](const RowPlace& place) -> Status {
    RowVersion version{{}, place.seq(), place.op()};
    if (place.op() != RowOp::Delete)
      for (const auto& column : columns) {
        DRIFT_ASSIGN(auto value, valueAt(place, column));
        version.values.push_back(std::move(value));
      }
    versions.push_back(std::move(version));
    return {};
  };
  const auto [epochs, memtables] = core.contents();
  const auto changes = memtables.find(tree);
  while (before > 0 && versions.size() < limit) {
    const auto* entry = changes.findLast(key, before - 1);
    if (!entry) break;
    DRIFT_TRY(add({nullptr, 0, entry}));
    before = entry->seq;
  }
  const KeyRange range{std::string(key), std::string(key) + '\0'};
  for (auto epoch = epochs->rbegin(); epoch != epochs->rend() && versions.size() < limit; ++epoch) {
    const auto root = (*epoch)->trees.find(tree);
    const auto previous = (*epoch)->previousCommit;
    if (root == (*epoch)->trees.end() || previous + 1 >= before) continue;
    LeafWalker walker(core.cache, &root->second.root, range,
                      [&](const NodeEntry& entry, const auto&) { return entry.newestSeq <= previous; });
    DRIFT_ASSIGN(const auto found, walker.next());
    if (!found) continue;
    const auto& slices = found->entry.slices;
    for (auto i = slices.size(); i-- > 0 && versions.size() < limit;) {
      const auto after = i == 0 ? previous : slices[i - 1].through;
      if (after + 1 >= before) continue;
      DRIFT_ASSIGN(const auto leaf, core.cache.leaf(slices[i].state));
      const auto first = leaf->lowerBound(key, after + 1);
      for (auto row = leaf->lowerBound(key, before); row > first && versions.size() < limit; --row)
        DRIFT_TRY(add({leaf, row - 1, nullptr}));
    }
  }
  return versions;
}

namespace {

/// Reads two snapshots side by side over the key ranges in which they may differ.
class DiffCursor final : public Cursor {
 public:
  DiffCursor(Snapshot from, Snapshot to, TreeId tree, std::vector<LayoutColumn> columns, std::vector<KeyRange> ranges,
             runtime::CancelToken cancel)
      : m_from{std::move(from), {}, {}, 0},
        m_to{std::move(to), {}, {}, 0},
        m_tree(tree),
        m_columns(std::move(columns)),
        m_ranges(std::move(ranges)),
        m_cancel(std::move(cancel)) {}

  Result<bool> next(types::Chunk& out) override {
    beginChunk(out);
    while (m_rows < types::kChunkRows) {
      DRIFT_TRY(m_cancel.check());
      if (!m_open) {
        if (m_range == m_ranges.size()) break;
        DRIFT_TRY(openSide(m_from));
        DRIFT_TRY(openSide(m_to));
        m_open = true;
      }
      DRIFT_ASSIGN(const bool more, step(out));
      if (more) continue;
      m_open = false;
      ++m_range;
    }
    out.setRowCount(m_rows);
    if (m_rows == 0) out.clear();
    return m_rows > 0;
  }

 private:
  /// One of the two snapshots, with the chunk that is being read.
  struct Side {
    Snapshot snapshot;
    std::unique_ptr<Cursor> cursor;
    types::Chunk chunk;
    std::size_t row = 0;
  };

  void beginChunk(types::Chunk& out) {
    std::vector<types::Type> types{types::TypeId::SmallInt, types::TypeId::Bytea};
    for (int side = 0; side < 2; ++side)
      for (const auto& column : m_columns) types.push_back(column.type);
    out = types::Chunk(types);
    m_rows = 0;
  }

  Status openSide(Side& side) {
    ScanRequest request{.tree = m_tree, .columns = m_columns, .range = m_ranges[m_range], .cancel = m_cancel};
    request.columns.push_back({kKeyColumn, types::TypeId::Bytea, {}});
    request.columns.push_back({kSeqColumn, types::TypeId::BigInt, {}});
    DRIFT_ASSIGN(side.cursor, side.snapshot.scan(std::move(request)));
    side.chunk.clear();
    side.row = 0;
    return {};
  }

  /// Makes a row available; gives false at the end of the range.
  static Result<bool> load(Side& side) {
    if (side.row < side.chunk.rowCount()) return true;
    if (!side.cursor) return false;
    side.row = 0;
    DRIFT_ASSIGN(const bool more, side.cursor->next(side.chunk));
    if (!more) side.cursor.reset();
    return more;
  }

  std::string_view key(const Side& side) const {
    return side.chunk.column(m_columns.size()).view().at<types::StringRef>(side.row).view();
  }
  std::int64_t seq(const Side& side) const {
    return side.chunk.column(m_columns.size() + 1).view().at<std::int64_t>(side.row);
  }

  /// Handles the smallest key of both sides; gives false where there is none left.
  Result<bool> step(types::Chunk& out) {
    DRIFT_ASSIGN(const bool hasFrom, load(m_from));
    DRIFT_ASSIGN(const bool hasTo, load(m_to));
    if (!hasFrom && !hasTo) return false;
    const int order = !hasFrom ? 1 : !hasTo ? -1 : key(m_from).compare(key(m_to));
    if (order < 0) emit(out, RowOp::Delete, &m_from, nullptr);
    else if (order > 0) emit(out, RowOp::Insert, nullptr, &m_to);
    else if (seq(m_from) != seq(m_to)) emit(out, RowOp::Update, &m_from, &m_to);
    if (order <= 0) ++m_from.row;
    if (order >= 0) ++m_to.row;
    return true;
  }

  void emit(types::Chunk& out, RowOp op, const Side* from, const Side* to) {
    if (op == RowOp::Update && sameValues(*from, *to)) return;
    out.column(0).data<std::int16_t>()[m_rows] = static_cast<std::int16_t>(op);
    out.column(1).setString(m_rows, key(from ? *from : *to));
    std::size_t column = 2;
    for (const auto* side : {from, to})
      for (std::size_t i = 0; i < m_columns.size(); ++i, ++column) {
        if (side) out.column(column).set(m_rows, side->chunk.column(i).get(side->row));
        else out.column(column).setNull(m_rows);
      }
    ++m_rows;
  }

  bool sameValues(const Side& from, const Side& to) const {
    for (std::size_t i = 0; i < m_columns.size(); ++i)
      if (from.chunk.column(i).get(from.row) != to.chunk.column(i).get(to.row)) return false;
    return true;
  }

  Side m_from;
  Side m_to;
  TreeId m_tree;
  std::vector<LayoutColumn> m_columns;
  std::vector<KeyRange> m_ranges;
  std::size_t m_range = 0;
  bool m_open = false;
  std::size_t m_rows = 0;
  runtime::CancelToken m_cancel;
};

void addKey(std::vector<KeyRange>& ranges, std::string_view key) {
  ranges.push_back({std::string(key), std::string(key) + '\0'});
}

/// Sorts ranges and joins those that touch.
std::vector<KeyRange> joined(std::vector<KeyRange> ranges) {
  std::ranges::sort(ranges, {}, [](const KeyRange& range) -> const std::string& { return *range.from; });
  std::vector<KeyRange> result;
  for (auto& range : ranges) {
    if (!result.empty() && (!result.back().to || *range.from <= *result.back().to)) {
      auto& last = result.back();
      if (last.to && (!range.to || *range.to > *last.to)) last.to = std::move(range.to);
    } else {
      result.push_back(std::move(range));
    }
  }
  return result;
}

}  // namespace

Result<std::unique_ptr<Cursor>> readDiff(const Snapshot& from, const Snapshot& to, TreeId tree,
                                         std::vector<LayoutColumn> columns, runtime::CancelToken cancel) {
  const auto& core = *to.state()->core;
  std::vector<KeyRange> ranges;
  const auto* root = to.state()->root(tree);
  // A page that did not change since `from` holds the same rows then and now.
  LeafWalker walker(core.cache, root ? &root->root : nullptr, {},
                    [&](const NodeEntry& entry, const auto&) { return entry.newestSeq <= from.number(); });
  while (true) {
    DRIFT_TRY(cancel.check());
    DRIFT_ASSIGN(auto range, walker.next());
    if (!range) break;
    const auto& state = range->entry.sliceAt(to.number()).state;
    if (state.baseCommit > from.number()) {
      ranges.push_back({std::move(range->entry.lowKey), std::move(range->end)});
      continue;
    }
    // All versions since `from` are in this leaf, so it tells the keys that may differ.
    DRIFT_ASSIGN(const auto leaf, core.cache.leaf(state));
    for (std::size_t row = 0; row < leaf->rowCount(); ++row)
      if (leaf->seq(row) > from.number() && leaf->seq(row) <= to.number()) addKey(ranges, leaf->key(row));
  }
  for (auto change = to.state()->changes(tree).first(); change; ++change)
    if (change->seq > from.number() && change->seq <= to.number()) addKey(ranges, change->key);
  return std::unique_ptr<Cursor>(std::make_unique<DiffCursor>(from, to, tree, std::move(columns), joined(std::move(ranges)),
                                                              std::move(cancel)));
}

}  // namespace drift::storage
