#include "exec/foreign_keys.h"

#include <algorithm>
#include <unordered_map>

#include "catalog/index_key.h"
#include "exec/evaluator.h"
#include "exec/memory_reservation.h"
#include "exec/row_writer.h"
#include "exec/scan_shape.h"
#include "plan/bind.h"
#include "storage/store.h"
#include "types/key_encoding.h"
#include "types/text.h"

namespace drift::exec {

using types::Chunk;
using types::Value;
using types::Vector;

namespace {

/// Keys that a statement found to be there are remembered up to this number.
constexpr std::size_t kKnownKeysMax = 64 * 1024;
/// A row that is found by an index costs as much as that many that are read one after the other (docs/sql.md).
constexpr std::uint64_t kRowsPerLookup = 64;

std::size_t positionOf(const catalog::Table& table, ColumnId id) {
  const auto found = std::ranges::find(table.columns, id, &catalog::Column::id);
  return static_cast<std::size_t>(found - table.columns.begin());
}

/// One part of the key of a tree: which column of a foreign key it is, and how it is written.
struct KeyPart {
  std::size_t at = 0;
  catalog::IndexColumn column;
};

Error violation(std::string sentence, std::string detail) {
  return Error(ErrorKind::ForeignKeyViolation, std::move(sentence)).withDetail(std::move(detail));
}

}  // namespace

/// One foreign key, ready to use, with what is still to be done for it.
struct Reference {
  Reference(catalog::TableRef from, const catalog::ForeignKey& key, catalog::TableRef to,
            runtime::MemoryBudget& budget);

  /// The key under which the referenced row is found; empty where a column is NULL. `column(i)` gives column i.
  template <class Column>
  std::string referencedKey(const Column& column, std::size_t row) const {
    std::string key;
    for (const auto& part : parts) {
      const Vector& values = column(part.at);
      if (values.isNull(row)) return {};
      if (isPrimary) types::appendKey(key, values, row);
      else catalog::appendIndexPart(key, values, row, part.column);
    }
    return key;
  }
  /// The values in the order of the foreign key, as one text of bytes; empty where one is NULL.
  template <class Column>
  std::string plainKey(const Column& column, std::size_t row) const {
    std::string key;
    for (std::size_t at = 0; at < foreignKey.columns.size(); ++at) {
      if (column(at).isNull(row)) return {};
      types::appendKey(key, column(at), row);
    }
    return key;
  }

  catalog::TableRef child;
  const catalog::ForeignKey& foreignKey;
  catalog::TableRef parent;
  std::vector<std::size_t> childColumns;  ///< positions, in the order of the foreign key
  std::vector<std::size_t> parentColumns;
  std::vector<KeyPart> parts;  ///< of the key of foreignKey.key
  bool isPrimary = false;      ///< that is the referenced table itself
  /// Set: a tree whose keys begin with the foreign key's columns: the referring table's own, or that of an index.
  std::optional<TreeId> finder;
  std::vector<KeyPart> finderParts;

  RowBufferRef deleted;  ///< keys that went with their rows: the values by the order of the foreign key
  RowBufferRef updated;  ///< keys that changed: the values before, then those after
  RowBufferRef checked;  ///< keys of both that must be referred to no more at the end: the values before
  std::unordered_set<std::string> known;  ///< keys of the referenced tree that are there
  /// Rows whose key was not there when they came: their own keys and that one.
  std::vector<std::pair<std::string, std::string>> waiting;
  MemoryReservation memory;
};

Reference::Reference(catalog::TableRef from, const catalog::ForeignKey& key, catalog::TableRef to,
                     runtime::MemoryBudget& budget)
    : child(std::move(from)), foreignKey(key), parent(std::move(to)), memory(budget) {
  for (const auto id : foreignKey.columns) childColumns.push_back(positionOf(*child, id));
  for (const auto id : foreignKey.referenced) parentColumns.push_back(positionOf(*parent, id));
  isPrimary = foreignKey.key == parent->id;
  const auto partOf = [](const std::vector<ColumnId>& ids, const catalog::IndexColumn& column) {
    const auto found = std::ranges::find(ids, column.column);
    return KeyPart{static_cast<std::size_t>(found - ids.begin()), column};
  };
  if (isPrimary) {
    for (const auto id : parent->primaryKey) parts.push_back(partOf(foreignKey.referenced, {.column = id}));
  } else {
    for (const auto& index : parent->allIndexes())
      if (index.tree == foreignKey.key)
        for (const auto& column : index.columns) parts.push_back(partOf(foreignKey.referenced, column));
  }
  const auto serve = [&](TreeId tree, const std::vector<catalog::IndexColumn>& columns) {
    if (finder || columns.size() < foreignKey.columns.size()) return;
    std::vector<KeyPart> found;
    for (std::size_t at = 0; at < foreignKey.columns.size(); ++at) {
      const auto part = partOf(foreignKey.columns, columns[at]);
      const bool again = std::ranges::find(found, part.at, &KeyPart::at) != found.end();
      if (part.at == foreignKey.columns.size() || again) return;
      found.push_back(part);
    }
    finder = tree;
    finderParts = std::move(found);
  };
  std::vector<catalog::IndexColumn> own;
  for (const auto id : child->primaryKey) own.push_back({.column = id});
  serve(child->id, own);
  for (const auto& index : child->allIndexes())
    if (!index.building && !index.isPartial()) serve(index.tree, index.columns);
}

/// Keys that are gone. `rows` are the buffer's rows that they come from.
struct ForeignKeys::Keys {
  RowBufferRef source;
  std::unordered_map<std::string, std::uint32_t> rows;  ///< plain key -> row of `source`
};

/// Rows with their identity and columns, and for each the row of Keys::source that it refers to.
struct ForeignKeys::Referring {
  RowBufferRef rows;
  std::vector<std::uint32_t> sources;
};

ForeignKeys::ForeignKeys(const plan::BindEnvironment& binding, OperatorContext& context)
    : m_binding(binding), m_context(context) {}
ForeignKeys::~ForeignKeys() = default;

Status ForeignKeys::openTable(const catalog::TableRef& table) {
  if (!m_opened.insert(table->id).second) return {};
  if (!m_catalog) {
    DRIFT_ASSIGN(m_catalog, m_binding.moments.tablesNow());
  }
  const auto missing = [&](TreeId id) {
    return makeError(ErrorKind::DataCorrupted, "a foreign key of or to table \"{}\" names table {}, which is not there",
                     table->name, id);
  };
  const auto add = [&](const catalog::TableRef& from, const catalog::ForeignKey& key, const catalog::TableRef& to) {
    auto& outgoing = m_outgoing[from->id];
    if (std::ranges::any_of(outgoing, [&](const auto* other) { return other->foreignKey.name == key.name; })) return;
    m_references.push_back(std::make_unique<Reference>(from, key, to, m_context.query().memory));
    outgoing.push_back(m_references.back().get());
    m_incoming[to->id].push_back(m_references.back().get());
  };
  for (const auto& key : table->foreignKeys) {
    const auto parent = key.table == table->id ? table : m_catalog->find(key.table);
    if (!parent) return missing(key.table);
    add(table, key, parent);
  }
  for (const auto id : table->referencedBy) {
    const auto child = id == table->id ? table : m_catalog->find(id);
    if (!child) return missing(id);
    for (const auto& key : child->foreignKeys)
      if (key.table == table->id) add(child, key, table);
  }
  return {};
}

Result<bool> ForeignKeys::isThere(const Reference& reference, const std::string& key) const {
  auto& transaction = m_context.environment.transaction;
  DRIFT_ASSIGN(const auto found, transaction.get(reference.foreignKey.key, key, {}));
  if (!found) return false;
  // What the transaction wrote itself is held by its own write.
  if (found->seq != 0) transaction.requirePresent(reference.foreignKey.key, key);
  return true;
}

Status ForeignKeys::rowsCame(const catalog::TableRef& table, const Chunk& rows, const std::vector<std::string>& keys) {
  DRIFT_TRY(openTable(table));
  for (auto* reference : m_outgoing[table->id]) {
    const auto column = [&](std::size_t at) -> const Vector& { return rows.column(reference->childColumns[at]); };
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      auto key = reference->referencedKey(column, row);
      if (key.empty() || reference->known.contains(key)) continue;
      DRIFT_ASSIGN(const bool there, isThere(*reference, key));
      if (there) {
        if (reference->known.size() == kKnownKeysMax) reference->known.clear();
        reference->known.insert(std::move(key));
        continue;
      }
      // It may come with a later row of the statement.
      DRIFT_TRY(reference->memory.grow(keys[row].size() + key.size() + 2 * sizeof(std::string)));
      reference->waiting.emplace_back(keys[row], std::move(key));
    }
  }
  return {};
}

namespace {

/// Adds rows of `columns` to a buffer of a reference, which is made where it is needed.
Status addTo(RowBufferRef& buffer, const std::vector<const Vector*>& columns, const types::Selection& rows,
             runtime::MemoryBudget& memory) {
  if (rows.empty()) return {};
  Chunk chunk;
  std::vector<types::Type> types;
  for (const auto* column : columns) {
    chunk.addColumn(Vector::select(*column, rows));
    types.push_back(column->type());
  }
  chunk.setRowCount(rows.size());
  if (!buffer) buffer = std::make_shared<RowBuffer>(std::move(types), memory);
  return buffer->append(chunk);
}

}  // namespace

Status ForeignKeys::rowsWent(const catalog::TableRef& table, const Chunk& rows) {
  DRIFT_TRY(openTable(table));
  for (auto* reference : m_incoming[table->id]) {
    std::vector<const Vector*> columns;
    for (const auto at : reference->parentColumns) columns.push_back(&rows.column(at));
    types::Selection chosen;
    for (std::size_t row = 0; row < rows.rowCount(); ++row)
      if (std::ranges::none_of(columns, [row](const auto* column) { return column->isNull(row); }))
        chosen.push_back(static_cast<std::uint16_t>(row));
    if (!chosen.empty()) reference->known.clear();
    DRIFT_TRY(addTo(reference->deleted, columns, chosen, m_context.query().memory));
  }
  return {};
}

Status ForeignKeys::rowsChanged(const catalog::TableRef& table, const Chunk& before, const Chunk& after,
                                const std::vector<std::string>& keys) {
  DRIFT_TRY(openTable(table));
  for (auto* reference : m_incoming[table->id]) {
    std::vector<const Vector*> columns;
    for (const auto* side : {&before, &after})
      for (const auto at : reference->parentColumns) columns.push_back(&side->column(at));
    const auto old = [&](std::size_t at) -> const Vector& { return before.column(reference->parentColumns[at]); };
    const auto now = [&](std::size_t at) -> const Vector& { return after.column(reference->parentColumns[at]); };
    types::Selection chosen;
    for (std::size_t row = 0; row < before.rowCount(); ++row) {
      const auto key = reference->plainKey(old, row);
      if (!key.empty() && key != reference->plainKey(now, row)) chosen.push_back(static_cast<std::uint16_t>(row));
    }
    if (!chosen.empty()) reference->known.clear();
    DRIFT_TRY(addTo(reference->updated, columns, chosen, m_context.query().memory));
  }
  types::Selection chosen;
  std::vector<std::string> chosenKeys;
  for (std::size_t row = 0; row < before.rowCount(); ++row) {
    const bool refers = std::ranges::any_of(m_outgoing[table->id], [&](const auto* reference) {
      const auto old = [&](std::size_t at) -> const Vector& { return before.column(reference->childColumns[at]); };
      const auto now = [&](std::size_t at) -> const Vector& { return after.column(reference->childColumns[at]); };
      return reference->plainKey(old, row) != reference->plainKey(now, row);
    });
    if (!refers) continue;
    chosen.push_back(static_cast<std::uint16_t>(row));
    chosenKeys.push_back(keys[row]);
  }
  return chosen.empty() ? Status() : rowsCame(table, after.selected(chosen), chosenKeys);
}

Status ForeignKeys::finish() {
  // Actions write rows, which may call for more of them.
  for (bool any = true; any;) {
    any = false;
    for (std::size_t at = 0; at < m_references.size(); ++at) {
      auto& reference = *m_references[at];
      for (const bool deleted : {true, false}) {
        auto& gone = deleted ? reference.deleted : reference.updated;
        if (!gone) continue;
        any = true;
        DRIFT_TRY(act(reference, deleted));
      }
    }
  }
  for (const auto& reference : m_references)
    if (reference->checked) DRIFT_TRY(refuse(*reference, std::exchange(reference->checked, nullptr), true));
  for (const auto& reference : m_references) DRIFT_TRY(checkWaiting(*reference));
  return {};
}

Status ForeignKeys::act(Reference& reference, bool deleted) {
  const auto gone = std::exchange(deleted ? reference.deleted : reference.updated, nullptr);
  const auto action = deleted ? reference.foreignKey.onDelete : reference.foreignKey.onUpdate;
  if (action == catalog::ReferenceAction::Restrict) return refuse(reference, gone, false);
  // A default may be the very key that went.
  if (action == catalog::ReferenceAction::NoAction || action == catalog::ReferenceAction::SetDefault)
    for (std::size_t first = 0; first < gone->rowCount(); first += types::kChunkRows) {
      const auto chunk = chunkOf(gone, first);
      std::vector<const Vector*> columns;
      types::Selection all;
      for (std::size_t at = 0; at < reference.parentColumns.size(); ++at) columns.push_back(&chunk.column(at));
      for (std::size_t row = 0; row < chunk.rowCount(); ++row) all.push_back(static_cast<std::uint16_t>(row));
      DRIFT_TRY(addTo(reference.checked, columns, all, m_context.query().memory));
    }
  if (action == catalog::ReferenceAction::NoAction) return {};
  DRIFT_ASSIGN(const auto keys, keysOf(reference, gone, false));
  DRIFT_TRY(requireNoNew(reference, keys));
  DRIFT_ASSIGN(const auto referring, findReferring(reference, keys, false));
  if (referring.rows->rowCount() == 0) return {};
  if (action != catalog::ReferenceAction::Cascade || !deleted) return update(reference, keys, referring, deleted);
  DRIFT_ASSIGN(auto* writer, writerOf(reference.child));
  for (std::size_t first = 0; first < referring.rows->rowCount(); first += types::kChunkRows) {
    DRIFT_TRY(m_context.query().cancel.check());
    DRIFT_TRY(writer->remove(chunkOf(referring.rows, first)));
  }
  return {};
}

Result<ForeignKeys::Keys> ForeignKeys::keysOf(const Reference& reference, const RowBufferRef& gone,
                                              bool onlyWhereGone) const {
  Keys keys{gone, {}};
  for (std::size_t first = 0; first < gone->rowCount(); first += types::kChunkRows) {
    const auto chunk = chunkOf(gone, first);
    const auto column = [&](std::size_t at) -> const Vector& { return chunk.column(at); };
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      if (onlyWhereGone) {
        DRIFT_ASSIGN(const bool there, isThere(reference, reference.referencedKey(column, row)));
        if (there) continue;
      }
      keys.rows[reference.plainKey(column, row)] = static_cast<std::uint32_t>(first + row);
    }
  }
  return keys;
}

namespace {

using Scan = std::function<Result<std::unique_ptr<storage::Cursor>>(storage::ScanRequest)>;

/// The ranges of the finder's tree that hold rows that refer to keys.
std::vector<storage::KeyRange> rangesOf(const Reference& reference, const RowBufferRef& source,
                                        const std::unordered_map<std::string, std::uint32_t>& rows) {
  std::vector<storage::KeyRange> ranges;
  for (const auto& [plain, row] : rows) {
    std::string from;
    for (const auto& part : reference.finderParts) {
      const auto& values = source->stored(part.at, row);
      const auto at = row % types::kChunkRows;
      if (*reference.finder == reference.child->id) types::appendKey(from, values, at);
      else catalog::appendIndexPart(from, values, at, part.column);
    }
    auto to = types::keyAfterPrefix(from);
    ranges.push_back({std::move(from), to.empty() ? std::nullopt : std::optional(std::move(to))});
  }
  std::ranges::sort(ranges, {}, [](const auto& range) { return *range.from; });
  return ranges;
}

std::vector<storage::LayoutColumn> identityAndColumns(const catalog::Table& table) {
  std::vector<storage::LayoutColumn> columns{{storage::kKeyColumn, types::TypeId::Bytea, {}},
                                             {storage::kSeqColumn, types::TypeId::BigInt, {}}};
  for (const auto& column : table.columns) columns.push_back(layoutColumn(column));
  return columns;
}

Error conflict() {
  return Error(ErrorKind::SerializationFailure, "could not serialize access due to concurrent update")
      .withHint("Another commit added rows that refer to a key that is gone; run the transaction again.");
}

/// Fails where a commit after number `since` made a row that refers to one of some keys.
txn::Transaction::Requirement noNewReferring(storage::Store& store, const Reference& reference,
                                             std::vector<storage::KeyRange> ranges,
                                             std::unordered_set<std::string> keys, CommitNumber since) {
  std::vector<storage::LayoutColumn> columns{{storage::kSeqColumn, types::TypeId::BigInt, {}}};
  for (const auto at : reference.childColumns) columns.push_back(layoutColumn(reference.child->columns[at]));
  return [&store, since, child = reference.child->id, finder = reference.finder, ranges = std::move(ranges),
          keys = std::move(keys), columns = std::move(columns)](const storage::Snapshot& latest) -> Status {
    DRIFT_ASSIGN(const auto change, store.lastChange(child, latest.number()));
    if (change <= since) return {};
    const auto look = [&](storage::ScanRequest request, bool compare) -> Status {
      DRIFT_ASSIGN(const auto cursor, latest.scan(std::move(request)));
      Chunk rows;
      while (true) {
        DRIFT_ASSIGN(const bool more, cursor->next(rows));
        if (!more) return {};
        const auto seqs = rows.column(0).view();
        for (std::size_t row = 0; row < rows.rowCount(); ++row) {
          if (static_cast<CommitNumber>(seqs.at<std::int64_t>(row)) <= since) continue;
          if (!compare) return conflict();
          std::string key;
          for (std::size_t at = 1; at < rows.columnCount(); ++at) types::appendKey(key, rows.column(at), row);
          if (keys.contains(key)) return conflict();
        }
      }
    };
    for (const auto& range : ranges)
      DRIFT_TRY(look({.tree = *finder, .columns = {columns.front()}, .range = range}, false));
    return finder ? Status() : look({.tree = child, .columns = columns}, true);
  };
}

}  // namespace

Status ForeignKeys::requireNoNew(const Reference& reference, const Keys& keys) const {
  if (keys.rows.empty()) return {};
  auto& transaction = m_context.environment.transaction;
  std::vector<storage::KeyRange> ranges;
  std::unordered_set<std::string> plain;
  if (reference.finder) ranges = rangesOf(reference, keys.source, keys.rows);
  else
    for (const auto& [key, row] : keys.rows) plain.insert(key);
  transaction.require(noNewReferring(transaction.store(), reference, std::move(ranges), std::move(plain),
                                     transaction.snapshot().number()));
  // The index that is looked into, and the foreign key itself, must be there still.
  m_context.environment.catalog.requireTable(transaction, reference.child->id);
  return {};
}

Result<ForeignKeys::Referring> ForeignKeys::findReferring(const Reference& reference, const Keys& keys, bool onlyOne) {
  auto& transaction = m_context.environment.transaction;
  const auto& child = *reference.child;
  const auto columns = identityAndColumns(child);
  std::vector<types::Type> types;
  for (const auto& column : columns) types.push_back(column.type);
  Referring found{std::make_shared<RowBuffer>(std::move(types), m_context.query().memory), {}};
  if (keys.rows.empty()) return found;
  // Keeps those rows of a chunk that refer to one of the keys.
  const auto take = [&](const Chunk& rows) -> Status {
    const auto column = [&](std::size_t at) -> const Vector& {
      return rows.column(plan::kRowIdentityColumns + reference.childColumns[at]);
    };
    types::Selection chosen;
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      const auto key = keys.rows.find(reference.plainKey(column, row));
      if (key == keys.rows.end()) continue;
      chosen.push_back(static_cast<std::uint16_t>(row));
      found.sources.push_back(key->second);
    }
    return found.rows->append(rows, chosen);
  };
  const auto scan = [&](TreeId tree, storage::KeyRange range, std::vector<storage::LayoutColumn> wanted,
                        auto use) -> Status {
    storage::ScanRequest request;
    request.tree = tree;
    request.columns = std::move(wanted);
    request.range = std::move(range);
    request.cancel = m_context.query().cancel;
    DRIFT_ASSIGN(const auto cursor, transaction.scan(std::move(request)));
    Chunk rows;
    while (!onlyOne || found.rows->rowCount() == 0) {
      DRIFT_ASSIGN(const bool more, cursor->next(rows));
      if (!more) return {};
      DRIFT_TRY(use(rows));
    }
    return {};
  };
  bool byKeys = reference.finder.has_value();
  if (byKeys && keys.rows.size() > 1) {
    DRIFT_ASSIGN(const auto rows, transaction.rowCount(child.id));
    byKeys = keys.rows.size() * kRowsPerLookup <= rows;
  }
  if (!byKeys) {
    DRIFT_TRY(scan(child.id, {}, columns, take));
    return found;
  }
  const bool direct = *reference.finder == child.id;
  std::vector<std::string> rowKeys;
  for (auto& range : rangesOf(reference, keys.source, keys.rows)) {
    if (onlyOne && (found.rows->rowCount() > 0 || !rowKeys.empty())) break;
    if (direct) {
      DRIFT_TRY(scan(child.id, std::move(range), columns, take));
      continue;
    }
    const auto note = [&](const Chunk& entries) -> Status {
      const auto view = entries.column(0).view();
      for (std::size_t row = 0; row < entries.rowCount(); ++row)
        rowKeys.emplace_back(view.at<types::StringRef>(row).view());
      return {};
    };
    DRIFT_TRY(scan(*reference.finder, std::move(range), catalog::indexLayout()->columns, note));
  }
  std::ranges::sort(rowKeys);
  const auto order = transaction.writeOrder();
  for (std::size_t first = 0; first < rowKeys.size(); first += types::kChunkRows) {
    const auto count = std::min(types::kChunkRows, rowKeys.size() - first);
    DRIFT_ASSIGN(const auto rows,
                 transaction.getAll(child.id, std::span(rowKeys).subspan(first, count), columns, order));
    DRIFT_TRY(take(rows));
  }
  return found;
}

Status ForeignKeys::refuse(Reference& reference, const RowBufferRef& gone, bool onlyWhereGone) {
  DRIFT_ASSIGN(const auto keys, keysOf(reference, gone, onlyWhereGone));
  DRIFT_TRY(requireNoNew(reference, keys));
  DRIFT_ASSIGN(const auto referring, findReferring(reference, keys, true));
  if (referring.sources.empty()) return {};
  const auto row = referring.sources.front();
  std::string names;
  std::string values;
  for (std::size_t at = 0; at < reference.parentColumns.size(); ++at) {
    names += (at ? ", " : "") + reference.parent->columns[reference.parentColumns[at]].name;
    if (at) values += ", ";
    types::appendText(values, gone->stored(at, row), row % types::kChunkRows, m_context.functions.text);
  }
  return violation(
      fmt::format("update or delete on table \"{}\" violates foreign key constraint \"{}\" on table \"{}\"",
                  reference.parent->name, reference.foreignKey.name, reference.child->name),
      fmt::format("Key ({})=({}) is still referenced from table \"{}\".", names, values, reference.child->name));
}

Status ForeignKeys::update(Reference& reference, const Keys& keys, const Referring& referring, bool deleted) {
  const auto& child = *reference.child;
  const auto action = deleted ? reference.foreignKey.onDelete : reference.foreignKey.onUpdate;
  std::vector<std::size_t> assigned;  // positions in the foreign key
  for (std::size_t at = 0; at < reference.childColumns.size(); ++at) {
    const auto& set = reference.foreignKey.setColumns;
    if (!deleted || set.empty() || std::ranges::find(set, reference.foreignKey.columns[at]) != set.end())
      assigned.push_back(at);
  }
  auto types = referring.rows->columnTypes();
  std::vector<std::size_t> positions;
  std::vector<Value> constants;
  for (const auto at : assigned) {
    const auto& column = child.columns[reference.childColumns[at]];
    positions.push_back(reference.childColumns[at]);
    types.push_back(column.type);
    auto value = Value::null(column.type);
    if (action == catalog::ReferenceAction::SetDefault) {
      DRIFT_ASSIGN(const auto expression, plan::bindDefault(column, m_binding));
      DRIFT_ASSIGN(value, evaluateConstant(*expression, m_context));
    }
    constants.push_back(std::move(value));
  }
  const auto rows = std::make_shared<RowBuffer>(std::move(types), m_context.query().memory);
  for (std::size_t first = 0; first < referring.rows->rowCount(); first += types::kChunkRows) {
    auto chunk = chunkOf(referring.rows, first);
    const auto sources = std::span(referring.sources).subspan(first, chunk.rowCount());
    for (std::size_t at = 0; at < assigned.size(); ++at) {
      if (action != catalog::ReferenceAction::Cascade) {
        chunk.addColumn(Vector::constant(constants[at]));
        continue;
      }
      const auto values = gather(keys.source, reference.parentColumns.size() + assigned[at], sources);
      DRIFT_ASSIGN(auto fitting, types::cast(values, chunk.rowCount(), child.columns[positions[at]].type,
                                             types::CastContext::Assignment));
      chunk.addColumn(std::move(fitting));
    }
    DRIFT_TRY(rows->append(chunk));
  }
  DRIFT_ASSIGN(auto* writer, writerOf(reference.child));
  return writer->update(rows, positions);
}

Status ForeignKeys::checkWaiting(Reference& reference) {
  const auto& child = *reference.child;
  std::vector<storage::LayoutColumn> columns;
  for (const auto at : reference.childColumns) columns.push_back(layoutColumn(child.columns[at]));
  for (const auto& [rowKey, key] : std::exchange(reference.waiting, {})) {
    DRIFT_ASSIGN(const bool there, isThere(reference, key));
    if (there) continue;
    // The row may be gone again, or refer to another one by now, which was looked for when it was changed.
    DRIFT_ASSIGN(const auto row, m_context.environment.transaction.get(child.id, rowKey, columns));
    if (!row) continue;
    std::vector<Vector> values;
    for (const auto& value : row->values) values.push_back(Vector::constant(value));
    const auto column = [&](std::size_t at) -> const Vector& { return values[at]; };
    if (reference.referencedKey(column, 0) != key) continue;
    std::string names;
    std::string texts;
    for (std::size_t at = 0; at < values.size(); ++at) {
      names += (at ? ", " : "") + child.columns[reference.childColumns[at]].name;
      if (at) texts += ", ";
      types::appendText(texts, values[at], 0, m_context.functions.text);
    }
    return violation(
        fmt::format("insert or update on table \"{}\" violates foreign key constraint \"{}\"", child.name,
                    reference.foreignKey.name),
        fmt::format("Key ({})=({}) is not present in table \"{}\".", names, texts, reference.parent->name));
  }
  return {};
}

Result<RowWriter*> ForeignKeys::writerOf(const catalog::TableRef& table) {
  auto& writer = m_writers[table->id];
  if (!writer) {
    DRIFT_ASSIGN(auto opened, RowWriter::open(table, m_binding, m_context, this));
    writer = std::make_unique<RowWriter>(std::move(opened));
  }
  return writer.get();
}

}  // namespace drift::exec
