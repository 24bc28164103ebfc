// TableReading: the rows of one table at one moment, read by the table's id. Runs on the reader thread.
//
// A table is followed by id: it may have had another name then, another table may have had its name, and
// it may not have existed at all.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "bridge/text.h"

namespace drift::gui::models {

/// A table as the application knows it: its id, and the name it had when last seen.
struct TableRef {
  TreeId id = 0;
  std::string name;
  friend bool operator==(const TableRef& a, const TableRef& b) { return a.id == b.id; }
};

/// Rows, or why there are none. Exactly one of page, error and absent is set.
struct TableReading {
  CommitNumber asked = 0;           ///< kNoCommit = live
  std::optional<api::Page> page;
  std::optional<Error> error;
  bool absent = false;              ///< the table did not exist at that moment
};

struct TablePlace {
  CommitNumber at = kNoCommit;
  std::uint64_t offset = 0;
  std::optional<std::string> fromKey;  ///< goes before offset
  std::size_t rows = 256;
};

/// Reads a page. If the key lies so near the end that fewer than `rows` rows follow, the page is the last one.
TableReading readTable(const api::Database& database, const TableRef& table, const TablePlace& place);

/// The commits between which a table exists: [from, until).
struct TableLife {
  TableRef table;
  CommitNumber from = 0;
  CommitNumber until = kNoCommit;
};

/// Gives the life of every table there ever was, oldest first. Looks at commits that changed the catalog
/// only, and at most at the last kSchemaCommitsMax of them.
inline constexpr int kSchemaCommitsMax = 2000;
Result<std::vector<TableLife>> readTableLives(const api::Database& database);

}  // namespace drift::gui::models
