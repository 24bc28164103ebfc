// Memory runs out: each allocation of an operation fails, once or from then on. The operation ends with OutOfMemory
// or is done; what was acknowledged stays, nothing that is read is wrong, nothing hangs, and no file is damaged.
#include <QtTest>

#include "base/out_of_memory.h"
#include "faults/crash_file_system.h"
#include "faults/failing_memory.h"
#include "faults/fault_test.h"
#include "faults/invariants.h"

using namespace drift;
using namespace drift::faults;
using storage::Durability;
using storage::Store;
using storage::StoreOptions;

namespace {

constexpr auto kPath = "db/x.drift";
constexpr CommitNumber kCommits = 12;
constexpr Effort kLittle{.moments = 1, .keys = 2, .pairs = 1, .afterPowerCut = true};

/// Lets the disk's allocations succeed: in life it is the operating system's.
class CalmFile final : public platform::File {
 public:
  explicit CalmFile(std::unique_ptr<platform::File> wrapped) : m_wrapped(std::move(wrapped)) {}
  Status readAt(std::uint64_t offset, std::span<std::byte> into) const override {
    const CalmMemory calm;
    return m_wrapped->readAt(offset, into);
  }
  Status writeAt(std::uint64_t offset, ByteSpan bytes) override {
    const CalmMemory calm;
    return m_wrapped->writeAt(offset, bytes);
  }
  Status sync() override {
    const CalmMemory calm;
    return m_wrapped->sync();
  }
  Result<std::uint64_t> size() const override { return m_wrapped->size(); }
  Status truncate(std::uint64_t size) override {
    const CalmMemory calm;
    return m_wrapped->truncate(size);
  }
  Result<bool> allocate(std::uint64_t size) override {
    const CalmMemory calm;
    return m_wrapped->allocate(size);
  }
  Status lockExclusive() override { return m_wrapped->lockExclusive(); }
  void unlock() override { m_wrapped->unlock(); }

 private:
  std::unique_ptr<platform::File> m_wrapped;
};

class CalmFileSystem final : public platform::FileSystem {
 public:
  explicit CalmFileSystem(platform::FileSystem& wrapped) : m_wrapped(wrapped) {}
  Result<std::unique_ptr<platform::File>> open(const std::string& path, platform::OpenMode mode) override {
    const CalmMemory calm;
    DRIFT_ASSIGN(auto file, m_wrapped.open(path, mode));
    return std::unique_ptr<platform::File>(std::make_unique<CalmFile>(std::move(file)));
  }
  Result<bool> exists(const std::string& path) override { return m_wrapped.exists(path); }
  Status remove(const std::string& path) override {
    const CalmMemory calm;
    return m_wrapped.remove(path);
  }
  Status rename(const std::string& from, const std::string& to) override { return m_wrapped.rename(from, to); }
  Status syncFolderOf(const std::string& path) override {
    const CalmMemory calm;
    return m_wrapped.syncFolderOf(path);
  }
  Result<std::vector<std::string>> list(const std::string& folder) override { return m_wrapped.list(folder); }

 private:
  platform::FileSystem& m_wrapped;
};

Error wrong(std::string sentence) { return {ErrorKind::InternalError, std::move(sentence)}; }

/// Success, also for work that gave up since memory had run out.
Status allowed(const Error& error) { return error.kind() == ErrorKind::OutOfMemory ? Status() : Status(error); }

/// Counts the rows of a cursor.
Result<std::size_t> drain(Result<std::unique_ptr<storage::Cursor>> cursor) {
  DRIFT_ASSIGN(const auto opened, std::move(cursor));
  std::size_t rows = 0;
  for (types::Chunk chunk;;) {
    DRIFT_ASSIGN(const bool any, opened->next(chunk));
    if (!any) return rows;
    rows += chunk.rowCount();
  }
}

}  // namespace

class TestAllocationFailures : public QObject {
  Q_OBJECT

 private slots:
  void initTestCase() {
    m_options.memtableRowsMax = 16;
    m_options.cacheBytesMax = 1;  // so that reads decode what they read
    m_history.grow(kCommits);
  }

  void creates_data() { addModes(); }
  void creates() {
    QFETCH(bool, forGood);
    VERIFY_OK(everyAllocation(forGood, 1, [&](std::int64_t number) -> Result<bool> {
      CrashFileSystem disk;
      CalmFileSystem files(disk);
      ClockSetter clock;
      FailingMemory::begin(number, forGood);
      auto store = Store::create(files, kPath, clock.clock(), m_options);
      const bool met = FailingMemory::end();
      if (!store.ok()) {
        DRIFT_TRY(allowed(store.error()));
        DRIFT_ASSIGN(const bool exists, disk.exists(kPath));
        if (exists) return wrong("a file is left that was not made");
        DRIFT_ASSIGN(auto again, Store::create(files, kPath, clock.clock(), m_options));
        store = std::move(again);
      }
      DRIFT_TRY(replay(**store, clock, m_history, 3));
      DRIFT_TRY((*store)->close());
      return met;
    }));
  }

  void reads_data() { addModes(); }
  void reads() {
    QFETCH(bool, forGood);
    CrashFileSystem disk;
    CalmFileSystem files(disk);
    ClockSetter clock;
    auto store = Store::create(files, kPath, clock.clock(), m_options).value();
    VERIFY_OK(replay(*store, clock, m_history, kCommits));
    VERIFY_OK(store->checkpoint());  // no epoch is written beside the reads
    const auto expected = readMuch(*store);
    QVERIFY(expected.ok());
    VERIFY_OK(everyAllocation(forGood, 5, [&](std::int64_t number) -> Result<bool> {
      FailingMemory::begin(number, forGood);
      const auto got = readMuch(*store);
      const bool met = FailingMemory::end();
      if (got.ok() && *got != *expected) return wrong("something else was read");
      if (!got.ok()) DRIFT_TRY(allowed(got.error()));
      Random random(static_cast<std::uint64_t>(number));
      DRIFT_TRY(checkMoment(*store, m_history, random.below(kCommits + 1), random, kLittle));
      return met;
    }));
    Random random(1);
    VERIFY_OK(checkEverything(*store, m_history, random, kLittle));
  }

  void commits_data() {
    QTest::addColumn<bool>("forGood");
    QTest::addColumn<bool>("checkpoint");
    QTest::addColumn<int>("durability");
    for (const bool forGood : {false, true})
      for (const bool checkpoint : {false, true})
        for (const auto durability : {Durability::Full, Durability::Relaxed})
          QTest::addRow("%s%s, %s", durability == Durability::Full ? "full" : "relaxed", checkpoint ? " and epoch" : "",
                        forGood ? "for good" : "once")
              << forGood << checkpoint << static_cast<int>(durability);
  }
  void commits() {
    QFETCH(bool, forGood);
    QFETCH(bool, checkpoint);
    QFETCH(int, durability);
    auto options = m_options;
    options.durability = static_cast<Durability>(durability);
    VERIFY_OK(everyAllocation(forGood, checkpoint ? 11 : 3, [&](std::int64_t number) -> Result<bool> {
      CrashFileSystem disk;
      CalmFileSystem files(disk);
      ClockSetter clock;
      auto store = Store::create(files, kPath, clock.clock(), options).value();
      DRIFT_TRY(replay(*store, clock, m_history, 5));
      DRIFT_TRY(store->checkpoint());
      auto request = m_history.commit(6).request;
      clock.set(m_history.commit(6).clock);

      FailingMemory::begin(number, forGood);
      const auto committed = store->commit(std::move(request), {});
      const auto written = checkpoint ? store->checkpoint() : Status();
      const bool closes = checkpoint && number % 2 == 0;  // in every other one, with no memory
      const auto closed = closes ? store->close() : Status();
      const bool met = FailingMemory::end();

      CommitNumber safe = committed.ok() ? 6 : 5;
      if (!committed.ok()) DRIFT_TRY(allowed(committed.error()));
      for (const auto* status : {&written, &closed})
        if (!status->ok() && status->error().kind() != ErrorKind::ReadOnlyDatabase) DRIFT_TRY(allowed(status->error()));
      if (store->lastCommit() < safe) return wrong("an acknowledged commit is gone");
      if (!committed.ok() && !store->readOnly() && store->lastCommit() != 5) return wrong("a refused commit is there");
      Random random(static_cast<std::uint64_t>(number) + 1);
      DRIFT_TRY(checkMoment(*store, m_history, store->lastCommit(), random, kLittle));
      if (!closes) DRIFT_TRY(goOn(*store, clock, safe));
      (void)store->close().ok();  // where it cannot write, it says so; what is left is looked at below
      const auto operations = disk.operations();
      for (const bool powerCut : {false, true}) {
        CrashFileSystem left(disk.crashedAt(operations, {.keepsNothing = powerCut, .keepsAll = !powerCut}, random));
        DRIFT_ASSIGN(const auto again, Store::open(left, kPath, clock.clock(), options));
        if (again->openReport().corrupted) return wrong(again->openReport().corruption);
        if (again->lastCommit() < safe) return wrong("an acknowledged commit is gone after reopening");
        DRIFT_TRY(replay(*again, clock, m_history, kCommits));
        DRIFT_TRY(checkEverything(*again, m_history, random, kLittle));
      }
      return met;
    }));
  }

  void opens_data() { addModes(); }
  void opens() {
    QFETCH(bool, forGood);
    CrashFileSystem disk;
    ClockSetter clock;
    {
      auto store = Store::create(disk, kPath, clock.clock(), m_options).value();
      VERIFY_OK(replay(*store, clock, m_history, kCommits));
    }
    Random random(1);
    // Cut off in the last epoch, so that there are commits to replay and a tail to cut.
    const auto image = disk.crashedAt(disk.operations() - 5, {.keepsAll = true}, random);
    VERIFY_OK(everyAllocation(forGood, 3, [&](std::int64_t number) -> Result<bool> {
      CrashFileSystem left(image);
      CalmFileSystem files(left);
      FailingMemory::begin(number, forGood);
      auto opened = Store::open(files, kPath, clock.clock(), m_options);
      if (opened.ok()) (void)(*opened)->close().ok();
      const bool met = FailingMemory::end();
      if (!opened.ok()) DRIFT_TRY(allowed(opened.error()));
      if (opened.ok() && (*opened)->lastCommit() != kCommits) return wrong("commits are missing");
      DRIFT_ASSIGN(const auto store, Store::open(left, kPath, clock.clock(), m_options));
      if (store->openReport().corrupted) return wrong(store->openReport().corruption);
      DRIFT_TRY(checkEverything(*store, m_history, random, kLittle));
      return met;
    }));
  }

  void refreshes() {
    ClockSetter clock;
    auto options = m_options;
    options.readOnly = true;
    VERIFY_OK(everyAllocation(false, 3, [&](std::int64_t number) -> Result<bool> {
      CrashFileSystem disk;
      CalmFileSystem files(disk);
      auto writer = Store::create(files, kPath, clock.clock(), m_options).value();
      DRIFT_TRY(replay(*writer, clock, m_history, 5));
      auto reader = Store::open(files, kPath, clock.clock(), options).value();
      DRIFT_TRY(replay(*writer, clock, m_history, kCommits));
      FailingMemory::begin(number, false);
      auto refreshed = reader->refresh();
      const bool met = FailingMemory::end();
      if (!refreshed.ok()) DRIFT_TRY(allowed(refreshed.error()));
      if (refreshed.ok() != (reader->lastCommit() == kCommits)) return wrong("the refresh did not do what it said");
      if (!refreshed.ok() && reader->refresh().ok()) return wrong("half a refresh was gone on with");
      Random random(static_cast<std::uint64_t>(number) + 1);
      DRIFT_TRY(checkMoment(*reader, m_history, reader->lastCommit(), random, kLittle));
      return met;
    }));
  }

 private:
  static void addModes() {
    QTest::addColumn<bool>("forGood");
    QTest::newRow("once") << false;
    QTest::newRow("for good") << true;
  }

  /// Runs `round` with each allocation failing, or in a short run with some, until one is not met any more.
  template <class Round>
  Status everyAllocation(bool forGood, std::int64_t shortStep, Round round) {
    const bool isLong = numberFromEnvironment("DRIFT_ROUNDS", 1) > 1;
    const auto seed = numberFromEnvironment("DRIFT_SEED", 1);
    const auto step = isLong ? 1 : shortStep * (forGood ? 2 : 1);
    Watchdog watchdog(3);
    std::int64_t rounds = 0;
    for (auto number = static_cast<std::int64_t>(seed) % step;; number += step, ++rounds) {
      watchdog.step(number);
      auto met = catchBadAlloc([&] { return round(number); });
      if (!met.ok()) return makeError(ErrorKind::InternalError, "allocation {}: {}", number, met.error().toString());
      if (!*met) break;
    }
    return rounds > 3 ? Status() : Status(wrong("hardly any allocation failed"));
  }

  /// A store after a failure goes on, or says that it does not.
  Status goOn(Store& store, ClockSetter& clock, CommitNumber& safe) {
    auto more = replay(store, clock, m_history, 9);
    if (more.ok()) safe = 9;
    else if (more.error().kind() != ErrorKind::ReadOnlyDatabase && more.error().kind() != ErrorKind::OutOfMemory)
      return more;
    if (!more.ok() && !store.readOnly()) return wrong("a store that writes refuses commits");
    Random random(1);
    return checkMoment(store, m_history, store.lastCommit(), random, kLittle);
  }

  /// Reads in every way; gives how much there was.
  Result<std::size_t> readMuch(const Store& store) const {
    return catchBadAlloc([&]() -> Result<std::size_t> {
      const auto columns = m_history.columns(History::kNumbers);
      const auto& key = m_history.keys(History::kNumbers).begin()->first;
      std::size_t rows = 0;
      for (const CommitNumber at : {kCommits / 2, kCommits}) {
        DRIFT_ASSIGN(const auto snapshot, store.at(at));
        DRIFT_ASSIGN(const auto scanned, drain(snapshot.scan({.tree = History::kNumbers, .columns = columns})));
        DRIFT_ASSIGN(const auto counted, snapshot.rowCount(History::kTexts));
        DRIFT_ASSIGN(const auto row, snapshot.get(History::kNumbers, key, columns));
        rows += scanned + counted + (row ? 1 : 0);
      }
      DRIFT_ASSIGN(const auto changed, drain(store.diff(History::kNumbers, 1, kCommits, columns, {})));
      DRIFT_ASSIGN(const auto versions, drain(store.scanVersions({.tree = History::kTexts, .columns = {}}, {})));
      DRIFT_ASSIGN(const auto history, store.history(History::kNumbers, key, columns, kNoCommit - 1, 100));
      DRIFT_ASSIGN(const auto changes, store.commitChanges(kCommits / 2));
      DRIFT_ASSIGN(const auto infos, store.commitInfos(1, kCommits));
      DRIFT_ASSIGN(const auto buckets, store.summary(0, m_history.timeOf(kCommits), 5, 0));
      DRIFT_ASSIGN(const auto step, store.step(kCommits, false, History::kTexts));
      DRIFT_ASSIGN(const auto report, store.verify({}));
      if (!report.findings.empty()) return wrong(report.findings.front().sentence);
      return rows + changed + versions + history.size() + changes.size() + infos.size() + buckets.size() +
             step.value_or(0) + report.frames;
    });
  }

  History m_history{1, {.keysMax = 20, .changesMax = 6, .runMax = 8}};
  StoreOptions m_options;
};

FAULT_TEST_MAIN(TestAllocationFailures)
#include "tst_allocation_failures.moc"
