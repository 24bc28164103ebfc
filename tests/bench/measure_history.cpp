// Versions of one row, and the summary of all commits.
#include <algorithm>
#include <filesystem>
#include <numeric>

#include <fmt/format.h>

#include "sqlite_commits.h"
#include "storage_bench.h"

namespace drift::bench {

namespace {

storage::StoreOptions unsynced() {
  storage::StoreOptions options;
  options.durability = storage::Durability::Off;
  return options;
}

}  // namespace

void measureHistory(StorageBench& bench) {
  constexpr std::int64_t kRows = 20'000;
  constexpr std::int64_t kHot = kRows / 2;
  constexpr int kVersions = 10'000;
  constexpr std::size_t kLimit = 50;
  std::vector<std::int64_t> ids(kRows);
  std::iota(ids.begin(), ids.end(), 0);
  DriftTable table(bench.file("history.drift"), bench.options().seed, unsynced());
  table.load(ids);
  SqliteRival rival(bench.file("history.sqlite"), SqliteRival::Kind::History);
  rival.load(bench.options().seed, ids);
  for (int version = 1; version < kVersions; ++version) {
    const auto change = [&](std::int64_t id) {
      const auto quantity = static_cast<std::int32_t>(bench.random().below(10'000));
      table.setQuantity(id, quantity);
      rival.setQuantity(id, quantity);
    };
    if (version % 100 == 1) rival.begin();
    rival.setMoment(version + 1);
    change(kHot);
    for (const auto id : distinctIds(bench.random(), kHot, 20)) change(id);
    table.commit();
    if (version % 100 == 0 || version == kVersions - 1) rival.commit();
    if (version % 1000 == 0) must(table.store().checkpoint());
  }
  table.close();
  std::vector<double> fresh, again, rivalMs;
  for (int round = 0; round < 5; ++round) {
    table.open({});
    for (auto* samples : {&fresh, &again}) {
      const Stopwatch watch;
      const auto versions = must(table.store().history(kTable, keyOf(kHot), tableLayout()->columns, kNoCommit, kLimit));
      samples->push_back(watch.milliseconds());
      if (versions.size() != kLimit) fail("a row's history has a wrong number of versions");
    }
    table.close();
    const Stopwatch watch;
    if (rival.versions(kHot, kLimit) != kLimit) fail("SQLite's history has a wrong number of versions");
    rivalMs.push_back(watch.milliseconds());
  }
  bench.add(Figure("first 50 versions of a row that has 10,000", median(again), Unit::Milliseconds)
                .against("SQLite history", median(rivalMs))
                .atMost(5));
  bench.add(Figure("  the same, the store freshly opened", median(fresh), Unit::Milliseconds).atMost(5));
}

void measureSummary(StorageBench& bench) {
  constexpr int kCommits = 1'000'000;
  constexpr std::int64_t kRows = 10'000;
  constexpr std::size_t kBuckets = 2000;
  constexpr TimeMicros kStart = 1'600'000'000'000'000;
  DriftTable table(bench.file("summary.drift"), bench.options().seed, unsynced());
  SqliteCommits rival(bench.file("summary.sqlite"));
  std::vector<std::int64_t> ids(kRows);
  std::iota(ids.begin(), ids.end(), 0);
  auto time = kStart;
  table.setNextTime(time);
  table.load(ids);  // one commit
  rival.add(time, kRows, 0);
  for (int i = 1; i < kCommits; ++i) {
    // Most commits follow each other closely; some come after a pause, as people work.
    time += 1 + bench.random().below(i % 1000 == 0 ? 40'000'000'000 : 4'000'000);
    table.setQuantity(bench.random().below(kRows), i % 10'000);
    table.setNextTime(time);
    table.commit();
    rival.add(time, 0, 1);
  }
  rival.finish();
  std::vector<double> ours, ofTree, zoomed, rivalMs;
  const auto commitsOf = [](const std::vector<storage::HistoryBucket>& buckets) {
    return std::accumulate(buckets.begin(), buckets.end(), std::uint64_t{0},
                           [](std::uint64_t sum, const auto& bucket) { return sum + bucket.commits; });
  };
  for (int round = 0; round < 7; ++round) {
    Stopwatch watch;
    const auto all = must(table.store().summary(kStart, time + 1, kBuckets, 0));
    ours.push_back(watch.milliseconds());
    watch = {};
    const auto tree = must(table.store().summary(kStart, time + 1, kBuckets, kTable));
    ofTree.push_back(watch.milliseconds());
    watch = {};
    must(table.store().summary(kStart + (time - kStart) / 3, kStart + (time - kStart) / 2, kBuckets, 0));
    zoomed.push_back(watch.milliseconds());
    if (commitsOf(all) != kCommits || commitsOf(tree) != kCommits) fail("the summary has a wrong number of commits");
    if (round >= 3) continue;
    watch = {};
    rival.summary(kStart, time + 1, kBuckets);
    rivalMs.push_back(watch.milliseconds());
  }
  bench.add(Figure("summary of 1 million commits in 2,000 buckets", median(ours), Unit::Milliseconds)
                .against("SQLite GROUP BY", median(rivalMs))
                .atMost(5));
  bench.add(Figure("  the same for one table", median(ofTree), Unit::Milliseconds).atMost(5));
  bench.add(Figure("  the same, a sixth of the time", median(zoomed), Unit::Milliseconds).atMost(5));
  table.close();
  std::vector<double> opens;
  for (int round = 0; round < 3; ++round) {
    const Stopwatch watch;
    table.open({});
    opens.push_back(watch.milliseconds());
    table.close();
  }
  bench.add(Figure("clean open with 1 million commits", median(opens), Unit::Milliseconds).atMost(50));
}

}  // namespace drift::bench
