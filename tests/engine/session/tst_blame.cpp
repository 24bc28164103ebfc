// blame() against a replay of the changes of all commits.
#include <QtTest>

#include <map>
#include <random>

#include "session_fixture.h"

using namespace drift;
using namespace drift::session;
using namespace drift::session::test;
using storage::RowOp;

namespace {

constexpr int kCommits = 60;

/// What the log says of one row: its values, and who to blame for it and for each of them.
struct Row {
  std::vector<types::Value> values;
  CommitNumber changed = 0;
  std::vector<CommitNumber> columns;
};

}  // namespace

class TestBlame : public QObject {
  Q_OBJECT

 private slots:
  void agreesWithTheLog() {
    bool given = false;
    auto seed = qEnvironmentVariable("DRIFT_SEED").toUInt(&given);
    if (!given) seed = std::random_device()();
    qInfo("DRIFT_SEED=%u", seed);
    std::mt19937_64 random(seed);
    const auto below = [&](unsigned limit) { return static_cast<int>(random() % limit); };
    SessionFixture fixture;
    auto& session = fixture.session();
    mustRun(session, "CREATE TABLE t (id integer PRIMARY KEY, a integer, b text)");
    while (fixture.database().store().lastCommit() < kCommits) {
      const auto id = std::to_string(below(8));
      switch (below(6)) {
        case 0: run(session, "DELETE FROM t WHERE id = " + id); break;
        case 1: run(session, "INSERT INTO t VALUES (" + id + ", 0, 'x')"); break;
        case 2: run(session, "UPDATE t SET a = " + std::to_string(below(3)) + " WHERE id >= " + id); break;
        case 3: run(session, "UPDATE t SET b = 'b" + std::to_string(below(3)) + "' WHERE id = " + id); break;
        case 4: run(session, "UPDATE t SET a = a + 1, b = b || '.' WHERE id < " + id); break;
        default:
          if (below(3) == 0) QVERIFY(fixture.database().checkpoint().ok());
      }
    }
    auto& store = fixture.database().store();
    const auto table = fixture.database().schemaAt(kNoCommit).value().tables.front();
    std::map<std::string, Row> rows;
    for (CommitNumber number = 1; number <= store.lastCommit(); ++number) {
      const auto changes = store.commitChanges(number).value();
      for (const auto& change : changes)
        if (change.tree == table.id) apply(change, number, rows);
      if (number < 2) continue;
      const auto at = ", COMMIT " + std::to_string(number) + ") ORDER BY id";
      std::string whole, first, second;
      for (const auto& [key, row] : rows) {
        const auto id = std::to_string(row.values[0].asInt()) + "|";
        for (auto* text : {&whole, &first, &second}) *text += (text->empty() ? "" : ";") + id;
        whole += std::to_string(row.changed);
        first += std::to_string(row.columns[1]);
        second += std::to_string(row.columns[2]);
      }
      QCOMPARE(run(session, "SELECT id, commit_number FROM blame(t" + at), whole);
      QCOMPARE(run(session, "SELECT id, commit_number FROM blame(t, a" + at), first);
      QCOMPARE(run(session, "SELECT id, commit_number FROM blame(t, b" + at), second);
    }
    for (const auto& [key, row] : rows) {
      QCOMPARE(fixture.database().stepRow(table.id, key, kNoCommit, false).value(), std::optional(row.changed));
      QCOMPARE(fixture.database().stepRow(table.id, key, row.changed, true).value(), std::optional<CommitNumber>());
    }
  }

 private:
  static void apply(const storage::RowChange& change, CommitNumber number, std::map<std::string, Row>& rows) {
    if (change.op == RowOp::Delete) {
      rows.erase(change.key);
      return;
    }
    const auto values = storage::decodeRow(*change.layout, asBytes(change.row)).value();
    auto& row = rows[change.key];
    if (change.op == RowOp::Insert) row.columns.assign(values.size(), number);
    else
      for (std::size_t at = 0; at < values.size(); ++at)
        if (!(values[at] == row.values[at])) row.columns[at] = number;
    row.values = values;
    row.changed = number;
  }
};

QTEST_APPLESS_MAIN(TestBlame)
#include "tst_blame.moc"
