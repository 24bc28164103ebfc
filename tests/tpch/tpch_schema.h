// The eight tables of TPC-H (specification 1.4), its 22 queries with their standard parameters, and the indexes that
// both databases of a comparison get. Plain data and free functions; thread-safe.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/values.h"

namespace drift::tpch {

struct TableColumn {
  std::string name;
  api::Type type;
};

struct Table {
  std::string name;
  std::vector<TableColumn> columns;
  std::vector<std::string> primaryKey;
  std::vector<std::vector<std::string>> indexes;  ///< those of the foreign keys
};

inline constexpr std::size_t kQueryCount = 22;

/// All tables, those that others refer to first.
const std::vector<Table>& tables();
/// Null for another name.
const Table* findTable(std::string_view name);

/// CREATE TABLE; both databases read the same text.
std::string createTable(const Table& table);
/// CREATE INDEX for each index.
std::vector<std::string> createIndexes(const Table& table);

/// Gives the text of query `number`, 1 to 22. Empty where the file cannot be read.
std::string queryText(std::size_t number);
/// The same in SQLite's dialect: dates are texts there, and have other functions.
std::string queryTextForSqlite(std::size_t number);

}  // namespace drift::tpch
