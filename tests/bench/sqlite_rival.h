// SqliteRival: the same table in SQLite, WAL, synchronous=FULL, the page cache as large as the store's.
//
// With history, old rows are copied by triggers into an indexed table (valid_from, valid_to), as usual; moments
// are numbers that go up by one a transaction. One thread. Ends the program on errors.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <map>
#include <optional>
#include <span>
#include <string>

#include "workload.h"

struct sqlite3;
struct sqlite3_stmt;

namespace drift::bench {

class SqliteRival final {
 public:
  enum class Kind : std::uint8_t { Plain, History };

  /// Makes the file, or opens one that an earlier rival of the same kind made.
  SqliteRival(const std::string& path, Kind kind);
  ~SqliteRival();
  SqliteRival(const SqliteRival&) = delete;
  SqliteRival& operator=(const SqliteRival&) = delete;

  void begin();
  void commit();
  void insert(const Row& row);
  void setQuantity(std::int64_t id, std::int32_t quantity);
  void rewrite(const Row& row);
  /// Inserts the rows of these ids in one transaction. Gives the seconds that it took.
  double load(std::uint64_t seed, std::span<const std::int64_t> ids);
  /// Copies what a trigger would have copied, for histories that are built in bulk.
  void insertVersion(const Row& row, std::int64_t validFrom, std::int64_t validTo);
  void dropHistoryIndex();
  void makeHistoryIndex();

  std::int64_t moment() const { return m_moment; }
  void setMoment(std::int64_t moment) { m_moment = moment; }

  /// Read a row by its key; give its quantity.
  std::int64_t get(std::int64_t id);
  std::optional<std::int64_t> get(std::int64_t id, std::int64_t moment);
  std::int64_t sum();
  std::int64_t sum(std::int64_t moment);
  /// Reads a page by offset; gives its rows.
  std::size_t page(std::int64_t moment, std::int64_t offset, std::size_t rows);
  /// Rows that changed in (from, to], with their values before.
  std::size_t diff(std::int64_t from, std::int64_t to);
  /// The newest `limit` versions of a row.
  std::size_t versions(std::int64_t id, std::size_t limit);
  /// Reads every column of every row.
  std::size_t scan();

  /// Moves the log into the file and gives the file's size.
  std::uint64_t fileBytes();
  void run(const std::string& sql);
  /// Runs a prepared statement with integers as its parameters; reads and counts its rows.
  std::size_t query(const std::string& sql, std::initializer_list<std::int64_t> parameters);

 private:
  sqlite3_stmt* prepared(const std::string& sql);
  /// Reads every column of the row that the statement stands on.
  void readRow(sqlite3_stmt* statement);
  /// Steps to the end, reading every column; gives the rows.
  std::size_t drain(sqlite3_stmt* statement);
  void bindRow(sqlite3_stmt* statement, const Row& row);
  void finish(sqlite3_stmt* statement);

  std::string m_path;
  bool m_history;
  sqlite3* m_database = nullptr;
  std::int64_t m_moment = 0;
  std::map<std::string, sqlite3_stmt*> m_statements;
};

}  // namespace drift::bench
