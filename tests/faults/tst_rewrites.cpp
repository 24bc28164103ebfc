// A rewrite is cut short at any operation, or any of its calls to the disk fails: what is left is the old file or the
// new one, whole, with every commit that was acknowledged before, during and after it.
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
using storage::KeptCommits;
using storage::RewriteRequest;
using storage::Store;
using storage::StoreOptions;

Q_DECLARE_METATYPE(drift::platform::Operation)
Q_DECLARE_METATYPE(drift::platform::Fault)

namespace {

constexpr auto kPath = "db/x.drift";
constexpr CommitNumber kBefore = 24;  ///< commits before the rewrite
constexpr CommitNumber kMeanwhile = 30;
constexpr CommitNumber kAfter = 34;

enum class Keeps { Everything, TheLast, SomeOfEach };

Error wrong(std::string sentence) { return {ErrorKind::InternalError, std::move(sentence)}; }

/// A database that is rewritten in the middle of its life.
class Rewritten final {
 public:
  Rewritten(std::uint64_t seed, Keeps keeps) : m_keeps(keeps), m_history(seed, {.keysMax = 20, .changesMax = 6, .runMax = 8}) {
    m_history.grow(kAfter);
    m_options.memtableRowsMax = 40;
  }

  Result<std::unique_ptr<Store>> create(platform::FileSystem& files) {
    DRIFT_ASSIGN(auto store, Store::create(files, kPath, m_clock.clock(), m_options));
    DRIFT_TRY(replay(*store, m_clock, m_history, kBefore));
    return store;
  }
  Result<std::unique_ptr<Store>> open(platform::FileSystem& files) {
    return Store::open(files, kPath, m_clock.clock(), m_options);
  }
  Status replayTo(Store& store, CommitNumber to) { return replay(store, m_clock, m_history, to); }

  /// What a rewrite is to keep of commits up to kBefore.
  Result<RewriteRequest> request() const {
    RewriteRequest request;
    if (m_keeps == Keeps::Everything) return request;
    storage::KeptCommitsBuilder kept;
    for (CommitNumber number = 1; number <= kBefore; ++number)
      if (number == kBefore || (m_keeps == Keeps::SomeOfEach && number % 3 == 0))
        kept.add(number, m_history.timeOf(number - 1));
    DRIFT_ASSIGN(request.commits, std::move(kept).finish());
    return request;
  }

  /// The store has a prefix of the history with at least `least` commits, or what was kept of one.
  Status check(const Store& store, CommitNumber least, Random& random) const {
    if (store.openReport().corrupted) return wrong(store.openReport().corruption);
    const auto last = store.lastCommit();
    if (last < least || last > kAfter)
      return makeError(ErrorKind::InternalError, "commit {} is the last one, promised was {}", last, least);
    const auto kept = store.keptCommits();
    // A store that could not write has half a frame behind its end, which verify() sees.
    if (store.readOnly()) {
      for (auto number = kept.nextFrom(1); number <= last; number = kept.nextFrom(number + 1))
        DRIFT_TRY(checkRows(store, number));
      return {};
    }
    if (!kept.hasGaps()) return checkEverything(store, m_history, random, kLittle);
    DRIFT_ASSIGN(const auto wanted, request());
    if (!wanted.commits || kept != *wanted.commits) return wrong("other commits are kept than those that were asked for");
    for (CommitNumber number = 1; number <= last; ++number) {
      if (!kept.contains(number)) {
        const auto snapshot = store.at(number);
        if (snapshot.ok() || snapshot.error().kind() != ErrorKind::MomentOutOfRange)
          return wrong("a commit that was not kept can be read");
        continue;
      }
      DRIFT_TRY(checkRows(store, number));
    }
    DRIFT_ASSIGN(const auto report, store.verify({}));
    for (const auto& finding : report.findings)
      if (finding.sentence.find("superblock") == std::string::npos) return wrong(finding.sentence);
    return {};
  }

 private:
  static constexpr Effort kLittle{.moments = 2, .keys = 2, .pairs = 1, .afterPowerCut = true};

  Status checkRows(const Store& store, CommitNumber number) const {
    DRIFT_ASSIGN(const auto time, store.timeOf(number));
    if (time != m_history.timeOf(number)) return wrong("a commit has another time");
    DRIFT_ASSIGN(const auto snapshot, store.at(number));
    for (const auto tree : m_history.trees()) {
      const auto columns = m_history.columns(tree);
      DRIFT_ASSIGN(const auto cursor, snapshot.scan({.tree = tree, .columns = columns}));
      std::vector<std::string> rows;
      types::Chunk chunk;
      while (true) {
        DRIFT_ASSIGN(const bool more, cursor->next(chunk));
        if (!more) break;
        for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
          std::string fields;
          for (std::size_t column = 0; column < columns.size(); ++column)
            fields += fieldOf(chunk.column(column).get(row));
          rows.push_back(std::move(fields));
        }
      }
      if (rows != m_history.rowsAt(tree, number, columns))
        return makeError(ErrorKind::InternalError, "tree {} has other rows as of commit {}", tree, number);
    }
    return {};
  }

  const Keeps m_keeps;
  History m_history;
  StoreOptions m_options;
  ClockSetter m_clock;
};

void addKeeps() {
  QTest::addColumn<Keeps>("keeps");
  QTest::newRow("everything") << Keeps::Everything;
  QTest::newRow("the last") << Keeps::TheLast;
  QTest::newRow("some") << Keeps::SomeOfEach;
}

}  // namespace

class TestRewrites : public QObject {
  Q_OBJECT

 private slots:
  void thePowerGoes_data() { addKeeps(); }
  void thePowerGoes() {
    QFETCH(Keeps, keeps);
    const auto firstSeed = numberFromEnvironment("DRIFT_SEED", 1);
    for (auto seed = firstSeed; seed < firstSeed + numberFromEnvironment("DRIFT_ROUNDS", 1); ++seed) {
      qInfo("seed %llu", static_cast<unsigned long long>(seed));
      Random random(seed);
      Rewritten life(seed, keeps);
      CrashFileSystem disk;
      auto created = life.create(disk);
      QVERIFY2(created.ok(), created.ok() ? "" : created.error().toString().c_str());
      auto& store = **created;
      std::vector<std::pair<std::size_t, CommitNumber>> promises{{0, kBefore}};
      const auto begins = disk.operations();
      auto request = life.request();
      QVERIFY(request.ok());
      request->progress = [&](std::uint64_t, std::uint64_t) {
        if (store.lastCommit() == kMeanwhile) return;
        const auto status = life.replayTo(store, store.lastCommit() + 1);
        if (status.ok()) promises.emplace_back(disk.operations(), store.lastCommit());
      };
      const auto report = store.rewrite(*request);
      QVERIFY2(report.ok(), report.ok() ? "" : report.error().toString().c_str());
      const auto replaced = disk.operations();
      for (auto number = store.lastCommit() + 1; number <= kAfter; ++number) {
        VERIFY_OK(life.replayTo(store, number));
        promises.emplace_back(disk.operations(), number);
      }
      VERIFY_OK(store.close());
      QVERIFY(!disk.broken());
      for (auto cut = begins; cut <= disk.operations(); ++cut) {
        const CrashKind kind{.sectorBytes = random.chance(50) ? 512u : 4096u, .keepsNothing = random.chance(15),
                             .keepsAll = random.chance(15), .rubbish = random.chance(40)};
        CrashFileSystem left(disk.crashedAt(cut, kind, random));
        CommitNumber least = 0;
        for (const auto& [operation, commit] : promises)
          if (operation <= cut) least = std::max(least, commit);
        auto opened = life.open(left);
        QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().toString().c_str());
        VERIFY_OK(life.check(**opened, least, random));
        // What was left out does not come back.
        if (cut >= replaced && keeps != Keeps::Everything) QVERIFY((*opened)->keptCommits().hasGaps());
        QVERIFY(!*left.exists(std::string(kPath) + ".rewrite"));
        // It goes on, and can be rewritten.
        VERIFY_OK(life.replayTo(**opened, kAfter));
        const auto again = (*opened)->rewrite({});
        QVERIFY2(again.ok(), again.ok() ? "" : again.error().toString().c_str());
        VERIFY_OK(life.check(**opened, kAfter, random));
        VERIFY_OK((*opened)->close());
      }
    }
  }

  void everyCallFails_data() {
    QTest::addColumn<Operation>("operation");
    QTest::addColumn<Fault>("fault");
    QTest::addColumn<bool>("forGood");
    for (const bool forGood : {false, true}) {
      const auto row = [&](const char* name, Operation operation, Fault fault) {
        QTest::addRow("%s %s", name, forGood ? "for good" : "once") << operation << fault << forGood;
      };
      row("open fails", Operation::Open, Fault::Fails);
      row("lock fails", Operation::Lock, Fault::Fails);
      row("read fails", Operation::Read, Fault::Fails);
      row("write fails", Operation::Write, Fault::Fails);
      row("write ends half-way", Operation::Write, Fault::DiskFull);
      row("sync fails", Operation::Sync, Fault::Fails);
      row("sync fails when done", Operation::Sync, Fault::FailsAfter);
      row("sync of the folder fails", Operation::SyncFolder, Fault::Fails);
      row("sync of the folder fails when done", Operation::SyncFolder, Fault::FailsAfter);
      row("removal fails", Operation::Remove, Fault::Fails);
      row("renaming fails", Operation::Rename, Fault::Fails);
      row("renaming fails when done", Operation::Rename, Fault::FailsAfter);
    }
  }
  void everyCallFails() {
    QFETCH(Operation, operation);
    QFETCH(Fault, fault);
    QFETCH(bool, forGood);
    const auto firstSeed = numberFromEnvironment("DRIFT_SEED", 1);
    const auto rounds = numberFromEnvironment("DRIFT_ROUNDS", 1);
    const std::uint64_t step = rounds == 1 && operation == Operation::Read ? 5 : 1;
    for (auto seed = firstSeed; seed < firstSeed + rounds; ++seed) {
      for (const auto keeps : {Keeps::Everything, Keeps::SomeOfEach}) {
        bool fired = true;
        for (std::uint64_t after = 0; fired; after += step) {
          Random random(seed * 1000 + after);
          Rewritten life(seed, keeps);
          CrashFileSystem disk;
          FaultyFileSystem files(disk);
          auto created = life.create(files);
          QVERIFY(created.ok());
          auto& store = **created;
          const auto request = life.request();
          const auto before = files.count(operation);
          files.inject({operation, after, fault, forGood});
          const auto report = store.rewrite(*request);
          fired = files.count(operation) - before > after;
          QVERIFY(fired || report.ok());
          const auto context = fmt::format("seed {}, call {}: ", seed, after);
          const auto verify = [&](const Status& status) {
            QVERIFY2(status.ok(), status.ok() ? "" : (context + status.error().toString()).c_str());
          };
          CommitNumber safe = kBefore;
          if (!report.ok())
            QVERIFY2(report.error().kind() == ErrorKind::IoError || report.error().kind() == ErrorKind::DiskFull ||
                         report.error().kind() == ErrorKind::ReadOnlyDatabase,
                     report.error().toString().c_str());
          files.heal();
          // The background may have met the fault too; once an epoch is written, or refused, that is known.
          (void)store.checkpoint().ok();
          // Whichever file it is now, it can be read; and written to, unless it says that it cannot.
          verify(life.check(store, safe, random));
          if (const auto status = life.replayTo(store, kMeanwhile); status.ok()) safe = kMeanwhile;
          else QCOMPARE(status.error().kind(), ErrorKind::ReadOnlyDatabase);
          QCOMPARE(store.readOnly(), safe == kBefore);
          // The background's writing meets the fault too, also once the rewrite is through.
          if (store.readOnly()) QVERIFY(files.count(operation) - before > after);
          verify(life.check(store, safe, random));
          (void)store.close().ok();  // after a failure it says so once more
          for (int powerCut = 0; powerCut < 3; ++powerCut) {
            const CrashKind kind{.keepsNothing = powerCut == 1, .keepsAll = powerCut == 0};
            CrashFileSystem left(disk.crashedAt(disk.operations(), kind, random));
            auto opened = life.open(left);
            QVERIFY2(opened.ok(), opened.ok() ? "" : (context + opened.error().toString()).c_str());
            verify(life.check(**opened, safe, random));
            if (report.ok() && keeps != Keeps::Everything) QVERIFY((*opened)->keptCommits().hasGaps());
            verify(life.replayTo(**opened, kAfter));
            verify((*opened)->close());
          }
        }
      }
    }
  }

  /// An export that fails leaves nothing under its name.
  void exportsAreThereWholeOrNotAtAll() {
    constexpr auto kTarget = "db/y.drift";
    std::size_t failed = 0;
    for (const auto operation : {Operation::Write, Operation::Sync, Operation::SyncFolder, Operation::Rename}) {
      bool fired = true;
      for (std::uint64_t after = 0; fired; ++after) {
        Random random(after);
        Rewritten life(1, Keeps::Everything);
        CrashFileSystem disk;
        FaultyFileSystem files(disk);
        auto created = life.create(files);
        QVERIFY(created.ok());
        const auto before = files.count(operation);
        files.inject({operation, after, Fault::Fails, false});
        const auto report = (*created)->exportTo(kTarget, {.through = kBefore});
        fired = files.count(operation) - before > after;
        files.heal();
        failed += !report.ok();
        if (!*files.exists(kTarget)) {
          QVERIFY(!report.ok());
          continue;
        }
        CrashFileSystem left(disk.crashedAt(disk.operations(), {.keepsAll = true}, random));
        ClockSetter clock;
        auto opened = Store::open(left, kTarget, clock.clock(), {});
        QVERIFY2(opened.ok(), opened.ok() ? "" : opened.error().toString().c_str());
        VERIFY_OK(life.check(**opened, kBefore, random));
      }
    }
    QVERIFY(failed > 10);
  }
};

FAULT_TEST_MAIN(TestRewrites)
#include "tst_rewrites.moc"
