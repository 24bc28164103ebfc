// Queries give the same rows whether indexes are used, must be used, or are not used: over random tables, changes and
// indexes that come and go, now, within transactions, and at random moments of the past. DRIFT_SEED repeats a run,
// DRIFT_ROUNDS makes it longer.
#include <QtTest>

#include <algorithm>
#include <random>

#include "session_fixture.h"

using namespace drift;
using namespace drift::session::test;

namespace {

std::uint64_t numberFrom(const char* name, std::uint64_t otherwise) {
  const auto text = qEnvironmentVariable(name);
  return text.isEmpty() ? otherwise : text.toULongLong();
}

class Run final {
 public:
  explicit Run(std::uint64_t seed) : m_random(seed) {
    const char* keys[] = {"id integer PRIMARY KEY", "id integer", "id integer UNIQUE"};
    must(fmt::format(
        "CREATE TABLE t ({}, a integer, b text, c numeric(6, 2), d boolean, e smallint NOT NULL DEFAULT 0{})",
        keys[below(3)], below(3) == 0 ? ", UNIQUE (id, a)" : ""));
    m_first = m_fixture.database().store().lastCommit();
  }

  void step() {
    switch (below(12)) {
      case 0: createIndex(); break;
      case 1: dropIndex(); break;
      case 2: inBlock(); break;
      case 3:
        if (below(4) == 0) m_fixture.reopen();
        else if (!m_fixture.database().checkpoint().ok()) qFatal("no checkpoint");
        break;
      default: change(); break;
    }
    for (int query = 0; query < 4; ++query) compare(below(3) == 0 ? moment() : "");
  }

 private:
  std::uint64_t below(std::uint64_t end) { return m_random() % end; }
  std::string number() { return std::to_string(static_cast<int>(below(24)) - 2); }
  std::string text() {
    const char* texts[] = {"''", "'a'", "'ab'", "'abc'", "'b'", "'ä'", "'zz'", "NULL"};
    return texts[below(8)];
  }
  std::string numeric() {
    return below(8) == 0 ? "NULL" : fmt::format("{}.{}", static_cast<int>(below(9)) - 4, below(3) * 25);
  }
  std::string boolean() {
    const char* values[] = {"true", "false", "NULL"};
    return values[below(3)];
  }
  std::string moment() {
    const auto last = m_fixture.database().store().lastCommit();
    return fmt::format(" AS OF COMMIT {}", m_first + below(last - m_first + 1));
  }

  std::string row() {
    return fmt::format("({}, {}, {}, {}, {}, {})", ++m_nextId, below(6) == 0 ? "NULL" : number(), text(), numeric(),
                       boolean(), below(5));
  }

  std::string predicate(int depth = 0) {
    const char* ops[] = {"=", "<", "<=", ">", ">=", "<>"};
    const auto op = ops[below(6)];
    switch (below(depth < 2 ? 16 : 12)) {
      case 0: return "a " + std::string(op) + " " + number();
      case 1: return "b " + std::string(op) + " " + text();
      case 2: return "c " + std::string(op) + " " + numeric();
      case 3: return fmt::format("a IN ({}, {}, {})", number(), number(), below(3) ? number() : "NULL");
      case 4: return "a BETWEEN " + number() + " AND " + number();
      case 5: return below(2) ? "a IS NULL" : "b IS NOT NULL";
      case 6: return std::string("b LIKE ") + (below(2) ? "'a%'" : below(2) ? "'ab'" : "'%b_'");
      case 7: return below(2) ? "d" : "NOT d";
      case 8: return fmt::format("id {} {}", op, below(m_nextId + 2));
      case 9: return fmt::format("id IN ({}, {})", below(m_nextId + 2), below(m_nextId + 2));
      case 10: return fmt::format("e {} {}", op, below(2) ? std::to_string(below(6)) : "70000");
      case 11: return fmt::format("(a = {} OR a = {})", number(), number());
      case 12: return "NOT (" + predicate(depth + 1) + ")";
      case 13: return "(" + predicate(depth + 1) + " OR " + predicate(depth + 1) + ")";
      default: return predicate(depth + 1) + " AND " + predicate(depth + 1);
    }
  }

  std::string order() {
    const char* columns[] = {"a", "b", "c", "d", "e", "id"};
    std::string text = " ORDER BY ";
    const bool backwards = below(2);
    for (auto count = 1 + below(2); count > 0; --count) {
      text += columns[below(6)];
      if (below(4) ? backwards : !backwards) text += " DESC";
      if (below(4) == 0) text += below(2) ? " NULLS FIRST" : " NULLS LAST";
      text += ", ";
    }
    text += backwards ? "id DESC" : "id";
    if (below(4)) text += fmt::format(" LIMIT {}", 1 + below(20));
    if (below(4) == 0) text += fmt::format(" OFFSET {}", below(5));
    return text;
  }

  std::string query(const std::string& at) {
    const auto where = below(5) ? " WHERE " + predicate() : "";
    switch (below(4)) {
      case 0: {
        const char* columns[] = {"a", "b", "c", "e", "id"};
        return fmt::format("SELECT {}({}) FROM t{}{}", below(2) ? "min" : "max", columns[below(5)], at, where);
      }
      case 1: return "SELECT count(*), sum(id) FROM t" + at + where;
      case 2: return "SELECT id, a, b, c, d, e FROM t" + at + where + order();
      default: return "SELECT * FROM t" + at + where;
    }
  }

  /// Rows without an order of their own are compared as sets.
  static std::string normal(std::string rows, bool ordered) {
    if (ordered) return rows;
    auto list = QString::fromStdString(rows).split(';');
    list.sort();
    return list.join(';').toStdString();
  }

  void compare(const std::string& at) {
    const auto sql = query(at);
    const bool ordered = sql.find("ORDER BY") != std::string::npos;
    std::string answers[3];
    const char* settings[] = {"SET enable_indexscan = off", "RESET enable_seqscan", "SET enable_seqscan = off"};
    for (int way = 0; way < 3; ++way) {
      must(settings[way]);
      answers[way] = normal(run(m_fixture.session(), sql), ordered);
      must("RESET enable_indexscan");
    }
    const auto plan = run(m_fixture.session(), "EXPLAIN " + sql);
    m_byIndex += plan.find(" by index ") != std::string::npos;
    must("RESET enable_seqscan");
    for (int way : {1, 2})
      if (answers[way] != answers[0])
        qFatal("%s\n%s\nwithout index: %s\nwith index (%d): %s\nplan where it must be used: %s", history().c_str(),
               sql.c_str(), answers[0].c_str(), way, answers[way].c_str(), plan.c_str());
  }

  void change() { must(changeText()); }

  std::string changeText() {
    switch (below(8)) {
      case 0: return "DELETE FROM t WHERE " + predicate() + fmt::format(" AND id % 3 = {}", below(3));
      case 1: return fmt::format("UPDATE t SET a = a + {} WHERE {}", below(3), predicate());
      case 2: return fmt::format("UPDATE t SET b = {}, c = c / 2 WHERE {}", text(), predicate());
      case 3: return fmt::format("UPDATE t SET d = {}, e = {} WHERE {}", boolean(), below(5), predicate());
      case 4:
        if (below(12) == 0) return "TRUNCATE t";
        ++m_nextId;
        return fmt::format("UPDATE t SET id = {} WHERE id = {}", m_nextId, below(m_nextId));
      default: {
        std::string values;
        for (auto count = 1 + below(60); count > 0; --count) values += (values.empty() ? "" : ", ") + row();
        return "INSERT INTO t VALUES " + values;
      }
    }
  }

  void inBlock() {
    must("BEGIN");
    for (auto count = 1 + below(4); count > 0; --count) {
      const bool back = below(3) == 0;
      if (back) must("SAVEPOINT s");
      must(changeText());
      if (below(4) == 0) createIndex();
      compare("");
      if (back) must("ROLLBACK TO s");
      compare("");
    }
    must(below(4) == 0 ? "ROLLBACK" : "COMMIT");
  }

  void createIndex() {
    const char* columns[] = {"a", "b", "c", "d", "e", "id"};
    std::string parts;
    for (auto count = 1 + below(3); count > 0; --count) {
      parts += (parts.empty() ? "" : ", ") + std::string(columns[below(6)]) + (below(3) == 0 ? " DESC" : "");
      if (below(3) == 0) parts += below(2) ? " NULLS FIRST" : " NULLS LAST";
    }
    // Rows of one id are alone, so these are unique for sure.
    const bool unique = below(4) == 0;
    must(fmt::format("CREATE {}INDEX IF NOT EXISTS i{} ON t ({}{})", unique ? "UNIQUE " : "", below(6), parts,
                     unique ? ", id" : ""));
  }

  void dropIndex() { must(fmt::format("DROP INDEX IF EXISTS i{}", below(6))); }

  void must(const std::string& sql) {
    if (!sql.starts_with("SET") && !sql.starts_with("RESET")) m_history.push_back(sql);
    const auto result = m_fixture.session().execute(sql);
    if (!result.ok()) qFatal("%s\n%s", history().c_str(), result.error().toString().c_str());
    rest(**result);
  }

  std::string history() const {
    std::string text;
    for (const auto& sql : m_history) text += sql.substr(0, 400) + ";\n";
    return text;
  }

  std::mt19937_64 m_random;
  SessionFixture m_fixture;
  CommitNumber m_first = 0;
  std::uint64_t m_nextId = 0;
  std::vector<std::string> m_history;

 public:
  std::size_t m_byIndex = 0;  ///< queries that an index served
};

}  // namespace

class TestIndexAnswers : public QObject {
  Q_OBJECT

 private slots:
  void sameRowsWithAndWithoutIndexes() {
    const auto firstSeed = numberFrom("DRIFT_SEED", 1);
    const auto rounds = numberFrom("DRIFT_ROUNDS", 6);
    std::size_t byIndex = 0;
    for (auto seed = firstSeed; seed < firstSeed + rounds; ++seed) {
      qInfo("seed %llu", static_cast<unsigned long long>(seed));
      Run run(seed);
      for (int step = 0; step < 60; ++step) run.step();
      byIndex += run.m_byIndex;
    }
    QVERIFY2(byIndex > rounds, "indexes were hardly used, so this proves little");
  }
};

QTEST_APPLESS_MAIN(TestIndexAnswers)
#include "tst_index_answers.moc"
