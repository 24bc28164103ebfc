// What holds at every moment of any history: random commits, epochs and reopenings, then every promise of
// storage/store.h is asked for.
#include <QtTest>
#include <atomic>
#include <thread>

#include "faults/fault_test.h"
#include "faults/invariants.h"
#include "platform/memory_file_system.h"

using namespace drift;
using namespace drift::faults;
using storage::Durability;
using storage::Store;
using storage::StoreOptions;

Q_DECLARE_METATYPE(drift::faults::HistoryShape)

namespace {

constexpr auto kPath = "x.drift";

/// How a history is written; the same one must read the same whichever way.
struct Way {
  std::size_t memtableRowsMax = 256 * 1024;
  unsigned checkpointPercent = 0;  ///< after a commit
  unsigned reopenPercent = 0;
  std::size_t cacheBytesMax = 256u << 20;
};

/// A store in memory with its clock.
struct Written {
  platform::MemoryFileSystem files;
  ClockSetter clock;
  StoreOptions options;
  std::unique_ptr<Store> store;

  Status open() {
    DRIFT_ASSIGN(const bool there, files.exists(kPath));
    auto opened =
        there ? Store::open(files, kPath, clock.clock(), options) : Store::create(files, kPath, clock.clock(), options);
    if (!opened.ok()) return std::move(opened).error();
    store = std::move(*opened);
    return {};
  }
  Status reopen() {
    DRIFT_TRY(store->close());
    store.reset();
    return open();
  }
};

Status write(Written& written, const History& history, const Way& way, Random random, bool checksOnTheWay) {
  written.options.durability = Durability::Off;
  written.options.memtableRowsMax = way.memtableRowsMax;
  written.options.cacheBytesMax = way.cacheBytesMax;
  DRIFT_TRY(written.open());
  const Effort little{.moments = 2, .keys = 3, .pairs = 2};
  for (CommitNumber n = 1; n <= history.size(); ++n) {
    DRIFT_TRY(replay(*written.store, written.clock, history, n));
    if (random.chance(way.checkpointPercent)) DRIFT_TRY(written.store->checkpoint());
    if (random.chance(way.reopenPercent)) DRIFT_TRY(written.reopen());
    if (!checksOnTheWay || !random.chance(4)) continue;
    DRIFT_TRY(checkMoment(*written.store, history, random.below(n + 1), random, little));
    if (random.chance(25)) DRIFT_TRY(checkEverything(*written.store, history, random, little));
  }
  return {};
}

}  // namespace

class TestInvariants : public QObject {
  Q_OBJECT

 private slots:
  void everyPromiseHolds_data() {
    QTest::addColumn<int>("commits");
    QTest::addColumn<HistoryShape>("shape");
    QTest::newRow("small commits") << 150 << HistoryShape{};
    QTest::newRow("hot keys") << 700 << HistoryShape{.keysMax = 8, .changesMax = 3, .runMax = 3, .hotPercent = 90};
    QTest::newRow("changing layouts") << 120 << HistoryShape{.keysMax = 30, .schemaPercent = 25};
    QTest::newRow("long runs") << 25
                               << HistoryShape{.keysMax = 6000, .changesMax = 60, .runMax = 4000, .runPercent = 45};
    QTest::newRow("large texts") << 40 << HistoryShape{.keysMax = 30, .textBytesMax = 3000, .largePercent = 10};
  }
  void everyPromiseHolds() {
    QFETCH(int, commits);
    QFETCH(HistoryShape, shape);
    const auto firstSeed = numberFromEnvironment("DRIFT_SEED", 1);
    for (auto seed = firstSeed; seed < firstSeed + numberFromEnvironment("DRIFT_ROUNDS", 1); ++seed) {
      qInfo("seed %llu", static_cast<unsigned long long>(seed));
      Random random(seed);
      History history(random.next(), shape);
      history.grow(static_cast<std::size_t>(commits));
      const auto rows = shape.runMax + shape.changesMax;
      // The same history with an epoch after each few commits, at random moments, and never but at the end.
      const std::array ways{
          Way{.memtableRowsMax = rows / 2 + random.below(rows), .reopenPercent = 2},
          Way{.memtableRowsMax = 1 + random.below(4), .cacheBytesMax = 1},
          Way{.checkpointPercent = 5, .reopenPercent = 3, .cacheBytesMax = 1u << 20},
          Way{},
      };
      for (std::size_t i = 0; i < ways.size(); ++i) {
        if (i == 1 && shape.keysMax > 1000) continue;  // an epoch after each commit is slow with many leaves
        Written written;
        VERIFY_OK(write(written, history, ways[i], random.fork(), i != 1));
        const std::size_t some = shape.keysMax > 1000 ? 2 : 6;
        const Effort effort{
            .moments = some, .keys = some, .pairs = some, .everyMoment = i == 0 && commits <= 60 && some > 2};
        VERIFY_OK(checkEverything(*written.store, history, random, effort));
        VERIFY_OK(written.reopen());
        VERIFY_OK(checkEverything(*written.store, history, random, effort));
      }
    }
  }

  /// Readers of all moments beside a writer: epochs that are written meanwhile must not show.
  void readersBesideAWriter() {
    const auto firstSeed = numberFromEnvironment("DRIFT_SEED", 1);
    for (auto seed = firstSeed; seed < firstSeed + numberFromEnvironment("DRIFT_ROUNDS", 1); ++seed) {
      qInfo("seed %llu", static_cast<unsigned long long>(seed));
      History history(seed, {.keysMax = 200, .changesMax = 40, .runMax = 100});
      history.grow(400);
      Written written;
      written.options.durability = seed % 2 ? Durability::Off : Durability::Full;
      written.options.memtableRowsMax = 150;
      VERIFY_OK(written.open());
      const Store& store = *written.store;
      std::atomic<bool> done = false;
      const auto read = [&](std::uint64_t readerSeed) -> Status {
        Random random(readerSeed);
        const Effort little{.moments = 1, .keys = 2, .pairs = 1};
        while (!done) {
          const auto last = store.lastCommit();
          DRIFT_TRY(checkMoment(store, history, random.chance(50) ? last : random.below(last + 1), random, little));
          const auto from = random.below(last + 1);
          DRIFT_TRY(checkDiff(store, history, from, from + random.below(last - from + 1)));
        }
        return {};
      };
      std::array<Status, 2> answers;
      std::vector<std::thread> readers;
      for (std::size_t i = 0; i < answers.size(); ++i)
        readers.emplace_back([&, i] { answers[i] = read(seed * 10 + i); });
      Status wrote;
      for (CommitNumber n = 1; n <= history.size() && wrote.ok(); ++n) {
        wrote = replay(*written.store, written.clock, history, n);
        if (wrote.ok() && n % 97 == 0) wrote = written.store->checkpoint();
      }
      done = true;
      for (auto& reader : readers) reader.join();
      VERIFY_OK(std::move(wrote));
      for (auto& answer : answers) VERIFY_OK(std::move(answer));
      Random random(seed);
      VERIFY_OK(checkEverything(store, history, random, {}));
    }
  }
};

FAULT_TEST_MAIN(TestInvariants)
#include "tst_invariants.moc"
