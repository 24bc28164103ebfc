// Reading rows by their keys: those that an index finds, or several of the table's own.
//
// The index is read at the same moment as the table: one commit for both, or one state of the transaction's own
// writes. Rows are fetched a chunk at a time by rising keys, so that neighbours share a page; where they may come in
// any order, the keys of ever more chunks are put in order together, so that each page is visited seldom. Where
// conditions say which values they want of some columns, those columns are fetched first, and the others of the rows
// that are left.
#include <algorithm>
#include <numeric>

#include "catalog/index_key.h"
#include "exec/operator_kinds.h"
#include "exec/parallel_rows.h"
#include "exec/scan_shape.h"

namespace drift::exec {

using types::Chunk;

namespace {

using Keys = std::vector<std::string>;

/// Keys that are put in order together, where rows may come in any: four times as many each time, up to this number.
constexpr std::size_t kSortedKeysMax = 32 * types::kChunkRows;

/// Gives keys of rows in the order in which the rows are wanted.
class KeySource {
 public:
  virtual ~KeySource() = default;
  /// Adds keys until there are `most`, or no more; a source may stop earlier once it added some. Gives false at the
  /// end.
  virtual Result<bool> addKeys(Keys& keys, std::size_t most) = 0;
};

class ListedKeys final : public KeySource {
 public:
  explicit ListedKeys(Keys keys) : m_keys(std::move(keys)) {}

  Result<bool> addKeys(Keys& keys, std::size_t most) override {
    while (keys.size() < most && m_next < m_keys.size()) keys.push_back(std::move(m_keys[m_next++]));
    return m_next < m_keys.size();
  }

 private:
  Keys m_keys;
  std::size_t m_next = 0;
};

/// The rows that the entries of an index stand for, range by range.
class IndexKeys final : public KeySource {
 public:
  explicit IndexKeys(std::vector<std::unique_ptr<storage::Cursor>> cursors, bool stopsEarly)
      : m_cursors(std::move(cursors)), m_stopsEarly(stopsEarly) {}

  Result<bool> addKeys(Keys& keys, std::size_t most) override {
    const auto enough = [&] { return keys.size() == most || (m_stopsEarly && !keys.empty()); };
    while (m_at < m_cursors.size() && !enough()) {
      if (m_row == m_entries.rowCount()) {
        m_row = 0;
        DRIFT_ASSIGN(const bool more, m_cursors[m_at]->next(m_entries));
        if (!more) ++m_at;
        if (!more) continue;
      }
      const auto rowKeys = m_entries.column(0).view();
      for (; m_row < m_entries.rowCount() && keys.size() < most; ++m_row)
        keys.emplace_back(rowKeys.at<types::StringRef>(m_row).view());
    }
    return m_at < m_cursors.size();
  }

 private:
  const std::vector<std::unique_ptr<storage::Cursor>> m_cursors;
  const bool m_stopsEarly;  ///< hands on what one chunk of entries gave: who wants few rows gets them soon
  std::size_t m_at = 0;
  Chunk m_entries;
  std::size_t m_row = 0;
};

class LookupOperator final : public Operator {
 public:
  LookupOperator(std::unique_ptr<KeySource> source, const plan::Scan& scan, ScanShape shape, OperatorContext& context)
      : m_source(std::move(source)),
        m_shape(std::move(shape)),
        m_transaction(context.environment.transaction),
        m_table(scan.table),
        m_index(scan.index ? scan.index->index.name : std::string()),
        m_isOrdered(scan.index && scan.index->ordered),
        m_isReversed(!scan.index && scan.backwards),
        m_order(context.pipeline ? 0 : m_transaction.writeOrder()),
        m_cancel(context.query().cancel) {
    if (m_index.empty() || m_isOrdered) return;
    for (std::size_t at = 0; at < m_shape.columns().size(); ++at) {
      const auto& column = m_shape.columns()[at];
      const auto want = std::ranges::find_if(scan.wanted, [&](const auto& one) {
        return at < m_shape.ownColumns().size() && one.column.id == column.id && one.values.fits(column.type);
      });
      if (want == scan.wanted.end()) {
        m_places.emplace_back(false, m_others.size());
        m_others.push_back(column);
      } else {
        m_places.emplace_back(true, m_telling.size());
        m_telling.push_back(column);
        m_wants.push_back(want->values);
      }
    }
  }

  /// Reads a past moment rather than the transaction's own view.
  void readPast(storage::Snapshot past) { m_past = std::move(past); }

  Result<bool> next(Chunk& out) override {
    out.clear();
    while (m_next < m_keys.size() || m_more) {
      DRIFT_TRY(m_cancel.check());
      if (m_next == m_keys.size()) DRIFT_TRY(takeKeys());
      if (m_next == m_keys.size()) continue;
      const auto count = std::min(types::kChunkRows, m_keys.size() - m_next);
      const std::span<const std::string> keys(m_keys.data() + m_next, count);
      m_next += count;
      DRIFT_ASSIGN(const auto rows, fetch(keys));
      if (rows.rowCount() == 0) continue;
      DRIFT_ASSIGN(out, m_shape.shape(rows));
      return true;
    }
    return false;
  }

 private:
  using KeySpan = std::span<const std::string>;

  /// Takes the keys of the next rows and puts them in rising order; m_wanted tells in which order the rows are wanted.
  Status takeKeys() {
    m_keys.clear();
    m_wanted.clear();
    m_next = 0;
    DRIFT_ASSIGN(m_more, m_source->addKeys(m_keys, m_batch));
    if (!m_index.empty() && !m_isOrdered) m_batch = std::min(m_batch * 4, kSortedKeysMax);
    if (m_isReversed) std::reverse(m_keys.begin(), m_keys.end());
    if (std::is_sorted(m_keys.begin(), m_keys.end())) return {};
    if (!m_isOrdered) {
      std::sort(m_keys.begin(), m_keys.end());
      return {};
    }
    std::vector<std::size_t> rising(m_keys.size());
    std::iota(rising.begin(), rising.end(), 0);
    std::sort(rising.begin(), rising.end(), [&](std::size_t a, std::size_t b) { return m_keys[a] < m_keys[b]; });
    m_wanted.resize(m_keys.size());
    Keys sorted;
    for (std::size_t at = 0; at < rising.size(); ++at) {
      m_wanted[rising[at]] = static_cast<std::uint16_t>(at);
      sorted.push_back(std::move(m_keys[rising[at]]));
    }
    m_keys = std::move(sorted);
    return {};
  }

  Result<Chunk> fetch(KeySpan keys) {
    if (!m_wants.empty() && !m_others.empty() && !m_tellsLittle) return fetchWanted(keys);
    DRIFT_ASSIGN(auto rows, read(keys, m_shape.columns()));
    if (m_isReversed) {
      types::Selection backwards(rows.rowCount());
      std::iota(backwards.rbegin(), backwards.rend(), std::uint16_t{0});
      return rows.selected(backwards);
    }
    return m_isOrdered && !m_wanted.empty() ? rows.selected(m_wanted) : std::move(rows);
  }

  /// Fetches rows in two steps: first what tells which of them are wanted.
  Result<Chunk> fetchWanted(KeySpan keys) {
    DRIFT_ASSIGN(const auto told, read(keys, m_telling));
    types::Selection kept;
    Keys some;
    for (std::size_t row = 0; row < keys.size(); ++row) {
      bool all = true;
      for (std::size_t at = 0; all && at < m_wants.size(); ++at) all = m_wants[at].has(told.column(at).get(row));
      if (!all) continue;
      kept.push_back(static_cast<std::uint16_t>(row));
      some.push_back(keys[row]);
    }
    m_tellsLittle = kept.size() * 2 > keys.size();
    DRIFT_ASSIGN(const auto others, read(some, m_others));
    const auto left = told.selected(kept);
    Chunk rows;
    for (const auto& [telling, at] : m_places) rows.addColumn(telling ? left.column(at) : others.column(at));
    rows.setRowCount(kept.size());
    return rows;
  }

  Result<Chunk> read(KeySpan keys, std::span<const storage::LayoutColumn> columns) const {
    DRIFT_ASSIGN(auto rows, m_past ? m_past->getAll(m_table->id, keys, columns)
                                   : m_transaction.getAll(m_table->id, keys, columns, m_order));
    if (!m_index.empty() && rows.rowCount() != keys.size())
      return makeError(ErrorKind::DataCorrupted, "index \"{}\" has entries of rows that table \"{}\" does not have",
                       m_index, m_table->name)
          .withHint("DROP INDEX and CREATE INDEX make it anew from the table.");
    return rows;
  }

  const std::unique_ptr<KeySource> m_source;
  ScanShape m_shape;
  std::vector<types::ValueRange> m_wants;        ///< of m_telling
  std::vector<storage::LayoutColumn> m_telling;  ///< columns that tell whether a row is wanted
  std::vector<storage::LayoutColumn> m_others;
  std::vector<std::pair<bool, std::size_t>> m_places;  ///< of the shape's columns: whether telling, and which of those
  bool m_tellsLittle = false;                          ///< most rows were wanted, so that asking first only costs
  const txn::Transaction& m_transaction;
  const catalog::TableRef m_table;
  const std::string m_index;  ///< empty: keys come from the statement, and need not be there
  const bool m_isOrdered;
  const bool m_isReversed;        ///< keys of the statement, from the last to the first
  const std::uint64_t m_order;
  const runtime::CancelToken m_cancel;
  std::optional<storage::Snapshot> m_past;
  Keys m_keys;                ///< taken from the source, rising
  types::Selection m_wanted;  ///< of ordered rows: the position of each one's key; empty = as they are
  std::size_t m_next = 0;     ///< the first of m_keys that was not fetched
  std::size_t m_batch = types::kChunkRows;
  bool m_more = true;
};

Keys keysOf(const plan::Scan& scan) {
  Keys keys;
  for (const auto& range : scan.ranges) keys.push_back(*range.from);
  if (scan.backwards) std::reverse(keys.begin(), keys.end());
  return keys;
}

/// Opens the index of a scan, at a moment or (without one) in the transaction's own view.
Result<std::unique_ptr<KeySource>> openIndex(const plan::Scan& scan, const storage::Snapshot* past,
                                             const OperatorContext& context) {
  auto ranges = scan.index->ranges;
  if (scan.backwards) std::reverse(ranges.begin(), ranges.end());
  std::vector<std::unique_ptr<storage::Cursor>> cursors;
  for (auto& range : ranges) {
    storage::ScanRequest request;
    request.tree = scan.index->index.tree;
    request.columns = catalog::indexLayout()->columns;
    request.range = {std::move(range.from), std::move(range.to)};
    request.backwards = scan.backwards;
    request.cancel = context.query().cancel;
    DRIFT_ASSIGN(auto cursor, past ? past->scan(std::move(request))
                                   : context.environment.transaction.scan(std::move(request)));
    cursors.push_back(std::move(cursor));
  }
  return std::make_unique<IndexKeys>(std::move(cursors), scan.index->ordered);
}

}  // namespace

Result<std::optional<Keys>> readIndexKeys(const plan::Scan& scan, const storage::Snapshot& snapshot, std::size_t most,
                                          const OperatorContext& context) {
  DRIFT_ASSIGN(const auto source, openIndex(scan, &snapshot, context));
  Keys keys;
  for (bool more = true; more;) {
    DRIFT_TRY(context.query().cancel.check());
    DRIFT_ASSIGN(more, source->addKeys(keys, keys.size() + types::kChunkRows));
    if (keys.size() > most) return std::optional<Keys>();
  }
  if (!std::is_sorted(keys.begin(), keys.end())) std::sort(keys.begin(), keys.end());
  return std::optional(std::move(keys));
}

Result<OperatorPtr> makeLookup(const plan::Node&, const plan::Scan& scan, OperatorContext& context) {
  const auto& transaction = context.environment.transaction;
  std::optional<storage::Snapshot> past;
  if (context.pipeline) {
    past = context.pipeline->morsels->snapshot();
  } else if (scan.moment) {
    DRIFT_ASSIGN(past, transaction.store().at(*scan.moment));
  }
  std::unique_ptr<KeySource> source;
  if (!scan.index) {
    source = std::make_unique<ListedKeys>(keysOf(scan));
  } else {
    DRIFT_ASSIGN(source, openIndex(scan, past ? &*past : nullptr, context));
  }
  auto made = std::make_unique<LookupOperator>(std::move(source), scan, ScanShape(scan, context), context);
  if (past) made->readPast(std::move(*past));
  return made;
}

Result<OperatorPtr> makeLookupOf(std::span<const std::string> keys, const plan::Scan& scan, OperatorContext& context) {
  auto source = std::make_unique<ListedKeys>(Keys(keys.begin(), keys.end()));
  auto made = std::make_unique<LookupOperator>(std::move(source), scan, ScanShape(scan, context), context);
  made->readPast(context.pipeline->morsels->snapshot());
  return made;
}

}  // namespace drift::exec
