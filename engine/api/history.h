// Plain structs about history: commits, buckets, schemas, differences. No thread rule.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "api/values.h"

namespace drift::api {

/// Rows that a commit changed in one table. The name is the table's at that commit (a dropped one keeps its last).
struct TableCounts {
  TreeId table = 0;
  std::string name;
  std::uint32_t inserted = 0;
  std::uint32_t updated = 0;
  std::uint32_t deleted = 0;
};

struct Commit {
  CommitNumber number = 0;
  TimeMicros time = 0;
  std::string author;
  std::string message;
  bool changesSchema = false;
  std::vector<TableCounts> tables;
};

/// What happened in the half-open time range [start, end).
struct HistoryBucket {
  TimeMicros start = 0;
  TimeMicros end = 0;
  std::uint64_t commits = 0;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;
  std::uint64_t schemaChanges = 0;
  CommitNumber first = 0;  ///< 0 where commits == 0
  CommitNumber last = 0;
};

/// First and last commit of the file. first.number == 0: the file has no commits yet.
struct HistoryExtent {
  CommitNumber first = 0;
  CommitNumber last = 0;
  TimeMicros firstTime = 0;
  TimeMicros lastTime = 0;
  bool hasGaps = false;  ///< not all numbers between them are there: a rewrite left some out
};

struct ColumnInfo {
  ColumnId id = 0;
  std::string name;
  Type type;
  bool notNull = false;
  bool inPrimaryKey = false;
  std::string defaultSql;
};

struct IndexInfo {
  std::string name;
  std::vector<std::string> columns;  ///< names or expressions, with DESC, NULLS FIRST and NULLS LAST where it is so
  bool unique = false;
  bool primary = false;
  bool building = false;  ///< not used yet: rows are still being added
  std::string where{};    ///< the condition of a partial index in SQL; empty: all rows are in it
};

struct TableInfo {
  TreeId id = 0;
  std::string name;
  std::vector<ColumnInfo> columns;
  std::vector<IndexInfo> indexes;      ///< primary key first
  std::vector<std::string> checks;     ///< "name: condition"
  std::uint64_t rowCount = 0;
  /// The commit from which on its rows are kept; 0 = always. Before it, rowCount is 0 and reading the rows an error.
  CommitNumber keptFrom = 0;
};

/// Tables as of one commit, by name.
struct Schema {
  CommitNumber at = 0;
  std::vector<TableInfo> tables;
};

}  // namespace drift::api
