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

/// More pages than any writer gives a leaf.
constexpr std::size_t kPagesMax = 1u << 12;
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

Status Leaf::mergeRows() {
  if (m_pages.size() > kPagesMax) return malformed();
  const auto& base = *m_pages.front();
  if (hasRuns()) {
    // Each version of the runs goes to its place among those of the base, which are many more.
    const auto runs = mergeRuns();
    m_sources.resize(base.rowCount() + runs.size());
    auto out = m_sources.begin();
    std::size_t row = 0;
    const auto takeBase = [&](std::size_t end) {
      for (; row < end; ++row) *out++ = Source(0, row);
    };
    for (const auto version : runs) {
      const auto& run = *m_pages[version.page()];
      takeBase(base.lowerBound(run.key(version.row()), run.seq(version.row()), row));
      *out++ = version;
    }
    takeBase(base.rowCount());
  }
  for (const auto& page : m_pages) m_newestSeq = std::max(m_newestSeq, page->newestSeq());
  if (!hasRuns() && base.hasKeysOnce() && base.holdsNoDelete()) return {};
  DRIFT_TRY(findStarts());
  findEnds();
  return {};
}

/// Sets m_startsKey, and leaves it empty where the leaf is plain.
Status Leaf::findStarts() {
  m_startsKey.resize(rowCount(), 1);
  bool plain = true;
  const bool baseOnce = m_pages.front()->hasKeysOnce();
  for (std::size_t row = 1; row < rowCount(); ++row) {
    // Pages are in order, and so are their versions here.
    if (baseOnce && source(row - 1).page() == 0 && source(row).page() == 0) continue;
    const auto order = compareKeys(key(row), key(row - 1));
    if (order < 0 || (order == 0 && seq(row) <= seq(row - 1))) return malformed();
    m_startsKey[row] = order > 0;
    plain = plain && order > 0;
  }
  for (const auto& page : m_pages) plain = plain && page->holdsNoDelete();
  if (plain) m_startsKey.clear();
  return {};
}

/// Sets m_begins and m_ends, of a leaf that is not plain.
void Leaf::findEnds() {
  if (isPlain()) return;
  m_firstSeq = kNoCommit;
  for (const auto& page : m_pages)
    if (page->rowCount() > 0) m_firstSeq = std::min(m_firstSeq, page->oldestSeq());
  if (m_newestSeq - m_firstSeq >= kNoEnd - 1) {
    for (std::size_t row = 0; row < rowCount(); ++row) m_seqs.push_back(seq(row));
    std::ranges::sort(m_seqs);
    const auto [first, last] = std::ranges::unique(m_seqs);
    m_seqs.erase(first, last);
  }
  m_begins.resize(rowCount());
  m_ends.resize(rowCount(), kNoEnd);
  for (std::size_t row = 0; row < rowCount(); ++row) {
    m_begins[row] = timeOf(seq(row));
    if (row > 0 && !m_startsKey[row]) m_ends[row - 1] = std::min(m_ends[row - 1], m_begins[row]);
    if (op(row) == RowOp::Delete) m_ends[row] = 0;
  }
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
  auto bytes = sizeof(Leaf) + m_mergedBytes.load(std::memory_order_relaxed) + m_startsKey.size() +
               (m_begins.size() + m_ends.size()) * sizeof(std::uint32_t) + m_sources.size() * sizeof(Source) +
               m_seqs.size() * sizeof(CommitNumber);
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
  std::size_t count = 0;
  rows.resize(to - from);
  // No branches: which versions are visible is anybody's guess.
  if (isPlain() && m_newestSeq <= number) {
    std::iota(rows.begin(), rows.end(), static_cast<std::uint32_t>(from));
    return;
  }
  if (isPlain()) {
    for (auto row = from; row < to; ++row) {
      rows[count] = static_cast<std::uint32_t>(row);
      count += seq(row) <= number;
    }
  } else if (number >= m_firstSeq) {
    const auto* begins = m_begins.data();
    const auto* ends = m_ends.data();
    const auto time = timeOf(number);
    for (auto row = from; row < to; ++row) {
      rows[count] = static_cast<std::uint32_t>(row);
      count += static_cast<std::size_t>(begins[row] <= time) & static_cast<std::size_t>(time < ends[row]);
    }
  }
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

Result<Vector> Leaf::mergeColumn(const LayoutColumn& column) const {
  /// One page's values, and how far they were handed out.
  struct Part {
    const PageColumn* values = nullptr;
    std::optional<ValueSharer> sharer;
    std::size_t at = 0;
  };
  Vector merged(column.type, std::max<std::size_t>(rowCount(), 1));
  std::vector<Part> parts(m_pages.size());
  for (std::size_t i = 0; i < parts.size(); ++i) {
    DRIFT_ASSIGN(parts[i].values, m_pages[i]->column(column.id));
    if (!parts[i].values) continue;
    if (parts[i].values->values.type().physical() != column.type.physical()) return malformed();
    parts[i].sharer.emplace(parts[i].values->values, merged);
    merged.keep(m_pages[i]);
  }
  Vector missing(column.type, 1);
  missing.set(0, column.missing);
  ValueSharer absent(missing, merged);
  for (std::size_t row = 0; row < rowCount(); ++row) {
    const auto source = m_sources[row];
    auto& part = parts[source.page()];
    bool present = part.values != nullptr;
    std::size_t value = source.row();
    if (present && part.values->partial) {
      const auto& rows = part.values->rows;
      while (part.at < rows.size() && rows[part.at] < source.row()) ++part.at;
      present = part.at < rows.size() && rows[part.at] == source.row();
      value = part.at;
    }
    if (present) {
      part.sharer->copy(value, row);
    } else if (op(row) == RowOp::Update && !startsKey(row) && m_pages[source.page()]->updateHas(source.row(), column.id)) {
      // An update that did not change the column shows the value of the version before it.
      repeatValue(merged, row - 1, row);
    } else {
      absent.copy(0, row);
    }
  }
  return merged;
}

Result<const Vector*> Leaf::column(ColumnId id) const {
  const auto found = std::ranges::lower_bound(m_columns, id, {}, &LayoutColumn::id);
  if (found == m_columns.end() || found->id != id) return static_cast<const Vector*>(nullptr);
  if (!hasRuns()) {
    DRIFT_ASSIGN(const auto* values, base()->column(id));
    if (values->partial) return malformed();
    return &values->values;
  }
  const std::scoped_lock lock(m_mutex);
  auto& merged = m_merged[id];
  if (!merged) {
    DRIFT_ASSIGN(auto values, mergeColumn(*found));
    merged = std::make_unique<Vector>(std::move(values));
    m_mergedBytes += merged->capacity() * types::physicalSize(merged->type().physical());  // strings are the pages'
  }
  return static_cast<const Vector*>(merged.get());
}

}  // namespace drift::storage
