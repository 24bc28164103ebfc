// Statements whose rows do not fit in memory give the same rows as with all the memory they want; where there is no
// room on disk either, that is an error, and the database goes on. DRIFT_SEED repeats a run, DRIFT_ROUNDS makes it
// longer.
#include <QtTest>

#include <algorithm>
#include <random>

#include "platform/faulty_file_system.h"
#include "session_fixture.h"

using namespace drift;
using namespace drift::platform;
using namespace drift::session::test;

namespace {

std::uint64_t numberFrom(const char* name, std::uint64_t otherwise) {
  const auto text = qEnvironmentVariable(name);
  return text.isEmpty() ? otherwise : text.toULongLong();
}

/// A database whose disk can fail.
class Fixture final {
 public:
  Fixture() {
    api::OpenOptions options;
    options.create = true;
    auto opened = session::EngineDatabase::open({m_files, m_clock}, "/folder/test.drift", options);
    if (!opened.ok()) qFatal("%s", opened.error().toString().c_str());
    m_database = std::move(opened).value();
    m_session = m_database->newSession("tester");
  }

  FaultyFileSystem& files() { return *m_files; }
  MemoryFileSystem& disk() { return m_disk; }
  api::Session& session() { return *m_session; }
  void must(const std::string& sql) {
    const auto said = run(*m_session, sql);
    if (said.size() > 6 && said[5] == ' ' && !said.starts_with("CREATE") && !said.starts_with("INSERT"))
      qFatal("%s: %s", sql.c_str(), said.c_str());
  }
  /// Files that were made so far.
  std::uint64_t filesMade() const { return m_files->count(Operation::Remove); }

 private:
  MemoryFileSystem m_disk;
  std::shared_ptr<FaultyFileSystem> m_files = std::make_shared<FaultyFileSystem>(m_disk);
  std::shared_ptr<ManualClock> m_clock = std::make_shared<ManualClock>(1'700'000'000'000'000);
  std::shared_ptr<session::EngineDatabase> m_database;
  std::unique_ptr<api::Session> m_session;
};

/// Two tables of all types, with NULLs, values that many rows have, and long texts.
class Tables final {
 public:
  explicit Tables(std::uint64_t seed) : m_random(seed) {
    for (const auto* name : {"t", "u"})
      m_fixture.must(fmt::format("CREATE TABLE {} (id integer PRIMARY KEY, l boolean, s smallint, i integer, b bigint, "
                                 "f double precision, n numeric(12, 3), x text, y bytea, d date, m timestamp, "
                                 "z timestamp with time zone, g uuid, v interval)",
                                 name));
    fill("t", 1500);
    fill("u", 1000);
  }

  Fixture& fixture() { return m_fixture; }
  std::uint64_t below(std::uint64_t end) { return m_random() % end; }

 private:
  std::string orNull(std::string text) { return below(12) == 0 ? "NULL" : text; }
  std::string row(int id) {
    const auto key = below(4) == 0 ? 7 : below(800);
    std::string text = fmt::format("'{}{}'", key % 400, std::string(below(20) == 0 ? 300 : key % 17, 'x'));
    return fmt::format(
        "({}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {}, {})", id, orNull(key % 2 ? "true" : "false"),
        orNull(std::to_string(key % 50)), orNull(std::to_string(key)), orNull(std::to_string(key * 4'000'000'000)),
        orNull(key == 3 ? "'NaN'" : fmt::format("{}", static_cast<double>(key) / 8)),
        orNull(fmt::format("{}.{:03}", key % 900, key % 1000)), orNull(text), orNull(fmt::format("'\\x{:04x}'", key)),
        orNull(fmt::format("date '2000-01-01' + {}", key)),
        orNull(fmt::format("timestamp '2000-01-01' + {} * interval '1 hour'", key)),
        orNull(fmt::format("timestamptz '2000-01-01 00:00Z' + {} * interval '1 day'", key)),
        orNull(fmt::format("'00000000-0000-0000-0000-{:012x}'", key)),
        orNull(fmt::format("{} * interval '1 hour'", key)));
  }
  void fill(const char* table, int rows) {
    for (int first = 0; first < rows; first += 500) {
      std::string sql = fmt::format("INSERT INTO {} VALUES ", table);
      for (int at = 0; at < 500; ++at) sql += (at ? ", " : "") + row(first + at);
      m_fixture.must(sql);
    }
  }

  std::mt19937_64 m_random;
  Fixture m_fixture;
};

constexpr const char* kColumns[] = {"l", "s", "i", "b", "f", "n", "x", "y", "d", "m", "z", "g", "v"};

std::string sorted(const std::string& rows) {
  std::vector<std::string> lines;
  for (std::size_t from = 0; from <= rows.size();) {
    const auto end = std::min(rows.find(';', from), rows.size());
    lines.push_back(rows.substr(from, end - from));
    from = end + 1;
  }
  std::ranges::sort(lines);
  std::string text;
  for (const auto& line : lines) text += line + "\n";
  return text;
}

/// Those whose rows come in one order only end in ", id" or LIMIT.
std::vector<std::string> queries() {
  std::vector<std::string> made;
  for (const std::string column : kColumns) {
    made.push_back(fmt::format("SELECT * FROM t ORDER BY {}, id", column));
    made.push_back(fmt::format("SELECT * FROM t ORDER BY {} DESC NULLS LAST, id LIMIT 1200", column));
    made.push_back(fmt::format("SELECT {0}, count(*), sum(i), min(x), max(d), count(f) FILTER (WHERE l) FROM t "
                               "GROUP BY {0}", column));
    made.push_back(fmt::format("SELECT count(DISTINCT {0}), max({1}) FROM t", column, column == "l" || column == "g"
                                                                                          ? "i" : column));
    if (column == "l" || column == "s") continue;  // too many pairs
    for (const std::string kind : {"JOIN", "LEFT JOIN", "RIGHT JOIN", "FULL JOIN"})
      made.push_back(fmt::format("SELECT t.id, u.id, t.x, u.n FROM t {} u ON t.{} = u.{} AND t.s = u.s{}", kind, column,
                                 column, column == "i" ? " AND t.id < u.id" : ""));
    made.push_back(fmt::format("SELECT id, x FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.{0} = t.{0})", column));
    made.push_back(fmt::format("SELECT id, x FROM t WHERE NOT EXISTS (SELECT 1 FROM u WHERE u.{0} = t.{0} AND "
                               "u.id > t.id)", column));
  }
  const char* others[] = {
      "SELECT * FROM t ORDER BY x, y DESC, v, id",
      "SELECT DISTINCT x, i, n FROM t",
      "SELECT DISTINCT ON (b) b, x, id FROM t ORDER BY b, id",
      "SELECT DISTINCT ON (x, l) x, l, id FROM t ORDER BY l DESC, x, id",
      "SELECT count(*) FROM (SELECT DISTINCT ON (i, x) * FROM t) q",
      "SELECT s, string_agg(x, ',' ORDER BY x, id), count(DISTINCT i), sum(DISTINCT n) FROM t GROUP BY s",
      "SELECT i, string_agg(DISTINCT x, ',' ORDER BY x DESC) FROM t GROUP BY i",
      "SELECT i, x, count(*), avg(n), string_agg(y::text, '' ORDER BY id) FROM t GROUP BY i, x",
      "SELECT x, n FROM t UNION SELECT x, n FROM u",
      "SELECT x, i FROM t INTERSECT SELECT x, i FROM u",
      "SELECT i, d FROM t INTERSECT ALL SELECT i, d FROM u",
      "SELECT x, i FROM t EXCEPT SELECT x, i FROM u",
      "SELECT i, d FROM t EXCEPT ALL SELECT i, d FROM u",
      "SELECT count(*), sum(t.id), sum(u.id) FROM t, u WHERE t.id % 500 < u.id % 7",
      "SELECT t.id, u.id FROM t FULL JOIN u ON t.id + 800 < u.id",
      "SELECT count(*), sum(a.id) FROM t a JOIN t b ON a.i = b.i",
      "SELECT id FROM t WHERE i NOT IN (SELECT i FROM u WHERE i IS NOT NULL)",
      "SELECT id FROM t WHERE i IN (SELECT i FROM u)",
      "SELECT id, (SELECT max(u.x) FROM u WHERE u.i = t.i) FROM t",
      "SELECT id FROM t WHERE EXISTS (SELECT 1 FROM u WHERE u.id > t.id + 500 AND u.s <> t.s)",
      "SELECT id, row_number() OVER (PARTITION BY s ORDER BY n, id), sum(i) OVER (PARTITION BY x ORDER BY id) FROM t",
      "SELECT a.id, b.id, c.id FROM t a JOIN u b USING (g) JOIN t c ON c.v = b.v AND c.id % 50 = a.id % 50",
      "SELECT q.x, count(*) FROM (SELECT x FROM t UNION ALL SELECT x FROM u) q JOIN t USING (x) GROUP BY q.x",
  };
  made.insert(made.end(), std::begin(others), std::end(others));
  return made;
}

}  // namespace

class TestSpilling : public QObject {
  Q_OBJECT

 private slots:
  void theSameRows() {
    const auto seed = numberFrom("DRIFT_SEED", std::random_device{}());
    qInfo("DRIFT_SEED=%llu", static_cast<unsigned long long>(seed));
    const auto rounds = numberFrom("DRIFT_ROUNDS", 1);
    for (std::uint64_t round = 0; round < rounds; ++round) {
      Tables tables(seed + round);
      auto& fixture = tables.fixture();
      std::size_t spilled = 0;
      const auto all = queries();
      for (const auto& sql : all) {
        const bool ends = sql.ends_with(", id") || sql.ends_with("id DESC") || sql.ends_with("LIMIT 1200");
        const bool isOrdered = ends && sql.find("ORDER BY") != std::string::npos;
        fixture.must("RESET ALL");
        const auto wanted = run(fixture.session(), sql);
        fixture.must("SET work_mem = '64kB'");
        if (tables.below(2) == 0) fixture.must("SET query_memory = '4MB'");
        const auto before = fixture.filesMade();
        const auto got = run(fixture.session(), sql);
        spilled += fixture.filesMade() > before;
        const bool same = isOrdered ? got == wanted : sorted(got) == sorted(wanted);
        if (!same) qWarning("%.2000s\n%.2000s", got.c_str(), wanted.c_str());
        QVERIFY2(same, sql.c_str());
      }
      QVERIFY2(spilled * 3 > all.size(), qPrintable(QString("%1 of %2").arg(spilled).arg(all.size())));
      QCOMPARE(fixture.disk().list("/folder").value(), std::vector<std::string>{"test.drift"});
    }
  }

  /// One key for all rows: parts do not get smaller.
  void oneKey_data() {
    QTest::addColumn<QString>("sql");
    QTest::addColumn<QString>("rows");
    QTest::newRow("inner") << "SELECT count(*), sum(a.id) FROM k a JOIN k b ON a.one = b.one AND a.id - b.id = 1"
                           << "2499|3123750";
    QTest::newRow("left") << "SELECT count(*), count(b.id) FROM k a LEFT JOIN k b ON a.one = b.one AND b.id - a.id = 1"
                          << "2500|2499";
    QTest::newRow("full") << "SELECT count(*), count(a.id) FROM k a FULL JOIN k b ON a.one = b.one AND b.id - a.id = 1"
                          << "2501|2500";
    QTest::newRow("semi") << "SELECT count(*) FROM k a WHERE EXISTS (SELECT 1 FROM k b WHERE b.one = a.one AND "
                             "b.id - a.id = 1)"
                          << "2499";
    QTest::newRow("anti") << "SELECT a.id FROM k a WHERE NOT EXISTS (SELECT 1 FROM k b WHERE b.one = a.one AND "
                             "b.id - a.id = 1)"
                          << "2499";
    QTest::newRow("groups") << "SELECT one, count(DISTINCT id), count(*) FROM k GROUP BY one" << "1|2500|2500";
    QTest::newRow("except") << "SELECT one FROM k EXCEPT SELECT one FROM k" << "";
  }
  void oneKey() {
    QFETCH(QString, sql);
    QFETCH(QString, rows);
    Fixture fixture;
    fixture.must("CREATE TABLE k (id bigint PRIMARY KEY, one text)");
    fixture.must("INSERT INTO k SELECT i, '1' FROM generate_series(0, 2499) i");
    fixture.must("SET work_mem = '64kB'");
    QCOMPARE(run(fixture.session(), sql.toStdString()), rows.toStdString());
  }

  void noRoom_data() {
    QTest::addColumn<QString>("setting");
    QTest::addColumn<QString>("error");
    QTest::newRow("limit") << "SET temp_file_limit = '100kB'"
                           << "54000 the statement needs more than 100 kB of temporary files; setting: temp_file_limit";
    QTest::newRow("no folder") << "SET temp_directory = '/nowhere/at/all'" << "";
    QTest::newRow("memory") << "SET query_memory = '64kB'"
                            << "53200 the statement needs more than its memory limit of 64 kB; setting: query_memory";
  }
  void noRoom() {
    QFETCH(QString, setting);
    QFETCH(QString, error);
    Fixture fixture;
    fixture.must("CREATE TABLE k (id bigint PRIMARY KEY, x text)");
    fixture.must("INSERT INTO k SELECT i, i::text || repeat('x', 40) FROM generate_series(1, 20000) i");
    fixture.must("SET work_mem = '64kB'");
    fixture.must(setting.toStdString());
    const auto said = run(fixture.session(), "SELECT * FROM k ORDER BY x");
    if (!error.isEmpty()) QCOMPARE(said, error.toStdString());
    QCOMPARE(run(fixture.session(), "SELECT x FROM k WHERE id = 7").substr(0, 3), std::string("7xx"));
    fixture.must("RESET ALL");
    QCOMPARE(run(fixture.session(), "SELECT count(*) FROM (SELECT DISTINCT x FROM k) q"), std::string("20000"));
  }

  /// The disk fails while rows are written there, or read back: the statement is an error, nothing else is.
  void theDiskFails_data() {
    QTest::addColumn<int>("operation");
    QTest::addColumn<int>("fault");
    QTest::addColumn<QString>("error");
    const auto row = [](const char* name, Operation operation, Fault fault, const char* error) {
      QTest::newRow(name) << static_cast<int>(operation) << static_cast<int>(fault) << error;
    };
    row("full", Operation::Write, Fault::DiskFull,
        "53100 the disk of \"/folder\" is full: the temporary file of the statement had 0 MB there");
    row("write fails", Operation::Write, Fault::Fails, "58030 ");
    row("read fails", Operation::Read, Fault::Fails, "58030 ");
    row("flipped bit", Operation::Read, Fault::FlipsBit,
        "XX001 the temporary file of the statement in \"/folder\" reads back damaged");
  }
  void theDiskFails() {
    QFETCH(int, operation);
    QFETCH(int, fault);
    QFETCH(QString, error);
    const char* statements[] = {"SELECT * FROM k ORDER BY x", "SELECT x, count(*) FROM k GROUP BY x",
                                "SELECT count(*) FROM k a JOIN k b USING (x)", "SELECT DISTINCT x FROM k",
                                "SELECT x FROM k EXCEPT SELECT x FROM k WHERE id < 10"};
    for (const auto* sql : statements) {
      Fixture fixture;
      fixture.must("CREATE TABLE k (id bigint PRIMARY KEY, x text)");
      fixture.must("INSERT INTO k SELECT i, i::text || repeat('x', 40) FROM generate_series(1, 5000) i");
      fixture.must("SET work_mem = '64kB'");
      const auto wanted = run(fixture.session(), sql);
      for (std::uint64_t after = 0; after < 10; after += 5) {
        fixture.files().inject({.operation = static_cast<Operation>(operation),
                                .after = after,
                                .fault = static_cast<Fault>(fault),
                                .forGood = true});
        const auto said = run(fixture.session(), sql);
        QVERIFY2(said.starts_with(error.toStdString()), said.substr(0, 300).c_str());
        fixture.files().heal();
        QCOMPARE(run(fixture.session(), sql), wanted);
      }
      fixture.must("INSERT INTO k VALUES (0, 'more')");
      QCOMPARE(run(fixture.session(), "SELECT count(*) FROM k"), std::string("5001"));
      QCOMPARE(fixture.disk().list("/folder").value(), std::vector<std::string>{"test.drift"});
    }
  }
};

QTEST_APPLESS_MAIN(TestSpilling)
#include "tst_spilling.moc"
