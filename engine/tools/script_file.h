// Script files of SQL tests: statements with what they must answer, in the form of sqllogictest
// (https://www.sqlite.org/sqllogictest). Plain values, no thread rule.
//
// A file holds records parted by blank lines. A line that begins with # is a comment.
//
//   statement ok [connection]        one statement that succeeds
//   statement count 3                … and changes three rows
//   statement error 42P01 no table   … that fails, with this SQLSTATE and a sentence that matches, if these are given
//   query ITRBD [nosort|rowsort|valuesort] [label]
//                                    one query; a letter a column: I integer, R other number, T text,
//                                    B boolean, D date, time or interval, ? anything. Queries with one label answer
//                                    alike
//   SELECT …
//   ----
//   1|a|2.5|t|2020-01-01             one line a row, fields parted by | or tabs, NULL for NULL, "" for empty text;
//                                    or one value a line, (empty) for empty text; or "6 values hashing to <MD5>"
//   columns a|b|?column?             checks the names of the next query's columns
//   connection name                  the following records run in this session ("main" at first)
//   restart                          closes the database and opens it again
//   skipif name, onlyif name         the next record is for others, or for that dialect, only
//   hash-threshold 8                 how the file was made; nothing to do
//   halt                             what follows does not count
//
// Other words at the beginning of a line are directives of other projects: they become records of kind Unsupported.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace drift::tools {

enum class RecordKind {
  StatementOk,
  StatementCount,
  StatementError,
  Query,
  Columns,
  Connection,
  Restart,
  Unsupported,
};

enum class SortMode { None, Rows, Values };

struct Record {
  RecordKind kind = RecordKind::StatementOk;
  int line = 0;                    ///< of its first line, 1-based
  std::string argument;            ///< count, SQLSTATE (maybe empty), types, names, connection, or the directive
  std::string pattern;             ///< of StatementError: a regular expression, maybe empty
  std::string connection;          ///< of a statement or query for one connection: its name, else empty
  SortMode sort = SortMode::None;  ///< of Query
  std::string label;               ///< of Query, maybe empty
  std::string sql;
  std::vector<std::string> expected;  ///< of Query: lines
};

/// Reads the records of a file's text that are for a dialect; SyntaxError with the line where it is not as above.
Result<std::vector<Record>> readRecords(std::string_view text, std::string_view dialect);

}  // namespace drift::tools
