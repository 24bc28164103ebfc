// Plans that are kept give the answers that new ones would, and are not used where they would not. DRIFT_SEED repeats
// a run.
#include <QtTest>

#include <random>

#include "exec_fixture.h"
#include "types/text.h"

using namespace drift;
using namespace drift::exec;
using namespace drift::exec::test;
using types::Value;

class TestPlanCache : public QObject {
  Q_OBJECT

 private slots:
  void keptOrNot_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<bool>("served");
    const auto row = [](const char* sql, bool served) { QTest::newRow(sql) << sql << served; };
    row("SELECT name FROM t WHERE id = $1", true);
    row("SELECT * FROM t WHERE id IN ($1, $2) ORDER BY id", true);
    row("SELECT count(*) FROM t WHERE id BETWEEN $1 AND $2", true);
    row("SELECT id FROM t WHERE a = $1 AND id > $2 ORDER BY id", true);
    row("SELECT id FROM t WHERE name LIKE 'n%' AND a = $1", true);
    row("SELECT t.id, u.v FROM t JOIN u ON u.id = t.id WHERE t.id = $1", true);
    row("SELECT a + $1, count(*) FROM t GROUP BY a + $1 ORDER BY 1", false);  // two places that have to stay alike
    row("SELECT a, $1 FROM t ORDER BY id", true);
    row("SELECT (SELECT max(v) FROM u WHERE u.id = t.id AND u.id < $1) FROM t ORDER BY id", true);
    row("SELECT id FROM t ORDER BY id LIMIT $1", false);
    row("SELECT id FROM t WHERE id = $1 + 1", false);
    row("SELECT max(a) FROM t WHERE id > $1", true);
    row("SELECT count(*) FROM t WHERE now() > timestamptz '2001-01-01'", false);
    row("SELECT now()", false);
    row("SELECT count(*) FROM t", true);
    row("SELECT count(*) FROM t AS OF COMMIT 4", false);
    row("SELECT count(*) FROM commits()", false);
    row("SELECT count(*) FROM information_schema.tables", false);
    row("SELECT count(*) FROM information_schema.tables AS OF LATEST", false);
    row("SELECT count(*) FROM both_tables", true);
    row("WITH RECURSIVE r AS (SELECT $1 AS n UNION ALL SELECT n + 1 FROM r WHERE n < 5) SELECT * FROM r", false);
  }
  void keptOrNot() {
    QFETCH(QString, sql);
    QFETCH(bool, served);
    Database database;
    prepare(database);
    const auto text = sql.toStdString();
    bool any = false;
    for (int number = 0; number < 6; ++number) {
      std::vector<Value> parameters;
      if (text.find("$1") != std::string::npos) parameters.push_back(Value::integer(number));
      if (text.find("$2") != std::string::npos) parameters.push_back(Value::integer(number + 7));
      const auto got = database.runAgain(text, parameters);
      any = any || database.planServed;
      if (number > 0) QCOMPARE(database.planServed, served);
      QCOMPARE(got, database.runNew(text, parameters));
    }
    QCOMPARE(any, served);
  }

  void valuesThatNeedAnotherPlan() {
    Database database;
    prepare(database);
    const std::string sql = "SELECT id FROM t WHERE id = $1";
    const Value values[] = {Value::bigInt(3), Value::bigInt(5'000'000'000), Value::bigInt(4), Value::integer(2),
                            Value::null(types::TypeId::BigInt), Value::smallInt(1), Value::text("1"),
                            Value::bigInt(1)};
    const char* wanted[] = {"3", "", "4", "2", "", "1", nullptr, "1"};
    for (std::size_t at = 0; at < std::size(values); ++at) {
      const auto got = database.runAgain(sql, {values[at]});
      if (wanted[at]) QCOMPARE(got, std::string(wanted[at]));
      QCOMPARE(got, database.runNew(sql, {values[at]}));
    }
    // Equal values leave one range and an order that others do not have.
    database.mustRun({"CREATE TABLE k (a integer, b integer, PRIMARY KEY (a, b))",
                      "INSERT INTO k VALUES (1, 9), (1, 4), (2, 1), (2, 7)"});
    const std::string ordered = "SELECT b FROM k WHERE a IN ($1, $2) ORDER BY b";
    QCOMPARE(database.runAgain(ordered, {Value::integer(1), Value::integer(1)}), std::string("4;9"));
    QCOMPARE(database.runAgain(ordered, {Value::integer(1), Value::integer(2)}), std::string("1;4;7;9"));
    QCOMPARE(database.runAgain(ordered, {Value::integer(2), Value::integer(2)}), std::string("1;7"));
  }

  void keysOfSeveralColumns() {
    Database database;
    database.mustRun({"CREATE TABLE k (a text, n numeric(10, 2), v integer, PRIMARY KEY (a, n))",
                      "INSERT INTO k VALUES ('x', 1.50, 1), ('x', 2, 2), ('y', 1.5, 3)"});
    const std::string sql = "SELECT v FROM k WHERE n = $1 AND a = $2";
    const auto get = [&](const char* number, const char* text) {
      return database.runAgain(sql, {*types::parseText(number, types::TypeId::Numeric), Value::text(text)});
    };
    QCOMPARE(get("1.5", "x"), std::string("1"));
    QCOMPARE(get("2.000", "x"), std::string("2"));
    QVERIFY(database.planServed);
    QCOMPARE(get("1.505", "x"), std::string(""));
    QCOMPARE(get("1.50", "y"), std::string("3"));
    QCOMPARE(get("2", "y"), std::string(""));
    QVERIFY(database.planServed);
  }

  void schemaChanges() {
    Database database;
    prepare(database);
    const std::string sql = "SELECT * FROM t WHERE id = $1";
    const auto get = [&] { return database.runAgain(sql, {Value::integer(1)}); };
    QCOMPARE(get(), std::string("1|1|n1"));
    QCOMPARE(get(), std::string("1|1|n1"));
    QVERIFY(database.planServed);
    database.mustRun({"ALTER TABLE t ADD COLUMN z integer DEFAULT 8"});
    QCOMPARE(get(), std::string("1|1|n1|8"));
    QVERIFY(!database.planServed);
    QCOMPARE(get(), std::string("1|1|n1|8"));
    QVERIFY(database.planServed);
    database.mustRun({"DROP VIEW both_tables", "ALTER TABLE t DROP COLUMN a", "UPDATE t SET name = 'new' WHERE id = 1"});
    QCOMPARE(get(), std::string("1|new|8"));
    database.mustRun({"DROP TABLE t"});
    QVERIFY(get().starts_with("42P01"));
    database.mustRun({"CREATE TABLE t (name text, id integer PRIMARY KEY)", "INSERT INTO t VALUES ('again', 1)"});
    QCOMPARE(get(), std::string("again|1"));
    // Rows that change do not matter to a look-up by key, and do to what was chosen by their number.
    database.mustRun({"INSERT INTO t VALUES ('more', 2)"});
    QCOMPARE(get(), std::string("again|1"));
    QVERIFY(database.planServed);
    const std::string all = "SELECT count(*) FROM t WHERE name > $1";
    QCOMPARE(database.runAgain(all, {Value::text("b")}), std::string("1"));
    QCOMPARE(database.runAgain(all, {Value::text("a")}), std::string("2"));
    QVERIFY(database.planServed);
    database.mustRun({"INSERT INTO t VALUES ('yet more', 3)"});
    QCOMPARE(database.runAgain(all, {Value::text("b")}), std::string("2"));
    QVERIFY(!database.planServed);
  }

  void theNewestPlansStay() {
    Database database;
    prepare(database);
    for (int number = 0; number < 1000; ++number) {
      database.runAgain(fmt::format("SELECT {} FROM t WHERE id = 1", number), {});
      database.runAgain("SELECT 0 FROM t WHERE id = 1", {});
    }
    QCOMPARE(database.plans.size(), PlanCache::kPlansMax);
    database.runAgain("SELECT 0 FROM t WHERE id = 1", {});
    QVERIFY(database.planServed);
    database.runAgain("SELECT 5 FROM t WHERE id = 1", {});
    QVERIFY(!database.planServed);
    database.runAgain("SELECT 1 " + std::string(PlanCache::kTextBytesMax, ' '), {});
    database.runAgain("SELECT 1 " + std::string(PlanCache::kTextBytesMax, ' '), {});
    QVERIFY(!database.planServed);
  }

  void randomValues() {
    const auto given = qEnvironmentVariable("DRIFT_SEED");
    const auto seed = given.isEmpty() ? std::random_device{}() : given.toULongLong();
    qInfo("DRIFT_SEED=%llu", static_cast<unsigned long long>(seed));
    std::mt19937_64 random(seed);
    const auto below = [&](std::uint64_t end) { return static_cast<std::int64_t>(random() % end); };
    Database database;
    database.mustRun({"CREATE TABLE r (a integer, b bigint, c text, d date, n numeric(8, 2), PRIMARY KEY (a, b))",
                      "CREATE INDEX by_c ON r (c, d)", "CREATE INDEX by_d ON r (d DESC)"});
    const char* statements[] = {
        "SELECT * FROM r WHERE a = $1 AND b = $2 ORDER BY a, b",
        "SELECT * FROM r WHERE a = $1 AND b > $2 ORDER BY b",
        "SELECT b, c FROM r WHERE a IN ($1, $2, 3) ORDER BY a, b LIMIT 3",
        "SELECT * FROM r WHERE c = $3 AND d >= $4 ORDER BY a, b",
        "SELECT min(d) FROM r WHERE c = $3",
        "SELECT max(d), count(*) FROM r WHERE d < $4",
        "SELECT a, b FROM r WHERE n > $1 ORDER BY b, a",
        "SELECT x.a, y.b FROM r x JOIN r y ON x.a = y.b WHERE x.c = $3 AND y.a <> $2 ORDER BY 1, 2",
        "SELECT count(*) FROM r WHERE a = $1 OR (c = $3 AND b < $2)",
        "SELECT a FROM r WHERE c LIKE $3 || '%' ORDER BY a, b",
        "SELECT d FROM r WHERE d > $4 ORDER BY d DESC LIMIT 2",
    };
    int served = 0;
    for (int step = 0; step < 1500; ++step) {
      if (below(20) == 0)
        database.run(fmt::format("INSERT INTO r VALUES ({}, {}, '{}', date '2020-01-01' + {}, {}) ON CONFLICT DO NOTHING",
                                 below(6), below(8), "abc"[below(3)], below(9), below(5)));
      const std::string sql = statements[below(std::size(statements))];
      std::vector<Value> parameters{Value::integer(static_cast<std::int32_t>(below(6))), Value::bigInt(below(8)),
                                    Value::text(std::string(1, "abc"[below(3)])),
                                    Value(types::TypeId::Date, 18'262 + below(9))};
      const auto got = database.runAgain(sql, parameters);
      served += database.planServed;
      const auto wanted = database.runNew(sql, parameters);
      QVERIFY2(got == wanted, (sql + "\n" + got + "\n" + wanted).c_str());
    }
    QVERIFY(served > 300);
  }

 private:
  static void prepare(Database& database) {
    database.mustRun({"CREATE TABLE t (id integer PRIMARY KEY, a integer, name text)",
                      "CREATE TABLE u (id integer PRIMARY KEY, v integer)",
                      "INSERT INTO t SELECT i, i % 3, 'n' || i FROM generate_series(0, 19) i",
                      "INSERT INTO u SELECT i, i * 10 FROM generate_series(0, 19) i",
                      "CREATE VIEW both_tables AS SELECT t.id FROM t JOIN u ON t.id = u.id"});
  }
};

QTEST_APPLESS_MAIN(TestPlanCache)
#include "tst_plan_cache.moc"
