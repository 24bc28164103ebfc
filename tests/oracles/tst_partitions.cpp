// Random queries against themselves: forms that must give the same rows (NoREC and TLP: Rigger and Su, Detecting
// Optimization Bugs in Database Engines via Non-optimizing Reference Engine Construction, 2020, and Finding Bugs in
// Database Systems via Query Partitioning, 2020), with indexes and without, on one thread and on several, now and as of
// a past commit beside copies of the tables of that moment.
#include <QtTest>

#include <random>

#include "answers.h"
#include "query_generator.h"

using namespace drift;
using namespace drift::oracles;

class TestPartitions : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    m_seed = faults::numberFromEnvironment("DRIFT_SEED", std::random_device{}());
    m_rounds = faults::numberFromEnvironment("DRIFT_ROUNDS", 6);
    qInfo("DRIFT_SEED=%llu DRIFT_ROUNDS=%llu", static_cast<unsigned long long>(m_seed),
          static_cast<unsigned long long>(m_rounds));
  }

  void randomQueries() {
    for (std::uint64_t round = 0; round < m_rounds; ++round) {
      m_random = faults::Random(m_seed + round);
      m_round = m_seed + round;
      makeTables();
      if (QTest::currentTestFailed()) return;
      for (int query = 0; query < 40; ++query) {
        checkQuery();
        if (QTest::currentTestFailed()) return;
      }
      m_session.reset();
      QVERIFY((*m_database)->close().ok());
    }
    qInfo("%llu pairs compared, %llu failed of values", static_cast<unsigned long long>(m_answered),
          static_cast<unsigned long long>(m_failedOfValues));
    // Most queries must have answered, or nothing was tested.
    QVERIFY2(m_answered > m_failedOfValues, qPrintable(QString("%1 of values").arg(m_failedOfValues)));
  }

 private:
  void must(const std::string& sql) {
    const auto rows = rowsOf(*m_session, sql);
    QVERIFY2(rows.ok(), rows.ok() ? "" : (rows.error().toString() + "\n" + sql).c_str());
  }

  /// Tables with a past, and copies of what they were.
  void makeTables() {
    m_folder = std::make_unique<QTemporaryDir>();
    api::OpenOptions options;
    options.create = true;
    options.durability = api::OpenOptions::Durability::Off;
    m_database = api::Database::open(m_folder->filePath("t.drift").toStdString(), options);
    QVERIFY(m_database->get() != nullptr);
    m_session = (*m_database)->newSession("test");
    QueryGenerator generator(m_random, false);
    m_tables.clear();
    for (const auto* name : {"t0", "t1", "t2"}) {
      m_tables.push_back(generator.table(name));
      const auto& table = m_tables.back();
      must(generator.createStatement(table));
      const auto rows = static_cast<int>(m_random.between(0, 40));
      if (rows > 0) must(generator.insertStatement(table, 1, rows));
      for (const auto& column : table.columns)
        if (m_random.chance(35)) must(fmt::format("CREATE INDEX {0}_{1} ON {0} ({1})", name, column.name));
    }
    if (m_random.chance(50)) QVERIFY((*m_database)->checkpoint().ok());
    const auto extent = (*m_database)->extent();
    QVERIFY(extent.ok());
    m_moment = extent->last;
    for (const auto& table : m_tables) {
      must(fmt::format("CREATE TABLE m{0} AS SELECT * FROM {0}", table.name));
      must(fmt::format("DELETE FROM {} WHERE id % 3 = 0", table.name));
      must(fmt::format("UPDATE {} SET c0 = c0 + 1 WHERE id % 2 = 0", table.name));
      must(generator.insertStatement(table, 100, static_cast<int>(m_random.between(1, 20))));
    }
    if (m_random.chance(50)) QVERIFY((*m_database)->checkpoint().ok());
  }

  /// FROM with one table or a join.
  struct From {
    std::string text;
    std::vector<Source> sources;
  };

  From from(QueryGenerator& generator) {
    From from;
    from.sources.push_back({"a", &m_tables[m_random.below(m_tables.size())]});
    from.text = from.sources[0].table->name + " a";
    for (auto more = m_random.below(3); more > 0; --more) {
      static constexpr const char* kJoins[] = {"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"};
      const std::string alias(1, static_cast<char>('a' + from.sources.size()));
      from.sources.push_back({alias, &m_tables[m_random.below(m_tables.size())]});
      const auto condition = m_random.chance(60) ? fmt::format("a.c0 = {}.{}", alias, m_random.chance(50) ? "c0" : "id")
                                                 : generator.condition(from.sources, 1);
      from.text = fmt::format("{} {} {} {} ON {}", from.text, kJoins[m_random.below(4)],
                              from.sources.back().table->name, alias, condition);
    }
    return from;
  }

  /// Compares what two queries give; where either fails of values, there is nothing to compare.
  void same(const char* what, const std::string& one, const std::string& other) {
    const auto first = rowsOf(*m_session, one);
    const auto second = rowsOf(*m_session, other);
    for (const auto* rows : {&first, &second}) {
      if (rows->ok()) continue;
      QVERIFY2(isOfValues(rows->error()),
               fmt::format("seed {}: {}\n  {}\n  {}", m_round, rows->error().toString(), one, other).c_str());
      ++m_failedOfValues;
      return;
    }
    ++m_answered;
    QVERIFY2(*first == *second, fmt::format("{}, DRIFT_SEED={} DRIFT_ROUNDS=1\n  {};\n  {}\n  {};\n  {}", what, m_round,
                                            one, textOf(*first), other, textOf(*second))
                                    .c_str());
  }

  void checkQuery() {
    QueryGenerator generator(m_random, false);
    generator.setSubqueryTables({&m_tables[0], &m_tables[1], &m_tables[2]});
    const auto from = this->from(generator);
    const auto p = generator.condition(from.sources, 2);
    const auto kind = generator.someKind(from.sources);
    const auto x = generator.expression(kind, from.sources, 1);
    const auto n = generator.expression(Kind::Integer, from.sources, 1);

    same("NoREC", fmt::format("SELECT count(*) FROM {} WHERE {}", from.text, p),
         fmt::format("SELECT coalesce(sum(CASE WHEN {} THEN 1 ELSE 0 END), 0) FROM {}", p, from.text));
    if (QTest::currentTestFailed()) return;

    const auto parts = [&](const std::string& list, const char* sign, const std::string& rest = {}) {
      return fmt::format(
          "SELECT {0} FROM {1} WHERE {2}{4} {3} SELECT {0} FROM {1} WHERE NOT ({2}){4} {3} "
          "SELECT {0} FROM {1} WHERE ({2}) IS NULL{4}",
          list, from.text, p, sign, rest);
    };
    const auto list = fmt::format("a.*, {} AS x", x);
    same("TLP", fmt::format("SELECT {} FROM {}", list, from.text), parts(list, "UNION ALL"));
    if (QTest::currentTestFailed()) return;
    same("TLP DISTINCT", fmt::format("SELECT DISTINCT {} AS x FROM {}", x, from.text), parts(x + " AS x", "UNION"));
    if (QTest::currentTestFailed()) return;
    const auto sums = fmt::format("count(*) AS c, sum({0}) AS s, min({1}) AS lo, max({1}) AS hi", n, x);
    same("TLP aggregates", fmt::format("SELECT {} FROM {}", sums, from.text),
         fmt::format("SELECT sum(c), sum(s), min(lo), max(hi) FROM ({}) u", parts(sums, "UNION ALL")));
    if (QTest::currentTestFailed()) return;
    const auto groups = fmt::format("{} AS g, count(*) AS c, sum({}) AS s, max({}) AS hi", x, n, n);
    const auto by = fmt::format(" GROUP BY {}", x);
    same("TLP GROUP BY", fmt::format("SELECT {} FROM {}{}", groups, from.text, by),
         fmt::format("SELECT g, sum(c), sum(s), max(hi) FROM ({}) u GROUP BY g", parts(groups, "UNION ALL", by)));
    if (QTest::currentTestFailed()) return;
    const auto having = fmt::format("SELECT {} AS g, count(*) FROM {}{}", x, from.text, by);
    same(
        "TLP HAVING", having,
        fmt::format("{0} HAVING max({1}) > 2 UNION ALL {0} HAVING NOT max({1}) > 2 UNION ALL {0} HAVING (max({1}) > 2) "
                    "IS NULL",
                    having, n));
    if (QTest::currentTestFailed()) return;

    const auto query = fmt::format("SELECT {} FROM {} WHERE {}", list, from.text, p);
    checkSettings(query);
    if (QTest::currentTestFailed()) return;
    // The past: each table as of the moment, and its copy.
    same("AS OF", fmt::format("{} AS OF SYSTEM TIME COMMIT {}", query, m_moment), copied(query));
    if (QTest::currentTestFailed()) return;
    same("AS OF, grouped",
         fmt::format("SELECT {} FROM {} WHERE {}{} AS OF SYSTEM TIME COMMIT {}", groups, from.text, p, by, m_moment),
         copied(fmt::format("SELECT {} FROM {} WHERE {}{}", groups, from.text, p, by)));
  }

  /// The query over the copies of the tables.
  static std::string copied(std::string query) {
    for (std::size_t at = query.find(" t"); at != std::string::npos; at = query.find(" t", at + 2))
      if (at + 3 < query.size() && query[at + 2] >= '0' && query[at + 2] <= '2' && query[at + 3] == ' ')
        query.insert(at + 1, "m");
    return query;
  }

  /// Whatever the optimizer may use, the rows are the same.
  void checkSettings(const std::string& query) {
    const auto first = rowsOf(*m_session, query);
    if (!first.ok()) return;  // same() has looked at its error
    for (const auto* setting : {"enable_indexscan = off", "enable_seqscan = off", "max_parallel_workers = 4"}) {
      must(std::string("SET ") + setting);
      const auto second = rowsOf(*m_session, query);
      must("RESET ALL");
      if (!second.ok()) {
        QVERIFY2(isOfValues(second.error()), (second.error().toString() + "\n" + query).c_str());
        continue;
      }
      QVERIFY2(*first == *second, fmt::format("{}, DRIFT_SEED={} DRIFT_ROUNDS=1\n  {};\n  {}\n  {}", setting, m_round,
                                              query, textOf(*first), textOf(*second))
                                      .c_str());
    }
  }

  std::uint64_t m_seed = 0;
  std::uint64_t m_round = 0;
  std::uint64_t m_rounds = 0;
  std::uint64_t m_answered = 0;
  std::uint64_t m_failedOfValues = 0;
  faults::Random m_random{0};
  std::unique_ptr<QTemporaryDir> m_folder;
  Result<std::shared_ptr<api::Database>> m_database{std::shared_ptr<api::Database>()};
  std::unique_ptr<api::Session> m_session;
  std::vector<GeneratedTable> m_tables;
  CommitNumber m_moment = 0;  ///< of which there are copies
};

QTEST_APPLESS_MAIN(TestPartitions)
#include "tst_partitions.moc"
