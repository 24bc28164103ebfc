// Cursors: what DECLARE opened: queries whose rows are pulled as FETCH asks for them. A cursor shows the rows that were
// there when it was declared; before the session writes, and before its transaction ends where it is to outlive that
// (WITH HOLD), all of its rows are read. Rows that were read are kept for going back, save those of NO SCROLL cursors.
//
// Thread rule: one thread at a time, the session's.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "session/results.h"
#include "session/statement_run.h"
#include "sql/ast.h"

namespace drift::session {

class Cursors final {
 public:
  /// DuplicateObject where there is one of that name.
  Status checkFree(const sql::Identifier& name) const;
  /// Takes a query that was started. `outlives`: it was declared outside of a transaction.
  Status open(const sql::DeclareCursor& declare, std::shared_ptr<StatementRun> run, bool outlives);
  /// UndefinedObject; WrongObjectState for going back in a NO SCROLL cursor; what reading rows gives.
  Result<std::unique_ptr<api::ResultSet>> fetch(const sql::Fetch& fetch);
  /// UndefinedObject.
  Status close(const sql::CloseCursor& close);

  /// Reads the rows of all cursors, or of those that outlive their transaction.
  Status readAll(bool heldOnly);
  /// Closes what ends with a transaction: after ROLLBACK all that it declared.
  void endTransaction(bool committed);

 private:
  struct Cursor {
    std::shared_ptr<StatementRun> run;  ///< null: all rows were read
    std::vector<api::ResultColumn> columns;
    std::vector<types::Chunk> chunks;
    std::uint64_t firstRow = 0;  ///< rows before those of `chunks`, which are gone
    std::uint64_t rowCount = 0;  ///< rows read so far, these included
    std::uint64_t position = 0;  ///< 0: before the first row; rowCount + 1: behind the last
    bool forwardOnly = false;
    bool hold = false;
    bool committed = false;      ///< its transaction is over
  };
  /// Rows to give, first and last, in the order in which they are wanted; none where `first` is 0.
  struct Range {
    std::uint64_t first = 0;
    std::uint64_t last = 0;
    std::uint64_t size() const { return first == 0 ? 0 : first <= last ? last - first + 1 : first - last + 1; }
  };

  /// Reads on until there are `rows`, or all.
  static Status read(Cursor& cursor, std::uint64_t rows);
  static Result<Range> move(Cursor& cursor, const sql::Fetch& fetch);
  static Result<Range> forward(Cursor& cursor, std::uint64_t count);
  static Range backward(Cursor& cursor, std::uint64_t count);
  static Range toRow(Cursor& cursor, std::uint64_t row);
  static std::vector<types::Chunk> rowsOf(const Cursor& cursor, Range range);
  static void dropPassed(Cursor& cursor);

  std::map<std::string, Cursor> m_cursors;
};

}  // namespace drift::session
