#include "catalog/catalog.h"

#include <algorithm>
#include <atomic>
#include <limits>
#include <list>
#include <map>
#include <mutex>
#include <set>
#include <tuple>

#include "catalog/definition.h"

namespace drift::catalog {

namespace {

using storage::LayoutColumn;
using storage::RowOp;
using types::TypeId;
using types::Value;

/// Kinds of catalog rows. On disk: do not change.
enum class RowKind : std::int16_t { NextTree = 0, Table = 1, Building = 2, Function = 3 };

// Columns of kCatalogTree. On disk: do not change.
constexpr ColumnId kKindColumn = 1;
constexpr ColumnId kNameColumn = 2;
constexpr ColumnId kDefinitionColumn = 3;

constexpr std::size_t kCachedViewsMax = 64;

std::vector<LayoutColumn> catalogColumns() {
  return {{kKindColumn, TypeId::SmallInt, {}},
          {kNameColumn, TypeId::Text, {}},
          {kDefinitionColumn, TypeId::Bytea, {}}};
}

/// Key of a definition: the tree id, big-endian, so that definitions lie in order of creation.
std::string keyOf(TreeId tree) {
  std::string key(4, '\0');
  for (int byte = 0; byte < 4; ++byte) key[byte] = static_cast<char>(tree >> (24 - 8 * byte));
  return key;
}

/// Key of the row that holds the next free tree id; 0 is no tree.
const std::string kNextTreeKey = keyOf(0);

Result<TreeId> treeOfKey(std::string_view key) {
  if (key.size() != 4) return Error(ErrorKind::DataCorrupted, "a catalog row has a malformed key");
  TreeId tree = 0;
  for (const char byte : key) tree = tree << 8 | static_cast<std::uint8_t>(byte);
  return tree;
}

/// Key of the row that says that an index is being built. It is no tree's key, so that guardWrites() of those who
/// write the index does not meet it.
std::string buildingKeyOf(TreeId index) { return keyOf(index) + '\0'; }

/// The definition in a row of catalogScan(): its tree, its name and its bytes.
struct DefinitionRow {
  TreeId id = 0;
  std::string name;
  std::string bytes;
};

bool isOfKind(const types::Chunk& chunk, std::size_t row, RowKind kind) {
  return chunk.column(0).get(row) == Value::smallInt(static_cast<std::int16_t>(kind));
}

Result<DefinitionRow> definitionRow(const types::Chunk& chunk, std::size_t row) {
  const auto name = chunk.column(1).get(row);
  const auto definition = chunk.column(2).get(row);
  if (name.isNull() || definition.isNull())
    return Error(ErrorKind::DataCorrupted, "a catalog row lacks its name or definition");
  DRIFT_ASSIGN(const auto id, treeOfKey(chunk.column(3).get(row).asString()));
  return DefinitionRow{id, name.asString(), definition.asString()};
}

/// The definition in a row of catalogScan(), if it is one of a table.
Result<std::optional<Table>> definitionAt(const types::Chunk& chunk, std::size_t row) {
  if (!isOfKind(chunk, row, RowKind::Table)) return std::optional<Table>();
  DRIFT_ASSIGN(const auto found, definitionRow(chunk, row));
  DRIFT_ASSIGN(auto table, decodeDefinition(found.id, found.name, asBytes(found.bytes)));
  return std::optional(std::move(table));
}

/// What the rows of a catalog tell, while they are read.
struct CatalogRows {
  std::vector<Table> tables;
  std::vector<FunctionRef> functions;
  std::set<TreeId> building;

  Status add(const types::Chunk& chunk, std::size_t row) {
    if (isOfKind(chunk, row, RowKind::Building)) {
      auto key = chunk.column(3).get(row).asString();
      if (!key.empty()) key.pop_back();
      DRIFT_ASSIGN(const auto index, treeOfKey(key));
      building.insert(index);
    }
    if (isOfKind(chunk, row, RowKind::Function)) {
      DRIFT_ASSIGN(const auto found, definitionRow(chunk, row));
      DRIFT_ASSIGN(auto function, decodeFunction(found.id, found.name, asBytes(found.bytes)));
      functions.push_back(std::make_shared<const Function>(std::move(function)));
    }
    DRIFT_ASSIGN(auto table, definitionAt(chunk, row));
    if (table) tables.push_back(std::move(*table));
    return {};
  }

  CatalogViewRef view() && {
    std::vector<TableRef> result;
    result.reserve(tables.size());
    for (auto& table : tables) {
      for (auto& index : table.indexes) index.building = building.contains(index.tree);
      result.push_back(std::make_shared<const Table>(std::move(table)));
    }
    return std::make_shared<const CatalogView>(std::move(result), std::move(functions));
  }
};

Result<CatalogViewRef> readView(storage::Cursor& cursor) {
  CatalogRows rows;
  types::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool any, cursor.next(chunk));
    if (!any) return std::move(rows).view();
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) DRIFT_TRY(rows.add(chunk, row));
  }
}

/// The tree that a catalog row is in: temporary tables' are in one of their own.
TreeId treeOf(std::string_view key) {
  const bool isTemporary = static_cast<std::uint8_t>(key.front()) & 0x80;
  return isTemporary ? txn::kTemporaryCatalogTree : kCatalogTree;
}

/// Lets the commit fail where another one changes the schema first. Temporary tables are nobody else's.
void requireQuietCatalog(txn::Transaction& transaction, TreeId changed) {
  if (!txn::isTemporary(changed)) transaction.requireQuiet(kCatalogTree);
}

/// Drops the rows of a temporary tree: they are kept for nobody.
Status clear(txn::Transaction& transaction, TreeId tree) {
  std::vector<std::string> keys;
  {
    storage::ScanRequest request;
    request.tree = tree;
    request.columns = {{storage::kKeyColumn, TypeId::Bytea, {}}};
    DRIFT_ASSIGN(const auto cursor, transaction.scan(std::move(request)));
    types::Chunk chunk;
    while (true) {
      DRIFT_ASSIGN(const bool any, cursor->next(chunk));
      if (!any) break;
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) keys.push_back(chunk.column(0).get(row).asString());
    }
  }
  for (auto& key : keys) {
    storage::RowChange change;
    change.tree = tree;
    change.op = RowOp::Delete;
    change.key = std::move(key);
    transaction.put(std::move(change));
  }
  return {};
}

storage::ScanRequest catalogScan(TreeId tree = kCatalogTree) {
  storage::ScanRequest request;
  request.tree = tree;
  request.columns = catalogColumns();
  request.columns.push_back({storage::kKeyColumn, TypeId::Bytea, {}});
  return request;
}

/// Writes one catalog row, over what is there.
Status putRow(txn::Transaction& transaction, std::string key, RowKind kind, const std::string& name,
              std::string definition) {
  const auto columns = catalogColumns();
  DRIFT_ASSIGN(const auto before, transaction.get(treeOf(key), key, columns));
  const std::vector<Value> values{Value::smallInt(static_cast<std::int16_t>(kind)), Value::text(name),
                                  Value::bytea(std::move(definition))};
  storage::RowChange change;
  change.tree = treeOf(key);
  change.op = before ? RowOp::Update : RowOp::Insert;
  change.key = std::move(key);
  if (before) {
    change.previous = before->seq;
    for (std::size_t at = 0; at < columns.size(); ++at)
      if (before->values[at] != values[at]) change.changed.push_back(columns[at].id);
    if (change.changed.empty()) return {};
  }
  change.layout = std::make_shared<const storage::RowLayout>(storage::RowLayout{columns});
  Bytes row;
  storage::encodeRow(*change.layout, values, row);
  change.row = std::string(asText(row));
  transaction.put(std::move(change));
  return {};
}

/// Deletes a catalog row; gives whether there was one.
Result<bool> dropRow(txn::Transaction& transaction, std::string key) {
  DRIFT_ASSIGN(const auto before, transaction.get(treeOf(key), key, {}));
  if (!before) return false;
  storage::RowChange change;
  change.tree = treeOf(key);
  change.op = RowOp::Delete;
  change.key = std::move(key);
  change.previous = before->seq;
  transaction.put(std::move(change));
  return true;
}

/// Writes a definition. The mark of an index that is being built goes where the index goes.
Status putDefinition(txn::Transaction& transaction, const Table& table) {
  const auto columns = catalogColumns();
  auto key = keyOf(table.id);
  DRIFT_ASSIGN(const auto before, transaction.get(treeOf(key), key, columns));
  if (before) {
    DRIFT_ASSIGN(const auto old, decodeDefinition(table.id, table.name, asBytes(before->values[2].asString())));
    for (const auto& index : old.indexes) {
      const bool stays = std::ranges::any_of(table.indexes, [&](const auto& now) { return now.tree == index.tree; });
      if (!stays) DRIFT_TRY(dropRow(transaction, buildingKeyOf(index.tree)));
    }
  }
  return putRow(transaction, std::move(key), RowKind::Table, table.name, encodeDefinition(table));
}

}  // namespace

CatalogView::CatalogView(std::vector<TableRef> tables, std::vector<FunctionRef> functions)
    : m_tables(std::move(tables)), m_functions(std::move(functions)) {
  // A temporary table stands before another one of its name, and so hides it.
  std::sort(m_tables.begin(), m_tables.end(), [](const auto& a, const auto& b) {
    return std::tuple(std::string_view(a->name), !a->isTemporary()) <
           std::tuple(std::string_view(b->name), !b->isTemporary());
  });
  std::sort(m_functions.begin(), m_functions.end(),
            [](const auto& a, const auto& b) { return std::tie(a->name, a->id) < std::tie(b->name, b->id); });
}

std::vector<FunctionRef> CatalogView::functionsNamed(std::string_view name) const {
  std::vector<FunctionRef> found;
  for (const auto& function : m_functions)
    if (function->name == name) found.push_back(function);
  return found;
}

TableRef CatalogView::find(std::string_view name) const {
  const auto at = std::lower_bound(m_tables.begin(), m_tables.end(), name,
                                   [](const TableRef& table, std::string_view n) { return table->name < n; });
  return at != m_tables.end() && (*at)->name == name ? *at : nullptr;
}

TableRef CatalogView::find(TreeId id) const {
  for (const auto& table : m_tables)
    if (table->id == id) return table;
  return nullptr;
}

TableRef CatalogView::findByIndex(std::string_view name) const {
  const auto named = [name](const auto& other) { return other.name == name; };
  for (const auto& table : m_tables)
    if ((!table->primaryKey.empty() && table->primaryKeyName == name) || std::ranges::any_of(table->uniques, named) ||
        std::ranges::any_of(table->indexes, named))
      return table;
  return nullptr;
}

struct Catalog::Impl {
  explicit Impl(storage::Store& s) : store(s), sequences(s) {}

  storage::Store& store;
  SequenceNumbers sequences;
  /// Ids of temporary trees are not used twice by any session: numbers of sequences are known by them.
  std::atomic<TreeId> nextTemporary = txn::kTemporaryCatalogTree + 1;
  mutable std::mutex mutex;
  /// Guarded by mutex: views by the schema change that made them, the latest used in front.
  mutable std::list<std::pair<CommitNumber, CatalogViewRef>> views;

  /// Guarded by mutex: the view that a transaction asked for last, and its moment.
  mutable std::pair<CommitNumber, CatalogViewRef> latest;

  CatalogViewRef latestAt(CommitNumber at) const {
    const std::lock_guard lock(mutex);
    return latest.first == at ? latest.second : nullptr;
  }
  void noteLatest(CommitNumber at, CatalogViewRef view) const {
    const std::lock_guard lock(mutex);
    latest = {at, std::move(view)};
  }

  CatalogViewRef cached(CommitNumber change) const {
    const std::lock_guard lock(mutex);
    for (auto at = views.begin(); at != views.end(); ++at) {
      if (at->first != change) continue;
      views.splice(views.begin(), views, at);
      return at->second;
    }
    return nullptr;
  }

  void remember(CommitNumber change, CatalogViewRef view) const {
    const std::lock_guard lock(mutex);
    views.emplace_front(change, std::move(view));
    if (views.size() > kCachedViewsMax) views.pop_back();
  }
};

Catalog::Catalog(storage::Store& store) : m_impl(std::make_unique<Impl>(store)) {}
Catalog::~Catalog() = default;

Result<CatalogViewRef> Catalog::viewAt(CommitNumber at) const {
  DRIFT_ASSIGN(const auto change, m_impl->store.lastChange(kCatalogTree, at));
  if (auto view = m_impl->cached(change)) return view;
  DRIFT_ASSIGN(const auto snapshot, m_impl->store.at(change));
  DRIFT_ASSIGN(const auto cursor, snapshot.scan(catalogScan()));
  DRIFT_ASSIGN(auto view, readView(*cursor));
  m_impl->remember(change, view);
  return view;
}

Result<CatalogViewRef> Catalog::viewOf(const txn::Transaction& transaction) const {
  const auto number = transaction.snapshot().number();
  // A rewrite may have left the transaction's own moment out of the file since it began; its snapshot still has it.
  const bool isKept = number == 0 || m_impl->store.checkKept(number).ok();
  CatalogViewRef stored;
  if (isKept && !transaction.hasWrites(kCatalogTree)) {
    stored = m_impl->latestAt(number);
    if (!stored) {
      DRIFT_ASSIGN(stored, viewAt(number));
      m_impl->noteLatest(number, stored);
    }
  } else {
    DRIFT_ASSIGN(const auto cursor, transaction.scan(catalogScan()));
    DRIFT_ASSIGN(stored, readView(*cursor));
  }
  if (!transaction.temporary() || !transaction.hasWrites(txn::kTemporaryCatalogTree)) return stored;
  auto& kept = transaction.temporary()->keptView();
  if (kept.base == stored && kept.changes == transaction.temporary()->catalogChanges())
    return std::static_pointer_cast<const CatalogView>(kept.view);
  DRIFT_ASSIGN(const auto cursor, transaction.scan(catalogScan(txn::kTemporaryCatalogTree)));
  DRIFT_ASSIGN(const auto own, readView(*cursor));
  auto tables = stored->tables();
  tables.insert(tables.end(), own->tables().begin(), own->tables().end());
  const auto view = std::make_shared<const CatalogView>(std::move(tables), stored->functions());
  kept = {stored, view, transaction.temporary()->catalogChanges()};
  return CatalogViewRef(view);
}

Result<std::string> Catalog::nameOf(TreeId table, CommitNumber at) const {
  DRIFT_ASSIGN(const auto view, viewAt(at));
  if (const auto found = view->find(table)) return found->name;
  // Dropped by then: the newest version is the delete, and the one before it has the last name.
  const std::vector<LayoutColumn> columns{{kNameColumn, TypeId::Text, {}}};
  const auto before = at == kNoCommit ? kNoCommit : at + 1;
  DRIFT_ASSIGN(const auto versions, m_impl->store.history(kCatalogTree, keyOf(table), columns, before, 2));
  for (const auto& version : versions)
    if (version.op != RowOp::Delete && !version.values.empty() && !version.values[0].isNull())
      return version.values[0].asString();
  return std::string();
}

Result<std::vector<Catalog::TreesVersion>> Catalog::treesOfAllTimes() const {
  auto request = catalogScan();
  request.columns.push_back({storage::kSeqColumn, TypeId::BigInt, {}});
  request.columns.push_back({storage::kEndSeqColumn, TypeId::BigInt, {}});
  DRIFT_ASSIGN(const auto cursor, m_impl->store.scanVersions(std::move(request), {}));
  std::vector<TreesVersion> versions;
  types::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool any, cursor->next(chunk));
    if (!any) return versions;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      DRIFT_ASSIGN(const auto table, definitionAt(chunk, row));
      if (!table) continue;
      const auto end = chunk.column(5).get(row);
      TreesVersion version{.table = table->id, .indexes = {}, .name = table->name,
                           .from = static_cast<CommitNumber>(chunk.column(4).get(row).asInt()),
                           .end = end.isNull() ? kNoCommit : static_cast<CommitNumber>(end.asInt())};
      for (const auto& index : table->allIndexes())
        if (index.tree != 0) version.indexes.push_back(index.tree);
      versions.push_back(std::move(version));
    }
  }
}

Result<TreeId> Catalog::allocateTrees(txn::Transaction& transaction, std::uint32_t count) const {
  const auto columns = catalogColumns();
  DRIFT_ASSIGN(const auto row, transaction.get(kCatalogTree, kNextTreeKey, columns));
  std::uint64_t first = kFirstUserTree;
  if (row) {
    ByteReader in(asBytes(row->values[2].asString()));
    DRIFT_ASSIGN(first, in.varint());
    if (!in.atEnd() || first < kFirstUserTree || first > std::numeric_limits<TreeId>::max())
      return Error(ErrorKind::DataCorrupted, "the catalog's next tree id is malformed");
  }
  const auto next = first + count;
  if (next > std::numeric_limits<TreeId>::max())
    return Error(ErrorKind::LimitExceeded, "this database has given out all its table ids");
  Bytes bytes;
  ByteWriter(bytes).varint(next);
  DRIFT_TRY(putRow(transaction, kNextTreeKey, RowKind::NextTree, {}, std::string(asText(bytes))));
  return static_cast<TreeId>(first);
}

Status Catalog::putTable(txn::Transaction& transaction, const Table& table) const {
  requireQuietCatalog(transaction, table.id);
  transaction.requireQuiet(table.id);
  return putDefinition(transaction, table);
}

Result<TreeId> Catalog::allocateTemporary(txn::Transaction& transaction, std::uint32_t count) const {
  if (!transaction.temporary())
    return Error(ErrorKind::FeatureNotSupported, "there is no room for temporary tables here");
  auto first = m_impl->nextTemporary.load();
  do {
    if (std::numeric_limits<TreeId>::max() - first < count)
      return Error(ErrorKind::LimitExceeded, "this database has given out all its ids of temporary tables");
  } while (!m_impl->nextTemporary.compare_exchange_weak(first, first + count));
  return first;
}

Status Catalog::endTemporary(txn::Transaction& transaction) const {
  if (!transaction.temporary() || !transaction.hasWrites(txn::kTemporaryCatalogTree)) return {};
  DRIFT_ASSIGN(const auto view, viewOf(transaction));
  for (const auto& table : view->tables()) {
    if (table->onCommit == OnCommit::PreserveRows) continue;
    if (table->onCommit == OnCommit::Drop) {
      for (const auto& other : view->tables())
        if (other->isSequence() && other->sequence->ownerTable == table->id) DRIFT_TRY(dropTable(transaction, *other));
      DRIFT_TRY(dropTable(transaction, *table));
      continue;
    }
    DRIFT_TRY(clear(transaction, table->id));
    for (const auto& index : table->allIndexes()) DRIFT_TRY(clear(transaction, index.tree));
  }
  return {};
}

SequenceNumbers& Catalog::sequences() const { return m_impl->sequences; }

Status Catalog::putBesideWriters(txn::Transaction& transaction, const Table& table) const {
  requireQuietCatalog(transaction, table.id);
  return putDefinition(transaction, table);
}

Status Catalog::startIndex(txn::Transaction& transaction, const Table& table, Index index) const {
  transaction.requireQuiet(kCatalogTree);
  DRIFT_TRY(putRow(transaction, buildingKeyOf(index.tree), RowKind::Building, index.name, {}));
  auto changed = table;
  changed.indexes.push_back(std::move(index));
  return putDefinition(transaction, changed);
}

Status Catalog::finishIndex(txn::Transaction& transaction, const Index& index) const {
  transaction.requireQuiet(kCatalogTree);
  DRIFT_ASSIGN(const bool wasBuilding, dropRow(transaction, buildingKeyOf(index.tree)));
  if (!wasBuilding) return makeError(ErrorKind::InternalError, "index \"{}\" was not being built", index.name);
  return {};
}

Status Catalog::dropIndex(txn::Transaction& transaction, const Table& table, const Index& index) const {
  requireQuietCatalog(transaction, table.id);
  auto changed = table;
  std::erase_if(changed.indexes, [&](const auto& other) { return other.tree == index.tree; });
  return putDefinition(transaction, changed);
}

void Catalog::requireTable(txn::Transaction& transaction, TreeId table) const {
  if (!txn::isTemporary(table)) transaction.requireUnchanged(kCatalogTree, keyOf(table));
}

Status Catalog::dropTable(txn::Transaction& transaction, const Table& table) const {
  requireQuietCatalog(transaction, table.id);
  if (table.isTemporary()) {
    DRIFT_TRY(clear(transaction, table.id));
    for (const auto& index : table.allIndexes()) DRIFT_TRY(clear(transaction, index.tree));
  }
  transaction.requireQuiet(table.id);
  for (const auto& index : table.indexes) DRIFT_TRY(dropRow(transaction, buildingKeyOf(index.tree)));
  DRIFT_ASSIGN(const bool wasThere, dropRow(transaction, keyOf(table.id)));
  if (!wasThere) return makeError(ErrorKind::UndefinedTable, "table \"{}\" does not exist", table.name);
  return {};
}

Status Catalog::putFunction(txn::Transaction& transaction, const Function& function) const {
  transaction.requireQuiet(kCatalogTree);
  return putRow(transaction, keyOf(function.id), RowKind::Function, function.name, encodeFunction(function));
}

Status Catalog::dropFunction(txn::Transaction& transaction, const Function& function) const {
  transaction.requireQuiet(kCatalogTree);
  DRIFT_ASSIGN(const bool wasThere, dropRow(transaction, keyOf(function.id)));
  if (!wasThere) return makeError(ErrorKind::UndefinedFunction, "function {} does not exist", function.signature());
  return {};
}

void Catalog::guardWrites(txn::Transaction& transaction) const {
  for (const auto tree : transaction.writtenTrees())
    if (tree >= kFirstUserTree) transaction.requireUnchanged(kCatalogTree, keyOf(tree));
}

}  // namespace drift::catalog
