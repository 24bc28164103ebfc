#include <QtTest>

#include "base/clock.h"
#include "catalog/catalog.h"
#include "platform/memory_file_system.h"

using namespace drift;
using namespace drift::catalog;
using types::TypeId;

namespace {

/// A store in memory with the shortest way to commit schema changes.
class Database final {
 public:
  Database() : m_store(storage::Store::create(m_files, "test.drift", m_clock, {}).value()), catalog(*m_store) {}

  storage::Store& store() { return *m_store; }

  CommitNumber commit(txn::Transaction& transaction) {
    catalog.guardWrites(transaction);
    return transaction.commit({"test", "", std::nullopt}).value()->number;
  }
  ErrorKind commitFails(txn::Transaction& transaction) {
    catalog.guardWrites(transaction);
    const auto result = transaction.commit({"test", "", std::nullopt});
    return result.ok() ? ErrorKind::InternalError : result.error().kind();
  }

  Table makeTable(txn::Transaction& transaction, const std::string& name) {
    Table table;
    table.id = catalog.allocateTrees(transaction, 1).value();
    table.name = name;
    table.nextColumnId = 2;
    table.columns = {{1, "id", TypeId::Integer, true, "", {}}};
    table.primaryKey = {1};
    if (!catalog.putTable(transaction, table).ok()) qFatal("putTable failed");
    return table;
  }
  Table create(const std::string& name) {
    txn::Transaction transaction(*m_store);
    const auto table = makeTable(transaction, name);
    commit(transaction);
    return table;
  }
  CommitNumber put(const Table& table) {
    txn::Transaction transaction(*m_store);
    if (!catalog.putTable(transaction, table).ok()) qFatal("putTable failed");
    return commit(transaction);
  }
  CommitNumber drop(const Table& table) {
    txn::Transaction transaction(*m_store);
    if (!catalog.dropTable(transaction, table).ok()) qFatal("dropTable failed");
    return commit(transaction);
  }

  std::string namesAt(CommitNumber at) {
    std::string names;
    const auto view = catalog.viewAt(at).value();
    for (const auto& table : view->tables()) names += (names.empty() ? "" : " ") + table->name;
    return names;
  }

 private:
  platform::MemoryFileSystem m_files;
  ManualClock m_clock{1'700'000'000'000'000};
  std::unique_ptr<storage::Store> m_store;

 public:
  Catalog catalog;
};

storage::RowChange rowOf(const Table& table, int id) {
  storage::RowChange change;
  change.tree = table.id;
  change.key = std::to_string(id);
  change.layout = std::make_shared<const storage::RowLayout>(table.layout());
  const std::vector<types::Value> values{types::Value::integer(id)};
  Bytes row;
  storage::encodeRow(*change.layout, values, row);
  change.row = std::string(asText(row));
  return change;
}

}  // namespace

class TestCatalog : public QObject {
  Q_OBJECT

 private slots:
  void schemaHasAHistory() {
    Database database;
    QCOMPARE(database.namesAt(0), std::string());
    auto orders = database.create("orders");
    database.create("items");
    QCOMPARE(database.namesAt(1), std::string("orders"));
    QCOMPARE(database.namesAt(2), std::string("items orders"));
    orders.columns.push_back({2, "note", TypeId::Text, false, "", {}});
    orders.nextColumnId = 3;
    database.put(orders);
    QCOMPARE(database.catalog.viewAt(2).value()->find("orders")->columns.size(), 1u);
    QCOMPARE(database.catalog.viewAt(3).value()->find("orders")->columns.size(), 2u);
    QCOMPARE(database.catalog.viewAt(kNoCommit).value()->find(orders.id)->columns.size(), 2u);
  }

  void renamedTableKeepsItsIdAndItsOldNames() {
    Database database;
    auto table = database.create("draft");
    table.name = "final";
    const auto renamed = database.put(table);
    QVERIFY(!database.catalog.viewAt(renamed).value()->find("draft"));
    QCOMPARE(database.catalog.viewAt(renamed).value()->find("final")->id, table.id);
    QCOMPARE(database.catalog.nameOf(table.id, renamed - 1).value(), std::string("draft"));
    QCOMPARE(database.catalog.nameOf(table.id, renamed).value(), std::string("final"));
  }

  // Trap 15: DROP TABLE drops, and a new table of the same name is another one.
  void droppedTableStaysInThePast() {
    Database database;
    const auto first = database.create("t");
    const auto dropped = database.drop(first);
    QCOMPARE(database.namesAt(dropped - 1), std::string("t"));
    QCOMPARE(database.namesAt(dropped), std::string());
    QCOMPARE(database.catalog.nameOf(first.id, dropped + 10).value(), std::string("t"));
    const auto second = database.create("t");
    QVERIFY(second.id != first.id);
    QCOMPARE(database.catalog.viewAt(kNoCommit).value()->find("t")->id, second.id);
    QCOMPARE(database.catalog.nameOf(second.id, dropped).value(), std::string());
    QCOMPARE(database.catalog.nameOf(9999, kNoCommit).value(), std::string());
  }

  void transactionSeesItsOwnSchema() {
    Database database;
    database.create("kept");
    txn::Transaction transaction(database.store());
    const auto table = database.makeTable(transaction, "mine");
    QVERIFY(database.catalog.viewOf(transaction).value()->find("mine"));
    QVERIFY(database.catalog.viewOf(transaction).value()->find("kept"));
    QVERIFY(!database.catalog.viewAt(kNoCommit).value()->find("mine"));
    QVERIFY(database.catalog.dropTable(transaction, table).ok());
    QVERIFY(!database.catalog.viewOf(transaction).value()->find("mine"));
    QCOMPARE(database.catalog.dropTable(transaction, table).error().kind(), ErrorKind::UndefinedTable);
  }

  void treeIdsAreNeverGivenTwice() {
    Database database;
    txn::Transaction transaction(database.store());
    const auto first = database.catalog.allocateTrees(transaction, 3).value();
    QCOMPARE(first, kFirstUserTree);
    QCOMPARE(database.catalog.allocateTrees(transaction, 1).value(), first + 3);
    database.commit(transaction);
    txn::Transaction next(database.store());
    QCOMPARE(database.catalog.allocateTrees(next, 1).value(), first + 4);
  }

  void schemaChangesConflictWithEachOther() {
    Database database;
    auto a = database.create("a");
    auto b = database.create("b");
    txn::Transaction first(database.store());
    txn::Transaction second(database.store());
    a.name = "c";
    b.name = "c";
    QVERIFY(database.catalog.putTable(first, a).ok());
    QVERIFY(database.catalog.putTable(second, b).ok());
    database.commit(first);
    QCOMPARE(database.commitFails(second), ErrorKind::SerializationFailure);
  }

  void rowsAreNotCommittedUnderADefinitionThatIsGone() {
    Database database;
    const auto table = database.create("t");
    const auto other = database.create("other");
    txn::Transaction writer(database.store());
    writer.put(rowOf(table, 1));
    txn::Transaction otherWriter(database.store());
    otherWriter.put(rowOf(other, 1));
    database.drop(table);
    QCOMPARE(database.commitFails(writer), ErrorKind::SerializationFailure);
    database.commit(otherWriter);
  }

  void schemaChangeFailsWhereRowsCameFirst() {
    Database database;
    auto table = database.create("t");
    txn::Transaction altering(database.store());
    table.checks.push_back({"t_check", "id > 10"});
    QVERIFY(database.catalog.putTable(altering, table).ok());
    txn::Transaction writer(database.store());
    writer.put(rowOf(table, 1));
    database.commit(writer);
    QCOMPARE(database.commitFails(altering), ErrorKind::SerializationFailure);
  }

  void moreViewsThanTheCacheHolds() {
    Database database;
    for (int number = 0; number < 100; ++number) database.create("t" + std::to_string(number));
    for (CommitNumber at = 0; at <= 100; ++at)
      QCOMPARE(database.catalog.viewAt(at).value()->tables().size(), static_cast<std::size_t>(at));
    QCOMPARE(database.catalog.viewAt(1).value(), database.catalog.viewAt(1).value());
  }
};

QTEST_APPLESS_MAIN(TestCatalog)
#include "tst_catalog.moc"
