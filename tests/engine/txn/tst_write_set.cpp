#include <QtTest>

#include "store_fixture.h"
#include "txn/write_set.h"

using namespace drift;
using namespace drift::txn;
using storage::RowOp;

namespace {

/// Gives "I", "U", "D" for what would be committed for key 1, or "-" for nothing.
std::string outcome(WriteSet& writes) {
  const auto changes = writes.take();
  if (changes.empty()) return "-";
  switch (changes.front().op) {
    case RowOp::Insert: return "I";
    case RowOp::Update: return "U";
    case RowOp::Delete: return "D";
  }
  return "?";
}

RowOp opOf(char letter) { return letter == 'I' ? RowOp::Insert : letter == 'U' ? RowOp::Update : RowOp::Delete; }

}  // namespace

class TestWriteSet : public QObject {
  Q_OBJECT

 private slots:
  void changesOfOneKeyMerge_data() {
    QTest::addColumn<QString>("changes");
    QTest::addColumn<QString>("outcome");
    QTest::newRow("insert, update is insert") << "IU" << "I";
    QTest::newRow("insert, delete is nothing") << "ID" << "-";
    QTest::newRow("insert, delete, insert is insert") << "IDI" << "I";
    QTest::newRow("update, update is update") << "UU" << "U";
    QTest::newRow("update, delete is delete") << "UD" << "D";
    QTest::newRow("delete, insert is update") << "DI" << "U";
    QTest::newRow("delete, insert, delete is delete") << "DID" << "D";
    QTest::newRow("update, delete, insert, update is update") << "UDIU" << "U";
  }
  void changesOfOneKeyMerge() {
    QFETCH(QString, changes);
    QFETCH(QString, outcome);
    // Once in place, and once with every version kept for a savepoint.
    for (const bool keepVersions : {false, true}) {
      WriteSet writes;
      for (const auto letter : changes.toStdString()) {
        if (keepVersions) writes.protect();
        writes.put(test::change(opOf(letter), 1, "x"));
      }
      QCOMPARE(writes.size(), outcome == "-" ? 0u : 1u);
      QCOMPARE(writes.touches(test::kTree), outcome != "-");
      QCOMPARE(::outcome(writes), outcome.toStdString());
    }
  }

  void netRowsCountInsertsAndDeletes() {
    WriteSet writes;
    writes.put(test::change(RowOp::Insert, 1, "a"));
    writes.put(test::change(RowOp::Insert, 2, "b"));
    writes.put(test::change(RowOp::Delete, 3, ""));
    writes.put(test::change(RowOp::Update, 4, "d"));
    QCOMPARE(writes.netRows(test::kTree), 1);
    const auto position = writes.protect();
    writes.put(test::change(RowOp::Delete, 1, ""));
    writes.put(test::change(RowOp::Delete, 4, ""));
    QCOMPARE(writes.netRows(test::kTree), -1);
    writes.rollbackTo(position);
    QCOMPARE(writes.netRows(test::kTree), 1);
    QCOMPARE(writes.size(), 4u);
  }

  void updatesKeepTheColumnsOfBoth() {
    WriteSet writes;
    auto first = test::change(RowOp::Update, 1, "a");
    first.changed = {1};
    first.previous = 7;
    writes.put(first);
    writes.put(test::change(RowOp::Update, 1, "b"));
    const auto changes = writes.take();
    QCOMPARE(changes.size(), 1u);
    QCOMPARE(changes[0].changed, (std::vector<ColumnId>{1, 2}));
    QCOMPARE(changes[0].previous, CommitNumber{7});
  }

  void oneRowUpdatedOftenHoldsOneVersion() {
    WriteSet writes;
    for (int round = 0; round < 1000; ++round) writes.put(test::change(RowOp::Update, 1, std::to_string(round)));
    QCOMPARE(writes.find(test::kTree)->find(test::keyOf(1))->second.size(), 1u);
  }

  void sameKeyInTwoTreesIsTwoKeys() {
    WriteSet writes;
    writes.put(test::change(RowOp::Insert, 1, "a", 100));
    writes.put(test::change(RowOp::Insert, 1, "b", 101));
    QCOMPARE(writes.trees(), (std::vector<TreeId>{100, 101}));
    QCOMPARE(writes.take().size(), 2u);
    QCOMPARE(writes.size(), 0u);
  }
};

QTEST_APPLESS_MAIN(TestWriteSet)
#include "tst_write_set.moc"
