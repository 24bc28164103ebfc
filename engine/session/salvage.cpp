#include "session/salvage.h"

#include <algorithm>
#include <map>

#include "catalog/index_key.h"
#include "plan/bound_index.h"
#include "session/index_site.h"
#include "txn/transaction.h"

namespace drift::session {

namespace {

using catalog::Index;
using catalog::Table;
using storage::CommitRequest;
using storage::LayoutColumn;
using storage::RowChange;
using storage::RowOp;
using types::Value;

const Index* findIndex(const std::vector<Index>& indexes, TreeId tree) {
  const auto found = std::ranges::find(indexes, tree, &Index::tree);
  return found == indexes.end() ? nullptr : &*found;
}

bool sameKeys(const Index& a, const Index& b) {
  return a.unique == b.unique && a.predicate == b.predicate &&
         std::ranges::equal(a.columns, b.columns, [](const auto& x, const auto& y) {
           return x.column == y.column && x.descending == y.descending && x.nullsFirst == y.nullsFirst &&
                  x.expression == y.expression;
         });
}

/// One index of a table, brought to agree with the rows that a transaction sees.
class IndexKeeper final {
 public:
  IndexKeeper(txn::Transaction& transaction, const Table& table, exec::IndexKeys keys,
              std::vector<LayoutColumn> columns)
      : m_transaction(transaction),
        m_table(table),
        m_keys(std::move(keys)),
        m_index(m_keys.definition()),
        m_columns(std::move(columns)) {
    transaction.markIndex(m_index.tree);
  }

  /// After changes of rows whose entries agreed before. Gives false where a unique index does not hold.
  Result<bool> follow(const std::vector<RowChange>& changes) {
    std::vector<std::pair<std::string, std::string>> wanted;
    for (const auto& change : changes) {
      if (change.tree != m_table.id) continue;
      DRIFT_ASSIGN(const auto before, m_transaction.snapshot().get(m_table.id, change.key, m_columns));
      DRIFT_ASSIGN(const auto after, m_transaction.get(m_table.id, change.key, m_columns));
      DRIFT_ASSIGN(const auto old, before ? entryKey(before->values, change.key) : std::optional<std::string>());
      DRIFT_ASSIGN(auto now, after ? entryKey(after->values, change.key) : std::optional<std::string>());
      if (old == now) continue;
      if (old) DRIFT_TRY(remove(*old, change.key));
      if (now) wanted.emplace_back(std::move(*now), change.key);
    }
    for (auto& [entry, key] : wanted) {
      DRIFT_ASSIGN(const bool holds, add(std::move(entry), key));
      if (!holds) return false;
    }
    return true;
  }

  /// Whatever its entries were before. Gives false where a unique index does not hold.
  Result<bool> rebuild() {
    std::vector<std::pair<std::string, std::string>> stale;
    DRIFT_TRY(each(m_index.tree, catalog::indexLayout()->columns,
                   [&](const std::vector<Value>& values, const std::string& entry) -> Result<bool> {
                     const auto key = values[0].isNull() ? std::string() : values[0].asString();
                     DRIFT_ASSIGN(const auto row, m_transaction.get(m_table.id, key, m_columns));
                     DRIFT_ASSIGN(const auto now,
                                  row ? entryKey(row->values, key) : std::optional<std::string>());
                     if (now != entry) stale.emplace_back(entry, key);
                     return true;
                   }));
    for (const auto& [entry, key] : stale) DRIFT_TRY(remove(entry, key));
    bool holds = true;
    DRIFT_TRY(
        each(m_table.id, m_columns, [&](const std::vector<Value>& values, const std::string& key) -> Result<bool> {
          DRIFT_ASSIGN(auto now, entryKey(values, key));
          if (!now) return true;
          DRIFT_ASSIGN(holds, add(std::move(*now), key));
          return holds;
        }));
    return holds;
  }

 private:
  /// Calls `take(values, key)` for each row of a tree until it gives false.
  template <class Take>
  Status each(TreeId tree, std::vector<LayoutColumn> columns, const Take& take) const {
    storage::ScanRequest request;
    request.tree = tree;
    request.columns = std::move(columns);
    request.columns.push_back({storage::kKeyColumn, types::TypeId::Bytea, {}});
    DRIFT_ASSIGN(const auto cursor, m_transaction.scan(std::move(request)));
    for (types::Chunk chunk;;) {
      DRIFT_ASSIGN(const bool any, cursor->next(chunk));
      if (!any) return {};
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
        std::vector<Value> values;
        for (std::size_t at = 0; at + 1 < chunk.columnCount(); ++at) values.push_back(chunk.column(at).get(row));
        DRIFT_ASSIGN(const bool more, take(values, chunk.column(chunk.columnCount() - 1).get(row).asString()));
        if (!more) return {};
      }
    }
  }

  /// The key of the entry of a row that has these values in the columns that the index reads.
  Result<std::optional<std::string>> entryKey(const std::vector<Value>& values, std::string_view key) const {
    types::Chunk row;
    for (const auto& value : values) row.addColumn(types::Vector::constant(value));
    row.setRowCount(1);
    DRIFT_ASSIGN(const auto rows, m_keys.rows(IndexSite::complete(m_table, m_columns, row)));
    return rows.key(0, key);
  }

  /// Takes an entry away, if it is there and stands for that row.
  Status remove(const std::string& entry, const std::string& key) {
    DRIFT_ASSIGN(const auto found, m_transaction.get(m_index.tree, entry, catalog::indexLayout()->columns));
    if (!found || (!found->values[0].isNull() && found->values[0].asString() != key)) return {};
    RowChange change;
    change.tree = m_index.tree;
    change.op = RowOp::Delete;
    change.key = entry;
    change.previous = found->seq;
    m_transaction.put(std::move(change));
    return {};
  }

  Result<bool> add(std::string entry, const std::string& key) {
    DRIFT_ASSIGN(const auto found, m_transaction.get(m_index.tree, entry, catalog::indexLayout()->columns));
    if (found) return !found->values[0].isNull() && found->values[0].asString() == key;
    RowChange change;
    change.tree = m_index.tree;
    change.key = std::move(entry);
    change.layout = catalog::indexLayout();
    Bytes row;
    const auto value = Value::bytea(key);
    storage::encodeRow(*change.layout, std::span(&value, 1), row);
    change.row = std::string(asText(row));
    m_transaction.put(std::move(change));
    return true;
  }

  txn::Transaction& m_transaction;
  const Table& m_table;
  const exec::IndexKeys m_keys;
  const Index& m_index;
  const std::vector<LayoutColumn> m_columns;  ///< those that the index reads
};

/// A table without some indexes, and without foreign keys that need one of them.
Table without(const Table& table, const std::set<TreeId>& indexes) {
  auto result = table;
  std::erase_if(result.uniques, [&](const auto& unique) { return indexes.contains(unique.index); });
  std::erase_if(result.indexes, [&](const auto& index) { return indexes.contains(index.tree); });
  std::erase_if(result.foreignKeys, [&](const auto& key) { return indexes.contains(key.key); });
  return result;
}

bool refersTo(const Table& table, TreeId other) {
  return std::ranges::any_of(table.foreignKeys, [other](const auto& key) { return key.table == other; });
}

}  // namespace

void SalvagedIndexes::note(std::string sentence) {
  if (std::ranges::find(m_notes, sentence) == m_notes.end()) m_notes.push_back(std::move(sentence));
}

Status SalvagedIndexes::replay(storage::Store& store, CommitRequest request) {
  if (!m_catalog) m_catalog = std::make_unique<catalog::Catalog>(store);
  auto prepared = prepare(store, request);
  if (!prepared.ok()) {
    if (prepared.error().kind() != ErrorKind::DataCorrupted) return std::move(prepared).error();
    // The rows count for more than their indexes.
    note(fmt::format("indexes may not agree with their tables: {}", prepared.error().message()));
    DRIFT_TRY(store.commit(std::move(request), {}));
    return {};
  }
  DRIFT_TRY((*prepared)->commit(
      {.author = std::move(request.author), .message = std::move(request.message), .time = request.time}));
  return {};
}

Result<std::unique_ptr<txn::Transaction>> SalvagedIndexes::prepare(storage::Store& store,
                                                                   const CommitRequest& request) {
  auto transaction = std::make_unique<txn::Transaction>(store);
  for (const auto& change : request.changes)
    if (change.tree == kCatalogTree) transaction->put(change);
  if (transaction->hasWrites(kCatalogTree)) DRIFT_TRY(takeAway(*transaction));
  DRIFT_ASSIGN(const auto before, m_catalog->viewAt(store.lastCommit()));
  DRIFT_ASSIGN(const auto view, m_catalog->viewOf(*transaction));
  std::set<TreeId> indexTrees = m_leftOut;
  indexTrees.insert(request.indexTrees.begin(), request.indexTrees.end());
  for (const auto& tables : {before, view})
    for (const auto& table : tables->tables())
      for (const auto& index : table->allIndexes()) indexTrees.insert(index.tree);
  for (const auto& change : request.changes)
    if (change.tree != kCatalogTree && !indexTrees.contains(change.tree)) transaction->put(change);
  const auto known = m_leftOut.size();
  for (const auto& table : view->tables())
    DRIFT_TRY(keep(*transaction, *table, before->find(table->id).get(), request.changes));
  if (m_leftOut.size() > known) DRIFT_TRY(takeAway(*transaction));
  return transaction;
}

Status SalvagedIndexes::keep(txn::Transaction& transaction, const Table& table, const Table* before,
                             const std::vector<RowChange>& changes) {
  const auto oldIndexes = before ? before->allIndexes() : std::vector<Index>();
  IndexSite site(transaction, *m_catalog, m_registry);
  const bool changed = std::ranges::any_of(changes, [&](const auto& change) { return change.tree == table.id; });
  for (const auto& index : table.allIndexes()) {
    if (index.building) continue;  // nobody reads it; what it has is looked at once it is done
    const auto* old = findIndex(oldIndexes, index.tree);
    const bool agreed = old && !old->building && sameKeys(*old, index);
    if (agreed && !changed) continue;
    DRIFT_ASSIGN(auto keys, site.keysOf(table, index));
    DRIFT_ASSIGN(auto columns, site.columnsOf(table, index));
    IndexKeeper keeper(transaction, table, std::move(keys), std::move(columns));
    const auto mark = transaction.savepoint();
    DRIFT_ASSIGN(const bool holds, agreed ? keeper.follow(changes) : keeper.rebuild());
    if (holds) continue;
    transaction.rollbackTo(mark);
    leaveOut(table, index, transaction.snapshot().number() + 1);
  }
  return {};
}

void SalvagedIndexes::leaveOut(const Table& table, const Index& index, CommitNumber number) {
  std::string columns;
  for (const auto& column : index.columns)
    columns += (columns.empty() ? "" : ", ") + plan::indexPartText(table, column);
  note(fmt::format("unique index \"{}\" of table \"{}\" is left out from commit {} on: two rows have the same ({})",
                   index.name, table.name, number, columns));
  m_leftOut.insert(index.tree);
}

/// Takes the indexes that are left out away from all definitions that have them.
Status SalvagedIndexes::takeAway(txn::Transaction& transaction) {
  if (m_leftOut.empty()) return {};
  DRIFT_ASSIGN(const auto view, m_catalog->viewOf(transaction));
  std::map<TreeId, Table> tables;
  for (const auto& table : view->tables()) tables.emplace(table->id, without(*table, m_leftOut));
  for (const auto& table : view->tables()) {
    for (const auto& key : table->foreignKeys)
      if (m_leftOut.contains(key.key))
        note(fmt::format("foreign key \"{}\" of table \"{}\" is left out with the index that it needs", key.name,
                         table->name));
    auto& changed = tables.at(table->id);
    std::erase_if(changed.referencedBy, [&](TreeId other) {
      const auto found = tables.find(other);
      return found != tables.end() && !refersTo(found->second, table->id);
    });
    const bool same = changed.uniques.size() == table->uniques.size() &&
                      changed.indexes.size() == table->indexes.size() &&
                      changed.foreignKeys.size() == table->foreignKeys.size() &&
                      changed.referencedBy.size() == table->referencedBy.size();
    if (!same) DRIFT_TRY(m_catalog->putTable(transaction, changed));
  }
  return {};
}

Result<api::SalvageReport> salvage(platform::FileSystem& files, const std::string& damaged, const std::string& target,
                                   const Clock& clock, runtime::CancelToken cancel) {
  SalvagedIndexes indexes;
  const auto replay = [&](storage::Store& store, CommitRequest request) {
    return indexes.replay(store, std::move(request));
  };
  DRIFT_ASSIGN(auto saved, storage::salvage(files, damaged, target, clock, std::move(cancel), replay));
  api::SalvageReport report{.commits = saved.commits,
                            .lost = {},
                            .bytesUnread = saved.bytesUnread,
                            .changesAdapted = saved.changesAdapted,
                            .notes = indexes.notes()};
  for (const auto& range : saved.lost) report.lost.push_back({range.first, range.last});
  return report;
}

}  // namespace drift::session
