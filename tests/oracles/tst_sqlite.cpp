// Random queries here and in SQLite, where both mean the same: integers, texts and NULL; joins, aggregates, windows,
// set operations, subqueries and WITH.
#include <QtTest>

#include <random>

#include <sqlite3.h>

#include "answers.h"
#include "query_generator.h"

using namespace drift;
using namespace drift::oracles;

namespace {

/// A database of SQLite in memory.
class Sqlite final {
 public:
  Sqlite() {
    if (sqlite3_open(":memory:", &m_database) != SQLITE_OK) qFatal("SQLite does not open");
  }
  ~Sqlite() { sqlite3_close(m_database); }
  Sqlite(const Sqlite&) = delete;
  Sqlite& operator=(const Sqlite&) = delete;

  /// The rows as rowsOf() gives them; nothing where it fails, see error().
  std::optional<Rows> rows(const std::string& sql) {
    Rows rows;
    sqlite3_stmt* statement = nullptr;
    if (sqlite3_prepare_v2(m_database, sql.c_str(), -1, &statement, nullptr) != SQLITE_OK) return std::nullopt;
    int step = sqlite3_step(statement);
    for (; step == SQLITE_ROW; step = sqlite3_step(statement)) {
      std::string line;
      for (int column = 0; column < sqlite3_column_count(statement); ++column) {
        const auto* text = reinterpret_cast<const char*>(sqlite3_column_text(statement, column));
        line += (column ? "|" : "") + (text ? std::string(text) : std::string("NULL"));
      }
      rows.push_back(std::move(line));
    }
    sqlite3_finalize(statement);
    if (step != SQLITE_DONE) return std::nullopt;
    std::ranges::sort(rows);
    return rows;
  }
  std::string error() const { return sqlite3_errmsg(m_database); }

 private:
  sqlite3* m_database = nullptr;
};

}  // namespace

class TestSqlite : public QObject {
  Q_OBJECT

 private slots:
  void randomQueries() {
    const auto seed = faults::numberFromEnvironment("DRIFT_SEED", std::random_device{}());
    const auto rounds = faults::numberFromEnvironment("DRIFT_ROUNDS", 8);
    qInfo("DRIFT_SEED=%llu DRIFT_ROUNDS=%llu, SQLite %s", static_cast<unsigned long long>(seed),
          static_cast<unsigned long long>(rounds), sqlite3_libversion());
    for (std::uint64_t round = 0; round < rounds; ++round) {
      m_round = seed + round;
      m_random = faults::Random(m_round);
      runRound();
      if (QTest::currentTestFailed()) return;
    }
    qInfo("%llu answers compared", static_cast<unsigned long long>(m_answered));
    QVERIFY2(m_answered > rounds * 30, "most queries must have answered, or nothing was tested");
  }

 private:
  void runRound() {
    QTemporaryDir folder;
    api::OpenOptions options;
    options.create = true;
    options.durability = api::OpenOptions::Durability::Off;
    const auto database = api::Database::open(folder.filePath("t.drift").toStdString(), options);
    QVERIFY2(database.ok(), database.ok() ? "" : database.error().toString().c_str());
    m_session = (*database)->newSession("test");
    m_sqlite = std::make_unique<Sqlite>();
    QVERIFY(m_sqlite->rows("PRAGMA case_sensitive_like = ON"));
    QueryGenerator generator(m_random, true);
    m_tables.clear();
    for (const auto* name : {"t0", "t1", "t2"}) {
      m_tables.push_back(generator.table(name));
      both(generator.createStatement(m_tables.back()));
      if (const auto rows = static_cast<int>(m_random.between(0, 30)); rows > 0)
        both(generator.insertStatement(m_tables.back(), 1, rows));
      if (m_random.chance(50)) both(fmt::format("CREATE INDEX {0}_c0 ON {0} (c0)", name));
    }
    if (m_random.chance(50)) QVERIFY((*database)->checkpoint().ok());
    for (int query = 0; query < 60 && !QTest::currentTestFailed(); ++query) compare(this->query(generator));
    m_session.reset();
    QVERIFY((*database)->close().ok());
  }

  void both(const std::string& sql) {
    const auto rows = rowsOf(*m_session, sql);
    QVERIFY2(rows.ok(), rows.ok() ? "" : (rows.error().toString() + "\n" + sql).c_str());
    QVERIFY2(m_sqlite->rows(sql), (m_sqlite->error() + "\n" + sql).c_str());
  }

  void compare(const std::string& sql) {
    const auto mine = rowsOf(*m_session, sql);
    const auto theirs = m_sqlite->rows(sql);
    QVERIFY2(theirs, fmt::format("DRIFT_SEED={}: SQLite: {}\n  {}", m_round, m_sqlite->error(), sql).c_str());
    if (!mine.ok() && isOfValues(mine.error())) return;  // SQLite goes on with NULL or a double
    QVERIFY2(mine.ok(),
             mine.ok() ? "" : fmt::format("DRIFT_SEED={}: {}\n  {}", m_round, mine.error().toString(), sql).c_str());
    ++m_answered;
    QVERIFY2(*mine == *theirs, fmt::format("DRIFT_SEED={} DRIFT_ROUNDS=1\n  {};\n  {}\n  SQLite: {}", m_round, sql,
                                           textOf(*mine), textOf(*theirs))
                                   .c_str());
  }

  const GeneratedTable& someTable() { return m_tables[m_random.below(m_tables.size())]; }

  /// FROM with one to three tables.
  std::string from(QueryGenerator& generator, std::vector<Source>& sources) {
    sources = {{"a", &someTable()}};
    auto text = sources[0].table->name + " a";
    for (auto more = m_random.below(3); more > 0; --more) {
      static constexpr const char* kJoins[] = {"JOIN", "LEFT JOIN", "JOIN", "LEFT JOIN"};
      const std::string alias(1, static_cast<char>('a' + sources.size()));
      sources.push_back({alias, &someTable()});
      const auto condition = m_random.chance(60) ? fmt::format("a.c0 = {}.c0", alias) : generator.condition(sources, 1);
      text += fmt::format(" {} {} {} ON {}", kJoins[m_random.below(4)], sources.back().table->name, alias, condition);
    }
    return text;
  }

  std::string select(QueryGenerator& generator, Kind kind) {
    std::vector<Source> sources;
    const auto tables = from(generator, sources);
    const auto x = generator.expression(kind, sources, 2);
    return fmt::format("SELECT {} AS x, a.c0 AS y FROM {} WHERE {}", x, tables, generator.condition(sources, 2));
  }

  std::string query(QueryGenerator& generator) {
    generator.setSubqueryTables({&m_tables[0], &m_tables[1], &m_tables[2]});
    const auto kind = m_random.chance(50) ? Kind::Integer : Kind::Text;
    std::vector<Source> sources;
    const auto tables = from(generator, sources);
    const auto p = generator.condition(sources, 2);
    const auto x = generator.expression(kind, sources, 2);
    const auto n = generator.expression(Kind::Integer, sources, 1);
    switch (m_random.below(8)) {
      case 0: return select(generator, kind);
      case 1:
        return fmt::format(
            "SELECT {0} AS g, count(*), count({1}), count(DISTINCT {1}), sum({1}), min({1}), max({0}) "
            "FROM {2} WHERE {3} GROUP BY 1 HAVING count(*) > {4}",
            x, n, tables, p, m_random.below(3));
      case 2: {
        static constexpr const char* kSets[] = {"UNION", "UNION ALL", "INTERSECT", "EXCEPT"};
        const auto first = select(generator, kind);
        return fmt::format("{} {} {}", first, kSets[m_random.below(4)], select(generator, kind));
      }
      case 3: {
        static constexpr const char* kCalls[] = {"row_number()",   "rank()",  "dense_rank()", "sum(n)",
                                                 "count(n)",       "max(n)",  "lag(n)",       "lead(n, 2)",
                                                 "first_value(n)", "ntile(3)"};
        return fmt::format(
            "SELECT id, {} OVER (PARTITION BY g ORDER BY n NULLS FIRST, id) FROM (SELECT a.id AS id, a.c1 "
            "AS g, {} AS n FROM {} a WHERE {}) AS q",
            kCalls[m_random.below(10)], generator.expression(Kind::Integer, {sources[0]}, 1), sources[0].table->name,
            generator.condition({sources[0]}, 2));
      }
      case 4:
        return fmt::format("WITH w AS ({}) SELECT w.x, count(*), sum(v.c0) FROM w JOIN {} v ON w.y = v.c0 GROUP BY w.x",
                           select(generator, kind), someTable().name);
      case 5:
        return fmt::format(
            "SELECT a.id, (SELECT max(s.c0) FROM {} s WHERE s.c0 <= a.c0), CASE WHEN {} THEN 1 ELSE 0 END "
            "FROM {} a",
            someTable().name, generator.condition({sources[0]}, 2), sources[0].table->name);
      case 6: return fmt::format("SELECT DISTINCT {} AS x FROM {} WHERE {}", x, tables, p);
      default:
        return fmt::format(
            "SELECT x, y FROM (SELECT a.id AS y, {} AS x FROM {} a WHERE {}) AS q ORDER BY x NULLS FIRST, "
            "y DESC LIMIT {} OFFSET {}",
            generator.expression(kind, {sources[0]}, 2), sources[0].table->name, generator.condition({sources[0]}, 1),
            m_random.below(9), m_random.below(5));
    }
  }

  std::uint64_t m_round = 0;
  std::uint64_t m_answered = 0;
  faults::Random m_random{0};
  std::unique_ptr<api::Session> m_session;
  std::unique_ptr<Sqlite> m_sqlite;
  std::vector<GeneratedTable> m_tables;
};

QTEST_APPLESS_MAIN(TestSqlite)
#include "tst_sqlite.moc"
