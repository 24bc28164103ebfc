// Statements on several threads give what they give on one: random queries over tables of some hundred thousand rows,
// partly in pages and partly changed since; cancels, errors and little memory meanwhile.
#include <QRegularExpression>
#include <QtTest>

#include <algorithm>
#include <random>
#include <thread>

#include "session_fixture.h"

using namespace drift;
using namespace drift::session::test;

namespace {

constexpr int kRows = 100'000;
constexpr int kFewRows = 3000;

std::uint64_t numberFrom(const char* name, std::uint64_t otherwise) {
  bool given = false;
  const auto number = qEnvironmentVariable(name).toULongLong(&given);
  return given ? number : otherwise;
}

/// Rows in order, so that results in any order can be compared.
std::string sorted(const std::string& text) {
  std::vector<std::string> rows;
  std::size_t from = 0;
  for (auto to = text.find(';'); to != std::string::npos; to = text.find(';', from)) {
    rows.push_back(text.substr(from, to - from));
    from = to + 1;
  }
  rows.push_back(text.substr(from));
  std::ranges::sort(rows);
  std::string joined;
  for (const auto& row : rows) joined += row + "\n";
  return joined;
}

}  // namespace

class TestParallel : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    const auto seed = numberFrom("DRIFT_SEED", std::random_device{}());
    qInfo("DRIFT_SEED=%llu", static_cast<unsigned long long>(seed));
    m_random.seed(seed);
    m_fixture = std::make_unique<SessionFixture>();
    must("CREATE TABLE big (id integer PRIMARY KEY, k integer, d integer NOT NULL, x numeric(12, 2), t text)");
    must(
        fmt::format("INSERT INTO big SELECT i, CASE WHEN i % 11 = 0 THEN NULL ELSE (i * {}) % {} END, (i * {}) % 7919, "
                    "((i * {}) % 100000) / 100.0, 'text ' || (i % {})::text FROM generate_series(1, {}) i",
                    odd(999), 2 * kFewRows, odd(999), odd(999), 3 + below(60), kRows));
    must("CREATE INDEX big_d ON big (d)");
    must("CREATE TABLE few (k integer PRIMARY KEY, w integer, name text)");
    must(fmt::format("INSERT INTO few SELECT i, (i * {}) % 50, 'name ' || (i % 17)::text FROM generate_series(1, {}) i",
                     odd(99), kFewRows));
    QVERIFY(m_fixture->database().checkpoint().ok());
    must(fmt::format("DELETE FROM big WHERE id % 997 = {}", below(997)));
    must(fmt::format("UPDATE big SET x = x + 1, k = k + 1 WHERE id % 499 = {}", below(499)));
    must(fmt::format("INSERT INTO big SELECT i, i % 100, i % 7919, 1.5, 'new' FROM generate_series({}, {}) i",
                     kRows + 1, kRows + 500));
    m_before = m_fixture->database().extent()->last;
    must("UPDATE big SET d = d + 1 WHERE id % 2000 = 1");
  }

  void threadsAreUsed() {
    must("SET max_parallel_workers = 4");
    const auto lines = run(session(), "EXPLAIN (ANALYZE, TIMING off) SELECT count(*), sum(x) FROM big WHERE d > 10");
    QVERIFY2(lines.find("Scan big") != std::string::npos && lines.find("loops=4") != std::string::npos, lines.c_str());
    must("SET max_parallel_workers = 1");
    const auto one = run(session(), "EXPLAIN (ANALYZE, TIMING off) SELECT count(*), sum(x) FROM big WHERE d > 10");
    QVERIFY2(one.find("loops=4") == std::string::npos, one.c_str());
  }

  /// What must stay on one thread.
  void staysSerial_data() {
    QTest::addColumn<QString>("sql");
    QTest::newRow("small table") << "SELECT count(*) FROM few";
    QTest::newRow("order counts") << "SELECT string_agg(t, ',') FROM big WHERE id < 40000";
    QTest::newRow("volatile") << "SELECT count(*) FROM big WHERE random() < 0.5";
    QTest::newRow("sequence") << "SELECT sum(nextval('numbers')) FROM big";
    QTest::newRow("subquery for each row") << "SELECT count(*) FROM big WHERE d > (SELECT max(w) FROM few)";
    QTest::newRow("no aggregation") << "SELECT id FROM big WHERE d = d LIMIT 3";
  }
  void staysSerial() {
    QFETCH(QString, sql);
    must("CREATE SEQUENCE IF NOT EXISTS numbers");
    must("SET max_parallel_workers = 4");
    const auto lines = run(session(), "EXPLAIN (ANALYZE, TIMING off) " + sql.toStdString());
    QVERIFY2(lines.find("loops=1)") != std::string::npos && lines.find("loops=4") == std::string::npos, lines.c_str());
  }

  void theSameRows() {
    const auto rounds = numberFrom("DRIFT_ROUNDS", 60);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      const auto sql = randomQuery();
      must("SET max_parallel_workers = 1");
      must("RESET work_mem");
      const auto wanted = sorted(run(session(), sql));
      must(fmt::format("SET max_parallel_workers = {}", 2 + below(4)));
      if (below(3) == 0) must("SET work_mem = '64kB'");
      const auto got = sorted(run(session(), sql));
      if (got != wanted) qWarning("%.1500s\n%.1500s", got.c_str(), wanted.c_str());
      QVERIFY2(got == wanted, sql.c_str());
    }
    must("RESET ALL");
  }

  /// Rows that a join looks up by their keys, or by an index, are parted among the workers.
  void lookups_data() {
    QTest::addColumn<QString>("condition");
    QTest::newRow("by an index") << "big.d = few.k";
    QTest::newRow("by the primary key") << "big.id = few.k";
  }
  void lookups() {
    QFETCH(QString, condition);
    for (const auto& moment : {std::string(), fmt::format(" AS OF COMMIT {}", m_before)}) {
      const auto sql = fmt::format("SELECT count(*), sum(x), min(t), max(big.id) FROM big{} JOIN few ON {} WHERE w = 7",
                                   moment, condition.toStdString());
      must("SET max_parallel_workers = 1");
      const auto wanted = run(session(), sql);
      must("SET max_parallel_workers = 4");
      QCOMPARE(run(session(), sql), wanted);
      const auto lines = QString::fromStdString(run(session(), "EXPLAIN (ANALYZE, TIMING off) " + sql));
      const auto scan = QRegularExpression("Scan big[^;]*rows=(\\d+) loops=4").match(lines);
      QVERIFY2(scan.hasMatch() && scan.captured(1).toInt() > 0 && scan.captured(1).toInt() < 5000, qPrintable(lines));
    }
  }

  /// Groups that come in the order of the primary key are those that hashing finds.
  void groupsInOrder() {
    must("CREATE TABLE ordered (a text, b integer, c integer, v integer, PRIMARY KEY (a, b))");
    must(fmt::format("INSERT INTO ordered SELECT 'group ' || (i / {})::text, i, i % 5, i % {} FROM generate_series(1, {}) i",
                     1 + below(7), 2 + below(50), kRows));
    QVERIFY(m_fixture->database().checkpoint().ok());
    must(fmt::format("DELETE FROM ordered WHERE v = {}", below(2)));
    must("UPDATE ordered SET v = NULL WHERE b % 100 = 3");
    const char* groups[] = {"a", "a, b", "b, a", "a, b, c"};
    const char* calls[] = {"count(*), sum(v), min(v)", "avg(v), count(v) FILTER (WHERE c = 1)",
                           "max(a), string_agg(c::text, '')"};
    for (const auto* group : groups) {
      for (const auto* call : calls) {
        const auto rest = fmt::format("{} FROM ordered WHERE c < 4 GROUP BY", call);
        const auto having = below(2) ? " HAVING count(*) > 1" : "";
        const auto sql = fmt::format("SELECT {}, {} {}{}", group, rest, group, having);
        must("SET max_parallel_workers = 1");
        // An expression in place of a column has no order.
        const auto hashed = fmt::format("SELECT {}, {} {}, c + 0 * b - c{}", group, rest, group, having);
        const auto wanted = sorted(run(session(), hashed));
        QCOMPARE(sorted(run(session(), sql)), wanted);
        const auto lines = run(session(), "EXPLAIN " + sql);
        QVERIFY2(lines.find("which come in order") != std::string::npos, lines.c_str());
        must(fmt::format("SET max_parallel_workers = {}", 2 + below(3)));
        QCOMPARE(sorted(run(session(), sql)), wanted);
        const auto outer = fmt::format("SELECT count(*) FROM few JOIN ({}) g ON g.a = 'group ' || few.k::text", sql);
        const auto outerHashed = fmt::format("SELECT count(*) FROM few JOIN ({}) g ON g.a = 'group ' || few.k::text", hashed);
        QCOMPARE(run(session(), outer), run(session(), outerHashed));
      }
    }
    const auto lines = run(session(), "EXPLAIN SELECT c, count(*) FROM ordered GROUP BY c");
    QVERIFY2(lines.find("which come in order") == std::string::npos, lines.c_str());
    must("DROP TABLE ordered");
    must("RESET ALL");
  }

  /// A statement sees what its own transaction wrote, and not what it writes itself.
  void ownWrites() {
    must("SET max_parallel_workers = 4");
    const auto before = run(session(), "SELECT count(*) FROM big");
    must("BEGIN");
    must("DELETE FROM big WHERE id <= 1000");
    const auto left = run(session(), "SELECT count(*), min(id) FROM big");
    QVERIFY2(left.ends_with("|1001"), left.c_str());
    must("ROLLBACK");
    QCOMPARE(run(session(), "SELECT count(*) FROM big"), before);
    must("CREATE TABLE counts (n bigint)");
    must("INSERT INTO counts SELECT count(*) FROM big UNION ALL SELECT count(*) FROM big");
    QCOMPARE(run(session(), "SELECT n FROM counts"), before + ";" + before);
  }

  void anErrorEndsAll_data() {
    QTest::addColumn<QString>("sql");
    QTest::newRow("in a condition") << "SELECT count(*) FROM big WHERE 10 / (id - 77777) = 0";
    QTest::newRow("in an aggregate") << "SELECT sum(10 / (id - 77777)) FROM big";
    QTest::newRow("in a group") << "SELECT 10 / (id - 77777), count(*) FROM big GROUP BY 1";
    QTest::newRow("on the way to a join") << "SELECT count(*) FROM few JOIN big ON few.k = big.k AND "
                                             "10 / (big.id - 77777) = 0";
    QTest::newRow("in a join") << "SELECT count(*) FROM big JOIN few ON few.k = big.k AND w / (id - id) = 0";
  }
  void anErrorEndsAll() {
    QFETCH(QString, sql);
    must("DELETE FROM big WHERE id = 77777");
    must("INSERT INTO big VALUES (77777, 5, 5, 5, 'zero')");
    must("SET max_parallel_workers = 4");
    for (int round = 0; round < 5; ++round) {
      const auto said = run(session(), sql.toStdString());
      QVERIFY2(said.starts_with("22012 "), said.c_str());
    }
    QCOMPARE(run(session(), "SELECT count(*) FROM big WHERE id = 77777"), std::string("1"));
  }

  /// A statement that would take hours ends when it is cancelled.
  void cancel() {
    must("SET max_parallel_workers = 4");
    for (const auto* sql :
         {"SELECT count(*) FROM big a JOIN big b ON a.x + b.x < -1",
          "SELECT count(*) FROM few JOIN (SELECT a.k FROM big a JOIN big b ON a.x + b.x < -1) q USING "
          "(k)"}) {
      auto result = session().execute(sql);
      QVERIFY(result.ok());
      std::thread other([&] { session().cancel(); });
      const auto said = rest(**result);
      other.join();
      QVERIFY2(said.starts_with("57014 "), said.c_str());
      QCOMPARE(run(session(), "SELECT count(*) FROM few"), std::to_string(kFewRows));
    }
  }

  /// Sessions share the threads.
  void sessionsAtOnce() {
    const auto wanted = sorted(run(session(), "SELECT k, count(*), sum(x) FROM big GROUP BY k"));
    std::vector<std::thread> threads;
    std::atomic<int> same{0};
    for (int thread = 0; thread < 4; ++thread)
      threads.emplace_back([&] {
        const auto own = m_fixture->database().newSession("other");
        run(*own, "SET max_parallel_workers = 3");
        for (int round = 0; round < 3; ++round)
          same += sorted(run(*own, "SELECT k, count(*), sum(x) FROM big GROUP BY k")) == wanted;
      });
    for (auto& thread : threads) thread.join();
    QCOMPARE(same.load(), 12);
  }

 private:
  api::Session& session() { return m_fixture->session(); }
  void must(const std::string& sql) { mustRun(session(), sql); }
  int below(int bound) { return std::uniform_int_distribution<int>(0, bound - 1)(m_random); }
  int odd(int bound) { return below(bound) * 2 + 1; }
  std::string pick(std::initializer_list<const char*> words) {
    return words.begin()[below(static_cast<int>(words.size()))];
  }

  std::string condition(const std::string& table) {
    switch (below(7)) {
      case 0: return fmt::format("{}.d < {}", table, below(8000));
      case 1: return fmt::format("{}.k IS NULL", table);
      case 2: return fmt::format("{}.id BETWEEN {} AND {}", table, below(kRows), below(kRows) + kRows / 2);
      case 3: return fmt::format("{}.t LIKE '%{}'", table, below(10));
      case 4: return fmt::format("{0}.k % 3 = {1} OR {0}.x > {2}", table, below(3), below(1000));
      case 5: return fmt::format("{}.d IN ({}, {}, {})", table, below(7919), below(7919), below(7919));
      default: return fmt::format("NOT {}.x < {}", table, below(1000));
    }
  }

  std::string randomQuery() {
    const auto past = below(5) == 0 ? fmt::format(" FOR SYSTEM_TIME AS OF COMMIT {}", m_before) : std::string();
    const auto big = "big" + past;
    std::string from;
    switch (below(9)) {
      case 0: from = big + " AS b"; break;
      case 1: from = big + " AS b JOIN few f ON b.k = f.k"; break;
      case 2: from = fmt::format("{} AS b JOIN few f ON b.k = f.k AND f.w < {}", big, below(50)); break;
      case 3: from = big + " AS b LEFT JOIN few f ON b.k = f.k AND f.w + b.d > 100"; break;
      case 4: from = fmt::format("{} AS b JOIN {} AS c ON b.id = c.id + {} AND c.d < 3000", big, big, below(40)); break;
      case 5: from = fmt::format("{} AS b JOIN few f ON b.d = f.k AND f.k < {}", big, 1 + below(30)); break;
      case 6:
        from = fmt::format("{} AS b JOIN few f ON b.k = f.k JOIN {} AS c ON c.id = b.id AND f.name = 'name {}'", big,
                           big, below(17));
        break;
      case 7:
        from =
            "few AS b0 JOIN (SELECT k AS k0, max(d) AS m FROM big GROUP BY k) q ON b0.k = q.k0 JOIN big b ON "
            "b.id = q.m";
        break;
      default: from = big + " AS b JOIN few f ON f.k = b.id % 4000"; break;
    }
    auto where = " WHERE (" + condition("b") + ")";
    switch (below(6)) {
      case 0: where += " AND EXISTS (SELECT 1 FROM few e WHERE e.k = b.k AND e.w > 10)"; break;
      case 1: where += " AND NOT EXISTS (SELECT 1 FROM big e WHERE e.id = b.id + 7 AND e.d < b.d)"; break;
      case 2: where += " AND b.k IN (SELECT k FROM big WHERE d < 500)"; break;
      default: break;
    }
    const auto group = pick({"", "", "b.k", "b.d % 10", "b.t", "b.k, b.t", "b.id"});
    const auto values = pick({"count(*), sum(b.x)", "min(b.t), max(b.id), count(b.k)", "avg(b.x), sum(b.d)",
                              "count(*) FILTER (WHERE b.d > 4000), max(b.x)", "count(DISTINCT b.d), count(*)",
                              "bool_and(b.d > 3), sum(b.id)"});
    if (group.empty()) return "SELECT " + values + " FROM " + from + where;
    return "SELECT " + group + ", " + values + " FROM " + from + where + " GROUP BY " + group;
  }

  std::mt19937_64 m_random;
  std::unique_ptr<SessionFixture> m_fixture;
  CommitNumber m_before = 0;
};

QTEST_APPLESS_MAIN(TestParallel)
#include "tst_parallel.moc"
