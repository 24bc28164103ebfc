#include <atomic>
#include <map>
#include <random>
#include <thread>

#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

class TestStore : public QObject {
  Q_OBJECT

 private slots:
  void aNewFileHasNoCommits() {
    const auto store = make();
    QCOMPARE(store->lastCommit(), CommitNumber{0});
    QVERIFY(rowsAt(*store, 0).empty());
    QCOMPARE(store->at(1).error().kind(), ErrorKind::MomentOutOfRange);
    QVERIFY(!must(store->commitInfo(1)));
  }

  void existingFilesAreNotOverwritten() {
    const auto store = make();
    const auto second = Store::create(m_files, kPath, m_clock, {});
    QCOMPARE(second.error().kind(), ErrorKind::FileExists);
  }

  void oneWriterAnyReaders() {
    const auto store = make();
    QCOMPARE(Store::open(m_files, kPath, m_clock, {}).error().kind(), ErrorKind::DatabaseLocked);
    StoreOptions readOnly;
    readOnly.readOnly = true;
    const auto reader = must(Store::open(m_files, kPath, m_clock, readOnly));
    must(store->commit({.changes = {change(kTree, RowOp::Insert, 1, "one")}}, {}));
    QCOMPARE(reader->lastCommit(), CommitNumber{0});
    QVERIFY(must(reader->refresh()));
    QCOMPARE(rowsAt(*reader, 1), std::vector<std::string>{"1|one"});
    must(store->checkpoint());
    must(store->commit({.changes = {change(kTree, RowOp::Update, 1, "two")}}, {}));
    QVERIFY(must(reader->refresh()));
    QVERIFY(!must(reader->refresh()));
    QCOMPARE(rowsAt(*reader, 2), std::vector<std::string>{"1|two"});
    QCOMPARE(rowsAt(*reader, 1), std::vector<std::string>{"1|one"});
    QCOMPARE(reader->commit({}, {}).error().kind(), ErrorKind::ReadOnlyDatabase);
  }

  void timesStrictlyIncreaseAlsoWhenTheClockGoesBack() {
    const auto store = make();
    const auto first = must(store->commit({}, {}));
    m_clock.advance(-500);
    const auto second = must(store->commit({}, {}));
    QCOMPARE(second.time, first.time + 1);
    QCOMPARE(*store->commitAt(first.time), CommitNumber{1});
    QCOMPARE(*store->commitAt(first.time - 1), CommitNumber{0});
  }

  void datedCommitsOnlyAtTheEnd() {
    const auto store = make();
    must(store->commit({.time = 500}, {}));
    const auto back = store->commit({.time = 500}, {});
    QCOMPARE(back.error().kind(), ErrorKind::MomentOutOfRange);
    QCOMPARE(must(store->commit({.time = 501}, {})).time, TimeMicros{501});
  }

  void validatorsErrorLeavesNothing() {
    const auto store = make();
    const auto refused = store->commit({.changes = {change(kTree, RowOp::Insert, 1, "x")}}, [](const Snapshot& latest) -> Status {
      return makeError(ErrorKind::SerializationFailure, "at {}", latest.number());
    });
    QCOMPARE(refused.error().kind(), ErrorKind::SerializationFailure);
    QCOMPARE(store->lastCommit(), CommitNumber{0});
  }

  void threadsShareSyncs() {
    const auto store = make();
    std::vector<std::thread> writers;
    for (int writer = 0; writer < 4; ++writer)
      writers.emplace_back([&, writer] {
        for (int n = 0; n < 50; ++n)
          must(store->commit({.changes = {change(kTree, RowOp::Insert, writer * 1000 + n, "x")}}, {}));
      });
    for (auto& writer : writers) writer.join();
    QCOMPARE(store->lastCommit(), CommitNumber{200});
    QCOMPARE(rowsAt(*store, 200).size(), std::size_t{200});
  }

  void commitsAreDescribed() {
    const auto store = make();
    CommitRequest request{.changes = {change(kTree, RowOp::Insert, 1, "a"), change(kTree, RowOp::Insert, 2, "b"),
                                      change(kTree + 1, RowOp::Insert, 1, "index"), change(kCatalogTree, RowOp::Insert, 1, "t")},
                          .author = "anna", .message = "first", .indexTrees = {kTree + 1}};
    must(store->commit(std::move(request), {}));
    const auto info = must(store->commitInfo(1));
    QCOMPARE(info->author, std::string("anna"));
    QCOMPARE(info->message, std::string("first"));
    QVERIFY(info->changesSchema);
    QCOMPARE(info->trees.size(), std::size_t{1});
    QCOMPARE(info->trees.front().inserted, 2u);
    QCOMPARE(must(store->commitChanges(1)).size(), std::size_t{4});
    const auto buckets = must(store->summary(info->time, info->time + 10, 2, 0));
    QCOMPARE(buckets[0].inserted, std::uint64_t{2});
    QCOMPARE(buckets[0].schemaChanges, std::uint64_t{1});
    QCOMPARE(buckets[0].first, CommitNumber{1});
    QCOMPARE(buckets[1].commits, std::uint64_t{0});
  }

  void stepsGoToCommitsOfTheTree() {
    const auto store = make();
    for (int n = 0; n < 6; ++n)
      must(store->commit({.changes = {change(n % 2 ? kTree : kTree + 1, RowOp::Insert, n, "x")}}, {}));
    QCOMPARE(*store->step(2, true, kTree), std::optional<CommitNumber>(4));
    QCOMPARE(*store->step(4, false, kTree), std::optional<CommitNumber>(2));
    QCOMPARE(*store->step(6, true, kTree), std::optional<CommitNumber>());
    QCOMPARE(*store->step(1, false, 0), std::optional<CommitNumber>());
    QCOMPARE(*store->lastChange(kTree + 1, 4), CommitNumber{3});
  }

  void largeCommitsAreCutIntoFrames() {
    auto store = make();
    const std::string large(9u << 20, 'x');
    CommitRequest request;
    for (int n = 0; n < 8; ++n) request.changes.push_back(change(kTree, RowOp::Insert, n, large));
    must(store->commit(std::move(request), {}));
    must(store->close());
    store = must(Store::open(m_files, kPath, m_clock, {}));
    const auto row = must(store->latest().get(kTree, keyOf(7), columns()));
    QCOMPARE(row->values[1].asString().size(), large.size());
    QVERIFY(must(store->verify({})).findings.empty());
  }

  void versionsOfALargeRowFitIntoAPage() {
    // A page holds all versions that an epoch made of a key; these do not get smaller by packing.
    const auto store = make();
    std::mt19937 random(1);
    std::string large(20u << 20, 'x');
    for (int version = 0; version < 5; ++version) {
      for (auto& letter : large) letter = static_cast<char>(random());
      must(store->commit({.changes = {change(kTree, version ? RowOp::Update : RowOp::Insert, 1, large)}}, {}));
    }
    must(store->checkpoint());
    QVERIFY(must(store->latest().get(kTree, keyOf(1), columns()))->values[1].asString() == large);
    QCOMPARE(rowsAt(*store, 3).size(), std::size_t{1});
    QVERIFY(must(store->verify({})).findings.empty());
  }

  void verifyingBesideAWriterFindsNothing() {
    m_files.setContents(kPath, {});
    must(m_files.remove(kPath));
    StoreOptions options;
    options.memtableRowsMax = 4;
    options.durability = Durability::Off;
    const auto store = must(Store::create(m_files, kPath, m_clock, options));
    std::atomic<bool> stop = false;
    std::thread writer([&] {
      for (std::int64_t id = 1; !stop && id <= 2000; ++id)
        must(store->commit({.changes = {change(kTree, RowOp::Insert, id, "x")}}, {}));
    });
    std::vector<std::string> findings;
    for (int round = 0; round < 30; ++round) {
      const auto report = must(store->verify({}));
      for (const auto& finding : report.findings) findings.push_back(finding.sentence);
    }
    stop = true;
    writer.join();
    QVERIFY2(findings.empty(), findings.empty() ? "" : findings.front().c_str());
  }

  void columnsThatAreNotInARowShowTheirMissingValue() {
    const auto store = make();
    must(store->commit({.changes = {change(kTree, RowOp::Insert, 1, "x")}}, {}));
    auto wanted = columns();
    wanted.push_back({3, types::TypeId::Integer, types::Value::integer(7)});
    for (int round = 0; round < 2; ++round) {
      QCOMPARE(drain(*must(store->latest().scan({.tree = kTree, .columns = wanted}))), std::vector<std::string>{"1|x|7"});
      must(store->checkpoint());
    }
  }

  /// The second read of a moment takes what the first one kept.
  void aMomentReadAgainIsTheSame() {
    const auto store = make();
    constexpr int kRows = 300, kCommits = 30;
    std::map<int, std::string> rows;
    std::vector<std::vector<std::string>> expected;
    const auto wanted = [] {
      auto all = columns();
      all.push_back({3, types::TypeId::Integer, types::Value::integer(7)});
      all.push_back({4, types::TypeId::Text, {}});
      return all;
    }();
    for (int commit = 0; commit < kCommits; ++commit) {
      CommitRequest request;
      for (int n = commit % 3; n < kRows; n += 7 + commit % 5) {
        const auto text = "a text that is longer than twelve bytes: " + std::to_string(commit * n);
        const bool lives = rows.contains(n);
        if (lives && (n + commit) % 4 == 0) {
          request.changes.push_back(change(kTree, RowOp::Delete, n, {}));
          rows.erase(n);
        } else {
          request.changes.push_back(change(kTree, lives ? RowOp::Update : RowOp::Insert, n, text));
          rows[n] = text;
        }
      }
      must(store->commit(std::move(request), {}));
      auto& lines = expected.emplace_back();
      for (const auto& [n, text] : rows) lines.push_back(std::to_string(n) + "|" + text + "|7|~");
      std::ranges::sort(lines);
      if (commit % 10 == 9) must(store->checkpoint());
    }
    for (const int moment : {1, 12, 12, 12, 9, 12, 25, 25, 24, 25, 30, 30, 30, 11, 12, 12}) {
      auto lines = drain(*must(must(store->at(static_cast<CommitNumber>(moment))).scan({.tree = kTree, .columns = wanted})));
      std::ranges::sort(lines);
      QCOMPARE(lines, expected[static_cast<std::size_t>(moment - 1)]);
    }
  }

  void keyRangesAreHalfOpen() {
    const auto store = make();
    CommitRequest request;
    for (int n = 0; n < 5000; ++n) request.changes.push_back(change(kTree, RowOp::Insert, n, "x"));
    must(store->commit(std::move(request), {}));
    for (int round = 0; round < 2; ++round) {
      const auto rows = drain(*must(store->latest().scan(
          {.tree = kTree, .columns = columns(), .range = {keyOf(2040), keyOf(2060)}})));
      QCOMPARE(rows.size(), std::size_t{20});
      QCOMPARE(rows.front(), std::string("2040|x"));
      must(store->checkpoint());
    }
    QCOMPARE(must(store->latest().highestKey(kTree)), keyOf(4999));
  }

  void readsAreCounted() {
    auto store = make();
    must(store->commit({.changes = {change(kTree, RowOp::Insert, 1, "x")}}, {}));
    must(store->close());
    store = must(Store::open(m_files, kPath, m_clock, {}));
    const auto before = store->statistics();
    drain(*must(store->latest().scan({.tree = kTree, .columns = columns()})));
    const auto cold = store->statistics();
    QVERIFY(cold.cacheMisses > before.cacheMisses);
    QCOMPARE(cold.framesRead - before.framesRead, cold.cacheMisses - before.cacheMisses);
    QVERIFY(cold.bytesRead > before.bytesRead);
    drain(*must(store->latest().scan({.tree = kTree, .columns = columns()})));
    const auto warm = store->statistics();
    QCOMPARE(warm.framesRead, cold.framesRead);
    QCOMPARE(warm.bytesRead, cold.bytesRead);
    QCOMPARE(warm.cacheMisses, cold.cacheMisses);
    QVERIFY(warm.cacheHits > cold.cacheHits);
  }

 private:
  std::unique_ptr<Store> make() {
    m_files.setContents(kPath, {});
    must(m_files.remove(kPath));
    return must(Store::create(m_files, kPath, m_clock, {}));
  }

  platform::MemoryFileSystem m_files;
  ManualClock m_clock{1'000'000};
};

QTEST_APPLESS_MAIN(TestStore)
#include "tst_store.moc"
