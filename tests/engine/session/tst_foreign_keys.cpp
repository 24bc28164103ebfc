// Sessions that work beside each other never leave a row that refers to nothing, whatever the actions of the foreign
// keys, with an index on the referring columns or without. DRIFT_SEED repeats a run, DRIFT_ROUNDS makes it longer.
#include <QtTest>

#include <array>
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
    for (auto& session : m_sessions) session = m_fixture.database().newSession("test");
    must("CREATE TABLE parent (id integer PRIMARY KEY, code integer UNIQUE, note integer)");
    const char* actions[] = {"NO ACTION", "RESTRICT", "CASCADE", "SET NULL"};
    must(fmt::format(
        "CREATE TABLE child (id integer PRIMARY KEY, pid bigint REFERENCES parent ON DELETE {} ON UPDATE {}, "
        "code integer REFERENCES parent (code) ON DELETE {} ON UPDATE {})",
        actions[below(4)], actions[below(4)], actions[below(4)], actions[below(4)]));
    must("CREATE TABLE grandchild (id serial PRIMARY KEY, cid integer REFERENCES child ON DELETE CASCADE)");
    if (below(2)) must("CREATE INDEX ON child (pid, id)");
    if (below(2)) must("CREATE INDEX ON child (code DESC)");
    for (int id = 0; id < 8; ++id) must(fmt::format("INSERT INTO parent VALUES ({0}, {0}, 0)", id));
  }

  void step() {
    auto& session = *m_sessions[below(m_sessions.size())];
    switch (below(12)) {
      case 0:
      case 1: run(session, session.inTransaction() ? "COMMIT" : "BEGIN"); break;
      case 2: run(session, "ROLLBACK"); break;
      case 3:
      case 4:
        check(run(session, fmt::format("INSERT INTO child VALUES ({}, {}, {})", below(30), reference(), reference())));
        break;
      case 5:
        check(run(session, fmt::format("UPDATE child SET pid = {} WHERE id = {}", reference(), below(30))));
        break;
      case 6: check(run(session, fmt::format("DELETE FROM child WHERE id = {}", below(30)))); break;
      case 7: check(run(session, fmt::format("INSERT INTO grandchild (cid) VALUES ({})", below(30)))); break;
      case 8: check(run(session, fmt::format("DELETE FROM parent WHERE id = {}", below(10)))); break;
      case 9: check(run(session, fmt::format("INSERT INTO parent VALUES ({0}, {1}, 0)", below(10), below(10)))); break;
      case 10:
        check(run(session, fmt::format("UPDATE parent SET {} = {} WHERE id = {}", below(2) ? "id" : "code", below(10),
                                       below(10))));
        break;
      default: check(run(session, fmt::format("UPDATE parent SET note = note + 1 WHERE id = {}", below(10)))); break;
    }
    if (below(40) == 0 && !m_fixture.database().checkpoint().ok()) qFatal("no checkpoint");
    const auto orphans =
        run(m_fixture.session(),
            "SELECT (SELECT count(*) FROM child WHERE pid NOT IN (SELECT id FROM parent)), "
            "(SELECT count(*) FROM child WHERE code NOT IN (SELECT code FROM parent WHERE code IS NOT NULL)), "
            "(SELECT count(*) FROM grandchild WHERE cid NOT IN (SELECT id FROM child))");
    if (orphans != "0|0|0") qFatal("rows that refer to nothing: %s", orphans.c_str());
  }

  int refused() const { return m_refused; }

 private:
  std::uint64_t below(std::uint64_t end) { return m_random() % end; }
  std::string reference() { return below(6) == 0 ? "NULL" : std::to_string(below(10)); }
  void must(const std::string& sql) { mustRun(m_fixture.session(), sql); }
  /// What may happen to a statement; anything else is a defect.
  void check(const std::string& answer) {
    for (const char* state : {"23505", "40001", "25P02"})
      if (answer.starts_with(state)) return;
    if (answer.starts_with("23503")) {
      ++m_refused;
      return;
    }
    if (answer.find("ERT 0") == std::string::npos && !answer.starts_with("UPDATE") && !answer.starts_with("DELETE"))
      qFatal("an unexpected answer: %s", answer.c_str());
  }

  std::mt19937_64 m_random;
  SessionFixture m_fixture;
  std::array<std::unique_ptr<api::Session>, 3> m_sessions;
  int m_refused = 0;
};

}  // namespace

class TestForeignKeys : public QObject {
  Q_OBJECT

 private slots:
  void noOrphanSlipsThrough() {
    const auto seed = numberFrom("DRIFT_SEED", std::random_device()());
    qInfo("DRIFT_SEED=%llu", static_cast<unsigned long long>(seed));
    int refused = 0;
    for (std::uint64_t round = 0; round < numberFrom("DRIFT_ROUNDS", 12); ++round) {
      Run run(seed + round);
      for (int step = 0; step < 250; ++step) run.step();
      refused += run.refused();
    }
    QVERIFY(refused > 0);
  }
};

QTEST_APPLESS_MAIN(TestForeignKeys)
#include "tst_foreign_keys.moc"
