#include "session/import_target.h"

#include <algorithm>

#include "session/engine_session.h"

namespace drift::session {

std::string quoteIdentifier(std::string_view name) {
  std::string quoted = "\"";
  for (const char c : name) {
    if (c == '"') quoted += '"';
    quoted += c;
  }
  return quoted + '"';
}

Result<api::Value> fieldValue(const Field& field, api::Type type) {
  if (!field) return api::Value::null(type);
  if (type.id() == api::TypeId::Text) return api::Value::text(*field);
  if (field->empty() && !type.isText()) return api::Value::null(type);
  return types::parseText(*field, type);
}

ImportTarget::ImportTarget(api::Database& database, const api::ImportOptions& options)
    : m_database(database), m_options(options), m_session(database.newSession(options.author)) {}

Status ImportTarget::run(const std::string& sql, std::vector<api::Value> parameters) {
  api::ExecuteOptions options;
  options.parameters = std::move(parameters);
  DRIFT_TRY(m_session->execute(sql, options));
  return {};
}

Result<bool> ImportTarget::open() {
  DRIFT_ASSIGN(const auto schema, m_database.schemaAt(kNoCommit));
  const auto found = std::ranges::find(schema.tables, m_options.table, &api::TableInfo::name);
  if (found == schema.tables.end()) return false;
  m_exists = true;
  std::vector<std::string> key;
  for (const auto& column : found->columns) {
    m_columns.push_back({column.name, column.type});
    if (column.inPrimaryKey) key.push_back(column.name);
  }
  if (!m_options.key.empty() && !std::ranges::is_permutation(key, m_options.key))
    return makeError(ErrorKind::InvalidParameterValue, "table \"{}\" is there already, with another primary key",
                     m_options.table);
  return true;
}

Result<SnapshotRows> ImportTarget::readRows() {
  std::vector<std::size_t> keyColumns;
  for (const auto& key : m_options.key)
    keyColumns.push_back(static_cast<std::size_t>(std::ranges::find(m_columns, key, &TargetColumn::name) - m_columns.begin()));
  DRIFT_ASSIGN(const auto result, m_session->execute(fmt::format("SELECT * FROM {}", quoteIdentifier(m_options.table))));
  SnapshotRows rows;
  api::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, result->next(chunk));
    if (!more) return rows;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      std::vector<Field> fields(m_columns.size());
      for (std::size_t column = 0; column < fields.size(); ++column)
        if (const auto value = chunk.column(column).get(row); !value.isNull()) fields[column] = types::toText(value);
      auto key = joinKey(fields, keyColumns);
      rows.emplace(std::move(key), std::move(fields));
    }
  }
}

Status ImportTarget::begin(std::string message, std::optional<TimeMicros> time) {
  m_session->describeNextCommit(std::move(message), time);
  return run("BEGIN");
}

Status ImportTarget::commit() { return run("COMMIT"); }

void ImportTarget::rollback() {
  // The error that leads here is the one to report; a failed rollback leaves nothing behind either.
  (void)run("ROLLBACK").ok();
}

Status ImportTarget::setColumns(const std::vector<TargetColumn>& columns) {
  const auto table = quoteIdentifier(m_options.table);
  const auto named = [](const std::vector<TargetColumn>& list, const std::string& name) {
    return std::ranges::find(list, name, &TargetColumn::name) != list.end();
  };
  if (!m_exists) {
    std::string sql = fmt::format("CREATE TABLE {} (", table);
    for (const auto& column : columns) sql += fmt::format("{} {}, ", quoteIdentifier(column.name), column.type.name());
    std::string key;
    for (const auto& column : m_options.key) key += (key.empty() ? "" : ", ") + quoteIdentifier(column);
    if (key.empty()) sql.resize(sql.size() - 2);
    else sql += fmt::format("PRIMARY KEY ({})", key);
    DRIFT_TRY(run(sql + ")"));
    m_exists = true;
  } else {
    for (const auto& column : m_columns)
      if (!named(columns, column.name))
        DRIFT_TRY(run(fmt::format("ALTER TABLE {} DROP COLUMN {}", table, quoteIdentifier(column.name))));
    for (const auto& column : columns)
      if (!named(m_columns, column.name))
        DRIFT_TRY(run(fmt::format("ALTER TABLE {} ADD COLUMN {} {}", table, quoteIdentifier(column.name), column.type.name())));
  }
  m_columns = columns;
  return arrangeColumns();
}

Status ImportTarget::arrangeColumns() {
  std::vector<std::string> names;
  for (const auto& column : m_columns) names.push_back(column.name);
  // Database::newSession() makes no other kind of session.
  return static_cast<EngineSession&>(*m_session).arrangeColumns(m_options.table, names);
}

Status ImportTarget::insert(const std::vector<api::Value>& values) {
  std::string names, parameters;
  for (std::size_t i = 0; i < values.size(); ++i) {
    names += (i ? ", " : "") + quoteIdentifier(m_columns[i].name);
    parameters += fmt::format("{}${}", i ? ", " : "", i + 1);
  }
  return run(fmt::format("INSERT INTO {} ({}) VALUES ({})", quoteIdentifier(m_options.table), names, parameters), values);
}

std::string ImportTarget::keyCondition(std::size_t firstParameter) const {
  std::string condition;
  for (std::size_t i = 0; i < m_options.key.size(); ++i)
    condition += fmt::format("{}{} = ${}", i ? " AND " : "", quoteIdentifier(m_options.key[i]), firstParameter + i);
  return condition;
}

Status ImportTarget::update(const std::vector<std::size_t>& positions, std::vector<api::Value> values,
                            const std::vector<api::Value>& key) {
  std::string assignments;
  for (std::size_t i = 0; i < positions.size(); ++i)
    assignments += fmt::format("{}{} = ${}", i ? ", " : "", quoteIdentifier(m_columns[positions[i]].name), i + 1);
  const auto condition = keyCondition(values.size() + 1);
  values.insert(values.end(), key.begin(), key.end());
  return run(fmt::format("UPDATE {} SET {} WHERE {}", quoteIdentifier(m_options.table), assignments, condition),
             std::move(values));
}

Status ImportTarget::erase(const std::vector<api::Value>& key) {
  return run(fmt::format("DELETE FROM {} WHERE {}", quoteIdentifier(m_options.table), keyCondition(1)), key);
}

Status ImportTarget::append(const std::vector<std::string>& columns, const api::Chunk& rows) {
  DRIFT_TRY(m_session->append(m_options.table, columns, rows));
  return {};
}

}  // namespace drift::session
