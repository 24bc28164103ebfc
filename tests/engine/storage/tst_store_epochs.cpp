// Epochs are written beside commits: what stands between their pages, what a cut or a failure leaves, what readers
// see meanwhile.
#include <atomic>
#include <limits>
#include <random>
#include <set>
#include <thread>

#include "platform/faulty_file_system.h"
#include "storage/frame.h"
#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;
using platform::Fault;
using platform::Operation;

namespace {

constexpr std::size_t kSuperblocksBytes = 8192;

/// Files in memory that call back before each read: the writer of an epoch reads older nodes between its own pages.
class WatchedFileSystem final : public platform::FileSystem {
 public:
  std::function<void()> onRead;

  Result<std::unique_ptr<platform::File>> open(const std::string& path, platform::OpenMode mode) override {
    DRIFT_ASSIGN(auto file, memory.open(path, mode));
    return std::unique_ptr<platform::File>(std::make_unique<WatchedFile>(*this, std::move(file)));
  }
  Result<bool> exists(const std::string& path) override { return memory.exists(path); }
  Status remove(const std::string& path) override { return memory.remove(path); }
  Status rename(const std::string& from, const std::string& to) override { return memory.rename(from, to); }
  Status syncFolderOf(const std::string& path) override { return memory.syncFolderOf(path); }
  Result<std::vector<std::string>> list(const std::string& folder) override { return memory.list(folder); }

  platform::MemoryFileSystem memory;

 private:
  class WatchedFile final : public platform::File {
   public:
    WatchedFile(WatchedFileSystem& system, std::unique_ptr<File> file) : m_system(system), m_file(std::move(file)) {}
    Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
      if (m_system.onRead) m_system.onRead();
      return m_file->readAt(offset, into);
    }
    Status writeAt(std::uint64_t offset, ByteSpan bytes) override { return m_file->writeAt(offset, bytes); }
    Status sync() override { return m_file->sync(); }
    Result<std::uint64_t> size() const override { return m_file->size(); }
    Status truncate(std::uint64_t size) override { return m_file->truncate(size); }
    Status lockExclusive() override { return m_file->lockExclusive(); }
    void unlock() override { m_file->unlock(); }

   private:
    WatchedFileSystem& m_system;
    std::unique_ptr<File> m_file;
  };
};

/// A file whose epochs have commits between their pages, and what it held after each commit.
struct InterleavedFile {
  Bytes bytes;
  Bytes superblocks;                             ///< of the new file: they know of no epoch
  std::vector<std::size_t> frameEnds;
  std::vector<std::size_t> commitEnds;           ///< commitEnds[n]: the file once commit n was written
  std::vector<std::vector<std::string>> states;  ///< states[n]: the rows then
  bool commitsBetweenPages = false;
};

/// Walks the frames: ends of all and of commits, and whether a page of an epoch stands behind a newer commit.
void findFrames(InterleavedFile& file) {
  file.commitEnds.push_back(kSuperblocksBytes);
  bool pageBefore = false;
  bool commitAfterPage = false;
  for (std::size_t at = kSuperblocksBytes; at < file.bytes.size();) {
    std::uint32_t payload = 0;
    std::memcpy(&payload, file.bytes.data() + at + 8, sizeof payload);
    const auto kind = std::to_integer<int>(file.bytes[at + 4]);
    at += 64 + payload;
    file.frameEnds.push_back(at);
    if (kind == int(FrameKind::Commit)) {
      file.commitEnds.push_back(at);
      commitAfterPage = pageBefore;
    } else if (kind == int(FrameKind::Epoch)) {
      if (commitAfterPage) file.commitsBetweenPages = true;
      pageBefore = commitAfterPage = false;
    } else {
      pageBefore = true;
    }
  }
}

InterleavedFile makeInterleavedFile() {
  WatchedFileSystem files;
  const ManualClock clock(1'000'000);
  StoreOptions options;
  options.durability = Durability::Off;
  options.cacheBytesMax = 1;  // so that pages are read again
  const auto store = must(Store::create(files, kPath, clock, options));
  InterleavedFile file;
  file.superblocks = files.memory.contents(kPath);
  file.states.push_back({});
  std::mt19937 random(5);
  std::set<std::int64_t> live;
  // A third tree with an inner node: its writer reads that when the pages of the other two are written.
  constexpr std::int64_t kManyRows = 3000;
  CommitRequest first;
  for (std::int64_t id = 0; id < kManyRows; ++id) first.changes.push_back(change(kTree + 2, RowOp::Insert, id, "x"));
  must(store->commit(std::move(first), {}));
  must(store->checkpoint());
  const auto commitOne = [&] {
    const auto id = static_cast<std::int64_t>(random() % 40);
    const bool isNew = live.insert(id).second;
    const auto op = isNew ? RowOp::Insert : random() % 3 == 0 ? RowOp::Delete : RowOp::Update;
    if (op == RowOp::Delete) live.erase(id);
    const auto name = std::to_string(random());
    must(store->commit({.changes = {change(kTree, op, id, name), change(kTree + 1, op, id, name),
                                    change(kTree + 2, RowOp::Update, id, name)}}, {}));
  };
  const auto thisThread = std::this_thread::get_id();
  int commitsLeft = 0;
  const auto commitBesideEpoch = [&] {
    if (std::this_thread::get_id() != thisThread && commitsLeft-- > 0) commitOne();
  };
  for (int epoch = 0; epoch < 4; ++epoch) {
    for (int n = 0; n < 5; ++n) commitOne();
    commitsLeft = 2;
    files.onRead = commitBesideEpoch;
    must(store->checkpoint());
    files.onRead = {};
  }
  for (CommitNumber n = 1; n <= store->lastCommit(); ++n) file.states.push_back(rowsAt(*store, n));
  file.bytes = files.memory.contents(kPath);
  findFrames(file);
  return file;
}

Result<std::unique_ptr<Store>> openBytes(platform::MemoryFileSystem& files, const Clock& clock, Bytes bytes) {
  files.setContents(kPath, std::move(bytes));
  return Store::open(files, kPath, clock, {});
}

void checkAllMoments(const Store& store, const std::vector<std::vector<std::string>>& states, CommitNumber last) {
  QCOMPARE(store.lastCommit(), last);
  for (CommitNumber n = 0; n <= last; ++n) {
    QCOMPARE(rowsAt(store, n), states[n]);
    QCOMPARE(rowsAt(store, n, kTree + 1), states[n]);
    QCOMPARE(must(must(store.at(n)).rowCount(kTree)), std::uint64_t{states[n].size()});
  }
}

/// Groups of keys that are always changed together: each moment has all keys of a group, with the same name, or none.
constexpr std::int64_t kGroupKeys = 4;
constexpr std::int64_t kGroups = 60;

void checkGroups(const std::vector<std::string>& rows, std::atomic<int>& failures) {
  std::map<std::int64_t, std::pair<int, std::string>> groups;
  for (const auto& row : rows) {
    const auto bar = row.find('|');
    auto& [keys, name] = groups[std::stoll(row) / kGroupKeys];
    if (keys++ == 0) name = row.substr(bar);
    else if (name != row.substr(bar)) ++failures;
  }
  for (const auto& [group, found] : groups)
    if (found.first != kGroupKeys) ++failures;
}

}  // namespace

class TestStoreEpochs : public QObject {
  Q_OBJECT

 private slots:
  void leavesThatShrankAreJoined() {
    platform::MemoryFileSystem files;
    const ManualClock clock(1'000'000);
    auto store = must(Store::create(files, kPath, clock, {}));
    CommitRequest inserts;
    for (int id = 0; id < 60'000; ++id) inserts.changes.push_back(change(kTree, RowOp::Insert, id, "x"));
    must(store->commit(std::move(inserts), {}));
    must(store->checkpoint());
    const auto before = rowsAt(*store, 1);
    const auto framesOfAScan = [&] {
      must(store->close());
      store = must(Store::open(files, kPath, clock, {}));
      const auto atFirst = store->statistics().framesRead;
      drain(*must(store->latest().scan({.tree = kTree, .columns = columns()})));
      return store->statistics().framesRead - atFirst;
    };
    QVERIFY(framesOfAScan() >= 30);
    CommitRequest deletes;
    for (int id = 1000; id < 59'000; ++id)
      if (id % 100) deletes.changes.push_back(change(kTree, RowOp::Delete, id));
    must(store->commit(std::move(deletes), {}));
    must(store->checkpoint());
    const auto after = rowsAt(*store, 2);
    QCOMPARE(after.size(), std::size_t{2580});
    // What was deleted is needed until the epoch's end; the next epoch that comes by joins what is left.
    must(store->commit({.changes = {change(kTree, RowOp::Update, 59'500, "y")}}, {}));
    must(store->checkpoint());
    const auto frames = framesOfAScan();
    QVERIFY2(frames <= 12, qPrintable(QString::number(frames)));
    QCOMPARE(rowsAt(*store, 1), before);
    QCOMPARE(rowsAt(*store, 2), after);
    QCOMPARE(must(store->latest().rowCount(kTree)), std::uint64_t{2580});
    QCOMPARE(drain(*must(store->diff(kTree, 2, 3, columns(), {}))).size(), std::size_t{1});
    QVERIFY(must(store->verify({})).findings.empty());
    // Growing again splits them as before.
    CommitRequest again;
    for (int id = 1000; id < 59'000; ++id)
      if (id % 100) again.changes.push_back(change(kTree, RowOp::Insert, id, "x"));
    must(store->commit(std::move(again), {}));
    must(store->checkpoint());
    QCOMPARE(must(store->latest().rowCount(kTree)), std::uint64_t{60'000});
    QVERIFY(must(store->verify({})).findings.empty());
  }

  void commitsGoOnBesideAnEpoch() {
    const auto file = makeInterleavedFile();
    QVERIFY(file.commitsBetweenPages);
    platform::MemoryFileSystem files;
    const auto store = must(openBytes(files, m_clock, file.bytes));
    checkAllMoments(*store, file.states, file.states.size() - 1);
    QVERIFY(must(store->verify({})).findings.empty());
  }

  void aCutAtAnyFrameLeavesAnOlderDatabase_data() {
    QTest::addColumn<bool>("knowsEpochs");
    QTest::newRow("superblock of the last epoch") << true;
    QTest::newRow("superblock of a new file: everything is read") << false;
  }
  void aCutAtAnyFrameLeavesAnOlderDatabase() {
    QFETCH(bool, knowsEpochs);
    auto file = makeInterleavedFile();
    if (!knowsEpochs) std::ranges::copy(file.superblocks, file.bytes.begin());
    for (const auto end : file.frameEnds)
      for (const std::size_t less : {0, 1, 70}) {
        const auto size = end - less;
        platform::MemoryFileSystem files;
        auto store = must(openBytes(files, m_clock, Bytes(file.bytes.begin(), file.bytes.begin() + static_cast<std::ptrdiff_t>(size))));
        const auto whole = std::ranges::upper_bound(file.commitEnds, size) - file.commitEnds.begin() - 1;
        const auto last = static_cast<CommitNumber>(whole);
        checkAllMoments(*store, file.states, last);
        if (QTest::currentTestFailed()) return;
        if (store->readOnly()) continue;  // the superblock knows that there was more
        // It can be written on, and read once more.
        const auto added = change(kTree, RowOp::Insert, 1000, "added");
        must(store->commit({.changes = {added}}, {}));
        must(store->checkpoint());
        QVERIFY(must(store->verify({})).findings.empty());
        must(store->close());
        store = must(Store::open(files, kPath, m_clock, {}));
        QCOMPARE(store->lastCommit(), last + 1);
        QCOMPARE(rowsAt(*store, last), file.states[last]);
        QCOMPARE(rowsAt(*store, last + 1).size(), file.states[last].size() + 1);
      }
  }

  void readOnlyStoresFollowInterleavedEpochs() {
    const auto file = makeInterleavedFile();
    platform::MemoryFileSystem files;
    files.setContents(kPath, file.superblocks);
    StoreOptions options;
    options.readOnly = true;
    const auto reader = must(Store::open(files, kPath, m_clock, options));
    // The reader's file object stays with the first contents; so these are written behind it as a process would.
    const auto writing = must(files.open(kPath, platform::OpenMode::ReadWrite));
    std::size_t written = kSuperblocksBytes;
    for (const auto end : file.frameEnds) {
      must(writing->writeAt(written, ByteSpan(file.bytes).subspan(written, end - written)));
      written = end;
      must(reader->refresh());
      const auto last = std::ranges::upper_bound(file.commitEnds, end) - file.commitEnds.begin() - 1;
      QCOMPARE(reader->lastCommit(), static_cast<CommitNumber>(last));
      QCOMPARE(rowsAt(*reader, reader->lastCommit()), file.states[static_cast<std::size_t>(last)]);
    }
    checkAllMoments(*reader, file.states, file.states.size() - 1);
  }

  void refreshTellsOfDamage() {
    const auto file = makeInterleavedFile();
    platform::MemoryFileSystem files;
    files.setContents(kPath, file.superblocks);
    StoreOptions options;
    options.readOnly = true;
    const auto reader = must(Store::open(files, kPath, m_clock, options));
    const auto writing = must(files.open(kPath, platform::OpenMode::ReadWrite));
    auto damaged = file.bytes;
    damaged[file.commitEnds[2] - 1] ^= std::byte{1};
    must(writing->writeAt(kSuperblocksBytes, ByteSpan(damaged).subspan(kSuperblocksBytes)));
    QCOMPARE(reader->refresh().error().kind(), ErrorKind::DataCorrupted);
    QCOMPARE(reader->lastCommit(), CommitNumber{1});
    QCOMPARE(rowsAt(*reader, 1), file.states[1]);
    QCOMPARE(reader->refresh().error().kind(), ErrorKind::DataCorrupted);
    must(writing->truncate(kSuperblocksBytes + 10));
    QCOMPARE(reader->refresh().error().kind(), ErrorKind::DataCorrupted);
  }

  void aFailedEpochEndsWriting_data() {
    QTest::addColumn<Operation>("operation");
    QTest::addColumn<Fault>("fault");
    QTest::newRow("write fails") << Operation::Write << Fault::Fails;
    QTest::newRow("disk full") << Operation::Write << Fault::DiskFull;
    QTest::newRow("sync fails") << Operation::Sync << Fault::Fails;
  }
  void aFailedEpochEndsWriting() {
    QFETCH(Operation, operation);
    QFETCH(Fault, fault);
    platform::MemoryFileSystem disk;
    platform::FaultyFileSystem files(disk);
    StoreOptions options;
    options.durability = Durability::Off;
    options.memtableRowsMax = 4;
    auto store = must(Store::create(files, kPath, m_clock, options));
    for (std::int64_t id = 1; id <= 3; ++id) must(store->commit({.changes = {change(kTree, RowOp::Insert, id, "x")}}, {}));
    // The fourth row brings the epoch; the write of the commit itself is the first from now.
    files.inject({operation, operation == Operation::Write ? 1u : 0u, fault, true});
    must(store->commit({.changes = {change(kTree, RowOp::Insert, 4, "x")}}, {}));
    std::optional<Error> error;
    CommitNumber acknowledged = 4;
    while (!error) {
      auto receipt = store->commit({.changes = {change(kTree, RowOp::Insert, std::int64_t(acknowledged) + 1, "x")}}, {});
      if (receipt.ok()) acknowledged = receipt->number;
      else error = receipt.error();
    }
    QVERIFY(store->readOnly());
    const auto again = store->commit({}, {});
    QCOMPARE(again.error().kind(), ErrorKind::ReadOnlyDatabase);
    const auto root = again.error().cause();
    QVERIFY(root && (root->kind() == ErrorKind::IoError || root->kind() == ErrorKind::DiskFull));
    QCOMPARE(store->checkpoint().error().kind(), ErrorKind::ReadOnlyDatabase);
    QCOMPARE(rowsAt(*store, acknowledged).size(), std::size_t{acknowledged});
    QVERIFY(!store->close().ok());
    store.reset();
    // No power was lost: the commits are all there.
    store = must(Store::open(disk, kPath, m_clock, options));
    QVERIFY(!store->openReport().corrupted);
    QCOMPARE(store->lastCommit(), acknowledged);
    QCOMPARE(rowsAt(*store, acknowledged).size(), std::size_t{acknowledged});
  }

  void commitsWithoutRowsBringEpochs() {
    platform::MemoryFileSystem files;
    StoreOptions options;
    options.durability = Durability::Off;
    options.commitIndexBytesMax = 4096;
    const auto store = must(Store::create(files, kPath, m_clock, options));
    for (int n = 0; n < 1000; ++n) must(store->commit({}, {}));
    must(store->checkpoint());
    const auto report = must(store->verify({}));
    QVERIFY(report.findings.empty());
    QCOMPARE(report.commits, std::uint64_t{1000});
    QVERIFY(report.epochs >= 3);
  }

  void theLastTimeHasNoSuccessor() {
    platform::MemoryFileSystem files;
    const auto store = must(Store::create(files, kPath, m_clock, {}));
    constexpr auto kLast = std::numeric_limits<TimeMicros>::max();
    must(store->commit({.time = kLast - 1}, {}));
    QCOMPARE(must(store->commit({}, {})).time, kLast);
    QCOMPARE(store->commit({}, {}).error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(store->commit({.time = kLast}, {}).error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(store->lastCommit(), CommitNumber{2});
  }

  void readersAndWritersBesideEpochs() {
    const auto seed = qEnvironmentVariableIsSet("DRIFT_SEED") ? qEnvironmentVariableIntValue("DRIFT_SEED") : 3;
    qInfo("seed %d", seed);
    platform::MemoryFileSystem files;
    StoreOptions options;
    options.memtableRowsMax = 150;
    options.cacheBytesMax = 64 << 10;
    auto store = must(Store::create(files, kPath, m_clock, options));
    constexpr int kWriters = 2;
    constexpr int kCommitsEach = 400;
    std::atomic<int> failures = 0;
    std::atomic<int> running = kWriters;
    std::vector<std::thread> threads;
    std::vector<std::map<std::int64_t, int>> changesOfGroups(kWriters);
    for (int w = 0; w < kWriters; ++w)
      threads.emplace_back([&, w] {
        std::mt19937 random(static_cast<unsigned>(seed * 100 + w));
        std::set<std::int64_t> live;
        for (int n = 0; n < kCommitsEach; ++n) {
          // Each writer has groups of its own.
          const auto group = static_cast<std::int64_t>(random() % (kGroups / kWriters)) * kWriters + w;
          const auto op = live.insert(group).second ? RowOp::Insert : random() % 5 == 0 ? RowOp::Delete : RowOp::Update;
          if (op == RowOp::Delete) live.erase(group);
          CommitRequest request;
          for (std::int64_t k = 0; k < kGroupKeys; ++k)
            request.changes.push_back(change(kTree, op, group * kGroupKeys + k, std::to_string(n)));
          ++changesOfGroups[static_cast<std::size_t>(w)][group];
          must(store->commit(std::move(request), {}));
        }
        --running;
      });
    for (int r = 0; r < 2; ++r)
      threads.emplace_back([&, r] {
        std::mt19937 random(static_cast<unsigned>(seed * 1000 + r));
        while (running > 0) checkOneMoment(*store, random, failures);
      });
    for (auto& thread : threads) thread.join();
    QCOMPARE(failures.load(), 0);
    for (int round = 0; round < 2; ++round) {
      QCOMPARE(store->lastCommit(), CommitNumber{kWriters * kCommitsEach});
      for (const auto& changes : changesOfGroups)
        for (const auto& [group, count] : changes) {
          const auto history = must(store->history(kTree, keyOf(group * kGroupKeys), columns(), kNoCommit, 100'000));
          QCOMPARE(history.size(), static_cast<std::size_t>(count));
        }
      const auto report = must(store->verify({}));
      QVERIFY2(report.findings.empty(), report.findings.empty() ? "" : report.findings.front().sentence.c_str());
      QVERIFY(round == 0 || report.epochs > 5);
      must(store->close());
      store = must(Store::open(files, kPath, m_clock, options));
    }
  }

 private:
  /// Looks at a random moment in every way there is.
  static void checkOneMoment(const Store& store, std::mt19937& random, std::atomic<int>& failures) {
    const auto last = store.lastCommit();
    const auto number = random() % 3 == 0 ? last : random() % (last + 1);
    const auto snapshot = must(store.at(number));
    const auto rows = drain(*must(snapshot.scan({.tree = kTree, .columns = columns()})));
    checkGroups(rows, failures);
    if (must(snapshot.rowCount(kTree)) != rows.size()) ++failures;
    const auto skip = random() % (rows.size() + 2);
    const auto rest = drain(*must(snapshot.scan({.tree = kTree, .columns = columns(), .skipRows = skip})));
    if (rest.size() != rows.size() - std::min(skip, rows.size())) ++failures;
    const auto key = keyOf(static_cast<std::int64_t>(random() % (kGroups * kGroupKeys)));
    const auto history = must(store.history(kTree, key, columns(), last + 1, 100'000));
    for (std::size_t i = 1; i < history.size(); ++i)
      if (history[i].seq >= history[i - 1].seq) ++failures;
    auto wanted = columns();
    wanted.push_back({kSeqColumn, types::TypeId::BigInt, {}});
    wanted.push_back({kEndSeqColumn, types::TypeId::BigInt, {}});
    // Each version ends where the next one begins, so none is missing and none is there twice.
    const auto versions = drain(*must(store.scanVersions({.tree = kTree, .columns = wanted, .range = {key, key + '\0'}}, {})));
    std::size_t inserted = 0;
    for (const auto& version : history) inserted += version.op != RowOp::Delete;
    if (versions.size() < inserted) ++failures;
    if (std::set<std::string>(versions.begin(), versions.end()).size() != versions.size()) ++failures;
    const auto from = random() % (number + 1);
    const auto before = rowsAt(store, from).size();
    std::int64_t net = 0;
    for (const auto& row : drain(*must(store.diff(kTree, from, number, columns(), {}))))
      net += row[0] == '1' ? 1 : row[0] == '3' ? -1 : 0;
    if (std::int64_t(before) + net != std::int64_t(rows.size())) ++failures;
  }

  ManualClock m_clock{1'000'000};
};

QTEST_APPLESS_MAIN(TestStoreEpochs)
#include "tst_store_epochs.moc"
