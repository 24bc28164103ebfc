// Reading backwards, many keys at once, and about how many rows a range has: each against a plain scan, over random
// histories with and without epochs. DRIFT_SEED repeats a run.
#include <QtTest>

#include <algorithm>
#include <random>

#include "store_fixture.h"

using namespace drift;
using namespace drift::storage;
using namespace drift::storage::fixture;

namespace {

struct History {
  explicit History(std::uint64_t seed) : random(seed) {
    StoreOptions options;
    options.durability = Durability::Off;
    store = must(Store::create(files, kPath, clock, options));
    std::vector<bool> live(kKeys);
    for (int commit = 0; commit < 60; ++commit) {
      CommitRequest request;
      std::vector<bool> touched(kKeys);
      // Sometimes many rows, so that leaves split.
      for (auto count = 1 + random() % (commit % 10 == 0 ? 3000 : 60); count > 0; --count) {
        const auto id = random() % kKeys;
        if (touched[id]) continue;
        touched[id] = true;
        const auto op = !live[id] ? RowOp::Insert : random() % 3 == 0 ? RowOp::Delete : RowOp::Update;
        live[id] = op != RowOp::Delete;
        request.changes.push_back(change(kTree, op, static_cast<std::int64_t>(id), std::to_string(commit)));
      }
      std::ranges::sort(request.changes, {}, &RowChange::key);
      must(store->commit(std::move(request), {}));
      if (random() % 12 == 0 && !store->checkpoint().ok()) qFatal("no checkpoint");
    }
  }

  KeyRange range() {
    KeyRange result;
    if (random() % 4) result.from = keyOf(static_cast<std::int64_t>(random() % kKeys));
    if (random() % 4) result.to = keyOf(static_cast<std::int64_t>(random() % kKeys));
    return result;
  }
  CommitNumber moment() { return random() % (store->lastCommit() + 1); }

  static constexpr std::size_t kKeys = 8000;
  std::mt19937_64 random;
  platform::MemoryFileSystem files;
  ManualClock clock{1'700'000'000'000'000};
  std::unique_ptr<Store> store;
};

std::vector<LayoutColumn> allColumns() {
  auto all = columns();
  all.push_back({kSeqColumn, types::TypeId::BigInt, {}});
  all.push_back({kEndSeqColumn, types::TypeId::BigInt, {}});
  return all;
}

}  // namespace

class TestStoreLookups : public QObject {
  Q_OBJECT

 private slots:
  void agreeWithScans() {
    const auto seeds = qEnvironmentVariable("DRIFT_SEED");
    for (const auto seed :
         seeds.isEmpty() ? std::vector<std::uint64_t>{1, 2, 3} : std::vector<std::uint64_t>{seeds.toULongLong()}) {
      qInfo("seed %llu", static_cast<unsigned long long>(seed));
      History history(seed);
      for (int round = 0; round < 60; ++round) {
        const auto snapshot = must(history.store->at(history.moment()));
        const auto range = history.range();
        ScanRequest request{.tree = kTree, .columns = allColumns(), .range = range};
        const auto forwards = drain(*must(snapshot.scan(request)));
        request.backwards = true;
        auto backwards = drain(*must(snapshot.scan(request)));
        std::ranges::reverse(backwards);
        QCOMPARE(backwards, forwards);

        std::vector<std::string> keys;
        for (std::size_t id = 0; id < History::kKeys; ++id)
          if (history.random() % 6 == 0 && keys.size() < types::kChunkRows)
            keys.push_back(keyOf(static_cast<std::int64_t>(id)));
        std::vector<std::string> single;
        for (const auto& key : keys)
          if (const auto row = must(snapshot.get(kTree, key, columns()))) single.push_back(row->values[1].asString());
        const auto all = must(snapshot.getAll(kTree, keys, columns()));
        QCOMPARE(all.rowCount(), single.size());
        for (std::size_t row = 0; row < single.size(); ++row) QCOMPARE(all.column(1).get(row).asString(), single[row]);
      }
    }
  }

  void pagesAgreeWithScans() {
    for (const std::uint64_t seed : {11, 12}) {
      History history(seed);
      // Pages first, while no column of a leaf is merged as a whole.
      struct Read {
        CommitNumber at;
        std::size_t skip;
        std::vector<std::string> rows;
      };
      std::vector<Read> reads;
      for (int round = 0; round < 40; ++round) {
        Read read{history.moment(), 1 + history.random() % History::kKeys, {}};
        const auto snapshot = must(history.store->at(read.at));
        const auto cursor = must(snapshot.scan({.tree = kTree, .columns = allColumns(), .skipRows = read.skip}));
        types::Chunk chunk;
        while (read.rows.size() < 200 && must(cursor->next(chunk)))
          for (std::size_t row = 0; row < chunk.rowCount(); ++row)
            read.rows.push_back(std::to_string(chunk.column(0).get(row).asInt()) + '|' +
                                chunk.column(1).get(row).asString());
        reads.push_back(std::move(read));
      }
      for (const auto& read : reads) {
        auto all = rowsAt(*history.store, read.at);
        all.erase(all.begin(), all.begin() + static_cast<std::ptrdiff_t>(std::min(read.skip, all.size())));
        QVERIFY(read.rows.size() >= std::min<std::size_t>(all.size(), 200));
        all.resize(read.rows.size());
        QCOMPARE(read.rows, all);
      }
    }
  }

  void estimatesAreNear() {
    History history(7);
    if (!history.store->checkpoint().ok()) qFatal("no checkpoint");
    const auto latest = history.store->latest();
    for (int round = 0; round < 50; ++round) {
      const auto range = history.range();
      const auto rows = drain(*must(latest.scan({.tree = kTree, .columns = columns(), .range = range}))).size();
      // All is in pages, and no row came later: the counts are exact.
      QCOMPARE(must(latest.estimateRows(kTree, range, 0)), std::uint64_t(rows));
    }
    // What is in no page yet is counted up to the bound.
    for (int id = 100'000; id < 100'100; ++id) {
      CommitRequest request;
      request.changes.push_back(change(kTree, RowOp::Insert, id, "new"));
      must(history.store->commit(std::move(request), {}));
    }
    const KeyRange fresh{keyOf(100'000), keyOf(200'000)};
    QCOMPARE(must(history.store->latest().estimateRows(kTree, fresh, 1000)), std::uint64_t(100));
    QCOMPARE(must(history.store->latest().estimateRows(kTree, fresh, 10)), std::uint64_t(10));
  }
};

QTEST_APPLESS_MAIN(TestStoreLookups)
#include "tst_store_lookups.moc"
