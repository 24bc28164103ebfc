#include "catalog/definition.h"

#include <limits>
#include <set>

namespace drift::catalog {

namespace {

// Flags. On disk: do not change.
constexpr std::uint8_t kNotNull = 1;     ///< of columns
constexpr std::uint8_t kUnique = 1;      ///< of indexes
constexpr std::uint8_t kDescending = 1;  ///< of an index's columns
constexpr std::uint8_t kNullsFirst = 2;

void writeColumns(ByteWriter& out, const std::vector<Column>& columns) {
  out.varint(columns.size());
  for (const auto& column : columns) {
    out.varint(column.id);
    out.string(column.name);
    types::writeType(out, column.type);
    out.fixed(static_cast<std::uint8_t>(column.notNull ? kNotNull : 0));
    out.string(column.defaultSql);
    types::writeValue(out, column.missing);
  }
}

void writeIds(ByteWriter& out, const std::vector<ColumnId>& ids) {
  out.varint(ids.size());
  for (const auto id : ids) out.varint(id);
}

void writeIndexes(ByteWriter& out, const std::vector<Index>& indexes) {
  out.varint(indexes.size());
  for (const auto& index : indexes) {
    out.string(index.name);
    out.varint(index.tree);
    out.fixed(static_cast<std::uint8_t>(index.unique ? kUnique : 0));
    out.varint(index.columns.size());
    for (const auto& column : index.columns) {
      out.varint(column.column);
      out.fixed(
          static_cast<std::uint8_t>((column.descending ? kDescending : 0) | (column.nullsFirst ? kNullsFirst : 0)));
    }
  }
}

Error malformed() { return Error(ErrorKind::DataCorrupted, "a table definition is malformed"); }

Result<std::uint32_t> readNumber(ByteReader& in) {
  DRIFT_ASSIGN(const auto number, in.varint());
  if (number > std::numeric_limits<std::uint32_t>::max()) return malformed();
  return static_cast<std::uint32_t>(number);
}

/// Reads a count of items of at least one byte each, so that it cannot promise more than there is.
Result<std::size_t> readCount(ByteReader& in) {
  DRIFT_ASSIGN(const auto count, in.varint());
  if (count > in.remaining()) return malformed();
  return static_cast<std::size_t>(count);
}

Result<std::string> readText(ByteReader& in) {
  DRIFT_ASSIGN(const auto text, in.string());
  return std::string(text);
}

Result<std::vector<ColumnId>> readIds(ByteReader& in, const Table& table) {
  DRIFT_ASSIGN(const auto count, readCount(in));
  std::vector<ColumnId> ids;
  std::set<ColumnId> seen;
  for (std::size_t at = 0; at < count; ++at) {
    DRIFT_ASSIGN(const auto id, readNumber(in));
    if (!table.findColumn(id) || !seen.insert(id).second) return malformed();
    ids.push_back(id);
  }
  return ids;
}

Status readColumns(ByteReader& in, Table& table) {
  DRIFT_ASSIGN(table.nextColumnId, readNumber(in));
  DRIFT_ASSIGN(const auto count, readCount(in));
  std::set<ColumnId> ids;
  std::set<std::string> names;
  for (std::size_t at = 0; at < count; ++at) {
    Column column;
    DRIFT_ASSIGN(column.id, readNumber(in));
    DRIFT_ASSIGN(column.name, readText(in));
    DRIFT_ASSIGN(column.type, types::readType(in));
    DRIFT_ASSIGN(const auto flags, in.fixed<std::uint8_t>());
    DRIFT_ASSIGN(column.defaultSql, readText(in));
    DRIFT_ASSIGN(column.missing, types::readValue(in));
    const bool missingFits =
        column.missing.isNull() || column.missing.type().physical() == column.type.physical();
    if (column.id == 0 || column.id >= table.nextColumnId || flags > kNotNull || !missingFits ||
        !ids.insert(column.id).second || !names.insert(column.name).second)
      return malformed();
    column.notNull = flags & kNotNull;
    table.columns.push_back(std::move(column));
  }
  return {};
}

Status readConstraints(ByteReader& in, Table& table) {
  DRIFT_ASSIGN(table.primaryKeyName, readText(in));
  DRIFT_ASSIGN(table.primaryKey, readIds(in, table));
  DRIFT_ASSIGN(const auto uniques, readCount(in));
  for (std::size_t at = 0; at < uniques; ++at) {
    UniqueConstraint unique;
    DRIFT_ASSIGN(unique.name, readText(in));
    DRIFT_ASSIGN(unique.index, readNumber(in));
    DRIFT_ASSIGN(unique.columns, readIds(in, table));
    if (unique.columns.empty() || unique.index < kFirstUserTree) return malformed();
    table.uniques.push_back(std::move(unique));
  }
  DRIFT_ASSIGN(const auto checks, readCount(in));
  for (std::size_t at = 0; at < checks; ++at) {
    CheckConstraint check;
    DRIFT_ASSIGN(check.name, readText(in));
    DRIFT_ASSIGN(check.sql, readText(in));
    table.checks.push_back(std::move(check));
  }
  return {};
}

Result<Index> readIndex(ByteReader& in, const Table& table) {
  Index index;
  DRIFT_ASSIGN(index.name, readText(in));
  DRIFT_ASSIGN(index.tree, readNumber(in));
  DRIFT_ASSIGN(const auto flags, in.fixed<std::uint8_t>());
  DRIFT_ASSIGN(const auto count, readCount(in));
  if (index.tree < kFirstUserTree || flags > kUnique || count == 0) return malformed();
  index.unique = flags & kUnique;
  for (std::size_t at = 0; at < count; ++at) {
    IndexColumn column;
    DRIFT_ASSIGN(column.column, readNumber(in));
    DRIFT_ASSIGN(const auto order, in.fixed<std::uint8_t>());
    if (!table.findColumn(column.column) || order > (kDescending | kNullsFirst)) return malformed();
    column.descending = order & kDescending;
    column.nullsFirst = order & kNullsFirst;
    index.columns.push_back(column);
  }
  return index;
}

Status readIndexes(ByteReader& in, Table& table) {
  DRIFT_ASSIGN(const auto count, readCount(in));
  for (std::size_t at = 0; at < count; ++at) {
    DRIFT_ASSIGN(auto index, readIndex(in, table));
    table.indexes.push_back(std::move(index));
  }
  return {};
}

/// What makes a table a view.
Status readView(ByteReader& in, Table& table) {
  DRIFT_ASSIGN(table.viewSql, readText(in));
  DRIFT_ASSIGN(const auto count, readCount(in));
  for (std::size_t at = 0; at < count; ++at) {
    DRIFT_ASSIGN(const auto id, readNumber(in));
    if (id < kFirstUserTree) return malformed();
    table.dependsOn.push_back(id);
  }
  const bool bare = table.primaryKey.empty() && table.uniques.empty() && table.checks.empty() && table.indexes.empty();
  return table.viewSql.empty() || !bare ? Status(malformed()) : Status();
}

Result<Table> decode(TreeId id, std::string_view name, ByteSpan bytes) {
  ByteReader in(bytes);
  DRIFT_ASSIGN(const auto version, in.fixed<std::uint8_t>());
  if (version > kDefinitionVersion)
    return makeError(ErrorKind::NewerFormat, "definition version {} is newer than this program reads", version);
  if (version == 0) return malformed();
  Table table;
  table.id = id;
  table.name = name;
  DRIFT_TRY(readColumns(in, table));
  DRIFT_TRY(readConstraints(in, table));
  if (version >= 2) DRIFT_TRY(readIndexes(in, table));
  if (version >= kViewVersion) DRIFT_TRY(readView(in, table));
  if (!in.atEnd()) return malformed();
  return table;
}

}  // namespace

std::string encodeDefinition(const Table& table) {
  Bytes bytes;
  ByteWriter out(bytes);
  out.fixed(table.isView() ? kViewVersion : kTableVersion);
  out.varint(table.nextColumnId);
  writeColumns(out, table.columns);
  out.string(table.primaryKeyName);
  writeIds(out, table.primaryKey);
  out.varint(table.uniques.size());
  for (const auto& unique : table.uniques) {
    out.string(unique.name);
    out.varint(unique.index);
    writeIds(out, unique.columns);
  }
  out.varint(table.checks.size());
  for (const auto& check : table.checks) {
    out.string(check.name);
    out.string(check.sql);
  }
  writeIndexes(out, table.indexes);
  if (table.isView()) {
    out.string(table.viewSql);
    writeIds(out, table.dependsOn);
  }
  return std::string(asText(bytes));
}

Result<Table> decodeDefinition(TreeId id, std::string_view name, ByteSpan bytes) {
  auto table = decode(id, name, bytes);
  if (table.ok()) return table;
  auto cause = std::move(table).error();
  const auto kind = cause.kind();
  return makeError(kind, "the definition of table \"{}\" cannot be read", name)
      .withDetail(cause.message())
      .causedBy(cause);
}

}  // namespace drift::catalog
