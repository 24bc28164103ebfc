// Imports: CSV files into a table, dated snapshots into a history. Implemented in engine/session.
//
// Thread rule: call from any one thread; the import uses a session of its own. Progress and cancel run on
// that thread.
#pragma once

#include <functional>
#include <map>
#include <string>
#include <vector>

#include "api/database.h"

namespace drift::api {

/// A record with more or fewer fields than the header. It was padded with NULL, or cut.
struct RaggedRow {
  std::string file;
  std::uint64_t line = 0;
  std::size_t fields = 0;
  std::size_t expected = 0;
};

struct ImportOptions {
  std::string path;                   ///< a CSV file; for snapshots a folder or an archive of them
  std::string table;
  std::vector<std::string> key;       ///< columns of the primary key
  std::map<std::string, Type> types;  ///< column types that the values do not decide
  char delimiter = ',';
  bool strict = false;                ///< a ragged row stops the import before anything is written
  std::string author = "import";
  /// Called now and then with work done and in all (files or bytes); gives false to stop.
  std::function<bool(std::uint64_t done, std::uint64_t total)> progress;
};

struct ImportReport {
  std::uint64_t files = 0;
  std::uint64_t unchangedFiles = 0;   ///< snapshots equal to the one before: no commit
  std::uint64_t commits = 0;
  std::uint64_t inserted = 0;
  std::uint64_t updated = 0;
  std::uint64_t deleted = 0;
  std::uint64_t raggedRows = 0;
  std::vector<RaggedRow> ragged;      ///< the first 1,000
};

/// Makes one commit for each snapshot that differs from the one before, at the moment in its name, with the
/// columns that this file has. Values of all files decide a column's type: see formats::TypeInference; an
/// empty field is NULL, but '' in a text column. The whole set is read and checked before the first commit.
/// Needs options.key. MomentOutOfRange where a moment is not later than the database's last commit;
/// InvalidParameterValue, InvalidTextRepresentation, UniqueViolation with file and line.
Result<ImportReport> importSnapshots(Database& database, const ImportOptions& options);

/// Appends the rows of one CSV file with a header in one commit; makes the table if there is none.
/// The columns of an existing table are matched by name; one that the file lacks gets its default.
Result<ImportReport> importCsv(Database& database, const ImportOptions& options);

}  // namespace drift::api
