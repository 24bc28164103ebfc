#include "storage/leaf.h"

#include <algorithm>
#include <iterator>
#include <optional>

#include "storage/key_order.h"
#include "storage/value_copy.h"

namespace drift::storage {

namespace {

using types::Vector;

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

bool Leaf::isBefore(Source a, Source b) const {
  const auto order = compareKeys(m_pages[a.page]->keyRef(a.row), m_pages[b.page]->keyRef(b.row));
  return order != 0 ? order < 0 : m_pages[a.page]->seqs()[a.row] < m_pages[b.page]->seqs()[b.row];
}

/// All versions of all pages in order.
std::vector<Leaf::Source> Leaf::mergeSources() const {
  const auto before = [this](Source a, Source b) { return isBefore(a, b); };
  std::vector<Source> merged, page, both;
  for (std::uint32_t at = 1; at <= m_pages.size(); ++at) {
    const auto which = at == m_pages.size() ? 0 : at;  // the runs first, the large base last
    page.clear();
    for (std::uint32_t row = 0; row < m_pages[which]->rowCount(); ++row) page.push_back({which, row});
    both.clear();
    both.reserve(merged.size() + page.size());
    std::ranges::merge(merged, page, std::back_inserter(both), before);
    merged.swap(both);
  }
  return merged;
}

Status Leaf::mergeRows() {
  const auto& base = *m_pages.front();
  if (hasRuns()) {
    m_sources = mergeSources();
    m_mergedKeys.reserve(m_sources.size());
    m_mergedSeqs.reserve(m_sources.size());
    m_mergedOps.reserve(m_sources.size());
    for (const auto source : m_sources) {
      const auto& page = *m_pages[source.page];
      m_mergedKeys.push_back(page.keyRef(source.row));
      m_mergedSeqs.push_back(page.seqs()[source.row]);
      m_mergedOps.push_back(page.ops()[source.row]);
    }
    m_keys = &m_mergedKeys;
    m_seqs = &m_mergedSeqs;
    m_ops = &m_mergedOps;
  } else {
    m_keys = &base.keys().all();
    m_seqs = &base.seqs();
    m_ops = &base.ops();
  }
  bool plain = true;
  m_startsKey.resize(rowCount());
  for (std::size_t row = 0; row < rowCount(); ++row) {
    const auto order = row == 0 ? std::strong_ordering::greater : compareKeys(keyRef(row), keyRef(row - 1));
    if (order < 0 || (order == 0 && seq(row) <= seq(row - 1))) return malformed();
    m_startsKey[row] = order > 0;
    plain = plain && order > 0 && op(row) != RowOp::Delete;
    m_newestSeq = std::max(m_newestSeq, seq(row));
  }
  if (plain) {
    m_startsKey.clear();
    return {};
  }
  m_ends.resize(rowCount(), kNoCommit);
  for (std::size_t row = 0; row < rowCount(); ++row) {
    if (op(row) == RowOp::Delete) m_ends[row] = 0;
    else if (row + 1 < rowCount() && !m_startsKey[row + 1]) m_ends[row] = seq(row + 1);
  }
  return {};
}

void Leaf::mergeColumns() {
  std::map<ColumnId, const LayoutColumn*> columns;
  for (const auto& page : m_pages)
    for (const auto& column : page->columns()) columns.emplace(column.id, &column);
  for (const auto& [id, column] : columns) m_columns.push_back(*column);
}

std::size_t Leaf::sizeBytes() const {
  auto bytes = sizeof(Leaf) + m_mergedBytes.load(std::memory_order_relaxed) + m_startsKey.size() +
               m_ends.size() * sizeof(CommitNumber) + m_sources.size() * sizeof(Source) +
               m_mergedKeys.size() * (sizeof(types::StringRef) + sizeof(CommitNumber) + sizeof(RowOp));
  const std::scoped_lock lock(m_viewMutex);
  if (m_view) bytes += m_view->sizeBytes();
  return bytes;
}

std::size_t Leaf::lowerBound(std::string_view wanted, CommitNumber wantedSeq) const {
  const types::StringRef wantedRef(wanted);
  std::size_t low = 0, high = rowCount();
  while (low < high) {
    const auto middle = (low + high) / 2;
    const auto order = compareKeys(keyRef(middle), wantedRef);
    if (order < 0 || (order == 0 && seq(middle) < wantedSeq)) low = middle + 1;
    else high = middle;
  }
  return low;
}

void Leaf::findVisible(CommitNumber number, std::size_t from, std::size_t to, std::vector<std::uint32_t>& rows) const {
  std::size_t count = 0;
  rows.resize(to - from);
  const auto* seqs = m_seqs->data();
  // No branches: which versions are visible is anybody's guess.
  if (m_ends.empty()) {
    for (auto row = from; row < to; ++row) {
      rows[count] = static_cast<std::uint32_t>(row);
      count += seqs[row] <= number;
    }
  } else {
    const auto* ends = m_ends.data();
    const auto latest = std::min(number, kNoCommit - 1);  // what did not end ends at kNoCommit
    for (auto row = from; row < to; ++row) {
      rows[count] = static_cast<std::uint32_t>(row);
      count += static_cast<std::size_t>(seqs[row] <= latest) & static_cast<std::size_t>(latest < ends[row]);
    }
  }
  rows.resize(count);
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
  if (m_startsKey.empty() && m_newestSeq <= number) return rowCount();
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
    auto& part = parts[source.page];
    bool present = part.values != nullptr;
    std::size_t value = source.row;
    if (present && part.values->partial) {
      const auto& rows = part.values->rows;
      while (part.at < rows.size() && rows[part.at] < source.row) ++part.at;
      present = part.at < rows.size() && rows[part.at] == source.row;
      value = part.at;
    }
    if (present) {
      part.sharer->copy(value, row);
    } else if (op(row) == RowOp::Update && !startsKey(row) && m_pages[source.page]->updateHas(source.row, column.id)) {
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
