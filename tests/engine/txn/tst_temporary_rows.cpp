#include <QtTest>

#include <random>

#include "store_fixture.h"
#include "txn/temporary_rows.h"

using namespace drift;
using namespace drift::txn;
using namespace drift::txn::test;
using storage::RowOp;

namespace {

constexpr TreeId kTemporary = kTemporaryCatalogTree + 7;

void putTemporary(Transaction& transaction, RowOp op, int id, const std::string& name = {}) {
  transaction.put(change(op, id, name, kTemporary));
}

bool commits(Transaction& transaction) { return transaction.commit({"test", "", std::nullopt}).value().has_value(); }

}  // namespace

class TestTemporaryRows : public QObject {
  Q_OBJECT

 private slots:
  void outliveTransactionsAndMakeNoCommit() {
    StoreFixture fixture;
    const auto before = fixture.store().lastCommit();
    const auto temporary = std::make_shared<TemporaryRows>();
    {
      Transaction transaction(fixture.store(), temporary);
      putTemporary(transaction, RowOp::Insert, 1, "one");
      putTemporary(transaction, RowOp::Insert, 2, "two");
      QVERIFY(!transaction.hasWrites());
      QVERIFY(transaction.hasWrites(kTemporary));
      QVERIFY(transaction.writtenTrees().empty());
      QCOMPARE(transaction.rowCount(kTemporary).value(), 2u);
      QVERIFY(!commits(transaction));
    }
    QCOMPARE(fixture.store().lastCommit(), before);
    const Transaction later(fixture.store(), temporary);
    QCOMPARE(rowsOf(later, kTemporary), (Rows{{1, "one"}, {2, "two"}}));
    const Transaction other(fixture.store());
    QCOMPARE(rowsOf(other, kTemporary), Rows());
  }

  void goWithATransactionThatIsNotCommitted() {
    StoreFixture fixture;
    const auto temporary = std::make_shared<TemporaryRows>();
    {
      Transaction transaction(fixture.store(), temporary);
      putTemporary(transaction, RowOp::Insert, 1, "one");
      QVERIFY(!commits(transaction));
    }
    {
      Transaction transaction(fixture.store(), temporary);
      putTemporary(transaction, RowOp::Update, 1, "uno");
      putTemporary(transaction, RowOp::Insert, 2, "two");
    }
    {
      // One that only reads ends without taking anything back.
      Transaction writer(fixture.store(), temporary);
      auto reader = std::make_unique<Transaction>(fixture.store(), temporary);
      putTemporary(writer, RowOp::Insert, 3, "three");
      reader.reset();
      QCOMPARE(rowsOf(writer, kTemporary), (Rows{{1, "one"}, {3, "three"}}));
    }
    const Transaction later(fixture.store(), temporary);
    QCOMPARE(rowsOf(later, kTemporary), (Rows{{1, "one"}}));
  }

  void goWithACommitThatFails() {
    StoreFixture fixture;
    fixture.insert({{1, "one"}});
    const auto temporary = std::make_shared<TemporaryRows>();
    {
      Transaction transaction(fixture.store(), temporary);
      putTemporary(transaction, RowOp::Insert, 1, "temporary");
      transaction.put(changeIn(transaction, RowOp::Update, 1, "mine"));
      Transaction faster(fixture.store());
      faster.put(changeIn(faster, RowOp::Update, 1, "theirs"));
      QVERIFY(commits(faster));
      QVERIFY(!transaction.commit({"test", "", std::nullopt}).ok());
    }
    const Transaction later(fixture.store(), temporary);
    QCOMPARE(rowsOf(later, kTemporary), Rows());
  }

  void cursorsKeepWhatTheyBeganWith() {
    StoreFixture fixture;
    const auto temporary = std::make_shared<TemporaryRows>();
    {
      Transaction transaction(fixture.store(), temporary);
      putTemporary(transaction, RowOp::Insert, 1, "one");
      QVERIFY(!commits(transaction));
    }
    const Transaction reader(fixture.store(), temporary);
    storage::ScanRequest request;
    request.tree = kTemporary;
    request.columns = columns();
    const auto cursor = reader.scan(std::move(request)).value();
    {
      Transaction writer(fixture.store(), temporary);
      putTemporary(writer, RowOp::Update, 1, "uno");
      putTemporary(writer, RowOp::Insert, 2, "two");
      QVERIFY(!commits(writer));
    }
    QCOMPARE(readRows(*cursor), (Rows{{1, "one"}}));
    QCOMPARE(rowsOf(reader, kTemporary), (Rows{{1, "uno"}, {2, "two"}}));
  }

  // Random changes of both kinds of tables, with savepoints, against maps.
  void followAModel() {
    bool given = false;
    auto seed = qEnvironmentVariable("DRIFT_SEED").toUInt(&given);
    if (!given) seed = std::random_device{}();
    qInfo("DRIFT_SEED=%u", seed);
    std::mt19937 random(seed);
    const auto upTo = [&](int most) { return std::uniform_int_distribution(0, most)(random); };
    StoreFixture fixture;
    const auto temporary = std::make_shared<TemporaryRows>();
    struct Model {
      Rows stored;
      Rows temporary;
    };
    Model settled;
    for (int round = 0; round < 200; ++round) {
      auto model = settled;
      Transaction transaction(fixture.store(), temporary);
      std::vector<std::pair<Savepoint, Model>> savepoints;
      for (int step = upTo(30); step > 0; --step) {
        const int id = upTo(12);
        const bool own = upTo(1) == 0;
        auto& rows = own ? model.temporary : model.stored;
        const auto tree = own ? kTemporary : kTree;
        const auto name = std::to_string(random());
        const bool isThere = rows.contains(id);
        const auto op = !isThere ? RowOp::Insert : upTo(1) == 0 ? RowOp::Update : RowOp::Delete;
        auto made = change(op, id, name, tree);
        const auto before = transaction.get(tree, made.key, {}).value();
        QCOMPARE(before.has_value(), isThere);
        made.previous = before ? before->seq : 0;
        transaction.put(std::move(made));
        if (op == RowOp::Delete) rows.erase(id);
        else rows[id] = name;
        if (upTo(5) == 0) savepoints.emplace_back(transaction.savepoint(), model);
        if (upTo(7) == 0 && !savepoints.empty()) {
          const auto back = static_cast<std::size_t>(upTo(static_cast<int>(savepoints.size()) - 1));
          transaction.rollbackTo(savepoints[back].first);
          model = savepoints[back].second;
          savepoints.resize(back + 1);
        }
        QCOMPARE(rowsOf(transaction, kTemporary), model.temporary);
        QCOMPARE(rowsOf(transaction, kTree), model.stored);
        QCOMPARE(transaction.rowCount(kTemporary).value(), model.temporary.size());
      }
      if (upTo(2) == 0) continue;  // rolled back
      commits(transaction);
      settled = model;
    }
    const Transaction last(fixture.store(), temporary);
    QCOMPARE(rowsOf(last, kTemporary), settled.temporary);
    QCOMPARE(rowsOf(last, kTree), settled.stored);
  }
};

QTEST_APPLESS_MAIN(TestTemporaryRows)
#include "tst_temporary_rows.moc"
