#include "sqlite_rival.h"

#include <sqlite3.h>

#include "report.h"

namespace drift::bench {

SqliteRival::SqliteRival(const std::string& path, bool history) {
  if (sqlite3_open(path.c_str(), &m_database) != SQLITE_OK) fail("SQLite could not open its file");
  run("PRAGMA journal_mode=WAL");
  run("PRAGMA synchronous=FULL");
  run("CREATE TABLE t (id INTEGER PRIMARY KEY, amount INTEGER, name TEXT)");
  if (!history) return;
  run("CREATE TABLE t_history (id INTEGER, amount INTEGER, name TEXT, ended INTEGER)");
  run("CREATE INDEX t_history_id ON t_history (id, ended)");
  run("CREATE TRIGGER t_update AFTER UPDATE ON t BEGIN "
      "INSERT INTO t_history VALUES (old.id, old.amount, old.name, unixepoch('subsec') * 1000000); END");
}

SqliteRival::~SqliteRival() {
  for (const auto& [sql, statement] : m_statements) sqlite3_finalize(statement);
  sqlite3_close(m_database);
}

void SqliteRival::run(const std::string& sql) {
  if (sqlite3_exec(m_database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) fail(sqlite3_errmsg(m_database));
}

sqlite3_stmt* SqliteRival::prepared(const std::string& sql) {
  auto& statement = m_statements[sql];
  if (!statement && sqlite3_prepare_v2(m_database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK)
    fail(sqlite3_errmsg(m_database));
  sqlite3_reset(statement);
  return statement;
}

void SqliteRival::begin() { sqlite3_step(prepared("BEGIN")); }

void SqliteRival::commit() {
  if (sqlite3_step(prepared("COMMIT")) != SQLITE_DONE) fail(sqlite3_errmsg(m_database));
}

void SqliteRival::insert(std::int64_t id, std::int64_t amount, std::string_view name) {
  auto* statement = prepared("INSERT INTO t VALUES (?1, ?2, ?3)");
  sqlite3_bind_int64(statement, 1, id);
  sqlite3_bind_int64(statement, 2, amount);
  sqlite3_bind_text(statement, 3, name.data(), static_cast<int>(name.size()), SQLITE_STATIC);
  if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_errmsg(m_database));
}

void SqliteRival::update(std::int64_t id, std::int64_t amount) {
  auto* statement = prepared("UPDATE t SET amount = ?2 WHERE id = ?1");
  sqlite3_bind_int64(statement, 1, id);
  sqlite3_bind_int64(statement, 2, amount);
  if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_errmsg(m_database));
}

std::int64_t SqliteRival::amountOf(std::int64_t id) {
  auto* statement = prepared("SELECT amount FROM t WHERE id = ?1");
  sqlite3_bind_int64(statement, 1, id);
  if (sqlite3_step(statement) != SQLITE_ROW) fail("SQLite lost a row");
  return sqlite3_column_int64(statement, 0);
}

std::int64_t SqliteRival::sum() {
  auto* statement = prepared("SELECT sum(amount) FROM t");
  if (sqlite3_step(statement) != SQLITE_ROW) fail(sqlite3_errmsg(m_database));
  return sqlite3_column_int64(statement, 0);
}

}  // namespace drift::bench
