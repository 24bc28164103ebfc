#include "exec/row_writer.h"

#include <algorithm>
#include <bit>

#include "catalog/index_key.h"
#include "plan/bind.h"
#include "storage/row.h"
#include "types/key_encoding.h"
#include "types/text.h"

namespace drift::exec {

using storage::RowChange;
using storage::RowOp;
using types::Chunk;
using types::PhysicalType;

namespace {

constexpr std::size_t kRowNumberBytes = 8;

std::size_t positionOf(const catalog::Table& table, ColumnId id) {
  const auto found =
      std::find_if(table.columns.begin(), table.columns.end(), [id](const auto& column) { return column.id == id; });
  return static_cast<std::size_t>(found - table.columns.begin());
}

std::vector<std::size_t> positionsOf(const catalog::Table& table, const std::vector<ColumnId>& ids) {
  std::vector<std::size_t> positions;
  for (const auto id : ids) positions.push_back(positionOf(table, id));
  return positions;
}

/// True if both rows hold the very same value: 1.0 and 1.00, 0 and -0, a month and 30 days are equal in SQL, but not
/// the same to keep.
bool sameValue(const types::Vector& a, const types::Vector& b, std::size_t row) {
  const auto left = a.view();
  const auto right = b.view();
  if (left.isNull(row) || right.isNull(row)) return left.isNull(row) == right.isNull(row);
  const auto physical = b.type().physical();
  if (physical == PhysicalType::Decimal) {
    const auto& x = left.at<types::Decimal>(row);
    const auto& y = right.at<types::Decimal>(row);
    return x.coefficient() == y.coefficient() && x.scale() == y.scale() && x.isNan() == y.isNan();
  }
  if (physical == PhysicalType::Double)
    return std::bit_cast<std::uint64_t>(left.at<double>(row)) == std::bit_cast<std::uint64_t>(right.at<double>(row));
  if (physical == PhysicalType::Interval) return left.at<types::Interval>(row) == right.at<types::Interval>(row);
  return types::compareRows(left, row, right, row, physical) == 0;
}

/// Columns [first, first + count) of a chunk.
Chunk columnsOf(const Chunk& chunk, std::size_t first, std::size_t count) {
  Chunk part;
  for (std::size_t at = 0; at < count; ++at) part.addColumn(chunk.column(first + at));
  part.setRowCount(chunk.rowCount());
  return part;
}

Chunk oneRow(const Chunk& rows, std::size_t row) {
  const auto place = static_cast<std::uint16_t>(row);
  return rows.selected(std::span(&place, 1));
}

std::string keyIn(const Chunk& identity, std::size_t row) {
  return std::string(identity.column(0).view().at<types::StringRef>(row).view());
}

CommitNumber seqIn(const Chunk& identity, std::size_t row) {
  const auto view = identity.column(1).view();
  return view.isNull(row) ? 0 : static_cast<CommitNumber>(view.at<std::int64_t>(row));
}

}  // namespace

RowWriter::RowWriter(catalog::TableRef table, OperatorContext& context)
    : m_table(std::move(table)),
      m_context(&context),
      m_layout(std::make_shared<storage::RowLayout>(m_table->layout())),
      m_keyColumns(positionsOf(*m_table, m_table->primaryKey)) {
  for (const auto& column : m_layout->columns) m_layoutSource.push_back(positionOf(*m_table, column.id));
}

Result<RowWriter> RowWriter::open(catalog::TableRef table, const plan::BindEnvironment& binding,
                                  OperatorContext& context) {
  const bool hasForeignKeys = !table->foreignKeys.empty() || !table->referencedBy.empty();
  auto foreignKeys = hasForeignKeys ? std::make_unique<ForeignKeys>(binding, context) : nullptr;
  DRIFT_ASSIGN(auto writer, open(std::move(table), binding, context, foreignKeys.get()));
  writer.m_ownForeignKeys = std::move(foreignKeys);
  return writer;
}

Result<RowWriter> RowWriter::open(catalog::TableRef table, const plan::BindEnvironment& binding,
                                  OperatorContext& context, ForeignKeys* foreignKeys) {
  RowWriter writer(std::move(table), context);
  writer.m_foreignKeys = foreignKeys;
  DRIFT_ASSIGN(const auto checks, plan::bindChecks(*writer.m_table, binding));
  for (const auto& check : checks) {
    DRIFT_ASSIGN(auto condition, makeEvaluator(*check.condition, check.inputs, context));
    writer.m_checks.push_back({check.name, std::move(condition)});
  }
  DRIFT_ASSIGN(writer.m_generated, GeneratedColumns::open(*writer.m_table, binding, context));
  for (auto& definition : writer.m_table->allIndexes()) {
    context.environment.transaction.markIndex(definition.tree);
    DRIFT_ASSIGN(auto keys, IndexKeys::open(*writer.m_table, std::move(definition), binding, context));
    writer.m_computesKeys = writer.m_computesKeys || keys.computes();
    writer.m_indexes.push_back(std::move(keys));
  }
  return writer;
}

std::string RowWriter::failingRow(const Chunk& rows, std::size_t row) const {
  std::string text;
  for (std::size_t at = 0; at < rows.columnCount(); ++at) {
    if (at) text += ", ";
    if (rows.column(at).isNull(row)) text += "null";
    else types::appendText(text, rows.column(at), row, m_context->functions.text);
  }
  return fmt::format("Failing row contains ({}).", text);
}

Status RowWriter::check(const Chunk& rows) {
  for (std::size_t at = 0; at < m_table->columns.size(); ++at) {
    const auto& column = m_table->columns[at];
    if (!column.notNull) continue;
    const auto view = rows.column(at).view();
    if (!view.mayHaveNulls()) continue;
    for (std::size_t row = 0; row < rows.rowCount(); ++row)
      if (view.isNull(row))
        return makeError(ErrorKind::NotNullViolation,
                         "null value in column \"{}\" of relation \"{}\" violates not-null constraint", column.name,
                         m_table->name)
            .withDetail(failingRow(rows, row));
  }
  for (const auto& check : m_checks) {
    DRIFT_ASSIGN(const auto holds, check.condition->evaluate(rows));
    const auto view = holds.view();
    for (std::size_t row = 0; row < rows.rowCount(); ++row)
      if (!view.isNull(row) && !view.at<std::uint8_t>(row))
        return makeError(ErrorKind::CheckViolation, "new row for relation \"{}\" violates check constraint \"{}\"",
                         m_table->name, check.name)
            .withDetail(failingRow(rows, row));
  }
  return {};
}

std::string RowWriter::keyOf(const std::vector<std::size_t>& columns, const Chunk& rows, std::size_t row) const {
  std::string key;
  for (const auto at : columns) types::appendKey(key, rows.column(at), row);
  return key;
}

Result<std::vector<IndexRows>> RowWriter::indexRows(const Chunk& rows) const {
  std::vector<IndexRows> indexed;
  indexed.reserve(m_indexes.size());
  for (const auto& index : m_indexes) {
    DRIFT_ASSIGN(auto one, index.rows(rows));
    indexed.push_back(std::move(one));
  }
  return indexed;
}

const IndexKeys& RowWriter::indexOf(TreeId tree) const {
  return *std::ranges::find(m_indexes, tree, [](const IndexKeys& keys) { return keys.definition().tree; });
}

Result<std::string> RowWriter::nextRowNumber() {
  if (!m_lastRowNumber) {
    DRIFT_ASSIGN(const auto highest, m_context->environment.transaction.highestKey(m_table->id));
    if (!highest.empty() && highest.size() != kRowNumberBytes)
      return makeError(ErrorKind::DataCorrupted, "table \"{}\" has a row number of {} bytes", m_table->name,
                       highest.size());
    std::uint64_t number = 0;
    for (const char byte : highest) number = number << 8 | static_cast<unsigned char>(byte);
    m_lastRowNumber = number;
  }
  if (*m_lastRowNumber == UINT64_MAX)
    return makeError(ErrorKind::LimitExceeded, "table \"{}\" has used up its row numbers", m_table->name);
  const auto number = ++*m_lastRowNumber;
  std::string key(kRowNumberBytes, '\0');
  for (std::size_t at = 0; at < kRowNumberBytes; ++at)
    key[at] = static_cast<char>(number >> (8 * (kRowNumberBytes - 1 - at)));
  return key;
}

std::string RowWriter::keyText(const std::vector<std::size_t>& columns, const Chunk& rows, std::size_t row) const {
  std::string names;
  std::string values;
  for (const auto at : columns) {
    if (!names.empty()) {
      names += ", ";
      values += ", ";
    }
    names += m_table->columns[at].name;
    types::appendText(values, rows.column(at), row, m_context->functions.text);
  }
  return fmt::format("({})=({})", names, values);
}

namespace {

Error duplicateKey(const std::string& constraint, const std::string& key) {
  return makeError(ErrorKind::UniqueViolation, "duplicate key value violates unique constraint \"{}\"", constraint)
      .withDetail(fmt::format("Key {} already exists.", key));
}

}  // namespace

Status RowWriter::requireNewKey(const std::string& key, const Chunk& rows, std::size_t row) const {
  DRIFT_ASSIGN(const auto found, m_context->environment.transaction.get(m_table->id, key, {}));
  if (!found) return {};
  return duplicateKey(m_table->primaryKeyName, keyText(m_keyColumns, rows, row));
}

Result<std::string> RowWriter::newKey(const Chunk& rows, std::size_t row) {
  if (m_keyColumns.empty()) return nextRowNumber();
  auto key = keyOf(m_keyColumns, rows, row);
  DRIFT_TRY(requireNewKey(key, rows, row));
  return key;
}

void RowWriter::putRow(RowOp op, std::string key, const Chunk& rows, std::size_t row, CommitNumber previous,
                       std::vector<ColumnId> changed) {
  std::vector<const types::Vector*> vectors;
  for (const auto at : m_layoutSource) vectors.push_back(&rows.column(at));
  RowChange change;
  change.tree = m_table->id;
  change.op = op;
  change.key = std::move(key);
  change.layout = m_layout;
  change.row = m_encoder.encode(*m_layout, vectors, row);
  change.previous = previous;
  change.changed = std::move(changed);
  m_context->environment.transaction.put(std::move(change));
}

Status RowWriter::addToIndex(const catalog::Index& index, std::string indexed, const IndexRows& rows, std::size_t row,
                             const std::string& key) {
  // The key of an entry that rows may share ends in the row's own.
  if (index.unique) {
    DRIFT_ASSIGN(const auto found, m_context->environment.transaction.get(index.tree, indexed, {}));
    if (found) return duplicateKey(index.name, rows.text(row, m_context->functions.text));
  }
  putEntry(index, std::move(indexed), key);
  return {};
}

void RowWriter::putEntry(const catalog::Index& index, std::string indexed, const std::string& key) {
  Bytes bytes;
  const types::Value value = types::Value::bytea(key);
  storage::encodeRow(*catalog::indexLayout(), std::span(&value, 1), bytes);
  RowChange change;
  change.tree = index.tree;
  change.op = RowOp::Insert;
  change.key = std::move(indexed);
  change.layout = catalog::indexLayout();
  change.row = std::string(asText(bytes));
  m_context->environment.transaction.put(std::move(change));
}

Status RowWriter::removeFromIndex(const catalog::Index& index, std::string indexed) {
  DRIFT_ASSIGN(const auto entry, m_context->environment.transaction.get(index.tree, indexed, {}));
  if (!entry && index.building) {
    // The row's turn has not come yet, and must not come before this commit.
    m_context->environment.transaction.requireUnchanged(index.tree, std::move(indexed));
    return {};
  }
  if (!entry)
    return makeError(ErrorKind::DataCorrupted, "index \"{}\" lacks the entry of a row", index.name);
  putDelete(index.tree, std::move(indexed), entry->seq);
  return {};
}

void RowWriter::putDelete(TreeId tree, std::string key, CommitNumber previous) {
  RowChange change;
  change.tree = tree;
  change.op = RowOp::Delete;
  change.key = std::move(key);
  change.previous = previous;
  m_context->environment.transaction.put(std::move(change));
}

Status RowWriter::insert(Chunk& rows) {
  DRIFT_TRY(complete(rows));
  DRIFT_TRY(check(rows));
  DRIFT_ASSIGN(const auto indexed, indexRows(rows));
  std::vector<std::string> keys;
  for (std::size_t row = 0; row < rows.rowCount(); ++row) {
    DRIFT_ASSIGN(auto key, putInserted(rows, row, indexed));
    if (m_foreignKeys) keys.push_back(std::move(key));
  }
  return m_foreignKeys ? m_foreignKeys->rowsCame(m_table, rows, keys) : Status();
}

Result<std::string> RowWriter::insertRow(const Chunk& rows, std::size_t row) {
  if (!m_computesKeys && !m_foreignKeys) {
    DRIFT_ASSIGN(const auto indexed, indexRows(rows));
    return putInserted(rows, row, indexed);
  }
  const auto one = oneRow(rows, row);
  DRIFT_ASSIGN(const auto indexed, indexRows(one));
  DRIFT_ASSIGN(auto key, putInserted(one, 0, indexed));
  if (m_foreignKeys) DRIFT_TRY(m_foreignKeys->rowsCame(m_table, one, {key}));
  return key;
}

Status RowWriter::finish() { return m_ownForeignKeys ? m_ownForeignKeys->finish() : Status(); }

Status RowWriter::checkReferences(const Chunk& rows) {
  if (!m_foreignKeys) return {};
  std::vector<std::string> keys;
  for (std::size_t row = 0; row < rows.rowCount(); ++row) keys.push_back(keyIn(rows, row));
  return m_foreignKeys->rowsCame(m_table, columnsOf(rows, plan::kRowIdentityColumns, m_table->columns.size()), keys);
}

Result<std::string> RowWriter::putInserted(const Chunk& rows, std::size_t row, const std::vector<IndexRows>& indexed) {
  DRIFT_ASSIGN(auto key, newKey(rows, row));
  for (std::size_t at = 0; at < m_indexes.size(); ++at)
    if (auto entry = indexed[at].key(row, key))
      DRIFT_TRY(addToIndex(m_indexes[at].definition(), std::move(*entry), indexed[at], row, key));
  putRow(RowOp::Insert, key, rows, row, 0, {});
  return key;
}

Result<std::optional<std::string>> RowWriter::findConflict(TreeId arbiter, const Chunk& rows, std::size_t row) const {
  const auto& transaction = m_context->environment.transaction;
  if (arbiter == m_table->id) {
    auto key = keyOf(m_keyColumns, rows, row);
    DRIFT_ASSIGN(const auto found, transaction.get(arbiter, key, {}));
    return found ? std::optional(std::move(key)) : std::nullopt;
  }
  const auto& index = indexOf(arbiter);
  const auto at = index.computes() ? 0 : row;
  DRIFT_ASSIGN(const auto indexed, index.rows(index.computes() ? oneRow(rows, row) : rows));
  if (!indexed.isAlone(at)) return std::optional<std::string>();
  const auto& rowKey = catalog::indexLayout()->columns;
  DRIFT_ASSIGN(const auto entry, transaction.get(arbiter, *indexed.key(at, {}), rowKey));
  if (!entry) return std::optional<std::string>();
  return std::optional(entry->values[0].asString());
}

Result<Chunk> RowWriter::existing(const std::string& key) const {
  std::vector<storage::LayoutColumn> columns(m_table->columns.size());
  for (std::size_t at = 0; at < m_layoutSource.size(); ++at) columns[m_layoutSource[at]] = m_layout->columns[at];
  DRIFT_ASSIGN(const auto found, m_context->environment.transaction.get(m_table->id, key, columns));
  if (!found)
    return makeError(ErrorKind::DataCorrupted, "an index of table \"{}\" names a row that is not there", m_table->name);
  std::vector<types::Type> types{types::TypeId::Bytea, types::TypeId::BigInt};
  for (const auto& column : m_table->columns) types.push_back(column.type);
  Chunk row(types, 1);
  row.setRowCount(1);
  row.column(0).setString(0, key);
  row.column(1).set(0, found->seq == 0 ? types::Value::null(types::TypeId::BigInt)
                                       : types::Value::bigInt(static_cast<std::int64_t>(found->seq)));
  for (std::size_t at = 0; at < columns.size(); ++at)
    row.column(plan::kRowIdentityColumns + at).set(0, found->values[at]);
  return row;
}

Status RowWriter::remove(const Chunk& rows) {
  const auto before = columnsOf(rows, plan::kRowIdentityColumns, m_table->columns.size());
  DRIFT_ASSIGN(const auto indexed, indexRows(before));
  for (std::size_t row = 0; row < rows.rowCount(); ++row) {
    const auto key = keyIn(rows, row);
    for (std::size_t at = 0; at < m_indexes.size(); ++at)
      if (auto entry = indexed[at].key(row, key))
        DRIFT_TRY(removeFromIndex(m_indexes[at].definition(), std::move(*entry)));
    putDelete(m_table->id, key, seqIn(rows, row));
  }
  return m_foreignKeys ? m_foreignKeys->rowsWent(m_table, before) : Status();
}

Result<types::Selection> RowWriter::addMissing(TreeId tree, const Chunk& rows) {
  const auto& index = indexOf(tree);
  DRIFT_ASSIGN(const auto indexed, index.rows(columnsOf(rows, plan::kRowIdentityColumns, m_table->columns.size())));
  const auto rowKey = catalog::indexLayout()->columns;
  types::Selection added;
  for (std::size_t row = 0; row < rows.rowCount(); ++row) {
    const auto key = keyIn(rows, row);
    auto wanted = indexed.key(row, key);
    if (!wanted) continue;
    DRIFT_ASSIGN(const auto entry, m_context->environment.transaction.get(tree, *wanted, rowKey));
    if (!entry) {
      putEntry(index.definition(), std::move(*wanted), key);
      added.push_back(static_cast<std::uint16_t>(row));
    } else if (entry->values[0].asString() != key) {
      return makeError(ErrorKind::UniqueViolation, "could not create unique index \"{}\"", index.definition().name)
          .withDetail(fmt::format("Key {} is duplicated.", indexed.text(row, m_context->functions.text)));
    }
  }
  return added;
}

/// First pass of an update: what the new rows do not keep goes away.
Status RowWriter::removeOld(const Chunk& before, const Chunk& after, const Chunk& identity) {
  DRIFT_ASSIGN(const auto were, indexRows(before));
  DRIFT_ASSIGN(const auto are, indexRows(after));
  for (std::size_t row = 0; row < before.rowCount(); ++row) {
    const auto key = keyIn(identity, row);
    const auto newKey = m_keyColumns.empty() ? key : keyOf(m_keyColumns, after, row);
    for (std::size_t at = 0; at < m_indexes.size(); ++at) {
      auto old = were[at].key(row, key);
      if (!old || (newKey == key && old == are[at].key(row, newKey))) continue;
      DRIFT_TRY(removeFromIndex(m_indexes[at].definition(), std::move(*old)));
    }
    if (newKey != key) putDelete(m_table->id, key, seqIn(identity, row));
  }
  return {};
}

/// Second pass of an update: the new rows and index entries come.
Status RowWriter::putNew(const Chunk& before, const Chunk& after, const Chunk& identity) {
  DRIFT_ASSIGN(const auto were, indexRows(before));
  DRIFT_ASSIGN(const auto are, indexRows(after));
  std::vector<std::string> newKeys;
  for (std::size_t row = 0; row < before.rowCount(); ++row) {
    const auto key = keyIn(identity, row);
    auto newKey = m_keyColumns.empty() ? key : keyOf(m_keyColumns, after, row);
    const bool moved = newKey != key;
    if (m_foreignKeys) newKeys.push_back(newKey);
    if (moved) DRIFT_TRY(requireNewKey(newKey, after, row));
    for (std::size_t at = 0; at < m_indexes.size(); ++at) {
      auto now = are[at].key(row, newKey);
      if (!now || (!moved && now == were[at].key(row, key))) continue;
      DRIFT_TRY(addToIndex(m_indexes[at].definition(), std::move(*now), are[at], row, newKey));
    }
    if (moved) {
      putRow(RowOp::Insert, std::move(newKey), after, row, 0, {});
      continue;
    }
    std::vector<ColumnId> changed;
    for (std::size_t at = 0; at < m_table->columns.size(); ++at)
      if (!sameValue(before.column(at), after.column(at), row)) changed.push_back(m_table->columns[at].id);
    std::sort(changed.begin(), changed.end());
    if (!changed.empty())
      putRow(RowOp::Update, std::move(newKey), after, row, seqIn(identity, row), std::move(changed));
  }
  return m_foreignKeys ? m_foreignKeys->rowsChanged(m_table, before, after, newKeys) : Status();
}

Status RowWriter::update(const RowBufferRef& rows, const std::vector<std::size_t>& assigned) {
  const auto columns = m_table->columns.size();
  for (const bool removing : {true, false}) {
    for (std::size_t first = 0; first < rows->rowCount(); first += types::kChunkRows) {
      DRIFT_TRY(m_context->query().cancel.check());
      const auto chunk = chunkOf(rows, first);
      const auto before = columnsOf(chunk, plan::kRowIdentityColumns, columns);
      Chunk after = before;
      for (std::size_t at = 0; at < assigned.size(); ++at)
        after.column(assigned[at]) = chunk.column(plan::kRowIdentityColumns + columns + at);
      DRIFT_TRY(complete(after));
      if (removing) {
        DRIFT_TRY(check(after));
        DRIFT_TRY(removeOld(before, after, chunk));
      } else {
        DRIFT_TRY(putNew(before, after, chunk));
      }
    }
  }
  return {};
}

}  // namespace drift::exec
