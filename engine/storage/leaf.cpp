#include "storage/leaf.h"

#include <algorithm>
#include <iterator>
#include <numeric>
#include <optional>

#include "storage/key_order.h"
#include "storage/value_copy.h"

namespace drift::storage {

namespace {

using types::Vector;

/// End of a version that nothing replaced, on a leaf's own scale.
constexpr std::uint32_t kNoEnd = 0xffff'ffff;

Error malformed() { return Error(ErrorKind::DataCorrupted, "the pages of a leaf in the file do not fit together"); }

}  // namespace

Result<std::shared_ptr<const Leaf>> Leaf::merge(VersionPageRef base, std::vector<VersionPageRef> runs) {
  std::shared_ptr<Leaf> leaf(new Leaf());  // the constructor is private
  leaf->m_pages.push_back(std::move(base));
  std::ranges::move(runs, std::back_inserter(leaf->m_pages));
  DRIFT_TRY(leaf->mergeRows());
  leaf->mergeColumns();
  return std::shared_ptr<const Leaf>(std::move(leaf));
}

/// The versions of all runs in order.
std::vector<Leaf::Source> Leaf::mergeRuns() const {
  const auto before = [this](Source a, Source b) {
    const auto order = compareKeys(m_pages[a.page()]->key(a.row()), m_pages[b.page()]->key(b.row()));
    return order != 0 ? order < 0 : m_pages[a.page()]->seq(a.row()) < m_pages[b.page()]->seq(b.row());
  };
  std::vector<Source> merged, run, both;
  for (std::size_t page = 1; page < m_pages.size(); ++page) {
    run.clear();
    for (std::size_t row = 0; row < m_pages[page]->rowCount(); ++row) run.emplace_back(page, row);
    both.clear();
    both.reserve(merged.size() + run.size());
    std::ranges::merge(merged, run, std::back_inserter(both), before);
    merged.swap(both);
  }
  return merged;
}

/// Sets m_sources; gives the rows that the runs have, or all where the base has several versions of a key.
std::vector<std::uint32_t> Leaf::mergeSources() {
  // Each version of the runs goes to its place among those of the base, which are many more.
  const auto& base = *m_pages.front();
  const auto runs = mergeRuns();
  std::vector<std::uint32_t> rows;
  rows.reserve(runs.size());
  m_sources.reserve(base.rowCount() + runs.size());
  std::size_t row = 0;
  const auto takeBase = [&](std::size_t end) {
    for (; row < end; ++row) m_sources.emplace_back(0, row);
  };
  for (const auto version : runs) {
    const auto& run = *m_pages[version.page()];
    takeBase(base.lowerBound(run.key(version.row()), run.seq(version.row()), row));
    rows.push_back(static_cast<std::uint32_t>(m_sources.size()));
    m_sources.push_back(version);
  }
  takeBase(base.rowCount());
  if (!base.hasKeysOnce() || !base.holdsNoDelete()) {
    rows.resize(m_sources.size());
    std::iota(rows.begin(), rows.end(), 0u);
  }
  return rows;
}

Status Leaf::mergeRows() {
  if (m_pages.size() > Source::kPagesMax) return malformed();
  for (const auto& page : m_pages) m_newestSeq = std::max(m_newestSeq, page->newestSeq());
  const auto& base = *m_pages.front();
  if (!hasRuns() && base.hasKeysOnce() && base.holdsNoDelete()) return {};
  return findSpans(mergeSources());
}

/// Finds out which versions follow others of their key, and when versions begin and end, from the rows where that can be:
/// those next to them are looked at too.
Status Leaf::findSpans(const std::vector<std::uint32_t>& rows) {
  std::vector<std::uint32_t> spanned;
  const auto add = [&](std::size_t row) {
    if (spanned.empty() || spanned.back() < row) spanned.push_back(static_cast<std::uint32_t>(row));
  };
  std::size_t compared = 0;  // with the row before; row 0 has none
  const auto compare = [&](std::size_t row) -> Status {
    if (row <= compared || row >= m_sources.size()) return {};
    compared = row;
    const auto order = compareKeys(key(row), key(row - 1));
    if (order < 0 || (order == 0 && seq(row) <= seq(row - 1))) return malformed();
    if (order == 0) {
      m_sources[row].followsItsKey();
      add(row - 1);
      add(row);
    }
    return {};
  };
  for (const auto row : rows) {
    DRIFT_TRY(compare(row));
    add(row);
    DRIFT_TRY(compare(row + 1));
  }
  CommitNumber newest = 0;
  for (const auto row : spanned) {
    m_firstSeq = std::min(m_firstSeq, seq(row));
    newest = std::max(newest, seq(row));
  }
  if (!spanned.empty() && newest - m_firstSeq >= kNoEnd - 1) {
    for (const auto row : spanned) m_seqs.push_back(seq(row));
    std::ranges::sort(m_seqs);
    const auto [first, last] = std::ranges::unique(m_seqs);
    m_seqs.erase(first, last);
  }
  m_spans.reserve(spanned.size());
  for (const auto row : spanned) {
    const auto begin = timeOf(seq(row));
    if (!m_sources[row].startsKey()) m_spans.back().end = std::min(m_spans.back().end, begin);
    m_spans.push_back({row, begin, op(row) == RowOp::Delete ? 0 : kNoEnd});
  }
  return {};
}

/// A commit on the leaf's own scale: the latest there that is not newer. Not before m_firstSeq.
std::uint32_t Leaf::timeOf(CommitNumber number) const {
  if (!m_seqs.empty())
    return static_cast<std::uint32_t>(std::ranges::upper_bound(m_seqs, number) - m_seqs.begin() - 1);
  return static_cast<std::uint32_t>(std::min<CommitNumber>(number - m_firstSeq, kNoEnd - 1));
}

void Leaf::mergeColumns() {
  std::map<ColumnId, const LayoutColumn*> columns;
  for (const auto& page : m_pages)
    for (const auto& column : page->columns()) columns.emplace(column.id, &column);
  for (const auto& [id, column] : columns) m_columns.push_back(*column);
}

std::size_t Leaf::sizeBytes() const {
  auto bytes = sizeof(Leaf) + m_mergedBytes.load(std::memory_order_relaxed) + m_sources.size() * sizeof(Source) +
               m_spans.size() * sizeof(Span) + m_seqs.size() * sizeof(CommitNumber);
  const std::scoped_lock lock(m_viewMutex);
  if (m_view) bytes += m_view->sizeBytes();
  return bytes;
}

std::size_t Leaf::lowerBound(std::string_view wanted, CommitNumber wantedSeq) const {
  const types::StringRef wantedRef(wanted);
  std::size_t low = 0, high = rowCount();
  while (low < high) {
    const auto middle = (low + high) / 2;
    const auto order = compareKeys(key(middle), wantedRef);
    if (order < 0 || (order == 0 && seq(middle) < wantedSeq)) low = middle + 1;
    else high = middle;
  }
  return low;
}

void Leaf::findVisible(CommitNumber number, std::size_t from, std::size_t to, std::vector<std::uint32_t>& rows) const {
  rows.resize(to - from);
  std::size_t count = 0;
  const bool wholeBase = base()->newestSeq() <= number;
  const auto takeBase = [&](std::size_t row, std::size_t end) {
    if (wholeBase) {
      std::iota(rows.data() + count, rows.data() + count + (end - row), static_cast<std::uint32_t>(row));
      count += end - row;
      return;
    }
    for (; row < end; ++row) {  // no branches: which versions are visible is anybody's guess
      rows[count] = static_cast<std::uint32_t>(row);
      count += seq(row) <= number;
    }
  };
  const bool any = number >= m_firstSeq;
  const auto time = any ? timeOf(number) : 0;
  auto row = from;
  for (auto span = std::ranges::lower_bound(m_spans, from, {}, &Span::row); span != m_spans.end() && span->row < to; ++span) {
    takeBase(row, span->row);
    rows[count] = span->row;
    count += any && span->begin <= time && time < span->end;
    row = span->row + std::size_t{1};
  }
  takeBase(row, to);
  rows.resize(count);
}

std::pair<CommitNumber, CommitNumber> Leaf::momentsAround(CommitNumber number) const {
  CommitNumber from = 0, to = kNoCommit;
  for (const auto& page : m_pages) {
    if (page->newestSeq() <= number) {
      from = std::max(from, page->newestSeq());
      continue;
    }
    for (std::size_t row = 0; row < page->rowCount(); ++row) {
      const auto seq = page->seq(row);
      if (seq <= number) from = std::max(from, seq);
      else to = std::min(to, seq);
    }
  }
  return {from, to};
}

std::shared_ptr<const LeafView> Leaf::viewAt(CommitNumber number) const {
  {
    const std::scoped_lock lock(m_viewMutex);
    if (m_view && m_view->covers(number)) {
      m_view->setReused();
      return m_view;
    }
  }
  auto view = std::make_shared<LeafView>(*this, number);
  const std::scoped_lock lock(m_viewMutex);
  m_view = view;
  return view;
}

std::uint64_t Leaf::countVisible(CommitNumber number) const {
  if (isPlain() && m_newestSeq <= number) return rowCount();
  std::vector<std::uint32_t> rows;
  findVisible(number, 0, rowCount(), rows);
  return rows.size();
}

Result<Vector> Leaf::mergeColumn(const LayoutColumn& column, std::size_t from, std::size_t to) const {
  /// One page's values, and how far they were handed out.
  struct Part {
    std::optional<PageColumn> values;
    std::optional<ValueSharer> sharer;
    std::optional<std::size_t> at{};  ///< position in the rows that have a value
  };
  Vector merged(column.type, std::max<std::size_t>(to - from, 1));
  std::vector<Part> parts(m_pages.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    DRIFT_ASSIGN(parts[i].values, m_pages[i]->columnForOnce(column.id));
    if (!parts[i].values) continue;
    if (parts[i].values->values.type().physical() != column.type.physical()) return malformed();
    parts[i].sharer.emplace(parts[i].values->values, merged);
    merged.keep(m_pages[i]);
  }
  Vector missing(column.type, 1);
  missing.set(0, column.missing);
  ValueSharer absent(missing, merged);
  const bool wholeBase = parts.front().values && !parts.front().values->partial;
  auto span = std::ranges::lower_bound(m_spans, from, {}, &Span::row);
  for (std::size_t row = from; row < to; ++row) {
    const auto source = m_sources[row];
    while (span != m_spans.end() && span->row < row) ++span;
    const auto next = span == m_spans.end() ? to : std::min<std::size_t>(span->row, to);
    if (wholeBase && row < next) {  // rows of the base alone
      parts.front().sharer->copyAll(source.row(), row - from, next - row);
      row = next - 1;
      continue;
    }
    auto& part = parts[source.page()];
    bool present = part.values.has_value();
    std::size_t value = source.row();
    if (present && part.values->partial) {
      const auto& rows = part.values->rows;
      if (!part.at) part.at = static_cast<std::size_t>(std::ranges::lower_bound(rows, source.row()) - rows.begin());
      while (*part.at < rows.size() && rows[*part.at] < source.row()) ++*part.at;
      present = *part.at < rows.size() && rows[*part.at] == source.row();
      value = *part.at;
    }
    if (present) {
      part.sharer->copy(value, row - from);
    } else if (op(row) == RowOp::Update && !startsKey(row) && m_pages[source.page()]->updateHas(source.row(), column.id)) {
      // An update that did not change the column shows the value of the version before it.
      repeatValue(merged, row - from - 1, row - from);
    } else {
      absent.copy(0, row - from);
    }
  }
  return merged;
}

const LayoutColumn* Leaf::findColumn(ColumnId id) const {
  const auto found = std::ranges::lower_bound(m_columns, id, {}, &LayoutColumn::id);
  return found == m_columns.end() || found->id != id ? nullptr : &*found;
}

Result<const Vector*> Leaf::column(ColumnId id) const {
  const auto* column = findColumn(id);
  if (!column) return static_cast<const Vector*>(nullptr);
  if (!hasRuns()) {
    DRIFT_ASSIGN(const auto* values, base()->column(id));
    if (values->partial) return malformed();
    return &values->values;
  }
  const std::scoped_lock lock(m_mutex);
  auto& merged = m_merged[id];
  if (!merged) {
    DRIFT_ASSIGN(auto values, mergeColumn(*column, 0, rowCount()));
    merged = std::make_unique<Vector>(std::move(values));
    m_mergedBytes += merged->capacity() * types::physicalSize(merged->type().physical());  // strings are the pages'
  }
  return static_cast<const Vector*>(merged.get());
}

Result<std::optional<Vector>> Leaf::columnOfFew(ColumnId id, std::span<const std::uint32_t> rows) const {
  constexpr std::size_t kShareMax = 4;  // of the leaf, what is few
  constexpr std::optional<Vector> kNone;
  const auto* column = findColumn(id);
  if (!column || !hasRuns() || isPlain() || rows.empty()) return kNone;
  const auto [least, greatest] = std::ranges::minmax(rows);
  std::size_t from = least;
  while (!startsKey(from)) --from;
  const auto to = greatest + std::size_t{1};
  if ((to - from) * kShareMax > rowCount()) return kNone;
  {
    const std::scoped_lock lock(m_mutex);
    if (m_merged.contains(id)) return kNone;
  }
  // What is merged for few, again and again, may take as long in all as merging the leaf would have.
  const auto before = m_mergedForFew.fetch_add(to - from, std::memory_order_relaxed);
  if (before > rowCount() * m_columns.size()) return kNone;
  DRIFT_ASSIGN(const auto range, mergeColumn(*column, from, to));
  Vector result(range.type(), rows.size());
  ValueSharer sharer(range, result);
  for (std::size_t i = 0; i < rows.size(); ++i) sharer.copy(rows[i] - from, i);
  return std::optional(std::move(result));
}

}  // namespace drift::storage
