// Rewriting a file: what is kept is as it was, what is not says so, and nobody notices the change of files.
#include <QtTest>

#include <atomic>
#include <random>
#include <set>
#include <thread>

#include "storage/kept_history.h"
#include "storage/salvage.h"
#include "storage/superblock.h"
#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

constexpr TreeId kOther = kTree + 1;
constexpr TreeId kIndex = kTree + 2;
constexpr TimeMicros kDay = 86'400'000'000;
constexpr TimeMicros kStart = 1'700'000'000'000'000 / kDay * kDay;

std::uint64_t seed() {
  const auto given = qEnvironmentVariable("DRIFT_SEED").toULongLong();
  const auto seed = given ? given : std::uint64_t{std::random_device{}()};
  qInfo("DRIFT_SEED=%llu", static_cast<unsigned long long>(seed));
  return seed;
}

StoreOptions options() {
  StoreOptions result;
  result.memtableRowsMax = 40;  // many epochs
  result.durability = Durability::Off;
  return result;
}

/// Random commits, some hours apart, and what the rows were after each.
class Life final {
 public:
  using Rows = std::map<std::int64_t, std::string>;

  explicit Life(std::uint64_t seed) : m_random(seed), m_states(1) {}

  CommitNumber size() const { return m_states.size() - 1; }
  TimeMicros timeOf(CommitNumber number) const { return m_times[number - 1]; }
  const Rows& rows(CommitNumber number, TreeId tree) { return m_states[number][tree]; }

  void grow(Store& store, int commits) {
    for (int i = 0; i < commits; ++i) commit(store);
  }
  void commit(Store& store) {
    auto state = m_states.back();
    CommitRequest request;
    const auto last = m_times.empty() ? kStart : m_times.back();
    request.time = last + 1 + static_cast<TimeMicros>(below(kDay / 3));
    request.author = "author " + std::to_string(size() + 1);
    request.message = "message " + std::to_string(size() + 1);
    request.indexTrees = {kIndex};
    for (const auto tree : {kTree, kOther, kIndex}) {
      std::set<std::int64_t> used;
      for (auto changes = below(6); changes > 0; --changes) {
        const auto id = static_cast<std::int64_t>(below(25));
        if (!used.insert(id).second) continue;
        auto& rows = state[tree];
        const auto name = "row " + std::to_string(m_random() % 1000);
        if (!rows.contains(id)) {
          request.changes.push_back(change(tree, RowOp::Insert, id, name));
          rows[id] = name;
        } else if (below(3) == 0) {
          request.changes.push_back(change(tree, RowOp::Delete, id));
          rows.erase(id);
        } else {
          request.changes.push_back(change(tree, RowOp::Update, id, name));
          rows[id] = name;
        }
      }
    }
    const auto receipt = must(store.commit(std::move(request), {}));
    m_states.push_back(std::move(state));
    m_times.push_back(receipt.time);
    if (receipt.number != size()) qFatal("commit %llu came out as %llu", static_cast<unsigned long long>(size()),
                                         static_cast<unsigned long long>(receipt.number));
  }
  std::uint64_t below(std::uint64_t bound) { return m_random() % bound; }

 private:
  std::mt19937_64 m_random;
  std::vector<std::map<TreeId, Rows>> m_states;
  std::vector<TimeMicros> m_times;
};

Life::Rows rowsOf(const Snapshot& snapshot, TreeId tree) {
  const auto cursor = must(snapshot.scan({.tree = tree, .columns = columns()}));
  Life::Rows rows;
  types::Chunk chunk;
  while (must(cursor->next(chunk)))
    for (std::size_t row = 0; row < chunk.rowCount(); ++row)
      rows[chunk.column(0).get(row).asInt()] = chunk.column(1).get(row).asString();
  return rows;
}

/// Everything that a store tells of a moment, as text.
std::vector<std::string> told(const Store& store, CommitNumber number) {
  const auto snapshot = must(store.at(number));
  std::vector<std::string> result;
  for (const auto tree : {kTree, kOther, kIndex}) {
    auto wanted = columns();
    wanted.push_back({kSeqColumn, types::TypeId::BigInt, {}});
    wanted.push_back({kOpColumn, types::TypeId::SmallInt, {}});
    wanted.push_back({kEndSeqColumn, types::TypeId::BigInt, {}});
    const auto cursor = must(snapshot.scan({.tree = tree, .columns = wanted}));
    for (auto& row : drain(*cursor)) result.push_back(std::move(row));
    result.push_back(std::to_string(must(snapshot.rowCount(tree))));
  }
  const auto info = must(store.commitInfo(number));
  result.push_back(info->author + info->message + std::to_string(info->time));
  for (const auto& tree : info->trees)
    result.push_back(fmt::format("{} +{} ~{} -{}", tree.tree, tree.inserted, tree.updated, tree.deleted));
  return result;
}

/// Whether the store holds exactly these commits of the life, each as it was.
void compareKept(const Store& store, Life& life, const KeptCommits& kept) {
  QCOMPARE(store.lastCommit(), life.size());
  QCOMPARE(store.firstCommit(), kept.nextFrom(1));
  CommitNumber before = 0;
  std::vector<CommitNumber> numbers;
  for (CommitNumber number = 1; number <= life.size(); ++number) {
    if (!kept.contains(number)) {
      const auto snapshot = store.at(number);
      QVERIFY(!snapshot.ok());
      QCOMPARE(snapshot.error().kind(), ErrorKind::MomentOutOfRange);
      const auto& sentence = snapshot.error().message();
      QVERIFY2(sentence.find(fmt::format("commit {} of ", kept.nextFrom(number))) != std::string::npos, sentence.c_str());
      if (before != 0)
        QVERIFY2(sentence.find(fmt::format("commit {} of ", before)) != std::string::npos, sentence.c_str());
      QVERIFY(!store.timeOf(number).ok());
      QVERIFY(!must(store.commitInfo(number)));
      QCOMPARE(must(store.commitAt(life.timeOf(number))), before);
      const auto moment = store.momentAt(life.timeOf(number));
      if (before == 0) QCOMPARE(*moment, CommitNumber{0});
      else QVERIFY(!moment.ok() && moment.error().kind() == ErrorKind::MomentOutOfRange);
      continue;
    }
    numbers.push_back(number);
    for (const auto tree : {kTree, kOther, kIndex}) {
      QCOMPARE(rowsOf(must(store.at(number)), tree), life.rows(number, tree));
      QCOMPARE(must(must(store.at(number)).rowCount(tree)), life.rows(number, tree).size());
    }
    const auto info = must(store.commitInfo(number));
    QCOMPARE(info->number, number);
    QCOMPARE(info->time, life.timeOf(number));
    QCOMPARE(info->author, "author " + std::to_string(number));
    QCOMPARE(info->message, "message " + std::to_string(number));
    QCOMPARE(must(store.timeOf(number)), life.timeOf(number));
    QCOMPARE(must(store.momentAt(life.timeOf(number))), number);
    // Until the first commit that is missing, the state is known.
    if (number < life.size()) QCOMPARE(must(store.momentAt(life.timeOf(number + 1) - 1)), number);
    QCOMPARE(must(store.step(number, false, 0)).value_or(0), before);
    if (before != 0) {
      QCOMPARE(must(store.step(before, true, 0)).value_or(0), number);
      const auto& from = life.rows(before, kTree);
      const auto& to = life.rows(number, kTree);
      std::size_t differing = 0;
      for (const auto& [id, name] : from) differing += !to.contains(id) || to.at(id) != name;
      for (const auto& [id, name] : to) differing += !from.contains(id);
      const auto diff = must(store.diff(kTree, before, number, columns(), {}));
      QVERIFY(drain(*diff).size() >= differing);  // a row that was changed and changed back may be among them
    }
    before = number;
  }
  const auto infos = must(store.commitInfos(1, 100'000));
  QCOMPARE(infos.size(), numbers.size());
  for (std::size_t i = 0; i < infos.size(); ++i) QCOMPARE(infos[i].number, numbers[i]);
  std::uint64_t commits = 0;
  for (const auto& bucket : must(store.summary(kStart, life.timeOf(life.size()) + 1, 17, 0))) {
    commits += bucket.commits;
    QVERIFY(bucket.commits == 0 || (kept.contains(bucket.first) && kept.contains(bucket.last)));
  }
  QCOMPARE(commits, numbers.size());
  const auto report = must(store.verify({}));
  for (const auto& finding : report.findings) qWarning("%s", finding.sentence.c_str());
  QVERIFY(report.findings.empty());
  QCOMPARE(report.commits, numbers.size());
}

/// Versions tile time: each ends where the next one of its key begins, and the live ones are the newest rows.
void compareVersions(const Store& store, Life& life) {
  auto wanted = columns();
  wanted.push_back({kSeqColumn, types::TypeId::BigInt, {}});
  wanted.push_back({kEndSeqColumn, types::TypeId::BigInt, {}});
  const auto cursor = must(store.scanVersions({.tree = kTree, .columns = wanted}, {}));
  std::map<CommitNumber, std::set<std::int64_t>> liveAt;
  types::Chunk chunk;
  std::vector<std::tuple<std::int64_t, CommitNumber, CommitNumber>> versions;
  while (must(cursor->next(chunk)))
    for (std::size_t row = 0; row < chunk.rowCount(); ++row) {
      const auto end = chunk.column(3).get(row);
      versions.emplace_back(chunk.column(0).get(row).asInt(), chunk.column(2).get(row).asInt(),
                            end.isNull() ? kNoCommit : static_cast<CommitNumber>(end.asInt()));
    }
  const auto kept = store.keptCommits();
  for (CommitNumber number = store.firstCommit(); number <= store.lastCommit(); number = kept.nextFrom(number + 1)) {
    std::set<std::int64_t> live, expected;
    for (const auto& [id, from, end] : versions)
      if (from <= number && number < end) QVERIFY(live.insert(id).second);
    for (const auto& [id, name] : life.rows(number, kTree)) expected.insert(id);
    QCOMPARE(live, expected);
  }
}

template <class T>
Status statusOf(Result<T> result) {
  return result.ok() ? Status() : Status(std::move(result).error());
}

struct Fixture {
  platform::MemoryFileSystem files;
  SystemClock clock;
  std::unique_ptr<Store> store = must(Store::create(files, kPath, clock, options()));

  void reopen() {
    must(store->close());
    store.reset();
    store = must(Store::open(files, kPath, clock, options()));
  }
  std::unique_ptr<Store> reader() {
    auto read = options();
    read.readOnly = true;
    return must(Store::open(files, kPath, clock, read));
  }
  FileId fileId() { return must(readSuperblocks(*must(files.open(kPath, platform::OpenMode::ReadOnly)), kPath)).newest.fileId; }
};

}  // namespace

class TestRewrite : public QObject {
  Q_OBJECT

 private slots:
  void everythingIsKept() {
    Fixture f;
    Life life(seed());
    life.grow(*f.store, 200);
    std::vector<std::vector<std::string>> before;
    for (CommitNumber number = 1; number <= life.size(); ++number) before.push_back(told(*f.store, number));
    const auto id = f.fileId();
    const auto report = must(f.store->rewrite({}));
    QVERIFY(f.fileId() != id);
    QCOMPARE(report.commitsBefore, std::uint64_t{200});
    QCOMPARE(report.commitsAfter, std::uint64_t{200});
    QCOMPARE(report.bytesAfter, f.store->fileBytes());
    QVERIFY(!must(f.files.exists(std::string(kPath) + ".rewrite")));
    for (int round = 0; round < 2; ++round) {
      for (CommitNumber number = 1; number <= before.size(); ++number)
        QCOMPARE(told(*f.store, number), before[number - 1]);
      compareKept(*f.store, life, {});
      f.reopen();
    }
    life.grow(*f.store, 30);
    compareKept(*f.store, life, {});
    compareVersions(*f.store, life);
    // A file with everything in it is one of the first format version, as before.
    QVERIFY(!must(readSuperblocks(*must(f.files.open(kPath, platform::OpenMode::ReadOnly)), kPath)).newest.thinned);
  }

  void aRuleKeepsWhatItSays_data() {
    QTest::addColumn<int>("rule");
    QTest::newRow("since") << 0;
    QTest::newRow("last") << 1;
    QTest::newRow("one commit") << 2;
    QTest::newRow("by day") << 3;
    QTest::newRow("by week, all") << 4;
    QTest::newRow("since and by month") << 5;
  }
  void aRuleKeepsWhatItSays() {
    QFETCH(int, rule);
    Fixture f;
    Life life(seed());
    life.grow(*f.store, 150);
    RetentionRule keep;
    const auto middle = life.timeOf(60) + 1;
    const auto later = life.timeOf(110);
    using Period = RetentionRule::Period;
    if (rule == 0 || rule == 5) keep.since = middle;
    if (rule == 1) keep.last = 40;
    if (rule == 2) keep.last = 1;
    if (rule == 3) keep.thinning = {Period::Day, later};
    if (rule == 4) keep.thinning = {Period::Week, life.timeOf(150) + 1};
    if (rule == 5) keep.thinning = {Period::Month, later};
    const auto kept = must(planRetention(*f.store, keep));
    QVERIFY(kept.contains(150));
    for (CommitNumber number = 1; number <= 150; ++number) {
      bool expected = true;
      if (rule == 0) expected = number >= 60;
      if (rule == 1) expected = number > 110;
      if (rule == 2) expected = number == 150;
      if (rule == 3)
        expected = number == 150 || life.timeOf(number + 1) >= later ||
                   life.timeOf(number) / kDay != life.timeOf(number + 1) / kDay;
      if (rule <= 3) QCOMPARE(kept.contains(number), expected);
      if (rule == 5 && number <= 60) QCOMPARE(kept.contains(number), number == 60);
    }
    must(f.store->rewrite({.commits = kept}));
    compareKept(*f.store, life, kept);
    compareVersions(*f.store, life);
    f.reopen();
    compareKept(*f.store, life, kept);
    life.grow(*f.store, 60);
    compareKept(*f.store, life, kept);
    f.reopen();
    compareKept(*f.store, life, kept);
    compareVersions(*f.store, life);
    // What was left out stays so, whatever the next rewrite keeps.
    must(f.store->rewrite({}));
    compareKept(*f.store, life, kept);
    const auto fewer = must(planRetention(*f.store, {.thinning = RetentionRule::Thinning{Period::Week, life.timeOf(200)}}));
    for (CommitNumber number = 1; number <= 210; ++number) QVERIFY(!fewer.contains(number) || kept.contains(number));
    must(f.store->rewrite({.commits = fewer}));
    compareKept(*f.store, life, fewer);
    compareVersions(*f.store, life);
  }

  void nothingLeftToKeepIsRefused() {
    Fixture f;
    const auto none = planRetention(*f.store, {.last = 0});
    QVERIFY(!none.ok());
    QCOMPARE(none.error().kind(), ErrorKind::InvalidParameterValue);
    // An empty database is rewritten like any other.
    must(f.store->rewrite({.commits = must(planRetention(*f.store, {.last = 3}))}));
    QCOMPARE(f.store->lastCommit(), CommitNumber{0});
    Life life(1);
    life.grow(*f.store, 5);
    compareKept(*f.store, life, {});
  }

  void commitsDuringARewriteArrive() {
    Fixture f;
    Life life(seed());
    life.grow(*f.store, 100);
    const auto kept = must(planRetention(*f.store, {.last = 20}));
    int told = 0;
    must(f.store->rewrite({.commits = kept, .progress = [&](std::uint64_t, std::uint64_t) {
      if (++told < 4) life.grow(*f.store, 100);  // more than are taken in with commits held back
    }}));
    QCOMPARE(life.size(), CommitNumber{400});
    compareKept(*f.store, life, kept);
    f.reopen();
    compareKept(*f.store, life, kept);
  }

  void manyWritersGoOn() {
    platform::MemoryFileSystem files;
    SystemClock clock;
    auto full = options();
    full.durability = Durability::Full;
    const auto store = must(Store::create(files, kPath, clock, full));
    constexpr int kThreads = 3, kCommits = 400;
    std::atomic<int> running = kThreads;
    std::vector<std::thread> threads;
    for (int thread = 0; thread < kThreads; ++thread)
      threads.emplace_back([&, thread] {
        for (int i = 0; i < kCommits; ++i) {
          CommitRequest request;
          request.changes.push_back(change(kTree, RowOp::Insert, thread * kCommits + i, "x"));
          must(store->commit(std::move(request), {}));
        }
        --running;
      });
    int rewrites = 0;
    do {
      must(store->rewrite({}));
      ++rewrites;
    } while (running > 0);
    for (auto& thread : threads) thread.join();
    QCOMPARE(store->lastCommit(), CommitNumber{kThreads * kCommits});
    QCOMPARE(must(store->latest().rowCount(kTree)), std::uint64_t{kThreads * kCommits});
    for (CommitNumber number = 1; number <= store->lastCommit(); ++number)
      QCOMPARE(must(must(store->at(number)).rowCount(kTree)), number);
    QVERIFY(must(store->verify({})).findings.empty());
    qInfo("%d rewrites", rewrites);
  }

  void onlyOneRewriteAtATime() {
    Fixture f;
    Life life(1);
    life.grow(*f.store, 3);
    bool refused = false;
    must(f.store->rewrite({.progress = [&](std::uint64_t, std::uint64_t) {
      const auto second = f.store->rewrite({});
      refused = !second.ok() && second.error().kind() == ErrorKind::DatabaseLocked;
    }}));
    QVERIFY(refused);
    compareKept(*f.store, life, {});
  }

  void oldSnapshotsAndCursorsGoOn() {
    Fixture f;
    CommitRequest request;
    for (int id = 0; id < 5000; ++id) request.changes.push_back(change(kTree, RowOp::Insert, id, "first"));
    must(f.store->commit(std::move(request), {}));
    must(f.store->checkpoint());
    const auto old = must(f.store->at(1));
    const auto cursor = must(old.scan({.tree = kTree, .columns = columns()}));
    const auto versions = must(f.store->scanVersions({.tree = kTree, .columns = columns()}, {}));
    types::Chunk chunk;
    QVERIFY(must(cursor->next(chunk)));
    auto rows = chunk.rowCount();
    request = {};
    for (int id = 0; id < 5000; ++id) request.changes.push_back(change(kTree, RowOp::Update, id, "second"));
    must(f.store->commit(std::move(request), {}));
    must(f.store->rewrite({.commits = must(planRetention(*f.store, {.last = 1}))}));
    QVERIFY(!f.store->at(1).ok());
    while (must(cursor->next(chunk))) {
      rows += chunk.rowCount();
      QCOMPARE(chunk.column(1).get(0).asString(), std::string("first"));
    }
    QCOMPARE(rows, std::size_t{5000});
    QCOMPARE(drain(*versions).size(), std::size_t{5000});
    QCOMPARE(must(old.get(kTree, keyOf(7), columns()))->values[1].asString(), std::string("first"));
    QCOMPARE(must(f.store->latest().get(kTree, keyOf(7), columns()))->values[1].asString(), std::string("second"));
  }

  void readersFollowToTheNewFile() {
    Fixture f;
    Life life(1);
    life.grow(*f.store, 10);
    const auto reader = f.reader();
    const auto old = reader->latest();
    must(f.store->rewrite({.commits = must(planRetention(*f.store, {.last = 2}))}));
    life.grow(*f.store, 1);
    QCOMPARE(reader->lastCommit(), CommitNumber{10});
    QVERIFY(must(reader->refresh()));
    QCOMPARE(reader->lastCommit(), CommitNumber{11});
    QVERIFY(!reader->at(5).ok());
    QCOMPARE(rowsOf(old, kTree), life.rows(10, kTree));
    QVERIFY(!must(reader->refresh()));
    life.grow(*f.store, 1);
    QVERIFY(must(reader->refresh()));
    QCOMPARE(reader->lastCommit(), CommitNumber{12});
  }

  void theLockIsHeldThroughout() {
    Fixture f;
    Life life(1);
    life.grow(*f.store, 5);
    const auto old = f.store->latest();  // keeps the old file open
    const auto isLocked = [&] {
      const auto other = Store::open(f.files, kPath, f.clock, options());
      return !other.ok() && other.error().kind() == ErrorKind::DatabaseLocked;
    };
    bool lockedMeanwhile = false;
    must(f.store->rewrite({.progress = [&](std::uint64_t, std::uint64_t) { lockedMeanwhile = isLocked(); }}));
    QVERIFY(lockedMeanwhile);
    QVERIFY(isLocked());
    must(f.store->close());
    QVERIFY(Store::open(f.files, kPath, f.clock, options()).ok());
  }

  void aStoppedRewriteChangesNothing() {
    Fixture f;
    Life life(1);
    life.grow(*f.store, 20);
    const auto id = f.fileId();
    RewriteRequest request;
    request.progress = [&](std::uint64_t, std::uint64_t) { request.cancel.cancel(); };
    const auto stopped = f.store->rewrite(request);
    QVERIFY(!stopped.ok());
    QCOMPARE(stopped.error().kind(), ErrorKind::QueryCanceled);
    QVERIFY(f.fileId() == id);
    QVERIFY(!must(f.files.exists(std::string(kPath) + ".rewrite")));
    life.grow(*f.store, 5);
    compareKept(*f.store, life, {});
  }

  void leftoversGoAway() {
    Fixture f;
    Life life(1);
    life.grow(*f.store, 5);
    must(f.store->close());
    const auto leftover = std::string(kPath) + ".rewrite";
    auto half = f.files.contents(kPath);
    half.resize(half.size() / 2);
    for (const auto& bytes : {half, Bytes(), Bytes(8192)}) {
      f.files.setContents(leftover, bytes);
      f.store = must(Store::open(f.files, kPath, f.clock, options()));
      QVERIFY(!must(f.files.exists(leftover)));
      f.files.setContents(leftover, bytes);
      must(f.store->rewrite({}));
      QVERIFY(!must(f.files.exists(leftover)));
      must(f.store->close());
    }
    // Another file of that name is nobody's to remove.
    f.files.setContents(leftover, Bytes(10'000, std::byte{'x'}));
    f.store = must(Store::open(f.files, kPath, f.clock, options()));
    const auto refused = f.store->rewrite({});
    QVERIFY(!refused.ok());
    QCOMPARE(refused.error().kind(), ErrorKind::FileExists);
    QCOMPARE(f.files.contents(leftover).size(), std::size_t{10'000});
    compareKept(*f.store, life, {});
  }

  void oneTreeLosesItsPast() {
    Fixture f;
    Life life(seed());
    life.grow(*f.store, 120);
    must(f.store->rewrite({.horizons = {{kTree, 70}, {kIndex, 70}}}));
    for (int round = 0; round < 3; ++round) {
      QCOMPARE(f.store->horizon(kTree), CommitNumber{70});
      QCOMPARE(f.store->horizon(kOther), CommitNumber{0});
      for (CommitNumber number = 1; number <= life.size(); ++number) {
        const auto snapshot = must(f.store->at(number));
        QCOMPARE(rowsOf(snapshot, kOther), life.rows(number, kOther));
        if (number >= 70) {
          QCOMPARE(rowsOf(snapshot, kTree), life.rows(number, kTree));
          QCOMPARE(rowsOf(snapshot, kIndex), life.rows(number, kIndex));
          continue;
        }
        const auto scanned = statusOf(snapshot.scan({.tree = kTree, .columns = columns()}));
        const auto got = statusOf(snapshot.get(kTree, keyOf(1), {}));
        const auto counted = statusOf(snapshot.rowCount(kTree));
        const auto differed = statusOf(f.store->diff(kTree, number, 90, columns(), {}));
        for (const auto* found : {&scanned, &got, &counted, &differed}) {
          const auto& status = *found;
          QVERIFY(!status.ok());
          QCOMPARE(status.error().kind(), ErrorKind::MomentOutOfRange);
          QVERIFY2(status.error().message().find("commit 70 of ") != std::string::npos, status.error().message().c_str());
        }
        QCOMPARE(must(f.store->commitInfo(number))->time, life.timeOf(number));
      }
      QVERIFY(must(f.store->verify({})).findings.empty());
      if (round == 0) f.reopen();
      if (round == 1) must(f.store->rewrite({}));
      life.grow(*f.store, 10);
    }
    // Rows that are gone are not in the file any more.
    QVERIFY(must(f.store->history(kTree, keyOf(3), columns(), 70, 100)).empty());
  }

  void treesThatAreLeftOutAreGone() {
    Fixture f;
    Life life(seed());
    life.grow(*f.store, 50);
    must(f.store->rewrite({.leftOut = {kOther}}));
    for (CommitNumber number = 1; number <= 50; ++number) {
      QCOMPARE(rowsOf(must(f.store->at(number)), kTree), life.rows(number, kTree));
      QVERIFY(rowsOf(must(f.store->at(number)), kOther).empty());
    }
    QVERIFY(must(f.store->verify({})).findings.empty());
  }

  void thePreviewCountsWhatIsLeft() {
    Fixture f;
    for (int i = 0; i < 10; ++i) {
      CommitRequest request;
      request.changes.push_back(change(kTree, i == 0 ? RowOp::Insert : RowOp::Update, 1, "name"));
      if (i == 0) request.changes.push_back(change(kOther, RowOp::Insert, 1, "name"));
      must(f.store->commit(std::move(request), {}));
    }
    const auto preview = must(f.store->previewRewrite({.commits = must(planRetention(*f.store, {.last = 3}))}));
    QCOMPARE(preview.commits, std::uint64_t{10});
    QCOMPARE(preview.commitsKept, std::uint64_t{3});
    QCOMPARE(preview.trees.size(), std::size_t{2});
    QCOMPARE(preview.trees[0].versions, std::uint64_t{10});
    QCOMPARE(preview.trees[0].versionsKept, std::uint64_t{3});
    QCOMPARE(preview.trees[0].bytes * 3, preview.trees[0].bytesKept * 10);
    QCOMPARE(preview.trees[1].versionsKept, std::uint64_t{1});
    QVERIFY(preview.fileBytesKept < preview.fileBytes);
    QCOMPARE(f.store->firstCommit(), CommitNumber{1});
  }

  void commitsStayDurableWhenFilesChange() {
    for (std::uint64_t crash = 1; crash <= 8; ++crash) {
      platform::MemoryFileSystem files;
      SystemClock clock;
      auto store = must(Store::create(files, kPath, clock, {}));
      for (std::int64_t i = 1; i <= 3; ++i) {
        must(store->rewrite({}));
        CommitRequest request;
        request.changes.push_back(change(kTree, RowOp::Insert, i, "name"));
        must(store->commit(std::move(request), {}));
      }
      files.crash(crash);
      const auto left = files.contents(kPath);
      store.reset();
      files.setContents(kPath, left);
      store = must(Store::open(files, kPath, clock, {}));
      QCOMPARE(store->lastCommit(), CommitNumber{3});
    }
  }

  void thePreviewEstimatesTheFile() {
    Fixture f;
    Life life(seed());
    life.grow(*f.store, 400);
    must(f.store->checkpoint());
    for (const std::uint64_t last : {10, 100, 400}) {
      const auto plan = must(planRetention(*f.store, {.last = last}));
      const auto preview = must(f.store->previewRewrite({.commits = plan}));
      must(f.store->exportTo("all.drift", {.through = 400}));
      StoreOptions usual;  // few epochs: what each of them costs is not estimated
      usual.durability = Durability::Off;
      const auto copy = must(Store::open(f.files, "all.drift", f.clock, usual));
      const auto report = must(copy->rewrite({.commits = plan}));
      const auto ratio = double(preview.fileBytesKept) / double(report.bytesAfter);
      QVERIFY2(ratio > 0.4 && ratio < 2.5, qPrintable(QString("%1 of %2").arg(preview.fileBytesKept).arg(report.bytesAfter)));
      must(copy->close());
      must(f.files.remove("all.drift"));
    }
  }

  void exportsAreWholeDatabases() {
    Fixture f;
    Life life(seed());
    life.grow(*f.store, 100);
    must(f.store->rewrite({.commits = must(planRetention(*f.store, {.thinning = RetentionRule::Thinning{
                                               RetentionRule::Period::Day, life.timeOf(60)}}))}));
    const auto kept = f.store->keptCommits();
    const auto moment = kept.nextFrom(30);
    must(f.store->exportTo("prefix.drift", {.through = moment}));
    must(f.store->exportTo("rows.drift", {.through = moment, .withHistory = false}));
    const auto prefix = must(Store::open(f.files, "prefix.drift", f.clock, options()));
    QCOMPARE(prefix->lastCommit(), moment);
    QCOMPARE(prefix->firstCommit(), f.store->firstCommit());
    for (auto number = prefix->firstCommit(); number <= moment; number = kept.nextFrom(number + 1))
      QCOMPARE(told(*prefix, number).size(), told(*f.store, number).size());
    const auto rows = must(Store::open(f.files, "rows.drift", f.clock, options()));
    QCOMPARE(rows->firstCommit(), moment);
    QCOMPARE(rows->lastCommit(), moment);
    QCOMPARE(rowsOf(rows->latest(), kTree), life.rows(moment, kTree));
    // They go on with the next number.
    for (auto* store : {prefix.get(), rows.get()}) {
      QVERIFY(must(store->verify({})).findings.empty());
      QCOMPARE(must(store->commit({}, {})).number, moment + 1);
    }
    const auto again = f.store->exportTo("rows.drift", {.through = moment});
    QVERIFY(!again.ok());
    QCOMPARE(again.error().kind(), ErrorKind::FileExists);
    for (CommitNumber number = 1; number < 60; ++number)
      if (!kept.contains(number)) {
        const auto refused = f.store->exportTo("gap.drift", {.through = number});
        QVERIFY(!refused.ok() && refused.error().kind() == ErrorKind::MomentOutOfRange);
        QVERIFY(!must(f.files.exists("gap.drift")));
        break;
      }
  }

  void lostKeptHistoryIsDamage() {
    Fixture f;
    Life life(1);
    life.grow(*f.store, 20);
    must(f.store->rewrite({.commits = must(planRetention(*f.store, {.last = 4}))}));
    must(f.store->close());
    auto bytes = f.files.contents(kPath);
    bytes[8192 + 70] ^= std::byte{1};
    f.files.setContents(kPath, bytes);
    f.store = must(Store::open(f.files, kPath, f.clock, options()));
    QVERIFY(f.store->openReport().corrupted);
    QCOMPARE(f.store->lastCommit(), CommitNumber{0});
  }

  void salvageKeepsTheNumbers() {
    Fixture f;
    Life life(seed());
    life.grow(*f.store, 60);
    const auto kept = must(planRetention(*f.store, {.thinning = RetentionRule::Thinning{RetentionRule::Period::Day,
                                                                                         life.timeOf(60)}}));
    must(f.store->rewrite({.commits = kept}));
    life.grow(*f.store, 10);
    must(f.store->close());
    const auto report = must(salvage(f.files, kPath, "saved.drift", f.clock, {}));
    QVERIFY(report.lost.empty());
    QCOMPARE(report.commits, kept.countUpTo(70));
    compareKept(*must(Store::open(f.files, "saved.drift", f.clock, options())), life, kept);
  }

  void numbersAndPositions() {
    const auto kept = must(KeptCommits::fromRuns({{3, 0, 0}, {10, 2, 5}, {20, 5, 9}}));
    const std::vector<CommitNumber> numbers{3, 4, 10, 11, 12, 20, 21, 22};
    std::uint64_t position = 0;
    for (CommitNumber number = 0; number < 23; ++number) {
      const bool is = std::ranges::find(numbers, number) != numbers.end();
      QCOMPARE(kept.contains(number), is);
      if (is) QCOMPARE(kept.numberAt(position++), number);
      QCOMPARE(kept.countUpTo(number), position);
      QCOMPARE(kept.lastUpTo(number), position == 0 ? 0 : numbers[position - 1]);
      if (number <= 22 && (is || position < numbers.size()))
        QCOMPARE(kept.nextFrom(number), is ? number : numbers[position]);
    }
    QVERIFY(kept.gapBefore(0) && kept.gapBefore(2) && kept.gapBefore(5));
    QVERIFY(!kept.gapBefore(1) && !kept.gapBefore(6) && !KeptCommits().gapBefore(0));
    const KeptHistory all{kept, {{64, 4}, {70, 11}}};
    const auto bytes = encodeKeptHistory(all);
    const auto read = must(decodeKeptHistory(bytes));
    QVERIFY(read.commits == kept && read.horizons == all.horizons);
    for (std::size_t size = 0; size < bytes.size(); ++size)
      QVERIFY(!decodeKeptHistory(ByteSpan(bytes).first(size)).ok());
    for (const auto& runs : std::vector<std::vector<KeptCommits::Run>>{
             {}, {{0, 0, 0}}, {{1, 1, 0}}, {{1, 0, 0}, {3, 2, 0}}, {{1, 0, 0}, {5, 0, 0}}, {{5, 0, 0}, {4, 2, 0}}})
      QVERIFY(!KeptCommits::fromRuns(runs).ok());
  }
};

QTEST_APPLESS_MAIN(TestRewrite)
#include "tst_rewrite.moc"
