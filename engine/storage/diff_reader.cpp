#include "storage/diff_reader.h"

#include <algorithm>

#include "storage/leaf_walker.h"

namespace drift::storage {

namespace {

/// Keys in which two snapshots may differ: one key, or a range.
struct DiffRange {
  std::string from;
  std::optional<std::string> to;
  bool oneKey = false;
};

/// Finds rows under rising keys that are live at one of two commits; neighbours come from one leaf. The pages of the
/// later one serve both: where they do not, their leaf is a range of which both snapshots are read.
class KeyReader final {
 public:
  KeyReader(const Snapshot::State& state, TreeId tree)
      : m_state(state),
        m_changes(state.changes(tree)),
        m_walker(state.core->cache, state.root(tree) ? &state.root(tree)->root : nullptr, {},
                 [this](const NodeEntry&, const auto& end) { return end && *end <= m_key; }) {}

  Result<std::optional<FoundRow>> find(std::string_view key, CommitNumber number) {
    if (const auto* change = m_changes.findLast(key, number))
      return change->op == RowOp::Delete ? std::nullopt : std::optional(FoundRow{change, nullptr, {}});
    if (!m_atEnd && (!m_pages || (m_end && *m_end <= key))) {
      m_key = key;
      DRIFT_ASSIGN(const auto range, m_walker.next());
      m_pages = nullptr;
      m_atEnd = !range;
      if (range) {
        m_pages = m_state.core->cache.pages(range->entry.sliceAt(m_state.number).state);
        m_end = range->end;
      }
    }
    if (!m_pages) return std::optional<FoundRow>();
    DRIFT_ASSIGN(const auto version, m_pages->find(SoughtKey(key), number));
    if (!version || m_pages->op(*version) == RowOp::Delete) return std::optional<FoundRow>();
    return std::optional(FoundRow{nullptr, m_pages, *version});
  }

 private:
  const Snapshot::State& m_state;
  TreeChanges m_changes;
  std::string m_key;  ///< what the walker looks for
  LeafWalker m_walker;
  LeafPagesRef m_pages;
  std::optional<std::string> m_end;  ///< first key behind the leaf
  bool m_atEnd = false;
};

/// Reads two snapshots side by side where they may differ.
class DiffCursor final : public Cursor {
 public:
  DiffCursor(Snapshot from, Snapshot to, TreeId tree, std::vector<LayoutColumn> columns, std::vector<DiffRange> ranges,
             runtime::CancelToken cancel)
      : m_from{std::move(from), {}, {}, 0},
        m_to{std::move(to), {}, {}, 0},
        m_keys(*m_to.snapshot.state(), tree),
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
        if (m_ranges[m_range].oneKey) {
          DRIFT_TRY(compareKey(out, m_ranges[m_range++].from));
          continue;
        }
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
    const auto& range = m_ranges[m_range];
    ScanRequest request{.tree = m_tree, .columns = m_columns, .range = {range.from, range.to}, .cancel = m_cancel};
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

  Status compareKey(types::Chunk& out, const std::string& key) {
    DRIFT_ASSIGN(const auto before, m_keys.find(key, m_from.snapshot.number()));
    DRIFT_ASSIGN(const auto after, m_keys.find(key, m_to.snapshot.number()));
    if ((!before && !after) || (before && after && before->seq() == after->seq())) return {};
    const auto op = !before ? RowOp::Insert : !after ? RowOp::Delete : RowOp::Update;
    std::vector<types::Value> old, now;
    if (before) {
      DRIFT_ASSIGN(old, valuesOf(*before, key, m_columns));
    }
    if (after) {
      DRIFT_ASSIGN(now, valuesOf(*after, key, m_columns, before ? &*before : nullptr, old));
    }
    if (op == RowOp::Update && old == now) return {};
    beginRow(out, op, key);
    std::size_t column = 2;
    for (const auto* values : {&old, &now})
      for (std::size_t i = 0; i < m_columns.size(); ++i, ++column) {
        if (values->empty()) out.column(column).setNull(m_rows);
        else out.column(column).set(m_rows, (*values)[i]);
      }
    ++m_rows;
    return {};
  }

  void beginRow(types::Chunk& out, RowOp op, std::string_view key) const {
    out.column(0).data<std::int16_t>()[m_rows] = static_cast<std::int16_t>(op);
    out.column(1).setString(m_rows, key);
  }

  void emit(types::Chunk& out, RowOp op, const Side* from, const Side* to) {
    if (op == RowOp::Update && sameValues(*from, *to)) return;
    beginRow(out, op, key(from ? *from : *to));
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
  KeyReader m_keys;
  TreeId m_tree;
  std::vector<LayoutColumn> m_columns;
  std::vector<DiffRange> m_ranges;
  std::size_t m_range = 0;
  bool m_open = false;
  std::size_t m_rows = 0;
  runtime::CancelToken m_cancel;
};

/// Sorts ranges and joins those that touch; a key within a range or named before is left out.
std::vector<DiffRange> joined(std::vector<DiffRange> ranges) {
  std::ranges::sort(ranges, [](const DiffRange& a, const DiffRange& b) {
    return a.from != b.from ? a.from < b.from : a.oneKey < b.oneKey;
  });
  std::vector<DiffRange> result;
  for (auto& range : ranges) {
    auto* last = result.empty() ? nullptr : &result.back();
    if (last && last->oneKey && last->from == range.from && range.oneKey) continue;
    const bool touches = last && !last->oneKey && (!last->to || range.from <= *last->to);
    const bool within = touches && range.oneKey && (!last->to || range.from < *last->to);
    if (within) continue;
    if (touches && !range.oneKey) {
      if (last->to && (!range.to || *range.to > *last->to)) last->to = std::move(range.to);
      continue;
    }
    result.push_back(std::move(range));
  }
  return result;
}

}  // namespace

Result<std::unique_ptr<Cursor>> readDiff(const Snapshot& from, const Snapshot& to, TreeId tree,
                                         std::vector<LayoutColumn> columns, runtime::CancelToken cancel) {
  const auto& core = *to.state()->core;
  std::vector<DiffRange> ranges;
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
      ranges.push_back({range->entry.lowKey, std::move(range->end), false});
      continue;
    }
    // All versions since `from` are in this leaf, so it tells the keys that may differ.
    DRIFT_TRY(core.cache.pages(state)->eachOf(from.number(), to.number(), [&](std::string_view key) {
      ranges.push_back({std::string(key), std::nullopt, true});
    }));
  }
  for (auto change = to.state()->changes(tree).first(); change; ++change)
    if (change->seq > from.number() && change->seq <= to.number())
      ranges.push_back({std::string(change->key), std::nullopt, true});
  return std::unique_ptr<Cursor>(std::make_unique<DiffCursor>(from, to, tree, std::move(columns), joined(std::move(ranges)),
                                                              std::move(cancel)));
}

}  // namespace drift::storage
