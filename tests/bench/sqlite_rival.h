// SqliteRival: the same work in SQLite, WAL, synchronous=FULL. One thread; ends the program on errors.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

struct sqlite3;
struct sqlite3_stmt;

namespace drift::bench {

class SqliteRival final {
 public:
  /// Makes the table t(id, amount, name), with `history` fed by triggers into an indexed table of versions.
  SqliteRival(const std::string& path, bool history);
  ~SqliteRival();
  SqliteRival(const SqliteRival&) = delete;
  SqliteRival& operator=(const SqliteRival&) = delete;

  void begin();
  void commit();
  void insert(std::int64_t id, std::int64_t amount, std::string_view name);
  void update(std::int64_t id, std::int64_t amount);
  std::int64_t amountOf(std::int64_t id);
  std::int64_t sum();

 private:
  void run(const std::string& sql);
  sqlite3_stmt* prepared(const std::string& sql);

  sqlite3* m_database = nullptr;
  std::map<std::string, sqlite3_stmt*> m_statements;
};

}  // namespace drift::bench
