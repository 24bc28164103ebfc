#include "databases.h"

#include <sqlite3.h>

#include <charconv>
#include <cmath>
#include <filesystem>

#include <fmt/format.h>

namespace drift::tpch {

namespace {

/// Rows of one transaction while a table is filled.
constexpr std::size_t kRowsInCommit = 100'000;
/// How far from its place a row may stand: rows with equal sort keys come in any order.
constexpr std::size_t kWindow = 200;

std::optional<double> numberOf(const std::string& text) {
  double number = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stop != end) return std::nullopt;
  return number;
}

bool sameField(const std::string& a, const std::string& b) {
  if (a == b) return true;
  const auto left = numberOf(a);
  const auto right = numberOf(b);
  if (!left || !right) return false;
  return std::abs(*left - *right) <= std::max(0.005, 1e-7 * std::max(std::abs(*left), std::abs(*right))) &&
         std::abs(*left - *right) <= 0.005 + 1e-7 * std::abs(*left);
}

bool sameRow(const std::vector<std::string>& a, const std::vector<std::string>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), sameField);
}

std::string textOf(const std::vector<std::string>& row) { return fmt::format("{}", fmt::join(row, "|")); }

}  // namespace

std::string difference(const Answer& got, const Answer& wanted) {
  if (got.size() != wanted.size()) return fmt::format("{} rows instead of {}", got.size(), wanted.size());
  std::vector<bool> used(got.size());
  for (std::size_t at = 0; at < wanted.size(); ++at) {
    const auto first = at > kWindow ? at - kWindow : 0;
    const auto last = std::min(got.size(), at + kWindow + 1);
    auto found = at;
    if (used[at] || !sameRow(got[at], wanted[at]))
      for (found = first; found < last && (used[found] || !sameRow(got[found], wanted[at])); ++found) continue;
    if (found == last && found != at)
      return fmt::format("row {} is missing: {}\n  in its place: {}", at + 1, textOf(wanted[at]), textOf(got[at]));
    used[found] = true;
  }
  return {};
}

Result<DriftDatabase> DriftDatabase::open(const std::string& path) {
  api::OpenOptions options;
  options.create = !std::filesystem::exists(path);
  options.durability = api::OpenOptions::Durability::Off;
  options.cacheBytesMax = std::size_t{2} << 30;
  DriftDatabase made;
  DRIFT_ASSIGN(made.m_database, api::Database::open(path, options));
  made.m_session = made.m_database->newSession("tpch");
  return made;
}

Status DriftDatabase::load(const Table& table, const Producer& produce) {
  DRIFT_TRY(run(createTable(table)));
  std::vector<std::string> names;
  for (const auto& column : table.columns) names.push_back(column.name);
  std::size_t pending = 0;
  DRIFT_TRY(run("BEGIN"));
  const auto sink = [&](const api::Chunk& rows) -> Status {
    DRIFT_TRY(m_session->append(table.name, names, rows));
    pending += rows.rowCount();
    if (pending < kRowsInCommit) return {};
    pending = 0;
    DRIFT_TRY(run("COMMIT"));
    DRIFT_TRY(run("BEGIN"));
    return {};
  };
  DRIFT_TRY(produce(sink));
  DRIFT_TRY(run("COMMIT"));
  for (const auto& statement : createIndexes(table)) DRIFT_TRY(run(statement));
  return {};
}

Result<std::uint64_t> DriftDatabase::run(const std::string& sql) {
  DRIFT_ASSIGN(const auto result, m_session->execute(sql));
  std::uint64_t rows = 0;
  api::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, result->next(chunk));
    if (!more) return rows;
    rows += chunk.rowCount();
  }
}

Result<Answer> DriftDatabase::query(const std::string& sql) {
  DRIFT_ASSIGN(const auto result, m_session->execute(sql));
  Answer answer;
  api::Chunk chunk;
  while (true) {
    DRIFT_ASSIGN(const bool more, result->next(chunk));
    if (!more) return answer;
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      auto& fields = answer.emplace_back();
      for (std::size_t column = 0; column < chunk.columnCount(); ++column) {
        const auto value = chunk.column(column).get(row);
        fields.push_back(value.isNull() ? std::string() : types::toText(value));
      }
    }
  }
}

Result<SqliteDatabase> SqliteDatabase::open(const std::string& path) {
  sqlite3* database = nullptr;
  const auto code = sqlite3_open(path.empty() ? ":memory:" : path.c_str(), &database);
  SqliteDatabase made(database);
  if (code != SQLITE_OK) return made.error();
  DRIFT_TRY(made.execute("PRAGMA journal_mode=OFF"));
  DRIFT_TRY(made.execute("PRAGMA synchronous=OFF"));
  DRIFT_TRY(made.execute("PRAGMA cache_size=-2097152"));
  DRIFT_TRY(made.execute("PRAGMA case_sensitive_like=ON"));
  return made;
}

SqliteDatabase::~SqliteDatabase() { sqlite3_close(m_database); }

Error SqliteDatabase::error() const {
  return makeError(ErrorKind::InternalError, "SQLite: {}", sqlite3_errmsg(m_database));
}

Status SqliteDatabase::execute(const std::string& sql) {
  if (sqlite3_exec(m_database, sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK) return error();
  return {};
}

namespace {

/// Prepared statement that ends with its scope.
struct Finalize {
  void operator()(sqlite3_stmt* statement) const { sqlite3_finalize(statement); }
};
using Statement = std::unique_ptr<sqlite3_stmt, Finalize>;

void bindRow(sqlite3_stmt* statement, const api::Chunk& rows, std::size_t row) {
  for (std::size_t column = 0; column < rows.columnCount(); ++column) {
    const auto place = static_cast<int>(column + 1);
    const auto value = rows.column(column).get(row);
    switch (value.type().id()) {
      case api::TypeId::Integer: sqlite3_bind_int64(statement, place, value.asInt()); break;
      case api::TypeId::Numeric: sqlite3_bind_double(statement, place, types::toDouble(value.asDecimal())); break;
      default: {
        const auto text = types::toText(value);
        sqlite3_bind_text(statement, place, text.data(), static_cast<int>(text.size()), SQLITE_TRANSIENT);
      }
    }
  }
}

}  // namespace

Status SqliteDatabase::load(const Table& table, const Producer& produce) {
  DRIFT_TRY(execute(createTable(table)));
  std::string places = "?";
  for (std::size_t column = 1; column < table.columns.size(); ++column) places += ", ?";
  sqlite3_stmt* prepared = nullptr;
  const auto sql = "INSERT INTO " + table.name + " VALUES (" + places + ")";
  if (sqlite3_prepare_v2(m_database, sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) return error();
  const Statement statement(prepared);
  DRIFT_TRY(execute("BEGIN"));
  const auto sink = [&](const api::Chunk& rows) -> Status {
    for (std::size_t row = 0; row < rows.rowCount(); ++row) {
      bindRow(prepared, rows, row);
      if (sqlite3_step(prepared) != SQLITE_DONE) return error();
      sqlite3_reset(prepared);
    }
    return {};
  };
  DRIFT_TRY(produce(sink));
  DRIFT_TRY(execute("COMMIT"));
  for (const auto& index : createIndexes(table)) DRIFT_TRY(execute(index));
  return {};
}

Result<std::uint64_t> SqliteDatabase::run(const std::string& sql) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(m_database, sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) return error();
  const Statement statement(prepared);
  std::uint64_t rows = 0;
  int step = 0;
  while ((step = sqlite3_step(prepared)) == SQLITE_ROW) ++rows;
  if (step != SQLITE_DONE) return error();
  return rows;
}

Result<Answer> SqliteDatabase::query(const std::string& sql) {
  sqlite3_stmt* prepared = nullptr;
  if (sqlite3_prepare_v2(m_database, sql.c_str(), -1, &prepared, nullptr) != SQLITE_OK) return error();
  const Statement statement(prepared);
  Answer answer;
  int step = 0;
  while ((step = sqlite3_step(prepared)) == SQLITE_ROW) {
    auto& fields = answer.emplace_back();
    for (int column = 0; column < sqlite3_column_count(prepared); ++column) {
      if (sqlite3_column_type(prepared, column) == SQLITE_FLOAT) {
        fields.push_back(fmt::format("{}", sqlite3_column_double(prepared, column)));
        continue;
      }
      const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(prepared, column));
      fields.emplace_back(text ? text : "");
    }
  }
  if (step != SQLITE_DONE) return error();
  return answer;
}

}  // namespace drift::tpch
