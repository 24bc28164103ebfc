#include "storage/leaf_writer.h"

#include <algorithm>
#include <map>

#include "base/checksum.h"
#include "storage/row_decoder.h"
#include "storage/value_copy.h"

namespace drift::storage {

namespace {

using types::Vector;

constexpr std::size_t kRunsMax = 8;
/// Versions that runs may hold however few rows the base has.
constexpr std::size_t kRunRowsMin = 256;
/// Changes of one epoch after which a leaf is cut into slices by time, where the leaf has few rows.
constexpr std::size_t kSliceRowsMin = 512;

/// Neighbours that have no more than this together become one leaf: half of what a leaf is split at, so that what was
/// split is not joined again at once.
constexpr std::uint64_t kJoinedRowsMax = kLeafRowsMax / 2;
constexpr std::uint64_t kJoinedBytesMax = kLeafBytesMax / 2;
/// So many empty ones at a time have few enough pages for one leaf in memory; what is left is joined by the next epoch.
constexpr std::size_t kJoinedLeavesMax = 64;

std::uint64_t bytesOf(const MemtableEntry& change) { return change.key.size() + change.row.size() + 16; }

/// Versions that may lie on top of a base: 25 to 50 % of its rows. Leaves differ, so that those that change
/// alike are not all folded in the same epoch.
std::size_t runRowsMax(std::string_view lowKey, std::size_t baseRows) {
  const auto percent = 25 + xxh3(asBytes(lowKey)) % 26;
  return std::max(kRunRowsMin, baseRows * percent / 100);
}

/// What sorted changes come to. Changes lie anywhere, so they are walked through as seldom as may be.
struct ChangeSum {
  std::int64_t netRows = 0;
  std::uint64_t bytes = 0;
  CommitNumber newestSeq = 0;
  CommitNumber newestCount = 0;

  explicit ChangeSum(std::span<const MemtableEntry* const> changes) {
    const MemtableEntry* before = nullptr;
    for (const auto* change : changes) {
      bytes += bytesOf(*change);
      newestSeq = std::max(newestSeq, change->seq);
      if (change->op != RowOp::Update) newestCount = std::max(newestCount, change->seq);
      if (!before || before->key != change->key) {
        if (before && before->op != RowOp::Delete) ++netRows;
        if (change->op != RowOp::Insert) --netRows;
      }
      before = change;
    }
    if (before && before->op != RowOp::Delete) ++netRows;
  }
};

/// The position of a layout's columns among those that are known, made known.
std::uint64_t layoutAt(std::vector<std::vector<ColumnId>>& known, const RowLayout& layout) {
  std::vector<ColumnId> ids;
  for (const auto& column : layout.columns) ids.push_back(column.id);
  const auto found = std::ranges::find(known, ids);
  const auto at = static_cast<std::uint64_t>(found - known.begin());
  if (found == known.end()) known.push_back(std::move(ids));
  return at;
}

bool sameValues(const Vector& a, const Vector& b, std::size_t rows) {
  const auto left = a.view();
  const auto right = b.view();
  const auto size = types::physicalSize(a.type().physical());
  const bool strings = a.type().physical() == types::PhysicalType::String;
  for (std::size_t row = 0; row < rows; ++row) {
    if (left.isNull(row) != right.isNull(row)) return false;
    if (left.isNull(row)) continue;
    if (strings) {
      if (left.at<types::StringRef>(row).view() != right.at<types::StringRef>(row).view()) return false;
    } else if (std::memcmp(left.data<std::byte>() + left.index(row) * size,
                           right.data<std::byte>() + right.index(row) * size, size) != 0) {
      return false;
    }
  }
  return true;
}

/// Values above this size lie apart from the row's others, so that reading those does not read them.
constexpr std::uint32_t kLargeValueBytes = 2048;

bool hasLargeValue(const Vector& column, std::size_t rows) {
  if (column.type().physical() != types::PhysicalType::String) return false;
  const auto view = column.view();
  for (std::size_t row = 0; row < rows; ++row)
    if (!view.isNull(row) && view.at<types::StringRef>(row).size() > kLargeValueBytes) return true;
  return false;
}

std::uint64_t bytesOf(const Vector& column, std::size_t rows) {
  if (column.type().physical() != types::PhysicalType::String)
    return rows * types::physicalSize(column.type().physical());
  std::uint64_t bytes = 0;
  const auto view = column.view();
  for (std::size_t row = 0; row < rows; ++row)
    if (!view.isNull(row)) bytes += view.at<types::StringRef>(row).size();
  return bytes + rows;
}

}  // namespace

Result<std::vector<NodeEntry>> LeafWriter::write(const NodeEntry* old, Changes changes) {
  m_leaf = nullptr;
  m_template = nullptr;
  m_rowBytes = 0;
  NodeEntry entry;
  if (old) {
    const auto& state = old->slices.back().state;
    const ChangeSum sum(changes);
    entry.lowKey = old->lowKey;
    entry.liveRows = old->liveRows + static_cast<std::uint64_t>(sum.netRows);
    // Folded versions and deletes leave no trace but these numbers: diff and history find the leaf by them.
    entry.newestSeq = std::max(old->newestSeq, sum.newestSeq);
    entry.newestCount = std::max(old->newestCount, sum.newestCount);
    if (fitsRun(state, old->lowKey, changes.size(), sum.bytes, entry.liveRows)) {
      DRIFT_ASSIGN(auto grown, withRun(state, changes));
      entry.slices = {{kNoCommit, std::move(grown)}};
      return std::vector{std::move(entry)};
    }
    entry.newestSeq = old->newestSeq;
    entry.newestCount = old->newestCount;
    DRIFT_ASSIGN(m_leaf, m_cache.leaf(state));
    m_template = m_leaf->base();
    m_rowBytes = state.bytes / std::max<std::size_t>(m_leaf->rowCount(), 1);
  }
  return fold(entry, changes);
}

std::size_t LeafWriter::joinable(std::span<const NodeEntry> leaves,
                                 std::span<const std::vector<const MemtableEntry*>> changes) {
  std::uint64_t rows = 0, bytes = 0;
  std::size_t count = 0;
  for (; count < std::min(leaves.size(), kJoinedLeavesMax); ++count) {
    const auto& state = leaves[count].slices.back().state;
    const auto versions = std::max<std::uint64_t>(std::uint64_t{state.baseRows} + state.runRows, 1);
    rows += leaves[count].liveRows + changes[count].size();
    bytes += state.bytes / versions * leaves[count].liveRows;
    for (const auto* change : changes[count]) bytes += bytesOf(*change);
    if (rows > kJoinedRowsMax || bytes > kJoinedBytesMax) break;
  }
  return std::max<std::size_t>(count, 1);
}

Result<std::vector<NodeEntry>> LeafWriter::join(std::span<const NodeEntry> leaves, Changes changes) {
  NodeEntry entry;
  entry.lowKey = leaves.front().lowKey;
  std::vector<VersionPageRef> pages;
  std::uint64_t bytes = 0;
  for (const auto& leaf : leaves) {
    entry.newestSeq = std::max(entry.newestSeq, leaf.newestSeq);
    entry.newestCount = std::max(entry.newestCount, leaf.newestCount);
    const auto& state = leaf.slices.back().state;
    bytes += state.bytes;
    DRIFT_ASSIGN(auto base, m_cache.base(state.base));
    pages.push_back(std::move(base));
    for (const auto ref : state.runs) {
      DRIFT_ASSIGN(auto run, m_cache.run(ref));
      pages.push_back(std::move(run));
    }
  }
  // Versions of different leaves have different keys, so that all pages merge like those of one.
  auto first = std::move(pages.front());
  pages.erase(pages.begin());
  DRIFT_ASSIGN(m_leaf, Leaf::merge(std::move(first), std::move(pages)));
  m_template = nullptr;
  m_rowBytes = bytes / std::max<std::size_t>(m_leaf->rowCount(), 1);
  return fold(entry, changes);
}

/// Writes what lived at the end of the epoch before, and the changes on top of it, as leaves with new bases.
Result<std::vector<NodeEntry>> LeafWriter::fold(const NodeEntry& entry, Changes changes) {
  m_keys.clear();
  for (std::size_t row = 0; m_leaf && row < m_leaf->rowCount(); ++row) m_keys.push_back(m_leaf->key(row));
  const auto items = mergeItems(changes);
  std::vector<NodeEntry> entries;
  for (const auto part : split(items)) {
    auto partEntry = entry;
    if (!entries.empty()) partEntry.lowKey = part.front().key;
    DRIFT_ASSIGN(auto written, writePart(part, std::move(partEntry)));
    entries.push_back(std::move(written));
  }
  return entries;
}

/// Whether so many changes may go on top of a leaf, which then has so many rows.
bool LeafWriter::fitsRun(const LeafState& state, std::string_view lowKey, std::size_t changes,
                         std::uint64_t changeBytes, std::uint64_t liveRows) const {
  return state.runs.size() < kRunsMax && liveRows <= kLeafRowsMax && state.bytes + changeBytes <= kLeafBytesMax &&
         state.runRows + changes <= runRowsMax(lowKey, state.baseRows);
}

Result<LeafState> LeafWriter::withRun(LeafState state, Changes changes) {
  if (changes.empty()) return state;
  DRIFT_ASSIGN(const auto run, writeRun(changes));
  state.runs.push_back(run.page);
  state.runRows += static_cast<std::uint32_t>(changes.size());
  state.bytes += run.bytes;
  return state;
}

/// The keys that lived at the end of the epoch before and those that changed since, in order.
std::vector<LeafWriter::Item> LeafWriter::mergeItems(Changes changes) const {
  std::vector<std::uint32_t> rows;
  if (m_leaf) m_leaf->findVisible(m_previousCommit, 0, m_leaf->rowCount(), rows);
  std::vector<Item> items;
  items.reserve(rows.size() + changes.size());
  auto row = rows.begin();
  while (row != rows.end() || !changes.empty()) {
    Item item;
    const int order = row == rows.end() ? 1 : changes.empty() ? -1 : m_keys[*row].view().compare(changes.front()->key);
    item.key = order <= 0 ? m_keys[*row].view() : changes.front()->key;
    if (order <= 0) {
      item.row = *row++;
      item.bytes = m_rowBytes;
    }
    if (order >= 0) {
      std::size_t count = 0;
      for (; count < changes.size() && changes[count]->key == item.key; ++count) item.bytes += bytesOf(*changes[count]);
      item.changes = changes.first(count);
      changes = changes.subspan(count);
    }
    items.push_back(item);
  }
  return items;
}

/// Cuts a leaf that has grown too large. Leaves of even size leave room for keys in between; where keys come
/// in order, full ones are left behind.
std::vector<std::span<const LeafWriter::Item>> LeafWriter::split(const std::vector<Item>& items) const {
  std::uint64_t bytes = 0;
  for (const auto& item : items) bytes += item.bytes;
  const auto firstNew = std::ranges::find_if(items, [](const Item& item) { return !item.row; });
  const bool appended = std::none_of(firstNew, items.end(), [](const Item& item) { return item.row.has_value(); });
  const auto parts = std::max<std::uint64_t>((items.size() + kLeafRowsMax - 1) / kLeafRowsMax, bytes / kLeafBytesMax + 1);
  const auto rowsMax = appended ? kLeafRowsMax : std::max<std::size_t>((items.size() + parts - 1) / parts, 1);
  const auto bytesMax = appended ? kLeafBytesMax : std::max<std::uint64_t>(bytes / parts, kLeafBytesMax / 2);

  std::vector<std::span<const Item>> result;
  std::size_t start = 0;
  bytes = 0;
  for (std::size_t at = 0; at < items.size(); ++at) {
    if (at > start && (at - start == rowsMax || bytes >= bytesMax)) {
      result.push_back(std::span(items).subspan(start, at - start));
      start = at;
      bytes = 0;
    }
    bytes += items[at].bytes;
  }
  result.push_back(std::span(items).subspan(start));
  return result;
}

Result<NodeEntry> LeafWriter::writePart(std::span<const Item> items, NodeEntry entry) {
  std::size_t changes = 0, changesMax = 0;
  entry.liveRows = 0;
  for (const auto& item : items) {
    changes += item.changes.size();
    changesMax = std::max(changesMax, item.changes.size());
    for (const auto* change : item.changes) {
      entry.newestSeq = std::max(entry.newestSeq, change->seq);
      if (change->op != RowOp::Update) entry.newestCount = std::max(entry.newestCount, change->seq);
    }
    if (item.changes.empty() || item.changes.back()->op != RowOp::Delete) ++entry.liveRows;
  }
  if (changesMax > 1 && changes > std::max(kSliceRowsMin, items.size() / 2)) {
    DRIFT_ASSIGN(entry.slices, writeSlices(items));
  } else {
    DRIFT_ASSIGN(auto state, writeState(items));
    entry.slices = {{kNoCommit, std::move(state)}};
  }
  return entry;
}

Result<LeafState> LeafWriter::writeState(std::span<const Item> items) {
  std::vector<Pick> picks;
  std::vector<const MemtableEntry*> run;
  for (const auto& item : items) {
    const bool isNew = !item.row && item.changes.size() == 1 && item.changes.front()->op == RowOp::Insert;
    if (item.row) picks.push_back({*item.row, nullptr});
    else if (isNew) picks.push_back({0, item.changes.front()});
    if (!isNew) run.insert(run.end(), item.changes.begin(), item.changes.end());
  }
  DRIFT_ASSIGN(auto state, writeBase(picks, m_previousCommit));
  return withRun(std::move(state), run);
}

/// Cuts the epoch in time, so that no moment has more changes on top of its base than reading it can bear.
Result<std::vector<LeafSlice>> LeafWriter::writeSlices(std::span<const Item> items) {
  const auto rowsMax = std::max(kSliceRowsMin, items.size() / 2);
  std::vector<CommitNumber> seqs;
  for (const auto& item : items)
    for (const auto* change : item.changes) seqs.push_back(change->seq);
  std::ranges::sort(seqs);
  std::vector<CommitNumber> throughs;
  for (std::size_t i = 0, start = 0; i + 1 < seqs.size(); ++i) {
    if (i + 1 - start < rowsMax || seqs[i] == seqs[i + 1]) continue;
    throughs.push_back(seqs[i]);
    start = i + 1;
  }
  std::vector<std::vector<const MemtableEntry*>> runs(throughs.size() + 1);
  for (const auto& item : items)
    for (const auto* change : item.changes)
      runs[static_cast<std::size_t>(std::ranges::lower_bound(throughs, change->seq) - throughs.begin())].push_back(change);

  // What lives at the start of each slice, by item; changes are taken in slice by slice.
  std::vector<std::optional<Pick>> live;
  std::vector<std::size_t> taken(items.size(), 0);
  for (const auto& item : items) live.push_back(item.row ? std::optional(Pick{*item.row, nullptr}) : std::nullopt);
  std::vector<LeafSlice> slices;
  for (std::size_t i = 0; i < runs.size(); ++i) {
    std::vector<Pick> picks;
    for (const auto& pick : live)
      if (pick) picks.push_back(*pick);
    DRIFT_ASSIGN(auto base, writeBase(picks, i == 0 ? m_previousCommit : throughs[i - 1]));
    DRIFT_ASSIGN(m_template, m_cache.base(base.base));
    DRIFT_ASSIGN(auto state, withRun(std::move(base), runs[i]));
    const auto through = i < throughs.size() ? throughs[i] : kNoCommit;
    slices.push_back({through, std::move(state)});
    for (std::size_t at = 0; at < items.size(); ++at)
      for (auto& n = taken[at]; n < items[at].changes.size() && items[at].changes[n]->seq <= through; ++n) {
        const auto* change = items[at].changes[n];
        live[at] = change->op == RowOp::Delete ? std::nullopt : std::optional(Pick{0, change});
      }
  }
  return slices;
}

std::string_view LeafWriter::keyOf(const Pick& pick) const {
  return pick.change ? pick.change->key : m_keys[pick.row].view();
}

Result<LeafState> LeafWriter::writeBase(std::span<const Pick> picks, CommitNumber baseCommit) {
  PageContents contents;
  LeafState state{.baseCommit = baseCommit, .base = {}, .runs = {}, .baseRows = static_cast<std::uint32_t>(picks.size())};
  for (const auto& pick : picks) {
    contents.keys.push_back(keyOf(pick));
    contents.seqs.push_back(pick.change ? pick.change->seq : m_leaf->seq(pick.row));
    contents.ops.push_back(pick.change ? pick.change->op : m_leaf->op(pick.row));
    state.bytes += contents.keys.back().size() + 9;
  }
  DRIFT_ASSIGN(contents.columns, gather(picks));
  for (const auto& column : contents.columns) state.bytes += bytesOf(column.values, picks.size());
  DRIFT_TRY(share(contents));
  DRIFT_TRY(writeLargeColumns(contents));
  DRIFT_ASSIGN(state.base, m_file.append(FrameKind::Base, encodePage(contents)));
  return state;
}

/// The columns of a new base.
Result<std::vector<PageContents::Column>> LeafWriter::gather(std::span<const Pick> picks) const {
  std::map<ColumnId, LayoutColumn> known;
  const RowLayout* lastLayout = nullptr;
  if (m_leaf)
    for (const auto& column : m_leaf->columns()) known.emplace(column.id, column);
  for (const auto& pick : picks) {
    if (!pick.change || pick.change->layout == lastLayout) continue;
    lastLayout = pick.change->layout;
    for (const auto& column : lastLayout->columns) known.emplace(column.id, column);
  }
  std::vector<PageContents::Column> columns;
  for (const auto& [id, column] : known)
    columns.push_back({column, Vector(column.type, std::max<std::size_t>(picks.size(), 1)), false, {}, {}});

  RowDecoder decoder;
  for (auto& column : columns) decoder.add(column.column, column.values);
  for (std::size_t row = 0; row < picks.size(); ++row)
    if (picks[row].change) DRIFT_TRY(decoder.decode(*picks[row].change->layout, picks[row].change->row, row));
  for (auto& column : columns) {
    const Vector* values = nullptr;
    if (m_leaf) {
      DRIFT_ASSIGN(values, m_leaf->column(column.column.id));
    }
    Vector missing(column.column.type, 1);
    missing.set(0, column.column.missing);
    ValueSharer sharer(values ? *values : missing, column.values);
    for (std::size_t row = 0; row < picks.size(); ++row)
      if (!picks[row].change) sharer.copy(values ? picks[row].row : 0, row);
  }
  return columns;
}

/// Lets a base refer to the template for its keys and for the columns that are the same there.
Status LeafWriter::share(PageContents& contents) const {
  const auto rows = contents.keys.size();
  if (!m_template || rows == 0 || m_template->rowCount() != rows) return {};
  for (std::size_t row = 0; row < rows; ++row)
    if (m_template->key(row).view() != contents.keys[row]) return {};
  contents.keysElsewhere = m_template->keysAt();
  for (auto& column : contents.columns) {
    DRIFT_ASSIGN(const auto* values, m_template->column(column.column.id));
    const bool same = values && !values->partial && values->values.type() == column.column.type &&
                      sameValues(values->values, column.values, rows);
    if (same) column.elsewhere = m_template->columnAt(column.column.id);
  }
  return {};
}

/// Gives columns with large values pages of their own.
Status LeafWriter::writeLargeColumns(PageContents& contents) {
  const auto rows = contents.keys.size();
  for (auto& column : contents.columns)
    if (!column.elsewhere && hasLargeValue(column.values, rows)) {
      DRIFT_ASSIGN(column.elsewhere, m_file.append(FrameKind::Base, encodeColumnPage(column, rows, m_packer)));
    }
  return {};
}

Result<LeafWriter::Written> LeafWriter::writeRun(Changes changes) {
  PageContents contents;
  Written written;
  std::map<ColumnId, std::vector<std::uint32_t>> rowsOf;
  std::map<ColumnId, LayoutColumn> known;
  for (std::uint32_t row = 0; row < changes.size(); ++row) {
    const auto& change = *changes[row];
    contents.keys.push_back(change.key);
    contents.seqs.push_back(change.seq);
    contents.ops.push_back(change.op);
    written.bytes += bytesOf(change);
    contents.layoutOf.push_back(0);
    if (!change.layout) continue;
    if (change.op == RowOp::Update) contents.layoutOf.back() = layoutAt(contents.layouts, *change.layout);
    for (const auto& column : change.layout->columns) {
      const bool has = change.op != RowOp::Update || change.changed.empty() ||
                       std::ranges::find(change.changed, column.id) != change.changed.end();
      if (!has) continue;
      known.emplace(column.id, column);
      rowsOf[column.id].push_back(row);
    }
  }
  // Rows are read in place; columns that only some rows have are then drawn together.
  RowDecoder decoder;
  for (const auto& [id, column] : known)
    contents.columns.push_back({column, Vector(column.type, changes.size()), false, {}, {}});
  for (auto& column : contents.columns) decoder.add(column.column, column.values);
  for (std::size_t row = 0; row < changes.size(); ++row)
    if (changes[row]->layout) DRIFT_TRY(decoder.decode(*changes[row]->layout, changes[row]->row, row));
  for (auto& column : contents.columns) {
    auto& rows = rowsOf[column.column.id];
    if (rows.size() == changes.size()) continue;
    Vector some(column.column.type, rows.size());
    ValueSharer sharer(column.values, some);
    for (std::size_t i = 0; i < rows.size(); ++i) sharer.copy(rows[i], i);
    column.values = std::move(some);
    column.partial = true;
    column.rows = std::move(rows);
  }
  DRIFT_ASSIGN(written.page, m_file.append(FrameKind::Run, encodePage(contents)));
  return written;
}

}  // namespace drift::storage
