// Script files of SQL tests: statements with what they must answer. Plain values, no thread rule.
//
// A file holds records parted by blank lines. A line that begins with # is a comment.
//
//   statement ok                     one statement that succeeds
//   statement count 3                … and changes three rows
//   statement error 42P01 no table   … that fails with this SQLSTATE and, if given, a sentence that matches
//   query ITRBD [rowsort]            one query; a letter a column: I integer, R other number, T text,
//                                    B boolean, D date, time or interval, ? anything
//   SELECT …
//   ----
//   1|a|2.5|t|2020-01-01             one line a row, fields parted by |, NULL for NULL, "" for empty text
//   columns a|b|?column?             checks the names of the next query's columns
//   connection name                  the following records run in this session ("main" at first)
//   restart                          closes the database and opens it again
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/result.h"

namespace drift::sqltest {

enum class RecordKind { StatementOk, StatementCount, StatementError, Query, Columns, Connection, Restart };

struct Record {
  RecordKind kind = RecordKind::StatementOk;
  int line = 0;                       ///< of its first line, 1-based
  std::string argument;               ///< count, SQLSTATE, types, names, or the connection
  std::string pattern;                ///< of StatementError: a regular expression, maybe empty
  bool sortRows = false;              ///< of Query
  std::string sql;
  std::vector<std::string> expected;  ///< of Query: one line a row
};

/// Reads the records of a file's text; SyntaxError with the line where it is not as above.
Result<std::vector<Record>> readRecords(std::string_view text);

}  // namespace drift::sqltest
