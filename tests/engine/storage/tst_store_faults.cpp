// Disks that fail: the store stops writing for good, goes on reading, and loses nothing acknowledged.
#include <map>

#include "platform/faulty_file_system.h"
#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;
using platform::Fault;
using platform::FaultRule;
using platform::Operation;

Q_DECLARE_METATYPE(platform::Operation)
Q_DECLARE_METATYPE(platform::Fault)

namespace {

constexpr CommitNumber kCommits = 12;

/// Commit n inserts row n and changes row n - 1, so that its number alone tells what the table holds.
CommitRequest requestOf(CommitNumber number) {
  const auto id = static_cast<std::int64_t>(number);
  CommitRequest request{.changes = {change(kTree, RowOp::Insert, id, "new")}};
  if (id > 1) request.changes.push_back(change(kTree, RowOp::Update, id - 1, "changed"));
  return request;
}

std::vector<std::string> stateOf(CommitNumber number) {
  std::vector<std::string> rows;
  for (CommitNumber id = 1; id <= number; ++id)
    rows.push_back(std::to_string(id) + (id == number ? "|new" : "|changed"));
  return rows;
}

/// Two or three commits to an epoch.
StoreOptions smallEpochs() {
  StoreOptions options;
  options.memtableRowsMax = 4;
  return options;
}

/// Writes until a commit fails or all are there, in epochs; gives the last one acknowledged.
CommitNumber writeUntilError(Store& store, std::optional<Error>& error) {
  CommitNumber acknowledged = store.lastCommit();
  while (acknowledged < kCommits) {
    auto receipt = store.commit(requestOf(acknowledged + 1), {});
    if (!receipt.ok()) {
      error = receipt.error();
      break;
    }
    acknowledged = receipt->number;
  }
  // What a background epoch met is told by the next commit, or by who waits for the epoch.
  if (auto status = store.checkpoint(); !error && !status.ok()) error = status.error();
  return acknowledged;
}

}  // namespace

class TestStoreFaults : public QObject {
  Q_OBJECT

 private slots:
  void aFailureEndsWritingForGood_data() {
    QTest::addColumn<Operation>("operation");
    QTest::addColumn<Fault>("fault");
    QTest::newRow("write fails") << Operation::Write << Fault::Fails;
    QTest::newRow("write ends half-way") << Operation::Write << Fault::DiskFull;
    QTest::newRow("write fails when done") << Operation::Write << Fault::FailsAfter;
    QTest::newRow("sync fails") << Operation::Sync << Fault::Fails;
    QTest::newRow("sync fails when done") << Operation::Sync << Fault::FailsAfter;
  }
  void aFailureEndsWritingForGood() {
    QFETCH(Operation, operation);
    QFETCH(Fault, fault);
    std::uint64_t after = 0;
    for (bool failed = true; failed; ++after) {
      for (const bool powerCut : {false, true}) {
        failed = failAndReopen({operation, after, fault}, powerCut);
        if (QTest::currentTestFailed()) return;
      }
    }
    QVERIFY(after > kCommits);  // each commit met the fault at least once
  }

  void whatWasAcknowledgedCanBeReadAfterAFailure() {
    platform::MemoryFileSystem disk;
    platform::FaultyFileSystem files(disk);
    const auto store = must(Store::create(files, kPath, m_clock, smallEpochs()));
    files.inject({Operation::Sync, 6, Fault::Fails});
    std::optional<Error> error;
    const auto acknowledged = writeUntilError(*store, error);
    QVERIFY(error);
    QCOMPARE(store->lastCommit(), acknowledged);
    for (CommitNumber number = 0; number <= acknowledged; ++number) QCOMPARE(rowsAt(*store, number), stateOf(number));
  }

  void closingTellsThatWritingFailed() {
    platform::MemoryFileSystem disk;
    platform::FaultyFileSystem files(disk);
    StoreOptions options;
    options.durability = Durability::Off;
    const auto store = must(Store::create(files, kPath, m_clock, options));
    must(store->commit(requestOf(1), {}));
    files.inject({Operation::Write, 0, Fault::Fails});
    QCOMPARE(store->commit(requestOf(2), {}).error().kind(), ErrorKind::IoError);
    // Commit 1 was acknowledged, but never synced: nobody may believe that it is safe now.
    QVERIFY(!store->close().ok());
  }

  void creationLeavesNothingBehind_data() {
    QTest::addColumn<Operation>("operation");
    QTest::addColumn<int>("after");
    QTest::newRow("open") << Operation::Open << 0;
    QTest::newRow("lock") << Operation::Lock << 0;
    QTest::newRow("first superblock") << Operation::Write << 0;
    QTest::newRow("second superblock") << Operation::Write << 1;
    QTest::newRow("sync") << Operation::Sync << 0;
    QTest::newRow("sync of the folder") << Operation::SyncFolder << 0;
  }
  void creationLeavesNothingBehind() {
    QFETCH(Operation, operation);
    QFETCH(int, after);
    platform::MemoryFileSystem disk;
    platform::FaultyFileSystem files(disk);
    files.inject({operation, static_cast<std::uint64_t>(after), Fault::Fails});
    QVERIFY(!Store::create(files, kPath, m_clock, {}).ok());
    QVERIFY(!must(disk.exists(kPath)));
    QVERIFY(Store::create(files, kPath, m_clock, {}).ok());
  }

  void openingFailsCleanly_data() {
    QTest::addColumn<Operation>("operation");
    QTest::newRow("read") << Operation::Read;
    QTest::newRow("truncate") << Operation::Truncate;
    QTest::newRow("sync") << Operation::Sync;
    QTest::newRow("lock") << Operation::Lock;
  }
  void openingFailsCleanly() {
    QFETCH(Operation, operation);
    platform::MemoryFileSystem disk;
    auto image = makeImage(disk);
    image.insert(image.end(), 100, std::byte{'x'});  // a torn tail, to be cut off
    std::uint64_t after = 0;
    for (;; ++after) {
      disk.setContents(kPath, image);
      platform::FaultyFileSystem files(disk);
      files.inject({operation, after, Fault::Fails});
      const auto store = Store::open(files, kPath, m_clock, smallEpochs());
      if (store.ok()) break;
      QCOMPARE(store.error().kind(), ErrorKind::IoError);
      // Giving up must write nothing: at most the torn tail is gone.
      const auto left = disk.contents(kPath);
      QVERIFY(left.size() == image.size() || left.size() == image.size() - 100);
      QVERIFY(std::equal(left.begin(), left.end(), image.begin()));
      const auto again = must(Store::open(disk, kPath, m_clock, smallEpochs()));
      QCOMPARE(again->lastCommit(), kCommits);
      QCOMPARE(rowsAt(*again, kCommits), stateOf(kCommits));
    }
    QVERIFY(after > 0);
  }

  void whatIsReadIsDurable() {
    // The frames of a process that was killed are there, but perhaps not on the disk.
    platform::MemoryFileSystem disk;
    Bytes unsynced;
    {
      StoreOptions options;
      options.durability = Durability::Off;
      const auto store = must(Store::create(disk, kPath, m_clock, options));
      must(store->commit(requestOf(1), {}));
      unsynced = disk.contents(kPath);
    }
    disk.setContents(kPath, unsynced);
    platform::FaultyFileSystem files(disk);
    const auto before = files.count(Operation::Sync);
    const auto store = must(Store::open(files, kPath, m_clock, {}));
    QCOMPARE(store->lastCommit(), CommitNumber{1});
    QVERIFY(files.count(Operation::Sync) > before);
  }

  void flippedBitsOfReadsAreErrors() {
    platform::MemoryFileSystem disk;
    makeImage(disk);
    platform::FaultyFileSystem files(disk);
    StoreOptions options;
    options.readOnly = true;
    options.cacheBytesMax = 1;
    const auto store = must(Store::open(files, kPath, m_clock, options));
    int errors = 0;
    for (CommitNumber number = 1; number <= kCommits; ++number) {
      for (std::uint64_t after = 0; after < 4; ++after) {
        files.heal();
        files.inject({Operation::Read, after, Fault::FlipsBit});
        // The epoch of an older moment is read too.
        const auto more = [&]() -> Result<bool> {
          DRIFT_ASSIGN(const auto snapshot, store->at(number));
          DRIFT_ASSIGN(const auto cursor, snapshot.scan({.tree = kTree, .columns = columns()}));
          types::Chunk chunk;
          return cursor->next(chunk);
        }();
        if (more.ok()) continue;  // the scan read less than that
        QCOMPARE(more.error().kind(), ErrorKind::DataCorrupted);
        ++errors;
      }
      files.heal();
      QCOMPARE(rowsAt(*store, number), stateOf(number));  // a bad read is not remembered
    }
    QVERIFY(errors > 0);
  }

 private:
  /// Meets one fault, then opens the file again. Gives whether the fault was met.
  bool failAndReopen(const FaultRule& rule, bool powerCut) {
    platform::MemoryFileSystem disk;
    platform::FaultyFileSystem files(disk);
    auto store = must(Store::create(files, kPath, m_clock, smallEpochs()));
    files.inject(rule);
    std::optional<Error> error;
    const auto acknowledged = writeUntilError(*store, error);
    if (error) checkStopped(*store, disk, *error);
    // The fault is not there any more: only what the first failure left can matter.
    if (powerCut) {
      disk.crash(rule.after + 1);
      const auto left = disk.contents(kPath);
      store.reset();
      disk.setContents(kPath, left);
    }
    store.reset();
    checkReopened(disk, acknowledged);
    return error.has_value();
  }

  void checkStopped(Store& store, const platform::MemoryFileSystem& disk, const Error& cause) {
    const auto contents = disk.contents(kPath);
    const auto kind = (cause.cause() ? *cause.cause() : cause).kind();
    QVERIFY(kind == ErrorKind::IoError || kind == ErrorKind::DiskFull);
    QVERIFY(store.readOnly());
    const auto next = store.commit(requestOf(1), {});
    QCOMPARE(next.error().kind(), ErrorKind::ReadOnlyDatabase);
    QVERIFY(next.error().toString().find(cause.message()) != std::string::npos);
    QCOMPARE(store.checkpoint().error().kind(), ErrorKind::ReadOnlyDatabase);
    QVERIFY(disk.contents(kPath) == contents);
  }

  void checkReopened(platform::MemoryFileSystem& disk, CommitNumber acknowledged) {
    const auto store = Store::open(disk, kPath, m_clock, smallEpochs());
    QVERIFY2(store.ok(), store.ok() ? "" : store.error().toString().c_str());
    QVERIFY2(!(*store)->openReport().corrupted, (*store)->openReport().corruption.c_str());
    const auto last = (*store)->lastCommit();
    QVERIFY(last == acknowledged || last == acknowledged + 1);
    for (CommitNumber number = 0; number <= last; ++number) QCOMPARE(rowsAt(**store, number), stateOf(number));
    must((*store)->commit(requestOf(last + 1), {}));
    QCOMPARE(rowsAt(**store, last + 1), stateOf(last + 1));
  }

  Bytes makeImage(platform::MemoryFileSystem& disk) {
    const auto store = must(Store::create(disk, kPath, m_clock, smallEpochs()));
    std::optional<Error> error;
    writeUntilError(*store, error);
    must(store->close());
    return disk.contents(kPath);
  }

  ManualClock m_clock{1'000'000};
};

QTEST_APPLESS_MAIN(TestStoreFaults)
#include "tst_store_faults.moc"
