#include "sqlite_rival.h"

#include <sqlite3.h>

#include <algorithm>
#include <filesystem>
#include <vector>

#include "measure.h"

namespace drift::bench {

namespace {

constexpr auto kColumns = "id, quantity, status, price, day, category, city, note";
constexpr int kBusyMilliseconds = 60'000;

/// SQL function now(): the moment of the transaction.
void giveMoment(sqlite3_context* context, int, sqlite3_value**) {
  sqlite3_result_int64(context, *static_cast<const std::int64_t*>(sqlite3_user_data(context)));
}

}  // namespace

SqliteRival::SqliteRival(const std::string& path, Kind kind) : m_path(path), m_history(kind == Kind::History) {
  if (sqlite3_open(path.c_str(), &m_database) != SQLITE_OK) fail("SQLite could not open \"" + path + "\"");
  sqlite3_busy_timeout(m_database, kBusyMilliseconds);
  sqlite3_create_function(m_database, "now", 0, SQLITE_UTF8, &m_moment, giveMoment, nullptr, nullptr);
  run("PRAGMA journal_mode=WAL");
  run("PRAGMA synchronous=FULL");
  run("PRAGMA cache_size=-262144");
  const std::string columns =
      "quantity INTEGER, status INTEGER, price INTEGER, day INTEGER, category TEXT, city TEXT, note TEXT";
  if (!m_history) {
    run("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, " + columns + ")");
    return;
  }
  run("CREATE TABLE IF NOT EXISTS t (id INTEGER PRIMARY KEY, " + columns + ", valid_from INTEGER)");
  run("CREATE TABLE IF NOT EXISTS t_history (id INTEGER, " + columns + ", valid_from INTEGER, valid_to INTEGER)");
  makeHistoryIndex();
  run("CREATE TRIGGER IF NOT EXISTS t_update AFTER UPDATE ON t WHEN old.valid_from <> new.valid_from BEGIN "
      "INSERT INTO t_history VALUES (old.id, old.quantity, old.status, old.price, old.day, old.category, old.city, "
      "old.note, old.valid_from, new.valid_from); END");
  run("CREATE TRIGGER IF NOT EXISTS t_delete AFTER DELETE ON t BEGIN "
      "INSERT INTO t_history VALUES (old.id, old.quantity, old.status, old.price, old.day, old.category, old.city, "
      "old.note, old.valid_from, now()); END");
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
  return statement;
}

void SqliteRival::finish(sqlite3_stmt* statement) {
  if (sqlite3_step(statement) != SQLITE_DONE) fail(sqlite3_errmsg(m_database));
  sqlite3_reset(statement);
}

void SqliteRival::readRow(sqlite3_stmt* statement) {
  for (int column = 0; column < sqlite3_column_count(statement); ++column)
    if (sqlite3_column_type(statement, column) == SQLITE_TEXT) (void)sqlite3_column_text(statement, column);
    else (void)sqlite3_column_int64(statement, column);
}

std::size_t SqliteRival::drain(sqlite3_stmt* statement) {
  std::size_t rows = 0;
  int step = 0;
  for (; (step = sqlite3_step(statement)) == SQLITE_ROW; ++rows) readRow(statement);
  if (step != SQLITE_DONE) fail(sqlite3_errmsg(m_database));
  sqlite3_reset(statement);
  return rows;
}

void SqliteRival::begin() {
  ++m_moment;
  finish(prepared("BEGIN"));
}

void SqliteRival::commit() { finish(prepared("COMMIT")); }

void SqliteRival::bindRow(sqlite3_stmt* statement, const Row& row) {
  const auto bindText = [&](int at, std::string_view text) {
    sqlite3_bind_text(statement, at, text.data(), static_cast<int>(text.size()), SQLITE_STATIC);
  };
  sqlite3_bind_int64(statement, 1, row.id);
  sqlite3_bind_int64(statement, 2, row.quantity);
  sqlite3_bind_int64(statement, 3, row.status);
  sqlite3_bind_int64(statement, 4, row.priceCents);
  sqlite3_bind_int64(statement, 5, row.day);
  bindText(6, row.category);
  bindText(7, row.city);
  bindText(8, row.note);
}

void SqliteRival::insert(const Row& row) {
  auto* statement = prepared(m_history ? "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, now())"
                                       : "INSERT INTO t VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8)");
  bindRow(statement, row);
  finish(statement);
}

void SqliteRival::setQuantity(std::int64_t id, std::int32_t quantity) {
  auto* statement = prepared(m_history ? "UPDATE t SET quantity = ?2, valid_from = now() WHERE id = ?1"
                                       : "UPDATE t SET quantity = ?2 WHERE id = ?1");
  sqlite3_bind_int64(statement, 1, id);
  sqlite3_bind_int64(statement, 2, quantity);
  finish(statement);
}

void SqliteRival::rewrite(const Row& row) {
  const std::string columns = "quantity = ?2, status = ?3, price = ?4, day = ?5, category = ?6, city = ?7, note = ?8";
  auto* statement =
      prepared("UPDATE t SET " + columns + (m_history ? ", valid_from = now() WHERE id = ?1" : " WHERE id = ?1"));
  bindRow(statement, row);
  finish(statement);
}

double SqliteRival::load(std::uint64_t seed, std::span<const std::int64_t> ids) {
  constexpr std::size_t kBlockRows = 10'000;
  double seconds = 0;
  begin();
  std::vector<Row> rows;
  for (std::size_t at = 0; at < ids.size(); at += rows.size()) {
    rows.clear();
    for (auto i = at; i < std::min(at + kBlockRows, ids.size()); ++i) rows.push_back(makeRow(seed, ids[i], 0));
    const Stopwatch watch;
    for (const auto& row : rows) insert(row);
    seconds += watch.seconds();
  }
  const Stopwatch watch;
  commit();
  return seconds + watch.seconds();
}

void SqliteRival::insertVersion(const Row& row, std::int64_t validFrom, std::int64_t validTo) {
  auto* statement = prepared("INSERT INTO t_history VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10)");
  bindRow(statement, row);
  sqlite3_bind_int64(statement, 9, validFrom);
  sqlite3_bind_int64(statement, 10, validTo);
  finish(statement);
}

void SqliteRival::dropHistoryIndex() { run("DROP INDEX t_history_id"); }
void SqliteRival::makeHistoryIndex() { run("CREATE INDEX IF NOT EXISTS t_history_id ON t_history (id, valid_from)"); }

std::int64_t SqliteRival::get(std::int64_t id) {
  auto* statement = prepared("SELECT " + std::string(kColumns) + " FROM t WHERE id = ?1");
  sqlite3_bind_int64(statement, 1, id);
  if (sqlite3_step(statement) != SQLITE_ROW) fail("SQLite lost a row");
  readRow(statement);
  const auto quantity = sqlite3_column_int64(statement, 1);
  sqlite3_reset(statement);
  return quantity;
}

std::optional<std::int64_t> SqliteRival::get(std::int64_t id, std::int64_t moment) {
  const std::string columns = kColumns;
  auto* statement = prepared("SELECT " + columns +
                             " FROM t WHERE id = ?1 AND valid_from <= ?2 UNION ALL SELECT * FROM (SELECT " + columns +
                             " FROM t_history WHERE id = ?1 AND valid_from <= ?2 AND valid_to > ?2 "
                             "ORDER BY valid_from DESC LIMIT 1) LIMIT 1");
  sqlite3_bind_int64(statement, 1, id);
  sqlite3_bind_int64(statement, 2, moment);
  std::optional<std::int64_t> quantity;
  if (sqlite3_step(statement) == SQLITE_ROW) {
    readRow(statement);
    quantity = sqlite3_column_int64(statement, 1);
  }
  sqlite3_reset(statement);
  return quantity;
}

std::int64_t SqliteRival::sum() {
  auto* statement = prepared("SELECT sum(quantity) FROM t");
  if (sqlite3_step(statement) != SQLITE_ROW) fail(sqlite3_errmsg(m_database));
  const auto sum = sqlite3_column_int64(statement, 0);
  sqlite3_reset(statement);
  return sum;
}

std::int64_t SqliteRival::sum(std::int64_t moment) {
  auto* statement = prepared(
      "SELECT coalesce((SELECT sum(quantity) FROM t WHERE valid_from <= ?1), 0) + "
      "coalesce((SELECT sum(quantity) FROM t_history WHERE valid_from <= ?1 AND valid_to > ?1), 0)");
  sqlite3_bind_int64(statement, 1, moment);
  if (sqlite3_step(statement) != SQLITE_ROW) fail(sqlite3_errmsg(m_database));
  const auto sum = sqlite3_column_int64(statement, 0);
  sqlite3_reset(statement);
  return sum;
}

std::size_t SqliteRival::query(const std::string& sql, std::initializer_list<std::int64_t> parameters) {
  auto* statement = prepared(sql);
  int at = 0;
  for (const auto parameter : parameters) sqlite3_bind_int64(statement, ++at, parameter);
  return drain(statement);
}

std::size_t SqliteRival::page(std::int64_t moment, std::int64_t offset, std::size_t rows) {
  const std::string columns = kColumns;
  return query("SELECT " + columns + " FROM t WHERE valid_from <= ?1 UNION ALL SELECT " + columns +
                   " FROM t_history WHERE valid_from <= ?1 AND valid_to > ?1 ORDER BY id LIMIT ?3 OFFSET ?2",
               {moment, offset, static_cast<std::int64_t>(rows)});
}

std::size_t SqliteRival::diff(std::int64_t from, std::int64_t to) {
  return query(
      "SELECT " + std::string(kColumns) + " FROM t_history WHERE valid_from <= ?1 AND valid_to > ?1 AND valid_to <= ?2",
      {from, to});
}

std::size_t SqliteRival::versions(std::int64_t id, std::size_t limit) {
  return query(
      "SELECT " + std::string(kColumns) + ", valid_from FROM t_history WHERE id = ?1 ORDER BY valid_from DESC LIMIT ?2",
      {id, static_cast<std::int64_t>(limit)});
}

std::size_t SqliteRival::scan() { return query("SELECT " + std::string(kColumns) + " FROM t", {}); }

std::uint64_t SqliteRival::fileBytes() {
  run("PRAGMA wal_checkpoint(TRUNCATE)");
  return std::filesystem::file_size(m_path);
}

}  // namespace drift::bench
