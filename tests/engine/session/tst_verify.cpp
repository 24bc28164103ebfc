// verify() of a whole database: each index against its table. What is wrong was committed through the store, so that
// every checksum, count and order holds.
#include <QtTest>

#include "session_fixture.h"
#include "storage/row.h"
#include "types/key_encoding.h"

using namespace drift;
using namespace drift::session;
using namespace drift::session::test;
using storage::RowOp;

class TestVerify : public QObject {
  Q_OBJECT

 private slots:
  void init() {
    m_fixture = std::make_unique<SessionFixture>();
    mustRun(session(), "CREATE TABLE t (id integer PRIMARY KEY, name text UNIQUE, n integer)");
    mustRun(session(), "INSERT INTO t VALUES (1, 'a', 1), (2, 'b', 2), (3, NULL, 3)");
    mustRun(session(), "UPDATE t SET name = 'c' WHERE id = 2");
    mustRun(session(), "DELETE FROM t WHERE id = 3");
    const auto view = m_fixture->database().catalog().viewAt(m_fixture->database().store().lastCommit()).value();
    m_index = view->find("t")->uniques.front().index;
  }

  void aSoundDatabaseHasNoFindings() { QCOMPARE(findings(), QStringList()); }

  void findsARowThatItsIndexLacks() {
    commit({RowOp::Delete, "a", {}});
    QVERIFY(hasFinding("lacks the row with the key x'" + hex(keyOf(1)) + "'"));
  }

  void findsAnEntryOfNoRow() {
    commit({RowOp::Insert, "z", keyOf(9)});
    QVERIFY(hasFinding("has an entry for a missing row with the key x'" + hex(keyOf(9)) + "'"));
  }

  void findsAnEntryOfAnotherRow() {
    commit({RowOp::Update, "a", keyOf(2)});
    QVERIFY(hasFinding("has an entry of another row for the row with the key x'" + hex(keyOf(1)) + "'"));
    QVERIFY(hasFinding("has an entry with other values for the row with the key x'" + hex(keyOf(2)) + "'"));
  }

  void findsTheSameInIndexesOfOnesOwn() {
    mustRun(session(), "CREATE INDEX t_n ON t (n DESC)");
    QCOMPARE(findings(), QStringList());
    auto& store = m_fixture->database().store();
    const auto view = m_fixture->database().catalog().viewAt(store.lastCommit()).value();
    const auto tree = view->find("t")->indexes.front().tree;
    const types::Type bytea = types::TypeId::Bytea;
    const auto cursor =
        store.latest().scan({.tree = tree, .columns = {{storage::kKeyColumn, bytea, types::Value::null(bytea)}}});
    types::Chunk entries;
    QVERIFY((*cursor)->next(entries).value());
    storage::RowChange change;
    change.tree = tree;
    change.op = RowOp::Delete;
    change.key = entries.column(0).get(0).asString();  // the greatest n: that of row 2
    QVERIFY(store.commit({.changes = {change}, .indexTrees = {tree}}, {}).ok());
    QVERIFY(hasFinding("index \"t_n\" of table \"t\" lacks the row with the key x'" + hex(keyOf(2)) + "'"));
  }

  void stopsOnRequest() {
    const auto stop = std::make_shared<std::atomic<bool>>(true);
    QCOMPARE(m_fixture->database().verify(stop).error().kind(), ErrorKind::QueryCanceled);
  }

 private:
  struct Entry {
    RowOp op;
    std::string name;
    std::string key;  ///< of the row
  };

  api::Session& session() { return m_fixture->session(); }

  static std::string keyOf(int id) {
    std::string key;
    types::appendKey(key, types::Value::integer(id));
    return key;
  }

  static QString hex(const std::string& bytes) { return QByteArray::fromStdString(bytes).toHex(); }

  /// Changes the index tree alone.
  void commit(const Entry& entry) {
    storage::RowChange change;
    change.tree = m_index;
    change.op = entry.op;
    types::appendKey(change.key, types::Value::text(entry.name));
    if (entry.op != RowOp::Delete) {
      const types::Type bytea = types::TypeId::Bytea;
      change.layout = std::make_shared<storage::RowLayout>(storage::RowLayout{{{1, bytea, types::Value::null(bytea)}}});
      const auto value = types::Value::bytea(entry.key);
      Bytes row;
      storage::encodeRow(*change.layout, std::span(&value, 1), row);
      change.row = std::string(asText(row));
    }
    if (entry.op == RowOp::Update) change.changed = {1};
    QVERIFY(m_fixture->database().store().commit({.changes = {change}, .indexTrees = {m_index}}, {}).ok());
    QVERIFY(m_fixture->database().checkpoint().ok());
  }

  QStringList findings() {
    const auto report = m_fixture->database().verify();
    QStringList sentences;
    if (!report.ok()) return {QString::fromStdString(report.error().message())};
    for (const auto& finding : report->findings) sentences << QString::fromStdString(finding.sentence);
    return sentences;
  }

  bool hasFinding(const QString& text) {
    const auto found = findings();
    const bool has = std::ranges::any_of(found, [&](const QString& sentence) { return sentence.contains(text); });
    if (!has) qWarning("expected \"%s\" in: %s", qPrintable(text), qPrintable(found.join("; ")));
    return has;
  }

  std::unique_ptr<SessionFixture> m_fixture;
  TreeId m_index = 0;
};

QTEST_APPLESS_MAIN(TestVerify)
#include "tst_verify.moc"
