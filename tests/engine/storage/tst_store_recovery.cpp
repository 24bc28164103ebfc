// What is left of a file that was cut, damaged or lost power.
#include <random>

#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

/// A small file with epochs, and the end of the file after each commit.
struct SmallFile {
  Bytes bytes;
  std::vector<std::uint64_t> ends;                 ///< ends[n]: the file once commit n was written
  std::vector<std::vector<std::string>> states;    ///< states[n]: the rows then
};

SmallFile makeSmallFile() {
  platform::MemoryFileSystem files;
  const ManualClock clock(1'000'000);
  StoreOptions options;
  options.memtableRowsMax = 4;
  auto store = must(Store::create(files, kPath, clock, options));
  SmallFile small;
  small.ends.push_back(8192);
  small.states.push_back({});
  for (int n = 0; n < 10; ++n) {
    CommitRequest request;
    request.author = "anna";
    request.changes.push_back(change(kTree, RowOp::Insert, n, "row " + std::to_string(n)));
    if (n > 1) request.changes.push_back(change(kTree, n % 3 ? RowOp::Update : RowOp::Delete, n - 1, "changed"));
    must(store->commit(std::move(request), {}));
    small.states.push_back(rowsAt(*store, store->lastCommit()));
  }
  must(store->close());
  small.bytes = files.contents(kPath);
  // Pages and epochs stand between the commits, as the background thread wrote them.
  for (std::size_t at = 8192; at < small.bytes.size();) {
    std::uint32_t payload = 0;
    std::memcpy(&payload, small.bytes.data() + at + 8, sizeof payload);
    const bool isCommit = small.bytes[at + 4] == std::byte{1};
    at += 64 + payload;
    if (isCommit) small.ends.push_back(at);
  }
  return small;
}

Result<std::unique_ptr<Store>> openBytes(platform::MemoryFileSystem& files, Bytes bytes, bool readOnly) {
  static const ManualClock kClock(1'000'000);
  files.setContents(kPath, std::move(bytes));
  StoreOptions options;
  options.readOnly = readOnly;
  return Store::open(files, kPath, kClock, options);
}

}  // namespace

class TestStoreRecovery : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() { m_small = makeSmallFile(); }

  void everyPrefixIsAnOlderDatabase() {
    for (std::size_t size = 0; size <= m_small.bytes.size(); ++size) {
      platform::MemoryFileSystem files;
      const auto store = openBytes(files, Bytes(m_small.bytes.begin(), m_small.bytes.begin() + static_cast<std::ptrdiff_t>(size)), size % 2);
      if (size < 4096) {
        QVERIFY(!store.ok());
        const auto kind = store.error().kind();
        QVERIFY(kind == ErrorKind::NotADatabase || kind == ErrorKind::DataCorrupted);
        continue;
      }
      QVERIFY2(store.ok(), qPrintable(QString::number(size)));
      CommitNumber whole = 0;
      while (whole + 1 < m_small.ends.size() && m_small.ends[whole + 1] <= size) ++whole;
      QCOMPARE((*store)->lastCommit(), whole);
      QCOMPARE(rowsAt(**store, whole), m_small.states[whole]);
    }
  }

  void everyFlippedBitIsFound() {
    for (std::size_t bit = 0; bit < m_small.bytes.size() * 8; bit += 1 + bit % 3) {
      auto bytes = m_small.bytes;
      bytes[bit / 8] ^= static_cast<std::byte>(1u << (bit % 8));
      platform::MemoryFileSystem files;
      const auto store = openBytes(files, std::move(bytes), true);
      if (!store.ok()) continue;
      const auto report = must((*store)->verify({}));
      QVERIFY2(!report.findings.empty(), qPrintable(QString("bit %1 of byte %2").arg(bit % 8).arg(bit / 8)));
    }
  }

  void damageIsNotTakenForATornTail() {
    // A byte of the third commit: later frames say that it was durable.
    auto bytes = m_small.bytes;
    bytes[m_small.ends[2] + 70] ^= std::byte{1};
    platform::MemoryFileSystem files;
    // The superblock's way in does not read that frame; without it everything is read from the start.
    std::fill(bytes.begin() + 4096 + 40, bytes.begin() + 4096 + 50, std::byte{7});
    std::fill(bytes.begin() + 40, bytes.begin() + 50, std::byte{7});
    const auto neither = openBytes(files, bytes, false);
    QCOMPARE(neither.error().kind(), ErrorKind::DataCorrupted);

    auto cut = m_small.bytes;
    cut.resize(m_small.ends[5] + 3);  // shorter than the superblock knows it was
    const auto store = openBytes(files, cut, false);
    QVERIFY(store.ok());
    QVERIFY((*store)->openReport().corrupted);
    QVERIFY((*store)->readOnly());
    QCOMPARE((*store)->commit({}, {}).error().kind(), ErrorKind::ReadOnlyDatabase);
    QCOMPARE(files.contents(kPath).size(), cut.size());  // nothing was cut off
  }

  void spaceSetAsideIsNoTornTail() {
    for (const bool torn : {false, true}) {
      platform::MemoryFileSystem files;
      auto bytes = m_small.bytes;
      if (torn) bytes.insert(bytes.end(), 100, std::byte{'x'});
      bytes.resize(bytes.size() + 300'000);
      const auto store = openBytes(files, bytes, false);
      QVERIFY(store.ok());
      QVERIFY(!(*store)->openReport().corrupted);
      QCOMPARE((*store)->openReport().tornBytes, std::uint64_t{torn ? 100u : 0u});
      QCOMPARE((*store)->fileBytes(), std::uint64_t{m_small.bytes.size()});
      QCOMPARE(files.contents(kPath).size(), m_small.bytes.size());
    }
  }

  void aCloseGivesSpaceBack() {
    platform::MemoryFileSystem files;
    const auto store = openBytes(files, m_small.bytes, false);
    QVERIFY(store.ok());
    QVERIFY((*store)->commit({}, {}).ok());
    QVERIFY(files.contents(kPath).size() > (*store)->fileBytes());
    QVERIFY((*store)->close().ok());
    QCOMPARE(files.contents(kPath).size(), (*store)->fileBytes());
  }

  void tornTailIsCutOff() {
    platform::MemoryFileSystem files;
    auto bytes = m_small.bytes;
    bytes.insert(bytes.end(), 100, std::byte{'x'});
    {
      const auto store = openBytes(files, bytes, false);
      QVERIFY(store.ok());
      QCOMPARE((*store)->openReport().tornBytes, std::uint64_t{100});
      QVERIFY(!(*store)->readOnly());
      must((*store)->commit({.changes = {change(kTree, RowOp::Insert, 99, "after")}}, {}));
    }
    const ManualClock clock(1);
    const auto again = must(Store::open(files, kPath, clock, {}));
    QCOMPARE(again->lastCommit(), CommitNumber{11});
  }

  void powerCutsLoseNothingAcknowledged() {
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 1;
    qInfo("seed %d", seed);
    std::mt19937 random(static_cast<unsigned>(seed));
    for (int round = 0; round < 60; ++round) {
      platform::MemoryFileSystem files;
      const ManualClock clock(1'000'000);
      StoreOptions options;
      options.memtableRowsMax = 10;
      must(Store::create(files, kPath, clock, options));
      CommitNumber acknowledged = 0;
      for (int life = 0; life < 5; ++life) {
        auto store = must(Store::open(files, kPath, clock, options));
        QVERIFY2(!store->openReport().corrupted, store->openReport().corruption.c_str());
        QVERIFY(store->lastCommit() >= acknowledged);
        for (auto n = random() % 12; n > 0; --n) {
          const auto id = static_cast<std::int64_t>(store->lastCommit());
          acknowledged = must(store->commit({.changes = {change(kTree, RowOp::Insert, id, "x")}}, {})).number;
        }
        // The power goes while the store is open: what it writes afterwards is lost with it.
        const auto before = files.contents(kPath);
        files.crash(random() | 1);
        const auto after = files.contents(kPath);
        store.reset();
        files.setContents(kPath, after);
      }
    }
  }

  void otherFilesAreRefused_data() {
    QTest::addColumn<QByteArray>("contents");
    QTest::addColumn<int>("kind");
    QTest::newRow("empty") << QByteArray() << int(ErrorKind::NotADatabase);
    QTest::newRow("text") << QByteArray("hello, this is no database\n") << int(ErrorKind::NotADatabase);
    QTest::newRow("SQLite") << QByteArray("SQLite format 3\0", 16).append(QByteArray(9000, 'x')) << int(ErrorKind::NotADatabase);
    QTest::newRow("newer format") << QByteArray("DriftDB\n\x7f\0\0\0\0\0\0\0", 16).append(QByteArray(9000, 'x')) << int(ErrorKind::NewerFormat);
    QTest::newRow("half a superblock") << QByteArray("DriftDB\n\x01\0\0\0\0\0\0\0", 16) << int(ErrorKind::DataCorrupted);
  }
  void otherFilesAreRefused() {
    QFETCH(QByteArray, contents);
    QFETCH(int, kind);
    platform::MemoryFileSystem files;
    const auto bytes = std::as_bytes(std::span(contents.constData(), static_cast<std::size_t>(contents.size())));
    const auto store = openBytes(files, Bytes(bytes.begin(), bytes.end()), false);
    QCOMPARE(int(store.error().kind()), kind);
  }

 private:
  SmallFile m_small;
};

QTEST_APPLESS_MAIN(TestStoreRecovery)
#include "tst_store_recovery.moc"
