// Every call to the disk fails, one after the other: once, or from then on. Whatever was said to be safe still is
// when the file is opened again, after the process ended and after the power went.
#include <QtTest>

#include "faults/crash_file_system.h"
#include "faults/fault_test.h"
#include "faults/invariants.h"
#include "platform/faulty_file_system.h"

using namespace drift;
using namespace drift::faults;
using platform::Fault;
using platform::FaultRule;
using platform::FaultyFileSystem;
using platform::Operation;
using storage::Durability;
using storage::Store;
using storage::StoreOptions;

Q_DECLARE_METATYPE(drift::platform::Operation)
Q_DECLARE_METATYPE(drift::platform::Fault)

namespace {

constexpr auto kPath = "db/x.drift";
constexpr CommitNumber kCommits = 14;
constexpr Effort kLittle{.moments = 1, .keys = 2, .pairs = 1, .afterPowerCut = true};

Error wrong(std::string sentence) { return {ErrorKind::InternalError, std::move(sentence)}; }

bool isInjected(const Error& error) {
  return error.kind() == ErrorKind::IoError || error.kind() == ErrorKind::DiskFull;
}

/// The work that is done while a call fails: two lives of a database with commits, epochs, reads and a recovery.
class Workload final {
 public:
  Workload(std::uint64_t seed, Durability durability) : m_history(seed, {.keysMax = 20, .changesMax = 6, .runMax = 8}) {
    m_history.grow(kCommits);
    m_options.durability = durability;
    m_options.memtableRowsMax = 14;
    m_options.cacheBytesMax = 1;  // so that reads reach the disk
  }

  /// Runs against a disk that has `rule` as its fault, or none. Any error ends a life; the second one begins with
  /// opening the file. Gives the first thing that must not be.
  Status run(FaultyFileSystem& files, const FaultRule* rule) {
    m_faulted = rule;
    m_safe = 0;
    m_created = false;
    if (rule) files.inject(*rule);
    for (int life = 0; life < 3; ++life) {
      auto opened = m_created ? Store::open(files, kPath, m_clock.clock(), m_options)
                              : Store::create(files, kPath, m_clock.clock(), m_options);
      if (!opened.ok()) {
        DRIFT_TRY(allowed(opened.error()));
        continue;
      }
      m_created = true;
      if ((*opened)->openReport().corrupted) return wrong((*opened)->openReport().corruption);
      DRIFT_TRY(live(**opened, std::min<CommitNumber>(kCommits, kCommits / 2 * (life + 1))));
    }
    return {};
  }

  /// Opens what is left when the fault is over.
  Status checkLeft(platform::FileSystem& files) {
    auto opened = Store::open(files, kPath, m_clock.clock(), m_options);
    if (!opened.ok()) return m_created ? std::move(opened).error() : Status();
    auto& store = **opened;
    if (store.openReport().corrupted) return wrong(store.openReport().corruption);
    if (store.lastCommit() < m_safe || store.lastCommit() > kCommits)
      return wrong("commit " + std::to_string(store.lastCommit()) + " is the last one, safe were " +
                   std::to_string(m_safe));
    Random random(m_safe);
    DRIFT_TRY(checkEverything(store, m_history, random, kLittle));
    DRIFT_TRY(replay(store, m_clock, m_history, kCommits));
    DRIFT_TRY(checkMoment(store, m_history, kCommits, random, kLittle));
    return store.close();
  }

 private:
  /// Errors are those that were injected, and what a store says that has met one.
  Status allowed(const Error& error) const {
    if (m_faulted && (isInjected(error) || error.kind() == ErrorKind::ReadOnlyDatabase)) return {};
    return error;
  }

  Status live(Store& store, CommitNumber to) {
    const bool full = m_options.durability == Durability::Full;
    if (store.lastCommit() < m_safe) return wrong("an acknowledged commit is gone");
    Random random(store.lastCommit() + 1);
    for (auto next = store.lastCommit() + 1; next <= to; ++next) {
      if (auto status = replay(store, m_clock, m_history, next); !status.ok()) return stopped(store, status.error());
      if (full) m_safe = next;
      if (next % 5 == 0) {
        if (auto status = store.checkpoint(); !status.ok()) return stopped(store, status.error());
        m_safe = next;
      }
      if (next % 3 != 0) continue;
      // A read that fails is an error of its own: the store goes on.
      if (auto status = checkMoment(store, m_history, random.below(next + 1), random, kLittle); !status.ok()) {
        DRIFT_TRY(allowed(status.error()));
        if (m_faulted->operation != Operation::Read) return status;
      }
    }
    const auto last = store.lastCommit();
    if (auto status = store.close(); status.ok()) m_safe = last;
    else DRIFT_TRY(allowed(status.error()));
    return {};
  }

  /// A store that could not write says so, writes no more, and goes on reading what it acknowledged.
  Status stopped(Store& store, const Error& cause) {
    DRIFT_TRY(allowed(cause));
    if (!store.readOnly()) return wrong("the store could not write and is not read-only");
    const auto last = store.lastCommit();
    const auto again = store.commit({}, {});
    if (again.ok()) return wrong("a commit is acknowledged after a failure");
    if (again.error().kind() != ErrorKind::ReadOnlyDatabase) return again.error();
    if (store.checkpoint().ok()) return wrong("an epoch is written after a failure");
    if (last < m_safe) return wrong("an acknowledged commit cannot be seen after a failure");
    if (m_faulted->operation != Operation::Read) {
      Random random(last);
      for (CommitNumber at = 0; at <= last; ++at) DRIFT_TRY(checkMoment(store, m_history, at, random, kLittle));
    }
    if (store.close().ok()) return wrong("closing hides that writing failed");
    return {};
  }

  History m_history;
  StoreOptions m_options;
  ClockSetter m_clock;
  const FaultRule* m_faulted = nullptr;
  CommitNumber m_safe = 0;  ///< newest commit that was said to be durable
  bool m_created = false;
};

}  // namespace

class TestIoFailures : public QObject {
  Q_OBJECT

 private slots:
  void everyCallFails_data() {
    QTest::addColumn<Operation>("operation");
    QTest::addColumn<Fault>("fault");
    QTest::addColumn<bool>("forGood");
    QTest::addColumn<int>("step");  // of the calls that fail, in the short run
    for (const bool forGood : {false, true}) {
      const auto row = [&](const char* name, Operation operation, Fault fault, int step) {
        QTest::addRow("%s %s", name, forGood ? "for good" : "once") << operation << fault << forGood << step;
      };
      row("open fails", Operation::Open, Fault::Fails, 1);
      row("lock fails", Operation::Lock, Fault::Fails, 1);
      row("read fails", Operation::Read, Fault::Fails, 7);
      row("write fails", Operation::Write, Fault::Fails, 2);
      row("write ends half-way", Operation::Write, Fault::DiskFull, 2);
      row("write fails when done", Operation::Write, Fault::FailsAfter, 2);
      row("sync fails", Operation::Sync, Fault::Fails, 1);
      row("sync fails when done", Operation::Sync, Fault::FailsAfter, 1);
      row("truncation fails", Operation::Truncate, Fault::Fails, 1);
      row("setting space aside fails", Operation::Allocate, Fault::Fails, 1);
      row("there is no space to set aside", Operation::Allocate, Fault::DiskFull, 1);
      row("setting space aside fails when done", Operation::Allocate, Fault::FailsAfter, 1);
      row("sync of the folder fails", Operation::SyncFolder, Fault::Fails, 1);
      row("removal fails", Operation::Remove, Fault::Fails, 1);
      row("renaming fails", Operation::Rename, Fault::Fails, 1);
    }
  }
  void everyCallFails() {
    QFETCH(Operation, operation);
    QFETCH(Fault, fault);
    QFETCH(bool, forGood);
    QFETCH(int, step);
    const auto rounds = numberFromEnvironment("DRIFT_ROUNDS", 1);
    const auto firstSeed = numberFromEnvironment("DRIFT_SEED", 1);
    if (rounds > 1) step = 1;
    for (auto seed = firstSeed; seed < firstSeed + rounds; ++seed) {
      for (const auto durability : {Durability::Full, Durability::Off}) {
        Workload workload(seed, durability);
        std::uint64_t calls = 0;
        {
          CrashFileSystem disk;
          FaultyFileSystem files(disk);
          VERIFY_OK(workload.run(files, nullptr));
          calls = files.count(operation);
        }
        for (std::uint64_t after = seed % static_cast<unsigned>(step); after < calls;
             after += static_cast<unsigned>(step)) {
          const FaultRule rule{operation, after, fault, forGood};
          CrashFileSystem disk;
          FaultyFileSystem files(disk);
          const auto context = "seed " + std::to_string(seed) + ", call " + std::to_string(after) + ": ";
          const auto check = [&](const Status& status) {
            return status.ok() ? std::string() : context + status.error().toString();
          };
          auto sentence = check(workload.run(files, &rule));
          QVERIFY2(sentence.empty(), sentence.c_str());
          Random random(seed * 1000 + after);
          for (int powerCut = 0; powerCut < 3; ++powerCut) {
            const CrashKind kind{.keepsNothing = powerCut == 1, .keepsAll = powerCut == 0};
            CrashFileSystem left(disk.crashedAt(disk.operations(), kind, random));
            sentence = check(workload.checkLeft(left));
            QVERIFY2(sentence.empty(), sentence.c_str());
          }
          files.heal();
          sentence = check(workload.checkLeft(files));
          QVERIFY2(sentence.empty(), sentence.c_str());
        }
      }
    }
  }
};

FAULT_TEST_MAIN(TestIoFailures)
#include "tst_io_failures.moc"
