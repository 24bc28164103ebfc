#include <QtTest>

#include <random>

#include "store_fixture.h"

using namespace drift;
using namespace drift::txn;
using namespace drift::txn::test;
using storage::RowOp;

namespace {

std::uint32_t seedOfThisRun() {
  bool given = false;
  const auto seed = qEnvironmentVariable("DRIFT_SEED").toUInt(&given);
  return given ? seed : std::random_device{}();
}

ErrorKind commitFails(Transaction& transaction) {
  const auto result = transaction.commit({"test", "", std::nullopt});
  return result.ok() ? ErrorKind::InternalError : result.error().kind();
}

}  // namespace

class TestTransaction : public QObject {
  Q_OBJECT

 private slots:
  // Trap 26: reads see the transaction's own writes, others do not.
  void ownWritesAreSeenAndOnlyByOneself() {
    StoreFixture fixture;
    fixture.insert({{1, "one"}, {2, "two"}, {4, "four"}});
    Transaction transaction(fixture.store());
    transaction.put(changeIn(transaction, RowOp::Update, 2, "zwei"));
    transaction.put(changeIn(transaction, RowOp::Insert, 3, "drei"));
    transaction.put(changeIn(transaction, RowOp::Delete, 4));
    QCOMPARE(rowsOf(transaction), (Rows{{1, "one"}, {2, "zwei"}, {3, "drei"}}));
    QCOMPARE(transaction.rowCount(kTree).value(), 3u);
    QCOMPARE(transaction.get(kTree, keyOf(2), columns()).value()->values[1].asString(), std::string("zwei"));
    QVERIFY(!transaction.get(kTree, keyOf(4), columns()).value());
    QCOMPARE(transaction.highestKey(kTree).value(), keyOf(4));

    const Transaction other(fixture.store());
    QCOMPARE(rowsOf(other), (Rows{{1, "one"}, {2, "two"}, {4, "four"}}));
    QVERIFY(transaction.commit({"test", "", std::nullopt}).value());
    QCOMPARE(rowsOf(other), (Rows{{1, "one"}, {2, "two"}, {4, "four"}}));
    QCOMPARE(rowsOf(fixture.store().latest()), (Rows{{1, "one"}, {2, "zwei"}, {3, "drei"}}));
  }

  void ownRowsHaveNoCommitYet() {
    StoreFixture fixture;
    fixture.insert({{1, "one"}});
    Transaction transaction(fixture.store());
    transaction.put(changeIn(transaction, RowOp::Insert, 2, "two"));
    storage::ScanRequest request;
    request.tree = kTree;
    request.columns = {{storage::kSeqColumn, types::TypeId::BigInt, {}},
                       {storage::kOpColumn, types::TypeId::SmallInt, {}},
                       {storage::kKeyColumn, types::TypeId::Bytea, {}}};
    const auto cursor = transaction.scan(request).value();
    types::Chunk chunk;
    QVERIFY(cursor->next(chunk).value());
    QCOMPARE(chunk.rowCount(), 2u);
    QCOMPARE(chunk.column(0).get(0).asInt(), 1);
    QVERIFY(chunk.column(0).isNull(1));
    QCOMPARE(chunk.column(1).get(1).asInt(), static_cast<std::int64_t>(RowOp::Insert));
    QCOMPARE(chunk.column(2).get(1).asString(), keyOf(2));
  }

  // The parts of a statement read what was there before its first one wrote.
  void readsAsOfASavepoint() {
    StoreFixture fixture;
    fixture.insert({{1, "one"}, {2, "two"}, {5, "five"}});
    Transaction transaction(fixture.store());
    transaction.put(changeIn(transaction, RowOp::Update, 1, "eins"));
    const auto start = transaction.savepoint();
    transaction.put(changeIn(transaction, RowOp::Update, 1, "uno"));
    transaction.put(changeIn(transaction, RowOp::Delete, 2));
    transaction.put(changeIn(transaction, RowOp::Insert, 3, "three"));
    {
      const ReadAsOf before(transaction, start);
      QCOMPARE(rowsOf(transaction), (Rows{{1, "eins"}, {2, "two"}, {5, "five"}}));
      const auto order = transaction.writeOrder();
      QCOMPARE(transaction.get(kTree, keyOf(1), columns(), order).value()->values[1].asString(), std::string("eins"));
      QVERIFY(transaction.get(kTree, keyOf(2), columns(), order).value());
      QVERIFY(!transaction.get(kTree, keyOf(3), columns(), order).value());
      // Checks of keys see all that was written.
      QVERIFY(transaction.get(kTree, keyOf(3), columns()).value());
      const ReadAsOf nested(transaction, transaction.savepoint());
      QCOMPARE(rowsOf(transaction), (Rows{{1, "uno"}, {3, "three"}, {5, "five"}}));
    }
    QCOMPARE(rowsOf(transaction), (Rows{{1, "uno"}, {3, "three"}, {5, "five"}}));
    for (const int id : {1, 2, 3}) QVERIFY(transaction.hasWritten(kTree, keyOf(id), start));
    for (const int id : {4, 5}) QVERIFY(!transaction.hasWritten(kTree, keyOf(id), start));
    QVERIFY(!transaction.hasWritten(kTree, keyOf(1), transaction.savepoint()));
    transaction.rollbackTo(start);
    QCOMPARE(rowsOf(transaction), (Rows{{1, "eins"}, {2, "two"}, {5, "five"}}));
  }

  void cursorShowsWhatWasThereWhenItWasOpened() {
    StoreFixture fixture;
    fixture.insert({{1, "one"}});
    Transaction transaction(fixture.store());
    transaction.put(changeIn(transaction, RowOp::Insert, 2, "two"));
    storage::ScanRequest request;
    request.tree = kTree;
    request.columns = columns();
    const auto cursor = transaction.scan(request).value();
    transaction.put(changeIn(transaction, RowOp::Update, 1, "eins"));
    transaction.put(changeIn(transaction, RowOp::Update, 2, "zwei"));
    transaction.put(changeIn(transaction, RowOp::Insert, 3, "drei"));
    QCOMPARE(readRows(*cursor), (Rows{{1, "one"}, {2, "two"}}));
    QCOMPARE(rowsOf(transaction), (Rows{{1, "eins"}, {2, "zwei"}, {3, "drei"}}));
  }

  void savepointsTakeBackWhatCameAfter() {
    StoreFixture fixture;
    fixture.insert({{1, "one"}});
    Transaction transaction(fixture.store());
    transaction.put(changeIn(transaction, RowOp::Update, 1, "a"));
    const auto outer = transaction.savepoint();
    transaction.put(changeIn(transaction, RowOp::Update, 1, "b"));
    const auto inner = transaction.savepoint();
    transaction.put(changeIn(transaction, RowOp::Delete, 1));
    transaction.put(changeIn(transaction, RowOp::Insert, 2, "two"));
    transaction.rollbackTo(inner);
    QCOMPARE(rowsOf(transaction), (Rows{{1, "b"}}));
    transaction.put(changeIn(transaction, RowOp::Insert, 3, "three"));
    transaction.rollbackTo(outer);
    QCOMPARE(rowsOf(transaction), (Rows{{1, "a"}}));
    QCOMPARE(transaction.rowCount(kTree).value(), 1u);
    transaction.rollbackTo(outer);
    QVERIFY(transaction.commit({"test", "", std::nullopt}).value());
    QCOMPARE(rowsOf(fixture.store().latest()), (Rows{{1, "a"}}));
  }

  // Trap 28: a conflict is an error, not a lost update.
  void firstCommitterWins_data() {
    QTest::addColumn<QString>("first");
    QTest::addColumn<QString>("second");
    QTest::addColumn<bool>("conflict");
    QTest::newRow("update and update of one row") << "U1" << "U1" << true;
    QTest::newRow("delete and update of one row") << "D1" << "U1" << true;
    QTest::newRow("update and delete of one row") << "U1" << "D1" << true;
    QTest::newRow("delete and delete of one row") << "D1" << "D1" << true;
    QTest::newRow("insert and insert of one key") << "I9" << "I9" << true;
    QTest::newRow("deleted and inserted again, then updated") << "R1" << "U1" << true;
    QTest::newRow("updates of two rows") << "U1" << "U2" << false;
    QTest::newRow("inserts of two keys") << "I8" << "I9" << false;
    QTest::newRow("delete of a row that stayed") << "U1" << "D2" << false;
  }
  void firstCommitterWins() {
    QFETCH(QString, first);
    QFETCH(QString, second);
    QFETCH(bool, conflict);
    StoreFixture fixture;
    fixture.insert({{1, "one"}, {2, "two"}});
    Transaction loser(fixture.store());
    const auto apply = [](Transaction& transaction, const QString& what) {
      const int id = what.mid(1).toInt();
      switch (what[0].toLatin1()) {
        case 'I': transaction.put(changeIn(transaction, RowOp::Insert, id, "new")); break;
        case 'U': transaction.put(changeIn(transaction, RowOp::Update, id, "changed")); break;
        default: transaction.put(changeIn(transaction, RowOp::Delete, id)); break;
      }
    };
    if (first == "R1") {
      Transaction deleting(fixture.store());
      apply(deleting, "D1");
      QVERIFY(deleting.commit({"test", "", std::nullopt}).value());
      Transaction inserting(fixture.store());
      apply(inserting, "I1");
      QVERIFY(inserting.commit({"test", "", std::nullopt}).value());
    } else {
      Transaction winner(fixture.store());
      apply(winner, first);
      QVERIFY(winner.commit({"test", "", std::nullopt}).value());
    }
    apply(loser, second);
    const auto before = fixture.store().lastCommit();
    if (conflict) {
      QCOMPARE(commitFails(loser), ErrorKind::SerializationFailure);
      QCOMPARE(fixture.store().lastCommit(), before);
    } else {
      QVERIFY(loser.commit({"test", "", std::nullopt}).value());
    }
  }

  void reliedOnRowsAndTreesConflictToo() {
    StoreFixture fixture;
    fixture.insert({{1, "one"}, {2, "two"}});
    Transaction onRow(fixture.store());
    onRow.requireUnchanged(kTree, keyOf(1));
    onRow.put(change(RowOp::Insert, 1, "elsewhere", kTree + 1));
    Transaction onOtherRow(fixture.store());
    onOtherRow.requireUnchanged(kTree, keyOf(2));
    onOtherRow.put(change(RowOp::Insert, 2, "elsewhere", kTree + 1));
    Transaction onTree(fixture.store());
    onTree.requireQuiet(kTree);
    onTree.put(change(RowOp::Insert, 3, "elsewhere", kTree + 1));

    Transaction winner(fixture.store());
    winner.put(changeIn(winner, RowOp::Update, 1, "eins"));
    QVERIFY(winner.commit({"test", "", std::nullopt}).value());
    QCOMPARE(commitFails(onRow), ErrorKind::SerializationFailure);
    QCOMPARE(commitFails(onTree), ErrorKind::SerializationFailure);
    QVERIFY(onOtherRow.commit({"test", "", std::nullopt}).value());
  }

  void presentRowsMayChangeButNotGo() {
    for (const auto op : {RowOp::Update, RowOp::Delete}) {
      StoreFixture fixture;
      fixture.insert({{1, "one"}, {2, "two"}});
      Transaction onRow(fixture.store());
      onRow.requirePresent(kTree, keyOf(1));
      onRow.requirePresent(kTree, keyOf(2));
      onRow.put(change(RowOp::Insert, 1, "elsewhere", kTree + 1));
      Transaction winner(fixture.store());
      winner.put(changeIn(winner, op, 2, op == RowOp::Update ? "zwei" : ""));
      QVERIFY(winner.commit({"test", "", std::nullopt}).value());
      if (op == RowOp::Update) QVERIFY(onRow.commit({"test", "", std::nullopt}).value());
      else QCOMPARE(commitFails(onRow), ErrorKind::SerializationFailure);
    }
  }

  void nothingWrittenIsNoCommitUnlessATimeIsAskedFor() {
    StoreFixture fixture;
    Transaction nothing(fixture.store());
    QVERIFY(!nothing.commit({"test", "", std::nullopt}).value());
    Transaction canceledOut(fixture.store());
    canceledOut.put(change(RowOp::Insert, 1, "a"));
    canceledOut.put(change(RowOp::Delete, 1, ""));
    QVERIFY(!canceledOut.hasWrites());
    QVERIFY(!canceledOut.commit({"test", "", std::nullopt}).value());
    Transaction dated(fixture.store());
    const auto receipt = dated.commit({"test", "import", TimeMicros{5}}).value();
    QCOMPARE(receipt->number, CommitNumber{1});
    QCOMPARE(receipt->time, TimeMicros{5});
  }

  void indexTreesAreCountedInNoInfo() {
    StoreFixture fixture;
    Transaction transaction(fixture.store());
    transaction.put(change(RowOp::Insert, 1, "row"));
    transaction.put(change(RowOp::Insert, 1, "entry", kTree + 1));
    transaction.markIndex(kTree + 1);
    const auto number = transaction.commit({"test", "", std::nullopt}).value()->number;
    const auto info = fixture.store().commitInfo(number).value();
    QCOMPARE(info->trees.size(), 1u);
    QCOMPARE(info->trees[0].tree, kTree);
  }

  // Any mix of committed and own rows, over several chunks, in every range and from every offset.
  void overlayMatchesAModel() {
    const auto seed = seedOfThisRun();
    qInfo("DRIFT_SEED=%u", seed);
    std::mt19937 random(seed);
    const auto below = [&](int bound) { return static_cast<int>(random() % static_cast<unsigned>(bound)); };
    for (int round = 0; round < 20; ++round) {
      StoreFixture fixture;
      Rows model;
      const int keys = 20 + below(6000);
      for (int at = below(keys); at > 0; --at) model[below(keys)] = "a name that is not stored inline";
      if (!model.empty()) fixture.insert(model);
      Transaction transaction(fixture.store());
      std::vector<std::pair<Savepoint, Rows>> savepoints;
      for (int step = below(3000); step > 0; --step) {
        const int id = below(keys);
        const auto name = "name of step " + std::to_string(step);
        const bool there = model.count(id) > 0;
        if (!there) transaction.put(changeIn(transaction, RowOp::Insert, id, name));
        else if (below(2)) transaction.put(changeIn(transaction, RowOp::Update, id, name));
        else transaction.put(changeIn(transaction, RowOp::Delete, id));
        if (transaction.get(kTree, keyOf(id), {}).value()) model[id] = name;
        else model.erase(id);
        if (below(200) == 0) savepoints.emplace_back(transaction.savepoint(), model);
        if (below(300) == 0 && !savepoints.empty()) {
          transaction.rollbackTo(savepoints.back().first);
          model = savepoints.back().second;
          savepoints.pop_back();
        }
      }
      QCOMPARE(rowsOf(transaction), model);
      QCOMPARE(transaction.rowCount(kTree).value(), model.size());

      const int from = below(keys), to = from + below(keys), skip = below(50);
      storage::ScanRequest request;
      request.tree = kTree;
      request.columns = columns();
      request.range = {keyOf(from), keyOf(to)};
      request.skipRows = static_cast<std::uint64_t>(skip);
      Rows expected(model.lower_bound(from), model.lower_bound(to));
      for (int left = skip; left > 0 && !expected.empty(); --left) expected.erase(expected.begin());
      QCOMPARE(readRows(*transaction.scan(request).value()), expected);

      const bool writes = transaction.hasWrites();
      QCOMPARE(transaction.commit({"test", "", std::nullopt}).value().has_value(), writes);
      QCOMPARE(rowsOf(fixture.store().latest()), model);
    }
  }
};

QTEST_APPLESS_MAIN(TestTransaction)
#include "tst_transaction.moc"
