#include "txn/transaction.h"

#include <algorithm>
#include <cassert>
#include <set>
#include <utility>

#include "txn/merged_cursor.h"
#include "txn/write_set.h"

namespace drift::txn {

namespace {

using storage::RowVersion;
using storage::Snapshot;
using RowKey = std::pair<TreeId, std::string>;

Error conflict() {
  return Error(ErrorKind::SerializationFailure, "could not serialize access due to concurrent update")
      .withHint("Another commit changed the same data first; run the transaction again.");
}

/// Tells whether the row under a key is another one in `latest` than in `base`.
Result<bool> rowDiffers(const Snapshot& base, const Snapshot& latest, TreeId tree, std::string_view key) {
  DRIFT_ASSIGN(const auto before, base.get(tree, key, {}));
  DRIFT_ASSIGN(const auto now, latest.get(tree, key, {}));
  if (before.has_value() != now.has_value()) return true;
  return before && before->seq != now->seq;
}

}  // namespace

struct Transaction::State {
  State(storage::Store& s, TemporaryRowsRef rows)
      : store(s), snapshot(s.latest()), temporary(std::move(rows)),
        writes(temporary ? WriteSet(temporary->writes(), nullptr) : WriteSet()) {}
  ~State() { undoTemporary(); }
  State(const State&) = delete;
  State& operator=(const State&) = delete;

  /// Writes of a tree; null where there never were any.
  const WriteSet::TreeWrites* find(TreeId tree) const { return setOf(tree).find(tree); }
  const WriteSet& setOf(TreeId tree) const { return isTemporary(tree) && temporary ? temporary->writes() : writes; }

  /// Takes back what was done to temporary tables.
  void undoTemporary() {
    if (!temporaryBefore) return;
    temporary->writes().rollbackTo(*temporaryBefore);
    temporary->noteCatalogChange();
    temporaryBefore.reset();
  }

  /// Keeps what was done to temporary tables, for the next transactions.
  void keepTemporary() {
    if (!temporaryBefore) return;
    temporaryBefore.reset();
    // Another statement's cursor may still show older versions; then they go with the next transaction.
    constexpr long kOwners = 2;  // the session and this transaction
    if (temporary.use_count() <= kOwners) temporary->writes().settle();
  }

  storage::Store& store;
  Snapshot snapshot;
  const TemporaryRowsRef temporary;  ///< null: there are no temporary tables
  WriteSet writes;
  std::optional<std::uint64_t> temporaryBefore;  ///< set: temporary tables were changed; the order before that
  std::set<TreeId> indexTrees;
  std::set<RowKey> unchangedRows;
  std::set<RowKey> presentRows;
  std::set<TreeId> quietTrees;
  std::vector<Transaction::Requirement> requirements;
  std::optional<std::uint64_t> readsUpTo;  ///< set: by ReadAsOf

  /// First committer wins: fails where a commit after the snapshot touched what this one relies on.
  Status validate(const Snapshot& latest, const std::vector<RowKey>& written) const {
    if (latest.number() == snapshot.number()) return {};
    const auto changedSince = [&](TreeId tree) -> Result<bool> {
      DRIFT_ASSIGN(const auto change, store.lastChange(tree, latest.number()));
      return change > snapshot.number();
    };
    for (const auto tree : quietTrees) {
      DRIFT_ASSIGN(const bool changed, changedSince(tree));
      if (changed) return conflict();
    }
    for (const auto& [tree, key] : unchangedRows) {
      DRIFT_ASSIGN(const bool changed, changedSince(tree));
      if (!changed) continue;
      DRIFT_ASSIGN(const bool differs, rowDiffers(snapshot, latest, tree, key));
      if (differs) return conflict();
    }
    TreeId lastPresent = 0;
    bool mayBeGone = false;
    for (const auto& [tree, key] : presentRows) {
      if (tree != lastPresent) {
        DRIFT_ASSIGN(mayBeGone, changedSince(tree));
      }
      lastPresent = tree;
      if (!mayBeGone) continue;
      DRIFT_ASSIGN(const auto now, latest.get(tree, key, {}));
      if (!now) return conflict();
    }
    for (const auto& requirement : requirements) DRIFT_TRY(requirement(latest));
    TreeId last = 0;  // never a tree of its own, so the first key asks
    bool mustCompare = false;
    for (const auto& [tree, key] : written) {
      if (tree != last) {
        DRIFT_ASSIGN(mustCompare, changedSince(tree));
      }
      last = tree;
      if (!mustCompare) continue;
      DRIFT_ASSIGN(const bool differs, rowDiffers(snapshot, latest, tree, key));
      if (differs) return conflict();
    }
    return {};
  }
};

Transaction::Transaction(storage::Store& store, TemporaryRowsRef temporary)
    : m_state(std::make_unique<State>(store, std::move(temporary))) {}
Transaction::~Transaction() = default;

const Snapshot& Transaction::snapshot() const { return m_state->snapshot; }
storage::Store& Transaction::store() const { return m_state->store; }
bool Transaction::hasWrites() const { return m_state->writes.size() > 0; }
bool Transaction::hasWrites(TreeId tree) const { return m_state->setOf(tree).touches(tree); }
const TemporaryRowsRef& Transaction::temporary() const { return m_state->temporary; }
std::vector<TreeId> Transaction::writtenTrees() const { return m_state->writes.trees(); }

Result<std::unique_ptr<storage::Cursor>> Transaction::scan(storage::ScanRequest request) const {
  const auto* writes = m_state->find(request.tree);
  if (!writes) return m_state->snapshot.scan(std::move(request));
  auto baseRequest = request;
  baseRequest.skipRows = 0;
  baseRequest.columns.push_back({storage::kKeyColumn, types::TypeId::Bytea, {}});
  DRIFT_ASSIGN(auto base, m_state->snapshot.scan(std::move(baseRequest)));
  return std::unique_ptr<storage::Cursor>(std::make_unique<MergedCursor>(
      std::move(request), std::move(base), *writes, writeOrder()));
}

Result<std::optional<RowVersion>> Transaction::get(TreeId tree, std::string_view key,
                                                   std::span<const storage::LayoutColumn> columns) const {
  if (const auto* writes = m_state->find(tree)) {
    if (const auto at = writes->find(key); at != writes->end()) {
      const auto& row = at->second.back();
      if (!row.isLive()) return std::optional<RowVersion>();
      DRIFT_ASSIGN(auto values, pendingValues(key, row, columns));
      return std::optional(RowVersion{std::move(values), 0, row.op});
    }
  }
  return m_state->snapshot.get(tree, key, columns);
}

Result<std::optional<RowVersion>> Transaction::get(TreeId tree, std::string_view key,
                                                   std::span<const storage::LayoutColumn> columns,
                                                   std::uint64_t order) const {
  if (const auto* writes = m_state->find(tree)) {
    const auto at = writes->find(key);
    const auto* own = at == writes->end() ? nullptr : versionAt(at->second, order);
    if (own && !own->isLive()) return std::optional<RowVersion>();
    if (own) {
      DRIFT_ASSIGN(auto values, pendingValues(key, *own, columns));
      return std::optional(RowVersion{std::move(values), 0, own->op});
    }
  }
  return m_state->snapshot.get(tree, key, columns);
}

Result<types::Chunk> Transaction::getAll(TreeId tree, std::span<const std::string> keys,
                                         std::span<const storage::LayoutColumn> columns, std::uint64_t order) const {
  const auto* writes = m_state->find(tree);
  if (!writes) return m_state->snapshot.getAll(tree, keys, columns);
  types::Chunk chunk;
  for (const auto& column : columns) chunk.addColumn(types::Vector(column.type, keys.size()));
  std::size_t rows = 0;
  for (const auto& key : keys) {
    std::vector<types::Value> values;
    const auto own = writes->find(key);
    const auto* version = own == writes->end() ? nullptr : versionAt(own->second, order);
    if (version && !version->isLive()) continue;
    if (version) {
      DRIFT_ASSIGN(values, pendingValues(key, *version, columns));
    } else {
      DRIFT_ASSIGN(auto committed, m_state->snapshot.get(tree, key, columns));
      if (!committed) continue;
      values = std::move(committed->values);
    }
    for (std::size_t at = 0; at < values.size(); ++at) chunk.column(at).set(rows, values[at]);
    ++rows;
  }
  chunk.setRowCount(rows);
  return chunk;
}

std::uint64_t Transaction::writeOrder() const {
  if (m_state->readsUpTo) return *m_state->readsUpTo;
  return savepoint().position;
}

bool Transaction::hasWritten(TreeId tree, std::string_view key, Savepoint since) const {
  const auto* writes = m_state->find(tree);
  if (!writes) return false;
  const auto at = writes->find(key);
  return at != writes->end() && at->second.back().order > since.position;
}

ReadAsOf::ReadAsOf(const Transaction& transaction, Savepoint at)
    : m_transaction(transaction), m_before(std::exchange(transaction.m_state->readsUpTo, at.position)) {}

ReadAsOf::~ReadAsOf() { m_transaction.m_state->readsUpTo = m_before; }

Result<std::uint64_t> Transaction::estimateRows(TreeId tree, const storage::KeyRange& range,
                                                std::uint64_t stepsMax) const {
  DRIFT_ASSIGN(auto rows, m_state->snapshot.estimateRows(tree, range, stepsMax));
  const auto* writes = m_state->find(tree);
  if (!writes) return rows;
  if (!range.from && !range.to) return rows + writes->size();
  auto own = range.from ? writes->lower_bound(*range.from) : writes->begin();
  for (std::uint64_t step = 0; step < stepsMax && own != writes->end() && (!range.to || own->first < *range.to); ++step)
    ++rows, ++own;
  return rows;
}

Result<std::uint64_t> Transaction::rowCount(TreeId tree) const {
  DRIFT_ASSIGN(const auto committed, m_state->snapshot.rowCount(tree));
  return committed + static_cast<std::uint64_t>(m_state->setOf(tree).netRows(tree));
}

Result<std::string> Transaction::highestKey(TreeId tree) const {
  DRIFT_ASSIGN(auto highest, m_state->snapshot.highestKey(tree));
  if (const auto* writes = m_state->find(tree)) highest = std::max(highest, writes->rbegin()->first);
  return highest;
}

void Transaction::put(storage::RowChange change) {
  if (!isTemporary(change.tree)) return m_state->writes.put(std::move(change));
  assert(m_state->temporary);
  auto& temporary = *m_state->temporary;
  if (!m_state->temporaryBefore) m_state->temporaryBefore = temporary.writes().protect();
  if (change.tree == kTemporaryCatalogTree) temporary.noteCatalogChange();
  temporary.writes().put(std::move(change));
}
void Transaction::markIndex(TreeId tree) { m_state->indexTrees.insert(tree); }

void Transaction::requireUnchanged(TreeId tree, std::string key) {
  m_state->unchangedRows.emplace(tree, std::move(key));
}
void Transaction::requirePresent(TreeId tree, std::string key) {
  m_state->presentRows.emplace(tree, std::move(key));
}
void Transaction::requireQuiet(TreeId tree) {
  if (!isTemporary(tree)) m_state->quietTrees.insert(tree);
}
void Transaction::require(Requirement requirement) { m_state->requirements.push_back(std::move(requirement)); }

Savepoint Transaction::savepoint() const {
  if (m_state->temporary) m_state->temporary->writes().protect();
  return {m_state->writes.protect()};
}

void Transaction::rollbackTo(Savepoint to) {
  m_state->writes.rollbackTo(to.position);
  if (!m_state->temporaryBefore) return;
  m_state->temporary->writes().rollbackTo(std::max(to.position, *m_state->temporaryBefore));
  m_state->temporary->noteCatalogChange();
}

Result<std::optional<storage::CommitReceipt>> Transaction::commit(CommitDetails details) {
  if (!hasWrites() && !details.time) {
    m_state->keepTemporary();
    return std::optional<storage::CommitReceipt>();
  }
  storage::CommitRequest request{.changes = m_state->writes.take(),
                                 .author = std::move(details.author),
                                 .message = std::move(details.message),
                                 .time = details.time,
                                 .indexTrees = {m_state->indexTrees.begin(), m_state->indexTrees.end()}};
  // The store owns the request from here on; the validator needs its keys.
  std::vector<RowKey> written;
  written.reserve(request.changes.size());
  for (const auto& change : request.changes) written.emplace_back(change.tree, change.key);
  DRIFT_ASSIGN(const auto receipt, m_state->store.commit(std::move(request), [&](const Snapshot& latest) {
    return m_state->validate(latest, written);
  }));
  m_state->keepTemporary();
  return std::optional(receipt);
}

}  // namespace drift::txn
