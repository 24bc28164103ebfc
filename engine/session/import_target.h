// ImportTarget: the table that an import fills, reached through SQL. One thread; owns its session.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "api/database.h"
#include "session/snapshot_file.h"

namespace drift::session {

/// A column of the target.
struct TargetColumn {
  std::string name;
  api::Type type;
};

class ImportTarget final {
 public:
  ImportTarget(api::Database& database, const api::ImportOptions& options);

  /// Looks the table up; gives whether it exists. Its columns are then known.
  Result<bool> open();
  const std::vector<TargetColumn>& columns() const { return m_columns; }
  /// Reads all rows as text, by key. For snapshots that go on where the table stands.
  Result<SnapshotRows> readRows();

  Status begin(std::string message, std::optional<TimeMicros> time);
  Status commit();
  void rollback();

  /// Creates the table, or adds and drops columns until it has exactly `columns`, in their order.
  Status setColumns(const std::vector<TargetColumn>& columns);
  Status insert(const std::vector<api::Value>& values);
  /// Changes the columns at `positions` of the row under `key` (values of the key columns).
  Status update(const std::vector<std::size_t>& positions, std::vector<api::Value> values,
                const std::vector<api::Value>& key);
  Status erase(const std::vector<api::Value>& key);
  /// Inserts rows in bulk, their columns given by name; others get their defaults.
  Status append(const std::vector<std::string>& columns, const api::Chunk& rows);

 private:
  Status run(const std::string& sql, std::vector<api::Value> parameters = {});
  Status arrangeColumns();
  std::string keyCondition(std::size_t firstParameter) const;

  api::Database& m_database;
  const api::ImportOptions& m_options;
  std::unique_ptr<api::Session> m_session;
  std::vector<TargetColumn> m_columns;
  bool m_exists = false;
};

/// Gives the value of a text field: NULL for nothing, and for an empty text of any type but text.
Result<api::Value> fieldValue(const Field& field, api::Type type);

/// Quotes an SQL identifier.
std::string quoteIdentifier(std::string_view name);

}  // namespace drift::session
