// The two databases of a comparison, with the tables of TPC-H: DriftDB through its public interface, and SQLite. Rows
// go in by chunks; answers come out as texts. One thread each.
#pragma once

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "api/database.h"
#include "tpch_schema.h"

struct sqlite3;
struct sqlite3_stmt;

namespace drift::tpch {

/// Takes some rows of a table.
using RowSink = std::function<Status(const api::Chunk& rows)>;
/// Gives all rows of a table to the sink.
using Producer = std::function<Status(const RowSink& sink)>;

/// Rows as texts; NULL is an empty one.
using Answer = std::vector<std::vector<std::string>>;

class DriftDatabase final {
 public:
  /// Opens a file, or makes a new one.
  static Result<DriftDatabase> open(const std::string& path);

  /// Makes the table, fills it from `produce`, which is given a sink, and then makes its indexes.
  Status load(const Table& table, const Producer& produce);
  Result<Answer> query(const std::string& sql);
  /// Runs a query and drops its rows; gives how many there were.
  Result<std::uint64_t> run(const std::string& sql);
  api::Database& database() { return *m_database; }
  api::Session& session() { return *m_session; }

 private:
  std::shared_ptr<api::Database> m_database;
  std::unique_ptr<api::Session> m_session;
};

class SqliteDatabase final {
 public:
  /// Opens a file, or makes a new one; with an empty path a database in memory.
  static Result<SqliteDatabase> open(const std::string& path);
  SqliteDatabase(SqliteDatabase&& other) noexcept : m_database(std::exchange(other.m_database, nullptr)) {}
  ~SqliteDatabase();

  Status load(const Table& table, const Producer& produce);
  Result<Answer> query(const std::string& sql);
  Result<std::uint64_t> run(const std::string& sql);
  Status execute(const std::string& sql);

 private:
  explicit SqliteDatabase(sqlite3* database) : m_database(database) {}
  Error error() const;

  sqlite3* m_database;
};

/// Gives an empty text where both answers have the same rows: numbers may differ by 1e-7 of their size, or by half a
/// cent, and rows that are near each other may trade places. Otherwise says what differs.
std::string difference(const Answer& got, const Answer& wanted);

}  // namespace drift::tpch
