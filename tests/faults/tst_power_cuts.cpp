// The power goes at any moment: while commits and epochs are written, while a file is made, while it is recovered,
// and again. What is found then is a prefix of the history that has all that was promised, and it can be continued.
#include <QtTest>

#include "faults/crash_file_system.h"
#include "faults/fault_test.h"
#include "faults/invariants.h"

using namespace drift;
using namespace drift::faults;
using storage::Durability;
using storage::Store;
using storage::StoreOptions;

Q_DECLARE_METATYPE(drift::storage::Durability)

namespace {

constexpr auto kPath = "db/x.drift";

/// From `operation` on the file has at least these commits.
struct Promise {
  std::size_t operation = 0;
  CommitNumber commit = 0;
};

/// One life of a database, from when the power came until it goes: what was done, and what was promised when.
struct Life {
  std::unique_ptr<CrashFileSystem> disk;
  std::size_t createdAt = 0;         ///< before this there may be no file
  std::vector<Promise> promises{};   ///< kept at any cut after the operation
  std::vector<Promise> appended{};   ///< kept at any cut after a sync that follows the operation
  std::vector<std::size_t> syncs{};  ///< operations at which syncs were seen to be done
  History history;

  CommitNumber leastAt(std::size_t cut) const {
    CommitNumber least = 0;
    for (const auto& promise : promises)
      if (promise.operation <= cut) least = std::max(least, promise.commit);
    std::size_t synced = 0;
    for (const auto at : syncs)
      if (at <= cut) synced = std::max(synced, at);
    // `at` is the operation behind the sync: what was appended before that operation's own number is covered.
    for (const auto& promise : appended)
      if (promise.operation < synced) least = std::max(least, promise.commit);
    return least;
  }
};

class PowerCuts final {
 public:
  PowerCuts(std::uint64_t seed, Durability durability) : m_random(seed) {
    m_options.durability = durability;
    m_options.memtableRowsMax = m_random.between(5, 120);
    if (m_random.chance(30)) m_options.cacheBytesMax = 1;
  }

  /// Writes a history to a new disk.
  Result<Life> firstLife(std::size_t commits) {
    Life life{.disk = std::make_unique<CrashFileSystem>(), .history = History(m_random.next(), kShape)};
    life.history.grow(commits);
    DRIFT_ASSIGN(auto store, Store::create(*life.disk, kPath, m_clock.clock(), m_options));
    life.createdAt = life.disk->operations();
    DRIFT_TRY(live(life, std::move(store)));
    return life;
  }

  /// Cuts the power after `cut` operations, opens what is left, checks it and goes on.
  Status cutAndGoOn(const Life& life, std::size_t cut, int depth) {
    const auto kind = anyKind();
    const auto image = life.disk->crashedAt(cut, kind, m_random);
    const auto least = life.leastAt(cut);
    if (!image.contains(kPath) && cut < life.createdAt) return {};
    Life next{.disk = std::make_unique<CrashFileSystem>(image), .history = life.history};
    if (cut >= life.createdAt && m_random.chance(30)) DRIFT_TRY(readOnly(*next.disk, life.history, least));
    auto opened = Store::open(*next.disk, kPath, m_clock.clock(), m_options);
    if (!opened.ok()) return cut < life.createdAt ? Status() : std::move(opened).error();
    auto store = std::move(*opened);
    DRIFT_TRY(checkOpened(*store, life.history, least));
    const auto found = store->lastCommit();
    // What can be read must not be lost again. A cut on the way to this promises what was promised before.
    next.promises = {{0, least}, {next.disk->operations(), found}};
    next.history = life.history.forkedAt(found, m_random.next());
    next.history.grow(m_random.below(7));
    DRIFT_TRY(live(next, std::move(store)));
    ++m_lives;
    for (int i = 0; depth > 0 && i < 2; ++i) {
      // Recovery has few operations, so it is met at once.
      const auto again = m_random.chance(40) ? m_random.below(4) : m_random.below(next.disk->operations() + 1);
      DRIFT_TRY(cutAndGoOn(next, std::min(again, next.disk->operations()), depth - 1));
    }
    return {};
  }

  std::size_t lives() const { return m_lives; }

 private:
  static constexpr Effort kLittle{.moments = 1, .keys = 2, .pairs = 1, .afterPowerCut = true};
  static constexpr HistoryShape kShape{.keysMax = 25, .changesMax = 8, .runMax = 12};

  /// Makes the commits that the store has not, with epochs and reopenings, and closes it.
  Status live(Life& life, std::unique_ptr<Store> store) {
    auto& disk = *life.disk;
    const auto seen = [&](CommitNumber last, bool durable) {
      const auto now = disk.operations();
      (durable ? life.promises : life.appended).push_back({now, last});
      if (disk.lastSync() > 0) life.syncs.push_back(disk.lastSync());
    };
    const bool full = m_options.durability == Durability::Full;
    for (auto n = store->lastCommit() + 1; n <= life.history.size(); ++n) {
      DRIFT_TRY(replay(*store, m_clock, life.history, n));
      seen(n, full);
      if (m_random.chance(6)) {
        DRIFT_TRY(store->checkpoint());
        seen(n, true);
      }
      if (!m_random.chance(4)) continue;
      DRIFT_TRY(store->close());
      seen(n, true);
      store.reset();
      DRIFT_ASSIGN(store, Store::open(disk, kPath, m_clock.clock(), m_options));
    }
    DRIFT_TRY(checkMoment(*store, life.history, store->lastCommit(), m_random, kLittle));
    if (m_random.chance(10)) DRIFT_TRY(checkEverything(*store, life.history, m_random, kLittle));
    const auto last = store->lastCommit();
    DRIFT_TRY(store->close());
    seen(last, true);
    if (disk.broken()) return Error(ErrorKind::InternalError, "two threads wrote to one file at the same time");
    return {};
  }

  /// A reader of what a cut left sees the same and touches nothing.
  Status readOnly(CrashFileSystem& disk, const History& history, CommitNumber least) {
    auto options = m_options;
    options.readOnly = true;
    const auto before = disk.operations();
    DRIFT_ASSIGN(const auto store, Store::open(disk, kPath, m_clock.clock(), options));
    DRIFT_TRY(checkOpened(*store, history, least));
    if (disk.operations() != before) return Error(ErrorKind::InternalError, "a reader wrote to the file");
    return {};
  }

  Status checkOpened(const Store& store, const History& history, CommitNumber least) {
    if (store.openReport().corrupted) return Error(ErrorKind::InternalError, store.openReport().corruption);
    const auto found = store.lastCommit();
    if (found < least || found > history.size())
      return makeError(ErrorKind::InternalError, "commit {} is the last one, promised was {} of {}", found, least,
                       history.size());
    if (m_random.chance(8)) return checkEverything(store, history, m_random, kLittle);
    DRIFT_TRY(checkMoment(store, history, found, m_random, kLittle));
    DRIFT_TRY(checkMoment(store, history, m_random.below(found + 1), m_random, kLittle));
    return checkDiff(store, history, m_random.below(found + 1), found);
  }

  CrashKind anyKind() {
    CrashKind kind{.sectorBytes = m_random.chance(50) ? 512u : 4096u, .rubbish = m_random.chance(40)};
    const auto extreme = m_random.below(12);
    kind.keepsNothing = extreme == 0;
    kind.keepsAll = extreme == 1;
    return kind;
  }

  Random m_random;
  StoreOptions m_options;
  ClockSetter m_clock;
  std::size_t m_lives = 0;
};

}  // namespace

class TestPowerCuts : public QObject {
  Q_OBJECT

 private slots:
  void nothingPromisedIsLost_data() {
    QTest::addColumn<Durability>("durability");
    QTest::newRow("full") << Durability::Full;
    QTest::newRow("relaxed") << Durability::Relaxed;
    QTest::newRow("off") << Durability::Off;
  }
  void nothingPromisedIsLost() {
    QFETCH(Durability, durability);
    const auto firstSeed = numberFromEnvironment("DRIFT_SEED", 1);
    for (auto seed = firstSeed; seed < firstSeed + numberFromEnvironment("DRIFT_ROUNDS", 1); ++seed) {
      qInfo("seed %llu", static_cast<unsigned long long>(seed));
      PowerCuts cuts(seed, durability);
      auto life = cuts.firstLife(40);
      QVERIFY2(life.ok(), life.ok() ? "" : life.error().toString().c_str());
      for (std::size_t cut = 0; cut <= life->disk->operations(); ++cut) VERIFY_OK(cuts.cutAndGoOn(*life, cut, 2));
      QVERIFY(cuts.lives() > life->disk->operations());
    }
  }

  /// A relaxed store makes its commits durable by itself, without another commit and without close().
  void relaxedStoresSyncByThemselves() {
    CrashFileSystem disk;
    ClockSetter clock;
    StoreOptions options;
    options.durability = Durability::Relaxed;
    History history(1, {});
    history.grow(3);
    auto store = Store::create(disk, kPath, clock.clock(), options);
    QVERIFY(store.ok());
    VERIFY_OK(replay(**store, clock, history, 3));
    const auto written = disk.operations();
    QTRY_VERIFY_WITH_TIMEOUT(disk.lastSync() > written, 60'000);
    Random random(1);
    CrashFileSystem again(disk.crashedAt(disk.operations(), {.keepsNothing = true}, random));
    const auto opened = Store::open(again, kPath, clock.clock(), options);
    QVERIFY(opened.ok());
    QCOMPARE((*opened)->lastCommit(), CommitNumber{3});
  }
};

FAULT_TEST_MAIN(TestPowerCuts)
#include "tst_power_cuts.moc"
